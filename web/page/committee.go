package page

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/standard"
	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
)

// committeeRow is one place in the committee: who has it, or that nobody has.
type committeeRow struct {
	role        string // as in the translation keys of roles
	clause      string
	appointment *readmodel.Appointment
	// name is of who holds the place without an appointment: the sponsor.
	name string
	// note says why somebody is needed.
	note string
}

// places are the roles one is appointed to, in the order they are shown.
func places() []string { return []string{"chair", "project_manager", "staff", "process_owner"} }

// committeeRows lists the places: those that have somebody, who was asked or
// has declined, and those that still need somebody.
func committeeRows(ctx context.Context, p *readmodel.CommitteePage) []committeeRow {
	var rows []committeeRow
	for _, s := range p.Sponsors {
		rows = append(rows, committeeRow{role: "sponsor", name: s.Name})
	}
	for _, place := range places() {
		begin, filled := len(rows), false
		for i := range p.Appointments {
			a := &p.Appointments[i]
			if a.Role != place || a.EndedAt != nil {
				continue
			}
			filled = filled || a.DeclinedAt == nil
			rows = append(rows, committeeRow{role: place, clause: a.Clause, appointment: a})
		}
		if place != "process_owner" {
			if !filled {
				rows = append(rows, committeeRow{role: place})
			}
			continue
		}
		for _, u := range p.Unowned {
			if !asked(p.Appointments, u.Clause) {
				rows = append(rows, committeeRow{role: place, clause: u.Clause, note: findingsNote(ctx, u)})
			}
		}
		slices.SortStableFunc(rows[begin:], func(a, b committeeRow) int {
			return standard.CompareClauses(standard.ClauseNumber(a.clause), standard.ClauseNumber(b.clause))
		})
	}
	return rows
}

// asked reports whether somebody was asked to own a clause, or one above it,
// and has not answered.
func asked(all []readmodel.Appointment, clause string) bool {
	return slices.ContainsFunc(all, func(a readmodel.Appointment) bool {
		return a.Role == "process_owner" && a.Waits() && (a.Clause == clause || strings.HasPrefix(clause, a.Clause+"."))
	})
}

func findingsNote(ctx context.Context, u readmodel.ClauseFindings) string {
	if u.Majors > 0 {
		return i18n.T(ctx, "committee.findings_majors", "n", u.Open, "majors", u.Majors)
	}
	return i18n.T(ctx, "committee.findings", "n", u.Open)
}

// placeName names a place: "Chair", "Process owner, 8.7.2 Service continuity
// management".
func placeName(ctx context.Context, p *readmodel.CommitteePage, role, clause string) string {
	name := i18n.T(ctx, "role."+role)
	if clause != "" {
		name = i18n.T(ctx, "committee.place", "role", name, "clause", clauseName(ctx, p, clause))
	}
	return name
}

// clauseName is a clause with its number in the project's edition.
func clauseName(ctx context.Context, p *readmodel.CommitteePage, clause string) string {
	return clause + " " + p.Catalogue.Texts(i18n.From(ctx).String()).Title(standard.ClauseNumber(clause))
}

// earlier lists the appointments that were ended, the last first.
func earlier(all []readmodel.Appointment) []readmodel.Appointment {
	var out []readmodel.Appointment
	for _, a := range all {
		if a.EndedAt != nil {
			out = append(out, a)
		}
	}
	return out
}

// myQuestions lists the appointments that wait for the reader's own answer.
func myQuestions(c *readmodel.Caller, all []readmodel.Appointment) []readmodel.Appointment {
	var out []readmodel.Appointment
	for _, a := range all {
		if a.Person == c.Person && a.Waits() {
			out = append(out, a)
		}
	}
	return out
}

// openPlaces lists the roles that the reader may appoint to now: process owners
// from step 3 on, everybody from step 4 on.
func openPlaces(c *readmodel.Caller, sp *readmodel.StepPage) []string {
	if c.ProjectGone || c.OrganizationGone || !c.Can(permission.EditPlan) {
		return nil
	}
	var out []string
	for _, place := range places() {
		if placeOpen(sp, place) {
			out = append(out, place)
		}
	}
	return out
}

func placeOpen(sp *readmodel.StepPage, role string) bool {
	return sp.Project.Status(sp.Project.AppointmentStep(role == "process_owner")) != certification.Locked
}

// clauseChoices offers the clauses with findings and no owner first, with how
// many findings they have, then all in the catalogue's order.
func clauseChoices(ctx context.Context, p *readmodel.CommitteePage) []component.Option {
	out := make([]component.Option, 0, len(p.Unowned)+100)
	first := map[string]bool{}
	for _, u := range p.Unowned {
		first[u.Clause] = true
		out = append(out, component.Option{Value: u.Clause, Label: i18n.T(ctx, "committee.needed", "clause", clauseName(ctx, p, u.Clause), "findings", findingsNote(ctx, u))})
	}
	for _, clause := range p.Catalogue.Clauses() {
		if number := string(clause.Number); !first[number] {
			out = append(out, component.Option{Value: number, Label: clauseName(ctx, p, number)})
		}
	}
	return out
}

// appointedOn says when an appointment got to where it stands.
func appointedOn(ctx context.Context, c *readmodel.Caller, a *readmodel.Appointment) string {
	day := func(t time.Time) string { return i18n.DateShort(ctx, Day(c, t)) }
	switch {
	case a.AcceptedAt != nil:
		return day(*a.AcceptedAt)
	case a.DeclinedAt != nil:
		return day(*a.DeclinedAt)
	}
	return i18n.T(ctx, "committee.asked_on", "date", day(a.AskedAt))
}

// appointLink leads to the form that appoints, with the place chosen.
func appointLink(c *readmodel.Caller, row committeeRow) string {
	query := url.Values{"role": {row.role}}
	if row.clause != "" {
		query = url.Values{"clause": {row.clause}}
	}
	return StepPath(c, "committee") + "?" + query.Encode() + "#appoint"
}

// meetingForm is the form of a meeting: what was refused, or what is stored.
func meetingForm(f *form.Form, m *readmodel.Meeting) *form.Form {
	return filled(f, "meeting_held", m.Version, "meeting_kind", m.Kind, "meeting_held", dayText(m.HeldOn), "meeting_present", m.Present, "meeting_minutes", m.Minutes)
}

// dayText is a day as a form is filled with it; none is empty.
func dayText(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}
