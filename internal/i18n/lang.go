package i18n

import (
	"context"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Lang is a language Waymark speaks completely. Its number is the index of the
// language in every table of this package.
type Lang uint8

// The languages. English is what a reader gets whose own is not among them.
const (
	EN Lang = iota
	ZH
)

// Langs lists every language, in the order they are offered.
func Langs() []Lang { return []Lang{EN, ZH} }

// String is the short code of the language, as it is stored and as the folder
// of its texts is named: "en", "zh".
func (l Lang) String() string {
	if l == ZH {
		return "zh"
	}
	return "en"
}

// Tag is the language for the lang attribute and the Content-Language header.
func (l Lang) Tag() string {
	if l == ZH {
		return "zh-Hans"
	}
	return "en"
}

// Name is the language's name in itself, for the choice of languages.
func (l Lang) Name() string {
	if l == ZH {
		return "简体中文"
	}
	return "English"
}

// ParseLang reads a stored or posted language: its code or its tag, in any
// case.
func ParseLang(s string) (Lang, bool) {
	for _, l := range Langs() {
		if strings.EqualFold(s, l.String()) || strings.EqualFold(s, l.Tag()) {
			return l, true
		}
	}
	return EN, false
}

// tags are the languages for matching and for plural rules, indexed by Lang.
var tags = [...]language.Tag{EN: language.English, ZH: language.SimplifiedChinese}

var matcher = language.NewMatcher(tags[:])

// headerLimit bounds what is read of an Accept-Language header; browsers send
// a few dozen bytes.
const headerLimit = 512

// Match picks the language for a browser's Accept-Language header. Readers of
// traditional Chinese get Simplified Chinese unless they also ask for English;
// whoever asks for nothing we have, or sends nonsense, gets English.
func Match(acceptLanguage string) Lang {
	if len(acceptLanguage) > headerLimit {
		return EN
	}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(wanted) == 0 {
		return EN
	}
	// The index is kept, not the tag: the matched tag carries extensions of
	// the wanted one (en-u-rg-gbzzzz) and compares equal to nothing.
	_, index, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		return EN
	}
	return Lang(index) //nolint:gosec // G115: an index into tags, which has two entries
}

type langKey struct{}

// With gives the language of everything rendered under the context.
func With(ctx context.Context, l Lang) context.Context {
	return context.WithValue(ctx, langKey{}, l)
}

// From is the language of the context, English where none was given.
func From(ctx context.Context) Lang {
	l, _ := ctx.Value(langKey{}).(Lang)
	return l
}

// Plural categories of CLDR, in the order of the package plural.
var categories = [...]string{
	plural.Other: "other", plural.Zero: "zero", plural.One: "one",
	plural.Two: "two", plural.Few: "few", plural.Many: "many",
}

// category is the plural form that the language uses for a count.
func (l Lang) category(n quantity) plural.Form {
	return plural.Cardinal.MatchPlural(tags[l], n.whole, n.digits, n.digits, n.fraction, n.fraction)
}
