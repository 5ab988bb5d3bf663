package walk_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"waymark/internal/browsertest"
)

// pattern is an address without what differs from one row to the next: a page is
// looked at once, whatever the number of its rows.
func pattern(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	parts := strings.Split(identifiers.ReplaceAllString(u.Path, "*"), "/")
	for i := range parts {
		if i > 0 && parts[i-1] == "checks" {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}

// found is every page that somebody reaches by links, one for each pattern, in
// the order met.
type found struct {
	pages    []string
	patterns map[string]bool
	wrong    []string
}

// crawl follows the links of pages and checks on the way that none leads
// nowhere, and that a link to a place in its own page finds it.
func crawl(s *sender, starts ...string) *found {
	f := &found{patterns: map[string]bool{}}
	queue := slices.Clone(starts)
	asked := map[string]bool{}
	for len(queue) > 0 {
		here := queue[0]
		queue = queue[1:]
		status, doc := s.do(http.MethodGet, here, nil)
		if status >= 300 && status < 400 {
			continue
		}
		if status != http.StatusOK {
			f.wrong = append(f.wrong, fmt.Sprintf("%d from %s", status, here))
			continue
		}
		if doc.Find("main").Length() == 0 {
			continue // a file
		}
		if kind := pattern(here); !f.patterns[kind] || strings.Contains(here, "check=") {
			f.patterns[kind] = true
			f.pages = append(f.pages, here)
		}
		doc.Find("a[href]").Each(func(_ int, link *goquery.Selection) {
			to, _ := link.Attr("href")
			switch at, anchor, _ := strings.Cut(to, "#"); {
			case at == "" && anchor != "" && doc.Find(`[id="`+anchor+`"]`).Length() == 0:
				f.wrong = append(f.wrong, fmt.Sprintf("no #%s in %s", anchor, here))
			case strings.HasPrefix(at, "/") && !strings.HasPrefix(at, "/static/"):
				if kind := kindOf(at); !asked[kind] {
					asked[kind] = true
					queue = append(queue, at)
				}
			}
		})
	}
	return f
}

// kindOf tells addresses apart by their path and by which questions they ask.
func kindOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	kind := pattern(address)
	for _, name := range slices.Sorted(mapsKeys(u.Query())) {
		if name != "clause" && name != "behind" && name != "after" {
			kind += "&" + name
		}
	}
	return kind
}

func mapsKeys(values url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range values {
			if !yield(name) {
				return
			}
		}
	}
}

// looks are the pairs of language, theme and width that the pages rotate
// through.
var looks = []struct {
	name, language string
	dark           bool
	width, height  int
}{
	{"en-light-wide", "en", false, 1280, 900},
	{"zh-dark-phone", "zh", true, 390, 844},
	{"en-dark-wide", "en", true, 1280, 900},
	{"zh-light-phone", "zh", false, 390, 844},
	{"en-light-phone", "en", false, 390, 844},
	{"zh-dark-wide", "zh", true, 1280, 900},
	{"en-dark-phone", "en", true, 390, 844},
	{"zh-light-wide", "zh", false, 1280, 900},
}

// lookAt opens a page in one of the looks and finds what is wrong with it.
func lookAt(t *testing.T, eye *browsertest.Person, page string, turn int) {
	t.Helper()
	look := looks[turn%len(looks)]
	eye.Language(map[string]string{"en": "en", "zh": "zh-CN,zh"}[look.language])
	eye.EmulateDark(look.dark)
	eye.Viewport(look.width, look.height)
	eye.Open(page)
	judge(t, eye, page+" in "+look.name)
}

// judge finds what is wrong with the page somebody is at.
func judge(t *testing.T, eye *browsertest.Person, where string) {
	t.Helper()
	var seen struct {
		Title       string
		Heads       int
		Wide, Room  int
		Out         string
		Words, Lang string
	}
	eye.Eval(`(() => {
		const room = document.documentElement.clientWidth;
		const scrolls = (e) => e && e !== document.body && (/(auto|scroll|hidden|clip)/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
		const out = [...document.body.querySelectorAll("*")].find((e) => e.getBoundingClientRect().right > room + 1 && !scrolls(e.parentElement));
		return {
			Title: document.title, Heads: document.querySelectorAll("h1").length, Room: room, Wide: document.documentElement.scrollWidth,
			Out: out ? out.outerHTML.slice(0, 160) : "", Words: document.body.innerText, Lang: document.documentElement.lang,
		};
	})()`, &seen)
	for _, violation := range eye.Violations() {
		t.Errorf("%s: %s", where, violation)
	}
	if seen.Wide > seen.Room {
		t.Errorf("%s: %d pixels wide where there are %d: %s", where, seen.Wide, seen.Room, seen.Out)
	}
	if seen.Heads != 1 || seen.Title == "" {
		t.Errorf("%s: %d headings of the first level, title %q", where, seen.Heads, seen.Title)
	}
	if missing := untranslated.FindString(seen.Words); missing != "" && !strings.HasPrefix(where, "/styleguide") {
		t.Errorf("%s: no sentence for %s", where, missing)
	}
	for _, problem := range eye.Problems() {
		t.Errorf("%s: the browser says: %s", where, problem)
	}
}

// untranslated is how a missing sentence shows.
var untranslated = regexp.MustCompile(`\[[a-z0-9_]+(\.[a-z0-9_-]+)+\]`)

// TestEveryPage looks once at every page that links lead to, with the sample's
// data and in a project where nothing has happened yet: no rule of accessibility
// is broken, nothing stands out at the side, no link leads nowhere.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	english := h.withSample("en")
	full := h.project(english)
	h.withSample("zh")
	reader := h.visit(t)
	signIn(reader, h.administrator)
	reader.Open("/o/" + h.value(`SELECT id::text FROM organization WHERE NOT sample`))
	reader.Within(".page-head").ClickText("New project")
	reader.Fill("Name of the project", "Certification 2027")
	reader.Fill("Target date", "2027-03-01")
	reader.ClickText("Create project")
	empty := strings.TrimSuffix(reader.Path(), "/")
	s := h.as(t, reader)

	pages := crawl(s, full, "/organizations", "/styleguide").pages
	inFull := len(pages)
	more := crawl(s, empty)
	for _, page := range more.pages {
		if strings.HasPrefix(page, empty) {
			pages = append(pages, page)
		}
	}
	require.Empty(t, more.wrong)
	// What links lead to only while its step is open, or for who manages tasks.
	pages = append(pages, full+"/steps/selection/candidates/new",
		full+"/steps/scope/items/"+h.value(`SELECT id::text FROM scope_item WHERE organization_id = $1 AND kind = 'location' LIMIT 1`, english),
		full+"/steps/selection/candidates/"+h.value(`SELECT id::text FROM candidate WHERE organization_id = $1 LIMIT 1`, english),
		full+"/tasks/"+h.value(`SELECT id::text FROM task WHERE organization_id = $1 AND step = 5 LIMIT 1`, english)+"/edit")
	require.Empty(t, notSeen(h, append(pages, "/")), "no link leads there; look at it in another walk and say so in elsewhere")
	require.Greater(t, inFull, 40, "hardly any page was found")
	require.Greater(t, len(pages)-inFull, 15, "hardly any page of an empty project was found")

	// Two tabs at a time: one browser, and a machine of two cores.
	for half := range 2 {
		t.Run(fmt.Sprintf("half %d", half+1), func(t *testing.T) {
			t.Parallel()
			eye := h.visit(t)
			signIn(eye, h.administrator)
			for i, page := range pages {
				if i%2 == half {
					lookAt(t, eye, page, i)
				}
			}
		})
	}
}

// elsewhere are the addresses that answer no page, or one that is looked at in
// another test of this package.
var elsewhere = []string{
	"/healthz", "/readyz", "/static/*", "/o/{organization}/p/{project}/assessment.csv", "/o/{organization}/p/{project}/tasks.csv",
	"/o/{organization}/p/{project}/evidence/{evidence}/file",
	// TestFromSetUpToRenewal
	"/set-up", "/set-up/sample", "/invitations/accept", "/o/{organization}/p/{project}/steps/audit/nonconformities/{nonconformity}",
	// TestOutsidePages
	"/sign-in", "/password/forgot", "/password/reset", "/admin/outbox/{mail}",
}

// notSeen lists the routes with pages that are not among those seen.
func notSeen(h *house, seen []string) []string {
	var missing []string
	for _, route := range h.site.Routes() {
		if route.Method != http.MethodGet || slices.Contains(elsewhere, route.Pattern) {
			continue
		}
		kind := regexp.MustCompile("^" + regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(route.Pattern, "[^/]+") + "/?([?#].*)?$")
		if !slices.ContainsFunc(seen, kind.MatchString) {
			missing = append(missing, route.Pattern)
		}
	}
	return missing
}

// TestOutsidePages looks at the pages for people who are not signed in.
func TestOutsidePages(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	reader, eye := h.visit(t), h.visit(t, browsertest.Language("zh-CN,zh"), browsertest.Dark(), browsertest.Size(390, 844))
	eye.Open("/sign-in")
	judge(t, eye, "/sign-in")
	eye.Open("/password/forgot")
	judge(t, eye, "/password/forgot")
	eye.FillCSS("#f-email", h.administrator)
	eye.Click("main form button[type=submit]")
	judge(t, eye, "/password/forgot, sent")
	signIn(reader, h.administrator)
	reader.Open("/admin/outbox")
	reader.Click("main td.lead a")
	judge(t, reader, "/admin/outbox/{mail}")
	eye.Open(reader.Attribute("pre a", "href"))
	judge(t, eye, "/password/reset")
	eye.FillCSS("#f-new_password", "short")
	eye.Click("main form button[type=submit]")
	require.Equal(t, http.StatusUnprocessableEntity, eye.Status())
	judge(t, eye, "/password/reset, refused")
}

// TestFaultPages looks at what people see when something cannot be done.
func TestFaultPages(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	project := h.project(h.withSample("en"))
	eye := h.visit(t)
	signIn(eye, h.administrator)
	send := func(path string) {
		eye.Eval(`(() => { const f = document.createElement("form"); f.method = "post"; f.action = "`+path+`"; document.body.append(f); setTimeout(() => f.submit()); })()`, nil)
		eye.See(" ")
		eye.Settle()
	}
	for i, c := range []struct {
		status int
		get    func()
	}{
		{http.StatusNotFound, func() { eye.Open("/nowhere") }},
		{http.StatusNotFound, func() { eye.Open(project + "/findings/00000000-0000-7000-8000-000000000000") }},
		{http.StatusMethodNotAllowed, func() { eye.Open("/sign-out") }},
		{http.StatusConflict, func() { eye.Open(project + "/steps/certificate"); send(project + "/steps/certificate/finish") }},
		{http.StatusConflict, func() { eye.Open(project + "/steps/plan"); send(project + "/steps/plan/finish") }},
		{http.StatusUnprocessableEntity, func() { eye.Open(project + "/tasks/new"); eye.Click("main form.form button[type=submit]") }},
		{http.StatusUnprocessableEntity, func() {
			eye.Open(project + "/steps/awareness")
			eye.Open(project + "/people")
			eye.Click("#roles button[type=submit]")
		}},
		{http.StatusUnprocessableEntity, func() {
			eye.Open("/sign-in")
			eye.FillCSS("#f-email", "nobody@example.com")
			eye.FillCSS("#f-password", "x")
			eye.Click("main form button[type=submit]")
		}},
	} {
		look := looks[i%len(looks)]
		eye.Language(map[string]string{"en": "en", "zh": "zh-CN,zh"}[look.language])
		eye.EmulateDark(look.dark)
		eye.Viewport(look.width, look.height)
		c.get()
		require.Equal(t, c.status, eye.Status(), "%d: %s", i, eye.URL())
		judge(t, eye, fmt.Sprintf("%s (%d) in %s", eye.Path(), c.status, look.name))
	}
}

// The control: what is planted must be found.
func TestPlantedFaultsAreFound(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	eye := h.visit(t, browsertest.Size(390, 844))
	eye.Open("/sign-in")
	eye.Eval(`(() => {
		const wide = document.createElement("img");
		wide.width = 900; wide.height = 10;
		document.querySelector("main").append(wide);
	})()`, nil)
	require.NotEmpty(t, eye.Violations(), "a picture without words")
	var width int
	eye.Eval(`document.documentElement.scrollWidth`, &width)
	require.Greater(t, width, 390)
	require.NotEmpty(t, untranslated.FindString("Save [plan.save_all] it"))

	s := &sender{t: t, base: h.http.URL, cookie: "none"}
	require.Equal(t, []string{"404 from /nowhere"}, crawl(s, "/nowhere").wrong)
}
