package archtest

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

const module = "waymark"

// rule says what the packages of one place may import. Places and imports are
// paths below the module; "/..." covers the packages below as well.
type rule struct {
	place   string
	imports []string // packages of ours, beside those of the same place
	std     bool     // beside them only the standard library
	tests   bool     // imported by tests, and by places of this kind, only
}

// rules is the house, from the inside out. The first row that covers a package
// counts.
var rules = []rule{
	{place: "internal/domain/...", std: true},
	{place: "internal/fault", std: true},
	{place: "internal/password", imports: []string{"internal/fault"}},
	{place: "internal/i18n", imports: []string{"internal/domain/..."}},
	{place: "internal/readmodel", imports: []string{"internal/domain/..."}, std: true},
	{place: "internal/form", imports: []string{"internal/domain/...", "internal/i18n"}},

	// What lies outside: one package for each thing, called by app.
	{place: "internal/mail", imports: []string{"internal/domain/...", "internal/readmodel", "internal/i18n", "internal/fault"}},
	{place: "internal/blob", imports: []string{"internal/fault"}},
	{place: "internal/postgres/embedded", imports: []string{"internal/fault"}},
	{place: "internal/postgres/backup"},
	{place: "internal/postgres/seed", imports: []string{"internal/domain/standard"}},
	{place: "internal/postgres", imports: []string{"internal/domain/...", "internal/readmodel", "internal/fault"}},
	{place: "migrations"},

	{place: "internal/app", imports: []string{
		"internal/domain/...", "internal/readmodel", "internal/postgres", "internal/fault",
		"internal/blob", "internal/mail", "internal/password",
	}},
	{place: "web/...", imports: []string{"internal/domain/...", "internal/readmodel", "internal/form", "internal/i18n"}},
	{place: "internal/server", imports: []string{
		"internal/app", "web/...", "internal/domain/...", "internal/readmodel", "internal/form", "internal/i18n", "internal/fault",
	}},
	// What can be set, read and checked; the packages it is for judge their own.
	{place: "internal/config", imports: []string{"internal/mail"}},
	{place: "cmd/...", imports: []string{"..."}},

	{place: "internal/pgtest", imports: []string{"migrations", "internal/postgres/..."}, tests: true},
	{place: "internal/browsertest", tests: true},
	{place: "internal/archtest", std: true, tests: true},
	{place: "internal/walk", imports: []string{
		"internal/server", "internal/app", "internal/postgres", "internal/password", "internal/domain/...", "internal/readmodel",
	}, tests: true},
	{place: "internal/tools/..."},
}

// owners lists libraries that only some places may use: SQL is spoken in one
// place, HTTP routed in one, HTML made in one, and what tests need stays in tests.
var owners = map[string][]string{
	"github.com/jackc/pgx":           {"internal/postgres/...", "migrations", "internal/pgtest", "internal/config", "cmd/..."},
	"database/sql":                   {"internal/postgres/...", "migrations", "internal/pgtest"},
	"github.com/golang-migrate":      {"migrations", "internal/pgtest"},
	"github.com/go-chi":              {"internal/server"},
	"github.com/a-h/templ":           {"web/...", "internal/server"},
	"net/smtp":                       {},
	"github.com/wneessen/go-mail":    {"internal/mail"},
	"github.com/chromedp":            {"internal/browsertest"},
	"github.com/stretchr/testify":    {"internal/pgtest"},
	"pgregory.net/rapid":             {},
	"github.com/PuerkitoBio/goquery": {},
	"testing":                        {"internal/pgtest", "internal/browsertest"},
	"math/rand":                      {},                // math/rand/v2, or crypto/rand for secrets
	"html/template":                  {"internal/mail"}, // pages are made by templ
	"github.com/google/uuid":         {"internal/app", "internal/server", "internal/postgres", "internal/pgtest", "cmd/..."},
	"github.com/gabriel-vasile":      {"internal/blob"},
	"golang.org/x/crypto/argon2":     {"internal/password", "internal/app"},
	"github.com/klauspost/compress":  {"internal/server"},
	"golang.org/x/text/language":     {"internal/i18n"},
	"golang.org/x/text/feature":      {"internal/i18n"},
	"github.com/arran4/golang-ical":  {"internal/app"},
	"github.com/go-chi/httprate":     {"internal/server"},
	"golang.org/x/mod/sumdb/note":    {"internal/app", "internal/domain/trail"},
}

// anyones lie below a library with an owner and are free for all: the old random
// numbers have a newer version, and a type of the domain may know its column.
var anyones = []string{"math/rand/v2", "database/sql/driver"}

// vague are package names that say nothing about what is inside.
var vague = []string{"util", "utils", "common", "model", "models", "helper", "helpers", "misc", "base", "shared", "types", "interfaces"}

// pkg is what go list says about a package.
type pkg struct {
	ImportPath, Name, Dir              string
	Imports, TestImports, XTestImports []string
	GoFiles, TestGoFiles, XTestGoFiles []string
}

// covers reports whether a place, as a row names it, holds a path below the module.
func covers(place, below string) bool {
	if place == "..." {
		return true
	}
	if prefix, ok := strings.CutSuffix(place, "/..."); ok {
		return below == prefix || strings.HasPrefix(below, prefix+"/")
	}
	return below == place
}

func anyCovers(places []string, below string) bool {
	return slices.ContainsFunc(places, func(place string) bool { return covers(place, below) })
}

func below(importPath string) (string, bool) {
	if importPath == module {
		return "", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

func ruleFor(rules []rule, path string) (rule, bool) {
	i := slices.IndexFunc(rules, func(r rule) bool { return covers(r.place, path) })
	if i < 0 {
		return rule{}, false
	}
	return rules[i], true
}

// offences lists what the packages do against the rules, in words.
func offences(rules []rule, packages []pkg) []string {
	var found []string
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }

	for _, p := range packages {
		here, _ := below(p.ImportPath)
		r, ok := ruleFor(rules, here)
		if !ok {
			say("%s is in no row of the table", here)
			continue
		}
		if slices.Contains(vague, path.Base(here)) || slices.Contains(vague, p.Name) {
			say("%s: the name says nothing about what is inside", here)
		}
		for _, imported := range p.Imports {
			theirs, ours := below(imported)
			switch target, _ := ruleFor(rules, theirs); {
			case !ours:
				for _, offence := range outside(r, here, imported) {
					say("%s", offence)
				}
			case target.tests && !r.tests:
				say("%s imports %s, which is for tests only", here, theirs)
			case covers(r.place, theirs), anyCovers(r.imports, theirs):
			default:
				say("%s imports %s", here, theirs)
			}
		}
		// Tests may use what they need to set things up, but a rule about the
		// domain is proven without a database and without pages.
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			if theirs, ours := below(imported); ours && strings.HasPrefix(r.place, "internal/domain") && !covers(r.place, theirs) {
				say("%s: its tests import %s", here, theirs)
			}
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(found)))
}

// outside judges an import that is not ours.
func outside(r rule, here, imported string) []string {
	var found []string
	if r.std && !standard(imported) {
		return []string{fmt.Sprintf("%s imports %s, which is not of the standard library", here, imported)}
	}
	if slices.Contains(anyones, imported) {
		return nil
	}
	for library, places := range owners {
		if (imported == library || strings.HasPrefix(imported, library+"/")) && !anyCovers(places, here) {
			found = append(found, fmt.Sprintf("%s imports %s, which belongs to %s", here, imported, strings.Join(append(places, "tests"), ", ")))
		}
	}
	return found
}

func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}
