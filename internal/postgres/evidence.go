package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/standard"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

const evidenceSQL = `
	SELECT e.id, e.kind, e.title, e.link, e.note, f.size, f.media_type, e.person_id AS person, n.name, e.created_at, e.withdrawn_at
	  FROM evidence e
	  JOIN membership n ON n.organization_id = e.organization_id AND n.person_id = e.person_id
	  LEFT JOIN file f ON f.organization_id = e.organization_id AND f.id = e.file_id
	 WHERE e.organization_id = @organization AND e.project_id = @project AND e.subject = 'check' AND e.subject_id = @check
	   AND e.withdrawn_at IS NULL
	 ORDER BY e.created_at, e.id LIMIT 500`

// The same with what was withdrawn, for the page that shows everything.
const allEvidenceSQL = `
	SELECT e.id, e.kind, e.title, e.link, e.note, f.size, f.media_type, e.person_id AS person, n.name, e.created_at, e.withdrawn_at
	  FROM evidence e
	  JOIN membership n ON n.organization_id = e.organization_id AND n.person_id = e.person_id
	  LEFT JOIN file f ON f.organization_id = e.organization_id AND f.id = e.file_id
	 WHERE e.organization_id = @organization AND e.project_id = @project AND e.subject = 'check' AND e.subject_id = @check
	 ORDER BY e.withdrawn_at IS NOT NULL, e.created_at, e.id LIMIT 500`

// EvidencePage reads the evidence of one check, withdrawn evidence last, and
// the check's history.
func (db *DB) EvidencePage(ctx context.Context, acc readmodel.Access, check standard.CheckID) (readmodel.Frame, readmodel.EvidencePage, error) {
	var s sheetRead
	var p readmodel.EvidencePage
	args := where(acc)
	args["check"] = string(check)
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		s.queue(b, acc, 0)
		b.Queue(checkStateSQL, args).Query(maybe(&p.Recorded))
		b.Queue(allEvidenceSQL, args).Query(collect(&p.Evidence))
		b.Queue(subjectHistorySQL, args).Query(collect(&p.History))
	})
	if err != nil {
		return frame, p, err
	}
	sheet := s.page(acc)
	p.Project, p.Sheet = sheet.Project, sheet.Sheet
	k, ok := p.Sheet.Catalogue.Check(check)
	if !ok {
		return frame, p, fault.NotFound
	}
	p.Check = k
	return frame, p, nil
}

// MayAddEvidence answers whether evidence could be added now, before a file is
// received at all: nobody may fill the disk who could not store a file.
func (db *DB) MayAddEvidence(ctx context.Context, acc readmodel.Access) error {
	var l loaded
	var c readmodel.Caller
	b := &pgx.Batch{}
	queueSession(b, acc, &c)
	queueOrder(b, acc, noLock, &l)
	if err := db.send(ctx, b); err != nil {
		return db.failed("asking before a file", err)
	}
	return l.project(acc).Write(certification.Gap, certification.Living, c.Person, acc.Now)
}

// send sends a batch that stands alone.
func (db *DB) send(ctx context.Context, b *pgx.Batch) error {
	conn, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	return conn.SendBatch(ctx, b).Close()
}

// AddEvidence stores evidence under a check: its row, the counter of the check,
// and for a file its bytes, unless the organization has the same bytes already.
// All in one transaction; a file's parts go ahead of the other writes.
func (db *DB) AddEvidence(ctx context.Context, acc readmodel.Access, in readmodel.NewEvidence) error {
	var s edition
	var same struct{ ID id.File }
	args := where(acc)
	args["check"] = string(in.Check)
	_, err := db.write(ctx, acc, fact{
		step: certification.Gap, kind: certification.Living,
		read: func(b *pgx.Batch) {
			same.ID = id.File{}
			b.Queue(editionSQL, args).Query(one(&s))
			b.Queue(`SELECT 1 FROM rating WHERE organization_id = @organization AND project_id = @project AND check_id = @check FOR UPDATE`, args)
			if in.File != nil {
				args["sha256"] = in.File.SHA256[:]
				b.Queue(`SELECT id FROM file WHERE organization_id = @organization AND sha256 = @sha256`, args).Query(maybe(&same))
			}
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			if _, ok := catalogueOf(s.Edition).Check(in.Check); !ok {
				return fault.NotFound
			}
			set := where(acc)
			set["id"], set["check"], set["kind"], set["title"], set["link"], set["note"] = in.ID, string(in.Check), in.Kind, in.Title, in.Link, in.Note
			set["person"], set["file"] = c.Person, nil
			if in.File != nil {
				file := same.ID
				if file.IsZero() {
					file = in.File.ID
					w.stream = func(ctx context.Context, conn *pgxpool.Conn) error { return storeFile(ctx, conn, acc, in.File) }
				}
				set["file"] = file
			}
			w.Queue(`
				INSERT INTO evidence (organization_id, project_id, id, subject, subject_id, kind, title, link, note, file_id, person_id, created_at)
				VALUES (@organization, @project, @id, 'check', @check, @kind, @title, @link, @note, @file, @person, @now)`, set)
			// The check's version stays: it is about what people typed.
			w.Queue(`
				INSERT INTO rating (organization_id, project_id, check_id, evidence, updated_by, updated_at, version)
				VALUES (@organization, @project, @check, 1, @person, @now, 0)
				ON CONFLICT (organization_id, project_id, check_id) DO UPDATE SET evidence = rating.evidence + 1`, set)
			w.Event(acc.Project, "evidence.added", string(in.Check), map[string]any{"check": string(in.Check), "kind": in.Kind, "title": in.Title})
			w.Result = in.ID.String()
			return nil
		},
	})
	return err
}

// together is how many parts of a file travel in one round trip: 1 MiB.
const together = 4

// storeFile sends a file in parts over the connection of a transaction. Where
// somebody stored the same bytes meanwhile, the change begins anew and finds
// them.
func storeFile(ctx context.Context, conn *pgxpool.Conn, acc readmodel.Access, file *readmodel.Upload) error {
	args := pgx.NamedArgs{
		"organization": acc.Organization, "id": file.ID, "sha256": file.SHA256[:], "size": file.Size,
		"type": file.MediaType, "now": acc.Now,
	}
	b := &pgx.Batch{}
	b.Queue(`
		INSERT INTO file (organization_id, id, sha256, size, media_type, created_at)
		VALUES (@organization, @id, @sha256, @size, @type, @now)
		ON CONFLICT (organization_id, sha256) DO NOTHING`, args).Exec(func(tag pgconn.CommandTag) error {
		if tag.RowsAffected() != 1 {
			return errAgain
		}
		return nil
	})
	if err := conn.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	n := 0
	b = &pgx.Batch{}
	for part, err := range file.Chunks {
		if err != nil {
			return err
		}
		// The part is only valid until the next one is read.
		b.Queue(`INSERT INTO file_chunk (organization_id, file_id, n, bytes) VALUES (@organization, @id, @n, @bytes)`,
			pgx.NamedArgs{"organization": acc.Organization, "id": file.ID, "n": n, "bytes": append([]byte(nil), part...)})
		n++
		if b.Len() == together {
			if err := conn.SendBatch(ctx, b).Close(); err != nil {
				return err
			}
			b = &pgx.Batch{}
		}
	}
	if b.Len() == 0 {
		return nil
	}
	return conn.SendBatch(ctx, b).Close()
}

// WithdrawEvidence marks evidence as withdrawn; it is kept. mine limits it to
// evidence that the caller gave. Withdrawing twice changes nothing.
func (db *DB) WithdrawEvidence(ctx context.Context, acc readmodel.Access, evidence id.Evidence, mayWithdraw func(c *readmodel.Caller, check standard.CheckID, by id.Person) error) error {
	var e struct {
		Check     string
		Kind      string
		Title     string
		Person    id.Person
		Withdrawn bool
	}
	args := where(acc)
	args["id"] = evidence
	_, err := db.write(ctx, acc, fact{
		step: certification.Gap, kind: certification.Living,
		read: func(b *pgx.Batch) {
			b.Queue(`
				SELECT 1 FROM rating WHERE organization_id = @organization AND project_id = @project AND check_id = (
				  SELECT subject_id FROM evidence WHERE organization_id = @organization AND project_id = @project AND id = @id AND subject = 'check')
				FOR UPDATE`, args)
			b.Queue(`
				SELECT subject_id AS check, kind, title, person_id AS person, withdrawn_at IS NOT NULL AS withdrawn FROM evidence
				 WHERE organization_id = @organization AND project_id = @project AND id = @id AND subject = 'check' FOR UPDATE`, args).Query(one(&e))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			if err := mayWithdraw(c, standard.CheckID(e.Check), e.Person); err != nil {
				return err
			}
			if e.Withdrawn {
				return nil
			}
			set := where(acc)
			set["id"], set["check"], set["person"] = evidence, e.Check, c.Person
			w.Must(`
				UPDATE evidence SET withdrawn_at = @now, version = version + 1
				 WHERE organization_id = @organization AND project_id = @project AND id = @id AND withdrawn_at IS NULL`, set)
			w.Must(`
				UPDATE rating SET evidence = evidence - 1
				 WHERE organization_id = @organization AND project_id = @project AND check_id = @check`, set)
			w.Event(acc.Project, "evidence.withdrawn", e.Check, map[string]any{"check": e.Check, "kind": e.Kind, "title": e.Title})
			return nil
		},
	})
	return err
}

// EvidenceFile reads what a file is before its bytes. Withdrawn evidence is
// kept, so its file can still be read.
func (db *DB) EvidenceFile(ctx context.Context, acc readmodel.Access, evidence id.Evidence) (readmodel.StoredFile, error) {
	var c readmodel.Caller
	var f readmodel.StoredFile
	args := where(acc)
	args["id"] = evidence
	b := &pgx.Batch{}
	queueSession(b, acc, &c)
	b.Queue(`
		SELECT f.id AS file, e.title, f.size, f.media_type, f.sha256
		  FROM evidence e JOIN file f ON f.organization_id = e.organization_id AND f.id = e.file_id
		 WHERE e.organization_id = @organization AND e.project_id = @project AND e.id = @id`, args).Query(one(&f))
	return f, db.failed("finding a file", db.send(ctx, b))
}

// FileParts reads the next parts of a file, about 1 MiB of it, from part n on.
// Every call is a transaction of its own that asks again who is reading, so
// that a slow download holds no connection and outlives no session.
func (db *DB) FileParts(ctx context.Context, acc readmodel.Access, file id.File, n int) ([][]byte, error) {
	var c readmodel.Caller
	var parts [][]byte
	args := where(acc)
	args["file"], args["from"], args["to"] = file, n, n+together
	b := &pgx.Batch{}
	queueSession(b, acc, &c)
	b.Queue(`
		SELECT bytes FROM file_chunk WHERE organization_id = @organization AND file_id = @file AND n >= @from AND n < @to ORDER BY n`, args).
		Query(func(rows pgx.Rows) error {
			list, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
			parts = list
			return err
		})
	return parts, db.failed("reading a file", db.send(ctx, b))
}
