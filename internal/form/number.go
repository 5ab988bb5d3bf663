package form

import (
	"regexp"
	"strconv"
	"strings"

	"waymark/internal/i18n"
)

// Int reads a whole number. Thousands may be grouped ("1,200", "1 200"), digits
// may be full-width.
func (f *Form) Int(field string, options ...Option) int {
	return f.number(field, 0, options)
}

// Decimal reads a number with at most so many places behind the point and gives
// it in units of the last one: "9.5" with one place is 95. A comma may stand
// for the point, unless it reads as a grouping one ("1,200").
func (f *Form) Decimal(field string, places int, options ...Option) int {
	return f.number(field, places, options)
}

func (f *Form) number(field string, places int, options []Option) int {
	s := specOf(options)
	typed, ok := f.line(field, s, maxLine)
	if !ok {
		return 0
	}
	if typed == "" {
		f.empty(field, s, "form.required")
		return 0
	}
	n, problem := parseNumber(typed, places)
	switch {
	case problem == "form.number.places":
		f.Fail(field, s.message(problem, "n", places))
	case problem != "":
		f.Fail(field, s.message(problem))
	case s.atLeast != nil && n < *s.atLeast && n < 0 && *s.atLeast >= 0:
		f.Fail(field, s.message("form.number.negative", "min", limitOf(*s.atLeast, places)))
	case s.atLeast != nil && n < *s.atLeast:
		f.Fail(field, s.message("form.number.min", "min", limitOf(*s.atLeast, places)))
	case s.atMost != nil && n > *s.atMost:
		f.Fail(field, s.message("form.number.max", "max", limitOf(*s.atMost, places)))
	default:
		return n
	}
	return 0
}

// limitOf is a limit as it is written in a message.
func limitOf(n, places int) any {
	if places == 0 {
		return i18n.Count(n)
	}
	return i18n.EN.Decimal(n, places) // digits and a point, alike in every language we have
}

var (
	grouped = regexp.MustCompile(`^[1-9][0-9]{0,2}([ ,'’][0-9]{3})+$`)
	whole   = regexp.MustCompile(`^[0-9]+$`)
)

const maxDigits = 15

func parseNumber(typed string, places int) (n int, problem string) {
	unreadable := "form.number.whole"
	if places > 0 {
		unreadable = "form.number.decimal"
	}
	typed = strings.ReplaceAll(typed, "−", "-")
	digits, negative := strings.CutPrefix(typed, "-")
	if !negative {
		digits = strings.TrimPrefix(typed, "+")
	}
	digits = strings.TrimSpace(digits)
	fraction := ""
	if !grouped.MatchString(digits) {
		if point := strings.LastIndexAny(digits, ".,"); point >= 0 {
			digits, fraction = digits[:point], digits[point+1:]
			if !whole.MatchString(fraction) {
				return 0, unreadable
			}
			if digits == "" {
				digits = "0"
			}
		}
	}
	if grouped.MatchString(digits) {
		digits = strings.NewReplacer(" ", "", ",", "", "'", "", "’", "").Replace(digits)
	}
	fraction = strings.TrimRight(fraction, "0")
	switch {
	case !whole.MatchString(digits):
		return 0, unreadable
	case places == 0 && fraction != "":
		return 0, unreadable
	case len(fraction) > places:
		return 0, "form.number.places"
	}
	digits = strings.TrimLeft(digits+fraction+strings.Repeat("0", places-len(fraction)), "0")
	if len(digits) > maxDigits {
		return 0, "form.number.too_large"
	}
	n, _ = strconv.Atoi("0" + digits) // digits only, and few enough
	if negative {
		n = -n
	}
	return n, ""
}

// plainDigits reads a number that a page of ours has written.
func plainDigits(s string) (int, bool) {
	if len(s) > maxDigits || !whole.MatchString(s) {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
