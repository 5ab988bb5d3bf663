// Package backup puts a whole database into one file while it is in use, and
// brings such a file back into an empty place.
//
// The file is a tar archive:
//
//	database.dump  pg_dump's custom format, of one snapshot
//	manifest.json  versions, rows and a sum of every table, heads of the audit
//	               trail, all of the same snapshot
//	sha256         of every byte before it
//
// Any changed byte is found before anything is restored; after restoring, the
// sum of every table is taken again and compared, before the restored data are
// let go.
package backup

import "time"

// Manifest says what is in a backup.
type Manifest struct {
	Format   int              `json:"format"`
	Waymark  string           `json:"waymark"`  // the program's version
	MadeAt   time.Time        `json:"made_at"`  // UTC, whole seconds
	Schema   uint             `json:"schema"`   // the newest migration applied
	Postgres int              `json:"postgres"` // the server's major version
	Dump     Dump             `json:"dump"`
	Tables   map[string]Table `json:"tables"`
	Trail    map[string]Head  `json:"trail"` // by organization
}

// Dump is what pg_dump wrote.
type Dump struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Table is what a table holds, whatever the order of its rows.
type Table struct {
	Rows int64 `json:"rows"`
	// Sum adds up a hash of every row, so that two tables with the same rows
	// have the same sum, and a changed row changes it.
	Sum string `json:"sum"`
}

// Head is the end of an organization's audit trail.
type Head struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// Rows is the number of rows of all tables.
func (m *Manifest) Rows() (n int64) {
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

// Error is a sentence about why a backup cannot be made or brought back, and
// what to do.
type Error struct {
	Text string
	Err  error // the cause, where there is one
}

func (e *Error) Error() string { return e.Text }

// Unwrap gives the cause, if there is one.
func (e *Error) Unwrap() error { return e.Err }

const format = 1
