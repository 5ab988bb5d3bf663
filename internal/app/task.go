package app

import (
	"context"

	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/task"
	"waymark/internal/readmodel"
)

// TaskList reads a page of the task list.
func (a *App) TaskList(ctx context.Context, acc readmodel.Access, f readmodel.TaskFilter) (readmodel.Frame, readmodel.TaskList, error) {
	return a.db.TaskList(ctx, needing(acc, permission.ReadTasks), f)
}

// filePart is how many tasks of a file are read at once.
const filePart = 1000

// TaskFile reads all tasks, in parts, and hands each part with the reader to
// take, until none is left.
func (a *App) TaskFile(ctx context.Context, acc readmodel.Access, take func(*readmodel.Caller, []readmodel.TaskRow) error) error {
	acc = needing(acc, permission.ReadTasks)
	for after := 0; ; {
		c, rows, err := a.db.TaskFile(ctx, acc, after, filePart)
		if err != nil {
			return err
		}
		if err := take(&c, rows); err != nil {
			return err
		}
		if len(rows) < filePart {
			return nil
		}
		after = rows[len(rows)-1].Number
	}
}

// TaskPage reads one task.
func (a *App) TaskPage(ctx context.Context, acc readmodel.Access, t id.Task) (readmodel.Frame, readmodel.TaskPage, error) {
	return a.db.TaskPage(ctx, needing(acc, permission.ReadTasks), t)
}

// EditTaskPage reads one task for its form.
func (a *App) EditTaskPage(ctx context.Context, acc readmodel.Access, t id.Task) (readmodel.Frame, readmodel.TaskPage, error) {
	return a.db.TaskPage(ctx, needing(acc, permission.EditTasks), t)
}

// NewTaskPage reads the form of a new task, for a finding or for none.
func (a *App) NewTaskPage(ctx context.Context, acc readmodel.Access, finding id.Finding) (readmodel.Frame, readmodel.TaskForm, error) {
	return a.db.TaskForm(ctx, needing(acc, permission.EditTasks), finding)
}

// MyTasks reads the caller's own tasks.
func (a *App) MyTasks(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.MyTasks, error) {
	return a.db.MyTasks(ctx, needing(acc, permission.ReadTasks))
}

// AddTask makes a task and answers its id.
func (a *App) AddTask(ctx context.Context, acc readmodel.Access, in readmodel.TaskEdit) (string, error) {
	in.ID = newID[id.Task]()
	return a.db.AddTask(ctx, needing(acc, permission.EditTasks), in)
}

// SaveTask stores what a task's form holds.
func (a *App) SaveTask(ctx context.Context, acc readmodel.Access, in readmodel.TaskEdit) error {
	return a.db.SaveTask(ctx, needing(acc, permission.EditTasks), in)
}

// MoveTask reports how a task is, or asks for another date or answers that.
func (a *App) MoveTask(ctx context.Context, acc readmodel.Access, t id.Task, m task.Move) error {
	return a.db.MoveTask(ctx, needing(acc, permission.WorkOnTasks), t, m)
}

// CommentTask adds a line to a task's thread.
func (a *App) CommentTask(ctx context.Context, acc readmodel.Access, t id.Task, body string) error {
	return a.db.CommentTask(ctx, needing(acc, permission.WorkOnTasks), t, newID[id.Comment](), body)
}

// AddTaskEvidence ties a link or a note to a task.
func (a *App) AddTaskEvidence(ctx context.Context, acc readmodel.Access, t id.Task, in readmodel.TaskEvidence) error {
	in.Kind = "note"
	if in.Link != "" {
		in.Kind = "link"
	}
	return a.db.AddTaskEvidence(ctx, needing(acc, permission.WorkOnTasks), t, newID[id.Evidence](), in)
}

// AddDependency makes a task wait for the one with a number.
func (a *App) AddDependency(ctx context.Context, acc readmodel.Access, t id.Task, number int) error {
	return a.db.AddDependency(ctx, needing(acc, permission.EditTasks), t, number)
}

// RemoveDependency lets a task no longer wait for another.
func (a *App) RemoveDependency(ctx context.Context, acc readmodel.Access, t, after id.Task) error {
	return a.db.RemoveDependency(ctx, needing(acc, permission.EditTasks), t, after)
}
