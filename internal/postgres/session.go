package postgres

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

// Lifetime is how long a session lives at most, however often it is used.
const Lifetime = 90 * 24 * time.Hour

// forgotten is when failed attempts to sign in no longer count.
const forgotten = 24 * time.Hour

// transact runs one act of somebody who has no session yet, in one transaction
// of two round trips. Everything done with a session goes through do. decide
// queues its events itself, last, with writes.queueEvents.
func (db *DB) transact(ctx context.Context, read func(*pgx.Batch), decide func(*writes) error) error {
	conn, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	open := true
	defer func() {
		if open {
			rollback(ctx, conn)
		}
	}()
	b := &pgx.Batch{}
	b.Queue(`BEGIN`)
	// What an earlier user of the connection set is gone with their
	// transaction; this says so to the reader as well.
	b.Queue(`SELECT set_config('app.person', '', true), set_config('app.org', '', true), set_config('app.scope', '', true)`)
	if read != nil {
		read(b)
	}
	if err := conn.SendBatch(ctx, b).Close(); err != nil {
		return db.failed("reading for an act without a session", err)
	}
	w := &writes{batch: &pgx.Batch{}}
	if err := decide(w); err != nil {
		return err
	}
	if err := commit(ctx, conn, w.batch); err != nil {
		return db.failed("writing an act without a session", err)
	}
	open = false
	return nil
}

// actAs makes a person the one of the transaction, once it is known who it is.
func (w *writes) actAs(person id.Person) {
	w.batch.Queue(`SELECT set_config('app.person', @person, true)`, pgx.NamedArgs{"person": person.String()})
}

const (
	personByEmailSQL = `SELECT id, name, email, password, language, time_zone, disabled FROM person_by_email(@email)`

	// From the tenth attempt on each one doubles the wait for the next, from a
	// minute to an hour.
	attemptSQL = `
		INSERT INTO sign_in_failure AS f (email_hash, failures, failed_at, open_at)
		VALUES (@hash, 1, @now, @now)
		ON CONFLICT (email_hash) DO UPDATE
		   SET failures  = CASE WHEN f.failed_at < @forgotten THEN 1 ELSE f.failures + 1 END,
		       failed_at = @now,
		       open_at   = CASE WHEN f.failed_at < @forgotten OR f.failures < 9 THEN @now
		                        ELSE @now + least(interval '1 hour', interval '1 minute' * power(2, least(f.failures - 9, 8))) END
		 WHERE f.open_at <= @now`
	openAtSQL     = `SELECT open_at FROM sign_in_failure WHERE email_hash = @hash`
	forgetSQL     = `DELETE FROM sign_in_failure WHERE email_hash = @hash`
	forgetMoreSQL = `
		DELETE FROM sign_in_failure WHERE email_hash IN (
		       SELECT email_hash FROM sign_in_failure WHERE failed_at < @forgotten
		        ORDER BY failed_at LIMIT 20 FOR UPDATE SKIP LOCKED)`
)

func emailHash(email identity.Email) []byte {
	sum := sha256.Sum256([]byte(email.Key()))
	return sum[:]
}

// Attempt counts an attempt to sign in with an address and answers whose it
// is; the zero Identity stands for nobody's. Where too many failed before,
// nothing is counted and until is when the next attempt will be taken.
func (db *DB) Attempt(ctx context.Context, email identity.Email, now time.Time) (who readmodel.Identity, until time.Time, err error) {
	conn, err := db.acquire(ctx)
	if err != nil {
		return who, until, err
	}
	defer conn.Release()
	args := pgx.NamedArgs{"hash": emailHash(email), "email": email.String(), "now": now, "forgotten": now.Add(-forgotten)}
	var counted int64
	b := &pgx.Batch{}
	b.Queue(openAtSQL, args).Query(func(rows pgx.Rows) error {
		times, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
		if len(times) > 0 {
			until = times[0]
		}
		return err
	})
	b.Queue(attemptSQL, args).Query(func(rows pgx.Rows) error {
		rows.Close()
		counted = rows.CommandTag().RowsAffected()
		return rows.Err()
	})
	b.Queue(personByEmailSQL, args).Query(maybe(&who))
	if err := conn.SendBatch(ctx, b).Close(); err != nil {
		return readmodel.Identity{}, time.Time{}, db.failed("looking up who signs in", err)
	}
	if counted == 0 {
		if !until.After(now) { // another attempt closed the door meanwhile
			until = now.Add(time.Minute)
		}
		return readmodel.Identity{}, until, nil
	}
	return who, time.Time{}, nil
}

// Forget drops the count of failed attempts with an address.
func (db *DB) Forget(ctx context.Context, email identity.Email) error {
	return db.asked(ctx, forgetSQL, pgx.NamedArgs{"hash": emailHash(email)}, drain)
}

// RefuseSignIn leaves word of a failed attempt; person is zero where the
// address is nobody's.
func (db *DB) RefuseSignIn(ctx context.Context, person id.Person, now time.Time) error {
	return db.transact(ctx, nil, func(w *writes) error {
		w.Queue(forgetMoreSQL, pgx.NamedArgs{"forgotten": now.Add(-forgotten)})
		w.InstallationEvent("session.failed", "sign_in", nil)
		return w.queueEvents(id.Organization{}, person, now)
	})
}

// OpenSession signs a person in, unless their password is no longer the one
// that was compared: then it is fault.Conflict. rehashed replaces the hash
// where it is not empty.
func (db *DB) OpenSession(ctx context.Context, who readmodel.Identity, session readmodel.NewSession, rehashed string, now time.Time) error {
	var stands bool
	return db.transact(ctx,
		func(b *pgx.Batch) {
			b.Queue(`SELECT set_config('app.person', @person, true)`, pgx.NamedArgs{"person": who.ID.String()})
			b.Queue(lockPasswordSQL, pgx.NamedArgs{"password": who.Password}).Query(first(&stands))
		},
		func(w *writes) error {
			if !stands {
				return fault.Conflict
			}
			w.Queue(forgetSQL, pgx.NamedArgs{"hash": emailHash(identity.Email(who.Email))})
			if rehashed != "" {
				w.Must(`UPDATE person SET password = @password WHERE id = @person`,
					pgx.NamedArgs{"person": who.ID, "password": rehashed})
			}
			w.Queue(`DELETE FROM session WHERE person_id = @person AND (expires_at < @old OR revoked_at < @old OR last_seen_at < @old)`,
				pgx.NamedArgs{"person": who.ID, "old": now.Add(-Lifetime)})
			w.openSession(who.ID, session, now)
			return w.queueEvents(id.Organization{}, who.ID, now)
		})
}

// lockPasswordSQL locks the person of the transaction and answers whether their
// password is still the one that was compared, and they may sign in.
const lockPasswordSQL = `
	SELECT password IS NOT DISTINCT FROM @password::text AND disabled_at IS NULL
	  FROM person WHERE id = (SELECT nullif(current_setting('app.person', true), '')::uuid) FOR UPDATE`

// first reads the one value of a row, and leaves it as it is where there is none.
func first[T any](into *T) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		values, err := pgx.CollectRows(rows, pgx.RowTo[T])
		if len(values) > 0 {
			*into = values[0]
		}
		return err
	}
}

// openSession queues a new session and its event; the transaction must already
// act as the person.
func (w *writes) openSession(person id.Person, s readmodel.NewSession, now time.Time) {
	w.Queue(`
		INSERT INTO session (id, person_id, token_hash, created_at, last_seen_at, expires_at, user_agent, client_address)
		VALUES (@id, @person, @token, @now, @now, @expires, @user_agent, @address)`,
		pgx.NamedArgs{
			"id": s.ID, "person": person, "token": s.TokenHash[:], "now": now, "expires": now.Add(Lifetime),
			"user_agent": s.UserAgent, "address": s.Address,
		})
	w.InstallationEvent("session.signed_in", s.ID.String(), nil)
}

// CloseSession signs the caller out here.
func (db *DB) CloseSession(ctx context.Context, acc readmodel.Access) error {
	var open bool
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			b.Queue(`SELECT revoked_at IS NULL FROM session WHERE token_hash = @token FOR UPDATE`,
				pgx.NamedArgs{"token": acc.Token[:]}).Query(first(&open))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			if !open { // in another tab, a moment ago
				return nil
			}
			w.Must(`UPDATE session SET revoked_at = @now WHERE id = @id`, pgx.NamedArgs{"id": c.Session, "now": acc.Now})
			w.InstallationEvent("session.signed_out", c.Session.String(), nil)
			return nil
		},
	})
	return err
}

// RevokeSession ends one of the caller's sessions; ending it twice is no
// mistake. Another person's is fault.NotFound.
func (db *DB) RevokeSession(ctx context.Context, acc readmodel.Access, session id.Session) error {
	var row struct{ Revoked bool }
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			b.Queue(`
				SELECT revoked_at IS NOT NULL AS revoked FROM session
				 WHERE id = @id AND person_id = (SELECT nullif(current_setting('app.person', true), '')::uuid) FOR UPDATE`,
				pgx.NamedArgs{"id": session}).Query(one(&row))
		},
		decide: func(_ *readmodel.Caller, w *writes) error {
			if row.Revoked {
				return nil
			}
			w.Must(`UPDATE session SET revoked_at = @now WHERE id = @id`, pgx.NamedArgs{"id": session, "now": acc.Now})
			w.InstallationEvent("session.revoked", session.String(), nil)
			return nil
		},
	})
	return err
}

// CloseAllSessions signs the caller out everywhere.
func (db *DB) CloseAllSessions(ctx context.Context, acc readmodel.Access) error {
	_, err := db.do(ctx, acc, change{decide: func(c *readmodel.Caller, w *writes) error {
		w.endSessions(c.Person, id.Session{}, acc.Now)
		w.InstallationEvent("session.signed_out_everywhere", c.Person.String(), nil)
		return nil
	}})
	return err
}

// endSessions queues the end of all sessions of a person but one.
func (w *writes) endSessions(person id.Person, but id.Session, now time.Time) {
	w.Queue(`UPDATE session SET revoked_at = @now WHERE person_id = @person AND id <> @but AND revoked_at IS NULL`,
		pgx.NamedArgs{"person": person, "but": but, "now": now})
}

// AskPasswordReset keeps the hash of a reset link and its mail, unless many
// were asked for lately: then nothing happens and nobody is told. For nobody's
// address, a zero Identity, it only leaves the event that it always leaves.
func (db *DB) AskPasswordReset(ctx context.Context, who readmodel.Identity, token [32]byte, expires, now time.Time, mail readmodel.NewMail) error {
	const most = 3
	var lately int64
	known := !who.ID.IsZero() && !who.Disabled
	return db.transact(ctx,
		func(b *pgx.Batch) {
			b.Queue(`SELECT set_config('app.person', @person, true)`, pgx.NamedArgs{"person": who.ID.String()})
			b.Queue(`SELECT count(*) FROM password_reset WHERE person_id = @person AND created_at > @since`,
				pgx.NamedArgs{"person": who.ID, "since": now.Add(-time.Hour)}).
				QueryRow(func(row pgx.Row) error { return row.Scan(&lately) })
		},
		func(w *writes) error {
			if known && lately < most {
				w.Queue(`INSERT INTO password_reset (token_hash, person_id, created_at, expires_at) VALUES (@token, @person, @now, @expires)`,
					pgx.NamedArgs{"token": token[:], "person": who.ID, "now": now, "expires": expires})
				w.putMail(mail, now)
			}
			w.InstallationEvent("password.reset_asked", "password", nil)
			return w.queueEvents(id.Organization{}, who.ID, now)
		})
}

// PersonByEmail answers whose an address is; the zero Identity for nobody's.
func (db *DB) PersonByEmail(ctx context.Context, email identity.Email) (readmodel.Identity, error) {
	var who readmodel.Identity
	err := db.asked(ctx, personByEmailSQL, pgx.NamedArgs{"email": email.String()}, maybe(&who))
	return who, err
}

// resetOpenSQL gives whom a reset link belongs to; the columns that Identity
// has besides are of no use here.
const resetOpenSQL = `
	SELECT id, name, email, NULL::text AS password, language, NULL::text AS time_zone, false AS disabled FROM password_reset_open(@token, @now)`

// ResetPerson answers whose password a link may change: fault.NotFound where
// the link was used, has expired or never was.
func (db *DB) ResetPerson(ctx context.Context, token [32]byte, now time.Time) (readmodel.Identity, error) {
	var who readmodel.Identity
	err := db.asked(ctx, resetOpenSQL, pgx.NamedArgs{"token": token[:], "now": now}, one(&who))
	return who, err
}

// ResetPassword sets a new password by a link, which works once, and ends all
// sessions and all other links of the person.
func (db *DB) ResetPassword(ctx context.Context, token [32]byte, password string, now time.Time) error {
	var who readmodel.Identity
	var unused bool
	args := pgx.NamedArgs{"token": token[:], "now": now}
	return db.transact(ctx,
		func(b *pgx.Batch) {
			b.Queue(resetOpenSQL, args).Query(one(&who))
			b.Queue(`SELECT set_config('app.person', (SELECT id::text FROM password_reset_open(@token, @now)), true)`, args)
			// The person first: a sign-in that runs meanwhile holds the row, and
			// its session is ended below.
			b.Queue(`SELECT 1 FROM person WHERE id = (SELECT nullif(current_setting('app.person', true), '')::uuid) FOR UPDATE`)
			b.Queue(`SELECT used_at IS NULL FROM password_reset WHERE token_hash = @token FOR UPDATE`, args).Query(first(&unused))
		},
		func(w *writes) error {
			if !unused { // by the same link, a moment ago
				return fault.NotFound
			}
			w.Must(`UPDATE person SET password = @password WHERE id = @person`,
				pgx.NamedArgs{"password": password, "person": who.ID})
			w.closeResets(who.ID, now)
			w.endSessions(who.ID, id.Session{}, now)
			w.Queue(forgetSQL, pgx.NamedArgs{"hash": emailHash(identity.Email(who.Email))})
			w.InstallationEvent("password.reset", "password", nil)
			return w.queueEvents(id.Organization{}, who.ID, now)
		})
}

// closeResets makes all reset links of a person useless.
func (w *writes) closeResets(person id.Person, now time.Time) {
	w.Queue(`UPDATE password_reset SET used_at = @now WHERE person_id = @person AND used_at IS NULL`,
		pgx.NamedArgs{"person": person, "now": now})
}

// asked runs one statement that needs no session, in a transaction of its own.
func (db *DB) asked(ctx context.Context, sql string, args pgx.NamedArgs, read func(pgx.Rows) error) error {
	conn, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	b := &pgx.Batch{}
	b.Queue(sql, args).Query(read)
	return db.failed("asking without a session", conn.SendBatch(ctx, b).Close())
}
