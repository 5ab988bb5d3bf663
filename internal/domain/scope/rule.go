package scope

import "fmt"

// Rule is one of the numbered rules that a scope is checked against.
type Rule uint8

// The rules. Their basis is clause 4.3 of ISO/IEC 20000-1, with 1.2 and 8.2.3
// for who does the work, and what accredited certification adds.
const (
	SC01 Rule = iota + 1 // the organization is named, and not by a brand or product alone
	SC02                 // at least one service
	SC03                 // each service stands in the service catalogue under the same name
	SC04                 // each service of the catalogue is in, or out with a reason
	SC05                 // at least one location with its country; a central one among several
	SC06                 // no clause is excluded
	SC07                 // services, components and processes are not all in other hands
	SC08                 // none of the three kinds, no single service or process, is wholly in other hands
	SC09                 // every process has an accountable owner inside the organization
	SC10                 // every other party has a type
	SC11                 // every other party has a contract or an agreement
	SC12                 // what a service depends on outside the scope is agreed
	SC13                 // no vague words
	SC14                 // no product names, no claims about quality
	SC15                 // 60 words and 8 services at most
	SC16                 // people are counted for each site, and the sum is right
	SC17                 // the services are IT services
	SC18                 // customers are named and split into internal and external
	SC19                 // version, approver and day of approval
	SC20                 // a change after quotation, stage 1 or certificate is announced
	SC21                 // authority across several legal entities is explained
	SC22                 // language versions come from one version
	SC23                 // agrees with an ISO/IEC 27001 certificate
	SC24                 // no service younger than 3 months at stage 2
	SC25                 // context, interested parties and services are linked to the decision
	SC26                 // shifts, remote workers and temporary sites are stated
)

// Rules returns all rules in order.
func Rules() []Rule {
	var all []Rule
	for r := SC01; r <= SC26; r++ {
		all = append(all, r)
	}
	return all
}

// String returns "SC-01" and so on.
func (r Rule) String() string { return fmt.Sprintf("SC-%02d", uint8(r)) }

// ParseRule reads what String writes. It wraps ErrUnknown.
func ParseRule(s string) (Rule, error) {
	for _, r := range Rules() {
		if r.String() == s {
			return r, nil
		}
	}
	return 0, fmt.Errorf("%w: rule %.40q", ErrUnknown, s)
}

// Severity says whether a broken rule stops the scope from being approved.
type Severity uint8

// The severities.
const (
	Warning Severity = iota + 1
	Error            // the scope is not ready while the rule is broken
)

// String returns "W" or "E".
func (s Severity) String() string {
	if s == Error {
		return "E"
	}
	return "W"
}

// Severity of the rule.
func (r Rule) Severity() Severity {
	switch r {
	case SC01, SC02, SC03, SC05, SC06, SC07, SC09, SC10, SC11, SC16, SC19:
		return Error
	default:
		return Warning
	}
}

// Means is the way a rule is judged at present.
type Means uint8

// The means.
const (
	Computed       Means = iota + 1 // Broken judges it
	Confirmed                       // a person confirms it, with a date and evidence, until there is a register to read
	ByConstruction                  // nothing can be written that would break it
	AtPreparation                   // judged when the audit is prepared (step 7)
	ByApproval                      // the act of approving the scope meets it
	NotJudged                       // a warning whose register does not exist yet
)

// Means of the rule.
func (r Rule) Means() Means {
	switch r {
	case SC01, SC02, SC05, SC13, SC14, SC15, SC16, SC18:
		return Computed
	case SC03, SC07, SC10, SC11:
		return Confirmed
	case SC06:
		return ByConstruction
	case SC09:
		return AtPreparation
	case SC19:
		return ByApproval
	default:
		return NotJudged
	}
}

// ConfirmedRules are the error rules that a person's dated confirmation meets
// until registers of services, parties and contracts exist.
func ConfirmedRules() []Rule {
	var list []Rule
	for _, r := range Rules() {
		if r.Means() == Confirmed {
			list = append(list, r)
		}
	}
	return list
}

// Detail says in what way a rule is broken.
type Detail uint8

// The details.
const (
	OrganizationMissing  Detail = iota + 1 // SC-01
	OrganizationIsBrand                    // SC-01: carries a trade mark sign or is the name of a service
	ServiceMissing                         // SC-02
	LocationMissing                        // SC-05
	CountryMissing                         // SC-05, Names: the locations
	CentralMissing                         // SC-05: several locations, none central
	CentralSeveral                         // SC-05, Names: the central ones
	VagueWords                             // SC-13, Names: the words
	QualityClaim                           // SC-14, Names: the words
	StatementTooLong                       // SC-15, Got words of at most Want
	TooManyServices                        // SC-15, Got services of at most Want
	PeopleMissing                          // SC-16, Names: the locations
	PeopleTotalMissing                     // SC-16
	PeopleSumDiffers                       // SC-16, Got is the sum of the sites, Want the total
	CustomersMissing                       // SC-18
	CustomersUnspecified                   // SC-18, Names: the customers of no kind
)

// String returns the word used in translation keys.
func (d Detail) String() string {
	switch d {
	case OrganizationMissing:
		return "organization_missing"
	case OrganizationIsBrand:
		return "organization_is_brand"
	case ServiceMissing:
		return "service_missing"
	case LocationMissing:
		return "location_missing"
	case CountryMissing:
		return "country_missing"
	case CentralMissing:
		return "central_missing"
	case CentralSeveral:
		return "central_several"
	case VagueWords:
		return "vague_words"
	case QualityClaim:
		return "quality_claim"
	case StatementTooLong:
		return "statement_too_long"
	case TooManyServices:
		return "too_many_services"
	case PeopleMissing:
		return "people_missing"
	case PeopleTotalMissing:
		return "people_total_missing"
	case PeopleSumDiffers:
		return "people_sum_differs"
	case CustomersMissing:
		return "customers_missing"
	case CustomersUnspecified:
		return "customers_unspecified"
	default:
		return fmt.Sprintf("detail(%d)", uint8(d))
	}
}

// Violation is one way in which a scope breaks a rule.
type Violation struct {
	Rule     Rule
	Detail   Detail
	Names    []string // what is concerned: locations, customers, words
	Language string   // of the statement concerned
	Got      int
	Want     int
}

// Severity of the violation: that of its rule.
func (v Violation) Severity() Severity { return v.Rule.Severity() }

// Blocking keeps the violations of error rules.
func Blocking(all []Violation) []Violation {
	var errs []Violation
	for _, v := range all {
		if v.Severity() == Error {
			errs = append(errs, v)
		}
	}
	return errs
}
