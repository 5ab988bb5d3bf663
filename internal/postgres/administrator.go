package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/id"
)

// MakeAdministrator makes a person the installation's administrator in place of
// whoever was.
func (db *DB) MakeAdministrator(ctx context.Context, person id.Person, now time.Time) error {
	return db.transact(ctx, nil, func(w *writes) error {
		w.Must(`UPDATE installation SET administrator_id = @person WHERE set_up_at IS NOT NULL`, pgx.NamedArgs{"person": person})
		w.InstallationEvent("installation.administrator", person.String(), nil)
		return w.queueEvents(id.Organization{}, id.Person{}, now)
	})
}
