package page

import (
	"context"
	"strconv"
	"strings"

	"waymark/internal/domain/scope"
	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
)

// filled gives the form to show: the one that was refused, when it holds the
// given field, else a new one filled with what is stored. A page with several
// forms asks each for a field of its own.
func filled(f *form.Form, own string, version int, pairs ...string) *form.Form {
	if f != nil && f.Has(own) {
		return f
	}
	out := form.New(nil)
	out.Set(form.VersionField, strconv.Itoa(version))
	for i := 0; i+1 < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

// formVersion is the version that a form carries: its own where it was sent
// back, because a stale one was given the newer version to replace.
func formVersion(f *form.Form, stored int) int {
	if n, err := strconv.Atoi(f.Value(form.VersionField)); err == nil {
		return n
	}
	return stored
}

// options makes the choices of a select of words with translation keys.
func options(ctx context.Context, prefix string, words ...string) []component.Option {
	out := make([]component.Option, len(words))
	for i, w := range words {
		out[i] = component.Option{Value: w, Label: i18n.T(ctx, prefix+w)}
	}
	return out
}

// colleagueOptions makes the choices of a select of people.
func colleagueOptions(list []readmodel.Colleague) []component.Option {
	out := make([]component.Option, len(list))
	for i, c := range list {
		out[i] = component.Option{Value: c.Person.String(), Label: c.Name, Hint: c.Email}
	}
	return out
}

func colleagueNames(ctx context.Context, list []readmodel.Colleague) string {
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.Name
	}
	return i18n.List(ctx, names)
}

// orDash shows that something is empty.
func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// own gives the refused form only to the form of the page that it came from,
// which is known by a field that no other has.
func own(f *form.Form, field string) *form.Form {
	if f.Has(field) {
		return f
	}
	return nil
}

// optional shows a number that may be missing.
func optional(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// checked is the value of a ticked box.
func checked(on bool) string {
	if on {
		return "on"
	}
	return ""
}

func includedWord(in bool) string {
	if in {
		return "in"
	}
	return "out"
}

// ruleKey is a scope rule's word in translation keys: "sc_03".
func ruleKey(r scope.Rule) string {
	return strings.ToLower(strings.ReplaceAll(r.String(), "-", "_"))
}

// confirmed finds the standing confirmation of a subject.
func confirmed(given []readmodel.Confirmation, subject string) *readmodel.Confirmation {
	for i := range given {
		if given[i].Subject == subject {
			return &given[i]
		}
	}
	return nil
}
