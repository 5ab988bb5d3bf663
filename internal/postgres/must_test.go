package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"waymark/internal/pgtest"
)

// A statement of Must that touches no row has to fail in the server, because
// COMMIT waits behind it in the same pipeline.
func TestMustFailsInTheServer(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	owner := db.Owner(t)
	for _, sql := range []string{
		`UPDATE installation SET demo = true WHERE NOT one`,
		`DELETE FROM mail WHERE once = 'none'`,
		`INSERT INTO installation (one) VALUES (true) ON CONFLICT (one) DO UPDATE SET demo = true WHERE installation.demo`,
	} {
		_, err := owner.Exec(t.Context(), `WITH touched AS (`+sql+` RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM touched`)
		require.ErrorContains(t, err, "22012", sql)
	}
	_, err := owner.Exec(t.Context(), `WITH touched AS (UPDATE installation SET demo = true RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM touched`)
	require.NoError(t, err)
}
