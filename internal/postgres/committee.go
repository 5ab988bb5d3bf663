package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/standard"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

const (
	appointmentColumns = `
		SELECT a.id, a.role, a.clause, a.person_id AS person, n.name, a.asked_at, a.accepted_at, a.declined_at, a.ended_at, a.answer
		  FROM appointment a JOIN membership n ON n.organization_id = a.organization_id AND n.person_id = a.person_id
		 WHERE a.organization_id = @organization AND a.project_id = @project`
	// Those that stand come first, so that the limit only ever cuts old ones.
	appointmentsSQL = appointmentColumns + ` ORDER BY a.ended_at DESC NULLS FIRST, a.asked_at, a.id LIMIT 500`
	appointmentSQL  = appointmentColumns + ` AND a.id = @id FOR UPDATE OF a`
	// Whoever stands in the way of a new appointment to the same place.
	standingSQL = `
		SELECT a.person_id AS person, n.name, n.email
		  FROM appointment a JOIN membership n ON n.organization_id = a.organization_id AND n.person_id = a.person_id
		 WHERE a.organization_id = @organization AND a.project_id = @project AND a.role = @role AND a.clause = @clause
		   AND a.ended_at IS NULL AND a.declined_at IS NULL ORDER BY a.asked_at, a.id`
	// Whoever has a role in the project, or owns the organization, can see what
	// they are asked. Guests are auditors from outside and are not asked.
	appointableSQL = `
		SELECT n.person_id AS person, n.name, n.email FROM membership n
		 WHERE n.organization_id = @organization AND n.removed_at IS NULL
		   AND (n.role = 'owner' OR EXISTS (SELECT 1 FROM project_role r
		         WHERE r.organization_id = n.organization_id AND r.project_id = @project AND r.person_id = n.person_id
		           AND r.role <> 'guest_auditor'))`
	// Roles in the project that an answer changes: the person's own, and those of
	// whoever acts as project manager.
	rolesSQL = `
		SELECT person_id AS person, role, acting FROM project_role
		 WHERE organization_id = @organization AND project_id = @project
		   AND (person_id = (SELECT current_setting('app.person', true)::uuid) OR (role = 'project_manager' AND acting))
		 ORDER BY person_id, role FOR UPDATE`
	workingSQL = `
		SELECT check_id AS clause, count(*) AS open, count(*) FILTER (WHERE severity = 'major') AS majors
		  FROM finding WHERE organization_id = @organization AND project_id = @project AND closed_at IS NULL
		   AND severity IN ('major', 'minor') GROUP BY check_id`
	meetingColumns = `
		SELECT g.id, g.kind, g.held_on, g.present, g.minutes, n.name, g.version
		  FROM meeting g JOIN membership n ON n.organization_id = g.organization_id AND n.person_id = g.person_id
		  JOIN project j ON j.organization_id = g.organization_id AND j.id = g.project_id AND j.cycle = g.cycle
		 WHERE g.organization_id = @organization AND g.project_id = @project`
	meetingsSQL = meetingColumns + ` ORDER BY g.held_on DESC, g.id DESC LIMIT 200`
	meetingSQL  = meetingColumns + ` AND g.id = @id`
)

type projectRole struct {
	Person id.Person
	Role   string
	Acting bool
}

// CommitteePage reads the page of step 4.
func (db *DB) CommitteePage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.CommitteePage, error) {
	var s stepPage
	var p readmodel.CommitteePage
	var working []readmodel.ClauseFindings
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		s.queue(b, acc, certification.Committee)
		b.Queue(appointmentsSQL, where(acc)).Query(collect(&p.Appointments))
		b.Queue(meetingsSQL, where(acc)).Query(collect(&p.Meetings))
		b.Queue(sponsorsSQL, where(acc)).Query(collect(&p.Sponsors))
		b.Queue(appointableSQL+` ORDER BY n.name, n.person_id LIMIT 1000`, where(acc)).Query(collect(&p.People))
		b.Queue(workingSQL, where(acc)).Query(collect(&working))
	})
	if err != nil {
		return frame, p, err
	}
	p.StepPage = s.model(acc)
	p.Catalogue = s.loaded.facts.catalogue()
	p.Unowned = unownedFindings(p.Project.Facts.Committee.Unowned, working)
	return frame, p, nil
}

// unownedFindings counts the findings under each clause, given by check.
func unownedFindings(clauses []string, working []readmodel.ClauseFindings) []readmodel.ClauseFindings {
	out := make([]readmodel.ClauseFindings, len(clauses))
	for i, clause := range clauses {
		out[i].Clause = clause
		for _, w := range working {
			if string(readmodel.ClauseOf(standard.CheckID(w.Clause))) == clause {
				out[i].Open += w.Open
				out[i].Majors += w.Majors
			}
		}
	}
	return out
}

// appointing runs a write about appointments. It holds the project alone, so
// that no two people fill one place, and belongs to the step that the domain
// says for the role.
func (db *DB) appointing(ctx context.Context, acc readmodel.Access, read func(*pgx.Batch), role func() string, decide func(*readmodel.Caller, *writes) error) error {
	var l loaded
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			l = loaded{}
			queueOrder(b, acc, toAct, &l)
			read(b)
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			p := l.project(acc)
			step := p.AppointmentStep(role() == "process_owner")
			if err := p.Write(step, certification.Living, c.Person, acc.Now); err != nil {
				return err
			}
			w.saveProject(acc, p)
			return decide(c, w)
		},
	})
	return err
}

// Appoint asks a person to take a place. The project has one project manager
// and one chair at a time: the present one's appointment is ended first.
func (db *DB) Appoint(ctx context.Context, acc readmodel.Access, in readmodel.NewAppointment) error {
	var edition struct{ Edition string }
	var standing, asked []readmodel.Colleague
	args := where(acc)
	args["id"], args["role"], args["clause"], args["person"] = in.ID, in.Role, in.Clause, in.Person
	return db.appointing(ctx, acc, func(b *pgx.Batch) {
		b.Queue(`SELECT edition FROM project WHERE organization_id = @organization AND id = @project`, args).Query(one(&edition))
		b.Queue(standingSQL, args).Query(collect(&standing))
		b.Queue(appointableSQL+` AND n.person_id = @person FOR SHARE OF n`, args).Query(collect(&asked))
	}, func() string { return in.Role }, func(c *readmodel.Caller, w *writes) error {
		if in.Role == "process_owner" {
			f := facts{Edition: edition.Edition}
			if _, ok := standard.ParseClauseNumber(in.Clause, f.catalogue()); !ok {
				return fault.InvalidField("appoint_clause", "committee.appoint.clause_missing")
			}
		}
		if len(asked) == 0 {
			return fault.InvalidField("appoint_person", "committee.appoint.not_here")
		}
		for _, s := range standing {
			switch {
			case s.Person == in.Person:
				return fault.InvalidField("appoint_person", "committee.appoint.already", "name", s.Name)
			case in.Role == "project_manager" || in.Role == "chair":
				return fault.InvalidField("appoint_role", "committee.appoint.taken."+in.Role, "name", s.Name)
			}
		}
		args["by"] = c.Person
		w.Queue(`
			INSERT INTO appointment (organization_id, project_id, id, role, clause, person_id, asked_by, asked_at)
			VALUES (@organization, @project, @id, @role, @clause, @person, @by, @now)`, args)
		w.Event(acc.Project, "appointment.asked", "committee", appointmentData(in.Role, in.Clause, in.Person))
		w.Result = in.ID.String()
		return nil
	})
}

// appointmentData is what an event tells of an appointment.
func appointmentData(role, clause string, person id.Person) map[string]any {
	return map[string]any{"role": role, "clause": clause, "person": person.String()}
}

// AnswerAppointment records the answer of the person who was asked; anybody
// else's is fault.Forbidden. The same answer again counts as given, another
// one, or one to an appointment that was ended, is fault.Conflict.
//
// Accepting gives the rights that the place needs: a project manager's to the
// project manager, which ends the role of whoever acted as one, and a committee
// member's to everybody else.
func (db *DB) AnswerAppointment(ctx context.Context, acc readmodel.Access, appointment id.Appointment, accept bool, word string) error {
	var a readmodel.Appointment
	var roles []projectRole
	args := where(acc)
	args["id"], args["word"] = appointment, word
	return db.appointing(ctx, acc, func(b *pgx.Batch) {
		b.Queue(appointmentSQL, args).Query(one(&a))
		b.Queue(rolesSQL, where(acc)).Query(collect(&roles))
	}, func() string { return a.Role }, func(c *readmodel.Caller, w *writes) error {
		switch {
		case a.Person != c.Person:
			return fault.Forbidden
		case a.EndedAt != nil, a.AcceptedAt != nil && !accept, a.DeclinedAt != nil && accept:
			return fault.Conflict
		case !a.Waits():
			return nil
		}
		if !accept {
			w.Must(`UPDATE appointment SET declined_at = @now, answer = @word, version = version + 1
			         WHERE organization_id = @organization AND project_id = @project AND id = @id`, args)
			w.Event(acc.Project, "appointment.declined", "committee", appointmentData(a.Role, a.Clause, a.Person))
			return nil
		}
		w.Must(`UPDATE appointment SET accepted_at = @now, answer = @word, version = version + 1
		         WHERE organization_id = @organization AND project_id = @project AND id = @id`, args)
		w.Event(acc.Project, "appointment.accepted", "committee", appointmentData(a.Role, a.Clause, a.Person))
		w.giveRights(acc, a, roles)
		return nil
	})
}

// giveRights queues the project roles that accepting an appointment brings.
func (w *writes) giveRights(acc readmodel.Access, a readmodel.Appointment, roles []projectRole) {
	give := "committee_member"
	if a.Role == "project_manager" {
		give = a.Role
	}
	has := false
	for _, r := range roles {
		args := where(acc)
		args["person"], args["role"] = r.Person, r.Role
		switch {
		case r.Person == a.Person && r.Role == give:
			has = true
			if r.Acting {
				w.Must(`UPDATE project_role SET acting = false
				         WHERE organization_id = @organization AND project_id = @project AND person_id = @person AND role = @role`, args)
			}
		case r.Person != a.Person && give == "project_manager" && r.Acting:
			w.Must(`DELETE FROM project_role
			         WHERE organization_id = @organization AND project_id = @project AND person_id = @person AND role = @role`, args)
			w.Event(acc.Project, "person.role_removed", "committee", map[string]any{"role": r.Role, "person": r.Person.String()})
		}
	}
	if has {
		return
	}
	args := where(acc)
	args["person"], args["role"] = a.Person, give
	w.Queue(`
		INSERT INTO project_role (organization_id, project_id, person_id, role, created_at)
		VALUES (@organization, @project, @person, @role, @now)`, args)
	w.Event(acc.Project, "person.role_added", "committee", map[string]any{"role": give, "person": a.Person.String()})
}

// EndAppointment ends an appointment, or puts a declined one away. The rights
// that the place itself gives (the chair's approvals, an owner's clauses) end
// with it. Whoever stops being project manager goes on as the acting one, until
// the next has accepted: no project is left without.
func (db *DB) EndAppointment(ctx context.Context, acc readmodel.Access, appointment id.Appointment) error {
	var a readmodel.Appointment
	args := where(acc)
	args["id"] = appointment
	return db.appointing(ctx, acc, func(b *pgx.Batch) {
		b.Queue(appointmentSQL, args).Query(one(&a))
	}, func() string { return a.Role }, func(_ *readmodel.Caller, w *writes) error {
		if a.EndedAt != nil {
			return nil
		}
		w.Must(`UPDATE appointment SET ended_at = @now, version = version + 1
		         WHERE organization_id = @organization AND project_id = @project AND id = @id`, args)
		if a.Role == "project_manager" && a.Stands() {
			args["person"] = a.Person
			w.Queue(`UPDATE project_role SET acting = true
			          WHERE organization_id = @organization AND project_id = @project AND person_id = @person AND role = 'project_manager'`, args)
		}
		w.Event(acc.Project, "appointment.ended", "committee", appointmentData(a.Role, a.Clause, a.Person))
		return nil
	})
}

// MeetingPage reads one meeting for its edit page.
func (db *DB) MeetingPage(ctx context.Context, acc readmodel.Access, meeting id.Row) (readmodel.Frame, readmodel.Meeting, error) {
	var m readmodel.Meeting
	args := where(acc)
	args["id"] = meeting
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) { b.Queue(meetingSQL, args).Query(one(&m)) })
	return frame, m, err
}

// judgeMeeting refuses minutes of what has not been held, and minutes that do
// not say who was there.
func judgeMeeting(c *readmodel.Caller, in readmodel.Meeting) error {
	switch {
	case in.Minutes == "":
		return nil
	case in.HeldOn.After(c.Today()):
		return fault.InvalidField("meeting_held", "committee.meeting.not_yet")
	case in.Present == "":
		return fault.InvalidField("meeting_present", "committee.meeting.present_missing")
	}
	return nil
}

func meetingArgs(acc readmodel.Access, c *readmodel.Caller, in readmodel.Meeting) pgx.NamedArgs {
	args := where(acc)
	args["id"], args["kind"], args["held"], args["present"], args["minutes"] = in.ID, in.Kind, in.HeldOn, in.Present, in.Minutes
	args["cycle"], args["person"] = c.Cycle, c.Person
	return args
}

// AddMeeting records a meeting that was held, or plans one.
func (db *DB) AddMeeting(ctx context.Context, acc readmodel.Access, in readmodel.Meeting) error {
	_, err := db.write(ctx, acc, fact{
		step: certification.Committee, kind: certification.Living,
		decide: func(c *readmodel.Caller, w *writes) error {
			if err := judgeMeeting(c, in); err != nil {
				return err
			}
			w.Queue(`
				INSERT INTO meeting (organization_id, project_id, id, cycle, kind, held_on, present, minutes, person_id, created_at)
				VALUES (@organization, @project, @id, @cycle, @kind, @held, @present, @minutes, @person, @now)`, meetingArgs(acc, c, in))
			w.Event(acc.Project, "meeting.added", "committee", map[string]any{"kind": in.Kind, "on": in.HeldOn.String()})
			w.Result = in.ID.String()
			return nil
		},
	})
	return err
}

// SaveMeeting stores an edited meeting.
func (db *DB) SaveMeeting(ctx context.Context, acc readmodel.Access, in readmodel.Meeting) error {
	var stored readmodel.Meeting
	args := where(acc)
	args["id"] = in.ID
	_, err := db.write(ctx, acc, fact{
		step: certification.Committee, kind: certification.Living,
		read: func(b *pgx.Batch) { b.Queue(meetingSQL+` FOR UPDATE OF g`, args).Query(one(&stored)) },
		decide: func(c *readmodel.Caller, w *writes) error {
			write, err := edit{from: in.Version, now: stored.Version, fields: []edited{
				{"meeting_kind", in.Kind, stored.Kind}, {"meeting_held", in.HeldOn.String(), stored.HeldOn.String()},
				{"meeting_present", in.Present, stored.Present}, {"meeting_minutes", in.Minutes, stored.Minutes},
			}}.judge()
			if !write {
				return err
			}
			if err := judgeMeeting(c, in); err != nil {
				return err
			}
			args := meetingArgs(acc, c, in)
			args["version"] = stored.Version
			w.Must(`
				UPDATE meeting SET kind = @kind, held_on = @held, present = @present, minutes = @minutes, version = version + 1
				 WHERE organization_id = @organization AND project_id = @project AND id = @id AND version = @version`, args)
			w.Event(acc.Project, "meeting.saved", "committee", map[string]any{"kind": in.Kind, "on": in.HeldOn.String()})
			return nil
		},
	})
	return err
}
