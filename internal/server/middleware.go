package server

import (
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/klauspost/compress/gzhttp"

	"waymark/web/layout"
)

// use puts the middleware around every route, outermost first.
func (s *Server) use(r *chi.Mux) {
	r.Use(middleware.RequestID)
	r.Use(s.clientAddress())
	r.Use(s.logged)
	r.Use(s.headers)
	// Forms of other sites are refused by the browser's own word on where a
	// request came from; there are no exceptions.
	r.Use(http.NewCrossOriginProtection().Handler)
	r.Use(s.setUpFirst)
	r.Use(compressed())
}

// clientAddress finds the visitor's address: the peer's, or behind a trusted
// proxy what that proxy says.
func (s *Server) clientAddress() func(http.Handler) http.Handler {
	if len(s.proxies) == 0 {
		return middleware.ClientIPFromRemoteAddr
	}
	return middleware.ClientIPFromXFF(prefixes(s.proxies)...)
}

func prefixes(list []netip.Prefix) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.String()
	}
	return out
}

// compressed packs answers at the level that costs least for what it saves.
func compressed() func(http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.CompressionLevel(1), gzhttp.MinSize(1024))
	if err != nil {
		panic(err) // the options are constants
	}
	return func(next http.Handler) http.Handler { return wrap(next) }
}

// logged writes one line a request: ids and numbers, no names or addresses of
// people. A panic becomes a 500 with the request's id.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { //nolint:errorlint // the panic value itself
					panic(p)
				}
				s.internal.Add(1)
				s.log.LogAttrs(r.Context(), slog.LevelError, "panic", slog.Any("value", p),
					slog.String("request", middleware.GetReqID(r.Context())), slog.String("stack", string(debug.Stack())))
				if ww.Status() == 0 {
					s.showFault(ww, r, http.StatusInternalServerError, "unknown", "")
				}
			}
			s.log.LogAttrs(r.Context(), slog.LevelInfo, "request",
				slog.String("method", r.Method), slog.String("route", routePattern(r)), slog.Int("status", ww.Status()),
				slog.Int("bytes", ww.BytesWritten()), slog.Duration("took", time.Since(start)),
				slog.String("request", middleware.GetReqID(r.Context())))
		}()
		next.ServeHTTP(ww, r)
	})
}

func routePattern(r *http.Request) string {
	if c := chi.RouteContext(r.Context()); c != nil {
		return c.RoutePattern()
	}
	return ""
}

// headers sets what every answer carries. A page's policy gets a nonce of its
// own; scripts run only with it, and only what they load.
func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		nonce := newNonce()
		h := w.Header()
		h.Set("Content-Security-Policy", policy(nonce))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
		if s.secure() {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		if !strings.HasPrefix(r.URL.Path, "/static/") {
			h.Set("Cache-Control", "no-store")
		}
		ctx := layout.WithNonce(r.Context(), nonce)
		if r.Header.Get(layout.SwapHeader) != "" {
			ctx = layout.WithSwap(ctx)
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func newNonce() string {
	var b [18]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.StdEncoding.EncodeToString(b[:])
}

func policy(nonce string) string {
	return "default-src 'none'; script-src 'nonce-" + nonce + "' 'strict-dynamic'; style-src 'self'; img-src 'self'; " +
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
		"require-trusted-types-for 'script'; trusted-types default"
}
