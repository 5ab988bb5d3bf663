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

const (
	// Most people are signed in at two or three places; more are cut off.
	sessionsSQL = `
		SELECT id, created_at, last_seen_at, user_agent, client_address
		  FROM session
		 WHERE person_id = (SELECT nullif(current_setting('app.person', true), '')::uuid)
		   AND revoked_at IS NULL AND expires_at > @now AND last_seen_at > @idle
		 ORDER BY created_at DESC, id DESC LIMIT 50`
	profileSQL = `
		SELECT name, email, language, time_zone, theme, version
		  FROM person WHERE id = (SELECT nullif(current_setting('app.person', true), '')::uuid)`
)

// ProfilePage reads what a person sees of themselves.
func (db *DB) ProfilePage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.ProfilePage, error) {
	var p readmodel.ProfilePage
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		b.Queue(profileSQL).Query(one(&p.Person))
		b.Queue(sessionsSQL, pgx.NamedArgs{"now": acc.Now, "idle": acc.Now.Add(-Idle)}).Query(collect(&p.Sessions))
	})
	return frame, p, err
}

// Caller answers who stands behind a session.
func (db *DB) Caller(ctx context.Context, acc readmodel.Access) (readmodel.Caller, error) {
	var c readmodel.Caller
	conn, err := db.acquire(ctx)
	if err != nil {
		return c, err
	}
	defer conn.Release()
	b := &pgx.Batch{}
	queueSession(b, acc, &c)
	return c, db.failed("asking who it is", conn.SendBatch(ctx, b).Close())
}

// SaveProfile stores name, language and time zone.
func (db *DB) SaveProfile(ctx context.Context, acc readmodel.Access, in readmodel.Profile) error {
	var now readmodel.Profile
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) { b.Queue(profileSQL + ` FOR UPDATE`).Query(one(&now)) },
		decide: func(c *readmodel.Caller, w *writes) error {
			write, err := edit{from: in.Version, now: now.Version, fields: []edited{
				{"name", in.Name, now.Name},
				{"language", language(in.Language), language(now.Language)},
				{"time_zone", deref(in.TimeZone), deref(now.TimeZone)},
			}}.judge()
			if err != nil || !write {
				return err
			}
			w.Must(`
				UPDATE person SET name = @name, language = @language, time_zone = @time_zone, version = version + 1
				 WHERE id = @person`,
				pgx.NamedArgs{"name": in.Name, "language": in.Language, "time_zone": in.TimeZone, "person": c.Person})
			w.InstallationEvent("profile.saved", c.Person.String(), nil)
			return nil
		},
	})
	return err
}

// language is the word of a form for a stored language.
func language(stored *string) string {
	if stored == nil {
		return identity.LanguageSystem.String()
	}
	return *stored
}

// SaveTheme stores the colours that a person reads in.
func (db *DB) SaveTheme(ctx context.Context, acc readmodel.Access, theme identity.Theme) error {
	_, err := db.do(ctx, acc, change{decide: func(c *readmodel.Caller, w *writes) error {
		if c.Theme == theme {
			return nil
		}
		w.Must(`UPDATE person SET theme = @theme WHERE id = @person`, pgx.NamedArgs{"theme": theme, "person": c.Person})
		w.InstallationEvent("profile.theme", c.Person.String(), map[string]any{"theme": theme.String()})
		return nil
	}})
	return err
}

// SaveEmail changes the address that a person signs in with and makes reset
// links sent to the old one useless. An address of somebody else is
// fault.Exists.
func (db *DB) SaveEmail(ctx context.Context, acc readmodel.Access, email identity.Email) error {
	_, err := db.do(ctx, acc, change{decide: func(c *readmodel.Caller, w *writes) error {
		if c.Email == email.String() {
			return nil
		}
		w.Must(`UPDATE person SET email = @email, version = version + 1 WHERE id = @person`,
			pgx.NamedArgs{"email": email.String(), "person": c.Person})
		w.closeResets(c.Person, acc.Now)
		w.InstallationEvent("profile.email", c.Person.String(), nil)
		return nil
	}})
	return taken(err)
}

// SavePassword stores the hash of a new password and ends all other sessions.
// It is fault.Conflict where the password is no longer the one that was
// compared.
func (db *DB) SavePassword(ctx context.Context, acc readmodel.Access, compared *string, password string) error {
	var stands bool
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			b.Queue(lockPasswordSQL, pgx.NamedArgs{"password": compared}).Query(first(&stands))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			if !stands {
				return fault.Conflict
			}
			w.Must(`UPDATE person SET password = @password WHERE id = @person`,
				pgx.NamedArgs{"password": password, "person": c.Person})
			w.closeResets(c.Person, acc.Now)
			w.endSessions(c.Person, c.Session, acc.Now)
			w.Queue(forgetSQL, pgx.NamedArgs{"hash": emailHash(identity.Email(c.Email))})
			w.InstallationEvent("password.changed", "password", nil)
			return nil
		},
	})
	return err
}

// CreatePerson makes a person without a session, as a member of an
// organization where one is named. An address that somebody has is
// fault.Exists, an organization that is not there fault.NotFound.
func (db *DB) CreatePerson(ctx context.Context, in readmodel.NewPerson, organization id.Organization, role identity.OrganizationRole, now time.Time) error {
	var found struct{ Name string }
	return taken(db.transact(ctx,
		func(b *pgx.Batch) {
			if organization.IsZero() {
				return
			}
			b.Queue(`SELECT set_config('app.org', @organization, true)`, pgx.NamedArgs{"organization": organization.String()})
			b.Queue(`SELECT name FROM organization WHERE id = @organization`, pgx.NamedArgs{"organization": organization}).Query(one(&found))
		},
		func(w *writes) error {
			w.actAs(in.ID)
			w.createPerson(in, now)
			if !organization.IsZero() {
				w.join(member{
					organization: organization, person: in.ID, role: role,
					name: in.Name, email: in.Email.String(), language: orNull(in.Language),
				}, now)
			}
			return w.queueEvents(organization, in.ID, now)
		}))
}

// createPerson queues a new person and their event; the transaction must
// already act as them.
func (w *writes) createPerson(in readmodel.NewPerson, now time.Time) {
	w.Queue(`
		INSERT INTO person (id, email, name, password, language, time_zone, created_at)
		VALUES (@id, @email, @name, @password, @language, @time_zone, @now)`,
		pgx.NamedArgs{
			"id": in.ID, "email": in.Email.String(), "name": in.Name, "password": orNull(in.Password),
			"language": orNull(in.Language), "time_zone": orNull(in.TimeZone), "now": now,
		})
	w.InstallationEvent("person.created", in.ID.String(), nil)
}

// orNull sends an empty text as NULL.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// taken turns the violation of the address's uniqueness into fault.Exists.
func taken(err error) error {
	if violates(err, "person_email") {
		return fault.Exists
	}
	return err
}
