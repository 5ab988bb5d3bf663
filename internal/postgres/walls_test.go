package postgres_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/trail"
	"waymark/internal/pgtest"
)

// doors are the functions that run with the rights of waymark_definer. A new
// one is a decision for this list.
func doors() []string {
	return []string{
		"invitation_open", "my_places", "organization_ids", "password_reset_open", "person_by_email", "person_renamed",
		"sample_people_leave", "session_open", "trail_append", "trail_append_installation",
	}
}

const (
	tenantPolicy = `(organization_id = ( SELECT (NULLIF(current_setting('app.org'::text, true), ''::text))::uuid AS "nullif"))`
	ownPolicy    = `(person_id = ( SELECT (NULLIF(current_setting('app.person'::text, true), ''::text))::uuid AS "nullif"))`
)

// otherPolicies are those of tables that belong to no organization or to the
// organization itself: table, name, command and text.
func otherPolicies() []string {
	own := strings.Replace(ownPolicy, "person_id", "id", 1)
	tenant := strings.Replace(tenantPolicy, "organization_id", "id", 1)
	scope := `(( SELECT current_setting('app.scope'::text, true) AS current_setting) = 'worker'::text)`
	return []string{
		"form_key forget d " + scope,
		"form_key own * " + ownPolicy,
		"form_key see_old r " + scope,
		"installation anybody * true",
		"mail put a  check true",
		"mail read r (( SELECT current_setting('app.scope'::text, true) AS current_setting) = ANY (ARRAY['administrator'::text, 'worker'::text]))",
		"mail send w " + scope,
		"organization tenant * " + tenant,
		"password_reset own * " + ownPolicy,
		"person own * " + own,
		"session own * " + ownPolicy,
		"sign_in_failure anybody * true",
		"step_order anybody r true",
	}
}

// strings reads a column.
func list(t testing.TB, pool *pgxpool.Pool, sql string, args ...any) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), sql, args...)
	require.NoError(t, err)
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return out
}

const ours = ` c.relnamespace = 'public'::regnamespace AND c.relname <> 'schema_migrations' `

// breaches reads the catalogue and gives every exception from the rules.
func breaches(t testing.TB, pool *pgxpool.Pool) []string {
	t.Helper()
	var found []string
	say := func(rule string, list []string) {
		for _, what := range list {
			found = append(found, rule+": "+what)
		}
	}
	say("row-level security is not forced", list(t, pool, `SELECT relname::text FROM pg_class c WHERE c.relkind IN ('r', 'p') AND`+ours+`AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY 1`))
	say("a table that organizations share has another policy", list(t, pool, `
		SELECT c.relname::text FROM pg_class c
		 WHERE c.relkind = 'r' AND`+ours+`AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped)
		   AND (SELECT array_agg(p.polname || ' ' || p.polcmd::text || ' ' || p.polpermissive || ' ' || p.polroles::text || ' ' || pg_get_expr(p.polqual, p.polrelid) || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), ''))
		          FROM pg_policy p WHERE p.polrelid = c.oid) IS DISTINCT FROM ARRAY['tenant * true {0} ' || $1] ORDER BY 1`, tenantPolicy))
	policies := list(t, pool, `
		SELECT c.relname || ' ' || p.polname || ' ' || p.polcmd::text || ' ' || coalesce(pg_get_expr(p.polqual, p.polrelid), '') || coalesce(' check ' || pg_get_expr(p.polwithcheck, p.polrelid), '')
		  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
		 WHERE NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id') ORDER BY 1`)
	for _, p := range policies {
		if !slices.Contains(otherPolicies(), p) {
			found = append(found, "a policy that nobody decided on: "+p)
		}
	}
	for _, p := range otherPolicies() {
		if !slices.Contains(policies, p) {
			found = append(found, "a policy is missing: "+p)
		}
	}
	say("the application owns", list(t, pool, `SELECT c.relname::text FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname IN ('waymark_app') ORDER BY 1`))
	say("the application owns a function", list(t, pool, `SELECT p.proname::text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE r.rolname = 'waymark_app' ORDER BY 1`))
	say("the application's role is too strong", list(t, pool, `
		SELECT rolname::text FROM pg_roles WHERE rolname = 'waymark_app'
		   AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication) ORDER BY 1`))
	say("the application's role is a member of", list(t, pool, `
		SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = 'waymark_app'`))
	say("the definer's role can sign in or is too strong", list(t, pool, `
		SELECT rolname::text FROM pg_roles WHERE rolname = 'waymark_definer' AND (rolsuper OR rolcanlogin OR rolcreaterole OR rolcreatedb OR rolreplication)`))
	say("a view without security_invoker, or a kept one", list(t, pool, `
		SELECT relname::text FROM pg_class c WHERE`+ours+`AND (relkind = 'm' OR (relkind = 'v' AND NOT coalesce(reloptions, '{}') @> ARRAY['security_invoker=true'])) ORDER BY 1`))
	say("a foreign key is not led by the organization", list(t, pool, `
		SELECT c.relname || '.' || k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid
		 WHERE k.contype = 'f' AND f.relname <> 'organization'
		   AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id')
		   AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = f.oid AND a.attname = 'organization_id')
		   AND NOT ((SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attnum = k.conkey[1]) = 'organization_id'
		        AND (SELECT attname FROM pg_attribute WHERE attrelid = f.oid AND attnum = k.confkey[1]) = 'organization_id') ORDER BY 1`))
	say("a key is not led by the organization", list(t, pool, `
		SELECT c.relname || '.' || k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
		 WHERE k.contype = 'p' AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id')
		   AND (SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attnum = k.conkey[1]) <> 'organization_id' ORDER BY 1`))
	if definers := list(t, pool, `SELECT p.proname::text FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace ORDER BY 1`); !slices.Equal(definers, doors()) {
		found = append(found, fmt.Sprintf("the doors are %v", definers))
	}
	say("a door without a search path of its own, or of another owner", list(t, pool, `
		SELECT p.proname::text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
		 WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
		   AND (r.rolname <> 'waymark_definer' OR NOT coalesce(p.proconfig, '{}') @> ARRAY['search_path=public, pg_temp']) ORDER BY 1`))
	say("a door that is open to everybody", list(t, pool, `
		SELECT p.proname::text FROM pg_proc p
		 WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
		   AND (p.proacl IS NULL OR EXISTS (SELECT 1 FROM aclexplode(p.proacl) x WHERE x.grantee = 0)) ORDER BY 1`))
	say("what is written once can be changed", list(t, pool, `
		SELECT t || ' ' || r FROM unnest(ARRAY['step_act', 'approval', 'target_change', 'baseline', 'baseline_rating', 'plan_baseline', 'plan_baseline_task', 'event', 'trail_head']) t,
		       unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) r WHERE has_table_privilege('waymark_app', t, r) ORDER BY 1`))
	say("a table can be emptied, or used by triggers", list(t, pool, `
		SELECT c.relname || ' ' || r FROM pg_class c, unnest(ARRAY['TRUNCATE', 'TRIGGER', 'REFERENCES']) r WHERE c.relkind = 'r' AND`+ours+`AND has_table_privilege('waymark_app', c.oid, r) ORDER BY 1`))
	say("the trail can be written past its function", list(t, pool, `
		SELECT t FROM unnest(ARRAY['event', 'trail_head', 'step_order']) t WHERE has_table_privilege('waymark_app', t, 'INSERT')`))
	say("everybody has rights on", list(t, pool, `
		SELECT c.relname::text FROM pg_class c, aclexplode(c.relacl) x WHERE`+ours+`AND x.grantee = 0 ORDER BY 1`))
	say("the application can make things in the schema", list(t, pool, `SELECT 'public' WHERE has_schema_privilege('waymark_app', 'public', 'CREATE')`))
	say("the definer can make things in the schema", list(t, pool, `SELECT 'public' WHERE has_schema_privilege('waymark_definer', 'public', 'CREATE')`))
	return found
}

// TestWallsStand reads the catalogue: no exception from the rules.
func TestWallsStand(t *testing.T) {
	t.Parallel()
	require.Empty(t, breaches(t, pgtest.New(t).Owner(t)))
}

// TestWallsThatFellAreFound is the control: each fault is planted in a database
// of its own.
func TestWallsThatFellAreFound(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"not forced":         `ALTER TABLE finding NO FORCE ROW LEVEL SECURITY`,
		"not enabled":        `ALTER TABLE finding DISABLE ROW LEVEL SECURITY`,
		"a second policy":    `CREATE POLICY more ON task USING (true)`,
		"another text":       `ALTER POLICY tenant ON task USING (organization_id = current_setting('app.org', true)::uuid)`,
		"a policy dropped":   `DROP POLICY own ON session`,
		"a new table":        `CREATE TABLE planted (organization_id uuid)`,
		"a view":             `CREATE VIEW planted AS SELECT * FROM task`,
		"a kept view":        `CREATE MATERIALIZED VIEW planted AS SELECT * FROM task`,
		"a bare foreign key": `ALTER TABLE task ADD UNIQUE (id); ALTER TABLE finding ADD COLUMN about uuid REFERENCES task (id)`,
		"a new door":         `CREATE FUNCTION planted() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`,
		"an open door":       `GRANT EXECUTE ON FUNCTION person_by_email(text) TO PUBLIC`,
		"no search path":     `ALTER FUNCTION my_places() RESET ALL`,
		"a right too many":   `GRANT UPDATE ON approval TO waymark_app`,
		"a trail to write":   `GRANT INSERT ON event TO waymark_app`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			before := breaches(t, db.Owner(t))
			_, err := db.Superuser(t).Exec(t.Context(), sql)
			require.NoError(t, err)
			require.Greater(t, len(breaches(t, db.Owner(t))), len(before))
		})
	}
}

// TestTrailIsVerified lets the database chain events, has the domain verify
// them, and finds ten kinds of tampering (R16).
func TestTrailIsVerified(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t).Superuser(t)
	organization := wayID[id.Organization]()
	at := time.Date(2026, 5, 21, 9, 0, 0, 123456789, time.UTC)
	tx, err := pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `SELECT set_config('app.org', $1, true)`, organization.String())
	require.NoError(t, err)
	for i := range 40 {
		var project, person any
		if i%3 > 0 {
			project, person = wayID[id.Project](), wayID[id.Person]()
		}
		_, err = tx.Exec(t.Context(), `SELECT trail_append($1, $2, $3, $4, $5, $6, $7)`, organization, project, person,
			[]string{"task.added", "scope.saved"}[i%2], []string{"", "范围", "task"}[i%3], at.Add(time.Duration(i)*time.Microsecond),
			fmt.Sprintf(`{"n": %d, "text": "<ø & 标准> \" \\ "}`, i))
		require.NoError(t, err)
	}
	require.NoError(t, tx.Commit(t.Context()))
	verify := func() error {
		var head trail.Head
		var hash []byte
		require.NoError(t, pool.QueryRow(t.Context(), `SELECT seq, hash FROM trail_head WHERE organization_id = $1`, organization).Scan(&head.Seq, &hash))
		copy(head.Hash[:], hash)
		return trail.Verify(organization, entries(t, pool, organization), head)
	}
	require.NoError(t, verify())
	_, err = pool.Exec(t.Context(), `UPDATE event SET kind = 'x.y' WHERE seq = 7`)
	require.ErrorContains(t, err, "never changed", "not even the owner")
	for name, sql := range map[string]string{
		"a kind":         `UPDATE event SET kind = 'task.removed' WHERE seq = 7`,
		"a subject":      `UPDATE event SET subject = subject || '!' WHERE seq = 7`,
		"data":           `UPDATE event SET data = data || '{"n": 1000}' WHERE seq = 7`,
		"a moment":       `UPDATE event SET at = at + interval '1 microsecond' WHERE seq = 7`,
		"a person":       `UPDATE event SET person_id = gen_random_uuid() WHERE seq = 7`,
		"a project":      `UPDATE event SET project_id = NULL WHERE seq = 8`,
		"a hash":         `UPDATE event SET hash = sha256('x') WHERE seq = 7`,
		"one dropped":    `DELETE FROM event WHERE seq = 7`,
		"two exchanged":  `UPDATE event SET seq = CASE seq WHEN 7 THEN -8 ELSE -7 END WHERE seq IN (7, 8)`,
		"the tail cut":   `DELETE FROM event WHERE seq > 35`,
		"the first gone": `DELETE FROM event WHERE seq = 1`,
		"the head":       `UPDATE trail_head SET seq = seq - 1`,
	} {
		_, err := pool.Exec(t.Context(), `CREATE TABLE kept_event AS TABLE event; CREATE TABLE kept_head AS TABLE trail_head;
			ALTER TABLE event DISABLE TRIGGER ALL; ALTER TABLE event DROP CONSTRAINT event_seq_check`, pgx.QueryExecModeSimpleProtocol)
		require.NoError(t, err)
		if strings.HasPrefix(name, "two") {
			sql += `; UPDATE event SET seq = -seq WHERE seq < 0`
		}
		_, err = pool.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol)
		require.NoError(t, err, name)
		var broken *trail.BrokenError
		require.True(t, errors.As(verify(), &broken), name)
		_, err = pool.Exec(t.Context(), `DELETE FROM event; DELETE FROM trail_head; INSERT INTO event SELECT * FROM kept_event; INSERT INTO trail_head SELECT * FROM kept_head;
			DROP TABLE kept_event, kept_head; ALTER TABLE event ADD CHECK (seq > 0); ALTER TABLE event ENABLE TRIGGER ALL`, pgx.QueryExecModeSimpleProtocol)
		require.NoError(t, err)
		require.NoError(t, verify())
	}
}

func entries(t testing.TB, pool *pgxpool.Pool, organization id.Organization) iter.Seq2[trail.Entry, error] {
	return func(yield func(trail.Entry, error) bool) {
		rows, err := pool.Query(t.Context(), `SELECT seq, coalesce(project_id, '00000000-0000-0000-0000-000000000000'), coalesce(person_id, '00000000-0000-0000-0000-000000000000'), kind, subject, at, data::text, hash
			FROM event WHERE organization_id = $1 ORDER BY seq`, organization)
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			var e trail.Entry
			var hash []byte
			var data string
			e.Organization = organization
			require.NoError(t, rows.Scan(&e.Seq, &e.Project, &e.Actor, &e.Kind, &e.Subject, &e.At, &data, &hash))
			e.Data = []byte(data)
			copy(e.Hash[:], hash)
			if !yield(e, nil) {
				return
			}
		}
		require.NoError(t, rows.Err())
	}
}

// TestDaysAreAsPostgreSQLHasThem compares the days of the domain with the
// database's own arithmetic (R15).
func TestDaysAreAsPostgreSQLHasThem(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t).App(t)
	zones := []string{"UTC", "Europe/Oslo", "Asia/Shanghai", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns",
		"Africa/Casablanca", "Pacific/Kiritimati", "Asia/Tehran", "America/Sao_Paulo"}
	step := 37 // days between those looked at
	if proving() {
		step = 1
	}
	compared, addDate := 0, 0
	for _, zone := range zones {
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		rows, err := pool.Query(t.Context(), `
			SELECT d::text, (d + 45)::text, (d + interval '1 month')::date::text, (d + interval '3 years')::date::text, (d - interval '13 months')::date::text,
			       extract(isodow FROM d)::int, (d - date '2020-01-01')::int,
			       (((d + time '23:50') AT TIME ZONE 'UTC') AT TIME ZONE $1)::date::text, (((d + time '00:10') AT TIME ZONE 'UTC') AT TIME ZONE $1)::date::text
			  FROM (SELECT g::date AS d FROM generate_series(timestamp '2020-01-01', timestamp '2060-12-31', make_interval(days => $2)) g
			        UNION SELECT unnest(ARRAY[date '2024-02-29', date '2028-02-29', date '2026-03-29', date '2026-10-25', date '2025-12-31'])) s`, zone, step)
		require.NoError(t, err)
		for rows.Next() {
			var d, days, month, years, back, late, early string
			var weekday, since int
			require.NoError(t, rows.Scan(&d, &days, &month, &years, &back, &weekday, &since, &late, &early))
			day := civil.MustParse(d)
			require.Equal(t, days, day.AddDays(45).String(), d)
			require.Equal(t, month, day.AddMonths(1).String(), d)
			require.Equal(t, years, day.AddMonths(36).String(), d)
			require.Equal(t, back, day.AddMonths(-13).String(), d)
			require.Equal(t, weekday%7, int(day.Weekday()), d)
			require.Equal(t, since, civil.MustParse("2020-01-01").DaysUntil(day), d)
			noon := time.Date(day.Year(), day.Month(), day.Day(), 23, 50, 0, 0, time.UTC)
			require.Equal(t, late, civil.Of(noon, loc).String(), "%s in %s", d, zone)
			require.Equal(t, early, civil.Of(noon.Add(-23*time.Hour-40*time.Minute), loc).String(), "%s in %s", d, zone)
			// The control: Go's own AddDate is found wrong.
			if time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC).AddDate(0, 1, 0).Format(time.DateOnly) != month {
				addDate++
			}
			compared++
		}
		require.NoError(t, rows.Err())
	}
	require.Greater(t, compared, 4000)
	require.Positive(t, addDate)
}
