package cycle_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/cycle"
)

func day(s string) civil.Date {
	if s == "" {
		return civil.Date{}
	}
	return civil.MustParse(s)
}

func days(list ...string) []civil.Date {
	var out []civil.Date
	for _, s := range list {
		out = append(out, day(s))
	}
	return out
}

func first(t require.TestingT, decision string) cycle.Dates {
	d, err := cycle.First(day(decision), cycle.DefaultRules())
	require.NoError(t, err)
	return d
}

func TestFirstCycle(t *testing.T) {
	require.Equal(t, cycle.Dates{
		First:                      true,
		Start:                      day("2026-11-22"),
		Expiry:                     day("2029-11-21"),
		Surveillance1Limit:         day("2027-11-22"),
		Surveillance2Target:        day("2028-11-22"),
		PlanRecertification:        day("2029-05-21"),
		RecertificationAuditLatest: day("2029-08-23"),
		RecertificationDecision:    day("2029-11-21"),
		RestoreUntil:               day("2030-05-21"),
	}, first(t, "2026-11-22"))
}

func TestClippedDates(t *testing.T) {
	leap := first(t, "2024-02-29")
	require.Equal(t, day("2027-02-27"), leap.Expiry) // 29 Feb + 36 months = 28 Feb, less a day
	require.Equal(t, day("2025-02-28"), leap.Surveillance1Limit)
	require.Equal(t, day("2026-02-28"), leap.Surveillance2Target)
	require.Equal(t, day("2027-08-27"), leap.RestoreUntil)

	r := cycle.DefaultRules()
	r.ExpiryOnAnniversary = true
	printed, err := cycle.First(day("2024-02-29"), r)
	require.NoError(t, err)
	require.Equal(t, day("2027-02-28"), printed.Expiry)

	require.Equal(t, day("2027-02-28"), r.MajorDeadline(day("2026-08-31")))
	require.Equal(t, day("2028-02-29"), r.MajorDeadline(day("2027-08-31")))
	require.Equal(t, day("2027-05-22"), r.MajorDeadline(day("2026-11-22")))
	require.Equal(t, day("2027-02-28"), r.SuspensionLimit(day("2026-08-30")))
	plan, all := r.AnswerDeadlines(day("2026-11-22"))
	require.Equal(t, day("2026-12-22"), plan)
	require.Equal(t, day("2027-02-20"), all)
	require.True(t, r.MajorDeadline(civil.Date{}).IsZero())
}

func TestNewYearDecision(t *testing.T) {
	d := first(t, "2026-01-01")
	require.Equal(t, day("2028-12-31"), d.Expiry)
	require.Equal(t, day("2027-01-01"), d.Surveillance1Limit)
}

func TestOpeningErrors(t *testing.T) {
	r := cycle.DefaultRules()
	_, err := cycle.First(civil.Date{}, r)
	require.ErrorIs(t, err, cycle.ErrNoDate)
	_, err = cycle.Certified(day("2026-11-22"), civil.Date{}, true, r)
	require.ErrorIs(t, err, cycle.ErrNoDate)
	_, err = cycle.Certified(day("2026-11-22"), day("2026-11-21"), true, r)
	require.ErrorIs(t, err, cycle.ErrOrder)
}

func TestNext(t *testing.T) {
	r := cycle.DefaultRules()
	d := first(t, "2026-11-22")
	for _, c := range []struct {
		decision, expiry string
		kind             cycle.Renewal
	}{
		{"2029-10-01", "2032-11-21", cycle.OnTime},
		{"2029-11-21", "2032-11-21", cycle.OnTime},
		{"2029-11-22", "2032-11-21", cycle.Restored},
		{"2030-05-21", "2032-11-21", cycle.Restored},
	} {
		next, kind, err := d.Next(day(c.decision), r)
		require.NoError(t, err)
		require.Equal(t, c.kind, kind)
		require.Equal(t, day(c.decision), next.Start)
		require.Equal(t, day(c.expiry), next.Expiry)
		require.False(t, next.First)
		require.Equal(t, day(c.decision).AddMonths(12), next.Surveillance1Limit)
	}

	_, _, err := d.Next(day("2030-05-22"), r)
	lapsed, ok := errors.AsType[*cycle.LapsedError](err)
	require.True(t, ok)
	require.Equal(t, day("2030-05-21"), lapsed.RestoreUntil)
	require.Contains(t, lapsed.Error(), "2030-05-22")

	_, _, err = d.Next(d.Start, r)
	require.ErrorIs(t, err, cycle.ErrOrder)
	_, _, err = d.Next(civil.Date{}, r)
	require.ErrorIs(t, err, cycle.ErrNoDate)
	_, _, err = cycle.Dates{}.Next(day("2029-10-01"), r)
	require.ErrorIs(t, err, cycle.ErrNoDate)
}

func TestStateOn(t *testing.T) {
	d := first(t, "2026-11-22")
	for on, want := range map[string]string{
		"2026-11-21": "not_yet", "2026-11-22": "valid", "2029-11-21": "valid", "2029-11-22": "restorable",
		"2030-05-21": "restorable", "2030-05-22": "lapsed",
	} {
		require.Equal(t, want, d.StateOn(day(on)).String(), on)
	}
	require.Equal(t, cycle.NotYet, cycle.Dates{}.StateOn(day("2026-11-22")))
}

func TestStageGap(t *testing.T) {
	r := cycle.DefaultRules()
	stage1 := day("2026-06-01")
	for after, want := range map[int]cycle.Gap{
		-1: cycle.GapReversed, 0: cycle.GapReversed, 1: cycle.GapShort, 13: cycle.GapShort, 14: cycle.GapFits,
		90: cycle.GapFits, 91: cycle.GapLong, 180: cycle.GapLong, 181: cycle.GapTooLong, 900: cycle.GapTooLong,
	} {
		require.Equal(t, want, r.StageGap(stage1, stage1.AddDays(after)), "%d days", after)
	}
	require.Equal(t, cycle.GapUnknown, r.StageGap(stage1, civil.Date{}))
	require.Equal(t, cycle.GapUnknown, r.StageGap(civil.Date{}, stage1))
}

func problem(kind cycle.Kind, isError bool, limit, held string) cycle.Problem {
	return cycle.Problem{Kind: kind, Error: isError, Limit: day(limit), Held: day(held)}
}

func TestCheckFirstCycle(t *testing.T) {
	good := days("2027-10-20", "2028-10-18")
	for _, c := range []struct {
		name   string
		visits cycle.Visits
		on     string
		want   []cycle.Problem
	}{
		{"a good plan", cycle.Visits{good, day("2029-08-20"), day("2029-10-01")}, "", nil},
		{"in any order", cycle.Visits{days("2028-10-18", "2027-10-20"), day("2029-08-20"), day("2029-10-01")}, "", nil},
		{"young, nothing held", cycle.Visits{}, "2027-11-22", nil},
		{
			"surveillance 1 on the limit, and a day late",
			cycle.Visits{days("2027-11-22", "2028-11-22"), day("2029-08-23"), day("2029-11-21")}, "", nil,
		},
		{
			"surveillance 1 a day late",
			cycle.Visits{days("2027-11-23", "2028-11-22"), day("2029-08-23"), day("2029-11-21")},
			"", []cycle.Problem{problem(cycle.Surveillance1Late, true, "2027-11-22", "2027-11-23")},
		},
		{
			"surveillance 1 missing",
			cycle.Visits{},
			"2027-11-23", []cycle.Problem{problem(cycle.Surveillance1Late, true, "2027-11-22", "")},
		},
		{
			"surveillance 2 after its target, in its year",
			cycle.Visits{days("2027-10-20", "2028-12-01"), day("2029-08-20"), day("2029-10-01")},
			"", []cycle.Problem{problem(cycle.Surveillance2Late, false, "2028-11-22", "2028-12-01")},
		},
		{
			"surveillance 2 slipped into the next year",
			cycle.Visits{days("2027-10-20", "2029-01-10"), day("2029-08-20"), day("2029-10-01")},
			"", []cycle.Problem{
				problem(cycle.Surveillance2Late, false, "2028-11-22", "2029-01-10"),
				problem(cycle.YearWithoutSurveillance, true, "2028-12-31", ""),
			},
		},
		{
			"both in one year",
			cycle.Visits{days("2027-03-01", "2027-10-20"), day("2029-08-20"), day("2029-10-01")},
			"", []cycle.Problem{problem(cycle.YearWithoutSurveillance, true, "2028-12-31", "")},
		},
		{
			"the year is not over",
			cycle.Visits{Surveillances: days("2027-03-01", "2027-10-20")}, "2028-12-31", nil,
		},
		{
			"the year is over",
			cycle.Visits{Surveillances: days("2027-03-01", "2027-10-20")},
			"2029-01-01", []cycle.Problem{problem(cycle.YearWithoutSurveillance, true, "2028-12-31", "")},
		},
		{
			"recertification audit late, decision in time",
			cycle.Visits{good, day("2029-09-30"), day("2029-11-20")},
			"", []cycle.Problem{problem(cycle.RecertificationAuditLate, false, "2029-08-23", "2029-09-30")},
		},
		{
			"recertification audit not held",
			cycle.Visits{Surveillances: good},
			"2029-08-24", []cycle.Problem{problem(cycle.RecertificationAuditLate, false, "2029-08-23", "")},
		},
		{
			"decided the day after the expiry",
			cycle.Visits{good, day("2029-08-20"), day("2029-11-22")},
			"", []cycle.Problem{problem(cycle.RecertificationLate, true, "2029-11-21", "2029-11-22")},
		},
		{
			"expired and undecided",
			cycle.Visits{Surveillances: good, RecertificationAudit: day("2029-08-20")},
			"2029-11-22", []cycle.Problem{problem(cycle.RecertificationLate, true, "2029-11-21", "")},
		},
		{
			"beyond restoring",
			cycle.Visits{good, day("2029-08-20"), day("2030-05-22")},
			"", []cycle.Problem{
				problem(cycle.RecertificationLate, true, "2029-11-21", "2030-05-22"),
				problem(cycle.RestorationLate, true, "2030-05-21", "2030-05-22"),
			},
		},
		{
			"audited in the year before, which then needs no surveillance",
			cycle.Visits{days("2027-10-20"), day("2028-10-01"), day("2028-11-15")}, "", nil,
		},
		{
			"a decision of which no audit is recorded",
			cycle.Visits{good, civil.Date{}, day("2029-10-01")}, "", nil,
		},
		{
			"visits of other cycles do not count",
			cycle.Visits{days("2026-05-01", "2028-10-18", "2030-01-01"), day("2029-08-20"), day("2029-10-01")},
			"", []cycle.Problem{
				problem(cycle.Surveillance1Late, true, "2027-11-22", "2028-10-18"),
				problem(cycle.Surveillance2Late, false, "2028-11-22", ""),
				problem(cycle.YearWithoutSurveillance, true, "2027-12-31", ""),
			},
		},
		{
			"an empty plan",
			cycle.Visits{},
			"", []cycle.Problem{
				problem(cycle.Surveillance1Late, true, "2027-11-22", ""),
				problem(cycle.Surveillance2Late, false, "2028-11-22", ""),
				problem(cycle.YearWithoutSurveillance, true, "2027-12-31", ""),
				problem(cycle.YearWithoutSurveillance, true, "2028-12-31", ""),
				problem(cycle.RecertificationAuditLate, false, "2029-08-23", ""),
				problem(cycle.RecertificationLate, true, "2029-11-21", ""),
				problem(cycle.RestorationLate, true, "2030-05-21", ""),
			},
		},
	} {
		require.Equal(t, c.want, first(t, "2026-11-22").Check(c.visits, day(c.on)), c.name)
	}
	require.Nil(t, cycle.Dates{}.Check(cycle.Visits{}, civil.Date{}))
}

// After a recertification the limit of 12 months is a target, while the rule of
// the calendar years stays hard.
func TestCheckLaterCycle(t *testing.T) {
	d, _, err := first(t, "2026-11-22").Next(day("2029-10-01"), cycle.DefaultRules())
	require.NoError(t, err)
	require.Equal(t, []cycle.Problem{
		problem(cycle.Surveillance1Late, false, "2030-10-01", "2030-12-20"),
	}, d.Check(cycle.Visits{days("2030-12-20", "2031-09-01"), day("2032-06-01"), day("2032-09-01")}, civil.Date{}))
	require.Equal(t, []cycle.Problem{
		problem(cycle.Surveillance1Late, false, "2030-10-01", "2031-01-20"),
		problem(cycle.YearWithoutSurveillance, true, "2030-12-31", ""),
	}, d.Check(cycle.Visits{days("2031-01-20", "2031-09-01"), day("2032-06-01"), day("2032-09-01")}, civil.Date{}))
}

func TestWords(t *testing.T) {
	seen := map[string]bool{}
	for v := range uint8(9) {
		for _, w := range []string{
			"k" + cycle.Kind(v).String(), "s" + cycle.State(v).String(),
			"g" + cycle.Gap(v).String(), "r" + cycle.Renewal(v).String(),
		} {
			require.False(t, seen[w], w)
			seen[w] = true
		}
	}
}

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		decision := day("2000-01-01").AddDays(rapid.IntRange(0, 100*366).Draw(t, "decision"))
		r := cycle.DefaultRules()
		d, err := cycle.First(decision, r)
		require.NoError(t, err)
		order := []civil.Date{
			d.Start, d.Surveillance1Limit, d.Surveillance2Target, d.PlanRecertification,
			d.RecertificationAuditLatest, d.Expiry, d.RestoreUntil,
		}
		for i := range len(order) - 1 {
			require.True(t, order[i].Before(order[i+1]), "%v", order)
		}
		// a surveillance at each anniversary and a punctual recertification are always right
		plan := cycle.Visits{
			Surveillances:           []civil.Date{d.Surveillance1Limit, d.Surveillance2Target},
			RecertificationAudit:    d.RecertificationAuditLatest,
			RecertificationDecision: d.Expiry,
		}
		require.Empty(t, d.Check(plan, civil.Date{}))
		// renewing within the time keeps the rhythm of three years
		late := rapid.IntRange(1, 1200).Draw(t, "days")
		next, kind, err := d.Next(d.Start.AddDays(late), r)
		if _, lapsed := errors.AsType[*cycle.LapsedError](err); lapsed {
			require.Equal(t, cycle.Lapsed, d.StateOn(d.Start.AddDays(late)))
			return
		}
		require.NoError(t, err)
		require.Equal(t, d.Expiry.AddMonths(36), next.Expiry)
		require.Equal(t, kind == cycle.OnTime, d.StateOn(next.Start) == cycle.Valid)
		// what is reported for a day stays reported as the days pass
		a := rapid.IntRange(0, 1400).Draw(t, "a")
		b := rapid.IntRange(a, 1400).Draw(t, "b")
		visits := cycle.Visits{Surveillances: []civil.Date{d.Start.AddDays(rapid.IntRange(1, 1095).Draw(t, "held"))}}
		require.Subset(t, d.Check(visits, d.Start.AddDays(b)), d.Check(visits, d.Start.AddDays(a)))
	})
}
