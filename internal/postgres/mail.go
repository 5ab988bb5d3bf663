package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/id"
	"waymark/internal/readmodel"
)

// putMail queues a mail for the outbox.
func (w *writes) putMail(m readmodel.NewMail, now time.Time) {
	w.Queue(`
		INSERT INTO mail (id, once, kind, recipient, language, subject, body_text, body_html, created_at, next_attempt_at)
		VALUES (@id, @once, @kind, @recipient, @language, @subject, @text, @html, @now, @now)`,
		pgx.NamedArgs{
			"id": m.ID, "once": m.Once, "kind": m.Kind, "recipient": m.Recipient, "language": m.Language,
			"subject": m.Subject, "text": m.Text, "html": m.HTML, "now": now,
		})
}

// asSender runs one statement of the worker that sends mails: with its scope,
// and as nobody.
func (db *DB) asSender(ctx context.Context, doing, sql string, args pgx.NamedArgs, read func(pgx.Rows) error) error {
	conn, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	b := &pgx.Batch{}
	b.Queue(`SELECT set_config('app.scope', 'worker', true)`)
	b.Queue(sql, args).Query(read)
	return db.failed(doing, conn.SendBatch(ctx, b).Close())
}

// TakeDueMail takes the mail that waits longest and is due, so that no other
// sender does before the lease is over; ok is false where none is. A sender
// that dies gives it back by that.
func (db *DB) TakeDueMail(ctx context.Context, now time.Time, lease time.Duration) (m readmodel.DueMail, ok bool, err error) {
	err = db.asSender(ctx, "taking a mail to send", `
		UPDATE mail SET attempts = attempts + 1, next_attempt_at = @until
		 WHERE id = (SELECT id FROM mail WHERE sent_at IS NULL AND given_up_at IS NULL AND next_attempt_at <= @now
		              ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)
		RETURNING id, recipient, subject, body_text, body_html, attempts`,
		pgx.NamedArgs{"now": now, "until": now.Add(lease)}, maybe(&m))
	return m, !m.ID.IsZero(), err
}

// MailSent marks a mail as sent.
func (db *DB) MailSent(ctx context.Context, mail id.Mail, now time.Time) error {
	return db.asSender(ctx, "marking a mail as sent",
		`UPDATE mail SET sent_at = @now, last_error = '' WHERE id = @id`,
		pgx.NamedArgs{"id": mail, "now": now}, drain)
}

// MailFailed keeps why a mail could not be sent and when to try again; a zero
// next gives it up.
func (db *DB) MailFailed(ctx context.Context, mail id.Mail, reason string, next, now time.Time) error {
	return db.asSender(ctx, "marking a mail as failed", `
		UPDATE mail SET last_error = @reason, next_attempt_at = coalesce(@next, next_attempt_at),
		       given_up_at = CASE WHEN @next::timestamptz IS NULL THEN @now::timestamptz END
		 WHERE id = @id`,
		pgx.NamedArgs{"id": mail, "reason": reason, "next": moment(next), "now": now}, drain)
}

func drain(rows pgx.Rows) error {
	rows.Close()
	return rows.Err()
}

// moment sends the zero time as NULL.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

const mailsOnPage = 50

// OutboxPage reads a part of the outbox, newest first, behind a mail.
func (db *DB) OutboxPage(ctx context.Context, acc readmodel.Access, behind id.Mail) (readmodel.Frame, readmodel.Outbox, error) {
	p := readmodel.Outbox{First: behind.IsZero()}
	sql := `
		SELECT id, kind, recipient, subject, '' AS body_text, created_at, attempts, sent_at, given_up_at, last_error
		  FROM mail ORDER BY created_at DESC, id DESC LIMIT @limit`
	if !p.First {
		sql = `
		SELECT id, kind, recipient, subject, '' AS body_text, created_at, attempts, sent_at, given_up_at, last_error
		  FROM mail WHERE (created_at, id) < (SELECT created_at, id FROM mail WHERE id = @behind)
		 ORDER BY created_at DESC, id DESC LIMIT @limit`
	}
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		b.Queue(sql, pgx.NamedArgs{"behind": behind, "limit": mailsOnPage + 1}).Query(collect(&p.Mails))
	})
	if len(p.Mails) > mailsOnPage {
		p.Mails = p.Mails[:mailsOnPage]
		p.Next = &p.Mails[mailsOnPage-1].ID
	}
	return frame, p, err
}

// MailPage reads one mail; one that is not there is fault.NotFound.
func (db *DB) MailPage(ctx context.Context, acc readmodel.Access, mail id.Mail) (readmodel.Frame, readmodel.Mail, error) {
	var m readmodel.Mail
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		b.Queue(`
			SELECT id, kind, recipient, subject, body_text, created_at, attempts, sent_at, given_up_at, last_error
			  FROM mail WHERE id = @id`, pgx.NamedArgs{"id": mail}).Query(one(&m))
	})
	return frame, m, err
}
