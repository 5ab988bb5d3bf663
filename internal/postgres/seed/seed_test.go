package seed

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"waymark/internal/pgtest"
)

func TestFill(t *testing.T) {
	t.Parallel()
	for role, dsn := range map[string]func(*pgtest.DB) string{"owner": (*pgtest.DB).OwnerDSN, "superuser": (*pgtest.DB).SuperuserDSN} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			conn, err := pgx.Connect(t.Context(), dsn(db))
			require.NoError(t, err)
			defer func() { require.NoError(t, conn.Close(t.Context())) }()
			now := time.Date(2026, 5, 21, 9, 0, 0, 0, time.UTC)
			require.NoError(t, Fill(t.Context(), conn, Wish{Organizations: 3, Projects: 7, Tasks: 1000, Password: "x"}, now))

			var indexes []string
			require.NoError(t, conn.QueryRow(t.Context(), "SELECT array_agg(indexname::text) FROM pg_indexes WHERE tablename = 'task'").Scan(&indexes))
			require.Subset(t, indexes, []string{"task_pkey", "task_due", "task_mine", "task_owner"})

			ask := func(sql string) (n int64) {
				require.NoError(t, conn.QueryRow(t.Context(), sql).Scan(&n))
				return n
			}
			require.EqualValues(t, 3, ask("SELECT count(*) FROM organization"))
			require.EqualValues(t, 7, ask("SELECT count(*) FROM project"))
			require.EqualValues(t, 1000, ask("SELECT count(*) FROM task"))
			require.EqualValues(t, 36, ask("SELECT count(*) FROM person"))
			require.EqualValues(t, 1, ask("SELECT count(*) FROM person WHERE email = '"+People(2, 12)+"'"))
			require.Zero(t, ask("SELECT count(*) FROM project p WHERE last_task <> (SELECT max(number) FROM task t WHERE t.organization_id = p.organization_id AND t.project_id = p.id)"))
			require.Zero(t, ask("SELECT count(*) FROM project p WHERE last_finding <> (SELECT max(number) FROM finding t WHERE t.organization_id = p.organization_id AND t.project_id = p.id)"))
			for _, state := range []string{"open", "in_progress", "blocked", "done"} {
				require.Positive(t, ask("SELECT count(*) FROM task WHERE state = '"+state+"'"), state)
			}
			require.Positive(t, ask("SELECT count(*) FROM task WHERE finding_id IS NOT NULL"))
			require.Zero(t, ask("SELECT count(*) FROM task t LEFT JOIN finding f ON f.organization_id = t.organization_id AND f.project_id = t.project_id AND f.id = t.finding_id WHERE t.finding_id IS NOT NULL AND f.id IS NULL"),
				"what a superuser leaves unchecked holds")
			require.Zero(t, ask("SELECT count(*) FROM task t LEFT JOIN membership m ON m.organization_id = t.organization_id AND m.person_id = t.owner_id WHERE t.owner_id IS NOT NULL AND m.person_id IS NULL"))
			require.Zero(t, ask("SELECT count(*) FROM trail_head h WHERE h.seq <> (SELECT count(*) FROM event e WHERE e.organization_id = h.organization_id)"))

			// A second time adds to the first.
			require.NoError(t, Fill(t.Context(), conn, Wish{Organizations: 1, Projects: 1, Tasks: 0, Password: "x"}, now))
			require.EqualValues(t, 4, ask("SELECT count(*) FROM organization"))
		})
	}
}

func TestWishesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for _, w := range []Wish{{}, {Organizations: 2, Projects: 1}, {Organizations: 1, Projects: 1, Tasks: -1}} {
		require.ErrorIs(t, Fill(t.Context(), nil, w, time.Time{}), ErrWish)
	}
}
