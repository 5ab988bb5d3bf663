package task

import (
	"time"

	"waymark/internal/domain/civil"
)

// DaysLate is by how many days a task that is not done is past its date, 0
// where it is not late. A task without a date is never late.
func DaysLate(s State, due, today civil.Date) int {
	if s == Done || !due.Before(today) {
		return 0
	}
	return due.DaysUntil(today)
}

// Group is where a task stands on its owner's page.
type Group uint8

// The groups, in order. A week ends on Sunday (ISO 8601); a task without a date
// comes later.
const (
	Late Group = iota
	ThisWeek
	Later
)

var groupWords = [...]string{"late", "week", "later"}

// Groups lists them, in order.
func Groups() []Group { return []Group{Late, ThisWeek, Later} }

// String gives the group's word, as in translation keys.
func (g Group) String() string { return groupWords[g] }

// GroupOf gives the group of a task by its date.
func GroupOf(due, today civil.Date) Group {
	sunday := today.AddDays((7 - int(today.Weekday())) % 7)
	switch {
	case due.Before(today):
		return Late
	case due.IsZero() || due.After(sunday):
		return Later
	}
	return ThisWeek
}

// Soon is how many days ahead the due list of the morning looks.
const Soon = 7

// morning is the hour from which the due list of a day is sent.
const morning = 7

// DueListDay tells whether a due list may be sent at this moment to somebody
// whose clock shows loc, and for which day: on weekdays from seven in the
// morning on. A process that was down at seven still sends the list of the day.
func DueListDay(now time.Time, loc *time.Location) (civil.Date, bool) {
	local := now.In(loc)
	if w := local.Weekday(); w == time.Saturday || w == time.Sunday || local.Hour() < morning {
		return civil.Date{}, false
	}
	return civil.Of(now, loc), true
}

// OnDueList tells whether an open task stands on the due list of a day.
func OnDueList(due, day civil.Date) bool {
	return !due.IsZero() && !due.After(day.AddDays(Soon))
}
