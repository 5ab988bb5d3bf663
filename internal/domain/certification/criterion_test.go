package certification_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
)

// flip is one fact that no longer is as the criteria want it: what each of the
// criteria that read it then says, and who can mend it.
type flip struct {
	name  string
	wreck func(f *certification.Facts)
	// says gives the variant of each criterion that is no longer met.
	says map[certification.CriterionID]string
	by   certification.Who
}

type says = map[certification.CriterionID]string

// flips hold one entry for every way in which a criterion can be unmet.
func flips() []flip {
	type facts = certification.Facts
	const (
		pm, boss, expert = certification.ProjectManager, certification.Sponsor, certification.Consultant
		chair, asked     = certification.Chair, certification.Asked
	)
	return []flip{
		{"no sponsor", func(f *facts) { f.Awareness.Sponsors = 0 }, says{"1.1": "nobody"}, pm},
		{"no objectives", func(f *facts) { f.Awareness.Objectives = false }, says{"1.2": "missing"}, pm},
		{"no advantages", func(f *facts) { f.Awareness.Advantages = false }, says{"1.2": "missing"}, pm},
		{"no approach", func(f *facts) { f.Awareness.Approach = false }, says{"1.2": "missing"}, pm},
		{"no audience", func(f *facts) { f.Awareness.Audiences = 0 }, says{"1.3": "nobody"}, pm},
		{"a group untold", func(f *facts) { f.Awareness.Untold = []string{"Night shift"} }, says{"1.3": "untold"}, pm},
		{"mandate unsigned", func(f *facts) { f.Awareness.Signed = false }, says{"1.4": "unsigned"}, boss},

		{"whole or part open", func(f *facts) { f.Scope.Extent = false }, says{"2.1": "extent"}, pm},
		{"organization unnamed", func(f *facts) { f.Scope.Name = false }, says{"2.1": "name"}, pm},
		{"no service", func(f *facts) { f.Scope.Services = 0 }, says{"2.1": "service"}, pm},
		{"no unit", func(f *facts) { f.Scope.Units = 0 }, says{"2.1": "unit"}, pm},
		{"no location", func(f *facts) { f.Scope.Locations = 0 }, says{"2.1": "location"}, pm},
		{"out without a reason", func(f *facts) { f.Scope.OutWithoutReason = 1 }, says{"2.2": "unexplained"}, pm},
		{"no statement", func(f *facts) { f.Scope.Statement = false }, says{"2.3": "missing"}, pm},
		{"scope rule broken", func(f *facts) { f.Scope.Broken = []string{"SC-16"} }, says{"2.4": "broken", "7.6": "broken"}, pm},
		{"scope rule unconfirmed", func(f *facts) { f.Scope.Unconfirmed = []string{"SC-11"} }, says{"2.4": "unconfirmed", "7.6": "unconfirmed"}, pm},
		{"scope unapproved", func(f *facts) { f.Scope.Approved = false }, says{"2.5": "unapproved"}, boss},

		{"no assessor", func(f *facts) { f.Gap.Assessor = false }, says{"3.1": "nobody"}, pm},
		{"a check unrated", func(f *facts) { f.Gap.Unrated = 1 }, says{"3.2": "unrated"}, expert},
		{"a rating unsupported", func(f *facts) { f.Gap.Unsupported = 1 }, says{"3.3": "unsupported"}, expert},
		{"a gap without finding", func(f *facts) { f.Gap.Unfound = 1 }, says{"3.4": "unfound"}, expert},
		{"baseline unsigned", func(f *facts) { f.Gap.Baselined = false }, says{"3.5": "unsigned"}, pm},

		{"no manager", func(f *facts) { f.Committee.Manager = certification.Nobody }, says{"4.1": "nobody"}, pm},
		{"manager has not answered", func(f *facts) { f.Committee.Manager = certification.Waiting }, says{"4.1": "waiting"}, asked},
		{"no chair", func(f *facts) { f.Committee.Chair = certification.Nobody }, says{"4.2": "nobody"}, pm},
		{"chair has not answered", func(f *facts) { f.Committee.Chair = certification.Waiting }, says{"4.2": "waiting"}, asked},
		{"no staff", func(f *facts) { f.Committee.Staff = 0 }, says{"4.3": "nobody"}, pm},
		{"staff has not answered", func(f *facts) { f.Committee.StaffWaiting = []string{"Jonas"} }, says{"4.3": "waiting"}, asked},
		{"clause without owner", func(f *facts) { f.Committee.Unowned = []string{"8.7.2"} }, says{"4.4": "unowned"}, pm},
		{"no minutes", func(f *facts) { f.Committee.KickOffRecorded = false }, says{"4.5": "missing"}, pm},

		{"finding without task", func(f *facts) { f.Plan.Uncovered = 1 }, says{"5.1": "uncovered"}, pm},
		{"no tasks", func(f *facts) { f.Plan.Tasks = 0 }, says{"5.2": "empty"}, pm},
		{"task without owner", func(f *facts) { f.Plan.Unowned = 1 }, says{"5.2": "unowned"}, pm},
		{"task without date", func(f *facts) { f.Plan.Undated = 1 }, says{"5.3": "undated"}, pm},
		{"circle of tasks", func(f *facts) { f.Plan.Cyclic = true }, says{"5.4": "cyclic"}, pm},
		{"plan not frozen", func(f *facts) { f.Plan.Baseline = 0 }, says{"5.5": "unfrozen"}, pm},
		{"plan unapproved", func(f *facts) { f.Plan.Approved = false }, says{"5.5": "unapproved"}, chair},

		{"one candidate", func(f *facts) { f.Selection.Candidates = 1 }, says{"6.1": "few"}, pm},
		{"none chosen", func(f *facts) { f.Selection.Chosen = "" }, says{"6.2": "nobody", "6.4": "nobody"}, pm},
		{"chosen without reason", func(f *facts) { f.Selection.ChosenWithReasons = false }, says{"6.2": "reason"}, pm},
		{"accreditation unchecked", func(f *facts) { f.Selection.Accredited = false }, says{"6.3": "unchecked", "7.10": "unchecked"}, pm},
		{"conflict", func(f *facts) { f.Selection.Conflicts = []string{"Nordcert"} }, says{"6.4": "conflict", "7.10": "conflict"}, pm},
		{"consultant open", func(f *facts) { f.Selection.Consultant = false }, says{"6.5": "open"}, pm},
		{"selection undecided", func(f *facts) { f.Selection.Decided = false }, says{"6.6": "undecided"}, boss},

		{"coverage lacks", func(f *facts) { f.Preparation.Covered = false }, says{"7.1": "uncovered"}, expert},
		{"heavy check rated not", func(f *facts) { f.Preparation.HeavyNot = 1 }, says{"7.2": "heavy"}, pm},
		{"readiness lacks", func(f *facts) { f.Preparation.Ready = false }, says{"7.3": "low"}, pm},
		{"processes", func(f *facts) { f.Preparation.Processes = false }, says{"7.4": "unconfirmed"}, pm},
		{"documents", func(f *facts) { f.Preparation.Documents = false }, says{"7.5": "unconfirmed"}, pm},
		{"process without owner", func(f *facts) { f.Preparation.Unowned = []string{"8.6.1"} }, says{"7.6": "unowned"}, pm},
		{"no internal audit", func(f *facts) { f.Preparation.InternalAudit = false }, says{"7.7": "missing"}, certification.Auditor},
		{"part of an internal audit", func(f *facts) { f.Preparation.InternalAudit, f.Preparation.InternalAuditPartial = false, true }, says{"7.7": "partial"}, certification.Auditor},
		{"no management review", func(f *facts) { f.Preparation.ManagementReview = false }, says{"7.8": "missing"}, pm},
		{"part of a management review", func(f *facts) { f.Preparation.ManagementReview, f.Preparation.ManagementReviewShort = false, true }, says{"7.8": "partial"}, pm},
		{"no records", func(f *facts) { f.Preparation.Records = civil.Date{} }, says{"7.9": "unconfirmed"}, pm},
		{"records too short", func(f *facts) { f.Preparation.RecordsLongEnough = false }, says{"7.9": "short"}, pm},
		{"contract unsigned", func(f *facts) { f.Preparation.Contract = false }, says{"7.10": "unsigned"}, pm},
		{"no go", func(f *facts) { f.Preparation.Go = false }, says{"7.11": "undecided"}, chair},

		{"no stage 1", func(f *facts) { f.Audit.Stage1 = civil.Date{} }, says{"8.1": "missing", "8.3": "before"}, pm},
		{"concern open", func(f *facts) { f.Audit.OpenConcerns = 1 }, says{"8.2": "open"}, pm},
		{"no stage 2", func(f *facts) { f.Audit.Stage2 = civil.Date{} }, says{"8.3": "missing"}, pm},
		{"stage 2 before stage 1", func(f *facts) { f.Audit.Stage2 = f.Audit.Stage1.AddDays(-1) }, says{"8.3": "before"}, pm},
		{"major open", func(f *facts) { f.Audit.OpenMajors = 1 }, says{"8.4": "open"}, pm},
		{"major late", func(f *facts) { f.Audit.LateMajors = 1 }, says{"8.4": "late"}, pm},
		{"minor unplanned", func(f *facts) { f.Audit.UnplannedMinor = 1 }, says{"8.5": "open"}, pm},
		{"no decision", func(f *facts) { f.Audit.Decided = false }, says{"8.6": "missing"}, pm},
		{"not granted", func(f *facts) { f.Audit.Granted = false }, says{"8.6": "refused"}, pm},

		{"no certificate", func(f *facts) { f.Certificate.Recorded = false }, says{"9.1": "missing"}, pm},
		{"no surveillance", func(f *facts) { f.Certificate.Surveillance1 = civil.Date{} }, says{"9.2": "missing"}, pm},
		{"no second surveillance", func(f *facts) { f.Certificate.Surveillance2 = civil.Date{} }, says{"9.3": "missing"}, pm},
		{"no recertification", func(f *facts) { f.Certificate.Recertified = civil.Date{} }, says{"9.4": "missing"}, pm},
	}
}

func judged(f certification.Facts) map[certification.CriterionID]certification.CriterionState {
	p := newProject(f)
	out := map[certification.CriterionID]certification.CriterionState{}
	for _, step := range certification.Steps() {
		for _, c := range p.Criteria(step) {
			out[c.ID] = c
		}
	}
	return out
}

func TestCriteriaMet(t *testing.T) {
	t.Parallel()
	all := judged(allMet())
	require.Len(t, all, len(certification.Criteria()))
	for id, c := range all {
		require.True(t, c.Met, id)
		require.True(t, c.Holds(), id)
		require.Equal(t, "met", c.Variant, id)
	}
}

// Each fact decides the criteria that read it, and no others.
func TestCriteriaReadTheirFacts(t *testing.T) {
	t.Parallel()
	seen := map[certification.CriterionID][]string{}
	for _, flip := range flips() {
		t.Run(flip.name, func(t *testing.T) {
			f := allMet()
			flip.wreck(&f)
			for id, c := range judged(f) {
				variant, unmet := flip.says[id]
				require.Equal(t, !unmet, c.Met, id)
				require.Equal(t, !unmet, c.Holds(), id)
				if unmet {
					require.Equal(t, variant, c.Variant, id)
					require.Equal(t, flip.by, c.ByWhom(), id)
					require.Zero(t, len(c.Args)%2, "%s: names and values come in pairs", id)
					seen[id] = append(seen[id], variant)
				}
			}
		})
	}
	require.Equal(t, writtenVariants(t), compacted(seen), "an entry for every way to be unmet")
}

func compacted(seen map[certification.CriterionID][]string) map[certification.CriterionID][]string {
	for id, list := range seen {
		slices.Sort(list)
		seen[id] = slices.Compact(list)
	}
	return seen
}

// writtenVariants reads from the source every way in which a criterion can be
// unmet, so that a new one cannot be forgotten in the table above.
func writtenVariants(t *testing.T) map[certification.CriterionID][]string {
	t.Helper()
	source, err := os.ReadFile("criterion.go")
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(source), "var criteria = ")
	require.True(t, ok)
	table, _, ok = strings.Cut(table, "\n}\n")
	require.True(t, ok)
	variant := regexp.MustCompile(`\b(?:unmet|when|none|names)\([^"\n]*"([a-z]+)"`)
	out := map[certification.CriterionID][]string{}
	for entry := range strings.SplitSeq(table, "\n\t{\"") {
		id, rest, ok := strings.Cut(entry, `"`)
		if !ok {
			continue
		}
		var list []string
		for _, m := range variant.FindAllStringSubmatch(rest, -1) {
			list = append(list, m[1])
		}
		if strings.Contains(rest, "answered(") {
			list = append(list, "nobody", "waiting")
		}
		require.NotEmpty(t, list, id)
		out[certification.CriterionID(id)] = list
	}
	require.Len(t, out, len(certification.Criteria()))
	return compacted(out)
}

func TestCriteriaTable(t *testing.T) {
	t.Parallel()
	all := certification.Criteria()
	var joined []certification.Criterion
	for _, step := range certification.Steps() {
		of := certification.CriteriaOf(step)
		require.NotEmpty(t, of)
		for i, c := range of {
			require.Equal(t, step, c.ID.Step())
			require.Equal(t, certification.CriterionID(fmt.Sprintf("%d.%d", step.Number(), i+1)), c.ID, "numbered without gaps")
			found, ok := certification.FindCriterion(c.ID)
			require.True(t, ok)
			require.Equal(t, c.ID, found.ID)
		}
		joined = append(joined, of...)
	}
	require.Len(t, joined, len(all))
	for _, id := range []certification.CriterionID{"", "1", "1.", "0.1", "1.9", "10.1", "x.1", "1.1 "} {
		_, ok := certification.FindCriterion(id)
		require.False(t, ok, id)
	}
	require.Zero(t, certification.CriterionID("0.1").Step())
	require.Zero(t, certification.CriterionID("").Step())
	require.Equal(t, "criterion.7_11.met", certification.CriterionID("7.11").Key("met"))

	all[0] = certification.Criterion{}
	require.NotEqual(t, all[0].ID, certification.Criteria()[0].ID, "the table cannot be changed from outside")
}

// What is an act or a date of a person or body, and what the rules of
// certification fix, cannot be waived (product table, rules under it).
func TestCriteriaNeverWaivable(t *testing.T) {
	t.Parallel()
	never := map[string][]certification.CriterionID{
		"approvals and sign-offs":               {"1.4", "2.5", "3.5", "5.5", "6.6"},
		"appointments":                          {"1.1", "3.1", "4.1", "4.2", "4.3", "4.4"},
		"audits held":                           {"7.7", "8.1", "8.3", "9.2", "9.3", "9.4"},
		"decisions":                             {"6.2", "6.5", "7.11", "8.6"},
		"organization and services named":       {"2.1", "2.3", "7.6"},
		"impartiality, contract, accreditation": {"6.4", "7.10"},
		"management review before stage 1":      {"7.8"},
		"concerns, majors, minors":              {"8.2", "8.4", "8.5"},
		"the certificate itself":                {"9.1"},
		"a plan that can be carried out":        {"5.4"},
	}
	var listed []certification.CriterionID
	for why, ids := range never {
		for _, id := range ids {
			c, ok := certification.FindCriterion(id)
			require.True(t, ok, id)
			require.False(t, c.Waivable, "%s: %s", id, why)
			listed = append(listed, id)
		}
	}
	for _, c := range certification.Criteria() {
		require.Equal(t, !slices.Contains(listed, c.ID), c.Waivable, c.ID)
	}
}

// A living fact that breaks after its step was finished shows as a warning and
// changes no status.
func TestWarnings(t *testing.T) {
	t.Parallel()
	p := newProject(allMet())
	for _, act := range []string{"start 1", "finish 1", "start 2", "finish 2"} {
		require.NoError(t, do(p, act))
	}
	require.Empty(t, p.Warnings())
	p.Facts.Awareness.Sponsors = 0
	p.Facts.Gap.Assessor = false // of an open step: no warning
	warnings := p.Warnings()
	require.Len(t, warnings, 1)
	require.Equal(t, certification.CriterionID("1.1"), warnings[0].ID)
	require.Equal(t, certification.Finished, p.Status(certification.Awareness))

	require.NoError(t, p.Reopen(certification.Awareness, manager, "the sponsor left", noon))
	require.Empty(t, p.Warnings(), "an open step has criteria to meet, not warnings")
	p.Facts.Scope.Statement = false
	require.Len(t, p.Warnings(), 1, "step 2 is to be confirmed again")
}
