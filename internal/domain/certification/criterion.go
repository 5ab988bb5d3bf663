package certification

import (
	"slices"
	"strings"
)

// CriterionID names a criterion: the step's number, a point, its place.
type CriterionID string

// Step gives the step that the criterion belongs to.
func (c CriterionID) Step() Step {
	if len(c) < 3 || c[0] < '1' || c[0] > '9' || c[1] != '.' {
		return 0
	}
	return Step(c[0] - '0')
}

// Who may meet a criterion, in the words of the project roles.
type Who string

// The people who can meet criteria. Chair is the chair of the committee; Asked
// is the person who was asked.
const (
	ProjectManager Who = "project_manager"
	Sponsor        Who = "sponsor"
	Consultant     Who = "consultant"
	Member         Who = "committee_member"
	Chair          Who = "chair"
	Auditor        Who = "internal_auditor"
	Asked          Who = "asked"
)

// Criterion is a condition for finishing a step. Waivable is false for acts
// and dates of persons or bodies and for what certification rules fix.
type Criterion struct {
	ID       CriterionID
	Waivable bool
	By       Who
	judge    func(*Facts) Judgement
}

// Judgement is what a criterion finds. Variant chooses the sentence: "met", or
// why not; Args are its values, as name and value pairs.
type Judgement struct {
	Met     bool
	Variant string
	Args    []any
	By      Who // when another than the criterion's own can meet it
}

func met(args ...any) Judgement { return Judgement{Met: true, Variant: "met", Args: args} }

func unmet(variant string, args ...any) Judgement { return Judgement{Variant: variant, Args: args} }

func (j Judgement) by(who Who) Judgement { j.By = who; return j }

// when is the plainest judgement: met, or unmet for one reason.
func when(ok bool, variant string, args ...any) Judgement {
	if ok {
		return met(args...)
	}
	return unmet(variant, args...)
}

// none is met when nothing is left of a count.
func none(n int, variant string) Judgement { return when(n == 0, variant, "n", n) }

// names is met when a list is empty; its sentence gets the names and their
// number.
func names(list []string, variant string) Judgement {
	return when(len(list) == 0, variant, "n", len(list), "names", list)
}

// Criteria lists every criterion of every step, in order. The ids that can be
// waived are documented in docs/step-order.md; a test holds the two together.
func Criteria() []Criterion { return slices.Clone(criteria) }

// CriteriaOf gives the criteria of one step.
func CriteriaOf(step Step) []Criterion {
	var out []Criterion
	for _, c := range criteria {
		if c.ID.Step() == step {
			out = append(out, c)
		}
	}
	return out
}

// FindCriterion gives the criterion with an id.
func FindCriterion(id CriterionID) (Criterion, bool) {
	i := slices.IndexFunc(criteria, func(c Criterion) bool { return c.ID == id })
	if i < 0 {
		return Criterion{}, false
	}
	return criteria[i], true
}

// answered judges an appointment.
func answered(a Answer, name string) Judgement {
	switch a {
	case Accepted:
		return met("name", name)
	case Waiting:
		return unmet("waiting", "name", name).by(Asked)
	default:
		return unmet("nobody")
	}
}

// criteria is the table of the product's step table and the rules under it.
var criteria = []Criterion{
	{"1.1", false, ProjectManager, func(f *Facts) Judgement { return when(f.Awareness.Sponsors > 0, "nobody") }},
	{"1.2", true, ProjectManager, func(f *Facts) Judgement {
		var missing []string
		for _, part := range []struct {
			there bool
			word  string
		}{{f.Awareness.Objectives, "objectives"}, {f.Awareness.Advantages, "advantages"}, {f.Awareness.Approach, "approach"}} {
			if !part.there {
				missing = append(missing, part.word)
			}
		}
		return when(len(missing) == 0, "missing", "n", len(missing), "parts", missing)
	}},
	{"1.3", true, ProjectManager, func(f *Facts) Judgement {
		if f.Awareness.Audiences == 0 {
			return unmet("nobody")
		}
		j := names(f.Awareness.Untold, "untold")
		j.Args = append(j.Args, "of", f.Awareness.Audiences)
		return j
	}},
	{"1.4", false, Sponsor, func(f *Facts) Judgement { return when(f.Awareness.Signed, "unsigned") }},

	{"2.1", false, ProjectManager, func(f *Facts) Judgement {
		switch {
		case !f.Scope.Extent:
			return unmet("extent")
		case !f.Scope.Name:
			return unmet("name")
		case f.Scope.Services == 0:
			return unmet("service")
		case f.Scope.Units == 0:
			return unmet("unit")
		case f.Scope.Locations == 0:
			return unmet("location")
		}
		return met("services", f.Scope.Services, "units", f.Scope.Units, "locations", f.Scope.Locations)
	}},
	{"2.2", true, ProjectManager, func(f *Facts) Judgement { return none(f.Scope.OutWithoutReason, "unexplained") }},
	{"2.3", false, ProjectManager, func(f *Facts) Judgement { return when(f.Scope.Statement, "missing") }},
	{"2.4", true, ProjectManager, func(f *Facts) Judgement {
		if len(f.Scope.Broken) > 0 {
			return names(f.Scope.Broken, "broken")
		}
		return names(f.Scope.Unconfirmed, "unconfirmed")
	}},
	{"2.5", false, Sponsor, func(f *Facts) Judgement { return when(f.Scope.Approved, "unapproved") }},

	{"3.1", false, ProjectManager, func(f *Facts) Judgement { return when(f.Gap.Assessor, "nobody") }},
	{"3.2", true, Consultant, func(f *Facts) Judgement {
		j := none(f.Gap.Unrated, "unrated")
		j.Args = append(j.Args, "of", f.Gap.Checks)
		return j
	}},
	{"3.3", true, Consultant, func(f *Facts) Judgement { return none(f.Gap.Unsupported, "unsupported") }},
	{"3.4", true, Consultant, func(f *Facts) Judgement {
		j := none(f.Gap.Unfound, "unfound")
		j.Args = append(j.Args, "of", f.Gap.Gaps)
		return j
	}},
	{"3.5", false, ProjectManager, func(f *Facts) Judgement { return when(f.Gap.Baselined, "unsigned") }},

	{"4.1", false, ProjectManager, func(f *Facts) Judgement { return answered(f.Committee.Manager, f.Committee.ManagerName) }},
	{"4.2", false, ProjectManager, func(f *Facts) Judgement { return answered(f.Committee.Chair, f.Committee.ChairName) }},
	{"4.3", false, ProjectManager, func(f *Facts) Judgement {
		switch {
		case len(f.Committee.StaffWaiting) > 0:
			return names(f.Committee.StaffWaiting, "waiting").by(Asked)
		case f.Committee.Staff == 0:
			return unmet("nobody")
		}
		return met("n", f.Committee.Staff)
	}},
	{"4.4", false, ProjectManager, func(f *Facts) Judgement { return names(f.Committee.Unowned, "unowned") }},
	{"4.5", true, ProjectManager, func(f *Facts) Judgement {
		return when(f.Committee.KickOffRecorded, "missing", "date", f.Committee.KickOff)
	}},

	{"5.1", true, ProjectManager, func(f *Facts) Judgement { return none(f.Plan.Uncovered, "uncovered") }},
	{"5.2", true, ProjectManager, func(f *Facts) Judgement {
		if f.Plan.Tasks == 0 {
			return unmet("empty")
		}
		return none(f.Plan.Unowned, "unowned")
	}},
	{"5.3", true, ProjectManager, func(f *Facts) Judgement { return none(f.Plan.Undated, "undated") }},
	{"5.4", false, ProjectManager, func(f *Facts) Judgement { return when(!f.Plan.Cyclic, "cyclic") }},
	{"5.5", false, ProjectManager, func(f *Facts) Judgement {
		if f.Plan.Baseline == 0 {
			return unmet("unfrozen")
		}
		return when(f.Plan.Approved, "unapproved", "number", f.Plan.Baseline).by(Chair)
	}},

	{"6.1", true, ProjectManager, func(f *Facts) Judgement {
		return when(f.Selection.Candidates >= 2, "few", "n", f.Selection.Candidates)
	}},
	{"6.2", false, ProjectManager, func(f *Facts) Judgement {
		switch {
		case f.Selection.Chosen == "":
			return unmet("nobody")
		case !f.Selection.ChosenWithReasons:
			return unmet("reason", "name", f.Selection.Chosen)
		}
		return met("name", f.Selection.Chosen)
	}},
	{"6.3", true, ProjectManager, func(f *Facts) Judgement { return when(f.Selection.Accredited, "unchecked") }},
	{"6.4", false, ProjectManager, func(f *Facts) Judgement {
		if f.Selection.Chosen == "" {
			return unmet("nobody")
		}
		return names(f.Selection.Conflicts, "conflict")
	}},
	{"6.5", false, ProjectManager, func(f *Facts) Judgement { return when(f.Selection.Consultant, "open") }},
	{"6.6", false, Sponsor, func(f *Facts) Judgement { return when(f.Selection.Decided, "undecided") }},

	{"7.1", true, Consultant, func(f *Facts) Judgement {
		return when(f.Preparation.Covered, "uncovered", "percent", f.Preparation.Coverage)
	}},
	{"7.2", true, ProjectManager, func(f *Facts) Judgement { return none(f.Preparation.HeavyNot, "heavy") }},
	{"7.3", true, ProjectManager, func(f *Facts) Judgement {
		return when(f.Preparation.Ready, "low", "percent", f.Preparation.Readiness, "target", f.Preparation.Target)
	}},
	{"7.4", true, ProjectManager, func(f *Facts) Judgement { return when(f.Preparation.Processes, "unconfirmed") }},
	{"7.5", true, ProjectManager, func(f *Facts) Judgement { return when(f.Preparation.Documents, "unconfirmed") }},
	{"7.6", false, ProjectManager, func(f *Facts) Judgement {
		if len(f.Scope.Broken) > 0 {
			return names(f.Scope.Broken, "broken")
		}
		if len(f.Scope.Unconfirmed) > 0 {
			return names(f.Scope.Unconfirmed, "unconfirmed")
		}
		return names(f.Preparation.Unowned, "unowned") // rule SC-09 is judged here, not at step 2
	}},
	{"7.7", false, Auditor, func(f *Facts) Judgement {
		if f.Preparation.InternalAuditPartial && !f.Preparation.InternalAudit {
			return unmet("partial")
		}
		return when(f.Preparation.InternalAudit, "missing")
	}},
	{"7.8", false, ProjectManager, func(f *Facts) Judgement {
		if f.Preparation.ManagementReviewShort && !f.Preparation.ManagementReview {
			return unmet("partial")
		}
		return when(f.Preparation.ManagementReview, "missing")
	}},
	{"7.9", true, ProjectManager, func(f *Facts) Judgement {
		if f.Preparation.Records.IsZero() {
			return unmet("unconfirmed")
		}
		return when(f.Preparation.RecordsLongEnough, "short", "date", f.Preparation.Records)
	}},
	{"7.10", false, ProjectManager, func(f *Facts) Judgement {
		switch {
		case len(f.Selection.Conflicts) > 0:
			return names(f.Selection.Conflicts, "conflict")
		case !f.Selection.Accredited:
			return unmet("unchecked")
		}
		return when(f.Preparation.Contract, "unsigned")
	}},
	{"7.11", false, Chair, func(f *Facts) Judgement { return when(f.Preparation.Go, "undecided") }},

	{"8.1", false, ProjectManager, func(f *Facts) Judgement {
		return when(!f.Audit.Stage1.IsZero(), "missing", "date", f.Audit.Stage1)
	}},
	{"8.2", false, ProjectManager, func(f *Facts) Judgement { return none(f.Audit.OpenConcerns, "open") }},
	{"8.3", false, ProjectManager, func(f *Facts) Judgement {
		switch {
		case f.Audit.Stage2.IsZero():
			return unmet("missing")
		case f.Audit.Stage1.IsZero() || f.Audit.Stage2.Before(f.Audit.Stage1):
			return unmet("before")
		}
		return met("date", f.Audit.Stage2)
	}},
	{"8.4", false, ProjectManager, func(f *Facts) Judgement {
		if f.Audit.LateMajors > 0 {
			return unmet("late", "n", f.Audit.LateMajors)
		}
		return none(f.Audit.OpenMajors, "open")
	}},
	{"8.5", false, ProjectManager, func(f *Facts) Judgement { return none(f.Audit.UnplannedMinor, "open") }},
	{"8.6", false, ProjectManager, func(f *Facts) Judgement {
		if f.Audit.Decided && !f.Audit.Granted {
			return unmet("refused")
		}
		return when(f.Audit.Decided, "missing", "date", f.Audit.DecidedOn)
	}},

	{"9.1", false, ProjectManager, func(f *Facts) Judgement {
		return when(f.Certificate.Recorded, "missing", "date", f.Certificate.ExpiresOn)
	}},
	{"9.2", false, ProjectManager, func(f *Facts) Judgement {
		return when(!f.Certificate.Surveillance1.IsZero(), "missing", "date", f.Certificate.Surveillance1)
	}},
	{"9.3", false, ProjectManager, func(f *Facts) Judgement {
		return when(!f.Certificate.Surveillance2.IsZero(), "missing", "date", f.Certificate.Surveillance2)
	}},
	{"9.4", false, ProjectManager, func(f *Facts) Judgement {
		return when(!f.Certificate.Recertified.IsZero(), "missing", "date", f.Certificate.Recertified)
	}},
}

// CriterionState is one criterion as it stands now.
type CriterionState struct {
	Criterion
	Judgement

	// Waiver is the newest waiver of the criterion that has not lapsed, nil
	// where there is none.
	Waiver *Waiver
}

// Holds reports whether the criterion does not stand in the way: met, or
// waived with consent. No waiver helps a criterion that cannot be waived, even
// one granted before the criterion was made so.
func (c CriterionState) Holds() bool {
	return c.Met || (c.Waivable && c.Waiver != nil && c.Waiver.State() == WaiverGranted)
}

// ByWhom gives who can meet the criterion as it stands.
func (c CriterionState) ByWhom() Who {
	if c.Judgement.By != "" {
		return c.Judgement.By
	}
	return c.Criterion.By
}

// Key gives the translation key of the criterion's own sentence, or with a
// variant of the sentence of its state.
func (c CriterionID) Key(variant string) string {
	return "criterion." + strings.ReplaceAll(string(c), ".", "_") + "." + variant
}

// Criteria judges the criteria of a step.
func (p *Project) Criteria(step Step) []CriterionState {
	var out []CriterionState
	for _, c := range CriteriaOf(step) {
		out = append(out, CriterionState{Criterion: c, Judgement: c.judge(&p.Facts), Waiver: p.waiver(c.ID)})
	}
	return out
}

// Warnings gives the criteria of finished steps that no longer hold, as living
// facts may change after a completion.
func (p *Project) Warnings() []CriterionState {
	var out []CriterionState
	for _, s := range Steps() {
		if st := p.Status(s); st != Finished && st != ToConfirm {
			continue
		}
		for _, c := range p.Criteria(s) {
			if !c.Holds() {
				out = append(out, c)
			}
		}
	}
	return out
}
