package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"time"

	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/domain/permission"
	"waymark/internal/fault"
	"waymark/internal/mail"
	"waymark/internal/postgres"
	"waymark/internal/readmodel"
)

// SessionLifetime is how long a session lives at most, however often it is used.
const SessionLifetime = postgres.Lifetime

// ResetWithin is how long a link for a new password works.
const ResetWithin = time.Hour

// ThrottledError refuses an attempt to sign in because too many failed before
// it, whether or not anybody has the address.
type ThrottledError struct{ Until time.Time }

func (*ThrottledError) Error() string { return "too many failed attempts to sign in" }

// Unwrap makes a ThrottledError fault.TooMany.
func (*ThrottledError) Unwrap() error { return fault.TooMany }

// Visit is where a session is opened from.
type Visit struct{ UserAgent, Address string }

// newToken makes a secret of 256 bits: what its bearer shows, and what is
// stored.
func newToken() (shown string, hash [32]byte) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails: it ends the program where there is no randomness
	return base64.RawURLEncoding.EncodeToString(raw), sha256.Sum256(raw)
}

// TokenHash reads a token of a link; ok is false for what is none.
func TokenHash(shown string) (hash [32]byte, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(shown)
	if err != nil || len(raw) != 32 {
		return hash, false
	}
	return sha256.Sum256(raw), true
}

// newSession makes a session and its token. Every sign-in gets new ones, so that
// a token known from before it is of no use.
func newSession(v Visit) (token string, s readmodel.NewSession) {
	token, hash := newToken()
	return token, readmodel.NewSession{ID: newID[id.Session](), TokenHash: hash, UserAgent: v.UserAgent, Address: v.Address}
}

// SignIn compares address and password and opens a session; it gives the token
// for its cookie. A wrong pair is one invalid answer of the form as a whole,
// the same for an address that nobody has, as is the work that goes into it.
// Too many wrong ones are a *ThrottledError.
func (a *App) SignIn(ctx context.Context, email identity.Email, typed string, from Visit, now time.Time) (token string, err error) {
	who, until, err := a.db.Attempt(ctx, email, now)
	if err != nil {
		return "", err
	}
	if !until.IsZero() {
		return "", &ThrottledError{Until: until}
	}
	match, outdated, err := a.passwords.Verify(ctx, stored(who), typed)
	if err != nil {
		return "", err
	}
	wrong := fault.InvalidField("", "identity.sign_in.wrong")
	if !match || who.Disabled {
		if err := a.db.RefuseSignIn(ctx, who.ID, now); err != nil {
			return "", err
		}
		return "", wrong
	}
	rehashed := ""
	if outdated {
		// While the password is at hand; a busy hasher leaves it for next time.
		rehashed, _ = a.passwords.Hash(ctx, typed)
	}
	token, session := newSession(from)
	err = a.db.OpenSession(ctx, who, session, rehashed, now)
	if fault.Of(err) == fault.Conflict { // changed since it was compared
		return "", wrong
	}
	return token, err
}

func stored(who readmodel.Identity) string {
	if who.Password == nil {
		return ""
	}
	return *who.Password
}

// SignOut ends the session of the request.
func (a *App) SignOut(ctx context.Context, acc readmodel.Access) error {
	return a.db.CloseSession(ctx, needing(acc, permission.SignedIn))
}

// EndSession ends one of the caller's sessions.
func (a *App) EndSession(ctx context.Context, acc readmodel.Access, session id.Session) error {
	return a.db.RevokeSession(ctx, needing(acc, permission.SignedIn), session)
}

// SignOutEverywhere ends all of the caller's sessions.
func (a *App) SignOutEverywhere(ctx context.Context, acc readmodel.Access) error {
	return a.db.CloseAllSessions(ctx, needing(acc, permission.SignedIn))
}

// AskPasswordReset mails a link for a new password to whoever has the address.
// The answer is the same where nobody has. language is the one that the asking
// browser reads, for people who left the choice to it.
func (a *App) AskPasswordReset(ctx context.Context, email identity.Email, language identity.Language, now time.Time) error {
	who, err := a.db.PersonByEmail(ctx, email)
	if err != nil {
		return err
	}
	if who.Language != nil {
		language = languageOf(*who.Language)
	}
	zone := time.UTC
	if who.TimeZone != nil {
		if loc, err := identity.ParseTimeZone(*who.TimeZone); err == nil {
			zone = loc
		}
	}
	to := email
	if !who.ID.IsZero() {
		to = identity.Email(who.Email) // as its owner wrote it, not as it was typed
	}
	token, hash := newToken()
	until := now.Add(ResetWithin)
	message, err := mail.PasswordReset{
		To: to, Language: language, Until: until, Zone: zone,
		Link: a.link("/password/reset", url.Values{"token": {token}}),
	}.Message()
	if err != nil {
		return err
	}
	return a.db.AskPasswordReset(ctx, who, hash, until, now, newMail(message, "", language))
}

// ResetPerson says whether a link for a new password works; fault.NotFound
// where it does not, or no longer.
func (a *App) ResetPerson(ctx context.Context, token [32]byte, now time.Time) (readmodel.Identity, error) {
	return a.db.ResetPerson(ctx, token, now)
}

// ResetPassword chooses a new password by a link and ends all sessions.
func (a *App) ResetPassword(ctx context.Context, token [32]byte, chosen string, now time.Time) error {
	who, err := a.db.ResetPerson(ctx, token, now)
	if err != nil {
		return err
	}
	hash, err := a.hashed(ctx, "new_password", chosen, identity.PasswordContext{Email: identity.Email(who.Email), Name: who.Name})
	if err != nil {
		return err
	}
	return a.db.ResetPassword(ctx, token, hash, now)
}

// Reader answers whose session it is, for pages that are reached before any use
// case asked.
func (a *App) Reader(ctx context.Context, acc readmodel.Access) (readmodel.Caller, error) {
	return a.db.Caller(ctx, needing(acc, permission.SignedIn))
}
