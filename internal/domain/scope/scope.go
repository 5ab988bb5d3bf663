// Package scope holds what the certificate is to cover: the organization, its
// units, services and locations in and out, the people counted, the customers
// and the statement in words; and the rules that a scope has to keep before it
// can be approved (ISO/IEC 20000-1, 4.3).
package scope

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
)

// ErrUnknown is wrapped when a text names no extent, customer kind or rule.
var ErrUnknown = errors.New("unknown value")

// Extent says how much of the organization the certificate is to cover.
type Extent uint8

// The extents.
const (
	Undecided Extent = iota
	Whole            // everything the organization does
	Limited          // some units, services or locations stay out
)

// String returns the word that is stored and used in forms.
func (e Extent) String() string {
	switch e {
	case Undecided:
		return "undecided"
	case Whole:
		return "whole"
	case Limited:
		return "limited"
	default:
		return fmt.Sprintf("extent(%d)", uint8(e))
	}
}

// ParseExtent reads the word that String writes. It wraps ErrUnknown.
func ParseExtent(s string) (Extent, error) {
	for _, e := range []Extent{Undecided, Whole, Limited} {
		if e.String() == s {
			return e, nil
		}
	}
	return Undecided, fmt.Errorf("%w: extent %.40q", ErrUnknown, s)
}

// Scan reads a text column; NULL is Undecided. It wraps ErrUnknown.
func (e *Extent) Scan(src any) error { return scan(e, src, ParseExtent) }

// Value writes the word into a text column. It wraps ErrUnknown.
func (e Extent) Value() (driver.Value, error) { return value(e, e <= Limited) }

// CustomerKind says whom a service is delivered to.
type CustomerKind uint8

// The kinds of customer.
const (
	Unspecified CustomerKind = iota
	Internal                 // part of the same organization or group
	External
)

// String returns the word that is stored and used in forms.
func (k CustomerKind) String() string {
	switch k {
	case Unspecified:
		return "unspecified"
	case Internal:
		return "internal"
	case External:
		return "external"
	default:
		return fmt.Sprintf("customer(%d)", uint8(k))
	}
}

// ParseCustomerKind reads the word that String writes. It wraps ErrUnknown.
func ParseCustomerKind(s string) (CustomerKind, error) {
	for _, k := range []CustomerKind{Unspecified, Internal, External} {
		if k.String() == s {
			return k, nil
		}
	}
	return Unspecified, fmt.Errorf("%w: customer kind %.40q", ErrUnknown, s)
}

// Scan reads a text column; NULL is Unspecified. It wraps ErrUnknown.
func (k *CustomerKind) Scan(src any) error { return scan(k, src, ParseCustomerKind) }

// Value writes the word into a text column. It wraps ErrUnknown.
func (k CustomerKind) Value() (driver.Value, error) { return value(k, k <= External) }

// Unit is an organizational unit, in the scope or out of it.
type Unit struct {
	Name   string
	In     bool
	Reason string // why it is in or out; needed when it is out
}

// Service is a service, in the scope or out of it.
type Service struct {
	Name   string
	In     bool
	Reason string
}

// Location is a place that services are delivered from.
type Location struct {
	Name    string
	Country string
	In      bool
	Reason  string
	People  int  // persons working in the scope there; audit time depends on it
	Central bool // the site that leads the system (IAF MD 1); one where there are several
}

// Customer is a customer, or a group of customers, of the services in scope.
type Customer struct {
	Name string
	Kind CustomerKind
}

// Statement is the scope in words, in one language.
type Statement struct {
	Language string // tag, such as "en" or "zh-Hans"
	Text     string
}

// Definition is everything the scope says. It is a value: rules read it, nothing
// changes it.
type Definition struct {
	Organization string
	Extent       Extent
	Units        []Unit
	Services     []Service
	Locations    []Location
	People       int // total in scope
	Customers    []Customer
	Statements   []Statement
}

// Lack is a decision that the scope leaves open or contradicts, apart from the
// numbered rules.
type Lack uint8

// The lacks.
const (
	ExtentUndecided  Lack = iota + 1 // whole or limited is not said
	WholeWithOut                     // said to be the whole organization, yet something is out
	LimitedWithoutIn                 // said to be limited, yet no unit, service or location is in
	OutWithoutReason                 // something is out and nobody says why
	NoStatement                      // no statement in any language
)

// String returns the word used in translation keys.
func (l Lack) String() string {
	switch l {
	case ExtentUndecided:
		return "extent_undecided"
	case WholeWithOut:
		return "whole_with_out"
	case LimitedWithoutIn:
		return "limited_without_in"
	case OutWithoutReason:
		return "out_without_reason"
	case NoStatement:
		return "no_statement"
	default:
		return fmt.Sprintf("lack(%d)", uint8(l))
	}
}

// Open is a lack with the names it concerns.
type Open struct {
	Lack  Lack
	Names []string
}

// Incomplete lists what has to be said before the scope can be approved: the
// extent, what is in and out with reasons, and a statement.
func Incomplete(d Definition) []Open {
	var in int
	var out, unexplained []string
	item := func(name string, isIn bool, reason string) {
		if isIn {
			in++
			return
		}
		out = append(out, name)
		if blank(reason) {
			unexplained = append(unexplained, name)
		}
	}
	for _, u := range d.Units {
		item(u.Name, u.In, u.Reason)
	}
	for _, s := range d.Services {
		item(s.Name, s.In, s.Reason)
	}
	for _, l := range d.Locations {
		item(l.Name, l.In, l.Reason)
	}

	var open []Open
	switch {
	case d.Extent == Undecided:
		open = append(open, Open{Lack: ExtentUndecided})
	case d.Extent == Whole && len(out) > 0:
		open = append(open, Open{Lack: WholeWithOut, Names: out})
	case d.Extent == Limited && in == 0:
		open = append(open, Open{Lack: LimitedWithoutIn})
	}
	if len(unexplained) > 0 {
		open = append(open, Open{Lack: OutWithoutReason, Names: unexplained})
	}
	if len(d.statements()) == 0 {
		open = append(open, Open{Lack: NoStatement})
	}
	return open
}

func (d Definition) servicesIn() []string {
	var names []string
	for _, s := range d.Services {
		if s.In && !blank(s.Name) {
			names = append(names, s.Name)
		}
	}
	return names
}

func (d Definition) locationsIn() []Location {
	var in []Location
	for _, l := range d.Locations {
		if l.In {
			in = append(in, l)
		}
	}
	return in
}

// statements leaves out the empty ones.
func (d Definition) statements() []Statement {
	var written []Statement
	for _, s := range d.Statements {
		if !blank(s.Text) {
			written = append(written, s)
		}
	}
	return written
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// scan leaves the target alone on error.
func scan[T ~uint8](into *T, src any, parse func(string) (T, error)) error {
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
		return fmt.Errorf("%w: cannot read %T", ErrUnknown, src)
	}
	read, err := parse(text)
	if err != nil {
		return err
	}
	*into = read
	return nil
}

func value(v fmt.Stringer, known bool) (driver.Value, error) {
	if !known {
		return nil, fmt.Errorf("%w: %s", ErrUnknown, v)
	}
	return v.String(), nil
}
