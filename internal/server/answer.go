package server

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5/middleware"

	"waymark/internal/domain/identity"
	"waymark/internal/fault"
	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/layout"
	"waymark/web/page"
)

// Handler answers a request, or says why it could not.
type Handler func(s *Server, w http.ResponseWriter, r *http.Request) error

// serve turns a route's handler into one of net/http: every error becomes an
// answer here and nowhere else.
func (s *Server) serve(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(i18n.With(r.Context(), i18n.Match(r.Header.Get("Accept-Language"))))
		if err := route.handle(s, w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// status gives the answer's status for an error. 500 stands only for our own
// bugs.
func status(kind fault.Kind) int {
	switch kind {
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Unauthorized:
		return http.StatusUnauthorized
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.Refused, fault.Conflict, fault.Duplicate, fault.Exists:
		return http.StatusConflict
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.Busy, fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Full:
		return http.StatusInsufficientStorage
	case fault.Canceled:
		return 499 // the visitor went away; nobody reads this
	case fault.Unknown:
	}
	return http.StatusInternalServerError
}

// fail answers an error that no handler turned into a page of its own.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	kind := fault.Of(err)
	code := status(kind)
	switch {
	case kind == fault.Unauthorized:
		s.toSignIn(w, r)
		return
	case code == http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "2")
		s.log.WarnContext(r.Context(), "unavailable", "error", err, "request", middleware.GetReqID(r.Context()))
	case code == http.StatusInternalServerError:
		s.internal.Add(1)
		s.log.ErrorContext(r.Context(), "failed", "error", err, "request", middleware.GetReqID(r.Context()))
	}
	switch {
	case errors.Is(err, form.ErrType):
		code = http.StatusUnsupportedMediaType
	case errors.Is(err, form.ErrMalformed):
		code = http.StatusBadRequest
	}
	if code < http.StatusInternalServerError {
		r = s.inReadersLanguage(r)
	}
	s.showFault(w, r, code, kind.String(), reasons(r.Context(), err)...)
}

// inReadersLanguage sets the language and theme of the person's profile on a
// page of failure, which was reached before anybody asked who it is. Where that
// cannot be known the browser's language stays.
func (s *Server) inReadersLanguage(r *http.Request) *http.Request {
	token, ok := s.token(r)
	if !ok {
		return r
	}
	reader, err := s.app.Reader(r.Context(), readmodel.Access{Token: token, Now: s.now()})
	if err != nil {
		return r
	}
	return r.WithContext(readerContext(r, &reader))
}

// toSignIn sends a visitor to the sign-in page and back afterwards. A form that
// was sent after the session ended gets the page with 401, so that nothing
// looks saved.
func (s *Server) toSignIn(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		http.Redirect(w, r, "/sign-in?next="+queryEscape(r.URL.RequestURI()), http.StatusSeeOther) //nolint:gosec // the target is a constant; the sign-in page takes paths of ours only
		return
	}
	s.showFault(w, r, http.StatusUnauthorized, fault.Unauthorized.String())
}

// showFault shows the plain page of a failure.
func (s *Server) showFault(w http.ResponseWriter, r *http.Request, code int, kind string, reasons ...string) {
	v := page.FaultView{Kind: kind, Reasons: reasons}
	if code == http.StatusInternalServerError {
		v.Number = middleware.GetReqID(r.Context())
	}
	if code == http.StatusUnauthorized {
		v.SignIn = true
	}
	if back := sameSite(r); back != "" {
		v.Back = back
	}
	if err := render(r.Context(), w, code, page.Fault(v)); err != nil {
		s.log.ErrorContext(r.Context(), "showing a failure", "error", err)
	}
}

// reasons gives the sentences of a refusal in the reader's language.
func reasons(ctx context.Context, err error) []string {
	refused, ok := asRefused(err)
	if !ok {
		return nil
	}
	out := make([]string, len(refused))
	for i, reason := range refused {
		out[i] = page.RefusalText(ctx, reason)
	}
	return out
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// render writes a whole page or nothing.
func render(ctx context.Context, w http.ResponseWriter, code int, c templ.Component) error {
	b, _ := buffers.Get().(*bytes.Buffer) // the pool holds nothing else
	defer buffers.Put(b)
	b.Reset()
	if err := c.Render(ctx, b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write(b.Bytes()) // a visitor who went away is no failure of ours
	return nil
}

// readerContext sets the language, theme and person for a page.
func readerContext(r *http.Request, c *readmodel.Caller) context.Context {
	ctx := r.Context()
	if lang, ok := i18n.ParseLang(c.Language); ok {
		ctx = i18n.With(ctx, lang)
	}
	switch c.Theme {
	case identity.ThemeLight:
		ctx = layout.WithTheme(ctx, layout.ThemeLight)
	case identity.ThemeDark:
		ctx = layout.WithTheme(ctx, layout.ThemeDark)
	case identity.ThemeSystem:
	}
	return ctx
}

// show renders a page for its reader inside the frame.
func (s *Server) show(w http.ResponseWriter, r *http.Request, code int, frame readmodel.Frame, tab page.Tab, title func(context.Context) string, content templ.Component) error {
	ctx := readerContext(r, &frame.Caller)
	return render(ctx, w, code, page.Framed(s.frameView(ctx, frame, tab, title(ctx)), content))
}

// again answers a form that could not be accepted with its own page: the form
// with what was typed, and why. Errors that are no answer to the form (not
// found, forbidden, database away) stay errors.
func (s *Server) again(r *http.Request, f *form.Form, err error, show func(f *form.Form, code int) error) error {
	kind := fault.Of(err)
	switch kind {
	case fault.Invalid, fault.Refused, fault.Conflict, fault.Duplicate, fault.Exists:
	default:
		return err
	}
	explain(s.inReadersLanguage(r).Context(), f, err)
	return show(f, status(kind))
}

// explain puts the reasons of an error into the form.
func explain(ctx context.Context, f *form.Form, err error) {
	if invalid, ok := asInvalid(err); ok {
		for _, field := range invalid.Fields {
			f.Fail(field.Name, i18n.M(field.Key, field.Args...))
		}
		return
	}
	if refused, ok := asRefused(err); ok {
		for _, reason := range refused {
			f.Fail("", page.RefusalMessage(ctx, reason))
		}
		return
	}
	if current, ok := meanwhile(err); ok {
		f.Meanwhile(current.Version, current.Fields)
		return
	}
	f.Fail("", i18n.M("fault."+fault.Of(err).String()+".form"))
}

// done redirects after a form was accepted.
func done(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // made of constants, ids and sameSite
	return nil
}

// plainText answers a machine.
func plainText(w http.ResponseWriter, code int, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(code)
	_, err := w.Write([]byte(text))
	if err != nil {
		slog.Debug("answering", "error", err)
	}
	return nil
}

func notFound(*Server, http.ResponseWriter, *http.Request) error { return fault.NotFound }

func methodNotAllowed(s *Server, w http.ResponseWriter, r *http.Request) error {
	s.showFault(w, s.inReadersLanguage(r), http.StatusMethodNotAllowed, "method")
	return nil
}
