package certification

import (
	"slices"
	"time"

	"waymark/internal/domain/id"
)

// Waiver lets a step finish without one criterion, for a reason, with the
// consent of a second person. It never waives the order.
type Waiver struct {
	ID        id.Waiver
	Criterion CriterionID
	Reason    string
	AskedBy   id.Person
	AskedAt   time.Time
	// AskedSeq is the number of the project's last act when the waiver was
	// asked for: a later reopening of its step lets it lapse.
	AskedSeq   int
	AnsweredBy id.Person
	AnsweredAt time.Time
	Consented  bool
	Withdrawn  time.Time
}

// WaiverState is where a waiver stands.
type WaiverState uint8

// A waiver waits for an answer, then is granted or refused; it can be
// withdrawn.
const (
	WaiverAsked WaiverState = iota
	WaiverGranted
	WaiverRefused
	WaiverWithdrawn
)

var waiverWords = [...]string{"asked", "granted", "refused", "withdrawn"}

// String gives the state's word, as in translation keys.
func (s WaiverState) String() string { return waiverWords[s] }

// State derives where the waiver stands, lapsing left aside.
func (w Waiver) State() WaiverState {
	switch {
	case !w.Withdrawn.IsZero():
		return WaiverWithdrawn
	case w.AnsweredBy.IsZero():
		return WaiverAsked
	case w.Consented:
		return WaiverGranted
	default:
		return WaiverRefused
	}
}

// Lapsed reports whether the waiver's step was reopened since it was asked
// for.
func (p *Project) Lapsed(w Waiver) bool {
	reopened, ok := p.last(w.Criterion.Step(), Reopened)
	return ok && reopened.Seq > w.AskedSeq
}

// waiver gives the newest waiver of a criterion that was neither withdrawn nor
// lapsed.
func (p *Project) waiver(c CriterionID) *Waiver {
	for _, w := range slices.Backward(p.Waivers) {
		if w.Criterion == c && !p.Lapsed(w) && w.State() != WaiverWithdrawn {
			return &w
		}
	}
	return nil
}

// OpenWaivers gives the waivers that are asked for or granted and have not
// lapsed: they show on the dashboard and on every report.
func (p *Project) OpenWaivers() []Waiver {
	var out []Waiver
	for _, w := range p.Waivers {
		if p.open(w) {
			out = append(out, w)
		}
	}
	return out
}

func (p *Project) open(w Waiver) bool {
	s := w.State()
	return (s == WaiverAsked || s == WaiverGranted) && !p.Lapsed(w)
}

// AskWaiver asks to do without a criterion. It belongs to the criterion's step,
// so it is a write of that step and starts it. It may be asked while the step
// is open or to be confirmed again. Refusals: ProjectArchived and NotWaivable,
// each alone; StepLocked, AlreadyFinished, WaiverStands and ReasonMissing.
func (p *Project) AskWaiver(waiver id.Waiver, criterion CriterionID, reason string, by id.Person, now time.Time) error {
	if p.Archived {
		return Refused{ProjectArchived{}}
	}
	c, ok := FindCriterion(criterion)
	if !ok || !c.Waivable {
		return Refused{NotWaivable{criterion}}
	}
	var refused Refused
	s := p.State(c.ID.Step())
	switch s.Status {
	case Locked:
		refused = append(refused, StepLocked{s.Step, s.StartAfter})
	case Finished:
		refused = append(refused, AlreadyFinished{s.Step})
	case Open, ToConfirm:
	}
	if w := p.waiver(criterion); w != nil && w.State() != WaiverRefused {
		refused = append(refused, WaiverStands{criterion})
	}
	if blank(reason) {
		refused = append(refused, ReasonMissing{})
	}
	if len(refused) > 0 {
		return refused
	}
	p.begin(s, by, now)
	w := Waiver{ID: waiver, Criterion: criterion, Reason: reason, AskedBy: by, AskedAt: now, AskedSeq: p.lastSeq}
	p.Waivers = append(p.Waivers, w)
	p.waived(w, map[string]any{"criterion": string(criterion), "reason": reason})
	return nil
}

// AnswerWaiver consents to a waiver or refuses it. The person who asked cannot
// answer: a waiver always takes two. Refusals: ProjectArchived, WaiverAnswered,
// SecondPerson.
func (p *Project) AnswerWaiver(waiver id.Waiver, consent bool, by id.Person, now time.Time) error {
	w, err := p.openWaiver(waiver)
	switch {
	case err != nil:
		return err
	case w.State() != WaiverAsked:
		return Refused{WaiverAnswered{w.Criterion}}
	case w.AskedBy == by:
		return Refused{SecondPerson{w.Criterion}}
	}
	w.AnsweredBy, w.AnsweredAt, w.Consented = by, now, consent
	p.waived(*w, map[string]any{"criterion": string(w.Criterion)})
	return nil
}

// WithdrawWaiver takes a waiver back, asked for or granted; the criterion then
// has to be met, and shows as a warning where its step is finished. Refusals:
// ProjectArchived, WaiverAnswered.
func (p *Project) WithdrawWaiver(waiver id.Waiver, _ id.Person, now time.Time) error {
	w, err := p.openWaiver(waiver)
	if err != nil {
		return err
	}
	w.Withdrawn = now
	p.waived(*w, map[string]any{"criterion": string(w.Criterion)})
	return nil
}

// openWaiver finds a waiver that something can still be done with.
func (p *Project) openWaiver(waiver id.Waiver) (*Waiver, error) {
	if p.Archived {
		return nil, Refused{ProjectArchived{}}
	}
	i := slices.IndexFunc(p.Waivers, func(w Waiver) bool { return w.ID == waiver })
	switch {
	case i < 0:
		return nil, Refused{WaiverAnswered{}}
	case !p.open(p.Waivers[i]):
		return nil, Refused{WaiverAnswered{p.Waivers[i].Criterion}}
	}
	return &p.Waivers[i], nil
}

// waived notes a waiver that was asked for, answered or withdrawn.
func (p *Project) waived(w Waiver, data map[string]any) {
	p.changes.Waivers = append(p.changes.Waivers, w)
	p.changes.Events = append(p.changes.Events, Event{Kind: "waiver." + w.State().String(), Subject: string(w.Criterion), Data: data})
}
