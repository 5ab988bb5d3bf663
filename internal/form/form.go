// Package form turns posted forms into typed values.
//
// A handler reads each field once, with the type it wants; whatever cannot be
// accepted is recorded beside its field, and what was typed is kept for showing
// the form again:
//
//	f, err := form.Parse(r, form.MaxBytes)
//	name := f.Text("name", form.Required, form.Max(200), form.Label("scope.service.name"))
//	due := f.Date("due", form.Required)
//	role := form.Enum(f, "role", identity.ParseProjectRole, form.Required)
//	if !f.OK() { … 422, the same page with f … }
//
// Every text comes out as valid UTF-8 in Unicode's composed form (NFC), without
// control characters, trimmed, with plain line feeds, and no longer than said.
package form

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/domain/civil"
	"waymark/internal/i18n"
)

// Names of the hidden fields that every changing form may carry.
const (
	VersionField = "version" // of the row that an edit form was filled from
	KeyField     = "key"     // idempotency key of a form that creates
)

// Form is a posted form, or one about to be shown. A nil Form is an empty one
// to pages that show it.
type Form struct {
	values url.Values
	secret map[string]bool
	errors []FieldError
	stored map[string]string
}

// FieldError is what is wrong with one field.
type FieldError struct {
	Field   string
	Message i18n.Message
}

// New makes a form of posted values; nil makes an empty form to fill with Set.
// The values are copied.
func New(posted url.Values) *Form {
	f := &Form{values: url.Values{}, secret: map[string]bool{}}
	for field, values := range posted {
		f.values[field] = slices.Clone(values)
	}
	return f
}

// OK says that nothing was wrong with any field read so far.
func (f *Form) OK() bool { return f == nil || len(f.errors) == 0 }

// Fail records what is wrong with a field. Only the first message of a field is
// kept: one thing to put right at a time. The field "" stands for the form as a
// whole.
func (f *Form) Fail(field string, m i18n.Message) {
	if f.Error(field).IsZero() {
		f.errors = append(f.errors, FieldError{Field: field, Message: m})
	}
}

// Errors lists what is wrong, in the order the fields were read.
func (f *Form) Errors() []FieldError {
	if f == nil {
		return nil
	}
	return slices.Clone(f.errors)
}

// Error is what is wrong with one field, the zero Message when nothing is.
func (f *Form) Error(field string) i18n.Message {
	if f != nil {
		for _, e := range f.errors {
			if e.Field == field {
				return e.Message
			}
		}
	}
	return i18n.Message{}
}

// Summary is the heading of the list of errors: "Three answers need another
// look".
func (f *Form) Summary() i18n.Message {
	n := len(f.Errors())
	var count any = i18n.Count(n)
	if n > 1 && n < 10 {
		count = i18n.M("form.word." + strconv.Itoa(n))
	}
	return i18n.M("form.summary", "n", n, "count", count)
}

// Kept is the sentence below that list: nothing typed is lost, nothing saved.
func (f *Form) Kept() i18n.Message { return i18n.M("form.kept") }

// Value is what was typed in a field or set for it, for showing it again; never
// a password. Bytes that no page can hold are left out.
func (f *Form) Value(field string) string {
	if values := f.Values(field); len(values) > 0 {
		return values[0]
	}
	return ""
}

// Values are all values of a field that may come several times.
func (f *Form) Values(field string) []string {
	if f == nil || f.secret[field] {
		return nil
	}
	shown := slices.Clone(f.values[field])
	for i, v := range shown {
		shown[i] = strings.ReplaceAll(strings.ToValidUTF8(v, "\uFFFD"), "\x00", "\uFFFD")
	}
	return shown
}

// Checked says whether a choice of a field is taken, for radio buttons, check
// boxes and options.
func (f *Form) Checked(field, value string) bool {
	return f != nil && slices.Contains(f.values[field], value)
}

// Has says whether the field was sent at all.
func (f *Form) Has(field string) bool { return f != nil && f.values.Has(field) }

// Fields are the names of all fields sent, sorted, for forms with a row of
// fields for each thing.
func (f *Form) Fields() []string {
	if f == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(f.values))
}

// Set gives a field the values to show.
func (f *Form) Set(field string, values ...string) { f.values[field] = values }

// Option is a condition on a field, or the words for it.
type Option func(*spec)

type spec struct {
	required         bool
	missing          i18n.Message
	label            string
	min, max         int // characters, or entries of a list; max 0 is the default
	atLeast, atMost  *int
	earliest, latest civil.Date
}

// Required refuses an empty answer. It is itself the Option.
func Required(s *spec) { s.required = true }

// RequiredSaying refuses an empty answer with a sentence of its own.
func RequiredSaying(key string, args ...any) Option {
	return func(s *spec) { s.required, s.missing = true, i18n.M(key, args...) }
}

// Label gives the key of the field's label, so that messages name it. Without,
// they say "This answer".
func Label(key string) Option { return func(s *spec) { s.label = key } }

// Max limits a text to n characters (Unicode code points after normalization,
// as PostgreSQL's char_length counts them), or a list to n entries.
func Max(n int) Option { return func(s *spec) { s.max = n } }

// Min asks for at least n characters once there is an answer.
func Min(n int) Option { return func(s *spec) { s.min = n } }

// AtLeast asks for a number of n or more; for Decimal n counts its last place.
func AtLeast(n int) Option { return func(s *spec) { s.atLeast = &n } }

// AtMost asks for a number of n or less; for Decimal n counts its last place.
func AtMost(n int) Option { return func(s *spec) { s.atMost = &n } }

// NotBefore refuses earlier days.
func NotBefore(d civil.Date) Option { return func(s *spec) { s.earliest = d } }

// NotAfter refuses later days.
func NotAfter(d civil.Date) Option { return func(s *spec) { s.latest = d } }

func specOf(options []Option) *spec {
	s := &spec{}
	for _, o := range options {
		o(s)
	}
	return s
}

// message makes a message that names the field.
func (s *spec) message(key string, args ...any) i18n.Message {
	label := s.label
	if label == "" {
		label = "form.this"
	}
	return i18n.M(key, append([]any{"label", i18n.M(label)}, args...)...)
}

// empty records that an answer is missing, where one is needed.
func (f *Form) empty(field string, s *spec, key string) {
	switch {
	case !s.required:
	case !s.missing.IsZero():
		f.Fail(field, s.missing)
	default:
		f.Fail(field, s.message(key))
	}
}

// one is the single value of a field. A field sent twice is refused: nobody
// could say which of them was meant.
func (f *Form) one(field string, s *spec) (string, bool) {
	values := f.values[field]
	switch len(values) {
	case 0:
		return "", true
	case 1:
		return values[0], true
	default:
		f.Fail(field, s.message("form.duplicate"))
		return "", false
	}
}

// line is the single value of a field as one clean line, folded in width (NFKC)
// so that digits typed with a Chinese keyboard count; for everything that is
// read rather than kept.
func (f *Form) line(field string, s *spec, limit int) (string, bool) {
	raw, ok := f.one(field, s)
	if !ok {
		return "", false
	}
	clean, problem := cleanLine(raw)
	if problem == "" {
		clean = fold(clean)
		if len(clean) > limit {
			problem = "form.too_long_to_read"
		}
	}
	if problem != "" {
		f.Fail(field, s.message(problem))
		return "", false
	}
	return clean, true
}
