package server

import (
	"net/http"

	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/domain/permission"
	"waymark/internal/form"
	"waymark/internal/readmodel"
	"waymark/web/page"
)

func profileRoutes() []Route {
	return []Route{
		get("/profile", permission.SignedIn, showProfile),
		post("/profile", permission.SignedIn, "profile.saved", saveProfile),
		post("/profile/theme", permission.SignedIn, "profile.theme", saveTheme),
		post("/profile/email", permission.SignedIn, "profile.email", saveEmail),
		post("/profile/password", permission.SignedIn, "password.changed", savePassword),
		post("/profile/sessions/end", permission.SignedIn, "session.signed_out_everywhere", signOutEverywhere),
		post("/profile/sessions/{session}/end", permission.SignedIn, "session.revoked", endSession),
	}
}

func showProfile(s *Server, w http.ResponseWriter, r *http.Request) error {
	return profilePage(s, w, r, nil, http.StatusOK)
}

func profilePage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.ProfilePage(r.Context(), acc)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.NoTab, titled("profile.title"),
		page.Profile(&frame.Caller, &p, f, r.URL.Query().Get("saved")))
}

// profile runs a form of the profile.
func (s *Server) profile(w http.ResponseWriter, r *http.Request, part string, read func(f *form.Form) func(readmodel.Access) error) error {
	return s.submit(w, r, submission{
		read: read,
		show: func(f *form.Form, code int) error { return profilePage(s, w, r, f, code) },
		to:   func(readmodel.Access) string { return "/profile?saved=" + part + "#" + part },
	})
}

func saveProfile(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.profile(w, r, "person", func(f *form.Form) func(readmodel.Access) error {
		in := readmodel.Profile{
			Name:     name(f, "name", "identity.name"),
			TimeZone: optional(zone(f)),
			Version:  f.Version(),
		}
		switch l := form.Enum(f, "language", identity.ParseLanguage, form.Required, form.Label("identity.language")); l {
		case identity.LanguageEnglish, identity.LanguageChinese:
			in.Language = optional(l.String())
		case identity.LanguageSystem:
		}
		return func(acc readmodel.Access) error { return s.app.SaveProfile(r.Context(), acc, in) }
	})
}

// optional is a text where there is one.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func saveTheme(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			theme := form.Enum(f, "theme", identity.ParseTheme, form.Required, form.Label("layout.theme.title"))
			return func(acc readmodel.Access) error { return s.app.SaveTheme(r.Context(), acc, theme) }
		},
		show: func(f *form.Form, code int) error { return profilePage(s, w, r, f, code) },
		to:   func(readmodel.Access) string { return backTo(r, "/profile") },
	})
}

func saveEmail(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.profile(w, r, "email", func(f *form.Form) func(readmodel.Access) error {
		email := f.Email("email", form.Required, form.Label("identity.email"))
		password := f.Password("email_password", form.Required, form.Label("profile.password.current"))
		return func(acc readmodel.Access) error { return s.app.SaveEmail(r.Context(), acc, email, password) }
	})
}

func savePassword(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.profile(w, r, "password", func(f *form.Form) func(readmodel.Access) error {
		current := f.Password("password", form.Required, form.Label("profile.password.current"))
		chosen := f.Password("new_password", form.Required, form.Label("identity.new_password"))
		return func(acc readmodel.Access) error { return s.app.SavePassword(r.Context(), acc, current, chosen) }
	})
}

func endSession(s *Server, w http.ResponseWriter, r *http.Request) error {
	session, err := param[id.Session](r, "session")
	if err != nil {
		return err
	}
	return s.profile(w, r, "sessions", func(*form.Form) func(readmodel.Access) error {
		return func(acc readmodel.Access) error { return s.app.EndSession(r.Context(), acc, session) }
	})
}

func signOutEverywhere(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.submit(w, r, submission{
		read: func(*form.Form) func(readmodel.Access) error {
			return func(acc readmodel.Access) error {
				if err := s.app.SignOutEverywhere(r.Context(), acc); err != nil {
					return err
				}
				s.dropSession(w)
				return nil
			}
		},
		show: func(f *form.Form, code int) error { return profilePage(s, w, r, f, code) },
		to:   func(readmodel.Access) string { return "/sign-in" },
	})
}
