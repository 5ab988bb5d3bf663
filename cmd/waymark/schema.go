package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"waymark/internal/config"
	"waymark/internal/postgres/embedded"
	"waymark/migrations"
)

// standing is what a role finds in a database.
type standing struct {
	Role      string
	Super     bool // is a superuser
	Bypass    bool // passes row-level security, or may become a role that does
	Owns      bool // owns protected tables, or may become their owner
	Major     int  // of the server
	There     bool // whether there is any record of a schema
	Unread    bool // whether that record is closed to the role
	Schema    uint // the newest migration applied
	Dirty     bool // whether it broke off halfway
	CanCreate bool // whether the role may change the schema
	Encoding  string
}

// stand asks for the standing of a connection's role.
func stand(ctx context.Context, conn *pgx.Conn) (standing, error) {
	var s standing
	err := conn.QueryRow(ctx, `
		SELECT current_user, r.rolsuper,
		       EXISTS (SELECT FROM pg_roles b WHERE b.rolbypassrls AND pg_has_role(current_user, b.oid, 'MEMBER')),
		       EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relrowsecurity
		               AND pg_has_role(current_user, c.relowner, 'MEMBER')),
		       current_setting('server_version_num')::int / 10000,
		       to_regclass('public.schema_migrations') IS NOT NULL,
		       has_schema_privilege(current_user, 'public', 'CREATE'),
		       current_setting('server_encoding')
		  FROM pg_roles r WHERE r.rolname = current_user`).
		Scan(&s.Role, &s.Super, &s.Bypass, &s.Owns, &s.Major, &s.There, &s.CanCreate, &s.Encoding)
	if err != nil {
		return s, fmt.Errorf("ask what the role may do: %w", err)
	}
	if !s.There {
		return s, nil
	}
	err = conn.QueryRow(ctx, "SELECT version, dirty FROM public.schema_migrations").Scan(&s.Schema, &s.Dirty)
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && pgErr.Code == "42501" {
		s.Unread = true
		return s, nil
	}
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return s, fmt.Errorf("read the version of the schema: %w", err)
	}
	return s, nil
}

// walls refuses a role that row-level security does not hold back: a mistake in
// a query of ours must never show one organization to another.
func (s standing) walls() error {
	var what string
	switch {
	case s.Super:
		what = "is a superuser"
	case s.Bypass:
		what = "may pass row-level security (BYPASSRLS)"
	case s.Owns:
		what = "owns Waymark's tables"
	default:
		return nil
	}
	return &told{text: fmt.Sprintf("The role %s %s, so the database would not keep organizations apart, and Waymark does not serve as it. Let DATABASE_URL name the role waymark_app, and WAYMARK_MIGRATE_URL the owner; \"waymark roles\" prints the SQL that makes both.", s.Role, what)}
}

// current refuses a schema that is not this program's.
func (s standing) current() error {
	want, err := migrations.Version()
	if err != nil {
		return err
	}
	switch {
	case s.Major < 15:
		return &told{text: fmt.Sprintf("The database's server is PostgreSQL %d; Waymark needs version 15 or newer.", s.Major)}
	case s.Unread:
		return &told{text: fmt.Sprintf("The role %s may not read which schema the database has. Run \"waymark migrate\" once with WAYMARK_MIGRATE_URL set to its owner.", s.Role)}
	case s.Dirty:
		return &told{text: fmt.Sprintf("The database is not whole: migration %d or a restore broke off halfway. Restore the latest backup into an empty place.", s.Schema)}
	case s.Schema > want:
		return &told{text: fmt.Sprintf("The database was changed by a newer Waymark (schema %d, this program knows %d). Start that version, or restore a backup made before the upgrade.", s.Schema, want)}
	case s.Schema < want:
		return &told{text: fmt.Sprintf("The database has the schema of an older Waymark (%d, needed is %d). Run \"waymark migrate\" with WAYMARK_MIGRATE_URL set to the database's owner, or start with WAYMARK_MIGRATE=auto and that setting.", s.Schema, want)}
	}
	return nil
}

// bring brings the schema up to date as its owner and lets the application's
// role read which one it is.
func (p *program) bring(ctx context.Context, owner, setting string) (from, to uint, err error) {
	conn, err := p.connect(ctx, owner, setting)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	before, err := stand(ctx, conn)
	if err != nil {
		return 0, 0, err
	}
	if to, err = migrations.Version(); err != nil {
		return 0, 0, err
	}
	if before.Major < 15 || before.Schema > to {
		return before.Schema, to, before.current()
	}
	if before.Schema == to && !before.Dirty {
		return to, to, letRead(ctx, conn)
	}
	if !before.CanCreate {
		return before.Schema, to, &told{text: fmt.Sprintf("The role %s may not change the schema, which has to go from %d to %d. Set WAYMARK_MIGRATE_URL to the same database with its owner, the role waymark_owner.", before.Role, before.Schema, to)}
	}
	if err := roles(ctx, conn); err != nil {
		return before.Schema, to, err
	}
	if err := migrations.Up(ctx, owner); err != nil {
		after, asking := stand(ctx, conn)
		switch {
		case asking == nil && after.Dirty:
			return before.Schema, to, errors.Join(after.current(), err)
		case strings.Contains(err.Error(), "lock"):
			return before.Schema, to, &told{"Another process is changing the schema and takes long. Wait until it is done, and start again.", err}
		}
		return before.Schema, to, err
	}
	return before.Schema, to, letRead(ctx, conn)
}

// roles refuses a server without Waymark's roles: the migrations name them.
func roles(ctx context.Context, conn *pgx.Conn) error {
	var missing []string
	err := conn.QueryRow(ctx, `SELECT coalesce(array_agg(n), '{}') FROM unnest($1::text[]) n WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = n)`,
		[]string{embedded.App, embedded.Definer}).Scan(&missing)
	if err != nil {
		return fmt.Errorf("look for the roles: %w", err)
	}
	if len(missing) > 0 {
		return &told{text: fmt.Sprintf("The database's server lacks the role %s. Have its administrator run what \"waymark roles\" prints.", strings.Join(missing, " and "))}
	}
	return nil
}

func letRead(ctx context.Context, conn *pgx.Conn) error {
	var may, can bool
	err := conn.QueryRow(ctx, `SELECT has_table_privilege($1, 'public.schema_migrations', 'SELECT'),
		pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = 'public.schema_migrations'::regclass), 'MEMBER')`, embedded.App).Scan(&may, &can)
	if err != nil {
		return fmt.Errorf("look for the right to read the schema's version: %w", err)
	}
	if may || !can {
		return nil
	}
	if _, err := conn.Exec(ctx, "GRANT SELECT ON public.schema_migrations TO "+pgx.Identifier{embedded.App}.Sanitize()); err != nil {
		return fmt.Errorf("let the application read the schema's version: %w", err)
	}
	return nil
}

// ownerSetting names the setting that holds the owner's address.
func ownerSetting(c config.Config) string {
	if c.MigrateURL != "" {
		return "WAYMARK_MIGRATE_URL"
	}
	return "DATABASE_URL"
}

// migrate is the command.
func migrate(ctx context.Context, p *program, args []string) error {
	c, _, err := p.settings(p.flags("migrate"), args)
	if err != nil {
		return err
	}
	pl, err := p.reach(ctx, c, p.quiet(c))
	if err != nil {
		return err
	}
	from, to, err := p.bring(ctx, pl.owner, ownerSetting(c))
	err = errors.Join(err, p.leave(ctx, pl))
	if err != nil {
		return err
	}
	if from == to {
		p.say("The schema is up to date: %d.", to)
	} else {
		p.say("The schema was brought from %d to %d.", from, to)
	}
	return nil
}
