package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/task"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

const (
	uncoveredSQL = `
		SELECT f.id, f.number, f.check_id, f.statement, f.severity FROM finding f
		 WHERE f.organization_id = @organization AND f.project_id = @project AND f.closed_at IS NULL AND f.severity IN ('major', 'minor')
		   AND (@finding::uuid IS NULL OR f.id = @finding)
		   AND NOT EXISTS (SELECT 1 FROM task k
		         WHERE k.organization_id = f.organization_id AND k.project_id = f.project_id AND k.finding_id = f.id)
		 ORDER BY f.number LIMIT @limit`
	processOwnersSQL = `
		SELECT a.clause, a.person_id AS person FROM appointment a
		 WHERE a.organization_id = @organization AND a.project_id = @project AND a.role = 'process_owner'
		   AND a.accepted_at IS NOT NULL AND a.ended_at IS NULL ORDER BY a.accepted_at DESC, a.id DESC`
	coverableSQL = `
		SELECT f.id, f.number, f.closed_at IS NOT NULL AS closed, EXISTS (SELECT 1 FROM task k
		         WHERE k.organization_id = f.organization_id AND k.project_id = f.project_id AND k.finding_id = f.id) AS covered
		  FROM finding f
		 WHERE f.organization_id = @organization AND f.project_id = @project AND f.id = ANY (@findings)`
)

type processOwner struct {
	Clause string
	Person id.Person
}

// PlanFindings reads the findings that need work and have no task, or one of
// them, with what is proposed for each.
func (db *DB) PlanFindings(ctx context.Context, acc readmodel.Access, finding id.Finding) (readmodel.Frame, readmodel.PlanFindings, error) {
	var p readmodel.PlanFindings
	var l loaded
	var owners []processOwner
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		queueOrder(b, acc, noLock, &l)
		args := where(acc)
		args["finding"], args["limit"] = nullable(finding), readmodel.PlanAtOnce+1
		b.Queue(uncoveredSQL, args).Query(collect(&p.Findings))
		b.Queue(processOwnersSQL, args).Query(collect(&owners))
		b.Queue(workersSQL, args).Query(collect(&p.People))
	})
	if err != nil {
		return frame, p, err
	}
	if len(p.Findings) > readmodel.PlanAtOnce {
		p.Findings, p.More = slices.Clip(p.Findings[:readmodel.PlanAtOnce]), true
	}
	p.Owners = make(map[string]id.Person, len(owners))
	for _, o := range owners { // the latest to accept comes first and stays
		if _, taken := p.Owners[o.Clause]; !taken && canOwn(p.People, o.Person) {
			p.Owners[o.Clause] = o.Person
		}
	}
	p.Project = l.project(acc)
	return frame, p, nil
}

// PlanTasks makes a task of each finding given, in one transaction with one
// event. A finding that was closed or got a task meanwhile refuses the whole,
// so that nothing is left out in silence.
func (db *DB) PlanTasks(ctx context.Context, acc readmodel.Access, list []readmodel.PlannedTask) error {
	var l loaded
	var last int
	var people []readmodel.Colleague
	var found []struct {
		ID              id.Finding
		Number          int
		Closed, Covered bool
	}
	ids := make([]id.Finding, len(list))
	for i, t := range list {
		ids[i] = t.Finding
	}
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			l = loaded{}
			queueOrder(b, acc, toAct, &l)
			args := where(acc)
			args["findings"] = ids
			b.Queue(lastTaskSQL, args).QueryRow(func(row pgx.Row) error { return row.Scan(&last) })
			b.Queue(coverableSQL, args).Query(collect(&found))
			b.Queue(workersSQL, args).Query(collect(&people))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			p := l.project(acc)
			if err := task.Write(p, certification.Plan, c.Person, acc.Now); err != nil {
				return err
			}
			if len(found) < len(list) {
				return fault.NotFound
			}
			var gone []int
			for _, f := range found {
				if f.Closed || f.Covered {
					gone = append(gone, f.Number)
				}
			}
			if len(gone) > 0 {
				slices.Sort(gone)
				return fault.Wrap(fault.Refused, "planning tasks", fault.InvalidField("", "plan.findings.gone", "numbers", numbers(gone), "n", len(gone)))
			}
			var unknown []fault.Field
			for i, t := range list {
				if !canOwn(people, t.Owner) {
					unknown = append(unknown, fault.Field{Name: "owner-" + t.Finding.String(), Key: "task.owner.unknown"})
				}
				args := where(acc)
				args["id"], args["number"], args["step"], args["finding"] = t.ID, last+1+i, certification.Plan.Number(), t.Finding
				args["title"], args["owner"], args["due"], args["priority"], args["person"] = t.Title, nullable(t.Owner), t.Due, t.Priority.String(), c.Person
				w.Queue(`
					INSERT INTO task (organization_id, project_id, id, number, step, finding_id, title, owner_id, due_on, priority,
					                  created_by, created_at, updated_at)
					VALUES (@organization, @project, @id, @number, @step, @finding, @title, @owner, @due, @priority,
					        @person, @now, @now)`, args)
			}
			if err := fault.InvalidFields(unknown...); err != nil {
				return err
			}
			args := where(acc)
			args["last"] = last + len(list)
			w.Queue(takeTasksSQL, args)
			w.saveProject(acc, p)
			w.Event(acc.Project, "tasks.planned", certification.Plan.String(), map[string]any{"n": len(list), "first": last + 1, "last": last + len(list)})
			w.Result = numberOf(len(list))
			return nil
		},
	})
	return err
}

const (
	planByOwnerSQL = `
		SELECT x.owner_id, n.name AS owner, NULL::integer AS step, x.total, x.open, x.late, x.blocked
		  FROM (SELECT k.owner_id, ` + planFigures + `
		          FROM task k WHERE k.organization_id = @organization AND k.project_id = @project GROUP BY k.owner_id) x
		  LEFT JOIN membership n ON n.organization_id = @organization AND n.person_id = x.owner_id
		 ORDER BY x.late DESC, x.open DESC, n.name LIMIT 100`
	planByStepSQL = `
		SELECT NULL::uuid AS owner_id, NULL::text AS owner, k.step::integer AS step, ` + planFigures + `
		  FROM task k WHERE k.organization_id = @organization AND k.project_id = @project GROUP BY k.step ORDER BY k.step`
	planFigures = `count(*) AS total, count(*) FILTER (WHERE k.state <> 'done') AS open,
		       count(*) FILTER (WHERE k.state <> 'done' AND k.due_on < ` + todaySQL + `) AS late,
		       count(*) FILTER (WHERE k.state = 'blocked') AS blocked`
	planBaselinesSQL = `
		SELECT b.number, n.name, b.at, b.tasks
		  FROM plan_baseline b
		  JOIN project j ON j.organization_id = b.organization_id AND j.id = b.project_id AND j.cycle = b.cycle
		  JOIN membership n ON n.organization_id = b.organization_id AND n.person_id = b.person_id
		 WHERE b.organization_id = @organization AND b.project_id = @project ORDER BY b.number DESC LIMIT 20`
	planChangesSQL = `
		SELECT count(*) FILTER (WHERE t.task_id IS NULL) AS added,
		       count(*) FILTER (WHERE t.task_id IS NOT NULL AND t.due_on IS DISTINCT FROM k.due_on) AS moved,
		       count(*) FILTER (WHERE t.task_id IS NOT NULL AND t.owner_id IS DISTINCT FROM k.owner_id) AS reassigned
		  FROM task k
		  JOIN LATERAL (SELECT max(b.number) AS number FROM plan_baseline b
		         JOIN project j ON j.organization_id = b.organization_id AND j.id = b.project_id AND j.cycle = b.cycle
		         WHERE b.organization_id = @organization AND b.project_id = @project) b ON b.number IS NOT NULL
		  LEFT JOIN plan_baseline_task t ON t.organization_id = k.organization_id AND t.project_id = k.project_id
		       AND t.number = b.number AND t.task_id = k.id
		 WHERE k.organization_id = @organization AND k.project_id = @project`
	lastBaselineSQL = `
		SELECT coalesce(max(b.number), 0) AS number,
		       coalesce(max(b.number) FILTER (WHERE b.cycle = j.cycle), 0) AS current,
		       (SELECT count(*) FROM task k WHERE k.organization_id = @organization AND k.project_id = @project) AS tasks
		  FROM project j LEFT JOIN plan_baseline b ON b.organization_id = j.organization_id AND b.project_id = j.id
		 WHERE j.organization_id = @organization AND j.id = @project`
)

// PlanPage reads the page of step 5.
func (db *DB) PlanPage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.PlanPage, error) {
	var s stepPage
	var p readmodel.PlanPage
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		s.queue(b, acc, certification.Plan)
		b.Queue(planByOwnerSQL, where(acc)).Query(collect(&p.Owners))
		b.Queue(planByStepSQL, where(acc)).Query(collect(&p.Steps))
		b.Queue(planBaselinesSQL, where(acc)).Query(collect(&p.Baselines))
		b.Queue(planChangesSQL, where(acc)).Query(one(&p.Since))
		queueApprovals(b, acc, "plan", &p.Approvals)
	})
	if err != nil {
		return frame, p, err
	}
	p.StepPage = s.model(acc)
	return frame, p, nil
}

type lastBaseline struct{ Number, Current, Tasks int }

// FreezePlan keeps a picture of who does what until when, for the chair to
// approve. Under the project's lock nobody writes a task meanwhile.
func (db *DB) FreezePlan(ctx context.Context, acc readmodel.Access) error {
	var l loaded
	var last lastBaseline
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			l = loaded{}
			queueProject(b, acc, toAct, &l)
			b.Queue(lastBaselineSQL, where(acc)).Query(one(&last))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			p := l.project(acc)
			if err := task.Freeze(p, c.Person, acc.Now); err != nil {
				return err
			}
			args := where(acc)
			args["number"], args["cycle"], args["person"], args["tasks"] = last.Number+1, l.row.Cycle, c.Person, last.Tasks
			w.Queue(`
				WITH frozen AS (
				  INSERT INTO plan_baseline (organization_id, project_id, number, cycle, person_id, at, tasks)
				  VALUES (@organization, @project, @number, @cycle, @person, @now, @tasks) RETURNING number)
				INSERT INTO plan_baseline_task (organization_id, project_id, number, task_id, owner_id, due_on)
				SELECT k.organization_id, k.project_id, frozen.number, k.id, k.owner_id, k.due_on
				  FROM frozen, task k WHERE k.organization_id = @organization AND k.project_id = @project`, args)
			w.saveProject(acc, p)
			w.Event(acc.Project, "plan.baselined", certification.Plan.String(), map[string]any{"number": last.Number + 1, "tasks": last.Tasks})
			w.Result = numberOf(last.Number + 1)
			return nil
		},
	})
	return err
}

// ApprovePlan records the chair's approval of the baseline that was in front of
// the chair.
func (db *DB) ApprovePlan(ctx context.Context, acc readmodel.Access, approval id.Row, number int) error {
	var l loaded
	var last lastBaseline
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			l = loaded{}
			queueProject(b, acc, toAct, &l)
			b.Queue(lastBaselineSQL, where(acc)).Query(one(&last))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			p := l.project(acc)
			if err := p.Approve("5.5", c.Person, acc.Now); err != nil {
				return err
			}
			switch {
			case last.Current == 0:
				return certification.Refused{certification.NothingToApprove{Criterion: "5.5"}}
			case last.Current != number:
				return fault.Stale(nil)
			}
			w.approve(acc, l.row.Cycle, approval, "plan", number, c.Person, "")
			w.saveProject(acc, p)
			return nil
		},
	})
	return err
}
