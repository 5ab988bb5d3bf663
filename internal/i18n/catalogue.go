package i18n

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"
)

//go:embed locales
var files embed.FS

// text is a message parsed once: fixed pieces and the placeholders between
// them. pieces has one more entry than names; without placeholders the message
// is pieces[0].
type text struct {
	pieces []string
	names  []string
}

// entry is what a key stands for in one language: one text, or a text for each
// plural category the language has.
type entry struct {
	text
	plural bool
	forms  [plural.Many + 1]*text
}

type catalogue map[string]*entry

// catalogues holds the texts of each language, read once when the program
// starts and never changed. loadError keeps what was wrong with a file: its
// keys are missing then, and the test of this package fails with it, but one
// broken file does not stop the program.
var catalogues, errLoad = load(files)

// load reads every locales/<language>/<topic>.json.
func load(from fs.FS) ([len(tags)]catalogue, error) {
	var all [len(tags)]catalogue
	var wrong []error
	for _, l := range Langs() {
		all[l] = catalogue{}
		names, err := fs.Glob(from, path.Join("locales", l.String(), "*.json"))
		if err != nil {
			wrong = append(wrong, err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(from, name)
			if err == nil {
				err = all[l].add(strings.TrimSuffix(path.Base(name), ".json"), data)
			}
			if err != nil {
				wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
			}
		}
	}
	return all, errors.Join(wrong...)
}

// add reads one file of texts. It walks the tokens, because decoding into a map
// would silently keep the last of two equal keys.
func (c catalogue) add(topic string, data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if err := expect(d, json.Delim('{')); err != nil {
		return err
	}
	if err := c.object(d, topic); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("text after the end of the object")
	}
	return nil
}

func expect(d *json.Decoder, want json.Token) error {
	got, err := d.Token()
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("expected %v, found %v", want, got)
	}
	return nil
}

var keyPart = regexp.MustCompile(`^[a-z0-9]+([_-][a-z0-9]+)*$`)

// object reads the members of an object whose brace is already read. When all
// of them are plural categories, "other" among them, they are one message.
func (c catalogue) object(d *json.Decoder, prefix string) error {
	var members []string
	leaves := map[string]string{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		if !keyPart.MatchString(name) {
			return fmt.Errorf("%s: key %q is not written like late_tasks or 8", prefix, name)
		}
		if slices.Contains(members, name) {
			return fmt.Errorf("%s.%s stands twice", prefix, name)
		}
		members = append(members, name)
		token, err = d.Token()
		if err != nil {
			return err
		}
		switch value := token.(type) {
		case string:
			leaves[name] = value
		case json.Delim:
			if value != '{' {
				return fmt.Errorf("%s.%s: only texts and objects are known", prefix, name)
			}
			if err := c.object(d, prefix+"."+name); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s.%s: only texts and objects are known", prefix, name)
		}
	}
	if err := expect(d, json.Delim('}')); err != nil {
		return err
	}
	return c.put(prefix, members, leaves)
}

func (c catalogue) put(prefix string, members []string, leaves map[string]string) error {
	isPlural := slices.Contains(members, "other") && len(leaves) == len(members)
	for _, m := range members {
		isPlural = isPlural && slices.Contains(categories[:], m)
	}
	if isPlural {
		e := &entry{plural: true}
		for form, name := range categories {
			source, ok := leaves[name]
			if !ok {
				continue
			}
			t, err := parse(source)
			if err != nil {
				return fmt.Errorf("%s.%s: %w", prefix, name, err)
			}
			e.forms[form] = &t
		}
		e.text = *e.forms[plural.Other]
		c[prefix] = e
		return nil
	}
	for name, source := range leaves {
		t, err := parse(source)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", prefix, name, err)
		}
		c[prefix+"."+name] = &entry{text: t}
	}
	return nil
}

var placeholderName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// parse splits a text at its {placeholders}.
func parse(source string) (text, error) {
	if strings.TrimSpace(source) == "" {
		return text{}, errors.New("empty text")
	}
	var t text
	rest := source
	for {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			t.pieces = append(t.pieces, rest)
			return t, nil
		}
		j := strings.IndexByte(rest[i:], '}')
		if rest[i] == '}' || j < 0 {
			return text{}, fmt.Errorf("unpaired brace in %q", source)
		}
		name := rest[i+1 : i+j]
		if !placeholderName.MatchString(name) {
			return text{}, fmt.Errorf("placeholder %q is not written like {name}", name)
		}
		t.pieces = append(t.pieces, rest[:i])
		t.names = append(t.names, name)
		rest = rest[i+j+1:]
	}
}
