package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

// change is one act on the database: what it locks and reads, and what it
// decides and writes. Both run in one transaction of two round trips.
type change struct {
	// read queues locks and reads: the project row first (lockProject), then
	// rows. The caller is known and allowed when the answers are looked at.
	read func(b *pgx.Batch)
	// decide judges what was read, and queues the writes. It may not touch the
	// database itself. An error changes nothing.
	decide func(c *readmodel.Caller, w *writes) error
}

// writes collects the statements of a change and the events it leaves on the
// audit trail. The events go last, because they lock the trail's head.
type writes struct {
	batch  *pgx.Batch
	events []event
	// stream sends what is too large for the batch, inside the transaction and
	// before the batch: the bytes of a file.
	stream func(ctx context.Context, conn *pgxpool.Conn) error
	// Result is what a form that creates answers: the id of what was made. It
	// is kept with the form's idempotency key.
	Result string
}

type event struct {
	project        id.Project
	kind, subject  string
	data           map[string]any
	noOrganization bool
}

// Queue adds a statement. One that must touch a row uses Must.
func (w *writes) Queue(sql string, args pgx.NamedArgs) *pgx.QueuedQuery {
	return w.batch.Queue(sql, args)
}

// Must adds a statement that has to touch exactly one row; otherwise somebody
// was quicker, and the change is rolled back and begins anew with a fresh look.
// The server itself has to notice, by a division by zero: COMMIT already waits behind the statement in
// the same pipeline, so an answer looked at here would come too late.
func (w *writes) Must(sql string, args pgx.NamedArgs) {
	w.batch.Queue(`WITH touched AS (`+sql+` RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM touched`, args)
}

// notOneRow tells the failure of a statement of Must.
func notOneRow(err error) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pgErr.Code == "22012"
}

// Event puts an event on the organization's trail, under the project of the
// request.
func (w *writes) Event(project id.Project, kind, subject string, data map[string]any) {
	w.events = append(w.events, event{project: project, kind: kind, subject: subject, data: data})
}

// InstallationEvent puts an event on the trail of the installation.
func (w *writes) InstallationEvent(kind, subject string, data map[string]any) {
	w.events = append(w.events, event{kind: kind, subject: subject, data: data, noOrganization: true})
}

const (
	eventSQL             = `SELECT trail_append(@organization, @project, @person, @kind, @subject, @now, @data)`
	installationEventSQL = `SELECT trail_append_installation(@person, @kind, @subject, @now, @data)`
	formKeySQL           = `SELECT digest, result FROM form_key WHERE person_id = (SELECT current_setting('app.person', true)::uuid) AND key = @key`
	keepFormKeySQL       = `INSERT INTO form_key (person_id, key, digest, result, created_at) VALUES (@person, @key, @digest, @result, @now)`
)

// errAgain makes do run the change once more: it lost a race that it would now
// see the outcome of.
var errAgain = errors.New("lost a race")

// do runs a change and answers writes.Result. Where the form's key was used
// before with the same content, nothing happens and the first result is
// answered; with other content it is fault.Duplicate.
func (db *DB) do(ctx context.Context, acc readmodel.Access, ch change) (string, error) {
	const attempts = 4
	for attempt := 1; ; attempt++ {
		result, err := db.try(ctx, acc, ch)
		switch {
		case err == nil || !again(err):
			return result, err
		case attempt == attempts && errors.Is(err, errAgain):
			return "", fault.Stale(nil)
		case attempt == attempts:
			return "", err
		}
	}
}

// again tells an error that a fresh look at the database resolves.
func again(err error) bool {
	if errors.Is(err, errAgain) || violates(err, "form_key_pkey") ||
		violates(err, "step_act_started") || violates(err, "step_act_pkey") {
		return true
	}
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pgErr.Code == "40001" || pgErr.Code == "40P01")
}

func (db *DB) try(ctx context.Context, acc readmodel.Access, ch change) (result string, err error) {
	conn, err := db.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Release()
	open := false
	defer func() {
		if open {
			rollback(ctx, conn)
		}
	}()

	var c readmodel.Caller
	var kept struct {
		Digest []byte
		Result string
	}
	b := &pgx.Batch{}
	b.Queue(`BEGIN`)
	queueSession(b, acc, &c)
	if ch.read != nil {
		ch.read(b)
	}
	// Behind the locks: whoever waited for the first press of the same button
	// sees its key here, rather than what it made as if it were another's.
	if acc.Key != [16]byte{} {
		b.Queue(formKeySQL, pgx.NamedArgs{"key": acc.Key}).Query(maybe(&kept))
	}
	open = true
	if err := conn.SendBatch(ctx, b).Close(); err != nil {
		return "", db.failed("reading for a change", err)
	}
	if kept.Digest != nil {
		if [32]byte(kept.Digest) != acc.Digest {
			return "", fault.Duplicate
		}
		return kept.Result, nil
	}

	w := &writes{batch: &pgx.Batch{}}
	if err := ch.decide(&c, w); err != nil {
		return "", err
	}
	if w.stream != nil {
		if err := w.stream(ctx, conn); err != nil {
			return "", db.failed("sending a file", err)
		}
	}
	if err := w.finish(acc, c.Person); err != nil {
		return "", err
	}
	if err := commit(ctx, conn, w.batch); err != nil {
		return "", db.failed("writing a change", err)
	}
	open = false
	return w.Result, nil
}

// finish queues what every change ends with: the form's key, then the events.
func (w *writes) finish(acc readmodel.Access, person id.Person) error {
	if acc.Key != [16]byte{} {
		w.batch.Queue(keepFormKeySQL, pgx.NamedArgs{
			"person": person, "key": acc.Key, "digest": acc.Digest[:], "result": w.Result, "now": acc.Now,
		})
	}
	return w.queueEvents(acc.Organization, person, acc.Now)
}

// queueEvents puts the collected events at the end of the batch.
func (w *writes) queueEvents(organization id.Organization, person id.Person, now time.Time) error {
	for _, e := range w.events {
		if e.data == nil {
			e.data = map[string]any{}
		}
		data, err := json.Marshal(e.data)
		if err != nil {
			return fmt.Errorf("writing down event %s: %w", e.kind, err)
		}
		args := pgx.NamedArgs{
			"person": nullable(person), "kind": e.kind, "subject": e.subject, "now": now, "data": string(data),
		}
		if e.noOrganization {
			w.batch.Queue(installationEventSQL, args)
			continue
		}
		args["organization"], args["project"] = organization, nullable(e.project)
		w.batch.Queue(eventSQL, args)
	}
	return nil
}

// commit sends the writes and COMMIT in one round trip. It counts only when
// the answer's tag is COMMIT: committing an aborted transaction answers
// ROLLBACK without an error.
func commit(ctx context.Context, conn *pgxpool.Conn, b *pgx.Batch) error {
	var tag pgconn.CommandTag
	b.Queue(`COMMIT`).Exec(func(t pgconn.CommandTag) error {
		tag = t
		return nil
	})
	if err := conn.SendBatch(ctx, b).Close(); err != nil {
		if notOneRow(err) {
			return errAgain
		}
		return err
	}
	if tag.String() != "COMMIT" {
		return fmt.Errorf("the transaction ended with %q instead of COMMIT", tag.String())
	}
	return nil
}

// rollback gives the connection back clean, or leaves it to the pool to throw
// away.
func rollback(ctx context.Context, conn *pgxpool.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_, _ = conn.Exec(ctx, `ROLLBACK`)
}

// saveProject queues what acting on a project left to be stored.
func (w *writes) saveProject(acc readmodel.Access, p *certification.Project) {
	ch := p.Changes()
	for _, a := range ch.Acts {
		w.Queue(`
			INSERT INTO step_act (organization_id, project_id, seq, cycle, step, kind, person_id, at, reason)
			VALUES (@organization, @project, @seq, @cycle, @step, @kind, @person, @at, @reason)`,
			pgx.NamedArgs{
				"organization": acc.Organization, "project": acc.Project, "seq": a.Seq, "cycle": p.Cycle,
				"step": a.Step.Number(), "kind": a.Kind.String(), "person": a.Person, "at": a.At, "reason": a.Reason,
			})
	}
	for _, v := range ch.Waivers {
		w.Queue(`
			INSERT INTO waiver (organization_id, project_id, id, cycle, criterion, reason, asked_by, asked_at, asked_seq,
			                    answered_by, answered_at, consented, withdrawn_at)
			VALUES (@organization, @project, @id, @cycle, @criterion, @reason, @asked_by, @asked_at, @asked_seq,
			        @answered_by, @answered_at, @consented, @withdrawn_at)
			ON CONFLICT (organization_id, project_id, id) DO UPDATE
			   SET answered_by = excluded.answered_by, answered_at = excluded.answered_at,
			       consented = excluded.consented, withdrawn_at = excluded.withdrawn_at`,
			waiverArgs(acc, p.Cycle, v))
	}
	if ch.Cycle > 0 {
		w.Queue(`UPDATE project SET cycle = @cycle, version = version + 1 WHERE organization_id = @organization AND id = @project`,
			pgx.NamedArgs{"organization": acc.Organization, "project": acc.Project, "cycle": ch.Cycle})
	}
	for _, e := range ch.Events {
		w.Event(acc.Project, e.Kind, e.Subject, e.Data)
	}
}

func waiverArgs(acc readmodel.Access, cycle int, v certification.Waiver) pgx.NamedArgs {
	args := pgx.NamedArgs{
		"organization": acc.Organization, "project": acc.Project, "id": v.ID, "cycle": cycle,
		"criterion": string(v.Criterion), "reason": v.Reason, "asked_by": v.AskedBy, "asked_at": v.AskedAt,
		"asked_seq": v.AskedSeq, "answered_by": nullable(v.AnsweredBy), "answered_at": nil, "consented": nil,
		"withdrawn_at": nil,
	}
	if !v.AnsweredBy.IsZero() {
		args["answered_at"], args["consented"] = v.AnsweredAt, v.Consented
	}
	if !v.Withdrawn.IsZero() {
		args["withdrawn_at"] = v.Withdrawn
	}
	return args
}
