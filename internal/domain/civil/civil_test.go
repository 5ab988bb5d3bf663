package civil_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waymark/internal/domain/civil"
)

func date(t require.TestingT, year int, month time.Month, day int) civil.Date {
	d, err := civil.New(year, month, day)
	require.NoError(t, err)
	return d
}

func TestNew(t *testing.T) {
	for _, c := range []struct {
		year  int
		month time.Month
		day   int
		ok    bool
	}{
		{2026, 11, 22, true},
		{2024, 2, 29, true},
		{2000, 2, 29, true},
		{2023, 2, 29, false},
		{1900, 2, 29, false},
		{2100, 2, 29, false},
		{2026, 4, 31, false},
		{2026, 13, 1, false},
		{2026, 0, 1, false},
		{2026, 1, 0, false},
		{2026, 1, 32, false},
		{1, 1, 1, true},
		{9999, 12, 31, true},
		{0, 1, 1, false},
		{10000, 1, 1, false},
		{-5, 1, 1, false},
		{math.MaxInt, 1, 1, false},
		{2026, 1, math.MinInt, false},
	} {
		d, err := civil.New(c.year, c.month, c.day)
		if !c.ok {
			require.ErrorIs(t, err, civil.ErrInvalid, "%v", c)
			require.True(t, d.IsZero())
			continue
		}
		require.NoError(t, err, "%v", c)
		require.Equal(t, []int{c.year, int(c.month), c.day}, []int{d.Year(), int(d.Month()), d.Day()})
	}
}

func TestParse(t *testing.T) {
	for _, good := range []string{"2026-11-22", "1900-01-01", "2200-12-31", "2024-02-29"} {
		d, err := civil.Parse(good)
		require.NoError(t, err)
		require.Equal(t, good, d.String())
	}
	for _, bad := range []string{
		"", " ", "2026-11-2", "2026-11-022", "2026/11/22", "22-11-2026", "2026-11-31", "2023-02-29",
		"1899-12-31", "2201-01-01", "0001-01-01", "2026-11-22 ", " 2026-11-22", "2026-11-22T00:00:00Z",
		"２０２６-11-22", "2026-00-10", "2026-10-00", "-026-11-22", "+026-11-22", "2026-1a-22",
		"2026-11-2\x00", "\xff\xfe26-11-22", "20261-1-22",
	} {
		_, err := civil.Parse(bad)
		require.ErrorIs(t, err, civil.ErrInvalid, "%q", bad)
	}
	require.Panics(t, func() { civil.MustParse("tomorrow") })
	require.Equal(t, date(t, 2026, 11, 22), civil.MustParse("2026-11-22"))
}

func TestNoDate(t *testing.T) {
	var none civil.Date
	some := date(t, 2026, 11, 22)
	require.True(t, none.IsZero())
	require.False(t, some.IsZero())
	require.Empty(t, none.String())
	require.Equal(t, none, none.AddDays(5))
	require.Equal(t, none, none.AddMonths(5))
	require.Equal(t, none, none.EndOfYear())
	require.Equal(t, "2026-12-31", some.EndOfYear().String())
	require.Zero(t, none.DaysUntil(some))
	require.Zero(t, some.DaysUntil(none))
	require.False(t, none.Before(some))
	require.False(t, some.After(none))
	require.False(t, none.After(some))
	require.False(t, some.Before(none))
	require.Negative(t, none.Compare(some))
	require.Positive(t, some.Compare(none))
	require.Zero(t, none.Compare(civil.Date{}))
	require.Equal(t, time.Sunday, none.Weekday())
	require.True(t, none.In(time.UTC).IsZero())
}

// Every day of 2000 to 2100, counted by hand, against the time package.
func TestEveryDayOfACentury(t *testing.T) {
	first := date(t, 2000, time.January, 1)
	want := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	end := time.Date(2101, time.January, 1, 0, 0, 0, 0, time.UTC)
	previous := first.AddDays(-1)
	n := 0
	for ; want.Before(end); want, n = want.AddDate(0, 0, 1), n+1 {
		d := date(t, want.Year(), want.Month(), want.Day())
		if first.AddDays(n) != d || d.AddDays(-n) != first || first.DaysUntil(d) != n || d.DaysUntil(first) != -n ||
			previous.AddDays(1) != d || d.String() != want.Format(time.DateOnly) || d.Weekday() != want.Weekday() ||
			!previous.Before(d) || !d.After(previous) || d.Compare(previous) != 1 || previous.Compare(d) != -1 ||
			civil.Of(want, time.UTC) != d || !d.In(time.UTC).Equal(want) {
			t.Fatalf("wrong about %s (got %s)", want.Format(time.DateOnly), d)
		}
		parsed, err := civil.Parse(d.String())
		require.NoError(t, err)
		require.Equal(t, d, parsed)
		previous = d
	}
	require.Equal(t, 101*365+25, n) // leap days: 2000, 2004 … 2096; 2100 has none
}

func TestAddMonths(t *testing.T) {
	for _, c := range []struct {
		from   string
		months int
		want   string
	}{
		{"2026-08-31", 6, "2027-02-28"},
		{"2027-08-31", 6, "2028-02-29"},
		{"2024-02-29", 36, "2027-02-28"},
		{"2024-02-29", 48, "2028-02-29"},
		{"2024-02-29", 12, "2025-02-28"},
		{"2026-11-22", 36, "2029-11-22"},
		{"2026-01-31", 1, "2026-02-28"},
		{"2026-03-31", 1, "2026-04-30"},
		{"2026-12-31", 1, "2027-01-31"},
		{"2026-01-31", -2, "2025-11-30"},
		{"2026-01-15", -1, "2025-12-15"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-11-22", 0, "2026-11-22"},
		{"2026-11-22", -36, "2023-11-22"},
	} {
		require.Equal(t, c.want, civil.MustParse(c.from).AddMonths(c.months).String(), "%s %+d", c.from, c.months)
	}
}

func TestEndsOfTheCalendar(t *testing.T) {
	d := date(t, 2026, 11, 22)
	first, last := date(t, 1, 1, 1), date(t, 9999, 12, 31)
	for _, n := range []int{math.MaxInt, math.MaxInt32, 5_000_000} {
		require.Equal(t, last, d.AddDays(n))
		require.Equal(t, last, d.AddMonths(n))
		require.Equal(t, first, d.AddDays(-n))
		require.Equal(t, first, d.AddMonths(-n))
	}
	require.Equal(t, first, d.AddDays(math.MinInt))
	require.Equal(t, first, d.AddMonths(math.MinInt))
	require.Equal(t, "0001-01-01", first.String())
	require.Equal(t, first, civil.Of(time.Date(-40, 1, 1, 0, 0, 0, 0, time.UTC), time.UTC))
	require.Equal(t, last, civil.Of(time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC), time.UTC))
}

func zones(t *testing.T) []*time.Location {
	var found []*time.Location
	for _, name := range []string{
		"UTC", "Asia/Jakarta", "Asia/Shanghai", "Asia/Kathmandu", "Europe/Berlin", "America/New_York",
		"America/Sao_Paulo", "America/Havana", "America/St_Johns", "Africa/Cairo", "Australia/Lord_Howe",
		"Pacific/Apia", "Pacific/Chatham", "Asia/Tehran",
	} {
		loc, err := time.LoadLocation(name)
		require.NoError(t, err)
		found = append(found, loc)
	}
	return found
}

// The start of a day is its first moment, in every zone and through every change
// of the clock: the moment itself falls on the day, the one before does not.
func TestStartOfDayInManyZones(t *testing.T) {
	apia := date(t, 2011, 12, 30) // Samoa went from 29 to 31 December 2011
	for _, loc := range zones(t) {
		end := date(t, 2031, 1, 1)
		for d := date(t, 2004, 1, 1); d.Before(end); d = d.AddDays(1) {
			start := d.In(loc)
			want := d
			if loc.String() == "Pacific/Apia" && d == apia {
				want = apia.AddDays(1)
			}
			if civil.Of(start, loc) != want {
				t.Fatalf("%s: start of %s is %s", loc, d, start)
			}
			if before := civil.Of(start.Add(-time.Nanosecond), loc); !before.Before(d) {
				t.Fatalf("%s: %s already ran a moment before %s", loc, before, start)
			}
			// no earlier moment of the two days before falls on the day
			for back := time.Duration(1); back <= 50; back++ {
				if civil.Of(start.Add(-back*time.Hour), loc).Compare(d) >= 0 {
					t.Fatalf("%s: %s ran %d hours before %s", loc, d, back, start)
				}
			}
		}
	}
}

func TestNightsOfSummerTime(t *testing.T) {
	for _, c := range []struct{ zone, day, start string }{
		{"Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z"},
		{"Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00Z"},
		{"Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z"},
		{"Europe/Berlin", "2026-10-26", "2026-10-25T23:00:00Z"},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"}, // no midnight: 00:00 became 01:00
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"},    // two midnights: the first counts
		{"America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z"},  // one minute of the day, then back
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"},      // a day that never was
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"},
	} {
		loc, err := time.LoadLocation(c.zone)
		require.NoError(t, err)
		require.Equal(t, c.start, civil.MustParse(c.day).In(loc).UTC().Format(time.RFC3339), "%s %s", c.zone, c.day)
	}
	jakarta, err := time.LoadLocation("Asia/Jakarta")
	require.NoError(t, err)
	late := time.Date(2026, 11, 22, 18, 30, 0, 0, time.UTC)
	require.Equal(t, "2026-11-22", civil.Of(late, time.UTC).String())
	require.Equal(t, "2026-11-23", civil.Of(late, jakarta).String())
}

func TestScanAndValue(t *testing.T) {
	d := date(t, 2026, 11, 22)
	for _, src := range []any{
		"2026-11-22", []byte("2026-11-22"), time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 11, 22, 23, 59, 0, 0, time.FixedZone("east", 14*3600)),
	} {
		var got civil.Date
		require.NoError(t, got.Scan(src))
		require.Equal(t, d, got)
	}
	got := d
	require.NoError(t, got.Scan(nil))
	require.True(t, got.IsZero())
	require.NoError(t, got.Scan(""))
	require.True(t, got.IsZero())
	require.NoError(t, got.Scan("1492-10-12"), "stored years are not limited as typed ones are")
	require.Equal(t, 1492, got.Year())

	kept := d
	for _, bad := range []any{"infinity", "soon", 20261122, int64(5), true, time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)} {
		require.ErrorIs(t, kept.Scan(bad), civil.ErrInvalid, "%v", bad)
		require.Equal(t, d, kept)
	}

	v, err := d.Value()
	require.NoError(t, err)
	require.Equal(t, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), v)
	v, err = civil.Date{}.Value()
	require.NoError(t, err)
	require.Nil(t, v)
}

func TestJSON(t *testing.T) {
	type row struct {
		Due  civil.Date `json:"due"`
		Done civil.Date `json:"done,omitzero"`
	}
	data, err := json.Marshal(row{Due: date(t, 2026, 11, 22)})
	require.NoError(t, err)
	require.JSONEq(t, `{"due":"2026-11-22"}`, string(data))
	var back row
	require.NoError(t, json.Unmarshal(data, &back))
	require.Equal(t, row{Due: date(t, 2026, 11, 22)}, back)
	require.NoError(t, json.Unmarshal([]byte(`{"due":""}`), &back))
	require.True(t, back.Due.IsZero())
	require.ErrorIs(t, json.Unmarshal([]byte(`{"due":"2026-02-30"}`), &back), civil.ErrInvalid)
}

func anyDate(t *rapid.T, label string) civil.Date {
	day := rapid.IntRange(0, 300*366).Draw(t, label)
	return date(t, 1900, 1, 1).AddDays(day)
}

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := anyDate(t, "a"), anyDate(t, "b"), anyDate(t, "c")
		n := rapid.IntRange(-40000, 40000).Draw(t, "n")
		require.Equal(t, a, a.AddDays(n).AddDays(-n))
		require.Equal(t, n, a.DaysUntil(a.AddDays(n)))
		require.Equal(t, b, a.AddDays(a.DaysUntil(b)))
		require.Equal(t, a.DaysUntil(c), a.DaysUntil(b)+b.DaysUntil(c))
		require.Equal(t, a.Compare(b), -b.Compare(a))
		require.Equal(t, a.Before(b), a.DaysUntil(b) > 0)
		require.Equal(t, a == b, a.Compare(b) == 0)

		m := rapid.IntRange(-1200, 1200).Draw(t, "m")
		moved := a.AddMonths(m)
		require.LessOrEqual(t, moved.Day(), a.Day())
		require.Equal(t, a.Year()*12+int(a.Month())+m, moved.Year()*12+int(moved.Month()))
		if moved.Day() < a.Day() { // clipped: then it is a month's last day
			require.Equal(t, 1, moved.AddDays(1).Day())
		}
		if a.Before(b) { // adding months never turns the order round
			require.False(t, a.AddMonths(m).After(b.AddMonths(m)))
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"2026-11-22", "", "2024-02-29", "9999-99-99", "\x00", "٢٠٢٦-١١-٢٢"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := civil.Parse(s)
		if err != nil {
			require.ErrorIs(t, err, civil.ErrInvalid)
			return
		}
		require.Equal(t, s, d.String())
	})
}
