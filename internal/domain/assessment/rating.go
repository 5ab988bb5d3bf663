// Package assessment holds the arithmetic of the gap assessment: what a rating
// is worth, how far a branch of the catalogue is covered and fulfilled, which
// colour that gives, which readiness gates hold and how severe a gap is. All of
// it is exact integer arithmetic, so that a threshold is met or not and never
// nearly met. It knows checks by id and weight only; the catalogue is elsewhere.
package assessment

import (
	"database/sql/driver"
	"errors"
	"fmt"
)

// ErrUnknown is wrapped when a text names no rating or severity.
var ErrUnknown = errors.New("unknown value")

// Rating is the judgement on one check of the catalogue.
type Rating uint8

// The ratings. There is no free "not applicable": the standard allows no
// exclusions (clause 1.2), and NotTriggered is open only to checks that carry a
// condition, see Allowed.
const (
	NotAssessed  Rating = iota // no judgement yet, the start value
	Conforms                   // fully met, proof seen, in use
	Partly                     // something is there, but incomplete or too new
	Not                        // nothing usable
	NotTriggered               // nothing has happened that it could be judged on
)

// Ratings returns all ratings in the order a form offers them.
func Ratings() []Rating { return []Rating{NotAssessed, Conforms, Partly, Not, NotTriggered} }

// String returns the word that is stored and used in addresses.
func (r Rating) String() string {
	switch r {
	case NotAssessed:
		return "not_assessed"
	case Conforms:
		return "conforms"
	case Partly:
		return "partly"
	case Not:
		return "not"
	case NotTriggered:
		return "not_triggered"
	default:
		return fmt.Sprintf("rating(%d)", uint8(r))
	}
}

// ParseRating reads the word that String writes. It wraps ErrUnknown.
func ParseRating(s string) (Rating, error) { return parse(s, Ratings(), "rating") }

// Scan reads a text column; NULL is NotAssessed, because a check without a row
// has no judgement yet. It wraps ErrUnknown.
func (r *Rating) Scan(src any) error { return scan(r, src, ParseRating, "rating") }

// Value writes the word into a text column. It wraps ErrUnknown for a number
// that is no rating.
func (r Rating) Value() (driver.Value, error) { return value(r, Ratings(), "rating") }

// Rated reports whether somebody has judged the check: a rating that counts as
// covered. NotTriggered takes the check out of the arithmetic instead.
func (r Rating) Rated() bool { return r == Conforms || r == Partly || r == Not }

// Gap reports whether the rating names something missing: partly or not.
func (r Rating) Gap() bool { return r == Partly || r == Not }

// halfPoints is twice the value of the rating, to stay within whole numbers.
func (r Rating) halfPoints() int {
	switch r {
	case Conforms:
		return 2
	case Partly:
		return 1
	default:
		return 0
	}
}

// Allowed reports whether a check may be given the rating: all ratings are open
// to all checks, except NotTriggered, which only a check with a condition takes.
func Allowed(r Rating, hasCondition bool) bool {
	switch r {
	case NotAssessed, Conforms, Partly, Not:
		return true
	case NotTriggered:
		return hasCondition
	default:
		return false
	}
}

// Lack is what a check still needs before the gap assessment can be finished.
type Lack uint8

// The things a check can lack.
const (
	LacksNothing  Lack = iota
	LacksRating        // nobody has judged it
	LacksEvidence      // conforms or partly, with neither evidence nor a comment
	LacksComment       // rated not, and nobody says what was looked for
	LacksReason        // not triggered, and nobody says why (the comment is the reason)
)

// String returns the word that names the lack in translation keys.
func (l Lack) String() string {
	switch l {
	case LacksNothing:
		return "nothing"
	case LacksRating:
		return "rating"
	case LacksEvidence:
		return "evidence"
	case LacksComment:
		return "comment"
	case LacksReason:
		return "reason"
	default:
		return fmt.Sprintf("lack(%d)", uint8(l))
	}
}

// Deliverable says what finishing the gap step demands of a check and does not
// find. Conforms and partly are claims that something exists and need evidence;
// a comment that says where it was seen is taken instead, for not everything
// that was seen can be kept. Not needs a comment (evidence of nothing does not
// exist), not triggered a reason, which is written as its comment. Saving a
// rating never asks for any of it.
func Deliverable(r Rating, hasEvidence, hasComment bool) Lack {
	switch {
	case r == NotAssessed || !Allowed(r, true):
		return LacksRating
	case r == Not && !hasComment:
		return LacksComment
	case r == NotTriggered && !hasComment:
		return LacksReason
	case (r == Conforms || r == Partly) && !hasEvidence && !hasComment:
		return LacksEvidence
	default:
		return LacksNothing
	}
}

type word interface {
	~uint8
	fmt.Stringer
}

func parse[T word](s string, all []T, what string) (T, error) {
	for _, v := range all {
		if v.String() == s {
			return v, nil
		}
	}
	return 0, fmt.Errorf("%w: %s %.40q", ErrUnknown, what, s)
}

// scan leaves the target alone on error.
func scan[T word](into *T, src any, parse func(string) (T, error), what string) error {
	var text string
	switch v := src.(type) {
	case nil:
		*into = 0
		return nil
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return fmt.Errorf("%w: cannot read a %s from %T", ErrUnknown, what, src)
	}
	read, err := parse(text)
	if err != nil {
		return err
	}
	*into = read
	return nil
}

func value[T word](v T, all []T, what string) (driver.Value, error) {
	if int(v) >= len(all) {
		return nil, fmt.Errorf("%w: %s %d", ErrUnknown, what, uint8(v))
	}
	return v.String(), nil
}
