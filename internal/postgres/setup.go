package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

// IsSetUp reports whether the installation has its administrator.
func (db *DB) IsSetUp(ctx context.Context) (bool, error) {
	var row struct{ Done bool }
	err := db.asked(ctx, `SELECT set_up_at IS NOT NULL AS done FROM installation`, nil, one(&row))
	return row.Done, err
}

// KeepSetUpCode replaces the hash of the one-time code, unless the installation
// is set up already: then it answers false.
func (db *DB) KeepSetUpCode(ctx context.Context, hash [32]byte) (bool, error) {
	var row struct{ Kept bool }
	err := db.asked(ctx, `
		WITH kept AS (UPDATE installation SET set_up_code = @hash WHERE set_up_at IS NULL RETURNING one)
		SELECT EXISTS (SELECT 1 FROM kept) AS kept`, pgx.NamedArgs{"hash": hash[:]}, one(&row))
	return row.Kept, err
}

// SetUp makes the administrator, the first organization and the
// administrator's session, once: an installation that is set up already is
// fault.NotFound. check judges the hash of the one-time code before anything is
// written.
func (db *DB) SetUp(ctx context.Context, person readmodel.NewPerson, organization readmodel.NewOrganization, session *readmodel.NewSession, check func(hash []byte) error, now time.Time) error {
	var row struct {
		Code []byte
		Done bool
	}
	return taken(db.transact(ctx,
		func(b *pgx.Batch) {
			// The lock makes two set-ups at once one set-up and one refusal.
			b.Queue(`SELECT set_up_code AS code, set_up_at IS NOT NULL AS done FROM installation FOR UPDATE`).Query(one(&row))
		},
		func(w *writes) error {
			if row.Done {
				return fault.NotFound
			}
			if err := check(row.Code); err != nil {
				return err
			}
			w.actAs(person.ID)
			w.Queue(`SELECT set_config('app.org', @organization, true)`, pgx.NamedArgs{"organization": organization.ID.String()})
			w.createPerson(person, now)
			w.Queue(`
				INSERT INTO organization (id, name, time_zone, language, created_at)
				VALUES (@id, @name, @time_zone, @language, @now)`,
				pgx.NamedArgs{
					"id": organization.ID, "name": organization.Name, "time_zone": organization.TimeZone,
					"language": organization.Language, "now": now,
				})
			w.Event(id.Project{}, "organization.created", organization.ID.String(), nil)
			w.join(member{
				organization: organization.ID, person: person.ID, role: identity.Owner,
				name: person.Name, email: person.Email.String(), language: orNull(person.Language),
			}, now)
			w.Must(`UPDATE installation SET set_up_at = @now, set_up_code = NULL, administrator_id = @person WHERE set_up_at IS NULL`,
				pgx.NamedArgs{"now": now, "person": person.ID})
			w.InstallationEvent("installation.set_up", person.ID.String(), nil)
			if session != nil {
				w.openSession(person.ID, *session, now)
			}
			return w.queueEvents(organization.ID, person.ID, now)
		}))
}
