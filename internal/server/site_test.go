package server_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"waymark/internal/app"
	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/pgtest"
	"waymark/internal/postgres"
	"waymark/internal/server"
)

// site is a running server over a database of its own, with two organizations.
// "Halden" has a project and one person for every role; "Other" belongs to
// stranger, and its name and project's name must never show to anybody else.
type site struct {
	t      testing.TB
	server *server.Server
	http   *httptest.Server
	db     *pgtest.DB
	owner  *pgxpool.Pool
	now    time.Time
	logs   *bytes.Buffer
	counts *tripCounter

	Organization, OtherOrganization id.Organization
	Project, OtherProject           id.Project
	People                          map[string]id.Person
	tokens                          map[string]string
}

// otherMarker stands in everything of the other organization.
const otherMarker = "Zanzibar Secret"

// roles of the people of Halden; chair and staff are appointed besides.
var siteRoles = map[string]string{
	"manager": "project_manager", "sponsor": "sponsor", "consultant": "consultant", "member": "committee_member",
	"chair": "committee_member", "auditor": "internal_auditor", "guest": "guest_auditor",
}

func newSite(t testing.TB) *site {
	t.Helper()
	db := pgtest.New(t)
	s := &site{
		t: t, db: db, owner: db.Owner(t), now: time.Date(2026, 5, 21, 9, 0, 0, 0, time.UTC), logs: &bytes.Buffer{},
		counts: &tripCounter{}, People: map[string]id.Person{}, tokens: map[string]string{},
	}
	store, err := postgres.Open(t.Context(), db.AppDSN(), postgres.Options{Tracer: s.counts})
	require.NoError(t, err)
	t.Cleanup(store.Close)
	s.server = server.New(server.Options{
		App: app.New(store), Logger: slog.New(slog.NewTextHandler(s.logs, nil)), Now: func() time.Time { return s.now },
		Styleguide: true,
	})
	s.http = httptest.NewServer(s.server.Handler())
	t.Cleanup(s.http.Close)
	t.Cleanup(func() {
		if n := s.server.InternalErrors(); n != 0 {
			t.Errorf("%d answers were 500:\n%s", n, s.logs.String())
		}
	})
	s.fill()
	return s
}

// exec runs a statement as the owner of the schema.
func (s *site) exec(sql string, args ...any) {
	s.t.Helper()
	_, err := s.owner.Exec(context.Background(), sql, args...)
	require.NoError(s.t, err)
}

// value reads one value as the owner of the schema.
func value[T any](s *site, sql string, args ...any) T {
	s.t.Helper()
	rows, err := s.owner.Query(context.Background(), sql, args...)
	require.NoError(s.t, err)
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	require.NoError(s.t, err)
	return v
}

func newID[T ~[16]byte]() T { return T(uuid.Must(uuid.NewV7())) }

func (s *site) fill() {
	s.Organization, s.Project = newID[id.Organization](), newID[id.Project]()
	s.OtherOrganization, s.OtherProject = newID[id.Organization](), newID[id.Project]()
	s.exec(`INSERT INTO organization (id, name, time_zone, language, created_at) VALUES
		($1, 'Halden', 'Europe/Oslo', 'en', $3), ($2, $4, 'Asia/Shanghai', 'zh', $3)`, s.Organization, s.OtherOrganization, s.now, otherMarker+" Ltd")
	s.addPerson("owner", "Olga Owner", s.Organization, "owner")
	for name := range siteRoles {
		s.addPerson(name, strings.ToUpper(name[:1])+name[1:]+" Halden", s.Organization, "member")
	}
	s.addPerson("nobody", "Norbert Nobody", s.Organization, "member")
	s.addPerson("stranger", otherMarker+" Person", s.OtherOrganization, "owner")
	s.exec(`INSERT INTO project (organization_id, id, name, edition, target_on, created_by, created_at) VALUES
		($1, $2, 'Certification 2026', 'iso20000-1-2018', '2026-11-30', $3, $4)`, s.Organization, s.Project, s.People["manager"], s.now)
	s.exec(`INSERT INTO project (organization_id, id, name, edition, target_on, created_by, created_at) VALUES
		($1, $2, $5, 'iso20000-1-2018', '2026-11-30', $3, $4)`, s.OtherOrganization, s.OtherProject, s.People["stranger"], s.now, otherMarker+" Project")
	for name, role := range siteRoles {
		s.exec(`INSERT INTO project_role (organization_id, project_id, person_id, role, created_at) VALUES ($1, $2, $3, $4, $5)`,
			s.Organization, s.Project, s.People[name], role, s.now)
	}
	s.exec(`INSERT INTO project_role (organization_id, project_id, person_id, role, created_at) VALUES ($1, $2, $3, 'project_manager', $4)`,
		s.OtherOrganization, s.OtherProject, s.People["stranger"], s.now)
	s.exec(`INSERT INTO appointment (organization_id, project_id, id, role, person_id, asked_by, asked_at, accepted_at) VALUES ($1, $2, $3, 'chair', $4, $4, $5, $5)`,
		s.Organization, s.Project, newID[id.Appointment](), s.People["chair"], s.now)
	s.exec(`UPDATE installation SET set_up_at = $1`, s.now)
}

// addPerson makes a person with a membership and a session.
func (s *site) addPerson(name, full string, organization id.Organization, role string) {
	person := newID[id.Person]()
	s.People[name] = person
	email := name + "@example.org"
	s.exec(`INSERT INTO person (id, email, name, language, created_at) VALUES ($1, $2, $3, 'en', $4)`, person, email, full, s.now)
	s.exec(`INSERT INTO membership (organization_id, person_id, role, name, email, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		organization, person, role, full, email, s.now)
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	hash := sha256.Sum256(raw)
	s.exec(`INSERT INTO session (id, person_id, token_hash, created_at, last_seen_at, expires_at) VALUES ($1, $2, $3, $4, $4, $5)`,
		newID[id.Session](), person, hash[:], s.now, s.now.AddDate(10, 0, 0))
	s.tokens[name] = base64.RawURLEncoding.EncodeToString(raw)
}

// finish writes the completion of steps straight into the database, in order.
func (s *site) finish(steps ...certification.Step) {
	s.t.Helper()
	for _, step := range steps {
		for _, kind := range []string{"started", "finished"} {
			s.exec(`INSERT INTO step_act (organization_id, project_id, seq, cycle, step, kind, person_id, at)
				SELECT $1, $2, coalesce(max(seq), 0) + 1, 1, $3, $4, $5, $6 FROM step_act WHERE organization_id = $1 AND project_id = $2`,
				s.Organization, s.Project, step.Number(), kind, s.People["manager"], s.now)
		}
	}
}

// path gives an address in Halden's project.
func (s *site) path(rest string) string {
	return "/o/" + s.Organization.String() + "/p/" + s.Project.String() + rest
}

// events gives the kinds of all events of Halden's trail, in order.
func (s *site) events() []string {
	rows, err := s.owner.Query(context.Background(), `SELECT kind FROM event WHERE organization_id = $1 ORDER BY seq`, s.Organization)
	require.NoError(s.t, err)
	kinds, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(s.t, err)
	return kinds
}

// visitor is a browser without scripts: one person's session, or nobody's.
type visitor struct {
	t      testing.TB
	site   *site
	name   string
	client *http.Client
	header http.Header
}

// as gives a visitor signed in as a person of the site; "" is nobody.
func (s *site) as(t testing.TB, name string) *visitor {
	t.Helper()
	v := &visitor{t: t, site: s, name: name, header: http.Header{}, client: &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if name != "" {
		token, ok := s.tokens[name]
		require.True(t, ok, "no person %q", name)
		v.header.Set("Cookie", "waymark="+token)
	}
	return v
}

// answer is what a visitor got.
type answer struct {
	t        testing.TB
	status   int
	location string
	header   http.Header
	body     string
	doc      *goquery.Document
}

func (v *visitor) do(method, path string, body io.Reader, contentType string) *answer {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.site.http.URL+path, body)
	require.NoError(v.t, err)
	req.Header = v.header.Clone()
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := v.client.Do(req)
	require.NoError(v.t, err)
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	require.NoError(v.t, err)
	a := &answer{t: v.t, status: res.StatusCode, location: res.Header.Get("Location"), header: res.Header, body: string(raw)}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		a.doc, err = goquery.NewDocumentFromReader(bytes.NewReader(raw))
		require.NoError(v.t, err)
	}
	return a
}

// get asks for a page.
func (v *visitor) get(path string) *answer {
	v.t.Helper()
	return v.do(http.MethodGet, path, nil, "")
}

// post sends a form of names and values, as a page of ours would.
func (v *visitor) post(path string, pairs ...string) *answer {
	v.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return v.do(http.MethodPost, path, strings.NewReader(values.Encode()), "application/x-www-form-urlencoded")
}

// ok demands a page.
func (a *answer) ok() *answer {
	a.t.Helper()
	return a.is(http.StatusOK)
}

// is demands a status.
func (a *answer) is(status int) *answer {
	a.t.Helper()
	require.Equal(a.t, status, a.status, "%s", a.text("main"))
	return a
}

// to demands a redirect after a form, and gives where to.
func (a *answer) to() string {
	a.t.Helper()
	a.is(http.StatusSeeOther)
	return a.location
}

// text gives the words inside a selector, spaces folded.
func (a *answer) text(selector string) string {
	if a.doc == nil {
		return a.body
	}
	return strings.Join(strings.Fields(a.doc.Find(selector).Text()), " ")
}

// has demands that a selector finds something.
func (a *answer) has(selector string) *answer {
	a.t.Helper()
	require.Positive(a.t, a.doc.Find(selector).Length(), "no %s in %s", selector, a.text("main"))
	return a
}

// hasNot demands that a selector finds nothing.
func (a *answer) hasNot(selector string) *answer {
	a.t.Helper()
	require.Zero(a.t, a.doc.Find(selector).Length(), "%s is in %s", selector, a.text("main"))
	return a
}

// says demands words in the page.
func (a *answer) says(words string) *answer {
	a.t.Helper()
	require.Contains(a.t, a.text("body"), words)
	return a
}

// attr gives an attribute of the first element that a selector finds.
func (a *answer) attr(selector, name string) string {
	a.t.Helper()
	v, ok := a.doc.Find(selector).First().Attr(name)
	require.True(a.t, ok, "no %s of %s in %s", name, selector, a.text("main"))
	return v
}

// key gives the idempotency key of the page's first form that has one.
func (a *answer) key() string {
	a.t.Helper()
	return a.attr(`input[name="key"]`, "value")
}
