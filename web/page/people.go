package page

import (
	"context"
	"strings"
	"time"

	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
)

// projectRoleOptions are the roles of a project to choose from, and what each
// may do.
func projectRoleOptions(ctx context.Context) []component.Option {
	all := identity.ProjectRoles()
	out := make([]component.Option, len(all))
	for i, r := range all {
		out[i] = component.Option{Value: r.String(), Label: i18n.T(ctx, "role."+r.String())}
	}
	return out
}

func organizationRoleOptions(ctx context.Context) []component.Option {
	return []component.Option{
		{Value: identity.Member.String(), Label: i18n.T(ctx, "role.member"), Hint: i18n.T(ctx, "people.role.member")},
		{Value: identity.Owner.String(), Label: i18n.T(ctx, "role.owner"), Hint: i18n.T(ctx, "people.role.owner")},
	}
}

// invitedAs says what an invitation is to.
func invitedAs(ctx context.Context, i readmodel.OpenInvitation) string {
	if i.ProjectRole == nil {
		return i18n.T(ctx, "role."+i.OrganizationRole)
	}
	return i18n.T(ctx, "people.invitations.to_project", "role", i18n.M("role."+*i.ProjectRole), "project", deref(i.ProjectName))
}

// invitationState says how long an invitation's link works.
func invitationState(ctx context.Context, c *readmodel.Caller, i readmodel.OpenInvitation) string {
	if !expired(c, i) {
		return i18n.T(ctx, "people.invitations.until", "date", i18n.DateLong(ctx, Day(c, i.ExpiresAt)))
	}
	return i18n.T(ctx, "people.invitations.expired", "date", i18n.DateLong(ctx, Day(c, i.ExpiresAt)))
}

func expired(c *readmodel.Caller, i readmodel.OpenInvitation) bool {
	return !i.ExpiresAt.After(c.Now.Truncate(time.Microsecond))
}

// roleUntil says when a guest's access ends or has ended.
func roleUntil(ctx context.Context, r readmodel.HeldRole) string {
	switch {
	case r.UntilOn.IsZero():
		return ""
	case r.Over:
		return i18n.T(ctx, "people.until.over", "date", i18n.DateLong(ctx, r.UntilOn))
	}
	return i18n.T(ctx, "people.until.on", "date", i18n.DateLong(ctx, r.UntilOn))
}

// memberNotes says what a member holds in each project: roles, appointments
// and open tasks, in a line a project.
func memberNotes(ctx context.Context, p *readmodel.MemberPage) []component.Row {
	var order []id.Project
	names := map[id.Project]string{}
	parts := map[id.Project][]string{}
	add := func(project id.Project, name, text string) {
		if _, known := names[project]; !known {
			order = append(order, project)
			names[project] = name
		}
		parts[project] = append(parts[project], text)
	}
	for _, r := range p.Roles {
		add(r.Project, r.ProjectName, i18n.T(ctx, "role."+r.Role))
	}
	for _, a := range p.Appointments {
		text := i18n.T(ctx, "role."+a.Role)
		if a.Clause != "" {
			text = i18n.T(ctx, "people.appointed_for", "role", text, "clause", a.Clause)
		}
		add(a.Project, a.ProjectName, text)
	}
	for _, t := range p.Tasks {
		add(t.Project, t.ProjectName, i18n.T(ctx, "people.open_tasks", "n", t.Open))
	}
	rows := make([]component.Row, len(order))
	for i, project := range order {
		rows[i] = component.Row{Term: names[project], Text: strings.Join(parts[project], " · ")}
	}
	return rows
}

func memberColumns(ctx context.Context, owner bool) []component.Column {
	columns := []component.Column{
		{Label: i18n.T(ctx, "people.name")}, {Label: i18n.T(ctx, "people.email")},
		{Label: i18n.T(ctx, "people.organization_role")}, {Label: i18n.T(ctx, "people.since")},
	}
	if owner {
		columns = append(columns, component.Column{Label: i18n.T(ctx, "people.acts"), Quiet: true})
	}
	return columns
}

func participantColumns(ctx context.Context, manage bool) []component.Column {
	columns := []component.Column{
		{Label: i18n.T(ctx, "people.person")}, {Label: i18n.T(ctx, "people.project_role")}, {Label: i18n.T(ctx, "people.until.label")},
	}
	if manage {
		columns = append(columns, component.Column{Label: i18n.T(ctx, "people.acts"), Quiet: true})
	}
	return columns
}
