package server

import (
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/task"
	"waymark/internal/fault"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/page"
)

func showTasks(s *Server, w http.ResponseWriter, r *http.Request) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	filter, err := taskFilter(r)
	if err != nil {
		return err
	}
	frame, list, err := s.app.TaskList(r.Context(), acc, filter)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, frame, page.TabTasks, titled("task.list.title"), page.TaskList(&frame.Caller, &list))
}

// taskFilter reads the filters of the address. What is none of them is
// fault.Invalid.
func taskFilter(r *http.Request) (readmodel.TaskFilter, error) {
	var f readmodel.TaskFilter
	query := r.URL.Query()
	ok := true
	read := func(name string, parse func(string) bool) {
		if word := query.Get(name); word != "" {
			ok = parse(word) && ok
		}
	}
	read("state", func(word string) (known bool) {
		if f.Any = word == "all"; f.Any {
			return true
		}
		f.State, known = task.ParseState(word)
		return known
	})
	read("owner", func(word string) bool {
		switch word {
		case "me":
			f.Owner = readmodel.Mine
		case "none":
			f.Owner = readmodel.Nobodys
		default:
			var err error
			f.Owner = readmodel.OnePersons
			f.Person, err = id.Parse[id.Person](word)
			return err == nil
		}
		return true
	})
	read("step", func(word string) (known bool) {
		f.Step, known = certification.ParseStep(word)
		return known
	})
	read("lack", func(word string) bool {
		switch word {
		case "owner":
			f.Lack = readmodel.LackOwner
		case "due":
			f.Lack = readmodel.LackDue
		default:
			return false
		}
		return true
	})
	read("late", func(word string) bool {
		f.Late = word == "1"
		return f.Late
	})
	read("finding", func(word string) (known bool) {
		var err error
		f.Finding, err = id.Parse[id.Finding](word)
		return err == nil
	})
	read("sort", func(word string) bool {
		f.Newest = word == "number"
		return f.Newest || word == "due"
	})
	for _, side := range []string{"after", "before"} {
		read(side, func(word string) (known bool) {
			f.Cursor, known = taskCursor(word)
			f.Cursor.Before = side == "before"
			return known
		})
	}
	if !ok {
		return f, fault.Invalid
	}
	return f, nil
}

// taskCursor reads a place in the list: a day or none, a point, a number.
func taskCursor(word string) (readmodel.TaskCursor, bool) {
	day, digits, ok := strings.Cut(word, ".")
	if !ok {
		return readmodel.TaskCursor{}, false
	}
	number, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || number < 1 {
		return readmodel.TaskCursor{}, false
	}
	c := readmodel.TaskCursor{Number: int(number)}
	if day != "" {
		c.Due, err = civil.Parse(day)
	}
	return c, err == nil
}

// taskFile gives all tasks as a file for spreadsheets (RFC 4180): read and sent
// in parts, nothing held between them.
func taskFile(s *Server, w http.ResponseWriter, r *http.Request) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	var out *csv.Writer
	err = s.app.TaskFile(r.Context(), acc, func(c *readmodel.Caller, rows []readmodel.TaskRow) error {
		ctx := readerContext(r, c)
		if out == nil {
			w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
			w.Header().Set("Content-Disposition", `attachment; filename="tasks.csv"`)
			// Spreadsheets read UTF-8 only behind this mark.
			if _, err := io.WriteString(w, "\uFEFF"); err != nil {
				return err
			}
			out = csv.NewWriter(w)
			out.UseCRLF = true
			if err := out.Write(taskColumns(ctx)); err != nil {
				return err
			}
		}
		for i := range rows {
			if err := out.Write(taskCells(ctx, c, &rows[i])); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	})
	if err != nil && out != nil {
		// Half a file must not look like a whole one.
		s.log.WarnContext(r.Context(), "sending tasks as a file", "error", err)
		panic(http.ErrAbortHandler)
	}
	return err
}

func taskColumns(ctx context.Context) []string {
	var out []string
	for _, key := range []string{
		"task.file.number", "task.title.label", "task.state.label", "task.priority.label", "task.owner.label", "task.due.label",
		"task.proposed.label", "task.step.label", "task.finding.label", "task.check.label", "task.file.done",
	} {
		out = append(out, i18n.T(ctx, key))
	}
	return out
}

func taskCells(ctx context.Context, c *readmodel.Caller, t *readmodel.TaskRow) []string {
	owner, finding, check, finished := "", "", "", ""
	if t.Owner != nil {
		owner = *t.Owner
	}
	if t.Finding != nil && t.CheckID != nil {
		finding, check = strconv.Itoa(*t.Finding), *t.CheckID
	}
	if t.DoneAt != nil {
		finished = page.Day(c, *t.DoneAt).String()
	}
	return []string{
		strconv.Itoa(t.Number), cell(t.Title), i18n.T(ctx, "task.state."+t.State.String()), i18n.T(ctx, "task.priority."+t.Priority.String()),
		cell(owner), t.DueOn.String(), t.ProposedOn.String(), strconv.Itoa(t.Step.Number()), finding, check, finished,
	}
}

// cell keeps a text that people typed from being taken for a formula by a
// spreadsheet program.
func cell(text string) string {
	if first, _ := utf8.DecodeRuneInString(text); text != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", first) {
		return "'" + text
	}
	return text
}
