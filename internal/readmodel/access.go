// Package readmodel holds the plain structs that queries fill and pages show.
package readmodel

import (
	"time"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/domain/permission"
)

// Access is what a request brings along for the store to open its transaction:
// who asks (by the session's token), where, when, and what the use case
// demands of the caller. The zero Organization and Project are for pages of no
// tenant.
type Access struct {
	Token        [32]byte // SHA-256 of the session's token
	Organization id.Organization
	Project      id.Project
	Now          time.Time

	// May decides whether the caller may do this; the store asks it right
	// after it knows the caller and before anything else is read or written.
	// An Access without it is refused.
	May func(*Caller) error

	// Key and Digest are the idempotency key of a form that creates, and the
	// hash of what the form holds. A zero Key is no key.
	Key    [16]byte
	Digest [32]byte
}

// Caller is who stands behind a request: read from the database for every
// request, never kept.
type Caller struct {
	Session       id.Session
	Person        id.Person
	Name          string
	Email         string
	Language      string // "" follows the browser
	TimeZone      string // "" follows the organization
	Theme         identity.Theme
	Administrator bool
	Demo          bool

	Organization     id.Organization
	OrganizationName string
	OrganizationZone string // on pages of no organization, that of the one joined first
	OrganizationLang string
	OrganizationRole identity.OrganizationRole
	Member           bool // of the organization asked for
	OrganizationGone bool // archived
	Sample           bool

	Project     id.Project
	ProjectName string
	ProjectGone bool // archived
	Cycle       int
	TargetOn    civil.Date
	Roles       identity.RoleSet
	Chair       bool
	Staff       bool
	// Clauses are those the caller answers for as a process owner.
	Clauses []string

	Now time.Time
}

// Owner reports whether the caller owns the organization asked for.
func (c *Caller) Owner() bool {
	return c.Member && c.OrganizationRole == identity.Owner
}

// Holder gives what the caller holds, for the table of permissions.
func (c *Caller) Holder() permission.Holder {
	return permission.Holder{
		Administrator: c.Administrator, Member: c.Member, Owner: c.Owner(),
		InProject: !c.Project.IsZero(), Roles: c.Roles, Chair: c.Chair,
	}
}

// Can tells whether the caller is allowed something.
func (c *Caller) Can(p permission.Permission) bool {
	return p.Decide(c.Holder()) == permission.Allowed
}

// Location is the time zone in which the caller reads moments: the person's
// own, else the organization's.
func (c *Caller) Location() *time.Location {
	for _, zone := range []string{c.TimeZone, c.OrganizationZone} {
		if zone == "" {
			continue
		}
		if loc, err := time.LoadLocation(zone); err == nil {
			return loc
		}
	}
	return time.UTC
}

// Today is the organization's day: the one that people agree on.
func (c *Caller) Today() civil.Date {
	loc, err := time.LoadLocation(c.OrganizationZone)
	if err != nil {
		loc = time.UTC
	}
	return civil.Of(c.Now, loc)
}

// Frame is what every page shows around its content.
type Frame struct {
	Caller Caller
	Places []Place
	// Counts of the project, for its tabs; -1 where the page has no project.
	OpenFindings int
	OpenTasks    int
	MyTasks      int
}

// Place is an organization that the reader belongs to, or one of its projects.
type Place struct {
	Organization     id.Organization
	OrganizationName string
	OrganizationRole string
	Archived         bool
	Sample           bool
	Project          *id.Project
	ProjectName      *string
	ProjectArchived  *bool
	Roles            []string
}
