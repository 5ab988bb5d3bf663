// Package id holds the identifiers of everything that Waymark stores, one type
// a thing, so that a task's id can never be passed where a project's is meant.
//
// An id is a UUID (RFC 9562) in its 16 bytes; new ones are version 7, made
// where the clock and the randomness are, outside the domain.
package id

import (
	"encoding/hex"
	"errors"
)

// ID is the identifier of one kind of thing. The kind exists at compile time
// only.
type ID[Kind any] [16]byte

type (
	organizationKind  struct{}
	projectKind       struct{}
	personKind        struct{}
	sessionKind       struct{}
	invitationKind    struct{}
	findingKind       struct{}
	taskKind          struct{}
	commentKind       struct{}
	evidenceKind      struct{}
	fileKind          struct{}
	appointmentKind   struct{}
	waiverKind        struct{}
	candidateKind     struct{}
	engagementKind    struct{}
	nonconformityKind struct{}
	rowKind           struct{}
	mailKind          struct{}
)

// The kinds of identifiers. Row identifies a fact that nothing else refers to,
// such as a service of the scope or a communication.
type (
	Organization  = ID[organizationKind]
	Project       = ID[projectKind]
	Person        = ID[personKind]
	Session       = ID[sessionKind]
	Invitation    = ID[invitationKind]
	Finding       = ID[findingKind]
	Task          = ID[taskKind]
	Comment       = ID[commentKind]
	Evidence      = ID[evidenceKind]
	File          = ID[fileKind]
	Appointment   = ID[appointmentKind]
	Waiver        = ID[waiverKind]
	Candidate     = ID[candidateKind]
	Engagement    = ID[engagementKind]
	Nonconformity = ID[nonconformityKind]
	Row           = ID[rowKind]
	Mail          = ID[mailKind]
)

// ErrSyntax is the error of Parse for text that is not an id.
var ErrSyntax = errors.New("id: not a UUID in its 36 character form")

// IsZero reports whether the id is the all-zero one, which names nothing.
func (i ID[Kind]) IsZero() bool { return i == ID[Kind]{} }

// String gives the 36 character form, in lower case.
func (i ID[Kind]) String() string {
	var b [36]byte
	hex.Encode(b[0:8], i[0:4])
	b[8] = '-'
	hex.Encode(b[9:13], i[4:6])
	b[13] = '-'
	hex.Encode(b[14:18], i[6:8])
	b[18] = '-'
	hex.Encode(b[19:23], i[8:10])
	b[23] = '-'
	hex.Encode(b[24:36], i[10:16])
	return string(b[:])
}

// Parse reads the 36 character form. Only lower case is taken, so that a thing
// has one address. The zero id and any other text answer ErrSyntax.
func Parse[T ~[16]byte](s string) (T, error) {
	var out T
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return out, ErrSyntax
	}
	var digits [32]byte
	n := 0
	for i := range len(s) {
		c := s[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			continue
		}
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return out, ErrSyntax
		}
		digits[n] = c
		n++
	}
	raw := [16]byte(out)
	if _, err := hex.Decode(raw[:], digits[:]); err != nil || raw == [16]byte{} {
		return out, ErrSyntax
	}
	return T(raw), nil
}
