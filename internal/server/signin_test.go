package server_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waymark/internal/app"
	"waymark/internal/domain/identity"
	"waymark/internal/mail"
	"waymark/internal/server"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.setPassword("member", goodPassword)
	nobody := s.as(t, "")
	page := nobody.get("/sign-in").ok()
	require.Equal(t, "username", page.attr(`input[name="email"]`, "autocomplete"))
	require.Equal(t, "current-password", page.attr(`input[name="password"]`, "autocomplete"))
	nobody.get("/sign-in?language=zh").ok().says("登录")

	// The address in any case; the password exactly.
	answer := nobody.post("/sign-in?next=%2Fprofile", "email", "Member@Example.org", "password", goodPassword)
	require.Equal(t, "/profile", answer.to())
	cookie := answer.cookie()
	require.Equal(t, "waymark", cookie.Name)
	require.True(t, cookie.HttpOnly)
	require.False(t, cookie.Secure, "over plain http a Secure cookie would never come back")
	require.Equal(t, http.SameSiteLaxMode, cookie.SameSite)
	require.Equal(t, "/", cookie.Path)
	require.Empty(t, cookie.Domain)
	s.as(t, "").carries(cookie).get("/profile").ok().says("Member Halden")
	require.Zero(t, value[int64](s, `SELECT count(*) FROM session WHERE token_hash = convert_to($1, 'UTF8')`, cookie.Value))
	require.NotContains(t, value[string](s, `SELECT password FROM person WHERE id = $1`, s.People["member"]), "m=64,",
		"a hash made with other settings is made anew")

	// A token that the browser had before is not taken over but ended.
	before := s.as(t, "member")
	after := before.post("/sign-in", "email", "member@example.org", "password", goodPassword).cookie()
	require.NotEqual(t, s.tokens["member"], after.Value)
	require.Equal(t, "/sign-in?next=%2Fprofile", before.get("/profile").to())
	s.as(t, "").carries(after).get("/profile").ok()
	require.Equal(t, []string{"session.signed_in", "session.signed_in", "session.signed_out"}, s.installationEvents())
}

// blanked takes out of a page what differs between any two of them.
func blanked(a *answer) string {
	body := regexp.MustCompile(`nonce="[^"]*"`).ReplaceAllString(a.body, "")
	return regexp.MustCompile(`[a-z.]+@example\.org`).ReplaceAllString(body, "")
}

func TestSignInRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.setPassword("member", goodPassword)
	s.setPassword("guest", goodPassword)
	s.exec(`UPDATE person SET disabled_at = $1 WHERE id = $2`, s.now, s.People["guest"])
	nobody := s.as(t, "")

	wrong := nobody.post("/sign-in", "email", "member@example.org", "password", "not that one at all").is(http.StatusUnprocessableEntity)
	wrong.says("do not match")
	require.Equal(t, "member@example.org", wrong.attr(`input[name="email"]`, "value"))
	for what, fields := range map[string][]string{
		"nobody has the address": {"email", "who.knows@example.org", "password", goodPassword},
		"no password chosen yet": {"email", "sponsor@example.org", "password", goodPassword},
		"disabled":               {"email", "guest@example.org", "password", goodPassword},
	} {
		require.Equal(t, blanked(wrong), blanked(nobody.post("/sign-in", fields...).is(http.StatusUnprocessableEntity)), what)
	}
	require.Equal(t, strings.Fields(strings.Repeat("session.failed ", 4)), s.installationEvents())

	for _, fields := range [][]string{
		{}, {"email", "member@example.org"}, {"password", goodPassword}, {"email", "no address", "password", "x"},
		{"email", "a@b.org", "email", "c@d.org", "password", "x"}, {"email", "member@example.org", "password", "nul\x00byte"},
		{"email", "\xff\xfe@example.org", "password", strings.Repeat("x", 5000)},
	} {
		nobody.post("/sign-in", fields...).is(http.StatusUnprocessableEntity)
	}
}

func TestSignInNext(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.setPassword("member", goodPassword)
	for next, want := range map[string]string{
		"":                             "/",
		"%2Fo%2Fx%3Fa%3Db%23c":         "/o/x?a=b#c",
		"https%3A%2F%2Fevil.example":   "/",
		"%2F%2Fevil.example":           "/",
		"%2F%5Cevil.example":           "/",
		"%5C%5Cevil.example":           "/",
		"%2F%09%2Fevil.example":        "/",
		"%2F%0A%2Fevil.example":        "/",
		"javascript%3Aalert(1)":        "/",
		"%2F..%2F%2Fevil.example%00":   "/",
		"profile":                      "/",
		"%2Fsign-in%3Fnext%3D%252F":    "/",
		"%2Fpassword%2Freset":          "/",
		"%2F%2F%2Fevil.example":        "/",
		"%20%2F%2Fevil.example":        "/",
		"https%3A%2Fevil.example%2F..": "/",
	} {
		got := s.as(t, "").post("/sign-in?next="+next, "email", "member@example.org", "password", goodPassword).to()
		require.Equal(t, want, got, next)
	}
}

// After ten failures the wait grows, whether anybody has the address or not,
// and however many try at once.
func TestSignInThrottle(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.setPassword("member", goodPassword)
	s = s.serving(t, s.use(t), func(o *server.Options) { o.StrangersPerMinute = 1000 })
	for _, email := range []string{"member@example.org", "who.knows@example.org"} {
		for range 10 {
			s.as(t, "").post("/sign-in", "email", email, "password", "wrong").is(http.StatusUnprocessableEntity)
		}
		answer := s.as(t, "").post("/sign-in", "email", email, "password", goodPassword).is(http.StatusTooManyRequests)
		answer.says("one minute")
		require.Equal(t, "60", answer.header.Get("Retry-After"))
	}
	s.now = s.now.Add(61 * time.Second)
	s.as(t, "").post("/sign-in", "email", "member@example.org", "password", "wrong").is(http.StatusUnprocessableEntity)
	s.as(t, "").post("/sign-in", "email", "member@example.org", "password", goodPassword).is(http.StatusTooManyRequests).says("2 minutes")
	s.now = s.now.Add(2 * time.Minute)
	s.as(t, "").signsIn("member@example.org", goodPassword)
	s.as(t, "").post("/sign-in", "email", "member@example.org", "password", "wrong").is(http.StatusUnprocessableEntity)
	s.as(t, "").signsIn("member@example.org", goodPassword)

	statuses := make(chan int, 20)
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			statuses <- s.as(t, "").post("/sign-in", "email", "crowd@example.org", "password", "wrong").status
		})
	}
	group.Wait()
	close(statuses)
	tried := 0
	for status := range statuses {
		if status == http.StatusUnprocessableEntity {
			tried++
		}
	}
	require.Equal(t, 10, tried)
}

func TestStrangersPerAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s = s.serving(t, s.use(t), func(o *server.Options) { o.StrangersPerMinute = 3 })
	for range 3 {
		s.as(t, "").post("/password/forgot", "email", "who@example.org").to()
	}
	for _, path := range []string{"/password/forgot", "/sign-in", "/password/reset?token=x", "/invitations/accept?token=x"} {
		answer := s.as(t, "").post(path, "email", "who@example.org").is(http.StatusTooManyRequests)
		require.NotEmpty(t, answer.header.Get("Retry-After"), path)
	}
	s.as(t, "").get("/sign-in").ok()
	s.as(t, "member").get("/profile").ok()
}

func TestSecureCookie(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.setPassword("member", goodPassword)
	secure := s.serving(t, s.use(t), func(o *server.Options) { o.URL = baseURL(t, "https://waymark.example.org") })
	cookie := secure.as(t, "").post("/sign-in", "email", "member@example.org", "password", goodPassword).cookie()
	require.Equal(t, "__Host-waymark", cookie.Name)
	require.True(t, cookie.Secure)
	require.True(t, cookie.HttpOnly)
	require.Equal(t, "/", cookie.Path)
	require.Empty(t, cookie.Domain)
	require.Equal(t, http.SameSiteLaxMode, cookie.SameSite)
	secure.as(t, "").carries(cookie).get("/profile").ok()
	cookie.Name = "waymark"
	secure.as(t, "").carries(cookie).get("/profile").to() // the unprefixed name could come from a neighbour

	plain := s.serving(t, s.use(t), func(o *server.Options) { o.URL = baseURL(t, "http://waymark.example.org") })
	plain.as(t, "").get("/sign-in").ok().says("not encrypted")
	secure.as(t, "").get("/sign-in").ok().hasNot(".banner")
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.setPassword("member", goodPassword)
	s = s.serving(t, s.use(t), nil)
	start := s.now
	signedIn := func(v *visitor) bool { return v.get("/profile").status == http.StatusOK }
	newVisitor := func() *visitor { return s.as(t, "").signsIn("member@example.org", goodPassword) }

	idle, busy := newVisitor(), newVisitor()
	for day := range 13 {
		s.now = start.AddDate(0, 0, day+1)
		require.True(t, signedIn(busy))
	}
	s.now = start.AddDate(0, 0, 14)
	require.False(t, signedIn(idle), "two weeks without a visit")
	require.True(t, signedIn(busy))
	for day := 15; day < 90; day++ {
		s.now = start.AddDate(0, 0, day)
		require.True(t, signedIn(busy), "day %d", day)
	}
	s.now = start.AddDate(0, 0, 90)
	require.False(t, signedIn(busy), "ninety days at most")
	require.Equal(t, http.StatusUnauthorized, busy.post("/profile/theme", "theme", "dark").status)

	// Signing out ends the session itself, not only the cookie.
	first, second, third := newVisitor(), newVisitor(), newVisitor()
	answer := first.post("/sign-out")
	require.Equal(t, "/sign-in", answer.to())
	require.Negative(t, answer.cookie().MaxAge)
	require.False(t, signedIn(first))
	first.post("/sign-out").is(http.StatusUnauthorized)

	// One of the others, by the profile's list; nobody else's.
	page := second.get("/profile").ok()
	end := page.attr(`#sessions td.act form`, "action")
	require.Equal(t, http.StatusNotFound, s.as(t, "").carries(s.as(t, "").post("/sign-in", "email", "member@example.org", "password", goodPassword).cookie()).
		post("/profile/sessions/"+s.otherSession("owner")+"/end").status)
	second.post(end).to()
	second.post(end).to()
	require.False(t, signedIn(third))
	require.True(t, signedIn(second))

	// Everywhere.
	fourth := newVisitor()
	require.Equal(t, "/sign-in", second.post("/profile/sessions/end").to())
	require.False(t, signedIn(second))
	require.False(t, signedIn(fourth))

	disabled := newVisitor()
	s.exec(`UPDATE person SET disabled_at = $1 WHERE id = $2`, s.now, s.People["member"])
	require.False(t, signedIn(disabled))
	s.as(t, "").carries(&http.Cookie{Name: "waymark", Value: "no token"}).get("/profile").to()
}

// otherSession gives the id of a session of a person.
func (s *site) otherSession(name string) string {
	return value[string](s, `SELECT id::text FROM session WHERE person_id = $1`, s.People[name])
}

func TestPasswordReset(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.setPassword("member", goodPassword)
	s = s.serving(t, s.use(t, app.WithURL(baseURL(t, "https://plan.example.org"))), nil)
	nobody := s.as(t, "")
	signedIn := s.as(t, "").signsIn("member@example.org", goodPassword)

	// The same answer whoever has the address; only one of them gets a mail.
	nobody.get("/password/forgot").ok().has(`input[name="email"]`)
	known := nobody.post("/password/forgot", "email", "MEMBER@example.org").to()
	unknown := nobody.post("/password/forgot", "email", "who.knows@example.org").to()
	require.Equal(t, known, unknown)
	nobody.get(known).ok().says("Look into your mailbox")
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM mail`))
	to, link := s.lastMail()
	require.Equal(t, "member@example.org", to)
	require.True(t, strings.HasPrefix(link, "https://plan.example.org/password/reset?token="), link)
	require.Equal(t, []string{"session.signed_in", "password.reset_asked", "password.reset_asked"}, s.installationEvents())

	at := pathOf(t, link)
	nobody.get(at).ok().says("member@example.org").has(`input[autocomplete="new-password"]`)
	nobody.post(at, "new_password", "").is(http.StatusUnprocessableEntity)
	nobody.post(at, "new_password", "too short").is(http.StatusUnprocessableEntity).says("at least 15")
	nobody.post(at, "new_password", "member member member").is(http.StatusUnprocessableEntity)
	signedIn.get("/profile").ok()

	const newPassword = "a quite different sentence"
	nobody.post("/password/forgot", "email", "member@example.org").to()
	_, second := s.lastMail()
	nobody.get(nobody.post(at, "new_password", newPassword).to()).ok().says("The new password is saved")
	signedIn.get("/profile").is(http.StatusSeeOther)
	nobody.post("/sign-in", "email", "member@example.org", "password", goodPassword).is(http.StatusUnprocessableEntity)
	s.as(t, "").signsIn("member@example.org", newPassword)

	// Once, and every older link with it.
	for _, used := range []string{at, pathOf(t, second), "/password/reset?token=x", "/password/reset"} {
		nobody.get(used).is(http.StatusNotFound).says("does not work")
		nobody.post(used, "new_password", "yet another good sentence").is(http.StatusNotFound)
	}

	// For an hour.
	nobody.post("/password/forgot", "email", "member@example.org").to()
	_, link = s.lastMail()
	s.now = s.now.Add(app.ResetWithin)
	nobody.get(pathOf(t, link)).is(http.StatusNotFound)
	nobody.post(pathOf(t, link), "new_password", "yet another good sentence").is(http.StatusNotFound)
}

// A link leads where the installation lives, whatever a visitor's request says,
// and nobody's mailbox is flooded.
func TestPasswordResetAbuse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s = s.serving(t, s.use(t, app.WithURL(baseURL(t, "https://plan.example.org"))), nil)
	for range 5 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.http.URL+"/password/forgot", strings.NewReader("email=member@example.org"))
		require.NoError(t, err)
		req.Host = "evil.example"
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("X-Forwarded-Host", "evil.example")
		res, err := s.as(t, "").client.Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, http.StatusSeeOther, res.StatusCode)
	}
	require.EqualValues(t, 3, value[int64](s, `SELECT count(*) FROM mail`))
	require.Zero(t, value[int64](s, `SELECT count(*) FROM mail WHERE body_text || body_html ILIKE '%evil%'`))
}

// A link that is used twenty times at once works once.
func TestPasswordResetRace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s = s.serving(t, s.use(t), nil)
	s.as(t, "").post("/password/forgot", "email", "member@example.org").to()
	_, link := s.lastMail()
	at := pathOf(t, link)
	statuses := make(chan int, 20)
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() { statuses <- s.as(t, "").post(at, "new_password", goodPassword).status })
	}
	group.Wait()
	close(statuses)
	won := 0
	for status := range statuses {
		if status == http.StatusSeeOther {
			won++
		}
	}
	require.Equal(t, 1, won)
	require.Equal(t, []string{"password.reset_asked", "password.reset"}, s.installationEvents())
}

func TestSendDue(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ask := func(a *app.App, email identity.Email) {
		require.NoError(t, a.AskPasswordReset(context.Background(), email, identity.LanguageEnglish, s.now))
	}
	sender := func(url string) *mail.Sender {
		m, err := mail.NewSender(mail.Config{URL: url, From: "Waymark <plan@example.org>", Timeout: 5 * time.Second})
		require.NoError(t, err)
		return m
	}

	// Without a mail server they stay.
	none := s.use(t)
	ask(none, "member@example.org")
	sent, err := none.SendDue(t.Context(), s.now)
	require.NoError(t, err)
	require.Zero(t, sent)
	require.Zero(t, value[int64](s, `SELECT count(*) FROM mail WHERE attempts > 0 OR sent_at IS NOT NULL`))

	// Two processes at once send each once, under the mail's own Message-ID.
	good := newMailServer(t, "")
	ask(none, "sponsor@example.org")
	ask(none, "manager@example.org")
	var group sync.WaitGroup
	for range 2 {
		a := s.use(t, app.WithSender(sender(good.url())))
		group.Go(func() {
			_, err := a.SendDue(context.Background(), s.now)
			require.NoError(t, err)
		})
	}
	group.Wait()
	require.Len(t, good.taken(), 3)
	require.Zero(t, value[int64](s, `SELECT count(*) FROM mail WHERE sent_at IS NULL`))
	require.Contains(t, strings.Join(good.taken(), "\n"), "Message-ID: <"+value[string](s, `SELECT id::text FROM mail WHERE recipient = 'member@example.org'`)+"@example.org>")

	// Refused for good: given up, in the mail server's own words.
	ask(none, "consultant@example.org")
	sent, err = s.use(t, app.WithSender(sender(newMailServer(t, "550 no such mailbox").url()))).SendDue(t.Context(), s.now)
	require.NoError(t, err)
	require.Zero(t, sent)
	require.Contains(t, value[string](s, `SELECT last_error FROM mail WHERE given_up_at IS NOT NULL`), "no such mailbox")

	// For now: tried again later and later, then sent.
	ask(none, "auditor@example.org")
	busy := s.use(t, app.WithSender(sender(newMailServer(t, "451 try later").url())))
	_, err = busy.SendDue(t.Context(), s.now)
	require.Error(t, err)
	ready := s.use(t, app.WithSender(sender(good.url())))
	sent, err = ready.SendDue(t.Context(), s.now)
	require.NoError(t, err)
	require.Zero(t, sent, "not due yet")
	_, err = busy.SendDue(t.Context(), s.now.Add(time.Minute))
	require.Error(t, err)
	require.Equal(t, s.now.Add(3*time.Minute).UTC(), value[time.Time](s, `SELECT next_attempt_at FROM mail WHERE sent_at IS NULL AND given_up_at IS NULL`).UTC())
	sent, err = ready.SendDue(t.Context(), s.now.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, 1, sent)
}
