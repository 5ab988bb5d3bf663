package postgres

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/certification"
	"waymark/internal/readmodel"
)

// FreezeBaseline signs the assessment off: a numbered copy of all ratings that
// nothing changes again. It needs the other criteria of step 3 to hold.
func (db *DB) FreezeBaseline(ctx context.Context, acc readmodel.Access, note string) error {
	var l loaded
	var last struct{ Number int }
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			l = loaded{}
			queueProject(b, acc, toAct, &l)
			b.Queue(`SELECT coalesce(max(number), 0) AS number FROM baseline WHERE organization_id = @organization AND project_id = @project`, where(acc)).
				Query(one(&last))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			p := l.project(acc)
			if err := p.Approve("3.5", c.Person, acc.Now); err != nil {
				return err
			}
			number := last.Number + 1
			args := where(acc)
			args["number"], args["cycle"], args["person"], args["note"] = number, l.row.Cycle, c.Person, note
			w.Queue(`
				WITH frozen AS (
				  INSERT INTO baseline (organization_id, project_id, number, cycle, person_id, at, note)
				  VALUES (@organization, @project, @number, @cycle, @person, @now, @note)
				  RETURNING organization_id, project_id, number)
				INSERT INTO baseline_rating (organization_id, project_id, number, check_id, rating)
				SELECT f.organization_id, f.project_id, f.number, r.check_id, r.rating
				  FROM frozen f JOIN rating r ON r.organization_id = @organization AND r.project_id = @project`, args)
			total := readmodel.NewSheet(l.facts.catalogue(), l.facts.CheckIDs, l.facts.Ratings).Score("")
			w.saveProject(acc, p)
			w.Event(acc.Project, "baseline.signed", certification.Gap.String(), map[string]any{
				"number": number, "readiness": total.Readiness().Percent(), "coverage": total.Coverage().Percent(),
			})
			w.Result = strconv.Itoa(number)
			return nil
		},
	})
	return err
}
