package password

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"waymark/internal/domain/identity"
	"waymark/internal/fault"
	"waymark/internal/i18n"
)

func cheap() *Hasher { return New(Options{Memory: 64, Passes: 1}) }

func TestHashAndVerify(t *testing.T) {
	h := cheap()
	const secret = "violet harbour nineteen lanterns"
	stored, err := h.Hash(t.Context(), secret)
	require.NoError(t, err)
	require.Regexp(t, `^\$argon2id\$v=19\$m=64,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, stored)

	again, err := h.Hash(t.Context(), secret)
	require.NoError(t, err)
	require.NotEqual(t, stored, again, "each has a salt of its own")

	for typed, want := range map[string]bool{
		secret:                              true,
		secret + " ":                        false,
		" " + secret:                        false,
		"Violet harbour nineteen lanterns":  false,
		"":                                  false,
		strings.Repeat("x", maxBytes+1):     false,
		secret + strings.Repeat("\x00", 10): false,
	} {
		match, outdated, err := h.Verify(t.Context(), stored, typed)
		require.NoError(t, err)
		require.Equal(t, want, match, typed)
		require.False(t, outdated)
	}
	_, err = h.Hash(t.Context(), strings.Repeat("x", maxBytes+1))
	require.ErrorIs(t, err, ErrTooLong)
}

func TestProductionSettings(t *testing.T) {
	h := New(Options{})
	require.LessOrEqual(t, cap(h.slots), 4)
	require.GreaterOrEqual(t, cap(h.slots), 1)
	stored, err := h.Hash(t.Context(), "violet harbour nineteen lanterns")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$"), stored)

	// Made with the settings of a test, verified by production: valid, and to
	// be made anew.
	old, err := cheap().Hash(t.Context(), "secret")
	require.NoError(t, err)
	match, outdated, err := h.Verify(t.Context(), old, "secret")
	require.NoError(t, err)
	require.True(t, match)
	require.True(t, outdated)
	match, outdated, err = h.Verify(t.Context(), old, "wrong")
	require.NoError(t, err)
	require.False(t, match)
	require.False(t, outdated, "a wrong password is never hashed anew")
}

// A hash made by the reference implementation:
// echo -n "password" | argon2 somesalt -id -t 2 -k 65536 -p 1
func TestForeignHash(t *testing.T) {
	const stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	match, outdated, err := cheap().Verify(t.Context(), stored, "password")
	require.NoError(t, err)
	require.True(t, match)
	require.True(t, outdated)
}

func TestNormalize(t *testing.T) {
	h := cheap()
	stored, err := h.Hash(t.Context(), "Krüger fährt nach Ａｓｉｅｎ")
	require.NoError(t, err)
	match, _, err := h.Verify(t.Context(), stored, "Kru\u0308ger fa\u0308hrt nach Asien")
	require.NoError(t, err)
	require.True(t, match)
}

func TestNobody(t *testing.T) {
	h := cheap()
	for _, typed := range []string{"", "password", string(h.nobody.key)} {
		match, outdated, err := h.Verify(t.Context(), "", typed)
		require.NoError(t, err)
		require.False(t, match)
		require.False(t, outdated)
	}
	require.Equal(t, h.memory, h.nobody.memory, "the same work as for a person")
	require.Equal(t, h.passes, h.nobody.passes)
}

func TestVerifyRefusesWhatIsNoHash(t *testing.T) {
	stored, err := cheap().Hash(t.Context(), "secret")
	require.NoError(t, err)
	for _, bad := range []string{
		"x", "$", "$$$$$", "secret", stored + "$", stored + "=", stored[:len(stored)-1], " " + stored,
		strings.Replace(stored, "argon2id", "argon2i", 1),
		strings.Replace(stored, "v=19", "v=16", 1),
		strings.Replace(stored, "m=64", "m=064", 1),
		strings.Replace(stored, "m=64", "m=1048576", 1),
		strings.Replace(stored, "m=64", "m=4294967296", 1),
		strings.Replace(stored, "m=64", "m=0", 1),
		strings.Replace(stored, "t=1", "t=0", 1),
		strings.Replace(stored, "t=1", "t=99", 1),
		strings.Replace(stored, "p=1", "p=2", 1),
		strings.Replace(stored, "p=1", "p=1,x=1", 1),
		"$argon2id$v=19$m=64,t=1,p=1$$", "$argon2id$v=19$m=64,t=1,p=1$!!!!$!!!!",
	} {
		match, _, err := cheap().Verify(t.Context(), bad, "secret")
		require.ErrorIs(t, err, ErrHash, "%q", bad)
		require.False(t, match)
	}
}

// The queue is watched with a Hasher whose slots the test holds itself.
func TestQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Memory: 64, Passes: 1, AtOnce: 2, Queue: 3})
		h.slots <- struct{}{}
		h.slots <- struct{}{}

		var wg sync.WaitGroup
		var served, busy, canceled atomic.Int64
		ctx, cancel := context.WithCancel(t.Context())
		for i := range 5 {
			wg.Go(func() {
				of := t.Context()
				if i == 0 {
					of = ctx
				}
				_, err := h.Hash(of, "secret")
				switch {
				case err == nil:
					served.Add(1)
				case errors.Is(err, fault.Busy):
					busy.Add(1)
				case errors.Is(err, context.Canceled):
					canceled.Add(1)
				}
			})
			synctest.Wait()
		}
		require.EqualValues(t, 2, busy.Load(), "two found three already waiting")
		cancel()
		synctest.Wait()
		require.EqualValues(t, 1, canceled.Load())

		<-h.slots
		<-h.slots
		wg.Wait()
		require.EqualValues(t, 2, served.Load())
		require.Zero(t, h.waiting.Load())
		require.Empty(t, h.slots)

		// Nobody waits longer than is good for them.
		h.slots <- struct{}{}
		h.slots <- struct{}{}
		start := time.Now()
		_, _, err := h.Verify(t.Context(), "", "secret")
		require.ErrorIs(t, err, fault.Busy)
		require.Equal(t, patience, time.Since(start))
		require.Equal(t, fault.Busy, fault.Of(err))

		_, err = h.Hash(ctx, "secret")
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestAtMostSoManyAtOnce(t *testing.T) {
	h := New(Options{Memory: 64, Passes: 1, AtOnce: 3, Queue: 1000, Patience: time.Minute})
	var most atomic.Int64
	stop := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				most.Store(max(most.Load(), int64(len(h.slots))))
			}
		}
	})
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			_, _, err := h.Verify(t.Context(), "", "secret")
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(stop)
	watch.Wait()
	require.LessOrEqual(t, most.Load(), int64(3))
	require.Empty(t, h.slots)
}

func TestProblemsHaveSentences(t *testing.T) {
	for _, p := range identity.PasswordProblems() {
		require.True(t, i18n.Has("password.problem."+p.String()), p)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parse(s)
		if err == nil {
			require.Equal(t, s, h.String())
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	h := New(Options{})
	stored, err := h.Hash(b.Context(), "violet harbour nineteen lanterns")
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if match, _, err := h.Verify(b.Context(), stored, "violet harbour nineteen lanterns"); err != nil || !match {
			b.Fatal(match, err)
		}
	}
}
