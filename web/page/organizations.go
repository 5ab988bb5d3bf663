package page

import (
	"context"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/domain/standard"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
)

// OrganizationPath is the address of an organization's projects.
func OrganizationPath(o id.Organization) string { return "/o/" + o.String() }

// roleNames says what the reader is in a project: the roles held, else the
// organization's owner.
func roleNames(ctx context.Context, roles []string, organizationRole string) string {
	if len(roles) == 0 {
		return i18n.T(ctx, "role."+organizationRole)
	}
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = i18n.T(ctx, "role."+r)
	}
	return i18n.List(ctx, names)
}

// noProjects says why there is nothing to see, and whose turn it is.
func noProjects(ctx context.Context, organizationRole string) string {
	if organizationRole == identity.Owner.String() {
		return i18n.T(ctx, "organization.projects.none_owner")
	}
	return i18n.T(ctx, "organization.projects.none_member")
}

// stepsText says which steps of a project are open, and which are to be
// confirmed again.
func stepsText(ctx context.Context, p readmodel.OrganizationProject) string {
	var parts []string
	switch len(p.Open) {
	case 0:
	case 1:
		parts = append(parts, i18n.T(ctx, "organization.steps.one", "number", p.Open[0].Number(), "title", StepTitle(ctx, p.Open[0])))
	default:
		parts = append(parts, i18n.T(ctx, "organization.steps.several", "numbers", stepNumbers(ctx, p.Open)))
	}
	if len(p.Again) > 0 {
		parts = append(parts, i18n.T(ctx, "organization.steps.again", "numbers", stepNumbers(ctx, p.Again)))
	}
	if len(parts) == 0 {
		return "–"
	}
	return i18n.List(ctx, parts)
}

// daysLeft says how far a target date is.
func daysLeft(ctx context.Context, c *readmodel.Caller, on civil.Date) string {
	if left := c.Today().DaysUntil(on); left >= 0 {
		return i18n.T(ctx, "dashboard.days", "n", left)
	}
	return i18n.T(ctx, "dashboard.days_ago", "n", on.DaysUntil(c.Today()))
}

// languageWord proposes the reader's own language for a new organization.
func languageWord(ctx context.Context) string { return i18n.From(ctx).String() }

// editionName is an edition of the standard as a certificate gives it.
func editionName(edition string) string {
	c, err := standard.Load(edition)
	if err != nil {
		return edition
	}
	return c.Edition().Name()
}
