package app

import (
	"context"
	"time"

	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/domain/permission"
	"waymark/internal/fault"
	"waymark/internal/password"
	"waymark/internal/readmodel"
)

// ProfilePage reads what a person sees of themselves.
func (a *App) ProfilePage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.ProfilePage, error) {
	return a.db.ProfilePage(ctx, needing(acc, permission.SignedIn))
}

// SaveProfile stores a person's name, language and time zone.
func (a *App) SaveProfile(ctx context.Context, acc readmodel.Access, in readmodel.Profile) error {
	return a.db.SaveProfile(ctx, needing(acc, permission.SignedIn), in)
}

// SaveTheme stores the colours that a person reads in.
func (a *App) SaveTheme(ctx context.Context, acc readmodel.Access, theme identity.Theme) error {
	return a.db.SaveTheme(ctx, needing(acc, permission.SignedIn), theme)
}

// SaveEmail changes the address that a person signs in with. Their password,
// typed again, is asked for because the address is also where a link for a new
// password goes.
func (a *App) SaveEmail(ctx context.Context, acc readmodel.Access, email identity.Email, typed string) error {
	acc = needing(acc, permission.SignedIn)
	if _, err := a.confirmed(ctx, acc, "email_password", typed); err != nil {
		return err
	}
	err := a.db.SaveEmail(ctx, acc, email)
	if fault.Of(err) == fault.Exists {
		return fault.InvalidField("email", "profile.email.taken")
	}
	return err
}

// SavePassword changes a person's password and ends their other sessions.
func (a *App) SavePassword(ctx context.Context, acc readmodel.Access, typed, chosen string) error {
	acc = needing(acc, permission.SignedIn)
	who, err := a.confirmed(ctx, acc, "password", typed)
	if err != nil {
		return err
	}
	hash, err := a.hashed(ctx, "new_password", chosen, identity.PasswordContext{Email: identity.Email(who.Email), Name: who.Name})
	if err != nil {
		return err
	}
	return a.db.SavePassword(ctx, acc, who.Password, hash)
}

// confirmed compares a password that its owner typed once more. A guess counts
// as an attempt to sign in, so that an unattended browser is no way to guess on.
func (a *App) confirmed(ctx context.Context, acc readmodel.Access, field, typed string) (readmodel.Identity, error) {
	caller, err := a.db.Caller(ctx, acc)
	if err != nil {
		return readmodel.Identity{}, err
	}
	who, until, err := a.db.Attempt(ctx, identity.Email(caller.Email), acc.Now)
	if err != nil {
		return readmodel.Identity{}, err
	}
	if !until.IsZero() {
		return readmodel.Identity{}, &ThrottledError{Until: until}
	}
	match, _, err := a.passwords.Verify(ctx, stored(who), typed)
	if err != nil {
		return readmodel.Identity{}, err
	}
	if !match {
		return readmodel.Identity{}, fault.InvalidField(field, "profile.password.wrong")
	}
	return who, a.db.Forget(ctx, identity.Email(caller.Email))
}

// hashed judges a password that somebody chose and makes its hash. One that is
// refused is an invalid answer of the field.
func (a *App) hashed(ctx context.Context, field, chosen string, about identity.PasswordContext) (string, error) {
	if problem := identity.CheckPassword(password.Normalize(chosen), about); problem != identity.PasswordFine {
		return "", fault.InvalidField(field, "password.problem."+problem.String(), "min", identity.MinPassword, "max", identity.MaxPassword)
	}
	return a.passwords.Hash(ctx, chosen)
}

// NewPerson is a person whom an administrator makes from the command line.
type NewPerson struct {
	Email    identity.Email
	Name     string
	Password string
	Language identity.Language
	TimeZone string // "" follows the organization
	// Organization takes the person in with a role; zero makes a person who
	// belongs nowhere yet.
	Organization id.Organization
	Role         identity.OrganizationRole
}

// CreatePerson makes a person who can sign in at once. An address that somebody
// has is fault.Exists; a password that may not be chosen is fault.Invalid.
func (a *App) CreatePerson(ctx context.Context, in NewPerson, now time.Time) (id.Person, error) {
	hash, err := a.hashed(ctx, "password", in.Password, identity.PasswordContext{Email: in.Email, Name: in.Name})
	if err != nil {
		return id.Person{}, err
	}
	person := readmodel.NewPerson{
		ID: newID[id.Person](), Email: in.Email, Name: in.Name, Password: hash,
		Language: storedLanguage(in.Language), TimeZone: in.TimeZone,
	}
	return person.ID, a.db.CreatePerson(ctx, person, in.Organization, in.Role, now)
}

// storedLanguage is a language as it is stored: none where the browser decides.
func storedLanguage(l identity.Language) string {
	switch l {
	case identity.LanguageEnglish, identity.LanguageChinese:
		return l.String()
	case identity.LanguageSystem:
	}
	return ""
}

// languageOf reads a stored language.
func languageOf(word string) identity.Language {
	if l, ok := identity.ParseLanguage(word); ok {
		return l
	}
	return identity.LanguageSystem
}
