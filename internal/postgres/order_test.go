package postgres_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/pgtest"
	"waymark/internal/postgres"
	"waymark/internal/readmodel"
)

// way is a project in the database, with twenty people who are all its
// managers, each signed in.
type way struct {
	t       testing.TB
	owner   *pgxpool.Pool
	app     *pgxpool.Pool
	store   *postgres.DB
	now     time.Time
	org     id.Organization
	project id.Project
	people  []id.Person
	tokens  [][32]byte
}

const racers = 20

func newWay(t testing.TB) *way {
	t.Helper()
	db := pgtest.New(t)
	w := &way{
		t: t, owner: db.Owner(t), app: db.App(t), now: time.Date(2026, 5, 21, 9, 0, 0, 0, time.UTC),
		org: wayID[id.Organization](), project: wayID[id.Project](),
	}
	store, err := postgres.Open(t.Context(), db.AppDSN(), postgres.Options{MaxConns: racers})
	require.NoError(t, err)
	t.Cleanup(store.Close)
	w.store = store
	w.exec(`INSERT INTO organization (id, name, time_zone, language, created_at) VALUES ($1, 'Halden', 'Europe/Oslo', 'en', $2)`, w.org, w.now)
	for i := range racers {
		person, token := wayID[id.Person](), sha256.Sum256(fmt.Appendf(nil, "racer %d", i))
		email := fmt.Sprintf("racer%d@example.org", i)
		w.exec(`INSERT INTO person (id, email, name, created_at) VALUES ($1, $2, $2, $3)`, person, email, w.now)
		w.exec(`INSERT INTO membership (organization_id, person_id, role, name, email, created_at) VALUES ($1, $2, 'member', $3, $3, $4)`, w.org, person, email, w.now)
		w.exec(`INSERT INTO session (id, person_id, token_hash, created_at, last_seen_at, expires_at) VALUES ($1, $2, $3, $4, $4, $5)`,
			wayID[id.Session](), person, token[:], w.now, w.now.AddDate(1, 0, 0))
		w.people, w.tokens = append(w.people, person), append(w.tokens, token)
	}
	w.exec(`INSERT INTO project (organization_id, id, name, edition, target_on, created_by, created_at) VALUES ($1, $2, 'Certification', 'iso20000-1-2018', '2026-11-30', $3, $4)`,
		w.org, w.project, w.people[0], w.now)
	for _, person := range w.people {
		w.exec(`INSERT INTO project_role (organization_id, project_id, person_id, role, created_at) VALUES ($1, $2, $3, 'project_manager', $4)`, w.org, w.project, person, w.now)
	}
	return w
}

func wayID[T ~[16]byte]() T { return T(uuid.Must(uuid.NewV7())) }

func (w *way) exec(sql string, args ...any) {
	w.t.Helper()
	_, err := w.owner.Exec(context.Background(), sql, args...)
	require.NoError(w.t, err)
}

func wayValue[T any](w *way, sql string, args ...any) T {
	w.t.Helper()
	rows, err := w.owner.Query(context.Background(), sql, args...)
	require.NoError(w.t, err)
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	require.NoError(w.t, err)
	return v
}

// access is that of one of the racers.
func (w *way) access(racer int) readmodel.Access {
	return readmodel.Access{
		Token: w.tokens[racer], Organization: w.org, Project: w.project, Now: w.now,
		May: func(*readmodel.Caller) error { return nil },
	}
}

// write adds an act with plain SQL as the application's role, as a fault in the
// program would.
func (w *way) write(seq int, step certification.Step, kind string) error {
	return pgx.BeginFunc(w.t.Context(), w.app, func(tx pgx.Tx) error {
		if _, err := tx.Exec(w.t.Context(), `SELECT set_config('app.org', $1, true)`, w.org.String()); err != nil {
			return err
		}
		_, err := tx.Exec(w.t.Context(), `
			INSERT INTO step_act (organization_id, project_id, seq, cycle, step, kind, person_id, at, reason)
			VALUES ($1, $2, $3, 1, $4, $5, $6, $7, CASE $5 WHEN 'reopened' THEN 'because' ELSE '' END)`,
			w.org, w.project, seq, step.Number(), kind, w.people[0], w.now)
		return err
	})
}

// mandate puts everything there that step 1's criteria ask for.
func (w *way) mandate() {
	audience := wayID[id.Row]()
	w.exec(`INSERT INTO project_role (organization_id, project_id, person_id, role, created_at) VALUES ($1, $2, $3, 'sponsor', $4)`, w.org, w.project, w.people[1], w.now)
	w.exec(`INSERT INTO awareness (organization_id, project_id, objectives, advantages, approach, version, updated_by, updated_at) VALUES ($1, $2, 'o', 'a', 'p', 3, $3, $4)`, w.org, w.project, w.people[0], w.now)
	w.exec(`INSERT INTO audience (organization_id, project_id, id, name, created_at) VALUES ($1, $2, $3, 'Service desk', $4)`, w.org, w.project, audience, w.now)
	w.exec(`INSERT INTO communication (organization_id, project_id, id, audience_id, channel, held_on, proof, person_id, created_at) VALUES ($1, $2, $3, $4, 'meeting', '2026-05-20', 'minutes', $5, $6)`,
		w.org, w.project, wayID[id.Row](), audience, w.people[0], w.now)
	w.exec(`INSERT INTO approval (organization_id, project_id, id, cycle, subject, subject_version, person_id, at) VALUES ($1, $2, $3, 1, 'mandate', 3, $4, $5)`,
		w.org, w.project, wayID[id.Row](), w.people[1], w.now)
}

// race runs the same thing for every racer at once.
func race(act func(racer int) error) []error {
	errs := make([]error, racers)
	ready := make(chan struct{})
	var wg sync.WaitGroup
	for i := range racers {
		wg.Go(func() {
			<-ready
			errs[i] = act(i)
		})
	}
	close(ready)
	wg.Wait()
	return errs
}

func requireOrderRefused(t *testing.T, err error) {
	t.Helper()
	var pgErr *pgconn.PgError
	require.ErrorAs(t, err, &pgErr)
	require.Equal(t, "WM001", pgErr.Code, pgErr.Message)
}

// The database's table of the order is the domain's.
func TestStepOrderTable(t *testing.T) {
	t.Parallel()
	w := newWay(t)
	rows, err := w.owner.Query(t.Context(), `SELECT step, after, to_start FROM step_order`)
	require.NoError(t, err)
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByPos[certification.Prerequisite])
	require.NoError(t, err)
	require.ElementsMatch(t, certification.Order(), stored)
}

// Whoever writes, past the domain, a completion or a start out of order is
// refused by the database: each step is tried while only those before one
// prerequisite are finished.
func TestStepOrderWall(t *testing.T) {
	t.Parallel()
	w := newWay(t)
	seq := 0
	written := func(step certification.Step, kind string) {
		t.Helper()
		seq++
		require.NoError(t, w.write(seq, step, kind))
	}
	finished := func(step certification.Step) { t.Helper(); written(step, "started"); written(step, "finished") }

	for _, done := range []certification.Step{0, certification.Awareness, certification.Scope} {
		if done > 0 {
			finished(done)
		}
		for _, step := range certification.Steps()[done+1:] {
			requireOrderRefused(t, w.write(seq+1, step, "finished"))
			requireOrderRefused(t, w.write(seq+1, step, "started"))
		}
	}
	finished(certification.Gap)
	written(certification.Plan, "started")
	written(certification.Selection, "started")
	requireOrderRefused(t, w.write(seq+1, certification.Plan, "finished"))
	requireOrderRefused(t, w.write(seq+1, certification.Selection, "finished"))
	finished(certification.Committee)
	written(certification.Plan, "finished")
	requireOrderRefused(t, w.write(seq+1, certification.Preparation, "started"))
	written(certification.Selection, "finished")
	written(certification.Preparation, "started")

	// Reopening 4 makes 5 and 6 to be confirmed again, so 7 waits for all three.
	written(certification.Committee, "reopened")
	requireOrderRefused(t, w.write(seq+1, certification.Preparation, "finished"))
	requireOrderRefused(t, w.write(seq+1, certification.Plan, "finished"))
	written(certification.Committee, "finished")
	requireOrderRefused(t, w.write(seq+1, certification.Preparation, "finished"))
	written(certification.Plan, "finished")
	requireOrderRefused(t, w.write(seq+1, certification.Preparation, "finished"))
	written(certification.Selection, "finished")
	written(certification.Preparation, "finished")
	finished(certification.Audit)
	finished(certification.Certificate)
	require.Equal(t, seq, wayValue[int](w, `SELECT count(*) FROM step_act`), "what was refused left nothing")
}

// An act is never changed or taken away, and nobody writes one for another
// organization.
func TestStepActsStay(t *testing.T) {
	t.Parallel()
	w := newWay(t)
	require.NoError(t, w.write(1, certification.Awareness, "started"))
	require.NoError(t, w.write(2, certification.Awareness, "finished"))
	for _, sql := range []string{
		`UPDATE step_act SET kind = 'reopened', reason = 'x'`, `DELETE FROM step_act`, `TRUNCATE step_act`,
		`ALTER TABLE step_act DISABLE TRIGGER step_act_in_order`, `DELETE FROM step_order`, `INSERT INTO step_order VALUES (9, 1, true)`,
	} {
		_, err := w.app.Exec(t.Context(), sql)
		var pgErr *pgconn.PgError
		require.ErrorAs(t, err, &pgErr, sql)
		require.Equal(t, "42501", pgErr.Code, "%s: insufficient privilege", sql)
	}
	_, err := w.owner.Exec(t.Context(), `UPDATE step_act SET step = 2`)
	var pgErr *pgconn.PgError
	require.ErrorAs(t, err, &pgErr)
	require.Equal(t, "WM002", pgErr.Code, "not even the owner")

	w.org = wayID[id.Organization]() // an organization that is not there
	require.Error(t, w.write(3, certification.Awareness, "reopened"))
	require.Equal(t, 2, wayValue[int](w, `SELECT count(*) FROM step_act`))
}

// The domain and the database refuse and accept alike, in every order of acts
// that a project can come into: each accepted act of the domain is accepted by
// the database, and each that the order forbids is refused by both.
func TestStepOrderSameInDomainAndDatabase(t *testing.T) {
	t.Parallel()
	w := newWay(t)
	seq := 0
	var acts []certification.Act
	add := func(step certification.Step, kind certification.ActKind) {
		seq++
		require.NoError(t, w.write(seq, step, kind.String()))
		acts = append(acts, certification.Act{Seq: seq, Step: step, Kind: kind, Person: w.people[0], At: w.now})
	}
	compare := func() {
		t.Helper()
		p := certification.NewProject(w.project, 1, seq, acts, nil, certification.Facts{})
		for _, step := range certification.Steps() {
			state := p.State(step)
			if len(state.FinishAfter) > 0 {
				requireOrderRefused(t, w.write(seq+1, step, "finished"))
			}
			if state.Status == certification.Locked {
				requireOrderRefused(t, w.write(seq+1, step, "started"))
			}
		}
	}
	for _, step := range certification.Steps() {
		compare()
		add(step, certification.Started)
		compare()
		add(step, certification.Completed)
	}
	compare()
	for _, step := range []certification.Step{certification.Plan, certification.Scope} {
		add(step, certification.Reopened)
		compare()
		for _, again := range certification.Steps() {
			if p := certification.NewProject(w.project, 1, seq, acts, nil, certification.Facts{}); p.Status(again) != certification.Finished {
				add(again, certification.Completed)
				compare()
			}
		}
	}
}

// Twenty people finish one step at the same moment: one does, nineteen are
// told that it is finished.
func TestStepFinishRace(t *testing.T) {
	t.Parallel()
	w := newWay(t)
	w.mandate()
	require.NoError(t, w.write(1, certification.Awareness, "started"))
	errs := race(func(racer int) error {
		return w.store.UpdateProject(context.Background(), w.access(racer), func(c *readmodel.Caller, p *certification.Project) error {
			return p.Finish(certification.Awareness, c.Person, w.now)
		})
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		var refused certification.Refused
		require.ErrorAs(t, err, &refused)
		require.Equal(t, certification.Refused{certification.AlreadyFinished{Step: certification.Awareness}}, refused)
	}
	require.Equal(t, 1, won)
	require.Equal(t, 1, wayValue[int](w, `SELECT count(*) FROM step_act WHERE kind = 'finished'`))
	require.Equal(t, 1, wayValue[int](w, `SELECT count(*) FROM event WHERE kind = 'step.finished'`))
}

// Twenty first writes at the same moment: all are stored, and the step is
// started once.
func TestStepStartRace(t *testing.T) {
	t.Parallel()
	w := newWay(t)
	for _, err := range race(func(racer int) error {
		return w.store.AddAudience(context.Background(), w.access(racer), wayID[id.Row](), fmt.Sprintf("Group %d", racer))
	}) {
		require.NoError(t, err)
	}
	require.Equal(t, racers, wayValue[int](w, `SELECT count(*) FROM audience`))
	require.Equal(t, 1, wayValue[int](w, `SELECT count(*) FROM step_act`))
	require.Equal(t, 1, wayValue[int](w, `SELECT count(*) FROM event WHERE kind = 'step.started'`))
	require.Equal(t, racers+1, wayValue[int](w, `SELECT count(*) FROM event`))
}

// While one person finishes a step, others write its frozen facts: each write is
// either part of what was finished or refused, never stored behind it.
func TestStepFinishAgainstWrites(t *testing.T) {
	t.Parallel()
	w := newWay(t)
	w.mandate()
	require.NoError(t, w.write(1, certification.Awareness, "started"))
	errs := race(func(racer int) error {
		if racer == 0 {
			return w.store.UpdateProject(context.Background(), w.access(racer), func(c *readmodel.Caller, p *certification.Project) error {
				return p.Finish(certification.Awareness, c.Person, w.now)
			})
		}
		return w.store.SaveAwareness(context.Background(), w.access(racer), readmodel.Awareness{
			Objectives: fmt.Sprintf("by %d", racer), Advantages: "a", Approach: "p", Version: 3,
		})
	})
	version := wayValue[int](w, `SELECT version FROM awareness`)
	if errs[0] == nil {
		require.Equal(t, 3, version, "finished with the mandate that was signed, so no later text")
		for _, err := range errs[1:] {
			require.Error(t, err)
		}
	} else {
		require.Equal(t, 4, version, "one text was newer than the mandate, so nothing was finished")
		require.Zero(t, wayValue[int](w, `SELECT count(*) FROM step_act WHERE kind = 'finished'`))
	}
}
