// Package selection holds the choice of the certification body and of the
// consultant: candidates and their accreditation, consultancies and internal
// audits that were bought, and the conflicts of impartiality between the two
// (ISO/IEC 17021-1, 5.2).
package selection

import (
	"errors"
	"fmt"

	"waymark/internal/domain/civil"
)

// ErrUnknown is wrapped when a text names no kind of work.
var ErrUnknown = errors.New("unknown value")

// Rules are the numbers of the selection. They are settings.
type Rules struct {
	CoolingOffMonths  int // after a consultancy or internal audit (5.2.6, 5.2.7, 5.2.10)
	MinimumCandidates int // that are compared before one is chosen
}

// DefaultRules are the values a new installation starts with.
func DefaultRules() Rules { return Rules{CoolingOffMonths: 24, MinimumCandidates: 2} }

// Accreditation is what is known about a body's accreditation, and when somebody
// looked it up. Accreditation is for ISO/IEC 17021-1 with ISO/IEC 20000-6.
type Accreditation struct {
	Body    string     // the accreditation body that granted it
	Number  string     // under which it is listed
	Covers  bool       // its scope includes ISO/IEC 20000-1
	Checked civil.Date // day on which the listing was looked up
}

// Candidate is a certification body that is considered or chosen.
type Candidate struct {
	Name          string
	Accreditation Accreditation
	Linked        []string // firms linked to it by ownership, control or contract
	Team          []string // auditors and decision makers named for this client
	Chosen        bool
}

// Fault is what an accreditation check still leaves open.
type Fault uint8

// The faults.
const (
	NoAccreditationBody Fault = iota + 1
	NoAccreditationNumber
	NotCovered      // its scope does not include ISO/IEC 20000-1
	NeverChecked    // nobody has looked it up
	CheckedInFuture // the day of the check has not come
)

// String returns the word used in translation keys.
func (f Fault) String() string {
	switch f {
	case NoAccreditationBody:
		return "no_accreditation_body"
	case NoAccreditationNumber:
		return "no_accreditation_number"
	case NotCovered:
		return "not_covered"
	case NeverChecked:
		return "never_checked"
	case CheckedInFuture:
		return "checked_in_future"
	default:
		return fmt.Sprintf("fault(%d)", uint8(f))
	}
}

// Faults lists why the accreditation does not count as checked; none means it
// does.
func (a Accreditation) Faults(today civil.Date) []Fault {
	var faults []Fault
	if normal(a.Body) == "" {
		faults = append(faults, NoAccreditationBody)
	}
	if normal(a.Number) == "" {
		faults = append(faults, NoAccreditationNumber)
	}
	if !a.Covers {
		faults = append(faults, NotCovered)
	}
	switch {
	case a.Checked.IsZero():
		faults = append(faults, NeverChecked)
	case a.Checked.After(today):
		faults = append(faults, CheckedInFuture)
	}
	return faults
}

// Choice is the state of the choice of a certification body.
type Choice uint8

// The states of the choice.
const (
	NoneChosen    Choice = iota // nobody is chosen yet
	TooFew                      // one is chosen, but too few candidates were compared
	SeveralChosen               // more than one is chosen
	Chosen                      // one is chosen among enough
)

// String returns the word used in translation keys.
func (c Choice) String() string {
	switch c {
	case NoneChosen:
		return "none_chosen"
	case TooFew:
		return "too_few"
	case SeveralChosen:
		return "several_chosen"
	case Chosen:
		return "chosen"
	default:
		return fmt.Sprintf("choice(%d)", uint8(c))
	}
}

// Judge tells the state of the choice among candidates, and the chosen one when
// there is exactly one. Two entries of one firm count as one candidate.
func (r Rules) Judge(candidates []Candidate) (Choice, Candidate) {
	var chosen []Candidate
	firms := map[string]bool{}
	for _, c := range candidates {
		firms[Firm(c.Name)] = true
		if c.Chosen {
			chosen = append(chosen, c)
		}
	}
	delete(firms, "")
	switch {
	case len(chosen) == 0:
		return NoneChosen, Candidate{}
	case len(chosen) > 1:
		return SeveralChosen, Candidate{}
	case len(firms) < r.MinimumCandidates:
		return TooFew, chosen[0]
	default:
		return Chosen, chosen[0]
	}
}
