// Package seed fills a database with organizations, projects and tasks that
// look as they do after a year of use: for measurements, never for people's own
// data.
package seed

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/standard"
)

//go:embed seed.sql
var script string

// Wish says how much is made, in all. A tenth of the projects hold half of the
// tasks.
type Wish struct {
	Organizations int
	Projects      int
	Tasks         int
	Password      string // its hash, the same for everybody
}

// ErrWish is the error of Fill for numbers that make no sense.
var ErrWish = errors.New("seed: at least one organization, as many projects, and no more than 100,000,000 tasks")

// Fill adds what is wished for to what there is, in one transaction, and
// gathers statistics afterwards. The connection is the owner's. A superuser's
// connection is quicker: it leaves out checking what is right by construction.
func Fill(ctx context.Context, conn *pgx.Conn, w Wish, now time.Time) (err error) {
	if w.Organizations < 1 || w.Projects < w.Organizations || w.Tasks < 0 || w.Tasks > 100_000_000 {
		return ErrWish
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback(context.WithoutCancel(ctx))
		}
	}()
	if err := prepare(ctx, tx, w, now); err != nil {
		return err
	}
	var superuser bool
	if err := tx.QueryRow(ctx, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&superuser); err != nil {
		return fmt.Errorf("ask for the role: %w", err)
	}
	before, tasks, found := strings.Cut(script, "--@ tasks\n")
	tasks, after, foundToo := strings.Cut(tasks, "--@ rest\n")
	if !found || !foundToo {
		return errors.New("seed.sql has lost its divisions")
	}
	if superuser {
		tasks = "SET LOCAL session_replication_role = replica;\n" + tasks + ";SET LOCAL session_replication_role = origin;"
	}
	for _, part := range []string{before, tasks, after} {
		if _, err := tx.Exec(ctx, part, pgx.QueryExecModeSimpleProtocol); err != nil {
			return fmt.Errorf("fill the tables: %w", err)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if _, err := conn.Exec(ctx, "ANALYZE"); err != nil {
		return fmt.Errorf("gather statistics: %w", err)
	}
	return nil
}

// prepare makes the tables that the script reads its wishes from.
func prepare(ctx context.Context, tx pgx.Tx, w Wish, now time.Time) error {
	_, err := tx.Exec(ctx, `
		SET LOCAL statement_timeout = 0;
		SET LOCAL work_mem = '64MB';
		SET LOCAL maintenance_work_mem = '256MB';
		CREATE TEMP TABLE seed_wish (organizations int, projects int, tasks int, password text, edition text, at timestamptz, before int) ON COMMIT DROP;
		CREATE TEMP TABLE seed_check (n int, check_id text, conditional boolean) ON COMMIT DROP`, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	catalogue := standard.Current()
	_, err = tx.Exec(ctx, `INSERT INTO seed_wish SELECT $1, $2, $3, $4, $5, $6, count(*) FROM organization`,
		w.Organizations, w.Projects, w.Tasks, w.Password, catalogue.Edition().ID, now)
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	checks := catalogue.Checks()
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"seed_check"}, []string{"n", "check_id", "conditional"},
		pgx.CopyFromSlice(len(checks), func(i int) ([]any, error) {
			return []any{i + 1, string(checks[i].ID), checks[i].HasCondition}, nil
		}))
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	return nil
}

// People is the address of the k-th person, from 1 to 12, of the n-th
// organization of a database that held none before.
func People(n, k int) string { return fmt.Sprintf("person-%d-%d@seed.example.org", n, k) }
