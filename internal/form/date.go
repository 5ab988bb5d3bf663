package form

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"waymark/internal/domain/civil"
	"waymark/internal/i18n"
)

// Date reads a day as people write it; see ParseDate. Nothing typed gives no
// date, an error only where an answer is Required.
func (f *Form) Date(field string, options ...Option) civil.Date {
	s := specOf(options)
	typed, ok := f.line(field, s, maxLine)
	if !ok {
		return civil.Date{}
	}
	if typed == "" {
		f.empty(field, s, "form.required")
		return civil.Date{}
	}
	d, wrong := ParseDate(typed)
	switch {
	case !wrong.IsZero():
		f.Fail(field, wrong)
	case d.Before(s.earliest):
		f.Fail(field, s.message("form.date.too_early", "date", s.earliest))
	case d.After(s.latest):
		f.Fail(field, s.message("form.date.too_late", "date", s.latest))
	default:
		return d
	}
	return civil.Date{}
}

// The ways to write a day that are understood, in either language and whatever
// the reader's own. A weekday beside it is passed over.
var (
	yearFirst  = regexp.MustCompile(`^(\d{4,6})[-/.](\d{1,2})[-/.](\d{1,2})$`)
	compact    = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`)
	dotted     = regexp.MustCompile(`^(\d{1,2})\. ?(\d{1,2})\. ?(\d{1,6})$`)
	slashed    = regexp.MustCompile(`^(\d{1,2})[-/](\d{1,2})[-/](\d{1,6})$`)
	chinese    = regexp.MustCompile(`^(?:(\d{1,6}) ?年)? ?(\d{1,2}) ?月 ?(\d{1,2}) ?[日号]?$`)
	dayFirst   = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th|\.)?[ -]?(?:of )?([a-z]{3,9})\.?,?[ -]?(\d{1,6})?$`)
	monthFirst = regexp.MustCompile(`^([a-z]{3,9})\.? ?(\d{1,2})(?:st|nd|rd|th)?(?:,? ?(\d{4,6}))?$`)

	weekday = regexp.MustCompile(`^(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?[., ]+|[,， (（]*(?:周|星期|礼拜)[一二三四五六日天][)）]?$`)
	blanks  = regexp.MustCompile(`\s+`)
)

// ParseDate reads a day as people write it: "12 June 2026", "June 12, 2026",
// "2026-06-12", "12.6.2026", "2026年6月12日", with full-width digits too. A day
// that does not exist, and "5/6/2026", which is in May or in June, give the
// message that says so.
func ParseDate(typed string) (civil.Date, i18n.Message) {
	if len(typed) > maxLine {
		return civil.Date{}, i18n.M("form.date.unreadable")
	}
	s := strings.ToLower(blanks.ReplaceAllString(fold(typed), " "))
	s = weekday.ReplaceAllString(s, "")
	if m := yearFirst.FindStringSubmatch(s); m != nil {
		return day(m[1], m[2], m[3])
	}
	if m := compact.FindStringSubmatch(s); m != nil {
		return day(m[1], m[2], m[3])
	}
	if m := dotted.FindStringSubmatch(s); m != nil {
		return day(m[3], m[2], m[1])
	}
	if m := chinese.FindStringSubmatch(s); m != nil {
		return day(m[1], m[2], m[3])
	}
	if m := slashed.FindStringSubmatch(s); m != nil {
		return slashedDay(m[1], m[2], m[3])
	}
	if m := dayFirst.FindStringSubmatch(s); m != nil {
		if month := monthNamed(m[2]); month != "" {
			return day(m[3], month, m[1])
		}
	}
	if m := monthFirst.FindStringSubmatch(s); m != nil {
		if month := monthNamed(m[1]); month != "" {
			return day(m[3], month, m[2])
		}
	}
	return civil.Date{}, i18n.M("form.date.unreadable")
}

// slashedDay reads two numbers and a year, where either number may be the
// month: half of the world writes it first. It takes what can be meant in one
// way only.
func slashedDay(a, b, year string) (civil.Date, i18n.Message) {
	first, _ := strconv.Atoi(a)
	second, _ := strconv.Atoi(b)
	switch {
	case first > 12 || first == second:
		return day(year, b, a)
	case second > 12:
		return day(year, a, b)
	}
	return civil.Date{}, i18n.M("form.date.ambiguous")
}

// monthNamed gives the number of a month by its English name or the beginning
// of it ("Sept").
func monthNamed(word string) string {
	for m := time.January; m <= time.December; m++ {
		if strings.HasPrefix(strings.ToLower(m.String()), word) {
			return strconv.Itoa(int(m))
		}
	}
	return ""
}

// day puts digits together to a day, or says why there is none.
func day(yearDigits, monthDigits, dayDigits string) (civil.Date, i18n.Message) {
	// The patterns let only short runs of digits through: Atoi cannot fail.
	y, _ := strconv.Atoi(yearDigits)
	m, _ := strconv.Atoi(monthDigits)
	d, _ := strconv.Atoi(dayDigits)
	month := time.Month(m)
	switch {
	case month < time.January || month > time.December:
		return civil.Date{}, i18n.M("form.date.no_month", "month", m)
	case yearDigits == "":
		return civil.Date{}, i18n.M("form.date.no_year")
	case len(yearDigits) < 4:
		return civil.Date{}, i18n.M("form.date.short_year")
	case y < civil.MinInputYear || y > civil.MaxInputYear:
		return civil.Date{}, i18n.M("form.date.year", "from", civil.MinInputYear, "to", civil.MaxInputYear)
	}
	date, err := civil.New(y, month, d)
	if err == nil {
		return date, i18n.Message{}
	}
	if month == time.February && d == 29 {
		return civil.Date{}, i18n.M("form.date.no_leap_day", "year", y)
	}
	return civil.Date{}, i18n.M("form.date.no_day",
		"day", d, "month", i18n.MonthName(month), "last", lastDay(y, month))
}

func lastDay(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
