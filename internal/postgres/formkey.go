package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// ForgetFormKeys deletes the keys of forms that were sent before a moment, a
// bounded number at a time. It answers how many.
func (db *DB) ForgetFormKeys(ctx context.Context, before time.Time) (int, error) {
	var row struct{ Forgotten int }
	err := db.asSender(ctx, "forgetting old keys of forms", `
		WITH old AS (
			SELECT person_id, key FROM form_key WHERE created_at < @before ORDER BY created_at LIMIT 10000
		), gone AS (
			DELETE FROM form_key k USING old WHERE k.person_id = old.person_id AND k.key = old.key RETURNING 1
		)
		SELECT count(*)::int AS forgotten FROM gone`, pgx.NamedArgs{"before": before}, one(&row))
	return row.Forgotten, err
}
