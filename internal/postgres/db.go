// Package postgres holds all SQL and the one door to the database. A file a
// topic; each statement stands beside the method that sends it.
//
// A page costs one round trip: session_open leads a pipeline, names the caller
// and sets the tenant, and the page's statements follow in the same implicit
// transaction. A change costs two: BEGIN, session_open, locks and reads; then
// writes, audit events and COMMIT.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"waymark/internal/fault"
)

// Idle is how long a session lives without a visit.
const Idle = 14 * 24 * time.Hour

// acquireWithin bounds the wait for a connection: a full pool is answered with
// 503 rather than a page that hangs (security rule 5).
const acquireWithin = 2 * time.Second

// DB is the database as the application's role sees it.
type DB struct {
	pool *pgxpool.Pool
}

// Options tune a connection pool.
type Options struct {
	// MaxConns is the size of the pool; 0 takes 8, which served 32 clients best
	// in measurements.
	MaxConns int32
	// Tracer sees every statement; for counting in tests.
	Tracer pgx.QueryTracer
}

// Open connects as the application's role. Errors wrap fault.Unavailable where
// the server cannot be reached.
func Open(ctx context.Context, dsn string, options Options) (*DB, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("reading the database address: %w", err)
	}
	config.MaxConns = options.MaxConns
	if config.MaxConns == 0 {
		config.MaxConns = 8
	}
	config.MaxConnLifetime = time.Hour
	config.MaxConnLifetimeJitter = 10 * time.Minute
	config.MaxConnIdleTime = 15 * time.Minute
	config.ConnConfig.Tracer = options.Tracer
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = acquireWithin
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "waymark"
	}
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	config.ConnConfig.RuntimeParams["statement_timeout"] = "15000"
	config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "20000"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "opening the database", err)
	}
	return &DB{pool: pool}, nil
}

// Close ends all connections.
func (db *DB) Close() { db.pool.Close() }

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	conn, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	return db.failed("asking the database", conn.Ping(ctx))
}

// acquire takes a connection, or answers fault.Unavailable within a bound.
func (db *DB) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	within, cancel := context.WithTimeout(ctx, acquireWithin)
	defer cancel()
	conn, err := db.pool.Acquire(within)
	if err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("waiting for a connection: %w", ctx.Err())
		}
		return nil, fault.Wrap(fault.Unavailable, "waiting for a connection", err)
	}
	return conn, nil
}

// failed wraps an error of the driver so that every layer can tell its kind.
func (db *DB) failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	if fault.Of(err) != fault.Unknown {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return fmt.Errorf("%s: %w", doing, pgErr)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.Wrap(fault.NotFound, doing, err)
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) || pgconn.Timeout(err) || isClosed(err) {
		return fault.Wrap(fault.Unavailable, doing, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// violates reports whether an error is the violation of a named constraint or
// unique index.
func violates(err error, constraint string) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pgErr.ConstraintName == constraint
}
