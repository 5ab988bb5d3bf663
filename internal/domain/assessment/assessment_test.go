package assessment_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waymark/internal/domain/assessment"
)

const (
	na = assessment.NotAssessed
	co = assessment.Conforms
	pa = assessment.Partly
	no = assessment.Not
	nt = assessment.NotTriggered
)

func items(weights []int, ratings ...assessment.Rating) []assessment.Item {
	var list []assessment.Item
	for i, w := range weights {
		list = append(list, assessment.Item{Weight: w, Rating: ratings[i]})
	}
	return list
}

// percent gives -1 for a ratio that is undefined.
func percent(r assessment.Ratio) int {
	if !r.Defined() {
		return -1
	}
	return r.Percent()
}

func TestReferenceValues(t *testing.T) {
	for _, c := range []struct {
		name                            string
		items                           []assessment.Item
		applicable                      int
		coverage, conformity, readiness int
	}{
		{"6.2.1", items([]int{2, 3, 2}, co, pa, na), 7, 71, 70, 50},
		{"8.6.1 with two not triggered", items([]int{3, 3, 2, 3, 2, 2}, co, co, co, co, nt, nt), 11, 100, 100, 100},
		{"8.6.1 all partly", items([]int{3, 3, 2, 3, 2, 2}, pa, pa, pa, pa, pa, pa), 15, 100, 50, 50},
		{"8.3.1 has no checks", nil, 0, -1, -1, -1},
		{"all not triggered", items([]int{2, 2}, nt, nt), 0, -1, -1, -1},
		{"nothing rated", items([]int{2, 3, 2}, na, na, na), 7, 0, -1, 0},
		{"all not", items([]int{2, 3}, no, no), 5, 100, 0, 0},
		{"nearly all", items([]int{100, 1}, co, na), 101, 99, 100, 99},
	} {
		s := assessment.Sum(c.items...)
		require.Equal(t, c.applicable, s.Applicable, c.name)
		require.Equal(t, c.coverage, percent(s.Coverage()), c.name)
		require.Equal(t, c.conformity, percent(s.Conformity()), c.name)
		require.Equal(t, c.readiness, percent(s.Readiness()), c.name)
		require.Equal(t, len(c.items), s.Checks(), c.name)
	}
	s := assessment.Sum(items([]int{2, 3, 2}, co, pa, na)...)
	require.Equal(t, assessment.Ratio{Num: 5, Den: 7}, s.Coverage())
	require.Equal(t, assessment.Ratio{Num: 7, Den: 10}, s.Conformity())
	require.Equal(t, assessment.Ratio{Num: 7, Den: 14}, s.Readiness())
}

// Clause 8.3.1 has no checks: clause 8.3 is the sum of its other branches.
func TestBranchWithAnEmptyClause(t *testing.T) {
	empty := assessment.Sum()
	other := assessment.Sum(items([]int{2, 3}, co, pa)...)
	require.Equal(t, other, empty.Plus(other))
	require.Zero(t, empty.Readiness().Percent())
	require.False(t, empty.Readiness().AtLeast(0), "nothing is never enough")
	require.Empty(t, assessment.Propose(nil))
}

func TestRatio(t *testing.T) {
	third := assessment.Ratio{Num: 2, Den: 3}
	require.Equal(t, 66, third.Percent())
	require.True(t, third.AtLeast(66))
	require.False(t, third.AtLeast(67))
	exact := assessment.Ratio{Num: 9, Den: 10}
	require.True(t, exact.AtLeast(90))
	require.False(t, assessment.Ratio{Num: 8999, Den: 10000}.AtLeast(90))
	require.False(t, assessment.Ratio{}.Defined())
}

func TestColour(t *testing.T) {
	th := assessment.DefaultThresholds()
	for _, c := range []struct {
		name  string
		items []assessment.Item
		want  assessment.Colour
	}{
		{"no checks", nil, assessment.Grey},
		{"all not triggered", items([]int{3}, nt), assessment.Grey},
		{"nothing rated, though readiness is under 60", items([]int{3, 2}, na, na), assessment.Grey},
		{"a heavy check not, readiness high", items([]int{3, 50}, no, co), assessment.Red},
		{"just under 60", items([]int{2, 2, 1}, co, na, na), assessment.Red},
		{"exactly 60", items([]int{2, 1, 2}, co, co, no), assessment.Amber},
		{"exactly 90 and covered", items([]int{2, 2, 2, 2, 2}, co, co, co, co, pa), assessment.Green},
		{"just under 90", items([]int{2, 2, 2, 2, 1}, co, co, co, co, no), assessment.Amber},
		{"not covered", items([]int{2, 50}, na, co), assessment.Amber},
		{"a heavy check partly", items([]int{3, 50}, pa, co), assessment.Amber},
		{"all conform", items([]int{3, 2, 1}, co, co, co), assessment.Green},
		{"the rest not triggered", items([]int{3, 2}, co, nt), assessment.Green},
	} {
		got := th.Colour(assessment.Sum(c.items...))
		require.Equal(t, c.want.String(), got.String(), c.name)
	}
	th.RedBelow = 30
	require.Equal(t, assessment.Amber, th.Colour(assessment.Sum(items([]int{2, 2, 1}, co, na, na)...)))
}

func TestGates(t *testing.T) {
	th := assessment.DefaultThresholds()
	clauses := func(four, eight []assessment.Item) []assessment.ClauseScore {
		return []assessment.ClauseScore{
			{Clause: "4", Score: assessment.Sum(four...)},
			{Clause: "8", Score: assessment.Sum(eight...)},
		}
	}
	good := items([]int{3, 3, 3, 3, 3}, co, co, co, co, co)
	for _, c := range []struct {
		name           string
		clauses        []assessment.ClauseScore
		stage1, stage2 []bool
		below          []string
	}{
		{"all conform", clauses(good, good), []bool{true, true, true}, []bool{true, true, true}, nil},
		{"no catalogue", nil, []bool{false, true, false}, []bool{false, true, false}, nil},
		{"one unrated", clauses(items([]int{1}, na), good), []bool{false, true, true}, []bool{false, true, false}, []string{"4"}},
		{"one light not", clauses(good, items([]int{1, 9}, no, co)), []bool{true, true, true}, []bool{true, false, true}, nil},
		{"one heavy partly", clauses(good, items([]int{3, 12}, pa, co)), []bool{true, true, true}, []bool{true, false, true}, nil},
		{"one heavy not", clauses(good, items([]int{3, 30}, no, co)), []bool{true, false, true}, []bool{true, false, true}, nil},
		{"exactly 75", clauses(nil, items([]int{2, 2}, co, pa)), []bool{true, true, true}, []bool{true, true, false}, []string{"8"}},
		{"under 75", clauses(nil, items([]int{2, 2, 1}, co, pa, no)), []bool{true, true, false}, []bool{true, false, false}, []string{"8"}},
		{"one clause under 80", clauses(items([]int{2, 2}, co, pa), items([]int{30}, co)), []bool{true, true, true}, []bool{true, true, false}, []string{"4"}},
		{"a clause all not triggered", clauses(items([]int{2}, nt), good), []bool{true, true, true}, []bool{true, true, true}, nil},
	} {
		for stage, want := range map[assessment.Stage][]bool{assessment.Stage1: c.stage1, assessment.Stage2: c.stage2} {
			results := assessment.Gates(stage, c.clauses, th)
			require.Len(t, results, 3)
			for i, r := range results {
				require.Equal(t, []string{"G1", "G2", "G3"}[i], r.Gate.String())
				require.Equal(t, want[i], r.Met, "%s, stage %d, %s", c.name, stage, r.Gate)
			}
			if stage == assessment.Stage2 {
				require.Equal(t, c.below, results[2].Below, c.name)
			} else {
				require.Empty(t, results[2].Below)
			}
		}
	}
	th.Stage1Readiness = 50
	require.True(t, assessment.Gates(assessment.Stage1, clauses(nil, items([]int{2}, pa)), th)[2].Met)
}

// The severities of the reference's examples; all other checks conform.
func TestSeverityReferenceValues(t *testing.T) {
	minor, major, observation := assessment.Minor, assessment.Major, assessment.Observation
	for _, c := range []struct {
		clause  string
		weights []int
		ratings []assessment.Rating
		want    []assessment.Severity
		reason  assessment.Reason
	}{
		{"7.4", []int{2}, []assessment.Rating{no}, []assessment.Severity{minor}, assessment.Missing},
		{"8.2.5", []int{2, 2}, []assessment.Rating{no, co}, []assessment.Severity{minor}, assessment.Missing},
		{"8.4.2", []int{2, 2}, []assessment.Rating{no, no}, []assessment.Severity{major, major}, assessment.ClauseMissing},
		{"8.4.1", []int{2, 2, 2}, []assessment.Rating{no, co, no}, []assessment.Severity{major, major}, assessment.ClauseMissing},
		{"8.4.3", []int{2, 2, 2, 2}, []assessment.Rating{no, no, co, co}, []assessment.Severity{minor, minor}, assessment.Missing},
		{"8.6.1", []int{3, 3, 2, 3, 2, 2}, []assessment.Rating{no, co, co, co, co, co}, []assessment.Severity{major}, assessment.HeavyMissing},
		{"half of A, for two are not triggered", []int{2, 2, 2, 2}, []assessment.Rating{no, no, co, nt}, []assessment.Severity{major, major}, assessment.ClauseMissing},
		{"one check carrying more than half", []int{2, 1}, []assessment.Rating{no, co}, []assessment.Severity{minor}, assessment.Missing},
		{"unrated checks are part of A", []int{2, 2, 2, 2}, []assessment.Rating{no, no, na, na}, []assessment.Severity{minor, minor}, assessment.Missing},
		{"partly, weight 3", []int{3}, []assessment.Rating{pa}, []assessment.Severity{minor}, assessment.Incomplete},
		{"partly, weight 2", []int{2}, []assessment.Rating{pa}, []assessment.Severity{minor}, assessment.Incomplete},
		{"partly, weight 1", []int{1}, []assessment.Rating{pa}, []assessment.Severity{observation}, assessment.SlightlyShort},
		{"not, weight 1", []int{1}, []assessment.Rating{no}, []assessment.Severity{minor}, assessment.Missing},
		{"no gap", []int{1, 2, 3}, []assessment.Rating{co, na, nt}, nil, 0},
	} {
		var states []assessment.CheckState
		var ids []string
		for i, w := range c.weights {
			id := c.clause + "-" + string(rune('a'+i))
			states = append(states, assessment.CheckState{ID: id, Weight: w, Rating: c.ratings[i]})
			if c.ratings[i].Gap() {
				ids = append(ids, id)
			}
		}
		var got []assessment.Severity
		var gotIDs []string
		for _, p := range assessment.Propose(states) {
			got = append(got, p.Severity)
			gotIDs = append(gotIDs, p.CheckID)
			require.Equal(t, c.reason, p.Reason, "%s: %s", c.clause, p.Reason)
		}
		require.Equal(t, c.want, got, c.clause)
		require.Equal(t, ids, gotIDs, c.clause)
	}
}

// Half of a clause missing raises only what is rated not.
func TestHalfOfAClauseLeavesPartlyAlone(t *testing.T) {
	got := assessment.Propose([]assessment.CheckState{
		{ID: "a", Weight: 2, Rating: no}, {ID: "b", Weight: 2, Rating: no},
		{ID: "c", Weight: 2, Rating: pa}, {ID: "d", Weight: 1, Rating: pa}, {ID: "e", Weight: 0, Rating: no},
	})
	require.Equal(t, []assessment.Proposal{
		{CheckID: "a", Severity: assessment.Major, Reason: assessment.ClauseMissing},
		{CheckID: "b", Severity: assessment.Major, Reason: assessment.ClauseMissing},
		{CheckID: "c", Severity: assessment.Minor, Reason: assessment.Incomplete},
		{CheckID: "d", Severity: assessment.Observation, Reason: assessment.SlightlyShort},
	}, got)
}

func TestThreeMinors(t *testing.T) {
	minor := assessment.Minor
	require.False(t, assessment.ThreeMinors())
	require.False(t, assessment.ThreeMinors(minor, minor, assessment.Major, assessment.Observation))
	require.True(t, assessment.ThreeMinors(minor, assessment.Observation, minor, minor))
	require.True(t, assessment.ThreeMinors(minor, minor, minor, minor))
}

func TestDeliverable(t *testing.T) {
	const nothing, rating, evidence, comment, reason = assessment.LacksNothing, assessment.LacksRating,
		assessment.LacksEvidence, assessment.LacksComment, assessment.LacksReason
	for _, c := range []struct {
		rating                                  assessment.Rating
		bare, onlyEvidence, onlyComment, onBoth assessment.Lack
	}{
		{na, rating, rating, rating, rating},
		{co, evidence, nothing, nothing, nothing},
		{pa, evidence, nothing, nothing, nothing},
		{no, comment, comment, nothing, nothing},
		{nt, reason, reason, nothing, nothing},
		{assessment.Rating(99), rating, rating, rating, rating},
	} {
		require.Equal(t, c.bare, assessment.Deliverable(c.rating, false, false), c.rating)
		require.Equal(t, c.onlyEvidence, assessment.Deliverable(c.rating, true, false), c.rating)
		require.Equal(t, c.onlyComment, assessment.Deliverable(c.rating, false, true), c.rating)
		require.Equal(t, c.onBoth, assessment.Deliverable(c.rating, true, true), c.rating)
	}
}

func TestAllowed(t *testing.T) {
	for _, r := range assessment.Ratings() {
		require.True(t, assessment.Allowed(r, true))
		require.Equal(t, r != nt, assessment.Allowed(r, false))
	}
	require.False(t, assessment.Allowed(assessment.Rating(5), true))
}

func TestWords(t *testing.T) {
	var words []string
	for _, r := range assessment.Ratings() {
		back, err := assessment.ParseRating(r.String())
		require.NoError(t, err)
		require.Equal(t, r, back)
		v, err := r.Value()
		require.NoError(t, err)
		require.Equal(t, r.String(), v)
		var scanned assessment.Rating
		require.NoError(t, scanned.Scan([]byte(r.String())))
		require.Equal(t, r, scanned)
		words = append(words, r.String())
	}
	require.Equal(t, []string{"not_assessed", "conforms", "partly", "not", "not_triggered"}, words)

	words = nil
	for _, s := range assessment.Severities() {
		back, err := assessment.ParseSeverity(s.String())
		require.NoError(t, err)
		require.Equal(t, s, back)
		v, err := s.Value()
		require.NoError(t, err)
		require.Equal(t, s.String(), v)
		var scanned assessment.Severity
		require.NoError(t, scanned.Scan(s.String()))
		require.Equal(t, s, scanned)
		require.Equal(t, s == assessment.Major || s == assessment.Minor, s.NeedsWork())
		words = append(words, s.String())
	}
	require.Equal(t, []string{"none", "major", "minor", "observation", "opportunity"}, words)

	for _, bad := range []string{"", "Conforms", "not ", "na", "rating(7)"} {
		_, err := assessment.ParseRating(bad)
		require.ErrorIs(t, err, assessment.ErrUnknown)
		_, err = assessment.ParseSeverity(bad)
		require.ErrorIs(t, err, assessment.ErrUnknown)
	}
	_, err := assessment.Rating(7).Value()
	require.ErrorIs(t, err, assessment.ErrUnknown)
	_, err = assessment.Severity(7).Value()
	require.ErrorIs(t, err, assessment.ErrUnknown)

	r, s := co, assessment.Major
	require.ErrorIs(t, r.Scan(int64(1)), assessment.ErrUnknown)
	require.ErrorIs(t, r.Scan("perhaps"), assessment.ErrUnknown)
	require.Equal(t, co, r, "a failed scan changes nothing")
	require.NoError(t, r.Scan(nil))
	require.Equal(t, na, r)
	require.NoError(t, s.Scan(nil))
	require.Equal(t, assessment.None, s)

	seen := map[string]bool{}
	for v := range uint8(9) {
		for _, w := range []string{
			assessment.Rating(v).String(), assessment.Severity(v).String(),
			assessment.Lack(v).String(), assessment.Reason(v).String(),
		} {
			require.NotEmpty(t, w)
			seen[w] = true
		}
	}
	require.Contains(t, seen, "slightly_short")
	require.Contains(t, seen, "lack(8)")
}

func anyItems(t *rapid.T) []assessment.Item {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) assessment.Item {
		return assessment.Item{
			Weight: rapid.IntRange(1, 3).Draw(t, "weight"),
			Rating: rapid.SampledFrom(assessment.Ratings()).Draw(t, "rating"),
		}
	}), 0, 30).Draw(t, "items")
}

func TestScoreProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := anyItems(t)
		s := assessment.Sum(list...)
		require.Equal(t, len(list), s.Checks())

		for _, r := range []assessment.Ratio{s.Coverage(), s.Conformity(), s.Readiness()} {
			require.GreaterOrEqual(t, r.Num, 0)
			require.LessOrEqual(t, r.Num, r.Den)
			if r.Defined() {
				require.True(t, r.AtLeast(r.Percent()))
				require.False(t, r.AtLeast(r.Percent()+1))
				require.Equal(t, r.Percent() == 100, r.Num == r.Den)
			}
		}
		if s.Conformity().Defined() { // readiness is exactly coverage times conformity
			c, q, r := s.Coverage(), s.Conformity(), s.Readiness()
			require.Equal(t, r.Num*c.Den*q.Den, r.Den*c.Num*q.Num)
		}

		cut := rapid.IntRange(0, len(list)).Draw(t, "cut")
		require.Equal(t, s, assessment.Sum(list[:cut]...).Plus(assessment.Sum(list[cut:]...)))
	})
}

// A better rating never lowers readiness, and never makes a colour worse among
// checks that are already rated.
func TestMonotone(t *testing.T) {
	th := assessment.DefaultThresholds()
	better := map[assessment.Rating]assessment.Rating{na: no, no: pa, pa: co}
	rapid.Check(t, func(t *rapid.T) {
		list := anyItems(t)
		if len(list) == 0 {
			return
		}
		i := rapid.IntRange(0, len(list)-1).Draw(t, "i")
		up, ok := better[list[i].Rating]
		if !ok {
			return
		}
		before := assessment.Sum(list...)
		wasRated := list[i].Rating.Rated()
		list[i].Rating = up
		after := assessment.Sum(list...)
		b, a := before.Readiness(), after.Readiness()
		require.Equal(t, b.Den, a.Den)
		require.GreaterOrEqual(t, a.Num, b.Num)
		require.GreaterOrEqual(t, after.Coverage().Num, before.Coverage().Num)
		if wasRated {
			require.GreaterOrEqual(t, th.Colour(after), th.Colour(before))
		}
	})
}

func TestProposeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var states []assessment.CheckState
		gaps := 0
		for i, it := range anyItems(t) {
			states = append(states, assessment.CheckState{ID: string(rune('a' + i)), Weight: it.Weight, Rating: it.Rating})
			if it.Rating.Gap() {
				gaps++
			}
		}
		proposals := assessment.Propose(states)
		require.Len(t, proposals, gaps)
		for _, p := range proposals {
			require.Contains(t, []assessment.Severity{assessment.Major, assessment.Minor, assessment.Observation}, p.Severity)
			for _, s := range states {
				if s.ID == p.CheckID && s.Rating == pa {
					require.NotEqual(t, assessment.Major, p.Severity)
				}
			}
		}
	})
}
