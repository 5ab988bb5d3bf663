package main

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

// job is something that is done again and again beside the visitors.
type job struct {
	name string
	run  func(ctx context.Context, now time.Time) error
}

// work does every job now and then each tick, until the context ends. A job
// that fails is tried again in the next round.
func work(ctx context.Context, log *slog.Logger, tick time.Duration, now func() time.Time, jobs []job) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		for _, j := range jobs {
			if err := attempt(ctx, j, now()); err != nil && ctx.Err() == nil {
				log.Error("a job failed and is tried again", "job", j.name, "error", err, "in", tick)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// attempt does a job; a panic in it must not take the visitors down.
func attempt(ctx context.Context, j job, now time.Time) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return j.run(ctx, now)
}
