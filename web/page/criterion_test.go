package page

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
)

func languages(t *testing.T) map[string]context.Context {
	t.Helper()
	all := map[string]context.Context{}
	for _, l := range i18n.Langs() {
		all[l.String()] = i18n.With(t.Context(), l)
	}
	require.Len(t, all, 2)
	return all
}

// requireSentence fails for a text that is missing or has an empty place in it.
func requireSentence(t *testing.T, text, what string) {
	t.Helper()
	require.NotEmpty(t, text, what)
	require.NotRegexp(t, `^\[|\[[a-z0-9_]+\.[a-z0-9_.]+\]|[{}]`, text, what)
}

func TestCriteriaHaveTheirPlaces(t *testing.T) {
	t.Parallel()
	c := &readmodel.Caller{Organization: id.Organization{1}, Project: id.Project{2}}
	for _, criterion := range certification.Criteria() {
		require.Contains(t, criterionPlaces, criterion.ID)
		path := CriterionPath(c, criterion.ID)
		require.True(t, strings.HasPrefix(path, At(c)+"/"), path)
	}
	require.Len(t, criterionPlaces, len(certification.Criteria()), "no place for a criterion that is gone")
}

// someFacts makes facts at random: every variant of every criterion comes up
// among a few thousand of them.
func someFacts(r *rand.Rand) certification.Facts {
	var f certification.Facts
	top := reflect.ValueOf(&f).Elem()
	for i := range top.NumField() {
		group := top.Field(i)
		for j := range group.NumField() {
			field := group.Field(j)
			switch v := field.Addr().Interface().(type) {
			case *bool:
				*v = r.IntN(2) == 0
			case *int:
				*v = []int{0, 0, 1, 2, 1300}[r.IntN(5)]
			case *string:
				*v = []string{"", "Nordcert"}[r.IntN(2)]
			case *[]string:
				*v = []string{"8.6.1", "8.6.2", "8.6.3", "8.7.1", "8.7.2", "8.7.3", "9.1", "9.2", "9.3"}[:[]int{0, 0, 1, 2, 9}[r.IntN(5)]]
			case *civil.Date:
				if r.IntN(2) == 0 {
					*v = civil.MustParse("2026-05-01").AddDays(r.IntN(100))
				}
			case *certification.Answer:
				*v = certification.Answer(r.IntN(3)) //nolint:gosec // G115: below 3
			default:
				panic(fmt.Sprintf("facts of a new type: %T", v))
			}
		}
	}
	return f
}

// writtenVariants reads every variant that a criterion can have from the
// source of the criteria.
func writtenVariants(t *testing.T) map[string]bool {
	t.Helper()
	source, err := os.ReadFile("../../internal/domain/certification/criterion.go")
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(source), "var criteria = ")
	table, _, _ = strings.Cut(table, "\n}\n")
	variant := regexp.MustCompile(`\b(?:unmet|when|none|names)\([^"\n]*"([a-z]+)"`)
	out := map[string]bool{}
	for entry := range strings.SplitSeq(table, "\n\t{\"") {
		criterion, rest, ok := strings.Cut(entry, `"`)
		if !ok {
			continue
		}
		out[criterion+" met"] = true
		for _, m := range variant.FindAllStringSubmatch(rest, -1) {
			out[criterion+" "+m[1]] = true
		}
		if strings.Contains(rest, "answered(") {
			out[criterion+" nobody"], out[criterion+" waiting"] = true, true
		}
	}
	require.Greater(t, len(out), 2*len(certification.Criteria()))
	return out
}

// Every criterion has its sentence, whoever can meet it, and for each way in
// which it can stand one that says so, with all values in their places.
func TestCriteriaHaveTheirSentences(t *testing.T) {
	t.Parallel()
	all := languages(t)
	for _, c := range certification.Criteria() {
		for lang, ctx := range all {
			requireSentence(t, CriterionTitle(ctx, c.ID), lang+" "+string(c.ID))
			requireSentence(t, WhoText(ctx, c.By), lang+" "+string(c.By))
		}
	}
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // G404: repeatable facts for a test
	seen := map[string]bool{}
	for range 4000 {
		p := certification.NewProject(id.Project{1}, 1, 0, nil, nil, someFacts(r))
		for _, step := range certification.Steps() {
			for _, c := range p.Criteria(step) {
				what := string(c.ID) + " " + c.Variant
				if seen[what] && r.IntN(50) > 0 {
					continue
				}
				seen[what] = true
				for lang, ctx := range all {
					requireSentence(t, CriterionNote(ctx, c), lang+" "+what)
					requireSentence(t, WhoText(ctx, c.ByWhom()), lang+" "+what)
					requireSentence(t, RefusalText(ctx, certification.CriterionUnmet{State: c}), lang+" "+what)
				}
			}
		}
	}
	require.Equal(t, writtenVariants(t), seen)
}

func TestRefusalsHaveTheirSentences(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../../internal/domain/certification/refusal.go")
	require.NoError(t, err)
	words := map[string]bool{}
	for _, m := range regexp.MustCompile(`reason\(\) string\s+\{ return "([a-z_]+)" \}`).FindAllStringSubmatch(string(source), -1) {
		words[m[1]] = true
	}
	step, after, criterion := certification.Plan, []certification.Step{certification.Gap, certification.Committee}, certification.CriterionID("5.5")
	unmet := certification.NewProject(id.Project{1}, 1, 0, nil, nil, certification.Facts{}).Criteria(step)[4]
	said := map[string]bool{}
	for _, reason := range []certification.Reason{
		certification.ProjectArchived{}, certification.StepLocked{Step: step, After: after}, certification.StepFrozen{Step: step},
		certification.AlreadyStarted{Step: step}, certification.NotStarted{Step: step}, certification.AlreadyFinished{Step: step},
		certification.FinishLater{Step: step, After: after}, certification.CriterionUnmet{State: unmet}, certification.NotFinished{Step: step},
		certification.ReasonMissing{}, certification.NotWaivable{Criterion: criterion}, certification.WaiverStands{Criterion: criterion},
		certification.WaiverAnswered{Criterion: criterion}, certification.WaiverAnswered{}, certification.SecondPerson{Criterion: criterion},
		certification.NothingToApprove{Criterion: criterion}, certification.AlreadyApproved{Criterion: criterion},
	} {
		said[certification.Word(reason)] = true
		for lang, ctx := range languages(t) {
			requireSentence(t, RefusalText(ctx, reason), lang+" "+certification.Word(reason))
		}
	}
	require.Equal(t, words, said, "every reason that the domain knows")
	ctx := languages(t)["en"]
	require.Equal(t, "To finish step 5 “Plan and assign tasks”, first finish step 3 “Gap assessment” and step 4 “Set up the project committee”",
		RefusalText(ctx, certification.FinishLater{Step: step, After: after}))
}

func TestStepsHaveTheirSentences(t *testing.T) {
	t.Parallel()
	for lang, ctx := range languages(t) {
		for _, step := range certification.Steps() {
			requireSentence(t, StepTitle(ctx, step), lang)
			requireSentence(t, i18n.T(ctx, "step."+step.String()+".purpose"), lang)
			requireSentence(t, finishText(ctx, step), lang)
		}
		for _, role := range identity.ProjectRoles() {
			requireSentence(t, i18n.T(ctx, "role."+role.String()), lang)
		}
		for _, state := range []certification.WaiverState{certification.WaiverAsked, certification.WaiverGranted} {
			requireSentence(t, i18n.T(ctx, "waiver.note."+state.String(), "criterion", "1.3"), lang)
		}
	}
}

// writtenEvents reads the events that the program leaves: kind, subject where it
// is written out, and the names of its values where they are.
func writtenEvents(t *testing.T) []readmodel.Event {
	t.Helper()
	files, err := filepath.Glob("../../internal/postgres/*.go")
	require.NoError(t, err)
	call := regexp.MustCompile(`\b(?:Event|InstallationEvent)\((?:[\w.{}]+(?:\{\})?, )?"([a-z_]+\.[a-z_]+)", ([^,\n]+),\s*(map\[string\]any\{[^}]*\})?`)
	name := regexp.MustCompile(`"([a-z_]+)":`)
	var out []readmodel.Event
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file) //nolint:gosec // G304: a source of this repository
		require.NoError(t, err)
		for _, m := range call.FindAllStringSubmatch(string(source), -1) {
			e := readmodel.Event{Kind: m[1], Subject: strings.Trim(m[2], `"`)}
			if m[3] != "" {
				e.Data = map[string]any{}
				for _, n := range name.FindAllStringSubmatch(m[3], -1) {
					e.Data[n[1]] = "x"
				}
			}
			out = append(out, e)
		}
	}
	require.Greater(t, len(out), 20)
	for _, step := range certification.Steps() {
		for _, act := range []certification.ActKind{certification.Started, certification.Completed, certification.Reopened} {
			out = append(out, readmodel.Event{Kind: "step." + act.String(), Subject: step.String(), Data: map[string]any{"step": 1.0, "cycle": 1.0, "reason": "x"}})
		}
	}
	for _, state := range []certification.WaiverState{certification.WaiverAsked, certification.WaiverGranted, certification.WaiverRefused, certification.WaiverWithdrawn} {
		out = append(out, readmodel.Event{Kind: "waiver." + state.String(), Subject: "1.3", Data: map[string]any{"criterion": "1.3", "reason": "x"}})
	}
	for _, subject := range []string{"mandate", "scope", "plan", "selection", "go"} {
		out = append(out, readmodel.Event{Kind: "approval." + subject, Subject: subject, Data: map[string]any{"version": 2.0}})
	}
	return append(out, readmodel.Event{Kind: "cycle.opened", Subject: "certificate", Data: map[string]any{"cycle": 2.0}})
}

func TestEventsHaveTheirSentences(t *testing.T) {
	t.Parallel()
	for lang, ctx := range languages(t) {
		for _, e := range writtenEvents(t) {
			require.True(t, i18n.Has("event."+e.Kind), e.Kind)
			if e.Data != nil {
				requireSentence(t, EventText(ctx, e), fmt.Sprintf("%s %s %v", lang, e.Kind, e.Data))
			}
		}
	}
}
