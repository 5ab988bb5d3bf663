package app

import (
	"context"
	"time"

	"waymark/internal/domain/id"
)

// MakeAdministrator makes a person the installation's administrator, in place
// of whoever was, for whoever commands the machine.
func (a *App) MakeAdministrator(ctx context.Context, person id.Person, now time.Time) error {
	return a.db.MakeAdministrator(ctx, person, now)
}
