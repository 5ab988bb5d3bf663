package identity

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lengths of passwords in characters (NIST SP 800-63B-4, section 3.1.1.2: at
// least 15 where the password is the only factor, at least 8 where it is one of
// two, at least 64 accepted, no rules about kinds of characters).
const (
	MinPassword           = 15
	MinPasswordWithSecond = 8
	MaxPassword           = 256
)

// PasswordProblem is why a password is not accepted.
type PasswordProblem uint8

// The reasons, from the plainest to the subtlest.
const (
	PasswordFine       PasswordProblem = iota
	PasswordTooShort                   // fewer characters than MinPassword
	PasswordTooLong                    // more than MaxPassword
	PasswordRepeated                   // a few characters again and again
	PasswordSequence                   // made of runs such as 12345 and qwerty
	PasswordFromPerson                 // made of the person's own name, address or organization
	PasswordCommon                     // on the list of common ones, or made of them
)

// String is the reason as the last part of its translation key
// (password.problem.too_short); PasswordFine has none.
func (p PasswordProblem) String() string {
	switch p {
	case PasswordTooShort:
		return "too_short"
	case PasswordTooLong:
		return "too_long"
	case PasswordRepeated:
		return "repeated"
	case PasswordSequence:
		return "sequence"
	case PasswordFromPerson:
		return "from_person"
	case PasswordCommon:
		return "common"
	default:
		return ""
	}
}

// PasswordProblems lists the reasons, for the test that each has its sentence.
func PasswordProblems() []PasswordProblem {
	return []PasswordProblem{
		PasswordTooShort, PasswordTooLong, PasswordRepeated, PasswordSequence, PasswordFromPerson, PasswordCommon,
	}
}

// PasswordContext is what a guesser knows of the person: their password must
// not be made of it.
type PasswordContext struct {
	Email        Email
	Name         string
	Organization string
	SecondFactor bool // the person also gives a second factor at sign-in
}

// CheckPassword says whether a password may be chosen. It must already be
// normalized, as it will be hashed.
//
// The whole password is judged, not the words in it (as the standard demands):
// it is refused when, with upper case, digits for letters and punctuation put
// aside, three quarters of it or more are common passwords, words about the
// person, repetitions and keyboard runs.
func CheckPassword(password string, about PasswordContext) PasswordProblem {
	least := MinPassword
	if about.SecondFactor {
		least = MinPasswordWithSecond
	}
	switch n := utf8.RuneCountInString(password); {
	case n < least:
		return PasswordTooShort
	case n > MaxPassword:
		return PasswordTooLong
	}
	plain := simplify(password)
	if 2*len(plain) < len(password) {
		plain = strings.ToLower(password) // signs carry it, so signs count
	}
	readings := []string{plain, unleet(plain, "l"), unleet(plain, "i")}
	own := about.words()
	lists := commonPasswords()
	madeOf := func(words []string) bool {
		return slices.ContainsFunc(readings, func(r string) bool { return covered(r, words) })
	}
	isPhrase := func(r string) bool { return slices.Contains(lists.phrases, r) }
	switch {
	case repeated(plain) || distinct(password) < 5:
		return PasswordRepeated
	case covered(plain, nil):
		return PasswordSequence
	case madeOf(own):
		return PasswordFromPerson
	case slices.ContainsFunc(readings, isPhrase), madeOf(slices.Concat(own, lists.words)):
		return PasswordCommon
	}
	return PasswordFine
}

// simplify keeps letters and digits, in lower case.
func simplify(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, strings.NewReplacer("@", "a", "$", "s", "!", "").Replace(s))
}

// unleet reads digits as the letters they stand for: passw0rd. A 1 is one of
// two letters.
func unleet(s, one string) string {
	return strings.NewReplacer("0", "o", "1", one, "3", "e", "4", "a", "5", "s", "7", "t", "8", "b").Replace(s)
}

// words are the parts of what is known about the person, three letters and
// longer, in Chinese two.
func (c PasswordContext) words() []string {
	words := []string{"waymark", "iso20000", "20000"}
	local, domain, _ := strings.Cut(string(c.Email), "@")
	for _, source := range []string{local, domain, c.Name, c.Organization} {
		parts := strings.FieldsFunc(source, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for _, w := range append(parts, source) {
			w = simplify(w)
			if n := utf8.RuneCountInString(w); n >= 3 || (n == 2 && len(w) > 2) {
				words = append(words, w, unleet(w, "l"), unleet(w, "i"))
			}
		}
	}
	return words
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// repeated says that a text is one of at most eight characters written again
// and again, the last time perhaps cut.
func repeated(s string) bool {
	r := []rune(s)
	for period := 1; period <= 8 && 2*period <= len(r); period++ {
		same := true
		for i := period; i < len(r) && same; i++ {
			same = r[i] == r[i-period]
		}
		if same {
			return true
		}
	}
	return false
}

// covered says whether words and runs cover three quarters of the text. best[i]
// is the least that stays uncovered of the first i characters.
func covered(s string, words []string) bool {
	r := []rune(s)
	best := make([]int, len(r)+1)
	for i := range r {
		best[i+1] = len(r)
	}
	for i := range r {
		best[i+1] = min(best[i+1], best[i]+1)
		rest := string(r[i:])
		for _, w := range words {
			if strings.HasPrefix(rest, w) {
				end := i + utf8.RuneCountInString(w)
				best[end] = min(best[end], best[i])
			}
		}
		for n := 3; n <= runLength(r[i:]); n++ {
			best[i+n] = min(best[i+n], best[i])
		}
	}
	return 4*best[len(r)] <= len(r)
}

// rows are what fingers run along: the alphabet, the digits, the keys.
func rows() []string {
	return []string{
		"abcdefghijklmnopqrstuvwxyz", "01234567890", "!@#$%^&*()_+", "qwertyuiop", "asdfghjkl", "zxcvbnm",
		"qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
		"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp", "1q2w3e4r5t6y7u8i9o0p",
	}
}

// runLength is how many characters from the start run along a row, forward or
// backward, or are the same one.
func runLength(r []rune) int {
	longest := 1
	for longest < len(r) && r[longest] == r[0] {
		longest++
	}
	for _, row := range rows() {
		for _, step := range []int{1, -1} {
			n := 0
			for at := strings.IndexRune(row, r[0]); at >= 0 && at < len(row) && n < len(r) && rune(row[at]) == r[n]; at += step {
				n++
			}
			longest = max(longest, n)
		}
	}
	return longest
}

// commonList is the list of common passwords: phrases, 15 characters and
// longer, refused whole; words, refused where they make up a password.
type commonList struct{ phrases, words []string }

//go:embed common.txt
var commonText string

// commonPasswords reads the list; lines of fewer than 15 characters are words.
func commonPasswords() commonList {
	var list commonList
	for line := range strings.Lines(commonText) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case len(line) >= MinPassword:
			list.phrases = append(list.phrases, line)
		default:
			list.words = append(list.words, line)
		}
	}
	return list
}
