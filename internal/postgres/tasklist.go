package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/id"
	"waymark/internal/readmodel"
)

// taskPageSize is how many tasks a page of the list shows.
const taskPageSize = 50

const (
	// today is the organization's day.
	todaySQL = `(SELECT (@now::timestamptz AT TIME ZONE o.time_zone)::date FROM organization o WHERE o.id = @organization)`
	// dueKey is how tasks are sorted by date, as in the indexes: those without
	// one come last.
	dueKey = `coalesce(k.due_on, 'infinity'::date)`

	taskColumns = `k.id, k.number, k.title, k.step, k.state, k.priority, k.owner_id, k.due_on, k.proposed_on, k.blocked_reason, k.finding_id, k.done_at`
	taskRowSQL  = `
		SELECT k.id, k.number, k.title, k.step, k.state, k.priority, k.owner_id, n.name AS owner, k.due_on, k.proposed_on,
		       k.blocked_reason AS reason, f.number AS finding, f.check_id, k.done_at
		  FROM (`
	taskRowJoins = `) k
		  LEFT JOIN membership n ON n.organization_id = @organization AND n.person_id = k.owner_id
		  LEFT JOIN finding f ON f.organization_id = @organization AND f.project_id = @project AND f.id = k.finding_id `

	// workersSQL reads the people who can own tasks of the project.
	workersSQL = `
		SELECT n.person_id AS person, n.name, n.email
		  FROM membership n
		 WHERE n.organization_id = @organization AND n.removed_at IS NULL
		   AND (n.role = 'owner' OR EXISTS (SELECT 1 FROM project_role r
		         WHERE r.organization_id = n.organization_id AND r.project_id = @project AND r.person_id = n.person_id
		           AND r.role IN ('project_manager', 'consultant', 'committee_member', 'internal_auditor')))
		 ORDER BY n.name, n.person_id`

	// outsiders are the members who own tasks without being on the committee or
	// the project staff.
	outsiders = `NOT EXISTS (SELECT 1 FROM appointment p
		         WHERE p.organization_id = n.organization_id AND p.project_id = @project AND p.person_id = n.person_id
		           AND p.accepted_at IS NOT NULL AND p.ended_at IS NULL)`

	findingLineSQL = `
		SELECT f.id, f.number, f.check_id, f.statement, f.severity, f.closed_at IS NOT NULL AS closed,
		       coalesce(r.rate_again, false) AS rate_again
		  FROM finding f
		  LEFT JOIN rating r ON r.organization_id = f.organization_id AND r.project_id = f.project_id AND r.check_id = f.check_id
		 WHERE f.organization_id = @organization AND f.project_id = @project AND f.id = @finding`
)

// taskQuery puts the statements of a filtered list together. Every piece is
// constant text; values travel as arguments.
type taskQuery struct {
	filter readmodel.TaskFilter
}

// conditions gives what a task must meet, beside organization and project.
func (q taskQuery) conditions() string {
	var b strings.Builder
	and := func(sql string) { b.WriteString(" AND " + sql) }
	f := q.filter
	switch {
	case f.State != 0:
		and(`k.state = @state`)
	case !f.Any:
		and(`k.state <> 'done'`)
	}
	switch f.Owner {
	case readmodel.Mine:
		and(`k.owner_id = (SELECT nullif(current_setting('app.person', true), '')::uuid)`)
	case readmodel.Nobodys:
		and(`k.owner_id IS NULL`)
	case readmodel.OnePersons:
		and(`k.owner_id = @person`)
	case readmodel.Anyones:
	}
	if f.Step != 0 {
		and(`k.step = @step`)
	}
	if !f.Finding.IsZero() {
		and(`k.finding_id = @finding`)
	}
	if f.Late {
		and(`k.state <> 'done' AND ` + dueKey + ` < ` + todaySQL)
	}
	if f.Lack != readmodel.LackNothing {
		and(`k.state <> 'done'`)
	}
	if f.Lack == readmodel.LackDue {
		and(`(k.owner_id IS NULL OR k.due_on IS NULL) AND k.due_on IS NULL`)
	}
	return b.String()
}

// byNumber tells whether the list is sorted by number, the newest first. What
// lacks something has its index by number.
func (q taskQuery) byNumber() bool { return q.filter.Newest || q.filter.Lack != readmodel.LackNothing }

// order gives the sorting in the direction of reading, or turned round.
func (q taskQuery) order(turned bool) string {
	switch {
	case q.byNumber() && turned:
		return ` ORDER BY k.number`
	case q.byNumber():
		return ` ORDER BY k.number DESC`
	case turned:
		return ` ORDER BY ` + dueKey + ` DESC, k.number DESC`
	}
	return ` ORDER BY ` + dueKey + `, k.number`
}

// cursor gives the condition that the list goes on from a place.
func (q taskQuery) cursor() string {
	c := q.filter.Cursor
	switch {
	case c.Number == 0:
		return ""
	case q.byNumber() && c.Before:
		return ` AND k.number > @number`
	case q.byNumber():
		return ` AND k.number < @number`
	case c.Before:
		return ` AND (` + dueKey + `, k.number) < (@due::text::date, @number)`
	}
	return ` AND (` + dueKey + `, k.number) > (@due::text::date, @number)`
}

// source gives the tasks of the list: the chosen columns, with a limit, before
// anything is joined to them.
func (q taskQuery) source(columns, tail string) string {
	where := ` WHERE k.organization_id = @organization AND k.project_id = @project` + q.conditions()
	if q.filter.Lack != readmodel.LackOwner {
		return `SELECT ` + columns + ` FROM task k` + where + tail
	}
	// Two indexes answer this: tasks of nobody, and of each who is no appointed
	// member of the committee or staff.
	return `SELECT k.* FROM (
		(SELECT ` + columns + ` FROM task k` + where + ` AND (k.owner_id IS NULL OR k.due_on IS NULL) AND k.owner_id IS NULL` + tail + `)
		UNION ALL
		(SELECT k.* FROM membership n, LATERAL (SELECT ` + columns + ` FROM task k` + where + ` AND k.owner_id = n.person_id` + tail + `) k
		  WHERE n.organization_id = @organization AND ` + outsiders + `)) k`
}

// rows reads a page, one task further than it shows.
func (q taskQuery) rows() string {
	turned := q.filter.Cursor.Before
	inner := q.source(taskColumns, q.cursor()+q.order(turned)+` LIMIT @limit`)
	if q.filter.Lack == readmodel.LackOwner {
		inner += q.order(turned) + ` LIMIT @limit`
	}
	return taskRowSQL + inner + taskRowJoins + q.order(false)
}

// count counts the tasks of the filter, up to a thousand.
func (q taskQuery) count() string {
	return `SELECT count(*) FROM (SELECT 1 FROM (` + q.source(`k.id`, ` LIMIT 1000`) + `) x LIMIT 1000) x`
}

func (q taskQuery) args(acc readmodel.Access) pgx.NamedArgs {
	f := q.filter
	args := where(acc)
	args["limit"] = taskPageSize + 1
	args["state"], args["person"], args["step"], args["finding"] = f.State.String(), f.Person, f.Step.Number(), f.Finding
	due := f.Cursor.Due.String()
	if due == "" {
		due = "infinity"
	}
	args["due"], args["number"] = due, f.Cursor.Number
	return args
}

// TaskList reads a page of the task list.
func (db *DB) TaskList(ctx context.Context, acc readmodel.Access, f readmodel.TaskFilter) (readmodel.Frame, readmodel.TaskList, error) {
	q := taskQuery{filter: f}
	list := readmodel.TaskList{Filter: f}
	var finding readmodel.FindingLine
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		b.Queue(q.rows(), q.args(acc)).Query(collect(&list.Rows))
		b.Queue(q.count(), q.args(acc)).QueryRow(func(row pgx.Row) error { return row.Scan(&list.Count) })
		b.Queue(workersSQL, where(acc)).Query(collect(&list.People))
		if !f.Finding.IsZero() {
			b.Queue(findingLineSQL, q.args(acc)).Query(one(&finding))
		}
	})
	if err != nil {
		return frame, list, err
	}
	if !finding.ID.IsZero() {
		list.Finding = &finding
	}
	turnPage(&list)
	return frame, list, nil
}

// turnPage cuts the row that was read beyond the page, and finds the places to
// go on from.
func turnPage(list *readmodel.TaskList) {
	at := list.Filter.Cursor
	further := len(list.Rows) > taskPageSize
	if further && at.Before {
		list.Rows = list.Rows[1:]
	} else if further {
		list.Rows = slices.Clip(list.Rows[:taskPageSize])
	}
	if len(list.Rows) == 0 {
		return
	}
	first, last := list.Rows[0], list.Rows[len(list.Rows)-1]
	if at.Number > 0 && (further || !at.Before) {
		list.Prev = &readmodel.TaskCursor{Due: first.DueOn, Number: first.Number, Before: true}
	}
	if further || at.Before {
		list.Next = &readmodel.TaskCursor{Due: last.DueOn, Number: last.Number}
	}
}

const taskFileSQL = taskRowSQL + `
		SELECT ` + taskColumns + ` FROM task k
		 WHERE k.organization_id = @organization AND k.project_id = @project AND k.number > @number
		 ORDER BY k.number LIMIT @limit` + taskRowJoins + ` ORDER BY k.number`

// TaskFile reads all tasks for a file, in the order of their numbers, a part at
// a time from after a number on. Between the parts it holds nothing, so that a
// slow reader keeps no connection; the session is asked for anew each time.
func (db *DB) TaskFile(ctx context.Context, acc readmodel.Access, after, limit int) (readmodel.Caller, []readmodel.TaskRow, error) {
	var c readmodel.Caller
	var rows []readmodel.TaskRow
	args := where(acc)
	args["number"], args["limit"] = after, limit
	b := &pgx.Batch{}
	queueSession(b, acc, &c)
	b.Queue(taskFileSQL, args).Query(collect(&rows))
	err := db.failed("reading tasks for a file", db.send(ctx, b))
	return c, rows, err
}

const (
	// mineSQL reads the open tasks of the reader in this project, and those
	// done since the morning of their organization.
	mineSQL = `
		SELECT k.id, k.number, k.title, k.step, k.state, k.priority, k.due_on, k.proposed_on, k.blocked_reason, u.name AS unblocker,
		       f.number AS finding, f.check_id, coalesce(r.rate_again, false) AS rate_again
		  FROM ((SELECT k.* FROM task k
		          WHERE k.organization_id = @organization AND k.project_id = @project
		            AND k.owner_id = (SELECT nullif(current_setting('app.person', true), '')::uuid) AND k.state <> 'done'
		          ORDER BY ` + dueKey + `, k.number LIMIT 200)
		        UNION ALL
		        (SELECT k.* FROM task k
		          WHERE k.organization_id = @organization AND k.project_id = @project
		            AND k.owner_id = (SELECT nullif(current_setting('app.person', true), '')::uuid)
		            AND k.state = 'done' AND k.done_at >= (SELECT ` + todaySQL + `::timestamp AT TIME ZONE o.time_zone FROM organization o WHERE o.id = @organization)
		          ORDER BY k.done_at DESC LIMIT 20)) k
		  LEFT JOIN membership u ON u.organization_id = @organization AND u.person_id = k.unblocker_id
		  LEFT JOIN finding f ON f.organization_id = @organization AND f.project_id = @project AND f.id = k.finding_id
		  LEFT JOIN rating r ON r.organization_id = @organization AND r.project_id = @project AND r.check_id = f.check_id AND f.closed_at IS NULL
		 ORDER BY ` + dueKey + `, k.number`
	stage1SQL = `
		SELECT s.planned_on AS "on" FROM audit_stage s JOIN project j ON j.organization_id = s.organization_id AND j.id = s.project_id AND j.cycle = s.cycle
		 WHERE s.organization_id = @organization AND s.project_id = @project AND s.stage = 1 AND s.ended_on IS NULL AND s.planned_on IS NOT NULL`
)

// MyTasks reads the reader's own tasks.
func (db *DB) MyTasks(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.MyTasks, error) {
	var m readmodel.MyTasks
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		b.Queue(mineSQL, where(acc)).Query(collect(&m.Tasks))
		b.Queue(workersSQL, where(acc)).Query(collect(&m.People))
		b.Queue(stage1SQL, where(acc)).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				if err := rows.Scan(&m.Stage1); err != nil {
					return err
				}
			}
			return rows.Err()
		})
	})
	return frame, m, err
}

const (
	taskPageSQL = `
		SELECT k.id, k.number, k.step, k.finding_id, k.title, k.description, k.owner_id, n.name AS owner, k.due_on, k.proposed_on,
		       k.priority, k.state, k.blocked_reason, k.unblocker_id, u.name AS unblocker, c.name AS created_by, k.created_at, k.done_at, k.version
		  FROM task k
		  JOIN membership c ON c.organization_id = k.organization_id AND c.person_id = k.created_by
		  LEFT JOIN membership n ON n.organization_id = k.organization_id AND n.person_id = k.owner_id
		  LEFT JOIN membership u ON u.organization_id = k.organization_id AND u.person_id = k.unblocker_id
		 WHERE k.organization_id = @organization AND k.project_id = @project AND k.id = @task`
	taskFindingSQL = `
		SELECT f.id, f.number, f.check_id, f.statement, f.severity, f.closed_at IS NOT NULL AS closed,
		       coalesce(r.rate_again, false) AS rate_again
		  FROM task k
		  JOIN finding f ON f.organization_id = k.organization_id AND f.project_id = k.project_id AND f.id = k.finding_id
		  LEFT JOIN rating r ON r.organization_id = f.organization_id AND r.project_id = f.project_id AND r.check_id = f.check_id
		 WHERE k.organization_id = @organization AND k.project_id = @project AND k.id = @task`
	taskLinksSQL = `
		SELECT k.id, k.number, k.title, k.state, x.before
		  FROM ((SELECT d.after_id AS id, true AS before FROM task_dependency d
		          WHERE d.organization_id = @organization AND d.project_id = @project AND d.task_id = @task LIMIT 200)
		        UNION ALL
		        (SELECT d.task_id, false FROM task_dependency d
		          WHERE d.organization_id = @organization AND d.project_id = @project AND d.after_id = @task LIMIT 200)) x
		  JOIN task k ON k.organization_id = @organization AND k.project_id = @project AND k.id = x.id
		 ORDER BY k.number`
	commentsSQL = `
		SELECT c.id, n.name, c.body, c.at
		  FROM (SELECT * FROM task_comment c WHERE c.organization_id = @organization AND c.project_id = @project AND c.task_id = @task
		         ORDER BY c.id DESC LIMIT 200) c
		  JOIN membership n ON n.organization_id = @organization AND n.person_id = c.person_id
		 ORDER BY c.id`
	taskEvidenceSQL = `
		SELECT e.kind, e.title, e.link, e.note, n.name, (e.created_at AT TIME ZONE o.time_zone)::date AS "on"
		  FROM evidence e
		  JOIN organization o ON o.id = e.organization_id
		  JOIN membership n ON n.organization_id = e.organization_id AND n.person_id = e.person_id
		 WHERE e.organization_id = @organization AND e.project_id = @project AND e.subject = 'task' AND e.subject_id = @about AND e.withdrawn_at IS NULL
		 ORDER BY e.created_at, e.id LIMIT 200`
	taskHistorySQL = `
		SELECT ` + eventColumns + `
		  FROM event e LEFT JOIN membership n ON n.organization_id = e.organization_id AND n.person_id = e.person_id
		 WHERE e.organization_id = @organization AND e.project_id = @project AND e.subject = @about
		 ORDER BY e.seq DESC LIMIT 30`
)

func taskArgs(acc readmodel.Access, t id.Task) pgx.NamedArgs {
	args := where(acc)
	args["task"], args["about"] = t, t.String()
	return args
}

// TaskPage reads a task with everything around it.
func (db *DB) TaskPage(ctx context.Context, acc readmodel.Access, t id.Task) (readmodel.Frame, readmodel.TaskPage, error) {
	var p readmodel.TaskPage
	var l loaded
	var finding readmodel.FindingLine
	var links []readmodel.TaskLink
	args := taskArgs(acc, t)
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		b.Queue(taskPageSQL, args).Query(one(&p.Task))
		queueOrder(b, acc, noLock, &l)
		b.Queue(taskFindingSQL, args).Query(maybe(&finding))
		b.Queue(taskLinksSQL, args).Query(collect(&links))
		b.Queue(commentsSQL, args).Query(collect(&p.Comments))
		b.Queue(taskEvidenceSQL, args).Query(collect(&p.Evidence))
		b.Queue(taskHistorySQL, args).Query(collect(&p.History))
		b.Queue(workersSQL, args).Query(collect(&p.People))
	})
	if err != nil {
		return frame, p, err
	}
	if !finding.ID.IsZero() {
		p.Finding = &finding
	}
	for _, link := range links {
		if link.Before {
			p.Waits = append(p.Waits, link)
		} else {
			p.Waiting = append(p.Waiting, link)
		}
	}
	p.Project = l.project(acc)
	return frame, p, nil
}

// TaskForm reads what the form of a new task offers; finding may be zero.
func (db *DB) TaskForm(ctx context.Context, acc readmodel.Access, finding id.Finding) (readmodel.Frame, readmodel.TaskForm, error) {
	var p readmodel.TaskForm
	var l loaded
	var line readmodel.FindingLine
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		queueOrder(b, acc, noLock, &l)
		b.Queue(workersSQL, where(acc)).Query(collect(&p.People))
		if !finding.IsZero() {
			args := where(acc)
			args["finding"] = finding
			b.Queue(findingLineSQL, args).Query(one(&line))
		}
	})
	if err != nil {
		return frame, p, err
	}
	if !line.ID.IsZero() {
		p.Finding = &line
	}
	p.Project = l.project(acc)
	return frame, p, nil
}
