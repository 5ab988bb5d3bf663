package form

import (
	"strings"

	"waymark/internal/domain/id"
	"waymark/internal/i18n"
)

// Bool reads a check box: absent is false.
func (f *Form) Bool(field string, options ...Option) bool {
	s := specOf(options)
	raw, ok := f.one(field, s)
	if !ok {
		return false
	}
	switch strings.TrimSpace(raw) {
	case "on", "true", "1", "yes":
		return true
	case "", "off", "false", "0", "no":
		f.empty(field, s, "form.choice.missing")
		return false
	default:
		f.Fail(field, s.message("form.choice.unknown"))
		return false
	}
}

// Enum reads one of the values that parse knows. Nothing chosen gives the zero
// value, an error only where an answer is Required.
func Enum[T any](f *Form, field string, parse func(string) (T, bool), options ...Option) T {
	var none T
	s := specOf(options)
	raw, ok := f.one(field, s)
	if !ok {
		return none
	}
	if raw = strings.TrimSpace(raw); raw == "" {
		f.empty(field, s, "form.choice.missing")
		return none
	}
	value, known := parse(raw)
	if !known {
		f.Fail(field, s.message("form.choice.unknown"))
		return none
	}
	return value
}

// Enums reads all values of a field that may be sent several times, such as
// check boxes of one name, each once and in the order sent.
func Enums[T comparable](f *Form, field string, parse func(string) (T, bool), options ...Option) []T {
	s := specOf(options)
	limit := maxEntries
	if s.max > 0 {
		limit = s.max
	}
	var values []T
	seen := map[T]bool{}
	for _, raw := range f.values[field] {
		if raw = strings.TrimSpace(raw); raw == "" {
			continue
		}
		value, known := parse(raw)
		if !known {
			f.Fail(field, s.message("form.choice.unknown"))
			return nil
		}
		if !seen[value] {
			seen[value] = true
			values = append(values, value)
		}
		if len(values) > limit {
			f.Fail(field, s.message("form.too_many", "n", limit))
			return nil
		}
	}
	if len(values) == 0 {
		f.empty(field, s, "form.choice.missing")
	}
	return values
}

// ID reads the identifier of a thing that the form offered.
func ID[T ~[16]byte](f *Form, field string, options ...Option) T {
	return Enum(f, field, parseID[T], options...)
}

// IDs reads the identifiers of several things.
func IDs[T interface {
	comparable
	~[16]byte
}](f *Form, field string, options ...Option) []T {
	return Enums(f, field, parseID[T], options...)
}

func parseID[T ~[16]byte](s string) (T, bool) {
	v, err := id.Parse[T](s)
	return v, err == nil
}

// Version reads the version of the row that the form was filled from, 0 where
// there was no row yet. A form without one was not made by a page of ours.
func (f *Form) Version() int {
	s := &spec{}
	raw, ok := f.one(VersionField, s)
	if !ok {
		return 0
	}
	n, ok := plainDigits(raw)
	if !ok {
		f.Fail(VersionField, i18n.M("form.old_page"))
		return 0
	}
	return n
}

// Key reads the idempotency key that the page put into a form that creates.
func (f *Form) Key() [16]byte {
	raw, ok := f.one(KeyField, &spec{})
	if !ok {
		return [16]byte{}
	}
	key, known := parseID[[16]byte](raw)
	if !known {
		f.Fail(KeyField, i18n.M("form.old_page"))
		return [16]byte{}
	}
	return key
}
