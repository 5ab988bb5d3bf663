package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"

	"github.com/jackc/pgx/v5"
)

// Target is the empty database that a backup is brought back into.
type Target struct {
	DSN    string // as the owner
	BinDir string // where to look for pg_restore first; may be empty
	Schema uint   // the newest migration that this program knows
	// Definer is the role that owns the functions which see across tenants.
	Definer string
}

// Restore brings a backup back into an empty database, in one transaction, and
// compares every table with the manifest. When they differ, the database is
// marked so that it is not served, and left for a look. Older schemas are left
// as they are: bringing them up to date comes after. What a person can mend is
// an *Error.
func (a *Archive) Restore(ctx context.Context, t Target) error {
	if err := a.Fits(t.Schema); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, t.DSN)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	major, err := a.mayEnter(ctx, conn, t)
	if err != nil {
		return err
	}
	path, err := program(ctx, "pg_restore", major, t.BinDir)
	if err != nil {
		return err
	}
	// Handing functions to the definer needs this right for a moment, as it did
	// when the migrations made them.
	definer := pgx.Identifier{t.Definer}.Sanitize()
	if _, err := conn.Exec(ctx, "GRANT CREATE ON SCHEMA public TO "+definer); err != nil {
		return fmt.Errorf("prepare the schema: %w", err)
	}
	err = a.run(ctx, path, t)
	if _, revoking := conn.Exec(context.WithoutCancel(ctx), "REVOKE CREATE ON SCHEMA public FROM "+definer); revoking != nil {
		err = errors.Join(err, fmt.Errorf("take the right on the schema back: %w", revoking))
	}
	if err != nil {
		return err
	}
	if err := a.Manifest.Verify(ctx, conn); err != nil {
		if _, marking := conn.Exec(context.WithoutCancel(ctx), "UPDATE public.schema_migrations SET dirty = true"); marking != nil {
			err = errors.Join(err, fmt.Errorf("mark the database: %w", marking))
		}
		return err
	}
	if _, err := conn.Exec(ctx, "ANALYZE"); err != nil {
		return fmt.Errorf("gather statistics: %w", err)
	}
	return nil
}

// Fits refuses a backup whose schema is newer than this program.
func (a *Archive) Fits(schema uint) error {
	if a.Manifest.Schema > schema {
		return &Error{Text: fmt.Sprintf("The backup was made by Waymark %s, whose data this older program cannot read (schema %d, here %d). Nothing was changed; restore it with that version or a newer one.", a.Manifest.Waymark, a.Manifest.Schema, schema)}
	}
	return nil
}

// mayEnter refuses a database that holds anything, or whose server is older.
func (a *Archive) mayEnter(ctx context.Context, conn *pgx.Conn, t Target) (major int, err error) {
	var things int
	var member bool
	err = conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::int / 10000,
			(SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace)
			+ (SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace),
			EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'waymark_app')
		`, t.Definer).Scan(&major, &things, &member)
	if err != nil {
		return 0, fmt.Errorf("look into the database: %w", err)
	}
	switch {
	case things > 0:
		return 0, &Error{Text: "The database is not empty, and a backup is only brought back into an empty place; nothing was changed. Set WAYMARK_DATA to a new folder, or have an administrator make an empty database."}
	case !member:
		return 0, &Error{Text: "The database's server does not have Waymark's roles yet; nothing was changed. Have its administrator run what \"waymark roles\" prints, then restore again."}
	case major < a.Manifest.Postgres:
		return 0, &Error{Text: fmt.Sprintf("The backup comes from PostgreSQL %d, this server is the older PostgreSQL %d; nothing was changed. Restore it on PostgreSQL %[1]d or newer.", a.Manifest.Postgres, major)}
	}
	return major, nil
}

func (a *Archive) run(ctx context.Context, path string, t Target) error {
	address, env := forProgram(t.DSN)
	cmd := exec.CommandContext(ctx, path, "--exit-on-error", "--single-transaction", "--no-password", //nolint:gosec // a PostgreSQL program of this machine
		"--schema=public", "--dbname="+address)
	if _, err := a.dump.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	said := new(tail)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, a.dump, said, said
	cmd.Dir = "/"
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("restore the database: %w", context.Cause(ctx))
		}
		return &Error{Text: fmt.Sprintf("pg_restore failed, and nothing was restored: %s (%s).", err, said), Err: err}
	}
	return nil
}
