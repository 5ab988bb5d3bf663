package pgtest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const worthEmptying = 8 << 20 // bytes of a table; a larger one is dropped with its database

// marks tell whether a database differs from its clean state.
type marks struct {
	Schema    string   // changes with any definition, right or statistic
	Seeds     []string // of each table that migrations filled: changes with its rows
	Sequences []string // state of each sequence
	Filled    []string // tables with rows that were empty
	Large     bool     // one of them is not worth emptying
}

// inspection is what there is to look at in a database with the current
// schema: found once, in the template.
type inspection struct {
	sql       string
	seeds     []seed
	sequences []string // names, in the order of marks.Sequences
	reset     []string // the statement that brings each back
}

// seed is a table that migrations filled, and what is in it.
type seed struct {
	table string
	rows  []byte // in the format of COPY
}

// definitions are the catalogues in which any change of a test's own database
// leaves a newer row. What PostgreSQL brings along is left out.
const definitions = `
concat_ws(' ',
  (SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) || ':' || sum(reltuples) FROM pg_class WHERE oid >= 16384),
  (SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM pg_attribute WHERE attrelid >= 16384),
  (SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM pg_attrdef),
  (SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM pg_constraint),
  (SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM pg_index WHERE indexrelid >= 16384),
  (SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM pg_trigger),
  (SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM pg_policy),
  (SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM pg_proc WHERE oid >= 16384),
  (SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM pg_rewrite WHERE oid >= 16384),
  (SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM pg_type WHERE oid >= 16384),
  (SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM pg_enum),
  (SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM pg_namespace WHERE nspname !~ '^pg_'),
  (SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM pg_extension),
  (SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM pg_default_acl),
  (SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM pg_statistic_ext),
  (SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM pg_event_trigger),
  (SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM pg_largeobject_metadata),
  (SELECT coalesce(max(xmin::text::bigint), 0) FROM pg_database WHERE datname = current_database()),
  (SELECT count(*) || ':' || coalesce(max(s.xmin::text::bigint), 0) FROM pg_db_role_setting s
   JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database()))`

// prepareInspection looks at the migrated template.
func prepareInspection(ctx context.Context, template *pgx.Conn) (inspection, error) {
	rows, err := template.Query(ctx, `
		SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema$)' ORDER BY 1`)
	if err != nil {
		return inspection{}, fmt.Errorf("list the tables: %w", err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return inspection{}, fmt.Errorf("list the tables: %w", err)
	}
	in := inspection{}
	var filled, large, seedMarks []string
	for _, table := range tables {
		var content bytes.Buffer
		if _, err := template.PgConn().CopyTo(ctx, &content, "COPY "+table+" TO STDOUT"); err != nil {
			return inspection{}, fmt.Errorf("read %s: %w", table, err)
		}
		literal := "'" + strings.ReplaceAll(table, "'", "''") + "'"
		if content.Len() > 0 {
			in.seeds = append(in.seeds, seed{table: table, rows: content.Bytes()})
			seedMarks = append(seedMarks, "(SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM "+table+")")
			continue
		}
		filled = append(filled, "CASE WHEN EXISTS (SELECT FROM "+table+") THEN "+literal+" END")
		large = append(large, fmt.Sprintf("pg_relation_size(%s) > %d", literal, worthEmptying))
	}
	if err := in.prepareSequences(ctx, template); err != nil {
		return inspection{}, err
	}
	var sequences []string
	for _, name := range in.sequences {
		sequences = append(sequences, "(SELECT last_value || ':' || is_called FROM "+name+")")
	}
	in.sql = fmt.Sprintf("SELECT %s AS schema, %s AS seeds, %s AS sequences, array_remove(%s, NULL) AS filled, %s AS large",
		definitions, textArray(seedMarks), textArray(sequences), textArray(filled), anyOf(large))
	return in, nil
}

func (in *inspection) prepareSequences(ctx context.Context, template *pgx.Conn) error {
	rows, err := template.Query(ctx, `SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences ORDER BY 1`)
	if err != nil {
		return fmt.Errorf("list the sequences: %w", err)
	}
	if in.sequences, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return fmt.Errorf("list the sequences: %w", err)
	}
	for _, name := range in.sequences {
		var reset string
		err := template.QueryRow(ctx, fmt.Sprintf(
			"SELECT format('SELECT setval(%%L, %%s, %%L)', $1::text, last_value, is_called) FROM %s", name), name).Scan(&reset)
		if err != nil {
			return fmt.Errorf("read the sequence %s: %w", name, err)
		}
		in.reset = append(in.reset, reset)
	}
	return nil
}

func textArray(items []string) string {
	return "ARRAY[" + strings.Join(items, ", ") + "]::text[]"
}

func anyOf(conditions []string) string {
	return strings.Join(append(conditions, "false"), " OR ")
}

// take reads the marks of a database.
func (in *inspection) take(ctx context.Context, conn *pgx.Conn) (marks, error) {
	rows, err := conn.Query(ctx, in.sql)
	if err != nil {
		return marks{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[marks])
}

// endConnections ends what a test left behind beside the pools, as it may still
// be writing, and waits for what is closing. The function's own wait would look
// only ten times a second.
func endConnections(ctx context.Context, d *database) error {
	for {
		var others int
		err := d.admin.QueryRow(ctx, `
			SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
			  AND pid <> ALL ($1::int[])`, d.resting).Scan(&others)
		if err != nil || others == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Microsecond):
		}
	}
}

// empty brings a database back to its clean state. It reports false when only
// dropping it does.
func (in *inspection) empty(ctx context.Context, d *database) (bool, error) {
	if err := endConnections(ctx, d); err != nil {
		return false, fmt.Errorf("end the connections of a test: %w", err)
	}
	now, err := in.take(ctx, d.admin)
	if err != nil {
		return false, fmt.Errorf("inspect a used database: %w", err)
	}
	if now.Schema != d.marks.Schema || now.Large {
		return false, nil
	}
	var statements []string
	for _, table := range now.Filled {
		statements = append(statements, "DELETE FROM "+table)
	}
	for i := range in.sequences {
		if now.Sequences[i] != d.marks.Sequences[i] {
			statements = append(statements, in.reset[i])
		}
	}
	var changed []seed
	for i, s := range in.seeds {
		if now.Seeds[i] != d.marks.Seeds[i] {
			statements = append(statements, "DELETE FROM "+s.table)
			changed = append(changed, s)
		}
	}
	if len(statements) > 0 {
		if _, err := d.admin.Exec(ctx, strings.Join(statements, "; "), pgx.QueryExecModeSimpleProtocol); err != nil {
			return false, fmt.Errorf("empty a used database: %w", err)
		}
	}
	for _, s := range changed {
		if _, err := d.admin.PgConn().CopyFrom(ctx, bytes.NewReader(s.rows), "COPY "+s.table+" FROM STDIN"); err != nil {
			return false, fmt.Errorf("fill %s again: %w", s.table, err)
		}
	}
	if len(changed) > 0 {
		after, err := in.take(ctx, d.admin)
		if err != nil {
			return false, fmt.Errorf("inspect an emptied database: %w", err)
		}
		d.marks.Seeds = slices.Clone(after.Seeds)
	}
	return true, nil
}
