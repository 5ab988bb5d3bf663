// Package sample tells the story of an invented managed-service provider that
// is halfway through its plan: the scope decided, the gaps assessed and signed
// off, the committee set up and changed once, the plan half made. A newcomer
// looks around in it, and a demonstration starts from it.
//
// The story is data and arithmetic over a day; storing it is the store's part.
package sample

import (
	"embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/standard"
)

//go:embed en.json zh.json
var files embed.FS

// words are the story's texts in one language.
type words struct {
	Organization string            `json:"organization"`
	Project      string            `json:"project"`
	Zone         string            `json:"zone"`
	People       map[string]string `json:"people"`
	Awareness    struct {
		Objectives string `json:"objectives"`
		Advantages string `json:"advantages"`
		Approach   string `json:"approach"`
	} `json:"awareness"`
	Audiences []string `json:"audiences"`
	Proofs    []string `json:"proofs"`
	Waiver    string   `json:"waiver"`
	Scope     struct {
		Statement string   `json:"statement"`
		Units     []string `json:"units"`
		UnitsOut  []string `json:"units_out"`
		OutReason string   `json:"out_reason"`
		Services  []string `json:"services"`
		Locations []string `json:"locations"`
		Country   string   `json:"country"`
		Customers []string `json:"customers"`
		Approval  string   `json:"approval"`
	} `json:"scope"`
	Confirmations map[string]string `json:"confirmations"`
	Engagement    struct {
		Firm   string `json:"firm"`
		People string `json:"people"`
	} `json:"engagement"`
	Comments        map[string][]string `json:"comments"`
	Findings        map[string][]string `json:"findings"`
	Recommendations []string            `json:"recommendations"`
	Tasks           []string            `json:"tasks"`
	Blocked         string              `json:"blocked"`
	TaskComment     []string            `json:"task_comment"`
	OtherTasks      []string            `json:"other_tasks"`
	KickOff         struct {
		Present string `json:"present"`
		Minutes string `json:"minutes"`
	} `json:"kickoff"`
	Reopened     string     `json:"reopened"`
	Candidates   [][]string `json:"candidates"`
	Choice       string     `json:"choice"`
	Consultant   string     `json:"consultant"`
	Decision     string     `json:"decision"`
	Evidence     []string   `json:"evidence"`
	EvidenceNote string     `json:"evidence_note"`
}

// Story is the sample, ready to be stored. Days are relative to the day it is
// told on, so that it is always halfway.
type Story struct {
	words
	Language string
	Today    civil.Date
	Name     string // of the project
	TargetOn civil.Date
	Ratings  []Rating
	Findings []Finding
	Tasks    []Task
}

// Rating is a check at the baseline and today.
type Rating struct {
	Check    standard.CheckID
	Then     assessment.Rating
	Now      assessment.Rating
	Comment  string
	Evidence []string // titles
}

// Finding is a gap of the baseline; Closed where the check conforms by now.
type Finding struct {
	Check          standard.CheckID
	Statement      string
	Recommendation string
	Proposed       assessment.Severity
	Severity       assessment.Severity
	Closed         bool
}

// Task is work on a finding (its index, or -1 for none).
type Task struct {
	Finding  int
	Step     int
	Title    string
	Owner    string // key of a person, "" for nobody
	DueOn    civil.Date
	Priority string
	State    string
	Reason   string
	Comments []string
}

// Roles says which project role each invented person holds.
func Roles() map[string]string {
	return map[string]string{
		"manager": "project_manager", "sponsor": "sponsor", "chair": "committee_member", "consultant": "consultant",
		"auditor": "internal_auditor", "desk": "committee_member", "continuity": "committee_member",
		"delivery": "committee_member", "suppliers": "committee_member", "guest": "guest_auditor",
	}
}

// People lists the invented people in the order in which they are introduced.
func People() []string {
	return []string{"manager", "sponsor", "chair", "consultant", "auditor", "desk", "continuity", "delivery", "suppliers", "guest"}
}

// Owners says which clauses each process owner answers for.
func Owners() map[string][]string {
	return map[string][]string{
		"desk": {"8.6"}, "continuity": {"8.7"}, "delivery": {"8.1", "8.2", "8.4", "8.5"}, "suppliers": {"8.3"}, "manager": {"4", "5", "6", "7", "9", "10"},
	}
}

// Tell makes the story in a language ("en" or "zh") as of a day.
func Tell(language string, today civil.Date) (*Story, error) {
	raw, err := files.ReadFile(language + ".json")
	if err != nil {
		return nil, fmt.Errorf("sample: no story in %q: %w", language, err)
	}
	s := &Story{Language: language, Today: today}
	if err := json.Unmarshal(raw, &s.words); err != nil {
		return nil, fmt.Errorf("sample: reading the story: %w", err)
	}
	s.TargetOn = today.AddDays(193)
	s.Name = strings.ReplaceAll(s.Project, "{year}", strconv.Itoa(s.TargetOn.Year()))
	s.rate()
	s.find()
	s.plan()
	return s, nil
}

// rate judges every check at the baseline and today. The pattern is fixed, so
// that the sample's figures are the same wherever it is told.
func (s *Story) rate() {
	c := standard.Current()
	for i, check := range c.Checks() {
		r := Rating{Check: check.ID}
		switch k := (i*13 + 5) % 20; {
		case k < 7:
			r.Then = assessment.Conforms
		case k < 15:
			r.Then = assessment.Partly
		default:
			r.Then = assessment.Not
		}
		if check.Weight == 3 && r.Then == assessment.Not && i%3 != 0 {
			r.Then = assessment.Partly
		}
		r.Now = r.Then
		if r.Then != assessment.Conforms && (i*7)%5 < 2 {
			r.Now = better(r.Then)
		}
		if check.HasCondition && i%4 == 0 {
			r.Then, r.Now = assessment.NotTriggered, assessment.NotTriggered
		}
		if check.ID == "8.6.1-e" || check.ID == "8.6.1-f" {
			// A major incident happened since the baseline: now there is
			// something to judge.
			r.Then, r.Now = assessment.NotTriggered, assessment.NotAssessed
		}
		pool := s.Comments[r.Now.String()]
		if len(pool) > 0 {
			r.Comment = pool[(i*3)%len(pool)]
		}
		if r.Now == assessment.Conforms || (r.Now == assessment.Partly && i%2 == 0) {
			for n := range 1 + i%2 {
				r.Evidence = append(r.Evidence, s.Evidence[(i+n)%len(s.Evidence)])
			}
		}
		s.Ratings = append(s.Ratings, r)
	}
}

func better(r assessment.Rating) assessment.Rating {
	if r == assessment.Not {
		return assessment.Partly
	}
	return assessment.Conforms
}

// find writes a finding for every gap of the baseline, with the severity that
// the rules propose.
func (s *Story) find() {
	c := standard.Current()
	texts := c.Texts(s.Language)
	proposed := map[string]assessment.Severity{}
	for _, clause := range c.Clauses() {
		var states []assessment.CheckState
		for _, id := range clause.Checks {
			check, _ := c.Check(id)
			states = append(states, assessment.CheckState{ID: string(id), Weight: check.Weight, Rating: s.Ratings[c.Index(id)].Then})
		}
		for _, p := range assessment.Propose(states) {
			proposed[p.CheckID] = p.Severity
		}
	}
	for i, r := range s.Ratings {
		if !r.Then.Gap() {
			continue
		}
		check, _ := c.Check(r.Check)
		pool := s.words.Findings[r.Then.String()]
		clause := string(check.Clause) + " " + texts.Title(check.Clause)
		s.Findings = append(s.Findings, Finding{
			Check: r.Check, Statement: strings.ReplaceAll(pool[i%len(pool)], "{clause}", clause),
			Recommendation: s.Recommendations[i%len(s.Recommendations)],
			Proposed:       proposed[string(r.Check)], Severity: proposed[string(r.Check)], Closed: !r.Now.Gap(),
		})
	}
}

// plan gives the findings that need work their tasks, but for the last few:
// the plan is half made.
func (s *Story) plan() {
	c := standard.Current()
	texts := c.Texts(s.Language)
	open, blocked, late := 0, false, 0
	for i, f := range s.Findings {
		if !f.Severity.NeedsWork() {
			continue
		}
		check, _ := c.Check(f.Check)
		t := Task{
			Finding: i, Step: 7, Priority: "normal", State: "open", Owner: ownerOf(string(check.Clause)),
			Title: strings.ReplaceAll(s.words.Tasks[i%len(s.words.Tasks)], "{clause}", string(check.Clause)+" "+texts.Title(check.Clause)),
			DueOn: s.Today.AddDays(6 + (i*5)%80),
		}
		if f.Severity == assessment.Major {
			t.Priority = "high"
		}
		if f.Closed {
			t.State, t.DueOn = "done", s.Today.AddDays(-3-(i%20))
			s.Tasks = append(s.Tasks, t)
			continue
		}
		open++
		switch {
		case open%17 == 16:
			continue // nobody has planned this one yet
		case !blocked && t.Owner == "continuity":
			blocked = true
			t.State, t.Reason, t.DueOn = "blocked", s.Blocked, s.Today.AddDays(-6)
			t.Comments = s.TaskComment
		case late < 2 && t.Owner == "desk":
			late++
			t.State, t.DueOn = "in_progress", s.Today.AddDays(-2)
			t.Comments = s.TaskComment[:1]
		case open == 12 || open == 30:
			t.Owner = ""
		case open%4 == 0:
			t.State = "in_progress"
		}
		s.Tasks = append(s.Tasks, t)
	}
	for i, title := range s.OtherTasks {
		s.Tasks = append(s.Tasks, Task{Finding: -1, Step: 5 + i%2, Title: title, Owner: "manager", DueOn: s.Today.AddDays(4 + 3*i), Priority: "low", State: "open"})
	}
}

func ownerOf(clause string) string {
	for _, person := range People() {
		for _, area := range Owners()[person] {
			if clause == area || strings.HasPrefix(clause, area+".") {
				return person
			}
		}
	}
	return "manager"
}
