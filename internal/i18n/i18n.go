// Package i18n speaks to the reader in the reader's language.
//
// Go and templ name a text by its key; the words stand in
// locales/<language>/<topic>.json, where nested objects are joined by dots
// behind the topic: {"late":{"one":"{n} day late","other":"{n} days late"}} in
// task.json is the message "task.late", in a form chosen by its argument n.
// Every language is complete: the test of this package compares keys,
// placeholders and plural forms, and looks for every key that the sources use.
//
//	i18n.T(ctx, "task.title")
//	i18n.T(ctx, "task.late", "n", 6)
//	i18n.M("task.moved", "from", i18n.M("step.gap.title")).In(ctx)
package i18n

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"waymark/internal/domain/civil"
)

// T is the text of key in the language of the context. args are pairs of a
// placeholder's name and its value:
//
//   - text stands as it is, a whole number as plain digits; n, which chooses
//     the plural form, and every Count are grouped ("1,200 days late");
//   - a Message is translated, a civil.Date written as DateLong writes it;
//   - a list of texts or messages is joined as List does.
//
// A key that is not there gives the key in brackets; the test finds it first.
func T(ctx context.Context, key string, args ...any) string {
	return From(ctx).T(key, args...)
}

// T is the text of key in this language, for callers that render many texts
// and look the language up once. See the function T.
func (l Lang) T(key string, args ...any) string {
	e := catalogues[l][key]
	if e == nil {
		return "[" + key + "]"
	}
	if !e.plural && len(e.names) == 0 {
		return e.pieces[0]
	}
	t := &e.text
	if e.plural {
		if n, ok := lookup(args, "n"); ok {
			if q, ok := quantityOf(n); ok {
				if form := e.forms[l.category(q)]; form != nil {
					t = form
				}
			}
		}
		if len(t.names) == 0 {
			return t.pieces[0]
		}
	}
	return l.fill(t, args)
}

// Has says whether every language has the key, for tests of enumerations whose
// keys are put together from names.
func Has(key string) bool {
	for _, c := range catalogues {
		if c[key] == nil {
			return false
		}
	}
	return true
}

// Count is a number as an argument of T that is written with its thousands
// grouped, as Number does.
type Count int

// Message is a text yet to be rendered: its key and arguments, as T takes them.
// A Message may be an argument of another.
type Message struct {
	Key  string
	Args []any
}

// M makes a Message.
func M(key string, args ...any) Message { return Message{Key: key, Args: args} }

// In renders the message in the language of the context.
func (m Message) In(ctx context.Context) string { return From(ctx).T(m.Key, m.Args...) }

// IsZero says that there is no message.
func (m Message) IsZero() bool { return m.Key == "" }

func (l Lang) fill(t *text, args []any) string {
	var b strings.Builder
	size := 0
	for _, p := range t.pieces {
		size += len(p)
	}
	b.Grow(size + 16*len(t.names))
	for i, name := range t.names {
		b.WriteString(t.pieces[i])
		if value, ok := lookup(args, name); ok {
			b.WriteString(l.format(name, value))
		} else {
			b.WriteString("{" + name + "}")
		}
	}
	b.WriteString(t.pieces[len(t.names)])
	return b.String()
}

func lookup(args []any, name string) (any, bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if n, ok := args[i].(string); ok && n == name {
			return args[i+1], true
		}
	}
	return nil, false
}

func (l Lang) format(name string, value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int:
		if name == "n" {
			return l.Number(v)
		}
		return strconv.Itoa(v)
	case Count:
		return l.Number(int(v))
	case Message:
		return l.T(v.Key, v.Args...)
	case civil.Date:
		return l.DateLong(v)
	case []string:
		return l.List(v)
	case []Message:
		texts := make([]string, len(v))
		for i, m := range v {
			texts[i] = l.T(m.Key, m.Args...)
		}
		return l.List(texts)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case nil:
		return ""
	default:
		return fmt.Sprint(v)
	}
}

// quantity is a count as plural rules see it: its whole part, how many digits
// follow the point, and which.
type quantity struct{ whole, digits, fraction int }

func quantityOf(value any) (quantity, bool) {
	switch v := value.(type) {
	case int:
		return quantity{whole: abs(v)}, true
	case Count:
		return quantity{whole: abs(int(v))}, true
	case int64:
		return quantity{whole: abs(int(v))}, true
	case int32:
		return quantity{whole: abs(int(v))}, true
	case float64:
		text := strconv.FormatFloat(v, 'f', -1, 64)
		whole, fraction, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
		q := quantity{digits: len(fraction)}
		q.whole, _ = strconv.Atoi(whole)
		q.fraction, _ = strconv.Atoi(fraction)
		return q, true
	default:
		return quantity{}, false
	}
}

// abs is the size of a count. Plural rules look at the last six digits and
// whether there are more, so a larger one is cut to fit any int.
func abs(n int) int {
	const million = 1_000_000
	m := magnitude(n)
	if m >= million {
		m = million + m%million
	}
	return int(m)
}
