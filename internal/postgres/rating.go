package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/certification"
	"waymark/internal/domain/standard"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

// A check's record, locked for whoever changes it next.
const (
	ratingSQL = `
		SELECT rating, comment, evidence, rate_again, version, updated_by, NULL::text AS name, updated_at
		  FROM rating WHERE organization_id = @organization AND project_id = @project AND check_id = @check FOR UPDATE`
	clauseRatingsSQL = `
		SELECT check_id AS check, rating FROM rating
		 WHERE organization_id = @organization AND project_id = @project AND split_part(check_id, '-', 1) = @clause`
	lockFindingsSQL = `
		SELECT id, number, statement, severity, version FROM finding
		 WHERE organization_id = @organization AND project_id = @project AND check_id = @check AND closed_at IS NULL
		 ORDER BY number FOR UPDATE`
)

type (
	checkRating   struct{ Check, Rating string }
	lockedFinding struct {
		ID        [16]byte
		Number    int
		Statement string
		Severity  assessment.Severity
		Version   int
	}
)

// checkRead is one check under lock: its record, its open findings, and the
// ratings of its clause for the proposed severity.
type checkRead struct {
	edition  edition
	state    readmodel.CheckState
	clause   []checkRating
	findings []lockedFinding
}

func (s *checkRead) queue(b *pgx.Batch, acc readmodel.Access, check standard.CheckID) pgx.NamedArgs {
	*s = checkRead{}
	args := where(acc)
	args["check"], args["clause"] = string(check), string(readmodel.ClauseOf(check))
	b.Queue(editionSQL, args).Query(one(&s.edition))
	b.Queue(ratingSQL, args).Query(maybe(&s.state))
	b.Queue(clauseRatingsSQL, args).Query(collect(&s.clause))
	b.Queue(lockFindingsSQL, args).Query(collect(&s.findings))
	return args
}

// known finds the check in the project's catalogue.
func (s *checkRead) known(check standard.CheckID) (standard.Check, error) {
	k, ok := catalogueOf(s.edition.Edition).Check(check)
	if !ok {
		return k, fault.NotFound
	}
	return k, nil
}

// proposed gives the severity that the rules propose once the check is rated
// as given.
func (s *checkRead) proposed(check standard.Check, r assessment.Rating) assessment.Severity {
	checks, ratings := []string{string(check.ID)}, []string{r.String()}
	for _, one := range s.clause {
		if one.Check != string(check.ID) {
			checks, ratings = append(checks, one.Check), append(ratings, one.Rating)
		}
	}
	p, _ := readmodel.NewSheet(catalogueOf(s.edition.Edition), checks, ratings).Proposal(check.ID)
	return p.Severity
}

// SaveCheck stores what a person says of a check: rating, comment, and the
// finding under it. Whether that person may judge, the use case has asked.
//
// The form carries one version for the record and its first open finding; a
// stale form is a conflict with the stored values, unless they are equal.
func (db *DB) SaveCheck(ctx context.Context, acc readmodel.Access, in readmodel.CheckEdit) error {
	var s checkRead
	var args pgx.NamedArgs
	_, err := db.write(ctx, acc, fact{
		step: certification.Gap, kind: certification.Living,
		// Numbering a finding changes the project's row.
		act:  in.Statement != nil && *in.Statement != "" && in.Finding.IsZero(),
		read: func(b *pgx.Batch) { args = s.queue(b, acc, in.Check) },
		decide: func(c *readmodel.Caller, w *writes) error {
			return s.save(c, w, acc, in, args)
		},
	})
	return err
}

func (s *checkRead) save(c *readmodel.Caller, w *writes, acc readmodel.Access, in readmodel.CheckEdit, args pgx.NamedArgs) error {
	check, err := s.known(in.Check)
	if err != nil {
		return err
	}
	rating, comment := s.state.Rating, s.state.Comment
	if in.Rating != nil {
		rating = *in.Rating
	}
	if in.Comment != nil {
		comment = *in.Comment
	}
	if !assessment.Allowed(rating, check.HasCondition) {
		return fault.InvalidField("rating", "assessment.rating_refused")
	}
	write, err := s.judge(in, rating, comment)
	if err != nil {
		return err
	}
	args["person"], args["rating"], args["comment"], args["version"] = c.Person, rating, comment, s.state.Version
	confirmed := in.Confirm && s.state.RateAgain && rating == s.state.Rating
	if rating != s.state.Rating || comment != s.state.Comment || confirmed {
		args["judged"] = rating != s.state.Rating || confirmed
		s.record(w, acc, in, args, rating, comment, confirmed)
	}
	if write && in.Statement != nil {
		return s.find(c, w, acc, in, check, rating)
	}
	return nil
}

// judge compares the form with what is stored; write is false where a form
// from an older version says what is stored anyway.
func (s *checkRead) judge(in readmodel.CheckEdit, rating assessment.Rating, comment string) (write bool, err error) {
	var f lockedFinding
	if len(s.findings) > 0 {
		f = s.findings[0]
	}
	e := edit{from: in.Version, now: readmodel.FormVersion(s.state.Version, f.Version)}
	if in.Statement != nil && f.ID != [16]byte(in.Finding) {
		e.from = -1 // another finding has taken the place of the one shown
	}
	e.fields = []edited{{"rating", rating.String(), s.state.Rating.String()}, {"comment", comment, s.state.Comment}}
	if in.Statement != nil {
		severity := in.Severity
		if severity == assessment.None {
			severity = f.Severity // nothing was chosen, so nothing is changed
		}
		if *in.Statement == "" && f.Version == 0 {
			severity = f.Severity // without a finding there is nothing to grade
		}
		e.fields = append(e.fields, edited{"finding", *in.Statement, f.Statement}, edited{"severity", severity.String(), f.Severity.String()})
	}
	write, err = e.judge()
	if !write && err == nil {
		return false, nil
	}
	return write, err
}

// record writes the check's own row. A row that evidence alone has made keeps
// version 0 until somebody rates or comments.
func (s *checkRead) record(w *writes, acc readmodel.Access, in readmodel.CheckEdit, args pgx.NamedArgs, rating assessment.Rating, comment string, confirmed bool) {
	w.Must(`
		INSERT INTO rating (organization_id, project_id, check_id, rating, comment, rated_by, rated_at, updated_by, updated_at)
		VALUES (@organization, @project, @check, @rating, @comment, CASE WHEN @judged THEN @person::uuid END,
		        CASE WHEN @judged THEN @now::timestamptz END, @person, @now)
		ON CONFLICT (organization_id, project_id, check_id) DO UPDATE
		   SET rating = excluded.rating, comment = excluded.comment, rate_again = rating.rate_again AND NOT @judged,
		       rated_by = coalesce(excluded.rated_by, rating.rated_by), rated_at = coalesce(excluded.rated_at, rating.rated_at),
		       updated_by = excluded.updated_by, updated_at = excluded.updated_at, version = rating.version + 1
		 WHERE rating.version = @version`, args)
	switch {
	case rating != s.state.Rating:
		w.Event(acc.Project, "rating.saved", string(in.Check), map[string]any{"check": string(in.Check), "from": s.state.Rating.String(), "to": rating.String()})
	case confirmed:
		w.Event(acc.Project, "rating.confirmed", string(in.Check), map[string]any{"check": string(in.Check), "to": rating.String()})
	}
	if comment != s.state.Comment {
		w.Event(acc.Project, "rating.commented", string(in.Check), map[string]any{"check": string(in.Check)})
	}
}

// find writes the finding that stands under the check in its row.
func (s *checkRead) find(c *readmodel.Caller, w *writes, acc readmodel.Access, in readmodel.CheckEdit, check standard.Check, rating assessment.Rating) error {
	proposed := s.proposed(check, rating)
	if len(s.findings) == 0 {
		if *in.Statement == "" {
			return nil
		}
		w.addFinding(acc, c, s.edition.LastFinding+1, readmodel.Finding{
			ID: in.New, CheckID: string(check.ID), Statement: *in.Statement, Proposed: proposed, Severity: in.Severity.Or(proposed, rating),
		})
		return nil
	}
	f := s.findings[0]
	severity := in.Severity
	if severity == assessment.None {
		severity = f.Severity
	}
	switch {
	case *in.Statement == "":
		return fault.InvalidField("finding", "finding.close_instead", "number", f.Number)
	case *in.Statement == f.Statement && severity == f.Severity:
		return nil
	}
	args := where(acc)
	args["id"], args["statement"], args["severity"], args["proposed"], args["version"] = f.ID, *in.Statement, severity, proposed, f.Version
	w.Must(`
		UPDATE finding SET statement = @statement, severity = @severity, proposed = @proposed, updated_at = @now, version = version + 1
		 WHERE organization_id = @organization AND project_id = @project AND id = @id AND version = @version`, args)
	w.Event(acc.Project, "finding.saved", string(check.ID), map[string]any{"check": string(check.ID), "number": f.Number, "severity": severity.String()})
	return nil
}
