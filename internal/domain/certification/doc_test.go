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
)

func stepOrderDoc(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/step-order.md")
	require.NoError(t, err)
	return string(text)
}

// section gives the text under a heading, up to the next one of the same level.
func section(t *testing.T, doc, heading string) string {
	t.Helper()
	_, rest, ok := strings.Cut(doc, "\n## "+heading+"\n")
	require.True(t, ok, heading)
	text, _, _ := strings.Cut(rest, "\n## ")
	return text
}

func TestDocOrder(t *testing.T) {
	t.Parallel()
	text := section(t, stepOrderDoc(t), "Order")

	node := regexp.MustCompile(`(?m)^\s+S(\d)\["(\d) ([^"]+)"\]$`)
	var nodes []string
	for _, m := range node.FindAllStringSubmatch(text, -1) {
		require.Equal(t, m[1], m[2])
		nodes = append(nodes, m[1])
	}
	require.Equal(t, strings.Split("123456789", ""), nodes)

	edge := regexp.MustCompile(`(?m)^\s+S(\d) (-->|-\.->)\|(start|finish)\| S(\d)$`)
	var drawn, want []string
	for _, m := range edge.FindAllStringSubmatch(text, -1) {
		require.Equal(t, m[2] == "-->", m[3] == "start", "a whole line for starting, a broken one for finishing: %s", m[0])
		drawn = append(drawn, fmt.Sprintf("%s after %s to %s", m[4], m[1], m[3]))
	}
	for _, p := range certification.Order() {
		what := "finish"
		if p.ToStart {
			what = "start"
		}
		want = append(want, fmt.Sprintf("%d after %d to %s", p.Step, p.After, what))
	}
	require.ElementsMatch(t, want, drawn)
	require.Equal(t, strings.Count(text, "|start|")+strings.Count(text, "|finish|"), len(drawn), "every line of the diagram is read")

	row := regexp.MustCompile("(?m)^\\| (\\d) \\| `([a-z]+)` \\|")
	var slugs []string
	for _, m := range row.FindAllStringSubmatch(text, -1) {
		step, ok := certification.ParseStep(m[2])
		require.True(t, ok, m[2])
		require.Equal(t, m[1], fmt.Sprint(step.Number()))
		slugs = append(slugs, m[2])
	}
	require.Len(t, slugs, 9)
}

// The state diagram shows exactly the changes of status that can happen: those
// found by trying everything from every state that can be reached.
func TestDocStatuses(t *testing.T) {
	t.Parallel()
	names := map[string]certification.Status{
		"Locked": certification.Locked, "Open": certification.Open,
		"Finished": certification.Finished, "ToConfirm": certification.ToConfirm,
	}
	edge := regexp.MustCompile(`(?m)^\s+([A-Za-z]+) --> ([A-Za-z]+): .+$`)
	text := section(t, stepOrderDoc(t), "Statuses")
	drawn := map[[2]certification.Status]bool{}
	for _, m := range edge.FindAllStringSubmatch(text, -1) {
		from, ok := names[m[1]]
		require.True(t, ok, m[0])
		to, ok := names[m[2]]
		require.True(t, ok, m[0])
		drawn[[2]certification.Status{from, to}] = true
	}
	require.Equal(t, possibleChanges(t), drawn)
}

type situation struct {
	status  [10]certification.Status
	started [10]bool
}

// possibleChanges tries every act in every situation that acts lead to, with
// all criteria met, and collects how statuses change. The cycle's end is left
// out: there a new cycle begins.
func possibleChanges(t *testing.T) map[[2]certification.Status]bool {
	t.Helper()
	load := func(acts []certification.Act) (*certification.Project, situation) {
		p := certification.NewProject(project, 1, 0, acts, nil, allMet())
		var at situation
		for _, s := range certification.Steps() {
			state := p.State(s)
			at.status[s], at.started[s] = state.Status, state.HasStarted()
		}
		return p, at
	}
	// Steps 1 to 7 have every shape of the order in them: one after the other,
	// side by side, and joined again.
	steps := certification.Steps()[:7]
	changes := map[[2]certification.Status]bool{}
	_, first := load(nil)
	seen := map[situation]bool{first: true}
	waiting := [][]certification.Act{nil}
	for len(waiting) > 0 {
		acts := waiting[0]
		waiting = waiting[1:]
		for _, step := range steps {
			for _, act := range []func(*certification.Project) error{
				func(p *certification.Project) error { return p.Start(step, manager, noon) },
				func(p *certification.Project) error { return p.Finish(step, manager, noon) },
				func(p *certification.Project) error { return p.Reopen(step, manager, "because", noon) },
			} {
				p, before := load(acts)
				if act(p) != nil {
					continue
				}
				_, after := load(p.Acts)
				for _, s := range certification.Steps() {
					if before.status[s] != after.status[s] {
						changes[[2]certification.Status{before.status[s], after.status[s]}] = true
					}
				}
				if !seen[after] {
					seen[after] = true
					waiting = append(waiting, slices.Clone(p.Acts))
				}
			}
		}
	}
	t.Logf("%d situations", len(seen))
	return changes
}

// documented is a row of the table of criteria.
type documented struct{ id, sentence, waivable, who string }

func documentedCriteria(t *testing.T) []documented {
	t.Helper()
	row := regexp.MustCompile(`(?m)^\| (\d\.\d+) \| ([^|]+) \| (yes|no) \| ([^|]+) \|$`)
	var out []documented
	for _, m := range row.FindAllStringSubmatch(section(t, stepOrderDoc(t), "Criteria"), -1) {
		out = append(out, documented{m[1], m[2], m[3], m[4]})
	}
	return out
}

func TestDocCriteria(t *testing.T) {
	t.Parallel()
	who := map[certification.Who]string{
		certification.ProjectManager: "project manager", certification.Sponsor: "sponsor", certification.Consultant: "consultant",
		certification.Chair: "chair", certification.Auditor: "internal auditor",
	}
	rows := documentedCriteria(t)
	all := certification.Criteria()
	require.Len(t, rows, len(all))
	var waivable []string
	for i, c := range all {
		require.Equal(t, string(c.ID), rows[i].id)
		require.Equal(t, c.Waivable, rows[i].waivable == "yes", c.ID)
		require.True(t, strings.HasPrefix(rows[i].who, who[c.By]), "%s: %s", c.ID, rows[i].who)
		if c.Waivable {
			waivable = append(waivable, string(c.ID))
		}
	}
	listed := regexp.MustCompile(`\b\d\.\d+\b`).FindAllString(section(t, stepOrderDoc(t), "Waivers"), -1)
	require.Equal(t, waivable, listed, "the list of criteria that can be waived")
}
