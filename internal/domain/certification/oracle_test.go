package certification_test

import (
	"fmt"
	"slices"
	"strings"

	"waymark/internal/domain/certification"
)

// oracle is the plan in the plainest form: every act changes flags, nothing is
// derived. It knows nothing of the domain but the words of its refusals.
type oracle struct {
	archived bool
	cycle    int
	acts     int // number of the last act

	started, done, again [10]bool // again: done, but to be confirmed
	broken               map[string]bool
	waivers              []*oracleWaiver
	events               []string
}

type oracleWaiver struct {
	criterion, by, state string // asked, granted, refused, withdrawn, lapsed
}

// The plan's order, and who rests on whom, written out by hand.
var (
	toStart  = [10][]int{2: {1}, 3: {2}, 4: {3}, 5: {3}, 6: {3}, 7: {4, 5, 6}, 8: {7}, 9: {8}}
	toFinish = [10][]int{2: {1}, 3: {2}, 4: {3}, 5: {3, 4}, 6: {3, 4}, 7: {4, 5, 6}, 8: {7}, 9: {8}}
	later    = [10][]int{
		1: {2, 3, 4, 5, 6, 7, 8, 9}, 2: {3, 4, 5, 6, 7, 8, 9}, 3: {4, 5, 6, 7, 8, 9},
		4: {5, 6, 7, 8, 9}, 5: {7, 8, 9}, 6: {7, 8, 9}, 7: {8, 9}, 8: {9},
	}
	count    = [10]int{1: 4, 2: 5, 3: 5, 4: 5, 5: 5, 6: 6, 7: 11, 8: 6, 9: 4}
	waivable = strings.Fields("1.2 1.3 2.2 2.4 3.2 3.3 3.4 4.5 5.1 5.2 5.3 6.1 6.3 7.1 7.2 7.3 7.4 7.5 7.9")
	approves = map[string]string{
		"1.4": "1.2", "2.5": "2.1 2.2 2.3 2.4", "3.5": "3.1 3.2 3.3 3.4", "5.5": "5.1 5.2 5.3 5.4",
		"6.6": "6.1 6.2 6.3 6.4 6.5", "7.11": "7.1 7.2 7.3 7.4 7.5 7.6 7.7 7.8 7.9 7.10",
	}
)

func newOracle() *oracle { return &oracle{cycle: 1, broken: map[string]bool{}} }

func (o *oracle) lacks(steps []int) []string {
	var out []string
	for _, s := range steps {
		if !o.done[s] || o.again[s] {
			out = append(out, fmt.Sprint(s))
		}
	}
	return out
}

func (o *oracle) status(s int) string {
	switch {
	case o.done[s] && o.again[s]:
		return "to_confirm"
	case o.done[s]:
		return "finished"
	case o.started[s] || len(o.lacks(toStart[s])) == 0:
		return "open"
	}
	return "locked"
}

func (o *oracle) begin(s int) {
	if !o.started[s] {
		o.started[s] = true
		o.acts++
		o.events = append(o.events, fmt.Sprintf("step.started %d", s))
	}
}

func (o *oracle) holds(criterion string) bool {
	if !o.broken[criterion] {
		return true
	}
	w := o.waiver(criterion)
	return w != nil && w.state == "granted"
}

// waiver finds the newest that counts.
func (o *oracle) waiver(criterion string) *oracleWaiver {
	for i := len(o.waivers) - 1; i >= 0; i-- {
		w := o.waivers[i]
		if w.criterion == criterion && (w.state == "asked" || w.state == "granted" || w.state == "refused") {
			return w
		}
	}
	return nil
}

func locked(s int, lacks []string) string {
	return fmt.Sprintf("step_locked %d after %s", s, strings.Join(lacks, "+"))
}

func (o *oracle) start(s int) []string {
	switch lacks := o.lacks(toStart[s]); {
	case o.archived:
		return []string{"project_archived"}
	case o.started[s]:
		return []string{fmt.Sprintf("already_started %d", s)}
	case len(lacks) > 0:
		return []string{locked(s, lacks)}
	}
	o.begin(s)
	return nil
}

func (o *oracle) write(s int, frozen bool) []string {
	if refused := o.mayWrite(s, frozen); refused != nil {
		return refused
	}
	o.begin(s)
	return nil
}

func (o *oracle) mayWrite(s int, frozen bool) []string {
	switch {
	case o.archived:
		return []string{"project_archived"}
	case o.status(s) == "locked":
		return []string{locked(s, o.lacks(toStart[s]))}
	case frozen && o.done[s]:
		return []string{fmt.Sprintf("step_frozen %d", s)}
	}
	return nil
}

func (o *oracle) finish(s int) []string {
	if refused := o.mayFinish(s); refused != nil {
		return refused
	}
	o.done[s], o.again[s] = true, false
	o.acts++
	o.events = append(o.events, fmt.Sprintf("step.finished %d", s))
	if s == 9 {
		o.events = append(o.events, fmt.Sprintf("cycle.opened %d", o.cycle+1))
		*o = oracle{cycle: o.cycle + 1, acts: o.acts, broken: o.broken, events: o.events}
	}
	return nil
}

func (o *oracle) mayFinish(s int) []string {
	status := o.status(s)
	if o.archived {
		return []string{"project_archived"}
	}
	if status == "finished" {
		return []string{fmt.Sprintf("already_finished %d", s)}
	}
	var refused []string
	start, finish := o.lacks(toStart[s]), o.lacks(toFinish[s])
	if status == "locked" {
		refused = append(refused, locked(s, start))
	} else if !o.started[s] {
		refused = append(refused, fmt.Sprintf("not_started %d", s))
	}
	if len(finish) > 0 && (status != "locked" || len(finish) != len(start)) {
		refused = append(refused, fmt.Sprintf("finish_later %d after %s", s, strings.Join(finish, "+")))
	}
	for i := 1; i <= count[s]; i++ {
		if c := fmt.Sprintf("%d.%d", s, i); !o.holds(c) {
			refused = append(refused, "criterion_unmet "+c)
		}
	}
	return refused
}

func (o *oracle) reopen(s int, reason string) []string {
	if o.archived {
		return []string{"project_archived"}
	}
	var refused []string
	if !o.done[s] {
		refused = append(refused, fmt.Sprintf("not_finished %d", s))
	}
	if strings.TrimSpace(reason) == "" {
		refused = append(refused, "reason_missing")
	}
	if refused != nil {
		return refused
	}
	o.done[s], o.again[s] = false, false
	o.acts++
	for _, l := range later[s] {
		o.again[l] = o.done[l]
	}
	for _, w := range o.waivers {
		if strings.HasPrefix(w.criterion, fmt.Sprintf("%d.", s)) && (w.state == "asked" || w.state == "granted" || w.state == "refused") {
			w.state = "lapsed"
		}
	}
	o.events = append(o.events, fmt.Sprintf("step.reopened %d", s))
	return nil
}

func (o *oracle) approve(criterion string) []string {
	var s int
	_, _ = fmt.Sscanf(criterion, "%d.", &s)
	needs, approval := approves[criterion]
	if !approval {
		return []string{"nothing_to_approve " + criterion}
	}
	if refused := o.mayWrite(s, true); refused != nil {
		return refused
	}
	if !o.broken[criterion] && criterion != "3.5" {
		return []string{"already_approved " + criterion}
	}
	var refused []string
	for need := range strings.FieldsSeq(needs) {
		if !o.holds(need) {
			refused = append(refused, "criterion_unmet "+need)
		}
	}
	if refused != nil {
		return refused
	}
	o.begin(s)
	return nil
}

func (o *oracle) ask(criterion, reason, by string) []string {
	var s int
	_, _ = fmt.Sscanf(criterion, "%d.", &s)
	if o.archived {
		return []string{"project_archived"}
	}
	if !slices.Contains(waivable, criterion) {
		return []string{"not_waivable " + criterion}
	}
	var refused []string
	switch o.status(s) {
	case "locked":
		refused = append(refused, locked(s, o.lacks(toStart[s])))
	case "finished":
		refused = append(refused, fmt.Sprintf("already_finished %d", s))
	}
	if w := o.waiver(criterion); w != nil && w.state != "refused" {
		refused = append(refused, "waiver_stands "+criterion)
	}
	if strings.TrimSpace(reason) == "" {
		refused = append(refused, "reason_missing")
	}
	if refused != nil {
		return refused
	}
	o.begin(s)
	o.waivers = append(o.waivers, &oracleWaiver{criterion: criterion, by: by, state: "asked"})
	o.events = append(o.events, "waiver.asked "+criterion)
	return nil
}

func (o *oracle) answer(i int, consent bool, by string) []string {
	w := o.waivers[i]
	switch {
	case o.archived:
		return []string{"project_archived"}
	case w.state != "asked":
		return []string{"waiver_answered " + w.criterion}
	case w.by == by:
		return []string{"second_person " + w.criterion}
	case consent:
		w.state = "granted"
	default:
		w.state = "refused"
	}
	o.events = append(o.events, "waiver."+w.state+" "+w.criterion)
	return nil
}

func (o *oracle) withdraw(i int) []string {
	w := o.waivers[i]
	if o.archived {
		return []string{"project_archived"}
	}
	if w.state != "asked" && w.state != "granted" {
		return []string{"waiver_answered " + w.criterion}
	}
	w.state = "withdrawn"
	o.events = append(o.events, "waiver.withdrawn "+w.criterion)
	return nil
}

// words puts a refusal of the domain in the oracle's form.
func words(err error) []string {
	refused, ok := err.(certification.Refused) //nolint:errorlint // the domain answers this very type
	if !ok {
		return nil
	}
	after := func(steps []certification.Step) string {
		numbers := make([]string, len(steps))
		for i, s := range steps {
			numbers[i] = fmt.Sprint(s.Number())
		}
		return strings.Join(numbers, "+")
	}
	out := make([]string, len(refused))
	for i, reason := range refused {
		what := ""
		switch r := reason.(type) {
		case certification.StepLocked:
			what = fmt.Sprintf(" %d after %s", r.Step, after(r.After))
		case certification.FinishLater:
			what = fmt.Sprintf(" %d after %s", r.Step, after(r.After))
		case certification.StepFrozen:
			what = fmt.Sprintf(" %d", r.Step)
		case certification.AlreadyStarted:
			what = fmt.Sprintf(" %d", r.Step)
		case certification.NotStarted:
			what = fmt.Sprintf(" %d", r.Step)
		case certification.AlreadyFinished:
			what = fmt.Sprintf(" %d", r.Step)
		case certification.NotFinished:
			what = fmt.Sprintf(" %d", r.Step)
		case certification.CriterionUnmet:
			what = " " + string(r.State.ID)
		case certification.NotWaivable:
			what = " " + string(r.Criterion)
		case certification.WaiverStands:
			what = " " + string(r.Criterion)
		case certification.WaiverAnswered:
			what = " " + string(r.Criterion)
		case certification.SecondPerson:
			what = " " + string(r.Criterion)
		case certification.NothingToApprove:
			what = " " + string(r.Criterion)
		case certification.AlreadyApproved:
			what = " " + string(r.Criterion)
		}
		out[i] = certification.Word(reason) + what
	}
	return out
}
