package browsertest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

// axeSource is axe-core, see axe/README.md.
//
//go:embed axe/axe.min.js
var axeSource string

// axeRun asks for the rules of WCAG 2.2 AA and below and for axe's own best
// practices. It loads nothing (preload) and looks at the page itself (iframes).
const axeRun = `axe.run(document, {
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
	resultTypes: ["violations"], preload: false, iframes: false,
}).then(r => r.violations.map(v => ({
	rule: v.id, impact: v.impact, help: v.help,
	nodes: v.nodes.map(n => ({target: n.target.join(" "), summary: n.failureSummary, html: n.html.slice(0, 160)})),
})))`

// Violation is one rule of accessibility that the page breaks.
type Violation struct {
	Rule   string `json:"rule"`   // axe's name, such as color-contrast
	Impact string `json:"impact"` // minor, moderate, serious, critical
	Help   string `json:"help"`
	Nodes  []struct {
		Target  string `json:"target"` // a CSS selector
		Summary string `json:"summary"`
		HTML    string `json:"html"`
	} `json:"nodes"`
}

func (v Violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s", v.Rule, v.Impact, v.Help)
	for _, n := range v.Nodes {
		fmt.Fprintf(&b, "\n    %s\n      %s", n.Target, n.HTML)
		for line := range strings.Lines(n.Summary) {
			fmt.Fprintf(&b, "\n      %s", strings.TrimSpace(line))
		}
	}
	return b.String()
}

// Axe fails the test with a readable list when the page breaks a rule of WCAG
// 2.2 AA that a machine can check, or one of axe's best practices.
func (p *Person) Axe() {
	p.t.Helper()
	if found := p.Violations(); len(found) > 0 {
		var b strings.Builder
		for _, v := range found {
			fmt.Fprintf(&b, "\n  %s", v)
		}
		p.fatalf("%d accessibility violations:%s", len(found), b.String())
	}
}

// Violations runs axe-core on the page at rest and returns what it finds. It
// runs in the isolated world of the tests, so the page's content security
// policy neither blocks it nor is reported as violated by it.
func (p *Person) Violations() []Violation {
	p.t.Helper()
	p.Settle()
	raw, err := p.evaluate(axeSource+";\n"+axeRun, true)
	if err != nil {
		p.fatalf("running axe: %v", err)
	}
	var found []Violation
	if err := json.Unmarshal(raw, &found); err != nil {
		p.fatalf("reading the result of axe: %v", err)
	}
	return found
}
