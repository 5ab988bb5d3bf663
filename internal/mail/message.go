// Package mail writes the mails that Waymark sends, in both languages, and
// hands one mail at a time to a mail server.
//
// It keeps nothing: mails wait in the database until they are sent, or for good
// where no server is configured and the administrator reads them there.
package mail

import (
	"net/mail"
	"strings"
	"unicode"

	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/i18n"
)

// Message is one mail to one person.
type Message struct {
	To        identity.Email
	Subject   string
	Text      string
	HTML      string
	Kind      Kind
	MessageID string // without angle brackets; the same whenever the mail is sent again
}

// Kind is what a mail is about.
type Kind uint8

// The kinds of mail.
const (
	KindInvitation Kind = iota + 1
	KindPasswordReset
	KindDueList
)

// Kinds lists them.
func Kinds() []Kind { return []Kind{KindInvitation, KindPasswordReset, KindDueList} }

// String is the kind as it is stored.
func (k Kind) String() string {
	switch k {
	case KindInvitation:
		return "invitation"
	case KindPasswordReset:
		return "password_reset"
	case KindDueList:
		return "due_list"
	default:
		return ""
	}
}

// ParseKind reads a stored kind.
func ParseKind(s string) (Kind, bool) {
	for _, k := range Kinds() {
		if k.String() == s {
			return k, true
		}
	}
	return 0, false
}

// MessageID is the lasting Message-ID of a stored mail, in the domain that it
// is sent from (RFC 5322, section 3.6.4). A mail that reaches its reader twice,
// because an answer of the server was lost, is then seen as one.
func MessageID(m id.Mail, from string) string {
	domain := "waymark.invalid"
	if a, err := mail.ParseAddress(from); err == nil {
		domain = a.Address[strings.LastIndexByte(a.Address, '@')+1:]
	}
	return m.String() + "@" + domain
}

// languageOf is the language to write to a person in. A mail has no browser to
// ask: whoever left the choice to it is written to in English.
func languageOf(l identity.Language) i18n.Lang {
	if l == identity.LanguageChinese {
		return i18n.ZH
	}
	return i18n.EN
}

const maxSubject = 200

// subject is a text fit for a header line: no line breaks, and short enough for
// any reader.
func subject(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if r := []rune(s); len(r) > maxSubject {
		s = string(r[:maxSubject-1]) + "…"
	}
	return strings.TrimSpace(s)
}
