package readmodel

import (
	"strings"
	"time"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/standard"
)

// Sheet is a set of ratings in the order of its catalogue. A check that nobody
// recorded anything on is not assessed.
type Sheet struct {
	Catalogue *standard.Catalogue
	Ratings   []assessment.Rating
}

// NewSheet spreads ratings, given by check, over a catalogue. What the
// catalogue does not know is left out.
func NewSheet(c *standard.Catalogue, checks, ratings []string) Sheet {
	s := Sheet{Catalogue: c, Ratings: make([]assessment.Rating, c.Len())}
	for i, check := range checks {
		if at := c.Index(standard.CheckID(check)); at >= 0 && i < len(ratings) {
			s.Ratings[at], _ = assessment.ParseRating(ratings[i]) // the column holds nothing else
		}
	}
	return s
}

// Score sums a clause and all below it; the empty number is everything.
func (s Sheet) Score(clause standard.ClauseNumber) assessment.Score {
	first, end := 0, len(s.Ratings)
	if clause != "" {
		first, end = s.Catalogue.Span(clause)
	}
	var sum assessment.Score
	for i := first; i < end; i++ {
		sum = sum.Plus(assessment.Sum(assessment.Item{Weight: s.Catalogue.CheckAt(i).Weight, Rating: s.Ratings[i]}))
	}
	return sum
}

// TopClauses scores clauses 4 to 10.
func (s Sheet) TopClauses() []assessment.ClauseScore {
	top := s.Catalogue.TopClauses()
	out := make([]assessment.ClauseScore, len(top))
	for i, clause := range top {
		out[i] = assessment.ClauseScore{Clause: string(clause.Number), Score: s.Score(clause.Number)}
	}
	return out
}

// Rating gives the rating of one check.
func (s Sheet) Rating(check standard.CheckID) assessment.Rating {
	if at := s.Catalogue.Index(check); at >= 0 {
		return s.Ratings[at]
	}
	return assessment.NotAssessed
}

// Proposal gives the severity that the rules propose for a check, false where
// the check is no gap.
func (s Sheet) Proposal(check standard.CheckID) (assessment.Proposal, bool) {
	k, ok := s.Catalogue.Check(check)
	if !ok || !s.Rating(check).Gap() {
		return assessment.Proposal{}, false
	}
	first, end := s.Catalogue.Span(k.Clause)
	states := make([]assessment.CheckState, 0, end-first)
	for i := first; i < end; i++ {
		one := s.Catalogue.CheckAt(i)
		states = append(states, assessment.CheckState{ID: string(one.ID), Weight: one.Weight, Rating: s.Ratings[i]})
	}
	for _, p := range assessment.Propose(states) {
		if p.CheckID == string(check) {
			return p, true
		}
	}
	return assessment.Proposal{}, false
}

// ClauseOf gives the clause that a check stands under.
func ClauseOf(check standard.CheckID) standard.ClauseNumber {
	clause, _, _ := strings.Cut(string(check), "-")
	return standard.ClauseNumber(clause)
}

// AnswersFor reports whether a clause lies in an area that the caller was
// appointed to and has accepted.
func (c *Caller) AnswersFor(clause standard.ClauseNumber) bool {
	for _, area := range c.Clauses {
		if string(clause) == area || strings.HasPrefix(string(clause), area+".") {
			return true
		}
	}
	return false
}

// AssessmentQuery is what part of the assessment is asked for. Empty fields do
// not narrow it down.
type AssessmentQuery struct {
	Clause   standard.ClauseNumber
	Rating   string
	Severity string
	Lack     string // "support" or "finding"
	Evidence string // "some" or "none"
	Text     string
	// Check is the one that is open for editing.
	Check standard.CheckID
}

// AssessmentPage is the assessment of a project: a sheet of ratings, what was
// recorded on each check, and the one check that is open.
type AssessmentPage struct {
	Project *certification.Project
	Sheet   Sheet
	// Records are in the order of the catalogue; a check that nothing was
	// recorded on has an empty one.
	Records []CheckRecord
	// Findings are the open ones by check.
	Findings map[string][]FindingMark
	// First and Latest are the baselines, nil where there is none.
	First, Latest *BaselineSheet
	Open          *CheckDetail
}

// CheckRecord is what was recorded on a check, its comment shortened unless
// the whole was asked for.
type CheckRecord struct {
	CheckID   string
	Rating    assessment.Rating
	Comment   string
	Evidence  int
	RateAgain bool
}

// FindingMark is an open finding as its check's row shows it.
type FindingMark struct {
	CheckID   string
	ID        id.Finding
	Number    int
	Severity  assessment.Severity
	Statement string
}

// BaselineSheet is a frozen picture of all ratings.
type BaselineSheet struct {
	Number int
	At     time.Time
	Sheet  Sheet
}

// CheckDetail is everything about one check.
type CheckDetail struct {
	Check     standard.Check
	Recorded  CheckState
	Findings  []Finding
	Evidence  []Evidence
	History   []Event
	Proposal  assessment.Proposal
	HasGap    bool
	Baselined *assessment.Rating // at the latest baseline
}

// Version is the version of the check's form: a change of the record or of its
// first open finding makes another.
func (d *CheckDetail) Version() int {
	v := d.Recorded.Version * versionStep
	if len(d.Findings) > 0 {
		v += d.Findings[0].Version
	}
	return v
}

// versionStep keeps two versions apart in one number.
const versionStep = 100_000

// FormVersion puts the versions of a check's record and of its finding into
// the one that its form carries.
func FormVersion(record, finding int) int { return record*versionStep + finding }

// CheckState is the record of one check in full. Version 0 is a check that was
// neither rated nor commented yet.
type CheckState struct {
	Rating    assessment.Rating
	Comment   string
	Evidence  int
	RateAgain bool
	Version   int
	UpdatedBy *id.Person
	Name      *string
	UpdatedAt *time.Time
}

// CheckEdit is what a person sends about a check. Fields that are nil were not
// sent, because that person may not write them or has nothing to say.
type CheckEdit struct {
	Check     standard.CheckID
	Version   int
	Rating    *assessment.Rating
	Comment   *string
	Statement *string
	Severity  assessment.Severity // None: as proposed
	// Confirm says that the rating still holds after its finding's last task.
	Confirm bool
	// Finding is the one that the form showed, zero for none; New is the id of
	// one that is to be made.
	Finding, New id.Finding
}

// Judges reports whether the edit does more than comment.
func (e CheckEdit) Judges() bool { return e.Rating != nil || e.Statement != nil || e.Confirm }

// GapPage is the page of step 3.
type GapPage struct {
	StepPage
	Progress  Dashboard // its scores and baselines
	Assessor  Assessor
	Baselines []Baseline
	Gaps      int
	Closable  int
}

// Assessor is who assesses, and the engagement when an external consultant
// does.
type Assessor struct {
	Mode       string // "", "external" or "self"
	Assessor   string
	Engagement id.Engagement
	Firm       string
	People     string
	BeganOn    civil.Date
	EndedOn    civil.Date
	Version    int
}

// Baseline is one frozen picture of the ratings and who signed it off.
type Baseline struct {
	Number int
	Cycle  int
	Name   string
	At     time.Time
	Note   string
}
