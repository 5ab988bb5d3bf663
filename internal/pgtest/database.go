package pgtest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	keptConnections = 3 // a pool: opening one costs far more than emptying the database
	leakPatience    = 5 * time.Second
)

// database is one clone, used by one test at a time. Its pools are handed on
// with it.
type database struct {
	name    string
	admin   *pgx.Conn // empties it; nil: dropped after use
	marks   marks     // as it was when last clean
	resting []int     // server processes of the pools' connections between two tests

	mu    sync.Mutex
	pools map[string]*pgxpool.Pool // by role
}

// afresh brings a connection back to how it began. Prepared statements stay:
// pgx counts on them, and the schema is the same.
const afresh = `RESET SESSION AUTHORIZATION; RESET ALL; CLOSE ALL; UNLISTEN *; SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES`

func (d *database) pool(role, dsn string) (*pgxpool.Pool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if pool, ok := d.pools[role]; ok {
		return pool, nil
	}
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("read the address of the test's database: %w", err)
	}
	config.MaxConns = 24
	pool, err := pgxpool.NewWithConfig(context.Background(), config) // outlives the test that asks first
	if err != nil {
		return nil, fmt.Errorf("open a pool to the test's database: %w", err)
	}
	d.pools[role] = pool
	return pool, nil
}

// rest waits until every connection is back in its pool and brings those that
// are kept back to their beginning. A connection that does not come back is a
// leak in what was tested.
func (d *database) rest(ctx context.Context, patience time.Duration) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.resting = d.resting[:0]
	for role, pool := range d.pools {
		for deadline := time.Now().Add(patience); pool.Stat().AcquiredConns() > 0; {
			if time.Now().After(deadline) {
				return fmt.Errorf("%d connections as %s were never given back to their pool", pool.Stat().AcquiredConns(), role)
			}
			time.Sleep(time.Millisecond)
		}
		kept := 0
		for _, conn := range pool.AcquireAllIdle(ctx) {
			if kept < keptConnections {
				if _, err := conn.Exec(ctx, afresh, pgx.QueryExecModeSimpleProtocol); err == nil {
					kept++
					d.resting = append(d.resting, int(conn.Conn().PgConn().PID()))
					conn.Release()
					continue
				}
			}
			_ = conn.Hijack().Close(ctx)
		}
		if kept == 0 { // also one that the test closed itself
			pool.Close()
			delete(d.pools, role)
		}
	}
	return nil
}
