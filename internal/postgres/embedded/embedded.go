package embedded

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options of Start. Only DataDir is needed.
type Options struct {
	// DataDir belongs to the private database alone. It is made when missing;
	// its contents are described in the package comment.
	DataDir string
	// BinDir is the folder of initdb and postgres (WAYMARK_PG_BIN); empty:
	// they are looked for.
	BinDir string
	// SystemDir is where root keeps the cluster when the server's account
	// cannot enter DataDir; /var/lib/waymark when empty.
	SystemDir string
	// Logger receives what happens to the server; slog.Default when nil. The
	// server's own log is a file.
	Logger *slog.Logger
	// Throwaway gives up safety against a power cut for speed: for tests and
	// demonstrations.
	Throwaway bool
	// Settings of postgresql.conf above those of this package.
	Settings map[string]string
	// StopTimeout is how long Stop waits for a clean stop before it ends the
	// server without writing all pages; 20 seconds when zero.
	StopTimeout time.Duration
}

// Server is the private database, running and watched.
type Server struct {
	folder   *folder
	programs atomic.Pointer[programs]
	logs     *logFile
	log      *slog.Logger
	patience time.Duration

	stopOnce sync.Once
	stopping context.Context // ended by Stop
	endWork  context.CancelFunc
	stopCtx  chan context.Context // carries Stop's bound to the watch
	ended    chan struct{}
	done     chan error
	stopErr  error // read after ended
}

// Start runs the cluster in o.DataDir, making it first where there is none,
// and returns when connections are taken and roles and database exist. ctx
// bounds the starting only. What a person can put right is a *Problem.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.SystemDir == "" {
		o.SystemDir = "/var/lib/waymark"
	}
	if o.StopTimeout == 0 {
		o.StopTimeout = 20 * time.Second
	}
	began := time.Now()
	f, err := openFolder(o.DataDir, o.SystemDir, o.Logger)
	if err != nil {
		return nil, err
	}
	s := &Server{
		folder: f, log: o.Logger, patience: o.StopTimeout,
		stopCtx: make(chan context.Context, 1), ended: make(chan struct{}), done: make(chan error, 1),
	}
	s.stopping, s.endWork = context.WithCancel(context.Background())
	pm, made, err := s.start(ctx, o)
	if err != nil {
		s.endWork()
		if s.logs != nil {
			s.logs.close()
		}
		f.release()
		return nil, err
	}
	go s.watch(pm) //nolint:contextcheck // ctx bounds the starting only
	s.log.Info("the private database runs", "folder", f.dir, "version", s.Version(),
		"new", made, "took", time.Since(began).Round(time.Millisecond))
	return s, nil
}

func (s *Server) start(ctx context.Context, o Options) (pm *postmaster, made bool, err error) {
	f := s.folder
	major, err := clusterMajor(f.cluster())
	if err != nil {
		return nil, false, &Problem{Kind: NotOurs, Dir: f.dir, Detail: "cluster", Err: err}
	}
	before := f.recall()
	p, err := findPrograms(ctx, o.BinDir, f.dir, major, before.Versions)
	if err != nil {
		return nil, false, err
	}
	s.programs.Store(&p)
	if err := f.removeUnfinished(); err != nil {
		return nil, false, err
	}
	if major == 0 {
		if err := f.makeCluster(ctx, p, o.Throwaway); err != nil {
			return nil, false, err
		}
	} else if err := f.sweep(f.cluster(), orphanFast); err != nil {
		return nil, false, err
	}
	if err := f.configure(o.Throwaway, o.Settings); err != nil {
		return nil, false, err
	}
	if err := f.socketFolder(); err != nil {
		return nil, false, err
	}
	if s.logs, err = openLog(f); err != nil {
		return nil, false, err
	}
	if pm, err = f.launch(ctx, p, s.logs, s.log); err != nil {
		return nil, false, err
	}
	if major == 0 || before.Roles != rolesHash() {
		if err := s.EnsureDatabase(ctx, Database); err != nil {
			pm.stop(ctx, s.patience)
			return nil, false, err
		}
	}
	now := memory{Versions: map[string]Version{stamp(p.dir): p.version}, Roles: rolesHash()}
	if !reflect.DeepEqual(before, now) {
		if err := f.remember(now); err != nil {
			s.log.Warn("what would make the next start quicker was not written", "error", err)
		}
	}
	return pm, major == 0, nil
}

// DSN is the address of a database of this server for pgx and for the
// programs of PostgreSQL. It holds no secret. The role is Superuser, Owner or
// App.
func (s *Server) DSN(role, database string) string {
	query := url.Values{
		"host": {s.folder.socketDir}, "port": {port}, "user": {role}, "sslmode": {"disable"},
	}
	// pgx and libpq take a plus sign for itself, not for a space.
	encoded := strings.ReplaceAll(query.Encode(), "+", "%20")
	return (&url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: encoded}).String()
}

// EnsureDatabase makes the roles and a database of this name (letters, digits
// and underscores) with their rights, where they are missing. Start has done so
// for Database; a restore that dropped it does so again.
func (s *Server) EnsureDatabase(ctx context.Context, name string) error {
	return ensureDatabase(ctx, name, s.DSN)
}

// BinDir is the folder of the programs in use; pg_dump and pg_restore of the
// same version lie in it where the client programs are installed.
func (s *Server) BinDir() string { return s.programs.Load().dir }

// Version is that of the running server.
func (s *Server) Version() Version { return s.programs.Load().version }

// Dir is where the cluster is kept: DataDir with links resolved, or the
// system's folder.
func (s *Server) Dir() string { return s.folder.dir }

// Done yields one value when the server has ended for good, and is closed
// then: nil after Stop, else a *Problem that restarting cannot overcome.
func (s *Server) Done() <-chan error { return s.done }

// Stop shuts the server down and gives the folder back. When ctx ends, or
// after Options.StopTimeout, it is ended without writing all pages, which costs
// a recovery at the next start and no data; the error then is a *Problem of
// kind StopForced. Further calls wait for the first.
func (s *Server) Stop(ctx context.Context) error {
	s.stopOnce.Do(func() {
		s.stopCtx <- ctx
		s.endWork()
	})
	<-s.ended
	return s.stopErr
}

// watch keeps the server running until Stop.
func (s *Server) watch(pm *postmaster) {
	var final error
	defer func() {
		s.logs.close()
		s.folder.release()
		s.done <- final
		close(s.done)
		close(s.ended)
	}()
	began := time.Now()
	for {
		select {
		case <-s.stopping.Done():
			if !pm.stop(<-s.stopCtx, s.patience) {
				s.stopErr = &Problem{Kind: StopForced, Dir: s.folder.dir}
			}
			return
		case <-pm.exited:
		}
		s.log.Error("the database server ended by itself; starting it again",
			"how", exitState(pm.err), "log", s.folder.logPath())
		if time.Since(began) < time.Second { // it dies as soon as it runs: do not spin
			select {
			case <-s.stopping.Done():
			case <-time.After(250 * time.Millisecond):
			}
		}
		began = time.Now()
		next, err := s.revive()
		if err != nil {
			if s.stopping.Err() == nil {
				s.log.Error("the database server cannot be started again", "error", err)
				final = err
				s.endWork()
			}
			return
		}
		pm = next
		s.log.Info("the database server runs again", "took", time.Since(began).Round(time.Millisecond))
		began = time.Now()
	}
}

// revive starts the server again, however long it takes: a full disk is
// emptied some day. Only what time cannot heal ends it.
func (s *Server) revive() (*postmaster, error) {
	pause := 100 * time.Millisecond
	for {
		pm, err := s.restart()
		if err == nil {
			return pm, nil
		}
		if s.stopping.Err() != nil {
			return nil, err
		}
		if p, ok := errors.AsType[*Problem](err); ok && (p.Kind == Vanished || p.Kind == OtherMajor) {
			return nil, err
		}
		s.log.Error("the database server does not start; trying again", "error", err, "in", pause)
		select {
		case <-s.stopping.Done():
			return nil, err
		case <-time.After(pause):
		}
		pause = min(2*pause, 3*time.Second)
	}
}

func (s *Server) restart() (*postmaster, error) {
	f := s.folder
	if major, err := clusterMajor(f.cluster()); err != nil || major == 0 {
		return nil, &Problem{Kind: Vanished, Dir: f.dir, Err: err}
	}
	p := *s.programs.Load()
	if len(resolve([]string{p.dir})) == 0 {
		// An upgrade of the system's packages may have moved the programs.
		moved, err := findPrograms(s.stopping, "", f.dir, p.version.Major, map[string]Version{})
		if err != nil {
			return nil, err
		}
		s.log.Info("the programs have moved", "from", p.dir, "to", moved.dir)
		s.programs.Store(&moved)
		p = moved
	}
	// The children of a killed server end by themselves unless they are busy.
	if err := f.sweep(f.cluster(), 0); err != nil {
		return nil, err
	}
	if err := f.socketFolder(); err != nil { // TMPDIR may have been tidied
		return nil, err
	}
	return f.launch(s.stopping, p, s.logs, s.log)
}

func exitState(err error) string {
	if err == nil {
		return "stopped cleanly by somebody else"
	}
	return err.Error()
}
