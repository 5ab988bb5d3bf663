// Package password keeps passwords as argon2id hashes (RFC 9106) and compares
// them, a few at a time: each costs 19 MiB and some tens of milliseconds, and a
// flood of sign-ins must not take the whole machine.
//
// What may be chosen as a password is decided in the domain, package identity.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"waymark/internal/fault"
)

// Options says what a hash costs and how many may be made at once. A zero field
// takes the value that production runs with.
type Options struct {
	Memory   uint32        // KiB; 19 MiB
	Passes   uint32        // 2
	AtOnce   int           // one a processor, at most four
	Queue    int           // how many more may wait; 64
	Patience time.Duration // how long one may wait; two seconds
}

// What production runs with: the second of the settings that OWASP's password
// storage cheat sheet holds for equally strong, and bounds within which a
// waiting person still gets an answer in time.
const (
	productionMemory = 19 * 1024
	productionPasses = 2
	mostAtOnce       = 4
	productionQueue  = 64
	patience         = 2 * time.Second
)

const (
	threads    = 1
	saltLength = 16
	keyLength  = 32
	maxBytes   = 4_096
)

// ErrHash is the error of Verify for a stored value that is no hash of ours: a
// fault in our data, never the person's.
var ErrHash = errors.New("password: not an argon2id hash")

// ErrTooLong is the error of Hash for a password no form would have let
// through.
var ErrTooLong = errors.New("password: too long")

// Hasher makes and compares hashes. It is safe for concurrent use; a program
// needs one.
type Hasher struct {
	memory, passes uint32
	slots          chan struct{}
	waiting        atomic.Int64
	queue          int64
	patience       time.Duration
	nobody         hash
}

// New makes a Hasher.
func New(o Options) *Hasher {
	h := &Hasher{
		memory:   or(o.Memory, productionMemory),
		passes:   or(o.Passes, productionPasses),
		slots:    make(chan struct{}, or(o.AtOnce, min(mostAtOnce, runtime.GOMAXPROCS(0)))),
		queue:    int64(or(o.Queue, productionQueue)),
		patience: or(o.Patience, patience),
	}
	// Nobody's hash need not be the hash of anything: it is never equal.
	h.nobody = hash{memory: h.memory, passes: h.passes, salt: random(saltLength), key: random(keyLength)}
	return h
}

func or[T int | uint32 | time.Duration](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program where there is no randomness
	return b
}

// Normalize gives the form of a password that is judged, hashed and compared.
// It is Unicode's NFKC, which NIST SP 800-63B asks for beside NFKD: the same
// password typed on another keyboard, with composed or separate accents, in
// full-width or plain letters, is the same. Nothing is trimmed.
func Normalize(password string) string { return norm.NFKC.String(password) }

// Hash makes the hash of a password, as a PHC string with its settings and a
// salt of its own. It gives fault.Busy when too many others are waiting, the
// context's error when the person went away, and ErrTooLong.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if len(password) > maxBytes {
		return "", ErrTooLong
	}
	made := hash{memory: h.memory, passes: h.passes, salt: random(saltLength)}
	key, err := h.derive(ctx, made, password, keyLength)
	if err != nil {
		return "", err
	}
	made.key = key
	return made.String(), nil
}

// Verify says whether the password is the one that stored was made of, and
// whether stored was made with other settings than today's, so that it should
// be hashed anew while the password is at hand.
//
// Pass "" as stored when there is no such person, or none with a password: it
// takes as long as for a real one and never matches. It gives fault.Busy when
// too many others are waiting, the context's error, and ErrHash.
func (h *Hasher) Verify(ctx context.Context, stored, password string) (match, outdated bool, err error) {
	against := h.nobody
	if stored != "" {
		if against, err = parse(stored); err != nil {
			return false, false, err
		}
	}
	if len(password) > maxBytes {
		password, against = "", h.nobody // as much work as any other
	}
	key, err := h.derive(ctx, against, password, len(against.key))
	if err != nil {
		return false, false, err
	}
	match = subtle.ConstantTimeCompare(key, against.key) == 1
	outdated = against.memory != h.memory || against.passes != h.passes ||
		len(against.salt) != saltLength || len(against.key) != keyLength
	return match, match && outdated, nil
}

// derive runs argon2id when it is this caller's turn.
func (h *Hasher) derive(ctx context.Context, with hash, password string, length int) ([]byte, error) {
	if err := h.enter(ctx); err != nil {
		return nil, err
	}
	defer func() { <-h.slots }()
	return argon2.IDKey([]byte(Normalize(password)), with.salt, with.passes, with.memory, threads,
		uint32(length)), nil //nolint:gosec // G115: a key of 16 to 64 bytes
}

// enter takes a slot, waiting for one behind at most queue others.
func (h *Hasher) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("password: %w", err)
	}
	select {
	case h.slots <- struct{}{}:
		return nil
	default:
	}
	if h.waiting.Add(1) > h.queue {
		h.waiting.Add(-1)
		return fmt.Errorf("password: queue is full: %w", fault.Busy)
	}
	defer h.waiting.Add(-1)
	timer := time.NewTimer(h.patience)
	defer timer.Stop()
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-timer.C:
		return fmt.Errorf("password: waited %s: %w", h.patience, fault.Busy)
	case <-ctx.Done():
		return fmt.Errorf("password: %w", ctx.Err())
	}
}

// hash is what a PHC string says.
type hash struct {
	memory, passes uint32
	salt, key      []byte
}

const phc = "$argon2id$v=19$m=%d,t=%d,p=1$%s$%s"

// String is the hash as it is stored.
func (h hash) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf(phc, h.memory, h.passes, b64.EncodeToString(h.salt), b64.EncodeToString(h.key))
}

// Bounds of what a stored hash may ask for, should somebody write one into the
// database.
const (
	maxMemory = 256 * 1024
	maxPasses = 16
)

func parse(stored string) (hash, error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 {
		return hash{}, ErrHash
	}
	var h hash
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=1", &h.memory, &h.passes); err != nil {
		return hash{}, ErrHash
	}
	var saltErr, keyErr error
	h.salt, saltErr = base64.RawStdEncoding.Strict().DecodeString(parts[4])
	h.key, keyErr = base64.RawStdEncoding.Strict().DecodeString(parts[5])
	switch {
	case saltErr != nil, keyErr != nil,
		h.memory < 8, h.memory > maxMemory, h.passes < 1, h.passes > maxPasses,
		len(h.salt) < 8, len(h.salt) > 64, len(h.key) < 16, len(h.key) > 64,
		h.String() != stored: // the one way to write it: other versions and variants differ here
		return hash{}, ErrHash
	}
	return h, nil
}
