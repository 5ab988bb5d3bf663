package postgres

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/standard"
	"waymark/internal/readmodel"
)

const (
	findingCountsSQL = `
		SELECT check_id AS check, count(*) FILTER (WHERE severity = 'major') AS majors, count(*) AS open
		  FROM finding WHERE organization_id = @organization AND project_id = @project AND closed_at IS NULL GROUP BY check_id`
	// the first and the latest baseline of the project
	baselinesSQL = `
		SELECT b.number, b.at, r.checks, r.ratings
		  FROM baseline b,
		       LATERAL (SELECT array_agg(x.check_id) AS checks, array_agg(x.rating) AS ratings FROM baseline_rating x
		                 WHERE x.organization_id = b.organization_id AND x.project_id = b.project_id AND x.number = b.number) r
		 WHERE b.organization_id = @organization AND b.project_id = @project
		   AND b.number IN (SELECT unnest(ARRAY[min(m.number), max(m.number)]) FROM baseline m
		                     WHERE m.organization_id = @organization AND m.project_id = @project)
		 ORDER BY b.number`
	projectHistorySQL = `
		SELECT ` + eventColumns + `
		  FROM event e LEFT JOIN membership n ON n.organization_id = e.organization_id AND n.person_id = e.person_id
		 WHERE e.organization_id = @organization AND e.project_id = @project
		 ORDER BY e.seq DESC LIMIT 7`
	lateTasksSQL = `
		SELECT t.id, t.number, t.title, n.name AS owner,
		       coalesce(t.owner_id = (SELECT current_setting('app.person', true)::uuid), false) AS mine,
		       t.due_on, t.state, t.blocked_reason AS reason
		  FROM task t LEFT JOIN membership n ON n.organization_id = t.organization_id AND n.person_id = t.owner_id
		 WHERE t.organization_id = @organization AND t.project_id = @project AND t.state <> 'done'
		   AND coalesce(t.due_on, 'infinity'::date) < (SELECT (@now::timestamptz AT TIME ZONE o.time_zone)::date FROM organization o WHERE o.id = @organization)
		 ORDER BY coalesce(t.due_on, 'infinity'::date), t.number LIMIT 4`
	askedSQL = `
		SELECT a.id, a.role, a.clause FROM appointment a
		 WHERE a.organization_id = @organization AND a.project_id = @project
		   AND a.person_id = (SELECT current_setting('app.person', true)::uuid)
		   AND a.accepted_at IS NULL AND a.declined_at IS NULL AND a.ended_at IS NULL ORDER BY a.asked_at`
	datesSQL = `
		SELECT 'target' AS kind, j.target_on AS "on", false AS held FROM project j WHERE j.organization_id = @organization AND j.id = @project
		UNION ALL
		SELECT CASE s.stage WHEN 1 THEN 'stage_1' ELSE 'stage_2' END, coalesce(s.began_on, s.planned_on), s.ended_on IS NOT NULL
		  FROM audit_stage s JOIN project j ON j.organization_id = s.organization_id AND j.id = s.project_id AND j.cycle = s.cycle
		 WHERE s.organization_id = @organization AND s.project_id = @project AND coalesce(s.began_on, s.planned_on) IS NOT NULL
		UNION ALL
		SELECT CASE v.visit WHEN 1 THEN 'surveillance_1' WHEN 2 THEN 'surveillance_2' ELSE 'recertification' END,
		       coalesce(v.held_on, v.planned_on), v.held_on IS NOT NULL
		  FROM surveillance v JOIN project j ON j.organization_id = v.organization_id AND j.id = v.project_id AND j.cycle = v.cycle
		 WHERE v.organization_id = @organization AND v.project_id = @project AND coalesce(v.held_on, v.planned_on) IS NOT NULL
		UNION ALL
		SELECT 'expiry', c.expires_on, false
		  FROM certificate c JOIN project j ON j.organization_id = c.organization_id AND j.id = c.project_id AND j.cycle = c.cycle
		 WHERE c.organization_id = @organization AND c.project_id = @project
		UNION ALL
		SELECT 'quote', c.quote_until, false
		  FROM candidate c JOIN selection l ON l.organization_id = c.organization_id AND l.project_id = c.project_id AND l.candidate_id = c.id
		 WHERE c.organization_id = @organization AND c.project_id = @project AND c.quote_until IS NOT NULL AND l.contract_signed_on IS NULL
		 ORDER BY 2`
)

type (
	findingCount struct {
		Check        string
		Majors, Open int
	}
	frozenRatings struct {
		Number          int
		At              time.Time
		Checks, Ratings []string
	}
)

// Dashboard reads the project at a glance.
func (db *DB) Dashboard(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.Dashboard, error) {
	var l loaded
	var d readmodel.Dashboard
	var names []readmodel.Colleague
	var counts []findingCount
	var frozen []frozenRatings
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		queueProject(b, acc, noLock, &l)
		b.Queue(namesSQL, where(acc)).Query(collect(&names))
		b.Queue(findingCountsSQL, where(acc)).Query(collect(&counts))
		b.Queue(baselinesSQL, where(acc)).Query(collect(&frozen))
		b.Queue(projectHistorySQL, where(acc)).Query(collect(&d.History))
		b.Queue(lateTasksSQL, where(acc)).Query(collect(&d.Tasks))
		b.Queue(askedSQL, where(acc)).Query(collect(&d.Asked))
		b.Queue(datesSQL, where(acc)).Query(collect(&d.Dates))
	})
	if err != nil {
		return frame, d, err
	}
	d.Project, d.Names = l.project(acc), nameMap(names)
	catalogue := l.facts.catalogue()
	for i, f := range frozen {
		score := baselineScore(catalogue, f)
		if i == 0 {
			d.First = &score
		}
		d.Latest = &score
	}
	for i, s := range l.facts.scores() {
		d.Total = d.Total.Plus(s.Score)
		line := readmodel.ClauseLine{Number: s.Clause, Today: s.Score}
		if d.Latest != nil {
			line.Baseline = &d.Latest.Clauses[i].Score
		}
		for _, c := range counts {
			if strings.HasPrefix(c.Check, s.Clause+".") {
				line.Majors += c.Majors
				line.Open += c.Open
			}
		}
		d.Clauses = append(d.Clauses, line)
	}
	return frame, d, nil
}

func baselineScore(c *standard.Catalogue, f frozenRatings) readmodel.BaselineScore {
	out := readmodel.BaselineScore{Number: f.Number, At: f.At, Clauses: Scores(c, f.Checks, f.Ratings)}
	for _, s := range out.Clauses {
		out.Total = out.Total.Plus(s.Score)
	}
	return out
}

// historyPageSize is how many events a page of the history shows.
const historyPageSize = 100

// History reads the trail of a project, newest first, from before an event on;
// a step's word or "" for all.
func (db *DB) History(ctx context.Context, acc readmodel.Access, subject string, before int64) (readmodel.Frame, readmodel.History, error) {
	var h readmodel.History
	sql := `
		SELECT ` + eventColumns + `
		  FROM event e LEFT JOIN membership n ON n.organization_id = e.organization_id AND n.person_id = e.person_id
		 WHERE e.organization_id = @organization AND e.project_id = @project AND (@before = 0 OR e.seq < @before)`
	if subject != "" {
		sql += ` AND e.subject = @subject`
	}
	sql += ` ORDER BY e.seq DESC LIMIT @limit`
	args := where(acc)
	args["before"], args["subject"], args["limit"] = before, subject, historyPageSize+1
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		b.Queue(sql, args).Query(collect(&h.Events))
	})
	if err != nil {
		return frame, h, err
	}
	if len(h.Events) > historyPageSize {
		h.Events = slices.Clip(h.Events[:historyPageSize])
		h.Next = h.Events[historyPageSize-1].Seq
	}
	if step, ok := certification.ParseStep(subject); ok {
		h.Step = step
	}
	return frame, h, nil
}
