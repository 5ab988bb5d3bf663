// Package trail chains the audit events of an organization by hashes, so that
// nobody can change, drop, move or slip in an event unnoticed. The hash of an
// event covers the hash before it; the head of the chain is kept beside it, and
// older heads outside the database, because whoever owns the whole database can
// rebuild a whole chain.
package trail

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"time"
)

// Version is the first field of what is hashed. A change of the encoding takes
// another text, so that bytes of two encodings never mean the same.
const Version = "waymark trail 1"

// Size is the length of a hash in bytes.
const Size = sha256.Size

// Event is something that somebody did, as the trail keeps it.
type Event struct {
	Seq          int64    // 1, 2, 3 … in each organization, without gaps
	Organization [16]byte // whose chain it is
	Project      [16]byte // all zero when it concerns no project
	Actor        [16]byte // the person; all zero for the system itself
	Kind         string
	Subject      string
	At           time.Time // counted in whole microseconds; what is finer is cut off
	Data         []byte    // exactly as stored: for json its text, for jsonb what the column casts to
}

// Hash returns the hash of an event that follows an event of hash prev. The hash
// before the first event is all zero.
//
// It is the SHA-256 of prev, followed by nine fields, each written as its length
// in bytes (8 bytes, big-endian) and then its bytes:
//
//	Version       the text above, in UTF-8
//	Seq           8 bytes, big-endian, two's complement
//	Organization  16 bytes
//	Project       16 bytes
//	Actor         16 bytes
//	Kind          UTF-8
//	Subject       UTF-8
//	At            microseconds since 1970-01-01 00:00 UTC, as Seq
//	Data          as it is
//
// The lengths keep text from moving between fields: kind "ab", subject "c" is
// not kind "a", subject "bc".
//
// PostgreSQL (11 and later) gives the same value, without any extension, for
// prev bytea, seq bigint, organization uuid, project uuid, actor uuid, kind text,
// subject text, at timestamptz and data bytea:
//
//	sha256(prev
//	  || int8send(15) || convert_to('waymark trail 1', 'UTF8')
//	  || int8send(8)  || int8send(seq)
//	  || int8send(16) || uuid_send(organization)
//	  || int8send(16) || coalesce(uuid_send(project), decode(repeat('00', 16), 'hex'))
//	  || int8send(16) || coalesce(uuid_send(actor), decode(repeat('00', 16), 'hex'))
//	  || int8send(octet_length(convert_to(kind, 'UTF8')))    || convert_to(kind, 'UTF8')
//	  || int8send(octet_length(convert_to(subject, 'UTF8'))) || convert_to(subject, 'UTF8')
//	  || int8send(8)  || int8send((extract(epoch from at) * 1000000)::bigint)
//	  || int8send(octet_length(data)) || data)
//
// Where data is json or jsonb, convert_to(data::text, 'UTF8') stands for it, and
// Data has to be read from the same expression. From PostgreSQL 14 on, extract
// is exact (numeric); before it is not.
func Hash(prev [Size]byte, e Event) [Size]byte {
	buf := make([]byte, 0, Size+9*8+len(Version)+2*8+3*16+len(e.Kind)+len(e.Subject)+len(e.Data))
	buf = append(buf, prev[:]...)
	buf = text(buf, Version)
	buf = number(buf, e.Seq)
	buf = field(buf, e.Organization[:])
	buf = field(buf, e.Project[:])
	buf = field(buf, e.Actor[:])
	buf = text(buf, e.Kind)
	buf = text(buf, e.Subject)
	buf = number(buf, e.At.UnixMicro())
	buf = field(buf, e.Data)
	return sha256.Sum256(buf)
}

func field(buf, b []byte) []byte { return append(length(buf, len(b)), b...) }

func text(buf []byte, s string) []byte { return append(length(buf, len(s)), s...) }

func length(buf []byte, n int) []byte {
	return binary.BigEndian.AppendUint64(buf, uint64(n)) //nolint:gosec // G115: a length is never negative
}

func number(buf []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(length(buf, 8), uint64(n)) //nolint:gosec // G115: two's complement is what is wanted
}

// Entry is an event with the hash stored beside it.
type Entry struct {
	Event
	Hash [Size]byte
}

// Head is how far a chain goes: the last event and its hash. The head of an
// empty chain is the zero value.
type Head struct {
	Seq  int64
	Hash [Size]byte
}

// Next returns the entry and the new head for an event that is to follow h. It
// sets the event's sequence number and cuts its time to microseconds in UTC.
func (h Head) Next(e Event) (Entry, Head) {
	e.Seq = h.Seq + 1
	e.At = e.At.UTC().Truncate(time.Microsecond)
	next := Head{Seq: e.Seq, Hash: Hash(h.Hash, e)}
	return Entry{Event: e, Hash: next.Hash}, next
}

// Fault says in what way a chain is broken.
type Fault uint8

// The faults.
const (
	Changed Fault = iota + 1 // an event does not give the hash stored beside it
	Gap                      // an event is missing, or stands in another's place
	Foreign                  // an event of another organization
	CutTail                  // the chain ends before its head, or before one kept outside
	Beyond                   // the chain goes on after its head
	Rebuilt                  // sound in itself, but not the chain whose head is kept
)

// String returns the word used in reports and translation keys.
func (f Fault) String() string {
	switch f {
	case Changed:
		return "changed"
	case Gap:
		return "gap"
	case Foreign:
		return "foreign"
	case CutTail:
		return "cut_tail"
	case Beyond:
		return "beyond"
	case Rebuilt:
		return "rebuilt"
	default:
		return fmt.Sprintf("fault(%d)", uint8(f))
	}
}

// BrokenError says where a chain is broken first.
type BrokenError struct {
	Seq   int64 // the first event that is wrong or missing
	Fault Fault
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("trail broken at event %d: %s", e.Seq, e.Fault)
}

// Verify walks through all entries of one organization's chain, in the order of
// their sequence numbers, and compares it with its head and with older heads
// that were kept outside (in any order). Only those show a chain that was
// rebuilt, or cut short together with its head.
//
// Read the head and the entries in one snapshot, or the entries up to the head
// only: otherwise an event appended meanwhile looks as if it stood beyond it.
//
// It returns nil for a sound chain, a *BrokenError naming the first bad event,
// or the error that the entries themselves ended with, wrapped. A nil iterator
// is the empty chain.
func Verify(organization [16]byte, entries iter.Seq2[Entry, error], head Head, kept ...Head) error {
	known := map[int64][Size]byte{}
	for _, k := range slices.Concat(kept, []Head{head}) {
		if hash, ok := known[k.Seq]; ok && hash != k.Hash {
			return &BrokenError{Seq: k.Seq, Fault: Rebuilt}
		}
		known[k.Seq] = k.Hash
	}

	var at Head
	check := func() error {
		if hash, ok := known[at.Seq]; ok && hash != at.Hash {
			return &BrokenError{Seq: at.Seq, Fault: Rebuilt}
		}
		return nil
	}
	if err := check(); err != nil {
		return err
	}
	if entries != nil {
		for entry, err := range entries {
			switch {
			case err != nil:
				return fmt.Errorf("reading the trail after event %d: %w", at.Seq, err)
			case at.Seq == head.Seq:
				return &BrokenError{Seq: at.Seq + 1, Fault: Beyond}
			case entry.Seq != at.Seq+1:
				return &BrokenError{Seq: at.Seq + 1, Fault: Gap}
			case entry.Organization != organization:
				return &BrokenError{Seq: entry.Seq, Fault: Foreign}
			}
			at = Head{Seq: entry.Seq, Hash: Hash(at.Hash, entry.Event)}
			if at.Hash != entry.Hash {
				return &BrokenError{Seq: at.Seq, Fault: Changed}
			}
			if err := check(); err != nil {
				return err
			}
		}
	}
	for seq := range known {
		if seq > at.Seq {
			return &BrokenError{Seq: at.Seq + 1, Fault: CutTail}
		}
	}
	return nil
}
