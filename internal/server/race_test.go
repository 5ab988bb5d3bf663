package server_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// at once posts a form from several browsers together and gives the answers.
func (g *grounds) atOnce(t *testing.T, n int, send func(i int) *answer) []*answer {
	t.Helper()
	answers := make([]*answer, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			answers[i] = send(i)
		})
	}
	close(start)
	wg.Wait()
	return answers
}

const presses = 50

// pressed submits a form that creates many times at once with one key, and
// gives how many rows it made.
func (g *grounds) pressed(t *testing.T, a *act, key func() string) (rows int64, answers []*answer) {
	t.Helper()
	count := func() int64 { return value[int64](g.site, `SELECT count(*) FROM `+a.creates) }
	before := count()
	answers = g.atOnce(t, presses, func(int) *answer { return g.send(g.as(t, a.as), a, g.ours.IDs, key()) })
	return count() - before, answers
}

// TestFormsCreateOnce presses the button of every form that creates fifty times
// at once: one row (R10). Whoever pressed is led to that row, or told to try
// again.
func TestFormsCreateOnce(t *testing.T) {
	t.Parallel()
	for _, a := range acts() {
		if a.creates == "" {
			continue
		}
		t.Run(strings.TrimPrefix(a.route, "POST "), func(t *testing.T) {
			t.Parallel()
			g := newGrounds(t)
			if a.before != nil {
				a.before(g)
			}
			key := newKey()
			rows, answers := g.pressed(t, &a, func() string { return key })
			require.Equal(t, int64(1), rows)
			leads := map[string]int{}
			for _, answer := range answers {
				switch answer.status {
				case http.StatusSeeOther:
					leads[answer.location]++
				case http.StatusServiceUnavailable, http.StatusConflict:
				default:
					require.Fail(t, "another answer", "%d %s", answer.status, answer.text("main"))
				}
			}
			require.Len(t, leads, 1)
			require.Equal(t, int64(1), value[int64](g.site, `SELECT count(*) FROM form_key`))
		})
	}
}

// TestFormWithoutKeyIsFound is the control: a form that makes a new key at every
// press makes several rows.
func TestFormWithoutKeyIsFound(t *testing.T) {
	t.Parallel()
	for _, a := range acts() {
		if a.creates != "audience" {
			continue
		}
		g := newGrounds(t)
		rows, _ := g.pressed(t, &a, newKey)
		require.Greater(t, rows, int64(1))
	}
}

const editors = 8

// edited has eight people save a form that was filled from one version: it
// gives who was told that it was saved, and what those lost whose text did not
// come back with a conflict.
func (g *grounds) edited(t *testing.T, a *act, version, round int) (saved int, lost []string) {
	t.Helper()
	typed := func(i int) string { return fmt.Sprintf("Editor %d of round %d", i, round) }
	answers := g.atOnce(t, editors, func(i int) *answer {
		values := a.values(g.ours.IDs, newKey())
		values.Set(a.edits, typed(i))
		values.Set("version", strconv.Itoa(version))
		return g.as(t, a.as).do(http.MethodPost, a.path(g.ours.IDs), strings.NewReader(values.Encode()), formType)
	})
	for i, answer := range answers {
		switch {
		case answer.status == http.StatusSeeOther:
			saved++
		case answer.status == http.StatusConflict && strings.Contains(answer.body, typed(i)):
		default:
			lost = append(lost, fmt.Sprintf("%d: %s", answer.status, answer.text("main")))
		}
	}
	return saved, lost
}

// TestEditsAreKeptApart has eight people save every form with a version at
// once, round after round: one is saved, the others keep their text (R11).
func TestEditsAreKeptApart(t *testing.T) {
	t.Parallel()
	rounds := 3
	if prove() {
		rounds = 50
	}
	for _, a := range acts() {
		if a.edits == "" {
			continue
		}
		t.Run(strings.TrimPrefix(a.route, "POST "), func(t *testing.T) {
			t.Parallel()
			g := newGrounds(t)
			if a.before != nil {
				a.before(g)
			}
			version, err := strconv.Atoi(a.values(g.ours.IDs, "").Get("version"))
			require.NoError(t, err)
			for round := range rounds {
				saved, lost := g.edited(t, &a, version+round*max(version, 1), round)
				require.Empty(t, lost)
				require.Equal(t, 1, saved, "in round %d", round)
				if a.route == inP+"/assessment/checks/{check}" {
					break // its version counts the record and its finding apart
				}
			}
		})
	}
}

// TestEditWithoutVersionIsFound is the control: a row whose version stands
// still lets the last one win.
func TestEditWithoutVersionIsFound(t *testing.T) {
	t.Parallel()
	for _, a := range acts() {
		if a.route != inS+"/awareness" {
			continue
		}
		g := newGrounds(t)
		g.exec(`CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.version := OLD.version; RETURN NEW; END $$`)
		g.exec(`CREATE TRIGGER planted BEFORE UPDATE ON awareness FOR EACH ROW EXECUTE FUNCTION planted()`)
		saved, _ := g.edited(t, &a, 1, 1)
		require.Greater(t, saved, 1)
	}
}
