package assessment

// Heavy is the weight of a check whose absence would normally be a major
// nonconformity. Colours, gates and severities treat it apart.
const Heavy = 3

// Ratio is an exact fraction. Its denominator is 0 where there is nothing to
// divide by; such a ratio is undefined and shown as a dash.
type Ratio struct{ Num, Den int }

// Defined reports whether there was anything to divide by.
func (r Ratio) Defined() bool { return r.Den > 0 }

// Percent returns whole percent rounded down, so that 100 means all of it. An
// undefined ratio gives 0; ask Defined first.
func (r Ratio) Percent() int {
	if !r.Defined() {
		return 0
	}
	return r.Num * 100 / r.Den
}

// AtLeast reports whether the exact ratio is percent or more. An undefined ratio
// is never at least anything.
func (r Ratio) AtLeast(percent int) bool { return r.Defined() && r.Num*100 >= percent*r.Den }

// Item is one check as the arithmetic sees it.
type Item struct {
	Weight int
	Rating Rating
}

// Score sums up any set of checks: a clause, a branch, the whole catalogue. A
// branch is the sum of its parts (Plus), never the mean of their percentages.
// The fields can also be filled from sums made by a database.
type Score struct {
	Applicable int // weight of all checks but the not triggered ones: A
	Rated      int // weight of those of A that are rated: S
	HalfPoints int // twice the weight times the value, over S

	HeavyNot    int // number of checks of weight 3 that are rated not
	HeavyPartly int // number of checks of weight 3 that are rated partly

	Conforms, Partly, Not, NotAssessed, NotTriggered int // number of checks by rating
}

// Sum scores a set of checks. A check of weight 0 or less counts for nothing.
func Sum(items ...Item) Score {
	var s Score
	for _, it := range items {
		s = s.Plus(scoreOf(it))
	}
	return s
}

func scoreOf(it Item) Score {
	if it.Weight <= 0 {
		return Score{}
	}
	var s Score
	switch it.Rating {
	case Conforms:
		s.Conforms = 1
	case Partly:
		s.Partly = 1
	case Not:
		s.Not = 1
	case NotTriggered:
		return Score{NotTriggered: 1}
	default:
		s.NotAssessed = 1
	}
	s.Applicable = it.Weight
	if it.Rating.Rated() {
		s.Rated = it.Weight
		s.HalfPoints = it.Weight * it.Rating.halfPoints()
	}
	if it.Weight >= Heavy {
		s.HeavyNot, s.HeavyPartly = s.Not, s.Partly
	}
	return s
}

// Plus is the score of both sets of checks together.
func (s Score) Plus(o Score) Score {
	return Score{
		Applicable:   s.Applicable + o.Applicable,
		Rated:        s.Rated + o.Rated,
		HalfPoints:   s.HalfPoints + o.HalfPoints,
		HeavyNot:     s.HeavyNot + o.HeavyNot,
		HeavyPartly:  s.HeavyPartly + o.HeavyPartly,
		Conforms:     s.Conforms + o.Conforms,
		Partly:       s.Partly + o.Partly,
		Not:          s.Not + o.Not,
		NotAssessed:  s.NotAssessed + o.NotAssessed,
		NotTriggered: s.NotTriggered + o.NotTriggered,
	}
}

// Checks is the number of checks in the set, the not triggered ones included.
func (s Score) Checks() int {
	return s.Conforms + s.Partly + s.Not + s.NotAssessed + s.NotTriggered
}

// Gaps is the number of checks rated partly or not.
func (s Score) Gaps() int { return s.Partly + s.Not }

// Coverage is the share of the applicable weight that is rated.
func (s Score) Coverage() Ratio { return Ratio{s.Rated, s.Applicable} }

// Conformity is the quality of what was looked at: undefined while nothing is.
func (s Score) Conformity() Ratio { return Ratio{s.HalfPoints, 2 * s.Rated} }

// Readiness is coverage times conformity: what is not rated counts as not there.
// It is the headline, always shown beside Coverage.
func (s Score) Readiness() Ratio { return Ratio{s.HalfPoints, 2 * s.Applicable} }

// Colour is the traffic light of a clause or branch.
type Colour uint8

// The colours.
const (
	Grey Colour = iota // nothing rated, or nothing to rate
	Red
	Amber
	Green
)

// String returns the word used in class names and translation keys.
func (c Colour) String() string {
	switch c {
	case Red:
		return "red"
	case Amber:
		return "amber"
	case Green:
		return "green"
	default:
		return "grey"
	}
}

// Thresholds are the percentages that colours and gates compare with. They are
// settings: none of them comes from the standard.
type Thresholds struct {
	RedBelow        int // readiness under it is red
	GreenFrom       int // readiness from it on can be green
	Stage1Readiness int // gate G3 before stage 1
	Stage2Readiness int // gate G3 before stage 2
	Stage2Clause    int // gate G3 before stage 2, for each of clauses 4 to 10
}

// DefaultThresholds are the values a new installation starts with.
func DefaultThresholds() Thresholds {
	return Thresholds{RedBelow: 60, GreenFrom: 90, Stage1Readiness: 75, Stage2Readiness: 90, Stage2Clause: 80}
}

// Colour judges a score. The order matters: grey wins over red, red over green,
// and amber is what is left.
func (t Thresholds) Colour(s Score) Colour {
	switch readiness := s.Readiness(); {
	case s.Rated == 0:
		return Grey
	case s.HeavyNot > 0 || !readiness.AtLeast(t.RedBelow):
		return Red
	case s.Coverage().AtLeast(100) && readiness.AtLeast(t.GreenFrom) && s.HeavyPartly == 0:
		return Green
	default:
		return Amber
	}
}
