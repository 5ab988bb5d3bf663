package server

import (
	"context"
	"net/http"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/domain/permission"
	"waymark/internal/form"
	"waymark/internal/readmodel"
	"waymark/web/page"
)

func organizationRoutes() []Route {
	return []Route{
		get("/", permission.SignedIn, showStart),
		get("/organizations", permission.SignedIn, showOrganizations),
		get("/organizations/new", permission.SignedIn, showNewOrganization),
		post("/organizations", permission.SignedIn, "organization.created", createOrganization),
		get(organization, permission.ReadOrganization, showOrganization),
		get(organization+"/settings", permission.ReadOrganization, showOrganizationSettings),
		post(organization+"/settings", permission.ManageOrganization, "organization.settings", saveOrganization),
		post(organization+"/settings/archive", permission.ManageOrganization, "organization.archived", archiveOrganization),
		post(organization+"/settings/restore", permission.ManageOrganization, "organization.restored", restoreOrganization),
		post(organization+"/settings/delete", permission.ManageOrganization, "organization.deleted", deleteOrganization),
		post(organization+"/settings/delete-sample", permission.ManageOrganization, "organization.deleted", deleteSample),
		get(organization+"/projects/new", permission.ManageOrganization, showNewProject),
		post(organization+"/projects", permission.ManageOrganization, "project.created", createProject),
	}
}

// showStart leads who has one project only to it, and shows everybody else
// what they belong to.
func showStart(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.home(w, r, true)
}

func showOrganizations(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.home(w, r, false)
}

func (s *Server) home(w http.ResponseWriter, r *http.Request, straight bool) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, h, err := s.app.Home(r.Context(), acc)
	if err != nil {
		return err
	}
	if o, p, only := h.Only(); only && straight {
		return done(w, r, page.ProjectPath(o, p))
	}
	return s.show(w, r, http.StatusOK, frame, page.NoTab, titled("organization.list.title"), page.Organizations(&frame.Caller, &h))
}

func showNewOrganization(s *Server, w http.ResponseWriter, r *http.Request) error {
	return newOrganizationPage(s, w, r, nil, http.StatusOK)
}

func newOrganizationPage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, err := s.app.NewOrganizationPage(r.Context(), acc)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.NoTab, titled("organization.new.title"), page.NewOrganization(&frame.Caller, f, newKey()))
}

// organizationLanguage reads the language that an organization writes in.
func organizationLanguage(word string) (string, bool) {
	l, ok := identity.ParseLanguage(word)
	if !ok || l == identity.LanguageSystem {
		return "", false
	}
	return l.String(), true
}

func createOrganization(s *Server, w http.ResponseWriter, r *http.Request) error {
	var made id.Organization
	return s.submit(w, r, submission{
		creates: true,
		read: func(f *form.Form) func(readmodel.Access) error {
			in := readmodel.NewOrganization{
				Name:     name(f, "name", "organization.name.label"),
				TimeZone: zone(f, form.Required),
				Language: form.Enum(f, "language", organizationLanguage, form.Required, form.Label("organization.language.label")),
			}
			return func(acc readmodel.Access) (err error) {
				made, err = s.app.CreateOrganization(r.Context(), acc, in)
				return err
			}
		},
		show: func(f *form.Form, code int) error { return newOrganizationPage(s, w, r, f, code) },
		to:   func(readmodel.Access) string { return page.OrganizationPath(made) },
	})
}

func showOrganization(s *Server, w http.ResponseWriter, r *http.Request) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.OrganizationPage(r.Context(), acc)
	if err != nil {
		return err
	}
	title := func(context.Context) string { return frame.Caller.OrganizationName }
	return s.show(w, r, http.StatusOK, frame, page.NoTab, title, page.Organization(&frame.Caller, &p))
}

func showOrganizationSettings(s *Server, w http.ResponseWriter, r *http.Request) error {
	return organizationSettingsPage(s, w, r, nil, http.StatusOK)
}

func organizationSettingsPage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.OrganizationSettings(r.Context(), acc)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.NoTab, titled("organization.settings.title"), page.OrganizationSettings(&frame.Caller, &p, f))
}

// settings runs a form of the organization's settings; to is where a success
// leads, "" back to them.
func (s *Server) settings(w http.ResponseWriter, r *http.Request, to string, read func(f *form.Form) func(readmodel.Access) error) error {
	return s.submit(w, r, submission{
		read: read,
		show: func(f *form.Form, code int) error { return organizationSettingsPage(s, w, r, f, code) },
		to: func(acc readmodel.Access) string {
			if to != "" {
				return to
			}
			return page.OrganizationPath(acc.Organization) + "/settings"
		},
	})
}

func saveOrganization(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.settings(w, r, "", func(f *form.Form) func(readmodel.Access) error {
		in := readmodel.OrganizationSettings{
			Name:     name(f, "name", "organization.name.label"),
			TimeZone: zone(f, form.Required),
			Language: form.Enum(f, "language", organizationLanguage, form.Required, form.Label("organization.language.label")),
			Version:  f.Version(),
		}
		return func(acc readmodel.Access) error { return s.app.SaveOrganization(r.Context(), acc, in) }
	})
}

func archiveOrganization(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.settings(w, r, "", func(*form.Form) func(readmodel.Access) error {
		return func(acc readmodel.Access) error { return s.app.ArchiveOrganization(r.Context(), acc) }
	})
}

func restoreOrganization(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.settings(w, r, "", func(*form.Form) func(readmodel.Access) error {
		return func(acc readmodel.Access) error { return s.app.RestoreOrganization(r.Context(), acc) }
	})
}

func deleteOrganization(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.settings(w, r, "/organizations", func(f *form.Form) func(readmodel.Access) error {
		typed := f.Text("confirm", form.Required, form.Label("organization.delete.confirm"))
		return func(acc readmodel.Access) error { return s.app.DeleteOrganization(r.Context(), acc, typed) }
	})
}

func deleteSample(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.settings(w, r, "/organizations", func(*form.Form) func(readmodel.Access) error {
		return func(acc readmodel.Access) error { return s.app.DeleteSample(r.Context(), acc) }
	})
}

func showNewProject(s *Server, w http.ResponseWriter, r *http.Request) error {
	return newProjectPage(s, w, r, nil, http.StatusOK)
}

func newProjectPage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, err := s.app.NewProjectPage(r.Context(), acc)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.NoTab, titled("project.new.title"), page.NewProject(&frame.Caller, f, newKey()))
}

// targetOn reads the day that the certificate is wanted by.
func targetOn(f *form.Form) civil.Date {
	return f.Date("target_on", form.Required, form.Label("project.target.label"))
}

func createProject(s *Server, w http.ResponseWriter, r *http.Request) error {
	var made id.Project
	return s.submit(w, r, submission{
		creates: true,
		read: func(f *form.Form) func(readmodel.Access) error {
			in := readmodel.NewProject{Name: name(f, "name", "project.name.label"), TargetOn: targetOn(f)}
			return func(acc readmodel.Access) (err error) {
				made, err = s.app.CreateProject(r.Context(), acc, in)
				return err
			}
		},
		show: func(f *form.Form, code int) error { return newProjectPage(s, w, r, f, code) },
		to:   func(acc readmodel.Access) string { return page.ProjectPath(acc.Organization, made) },
	})
}
