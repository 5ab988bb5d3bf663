package server_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"waymark/internal/i18n"
	"waymark/internal/pgtest"
)

// wholeOrNothing fails statement 1, 2, 3 … of an operation until it goes
// through, and names the tables that a failed try has changed (R12). do runs
// the operation and reports whether it succeeded.
func wholeOrNothing(t *testing.T, owner *pgxpool.Pool, counts *tripCounter, outside []string, do func() bool) (tries int, changed []string) {
	t.Helper()
	state := func() map[string]string {
		all := pgtest.Contents(t, owner, "")
		for _, table := range outside {
			delete(all, table)
		}
		return all
	}
	before := state()
	// Making the sample takes more than a thousand: the short form fails a share.
	for n := 1; n < 20_000; n++ {
		if !prove() && n > 60 {
			n += 96
		}
		counts.fails(n)
		ok := do()
		if !counts.hasFailed() {
			require.True(t, ok, "nothing was made to fail, and still it did not go through")
			return n, changed
		}
		after := state()
		for table, digest := range before {
			if after[table] != digest {
				changed = append(changed, table)
			}
		}
		if ok {
			require.Empty(t, changed, "answered success though statement %d failed", n)
			return n, append(changed, "answered success")
		}
		before = after
	}
	require.Fail(t, "never went through")
	return 0, changed
}

// TestActsAreWhole goes over every form: with any of its statements failing
// nothing is left behind; going through, it leaves the event that its route
// names, at most three round trips, and one row where it creates.
func TestActsAreWhole(t *testing.T) {
	t.Parallel()
	events := map[string]string{}
	for _, route := range newSite(t).server.Routes() {
		events[route.Method+" "+route.Pattern] = route.Event
	}
	for _, a := range acts() {
		t.Run(strings.TrimPrefix(a.route, "POST "), func(t *testing.T) {
			t.Parallel()
			g := newGrounds(t)
			if a.before != nil {
				a.before(g)
			}
			count := func(table string) int64 { return value[int64](g.site, `SELECT count(*) FROM `+table) }
			rows := int64(0)
			if a.creates != "" {
				rows = count(a.creates)
			}
			old := count("event")
			v := g.as(t, a.as)
			key := newKey()
			tries, changed := wholeOrNothing(t, g.owner, g.counts, a.outside, func() bool {
				answer := g.send(v, &a, g.ours.IDs, key)
				if g.counts.hasFailed() {
					require.NotEqual(t, http.StatusInternalServerError, answer.status)
				} else {
					answer.is(http.StatusSeeOther)
				}
				return answer.status == http.StatusSeeOther
			})
			require.Empty(t, changed)
			require.Greater(t, tries, 2)
			trips, _ := g.counts.counted()
			require.LessOrEqual(t, trips, tripsOf(a.route))

			kinds := newKinds(t, g, old)
			require.Contains(t, kinds, events[a.route])
			if a.creates != "" {
				require.Equal(t, rows+1, count(a.creates))
			}
			for _, kind := range kinds {
				for _, lang := range []i18n.Lang{i18n.EN, i18n.ZH} {
					sentence := i18n.T(i18n.With(t.Context(), lang), "event."+kind)
					require.NotContains(t, sentence, "event."+kind, "no sentence for %s", kind)
				}
			}
			require.Equal(t, int64(0), value[int64](g.site, `SELECT count(*) FROM event WHERE data::text LIKE '%Manager Halden%'`), "an event holds a name")
		})
	}
}

// newKinds are the kinds of the events since there were so many.
func newKinds(t *testing.T, g *grounds, old int64) []string {
	t.Helper()
	rows, err := g.owner.Query(t.Context(), `SELECT kind FROM event ORDER BY xmin::text::bigint, seq OFFSET $1`, old)
	require.NoError(t, err)
	kinds, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return kinds
}

// TestPartialStatesAreFound is the control: an operation of two statements
// without a transaction.
func TestPartialStatesAreFound(t *testing.T) {
	t.Parallel()
	g := newGrounds(t)
	config := g.owner.Config().Copy()
	counts := &tripCounter{}
	config.ConnConfig.Tracer = counts
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	defer pool.Close()
	_, changed := wholeOrNothing(t, g.owner, counts, nil, func() bool {
		for _, sql := range []string{`UPDATE project SET name = name || '!'`, `UPDATE organization SET name = name || '!'`} {
			if _, err := pool.Exec(context.Background(), sql); err != nil {
				return false
			}
		}
		return true
	})
	require.Equal(t, []string{"project"}, changed)
}
