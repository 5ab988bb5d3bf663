package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"time"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/sample"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

// SetUp is what the first visit asks for: who administers the installation, and
// the first organization, which is theirs.
type SetUp struct {
	Email        identity.Email
	Name         string
	Password     string
	Organization string
	TimeZone     string
	Language     identity.Language
}

// IsSetUp reports whether the installation has its administrator.
func (a *App) IsSetUp(ctx context.Context) (bool, error) { return a.db.IsSetUp(ctx) }

// codeLetters are the letters of the one-time code: 32, so that each carries
// five bits, without those that are taken for digits.
const (
	codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength  = 20
	codeGroup   = 5
)

// SetUpCode makes the one-time code that set-up asks for, in place of any
// before it, and keeps its hash. It is 100 bits, in groups to be copied from the
// log. It is empty where the installation is set up already.
func (a *App) SetUpCode(ctx context.Context) (string, error) {
	raw := make([]byte, codeLength)
	_, _ = rand.Read(raw) // never fails
	var code strings.Builder
	for i, b := range raw {
		if i > 0 && i%codeGroup == 0 {
			code.WriteByte('-')
		}
		code.WriteByte(codeLetters[b%byte(len(codeLetters))])
	}
	kept, err := a.db.KeepSetUpCode(ctx, codeHash(code.String()))
	if err != nil || !kept {
		return "", err
	}
	return code.String(), nil
}

// codeHash hashes a code as people type it: in any case, with or without its
// hyphens, with an O for a zero.
func codeHash(typed string) [32]byte {
	plain := strings.Map(func(r rune) rune {
		switch r {
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		if strings.ContainsRune(codeLetters, r) {
			return r
		}
		return -1
	}, strings.ToUpper(typed))
	return sha256.Sum256([]byte(plain))
}

// FinishSetUp sets the installation up with the one-time code and signs the
// administrator in. A wrong code is an invalid answer; an installation that is
// set up already is fault.NotFound.
func (a *App) FinishSetUp(ctx context.Context, code string, in SetUp, from Visit, now time.Time) (token string, err error) {
	token, session := newSession(from)
	typed := codeHash(code)
	_, err = a.setUp(ctx, in, &session, func(kept []byte) error {
		if subtle.ConstantTimeCompare(typed[:], kept) != 1 {
			return fault.InvalidField("code", "setup.code.wrong")
		}
		return nil
	}, now)
	return token, err
}

// Install sets the installation up without a code, for whoever commands the
// machine: scripts and the demonstration. It gives the administrator.
func (a *App) Install(ctx context.Context, in SetUp, now time.Time) (id.Person, error) {
	return a.setUp(ctx, in, nil, func([]byte) error { return nil }, now)
}

func (a *App) setUp(ctx context.Context, in SetUp, session *readmodel.NewSession, check func([]byte) error, now time.Time) (id.Person, error) {
	hash, err := a.hashed(ctx, "password", in.Password, identity.PasswordContext{Email: in.Email, Name: in.Name, Organization: in.Organization})
	if err != nil {
		return id.Person{}, err
	}
	person := readmodel.NewPerson{
		ID: newID[id.Person](), Email: in.Email, Name: in.Name, Password: hash, Language: storedLanguage(in.Language),
	}
	language := storedLanguage(in.Language)
	if language == "" {
		language = identity.LanguageEnglish.String()
	}
	organization := readmodel.NewOrganization{
		ID: newID[id.Organization](), Name: in.Organization, TimeZone: in.TimeZone, Language: language,
	}
	err = a.db.SetUp(ctx, person, organization, session, check, now)
	if fault.Of(err) == fault.Exists {
		err = fault.InvalidField("email", "profile.email.taken")
	}
	return person.ID, err
}

// SetUpChoice answers whether the caller may choose how the installation
// begins.
func (a *App) SetUpChoice(ctx context.Context, acc readmodel.Access) (readmodel.Caller, error) {
	return a.db.Caller(ctx, needing(acc, permission.Administer))
}

// StartWithSample makes an organization with the sample project, told in the
// caller's language, else in the one given, and answers it.
func (a *App) StartWithSample(ctx context.Context, acc readmodel.Access, language string) (id.Organization, error) {
	return a.db.CreateSample(ctx, needing(acc, permission.Administer), func(own string) (*sample.Story, error) {
		if own != "" {
			language = own
		}
		return sample.Tell(language, civil.Of(acc.Now, time.UTC))
	})
}
