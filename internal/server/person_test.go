package server_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"waymark/internal/app"
	"waymark/internal/domain/id"
	"waymark/internal/password"
	"waymark/internal/postgres"
	"waymark/internal/server"
)

// goodPassword may be chosen by anybody here.
const goodPassword = "tulips beneath the harbour wall"

// cheap is what hashing costs where a test is not about its cost.
func cheap() app.Option { return app.WithPasswords(password.Options{Memory: 64, Passes: 1}) }

// baseURL is where this installation's links lead.
func baseURL(t testing.TB, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	require.NoError(t, err)
	return u
}

// use gives use cases of their own over the site's database.
func (s *site) use(t testing.TB, options ...app.Option) *app.App {
	t.Helper()
	store, err := postgres.Open(t.Context(), s.db.AppDSN(), postgres.Options{MaxConns: 16})
	require.NoError(t, err)
	t.Cleanup(store.Close)
	return app.New(store, append([]app.Option{cheap()}, options...)...)
}

// serving gives the same site behind a server with other options.
func (s *site) serving(t testing.TB, a *app.App, set func(*server.Options)) *site {
	t.Helper()
	other := *s
	o := server.Options{App: a, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return other.now }}
	if set != nil {
		set(&o)
	}
	other.server = server.New(o)
	other.http = httptest.NewServer(other.server.Handler())
	t.Cleanup(other.http.Close)
	t.Cleanup(func() { require.Zero(t, other.server.InternalErrors()) })
	return &other
}

// setPassword gives a person of the site a password.
func (s *site) setPassword(name, typed string) {
	s.t.Helper()
	hash, err := password.New(password.Options{Memory: 64, Passes: 1}).Hash(s.t.Context(), typed)
	require.NoError(s.t, err)
	s.exec(`UPDATE person SET password = $1 WHERE id = $2`, hash, s.People[name])
}

// administers makes a person the installation's administrator.
func (s *site) administers(name string) {
	s.exec(`UPDATE installation SET administrator_id = $1`, s.People[name])
}

// installationEvents gives the kinds of the events that belong to no
// organization, in order.
func (s *site) installationEvents() []string {
	rows, err := s.owner.Query(context.Background(), `SELECT kind FROM event WHERE organization_id = $1 ORDER BY seq`, id.Organization{})
	require.NoError(s.t, err)
	kinds, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(s.t, err)
	return kinds
}

// cookie gives the session's cookie that an answer sets.
func (a *answer) cookie() *http.Cookie {
	a.t.Helper()
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if strings.HasSuffix(c.Name, "waymark") {
			return c
		}
	}
	require.Fail(a.t, "no cookie is set", a.text("main"))
	return nil
}

// carries makes a visitor bring a cookie along.
func (v *visitor) carries(c *http.Cookie) *visitor {
	v.header.Set("Cookie", c.Name+"="+c.Value)
	return v
}

// signsIn signs in by the page and keeps the session.
func (v *visitor) signsIn(email, typed string) *visitor {
	v.t.Helper()
	a := v.post("/sign-in", "email", email, "password", typed)
	a.to()
	return v.carries(a.cookie())
}

var mailLink = regexp.MustCompile(`https?://\S+`)

// lastMail gives the recipient and the first link of the newest mail.
func (s *site) lastMail() (to, link string) {
	s.t.Helper()
	type row struct{ Recipient, BodyText string }
	rows, err := s.owner.Query(context.Background(), `SELECT recipient, body_text FROM mail ORDER BY created_at DESC, id DESC LIMIT 1`)
	require.NoError(s.t, err)
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[row])
	require.NoError(s.t, err)
	return m.Recipient, mailLink.FindString(m.BodyText)
}

// pathOf is what of a link is asked of the test's server.
func pathOf(t testing.TB, link string) string {
	t.Helper()
	u, err := url.Parse(link)
	require.NoError(t, err)
	return u.RequestURI()
}

// mailServer is a mail server that takes what it is sent, or answers each
// recipient with refuse.
type mailServer struct {
	listener net.Listener
	refuse   string

	mu    sync.Mutex
	mails []string
}

func newMailServer(t testing.TB, refuse string) *mailServer {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	m := &mailServer{listener: listener, refuse: refuse}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go m.talk(conn)
		}
	}()
	return m
}

func (m *mailServer) url() string { return "smtp://" + m.listener.Addr().String() + "?starttls=never" }

func (m *mailServer) talk(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	c := textproto.NewConn(conn)
	_ = c.PrintfLine("220 test")
	for {
		line, err := c.ReadLine()
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(strings.Fields(line + " x")[0]); {
		case verb == "RCPT" && m.refuse != "":
			_ = c.PrintfLine("%s", m.refuse)
		case verb == "DATA":
			_ = c.PrintfLine("354 go on")
			lines, _ := c.ReadDotLines()
			m.mu.Lock()
			m.mails = append(m.mails, strings.Join(lines, "\n"))
			m.mu.Unlock()
			_ = c.PrintfLine("250 taken")
		case verb == "QUIT":
			_ = c.PrintfLine("221 bye")
			return
		default:
			_ = c.PrintfLine("250 ok")
		}
	}
}

func (m *mailServer) taken() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.mails...)
}
