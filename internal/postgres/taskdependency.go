package postgres

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/task"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

const (
	afterTaskSQL = `
		SELECT k.id, k.number, k.title, EXISTS (SELECT 1 FROM task_dependency d
		         WHERE d.organization_id = k.organization_id AND d.project_id = k.project_id AND d.task_id = @task AND d.after_id = k.id) AS stands
		  FROM task k WHERE k.organization_id = @organization AND k.project_id = @project AND k.number = @number`
	// reachedSQL reads the dependencies that can be reached from the task to
	// wait for: a cycle can only close through these.
	reachedSQL = `
		WITH RECURSIVE reached AS (
		  SELECT k.id FROM task k WHERE k.organization_id = @organization AND k.project_id = @project AND k.number = @number
		  UNION
		  SELECT d.after_id FROM reached r
		    JOIN task_dependency d ON d.organization_id = @organization AND d.project_id = @project AND d.task_id = r.id)
		SELECT d.task_id AS task, d.after_id AS after, k.number, k.title
		  FROM reached r
		  JOIN task_dependency d ON d.organization_id = @organization AND d.project_id = @project AND d.task_id = r.id
		  JOIN task k ON k.organization_id = @organization AND k.project_id = @project AND k.id = d.after_id`
)

type reachedRow struct {
	Task, After id.Task
	Number      int
	Title       string
}

func numberOf(n int) string { return strconv.Itoa(n) }

// AddDependency makes a task wait for another, given by its number. A cycle is
// refused with the way round named. The project's row is held alone meanwhile,
// so that two people cannot close a cycle together: stored dependencies never
// form one.
func (db *DB) AddDependency(ctx context.Context, acc readmodel.Access, t id.Task, number int) error {
	var after struct {
		ID     id.Task
		Number int
		Title  string
		Stands bool
	}
	var reached []reachedRow
	return db.changeTask(ctx, acc, taskChange{
		task: t, alone: true, needs: task.Manages,
		read: func(b *pgx.Batch, args pgx.NamedArgs) {
			after.ID = id.Task{}
			args["number"] = number
			b.Queue(afterTaskSQL, args).Query(maybe(&after))
			b.Queue(reachedSQL, args).Query(collect(&reached))
		},
		decide: func(_ *readmodel.Caller, _ *certification.Project, stored *storedTask, w *writes) error {
			switch {
			case after.ID.IsZero():
				return fault.InvalidField("after", "task.dependency.unknown", "number", number)
			case after.Stands:
				return nil
			}
			standing := make([]task.Dependency, len(reached))
			titles := map[id.Task]string{t: titled(stored.Number, stored.Title), after.ID: titled(after.Number, after.Title)}
			for i, r := range reached {
				standing[i] = task.Dependency{Task: r.Task, After: r.After}
				titles[r.After] = titled(r.Number, r.Title)
			}
			err := task.Depend(standing, task.Dependency{Task: t, After: after.ID})
			if cycle, ok := errors.AsType[*task.CycleError](err); ok {
				way := make([]string, len(cycle.Tasks))
				for i, at := range cycle.Tasks {
					way[i] = titles[at]
				}
				return fault.InvalidField("after", "task.dependency.cycle", "way", strings.Join(way, " → "))
			}
			args := taskArgs(acc, t)
			args["after"] = after.ID
			w.Queue(`
				INSERT INTO task_dependency (organization_id, project_id, task_id, after_id)
				VALUES (@organization, @project, @task, @after)`, args)
			w.Event(acc.Project, "dependency.added", t.String(), stored.about("after", after.Number))
			return nil
		},
	})
}

func titled(number int, title string) string { return numberOf(number) + " " + title }

// RemoveDependency lets a task no longer wait for another.
func (db *DB) RemoveDependency(ctx context.Context, acc readmodel.Access, t, after id.Task) error {
	var found struct{ Number int }
	return db.changeTask(ctx, acc, taskChange{
		task: t, needs: task.Manages,
		read: func(b *pgx.Batch, args pgx.NamedArgs) {
			found.Number = 0
			args["after"] = after
			b.Queue(`
				SELECT k.number FROM task_dependency d
				  JOIN task k ON k.organization_id = d.organization_id AND k.project_id = d.project_id AND k.id = d.after_id
				 WHERE d.organization_id = @organization AND d.project_id = @project AND d.task_id = @task AND d.after_id = @after
				   FOR UPDATE OF d`, args).Query(maybe(&found))
		},
		decide: func(_ *readmodel.Caller, _ *certification.Project, stored *storedTask, w *writes) error {
			if found.Number == 0 {
				return nil // removed meanwhile, as was asked
			}
			args := taskArgs(acc, t)
			args["after"] = after
			w.Must(`
				DELETE FROM task_dependency
				 WHERE organization_id = @organization AND project_id = @project AND task_id = @task AND after_id = @after`, args)
			w.Event(acc.Project, "dependency.removed", t.String(), stored.about("after", found.Number))
			return nil
		},
	})
}
