package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/task"
	"waymark/internal/readmodel"
)

const (
	// workerSQL makes this transaction the worker's: nobody's session, the
	// outbox open, and the organization given, or none.
	workerSQL = `SELECT set_config('app.person', '', true), set_config('app.org', @organization, true), set_config('app.scope', 'worker', true)`

	// duePeopleSQL reads the members with an open task that may be late or soon
	// due, and which of their lists are in the outbox already. The horizon is a
	// day too far, because every clock has its own today.
	duePeopleSQL = `
		SELECT m.person_id AS person, m.name, m.email, coalesce(o.time_zone, '') AS zone, o.language,
		       o.name AS organization,
		       coalesce((SELECT array_agg(l.once) FROM mail l WHERE l.once IN (
		          SELECT 'due_list:' || o.id || ':' || m.person_id || ':' || (@day::date + x.n) FROM generate_series(-1, 1) AS x(n))), '{}') AS sent
		  FROM membership m JOIN organization o ON o.id = m.organization_id
		 WHERE m.organization_id = @organization AND m.removed_at IS NULL
		   AND EXISTS (SELECT 1 FROM task k WHERE k.organization_id = m.organization_id AND k.owner_id = m.person_id AND k.state <> 'done'
		         AND coalesce(k.due_on, 'infinity'::date) <= @horizon)
		 ORDER BY m.person_id`
	asPersonSQL  = `SELECT set_config('app.person', @person, true)`
	duePersonSQL = `SELECT coalesce(p.time_zone, '') AS zone, coalesce(p.language, '') AS language, p.disabled_at IS NOT NULL AS disabled FROM person p WHERE p.id = @person`
	// dueTasksSQL leaves out projects that the person no longer reads.
	dueTasksSQL = `
		SELECT k.id, o.name AS organization, j.name AS project, j.id AS project_id, k.title, k.due_on
		  FROM task k
		  JOIN project j ON j.organization_id = k.organization_id AND j.id = k.project_id AND j.archived_at IS NULL
		  JOIN organization o ON o.id = k.organization_id
		 WHERE k.organization_id = @organization AND k.owner_id = @person AND k.state <> 'done'
		   AND coalesce(k.due_on, 'infinity'::date) <= @horizon
		   AND (EXISTS (SELECT 1 FROM project_role r WHERE r.organization_id = k.organization_id AND r.project_id = k.project_id AND r.person_id = @person)
		        OR EXISTS (SELECT 1 FROM membership m WHERE m.organization_id = k.organization_id AND m.person_id = @person AND m.role = 'owner'))
		 ORDER BY coalesce(k.due_on, 'infinity'::date), k.number LIMIT 100`
)

// DueOrganizations lists the organizations whose people get due lists.
func (db *DB) DueOrganizations(ctx context.Context) ([]id.Organization, error) {
	var ids []id.Organization
	err := db.work(ctx, id.Organization{}, func(b *pgx.Batch) {
		b.Queue(`SELECT x FROM organization_ids() AS x`).Query(func(rows pgx.Rows) (err error) {
			ids, err = pgx.CollectRows(rows, pgx.RowTo[id.Organization])
			return err
		})
	})
	return ids, err
}

// work runs statements as the worker, in one transaction and one round trip.
func (db *DB) work(ctx context.Context, organization id.Organization, fill func(*pgx.Batch)) error {
	org := ""
	if !organization.IsZero() {
		org = organization.String()
	}
	b := &pgx.Batch{}
	b.Queue(workerSQL, pgx.NamedArgs{"organization": org})
	fill(b)
	return db.failed("working on due lists", db.send(ctx, b))
}

type dueMember struct {
	Person       id.Person
	Name, Email  string
	Zone         string
	Language     string
	Organization string
	Sent         []string
}

type dueReader struct {
	Zone, Language string
	Disabled       bool
}

// DuePeople gives the people of an organization whose due list of the day is to
// be sent now and is not in the outbox yet: by the person's own clock, else the
// organization's.
func (db *DB) DuePeople(ctx context.Context, organization id.Organization, now time.Time) ([]readmodel.DuePerson, error) {
	day := civil.Of(now, time.UTC)
	horizon := day.AddDays(task.Soon + 1)
	var members []dueMember
	err := db.work(ctx, organization, func(b *pgx.Batch) {
		b.Queue(duePeopleSQL, pgx.NamedArgs{"organization": organization, "day": day, "horizon": horizon}).Query(collect(&members))
	})
	if err != nil || len(members) == 0 {
		return nil, err
	}
	readers, tasks := make([]dueReader, len(members)), make([][]readmodel.DueTask, len(members))
	err = db.work(ctx, organization, func(b *pgx.Batch) {
		for i, m := range members {
			args := pgx.NamedArgs{"organization": organization, "person": m.Person, "horizon": horizon}
			b.Queue(asPersonSQL, pgx.NamedArgs{"person": m.Person.String()})
			b.Queue(duePersonSQL, args).Query(one(&readers[i]))
			b.Queue(dueTasksSQL, args).Query(collect(&tasks[i]))
		}
	})
	if err != nil {
		return nil, err
	}
	var out []readmodel.DuePerson
	for i, m := range members {
		p, ok := m.due(organization, readers[i], tasks[i], now)
		if ok {
			out = append(out, p)
		}
	}
	return out, nil
}

// due judges whether a member gets a list now.
func (m dueMember) due(organization id.Organization, r dueReader, tasks []readmodel.DueTask, now time.Time) (readmodel.DuePerson, bool) {
	p := readmodel.DuePerson{Person: m.Person, Name: m.Name, Email: m.Email, Language: r.Language}
	if p.Language == "" {
		p.Language = m.Language
	}
	loc := time.UTC
	for _, zone := range []string{m.Zone, r.Zone} { // the last that is known counts
		if known, err := time.LoadLocation(zone); zone != "" && err == nil {
			loc = known
		}
	}
	today, ok := task.DueListDay(now, loc)
	if !ok || r.Disabled {
		return p, false
	}
	p.Today = today
	p.Once = "due_list:" + organization.String() + ":" + m.Person.String() + ":" + today.String()
	p.Tasks = slices.DeleteFunc(tasks, func(t readmodel.DueTask) bool { return !task.OnDueList(t.DueOn, today) })
	return p, len(p.Tasks) > 0 && !slices.Contains(m.Sent, p.Once)
}

// PutDueLists puts due lists into the outbox. A list that another process put
// there first is left as it is; the answer counts those put now.
func (db *DB) PutDueLists(ctx context.Context, list []readmodel.NewMail, now time.Time) (int, error) {
	put := 0
	err := db.work(ctx, id.Organization{}, func(b *pgx.Batch) {
		for _, m := range list {
			b.Queue(`
				INSERT INTO mail (id, once, kind, recipient, language, subject, body_text, body_html, created_at, next_attempt_at)
				VALUES (@id, @once, @kind, @recipient, @language, @subject, @text, @html, @now, @now)
				ON CONFLICT (once) DO NOTHING RETURNING 1`, pgx.NamedArgs{
				"id": m.ID, "once": m.Once, "kind": m.Kind, "recipient": m.Recipient, "language": m.Language, "subject": m.Subject,
				"text": m.Text, "html": m.HTML, "now": now,
			}).Query(func(rows pgx.Rows) error {
				for rows.Next() {
					put++
				}
				return rows.Err()
			})
		}
	})
	return put, err
}
