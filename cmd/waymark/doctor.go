package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"waymark/internal/config"
)

// Marks of an examination.
const (
	markFine = "ok  "
	markWarn = "warn"
	markFail = "FAIL"
)

// examination collects what was found.
type examination struct {
	p      *program
	failed int
}

func (e *examination) tell(mark, what, format string, args ...any) {
	if mark == markFail {
		e.failed++
	}
	e.p.say("%s  %-10s %s", mark, what, fmt.Sprintf(format, args...))
}

// judge tells an error as a failure, and nil as the sentence given.
func (e *examination) judge(what string, err error, format string, args ...any) {
	if err != nil {
		e.tell(markFail, what, "%s", sentence(err))
		return
	}
	e.tell(markFine, what, format, args...)
}

// doctor is the command: it changes nothing.
func doctor(ctx context.Context, p *program, args []string) error {
	c, _, err := p.settings(p.flags("doctor"), args)
	e := &examination{p: p}
	var wrong config.Mistakes
	if errors.As(err, &wrong) {
		for _, mistake := range wrong {
			e.tell(markFail, "settings", "%s", mistake)
		}
		return errReported
	}
	if err != nil {
		return err
	}
	e.tell(markFine, "settings", "all can be read")
	for _, warning := range c.Warnings {
		e.tell(markWarn, "settings", "%s", warning)
	}
	e.database(ctx, c)
	e.mail(ctx, c)
	if e.failed > 0 {
		p.say("%d of these must be mended.", e.failed)
		return errReported
	}
	p.say("Nothing has to be mended.")
	return nil
}

func (e *examination) database(ctx context.Context, c config.Config) {
	pl, err := e.p.reach(ctx, c, e.p.quiet(c))
	if err != nil {
		e.tell(markFail, "database", "%s", sentence(err))
		return
	}
	defer func() {
		if err := e.p.leave(ctx, pl); err != nil {
			e.tell(markWarn, "database", "%s", sentence(err))
		}
	}()
	if c.DatabaseURL == "" {
		e.disk(c.Data)
	}
	conn, err := e.p.connect(ctx, pl.app, "DATABASE_URL")
	if err != nil {
		e.tell(markFail, "database", "%s", sentence(err))
		return
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	s, err := stand(ctx, conn)
	if err != nil {
		e.tell(markFail, "database", "%s", sentence(err))
		return
	}
	e.tell(markFine, "database", "answers as %s, PostgreSQL %d", s.Role, s.Major)
	e.judge("role", s.walls(), "%s stands behind row-level security and owns nothing", s.Role)
	e.judge("schema", s.current(), "%d, as this program needs", s.Schema)
	if s.Encoding != "UTF8" {
		e.tell(markFail, "encoding", "The database is encoded as %s, and Chinese cannot be stored. Make it anew with what \"waymark roles\" prints.", s.Encoding)
	}
	e.clock(ctx, conn)
	e.protection(ctx, conn)
	e.owner(ctx, c, pl)
}

// protection finds tables that row-level security does not protect.
func (e *examination) protection(ctx context.Context, conn *pgx.Conn) {
	rows, err := conn.Query(ctx, `SELECT relname::text FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> 'schema_migrations'
		  AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY 1`)
	if err != nil {
		e.tell(markFail, "walls", "%s", err)
		return
	}
	open, err := pgx.CollectRows(rows, pgx.RowTo[string])
	switch {
	case err != nil:
		e.tell(markFail, "walls", "%s", err)
	case len(open) > 0:
		e.tell(markFail, "walls", "Row-level security is off for %s: organizations are not kept apart there. Restore the schema from a backup, or ask who changed it.", strings.Join(open, ", "))
	default:
		e.tell(markFine, "walls", "row-level security is forced on every table")
	}
}

// clock compares the two clocks: what is due is decided by ours.
func (e *examination) clock(ctx context.Context, conn *pgx.Conn) {
	var theirs time.Time
	before := e.p.now()
	if err := conn.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&theirs); err != nil {
		e.tell(markFail, "clock", "%s", err)
		return
	}
	if apart := theirs.Sub(before).Abs(); apart > 5*time.Second {
		e.tell(markWarn, "clock", "The clocks of this machine and of the database's are %s apart. Set both by the network.", apart.Round(time.Second))
	}
}

// owner examines the address for migrations and backups.
func (e *examination) owner(ctx context.Context, c config.Config, pl *place) {
	if c.DatabaseURL != "" && c.MigrateURL == "" {
		e.tell(markWarn, "owner", "WAYMARK_MIGRATE_URL is not set: the schema is not brought up to date, and \"waymark backup\" does not work.")
		return
	}
	conn, err := e.p.connect(ctx, pl.owner, ownerSetting(c))
	if err != nil {
		e.tell(markFail, "owner", "%s", sentence(err))
		return
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	s, err := stand(ctx, conn)
	if err == nil {
		err = roles(ctx, conn)
	}
	if err == nil && !s.CanCreate {
		err = &told{text: fmt.Sprintf("The role %s may not change the schema. Let WAYMARK_MIGRATE_URL name the role waymark_owner.", s.Role)}
	}
	e.judge("owner", err, "%s may change the schema", s.Role)
	var failures *int64
	err = conn.QueryRow(ctx, "SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()").Scan(&failures)
	if err == nil && failures != nil && *failures > 0 {
		e.tell(markFail, "disk", "The database found %d damaged pages on its disk. Restore the latest backup onto another disk.", *failures)
	}
}

// Space below which the disk is a worry, and below which it is too little.
const (
	littleSpace = 1 << 30
	noSpace     = 100 << 20
)

func (e *examination) disk(dir string) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		e.tell(markWarn, "disk", "How much is free at %s cannot be told: %s.", dir, err)
		return
	}
	free := int64(stat.Bavail) * int64(stat.Bsize) //nolint:gosec,unconvert // both fit; their types differ between systems
	switch {
	case free < noSpace:
		e.tell(markFail, "disk", "%s free at %s: nothing more can be saved soon. Free some space.", config.ByteSize(free), dir)
	case free < littleSpace:
		e.tell(markWarn, "disk", "%s free at %s: free some space.", config.ByteSize(free), dir)
	default:
		e.tell(markFine, "disk", "%s free at %s", config.ByteSize(free), dir)
	}
}

// mail tries to reach the mail server, and sends nothing.
func (e *examination) mail(ctx context.Context, c config.Config) {
	if c.SMTPURL == "" {
		e.tell(markFine, "mail", "stays in the outbox, where the administrator reads it")
		return
	}
	u, err := url.Parse(c.SMTPURL)
	if err != nil {
		e.tell(markFail, "mail", "SMTP_URL cannot be read.")
		return
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"smtp": "587", "smtps": "465"}[u.Scheme]
	}
	address := net.JoinHostPort(u.Hostname(), port)
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		e.tell(markFail, "mail", "The mail server %s does not answer (%s). Correct SMTP_URL, or open the way to it.", address, err)
		return
	}
	_ = conn.Close()
	e.tell(markFine, "mail", "the server %s answers", address)
}
