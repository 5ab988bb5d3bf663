package walk_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"waymark/internal/browsertest"
)

// focus is what has the focus, and how it shows.
type focus struct {
	Tag, ID, Text, Style string
	Width                float64
	Top, Bottom, Height  float64
	Covered              string
	Row                  bool
}

func focused(p *browsertest.Person) focus {
	var f focus
	p.Eval(`(() => {
		const e = document.activeElement;
		const label = e.closest("label");
		const shown = e.matches("input[type=radio], input[type=checkbox]") && label && getComputedStyle(e).outlineStyle === "none" ? label : e;
		const drawn = e.closest(".rate") ? e.nextElementSibling : shown;
		const s = getComputedStyle(shown), b = e.getBoundingClientRect();
		const x = b.left + b.width / 2, y = b.top + b.height / 2, hit = document.elementFromPoint(x, y);
		return {
			Tag: e.localName, ID: e.id, Text: (e.innerText || e.value || "").trim(), Style: s.outlineStyle, Width: drawn === shown ? parseFloat(s.outlineWidth) : getComputedStyle(drawn).boxShadow === "none" ? 0 : 3,
			Row: Boolean(e.closest("[data-row]")), Top: b.top, Bottom: b.bottom, Height: innerHeight,
			Covered: hit && (e.contains(hit) || hit.contains(e) || label?.contains(hit)) ? "" : hit ? hit.outerHTML.slice(0, 80) : "outside",
		};
	})()`, &f)
	return f
}

// visible demands that the focus can be seen.
func visible(t *testing.T, p *browsertest.Person) focus {
	t.Helper()
	f := focused(p)
	require.NotEqual(t, "body", f.Tag, "nothing has the focus")
	require.NotEqual(t, "none", f.Style, "no outline around %+v", f)
	require.GreaterOrEqual(t, f.Width, 2.0, "a thin outline around %+v", f)
	require.Empty(t, f.Covered, "%+v lies under something", f)
	return f
}

// tabTo presses Tab until something has the focus, which shows all the way.
func tabTo(t *testing.T, p *browsertest.Person, reached func(focus) bool) focus {
	t.Helper()
	var way []string
	for range 120 {
		p.Press("Tab")
		if focused(p).Tag == "body" {
			continue // past the end, before it begins anew
		}
		f := visible(t, p)
		if reached(f) {
			return f
		}
		way = append(way, f.Tag+"#"+f.ID+" "+f.Text)
	}
	require.Fail(t, "not reached with the Tab key", "%s", strings.Join(way, "\n"))
	return focus{}
}

func withText(text string) func(focus) bool {
	return func(f focus) bool { return strings.HasPrefix(f.Text, text) }
}

func withID(id string) func(focus) bool { return func(f focus) bool { return f.ID == id } }

// TestKeyboard goes from the sign-in page to a rated check without a mouse, and
// always sees where it is.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.project(h.withSample("en"))
	ada := h.visit(t)
	ada.Open("/sign-in")
	tabTo(t, ada, withID("f-email"))
	ada.Type(h.administrator)
	tabTo(t, ada, withID("f-password"))
	ada.Type(goodPassword)
	ada.Press("Enter")

	// The skip link comes first and leads past the bars.
	ada.Press("Tab")
	require.Equal(t, "Skip to content", visible(t, ada).Text)
	require.Positive(t, focused(ada).Top)
	ada.Press("Enter")
	require.Equal(t, "main", focused(ada).ID)

	organization := h.value(`SELECT name FROM organization WHERE sample`)
	project := h.value(`SELECT p.name FROM project p JOIN organization o ON o.id = p.organization_id WHERE o.sample`)
	if !strings.Contains(ada.Text("main"), project) {
		ada.Open("/organizations")
		tabTo(t, ada, func(f focus) bool { return f.Text == project || f.Text == organization })
		ada.Press("Enter")
	}
	if !ada.Has("nav.tabs") {
		tabTo(t, ada, withText(project))
		ada.Press("Enter")
	}

	// From the dashboard to the assessment by its tab.
	ada.See("Readiness")
	tabTo(t, ada, withText("Assessment"))
	ada.Press("Enter")
	ada.Wait("#checks")

	// A menu opens, and Escape closes it and gives the focus back.
	tabTo(t, ada, func(f focus) bool { return f.Tag == "summary" })
	ada.Press("Enter")
	require.True(t, ada.Has("details.menu[open]"))
	ada.Press("Tab")
	visible(t, ada)
	ada.Press("Escape")
	require.False(t, ada.Has("details.menu[open]"))
	require.Equal(t, "summary", visible(t, ada).Tag)

	// The filter, by its key, and on into the list.
	ada.Press("/")
	require.Equal(t, "input", visible(t, ada).Tag)
	require.Empty(t, ada.Value("Filter checks"))
	tabTo(t, ada, func(f focus) bool { return f.Row })

	// Down the list, open a check, rate, comment, write a finding.
	ada.Press("j", "j", "k")
	row := visible(t, ada)
	require.Equal(t, "tr", row.Tag)
	check := strings.TrimPrefix(row.ID, "check-")
	ada.Press("3")
	ada.Wait("tr.edit")
	require.Equal(t, "not", h.rating(check))
	visible(t, ada)
	ada.Press("c")
	require.Equal(t, "textarea", visible(t, ada).Tag)
	ada.Type("Asked for it; nobody keeps it.")
	ada.Press("Tab")
	require.Equal(t, "textarea", visible(t, ada).Tag)
	ada.Type("No record of it is kept.")
	ada.Press("Escape")
	require.Equal(t, row.ID, focused(ada).ID)
	require.Contains(t, h.value(`SELECT r.comment FROM rating r JOIN organization o ON o.id = r.organization_id WHERE o.sample AND r.check_id = $1`, check), "Asked for it; nobody keeps it.")
	require.Equal(t, "1", h.value(`SELECT count(*)::text FROM finding WHERE check_id = $1 AND statement LIKE '%No record of it is kept.%'`, check))
	ada.Press("j", "2")
	ada.Wait("tr.edit")
	require.NotEqual(t, row.ID, visible(t, ada).ID)
	require.Empty(t, ada.Problems())
}

// rating is how a check of the sample is rated.
func (h *house) rating(check string) string {
	return h.value(`SELECT r.rating::text FROM rating r JOIN organization o ON o.id = r.organization_id WHERE o.sample AND r.check_id = $1`, check)
}
