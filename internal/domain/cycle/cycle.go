// Package cycle computes the days of the certification cycle: what follows from
// a certification decision, until when a certificate lives, when surveillance
// and recertification are due and how long a major nonconformity may stay open.
// The rules are those of ISO/IEC 17021-1:2015; the numbers in them are settings,
// for every certification body adds stricter ones of its own.
package cycle

import (
	"errors"
	"fmt"

	"waymark/internal/domain/civil"
)

// Rules are the numbers of the date rules.
type Rules struct {
	ValidityMonths      int  // life of a certificate
	ExpiryOnAnniversary bool // the body prints the anniversary itself, not the day before

	FirstSurveillanceMonths  int // latest first surveillance after the decision (9.1.3.3)
	SecondSurveillanceMonths int // target for the second (9.1.3.2)

	PlanRecertificationMonths int // before expiry: start planning the recertification
	RecertificationAuditDays  int // before expiry: latest audit that leaves time for majors
	RestoreMonths             int // after expiry: the certificate may still be restored (9.6.3.2)

	MajorMonths      int // after the last day of stage 2: majors verified (9.5.3.2)
	SuspensionMonths int // after suspension: restored, withdrawn or reduced (9.6.5)
	AnswerPlanDays   int // after the findings: the plan is answered (9.4.9, set by the body)
	AnswerDays       int // after the findings: everything is answered

	StageGapMinDays int // shortest usual time between the stages (9.3.1.2)
	StageGapMaxDays int // longest usual time
	StageGapFarDays int // beyond it stage 1 may have to be repeated
}

// DefaultRules are the values a new installation starts with.
func DefaultRules() Rules {
	return Rules{
		ValidityMonths:            36,
		FirstSurveillanceMonths:   12,
		SecondSurveillanceMonths:  24,
		PlanRecertificationMonths: 6,
		RecertificationAuditDays:  90,
		RestoreMonths:             6,
		MajorMonths:               6,
		SuspensionMonths:          6,
		AnswerPlanDays:            30,
		AnswerDays:                90,
		StageGapMinDays:           14,
		StageGapMaxDays:           90,
		StageGapFarDays:           180,
	}
}

// Dates are the days of one cycle, all counted from the decision that opened it.
type Dates struct {
	First bool // opened by the initial certification, not by a recertification

	Start  civil.Date // the decision (9.1.3)
	Expiry civil.Date // last day of validity

	Surveillance1Limit  civil.Date // hard in the first cycle, a target in later ones
	Surveillance2Target civil.Date

	PlanRecertification        civil.Date // start planning
	RecertificationAuditLatest civil.Date
	RecertificationDecision    civil.Date // latest decision without a break: the expiry
	RestoreUntil               civil.Date // last day on which an expired certificate can be restored
}

// Errors of opening a cycle.
var (
	// ErrNoDate says that a day the computation starts from is missing.
	ErrNoDate = errors.New("date missing")
	// ErrOrder says that the days contradict each other: an expiry or a renewal
	// before the cycle's start.
	ErrOrder = errors.New("dates out of order")
)

// LapsedError says that a recertification decision came too late to renew or
// restore the certificate: at least a new stage 2 is needed, and what follows is
// a new certification, not a renewal (9.6.3.2).
type LapsedError struct {
	Decision     civil.Date
	RestoreUntil civil.Date
}

func (e *LapsedError) Error() string {
	return fmt.Sprintf("decision of %s is after %s, the last day to restore the certificate", e.Decision, e.RestoreUntil)
}

// First computes the cycle that an initial certification decision opens. It
// returns ErrNoDate when the decision has no date.
func First(decision civil.Date, r Rules) (Dates, error) {
	if decision.IsZero() {
		return Dates{}, ErrNoDate
	}
	expiry := decision.AddMonths(r.ValidityMonths)
	if !r.ExpiryOnAnniversary {
		expiry = expiry.AddDays(-1)
	}
	return Certified(decision, expiry, true, r)
}

// Certified computes a cycle whose expiry is known, as printed on a certificate
// or carried over from another certification body. It returns ErrNoDate or
// ErrOrder.
func Certified(start, expiry civil.Date, first bool, r Rules) (Dates, error) {
	if start.IsZero() || expiry.IsZero() {
		return Dates{}, ErrNoDate
	}
	if expiry.Before(start) {
		return Dates{}, fmt.Errorf("%w: expiry %s before start %s", ErrOrder, expiry, start)
	}
	return Dates{
		First:                      first,
		Start:                      start,
		Expiry:                     expiry,
		Surveillance1Limit:         start.AddMonths(r.FirstSurveillanceMonths),
		Surveillance2Target:        start.AddMonths(r.SecondSurveillanceMonths),
		PlanRecertification:        expiry.AddMonths(-r.PlanRecertificationMonths),
		RecertificationAuditLatest: expiry.AddDays(-r.RecertificationAuditDays),
		RecertificationDecision:    expiry,
		RestoreUntil:               expiry.AddMonths(r.RestoreMonths),
	}, nil
}

// Renewal says how a recertification decision connects to the cycle before.
type Renewal uint8

// The kinds of renewal.
const (
	OnTime   Renewal = iota + 1 // decided by the expiry: no break
	Restored                    // decided after it, within the time to restore: a break in validity
)

// String returns the word used in translation keys.
func (r Renewal) String() string {
	switch r {
	case OnTime:
		return "on_time"
	case Restored:
		return "restored"
	default:
		return fmt.Sprintf("renewal(%d)", uint8(r))
	}
}

// Next computes the cycle that a recertification decision opens after d. In both
// kinds of renewal the new cycle starts with the decision, while the new expiry
// is counted from the old one (9.6.3.2). It returns ErrNoDate, ErrOrder for a
// decision that is not after the start of d, or a *LapsedError.
func (d Dates) Next(decision civil.Date, r Rules) (Dates, Renewal, error) {
	if decision.IsZero() || d.Start.IsZero() {
		return Dates{}, 0, ErrNoDate
	}
	if !decision.After(d.Start) {
		return Dates{}, 0, fmt.Errorf("%w: renewal %s not after start %s", ErrOrder, decision, d.Start)
	}
	if decision.After(d.RestoreUntil) {
		return Dates{}, 0, &LapsedError{Decision: decision, RestoreUntil: d.RestoreUntil}
	}
	kind := OnTime
	if decision.After(d.Expiry) {
		kind = Restored
	}
	next, err := Certified(decision, d.Expiry.AddMonths(r.ValidityMonths), false, r)
	return next, kind, err
}

// State is what a certificate is worth on a day, if nobody suspended it.
type State uint8

// The states.
const (
	NotYet     State = iota // before the decision
	Valid                   // from the decision to the expiry, both included
	Restorable              // expired, but can be restored
	Lapsed                  // expired for good
)

// String returns the word used in translation keys.
func (s State) String() string {
	switch s {
	case NotYet:
		return "not_yet"
	case Valid:
		return "valid"
	case Restorable:
		return "restorable"
	case Lapsed:
		return "lapsed"
	default:
		return fmt.Sprintf("state(%d)", uint8(s))
	}
}

// StateOn tells the state of the certificate on a day.
func (d Dates) StateOn(day civil.Date) State {
	switch {
	case d.Start.IsZero() || day.Compare(d.Start) < 0:
		return NotYet
	case !day.After(d.Expiry):
		return Valid
	case !day.After(d.RestoreUntil):
		return Restorable
	default:
		return Lapsed
	}
}

// MajorDeadline is the last day to have the major nonconformities of an initial
// audit verified; after it stage 2 is held again (9.5.3.2). In a recertification
// the deadline is the expiry instead (9.6.3.2).
func (r Rules) MajorDeadline(stage2LastDay civil.Date) civil.Date {
	return stage2LastDay.AddMonths(r.MajorMonths)
}

// AnswerDeadlines are the last days to answer the findings of an audit with a
// plan, and to answer them in full (9.4.9).
func (r Rules) AnswerDeadlines(received civil.Date) (plan, all civil.Date) {
	return received.AddDays(r.AnswerPlanDays), received.AddDays(r.AnswerDays)
}

// SuspensionLimit is the last day of a suspension that began on the day given.
func (r Rules) SuspensionLimit(suspended civil.Date) civil.Date {
	return suspended.AddMonths(r.SuspensionMonths)
}

// Gap judges the time between the two stages of the certification audit.
type Gap uint8

// The judgements.
const (
	GapUnknown  Gap = iota // a date is missing
	GapFits                // nothing to say
	GapShort               // warning: hardly time to close areas of concern
	GapLong                // warning: beyond what bodies usually accept
	GapTooLong             // strong warning: stage 1 may have to be repeated
	GapReversed            // error: stage 2 does not come after stage 1
)

// String returns the word used in translation keys.
func (g Gap) String() string {
	switch g {
	case GapUnknown:
		return "unknown"
	case GapFits:
		return "fits"
	case GapShort:
		return "short"
	case GapLong:
		return "long"
	case GapTooLong:
		return "too_long"
	case GapReversed:
		return "reversed"
	default:
		return fmt.Sprintf("gap(%d)", uint8(g))
	}
}

// StageGap judges the days from the last day of stage 1 to the first of stage 2.
// ISO/IEC 17021-1 names no number (9.3.1.2): only the order is a rule.
func (r Rules) StageGap(stage1LastDay, stage2FirstDay civil.Date) Gap {
	if stage1LastDay.IsZero() || stage2FirstDay.IsZero() {
		return GapUnknown
	}
	switch days := stage1LastDay.DaysUntil(stage2FirstDay); {
	case days <= 0:
		return GapReversed
	case days < r.StageGapMinDays:
		return GapShort
	case days > r.StageGapFarDays:
		return GapTooLong
	case days > r.StageGapMaxDays:
		return GapLong
	default:
		return GapFits
	}
}
