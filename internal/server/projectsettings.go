package server

import (
	"net/http"

	"waymark/internal/domain/permission"
	"waymark/internal/form"
	"waymark/internal/readmodel"
	"waymark/web/page"
)

func projectSettingsRoutes() []Route {
	at := project + "/settings"
	return []Route{
		get(at, permission.ReadProject, showProjectSettings),
		post(at, permission.ManageProject, "project.renamed", renameProject),
		post(at+"/target", permission.ManageProject, "target.changed", moveTarget),
		post(at+"/archive", permission.ManageProject, "project.archived", archiveProject),
		post(at+"/restore", permission.ManageProject, "project.restored", restoreProject),
		post(at+"/delete", permission.DeleteProject, "project.deleted", deleteProject),
	}
}

func showProjectSettings(s *Server, w http.ResponseWriter, r *http.Request) error {
	return projectSettingsPage(s, w, r, nil, http.StatusOK)
}

func projectSettingsPage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.ProjectSettings(r.Context(), acc)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.NoTab, titled("project.settings.title"), page.ProjectSettings(&frame.Caller, &p, f))
}

// projectSettings runs a form of the project's settings.
func (s *Server) projectSettings(w http.ResponseWriter, r *http.Request, read func(f *form.Form) func(readmodel.Access) error) error {
	return s.submit(w, r, submission{
		read: read,
		show: func(f *form.Form, code int) error { return projectSettingsPage(s, w, r, f, code) },
		to: func(acc readmodel.Access) string {
			return page.ProjectPath(acc.Organization, acc.Project) + "/settings"
		},
	})
}

func renameProject(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.projectSettings(w, r, func(f *form.Form) func(readmodel.Access) error {
		called, version := name(f, "name", "project.name.label"), f.Version()
		return func(acc readmodel.Access) error { return s.app.RenameProject(r.Context(), acc, called, version) }
	})
}

func moveTarget(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.projectSettings(w, r, func(f *form.Form) func(readmodel.Access) error {
		in := readmodel.NewTarget{
			On:      targetOn(f),
			Reason:  f.LongText("reason", form.Required, form.Max(1000), form.Label("project.target.reason")),
			Version: f.Version(),
		}
		return func(acc readmodel.Access) error { return s.app.MoveTarget(r.Context(), acc, in) }
	})
}

func archiveProject(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.projectSettings(w, r, func(*form.Form) func(readmodel.Access) error {
		return func(acc readmodel.Access) error { return s.app.ArchiveProject(r.Context(), acc) }
	})
}

func restoreProject(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.projectSettings(w, r, func(*form.Form) func(readmodel.Access) error {
		return func(acc readmodel.Access) error { return s.app.RestoreProject(r.Context(), acc) }
	})
}

func deleteProject(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			typed := f.Text("confirm", form.Required, form.Label("project.delete.confirm"))
			return func(acc readmodel.Access) error { return s.app.DeleteProject(r.Context(), acc, typed) }
		},
		show: func(f *form.Form, code int) error { return projectSettingsPage(s, w, r, f, code) },
		to:   func(acc readmodel.Access) string { return page.OrganizationPath(acc.Organization) },
	})
}
