package server_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// newInstallation is a site that nobody has set up yet, and its one-time code.
func newInstallation(t testing.TB) (s *site, code string) {
	t.Helper()
	s = newSite(t)
	s.exec(`UPDATE installation SET set_up_at = NULL, administrator_id = NULL`)
	a := s.use(t)
	s = s.serving(t, a, nil)
	code, err := a.SetUpCode(t.Context())
	require.NoError(t, err)
	require.Regexp(t, `^[0-9A-Z]{5}(-[0-9A-Z]{5}){3}$`, code)
	return s, code
}

func setUpFields(code, email string) []string {
	return []string{
		"code", code, "name", "Anna Berg", "email", email, "new_password", goodPassword,
		"organization", "Fjord Services", "time_zone", "Europe/Oslo", "language", "en",
	}
}

func TestSetUp(t *testing.T) {
	t.Parallel()
	s, code := newInstallation(t)
	nobody := s.as(t, "")

	for _, path := range []string{"/", "/sign-in", "/profile", "/admin/outbox", "/nowhere", s.path("")} {
		require.Equal(t, "/set-up", s.as(t, "owner").get(path).to(), path)
	}
	require.Equal(t, "/set-up", s.as(t, "owner").post("/profile", "name", "x").to())
	nobody.get("/healthz").ok()
	nobody.get("/readyz").ok()
	nobody.get("/set-up").ok().says("WAYMARK_URL").hasNot(`input[name="new_password"][value]`)
	nobody.get("/set-up?language=zh").ok().says("一次性验证码")

	// A wrong code changes nothing and keeps what was typed but the password.
	page := nobody.post("/set-up", setUpFields("WRONG-WRONG-WRONG-WRONG", "anna@example.com")...).is(http.StatusUnprocessableEntity)
	page.says("not the code")
	require.Equal(t, "Fjord Services", page.attr(`input[name="organization"]`, "value"))
	page.hasNot(`input[name="new_password"][value]`)
	require.NotContains(t, page.body, goodPassword)
	nobody.post("/set-up", "code", code, "name", "", "email", "anna", "new_password", "short", "organization", "", "time_zone", "Mars/Base", "language", "fr").
		is(http.StatusUnprocessableEntity)
	fields := setUpFields(code, "anna@example.com")
	fields[7] = "fjord services fjord services"
	nobody.post("/set-up", fields...).is(http.StatusUnprocessableEntity).says("made of your name")
	require.Empty(t, s.installationEvents())

	// Typed as people type it, in small letters and without hyphens.
	answer := nobody.post("/set-up", setUpFields(strings.ToLower(strings.ReplaceAll(code, "-", "")), "anna@example.com")...)
	require.Equal(t, "/set-up/sample", answer.to())
	cookie := answer.cookie()
	require.Equal(t, "waymark", cookie.Name)
	anna := s.as(t, "").carries(cookie)
	anna.get("/profile").ok().says("Anna Berg")
	anna.get("/admin/outbox").ok()
	require.Equal(t, "owner", value[string](s, `SELECT m.role FROM membership m JOIN organization o ON o.id = m.organization_id
		JOIN installation i ON i.administrator_id = m.person_id WHERE o.name = 'Fjord Services' AND o.time_zone = 'Europe/Oslo' AND i.set_up_code IS NULL`))
	require.Equal(t, []string{"person.created", "installation.set_up", "session.signed_in"}, s.installationEvents())

	// Once.
	nobody.get("/set-up").is(http.StatusNotFound)
	nobody.post("/set-up", setUpFields(code, "second@example.com")...).is(http.StatusNotFound)
	other := s.serving(t, s.use(t), nil) // another process, which has not seen it happen
	other.as(t, "").post("/set-up", setUpFields(code, "third@example.com")...).is(http.StatusNotFound)
	other.as(t, "").get("/set-up").is(http.StatusNotFound)
	again, err := s.use(t).SetUpCode(t.Context())
	require.NoError(t, err)
	require.Empty(t, again)
}

// Whoever asks for a new code makes the old one useless.
func TestSetUpCodeReplaced(t *testing.T) {
	t.Parallel()
	s, old := newInstallation(t)
	code, err := s.use(t).SetUpCode(t.Context())
	require.NoError(t, err)
	require.NotEqual(t, old, code)
	s.as(t, "").post("/set-up", setUpFields(old, "anna@example.com")...).is(http.StatusUnprocessableEntity)
	s.as(t, "").post("/set-up", setUpFields(code, "anna@example.com")...).to()
}

func TestSetUpRace(t *testing.T) {
	t.Parallel()
	s, code := newInstallation(t)
	var group sync.WaitGroup
	var won, lost atomic.Int64
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		group.Go(func() {
			switch s.as(t, "").post("/set-up", setUpFields(code, name+"@example.com")...).status {
			case http.StatusSeeOther:
				won.Add(1)
			case http.StatusNotFound:
				lost.Add(1)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 1, won.Load())
	require.EqualValues(t, 7, lost.Load())
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM organization WHERE name = 'Fjord Services'`))
}

func TestSetUpSample(t *testing.T) {
	t.Parallel()
	s, code := newInstallation(t)
	answer := s.as(t, "").post("/set-up", setUpFields(code, "anna@example.com")...)
	require.Equal(t, "/set-up/sample", answer.to())
	anna := s.as(t, "").carries(answer.cookie())
	page := anna.get("/set-up/sample").ok().has(`a[href="/"]`)
	s.as(t, "owner").get("/set-up/sample").is(http.StatusNotFound)
	s.as(t, "").post("/set-up/sample", "key", page.key()).is(http.StatusUnauthorized)
	for range 2 { // sent twice, made once
		anna.post("/set-up/sample", "key", page.key()).to()
	}
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM organization WHERE sample`))
	require.EqualValues(t, 220, value[int64](s, `SELECT count(*) FROM rating`))
}
