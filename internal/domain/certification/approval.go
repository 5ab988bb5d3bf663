package certification

import (
	"slices"
	"time"

	"waymark/internal/domain/id"
)

// approval is the act of one person that meets a criterion.
type approval struct {
	// after are the criteria that have to hold before it: nobody signs a mandate
	// without a text, approves a scope that breaks a rule, or says go before the
	// gates are passed.
	after []CriterionID
	// again allows the act while the criterion is met: each baseline of the
	// assessment is signed.
	again bool
	// there reports whether there is something to approve; nil where the criteria
	// of after say so already.
	there func(*Facts) bool
}

var approvals = map[CriterionID]approval{
	"1.4":  {after: []CriterionID{"1.2"}},
	"2.5":  {after: []CriterionID{"2.1", "2.2", "2.3", "2.4"}},
	"3.5":  {after: []CriterionID{"3.1", "3.2", "3.3", "3.4"}, again: true},
	"5.5":  {after: []CriterionID{"5.1", "5.2", "5.3", "5.4"}, there: func(f *Facts) bool { return f.Plan.Baseline > 0 }},
	"6.6":  {after: []CriterionID{"6.1", "6.2", "6.3", "6.4", "6.5"}},
	"7.11": {after: []CriterionID{"7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "7.7", "7.8", "7.9", "7.10"}},
}

// Approve decides whether the act that meets a criterion may be done now:
// signing the mandate, approving scope, plan or selection, signing off a
// baseline of the assessment, deciding to go. It counts as a write of a frozen
// fact and starts the step. Refusals: those of Write; AlreadyApproved; else
// CriterionUnmet for each criterion that has to hold first, and
// NothingToApprove.
func (p *Project) Approve(criterion CriterionID, by id.Person, now time.Time) error {
	a, ok := approvals[criterion]
	if !ok {
		return Refused{NothingToApprove{criterion}}
	}
	s := p.State(criterion.Step())
	if err := p.mayWrite(s, Frozen); err != nil {
		return err
	}
	var refused Refused
	for _, c := range p.Criteria(s.Step) {
		switch {
		case c.ID == criterion && c.Met && !a.again:
			return Refused{AlreadyApproved{criterion}}
		case slices.Contains(a.after, c.ID) && !c.Holds():
			refused = append(refused, CriterionUnmet{c})
		}
	}
	if a.there != nil && !a.there(&p.Facts) {
		refused = append(refused, NothingToApprove{criterion})
	}
	if len(refused) > 0 {
		return refused
	}
	p.begin(s, by, now)
	return nil
}
