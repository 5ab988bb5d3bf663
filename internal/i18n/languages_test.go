package i18n

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// declaredKeys are beginnings of keys that no source names: they are put
// together from stored data alone. Keys built in Go or templ as "step."+name
// need no line here, the sources show where they begin.
var declaredKeys = []string{}

// latinOnly are the names and signs that stay as they are in every language.
var latinOnly = regexp.MustCompile(
	`ISO/IEC|Waymark|English|PostgreSQL|SMTP|CSV|JSON|PDF|URL|UTC|SHA-256|SLA|Ctrl|Esc|Enter|Tab|Shift|Alt`)

func TestLanguagesComplete(t *testing.T) {
	require.NoError(t, errLoad, "a file of texts cannot be read")
	for _, l := range Langs() {
		require.NotEmpty(t, catalogues[l], l.String())
	}
	require.Empty(t, differences(catalogues[EN], catalogues[ZH]))
}

func TestLanguagesUsed(t *testing.T) {
	found := scanSources(t, filepath.Join("..", ".."))
	keys := slices.Sorted(maps.Keys(catalogues[EN]))

	for _, c := range found.calls {
		if problem := c.check(catalogues[EN], keys); problem != "" {
			t.Errorf("%s: %s", c.where, problem)
		}
	}
	for _, key := range keys {
		if found.literals[key] {
			continue
		}
		begins := func(prefix string) bool { return strings.HasPrefix(key, prefix) }
		if !slices.ContainsFunc(found.prefixes, begins) && !slices.ContainsFunc(declaredKeys, begins) {
			t.Errorf("%s: no source uses this text", key)
		}
	}
}

func TestLanguagesChinese(t *testing.T) {
	for key, source := range sources(catalogues[ZH]) {
		if problem := chineseProblem(key, source); problem != "" {
			t.Errorf("%s: %s: %s", key, problem, source)
		}
	}
	for key, source := range sources(catalogues[EN]) {
		if han.MatchString(source) && !strings.Contains(key, "language") {
			t.Errorf("%s: Chinese in English: %s", key, source)
		}
	}
}

// The checks above must be able to fail.
func TestLanguagesChecksFindFaults(t *testing.T) {
	read := func(source string) catalogue {
		c := catalogue{}
		require.NoError(t, c.add("x", []byte(source)))
		return c
	}
	for name, pair := range map[string][2]string{
		"key only in English":    {`{"a":"A","b":"B"}`, `{"a":"甲"}`},
		"key only in Chinese":    {`{"a":"A"}`, `{"a":"甲","b":"乙"}`},
		"placeholder missing":    {`{"a":"A {x}"}`, `{"a":"甲"}`},
		"other placeholder":      {`{"a":"A {x}"}`, `{"a":"甲{y}"}`},
		"plural in English only": {`{"a":{"one":"{n} day","other":"{n} days"}}`, `{"a":"{n}天"}`},
		"English without one":    {`{"a":{"other":"{n} days"}}`, `{"a":{"other":"{n}天"}}`},
		"Chinese with one":       {`{"a":{"one":"{n} day","other":"{n} days"}}`, `{"a":{"one":"{n}天","other":"{n}天"}}`},
		"edge spaces":            {`{"a":"A "}`, `{"a":"甲"}`},
	} {
		require.NotEmpty(t, differences(read(pair[0]), read(pair[1])), name)
	}
	require.Empty(t, differences(
		read(`{"a":{"one":"One day","other":"{n} days"},"b":{"c":"{x} of {y}"}}`),
		read(`{"a":{"other":"{n}天"},"b":{"c":"{y}中的{x}"}}`)))

	for source, good := range map[string]bool{
		"差距评估":                   true,
		"{n}项检查已逾期（严重）。":         true,
		"{percent}%":             true,
		"Waymark":                true,
		"例如12 June的日期":           false,
		"查看9:30的记录":              true,
		"Gap assessment":         false,
		"差距, 评估":                 false,
		"差距评估(严重)":               false,
		"完成了吗?":                  false,
		"第{n}步: 审核":              false,
		"服务 SLA 报告":              false,
		"共 {n} 项":                false,
		"称为\"基线\"":               false,
		"已完成.":                   false,
		"完成 ，继续":                 false,
		"ISO/IEC 20000-1:2018认证": true,
	} {
		problem := chineseProblem("x.y", source)
		require.Equal(t, good, problem == "", "%s: %s", source, problem)
	}

	en := read(`{"late":{"one":"{n} day late by {who}","other":"{n} days late by {who}"},"step":{"a":"A"}}`)
	keys := slices.Sorted(maps.Keys(en))
	for source, good := range map[string]bool{
		`i18n.T(ctx, "x.late", "n", f(1, 2), "who", "a, b")`: true,
		`i18n.T(ctx, "x.late", args...)`:                     true,
		`lang.T("x.late", "n", 1, "who", name)`:              true,
		`i18n.M("x.step." + s.String())`:                     true,
		`i18n.T(ctx, "x.late", "n", 1)`:                      false,
		`i18n.T(ctx, "x.late", "n", 1, "who", 2, "why", 3)`:  false,
		`i18n.T(ctx, "x.gone")`:                              false,
		`i18n.M("x.steps." + s.String())`:                    false,
	} {
		calls := scanCalls("here", source)
		require.Len(t, calls, 1, source)
		require.Equal(t, good, calls[0].check(en, keys) == "", source)
	}
}

// differences lists what two languages do not have alike.
func differences(en, zh catalogue) []string {
	var all []string
	both := maps.Clone(en)
	maps.Copy(both, zh)
	for _, key := range slices.Sorted(maps.Keys(both)) {
		e, z := en[key], zh[key]
		switch {
		case e == nil:
			all = append(all, key+": English is missing")
			continue
		case z == nil:
			all = append(all, key+": Chinese is missing")
			continue
		}
		if a, b := placeholders(e), placeholders(z); !slices.Equal(a, b) {
			all = append(all, fmt.Sprintf("%s: placeholders %v in English, %v in Chinese", key, a, b))
		}
		if e.plural != z.plural {
			all = append(all, key+": a plural message in one language only (Chinese has just \"other\")")
		}
		for l, entry := range map[Lang]*entry{EN: e, ZH: z} {
			all = append(all, formProblems(l, key, entry)...)
		}
	}
	return all
}

// formsOf are the plural categories of each language (CLDR, plural rules).
var formsOf = map[Lang][]string{EN: {"one", "other"}, ZH: {"other"}}

func formProblems(l Lang, key string, e *entry) []string {
	var all []string
	if e.plural {
		var forms []string
		for form, t := range e.forms {
			if t != nil {
				forms = append(forms, categories[form])
			}
		}
		slices.Sort(forms)
		if !slices.Equal(forms, formsOf[l]) {
			all = append(all, fmt.Sprintf("%s: forms %v in %s, which needs %v", key, forms, l, formsOf[l]))
		}
	}
	for _, t := range texts(e) {
		source := sourceOf(t)
		if source != strings.TrimSpace(source) && !strings.HasPrefix(key, "list.") {
			all = append(all, fmt.Sprintf("%s: space at an end of %q", key, source))
		}
		if strings.Contains(source, "  ") || strings.ContainsAny(source, "\t\r") {
			all = append(all, fmt.Sprintf("%s: blanks in %q", key, source))
		}
	}
	return all
}

func texts(e *entry) []*text {
	if !e.plural {
		return []*text{&e.text}
	}
	var all []*text
	for _, t := range e.forms {
		if t != nil {
			all = append(all, t)
		}
	}
	return all
}

func placeholders(e *entry) []string {
	var names []string
	for _, t := range texts(e) {
		names = append(names, t.names...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func sourceOf(t *text) string {
	var b strings.Builder
	for i, p := range t.pieces {
		b.WriteString(p)
		if i < len(t.names) {
			b.WriteString("{" + t.names[i] + "}")
		}
	}
	return b.String()
}

func sources(c catalogue) map[string]string {
	all := map[string]string{}
	for key, e := range c {
		for i, t := range texts(e) {
			name := key
			if i > 0 {
				name = fmt.Sprintf("%s (%d)", key, i)
			}
			all[name] = sourceOf(t)
		}
	}
	return all
}

var (
	han         = regexp.MustCompile(`\p{Han}`)
	latin       = regexp.MustCompile(`[A-Za-z]`)
	placeholder = regexp.MustCompile(`\{[a-z0-9_]+\}`)
	halfWidth   = regexp.MustCompile(`\p{Han}\}?[,;:!?()."']|[,;:!?()"']\p{Han}|[,;:!?] \p{Han}|\}[,;!?()]|\}: `)
	typedSpace  = regexp.MustCompile(`\p{Han} +[A-Za-z0-9{]|[A-Za-z0-9}%] +\p{Han}|\p{Han} +\p{Han}`)
	wideSpace   = regexp.MustCompile(` [，。；：！？、（）“”《》]|[，。；：！？、（）“”《》] `)
)

// chineseProblem says what a native reader would stumble over. The near date is
// the one text with a space between words, as calendars write it.
func chineseProblem(key, source string) string {
	bare := latinOnly.ReplaceAllString(placeholder.ReplaceAllString(source, ""), "")
	switch {
	case key == "date.near":
		return ""
	case !han.MatchString(source) && latin.MatchString(bare):
		return "not translated"
	case !han.MatchString(source):
		return ""
	case halfWidth.MatchString(source):
		return "half-width punctuation"
	case typedSpace.MatchString(source):
		return "a space typed between Han and Latin"
	case wideSpace.MatchString(source):
		return "a space beside full-width punctuation"
	case englishWord.MatchString(bare):
		return "English words"
	}
	return ""
}

// englishWord is two words of Latin letters in a row, or a digit and a word: a
// phrase left untranslated, and no name or code.
var englishWord = regexp.MustCompile(`[A-Za-z]{2,} [A-Za-z]{2,}|[0-9] [A-Z][a-z]{2,}`)

// found is what the sources say about keys.
type found struct {
	calls    []call
	literals map[string]bool // every literal that could be a key
	prefixes []string        // every literal with a dot that something is added to
}

// call is a use of a key: the key or its beginning, and the names of the
// arguments, unless they are not written out.
type call struct {
	where, key string
	prefix     bool
	names      []string
	unknown    bool
}

func scanSources(t *testing.T, root string) found {
	t.Helper()
	f := found{literals: map[string]bool{}}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if name != ".." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "data" || name == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		isGo := strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && !strings.HasSuffix(name, "_templ.go")
		if !isGo && !strings.HasSuffix(name, ".templ") {
			return nil
		}
		data, err := os.ReadFile(path) //nolint:gosec // G304: a source file of this repository
		if err != nil {
			return err
		}
		source := comment.ReplaceAllString(string(data), "")
		for _, m := range keyLiteral.FindAllStringSubmatch(source, -1) {
			f.literals[m[1]] = true
		}
		for _, m := range prefixLiteral.FindAllStringSubmatch(source, -1) {
			f.prefixes = append(f.prefixes, m[1])
		}
		if strings.Contains(source, `internal/i18n"`) || strings.Contains(source, "\npackage i18n\n") || strings.HasPrefix(source, "package i18n\n") {
			f.calls = append(f.calls, scanCalls(path, source)...)
		}
		return nil
	})
	require.NoError(t, err)
	return f
}

var (
	comment       = regexp.MustCompile(`(?m)^\s*//.*$`)
	keyLiteral    = regexp.MustCompile(`"([a-z0-9_-]+(?:\.[a-z0-9_-]+)+)"`)
	prefixLiteral = regexp.MustCompile(`"([a-z0-9_-]+\.[a-z0-9_.-]*)(?:"\s*\+|%)`)
	callStart     = regexp.MustCompile(`(\bi18n\.T|\bi18n\.M|\bform\.Label|\bform\.RequiredSaying|\.T|\bT|\bM)\(`)
	wholeLiteral  = regexp.MustCompile(`^"([^"\\]*)"$`)
	beginLiteral  = regexp.MustCompile(`^"([^"\\]*)"\s*\+`)
)

// scanCalls finds the texts that a source asks for by a key written out.
func scanCalls(where, source string) []call {
	var calls []call
	for _, m := range callStart.FindAllStringSubmatchIndex(source, -1) {
		function := source[m[2]:m[3]]
		if function == "T" && m[2] > 0 && source[m[2]-1] == '.' {
			continue
		}
		at := 0
		if function == "i18n.T" || function == "T" {
			at = 1
		}
		args := splitArgs(source[m[1]:])
		if len(args) <= at {
			continue
		}
		c := call{where: fmt.Sprintf("%s:%d", where, 1+strings.Count(source[:m[0]], "\n"))}
		if literal := wholeLiteral.FindStringSubmatch(args[at]); literal != nil {
			c.key = literal[1]
		} else if literal := beginLiteral.FindStringSubmatch(args[at]); literal != nil {
			c.key, c.prefix = literal[1], true
		} else {
			continue
		}
		rest := args[at+1:]
		c.unknown = function == "form.Label"
		for i, a := range rest {
			literal := wholeLiteral.FindStringSubmatch(a)
			switch {
			case strings.HasSuffix(a, "..."), i%2 == 0 && literal == nil:
				c.unknown = true
			case i%2 == 0:
				c.names = append(c.names, literal[1])
			}
		}
		calls = append(calls, c)
	}
	return calls
}

// splitArgs splits the text behind an opening parenthesis at the commas of the
// same level, up to the closing one.
func splitArgs(s string) []string {
	var args []string
	depth, start := 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '`', '\'':
			for i++; i < len(s) && s[i] != c; i++ {
				if s[i] == '\\' && c != '`' {
					i++
				}
			}
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth == 0 {
				if last := strings.TrimSpace(s[start:i]); last != "" {
					args = append(args, last)
				}
				return args
			}
			depth--
		case ',':
			if depth == 0 {
				args = append(args, strings.TrimSpace(s[start:i]))
				start = i + 1
			}
		}
	}
	return args
}

// check says what is wrong with a use of a key.
func (c call) check(en catalogue, keys []string) string {
	if c.prefix {
		if !slices.ContainsFunc(keys, func(k string) bool { return strings.HasPrefix(k, c.key) }) {
			return fmt.Sprintf("no text begins with %q", c.key)
		}
		return ""
	}
	e := en[c.key]
	if e == nil {
		return fmt.Sprintf("there is no text %q", c.key)
	}
	if c.unknown {
		return ""
	}
	wanted := placeholders(e)
	for _, name := range wanted {
		if !slices.Contains(c.names, name) && (name != "label" || !strings.HasPrefix(c.key, "form.")) {
			return fmt.Sprintf("%q needs the argument %q", c.key, name)
		}
	}
	if e.plural && !slices.Contains(c.names, "n") {
		return fmt.Sprintf("%q needs the argument \"n\" to choose its form", c.key)
	}
	for _, name := range c.names {
		if !slices.Contains(wanted, name) && name != "n" {
			return fmt.Sprintf("%q has no place for the argument %q", c.key, name)
		}
	}
	return ""
}
