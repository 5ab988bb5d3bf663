package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/jackc/pgx/v5"
)

// Source is the database that a backup is made of.
type Source struct {
	DSN     string // as the owner, who sees every row
	BinDir  string // where to look for pg_dump first; may be empty
	Version string // of this program
}

// Make writes a backup of the database, which goes on working, to a file that
// is there only when it is complete. A file that is there already is replaced
// with force, and refused without. What a person can mend is an *Error.
func Make(ctx context.Context, s Source, target string, force bool, now time.Time) (*Manifest, error) {
	at := now.UTC().Truncate(time.Second)
	d, err := begin(target, at, force)
	if err != nil {
		return nil, err
	}
	m := &Manifest{Format: format, Waymark: s.Version, MadeAt: at}
	if err := s.fill(ctx, m, d.file); err != nil {
		d.discard()
		return nil, err
	}
	if err := d.finish(m); err != nil {
		return nil, err
	}
	return m, nil
}

// fill dumps and counts in one snapshot, so that the manifest is exactly that
// of the dump whatever is written meanwhile.
func (s Source) fill(ctx context.Context, m *Manifest, to io.Writer) error {
	conn, err := pgx.Connect(ctx, s.DSN)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	sees, err := seesAll(ctx, conn)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, steady+"; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); err != nil {
		return fmt.Errorf("begin the snapshot: %w", err)
	}
	var snapshot string
	err = conn.QueryRow(ctx, "SELECT pg_export_snapshot(), current_setting('server_version_num')::int / 10000").Scan(&snapshot, &m.Postgres)
	if err != nil {
		return fmt.Errorf("export the snapshot: %w", err)
	}
	if m.Schema, err = schemaOf(ctx, conn); err != nil {
		return err
	}
	if m.Schema == 0 {
		return &Error{Text: "This database holds no Waymark yet, so there is nothing to back up."}
	}
	if err := s.dump(ctx, m, snapshot, sees, to); err != nil {
		return err
	}
	m.Tables, m.Trail, err = Inventory(ctx, conn)
	return err
}

// seesAll finds how the role sees every row: by a right of its own, or by the
// policies that stand in for it.
func seesAll(ctx context.Context, conn *pgx.Conn) (bypass bool, err error) {
	var role string
	var policies bool
	err = conn.QueryRow(ctx, `SELECT current_user, r.rolsuper OR r.rolbypassrls,
			NOT EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relrowsecurity
				AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'maintenance' AND r.oid = ANY (p.polroles)))
		FROM pg_roles r WHERE r.rolname = current_user`).Scan(&role, &bypass, &policies)
	if err != nil {
		return false, fmt.Errorf("ask what the role may see: %w", err)
	}
	if !bypass && !policies {
		return false, &Error{Text: fmt.Sprintf("The role %s does not see every row, so its backup would have holes. Set WAYMARK_MIGRATE_URL to the same database with the role waymark_owner.", role)}
	}
	return bypass, nil
}

func (s Source) dump(ctx context.Context, m *Manifest, snapshot string, bypass bool, to io.Writer) error {
	path, err := program(ctx, "pg_dump", m.Postgres, s.BinDir)
	if err != nil {
		return err
	}
	address, env := forProgram(s.DSN)
	args := []string{"--format=custom", "--no-password", "--snapshot=" + snapshot, "--schema=public", "--dbname=" + address}
	if !bypass {
		args = append(args, "--enable-row-security")
	}
	cmd := exec.CommandContext(ctx, path, args...) //nolint:gosec // a PostgreSQL program of this machine
	sum, size := sha256.New(), new(counter)
	said := new(tail)
	cmd.Env, cmd.Stdout, cmd.Stderr = env, io.MultiWriter(to, sum, size), said
	cmd.Dir = "/"
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("dump the database: %w", context.Cause(ctx))
		}
		return &Error{Text: fmt.Sprintf("pg_dump failed: %s (%s). Nothing was left behind.", err, said), Err: err}
	}
	m.Dump = Dump{Size: size.n, SHA256: hex.EncodeToString(sum.Sum(nil))}
	return nil
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}
