package server_test

import (
	"context"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waymark/internal/app"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
)

func TestOutbox(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.use(t, app.WithURL(baseURL(t, "https://plan.example.org")))
	s = s.serving(t, a, nil)
	s.administers("manager")
	administrator := s.as(t, "manager")
	administrator.get("/admin/outbox").ok().says("No mail has been written yet").says("No mail server")

	require.NoError(t, a.AskPasswordReset(context.Background(), "owner@example.org", identity.LanguageEnglish, s.now))
	page := administrator.get("/admin/outbox").ok().says("owner@example.org").says("Not sent")
	at := page.attr(`main td a`, "href")
	mail := administrator.get(at).ok()
	_, link := s.lastMail()
	require.Equal(t, link, mail.text(`pre a`))
	require.Equal(t, pathOf(t, link), mail.attr(`pre a`, "href"), "to be followed by whatever host the reader is on")

	// Reset links of others must reach nobody else, not even an owner.
	for name, want := range map[string]int{
		"owner": 404, "sponsor": 404, "member": 404, "guest": 404, "nobody": 404, "stranger": 404, "": 303,
	} {
		for _, path := range []string{"/admin/outbox", at} {
			answer := s.as(t, name).get(path)
			require.Equal(t, want, answer.status, "%s %s", name, path)
			require.NotContains(t, answer.body, "owner@example.org")
		}
	}
	administrator.get("/admin/outbox/" + newID[id.Mail]().String()).is(http.StatusNotFound)
	administrator.get("/admin/outbox/nothing").is(http.StatusNotFound)
	administrator.get("/admin/outbox?behind=nothing").is(http.StatusNotFound)
}

// The list goes on behind a mail, however many come in front meanwhile.
func TestOutboxPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.administers("manager")
	add := func(n int) {
		s.exec(`INSERT INTO mail (id, once, kind, recipient, language, subject, body_text, body_html, created_at, next_attempt_at)
			VALUES ($1, $2, 'notice', 'x@example.org', 'en', $2, '', '', $3, $3)`,
			newID[id.Mail](), "Mail "+strconv.Itoa(n), s.now.Add(time.Duration(n/3)*time.Second))
	}
	for n := range 120 {
		add(n)
	}
	administrator := s.as(t, "manager")
	seen := map[string]bool{}
	for path, pages := "/admin/outbox", 0; path != ""; pages++ {
		require.Less(t, pages, 4)
		page := administrator.get(path).ok()
		for _, subject := range page.doc.Find("main td a").EachIter() {
			require.False(t, seen[subject.Text()], subject.Text())
			seen[subject.Text()] = true
		}
		path = page.doc.Find(`a[rel="next"]`).AttrOr("href", "")
		add(1000 + pages)
	}
	require.Len(t, seen, 120)
	s.counts.reset()
	administrator.get("/admin/outbox").ok()
	trips, _ := s.counts.counted()
	require.LessOrEqual(t, trips, 2)
}
