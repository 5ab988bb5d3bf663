package standard_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waymark/internal/domain/standard"
)

func TestCounts(t *testing.T) {
	c := standard.Current()
	require.Len(t, c.Clauses(), 88)
	require.Len(t, c.Checks(), 220)
	require.Equal(t, 220, c.Len())
	require.Len(t, c.Roles(), 29)

	leaves, labelled := 0, 0
	for _, clause := range c.Clauses() {
		if clause.Leaf {
			leaves++
		}
		if !clause.TitleOfficial {
			labelled++
		}
	}
	require.Equal(t, 63, leaves)
	require.Equal(t, 11, labelled, "6.1.1-3, 7.5.3.1-2, 8.2.3.1-2, 9.2.1-2 and 10.1.1-2 have no heading of their own")

	sum, weights, documented, bases, conditions := 0, map[int]int{}, map[standard.Documented]int{}, map[standard.Basis]int{}, 0
	for _, check := range c.Checks() {
		sum += check.Weight
		weights[check.Weight]++
		documented[check.Documented]++
		bases[check.Basis]++
		if check.HasCondition {
			conditions++
		}
	}
	require.Equal(t, 473, sum)
	require.Len(t, weights, 3)
	require.Equal(t, map[standard.Documented]int{
		standard.DocumentedNone: 88, standard.DocumentedDocument: 53, standard.DocumentedRecord: 79,
	}, documented)
	require.Equal(t, map[standard.Basis]int{
		standard.BasisNone: 88, standard.BasisExplicit: 69, standard.BasisImplied: 63,
	}, bases)
	require.Equal(t, 31, conditions)
}

func TestTree(t *testing.T) {
	c := standard.Current()

	var tops []standard.ClauseNumber
	for _, clause := range c.TopClauses() {
		tops = append(tops, clause.Number)
	}
	require.Equal(t, []standard.ClauseNumber{"4", "5", "6", "7", "8", "9", "10"}, tops)

	for _, clause := range c.Clauses() {
		children, ancestors := c.Children(clause.Number), c.Ancestors(clause.Number)
		require.Equal(t, clause.Leaf, len(children) == 0, clause.Number)
		require.Len(t, ancestors, clause.Level-1, clause.Number)
		for i, a := range ancestors {
			require.Equal(t, i+1, a.Level)
			require.True(t, strings.HasPrefix(string(clause.Number), string(a.Number)+"."))
		}
		if clause.Level == 1 {
			require.Empty(t, clause.Parent)
		} else {
			require.Equal(t, clause.Parent, ancestors[len(ancestors)-1].Number)
		}

		// A branch is its own checks and those of its children, in that order.
		branch := slices.Clone(clause.Checks)
		for _, child := range children {
			require.Equal(t, clause.Number, child.Parent)
			for _, check := range c.ChecksUnder(child.Number) {
				branch = append(branch, check.ID)
			}
		}
		var got []standard.CheckID
		for _, check := range c.ChecksUnder(clause.Number) {
			got = append(got, check.ID)
		}
		require.Equal(t, branch, got, clause.Number)

		first, end := c.Span(clause.Number)
		require.Equal(t, len(branch), end-first, clause.Number)

		same, ok := c.Clause(clause.Number)
		require.True(t, ok)
		require.Equal(t, clause, same)
	}
}

func TestClauseWithoutChecks(t *testing.T) {
	c := standard.Current()
	for _, clause := range c.Clauses() {
		switch {
		case clause.Number == "8.3.1":
			require.True(t, clause.Leaf)
			require.Empty(t, clause.Checks)
			require.Empty(t, c.ChecksUnder(clause.Number))
			for _, lang := range c.Languages() {
				require.NotEmpty(t, c.Texts(lang).Note(clause.Number))
			}
		case clause.Leaf:
			require.NotEmpty(t, clause.Checks, clause.Number)
		default:
			require.Empty(t, clause.Checks, clause.Number)
			require.NotEmpty(t, c.ChecksUnder(clause.Number), clause.Number)
		}
	}
}

func TestWeightsOfClauses(t *testing.T) {
	for number, want := range map[standard.ClauseNumber][]int{
		"6.2.1": {2, 3, 2},
		"8.6.1": {3, 3, 2, 3, 2, 2},
		"8.4.1": {2, 2, 2},
		"8.4.3": {2, 2, 2, 2},
		"8.3.1": nil,
	} {
		var got []int
		for _, check := range standard.Current().ChecksUnder(number) {
			got = append(got, check.Weight)
		}
		require.Equal(t, want, got, number)
	}
}

func TestConditions(t *testing.T) {
	c := standard.Current()
	var ids []standard.CheckID
	for _, check := range c.Checks() {
		if check.HasCondition {
			ids = append(ids, check.ID)
		}
		for _, lang := range c.Languages() {
			require.Equal(t, check.HasCondition, c.Texts(lang).Condition(check.ID) != "", check.ID)
		}
	}
	require.Equal(t, []standard.CheckID{
		"8.1-d", "8.2.3.1-b", "8.2.3.2-a", "8.2.3.2-b", "8.3.3-d",
		"8.3.4.1-a", "8.3.4.1-b", "8.3.4.1-c", "8.3.4.1-d", "8.3.4.1-e", "8.3.4.1-f", "8.3.4.1-g",
		"8.3.4.2-a", "8.3.4.2-b", "8.3.4.2-c", "8.5.1.3-e",
		"8.5.2.1-a", "8.5.2.1-b", "8.5.2.1-c", "8.5.2.1-d", "8.5.2.1-e", "8.5.2.1-f",
		"8.5.2.2-a", "8.5.2.2-b", "8.5.2.2-c", "8.5.2.3-a", "8.5.2.3-b", "8.5.2.3-c",
		"8.6.1-e", "8.6.1-f", "8.7.1-d",
	}, ids)
}

func TestLookups(t *testing.T) {
	c := standard.Current()
	for i, check := range c.Checks() {
		require.Equal(t, i, c.Index(check.ID))
		require.Equal(t, check, c.CheckAt(i))
		same, ok := c.Check(check.ID)
		require.True(t, ok)
		require.Equal(t, check, same)
		clause, ok := c.Clause(check.Clause)
		require.True(t, ok)
		require.Contains(t, clause.Checks, check.ID)
		require.Contains(t, c.Roles(), check.Owner)
	}

	words := c.Texts("zh")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = c.Check("8.6.1-b")
		_ = c.Index("10.2-e")
		_, _ = c.Span("8")
		_ = words.Question("8.6.1-b")
		_ = words.Condition("8.6.1-f")
		_, _ = standard.ParseCheckID("8.6.1-b", c)
		_ = standard.CompareClauses("8.5.1.3", "8.5.2")
	}), "lookups are made for every row of a page and must not allocate")
}

func TestUnknown(t *testing.T) {
	c := standard.Current()
	for _, s := range []string{
		"", "8", "8.6.1", "8.6.1-", "8.6.1-z", "8.6.1-B", " 8.6.1-b", "8.6.1-b ", "08.6.1-b", "8.6.1–b",
		"8.6.1-b\x00", "\xff", "8.3.1-a", strings.Repeat("8.", 100_000) + "1-a",
	} {
		id, ok := standard.ParseCheckID(s, c)
		require.False(t, ok)
		require.Empty(t, id)
		_, ok = c.Check(standard.CheckID(s))
		require.False(t, ok)
		require.Equal(t, -1, c.Index(standard.CheckID(s)))
		words := c.Texts("en")
		require.Empty(t, words.Question(standard.CheckID(s)))
		require.Empty(t, words.Evidence(standard.CheckID(s)))
		require.Empty(t, words.Condition(standard.CheckID(s)))
	}
	for _, s := range []string{"", "3", "11", "8.", ".8", "8.9", "8.6.1-b", "٨"} {
		number, ok := standard.ParseClauseNumber(s, c)
		require.False(t, ok)
		require.Empty(t, number)
		_, ok = c.Clause(standard.ClauseNumber(s))
		require.False(t, ok)
		require.Empty(t, c.ChecksUnder(standard.ClauseNumber(s)))
		require.Empty(t, c.Ancestors(standard.ClauseNumber(s)))
	}
	id, ok := standard.ParseCheckID("10.1.1-c", c)
	require.True(t, ok)
	require.Equal(t, standard.CheckID("10.1.1-c"), id)
	number, ok := standard.ParseClauseNumber("10.1.1", c)
	require.True(t, ok)
	require.Equal(t, standard.ClauseNumber("10.1.1"), number)
}

func TestEditions(t *testing.T) {
	require.Equal(t, []string{"iso20000-1-2018"}, standard.Editions())
	c, err := standard.Load("iso20000-1-2018")
	require.NoError(t, err)
	require.Same(t, standard.Current(), c)

	e := c.Edition()
	require.Equal(t, "iso20000-1-2018", e.ID)
	require.Equal(t, "ISO/IEC 20000-1:2018", e.Name())
	require.Equal(t, 3, e.Number)
	require.Equal(t, "2018-09-15", e.Published)
	require.Equal(t, "2018-09-15", e.ValidFrom.String())
	require.True(t, e.ValidTo.IsZero(), "no newer edition is published")
	require.Equal(t, "2021-09-30", e.TransitionTo.String())

	require.Len(t, e.Amendments, 1)
	a := e.Amendments[0]
	require.Equal(t, "Amd 1:2024", a.Name())
	require.Equal(t, "2024-02", a.Published)
	require.True(t, a.TransitionFrom.IsZero() && a.TransitionTo.IsZero(), "in force at once")
	require.Equal(t, []standard.ClauseNumber{"4.1", "4.2"}, a.Clauses)
	require.Equal(t, "气候行动变更", c.Texts("zh").Amendment(1))

	for _, id := range []string{"", "iso20000-1-2011", "ISO20000-1-2018", "../iso20000-1-2018", strings.Repeat("x", 1<<20)} {
		_, err := standard.Load(id)
		require.ErrorIs(t, err, standard.ErrUnknownEdition)
		require.Less(t, len(err.Error()), 200)
	}
}

func TestDocuments(t *testing.T) {
	c := standard.Current()
	kinds := map[standard.Documented]int{}
	implied := 0
	var before standard.ClauseNumber
	for _, d := range c.Documents() {
		kinds[d.Kind]++
		if d.Basis == standard.BasisImplied {
			implied++
		}
		require.LessOrEqual(t, standard.CompareClauses(before, d.Clauses[0]), 0, d.Key)
		before = d.Clauses[0]

		// What the list asks for, some check of the same clause looks for.
		looked := false
		for _, number := range d.Clauses {
			for _, check := range c.ChecksUnder(number) {
				looked = looked || check.Documented == d.Kind && check.Basis == d.Basis
			}
		}
		require.True(t, looked, d.Key)
	}
	require.Equal(t, map[standard.Documented]int{standard.DocumentedDocument: 24, standard.DocumentedRecord: 20}, kinds)
	require.Equal(t, 1, implied)
}

// Whatever a caller does with what it got, the next one gets the same.
func TestImmutable(t *testing.T) {
	c := standard.Current()
	spoil := func() {
		clauses := c.Clauses()
		for i := range clauses {
			for j := range clauses[i].Checks {
				clauses[i].Checks[j] = "spoilt"
			}
			_ = append(clauses[i].Checks, "spoilt")
			clauses[i].Number = "spoilt"
		}
		one, _ := c.Clause("8.6.1")
		one.Checks[0] = "spoilt"
		children := c.Children("8.6")
		children[0].Checks[0] = "spoilt"
		checks := c.Checks()
		clear(checks)
		branch := c.ChecksUnder("8.6.1")
		clear(branch)
		clear(c.Roles())
		documents := c.Documents()
		documents[0].Clauses[0] = "spoilt"
		e := c.Edition()
		e.Amendments[0].Clauses[0] = "spoilt"
		e.Amendments[0].Number = 9
		clear(standard.Editions())
		clear(c.Languages())
	}
	clauses, checks, documents, edition, roles := c.Clauses(), c.Checks(), c.Documents(), c.Edition(), c.Roles()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(spoil)
	}
	wg.Wait()
	require.Equal(t, clauses, c.Clauses())
	require.Equal(t, checks, c.Checks())
	require.Equal(t, documents, c.Documents())
	require.Equal(t, edition, c.Edition())
	require.Equal(t, roles, c.Roles())
	require.Equal(t, []string{"en", "zh"}, c.Languages())
	require.Equal(t, []string{"iso20000-1-2018"}, standard.Editions())
}

func TestOrder(t *testing.T) {
	c := standard.Current()
	clauses, checks := c.Clauses(), c.Checks()
	slices.Reverse(clauses)
	slices.SortFunc(clauses, func(a, b standard.Clause) int { return standard.CompareClauses(a.Number, b.Number) })
	require.Equal(t, c.Clauses(), clauses)
	slices.Reverse(checks)
	slices.SortFunc(checks, func(a, b standard.Check) int { return standard.CompareChecks(a.ID, b.ID) })
	require.Equal(t, c.Checks(), checks)

	for _, pair := range [][2]standard.ClauseNumber{
		{"9", "10"}, {"9.4", "10.1"}, {"8.2", "8.2.1"}, {"8.2.6", "8.3"}, {"8.9", "8.10"}, {"", "4"},
		{"4", "99999999999999999999999"},
	} {
		require.Negative(t, standard.CompareClauses(pair[0], pair[1]), pair)
		require.Positive(t, standard.CompareClauses(pair[1], pair[0]), pair)
	}
	require.Negative(t, standard.CompareChecks("9.4-c", "10.1.1-a"))
	require.Negative(t, standard.CompareChecks("8.6.1-z", "8.6.1-aa"))
}

func TestOrderIsTotal(t *testing.T) {
	text := rapid.StringMatching(`[0-9a-c.-]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := text.Draw(t, "a"), text.Draw(t, "b"), text.Draw(t, "c")
		for _, compare := range []func(a, b string) int{
			func(a, b string) int {
				return standard.CompareClauses(standard.ClauseNumber(a), standard.ClauseNumber(b))
			},
			func(a, b string) int { return standard.CompareChecks(standard.CheckID(a), standard.CheckID(b)) },
		} {
			if (compare(a, b) == 0) != (a == b) {
				t.Fatalf("%q and %q compare equal", a, b)
			}
			if compare(a, b) != -compare(b, a) {
				t.Fatalf("%q and %q: not symmetric", a, b)
			}
			if compare(a, b) <= 0 && compare(b, c) <= 0 && compare(a, c) > 0 {
				t.Fatalf("%q, %q, %q: not transitive", a, b, c)
			}
		}
	})
}

func TestEnumerations(t *testing.T) {
	for _, v := range []standard.Documented{standard.DocumentedNone, standard.DocumentedDocument, standard.DocumentedRecord} {
		var back standard.Documented
		require.NoError(t, back.UnmarshalText([]byte(v.String())))
		require.Equal(t, v, back)
	}
	for _, v := range []standard.Basis{standard.BasisNone, standard.BasisExplicit, standard.BasisImplied} {
		var back standard.Basis
		require.NoError(t, back.UnmarshalText([]byte(v.String())))
		require.Equal(t, v, back)
	}
	var d standard.Documented
	var b standard.Basis
	require.Error(t, d.UnmarshalText([]byte("Document")))
	require.Error(t, b.UnmarshalText(nil))
	require.Equal(t, "Documented(9)", standard.Documented(9).String())
	require.Equal(t, "Basis(9)", standard.Basis(9).String())
}

func BenchmarkLookup(b *testing.B) {
	c := standard.Current()
	words := c.Texts("zh")
	b.ReportAllocs()
	for b.Loop() {
		if c.Index("8.6.1-b") < 0 || words.Question("8.6.1-b") == "" {
			b.Fatal("lost")
		}
	}
}

func BenchmarkWholeTree(b *testing.B) {
	c := standard.Current()
	b.ReportAllocs()
	for b.Loop() {
		for _, clause := range c.Clauses() {
			_ = c.ChecksUnder(clause.Number)
		}
	}
}
