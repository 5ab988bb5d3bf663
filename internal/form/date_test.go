package form

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waymark/internal/domain/civil"
	"waymark/internal/i18n"
)

func TestDate(t *testing.T) {
	const (
		unreadable = "Write the date like 12 June 2026 or 2026-06-12"
		ambiguous  = "Write the month as a word, for example 12 June 2026, so that it cannot be taken for the day"
		years      = "The year must be from 1900 to 2200"
		noYear     = "Add the year, for example 12 June 2026"
	)
	for typed, want := range map[string]string{
		"12 June 2026":             "2026-06-12",
		" 12  june\u00a02026 ":     "2026-06-12",
		"12 Jun 2026":              "2026-06-12",
		"12th of June 2026":        "2026-06-12",
		"12. June 2026":            "2026-06-12",
		"12-Jun-2026":              "2026-06-12",
		"12Jun2026":                "2026-06-12",
		"Fri 12 June 2026":         "2026-06-12",
		"Friday, 12 June 2026":     "2026-06-12",
		"June 12, 2026":            "2026-06-12",
		"Sept. 1st 2026":           "2026-09-01",
		"2026-06-12":               "2026-06-12",
		"2026-6-1":                 "2026-06-01",
		"2026/06/12":               "2026-06-12",
		"2026.6.12":                "2026-06-12",
		"20260612":                 "2026-06-12",
		"12.6.2026":                "2026-06-12",
		"12. 6. 2026":              "2026-06-12",
		"25/6/2026":                "2026-06-25",
		"6/25/2026":                "2026-06-25",
		"6/6/2026":                 "2026-06-06",
		"2026年6月12日":               "2026-06-12",
		"2026年06月12号":              "2026-06-12",
		"2026 年 6 月 12 日":          "2026-06-12",
		"２０２６年６月１２日":               "2026-06-12",
		"２０２６－０６－１２":               "2026-06-12",
		"2026年6月12日 周五":            "2026-06-12",
		"2026年6月12日（星期五）":          "2026-06-12",
		"29 February 2028":         "2028-02-29",
		"12 May 2026":              "2026-05-12",
		"31 June 2026":             "31 June does not exist; June has 30 days",
		"2026-06-31":               "31 June does not exist; June has 30 days",
		"2026年6月31日":               "31 June does not exist; June has 30 days",
		"31.4.2026":                "31 April does not exist; April has 30 days",
		"30 February 2028":         "30 February does not exist; February has 29 days",
		"29 February 2026":         "29 February 2026 does not exist; in 2026 February has 28 days",
		"0 June 2026":              "0 June does not exist; June has 30 days",
		"99.6.2026":                "99 June does not exist; June has 30 days",
		"2026-13-01":               "There is no month 13; a year has 12",
		"2026-00-01":               "There is no month 0; a year has 12",
		"25/13/2026":               "There is no month 13; a year has 12",
		"5/6/2026":                 ambiguous,
		"05-06-2026":               ambiguous,
		"12 June":                  noYear,
		"June 12":                  noYear,
		"6月12日":                    noYear,
		"12 June 26":               "Write the year with four digits, for example 2026",
		"12.6.26":                  "Write the year with four digits, for example 2026",
		"26年6月12日":                 "Write the year with four digits, for example 2026",
		"12 June 0226":             years,
		"12 June 20226":            years,
		"20226-06-12":              years,
		"tomorrow":                 unreadable,
		"12 Juno 2026":             unreadable,
		"12 J 2026":                unreadable,
		"2026-06":                  unreadable,
		"2026-06-12T00:00":         unreadable,
		"1781222400":               unreadable,
		"-2026-06-12":              unreadable,
		"12 June 2026; drop table": unreadable,
	} {
		f := posted(typed)
		got := f.Date("x", Required).String()
		if got == "" {
			got = says(t, f)
		}
		require.Equal(t, want, got, typed)
		require.Equal(t, typed, f.Value("x"))
	}

	zh := i18n.With(t.Context(), i18n.ZH)
	f := posted("2026年6月31日")
	f.Date("x")
	require.Equal(t, "6月31日不存在，6月只有30天", f.Error("x").In(zh))

	f = posted("")
	require.True(t, f.Date("x").IsZero())
	require.True(t, f.OK())
	f.Date("x", Required)
	require.Equal(t, "This answer cannot be left empty", says(t, f))
	f = posted("2026-06-12", "2026-06-12")
	f.Date("x")
	require.Equal(t, "This answer arrived twice; please send the form again", says(t, f))

	day := civil.MustParse("2026-06-12")
	f = posted("2026-06-11")
	require.True(t, f.Date("x", NotBefore(day)).IsZero())
	require.Equal(t, "This answer cannot be before 12 June 2026", says(t, f))
	f = posted("2026-06-13")
	require.True(t, f.Date("x", NotAfter(day)).IsZero())
	require.Equal(t, "This answer cannot be after 12 June 2026", says(t, f))
	f = posted("2026-06-12")
	require.Equal(t, day, f.Date("x", NotBefore(day), NotAfter(day)))
}

// Whatever Waymark writes as a date with its year, it reads back.
func TestDateReadsWhatIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := civil.MustParse("1900-01-01")
		d := first.AddDays(rapid.IntRange(0, first.DaysUntil(civil.MustParse("2200-12-31"))).Draw(t, "day"))
		for _, text := range []string{
			d.String(), i18n.EN.DateLong(d), i18n.ZH.DateLong(d), strings.ToUpper(i18n.EN.DateLong(d)),
			i18n.EN.Date(d) + " " + i18n.EN.Number(0)[:0] + d.String()[:4],
			d.Month().String()[:3] + " " + d.In(time.UTC).Format("2, 2006"),
		} {
			got, wrong := ParseDate(text)
			require.Equal(t, d, got, "%s: %v", text, wrong)
		}
	})
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{"12 June 2026", "2026-06-12", "12.6.2026", "2026年6月12日", "31 June 2026", "２０２６年６月１２日", "6/6/2026", "Fri 12 June", "\xff", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		d, wrong := ParseDate(typed)
		require.Equal(t, d.IsZero(), !wrong.IsZero(), "a day or a reason, never both")
		if !d.IsZero() {
			again, _ := ParseDate(d.String())
			require.Equal(t, d, again)
		}
	})
}
