package server

import (
	"net/http"

	"github.com/go-chi/chi/v5"

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

func peopleRoutes() []Route {
	ours, its := organization+"/people", project+"/people"
	return []Route{
		get(ours, permission.ReadOrganization, showPeople),
		post(ours+"/invitations", permission.ManageOrganization, "person.invited", invite),
		post(ours+"/invitations/{invitation}/withdraw", permission.ManageOrganization, "invitation.withdrawn", withdrawInvitation),
		get(ours+"/{person}", permission.ManageOrganization, showMember),
		post(ours+"/{person}/role", permission.ManageOrganization, "person.role_added", changeOrganizationRole),
		post(ours+"/{person}/remove", permission.ManageOrganization, "person.removed", removePerson),

		get(its, permission.ReadProject, showProjectPeople),
		post(its+"/roles", permission.InvitePeople, "person.role_added", addProjectRole),
		post(its+"/{person}/roles/{role}/remove", permission.InvitePeople, "person.role_removed", removeProjectRole),
		post(its+"/invitations", permission.InvitePeople, "person.invited", inviteToProject),
		post(its+"/invitations/{invitation}/withdraw", permission.InvitePeople, "invitation.withdrawn", withdrawProjectInvitation),
	}
}

func showPeople(s *Server, w http.ResponseWriter, r *http.Request) error {
	return peoplePage(s, w, r, nil, http.StatusOK)
}

func peoplePage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	var behind id.Person
	if word := r.URL.Query().Get("behind"); word != "" {
		if behind, err = id.Parse[id.Person](word); err != nil {
			return fault.NotFound
		}
	}
	frame, p, err := s.app.People(r.Context(), acc, behind)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.NoTab, titled("people.title"), page.People(&frame.Caller, &p, f, newKey(), s.app.SendsMail()))
}

// people runs a form of the people of an organization.
func (s *Server) people(w http.ResponseWriter, r *http.Request, creates bool, read func(f *form.Form) func(readmodel.Access) error) error {
	return s.submit(w, r, submission{
		creates: creates, read: read,
		show: func(f *form.Form, code int) error { return peoplePage(s, w, r, f, code) },
		to: func(acc readmodel.Access) string {
			return page.OrganizationPath(acc.Organization) + "/people#invitations"
		},
	})
}

// readInvitation reads what every form that invites has. A name is optional: who
// accepts gives their own.
func readInvitation(f *form.Form) app.Invitation {
	in := app.Invitation{Email: f.Email("email", form.Required, form.Label("people.email"))}
	if f.Value("invited_name") != "" {
		in.Name = name(f, "invited_name", "people.name")
	}
	in.OrganizationRole = identity.Member
	if f.Has("organization_role") {
		in.OrganizationRole = form.Enum(f, "organization_role", identity.ParseOrganizationRole, form.Required, form.Label("people.organization_role"))
	}
	return in
}

func invite(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.people(w, r, true, func(f *form.Form) func(readmodel.Access) error {
		in := readInvitation(f)
		return func(acc readmodel.Access) error {
			_, err := s.app.Invite(r.Context(), acc, in)
			return err
		}
	})
}

func withdrawInvitation(s *Server, w http.ResponseWriter, r *http.Request) error {
	invited, err := param[id.Invitation](r, "invitation")
	if err != nil {
		return err
	}
	return s.people(w, r, false, func(*form.Form) func(readmodel.Access) error {
		return func(acc readmodel.Access) error { return s.app.WithdrawInvitation(r.Context(), acc, invited) }
	})
}

func showMember(s *Server, w http.ResponseWriter, r *http.Request) error {
	return memberPage(s, w, r, nil, http.StatusOK)
}

func memberPage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	person, err := param[id.Person](r, "person")
	if err != nil {
		return err
	}
	frame, p, err := s.app.MemberPage(r.Context(), acc, person)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.NoTab, titled("people.title"), page.Member(&frame.Caller, &p, f))
}

func changeOrganizationRole(s *Server, w http.ResponseWriter, r *http.Request) error {
	person, err := param[id.Person](r, "person")
	if err != nil {
		return err
	}
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			in := readmodel.NewOrganizationRole{
				Person:  person,
				Role:    form.Enum(f, "organization_role", identity.ParseOrganizationRole, form.Required, form.Label("people.organization_role")),
				Version: f.Version(),
			}
			return func(acc readmodel.Access) error { return s.app.ChangeOrganizationRole(r.Context(), acc, in) }
		},
		show: func(f *form.Form, code int) error { return memberPage(s, w, r, f, code) },
		to:   toPeople,
	})
}

func toPeople(acc readmodel.Access) string {
	return page.OrganizationPath(acc.Organization) + "/people"
}

func removePerson(s *Server, w http.ResponseWriter, r *http.Request) error {
	person, err := param[id.Person](r, "person")
	if err != nil {
		return err
	}
	gone := false // whether it was the caller who left
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			in := readmodel.Removal{Person: person, TakeOver: form.ID[id.Person](f, "take_over", form.Label("people.take_over.label"))}
			return func(acc readmodel.Access) (err error) {
				gone, err = s.app.RemovePerson(r.Context(), acc, in)
				return err
			}
		},
		show: func(f *form.Form, code int) error { return memberPage(s, w, r, f, code) },
		to: func(acc readmodel.Access) string {
			if gone {
				return "/organizations"
			}
			return toPeople(acc)
		},
	})
}

func showProjectPeople(s *Server, w http.ResponseWriter, r *http.Request) error {
	return projectPeoplePage(s, w, r, nil, http.StatusOK)
}

func projectPeoplePage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.ProjectPeople(r.Context(), acc)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabPeople, titled("people.title"),
		page.ProjectPeople(&frame.Caller, &p, f, newKey(), s.app.SendsMail()))
}

// projectPeople runs a form of the people of a project.
func (s *Server) projectPeople(w http.ResponseWriter, r *http.Request, creates bool, part string, read func(f *form.Form) func(readmodel.Access) error) error {
	return s.submit(w, r, submission{
		creates: creates, read: read,
		show: func(f *form.Form, code int) error { return projectPeoplePage(s, w, r, f, code) },
		to: func(acc readmodel.Access) string {
			return page.ProjectPath(acc.Organization, acc.Project) + "/people#" + part
		},
	})
}

func addProjectRole(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.projectPeople(w, r, true, "people", func(f *form.Form) func(readmodel.Access) error {
		in := readmodel.NewRole{
			Person:  form.ID[id.Person](f, "person", form.Required, form.Label("people.person")),
			Role:    form.Enum(f, "project_role", identity.ParseProjectRole, form.Required, form.Label("people.project_role")),
			UntilOn: f.Date("until_on", form.Label("people.until.label")),
		}
		return func(acc readmodel.Access) error { return s.app.AddProjectRole(r.Context(), acc, in) }
	})
}

func removeProjectRole(s *Server, w http.ResponseWriter, r *http.Request) error {
	person, err := param[id.Person](r, "person")
	if err != nil {
		return err
	}
	role, ok := identity.ParseProjectRole(chi.URLParam(r, "role"))
	if !ok {
		return fault.NotFound
	}
	return s.projectPeople(w, r, false, "people", func(*form.Form) func(readmodel.Access) error {
		return func(acc readmodel.Access) error {
			return s.app.RemoveProjectRole(r.Context(), acc, person, role)
		}
	})
}

func inviteToProject(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.projectPeople(w, r, true, "invitations", func(f *form.Form) func(readmodel.Access) error {
		in := readInvitation(f)
		in.ProjectRole = form.Enum(f, "role", identity.ParseProjectRole, form.Required, form.Label("people.project_role"))
		in.UntilOn = f.Date("until", form.Label("people.until.label"))
		if in.ProjectRole == identity.GuestAuditor && in.UntilOn.IsZero() {
			f.Fail("until", i18n.M("people.until.missing"))
		}
		return func(acc readmodel.Access) error {
			_, err := s.app.Invite(r.Context(), acc, in)
			return err
		}
	})
}

func withdrawProjectInvitation(s *Server, w http.ResponseWriter, r *http.Request) error {
	invited, err := param[id.Invitation](r, "invitation")
	if err != nil {
		return err
	}
	return s.projectPeople(w, r, false, "invitations", func(*form.Form) func(readmodel.Access) error {
		return func(acc readmodel.Access) error { return s.app.WithdrawInvitation(r.Context(), acc, invited) }
	})
}
