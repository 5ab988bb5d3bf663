package identity

import (
	"errors"
	"strings"
)

// Email is an address that mail can be sent to, written as its owner wrote it
// except that the domain is in lower case. The zero value is no address.
//
// Accepted is what mail servers of the world deliver to: a local part of
// dot-separated atoms (RFC 5322, section 3.4.1, without quoted strings and
// comments) of at most 64 bytes, and a domain of letters, digits and hyphens
// with a dot in it, 254 bytes in all (RFC 5321, section 4.5.3.1). Domains in
// other scripts are given in their "xn--" form. "localhost" is taken as a
// domain, for installations that are tried out.
type Email string

// ErrEmail is the error of ParseEmail.
var ErrEmail = errors.New("identity: not an e-mail address")

const (
	maxEmail     = 254
	maxLocalPart = 64
	maxLabel     = 63
)

// ParseEmail reads an address as people type it, with space around it. It
// gives ErrEmail for anything that is not one address.
func ParseEmail(s string) (Email, error) {
	s = strings.TrimSpace(s)
	at := strings.LastIndexByte(s, '@')
	if at < 1 || len(s) > maxEmail {
		return "", ErrEmail
	}
	local, domain := s[:at], strings.ToLower(s[at+1:])
	if !validLocalPart(local) || !validDomain(domain) {
		return "", ErrEmail
	}
	return Email(local + "@" + domain), nil
}

func validLocalPart(s string) bool {
	if len(s) > maxLocalPart {
		return false
	}
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.Trim(atom, atext) != "" {
			return false
		}
	}
	return true
}

// atext are the characters of an atom (RFC 5322, section 3.2.3).
const atext = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~"

func validDomain(s string) bool {
	if s != "localhost" && !strings.Contains(s, ".") {
		return false
	}
	last := ""
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return false
			}
		}
		last = label
	}
	return strings.Trim(last, "0123456789") != "" // 192.0.2.1 is a host, not a mail domain
}

// String is the address as it is shown and written to.
func (e Email) String() string { return string(e) }

// Key is the address for comparing: two people never share one. Mail servers
// may tell anna@ from Anna@, people do not.
func (e Email) Key() string { return strings.ToLower(string(e)) }

// LocalPart is what stands before the @.
func (e Email) LocalPart() string {
	local, _, _ := strings.Cut(string(e), "@")
	return local
}

// IsZero says that there is no address.
func (e Email) IsZero() bool { return e == "" }
