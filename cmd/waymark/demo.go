package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"waymark/internal/app"
	"waymark/internal/config"
	"waymark/internal/domain/identity"
	"waymark/internal/password"
	"waymark/internal/postgres/embedded"
	"waymark/internal/readmodel"
)

// throwaway runs a database in a folder that is removed at the end.
func (p *program) throwaway(ctx context.Context, c config.Config, log *slog.Logger) (*place, func() error, error) {
	dir, err := os.MkdirTemp("", "waymark-demo-")
	if err != nil {
		return nil, nil, fmt.Errorf("make a folder for the demonstration: %w", err)
	}
	remove := func() error { return os.RemoveAll(dir) }
	// Root runs the server as another account, which has to pass through.
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // what lies below is closed
		return nil, nil, errors.Join(err, remove())
	}
	pl, err := p.start(ctx, c, log, embedded.Options{DataDir: filepath.Join(dir, clusterName), Throwaway: true})
	if err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	return pl, remove, nil
}

// signIn is a way into the demonstration.
type signIn struct{ Role, Email string }

// makeDemo sets the installation up, with the sample project, and prints a
// sign-in for each role.
func (p *program) makeDemo(ctx context.Context, a *app.App, pl *place) error {
	word, now := rand.Text(), p.now()
	administrator := identity.Email("administrator@demo.example.org")
	_, err := a.Install(ctx, app.SetUp{
		Email: administrator, Name: "Alex Admin", Password: word, Organization: "Demo", TimeZone: "UTC", Language: identity.LanguageSystem,
	}, now)
	if err != nil {
		return fmt.Errorf("set the demonstration up: %w", err)
	}
	token, err := a.SignIn(ctx, administrator, word, app.Visit{}, now)
	if err != nil {
		return fmt.Errorf("sign in to the demonstration: %w", err)
	}
	hash, _ := app.TokenHash(token)
	for _, language := range []string{"en", "zh"} {
		if _, err := a.StartWithSample(ctx, readmodel.Access{Token: hash, Now: now}, language); err != nil {
			return fmt.Errorf("make the sample project: %w", err)
		}
	}
	ways, err := openDemo(ctx, pl.owner, word)
	if err != nil {
		return err
	}
	p.say("This is a demonstration: everything in it is gone when it ends. All passwords are %s", word)
	for _, way := range append([]signIn{{"administrator", administrator.String()}}, ways...) {
		p.say("  %-18s %-40s %s", way.Role, way.Email, word)
	}
	return nil
}

// openDemo gives the people of the sample the password, one of each role, and
// marks the installation.
func openDemo(ctx context.Context, owner, word string) ([]signIn, error) {
	hash, err := password.New(password.Options{}).Hash(ctx, word)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, owner)
	if err != nil {
		return nil, fmt.Errorf("connect to the demonstration: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	rows, err := conn.Query(ctx, `
		SELECT DISTINCT ON (array_position($1::text[], r.role)) r.role, p.email
		  FROM project_role r JOIN person p ON p.id = r.person_id
		  JOIN membership m ON m.organization_id = r.organization_id AND m.person_id = r.person_id
		 WHERE m.removed_at IS NULL AND p.disabled_at IS NULL AND p.email <> 'administrator@demo.example.org'
		 ORDER BY array_position($1::text[], r.role), p.language,
		       (SELECT count(*) FROM task t WHERE t.owner_id = p.id AND t.state = 'in_progress') DESC, r.created_at, p.email`, roleNames())
	if err != nil {
		return nil, fmt.Errorf("look for the people of the sample: %w", err)
	}
	ways, err := pgx.CollectRows(rows, pgx.RowToStructByPos[signIn])
	if err != nil {
		return nil, fmt.Errorf("look for the people of the sample: %w", err)
	}
	emails := make([]string, len(ways))
	for i, way := range ways {
		emails[i] = way.Email
	}
	if _, err := conn.Exec(ctx, `UPDATE person SET password = $1 WHERE email = ANY ($2)`, hash, emails); err != nil {
		return nil, fmt.Errorf("open the demonstration: %w", err)
	}
	if _, err := conn.Exec(ctx, `UPDATE installation SET demo = true`); err != nil {
		return nil, fmt.Errorf("open the demonstration: %w", err)
	}
	return ways, nil
}

func roleNames() []string {
	var names []string
	for _, r := range identity.ProjectRoles() {
		names = append(names, r.String())
	}
	return names
}
