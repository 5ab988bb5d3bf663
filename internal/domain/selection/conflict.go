package selection

import (
	"database/sql/driver"
	"fmt"

	"waymark/internal/domain/civil"
)

// Work is what somebody from outside did for the management system.
type Work uint8

// The kinds of work.
const (
	Consultancy   Work = iota + 1 // solutions made for this client
	InternalAudit                 // the client's own audits, done for it
	Training                      // courses of a general kind: not consultancy, never a conflict
)

// String returns the word that is stored and used in translation keys.
func (w Work) String() string {
	switch w {
	case Consultancy:
		return "consultancy"
	case InternalAudit:
		return "internal_audit"
	case Training:
		return "training"
	default:
		return fmt.Sprintf("work(%d)", uint8(w))
	}
}

// ParseWork reads the word that String writes. It wraps ErrUnknown.
func ParseWork(s string) (Work, error) {
	for _, w := range []Work{Consultancy, InternalAudit, Training} {
		if w.String() == s {
			return w, nil
		}
	}
	return 0, fmt.Errorf("%w: work %.40q", ErrUnknown, s)
}

// Scan reads a text column that is never NULL. It wraps ErrUnknown.
func (w *Work) Scan(src any) error {
	var text string
	switch v := src.(type) {
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return fmt.Errorf("%w: cannot read a work from %T", ErrUnknown, src)
	}
	read, err := ParseWork(text)
	if err != nil {
		return err
	}
	*w = read
	return nil
}

// Value writes the word into a text column. It wraps ErrUnknown.
func (w Work) Value() (driver.Value, error) {
	if _, err := ParseWork(w.String()); err != nil {
		return nil, err
	}
	return w.String(), nil
}

// Engagement is one piece of work that the organization bought or was given.
type Engagement struct {
	Work    Work
	Firm    string     // empty for a person who works alone
	Persons []string   // who did the work
	End     civil.Date // last day; zero while it goes on
}

// Impartiality is one of the rules of impartiality that can be checked.
type Impartiality uint8

// The rules, with their clause of ISO/IEC 17021-1.
const (
	BodyAdvised    Impartiality = iota + 1 // 5.2.5: the body itself was the consultant
	BodyAudited                            // 5.2.6: the body did internal audits
	LinkedAdvised                          // 5.2.7: a firm linked to the body was the consultant
	PersonInvolved                         // 5.2.10: somebody of the audit team worked for the client
)

// String returns the id of the rule, "F-IMP-1" to "F-IMP-4".
func (i Impartiality) String() string { return fmt.Sprintf("F-IMP-%d", uint8(i)) }

// Conflict is one way in which a certification body, or a person of its team, is
// too close to the client.
type Conflict struct {
	Rule   Impartiality
	Firm   string     // of the engagement, as entered there
	Person string     // PersonInvolved: as named in the engagement
	Work   Work       // what was done
	End    civil.Date // last day of the work; zero while it goes on
	Until  civil.Date // last day of the cooling-off; zero while the work goes on
}

// Conflicts compares a certification body with the engagements of the client, as
// of the day on which the audit is to begin (the day of stage 1, or today while
// none is agreed). A conflict lasts through the day that is CoolingOffMonths
// after the last day of the work. With no day at all every engagement counts,
// and so does one that goes on.
//
// A person who was named for an engagement of the client is in conflict also
// where the firm is not. Firms and persons are compared by Firm and Person.
func (r Rules) Conflicts(body Candidate, engagements []Engagement, on civil.Date) []Conflict {
	var found []Conflict
	for _, e := range engagements {
		if e.Work != Consultancy && e.Work != InternalAudit {
			continue
		}
		until := e.End.AddMonths(r.CoolingOffMonths)
		if !e.End.IsZero() && !on.IsZero() && on.After(until) {
			continue
		}
		c := Conflict{Firm: e.Firm, Work: e.Work, End: e.End, Until: until}
		switch {
		case sameFirm(body.Name, e.Firm) && e.Work == Consultancy:
			c.Rule = BodyAdvised
			found = append(found, c)
		case sameFirm(body.Name, e.Firm):
			c.Rule = BodyAudited
			found = append(found, c)
		case e.Work == Consultancy && anyFirm(body.Linked, e.Firm):
			c.Rule = LinkedAdvised
			found = append(found, c)
		}
		for _, person := range e.Persons {
			if anyPerson(body.Team, person) {
				c.Rule, c.Person = PersonInvolved, person
				found = append(found, c)
			}
		}
	}
	return found
}

func sameFirm(a, b string) bool { return Firm(a) != "" && Firm(a) == Firm(b) }

func anyFirm(list []string, firm string) bool {
	for _, f := range list {
		if sameFirm(f, firm) {
			return true
		}
	}
	return false
}

func anyPerson(list []string, person string) bool {
	name := Person(person)
	for _, p := range list {
		if name != "" && Person(p) == name {
			return true
		}
	}
	return false
}
