// Package migrations carries the database's schema as numbered steps and
// brings a database up to date with them.
//
// A release only expands what the one before it reads and writes; what is no
// longer used is dropped in a later release. Numbers have no gaps, because
// golang-migrate passes over a number below the current one without a word.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"

	"github.com/golang-migrate/migrate/v4"
	migratepgx "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// FS holds the numbered steps, up and down.
//
//go:embed *.sql
var FS embed.FS

// Up applies every step that the database lacks. It connects as the owner of
// the schema and holds an advisory lock, so that several processes may start
// at once: one applies, the others wait and find nothing to do.
func Up(ctx context.Context, ownerDSN string) error {
	return run(ctx, ownerDSN, (*migrate.Migrate).Up)
}

// Down takes every step back. It exists for tests of the steps themselves.
func Down(ctx context.Context, ownerDSN string) error {
	return run(ctx, ownerDSN, (*migrate.Migrate).Down)
}

// Version gives the number of the newest step in this program.
func Version() (uint, error) {
	src, err := iofs.New(FS, ".")
	if err != nil {
		return 0, fmt.Errorf("reading the migrations: %w", err)
	}
	defer func() { _ = src.Close() }()
	v, err := src.First()
	for err == nil {
		var next uint
		if next, err = src.Next(v); err == nil {
			v = next
		}
	}
	return v, nil
}

func run(ctx context.Context, ownerDSN string, apply func(*migrate.Migrate) error) error {
	config, err := pgx.ParseConfig(ownerDSN)
	if err != nil {
		return fmt.Errorf("reading the owner's database address: %w", err)
	}
	db := stdlib.OpenDB(*config)
	defer func() { _ = db.Close() }()
	if err := db.PingContext(ctx); err != nil {
		return fmt.Errorf("reaching the database as its owner: %w", err)
	}
	return migrated(db, apply)
}

func migrated(db *sql.DB, apply func(*migrate.Migrate) error) (err error) {
	src, err := iofs.New(FS, ".")
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	driver, err := migratepgx.WithInstance(db, &migratepgx.Config{MultiStatementEnabled: false})
	if err != nil {
		return fmt.Errorf("preparing the migrations: %w", err)
	}
	m, err := migrate.NewWithInstance("embedded", src, "waymark", driver)
	if err != nil {
		return fmt.Errorf("preparing the migrations: %w", err)
	}
	defer func() {
		_, closing := m.Close()
		err = errors.Join(err, closing)
	}()
	if err := apply(m); err != nil && !errors.Is(err, migrate.ErrNoChange) {
		return fmt.Errorf("applying the migrations: %w", err)
	}
	return nil
}
