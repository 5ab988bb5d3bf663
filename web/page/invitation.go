package page

import (
	"context"

	"waymark/internal/domain/identity"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
)

// InvitationView is an invitation as who follows its link sees it.
type InvitationView struct {
	Action string
	// SignIn leads to the sign-in page and back here.
	SignIn string
	Page   readmodel.InvitationPage
}

// isReader reports whether the invitation is for who is signed in.
func (v InvitationView) isReader() bool {
	return v.Page.Reader != nil && v.Page.Invitation.IsFor(v.Page.Reader.Email)
}

// invitationRows are the facts of an invitation.
func invitationRows(ctx context.Context, i readmodel.Invitation) []component.Row {
	rows := []component.Row{{Term: i18n.T(ctx, "identity.invitation.organization"), Text: i.OrganizationName}}
	if i.ProjectName != nil {
		rows = append(rows, component.Row{Term: i18n.T(ctx, "identity.invitation.project"), Text: *i.ProjectName})
	}
	if role := invitedRole(ctx, i); role != "" {
		rows = append(rows, component.Row{Term: i18n.T(ctx, "identity.invitation.role"), Text: role})
	}
	if !i.UntilOn.IsZero() {
		rows = append(rows, component.Row{Term: i18n.T(ctx, "identity.invitation.until"), Text: i18n.DateLong(ctx, i.UntilOn)})
	}
	return append(rows,
		component.Row{Term: i18n.T(ctx, "identity.invitation.inviter"), Text: i.InvitedByName},
		component.Row{Term: i18n.T(ctx, "identity.invitation.for"), Text: i.Email})
}

func invitedRole(ctx context.Context, i readmodel.Invitation) string {
	var names []string
	if i.OrganizationRole == identity.Owner.String() || i.ProjectRole == nil {
		names = append(names, i18n.T(ctx, "role."+i.OrganizationRole))
	}
	if i.ProjectRole != nil {
		names = append(names, i18n.T(ctx, "role."+*i.ProjectRole))
	}
	return i18n.List(ctx, names)
}
