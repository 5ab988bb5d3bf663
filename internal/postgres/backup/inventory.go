package backup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// outsideSums are tables that are not what people stored: the record of the
// migrations changes when a restored database is brought up to date.
func outsideSums(table string) bool { return table == "schema_migrations" }

// steady are the settings under which rows are written as text always alike.
const steady = `SET search_path = public; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres';
	SET TimeZone = 'UTC'; SET extra_float_digits = 1; SET bytea_output = 'hex'; SET statement_timeout = 0;
	SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0`

// Inventory counts the rows of every table of the schema, sums their hashes,
// and reads the heads of the audit trail. The connection must see every row.
func Inventory(ctx context.Context, conn *pgx.Conn) (map[string]Table, map[string]Head, error) {
	if _, err := conn.Exec(ctx, steady); err != nil {
		return nil, nil, fmt.Errorf("prepare to count: %w", err)
	}
	rows, err := conn.Query(ctx, `SELECT c.relname FROM pg_class c
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`)
	if err != nil {
		return nil, nil, fmt.Errorf("list the tables: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, nil, fmt.Errorf("list the tables: %w", err)
	}
	tables := map[string]Table{}
	for _, name := range names {
		if outsideSums(name) {
			continue
		}
		// The whole row as text, hashed, and the first half of the hashes added
		// up: the order of the rows plays no part.
		sql := `SELECT count(*), coalesce(sum(('x' || encode(substr(h, 1, 8), 'hex'))::bit(64)::bigint::numeric), 0)::text || '/' ||
				coalesce(sum(('x' || encode(substr(h, 9, 8), 'hex'))::bit(64)::bigint::numeric), 0)::text
			FROM (SELECT sha256(convert_to(t::text, 'UTF8')) AS h FROM ` + pgx.Identifier{"public", name}.Sanitize() + ` t) x`
		var table Table
		if err := conn.QueryRow(ctx, sql).Scan(&table.Rows, &table.Sum); err != nil {
			return nil, nil, fmt.Errorf("count %s: %w", name, err)
		}
		tables[name] = table
	}
	heads := map[string]Head{}
	if _, ok := tables["trail_head"]; !ok {
		return tables, heads, nil
	}
	rows, err = conn.Query(ctx, `SELECT organization_id::text, seq, encode(hash, 'hex') FROM trail_head`)
	if err != nil {
		return nil, nil, fmt.Errorf("read the heads of the trail: %w", err)
	}
	var organization string
	var head Head
	_, err = pgx.ForEachRow(rows, []any{&organization, &head.Seq, &head.Hash}, func() error {
		heads[organization] = head
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read the heads of the trail: %w", err)
	}
	return tables, heads, nil
}

// differences names what is not as the manifest says.
func (m *Manifest) differences(tables map[string]Table, heads map[string]Head) []string {
	var found []string
	for _, name := range slices.Sorted(maps.Keys(m.Tables)) {
		want, have := m.Tables[name], tables[name]
		switch {
		case want.Rows != have.Rows:
			found = append(found, fmt.Sprintf("%s has %d rows instead of %d", name, have.Rows, want.Rows))
		case want.Sum != have.Sum:
			found = append(found, name+" has a row that is not as it was")
		}
	}
	for name := range tables {
		if _, ok := m.Tables[name]; !ok {
			found = append(found, name+" was not in the backup")
		}
	}
	for organization, want := range m.Trail {
		if have := heads[organization]; have != want {
			found = append(found, fmt.Sprintf("the audit trail of %s ends at event %d instead of %d", organization, have.Seq, want.Seq))
		}
	}
	slices.Sort(found)
	return found
}

// Verify compares what a database holds with a manifest, and the last event of
// every trail with its head. The error names what differs.
func (m *Manifest) Verify(ctx context.Context, conn *pgx.Conn) error {
	tables, heads, err := Inventory(ctx, conn)
	if err != nil {
		return err
	}
	if found := m.differences(tables, heads); len(found) > 0 {
		return &Error{Text: "The restored data are not those of the backup: " + strings.Join(found, "; ") + "."}
	}
	var broken int
	err = conn.QueryRow(ctx, `SELECT count(*) FROM trail_head h WHERE h.seq > 0 AND NOT EXISTS
		(SELECT FROM event e WHERE e.organization_id = h.organization_id AND e.seq = h.seq AND e.hash = h.hash)`).Scan(&broken)
	if err != nil {
		return fmt.Errorf("compare the trail with its heads: %w", err)
	}
	if broken > 0 {
		return &Error{Text: fmt.Sprintf("The audit trail of %d organizations does not end at its head: it was changed before the backup was made.", broken)}
	}
	return nil
}

// schemaOf is the newest migration applied, 0 in an empty database.
func schemaOf(ctx context.Context, conn *pgx.Conn) (uint, error) {
	var there bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass('public.schema_migrations') IS NOT NULL").Scan(&there); err != nil {
		return 0, fmt.Errorf("look for the schema: %w", err)
	}
	if !there {
		return 0, nil
	}
	var version uint
	var dirty bool
	err := conn.QueryRow(ctx, "SELECT version, dirty FROM public.schema_migrations").Scan(&version, &dirty)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the version of the schema: %w", err)
	}
	if dirty {
		return 0, &Error{Text: fmt.Sprintf("Migration %d broke off halfway. Run \"waymark doctor\" before making a backup.", version)}
	}
	return version, nil
}
