package main

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"waymark/internal/app"
	"waymark/internal/config"
	"waymark/internal/mail"
	"waymark/internal/postgres"
	"waymark/internal/server"
)

// newApp puts the use cases together. Links in mails begin with reached where no
// address is configured.
func newApp(c config.Config, store *postgres.DB, reached *url.URL) (*app.App, error) {
	options := []app.Option{app.WithURL(reached), app.WithURL(c.URL)}
	if c.SMTPURL != "" {
		sender, err := mail.NewSender(mail.Config{URL: c.SMTPURL, From: c.MailFrom})
		if err != nil {
			return nil, err
		}
		options = append(options, app.WithSender(sender))
	}
	return app.New(store, options...), nil
}

// serverOptions tells the server of its surroundings.
func serverOptions(c config.Config, a *app.App, log *slog.Logger, now func() time.Time, ready func() bool) server.Options {
	return server.Options{
		App: a, Logger: log, Now: now, URL: c.URL, TrustedProxies: c.TrustedProxies,
		Styleguide: c.Styleguide, MaxFile: c.MaxFile, Ready: ready,
	}
}

// jobs lists what the worker does, round by round.
func jobs(a *app.App, log *slog.Logger) []job {
	counted := func(name string, run func(context.Context, time.Time) (int, error)) job {
		return job{name, func(ctx context.Context, now time.Time) error {
			n, err := run(ctx, now)
			if n > 0 {
				log.Info("a job was done", "job", name, "count", n)
			}
			return err
		}}
	}
	// The lists go out before the mails, so that they leave in the same round.
	return []job{
		counted("due lists", a.DueLists),
		counted("mail", a.SendDue),
		counted("old form keys", a.ForgetFormKeys),
	}
}
