package assessment

import (
	"database/sql/driver"
	"fmt"
)

// Severity says how much a finding matters.
type Severity uint8

// The severities.
const (
	None        Severity = iota // not decided, or nothing to decide
	Major                       // ISO/IEC 17021-1, 3.12
	Minor                       // ISO/IEC 17021-1, 3.13
	Observation                 // worth noting, no requirement missed
	Opportunity                 // for improvement; raised by hand on a check that conforms
)

// Severities returns all severities, None first, then from grave to light.
func Severities() []Severity { return []Severity{None, Major, Minor, Observation, Opportunity} }

// String returns the word that is stored and used in addresses.
func (s Severity) String() string {
	switch s {
	case None:
		return "none"
	case Major:
		return "major"
	case Minor:
		return "minor"
	case Observation:
		return "observation"
	case Opportunity:
		return "opportunity"
	default:
		return fmt.Sprintf("severity(%d)", uint8(s))
	}
}

// ParseSeverity reads the word that String writes. It wraps ErrUnknown.
func ParseSeverity(s string) (Severity, error) { return parse(s, Severities(), "severity") }

// Scan reads a text column; NULL is None. It wraps ErrUnknown.
func (s *Severity) Scan(src any) error { return scan(s, src, ParseSeverity, "severity") }

// Value writes the word into a text column, "none" for None. It wraps ErrUnknown
// for a number that is no severity.
func (s Severity) Value() (driver.Value, error) { return value(s, Severities(), "severity") }

// NeedsWork reports whether a finding of the severity has to be covered by a
// task: a nonconformity has, a remark has not.
func (s Severity) NeedsWork() bool { return s == Major || s == Minor }

// CheckState is one check of a lowest-level clause with its present rating.
type CheckState struct {
	ID     string
	Weight int
	Rating Rating
}

// Reason says which rule led to a proposed severity.
type Reason uint8

// The reasons, in the order the rules are tried.
const (
	HeavyMissing  Reason = iota + 1 // weight 3, rated not
	ClauseMissing                   // rated not, as is more than half of its clause
	Missing                         // weight 1 or 2, rated not
	Incomplete                      // weight 2 or 3, rated partly
	SlightlyShort                   // weight 1, rated partly
)

// String returns the word that names the reason in translation keys.
func (r Reason) String() string {
	switch r {
	case HeavyMissing:
		return "heavy_missing"
	case ClauseMissing:
		return "clause_missing"
	case Missing:
		return "missing"
	case Incomplete:
		return "incomplete"
	case SlightlyShort:
		return "slightly_short"
	default:
		return fmt.Sprintf("reason(%d)", uint8(r))
	}
}

// Proposal is the severity that the rules suggest for the gap under a check. A
// person decides, and the decision is kept beside the proposal, not over it.
type Proposal struct {
	CheckID  string
	Severity Severity
	Reason   Reason
}

// Propose suggests a severity for every gap (partly, not) among the checks of
// one lowest-level clause, in the order of the checks. Where two or more of them
// are rated not and carry together more than half of the clause's applicable
// weight, each of those is a major; the ones rated partly are not raised by it.
func Propose(clause []CheckState) []Proposal {
	var applicable, missing, missingWeight int
	for _, c := range clause {
		if c.Weight <= 0 || c.Rating == NotTriggered {
			continue
		}
		applicable += c.Weight
		if c.Rating == Not {
			missing++
			missingWeight += c.Weight
		}
	}
	mostMissing := missing >= 2 && 2*missingWeight > applicable

	var proposals []Proposal
	for _, c := range clause {
		if c.Weight <= 0 || !c.Rating.Gap() {
			continue
		}
		p := Proposal{CheckID: c.ID}
		switch {
		case c.Rating == Not && c.Weight >= Heavy:
			p.Severity, p.Reason = Major, HeavyMissing
		case c.Rating == Not && mostMissing:
			p.Severity, p.Reason = Major, ClauseMissing
		case c.Rating == Not:
			p.Severity, p.Reason = Minor, Missing
		case c.Weight >= 2:
			p.Severity, p.Reason = Minor, Incomplete
		default:
			p.Severity, p.Reason = Observation, SlightlyShort
		}
		proposals = append(proposals, p)
	}
	return proposals
}

// ThreeMinors reports whether three or more of the severities given, all under
// one lowest-level clause, are minor: reason to suggest raising them to a major,
// for several minors on one requirement may show that the system fails
// (ISO/IEC 17021-1, 3.12). It is a hint only; a person decides. Give it what
// counts at the moment: the decisions where there are some, else the proposals.
func ThreeMinors(severities ...Severity) bool {
	n := 0
	for _, s := range severities {
		if s == Minor {
			n++
		}
	}
	return n >= 3
}
