// Package server turns requests into use cases and their outcomes into
// answers: routes in one list, handlers that parse, call and answer, and one
// place where errors become statuses.
package server

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/httprate"

	"waymark/internal/app"
)

// Options are what the server needs to know of its surroundings.
type Options struct {
	App    *app.App
	Logger *slog.Logger
	// Now is the clock.
	Now func() time.Time
	// URL is the one address that links are made with; nil while it is not
	// configured, when only set-up and loopback visits are expected.
	URL *url.URL
	// TrustedProxies may say who the client is.
	TrustedProxies []netip.Prefix
	// Styleguide opens /styleguide.
	Styleguide bool
	// StrangersPerMinute bounds the forms that one address may send in a minute
	// without a session; 0 takes what production runs with.
	StrangersPerMinute int
	// MaxFile is the largest file that is taken, in bytes; 0 takes 25 MiB.
	MaxFile int64
	// Tracks reports whether the process takes visitors; false while it drains.
	Ready func() bool
}

// Server answers requests.
type Server struct {
	app        *app.App
	log        *slog.Logger
	now        func() time.Time
	url        *url.URL
	proxies    []netip.Prefix
	styleguide bool
	ready      func() bool
	maxFile    int64
	strangers  *httprate.RateLimiter
	isSetUp    atomic.Bool  // stays true once it is
	internal   atomic.Int64 // answers of 500 so far, a count that tests hold at 0
}

// New makes a server.
func New(o Options) *Server {
	s := &Server{
		app: o.App, log: o.Logger, now: o.Now, url: o.URL, proxies: o.TrustedProxies,
		styleguide: o.Styleguide, ready: o.Ready, strangers: newStrangers(o.StrangersPerMinute),
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.maxFile = o.MaxFile; s.maxFile <= 0 {
		s.maxFile = app.DefaultMaxFile
	}
	if s.ready == nil {
		s.ready = func() bool { return true }
	}
	return s
}

// Handler gives the whole application.
func (s *Server) Handler() http.Handler {
	r := chi.NewRouter()
	s.use(r)
	for _, route := range s.Routes() {
		r.Method(route.Method, route.Pattern, s.serve(route))
	}
	r.NotFound(s.serve(Route{handle: notFound}).ServeHTTP)
	r.MethodNotAllowed(s.serve(Route{handle: methodNotAllowed}).ServeHTTP)
	return r
}

// InternalErrors counts the answers that were our own fault.
func (s *Server) InternalErrors() int64 { return s.internal.Load() }

// secure reports whether visitors reach us by https.
func (s *Server) secure() bool { return s.url != nil && s.url.Scheme == "https" }
