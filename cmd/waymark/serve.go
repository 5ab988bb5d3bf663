package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"waymark/internal/app"
	"waymark/internal/config"
	"waymark/internal/postgres"
	"waymark/internal/postgres/embedded"
	"waymark/internal/server"
)

// Bounds of a conversation with one visitor (security figure R8). What takes
// longer, such as an upload from a slow phone, moves its own deadlines.
const (
	headerBound = 5 * time.Second
	readBound   = 30 * time.Second
	writeBound  = time.Minute
	idleBound   = 2 * time.Minute
	headerBytes = 64 << 10
)

// serve is the command: everything from the configuration to the last answer.
func serve(ctx context.Context, p *program, args []string) error {
	c, _, err := p.settings(p.flags("serve"), args)
	if err != nil {
		return err
	}
	log := p.logger(c)
	for _, warning := range c.Warnings {
		log.Warn(warning)
	}
	// The address first: what is wrong with it shows before a database is made.
	listener, err := listen(ctx, c.Listen)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	pl, cleanUp, err := p.database(ctx, c, log)
	if err != nil {
		return err
	}
	err = p.serveOn(ctx, c, log, listener, pl)
	if stopping := p.leave(ctx, pl); stopping != nil {
		log.Warn(sentence(stopping))
	}
	return errors.Join(err, cleanUp())
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return listener, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, &told{fmt.Sprintf("The address %s is in use by another program. Stop that one, or set WAYMARK_LISTEN to another port, such as 127.0.0.1:8081.", address), err}
	case errors.Is(err, syscall.EACCES):
		return nil, &told{fmt.Sprintf("This account may not listen on %s. Set WAYMARK_LISTEN to a port above 1023 and put a proxy in front.", address), err}
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, &told{fmt.Sprintf("The address %s is none of this machine's. Set WAYMARK_LISTEN to 127.0.0.1:8080, or to 0.0.0.0:8080 for every network of this machine.", address), err}
	}
	return nil, &told{fmt.Sprintf("Waymark cannot listen on %s (%s). Correct WAYMARK_LISTEN.", address, err), err}
}

// database gives the place to serve from, and what to clear away at the end.
func (p *program) database(ctx context.Context, c config.Config, log *slog.Logger) (*place, func() error, error) {
	nothing := func() error { return nil }
	switch {
	case c.DatabaseURL != "":
		return elsewhere(c), nothing, nil
	case c.Demo:
		return p.throwaway(ctx, c, log)
	}
	pl, err := p.start(ctx, c, log, embedded.Options{DataDir: filepath.Join(c.Data, clusterName)})
	if err != nil {
		return nil, nil, err
	}
	pl.announce(c.Data, log)
	return pl, nothing, nil
}

// serveOn serves from a database until it is told to stop.
func (p *program) serveOn(ctx context.Context, c config.Config, log *slog.Logger, listener net.Listener, pl *place) error {
	if err := p.ready(ctx, c, log, pl); err != nil {
		return err
	}
	store, err := postgres.Open(ctx, pl.app, postgres.Options{})
	if err != nil {
		return err
	}
	defer closeBounded(store, log)
	address := addressOf(c, listener.Addr())
	a, err := newApp(c, store, address)
	if err != nil {
		return err
	}
	var open atomic.Bool
	open.Store(true)
	site := server.New(serverOptions(c, a, log, p.now, open.Load))
	base := &http.Server{
		Handler: site.Handler(), ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ReadHeaderTimeout: headerBound, ReadTimeout: readBound, WriteTimeout: writeBound, IdleTimeout: idleBound, MaxHeaderBytes: headerBytes,
	}
	served := make(chan error, 1)
	go func() { served <- base.Serve(listener) }()

	working, endWork := context.WithCancel(context.WithoutCancel(ctx))
	worked := make(chan struct{})
	go func() {
		defer close(worked)
		work(working, log, p.tick, p.now, jobs(a, log))
	}()
	defer func() { endWork(); <-worked }()

	if err := p.greet(ctx, c, a, pl, address); err != nil {
		return errors.Join(err, base.Close())
	}
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-served:
	case failed = <-pl.done():
		if failed == nil {
			failed = errors.New("the private database stopped")
		}
	}
	open.Store(false)
	p.drain(ctx, c, log, base, failed)
	return failed
}

// ready brings the schema up to date where that is wanted, and refuses to serve
// from a database that is not as it should be.
func (p *program) ready(ctx context.Context, c config.Config, log *slog.Logger, pl *place) error {
	private := c.DatabaseURL == ""
	if c.Migrate && (private || c.MigrateURL != "") {
		from, to, err := p.bring(ctx, pl.owner, ownerSetting(c))
		if err != nil {
			return err
		}
		if from != to {
			log.Info("the schema was brought up to date", "from", from, "to", to)
		}
	}
	conn, err := p.connect(ctx, pl.app, "DATABASE_URL")
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	s, err := stand(ctx, conn)
	if err != nil {
		return err
	}
	return errors.Join(s.walls(), s.current())
}

// closeBounded closes the pool, but does not wait for ever for a request that
// keeps its connection.
func closeBounded(store *postgres.DB, log *slog.Logger) {
	closed := make(chan struct{})
	go func() { store.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(5 * time.Second):
		log.Warn("a request still holds a database connection; leaving it")
	}
}

// greet prints where Waymark is and, while it is not set up, the code for the
// first visit.
func (p *program) greet(ctx context.Context, c config.Config, a *app.App, pl *place, address *url.URL) error {
	if c.Demo {
		if err := p.makeDemo(ctx, a, pl); err != nil {
			return err
		}
	}
	code, err := a.SetUpCode(ctx)
	if err != nil {
		return err
	}
	p.say("Waymark runs at %s", address)
	if code != "" {
		p.say("Set-up code: %s (open %s and type it there)", code, address.JoinPath("set-up"))
	}
	return nil
}

// addressOf is what to type into a browser.
func addressOf(c config.Config, addr net.Addr) *url.URL {
	if c.URL != nil {
		return c.URL
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if tcp, ok := addr.(*net.TCPAddr); ok {
		port = strconv.Itoa(tcp.Port)
	}
	if ip := net.ParseIP(host); err != nil || host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	return &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}
}

// drain lets requests under way end: readiness says no, a balancer gets time to
// notice, then no new connections are taken. A second signal ends all at once.
func (p *program) drain(ctx context.Context, c config.Config, log *slog.Logger, base *http.Server, failed error) {
	ctx, cancel := p.unlessKilled(ctx)
	defer cancel()
	began := p.now()
	log.Info("stopping", "delay", c.DrainDelay)
	if failed == nil {
		select {
		case <-time.After(c.DrainDelay):
		case <-ctx.Done():
		}
	}
	bounded, end := context.WithTimeout(ctx, p.drainBound)
	defer end()
	if err := base.Shutdown(bounded); err != nil {
		log.Warn("requests under way were cut off", "error", err)
		_ = base.Close()
	}
	log.Info("stopped taking visitors", "took", p.now().Sub(began).Round(time.Millisecond))
}
