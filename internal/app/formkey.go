package app

import (
	"context"
	"time"
)

// keysLast is how long the key of a form that creates is remembered: nobody
// sends a form again that lay open for longer.
const keysLast = 7 * 24 * time.Hour

// ForgetFormKeys forgets the keys of forms that are too old to come again, and
// answers how many. The worker calls it now and then.
func (a *App) ForgetFormKeys(ctx context.Context, now time.Time) (int, error) {
	return a.db.ForgetFormKeys(ctx, now.Add(-keysLast))
}
