package cycle

import (
	"fmt"
	"slices"

	"waymark/internal/domain/civil"
)

// Visits are the audits of one cycle, held or planned.
type Visits struct {
	Surveillances []civil.Date // last day of each, in any order

	RecertificationAudit    civil.Date // last day; zero while there is none
	RecertificationDecision civil.Date // zero while there is none
}

// Kind says what is wrong with the visits of a cycle.
type Kind uint8

// The kinds of problem.
const (
	Surveillance1Late        Kind = iota + 1 // later than allowed after the decision, or still missing
	Surveillance2Late                        // later than its target, or still missing
	YearWithoutSurveillance                  // a calendar year that needs a surveillance has none
	RecertificationAuditLate                 // too late to leave time for major nonconformities
	RecertificationLate                      // decided after the expiry, or still undecided then
	RestorationLate                          // not even in the time in which it can be restored
)

// String returns the word used in translation keys.
func (k Kind) String() string {
	switch k {
	case Surveillance1Late:
		return "surveillance1_late"
	case Surveillance2Late:
		return "surveillance2_late"
	case YearWithoutSurveillance:
		return "year_without_surveillance"
	case RecertificationAuditLate:
		return "recertification_audit_late"
	case RecertificationLate:
		return "recertification_late"
	case RestorationLate:
		return "restoration_late"
	default:
		return fmt.Sprintf("kind(%d)", uint8(k))
	}
}

// Problem is one rule of the cycle that the visits break.
type Problem struct {
	Kind  Kind
	Error bool       // false: a warning
	Limit civil.Date // the last day that would have been right
	Held  civil.Date // the day of the visit; zero when there was none
}

// Check compares the visits of a cycle with its dates, as seen on a day, and
// returns what is wrong, in the order of Kind. What is missing is a problem from
// the day after its limit on; with no date for the day, the visits are taken as
// the whole plan and everything missing is reported.
//
// Surveillance is due in every calendar year after the year of the decision, up
// to but not including the year of the recertification (9.1.3.3); that year is
// the earliest of the recertification's audit, its decision and the expiry.
func (d Dates) Check(v Visits, on civil.Date) []Problem {
	if d.Start.IsZero() {
		return nil
	}
	var problems []Problem
	late := func(kind Kind, isError bool, limit, held civil.Date) {
		switch {
		case !held.IsZero() && !held.After(limit):
			return
		case held.IsZero() && !on.IsZero() && !on.After(limit):
			return
		}
		problems = append(problems, Problem{Kind: kind, Error: isError, Limit: limit, Held: held})
	}

	held := d.surveillances(v)
	nth := func(n int) civil.Date {
		if n < len(held) {
			return held[n]
		}
		return civil.Date{}
	}
	recertified := earliest(v.RecertificationAudit, v.RecertificationDecision)
	// A recertification that came before a surveillance was due replaces it.
	if limit := d.Surveillance1Limit; recertified.IsZero() || recertified.After(limit) || !nth(0).IsZero() {
		late(Surveillance1Late, d.First, limit, nth(0))
	}
	if limit := d.Surveillance2Target; recertified.IsZero() || recertified.After(limit) || !nth(1).IsZero() {
		late(Surveillance2Late, false, limit, nth(1))
	}
	needed := earliest(recertified, d.Expiry).Year()
	for end := d.Start.AddMonths(12).EndOfYear(); end.Year() < needed; end = end.AddMonths(12) {
		inYear := func(day civil.Date) bool { return day.Year() == end.Year() }
		if !slices.ContainsFunc(held, inYear) {
			late(YearWithoutSurveillance, true, end, civil.Date{})
		}
	}
	// A decision without a recorded audit is judged as a decision only.
	if v.RecertificationDecision.IsZero() || !v.RecertificationAudit.IsZero() {
		late(RecertificationAuditLate, false, d.RecertificationAuditLatest, v.RecertificationAudit)
	}
	late(RecertificationLate, true, d.RecertificationDecision, v.RecertificationDecision)
	late(RestorationLate, true, d.RestoreUntil, v.RecertificationDecision)
	return problems
}

// surveillances sorts the visits that belong to the cycle.
func (d Dates) surveillances(v Visits) []civil.Date {
	var held []civil.Date
	for _, day := range v.Surveillances {
		if day.After(d.Start) && !day.After(d.Expiry) {
			held = append(held, day)
		}
	}
	slices.SortFunc(held, civil.Date.Compare)
	return held
}

// earliest ignores missing dates.
func earliest(days ...civil.Date) civil.Date {
	var first civil.Date
	for _, day := range days {
		if first.IsZero() || day.Before(first) {
			first = day
		}
	}
	return first
}
