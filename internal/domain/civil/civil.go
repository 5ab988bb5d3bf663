// Package civil holds calendar days: due dates, audit days, expiry dates. A day
// has no hour and no zone, so comparing two of them never depends on where the
// server stands or on summer time.
package civil

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// ErrInvalid is wrapped by every error of this package: a text or a triple that
// names no day of the Gregorian calendar, or one outside the accepted years.
var ErrInvalid = errors.New("invalid date")

// Years that Parse accepts. Certificates and tasks live in this range; a year
// such as 0226 or 20226 is a slip of the keyboard.
const (
	MinInputYear = 1900
	MaxInputYear = 2200
)

// Years that a Date can hold at all.
const (
	minYear = 1
	maxYear = 9999
)

const layout = time.DateOnly

// Date is a day of the Gregorian calendar. The zero value means "no date" and
// is what a NULL column reads as. Dates are comparable with ==.
type Date struct {
	year  int16
	month uint8
	day   uint8
}

// New returns the day y-m-d. It wraps ErrInvalid when there is no such day
// (31 April, 29 February of a common year) or the year is not in 1 to 9999.
func New(year int, month time.Month, day int) (Date, error) {
	if year < minYear || year > maxYear || month < time.January || month > time.December ||
		day < 1 || day > daysIn(year, month) {
		return Date{}, fmt.Errorf("%w: %d-%d-%d", ErrInvalid, year, int(month), day)
	}
	return pack(year, month, day), nil
}

// Parse reads a day as people type it into a date field, "2006-01-02", with a
// year from MinInputYear to MaxInputYear. It wraps ErrInvalid; the empty text is
// an error too, for a caller must say itself that a date may be left out.
func Parse(s string) (Date, error) {
	d, err := parse(s)
	if err != nil {
		return Date{}, err
	}
	if d.Year() < MinInputYear || d.Year() > MaxInputYear {
		return Date{}, fmt.Errorf("%w: year of %q is not in %d to %d", ErrInvalid, s, MinInputYear, MaxInputYear)
	}
	return d, nil
}

// MustParse is Parse for dates written in source code; it panics on a bad one.
func MustParse(s string) Date {
	d, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

func parse(s string) (Date, error) {
	if len(s) != len(layout) {
		return Date{}, fmt.Errorf("%w: %.20q is not of the form YYYY-MM-DD", ErrInvalid, s)
	}
	t, err := time.Parse(layout, s)
	if err != nil {
		return Date{}, fmt.Errorf("%w: %q", ErrInvalid, s)
	}
	return New(t.Date())
}

// Of returns the day that the moment t falls on in loc. Years outside 1 to 9999
// give the first or the last day that a Date can hold.
func Of(t time.Time, loc *time.Location) Date {
	return clip(t.In(loc).Date())
}

// IsZero reports whether d is "no date".
func (d Date) IsZero() bool { return d == Date{} }

// Year returns the year, 0 for no date.
func (d Date) Year() int { return int(d.year) }

// Month returns the month, 0 for no date.
func (d Date) Month() time.Month { return time.Month(d.month) }

// Day returns the day of the month, 0 for no date.
func (d Date) Day() int { return int(d.day) }

// String returns "2006-01-02", and the empty text for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day)
}

// Weekday returns the day of the week. No date answers Sunday; ask IsZero first.
func (d Date) Weekday() time.Weekday {
	if d.IsZero() {
		return time.Sunday
	}
	return d.utc().Weekday()
}

// AddDays returns the day n days later, or earlier when n is negative. No date
// stays no date; the ends of the calendar (years 1 and 9999) are not passed.
func (d Date) AddDays(n int) Date {
	if d.IsZero() {
		return d
	}
	const span = (maxYear + 1) * 366
	n = min(max(n, -span), span) // so that the sum cannot overflow
	return clip(time.Date(d.Year(), d.Month(), d.Day()+n, 0, 0, 0, 0, time.UTC).Date())
}

// AddMonths returns the same day n months later (earlier when n is negative),
// clipped to the last day of a shorter month: 31 August and 6 months is 28 or
// 29 February, 29 February and 36 months is 28 February. No date stays no date;
// the ends of the calendar are not passed.
func (d Date) AddMonths(n int) Date {
	if d.IsZero() {
		return d
	}
	const span = (maxYear + 1) * 12
	months := d.Year()*12 + int(d.Month()) - 1 + min(max(n, -span), span)
	if months < minYear*12 {
		return pack(minYear, time.January, 1)
	}
	if months >= (maxYear+1)*12 {
		return pack(maxYear, time.December, 31)
	}
	year, month := months/12, time.Month(months%12+1)
	return pack(year, month, min(d.Day(), daysIn(year, month)))
}

// EndOfYear returns 31 December of the day's year. No date stays no date.
func (d Date) EndOfYear() Date {
	if d.IsZero() {
		return d
	}
	return pack(d.Year(), time.December, 31)
}

// DaysUntil returns the number of days from d to other: 1 for tomorrow, -1 for
// yesterday. It is 0 when either is no date.
func (d Date) DaysUntil(other Date) int {
	if d.IsZero() || other.IsZero() {
		return 0
	}
	const day = 24 * 60 * 60
	return int((other.utc().Unix() - d.utc().Unix()) / day)
}

// Before reports whether d is an earlier day than other. It is false when either
// is no date: a task without a due date is never late.
func (d Date) Before(other Date) bool {
	return !d.IsZero() && !other.IsZero() && d.Compare(other) < 0
}

// After reports whether d is a later day than other. It is false when either is
// no date.
func (d Date) After(other Date) bool { return other.Before(d) }

// Compare orders days for sorting: -1, 0 or +1. No date sorts first.
func (d Date) Compare(other Date) int {
	return cmp.Or(
		cmp.Compare(d.year, other.year),
		cmp.Compare(d.month, other.month),
		cmp.Compare(d.day, other.day),
	)
}

// In returns the first moment of the day in loc. That is not always midnight: in
// zones that put the clock forward at 00:00 the day begins at 01:00, and a day
// that a zone left out when it changed sides of the date line begins with the
// next one. No date gives the zero time.
func (d Date) In(loc *time.Location) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	// Walk through the stretches of constant offset around the day; the first
	// one that still has a moment at or after its own midnight holds the start.
	midnight := d.utc().Unix()
	at := time.Unix(midnight-24*60*60, 0).In(loc)
	for {
		_, offset := at.Zone()
		start, end := at.ZoneBounds()
		first := midnight - int64(offset)
		if !start.IsZero() {
			first = max(first, start.Unix())
		}
		if end.IsZero() || first < end.Unix() {
			return time.Unix(first, 0).In(loc)
		}
		at = end
	}
}

func (d Date) utc() time.Time {
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, time.UTC)
}

// pack trusts its caller that the triple is a day in years 1 to 9999.
func pack(year int, month time.Month, day int) Date {
	return Date{year: int16(year), month: uint8(month), day: uint8(day)} //nolint:gosec // G115: every caller has checked the ranges
}

func clip(year int, month time.Month, day int) Date {
	switch {
	case year < minYear:
		return pack(minYear, time.January, 1)
	case year > maxYear:
		return pack(maxYear, time.December, 31)
	}
	return pack(year, month, day)
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
