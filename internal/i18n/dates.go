package i18n

import (
	"context"
	"strconv"
	"strings"
	"time"

	"waymark/internal/domain/civil"
)

// Date writes a day close to today, weekday included and without its year:
// "Fri 12 June", "6月12日 周五". No date gives an empty text, here and below.
func Date(ctx context.Context, d civil.Date) string { return From(ctx).Date(d) }

// DateShort writes a day where room is short: "12 June", "6月12日".
func DateShort(ctx context.Context, d civil.Date) string { return From(ctx).DateShort(d) }

// DateLong writes a day with its year: "12 June 2026", "2026年6月12日".
func DateLong(ctx context.Context, d civil.Date) string { return From(ctx).DateLong(d) }

// Moment writes the day and time of t as the clocks of loc show it:
// "12 June 2026, 14:32", "2026年6月12日14:32".
func Moment(ctx context.Context, t time.Time, loc *time.Location) string {
	return From(ctx).Moment(t, loc)
}

// Clock writes the time of day of t in loc: "14:32".
func Clock(ctx context.Context, t time.Time, loc *time.Location) string {
	return From(ctx).Clock(t, loc)
}

// Number writes a whole number with its thousands grouped and a true minus:
// "12,400", "−7".
func Number(ctx context.Context, n int) string { return From(ctx).Number(n) }

// Decimal writes a number given in units of its last place: Decimal(ctx, 95, 1)
// is "9.5". Zeros at its end are left out, as people write days of work.
func Decimal(ctx context.Context, n, places int) string { return From(ctx).Decimal(n, places) }

// Percent writes a percentage: "63 %" with a space that does not break,
// "63%" in Chinese.
func Percent(ctx context.Context, n int) string { return From(ctx).Percent(n) }

// List joins texts to one enumeration: "a, b and c", "a、b和c".
func List(ctx context.Context, items []string) string { return From(ctx).List(items) }

// Date is the function Date in this language.
func (l Lang) Date(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return l.T("date.near", "weekday", l.weekday(d.Weekday()), "day", d.Day(), "month", l.month(d.Month()))
}

// DateShort is the function DateShort in this language.
func (l Lang) DateShort(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return l.T("date.short", "day", d.Day(), "month", l.month(d.Month()))
}

// DateLong is the function DateLong in this language.
func (l Lang) DateLong(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return l.T("date.long", "day", d.Day(), "month", l.month(d.Month()), "year", d.Year())
}

// Moment is the function Moment in this language.
func (l Lang) Moment(t time.Time, loc *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return l.T("date.moment", "date", civil.Of(t, loc), "time", l.Clock(t, loc))
}

// Clock is the function Clock in this language.
func (Lang) Clock(t time.Time, loc *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(loc).Format("15:04")
}

// MonthName is the message with a month's name, for texts about a month.
func MonthName(m time.Month) Message { return M("date.month." + strconv.Itoa(int(m))) }

func (l Lang) month(m time.Month) string { return l.T("date.month." + strconv.Itoa(int(m))) }

func (l Lang) weekday(d time.Weekday) string { return l.T("date.weekday." + strconv.Itoa(int(d))) }

const minus = "−"

// Number is the function Number in this language.
func (l Lang) Number(n int) string {
	if n > -1000 && n < 1000 {
		if n < 0 {
			return minus + strconv.Itoa(-n)
		}
		return strconv.Itoa(n)
	}
	digits := strconv.FormatUint(magnitude(n), 10)
	var b strings.Builder
	if n < 0 {
		b.WriteString(minus)
	}
	separator := l.T("number.group")
	for i, c := range []byte(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(separator)
		}
		b.WriteByte(c)
	}
	return b.String()
}

// Decimal is the function Decimal in this language.
func (l Lang) Decimal(n, places int) string {
	unit := uint64(1)
	for range places {
		unit *= 10
	}
	size := magnitude(n)
	whole, fraction := size/unit, size%unit
	text := l.Number(int(whole)) //nolint:gosec // G115: a quotient of an int's magnitude, above its range only for the smallest int
	if n < 0 {
		text = minus + text
	}
	if fraction == 0 {
		return text
	}
	digits := strconv.FormatUint(fraction, 10)
	digits = strings.Repeat("0", places-len(digits)) + digits
	return text + l.T("number.point") + strings.TrimRight(digits, "0")
}

func magnitude(n int) uint64 {
	if n < 0 {
		return uint64(-(n + 1)) + 1 //nolint:gosec // G115: -(n+1) of a negative n is never negative
	}
	return uint64(n)
}

// Percent is the function Percent in this language.
func (l Lang) Percent(n int) string { return l.T("number.percent", "number", l.Number(n)) }

// List is the function List in this language.
func (l Lang) List(items []string) string {
	switch len(items) {
	case 0:
		return ""
	case 1:
		return items[0]
	}
	last := len(items) - 1
	return strings.Join(items[:last], l.T("list.comma")) + l.T("list.and") + items[last]
}
