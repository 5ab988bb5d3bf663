// Package walk_test walks through the whole product as people do: in a browser,
// against the server and a real database. A walk shows that the parts fit; that
// each case is right is proven in the packages themselves.
package walk_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"waymark/internal/app"
	"waymark/internal/browsertest"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/password"
	"waymark/internal/pgtest"
	"waymark/internal/postgres"
	"waymark/internal/readmodel"
	"waymark/internal/server"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Run(m)) }

// goodPassword is everybody's.
const goodPassword = "seven quiet otters swim"

// house is a running server over a database of its own, with a clock that a
// walk sets.
type house struct {
	t    testing.TB
	db   *pgtest.DB
	app  *app.App
	http *httptest.Server
	site *server.Server
	// administrator is who set it up, where openHouse did.
	administrator string

	mu  sync.Mutex
	now time.Time
}

// newHouse is an installation that nobody has set up yet.
func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, db: pgtest.New(t), now: time.Date(2026, 1, 12, 9, 0, 0, 0, time.UTC)}
	store, err := postgres.Open(t.Context(), h.db.AppDSN(), postgres.Options{})
	require.NoError(t, err)
	t.Cleanup(store.Close)
	h.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.site.Handler().ServeHTTP(w, r) }))
	t.Cleanup(h.http.Close)
	base, err := url.Parse(h.http.URL)
	require.NoError(t, err)
	var log bytes.Buffer
	h.app = app.New(store, app.WithURL(base), app.WithPasswords(password.Options{Memory: 64, Passes: 1}))
	h.site = server.New(server.Options{
		App: h.app, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})), Now: h.clock,
		URL: base, Styleguide: true, StrangersPerMinute: 1000,
	})
	t.Cleanup(func() {
		if n := h.site.InternalErrors(); n != 0 {
			t.Errorf("%d answers were 500:\n%s", n, log.String())
		}
	})
	return h
}

// openHouse is an installation with an administrator and an organization of
// theirs, without a project.
func openHouse(t testing.TB) *house {
	t.Helper()
	h := newHouse(t)
	h.administrator = "anna@example.com"
	_, err := h.app.Install(t.Context(), app.SetUp{
		Email: identity.Email(h.administrator), Name: "Anna Berg", Password: goodPassword, Organization: "Fjord Services", TimeZone: "UTC",
		Language: identity.LanguageSystem,
	}, h.clock())
	require.NoError(t, err)
	return h
}

// withSample adds the sample organization in a language and gives where its
// project is.
func (h *house) withSample(language string) id.Organization {
	h.t.Helper()
	token, err := h.app.SignIn(h.t.Context(), identity.Email(h.administrator), goodPassword, app.Visit{}, h.clock())
	require.NoError(h.t, err)
	hash, ok := app.TokenHash(token)
	require.True(h.t, ok)
	organization, err := h.app.StartWithSample(h.t.Context(), readmodel.Access{Token: hash, Now: h.clock()}, language)
	require.NoError(h.t, err)
	return organization
}

// project gives where the only project of an organization is.
func (h *house) project(organization id.Organization) string {
	return "/o/" + organization.String() + "/p/" + h.value(`SELECT id::text FROM project WHERE organization_id = $1`, organization)
}

// value reads one text as the owner of the schema.
func (h *house) value(sql string, args ...any) string {
	h.t.Helper()
	var out string
	require.NoError(h.t, h.db.Owner(h.t).QueryRow(h.t.Context(), sql, args...).Scan(&out))
	return out
}

// opensTo gives somebody of the sample the password that everybody has, and
// gives their address.
func (h *house) opensTo(organization id.Organization, role string) string {
	h.t.Helper()
	return h.value(`UPDATE person SET password = (SELECT password FROM person WHERE email = $3) WHERE id = (
		SELECT person_id FROM project_role WHERE organization_id = $1 AND role = $2 ORDER BY created_at, person_id LIMIT 1) RETURNING email`,
		organization, role, h.administrator)
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// at sets the clock to nine in the morning of a day.
func (h *house) at(day string) {
	h.t.Helper()
	now, err := time.Parse(time.DateOnly+" 15:04", day+" 09:00")
	require.NoError(h.t, err)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = now
}

// visit opens a tab for somebody.
func (h *house) visit(t testing.TB, options ...browsertest.Option) *browsertest.Person {
	t.Helper()
	options = append([]browsertest.Option{browsertest.Patience(time.Minute)}, options...)
	return browsertest.New(t).Visit(t, h.http.URL, options...)
}

// signIn signs somebody in by the page.
func signIn(p *browsertest.Person, email string) {
	p.Open("/sign-in")
	p.FillCSS("#f-email", email)
	p.FillCSS("#f-password", goodPassword)
	p.Click("form.form button[type=submit]")
}

// sender posts a page's own forms for a person, as their browser would, where
// two hundred times the mouse would prove nothing.
type sender struct {
	t      testing.TB
	base   string
	cookie string
}

func (h *house) as(t testing.TB, p *browsertest.Person) *sender {
	t.Helper()
	cookie := p.Cookies()["waymark"]
	require.NotNil(t, cookie, "nobody is signed in")
	return &sender{t: t, base: h.http.URL, cookie: cookie.Value}
}

func (s *sender) do(method, path string, values url.Values) (status int, doc *goquery.Document) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, strings.NewReader(values.Encode()))
	require.NoError(s.t, err)
	request.Header.Set("Cookie", "waymark="+s.cookie)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	require.NoError(s.t, err)
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	require.NoError(s.t, err)
	doc, err = goquery.NewDocumentFromReader(bytes.NewReader(body))
	require.NoError(s.t, err)
	return answer.StatusCode, doc
}

// fields reads what a form of a page holds.
func fields(form *goquery.Selection) url.Values {
	values := url.Values{}
	form.Find("input, textarea, select").Each(func(_ int, field *goquery.Selection) {
		name, ok := field.Attr("name")
		kind, _ := field.Attr("type")
		_, checked := field.Attr("checked")
		switch {
		case !ok, (kind == "checkbox" || kind == "radio") && !checked:
		case goquery.NodeName(field) == "textarea":
			values.Add(name, strings.TrimPrefix(field.Text(), "\n"))
		case goquery.NodeName(field) == "select":
			chosen := field.Find("option[selected]")
			if chosen.Length() == 0 {
				chosen = field.Find("option").First()
			}
			values.Add(name, chosen.AttrOr("value", ""))
		default:
			values.Add(name, field.AttrOr("value", ""))
		}
	})
	return values
}

var identifiers = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
