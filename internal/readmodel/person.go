package readmodel

import (
	"time"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
)

// Identity is what signing in and resetting a password need to know of a
// person.
type Identity struct {
	ID       id.Person
	Name     string
	Email    string
	Password *string // the hash; nil where none was chosen yet
	Language *string
	TimeZone *string // the organization's where the person chose none
	Disabled bool
}

// NewSession is a session about to be opened. The token itself never reaches
// the database.
type NewSession struct {
	ID        id.Session
	TokenHash [32]byte
	UserAgent string
	Address   string
}

// ProfilePage is what a person sees and changes of themselves.
type ProfilePage struct {
	Person   Profile
	Sessions []Session
}

// Profile is a person's own row.
type Profile struct {
	Name     string
	Email    string
	Language *string // nil follows the browser
	TimeZone *string // nil follows the organization
	Theme    identity.Theme
	Version  int
}

// Session is one place where a person is signed in.
type Session struct {
	ID            id.Session
	CreatedAt     time.Time
	LastSeenAt    time.Time
	UserAgent     string
	ClientAddress string
}

// NewPerson is a person about to be made.
type NewPerson struct {
	ID       id.Person
	Email    identity.Email
	Name     string
	Password string // the hash
	Language string // "" follows the browser
	TimeZone string // "" follows the organization
}

// NewOrganization is the first organization of an installation.
type NewOrganization struct {
	ID       id.Organization
	Name     string
	TimeZone string
	Language string
}

// NewInvitation asks a person to join an organization, or a project of it.
type NewInvitation struct {
	ID               id.Invitation
	TokenHash        [32]byte
	Email            identity.Email
	Name             string
	OrganizationRole identity.OrganizationRole
	ProjectRole      identity.ProjectRole // none for the organization alone
	UntilOn          civil.Date           // the last day of a guest
	ExpiresAt        time.Time
}

// Invitation is what a link of an invitation opens.
type Invitation struct {
	ID                   id.Invitation
	OrganizationID       id.Organization
	OrganizationName     string
	OrganizationLanguage string
	Email                string
	Name                 string
	OrganizationRole     string
	ProjectID            *id.Project
	ProjectName          *string
	ProjectRole          *string
	UntilOn              civil.Date
	InvitedByName        string
	// HasAccount says that the address signs in already.
	HasAccount bool
}

// InvitationPage is an invitation as who follows the link sees it.
type InvitationPage struct {
	Invitation Invitation
	// Reader is who is signed in, nil for nobody.
	Reader *Caller
}

// IsFor reports whether the invitation is to this address.
func (i Invitation) IsFor(email string) bool {
	return identity.Email(i.Email).Key() == identity.Email(email).Key()
}
