package backup

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"waymark/internal/pgtest"
	"waymark/internal/postgres/seed"
	"waymark/migrations"
)

var now = time.Date(2026, 5, 21, 9, 0, 0, 0, time.UTC)

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func do(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	_, err := conn.Exec(t.Context(), sql, args...)
	require.NoError(t, err)
}

// lived is a database with something in every table that has to come back,
// files of several chunks among it.
func lived(t *testing.T) *pgtest.DB {
	t.Helper()
	db := pgtest.New(t)
	super := connect(t, db.SuperuserDSN())
	require.NoError(t, seed.Fill(t.Context(), super, seed.Wish{Organizations: 2, Projects: 3, Tasks: 120, Password: "x"}, now))
	do(t, super, `INSERT INTO session (id, person_id, token_hash, created_at, last_seen_at, expires_at)
		SELECT gen_random_uuid(), id, sha256(uuid_send(id)), now(), now(), now() FROM person`)
	do(t, super, `INSERT INTO form_key SELECT id, gen_random_uuid(), sha256(''), '', now() FROM person`)
	do(t, super, `INSERT INTO mail (id, once, kind, recipient, language, subject, body_text, body_html, created_at, next_attempt_at)
		SELECT gen_random_uuid(), id::text, 'notice', email, 'zh', E'引号 " \\ \t', E'a\nb', '<p>', now(), now() FROM person`)
	file := make([]byte, 600_000)
	_, _ = rand.Read(file)
	do(t, super, `INSERT INTO file SELECT id, '00000000-0000-0000-0000-0000000000f1', sha256($1), length($1), 'image/png', now() FROM organization LIMIT 1`, file)
	for n, chunk := range slices.Collect(slices.Chunk(file, 262144)) {
		do(t, super, `INSERT INTO file_chunk SELECT organization_id, id, $1, $2 FROM file WHERE id = '00000000-0000-0000-0000-0000000000f1'`, n, chunk)
	}
	return db
}

// contents is every row of every table as text, in an order that says nothing:
// a second way of comparing, beside the sums.
func contents(t *testing.T, conn *pgx.Conn) map[string][]string {
	t.Helper()
	do(t, conn, steady)
	rows, err := conn.Query(t.Context(), `SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	all := map[string][]string{}
	for _, table := range tables {
		rows, err := conn.Query(t.Context(), "SELECT t::text FROM "+pgx.Identifier{table}.Sanitize()+" t")
		require.NoError(t, err)
		all[table], err = pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		slices.Sort(all[table])
	}
	return all
}

// schema is what the catalogue says of every object: definitions, owners,
// rights, policies.
func schema(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), `
		SELECT format('%s %s %s %s %s %s', relname, relkind, relowner::regrole, relacl, relrowsecurity, relforcerowsecurity) FROM pg_class
		 WHERE relnamespace = 'public'::regnamespace
		UNION ALL SELECT format('%s %s %s %s', proname, proowner::regrole, proacl, pg_get_functiondef(oid)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
		UNION ALL SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
		UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
		UNION ALL SELECT format('%s %s %s %s %s', tablename, policyname, cmd, qual, with_check) FROM pg_policies WHERE schemaname = 'public'
		UNION ALL SELECT format('%s %s', tgrelid::regclass, pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
		UNION ALL SELECT format('%s %s %s %s %s', attrelid::regclass, attname, atttypid::regtype, attnotnull, attnum) FROM pg_attribute
		 JOIN pg_class c ON c.oid = attrelid WHERE c.relnamespace = 'public'::regnamespace AND attnum > 0
		UNION ALL SELECT format('public %s', has_schema_privilege('waymark_definer', 'public', 'CREATE'))
		`)
	require.NoError(t, err)
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	for i, line := range all { // (a AND b) AND c is written without the inner pair when it is read again
		all[i] = strings.NewReplacer("(", "", ")", "").Replace(line)
	}
	slices.Sort(all)
	return all
}

// same compares long lists and names only what differs.
func same(t *testing.T, want, have []string, what string) {
	t.Helper()
	var differ []string
	for _, line := range want {
		if _, ok := slices.BinarySearch(have, line); !ok {
			differ = append(differ, "- "+line)
		}
	}
	for _, line := range have {
		if _, ok := slices.BinarySearch(want, line); !ok {
			differ = append(differ, "+ "+line)
		}
	}
	require.Empty(t, differ, what)
	require.Len(t, have, len(want), what)
}

func target(t *testing.T, db *pgtest.DB) Target {
	t.Helper()
	version, err := migrations.Version()
	require.NoError(t, err)
	return Target{DSN: db.OwnerDSN(), BinDir: db.BinDir(), Schema: version, Definer: "waymark_definer"}
}

func source(db *pgtest.DB) Source {
	return Source{DSN: db.OwnerDSN(), BinDir: db.BinDir(), Version: "test"}
}

func open(t *testing.T, name string) *Archive {
	t.Helper()
	a, err := Open(name)
	require.NoError(t, err)
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// TestRehearsal brings a backup back and compares every row, and every chunk of
// every file, and the schema with its owners, rights and policies.
func TestRehearsal(t *testing.T) {
	t.Parallel()
	from := lived(t)
	name := filepath.Join(t.TempDir(), "waymark.backup")
	made, err := Make(t.Context(), source(from), name, false, now)
	require.NoError(t, err)
	info, err := os.Stat(name)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())

	a := open(t, name)
	require.Equal(t, *made, a.Manifest)
	to := pgtest.Blank(t)
	require.NoError(t, a.Restore(t.Context(), target(t, to)))

	before, after := connect(t, from.SuperuserDSN()), connect(t, to.SuperuserDSN())
	want, have := contents(t, before), contents(t, after)
	require.Len(t, have, len(want))
	for table := range want {
		same(t, want[table], have[table], table)
	}
	same(t, schema(t, before), schema(t, after), "schema")
	var empty []string
	for table, rows := range want {
		if len(rows) == 0 {
			empty = append(empty, table)
		}
	}
	slices.Sort(empty)
	require.Equal(t, []string{
		"audit_stage", "certificate", "certification_decision", "internal_audit", "management_review", "nonconformity",
		"password_reset", "sign_in_failure", "surveillance",
	}, empty, "the rehearsal needs rows in every table that it can have them in")

	// The application works on it, behind the walls.
	app := connect(t, to.AppDSN())
	var seen int
	require.NoError(t, app.QueryRow(t.Context(), "SELECT count(*) FROM task").Scan(&seen))
	require.Zero(t, seen)

	// The controls: each small change is found by the comparison.
	for what, sql := range map[string]string{
		"a row changed":  "UPDATE task SET title = title || '.' WHERE ctid = (SELECT ctid FROM task LIMIT 1)",
		"a row gone":     "DELETE FROM task_comment WHERE ctid = (SELECT ctid FROM task_comment LIMIT 1)",
		"a row more":     "INSERT INTO form_key SELECT person_id, gen_random_uuid(), digest, result, created_at FROM form_key LIMIT 1",
		"a byte changed": "UPDATE file_chunk SET bytes = set_byte(bytes, 200, (get_byte(bytes, 200) + 1) % 256) WHERE n = 1",
		"two rows swapped": `UPDATE audience a SET name = CASE a.name WHEN 'Sales' THEN 'Suppliers' ELSE 'Sales' END
			WHERE name IN ('Sales', 'Suppliers') AND project_id = (SELECT id FROM project LIMIT 1)`,
		"a head moved": "UPDATE trail_head SET seq = seq + 1",
	} {
		tx, err := after.Begin(t.Context())
		require.NoError(t, err)
		tag, err := tx.Exec(t.Context(), sql)
		require.NoError(t, err, what)
		require.Positive(t, tag.RowsAffected(), what)
		var said *Error
		require.ErrorAs(t, a.Manifest.Verify(t.Context(), after), &said, what)
		require.NoError(t, tx.Rollback(t.Context()))
	}
	require.NoError(t, a.Manifest.Verify(t.Context(), after))
	do(t, after, "UPDATE person SET name = name || '.' WHERE ctid = (SELECT ctid FROM person LIMIT 1)")
	require.NotEqual(t, want["person"], contents(t, after)["person"], "the second way of comparing finds a change as well")
}

// TestWhileInUse backs up under writers: what comes back is one moment.
func TestWhileInUse(t *testing.T) {
	t.Parallel()
	from := lived(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() {
		conn, err := pgx.Connect(context.WithoutCancel(ctx), from.OwnerDSN())
		for err == nil && ctx.Err() == nil {
			// Both or none: a comment, and the count of them in a title.
			_, err = conn.Exec(context.WithoutCancel(ctx), `WITH t AS (UPDATE task SET description = (description::int + 1)::text WHERE number = 1 AND description ~ '^\d+$' RETURNING *)
				INSERT INTO task_comment SELECT organization_id, project_id, id, gen_random_uuid(), created_by, 'counted', now() FROM t`)
		}
		if conn != nil {
			_ = conn.Close(context.WithoutCancel(ctx))
		}
		ended <- err
	}()
	super := connect(t, from.SuperuserDSN())
	do(t, super, "UPDATE task SET description = '0' WHERE number = 1")
	name := filepath.Join(t.TempDir(), "b")
	_, err := Make(t.Context(), source(from), name, false, now)
	require.NoError(t, err)
	stop()
	require.NoError(t, <-ended)
	to := pgtest.Blank(t)
	require.NoError(t, open(t, name).Restore(t.Context(), target(t, to)))
	var counted, comments int
	require.NoError(t, connect(t, to.OwnerDSN()).QueryRow(t.Context(), `SELECT (SELECT sum(description::int) FROM task WHERE number = 1),
		(SELECT count(*) FROM task_comment WHERE body = 'counted')`).Scan(&counted, &comments))
	require.Equal(t, counted, comments)
}

// TestEveryByteCounts changes bytes all over a backup; none goes unseen.
func TestEveryByteCounts(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	name := filepath.Join(t.TempDir(), "b")
	_, err := Make(t.Context(), source(db), name, false, now)
	require.NoError(t, err)
	sound, err := os.ReadFile(name)
	require.NoError(t, err)
	refused := func(raw []byte) {
		bad := name + ".bad"
		require.NoError(t, os.WriteFile(bad, raw, 0o600))
		_, err := Open(bad)
		var said *Error
		require.ErrorAs(t, err, &said)
		require.Contains(t, said.Text, "no backup of Waymark, or it was cut short or damaged")
	}
	positions := []int{len(sound) - 1}
	for at := 0; at < len(sound); at += 211 {
		positions = append(positions, at)
	}
	for _, at := range positions {
		raw := slices.Clone(sound)
		raw[at] ^= 1
		refused(raw)
	}
	for _, size := range []int{0, 1, 511, 512, len(sound) / 2, len(sound) - 1} {
		refused(sound[:size])
	}
	refused(append(slices.Clone(sound), 0))
	open(t, name)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	dir := t.TempDir()
	name := filepath.Join(dir, "b")
	_, err := Make(t.Context(), source(db), name, false, now)
	require.NoError(t, err)
	says := func(err error, text string) {
		t.Helper()
		var said *Error
		require.ErrorAs(t, err, &said)
		require.Contains(t, said.Text, text)
	}

	_, err = Make(t.Context(), source(db), name, false, now)
	says(err, "was left alone")
	_, err = Make(t.Context(), source(db), name, true, now)
	require.NoError(t, err)
	_, err = Make(t.Context(), source(db), dir, true, now)
	says(err, "is a folder")
	_, err = Make(t.Context(), source(db), filepath.Join(dir, "none", "b"), false, now)
	says(err, "cannot be written")

	_, err = Make(t.Context(), Source{DSN: db.AppDSN(), BinDir: db.BinDir()}, filepath.Join(dir, "app"), false, now)
	says(err, "does not see every row")
	blank := pgtest.Blank(t)
	_, err = Make(t.Context(), source(blank), filepath.Join(dir, "blank"), false, now)
	says(err, "nothing to back up")
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	require.NoError(t, err)
	require.Empty(t, left, "a backup that failed leaves nothing")

	a := open(t, name)
	says(a.Restore(t.Context(), target(t, db)), "not empty")
	older := target(t, blank)
	older.Schema--
	says(a.Restore(t.Context(), older), "this older program cannot read")
	unknown := target(t, blank)
	unknown.Definer = "nobody_knows"
	says(a.Restore(t.Context(), unknown), "does not have Waymark's roles")
	a.Manifest.Postgres = 99
	says(a.Restore(t.Context(), target(t, blank)), "PostgreSQL 99")
	_, err = Open(filepath.Join(dir, "none"))
	says(err, "cannot be read")
}

// TestAManifestOfOtherDataIsFound forges a backup whose sums are right as a file
// and wrong as data: the database is not let go.
func TestAManifestOfOtherDataIsFound(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	name := filepath.Join(t.TempDir(), "b")
	_, err := Make(t.Context(), source(db), name, false, now)
	require.NoError(t, err)
	a := open(t, name)
	changed := a.Manifest.Tables["step_order"]
	changed.Rows--
	a.Manifest.Tables["step_order"] = changed
	blank := pgtest.Blank(t)
	require.ErrorContains(t, a.Restore(t.Context(), target(t, blank)), "step_order has 12 rows instead of 11")
	var dirty bool
	require.NoError(t, connect(t, blank.OwnerDSN()).QueryRow(t.Context(), "SELECT dirty FROM schema_migrations").Scan(&dirty))
	require.True(t, dirty, "marked, so that nobody serves from it")
}

func TestPasswordsStayOffTheCommandLine(t *testing.T) {
	t.Parallel()
	for dsn, want := range map[string][2]string{
		"postgres://u:hu%40sh@h:1/d?sslmode=require&pool_max_conns=3": {"postgres://u@h:1/d?sslmode=require", "hu@sh"},
		"postgres://h/d?user=u&password=hush":                         {"postgres://h/d?user=u", "hush"},
		"postgres:///d?host=%2Frun%2Fa%20b&user=u":                    {"postgres:///d?host=%2Frun%2Fa%20b&user=u", ""},
		`host=h password='hu\'sh x' dbname=d`:                         {"host=h  dbname=d", "hu'sh x"},
		`password=hush host=h`:                                        {" host=h", "hush"},
		`host=h dbname=d`:                                             {"host=h dbname=d", ""},
	} {
		address, env := forProgram(dsn)
		require.Equal(t, want[0], address)
		password := ""
		for _, pair := range env {
			if p, ok := strings.CutPrefix(pair, "PGPASSWORD="); ok {
				password = p
			}
		}
		require.Equal(t, want[1], password)
	}
}

func TestAManifestNamesWhatDiffers(t *testing.T) {
	t.Parallel()
	var m Manifest
	require.NoError(t, json.Unmarshal([]byte(`{"tables":{"a":{"rows":1,"sum":"1/1"},"b":{"rows":2,"sum":"2/2"}},"trail":{"o":{"seq":3,"hash":"aa"}}}`), &m))
	require.Empty(t, m.differences(m.Tables, m.Trail))
	require.Equal(t, []string{
		"a has 2 rows instead of 1", "b has a row that is not as it was", "c was not in the backup", "the audit trail of o ends at event 2 instead of 3",
	}, m.differences(map[string]Table{"a": {2, ""}, "b": {2, "1/2"}, "c": {}}, map[string]Head{"o": {Seq: 2}}))
	require.EqualValues(t, 3, m.Rows())
	require.Empty(t, padding(1024))
	require.Len(t, padding(1025), 511)
}
