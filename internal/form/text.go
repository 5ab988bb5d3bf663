package form

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"waymark/internal/domain/identity"
	"waymark/internal/i18n"
)

// Limits that hold where a field names none.
const (
	defaultLine     = 500
	defaultLongText = 20_000
	maxURL          = 2_000
	maxPassword     = 4_096 // bytes; what is accepted as a password is decided elsewhere
	maxLine         = 300   // bytes of anything that is read rather than kept
	maxEntries      = 1_000
)

// Text reads one line of text.
func (f *Form) Text(field string, options ...Option) string {
	return f.text(field, cleanLine, defaultLine, options)
}

// LongText reads text of several lines; line feeds and tabs are kept.
func (f *Form) LongText(field string, options ...Option) string {
	return f.text(field, cleanText, defaultLongText, options)
}

func (f *Form) text(field string, clean func(string) (string, string), limit int, options []Option) string {
	s := specOf(options)
	raw, ok := f.one(field, s)
	if !ok {
		return ""
	}
	value, problem := clean(raw)
	if problem != "" {
		f.Fail(field, s.message(problem))
		return ""
	}
	return f.measured(field, value, s, limit)
}

// measured is the value if its length is within bounds.
func (f *Form) measured(field, value string, s *spec, limit int) string {
	if value == "" {
		f.empty(field, s, "form.required")
		return ""
	}
	if s.max > 0 {
		limit = s.max
	}
	switch have := utf8.RuneCountInString(value); {
	case have > limit:
		f.Fail(field, s.message("form.too_long", "n", limit, "have", i18n.Count(have)))
		return ""
	case have < s.min:
		f.Fail(field, s.message("form.too_short", "min", i18n.Count(s.min), "have", i18n.Count(have)))
		return ""
	}
	return value
}

// Email reads an address.
func (f *Form) Email(field string, options ...Option) identity.Email {
	s := specOf(options)
	typed, ok := f.line(field, s, maxLine)
	if !ok {
		return ""
	}
	if typed == "" {
		f.empty(field, s, "form.required")
		return ""
	}
	email, err := identity.ParseEmail(typed)
	if err != nil {
		f.Fail(field, s.message("form.email"))
		return ""
	}
	return email
}

// URL reads the absolute address of a page on the web. Other schemes, such as
// javascript:, are refused, so that the value may become a link.
func (f *Form) URL(field string, options ...Option) string {
	typed := f.Text(field, append([]Option{Max(maxURL)}, options...)...)
	if typed == "" {
		return ""
	}
	u, err := url.Parse(typed)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || u.User != nil {
		f.Fail(field, specOf(options).message("form.url"))
		return ""
	}
	return u.String()
}

// Password reads a secret exactly as it was typed, spaces included. Value never
// gives it back.
func (f *Form) Password(field string, options ...Option) string {
	s := specOf(options)
	f.secret[field] = true
	raw, ok := f.one(field, s)
	switch {
	case !ok:
		return ""
	case raw == "":
		f.empty(field, s, "form.required")
		return ""
	case len(raw) > maxPassword:
		f.Fail(field, s.message("form.too_long_to_read"))
		return ""
	case !utf8.ValidString(raw):
		f.Fail(field, s.message("form.encoding"))
		return ""
	case strings.ContainsFunc(raw, unicode.IsControl):
		f.Fail(field, s.message("form.control"))
		return ""
	}
	return raw
}

// cleanLine gives one line of text as it is kept, or the key of what is wrong.
func cleanLine(raw string) (clean, problem string) {
	clean, problem = cleanText(raw)
	if strings.Contains(clean, "\n") {
		return "", "form.line_break"
	}
	return strings.ReplaceAll(clean, "\t", " "), problem
}

// cleanText gives text as it is kept, or the key of what is wrong with it.
func cleanText(raw string) (clean, problem string) {
	if !utf8.ValidString(raw) {
		return "", "form.encoding"
	}
	for _, r := range raw {
		if forbidden(r) {
			return "", "form.control"
		}
	}
	clean = strings.TrimSpace(norm.NFC.String(lineEnds.Replace(raw)))
	if !strings.ContainsFunc(clean, visible) {
		return "", ""
	}
	return clean, ""
}

// lineEnds also takes away the marks that programs put before a text or between
// words without anybody seeing them: two names that look alike should be alike.
var lineEnds = strings.NewReplacer(
	"\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n",
	"\uFEFF", "", "\u200B", "",
)

// forbidden says that a character has no place in any text: control characters,
// overrides of the writing direction (they make a name read as another), and
// code points that are no characters and that XML and JSON readers choke on.
func forbidden(r rune) bool {
	switch {
	case r == '\n', r == '\r', r == '\t':
		return false
	case unicode.IsControl(r):
		return true
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
		return true
	case r >= 0xFDD0 && r <= 0xFDEF, r&0xFFFE == 0xFFFE:
		return true
	}
	return false
}

// visible says that a character leaves a mark on paper. A text of blanks that
// are no spaces is an empty one.
func visible(r rune) bool {
	switch r {
	case 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800: // fillers and the empty Braille pattern
		return false
	}
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.In(r, unicode.Mn, unicode.Cf)
}

// fold makes full-width digits and punctuation plain ones.
func fold(s string) string { return strings.TrimSpace(norm.NFKC.String(s)) }
