// Package fault names the failures that every layer tells apart, so that one
// function in the server can turn any error into an answer.
//
// A fault says what kind of thing went wrong, never a sentence for the reader:
// the sentence is made in the reader's language from the kind (Kind.String is
// the last part of its translation key). The text of Error() is for the log.
//
//	return fmt.Errorf("load project: %w", fault.NotFound)
//	return fault.Wrap(fault.Unavailable, "load project", err)
//	return fault.Stale(current)
//
//	switch fault.Of(err) {
//	case fault.NotFound: …
//	}
package fault

import (
	"context"
	"errors"
	"net"
	"syscall"
)

// Kind is a class of failure. It is itself an error, and a constant, so that
// it can be wrapped and asked for: errors.Is(err, fault.NotFound).
type Kind uint8

// The kinds of failure. The zero value stands for an error of no known kind,
// which is a bug of ours.
const (
	Unknown      Kind = iota
	NotFound          // does not exist, or its existence is not the reader's to know
	Forbidden         // may be read but not written by this person
	Unauthorized      // nobody is signed in, or the sign-in has ended
	Invalid           // what was sent cannot be accepted; see InvalidError
	Refused           // a rule of the domain says no; see Refusal
	Conflict          // somebody else changed it meanwhile; see StaleError
	Duplicate         // an idempotency key came again with other content
	Exists            // a name or address that must be unique is taken
	TooLarge          // more was sent than is accepted
	TooMany           // too often in too short a time
	Busy              // too much at once; trying again helps
	Unavailable       // the database is away or has no connection free
	Full              // no space left, on the disk or in the database
	Canceled          // the asking side went away
)

// Kinds lists every kind that has a sentence of its own, in order.
func Kinds() []Kind {
	all := make([]Kind, 0, Canceled)
	for k := NotFound; k <= Canceled; k++ {
		all = append(all, k)
	}
	return all
}

// String is the kind as it stands in logs and as the last part of its
// translation key.
func (k Kind) String() string {
	switch k {
	case NotFound:
		return "not_found"
	case Forbidden:
		return "forbidden"
	case Unauthorized:
		return "unauthorized"
	case Invalid:
		return "invalid"
	case Refused:
		return "refused"
	case Conflict:
		return "conflict"
	case Duplicate:
		return "duplicate"
	case Exists:
		return "exists"
	case TooLarge:
		return "too_large"
	case TooMany:
		return "too_many"
	case Busy:
		return "busy"
	case Unavailable:
		return "unavailable"
	case Full:
		return "full"
	case Canceled:
		return "canceled"
	default:
		return "unknown"
	}
}

// Error makes a Kind an error; the text is for logs.
func (k Kind) Error() string { return k.String() }

// Refusal is what every refusal of the domain is: a value that carries its
// reasons (which step, which criteria) and no prose. The domain cannot import
// this package, so a refusal only has to have the two methods.
type Refusal interface {
	error
	Refused()
}

// wrapped is a cause with the kind it was recognized as and what was being done.
type wrapped struct {
	kind  Kind
	doing string
	cause error
}

// Wrap says that cause, met while doing something, is a failure of this kind.
// Both can be asked for afterwards: errors.Is with the kind and with the cause.
// Wrapping nil gives nil.
func Wrap(kind Kind, doing string, cause error) error {
	if cause == nil {
		return nil
	}
	return &wrapped{kind: kind, doing: doing, cause: cause}
}

func (w *wrapped) Error() string { return w.doing + ": " + w.kind.String() + ": " + w.cause.Error() }

func (w *wrapped) Unwrap() []error { return []error{w.kind, w.cause} }

// StaleError says that a form was filled in from a version that is no longer
// the newest. Current holds the values as they are now, of whatever type the
// store has for them, or nil when there is nothing to show beside.
type StaleError struct{ Current any }

// Stale refuses a write on an old version; current may be nil.
func Stale(current any) error { return &StaleError{Current: current} }

func (*StaleError) Error() string { return "stale version" }

// Unwrap makes a StaleError a Conflict.
func (*StaleError) Unwrap() error { return Conflict }

// Field is one answer that cannot be accepted: its name in the form, and the
// translation key and arguments (name, value, …) of the reason.
type Field struct {
	Name string
	Key  string
	Args []any
}

// InvalidError lists the answers that cannot be accepted, in the form's order.
type InvalidError struct{ Fields []Field }

// InvalidField refuses one answer with the key of the reason and its arguments.
func InvalidField(name, key string, args ...any) error {
	return &InvalidError{Fields: []Field{{Name: name, Key: key, Args: args}}}
}

// InvalidFields refuses several answers at once; with none it gives nil.
func InvalidFields(fields ...Field) error {
	if len(fields) == 0 {
		return nil
	}
	return &InvalidError{Fields: fields}
}

func (e *InvalidError) Error() string {
	text := "invalid"
	for i, f := range e.Fields {
		if i > 0 {
			text += ","
		}
		text += " " + f.Name + " (" + f.Key + ")"
	}
	return text
}

// Unwrap makes an InvalidError Invalid.
func (*InvalidError) Unwrap() error { return Invalid }

// Of tells the kind of an error: the kind it was wrapped with, Refused for any
// Refusal, and for errors that nobody wrapped what the error itself shows
// (SQLSTATE, a full disk, a lost connection, a canceled context). The outermost
// kind wins, so that a layer may judge anew what a deeper one said.
func Of(err error) Kind {
	if err == nil {
		return Unknown
	}
	if k, ok := errors.AsType[Kind](err); ok {
		return k
	}
	if _, ok := errors.AsType[Refusal](err); ok {
		return Refused
	}
	if s, ok := errors.AsType[sqlStater](err); ok {
		return OfSQLState(s.SQLState())
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return Full
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return Unavailable
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Unavailable
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return Unavailable
	}
	return Unknown
}

// sqlStater is what PostgreSQL's errors are, whichever driver made them.
type sqlStater interface {
	error
	SQLState() string
}

// OfSQLState tells the kind of a PostgreSQL error by its code (PostgreSQL
// documentation, appendix A). Codes that only a bug of ours can cause are
// Unknown; a unique violation is Exists unless the store knows better.
func OfSQLState(code string) Kind {
	switch code {
	case "53100": // disk_full
		return Full
	case "23505": // unique_violation
		return Exists
	case "40001", "40P01", "55P03": // serialization_failure, deadlock_detected, lock_not_available
		return Busy
	case "25006": // read_only_sql_transaction: connected to a standby
		return Unavailable
	case "57014": // query_canceled, by statement_timeout or by us
		return Unavailable
	case "57P01", "57P02", "57P03", "57P05": // shutting down, crashed, starting, idle too long
		return Unavailable
	}
	if len(code) == 5 {
		switch code[:2] {
		case "08", "53", "58": // connection, resources, system
			return Unavailable
		}
	}
	return Unknown
}

// Current is what a StaleError carries for a form: the version and the values
// of its fields as they are stored now, to be shown beside what was typed.
type Current struct {
	Version int
	Fields  map[string]string
}
