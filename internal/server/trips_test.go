package server_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// tripCounter counts round trips to the database and the statements in them.
// Preparing a statement, which happens once a connection, is counted apart. It
// can also make statements fail, for proofs of what is left behind then.
type tripCounter struct {
	mu         sync.Mutex
	trips      int
	statements int
	failAt     int  // the number of the statement that fails, 0: none
	failEnds   bool // every COMMIT fails
	failed     bool // whether one did
}

// diskFull is the statement that stands in for one that fails.
const diskFull = `DO $$ BEGIN RAISE SQLSTATE '53100' USING MESSAGE = 'planted: no space left'; END $$`

// reset starts counting anew.
func (c *tripCounter) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trips, c.statements, c.failed = 0, 0, false
}

func (c *tripCounter) counted() (trips, statements int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.trips, c.statements
}

// fails makes statement n from now on fail; 0 ends that.
func (c *tripCounter) fails(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trips, c.statements, c.failAt, c.failed = 0, 0, n, false
}

// hasFailed tells whether a statement was made to fail.
func (c *tripCounter) hasFailed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

// failCommits makes every COMMIT fail, or none.
func (c *tripCounter) failCommits(yes bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failEnds = yes
}

func (c *tripCounter) add(trips, statements int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trips += trips
	c.statements += statements
}

func (c *tripCounter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if strings.HasPrefix(strings.ToUpper(data.SQL), "ROLLBACK") {
		return ctx
	}
	c.add(1, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failAt > 0 && c.statements == c.failAt {
		c.failed = true
		gone, cancel := context.WithDeadline(ctx, time.Unix(0, 0))
		cancel()
		return gone
	}
	return ctx
}

func (c *tripCounter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *tripCounter) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trips++
	for _, q := range data.Batch.QueuedQueries {
		c.statements++
		if (c.failAt > 0 && c.statements == c.failAt) || (c.failEnds && q.SQL == "COMMIT") {
			c.failed = true
			q.SQL, q.Arguments = diskFull, nil
		}
	}
	return ctx
}

func (c *tripCounter) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (c *tripCounter) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// Limits of round trips: a page, and a change. Hashing a password and sending a
// file are steps of their own and named below.
const (
	pageTrips       = 2
	changeTrips     = 3
	pageStatements  = 24
	changesOfOthers = 7
)

// TestPagesCostTwoRoundTrips counts what every page and every change costs on
// warm connections.
func TestPagesCostTwoRoundTrips(t *testing.T) {
	t.Parallel()
	g := newGrounds(t)
	for _, route := range g.server.Routes() {
		if route.Method != http.MethodGet {
			continue
		}
		who, query := g.reader(route.Method + " " + route.Pattern)
		path := filled(route.Pattern, nil, g.ours.IDs) + query
		v := g.as(t, who)
		v.get(path) // warms the connection up
		g.counts.reset()
		status := v.get(path).status
		trips, statements := g.counts.counted()
		require.LessOrEqual(t, trips, pageTrips, "GET %s (%d)", path, status)
		require.LessOrEqual(t, statements, pageStatements, "GET %s (%d)", path, status)
		if strings.Contains(route.Pattern, "{project}") {
			require.Positive(t, trips, path)
		}
	}
}

// tripsOf gives how many trips a change may cost. Comparing a password is an
// attempt that is noted before and forgotten after, and a file is sent in parts.
func tripsOf(route string) int {
	switch route {
	case "POST /set-up", "POST /sign-in", "POST /profile/email", "POST /profile/password", "POST /password/forgot", "POST /password/reset",
		"POST /invitations/accept", inP + "/assessment/checks/{check}/evidence":
		return changesOfOthers
	}
	return changeTrips
}

// TestTripsAreCounted is the control: a page that asks three times is found.
func TestTripsAreCounted(t *testing.T) {
	t.Parallel()
	g := newGrounds(t)
	g.counts.reset()
	for range 3 {
		g.as(t, "manager").get(g.path("")).ok()
	}
	trips, statements := g.counts.counted()
	require.Greater(t, trips, pageTrips)
	require.GreaterOrEqual(t, statements, trips)
}
