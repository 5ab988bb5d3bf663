package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProfile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	member := s.as(t, "member")
	page := member.get("/profile").ok()
	require.Equal(t, "1", page.attr(`#person input[name="version"]`, "value"))
	s.as(t, "").get("/profile").is(http.StatusSeeOther)
	s.as(t, "").post("/profile", "name", "x").is(http.StatusUnauthorized)

	fields := func(name, language, zone, version string) []string {
		return []string{"name", name, "language", language, "time_zone", zone, "version", version}
	}
	at := member.post("/profile", fields("Mia Moe", "en", "Asia/Kathmandu", "1")...).to()
	member.get(at).ok().says("Saved")
	require.Equal(t, "Mia Moe", value[string](s, `SELECT name FROM membership WHERE person_id = $1`, s.People["member"]), "colleagues see it too")

	// Stale: both values, nothing lost; stale but equal counts as saved.
	answer := member.post("/profile", fields("Other Name", "en", "Asia/Kathmandu", "1")...).is(http.StatusConflict).says("Mia Moe")
	require.Equal(t, "Other Name", answer.attr(`input[name="name"]`, "value"))
	require.Equal(t, "2", answer.attr(`#person input[name="version"]`, "value"))
	member.post("/profile", fields("Mia Moe", "en", "Asia/Kathmandu", "1")...).to()

	for _, wrong := range [][]string{
		fields("", "en", "", "2"), fields("---", "en", "", "2"), fields("a\u202eb", "en", "", "2"), fields("Mia", "fr", "", "2"),
		fields("Mia", "en", "Mars/Base", "2"), fields("Mia", "en", "Local", "2"), fields("Mia", "en", "../../etc/passwd", "2"), fields("Mia", "en", "", "two"),
		{"name", "Mia"}, {"name", "a", "name", "b", "language", "en", "time_zone", "", "version", "2"},
	} {
		member.post("/profile", wrong...).is(http.StatusUnprocessableEntity)
	}
	member.post("/profile", fields("Mia Moe", "zh", "", "2")...).to()
	member.get("/profile").ok().says("个人资料")
	member.post("/profile", fields("Mia Moe", "system", "", "3")...).to()
	member.get("/profile").ok().says("Profile")
	require.Equal(t, []string{"profile.saved", "profile.saved", "profile.saved"}, s.installationEvents())
}

func TestProfileTheme(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	member := s.as(t, "member")
	member.header.Set("Referer", s.http.URL+"/o/x?y=z")
	require.Equal(t, "/o/x?y=z", member.post("/profile/theme", "theme", "dark").to())
	member.header.Set("Referer", "https://evil.example/")
	require.Equal(t, "/profile", member.post("/profile/theme", "theme", "dark").to())
	require.Equal(t, "dark", member.get("/profile").ok().attr("html", "data-theme"))
	member.post("/profile/theme", "theme", "pink").is(http.StatusUnprocessableEntity)
	require.Equal(t, []string{"profile.theme"}, s.installationEvents())
}

func TestProfileEmail(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.setPassword("member", goodPassword)
	s = s.serving(t, s.use(t), nil)
	member := s.as(t, "member")
	s.as(t, "").post("/password/forgot", "email", "member@example.org").to()
	_, link := s.lastMail()

	member.post("/profile/email", "email", "new@example.org", "email_password", "wrong").is(http.StatusUnprocessableEntity).says("not your current password")
	answer := member.post("/profile/email", "email", "OWNER@example.org", "email_password", goodPassword).is(http.StatusUnprocessableEntity).says("cannot be used")
	require.Equal(t, "OWNER@example.org", answer.attr(`input[name="email"]`, "value"))
	member.post("/profile/email", "email", "no address", "email_password", goodPassword).is(http.StatusUnprocessableEntity)
	member.post("/profile/email", "email", "new@example.org", "email_password", goodPassword).to()
	s.as(t, "").get(pathOf(t, link)).is(http.StatusNotFound) // it went to the old address
	s.as(t, "").signsIn("new@example.org", goodPassword)
	s.as(t, "").post("/sign-in", "email", "member@example.org", "password", goodPassword).is(http.StatusUnprocessableEntity)
}

func TestProfilePassword(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.setPassword("member", goodPassword)
	s = s.serving(t, s.use(t), nil)
	here := s.as(t, "").signsIn("member@example.org", goodPassword)
	there := s.as(t, "member")
	const chosen = "an entirely new sentence"

	here.post("/profile/password", "password", "wrong", "new_password", chosen).is(http.StatusUnprocessableEntity)
	here.post("/profile/password", "password", goodPassword, "new_password", "qwertyuiopasdfghjkl").is(http.StatusUnprocessableEntity)
	answer := here.post("/profile/password", "password", goodPassword, "new_password", "short").is(http.StatusUnprocessableEntity)
	answer.hasNot(`input[type="password"][value]`)
	there.get("/profile").ok()
	here.post("/profile/password", "password", goodPassword, "new_password", chosen).to()
	here.get("/profile").ok()
	there.get("/profile").is(http.StatusSeeOther) // signed out everywhere else
	s.as(t, "").post("/sign-in", "email", "member@example.org", "password", goodPassword).is(http.StatusUnprocessableEntity)
	s.as(t, "").signsIn("member@example.org", chosen)

	// Guessing the current password is throttled as signing in is.
	for range 10 {
		here.post("/profile/password", "password", "wrong", "new_password", goodPassword)
	}
	here.post("/profile/password", "password", chosen, "new_password", goodPassword).is(http.StatusTooManyRequests)
}
