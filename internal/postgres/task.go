package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/task"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

// storedTask is a task as a change finds it.
type storedTask struct {
	ID            id.Task
	Number        int
	Step          certification.Step
	FindingID     *id.Finding
	Title         string
	Description   string
	OwnerID       *id.Person
	Owner         *string
	DueOn         civil.Date
	ProposedOn    civil.Date
	Priority      task.Priority
	State         task.State
	BlockedReason string
	UnblockerID   *id.Person
	Version       int
}

const (
	// lockTaskSQL locks a task against other changes.
	lockTaskSQL = `
		SELECT k.id, k.number, k.step, k.finding_id, k.title, k.description, k.owner_id, n.name AS owner, k.due_on, k.proposed_on,
		       k.priority, k.state, k.blocked_reason, k.unblocker_id, k.version
		  FROM task k LEFT JOIN membership n ON n.organization_id = k.organization_id AND n.person_id = k.owner_id
		 WHERE k.organization_id = @organization AND k.project_id = @project AND k.id = @task FOR UPDATE OF k`
	// lockFindingOfTaskSQL locks the finding of a task, so that of two people who
	// close its last two tasks at once the second sees the first.
	lockFindingOfTaskSQL = `
		SELECT f.check_id AS check, f.closed_at IS NOT NULL AS closed FROM finding f
		 WHERE f.organization_id = @organization AND f.project_id = @project
		   AND f.id = (SELECT k.finding_id FROM task k WHERE k.organization_id = @organization AND k.project_id = @project AND k.id = @task)
		   FOR NO KEY UPDATE`
	openSiblingsSQL = `
		SELECT count(*) FROM task k
		 WHERE k.organization_id = @organization AND k.project_id = @project AND k.id <> @task AND k.state <> 'done'
		   AND k.finding_id = (SELECT x.finding_id FROM task x WHERE x.organization_id = @organization AND x.project_id = @project AND x.id = @task)`
	waitsSQL = `
		SELECT k.number FROM task_dependency d
		  JOIN task k ON k.organization_id = d.organization_id AND k.project_id = d.project_id AND k.id = d.after_id
		 WHERE d.organization_id = @organization AND d.project_id = @project AND d.task_id = @task AND k.state <> 'done'
		 ORDER BY k.number FOR SHARE OF k`
	lastTaskSQL  = `SELECT last_task FROM project WHERE organization_id = @organization AND id = @project`
	takeTasksSQL = `UPDATE project SET last_task = @last WHERE organization_id = @organization AND id = @project`
	// rateAgainSQL asks for a new rating of a check, or takes that back. It is
	// not what an assessor edits, so the row's version stays.
	rateAgainSQL = `
		UPDATE rating SET rate_again = @again
		 WHERE organization_id = @organization AND project_id = @project AND check_id = @check AND rate_again <> @again`
)

// rightOn gives what the caller may do on a task.
func rightOn(c *readmodel.Caller, owner *id.Person) task.Right {
	switch {
	case c.Can(permission.EditTasks):
		return task.Manages
	case owner != nil && *owner == c.Person:
		return task.Works
	}
	return task.NoRight
}

// about is what every event on a task tells.
func (t *storedTask) about(pairs ...any) map[string]any {
	data := map[string]any{"number": t.Number, "title": t.Title}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string) // a constant of this package
		data[name] = pairs[i+1]
	}
	return data
}

// taskChange is a change of one task: the task is locked after the project, the
// caller's right on it and the order of the steps are judged first.
type taskChange struct {
	task id.Task
	// alone holds the project's row alone.
	alone bool
	// needs is the least right on the task.
	needs  task.Right
	read   func(b *pgx.Batch, args pgx.NamedArgs)
	decide func(c *readmodel.Caller, p *certification.Project, t *storedTask, w *writes) error
}

func (db *DB) changeTask(ctx context.Context, acc readmodel.Access, ch taskChange) error {
	hold := toWrite
	if ch.alone {
		hold = toAct
	}
	var l loaded
	var stored storedTask
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			l, stored = loaded{}, storedTask{}
			args := taskArgs(acc, ch.task)
			queueOrder(b, acc, hold, &l)
			b.Queue(lockTaskSQL, args).Query(one(&stored))
			if ch.read != nil {
				ch.read(b, args)
			}
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			if rightOn(c, stored.OwnerID) < ch.needs {
				return fault.Forbidden
			}
			p := l.project(acc)
			if err := task.Write(p, stored.Step, c.Person, acc.Now); err != nil {
				return err
			}
			if err := ch.decide(c, p, &stored, w); err != nil {
				return err
			}
			w.saveProject(acc, p)
			return nil
		},
	})
	return err
}

// AddTask makes a task. Its number is the project's next, given under the
// project's lock.
func (db *DB) AddTask(ctx context.Context, acc readmodel.Access, in readmodel.TaskEdit) (string, error) {
	var l loaded
	var last int
	var people []readmodel.Colleague
	var finding readmodel.FindingLine
	return db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			l, finding = loaded{}, readmodel.FindingLine{}
			queueOrder(b, acc, toAct, &l)
			b.Queue(lastTaskSQL, where(acc)).QueryRow(func(row pgx.Row) error { return row.Scan(&last) })
			b.Queue(workersSQL, where(acc)).Query(collect(&people))
			if !in.Finding.IsZero() {
				args := where(acc)
				args["finding"] = in.Finding
				b.Queue(findingLineSQL, args).Query(one(&finding))
			}
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			p := l.project(acc)
			if err := task.Write(p, in.Step, c.Person, acc.Now); err != nil {
				return err
			}
			if !canOwn(people, in.Owner) {
				return fault.InvalidField("owner", "task.owner.unknown")
			}
			args := where(acc)
			args["id"], args["last"], args["step"], args["finding"] = in.ID, last+1, in.Step.Number(), nullable(in.Finding)
			args["title"], args["description"], args["owner"], args["due"] = in.Title, in.Description, nullable(in.Owner), in.Due
			args["priority"], args["person"] = in.Priority.String(), c.Person
			w.Queue(takeTasksSQL, args)
			w.Queue(`
				INSERT INTO task (organization_id, project_id, id, number, step, finding_id, title, description, owner_id, due_on,
				                  priority, created_by, created_at, updated_at)
				VALUES (@organization, @project, @id, @last, @step, @finding, @title, @description, @owner, @due,
				        @priority, @person, @now, @now)`, args)
			if finding.RateAgain {
				w.rateAgain(acc, finding.CheckID, false)
			}
			w.saveProject(acc, p)
			w.Event(acc.Project, "task.added", in.ID.String(), map[string]any{"number": last + 1, "title": in.Title, "step": in.Step.Number()})
			w.Result = in.ID.String()
			return nil
		},
	})
}

func canOwn(people []readmodel.Colleague, owner id.Person) bool {
	return owner.IsZero() || slices.ContainsFunc(people, func(p readmodel.Colleague) bool { return p.Person == owner })
}

// rateAgain asks for a new rating of a check, or takes that back.
func (w *writes) rateAgain(acc readmodel.Access, check string, again bool) {
	args := where(acc)
	args["check"], args["again"] = check, again
	w.Queue(rateAgainSQL, args)
}

// SaveTask stores what the form of a task holds.
func (db *DB) SaveTask(ctx context.Context, acc readmodel.Access, in readmodel.TaskEdit) error {
	var people []readmodel.Colleague
	return db.changeTask(ctx, acc, taskChange{
		task: in.ID, needs: task.Manages,
		read: func(b *pgx.Batch, args pgx.NamedArgs) { b.Queue(workersSQL, args).Query(collect(&people)) },
		decide: func(c *readmodel.Caller, p *certification.Project, stored *storedTask, w *writes) error {
			owner := deref(stored.OwnerID)
			write, err := edit{from: in.Version, now: stored.Version, fields: []edited{
				{"title", in.Title, stored.Title},
				{"description", in.Description, stored.Description},
				{"owner", ownerField(in.Owner), ownerField(owner)},
				{"due", in.Due.String(), stored.DueOn.String()},
				{"priority", in.Priority.String(), stored.Priority.String()},
				{"step", in.Step.String(), stored.Step.String()},
			}}.judge()
			if !write {
				return err
			}
			if err := task.Write(p, in.Step, c.Person, acc.Now); err != nil {
				return err
			}
			if in.Owner != owner && !canOwn(people, in.Owner) {
				return fault.InvalidField("owner", "task.owner.unknown")
			}
			args := taskArgs(acc, in.ID)
			args["step"], args["title"], args["description"], args["owner"] = in.Step.Number(), in.Title, in.Description, nullable(in.Owner)
			args["due"], args["priority"], args["version"] = in.Due, in.Priority.String(), stored.Version
			w.Must(`
				UPDATE task SET step = @step, title = @title, description = @description, owner_id = @owner, due_on = @due, priority = @priority,
				       proposed_on = CASE WHEN due_on IS DISTINCT FROM @due THEN NULL ELSE proposed_on END,
				       updated_at = @now, version = version + 1
				 WHERE organization_id = @organization AND project_id = @project AND id = @task AND version = @version`, args)
			w.Event(acc.Project, "task.saved", in.ID.String(), stored.about("version", stored.Version+1))
			return nil
		},
	})
}

// ownerField is a person as a form names them.
func ownerField(p id.Person) string {
	if p.IsZero() {
		return ""
	}
	return p.String()
}

// MoveTask reports a task started, blocked, done or reopened, or asks for
// another date or answers that. It carries no version: it says how the task is,
// whatever its text says meanwhile. Closing the last open task of a finding
// asks for a new rating of its check.
func (db *DB) MoveTask(ctx context.Context, acc readmodel.Access, t id.Task, m task.Move) error {
	var finding struct {
		Check  string
		Closed bool
	}
	var siblings int
	var waits []int
	var people []readmodel.Colleague
	closes := m.Answer == task.Finish || m.Answer == task.Reopen
	return db.changeTask(ctx, acc, taskChange{
		task: t, needs: task.Works,
		read: func(b *pgx.Batch, args pgx.NamedArgs) {
			finding.Check, finding.Closed, siblings = "", false, 0
			if closes {
				b.Queue(lockFindingOfTaskSQL, args).Query(maybe(&finding))
				b.Queue(openSiblingsSQL, args).QueryRow(func(row pgx.Row) error { return row.Scan(&siblings) })
				b.Queue(waitsSQL, args).Query(func(rows pgx.Rows) (err error) {
					waits, err = pgx.CollectRows(rows, pgx.RowTo[int])
					return err
				})
			}
			if m.Answer == task.Block {
				b.Queue(workersSQL, args).Query(collect(&people))
			}
		},
		decide: func(c *readmodel.Caller, _ *certification.Project, stored *storedTask, w *writes) error {
			right := rightOn(c, stored.OwnerID)
			before := task.Status{
				State: stored.State, Due: stored.DueOn, Proposed: stored.ProposedOn,
				Reason: stored.BlockedReason, Unblocker: deref(stored.UnblockerID), Waits: waits,
			}
			after, err := before.After(m, right, c.Today())
			if err != nil {
				return moveRefused(err, waits)
			}
			if before.Same(after) {
				return nil
			}
			if m.Answer == task.Block && !canOwn(people, m.Unblocker) {
				return fault.InvalidField("unblocker", "task.owner.unknown")
			}
			args := taskArgs(acc, t)
			args["state"], args["due"], args["proposed"] = after.State.String(), after.Due, after.Proposed
			args["reason"], args["unblocker"], args["done"] = after.Reason, nullable(after.Unblocker), after.State == task.Done
			args["edited"] = after.Due != before.Due
			w.Must(`
				UPDATE task SET state = @state, due_on = @due, proposed_on = @proposed, blocked_reason = @reason, unblocker_id = @unblocker,
				       done_at = CASE WHEN @done THEN coalesce(done_at, @now) END,
				       updated_at = @now, version = version + CASE WHEN @edited THEN 1 ELSE 0 END
				 WHERE organization_id = @organization AND project_id = @project AND id = @task`, args)
			if closes && finding.Check != "" && !finding.Closed && siblings == 0 {
				w.rateAgain(acc, finding.Check, after.State == task.Done)
			}
			kind, data := moved(m, right, stored, after)
			w.Event(acc.Project, kind, t.String(), data)
			return nil
		},
	})
}

// moved gives the event of a move.
func moved(m task.Move, right task.Right, stored *storedTask, after task.Status) (string, map[string]any) {
	switch m.Answer {
	case task.Start:
		return "task.started", stored.about()
	case task.Block:
		return "task.blocked", stored.about("reason", after.Reason, "unblocker_person", after.Unblocker.String())
	case task.Reopen:
		return "task.reopened", stored.about()
	case task.Propose:
		if right == task.Manages {
			return "task.moved", stored.about("on", after.Due.String())
		}
		return "task.date_proposed", stored.about("on", after.Proposed.String())
	case task.Accept:
		return "task.moved", stored.about("on", after.Due.String())
	case task.Keep:
		return "task.date_kept", stored.about("on", stored.DueOn.String())
	case task.Finish:
	}
	return "task.done", stored.about()
}

// moveRefused ties the domain's refusal of a move to the field that caused it,
// or makes it a conflict with how the task is now.
func moveRefused(err error, waits []int) error {
	refusal, ok := err.(task.Refusal) //nolint:errorlint // the domain answers this very type
	if !ok {
		return err
	}
	key := "task.refusal." + refusal.String()
	switch refusal {
	case task.NotYours:
		return fault.Forbidden
	case task.ReasonMissing:
		return fault.InvalidField("reason", key)
	case task.UnblockerMissing:
		return fault.InvalidField("unblocker", key)
	case task.DayMissing, task.DayPassed:
		return fault.InvalidField("on", key)
	case task.StillWaits:
		return fault.Wrap(fault.Refused, "moving a task", fault.InvalidField("", key, "numbers", numbers(waits), "n", len(waits)))
	case task.IsDone, task.NotDone, task.NothingProposed:
	}
	return fault.Wrap(fault.Refused, "moving a task", fault.InvalidField("", key))
}

// CommentTask adds a line to a task's thread.
func (db *DB) CommentTask(ctx context.Context, acc readmodel.Access, t id.Task, comment id.Comment, body string) error {
	return db.changeTask(ctx, acc, taskChange{
		task: t, needs: task.Works,
		decide: func(c *readmodel.Caller, _ *certification.Project, stored *storedTask, w *writes) error {
			args := taskArgs(acc, t)
			args["id"], args["person"], args["body"] = comment, c.Person, body
			w.Queue(`
				INSERT INTO task_comment (organization_id, project_id, task_id, id, person_id, body, at)
				VALUES (@organization, @project, @task, @id, @person, @body, @now)`, args)
			w.Event(acc.Project, "task.commented", t.String(), stored.about())
			w.Result = comment.String()
			return nil
		},
	})
}

// AddTaskEvidence ties a link or a note to a task. link is "" for a note.
func (db *DB) AddTaskEvidence(ctx context.Context, acc readmodel.Access, t id.Task, evidence id.Evidence, in readmodel.TaskEvidence) error {
	return db.changeTask(ctx, acc, taskChange{
		task: t, needs: task.Works,
		decide: func(c *readmodel.Caller, _ *certification.Project, stored *storedTask, w *writes) error {
			args := taskArgs(acc, t)
			args["id"], args["person"], args["kind"] = evidence, c.Person, in.Kind
			args["title"], args["link"], args["note"] = in.Title, in.Link, in.Note
			w.Queue(`
				INSERT INTO evidence (organization_id, project_id, id, subject, subject_id, kind, title, link, note, person_id, created_at)
				VALUES (@organization, @project, @id, 'task', @about, @kind, @title, @link, @note, @person, @now)`, args)
			w.Event(acc.Project, "task.evidence_added", t.String(), stored.about("evidence", in.Title))
			w.Result = evidence.String()
			return nil
		},
	})
}

// queueHandOver hands the open tasks of a person in the whole organization to
// somebody else, or to nobody where to is zero, and the tasks that wait for
// that person's help with them.
func queueHandOver(w *writes, acc readmodel.Access, from, to id.Person) {
	args := where(acc)
	args["from"], args["to"] = from, nullable(to)
	w.Queue(`
		UPDATE task SET owner_id = CASE WHEN owner_id = @from THEN @to ELSE owner_id END,
		       unblocker_id = CASE WHEN unblocker_id = @from THEN @to ELSE unblocker_id END,
		       updated_at = @now, version = version + 1
		 WHERE organization_id = @organization AND state <> 'done' AND (owner_id = @from OR unblocker_id = @from)`, args)
	w.Event(id.Project{}, "tasks.handed_on", "tasks", map[string]any{"from_person": from.String(), "to_person": ownerField(to)})
}

func numbers(list []int) string {
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = numberOf(n)
	}
	return strings.Join(words, ", ")
}
