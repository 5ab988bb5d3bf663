package postgres_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/task"
	"waymark/internal/pgtest"
	"waymark/internal/postgres"
	"waymark/internal/postgres/seed"
	"waymark/internal/readmodel"
)

// sent keeps the statements of a page as they went to the server.
type sent struct {
	elsewhere
	sql  []string
	args [][]any
}

func (s *sent) TraceBatchQuery(_ context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	s.sql, s.args = append(s.sql, data.SQL), append(s.args, data.Args)
}

// plan is what EXPLAIN gives.
type plan struct {
	Node     string `json:"Node Type"`
	Relation string `json:"Relation Name"`
	Index    string `json:"Index Name"`
	Plans    []plan `json:"Plans"`
}

func (p plan) walk(take func(plan)) {
	take(p)
	for _, below := range p.Plans {
		below.walk(take)
	}
}

// TestListsUseTheirIndexes explains the statements of every list, as the
// application's role, on tables with a year's rows.
func TestListsUseTheirIndexes(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := db.Superuser(t)
	now := time.Date(2026, 5, 21, 9, 0, 0, 0, time.UTC)
	conn, err := super.Acquire(t.Context())
	require.NoError(t, err)
	require.NoError(t, seed.Fill(t.Context(), conn.Conn(), seed.Wish{Organizations: 20, Projects: 40, Tasks: 8000, Password: "x"}, now))
	_, err = conn.Exec(t.Context(), `
		INSERT INTO mail (id, once, kind, recipient, language, subject, body_text, body_html, created_at, next_attempt_at)
		SELECT gen_random_uuid(), 'm' || n, 'notice', 'x@example.org', 'en', 's', 't', 'h', now() - n * interval '1 minute', now() FROM generate_series(1, 3000) n;
		INSERT INTO trail_head SELECT id, 400, sha256('x') FROM organization ON CONFLICT DO NOTHING;
		INSERT INTO event (organization_id, seq, project_id, kind, subject, at, data, hash)
		SELECT j.organization_id, 100000 + n + 1000 * row_number() OVER (PARTITION BY j.organization_id, n ORDER BY j.id), j.id, 'task.added', 'scope', now(), '{}', sha256('x') FROM project j, generate_series(1, 400) n;
		UPDATE installation SET set_up_at = now(), administrator_id = (SELECT id FROM person WHERE email = '`+seed.People(1, 1)+`'); ANALYZE`, pgx.QueryExecModeSimpleProtocol)
	require.NoError(t, err)
	conn.Release()

	acc := readmodel.Access{Token: [32]byte{1}, Now: now, May: func(*readmodel.Caller) error { return nil }}
	require.NoError(t, super.QueryRow(t.Context(), `
		SELECT k.organization_id, k.project_id FROM task k JOIN membership m ON m.organization_id = k.organization_id AND m.email = $1
		 GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1`, seed.People(1, 1)).Scan(&acc.Organization, &acc.Project))
	var person id.Person
	require.NoError(t, super.QueryRow(t.Context(), `SELECT id FROM person WHERE email = $1`, seed.People(1, 1)).Scan(&person))
	_, err = super.Exec(t.Context(), `INSERT INTO session (id, person_id, token_hash, created_at, last_seen_at, expires_at) VALUES (gen_random_uuid(), $1, $2, $3, $3, $4)`,
		person, acc.Token[:], now, now.AddDate(1, 0, 0))
	require.NoError(t, err)
	seen := &sent{}
	store, err := postgres.Open(t.Context(), db.AppDSN(), postgres.Options{Tracer: seen})
	require.NoError(t, err)
	defer store.Close()

	tasks := func(f readmodel.TaskFilter) func() error {
		return func() error {
			_, _, err := store.TaskList(t.Context(), acc, f)
			return err
		}
	}
	var finding id.Finding
	require.NoError(t, super.QueryRow(t.Context(), `SELECT finding_id FROM task WHERE project_id = $1 AND finding_id IS NOT NULL LIMIT 1`, acc.Project).Scan(&finding))
	whole := acc
	whole.Project = id.Project{}
	nowhere := whole
	nowhere.Organization = id.Organization{}
	big := []string{"task", "finding", "event", "mail", "rating", "membership", "project_role", "session", "person"}
	for name, list := range map[string]struct {
		read  func() error
		table string
		index []string // one of them reads the list
	}{
		"tasks, open by due date": {tasks(readmodel.TaskFilter{}), "task", []string{"task_open_due"}},
		"tasks, all by due date":  {tasks(readmodel.TaskFilter{Any: true}), "task", []string{"task_due"}},
		"tasks, by state":         {tasks(readmodel.TaskFilter{State: task.Blocked}), "task", []string{"task_state"}},
		"tasks, by owner":         {tasks(readmodel.TaskFilter{Any: true, Owner: readmodel.OnePersons, Person: person}), "task", []string{"task_owner", "task_mine"}},
		"tasks, by step":          {tasks(readmodel.TaskFilter{Any: true, Step: certification.Preparation}), "task", []string{"task_step"}},
		"tasks, by finding":       {tasks(readmodel.TaskFilter{Any: true, Finding: finding}), "task", []string{"task_finding"}},
		"tasks, without an owner": {tasks(readmodel.TaskFilter{Lack: readmodel.LackOwner}), "task", []string{"task_unplanned", "task_owner"}},
		"tasks, newest first":     {tasks(readmodel.TaskFilter{Any: true, Newest: true}), "task", []string{"task_organization_id_project_id_number_key"}},
		"my tasks": {func() error {
			_, _, err := store.MyTasks(t.Context(), acc)
			return err
		}, "task", []string{"task_mine", "task_owner"}},
		"findings": {func() error {
			_, _, err := store.FindingsPage(t.Context(), acc, readmodel.FindingQuery{})
			return err
		}, "finding", []string{"finding_open", "finding_organization_id_project_id_number_key"}},
		"events of a project": {func() error {
			_, _, err := store.History(t.Context(), acc, "", 0)
			return err
		}, "event", []string{"event_project"}},
		"events of a subject": {func() error {
			_, _, err := store.History(t.Context(), acc, "scope", 0)
			return err
		}, "event", []string{"event_subject"}},
		"mails": {func() error {
			_, _, err := store.OutboxPage(t.Context(), nowhere, id.Mail{})
			return err
		}, "mail", []string{"mail_newest"}},
		"people": {func() error {
			_, _, err := store.People(t.Context(), whole, id.Person{})
			return err
		}, "membership", []string{"membership_pkey"}},
		"the dashboard": {func() error {
			_, _, err := store.Dashboard(t.Context(), acc)
			return err
		}, "event", []string{"event_project"}},
	} {
		seen.sql, seen.args = nil, nil
		require.NoError(t, list.read(), name)
		require.NotEmpty(t, seen.sql)
		used, scanned := explain(t, db, seen, big)
		require.True(t, slices.ContainsFunc(list.index, func(i string) bool { return slices.Contains(used, i) }), "%s uses %v", name, used)
		require.Empty(t, scanned, name)
	}

	// The control: without its index a list is found reading the whole table.
	_, err = super.Exec(t.Context(), `DROP INDEX task_open_due; DROP INDEX task_due`, pgx.QueryExecModeSimpleProtocol)
	require.NoError(t, err)
	seen.sql, seen.args = nil, nil
	require.NoError(t, tasks(readmodel.TaskFilter{})())
	used, _ := explain(t, db, seen, big)
	require.NotContains(t, used, "task_open_due")
}

// explain gives the indexes that statements use and the tables that they read
// as a whole.
func explain(t *testing.T, db *pgtest.DB, seen *sent, big []string) (used, scanned []string) {
	t.Helper()
	conn, err := db.App(t).Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }()
	_, err = tx.Exec(t.Context(), `SET LOCAL enable_seqscan = off`)
	require.NoError(t, err)
	for i, sql := range seen.sql {
		if strings.Contains(sql, "session_open") {
			rows, err := tx.Query(t.Context(), sql, seen.args[i]...)
			require.NoError(t, err)
			rows.Close()
			require.NoError(t, rows.Err())
			continue
		}
		if strings.Contains(sql, "my_places") {
			continue // a function of the short list, explained from within by nobody
		}
		var raw []byte
		require.NoError(t, tx.QueryRow(t.Context(), `EXPLAIN (FORMAT JSON) `+sql, seen.args[i]...).Scan(&raw), sql)
		var plans []struct{ Plan plan }
		require.NoError(t, json.Unmarshal(raw, &plans))
		plans[0].Plan.walk(func(p plan) {
			if p.Index != "" {
				used = append(used, p.Index)
			}
			if p.Node == "Seq Scan" && slices.Contains(big, p.Relation) {
				scanned = append(scanned, p.Relation+" in "+sql)
			}
		})
	}
	return used, scanned
}
