package app

import (
	"context"
	"net/url"
	"time"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/domain/permission"
	"waymark/internal/fault"
	"waymark/internal/mail"
	"waymark/internal/readmodel"
)

// InvitationWithin is how long an invitation's link works.
const InvitationWithin = 14 * 24 * time.Hour

// Invitation asks a person to join the organization of the request, and its
// project where the request has one.
type Invitation struct {
	Email            identity.Email
	Name             string
	OrganizationRole identity.OrganizationRole // Member unless said
	ProjectRole      identity.ProjectRole      // needed where the request has a project
	UntilOn          civil.Date                // the last day of a guest auditor
}

// Invite keeps an invitation and puts its mail into the outbox. Into a project
// the project manager may invite, into the organization alone its owners, and
// only they may ask somebody to be an owner.
func (a *App) Invite(ctx context.Context, acc readmodel.Access, in Invitation) (id.Invitation, error) {
	acc = needing(acc, invitePermission(acc))
	guest := in.ProjectRole == identity.GuestAuditor
	switch {
	case acc.Project.IsZero() != (in.ProjectRole.String() == ""):
		return id.Invitation{}, fault.InvalidField("role", "identity.invitation.role_missing")
	case guest && in.UntilOn.IsZero():
		return id.Invitation{}, fault.InvalidField("until", "identity.invitation.until_missing")
	case !guest && !in.UntilOn.IsZero():
		return id.Invitation{}, fault.InvalidField("until", "identity.invitation.until_guests")
	}
	if in.OrganizationRole.String() == "" {
		in.OrganizationRole = identity.Member
	}
	token, hash := newToken()
	row := readmodel.NewInvitation{
		ID: newID[id.Invitation](), TokenHash: hash, Email: in.Email, Name: in.Name,
		OrganizationRole: in.OrganizationRole, ProjectRole: in.ProjectRole, UntilOn: in.UntilOn,
		ExpiresAt: acc.Now.Add(InvitationWithin),
	}
	made, err := a.db.Invite(ctx, acc, row, func(c *readmodel.Caller) (readmodel.NewMail, error) {
		return a.invitationMail(c, row, token)
	})
	if err != nil {
		return id.Invitation{}, err
	}
	return id.Parse[id.Invitation](made)
}

func invitePermission(acc readmodel.Access) permission.Permission {
	if acc.Project.IsZero() {
		return permission.ManageOrganization
	}
	return permission.InvitePeople
}

func (a *App) invitationMail(c *readmodel.Caller, in readmodel.NewInvitation, token string) (readmodel.NewMail, error) {
	language := languageOf(c.Language)
	if language == identity.LanguageSystem {
		language = languageOf(c.OrganizationLang)
	}
	zone, err := identity.ParseTimeZone(c.OrganizationZone)
	if err != nil {
		zone = time.UTC
	}
	view := mail.Invitation{
		To: in.Email, Language: language, Inviter: c.Name, Organization: c.OrganizationName, Project: c.ProjectName,
		Owner: in.OrganizationRole == identity.Owner, Until: civil.Of(in.ExpiresAt, zone),
		Link: a.link("/invitations/accept", url.Values{"token": {token}}),
	}
	if in.ProjectRole.String() != "" {
		view.Roles = []identity.ProjectRole{in.ProjectRole}
	}
	message, err := view.Message()
	if err != nil {
		return readmodel.NewMail{}, err
	}
	return newMail(message, "invitation:"+in.ID.String(), language), nil
}

// WithdrawInvitation makes an invitation's link useless.
func (a *App) WithdrawInvitation(ctx context.Context, acc readmodel.Access, invitation id.Invitation) error {
	return a.db.WithdrawInvitation(ctx, needing(acc, invitePermission(acc)), invitation)
}

// InvitationPage reads what a link invites to, and who is signed in, where
// anybody is. A link that was used, withdrawn, has expired or never was is
// fault.NotFound.
func (a *App) InvitationPage(ctx context.Context, acc readmodel.Access, token [32]byte) (readmodel.InvitationPage, error) {
	return a.db.InvitationPage(ctx, needing(acc, permission.SignedIn), token)
}

// Join lets the caller join by an invitation to their own address; one to
// another is fault.Forbidden.
func (a *App) Join(ctx context.Context, acc readmodel.Access, token [32]byte) (readmodel.Invitation, error) {
	return a.db.JoinAs(ctx, needing(acc, permission.SignedIn), token)
}

// JoinAsNew makes a person for the address of an invitation, who joins by it
// and is signed in; it gives the session's token. Where the address signs in
// already it is fault.Exists.
func (a *App) JoinAsNew(ctx context.Context, invitation readmodel.Invitation, token [32]byte, name, chosen string, language identity.Language, from Visit, now time.Time) (string, error) {
	hash, err := a.hashed(ctx, "new_password", chosen, identity.PasswordContext{
		Email: identity.Email(invitation.Email), Name: name, Organization: invitation.OrganizationName,
	})
	if err != nil {
		return "", err
	}
	shown, session := newSession(from)
	_, err = a.db.JoinAsNew(ctx, token, readmodel.NewPerson{
		ID: newID[id.Person](), Name: name, Password: hash, Language: storedLanguage(language),
	}, session, now)
	return shown, err
}
