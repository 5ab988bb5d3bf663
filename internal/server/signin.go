package server

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/httprate"

	"waymark/internal/app"
	"waymark/internal/domain/identity"
	"waymark/internal/domain/permission"
	"waymark/internal/fault"
	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/web/component"
	"waymark/web/layout"
	"waymark/web/page"
)

func signInRoutes() []Route {
	return []Route{
		get("/sign-in", permission.Anybody, showSignIn),
		post("/sign-in", permission.Anybody, "session.signed_in", signIn),
		post("/sign-out", permission.SignedIn, "session.signed_out", signOut),
		get("/password/forgot", permission.Anybody, showForgot),
		post("/password/forgot", permission.Anybody, "password.reset_asked", askReset),
		get("/password/reset", permission.Anybody, showReset),
		post("/password/reset", permission.Anybody, "password.reset", resetPassword),
	}
}

// strangersPerMinute is how many forms an address may send in a minute without
// a session: enough for an office behind one address.
const strangersPerMinute = 60

// newStrangers makes the limiter of forms that need no session.
func newStrangers(perMinute int) *httprate.RateLimiter {
	if perMinute == 0 {
		perMinute = strangersPerMinute
	}
	return httprate.NewRateLimiter(perMinute, time.Minute, httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"}))
}

// stranger lets a form of somebody unknown through, or gives fault.TooMany.
func (s *Server) stranger(w http.ResponseWriter, r *http.Request) error {
	if s.strangers.OnLimit(w, r, httprate.CanonicalizeIP(middleware.GetClientIP(r.Context()))) {
		return fault.TooMany
	}
	return nil
}

// outside shows a page to people who are not signed in, in the language of
// their browser or the one they chose on such a page.
func (s *Server) outside(w http.ResponseWriter, r *http.Request, code int, title string, content templ.Component) error {
	ctx := chosenLanguage(r)
	return render(ctx, w, code, page.Outside(layout.Page{
		Title: i18n.T(ctx, title), Languages: languageLinks(r), Banners: s.outsideBanners(ctx),
	}, content))
}

// chosenLanguage puts the language of the address, where it names one, into the
// context.
func chosenLanguage(r *http.Request) context.Context {
	if lang, ok := i18n.ParseLang(r.URL.Query().Get("language")); ok {
		return i18n.With(r.Context(), lang)
	}
	return r.Context()
}

// languageLinks offers the same page in the other languages.
func languageLinks(r *http.Request) []component.Link {
	now := i18n.From(chosenLanguage(r))
	links := make([]component.Link, 0, len(i18n.Langs()))
	for _, lang := range i18n.Langs() {
		query := r.URL.Query()
		query.Set("language", lang.String())
		links = append(links, component.Link{Label: lang.Name(), Href: r.URL.Path + "?" + query.Encode(), Current: lang == now})
	}
	return links
}

// self is the address of the page that a form stands on, for sending it there.
func self(r *http.Request) string {
	if query := r.URL.Query(); len(query) > 0 {
		return r.URL.Path + "?" + query.Encode()
	}
	return r.URL.Path
}

// outsideBanners warns before a password is typed where others can listen.
func (s *Server) outsideBanners(ctx context.Context) []layout.Banner {
	if s.url == nil || s.url.Scheme == "https" || isLoopback(s.url) {
		return nil
	}
	return []layout.Banner{{Tone: component.ToneWarn, Text: i18n.T(ctx, "identity.plain_http")}}
}

// languageOf is the language that a page was shown in, as people's rows have it.
func languageOf(ctx context.Context) identity.Language {
	l, _ := identity.ParseLanguage(i18n.From(ctx).String())
	return l
}

// visit is where a session is opened from, as the profile lists it.
func visit(r *http.Request) app.Visit {
	agent := []rune(strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7F {
			return -1
		}
		return c
	}, strings.ToValidUTF8(r.UserAgent(), "")))
	return app.Visit{UserAgent: string(agent[:min(len(agent), 400)]), Address: middleware.GetClientIP(r.Context())}
}

// setSession hands the browser the token of its session.
func (s *Server) setSession(w http.ResponseWriter, token string) {
	http.SetCookie(w, s.cookie(token, int(app.SessionLifetime.Seconds())))
}

// dropSession takes the token away again.
func (s *Server) dropSession(w http.ResponseWriter) {
	http.SetCookie(w, s.cookie("", -1))
}

func (s *Server) cookie(token string, age int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // G124: without https there can be no Secure cookie, and the pages say so
		Name: s.cookieName(), Value: token, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode,
	}
}

// replaceSession hands out a new token and ends the session whose token the
// browser brought along, whoever's it was.
func (s *Server) replaceSession(w http.ResponseWriter, r *http.Request, token string) error {
	if acc, err := s.access(r); err == nil {
		if err := s.app.SignOut(r.Context(), acc); err != nil && fault.Of(err) != fault.Unauthorized && fault.Of(err) != fault.Conflict {
			return err
		}
	}
	s.setSession(w, token)
	return nil
}

// nextPath is where to go after signing in: a path of this site, else the start
// page. Browsers read backslashes as slashes and leave control characters out,
// so that /\example.com and /<tab>/example.com lead elsewhere.
func nextPath(raw string) string {
	const start = "/"
	if len(raw) > 2000 || !strings.HasPrefix(raw, "/") || strings.HasPrefix(raw, "//") || strings.ContainsRune(raw, '\\') {
		return start
	}
	for _, c := range raw {
		if c <= ' ' || c == 0x7F {
			return start
		}
	}
	u, err := url.Parse(raw)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" || strings.HasPrefix(u.Path, "//") {
		return start
	}
	for _, page := range []string{"/sign-in", "/sign-out", "/password/"} {
		if strings.HasPrefix(u.Path, page) {
			return start
		}
	}
	return raw
}

// answerStranger answers a form that was not accepted: shown again, or for too
// many failed attempts with how long to wait.
func (s *Server) answerStranger(w http.ResponseWriter, r *http.Request, f *form.Form, err error, show func(f *form.Form, code int) error) error {
	var throttled *app.ThrottledError
	if !errors.As(err, &throttled) {
		return s.again(r, f, err, show)
	}
	wait := throttled.Until.Sub(s.now())
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	f.Fail("", i18n.M("identity.sign_in.wait", "n", int(math.Ceil(wait.Minutes()))))
	return show(f, http.StatusTooManyRequests)
}

func showSignIn(s *Server, w http.ResponseWriter, r *http.Request) error {
	return signInPage(s, w, r, nil, http.StatusOK)
}

func signInPage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	forgot := url.URL{Path: "/password/forgot", RawQuery: onlyLanguage(r)}
	return s.outside(w, r, code, "identity.sign_in.title", page.SignIn(page.SignInView{
		Action: self(r), Forgot: forgot.String(), Reset: r.URL.Query().Has("reset"),
	}, f))
}

// onlyLanguage keeps the chosen language for the next page.
func onlyLanguage(r *http.Request) string {
	if word := r.URL.Query().Get("language"); word != "" {
		return url.Values{"language": {word}}.Encode()
	}
	return ""
}

func signIn(s *Server, w http.ResponseWriter, r *http.Request) error {
	if err := s.stranger(w, r); err != nil {
		return err
	}
	f, err := s.posted(r)
	if err != nil {
		return err
	}
	show := func(f *form.Form, code int) error { return signInPage(s, w, r, f, code) }
	email := f.Email("email", form.Required, form.Label("identity.email"))
	password := f.Password("password", form.Required, form.Label("identity.password"))
	if !f.OK() {
		return show(f, http.StatusUnprocessableEntity)
	}
	token, err := s.app.SignIn(r.Context(), email, password, visit(r), s.now())
	if err != nil {
		return s.answerStranger(w, r, f, err, show)
	}
	if err := s.replaceSession(w, r, token); err != nil {
		return err
	}
	return done(w, r, nextPath(r.URL.Query().Get("next")))
}

func signOut(s *Server, w http.ResponseWriter, r *http.Request) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	err = s.app.SignOut(r.Context(), acc)
	if err != nil && fault.Of(err) != fault.Conflict { // in two tabs at once
		return err
	}
	s.dropSession(w)
	return done(w, r, "/sign-in")
}

func showForgot(s *Server, w http.ResponseWriter, r *http.Request) error {
	return forgotPage(s, w, r, nil, http.StatusOK)
}

func forgotPage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	return s.outside(w, r, code, "identity.forgot.title", page.Forgot(page.ForgotView{
		Action: self(r), Outbox: !s.app.SendsMail(), Sent: r.URL.Query().Has("sent"),
	}, f))
}

func askReset(s *Server, w http.ResponseWriter, r *http.Request) error {
	if err := s.stranger(w, r); err != nil {
		return err
	}
	f, err := s.posted(r)
	if err != nil {
		return err
	}
	email := f.Email("email", form.Required, form.Label("identity.email"))
	if !f.OK() {
		return forgotPage(s, w, r, f, http.StatusUnprocessableEntity)
	}
	if err := s.app.AskPasswordReset(r.Context(), email, languageOf(chosenLanguage(r)), s.now()); err != nil {
		return err
	}
	query := r.URL.Query()
	query.Set("sent", "")
	return done(w, r, r.URL.Path+"?"+query.Encode())
}

func showReset(s *Server, w http.ResponseWriter, r *http.Request) error {
	return resetPage(s, w, r, nil, http.StatusOK)
}

func resetPage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	token, ok := app.TokenHash(r.URL.Query().Get("token"))
	if !ok {
		return s.linkGone(w, r, "reset")
	}
	who, err := s.app.ResetPerson(r.Context(), token, s.now())
	if fault.Of(err) == fault.NotFound {
		return s.linkGone(w, r, "reset")
	}
	if err != nil {
		return err
	}
	return s.outside(w, r, code, "identity.reset.title", page.Reset(page.ResetView{Action: self(r), Email: who.Email}, f))
}

// linkGone says that a link of a mail does not work, or no longer, and what to
// do about it.
func (s *Server) linkGone(w http.ResponseWriter, r *http.Request, which string) error {
	return s.outside(w, r, http.StatusNotFound, "identity."+which+".gone_title", page.LinkGone(which))
}

func resetPassword(s *Server, w http.ResponseWriter, r *http.Request) error {
	if err := s.stranger(w, r); err != nil {
		return err
	}
	f, err := s.posted(r)
	if err != nil {
		return err
	}
	token, ok := app.TokenHash(r.URL.Query().Get("token"))
	if !ok {
		return s.linkGone(w, r, "reset")
	}
	show := func(f *form.Form, code int) error { return resetPage(s, w, r, f, code) }
	password := f.Password("new_password", form.Required, form.Label("identity.new_password"))
	if !f.OK() {
		return show(f, http.StatusUnprocessableEntity)
	}
	err = s.app.ResetPassword(r.Context(), token, password, s.now())
	switch {
	case fault.Of(err) == fault.NotFound:
		return s.linkGone(w, r, "reset")
	case err != nil:
		return s.again(r, f, err, show)
	}
	s.dropSession(w)
	return done(w, r, "/sign-in?reset=")
}
