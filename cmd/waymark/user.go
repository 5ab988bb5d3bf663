package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"waymark/internal/app"
	"waymark/internal/config"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/fault"
	"waymark/internal/postgres"
)

// newUser is what the command line says of a person.
type newUser struct {
	email, name, language, zone string
	organization, role          string
	administrator, fromStdin    bool
}

// createUser is the command "user create".
func createUser(ctx context.Context, p *program, args []string) error {
	var u newUser
	set := p.flags("user create")
	set.StringVar(&u.email, "email", "", "address to sign in with")
	set.StringVar(&u.name, "name", "", "as others see it")
	set.StringVar(&u.language, "language", "system", "system, en or zh")
	set.StringVar(&u.zone, "time-zone", "UTC", "of the first organization")
	set.StringVar(&u.organization, "organization", "", "id of the organization to belong to; a name where there is none yet")
	set.StringVar(&u.role, "role", identity.Member.String(), "owner or member, of the organization")
	set.BoolVar(&u.administrator, "administrator", false, "make this person the installation's administrator")
	set.BoolVar(&u.fromStdin, "password-stdin", false, "read the password from the standard input; else one is made up and printed")
	c, _, err := p.settings(set, args)
	if err != nil {
		return err
	}
	in, err := u.person()
	if err != nil {
		return err
	}
	if in.Password = rand.Text(); u.fromStdin {
		if in.Password, err = readPassword(p.stdin); err != nil {
			return err
		}
	}
	pl, err := p.reach(ctx, c, p.quiet(c))
	if err != nil {
		return err
	}
	if err := errors.Join(p.makeUser(ctx, c, pl, u, in), p.leave(ctx, pl)); err != nil {
		return err
	}
	if u.fromStdin {
		p.say("%s can sign in.", in.Email)
	} else {
		p.say("%s can sign in with the password %s (shown this once; it can be changed under Profile).", in.Email, in.Password)
	}
	return nil
}

// person checks what can be checked without the database, all at once.
func (u newUser) person() (in app.NewPerson, err error) {
	var wrong []string
	if in.Email, err = identity.ParseEmail(u.email); err != nil {
		wrong = append(wrong, fmt.Sprintf("--email is %q: write an address, such as ada@example.org.", u.email))
	}
	if in.Name, err = identity.ParseName(u.name); err != nil {
		wrong = append(wrong, fmt.Sprintf("--name is %q: write a name of at most %d characters.", u.name, identity.MaxName))
	}
	var ok bool
	if in.Language, ok = identity.ParseLanguage(u.language); !ok {
		wrong = append(wrong, fmt.Sprintf("--language is %q: write system, en or zh.", u.language))
	}
	if in.Role, ok = identity.ParseOrganizationRole(u.role); !ok {
		wrong = append(wrong, fmt.Sprintf("--role is %q: write owner or member. Roles in a project are given on the project's page of people.", u.role))
	}
	if _, err := identity.ParseTimeZone(u.zone); err != nil {
		wrong = append(wrong, fmt.Sprintf("--time-zone is %q: write a name such as Europe/Oslo.", u.zone))
	}
	if len(wrong) > 0 {
		return in, &misuse{strings.Join(wrong, "\n")}
	}
	return in, nil
}

func readPassword(from io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(from, 8192)).ReadString('\n')
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", &misuse{"--password-stdin was given, but the standard input holds no password: write one line to it."}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return line, nil
}

func (p *program) makeUser(ctx context.Context, c config.Config, pl *place, u newUser, in app.NewPerson) error {
	if err := p.ready(ctx, c, p.quiet(c), pl); err != nil {
		return err
	}
	store, err := postgres.Open(ctx, pl.app, postgres.Options{})
	if err != nil {
		return err
	}
	defer store.Close()
	c.SMTPURL = "" // nothing is sent from here
	a, err := newApp(c, store, &url.URL{Scheme: "http", Host: c.Listen})
	if err != nil {
		return err
	}
	done, err := a.IsSetUp(ctx)
	if err != nil {
		return err
	}
	if !done {
		return p.install(ctx, a, u, in)
	}
	if u.organization != "" {
		if in.Organization, err = id.Parse[id.Organization](u.organization); err != nil {
			return &misuse{fmt.Sprintf("--organization is %q: write the id of an organization, as it stands in the address of its pages after /o/.", u.organization)}
		}
	}
	person, err := a.CreatePerson(ctx, in, p.now())
	if err != nil {
		return userRefused(err, u)
	}
	if u.administrator {
		return a.MakeAdministrator(ctx, person, p.now())
	}
	return nil
}

// install sets up an installation that is not yet: its first person is its
// administrator and owns its first organization.
func (p *program) install(ctx context.Context, a *app.App, u newUser, in app.NewPerson) error {
	name, err := identity.ParseName(u.organization)
	if err != nil || !u.administrator {
		return &misuse{"This installation is not set up yet, so its first person administers it: add --administrator, and --organization with the name of the first organization."}
	}
	_, err = a.Install(ctx, app.SetUp{
		Email: in.Email, Name: in.Name, Password: in.Password, Organization: name, TimeZone: u.zone, Language: in.Language,
	}, p.now())
	return userRefused(err, u)
}

// userRefused turns what the use case says against a person into a sentence.
func userRefused(err error, u newUser) error {
	invalid, ok := errors.AsType[*fault.InvalidError](err)
	switch {
	case err == nil:
		return nil
	case fault.Of(err) == fault.Exists, ok && invalid.Fields[0].Name == "email":
		return &told{"Somebody signs in as " + u.email + " already; nothing was changed.", err}
	case fault.Of(err) == fault.NotFound:
		return &told{"There is no organization " + u.organization + "; nothing was changed.", err}
	case ok && invalid.Fields[0].Name == "password":
		return &told{fmt.Sprintf("This password may not be chosen (%s): it takes %d characters or more that are no common password, no sequence, and not made of the person's own name. Nothing was changed.",
			strings.TrimPrefix(invalid.Fields[0].Key, "password.problem."), identity.MinPassword), err}
	}
	return err
}
