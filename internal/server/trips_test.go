package server_test

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
)

// tripCounter counts round trips to the database and the statements in them.
// Preparing a statement, which happens once a connection, is counted apart.
type tripCounter struct {
	mu         sync.Mutex
	trips      int
	statements int
}

// reset starts counting anew.
func (c *tripCounter) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trips, c.statements = 0, 0
}

func (c *tripCounter) counted() (trips, statements int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.trips, c.statements
}

func (c *tripCounter) add(trips, statements int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trips += trips
	c.statements += statements
}

func (c *tripCounter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.add(1, 1)
	return ctx
}

func (c *tripCounter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *tripCounter) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	c.add(1, data.Batch.Len())
	return ctx
}

func (c *tripCounter) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (c *tripCounter) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
