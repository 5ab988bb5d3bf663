package postgres

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/cycle"
	"waymark/internal/domain/scope"
	"waymark/internal/domain/selection"
	"waymark/internal/domain/standard"
	"waymark/internal/readmodel"
)

// facts is everything that the criteria of all nine steps read, in one
// statement: counts where sets are large, small lists as JSON.
type facts struct {
	Edition string
	Today   civil.Date

	Sponsors     int
	Objectives   bool
	Advantages   bool
	Approach     bool
	Audiences    int
	Untold       []string
	AwareVersion int
	Signed       bool

	ScopeName      string
	ScopeExtent    scope.Extent
	ScopeStatement string
	ScopePeople    *int
	ScopeVersion   int
	ScopeApproved  bool
	ScopeItems     []scopeItem
	Confirmations  map[string]civil.Date

	Assessor  bool
	Baselined bool
	CheckIDs  []string
	Ratings   []string
	Commented []bool
	Evidenced []bool
	Found     []string // checks with an open finding
	Working   []string // checks with an open finding that needs work

	Appointments []appointment
	KickOff      civil.Date

	Uncovered    int
	Tasks        int
	Unowned      int
	Undated      int
	Baseline     int
	PlanApproved bool

	Candidates    []candidate
	Engagements   []engagement
	Selection     *chosen
	SelectionDone bool

	Audits  []internalAudit
	Reviews []managementReview
	Going   bool

	Stages          []stage
	Nonconformities []nonconformity
	Decided         *decision
	Certificate     *civil.Date
	Visits          []visit
}

type (
	scopeItem struct {
		Kind, Name, Reason, Country string
		Included, Central           bool
		People                      int
		Customer                    string
	}
	appointment struct {
		Role, Clause, Name string
		Accepted           bool
	}
	candidate struct {
		ID, Name, Body, Number, Auditors, Ties string
		Covers                                 bool
		Checked                                civil.Date
	}
	engagement struct {
		Kind, Firm, People string
		Ended              civil.Date
	}
	chosen struct {
		Candidate, Reason, Consultant, ConsultantReason string
		Signed                                          civil.Date
		Version                                         int
	}
	internalAudit struct {
		Ended            civil.Date
		All, Independent bool
	}
	managementReview struct {
		Held civil.Date
		All  bool
	}
	stage struct {
		Stage int
		Ended civil.Date
	}
	nonconformity struct {
		Grade            string
		Accepted, Closed civil.Date
	}
	decision struct {
		Granted bool
		On      civil.Date
	}
	visit struct {
		Visit int
		Held  civil.Date
	}
)

// factsSQL reads with the project's row j at hand. Every subselect names the
// organization and the project, so that each uses its primary key or index.
const factsSQL = `
	SELECT j.edition, (@now::timestamptz AT TIME ZONE o.time_zone)::date AS today,
	  (SELECT count(*) FROM project_role r WHERE r.organization_id = j.organization_id AND r.project_id = j.id AND r.role = 'sponsor') AS sponsors,
	  coalesce(a.objectives <> '', false) AS objectives, coalesce(a.advantages <> '', false) AS advantages,
	  coalesce(a.approach <> '', false) AS approach, coalesce(a.version, 0) AS aware_version,
	  (SELECT count(*) FROM audience d WHERE d.organization_id = j.organization_id AND d.project_id = j.id) AS audiences,
	  (SELECT array_agg(d.name ORDER BY d.created_at, d.id) FROM audience d
	    WHERE d.organization_id = j.organization_id AND d.project_id = j.id AND NOT EXISTS (
	      SELECT 1 FROM communication k WHERE k.organization_id = d.organization_id AND k.project_id = d.project_id AND k.audience_id = d.id)) AS untold,
	  EXISTS (SELECT 1 FROM approval p WHERE p.organization_id = j.organization_id AND p.project_id = j.id AND p.cycle = j.cycle
	      AND p.subject = 'mandate' AND p.subject_version = a.version) AS signed,
	  coalesce(s.name, '') AS scope_name, s.extent AS scope_extent, coalesce(s.statement, '') AS scope_statement,
	  s.people AS scope_people, coalesce(s.version, 0) AS scope_version,
	  EXISTS (SELECT 1 FROM approval p WHERE p.organization_id = j.organization_id AND p.project_id = j.id AND p.cycle = j.cycle
	      AND p.subject = 'scope' AND p.subject_version = s.version) AS scope_approved,
	  (SELECT jsonb_agg(jsonb_build_object('Kind', i.kind, 'Name', i.name, 'Reason', i.reason, 'Country', i.country,
	      'Included', i.included, 'Central', i.central, 'People', coalesce(i.people, 0), 'Customer', i.customer_kind) ORDER BY i.created_at, i.id)
	     FROM scope_item i WHERE i.organization_id = j.organization_id AND i.project_id = j.id) AS scope_items,
	  (SELECT jsonb_object_agg(f.subject, f.held_on) FROM confirmation f
	    WHERE f.organization_id = j.organization_id AND f.project_id = j.id AND f.cycle = j.cycle AND f.withdrawn_at IS NULL) AS confirmations,
	  coalesce(m.mode <> '' AND m.assessor <> '', false) AS assessor,
	  EXISTS (SELECT 1 FROM baseline b WHERE b.organization_id = j.organization_id AND b.project_id = j.id AND b.cycle = j.cycle) AS baselined,
	  t.check_ids, t.ratings, t.commented, t.evidenced,
	  (SELECT array_agg(DISTINCT f.check_id) FROM finding f
	    WHERE f.organization_id = j.organization_id AND f.project_id = j.id AND f.closed_at IS NULL) AS found,
	  (SELECT array_agg(DISTINCT f.check_id) FROM finding f
	    WHERE f.organization_id = j.organization_id AND f.project_id = j.id AND f.closed_at IS NULL AND f.severity IN ('major', 'minor')) AS working,
	  (SELECT jsonb_agg(jsonb_build_object('Role', p.role, 'Clause', p.clause, 'Name', n.name, 'Accepted', p.accepted_at IS NOT NULL))
	     FROM appointment p JOIN membership n ON n.organization_id = p.organization_id AND n.person_id = p.person_id
	    WHERE p.organization_id = j.organization_id AND p.project_id = j.id AND p.ended_at IS NULL AND p.declined_at IS NULL) AS appointments,
	  (SELECT min(g.held_on) FROM meeting g WHERE g.organization_id = j.organization_id AND g.project_id = j.id
	      AND g.cycle = j.cycle AND g.kind = 'kick_off' AND g.minutes <> '') AS kick_off,
	  (SELECT count(*) FROM finding f WHERE f.organization_id = j.organization_id AND f.project_id = j.id AND f.closed_at IS NULL
	      AND f.severity IN ('major', 'minor') AND NOT EXISTS (
	        SELECT 1 FROM task k WHERE k.organization_id = f.organization_id AND k.project_id = f.project_id AND k.finding_id = f.id)) AS uncovered,
	  (SELECT count(*) FROM (SELECT 1 FROM task k WHERE k.organization_id = j.organization_id AND k.project_id = j.id LIMIT 1) x) AS tasks,
	  (SELECT count(*) FROM (SELECT 1 FROM task k WHERE k.organization_id = j.organization_id AND k.project_id = j.id
	      AND k.state <> 'done' AND (k.owner_id IS NULL OR k.due_on IS NULL) AND k.owner_id IS NULL LIMIT 1000) x)
	  + (SELECT coalesce(sum(x.n), 0) FROM membership n, LATERAL (
	      SELECT count(*) AS n FROM (SELECT 1 FROM task k WHERE k.organization_id = j.organization_id AND k.project_id = j.id
	         AND k.owner_id = n.person_id AND k.state <> 'done' LIMIT 1000) y) x
	      WHERE n.organization_id = j.organization_id AND NOT EXISTS (SELECT 1 FROM appointment p
	         WHERE p.organization_id = j.organization_id AND p.project_id = j.id AND p.person_id = n.person_id
	           AND p.accepted_at IS NOT NULL AND p.ended_at IS NULL))::bigint AS unowned,
	  (SELECT count(*) FROM (SELECT 1 FROM task k WHERE k.organization_id = j.organization_id AND k.project_id = j.id
	      AND k.state <> 'done' AND (k.owner_id IS NULL OR k.due_on IS NULL) AND k.due_on IS NULL LIMIT 1000) x) AS undated,
	  coalesce(b.number, 0) AS baseline,
	  EXISTS (SELECT 1 FROM approval p WHERE p.organization_id = j.organization_id AND p.project_id = j.id AND p.cycle = j.cycle
	      AND p.subject = 'plan' AND p.subject_version = b.number) AS plan_approved,
	  (SELECT jsonb_agg(jsonb_build_object('ID', c.id, 'Name', c.name, 'Body', c.accreditation_body, 'Number', c.accreditation_number,
	      'Checked', c.accreditation_checked_on, 'Covers', c.covers_standard, 'Auditors', c.auditors, 'Ties', c.ties) ORDER BY c.created_at, c.id)
	     FROM candidate c WHERE c.organization_id = j.organization_id AND c.project_id = j.id) AS candidates,
	  (SELECT jsonb_agg(jsonb_build_object('Kind', e.kind, 'Firm', e.firm, 'People', e.people, 'Ended', e.ended_on))
	     FROM engagement e WHERE e.organization_id = j.organization_id AND e.project_id = j.id) AS engagements,
	  (SELECT jsonb_build_object('Candidate', coalesce(l.candidate_id::text, ''), 'Reason', l.reason, 'Consultant', l.consultant,
	      'ConsultantReason', l.consultant_reason, 'Signed', l.contract_signed_on, 'Version', l.version)
	     FROM selection l WHERE l.organization_id = j.organization_id AND l.project_id = j.id) AS selection,
	  EXISTS (SELECT 1 FROM approval p JOIN selection l ON l.organization_id = p.organization_id AND l.project_id = p.project_id
	    WHERE p.organization_id = j.organization_id AND p.project_id = j.id AND p.cycle = j.cycle
	      AND p.subject = 'selection' AND p.subject_version = l.version) AS selection_done,
	  (SELECT jsonb_agg(jsonb_build_object('Ended', u.ended_on, 'All', u.all_clauses, 'Independent', u.independent))
	     FROM internal_audit u WHERE u.organization_id = j.organization_id AND u.project_id = j.id AND u.cycle = j.cycle) AS audits,
	  (SELECT jsonb_agg(jsonb_build_object('Held', v.held_on, 'All', v.all_inputs))
	     FROM management_review v WHERE v.organization_id = j.organization_id AND v.project_id = j.id AND v.cycle = j.cycle) AS reviews,
	  EXISTS (SELECT 1 FROM approval p WHERE p.organization_id = j.organization_id AND p.project_id = j.id AND p.cycle = j.cycle
	      AND p.subject = 'go'
	      AND p.subject_version = 1 + (SELECT count(*) FROM step_act k WHERE k.organization_id = j.organization_id AND k.project_id = j.id
	            AND k.cycle = j.cycle AND k.step = 7 AND k.kind = 'reopened')) AS going,
	  (SELECT jsonb_agg(jsonb_build_object('Stage', g.stage, 'Ended', g.ended_on))
	     FROM audit_stage g WHERE g.organization_id = j.organization_id AND g.project_id = j.id AND g.cycle = j.cycle) AS stages,
	  (SELECT jsonb_agg(jsonb_build_object('Grade', q.grade, 'Accepted', q.accepted_on, 'Closed', q.closed_on))
	     FROM nonconformity q WHERE q.organization_id = j.organization_id AND q.project_id = j.id AND q.cycle = j.cycle) AS nonconformities,
	  (SELECT jsonb_build_object('Granted', d.granted, 'On', d.decided_on)
	     FROM certification_decision d WHERE d.organization_id = j.organization_id AND d.project_id = j.id AND d.cycle = j.cycle) AS decided,
	  (SELECT c.expires_on FROM certificate c WHERE c.organization_id = j.organization_id AND c.project_id = j.id AND c.cycle = j.cycle) AS certificate,
	  (SELECT jsonb_agg(jsonb_build_object('Visit', v.visit, 'Held', v.held_on))
	     FROM surveillance v WHERE v.organization_id = j.organization_id AND v.project_id = j.id AND v.cycle = j.cycle) AS visits
	FROM project j
	JOIN organization o ON o.id = j.organization_id
	LEFT JOIN awareness a ON a.organization_id = j.organization_id AND a.project_id = j.id
	LEFT JOIN scope s ON s.organization_id = j.organization_id AND s.project_id = j.id
	LEFT JOIN assessment m ON m.organization_id = j.organization_id AND m.project_id = j.id
	LEFT JOIN LATERAL (
	  SELECT array_agg(r.check_id ORDER BY r.check_id) AS check_ids, array_agg(r.rating ORDER BY r.check_id) AS ratings,
	         array_agg(r.comment <> '' ORDER BY r.check_id) AS commented, array_agg(r.evidence > 0 ORDER BY r.check_id) AS evidenced
	    FROM rating r WHERE r.organization_id = j.organization_id AND r.project_id = j.id) t ON true
	LEFT JOIN LATERAL (
	  SELECT max(p.number) AS number FROM plan_baseline p
	   WHERE p.organization_id = j.organization_id AND p.project_id = j.id AND p.cycle = j.cycle) b ON true
	WHERE j.organization_id = @organization AND j.id = @project`

// queueFacts reads the facts of a project.
func queueFacts(b *pgx.Batch, acc readmodel.Access, into *facts) {
	b.Queue(factsSQL, pgx.NamedArgs{"organization": acc.Organization, "project": acc.Project, "now": acc.Now}).Query(one(into))
}

// model turns what was read into what the criteria judge.
func (f *facts) model() certification.Facts {
	return certification.Facts{
		Awareness: certification.AwarenessFacts{
			Sponsors: f.Sponsors, Objectives: f.Objectives, Advantages: f.Advantages, Approach: f.Approach,
			Audiences: f.Audiences, Untold: f.Untold, Signed: f.Signed, Version: f.AwareVersion,
		},
		Scope:       f.scope(),
		Gap:         f.gap(),
		Committee:   f.committee(),
		Plan:        certification.PlanFacts{Uncovered: f.Uncovered, Tasks: f.Tasks, Unowned: f.Unowned, Undated: f.Undated, Baseline: f.Baseline, Approved: f.PlanApproved},
		Selection:   f.selection(),
		Preparation: f.preparation(),
		Audit:       f.audit(),
		Certificate: f.certificate(),
	}
}

// definition gives the scope as its rules read it.
func (f *facts) definition() scope.Definition {
	d := scope.Definition{Organization: f.ScopeName, Extent: f.ScopeExtent}
	if f.ScopePeople != nil {
		d.People = *f.ScopePeople
	}
	if f.ScopeStatement != "" {
		d.Statements = []scope.Statement{{Text: f.ScopeStatement}}
	}
	for _, i := range f.ScopeItems {
		switch i.Kind {
		case "unit":
			d.Units = append(d.Units, scope.Unit{Name: i.Name, In: i.Included, Reason: i.Reason})
		case "service":
			d.Services = append(d.Services, scope.Service{Name: i.Name, In: i.Included, Reason: i.Reason})
		case "location":
			d.Locations = append(d.Locations, scope.Location{Name: i.Name, Country: i.Country, In: i.Included, Reason: i.Reason, People: i.People, Central: i.Central})
		case "customer":
			kind, _ := scope.ParseCustomerKind(i.Customer) // the column holds nothing else
			d.Customers = append(d.Customers, scope.Customer{Name: i.Name, Kind: kind})
		}
	}
	return d
}

func (f *facts) scope() certification.ScopeFacts {
	d := f.definition()
	out := certification.ScopeFacts{
		Name: f.ScopeName != "", Extent: f.ScopeExtent != scope.Undecided, Statement: f.ScopeStatement != "",
		Approved: f.ScopeApproved, Version: f.ScopeVersion,
	}
	for _, i := range f.ScopeItems {
		switch {
		case i.Kind == "customer":
		case !i.Included:
			if i.Reason == "" {
				out.OutWithoutReason++
			}
		case i.Kind == "unit":
			out.Units++
		case i.Kind == "service":
			out.Services++
		case i.Kind == "location":
			out.Locations++
		}
	}
	seen := map[scope.Rule]bool{}
	for _, v := range scope.Broken(d, scope.DefaultLimits()) {
		if v.Severity() == scope.Error && !seen[v.Rule] {
			seen[v.Rule] = true
			out.Broken = append(out.Broken, v.Rule.String())
		}
	}
	for _, r := range scope.ConfirmedRules() {
		if _, ok := f.Confirmations[r.String()]; !ok {
			out.Unconfirmed = append(out.Unconfirmed, r.String())
		}
	}
	return out
}

// scores sums the ratings by top clause, in the catalogue's order.
func (f *facts) scores() []assessment.ClauseScore {
	return Scores(f.catalogue(), f.CheckIDs, f.Ratings)
}

func (f *facts) catalogue() *standard.Catalogue {
	if c, err := standard.Load(f.Edition); err == nil {
		return c
	}
	return standard.Current()
}

// Scores sums ratings, given by check, over the clauses 4 to 10 of a
// catalogue. A check without a row is not assessed.
func Scores(c *standard.Catalogue, checks, ratings []string) []assessment.ClauseScore {
	return readmodel.NewSheet(c, checks, ratings).TopClauses()
}

func (f *facts) gap() certification.GapFacts {
	c := f.catalogue()
	out := certification.GapFacts{Assessor: f.Assessor, Baselined: f.Baselined, Checks: c.Len(), Unrated: c.Len()}
	found := map[string]bool{}
	for _, check := range f.Found {
		found[check] = true
	}
	for i, check := range f.CheckIDs {
		rating, _ := assessment.ParseRating(f.Ratings[i])
		if rating == assessment.NotAssessed {
			continue
		}
		out.Unrated--
		if rating == assessment.NotTriggered {
			out.Checks--
		}
		if assessment.Deliverable(rating, f.Evidenced[i], f.Commented[i]) != assessment.LacksNothing {
			out.Unsupported++
		}
		if rating.Gap() {
			out.Gaps++
			if !found[check] {
				out.Unfound++
			}
		}
	}
	return out
}

func (f *facts) committee() certification.CommitteeFacts {
	out := certification.CommitteeFacts{KickOff: f.KickOff, KickOffRecorded: !f.KickOff.IsZero()}
	put := func(answer *certification.Answer, name *string, a appointment) {
		if a.Accepted {
			*answer, *name = certification.Accepted, a.Name
		} else if *answer != certification.Accepted {
			*answer, *name = certification.Waiting, a.Name
		}
	}
	var owned []string
	for _, a := range f.Appointments {
		switch a.Role {
		case "project_manager":
			put(&out.Manager, &out.ManagerName, a)
		case "chair":
			put(&out.Chair, &out.ChairName, a)
		case "staff":
			if a.Accepted {
				out.Staff++
			} else {
				out.StaffWaiting = append(out.StaffWaiting, a.Name)
			}
		case "process_owner":
			if a.Accepted {
				owned = append(owned, a.Clause)
			}
		}
	}
	c := f.catalogue()
	seen := map[standard.ClauseNumber]bool{}
	for _, check := range f.Working {
		k, ok := c.Check(standard.CheckID(check))
		if !ok || seen[k.Clause] {
			continue
		}
		seen[k.Clause] = true
		if !ownedBy(owned, string(k.Clause)) {
			out.Unowned = append(out.Unowned, string(k.Clause))
		}
	}
	sortClauses(out.Unowned)
	return out
}

// unowned lists the clauses that carry checks and have no process owner who
// accepted: scope rule SC-09, judged when the audit is prepared.
func (f *facts) unowned() []string {
	var owned, out []string
	for _, a := range f.Appointments {
		if a.Role == "process_owner" && a.Accepted {
			owned = append(owned, a.Clause)
		}
	}
	for _, clause := range f.catalogue().Clauses() {
		if len(clause.Checks) > 0 && !ownedBy(owned, string(clause.Number)) {
			out = append(out, string(clause.Number))
		}
	}
	return out
}

// ownedBy tells whether a clause or one above it has an owner.
func ownedBy(owned []string, clause string) bool {
	for _, o := range owned {
		if clause == o || strings.HasPrefix(clause, o+".") {
			return true
		}
	}
	return false
}

func lines(text string) []string {
	var out []string
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == ',' || r == ';' || r == '，' || r == '、' || r == '；' }) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func (c candidate) model(picked bool) selection.Candidate {
	return selection.Candidate{
		Name: c.Name, Team: lines(c.Auditors), Linked: lines(c.Ties), Chosen: picked,
		Accreditation: selection.Accreditation{Body: c.Body, Number: c.Number, Covers: c.Covers, Checked: c.Checked},
	}
}

// impartiality judges a candidate against everybody who advised or audited the
// organization, and says each conflict as two names.
func impartiality(c selection.Candidate, engagements []selection.Engagement, today civil.Date) []selection.Conflict {
	return selection.DefaultRules().Conflicts(c, engagements, today)
}

func (f *facts) engagements() []selection.Engagement {
	out := make([]selection.Engagement, 0, len(f.Engagements))
	for _, e := range f.Engagements {
		work := selection.Consultancy
		if e.Kind == "internal_audit" {
			work = selection.InternalAudit
		}
		out = append(out, selection.Engagement{Work: work, Firm: e.Firm, Persons: lines(e.People), End: e.Ended})
	}
	return out
}

func (f *facts) selection() certification.SelectionFacts {
	out := certification.SelectionFacts{Candidates: len(f.Candidates), Decided: f.SelectionDone}
	if f.Selection == nil {
		return out
	}
	s := f.Selection
	out.Version, out.ContractSigned = s.Version, !s.Signed.IsZero()
	out.Consultant = s.Consultant == "engaged" || (s.Consultant == "none" && s.ConsultantReason != "")
	for _, c := range f.Candidates {
		if c.ID != s.Candidate {
			continue
		}
		body := c.model(true)
		out.Chosen, out.ChosenWithReasons = c.Name, s.Reason != ""
		out.Accredited = len(body.Accreditation.Faults(f.Today)) == 0
		for _, conflict := range impartiality(body, f.engagements(), f.Today) {
			out.Conflicts = append(out.Conflicts, conflictNames(conflict))
		}
	}
	return out
}

func (f *facts) preparation() certification.PreparationFacts {
	scores := f.scores()
	thresholds := assessment.DefaultThresholds()
	gates := assessment.Gates(assessment.Stage1, scores, thresholds)
	total := gates[0].Total
	out := certification.PreparationFacts{
		Coverage: total.Coverage().Percent(), Readiness: total.Readiness().Percent(), Target: thresholds.Stage1Readiness,
		Covered: gates[0].Met, HeavyNot: total.HeavyNot, Ready: gates[2].Met,
		Records: f.Confirmations["records"], Go: f.Going,
	}
	_, out.Processes = f.Confirmations["processes"]
	_, out.Documents = f.Confirmations["documents"]
	const monthsOfRecords = 2 // gate G8 before stage 1, section H.5
	out.RecordsLongEnough = !out.Records.IsZero() && !f.Today.Before(out.Records.AddMonths(monthsOfRecords))
	var audited civil.Date
	for _, a := range f.Audits {
		switch {
		case a.Ended.After(f.Today):
		case a.All && a.Independent:
			out.InternalAudit = true
			if audited.IsZero() || a.Ended.Before(audited) {
				audited = a.Ended
			}
		default:
			out.InternalAuditPartial = true
		}
	}
	for _, r := range f.Reviews {
		if r.All && out.InternalAudit && !r.Held.Before(audited) && !r.Held.After(f.Today) {
			out.ManagementReview = true
		} else {
			out.ManagementReviewShort = true
		}
	}
	out.Unowned = f.unowned()
	out.Contract = f.Selection != nil && !f.Selection.Signed.IsZero() && !f.Selection.Signed.After(f.Today)
	return out
}

func (f *facts) audit() certification.AuditFacts {
	var out certification.AuditFacts
	for _, s := range f.Stages {
		if s.Ended.After(f.Today) {
			continue // planned, not held
		}
		if s.Stage == 1 {
			out.Stage1 = s.Ended
		} else {
			out.Stage2 = s.Ended
		}
	}
	deadline := cycle.DefaultRules().MajorDeadline(out.Stage2)
	for _, n := range f.Nonconformities {
		switch n.Grade {
		case "concern":
			if n.Closed.IsZero() {
				out.OpenConcerns++
			}
		case "major":
			out.Majors++
			if n.Closed.IsZero() {
				out.OpenMajors++
			}
			if !out.Stage2.IsZero() && (n.Closed.After(deadline) || (n.Closed.IsZero() && f.Today.After(deadline))) {
				out.LateMajors++
			}
		case "minor":
			out.Minors++
			if n.Accepted.IsZero() && n.Closed.IsZero() {
				out.UnplannedMinor++
			}
		}
	}
	if f.Decided != nil {
		out.Decided, out.Granted, out.DecidedOn = true, f.Decided.Granted, f.Decided.On
	}
	return out
}

func (f *facts) certificate() certification.CertificateFacts {
	out := certification.CertificateFacts{}
	if f.Certificate != nil {
		out.Recorded, out.ExpiresOn = true, *f.Certificate
	}
	for _, v := range f.Visits {
		if v.Held.After(f.Today) {
			continue
		}
		switch v.Visit {
		case 1:
			out.Surveillance1 = v.Held
		case 2:
			out.Surveillance2 = v.Held
		default:
			out.Recertified = v.Held
		}
	}
	return out
}
