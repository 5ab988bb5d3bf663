package pgtest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"waymark/internal/postgres/embedded"
)

// DB is the database of one test.
type DB struct {
	cluster  *cluster
	database *database
}

// New gives the test an empty database with every migration applied. It is
// taken back when the test ends.
func New(t testing.TB) *DB {
	t.Helper()
	c := running(t)
	ctx, cancel := context.WithTimeout(context.Background(), bounded)
	defer cancel()
	d, err := c.take(ctx)
	if err != nil {
		t.Fatalf("no database for this test: %v", err)
	}
	return lend(t, c, d)
}

// Blank gives the test a database with the roles and rights of an installation
// and nothing in it: for tests of the migrations themselves and of restoring.
func Blank(t testing.TB) *DB {
	t.Helper()
	c := running(t)
	ctx, cancel := context.WithTimeout(context.Background(), bounded)
	defer cancel()
	name := c.nextName()
	if err := c.server.EnsureDatabase(ctx, name); err != nil {
		t.Fatalf("no database for this test: %v", err)
	}
	return lend(t, c, &database{name: name, pools: map[string]*pgxpool.Pool{}})
}

func lend(t testing.TB, c *cluster, d *database) *DB {
	t.Helper()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), bounded)
		defer cancel()
		if err := c.giveBack(ctx, d); err != nil {
			t.Errorf("take the test's database back: %v", err)
		}
	})
	return &DB{cluster: c, database: d}
}

// Name is the database's name in its cluster.
func (db *DB) Name() string { return db.database.name }

// OwnerDSN is the address for migrations and backups.
func (db *DB) OwnerDSN() string { return db.cluster.server.DSN(embedded.Owner, db.database.name) }

// AppDSN is the address that the application serves with, behind row-level
// security.
func (db *DB) AppDSN() string { return db.cluster.server.DSN(embedded.App, db.database.name) }

// SuperuserDSN is the address for what a test does to the database itself.
func (db *DB) SuperuserDSN() string {
	return db.cluster.server.DSN(embedded.Superuser, db.database.name)
}

// BinDir is where pg_dump and pg_restore of the cluster's version lie.
func (db *DB) BinDir() string { return db.cluster.server.BinDir() }

// Owner is a pool of connections as the schema's owner, closed with the test.
func (db *DB) Owner(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return db.pool(t, embedded.Owner, db.OwnerDSN())
}

// App is a pool of connections as the application's role. Twenty
// racers have a connection each; the test need not close it.
func (db *DB) App(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return db.pool(t, embedded.App, db.AppDSN())
}

// Superuser is a pool of connections with every right. The test need not
// close it.
func (db *DB) Superuser(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return db.pool(t, embedded.Superuser, db.SuperuserDSN())
}

func (db *DB) pool(t testing.TB, role, dsn string) *pgxpool.Pool {
	t.Helper()
	pool, err := db.database.pool(role, dsn)
	if err != nil {
		t.Fatal(err)
	}
	return pool
}
