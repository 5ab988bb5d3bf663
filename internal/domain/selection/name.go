package selection

import (
	"strings"
	"unicode"
)

// Firm brings the name of a firm into the form in which two names are compared:
// without regard to case, width, accents, punctuation, spaces and the legal form
// ("TÜV Nord Cert GmbH" and "TUV NORD CERT"). It is the empty text only for a
// name without letters and digits.
func Firm(name string) string {
	words := strings.Fields(normal(name))
	for len(words) > 1 && legalForm(words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	if len(words) > 1 && leadingForm(words[0]) {
		words = words[1:]
	}
	joined := strings.Join(words, "")
	for _, form := range []string{"股份有限公司", "有限责任公司", "有限公司", "公司"} {
		switch short, found := strings.CutSuffix(joined, form); {
		case short == "":
			return joined
		case found:
			return short
		}
	}
	return joined
}

// Person brings the name of a person into the form in which two names are
// compared: without regard to case, width, accents, punctuation and spaces.
func Person(name string) string { return strings.ReplaceAll(normal(name), " ", "") }

func legalForm(word string) bool {
	switch word {
	case "ltd", "limited", "inc", "incorporated", "llc", "llp", "lp", "plc", "corp", "corporation", "co", "company",
		"gmbh", "mbh", "ag", "kg", "se", "sa", "sas", "sarl", "srl", "spa", "sl", "bv", "nv", "ab", "as", "aps", "oy",
		"pty", "pte", "pvt", "bhd", "sdn", "tbk", "kk", "and": // what "& Co." leaves
		return true
	default:
		return false
	}
}

// leadingForm is a legal form that stands before the name, as in Indonesia.
func leadingForm(word string) bool { return word == "pt" || word == "cv" }

// normal folds case, width and accents. Full stops and apostrophes vanish, so
// that "S.A." is one word; other punctuation parts words.
func normal(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= '！' && r <= '～' { // full-width forms of ASCII
			r -= '！' - '!'
		}
		r = unicode.ToLower(r)
		switch {
		case r == '.' || r == '\'' || r == '’' || r == '‘' || unicode.Is(unicode.Mn, r):
		case r == '&':
			b.WriteString(" and ")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteString(plain(r))
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// plain takes the accent from a Latin letter.
func plain(r rune) string {
	for _, row := range []struct{ letters, base string }{
		{"àáâãäåāăą", "a"}, {"çćĉċč", "c"}, {"ďđð", "d"}, {"èéêëēĕėęě", "e"}, {"ĝğġģ", "g"}, {"ìíîïĩīĭįı", "i"},
		{"ķ", "k"}, {"ĺļľł", "l"}, {"ñńņň", "n"}, {"òóôõöøōŏő", "o"}, {"ŕŗř", "r"}, {"śŝşšș", "s"}, {"ţťț", "t"},
		{"ùúûüũūŭůűų", "u"}, {"ŵ", "w"}, {"ýÿŷ", "y"}, {"źżž", "z"}, {"ß", "ss"}, {"æ", "ae"}, {"œ", "oe"},
	} {
		if strings.ContainsRune(row.letters, r) {
			return row.base
		}
	}
	return string(r)
}
