package server

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"waymark/internal/app"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/domain/permission"
	"waymark/internal/fault"
	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/page"
)

func setUpRoutes() []Route {
	return []Route{
		get("/set-up", permission.Anybody, showSetUp),
		post("/set-up", permission.Anybody, "installation.set_up", setUp),
		get("/set-up/sample", permission.Administer, showSetUpSample),
		post("/set-up/sample", permission.Administer, "organization.created", setUpSample),
	}
}

// setUpFirst leads every visitor to set-up while the installation has no
// administrator. Once it has one that never changes, so it is asked no more.
func (s *Server) setUpFirst(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case s.isSetUp.Load(),
			r.URL.Path == "/healthz", r.URL.Path == "/readyz", strings.HasPrefix(r.URL.Path, "/static/"):
			next.ServeHTTP(w, r)
			return
		}
		done, err := s.app.IsSetUp(r.Context())
		switch {
		case err != nil:
			s.fail(w, r.WithContext(i18n.With(r.Context(), i18n.Match(r.Header.Get("Accept-Language")))), err)
		case done:
			s.isSetUp.Store(true)
			next.ServeHTTP(w, r)
		case r.URL.Path == "/set-up":
			next.ServeHTTP(w, r)
		default:
			http.Redirect(w, r, "/set-up", http.StatusSeeOther)
		}
	})
}

// isLoopback reports whether an address leads to this machine alone.
func isLoopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())
}

func showSetUp(s *Server, w http.ResponseWriter, r *http.Request) error {
	if s.isSetUp.Load() {
		return fault.NotFound
	}
	return setUpPage(s, w, r, nil, http.StatusOK)
}

func setUpPage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	return s.outside(w, r, code, "setup.title", page.SetUp(page.SetUpView{Action: self(r), NoURL: s.url == nil}, f))
}

func setUp(s *Server, w http.ResponseWriter, r *http.Request) error {
	if s.isSetUp.Load() {
		return fault.NotFound
	}
	if err := s.stranger(w, r); err != nil {
		return err
	}
	f, err := s.posted(r)
	if err != nil {
		return err
	}
	show := func(f *form.Form, code int) error { return setUpPage(s, w, r, f, code) }
	code := f.Text("code", form.Required, form.Max(100), form.Label("setup.code.label"))
	in := app.SetUp{
		Name:         name(f, "name", "identity.name"),
		Email:        f.Email("email", form.Required, form.Label("identity.email")),
		Password:     f.Password("new_password", form.Required, form.Label("identity.password")),
		Organization: name(f, "organization", "setup.organization.label"),
		TimeZone:     zone(f, form.Required),
		Language:     form.Enum(f, "language", identity.ParseLanguage, form.Required, form.Label("identity.language")),
	}
	if !f.OK() {
		return show(f, http.StatusUnprocessableEntity)
	}
	token, err := s.app.FinishSetUp(r.Context(), code, in, visit(r), s.now())
	if err != nil {
		return s.again(r, f, err, show)
	}
	s.isSetUp.Store(true)
	s.setSession(w, token)
	return done(w, r, "/set-up/sample")
}

// name reads the name of a person or an organization.
func name(f *form.Form, field, label string) string {
	typed := f.Text(field, form.Required, form.Max(identity.MaxName), form.Label(label))
	if typed == "" {
		return ""
	}
	parsed, err := identity.ParseName(typed)
	if err != nil {
		f.Fail(field, i18n.M("identity.name_wrong"))
	}
	return parsed
}

// zone reads the name of a time zone.
func zone(f *form.Form, options ...form.Option) string {
	const field = "time_zone"
	typed := f.Text(field, append(options, form.Max(64), form.Label("identity.time_zone"))...)
	if typed == "" {
		return ""
	}
	if _, err := identity.ParseTimeZone(typed); err != nil {
		f.Fail(field, i18n.M("identity.time_zone_wrong"))
	}
	return typed
}

func showSetUpSample(s *Server, w http.ResponseWriter, r *http.Request) error {
	return setUpSamplePage(s, w, r, nil, http.StatusOK)
}

func setUpSamplePage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	caller, err := s.app.SetUpChoice(r.Context(), acc)
	if err != nil {
		return err
	}
	r = r.WithContext(readerContext(r, &caller))
	return s.outside(w, r, code, "setup.sample.title", page.SetUpSample(f, newKey()))
}

func setUpSample(s *Server, w http.ResponseWriter, r *http.Request) error {
	var made id.Organization
	return s.submit(w, r, submission{
		creates: true,
		read: func(*form.Form) func(readmodel.Access) error {
			return func(acc readmodel.Access) (err error) {
				made, err = s.app.StartWithSample(r.Context(), acc, i18n.From(r.Context()).String())
				return err
			}
		},
		show: func(f *form.Form, code int) error { return setUpSamplePage(s, w, r, f, code) },
		to:   func(readmodel.Access) string { return "/o/" + made.String() },
	})
}
