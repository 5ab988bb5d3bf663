package trail_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waymark/internal/domain/trail"
)

func id(b byte) (out [16]byte) {
	for i := range out {
		out[i] = b + byte(i)
	}
	return out
}

func event(n int) trail.Event {
	return trail.Event{
		Organization: id(1),
		Project:      id(2),
		Actor:        id(byte(n)),
		Kind:         "task.done",
		Subject:      fmt.Sprintf("task %d", n),
		At:           time.Date(2026, 11, 22, 8, 0, n, 123456789, time.FixedZone("east", 7*3600)),
		Data:         fmt.Appendf(nil, `{"n":%d}`, n),
	}
}

// chain returns n sound entries, their head and the head after each.
func chain(n int, event func(int) trail.Event) (entries []trail.Entry, heads []trail.Head) {
	var head trail.Head
	for i := range n {
		var entry trail.Entry
		entry, head = head.Next(event(i))
		entries = append(entries, entry)
		heads = append(heads, head)
	}
	return entries, heads
}

func walk(entries []trail.Entry) iter.Seq2[trail.Entry, error] {
	return func(yield func(trail.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestSoundChain(t *testing.T) {
	entries, heads := chain(20, event)
	require.NoError(t, trail.Verify(id(1), walk(entries), heads[19]))
	require.NoError(t, trail.Verify(id(1), walk(entries), heads[19], heads[4], trail.Head{}, heads[19], heads[11]))
	require.NoError(t, trail.Verify(id(1), nil, trail.Head{}))
	require.NoError(t, trail.Verify(id(1), walk(nil), trail.Head{}))
	for i, e := range entries {
		require.Equal(t, int64(i+1), e.Seq)
		require.Equal(t, time.UTC, e.At.Location())
		require.Zero(t, e.At.Nanosecond()%1000)
	}
}

// Somebody with the whole database in hand tampers with a chain of 20 events, of
// which heads 5, 10 and 15 were kept outside.
func TestTampering(t *testing.T) {
	sound, heads := chain(20, event)
	head := heads[19]
	forged := func(i int) trail.Event {
		e := event(i)
		if i == 7 {
			e.Data = []byte(`{"n":1000000}`)
		}
		return e
	}
	forgedEntries, forgedHeads := chain(20, forged)
	change := func(i int, f func(*trail.Entry)) func() ([]trail.Entry, trail.Head) {
		return func() ([]trail.Entry, trail.Head) {
			entries := slices.Clone(sound)
			f(&entries[i])
			return entries, head
		}
	}
	for _, c := range []struct {
		name   string
		tamper func() ([]trail.Entry, trail.Head)
		seq    int64
		fault  trail.Fault
	}{
		{"change the data", change(7, func(e *trail.Entry) { e.Data = []byte(`{"n":8}`) }), 8, trail.Changed},
		{"change the actor", change(7, func(e *trail.Entry) { e.Actor[15] ^= 1 }), 8, trail.Changed},
		{"change the project", change(7, func(e *trail.Entry) { e.Project = [16]byte{} }), 8, trail.Changed},
		{"change the time by a microsecond", change(0, func(e *trail.Entry) { e.At = e.At.Add(time.Microsecond) }), 1, trail.Changed},
		{"change the kind", change(19, func(e *trail.Entry) { e.Kind = "task.open" }), 20, trail.Changed},
		{"move text between fields", change(7, func(e *trail.Entry) { e.Kind, e.Subject = e.Kind+"t", e.Subject[1:] }), 8, trail.Changed},
		{"change the stored hash", change(7, func(e *trail.Entry) { e.Hash[0] ^= 1 }), 8, trail.Changed},
		{"change an event and its own hash", change(7, func(e *trail.Entry) {
			e.Data = nil
			e.Hash = trail.Hash(heads[6].Hash, e.Event)
		}), 9, trail.Changed},
		{"give it to another organization", change(7, func(e *trail.Entry) { e.Organization = id(9) }), 8, trail.Foreign},
		{"delete one", func() ([]trail.Entry, trail.Head) { return slices.Delete(slices.Clone(sound), 7, 8), head }, 8, trail.Gap},
		{"delete one and number again", func() ([]trail.Entry, trail.Head) {
			entries := slices.Delete(slices.Clone(sound), 7, 8)
			for i := range entries {
				entries[i].Seq = int64(i + 1)
			}
			return entries, head
		}, 8, trail.Changed},
		{"delete the first", func() ([]trail.Entry, trail.Head) { return sound[1:], head }, 1, trail.Gap},
		{"delete all", func() ([]trail.Entry, trail.Head) { return nil, head }, 1, trail.CutTail},
		{"swap two", func() ([]trail.Entry, trail.Head) {
			entries := slices.Clone(sound)
			entries[7], entries[8] = entries[8], entries[7]
			return entries, head
		}, 8, trail.Gap},
		{"swap two with their numbers", func() ([]trail.Entry, trail.Head) {
			entries := slices.Clone(sound)
			entries[7], entries[8] = entries[8], entries[7]
			entries[7].Seq, entries[8].Seq = 8, 9
			return entries, head
		}, 8, trail.Changed},
		{"insert one", func() ([]trail.Entry, trail.Head) {
			slipped, _ := heads[6].Next(event(99))
			return slices.Insert(slices.Clone(sound), 7, slipped), head
		}, 9, trail.Gap},
		{"repeat one", func() ([]trail.Entry, trail.Head) {
			return slices.Insert(slices.Clone(sound), 7, sound[6]), head
		}, 8, trail.Gap},
		{"append one without the head", func() ([]trail.Entry, trail.Head) {
			more, _ := head.Next(event(20))
			return append(slices.Clone(sound), more), head
		}, 21, trail.Beyond},
		{"cut the tail", func() ([]trail.Entry, trail.Head) { return sound[:18], head }, 19, trail.CutTail},
		{"cut the tail and set the head back", func() ([]trail.Entry, trail.Head) { return sound[:12], heads[11] }, 13, trail.CutTail},
		{"empty the trail, head and all", func() ([]trail.Entry, trail.Head) { return nil, trail.Head{} }, 1, trail.CutTail},
		{"rebuild the whole chain", func() ([]trail.Entry, trail.Head) { return forgedEntries, forgedHeads[19] }, 10, trail.Rebuilt},
		{"rebuild it and keep the head", func() ([]trail.Entry, trail.Head) { return forgedEntries, head }, 10, trail.Rebuilt},
		{"change the head alone", func() ([]trail.Entry, trail.Head) {
			return sound, trail.Head{Seq: 20, Hash: forgedHeads[19].Hash}
		}, 20, trail.Rebuilt},
		{"move the head on", func() ([]trail.Entry, trail.Head) {
			return sound, trail.Head{Seq: 21, Hash: head.Hash}
		}, 21, trail.CutTail},
		{"a head that contradicts one kept", func() ([]trail.Entry, trail.Head) {
			return forgedEntries[:15], forgedHeads[14]
		}, 15, trail.Rebuilt},
		{"a hash for an empty chain", func() ([]trail.Entry, trail.Head) {
			return nil, trail.Head{Hash: head.Hash}
		}, 0, trail.Rebuilt},
	} {
		entries, tamperedHead := c.tamper()
		err := trail.Verify(id(1), walk(entries), tamperedHead, heads[14], heads[4], heads[9])
		broken, ok := errors.AsType[*trail.BrokenError](err)
		require.True(t, ok, "%s: %v", c.name, err)
		require.Equal(t, c.fault.String(), broken.Fault.String(), c.name)
		require.Equal(t, c.seq, broken.Seq, c.name)
	}
	// the control: without heads kept outside, a rebuilt chain and a chain cut
	// together with its head look sound
	require.NoError(t, trail.Verify(id(1), walk(forgedEntries), forgedHeads[19]))
	require.NoError(t, trail.Verify(id(1), walk(sound[:12]), heads[11]))
}

func TestReadingFails(t *testing.T) {
	entries, heads := chain(3, event)
	lost := errors.New("connection lost")
	broken := func(yield func(trail.Entry, error) bool) {
		if yield(entries[0], nil) {
			yield(trail.Entry{}, lost)
		}
	}
	err := trail.Verify(id(1), broken, heads[2])
	require.ErrorIs(t, err, lost)
	_, tampered := errors.AsType[*trail.BrokenError](err)
	require.False(t, tampered, "a lost connection is no tampering")
	require.Equal(t, "trail broken at event 7: gap", (&trail.BrokenError{Seq: 7, Fault: trail.Gap}).Error())
	require.Equal(t, "fault(9)", trail.Fault(9).String())
}

func samples() []trail.Event {
	return []trail.Event{
		{Seq: 1, Organization: id(1), Kind: "organization.created", At: time.UnixMicro(0)},
		{
			Seq: 2, Organization: id(1), Project: id(40), Actor: id(200), Kind: "step.finished", Subject: "范围 “scope”",
			At: time.Date(2026, 11, 22, 1, 2, 3, 456789000, time.UTC), Data: []byte(`{"step": "scope", "说明": "完成"}`),
		},
		{
			Seq: 9_007_199_254_740_993, Organization: id(255), Actor: id(3), Kind: "a", Subject: "'\"\\\n\t€ 😀",
			At: time.Date(1931, 2, 3, 4, 5, 6, 7_000, time.UTC), Data: []byte("null"),
		},
	}
}

// The values were computed by PostgreSQL 15 with the expression in the
// documentation of Hash, each event following the one before.
func TestSameAsPostgreSQL(t *testing.T) {
	want := []string{
		"43352f6f8222dfb2b2108c897381454c8e31097485a1b05ef9613d0aee080f7c",
		"f68a259e0997a97c3adfeaf86183e93e7372ea149a24b6f9635e1fed7bc2e7a8",
		"3fb10cb7632d2cb34249c6f6af6850505756c41ca8f7c7217284f9dd0dc9b4ed",
	}
	var prev [trail.Size]byte
	for i, e := range samples() {
		prev = trail.Hash(prev, e)
		require.Equal(t, want[i], hex.EncodeToString(prev[:]), "event %d", i)
	}
}

// What is finer than a microsecond, and the zone, are no part of the hash.
func TestTimeIsInMicroseconds(t *testing.T) {
	a := event(1)
	b := a
	b.At = a.At.UTC().Truncate(time.Microsecond)
	require.Equal(t, trail.Hash([trail.Size]byte{}, a), trail.Hash([trail.Size]byte{}, b))
	before := time.Date(1931, 2, 3, 4, 5, 6, 7_999, time.UTC)
	entry, head := trail.Head{}.Next(trail.Event{At: before})
	require.Equal(t, 7_000, entry.At.Nanosecond())
	require.NoError(t, trail.Verify([16]byte{}, walk([]trail.Entry{entry}), head))
}

func anyEvent(t *rapid.T) trail.Event {
	return trail.Event{
		Organization: id(1),
		Project:      [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "project")),
		Actor:        [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "actor")),
		Kind:         rapid.String().Draw(t, "kind"),
		Subject:      rapid.String().Draw(t, "subject"),
		At:           time.UnixMicro(rapid.Int64Range(-1e15, 4e15).Draw(t, "at")),
		Data:         rapid.SliceOf(rapid.Byte()).Draw(t, "data"),
	}
}

// Events that differ in any field, also by text moved between fields, differ in
// their hash; a chain with one of them replaced is never sound.
func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		entries, heads := chain(n, func(int) trail.Event { return anyEvent(t) })
		head := heads[n-1]
		require.NoError(t, trail.Verify(id(1), walk(entries), head))

		i := rapid.IntRange(0, n-1).Draw(t, "i")
		other := entries[i]
		other.Event = anyEvent(t)
		other.Seq = entries[i].Seq
		same := other.Project == entries[i].Project && other.Actor == entries[i].Actor && other.Kind == entries[i].Kind &&
			other.Subject == entries[i].Subject && other.At.Equal(entries[i].At) && bytes.Equal(other.Data, entries[i].Data)
		tampered := slices.Clone(entries)
		tampered[i] = other
		err := trail.Verify(id(1), walk(tampered), head)
		require.Equal(t, same, err == nil)
		if broken, ok := errors.AsType[*trail.BrokenError](err); ok {
			require.Equal(t, other.Seq, broken.Seq)
		}

		// cut anywhere, a chain is not that of its head
		cut := rapid.IntRange(0, n-1).Draw(t, "cut")
		broken, ok := errors.AsType[*trail.BrokenError](trail.Verify(id(1), walk(entries[:cut]), head))
		require.True(t, ok)
		require.Equal(t, trail.BrokenError{Seq: int64(cut + 1), Fault: trail.CutTail}, *broken)
	})
}

func BenchmarkVerify(b *testing.B) {
	entries, heads := chain(1000, event)
	b.ReportAllocs()
	for b.Loop() {
		if err := trail.Verify(id(1), walk(entries), heads[999]); err != nil {
			b.Fatal(err)
		}
	}
}
