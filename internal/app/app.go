// Package app holds the use cases: each demands what its caller must be
// allowed, asks the store, and has the domain decide inside the store's
// transaction. A file a topic.
package app

import (
	"context"
	"net/url"

	"waymark/internal/domain/permission"
	"waymark/internal/fault"
	"waymark/internal/mail"
	"waymark/internal/password"
	"waymark/internal/postgres"
	"waymark/internal/readmodel"
)

// App is the use cases over one database.
type App struct {
	db        *postgres.DB
	url       *url.URL
	sender    *mail.Sender
	passwords *password.Hasher
}

// Option says something of the surroundings of the use cases.
type Option func(*App)

// WithURL gives the address that links in mails begin with. Without it they
// lead to this machine's own port 8080.
func WithURL(u *url.URL) Option {
	return func(a *App) {
		if u != nil {
			a.url = u
		}
	}
}

// WithSender has mails sent. Without it they stay in the outbox.
func WithSender(s *mail.Sender) Option { return func(a *App) { a.sender = s } }

// WithPasswords says what hashing a password costs. Without it, what production
// runs with.
func WithPasswords(o password.Options) Option {
	return func(a *App) { a.passwords = password.New(o) }
}

// New gives the use cases over a database.
func New(db *postgres.DB, options ...Option) *App {
	a := &App{db: db, url: &url.URL{Scheme: "http", Host: "127.0.0.1:8080"}}
	for _, option := range options {
		option(a)
	}
	if a.passwords == nil {
		a.passwords = password.New(password.Options{})
	}
	return a
}

// needing sets what the caller must be allowed.
func needing(acc readmodel.Access, p permission.Permission) readmodel.Access {
	acc.May = func(c *readmodel.Caller) error {
		switch p.Decide(c.Holder()) {
		case permission.Allowed:
			return nil
		case permission.Refused:
			return fault.Forbidden
		case permission.Hidden:
		}
		return fault.NotFound
	}
	return acc
}

// Ping reports whether the database answers.
func (a *App) Ping(ctx context.Context) error { return a.db.Ping(ctx) }
