// Package pgtest gives a test an empty, migrated PostgreSQL database of its
// own. It is imported by tests only.
//
//	func TestTasks(t *testing.T) {
//		t.Parallel()
//		db := pgtest.New(t)
//		store := postgres.New(db.App(t)) // as the application's role
//		…
//	}
//
// The first call in a test process starts a private cluster on /dev/shm, where
// there is one: a copy of a migrated template that is kept under TMPDIR
// (waymark-pgtemplate-<user id>) until a migration changes. Every database is a
// clone of it. When a test ends, its database is emptied and handed on to the next test, which
// takes a few milliseconds; what the migrations put in stays, sequences begin
// anew, the pools' connections are handed on as new. A database that a test changed in another way (its tables, functions,
// policies, grants, statistics, or more data than is worth emptying) is dropped
// instead, so a test may do with its database what it likes. Only roles are
// shared: a test that makes one removes it.
//
// A test whose machine has no PostgreSQL fails and says what to install. It
// never skips.
//
// The cluster ends with the test process, in whatever way that ends: a small
// shell process waits for it and removes the folder.
package pgtest
