package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/selection"
	"waymark/internal/domain/standard"
	"waymark/internal/readmodel"
)

// lock is how a change holds the project's row: writers of facts beside each
// other, acts on steps alone.
type lock string

const (
	noLock  lock = ""
	toWrite lock = " FOR SHARE OF j"
	toAct   lock = " FOR UPDATE OF j"
)

type projectRow struct {
	Cycle    int
	Archived bool
	LastSeq  int
}

// loaded is a project on its way from the database: the rows, then the domain
// type that they make.
type loaded struct {
	row     projectRow
	acts    []actRow
	waivers []waiverRow
	facts   facts
}

type actRow struct {
	Seq    int
	Step   certification.Step
	Kind   certification.ActKind
	Person id.Person
	At     time.Time
	Reason string
}

type waiverRow struct {
	ID          id.Waiver
	Criterion   certification.CriterionID
	Reason      string
	AskedBy     id.Person
	AskedAt     time.Time
	AskedSeq    int
	AnsweredBy  *id.Person
	AnsweredAt  *time.Time
	Consented   *bool
	WithdrawnAt *time.Time
}

const (
	projectSQL = `
		SELECT j.cycle, j.archived_at IS NOT NULL OR o.archived_at IS NOT NULL AS archived,
		       coalesce((SELECT max(a.seq) FROM step_act a WHERE a.organization_id = j.organization_id AND a.project_id = j.id), 0) AS last_seq
		  FROM project j JOIN organization o ON o.id = j.organization_id
		 WHERE j.organization_id = @organization AND j.id = @project`
	actsSQL = `
		SELECT a.seq, a.step, a.kind, a.person_id AS person, a.at, a.reason
		  FROM step_act a JOIN project j ON j.organization_id = a.organization_id AND j.id = a.project_id AND j.cycle = a.cycle
		 WHERE a.organization_id = @organization AND a.project_id = @project ORDER BY a.seq`
	waiversSQL = `
		SELECT w.id, w.criterion, w.reason, w.asked_by, w.asked_at, w.asked_seq, w.answered_by, w.answered_at, w.consented, w.withdrawn_at
		  FROM waiver w JOIN project j ON j.organization_id = w.organization_id AND j.id = w.project_id AND j.cycle = w.cycle
		 WHERE w.organization_id = @organization AND w.project_id = @project ORDER BY w.asked_at, w.id`
)

func where(acc readmodel.Access) pgx.NamedArgs {
	return pgx.NamedArgs{"organization": acc.Organization, "project": acc.Project, "now": acc.Now}
}

// queueOrder reads what decides the order alone: the project's row, locked as
// asked, and the acts on its steps.
func queueOrder(b *pgx.Batch, acc readmodel.Access, hold lock, into *loaded) {
	b.Queue(projectSQL+string(hold), where(acc)).Query(one(&into.row))
	b.Queue(actsSQL, where(acc)).Query(collect(&into.acts))
}

// queueProject reads the whole project: order, waivers and facts.
func queueProject(b *pgx.Batch, acc readmodel.Access, hold lock, into *loaded) {
	queueOrder(b, acc, hold, into)
	b.Queue(waiversSQL, where(acc)).Query(collect(&into.waivers))
	queueFacts(b, acc, &into.facts)
}

// project makes the domain's type of what was read.
func (l *loaded) project(acc readmodel.Access) *certification.Project {
	acts := make([]certification.Act, len(l.acts))
	for i, a := range l.acts {
		acts[i] = certification.Act(a)
	}
	waivers := make([]certification.Waiver, len(l.waivers))
	for i, w := range l.waivers {
		waivers[i] = certification.Waiver{
			ID: w.ID, Criterion: w.Criterion, Reason: w.Reason, AskedBy: w.AskedBy, AskedAt: w.AskedAt, AskedSeq: w.AskedSeq,
			AnsweredBy: deref(w.AnsweredBy), AnsweredAt: deref(w.AnsweredAt), Consented: deref(w.Consented), Withdrawn: deref(w.WithdrawnAt),
		}
	}
	var facts certification.Facts
	if l.facts.Edition != "" {
		facts = l.facts.model()
	}
	p := certification.NewProject(acc.Project, l.row.Cycle, l.row.LastSeq, acts, waivers, facts)
	p.Archived = l.row.Archived
	return p
}

// UpdateProject loads a project under its lock with everything that its steps
// read, has decide act on it, and stores what changed with the audit events,
// in one transaction.
func (db *DB) UpdateProject(ctx context.Context, acc readmodel.Access, decide func(*readmodel.Caller, *certification.Project) error) error {
	var l loaded
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) { l = loaded{}; queueProject(b, acc, toAct, &l) },
		decide: func(c *readmodel.Caller, w *writes) error {
			p := l.project(acc)
			if err := decide(c, p); err != nil {
				return err
			}
			w.saveProject(acc, p)
			return nil
		},
	})
	return err
}

// fact is a write that belongs to a step: it is refused while the step is
// locked or, for a frozen fact, finished; and it starts the step.
type fact struct {
	step certification.Step
	kind certification.Kind
	// read queues further locks and reads, after the project's row.
	read func(b *pgx.Batch)
	// decide queues the writes; the order has already allowed them.
	decide func(c *readmodel.Caller, w *writes) error
	// act holds the project's row alone, for what two people may not do at once.
	act bool
}

// write runs a write of a fact.
func (db *DB) write(ctx context.Context, acc readmodel.Access, f fact) (string, error) {
	hold := toWrite
	if f.act {
		hold = toAct
	}
	var l loaded
	return db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			l = loaded{}
			queueOrder(b, acc, hold, &l)
			if f.read != nil {
				f.read(b)
			}
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			p := l.project(acc)
			if err := p.Write(f.step, f.kind, c.Person, acc.Now); err != nil {
				return err
			}
			w.saveProject(acc, p)
			return f.decide(c, w)
		},
	})
}

const namesSQL = `SELECT person_id AS person, name, email FROM membership WHERE organization_id = @organization`

// historySQL reads the newest events of a subject.
const eventColumns = `e.seq, e.project_id AS project, e.person_id AS person, n.name, e.kind, e.subject, e.at, e.data`

const stepHistorySQL = `
	SELECT ` + eventColumns + `
	  FROM event e LEFT JOIN membership n ON n.organization_id = e.organization_id AND n.person_id = e.person_id
	 WHERE e.organization_id = @organization AND e.project_id = @project AND e.subject = @subject
	 ORDER BY e.seq DESC LIMIT 8`

// stepPage collects what every step's page shows around its own facts.
type stepPage struct {
	loaded loaded
	names  []readmodel.Colleague
	page   readmodel.StepPage
}

func (s *stepPage) queue(b *pgx.Batch, acc readmodel.Access, step certification.Step) {
	s.page.Step = step
	queueProject(b, acc, noLock, &s.loaded)
	b.Queue(namesSQL, where(acc)).Query(collect(&s.names))
	args := where(acc)
	args["subject"] = step.String()
	b.Queue(stepHistorySQL, args).Query(collect(&s.page.History))
}

func (s *stepPage) model(acc readmodel.Access) readmodel.StepPage {
	s.page.Project = s.loaded.project(acc)
	s.page.Names = nameMap(s.names)
	return s.page
}

// nameMap finds the name of a member by id.
func nameMap(members []readmodel.Colleague) map[id.Person]string {
	names := make(map[id.Person]string, len(members))
	for _, n := range members {
		names[n.Person] = n.Name
	}
	return names
}

// StepPage reads the page of a step without facts of its own.
func (db *DB) StepPage(ctx context.Context, acc readmodel.Access, step certification.Step) (readmodel.Frame, readmodel.StepPage, error) {
	var s stepPage
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) { s.queue(b, acc, step) })
	if err != nil {
		return frame, readmodel.StepPage{}, err
	}
	return frame, s.model(acc), nil
}

// approvalsSQL reads the approvals of one subject, newest first.
const approvalsSQL = `
	SELECT p.subject, p.subject_version AS version, n.name, p.at, p.note
	  FROM approval p JOIN membership n ON n.organization_id = p.organization_id AND n.person_id = p.person_id
	  JOIN project j ON j.organization_id = p.organization_id AND j.id = p.project_id AND j.cycle = p.cycle
	 WHERE p.organization_id = @organization AND p.project_id = @project AND p.subject = @subject
	 ORDER BY p.at DESC, p.id DESC LIMIT 20`

func queueApprovals(b *pgx.Batch, acc readmodel.Access, subject string, into *[]readmodel.Approval) {
	args := where(acc)
	args["subject"] = subject
	b.Queue(approvalsSQL, args).Query(collect(into))
}

// approve queues an approval of a version of something.
func (w *writes) approve(acc readmodel.Access, cycle int, approval id.Row, subject string, version int, by id.Person, note string) {
	args := where(acc)
	args["id"], args["cycle"], args["subject"], args["version"], args["person"], args["note"] = approval, cycle, subject, version, by, note
	w.Queue(`
		INSERT INTO approval (organization_id, project_id, id, cycle, subject, subject_version, person_id, at, note)
		VALUES (@organization, @project, @id, @cycle, @subject, @version, @person, @now, @note)`, args)
	w.Event(acc.Project, "approval."+subject, subject, map[string]any{"version": version})
}

// conflictNames says a conflict of impartiality with the name that is behind
// it.
func conflictNames(c selection.Conflict) string {
	if c.Person != "" {
		return c.Person
	}
	return c.Firm
}

func sortClauses(list []string) {
	slices.SortFunc(list, func(a, b string) int {
		return standard.CompareClauses(standard.ClauseNumber(a), standard.ClauseNumber(b))
	})
}
