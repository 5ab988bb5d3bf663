package scope

import (
	"slices"
	"strings"
)

// Limits are the numbers of rule SC-15. They are settings.
type Limits struct {
	Words    int
	Services int
}

// DefaultLimits are the values a new installation starts with.
func DefaultLimits() Limits { return Limits{Words: 60, Services: 8} }

// Broken judges the rules whose means is Computed and returns every way in which
// the scope breaks them, in the order of the rules.
func Broken(d Definition, limits Limits) []Violation {
	var all []Violation
	all = append(all, organization(d)...)
	if len(d.servicesIn()) == 0 {
		all = append(all, Violation{Rule: SC02, Detail: ServiceMissing})
	}
	all = append(all, locations(d)...)
	all = append(all, wording(d, limits)...)
	all = append(all, people(d)...)
	all = append(all, customers(d)...)
	return all
}

func organization(d Definition) []Violation {
	name := fold(d.Organization)
	if name == "" {
		return []Violation{{Rule: SC01, Detail: OrganizationMissing}}
	}
	isService := func(s Service) bool { return fold(s.Name) == name }
	// Only what can be seen is judged: a trade mark sign, or the name of a service.
	if strings.ContainsAny(d.Organization, "®™℠") || slices.ContainsFunc(d.Services, isService) {
		return []Violation{{Rule: SC01, Detail: OrganizationIsBrand, Names: []string{d.Organization}}}
	}
	return nil
}

func locations(d Definition) []Violation {
	in := d.locationsIn()
	if len(in) == 0 {
		return []Violation{{Rule: SC05, Detail: LocationMissing}}
	}
	var all []Violation
	var stateless, central []string
	for _, l := range in {
		if blank(l.Country) {
			stateless = append(stateless, l.Name)
		}
		if l.Central {
			central = append(central, l.Name)
		}
	}
	if len(stateless) > 0 {
		all = append(all, Violation{Rule: SC05, Detail: CountryMissing, Names: stateless})
	}
	if len(in) > 1 && len(central) == 0 {
		all = append(all, Violation{Rule: SC05, Detail: CentralMissing})
	}
	if len(central) > 1 {
		all = append(all, Violation{Rule: SC05, Detail: CentralSeveral, Names: central})
	}
	return all
}

func wording(d Definition, limits Limits) []Violation {
	var vague, claims, long []Violation
	for _, s := range d.statements() {
		if words := found(s.Text, vagueWords(), vagueHan()); len(words) > 0 || vagueDeng(s.Text) {
			if vagueDeng(s.Text) {
				words = append(words, "等")
			}
			vague = append(vague, Violation{Rule: SC13, Detail: VagueWords, Names: words, Language: s.Language})
		}
		if words := found(s.Text, qualityWords(), qualityHan()); len(words) > 0 {
			claims = append(claims, Violation{Rule: SC14, Detail: QualityClaim, Names: words, Language: s.Language})
		}
		if n := countWords(s.Text); n > limits.Words {
			long = append(long, Violation{Rule: SC15, Detail: StatementTooLong, Language: s.Language, Got: n, Want: limits.Words})
		}
	}
	if n := len(d.servicesIn()); n > limits.Services {
		long = append(long, Violation{Rule: SC15, Detail: TooManyServices, Got: n, Want: limits.Services})
	}
	return slices.Concat(vague, claims, long)
}

func people(d Definition) []Violation {
	in := d.locationsIn()
	if len(in) == 0 {
		return nil // SC-05 says so already
	}
	var all []Violation
	var uncounted []string
	sum := 0
	for _, l := range in {
		if l.People <= 0 {
			uncounted = append(uncounted, l.Name)
			continue
		}
		sum += l.People
	}
	if len(uncounted) > 0 {
		all = append(all, Violation{Rule: SC16, Detail: PeopleMissing, Names: uncounted})
	}
	switch {
	case d.People <= 0:
		all = append(all, Violation{Rule: SC16, Detail: PeopleTotalMissing})
	case sum != d.People:
		all = append(all, Violation{Rule: SC16, Detail: PeopleSumDiffers, Got: sum, Want: d.People})
	}
	return all
}

func customers(d Definition) []Violation {
	named := 0
	var unspecified []string
	for _, c := range d.Customers {
		if blank(c.Name) {
			continue
		}
		named++
		if c.Kind != Internal && c.Kind != External {
			unspecified = append(unspecified, c.Name)
		}
	}
	switch {
	case named == 0:
		return []Violation{{Rule: SC18, Detail: CustomersMissing}}
	case len(unspecified) > 0:
		return []Violation{{Rule: SC18, Detail: CustomersUnspecified, Names: unspecified}}
	}
	return nil
}
