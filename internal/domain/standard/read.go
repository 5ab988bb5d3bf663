package standard

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

//go:embed *.json
var embedded embed.FS

const libraryFile = "editions.json"

// file is the language-free part of an edition as it stands in its file.
type file struct {
	Edition Edition  `json:"edition"`
	Roles   []string `json:"roles"`
	Clauses []struct {
		Number        ClauseNumber `json:"number"`
		Parent        ClauseNumber `json:"parent"`
		Level         int          `json:"level"`
		Leaf          bool         `json:"leaf"`
		TitleOfficial bool         `json:"title_official"`
		Checks        []struct {
			ID         CheckID    `json:"id"`
			Weight     int        `json:"weight"`
			Owner      string     `json:"owner"`
			Documented Documented `json:"documented"`
			Basis      Basis      `json:"documented_basis"`
			Items      string     `json:"items"`
			Condition  string     `json:"condition"`
		} `json:"checks"`
	} `json:"clauses"`
	Documents []struct {
		Key     string         `json:"key"`
		Clauses []ClauseNumber `json:"clauses"`
		Kind    Documented     `json:"kind"`
		Basis   Basis          `json:"basis"`
	} `json:"documents"`
}

// readLibrary reads the list of editions and, for each id in it, <id>.json and
// the text files <id>.<language>.json.
func readLibrary(fsys fs.FS) (*library, error) {
	var list struct {
		Current  string   `json:"current"`
		Editions []string `json:"editions"`
	}
	if err := readJSON(fsys, libraryFile, &list); err != nil {
		return nil, err
	}
	l := &library{current: list.Current, ids: list.Editions, catalogues: map[string]*Catalogue{}}
	for _, id := range list.Editions {
		c, err := readCatalogue(fsys, id)
		if err != nil {
			return nil, fmt.Errorf("edition %s: %w", id, err)
		}
		l.catalogues[id] = c
	}
	if l.catalogues[l.current] == nil {
		return nil, fmt.Errorf("%s: current edition %q is not in the list", libraryFile, l.current)
	}
	return l, nil
}

func readCatalogue(fsys fs.FS, id string) (*Catalogue, error) {
	var f file
	if err := readJSON(fsys, id+".json", &f); err != nil {
		return nil, err
	}
	if f.Edition.ID != id {
		return nil, fmt.Errorf("the file says it is edition %q", f.Edition.ID)
	}
	c := &Catalogue{
		edition:  f.Edition,
		roles:    f.Roles,
		clauseAt: make(map[ClauseNumber]int, len(f.Clauses)),
		checkAt:  map[CheckID]int{},
		texts:    map[string]*texts{},
	}
	c.take(&f)
	if err := c.verify(); err != nil {
		return nil, err
	}
	if err := c.readTexts(fsys); err != nil {
		return nil, err
	}
	return c, nil
}

// take copies the file's contents into the catalogue and builds its lookups.
func (c *Catalogue) take(f *file) {
	for i, fc := range f.Clauses {
		clause := Clause{
			Number: fc.Number, Parent: fc.Parent, Level: fc.Level,
			Leaf: fc.Leaf, TitleOfficial: fc.TitleOfficial,
		}
		first := len(c.checks)
		for _, fk := range fc.Checks {
			c.checkAt[fk.ID] = len(c.checks)
			c.checks = append(c.checks, Check{
				ID: fk.ID, Clause: fc.Number, Documented: fk.Documented, Basis: fk.Basis,
				Weight: fk.Weight, Owner: fk.Owner, Items: fk.Items,
				HasCondition: fk.Condition != "", condition: fk.Condition,
			})
			clause.Checks = append(clause.Checks, fk.ID)
		}
		c.clauseAt[fc.Number] = i
		c.clauses = append(c.clauses, clause)
		c.branch = append(c.branch, span{first, len(c.checks)})
	}
	// A branch ends where its last clause ends. Walking backwards, a parent is
	// reached after all that stands below it.
	for i := len(c.clauses) - 1; i >= 0; i-- {
		if p, ok := c.clauseAt[c.clauses[i].Parent]; ok {
			c.branch[p].end = max(c.branch[p].end, c.branch[i].end)
		}
	}
	for _, fd := range f.Documents {
		c.documents = append(c.documents, Document{fd.Key, fd.Clauses, fd.Kind, fd.Basis})
	}
}

// verify refuses data that the rest of the package could not rely on. All faults
// are reported at once, for whoever edits the files.
func (c *Catalogue) verify() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }

	for i, clause := range c.clauses {
		number := string(clause.Number)
		parent := number[:max(0, strings.LastIndexByte(number, '.'))]
		if string(clause.Parent) != parent {
			fault("clause %s: parent is %q", number, clause.Parent)
		}
		if _, ok := c.clauseAt[clause.Parent]; !ok && parent != "" {
			fault("clause %s: parent %s is missing", number, parent)
		}
		if clause.Level != strings.Count(number, ".")+1 {
			fault("clause %s: level is %d", number, clause.Level)
		}
		if i > 0 && CompareClauses(c.clauses[i-1].Number, clause.Number) >= 0 {
			fault("clause %s: out of order or twice", number)
		}
		hasChild := i+1 < len(c.clauses) && c.clauses[i+1].Parent == clause.Number
		if clause.Leaf == hasChild {
			fault("clause %s: leaf is %t", number, clause.Leaf)
		}
		if !clause.Leaf && len(clause.Checks) > 0 {
			fault("clause %s: has checks but is not a leaf", number)
		}
	}
	for i, check := range c.checks {
		if clause, letter, _ := strings.Cut(string(check.ID), "-"); clause != string(check.Clause) || letter == "" {
			fault("check %s: stands under clause %s", check.ID, check.Clause)
		}
		if i > 0 && CompareChecks(c.checks[i-1].ID, check.ID) >= 0 {
			fault("check %s: out of order or twice", check.ID)
		}
		if check.Weight < 1 || check.Weight > 3 {
			fault("check %s: weight is %d", check.ID, check.Weight)
		}
		if !slices.Contains(c.roles, check.Owner) {
			fault("check %s: owner %q is not a role", check.ID, check.Owner)
		}
		if (check.Documented == DocumentedNone) != (check.Basis == BasisNone) {
			fault("check %s: documented %s with basis %s", check.ID, check.Documented, check.Basis)
		}
	}
	keys := map[string]bool{}
	for _, d := range c.documents {
		if keys[d.Key] {
			fault("document %s: stands there twice", d.Key)
		}
		keys[d.Key] = true
		if d.Kind == DocumentedNone || d.Basis == BasisNone || len(d.Clauses) == 0 {
			fault("document %s: kind, basis or clause is missing", d.Key)
		}
		for _, number := range d.Clauses {
			if _, ok := c.clauseAt[number]; !ok {
				fault("document %s: no clause %s", d.Key, number)
			}
		}
	}
	for _, a := range c.edition.Amendments {
		for _, number := range a.Clauses {
			if _, ok := c.clauseAt[number]; !ok {
				fault("%s: no clause %s", a.Name(), number)
			}
		}
	}
	return errors.Join(faults...)
}

// readTexts reads every language the edition has a file for and refuses one that
// lacks a text or has one too many.
func (c *Catalogue) readTexts(fsys fs.FS) error {
	names, err := fs.Glob(fsys, c.edition.ID+".*.json")
	if err != nil {
		return fmt.Errorf("listing languages: %w", err)
	}
	for _, name := range names {
		t := &texts{}
		if err := readJSON(fsys, name, t); err != nil {
			return err
		}
		if path.Base(name) != c.edition.ID+"."+t.Language+".json" {
			return fmt.Errorf("%s: says it is language %q", name, t.Language)
		}
		if err := c.verifyTexts(t); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.texts[t.Language] = t
	}
	base, ok := c.texts[baseLanguage]
	if !ok {
		return fmt.Errorf("no texts in %q", baseLanguage)
	}
	for lang, t := range c.texts {
		// Notes are optional by clause, but not by language.
		if err := sameKeys("notes", maps.Keys(base.Notes), t.Notes, nonEmpty); err != nil {
			return fmt.Errorf("language %s: %w", lang, err)
		}
	}
	return nil
}

func (c *Catalogue) verifyTexts(t *texts) error {
	return errors.Join(
		sameKeys("clauses", maps.Keys(c.clauseAt), t.Clauses, nonEmpty),
		sameKeys("checks", maps.Keys(c.checkAt), t.Checks, func(k checkText) bool {
			return k.Question != "" && k.Evidence != ""
		}),
		sameKeys("roles", slices.Values(c.roles), t.Roles, nonEmpty),
		sameKeys("conditions", func(yield func(string) bool) {
			for _, check := range c.checks {
				if check.HasCondition && !yield(check.condition) {
					return
				}
			}
		}, t.Conditions, nonEmpty),
		sameKeys("documents", func(yield func(string) bool) {
			for _, d := range c.documents {
				if !yield(d.Key) {
					return
				}
			}
		}, t.Documents, nonEmpty),
		sameKeys("amendments", func(yield func(string) bool) {
			for _, a := range c.edition.Amendments {
				if !yield(strconv.Itoa(a.Number)) {
					return
				}
			}
		}, t.Amendments, nonEmpty),
	)
}

func nonEmpty(s string) bool { return s != "" }

// sameKeys reports keys that are wanted and have no complete text, and keys that
// have a text nobody wants.
func sameKeys[K ~string, V any](what string, want iter.Seq[K], have map[K]V, complete func(V) bool) error {
	var faults []error
	wanted := map[K]bool{}
	for key := range want {
		if v, ok := have[key]; !wanted[key] && (!ok || !complete(v)) {
			faults = append(faults, fmt.Errorf("%s: %q has no text", what, key))
		}
		wanted[key] = true
	}
	for key := range have {
		if !wanted[key] {
			faults = append(faults, fmt.Errorf("%s: %q is unknown", what, key))
		}
	}
	return errors.Join(faults...)
}

func readJSON(fsys fs.FS, name string, into any) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("reading data: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: more than one value", name)
	}
	return nil
}
