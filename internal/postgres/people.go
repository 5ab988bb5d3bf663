package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/domain/permission"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

// membersOnPage is how many members a page of the people shows.
const membersOnPage = 100

const (
	// The members of an organization by name, and those from behind one of them
	// on.
	membersSQL = `
		SELECT person_id AS person, name, email, role, created_at, version
		  FROM membership
		 WHERE organization_id = @organization AND removed_at IS NULL
		 ORDER BY name, person_id LIMIT @limit`
	membersBehindSQL = `
		SELECT person_id AS person, name, email, role, created_at, version
		  FROM membership
		 WHERE organization_id = @organization AND removed_at IS NULL
		   AND (name, person_id) >
		       ((SELECT b.name FROM membership b WHERE b.organization_id = @organization AND b.person_id = @behind), @behind::uuid)
		 ORDER BY name, person_id LIMIT @limit`
	invitationsSQL = `
		SELECT i.id, i.email, i.name, i.organization_role, i.project_id AS project, j.name AS project_name, i.project_role,
		       i.until_on, n.name AS invited_by, i.created_at, i.expires_at
		  FROM invitation i
		  JOIN membership n ON n.organization_id = i.organization_id AND n.person_id = i.invited_by
		  LEFT JOIN project j ON j.organization_id = i.organization_id AND j.id = i.project_id
		 WHERE i.organization_id = @organization AND (@project::uuid IS NULL OR i.project_id = @project)
		   AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL
		 ORDER BY i.created_at DESC, i.id DESC LIMIT 200`
	memberSQL = `
		SELECT person_id AS person, name, email, role, created_at, version
		  FROM membership WHERE organization_id = @organization AND person_id = @person AND removed_at IS NULL`
	otherOwnersSQL = `
		SELECT count(*) AS owners FROM membership
		 WHERE organization_id = @organization AND role = 'owner' AND removed_at IS NULL AND person_id <> @person`
	memberRolesSQL = `
		SELECT r.project_id AS project, j.name AS project_name, r.role, r.acting, r.until_on
		  FROM project_role r JOIN project j ON j.organization_id = r.organization_id AND j.id = r.project_id
		 WHERE r.organization_id = @organization AND r.person_id = @person ORDER BY j.name, j.id, r.role`
	memberTasksSQL = `
		SELECT t.project_id AS project, j.name AS project_name, count(*) AS open
		  FROM task t JOIN project j ON j.organization_id = t.organization_id AND j.id = t.project_id
		 WHERE t.organization_id = @organization AND t.owner_id = @person AND t.state <> 'done'
		 GROUP BY t.project_id, j.name ORDER BY j.name, t.project_id`
	memberAppointmentsSQL = `
		SELECT a.project_id AS project, j.name AS project_name, a.role, a.clause
		  FROM appointment a JOIN project j ON j.organization_id = a.organization_id AND j.id = a.project_id
		 WHERE a.organization_id = @organization AND a.person_id = @person AND a.ended_at IS NULL AND a.declined_at IS NULL
		 ORDER BY j.name, j.id, a.role, a.clause`
	othersSQL = `
		SELECT person_id AS person, name, email FROM membership
		 WHERE organization_id = @organization AND removed_at IS NULL AND person_id <> @person ORDER BY name, person_id LIMIT 1000`

	participantsSQL = `
		SELECT r.person_id AS person, n.name, n.email, r.role, r.acting, r.until_on,
		       coalesce(r.until_on < (@now::timestamptz AT TIME ZONE o.time_zone)::date, false) AS over
		  FROM project_role r
		  JOIN membership n ON n.organization_id = r.organization_id AND n.person_id = r.person_id
		  JOIN organization o ON o.id = r.organization_id
		 WHERE r.organization_id = @organization AND r.project_id = @project
		 ORDER BY n.name, r.person_id, r.role`
	ownersSQL = `
		SELECT person_id AS person, name, email FROM membership
		 WHERE organization_id = @organization AND removed_at IS NULL AND role = 'owner' ORDER BY name, person_id`
)

// aboutPerson is the arguments of a statement about one person.
func aboutPerson(acc readmodel.Access, person id.Person) pgx.NamedArgs {
	return with(where(acc), "person", person)
}

// People reads the members of an organization, from behind one on, and the
// open invitations.
func (db *DB) People(ctx context.Context, acc readmodel.Access, behind id.Person) (readmodel.Frame, readmodel.People, error) {
	var p readmodel.People
	sql := membersSQL
	if !behind.IsZero() {
		sql = membersBehindSQL
	}
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		b.Queue(sql, with(where(acc), "behind", behind, "limit", membersOnPage+1)).Query(collect(&p.Members))
		b.Queue(invitationsSQL, with(where(acc), "project", nil)).Query(collect(&p.Invitations))
	})
	if len(p.Members) > membersOnPage {
		p.Members = slices.Clip(p.Members[:membersOnPage])
		p.Next = p.Members[membersOnPage-1].Person
	}
	if !frame.Caller.Owner() { // who is invited is for those who may invite
		p.Invitations = nil
	}
	return frame, p, err
}

// MemberPage reads what an owner decides about a member by. Somebody who is not
// a member is fault.NotFound.
func (db *DB) MemberPage(ctx context.Context, acc readmodel.Access, person id.Person) (readmodel.Frame, readmodel.MemberPage, error) {
	var p readmodel.MemberPage
	var others struct{ Owners int }
	args := aboutPerson(acc, person)
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		b.Queue(memberSQL, args).Query(one(&p.Member))
		b.Queue(otherOwnersSQL, args).Query(one(&others))
		b.Queue(memberRolesSQL, args).Query(collect(&p.Roles))
		b.Queue(memberTasksSQL, args).Query(collect(&p.Tasks))
		b.Queue(memberAppointmentsSQL, args).Query(collect(&p.Appointments))
		b.Queue(othersSQL, args).Query(collect(&p.Others))
	})
	p.LastOwner = p.Member.Role == identity.Owner && others.Owners == 0
	return frame, p, err
}

// ProjectPeople reads who takes part in a project.
func (db *DB) ProjectPeople(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.ProjectPeople, error) {
	var p readmodel.ProjectPeople
	var held []struct {
		Person  id.Person
		Name    string
		Email   string
		Role    identity.ProjectRole
		Acting  bool
		UntilOn civil.Date
		Over    bool
	}
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		b.Queue(participantsSQL, where(acc)).Query(collect(&held))
		b.Queue(ownersSQL, where(acc)).Query(collect(&p.Owners))
		b.Queue(othersSQL, aboutPerson(acc, id.Person{})).Query(collect(&p.Members))
		b.Queue(invitationsSQL, where(acc)).Query(collect(&p.Invitations))
	})
	for _, r := range held {
		last := len(p.Participants) - 1
		if last < 0 || p.Participants[last].Person != r.Person {
			p.Participants = append(p.Participants, readmodel.Participant{Person: r.Person, Name: r.Name, Email: r.Email})
			last++
		}
		p.Participants[last].Roles = append(p.Participants[last].Roles,
			readmodel.HeldRole{Role: r.Role, Acting: r.Acting, UntilOn: r.UntilOn, Over: r.Over})
	}
	if !frame.Caller.Can(permission.InvitePeople) {
		p.Members, p.Invitations = nil, nil
	}
	return frame, p, err
}

// organizationLock holds an organization for what two owners may not do at
// once, and reads whether the caller is still one: they may have waited for
// the other to remove them.
type organizationLock struct {
	row   organizationRow
	actor struct{ Owner bool }
}

func (l *organizationLock) queue(b *pgx.Batch, acc readmodel.Access) {
	b.Queue(organizationSQL+` FOR NO KEY UPDATE`, where(acc)).Query(one(&l.row))
	b.Queue(`
		SELECT EXISTS (SELECT 1 FROM membership WHERE organization_id = @organization AND removed_at IS NULL AND role = 'owner'
		                AND person_id = (SELECT current_setting('app.person', true)::uuid)) AS owner`, where(acc)).Query(one(&l.actor))
}

func (l *organizationLock) check() error {
	switch {
	case !l.actor.Owner:
		return fault.Forbidden
	case l.row.Archived:
		return archived()
	}
	return nil
}

// ruledOut refuses an act for a reason that stands in the organization itself
// and not in what was typed.
func ruledOut(key string, args ...any) error {
	return fault.Wrap(fault.Refused, "deciding about people", fault.InvalidField("", key, args...))
}

// ChangeOrganizationRole makes a member an owner or an owner a member. The last
// owner stays one.
func (db *DB) ChangeOrganizationRole(ctx context.Context, acc readmodel.Access, in readmodel.NewOrganizationRole) error {
	var l organizationLock
	var stored readmodel.Member
	var others struct{ Owners int }
	args := aboutPerson(acc, in.Person)
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			l.queue(b, acc)
			b.Queue(memberSQL+` FOR NO KEY UPDATE`, args).Query(one(&stored))
			b.Queue(otherOwnersSQL, args).Query(one(&others))
		},
		decide: func(_ *readmodel.Caller, w *writes) error {
			if err := l.check(); err != nil {
				return err
			}
			write, err := edit{from: in.Version, now: stored.Version, fields: []edited{
				{"organization_role", in.Role.String(), stored.Role.String()},
			}}.judge()
			if !write {
				return err
			}
			if stored.Role == identity.Owner && others.Owners == 0 {
				return ruledOut("people.last_owner")
			}
			w.Must(`
				UPDATE membership SET role = @role, version = version + 1
				 WHERE organization_id = @organization AND person_id = @person AND version = @version`,
				with(args, "role", in.Role, "version", stored.Version))
			w.Event(id.Project{}, "person.role_added", in.Person.String(), map[string]any{"role": in.Role.String()})
			return nil
		},
	})
	return err
}

// removal collects what removing a member rests on.
type removal struct {
	lock         organizationLock
	projects     []struct{ ID id.Project }
	stored       readmodel.Member
	others       struct{ Owners int }
	roles        []readmodel.MemberRole
	tasks        []readmodel.MemberTasks
	appointments []readmodel.MemberAppointment
	helps        struct{ Somebody bool }
	taker        readmodel.Member
	takes        []struct{ Project id.Project }
}

// RemovePerson takes a member out of an organization: open tasks go to who
// takes over, appointments and project roles end. What the person did stays
// theirs, and so do their sessions, for other organizations. The last owner
// stays. It answers whether the caller removed themselves.
func (db *DB) RemovePerson(ctx context.Context, acc readmodel.Access, in readmodel.Removal) (bool, error) {
	var r removal
	self := false
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			r = removal{}
			r.queue(b, acc, in)
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			if err := r.check(in); err != nil {
				return err
			}
			r.write(acc, in, w)
			self = c.Person == in.Person
			return nil
		},
	})
	return self, err
}

func (r *removal) queue(b *pgx.Batch, acc readmodel.Access, in readmodel.Removal) {
	args := aboutPerson(acc, in.Person)
	// All projects are held alone, so that nobody gives the person a task or an
	// appointment meanwhile.
	b.Queue(`SELECT id FROM project WHERE organization_id = @organization ORDER BY id FOR NO KEY UPDATE`, args).Query(collect(&r.projects))
	r.lock.queue(b, acc)
	b.Queue(memberSQL+` FOR NO KEY UPDATE`, args).Query(one(&r.stored))
	b.Queue(otherOwnersSQL, args).Query(one(&r.others))
	b.Queue(memberRolesSQL, args).Query(collect(&r.roles))
	b.Queue(memberTasksSQL, args).Query(collect(&r.tasks))
	b.Queue(memberAppointmentsSQL, args).Query(collect(&r.appointments))
	b.Queue(`
		SELECT EXISTS (SELECT 1 FROM task WHERE organization_id = @organization AND unblocker_id = @person AND state <> 'done') AS somebody`,
		args).Query(one(&r.helps))
	taker := aboutPerson(acc, in.TakeOver)
	b.Queue(memberSQL, taker).Query(maybe(&r.taker))
	b.Queue(`
		SELECT DISTINCT r.project_id AS project FROM project_role r JOIN organization o ON o.id = r.organization_id
		 WHERE r.organization_id = @organization AND r.person_id = @person AND r.role <> 'guest_auditor'
		   AND (r.until_on IS NULL OR r.until_on >= (@now::timestamptz AT TIME ZONE o.time_zone)::date)`, taker).Query(collect(&r.takes))
}

func (r *removal) check(in readmodel.Removal) error {
	if err := r.lock.check(); err != nil {
		return err
	}
	if r.stored.Role == identity.Owner && r.others.Owners == 0 {
		return ruledOut("people.last_owner")
	}
	if len(r.tasks) == 0 {
		return nil
	}
	switch {
	case in.TakeOver.IsZero():
		return fault.InvalidField("take_over", "people.take_over.missing")
	case r.taker.Person.IsZero() || in.TakeOver == in.Person:
		return fault.InvalidField("take_over", "people.take_over.nobody")
	case r.taker.Role == identity.Owner:
		return nil
	}
	var closed []string
	for _, t := range r.tasks {
		if !slices.ContainsFunc(r.takes, func(p struct{ Project id.Project }) bool { return p.Project == t.Project }) {
			closed = append(closed, t.ProjectName)
		}
	}
	if len(closed) > 0 {
		return fault.InvalidField("take_over", "people.take_over.no_role", "name", r.taker.Name, "projects", strings.Join(closed, ", "))
	}
	return nil
}

// left counts what a person leaves in a project.
type left struct{ tasks, roles, appointments int }

func (r *removal) left() map[id.Project]left {
	out := map[id.Project]left{}
	for _, t := range r.tasks {
		l := out[t.Project]
		l.tasks += t.Open
		out[t.Project] = l
	}
	for _, role := range r.roles {
		l := out[role.Project]
		l.roles++
		out[role.Project] = l
	}
	for _, a := range r.appointments {
		l := out[a.Project]
		l.appointments++
		out[a.Project] = l
	}
	return out
}

func (r *removal) write(acc readmodel.Access, in readmodel.Removal, w *writes) {
	args := with(aboutPerson(acc, in.Person), "version", r.stored.Version)
	if len(r.tasks) > 0 || r.helps.Somebody {
		queueHandOver(w, acc, in.Person, in.TakeOver)
	}
	w.Queue(`
		UPDATE appointment SET ended_at = @now, version = version + 1
		 WHERE organization_id = @organization AND person_id = @person AND ended_at IS NULL AND declined_at IS NULL`, args)
	w.Queue(`DELETE FROM project_role WHERE organization_id = @organization AND person_id = @person`, args)
	w.Must(`
		UPDATE membership SET removed_at = @now, version = version + 1
		 WHERE organization_id = @organization AND person_id = @person AND version = @version AND removed_at IS NULL`, args)
	about := in.Person.String()
	all := left{}
	counts := r.left()
	for _, p := range r.projects {
		l, touched := counts[p.ID]
		if !touched {
			continue
		}
		all.tasks, all.roles, all.appointments = all.tasks+l.tasks, all.roles+l.roles, all.appointments+l.appointments
		w.Event(p.ID, "person.removed", about, r.data(in, l))
	}
	w.Event(id.Project{}, "person.removed", about, r.data(in, all))
}

func (r *removal) data(in readmodel.Removal, l left) map[string]any {
	data := map[string]any{"tasks": l.tasks, "roles": l.roles, "appointments": l.appointments}
	if l.tasks > 0 {
		data["to_person"] = in.TakeOver.String()
	}
	return data
}

// AddProjectRole gives a member a role in a project; to a role that is held
// already it gives the new last day.
func (db *DB) AddProjectRole(ctx context.Context, acc readmodel.Access, in readmodel.NewRole) error {
	var l loaded
	var stored readmodel.Member
	var held *struct {
		Acting  bool
		UntilOn civil.Date
	}
	args := with(aboutPerson(acc, in.Person), "role", in.Role, "until", in.UntilOn)
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			l, held = loaded{}, nil
			queueOrder(b, acc, toWrite, &l)
			b.Queue(memberSQL, args).Query(maybe(&stored))
			b.Queue(`SELECT acting, until_on FROM project_role
			          WHERE organization_id = @organization AND project_id = @project AND person_id = @person AND role = @role`, args).
				Query(func(rows pgx.Rows) error {
					list, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[struct {
						Acting  bool
						UntilOn civil.Date
					}])
					if len(list) > 0 {
						held = list[0]
					}
					return err
				})
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			switch {
			case l.row.Archived:
				return archived()
			case stored.Person.IsZero():
				return fault.InvalidField("person", "people.no_member")
			case in.Person == c.Person && !c.Owner():
				// Nobody becomes the second person of a rule of two by their own hand.
				return fault.InvalidField("person", "people.own_role")
			case !in.UntilOn.IsZero() && in.UntilOn.Before(c.Today()):
				return fault.InvalidField("until_on", "people.until.past")
			case held != nil && held.UntilOn == in.UntilOn:
				w.Result = in.Person.String()
				return nil
			}
			w.Queue(`
				INSERT INTO project_role (organization_id, project_id, person_id, role, until_on, created_at)
				VALUES (@organization, @project, @person, @role, @until, @now)
				ON CONFLICT (organization_id, project_id, person_id, role) DO UPDATE SET until_on = excluded.until_on`, args)
			data := map[string]any{"role": in.Role.String()}
			if !in.UntilOn.IsZero() {
				data["until"] = in.UntilOn.String()
			}
			w.Event(acc.Project, "person.role_added", in.Person.String(), data)
			w.Result = in.Person.String()
			return nil
		},
	})
	return err
}

// RemoveProjectRole takes a role of a project away. One that is not held is
// fault.NotFound.
func (db *DB) RemoveProjectRole(ctx context.Context, acc readmodel.Access, person id.Person, role identity.ProjectRole) error {
	var l loaded
	var held struct{ Acting bool }
	args := with(aboutPerson(acc, person), "role", role)
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			l = loaded{}
			queueOrder(b, acc, toWrite, &l)
			b.Queue(`SELECT acting FROM project_role
			          WHERE organization_id = @organization AND project_id = @project AND person_id = @person AND role = @role FOR UPDATE`, args).
				Query(one(&held))
		},
		decide: func(_ *readmodel.Caller, w *writes) error {
			if l.row.Archived {
				return archived()
			}
			w.Must(`
				DELETE FROM project_role
				 WHERE organization_id = @organization AND project_id = @project AND person_id = @person AND role = @role`, args)
			w.Event(acc.Project, "person.role_removed", person.String(), map[string]any{"role": role.String()})
			return nil
		},
	})
	return err
}
