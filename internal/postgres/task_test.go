package postgres

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/task"
	"waymark/internal/pgtest"
	"waymark/internal/readmodel"
)

// tasksOf are organizations with a project of many tasks each.
type tasksOf struct {
	owner, app   *pgxpool.Pool
	db           *DB
	Organization id.Organization
	Project      id.Project
	Person       id.Person
	now          time.Time
}

func idOf[T ~[16]byte]() T { return T(uuid.Must(uuid.NewV7())) }

func (s *tasksOf) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	_, err := s.owner.Exec(t.Context(), sql, args...)
	require.NoError(t, err)
}

// newTasks fills three organizations with an empty project each, and gives
// the last of them.
func newTasks(t *testing.T) *tasksOf {
	t.Helper()
	fresh := pgtest.New(t)
	s := &tasksOf{owner: fresh.Owner(t), app: fresh.App(t), now: time.Date(2026, 5, 21, 9, 0, 0, 0, time.UTC)}
	var err error
	s.db, err = Open(t.Context(), fresh.AppDSN(), Options{})
	require.NoError(t, err)
	t.Cleanup(s.db.Close)
	for range 3 {
		s.Organization, s.Project, s.Person = idOf[id.Organization](), idOf[id.Project](), idOf[id.Person]()
		s.exec(t, `INSERT INTO organization (id, name, time_zone, language, created_at) VALUES ($1, 'Halden', 'Europe/Oslo', 'en', $2)`, s.Organization, s.now)
		s.exec(t, `INSERT INTO person (id, email, name, created_at) VALUES ($1, $3, 'Ada', $2)`, s.Person, s.now, s.Person.String()+"@example.org")
		s.exec(t, `INSERT INTO membership (organization_id, person_id, role, name, email, created_at) VALUES ($1, $2, 'owner', 'Ada', $4, $3)`,
			s.Organization, s.Person, s.now, s.Person.String()+"@example.org")
		s.exec(t, `INSERT INTO project (organization_id, id, name, edition, target_on, created_by, created_at)
			VALUES ($1, $2, 'Certification', 'iso20000-1-2018', '2026-11-30', $3, $4)`, s.Organization, s.Project, s.Person, s.now)
		s.exec(t, `WITH p AS (
			  INSERT INTO person (id, email, name, created_at) SELECT gen_random_uuid(), $1::text || n || '@example.org', 'Person ' || n, $2 FROM generate_series(1, 20) n
			  RETURNING id, name, email)
			INSERT INTO membership (organization_id, person_id, role, name, email, created_at)
			SELECT $1::uuid, p.id, 'member', p.name, p.email, $2 FROM p`, s.Organization.String(), s.now)
	}
	return s
}

func (s *tasksOf) fill(t *testing.T, n int) {
	t.Helper()
	s.exec(t, `INSERT INTO finding (organization_id, project_id, id, number, check_id, statement, proposed, severity, created_by, created_at, updated_at)
		SELECT j.organization_id, j.id, gen_random_uuid(), n, '8.6.1-b', 'Something', 'none', 'minor', j.created_by, now(), now()
		  FROM project j, generate_series(1, 50) n`)
	s.exec(t, `INSERT INTO task (organization_id, project_id, id, number, step, finding_id, title, owner_id, due_on, state, blocked_reason, done_at, created_by, created_at, updated_at)
		SELECT j.organization_id, j.id, gen_random_uuid(), n, 1 + n % 9,
		       CASE WHEN n % 7 = 0 THEN (SELECT f.id FROM finding f WHERE f.organization_id = j.organization_id AND f.number = 1 + n % 50) END,
		       'Task ' || n, CASE WHEN n % 50 > 0 THEN (SELECT m.person_id FROM membership m WHERE m.organization_id = j.organization_id ORDER BY m.person_id OFFSET n % 20 LIMIT 1) END,
		       CASE WHEN n % 60 > 0 THEN '2026-01-01'::date + (n * 37) % 500 END,
		       (ARRAY['open', 'in_progress', 'blocked', 'done'])[1 + n % 4], 'x', CASE WHEN n % 4 = 3 THEN now() END, j.created_by, now(), now()
		  FROM project j, generate_series(1, $1::int) n`, n)
	s.exec(t, `ANALYZE`)
}

// plan gives the plan of a statement as the application's role sees it, with
// the tenant set and sequential scans dear.
func (s *tasksOf) plan(t *testing.T, sql string, args pgx.NamedArgs) string {
	t.Helper()
	tx, err := s.app.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = tx.Exec(t.Context(), `SELECT set_config('app.org', $1, true), set_config('app.person', $2, true), set_config('enable_seqscan', 'off', true)`,
		s.Organization.String(), s.Person.String())
	require.NoError(t, err)
	rows, err := tx.Query(t.Context(), `EXPLAIN (COSTS OFF) `+sql, args)
	require.NoError(t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return strings.Join(lines, "\n")
}

func (s *tasksOf) access() readmodel.Access {
	return readmodel.Access{Organization: s.Organization, Project: s.Project, Now: s.now}
}

func TestTaskListUsesItsIndexes(t *testing.T) {
	t.Parallel()
	s := newTasks(t)
	s.fill(t, 1500)
	finding := idOf[id.Finding]()
	for name, c := range map[string]struct {
		filter readmodel.TaskFilter
		index  string
	}{
		"open ones by date":       {readmodel.TaskFilter{}, "task_open_due"},
		"all by date":             {readmodel.TaskFilter{Any: true}, "task_due"},
		"further down":            {readmodel.TaskFilter{Cursor: readmodel.TaskCursor{Due: civil.MustParse("2026-08-01"), Number: 700}}, "task_open_due"},
		"back up":                 {readmodel.TaskFilter{Cursor: readmodel.TaskCursor{Number: 1400, Before: true}}, "task_open_due"},
		"newest":                  {readmodel.TaskFilter{Newest: true}, "task_organization_id_project_id_number_key"},
		"a state":                 {readmodel.TaskFilter{State: task.Blocked}, "task_state"},
		"a person's":              {readmodel.TaskFilter{Owner: readmodel.OnePersons, Person: s.Person, Any: true}, "task_owner"},
		"mine":                    {readmodel.TaskFilter{Owner: readmodel.Mine, Any: true}, "task_owner"},
		"nobody's":                {readmodel.TaskFilter{Owner: readmodel.Nobodys, Any: true}, "task_owner"},
		"a step's":                {readmodel.TaskFilter{Step: certification.Audit, Any: true}, "task_step"},
		"a finding's":             {readmodel.TaskFilter{Finding: finding, Any: true}, "task_finding"},
		"late ones":               {readmodel.TaskFilter{Late: true}, "task_open_due"},
		"without a date":          {readmodel.TaskFilter{Lack: readmodel.LackDue}, "task_unplanned"},
		"without a fitting owner": {readmodel.TaskFilter{Lack: readmodel.LackOwner}, "task_unplanned"},
	} {
		t.Run(name, func(t *testing.T) {
			q := taskQuery{filter: c.filter}
			for _, sql := range []string{q.rows(), q.count()} {
				plan := s.plan(t, sql, q.args(s.access()))
				require.NotContains(t, plan, "Seq Scan on task", "%s", plan)
			}
			plan := s.plan(t, q.rows(), q.args(s.access()))
			require.Contains(t, plan, c.index, "%s", plan)
			_, page, _ := strings.Cut(plan, "Limit")
			sorted := strings.Contains(page, "Sort Key")
			// What lacks something, has no owner or stems from one finding are few,
			// and sorted after they were found.
			if c.filter.Lack == readmodel.LackNothing && c.filter.Finding.IsZero() && c.filter.Owner != readmodel.Nobodys {
				require.False(t, sorted, "the page is read in the index's order:\n%s", plan)
			}
		})
	}
	for name, sql := range map[string]string{"file": taskFileSQL, "mine": mineSQL, "due": duePeopleSQL, "due tasks": dueTasksSQL, "siblings": openSiblingsSQL} {
		args := taskArgs(s.access(), idOf[id.Task]())
		args["number"], args["limit"], args["day"], args["horizon"], args["person"] = 100, 1000, civil.Of(s.now, time.UTC), civil.Of(s.now, time.UTC), s.Person
		plan := s.plan(t, sql, args)
		require.NotContains(t, plan, "Seq Scan on task", "%s: %s", name, plan)
	}
}

// The control: without its index, the same question is answered by a scan.
func TestMissingIndexIsFound(t *testing.T) {
	t.Parallel()
	s := newTasks(t)
	s.fill(t, 500)
	s.exec(t, `DROP INDEX task_step`)
	q := taskQuery{filter: readmodel.TaskFilter{Step: certification.Audit, Any: true}}
	require.NotContains(t, s.plan(t, q.rows(), q.args(s.access())), "task_step")
}

func TestHandOver(t *testing.T) {
	t.Parallel()
	s := newTasks(t)
	s.fill(t, 40)
	var from, to id.Person
	require.NoError(t, s.owner.QueryRow(t.Context(), `SELECT owner_id FROM task WHERE organization_id = $1 AND state = 'open' AND owner_id IS NOT NULL LIMIT 1`, s.Organization).Scan(&from))
	to = s.Person
	s.exec(t, `UPDATE task SET unblocker_id = $2 WHERE organization_id = $1 AND state = 'blocked'`, s.Organization, from)
	var token [32]byte
	s.exec(t, `INSERT INTO session (id, person_id, token_hash, created_at, last_seen_at, expires_at) VALUES ($1, $2, $3, $4, $4, $5)`,
		idOf[id.Session](), s.Person, token[:], s.now, s.now.AddDate(1, 0, 0))
	acc := readmodel.Access{Token: token, Organization: s.Organization, Now: s.now, May: func(*readmodel.Caller) error { return nil }}
	count := func(sql string, args ...any) (n int) {
		require.NoError(t, s.owner.QueryRow(t.Context(), sql, args...).Scan(&n))
		return n
	}
	finished := count(`SELECT count(*) FROM task WHERE owner_id = $1 AND state = 'done'`, from)
	others := count(`SELECT count(*) FROM task WHERE organization_id <> $1 AND owner_id IS NOT NULL`, s.Organization)
	_, err := s.db.do(t.Context(), acc, change{decide: func(_ *readmodel.Caller, w *writes) error {
		queueHandOver(w, acc, from, to)
		return nil
	}})
	require.NoError(t, err)
	require.Zero(t, count(`SELECT count(*) FROM task WHERE state <> 'done' AND (owner_id = $1 OR unblocker_id = $1)`, from))
	require.Equal(t, finished, count(`SELECT count(*) FROM task WHERE owner_id = $1 AND state = 'done'`, from), "what is done stays theirs")
	require.Equal(t, others, count(`SELECT count(*) FROM task WHERE organization_id <> $1 AND owner_id IS NOT NULL`, s.Organization))
	require.Equal(t, 1, count(`SELECT count(*) FROM event WHERE kind = 'tasks.handed_on' AND data->>'from_person' = $1::text`, from.String()))
}
