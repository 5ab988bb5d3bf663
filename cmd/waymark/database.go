package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"waymark/internal/config"
	"waymark/internal/postgres/embedded"
)

const (
	// clusterName is the folder of the private database in the data folder.
	clusterName = "database"
	// runningName is the note that a serving process leaves there for commands
	// that want to reach its database. It holds no secret.
	runningName = "running.json"
)

// place is a database within reach.
type place struct {
	app    string // address as the role that serves pages
	owner  string // address as the owner of the schema
	super  string // address as the superuser; empty on other servers
	binDir string // PostgreSQL's programs of that version; empty when not known

	server *embedded.Server // when this process runs it
	note   string           // the file to remove when stopping
}

// running is what the note says.
type running struct {
	PID      int    `json:"pid"`
	App      string `json:"app"`
	Owner    string `json:"owner"`
	Super    string `json:"superuser"`
	Programs string `json:"programs"`
}

// elsewhere is the place on another server.
func elsewhere(c config.Config) *place {
	pl := &place{app: c.DatabaseURL, owner: c.MigrateURL, binDir: c.PGBin}
	if pl.owner == "" {
		pl.owner = c.DatabaseURL
	}
	return pl
}

// reach finds the database for a command beside the server: the other server's,
// the one that a serving process runs, or the private one, started for as long
// as the command takes.
func (p *program) reach(ctx context.Context, c config.Config, log *slog.Logger) (*place, error) {
	if c.DatabaseURL != "" {
		return elsewhere(c), nil
	}
	if pl := attach(ctx, c.Data); pl != nil {
		return pl, nil
	}
	return p.start(ctx, c, log, embedded.Options{DataDir: filepath.Join(c.Data, clusterName)})
}

// attach finds the database of a serving process through its note; nil when
// there is none or it no longer answers.
func attach(ctx context.Context, data string) *place {
	raw, err := os.ReadFile(filepath.Join(data, runningName)) //nolint:gosec // below the configured data folder
	if err != nil {
		return nil
	}
	var note running
	if json.Unmarshal(raw, &note) != nil || note.Owner == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, note.Owner)
	if err != nil {
		return nil // stale; who holds the folder says so when it is taken
	}
	_ = conn.Close(ctx)
	return &place{app: note.App, owner: note.Owner, super: note.Super, binDir: note.Programs}
}

// start runs the private database in this process.
func (p *program) start(ctx context.Context, c config.Config, log *slog.Logger, o embedded.Options) (*place, error) {
	o.BinDir, o.Logger = c.PGBin, log
	server, err := embedded.Start(ctx, o)
	if err != nil {
		return nil, err
	}
	return &place{
		app: server.DSN(embedded.App, embedded.Database), owner: server.DSN(embedded.Owner, embedded.Database),
		super: server.DSN(embedded.Superuser, embedded.Database), binDir: server.BinDir(), server: server,
	}, nil
}

// announce leaves the note. A data folder that cannot take it costs only that
// commands do not find the running database.
func (pl *place) announce(data string, log *slog.Logger) {
	raw, err := json.MarshalIndent(running{PID: os.Getpid(), App: pl.app, Owner: pl.owner, Super: pl.super, Programs: pl.binDir}, "", "  ")
	if err == nil {
		err = os.MkdirAll(data, 0o700)
	}
	name := filepath.Join(data, runningName)
	if err == nil {
		err = os.WriteFile(name, append(raw, '\n'), 0o600)
	}
	if err != nil {
		log.Warn("\"waymark backup\" will not find the running database", "error", err)
		return
	}
	pl.note = name
}

// stop ends the database if this process runs it.
func (pl *place) stop(ctx context.Context) error {
	if pl.note != "" {
		_ = os.Remove(pl.note) //nolint:gosec // written by announce
	}
	if pl.server == nil {
		return nil
	}
	return pl.server.Stop(ctx)
}

// leave stops a place in good order, also when the command was told to end, but
// not when it was told so twice.
func (p *program) leave(ctx context.Context, pl *place) error {
	ctx, cancel := p.unlessKilled(ctx)
	defer cancel()
	return pl.stop(ctx)
}

// unlessKilled goes on when ctx has ended, until the process is told to end at
// once.
func (p *program) unlessKilled(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	forget := context.AfterFunc(p.hard, cancel)
	return ctx, func() { forget(); cancel() }
}

// done is closed when the private database ended for good; nil, which never
// yields, on other servers.
func (pl *place) done() <-chan error {
	if pl.server == nil {
		return nil
	}
	return pl.server.Done()
}

// connect opens one connection, and waits for a server that is still starting.
func (p *program) connect(ctx context.Context, dsn, setting string) (*pgx.Conn, error) {
	bounded, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	for {
		conn, err := pgx.Connect(bounded, dsn)
		if err == nil {
			return conn, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if said := refusal(err, dsn, setting); said != nil {
			return nil, said
		}
		select {
		case <-bounded.Done():
			return nil, &told{fmt.Sprintf("The database %s does not answer. Start it, or correct %s.", config.Redact(dsn), setting), err}
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// refusal is what a server that answers says against a connection; nil when
// trying again may help.
func refusal(err error, dsn, setting string) error {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return nil
	}
	switch pgErr.Code {
	case "28P01", "28000": // wrong password; role not there or not let in
		return &told{fmt.Sprintf("The database %s does not let this program in: %s. Correct the role or the password in %s. The private database only lets in the account of the system that started Waymark; run this as that account.", config.Redact(dsn), pgErr.Message, setting), err}
	case "3D000": // no such database
		return &told{fmt.Sprintf("The database %s is not there: %s. Make it with what \"waymark roles\" prints, or correct %s.", config.Redact(dsn), pgErr.Message, setting), err}
	case "42501": // no right to connect
		return &told{fmt.Sprintf("The database %s does not let this program in: %s. Have its administrator run what \"waymark roles\" prints.", config.Redact(dsn), pgErr.Message), err}
	}
	return nil
}

// told is an error whose text is a sentence for the person at the keyboard.
type told struct {
	text string
	err  error
}

func (t *told) Error() string { return t.text }

// Unwrap gives the cause, if there is one.
func (t *told) Unwrap() error { return t.err }

// sentence is the text of an error as it is told: the sentence in it, where
// there is one, else all of it.
func sentence(err error) string {
	if t, ok := errors.AsType[*told](err); ok {
		return t.text
	}
	if p, ok := errors.AsType[*embedded.Problem](err); ok {
		return p.Error()
	}
	return err.Error()
}
