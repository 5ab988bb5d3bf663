package server

import (
	"net/http"
	"net/url"

	"waymark/internal/app"
	"waymark/internal/domain/permission"
	"waymark/internal/fault"
	"waymark/internal/form"
	"waymark/internal/readmodel"
	"waymark/web/page"
)

func invitationRoutes() []Route {
	return []Route{
		get("/invitations/accept", permission.Anybody, showInvitation),
		post("/invitations/accept", permission.Anybody, "person.joined", acceptInvitation),
	}
}

// invitation reads what the link of a request invites to, and who follows it.
func (s *Server) invitation(r *http.Request) (acc readmodel.Access, token [32]byte, p readmodel.InvitationPage, err error) {
	token, ok := app.TokenHash(r.URL.Query().Get("token"))
	if !ok {
		return acc, token, p, fault.NotFound
	}
	acc, err = s.access(r)
	if err != nil { // nobody is signed in
		acc = readmodel.Access{Now: s.now()}
	}
	p, err = s.app.InvitationPage(r.Context(), acc, token)
	return acc, token, p, err
}

func showInvitation(s *Server, w http.ResponseWriter, r *http.Request) error {
	return invitationPage(s, w, r, nil, http.StatusOK)
}

func invitationPage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	_, _, p, err := s.invitation(r)
	if fault.Of(err) == fault.NotFound {
		return s.linkGone(w, r, "invitation")
	}
	if err != nil {
		return err
	}
	if p.Reader != nil {
		r = r.WithContext(readerContext(r, p.Reader))
	}
	return s.outside(w, r, code, "identity.invitation.title", page.Invitation(page.InvitationView{
		Action: self(r), SignIn: signInFor(r), Page: p,
	}, f))
}

// signInFor is the sign-in page that leads back to this one.
func signInFor(r *http.Request) string { return "/sign-in?next=" + url.QueryEscape(self(r)) }

func acceptInvitation(s *Server, w http.ResponseWriter, r *http.Request) error {
	if err := s.stranger(w, r); err != nil {
		return err
	}
	f, err := s.posted(r)
	if err != nil {
		return err
	}
	acc, token, p, err := s.invitation(r)
	if fault.Of(err) == fault.NotFound {
		return s.linkGone(w, r, "invitation")
	}
	if err != nil {
		return err
	}
	switch {
	case p.Reader != nil && !p.Invitation.IsFor(p.Reader.Email):
		return invitationPage(s, w, r, nil, http.StatusForbidden)
	case p.Reader != nil:
		_, err = s.app.Join(r.Context(), acc, token)
		return s.joined(w, r, p.Invitation, err)
	case p.Invitation.HasAccount:
		return done(w, r, signInFor(r))
	}
	return s.joinAsNew(w, r, f, token, p.Invitation)
}

func (s *Server) joinAsNew(w http.ResponseWriter, r *http.Request, f *form.Form, token [32]byte, i readmodel.Invitation) error {
	show := func(f *form.Form, code int) error { return invitationPage(s, w, r, f, code) }
	full := name(f, "name", "identity.name")
	password := f.Password("new_password", form.Required, form.Label("identity.password"))
	if !f.OK() {
		return show(f, http.StatusUnprocessableEntity)
	}
	session, err := s.app.JoinAsNew(r.Context(), i, token, full, password, languageOf(chosenLanguage(r)), visit(r), s.now())
	switch fault.Of(err) {
	case fault.Exists: // somebody took the address a moment ago
		return done(w, r, signInFor(r))
	case fault.Invalid:
		return s.again(r, f, err, show)
	default:
	}
	if err == nil {
		s.setSession(w, session)
	}
	return s.joined(w, r, i, err)
}

// joined leads to what somebody has joined. Whoever used the same link a moment
// earlier leaves it useless.
func (s *Server) joined(w http.ResponseWriter, r *http.Request, i readmodel.Invitation, err error) error {
	switch {
	case fault.Of(err) == fault.NotFound, fault.Of(err) == fault.Conflict:
		return s.linkGone(w, r, "invitation")
	case err != nil:
		return err
	case i.ProjectID != nil:
		return done(w, r, page.ProjectPath(i.OrganizationID, *i.ProjectID))
	}
	return done(w, r, "/o/"+i.OrganizationID.String())
}
