package standard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// copyEmbedded returns the embedded files for a test to break.
func copyEmbedded(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	entries, err := fs.ReadDir(embedded, ".")
	require.NoError(t, err)
	for _, e := range entries {
		data, err := fs.ReadFile(embedded, e.Name())
		require.NoError(t, err)
		files[e.Name()] = &fstest.MapFile{Data: data}
	}
	return files
}

func TestBrokenDataIsRefused(t *testing.T) {
	const structure, english, chinese = "iso20000-1-2018.json", "iso20000-1-2018.en.json", "iso20000-1-2018.zh.json"
	for name, test := range map[string]struct{ file, old, with, want string }{
		"not JSON":                {structure, `{`, `[`, "invalid character"},
		"two values":              {libraryFile, "}", "}{}", "more than one value"},
		"field nobody reads":      {structure, `"roles"`, `"rolls"`, `unknown field "rolls"`},
		"other edition":           {structure, `"id": "iso20000-1-2018"`, `"id": "iso20000-1-2030"`, `says it is edition "iso20000-1-2030"`},
		"no such day":             {structure, `2021-09-30`, `2021-09-31`, "invalid date"},
		"parent of another":       {structure, `"number": "4.2", "parent": "4"`, `"number": "4.2", "parent": "5"`, `clause 4.2: parent is "5"`},
		"parent missing":          {structure, `"number": "5.2",`, `"number": "5.20",`, "clause 5.2.1: parent 5.2 is missing"},
		"level":                   {structure, `"parent": "4", "level": 2`, `"parent": "4", "level": 3`, "clause 4.1: level is 3"},
		"leaf":                    {structure, `"parent": "4", "level": 2, "leaf": true`, `"parent": "4", "level": 2, "leaf": false`, "clause 4.1: leaf is false"},
		"clause twice":            {structure, `"number": "4.3"`, `"number": "4.2"`, "clause 4.2: out of order or twice"},
		"check twice":             {structure, `"id": "4.1-b"`, `"id": "4.1-a"`, "check 4.1-a: out of order or twice"},
		"check of another clause": {structure, `"id": "4.1-b"`, `"id": "4.9-b"`, "check 4.9-b: stands under clause 4.1"},
		"weight":                  {structure, `"id": "4.1-b", "weight": 2`, `"id": "4.1-b", "weight": 4`, "check 4.1-b: weight is 4"},
		"owner":                   {structure, `"weight": 2, "owner": "sms_manager"`, `"weight": 2, "owner": "nobody"`, `check 4.1-a: owner "nobody" is not a role`},
		"documented":              {structure, `"documented": "document"`, `"documented": "paper"`, "unknown kind"},
		"basis":                   {structure, `"documented_basis": "implied"`, `"documented_basis": "guessed"`, "unknown basis"},
		"basis of nothing":        {structure, `"documented": "none"`, `"documented": "none", "documented_basis": "explicit"`, "check 4.1-a: documented none with basis explicit"},
		"document of no clause":   {structure, `"clauses": ["4.3", "7.5.4"]`, `"clauses": ["4.9"]`, "document scope: no clause 4.9"},
		"document without kind":   {structure, `"kind": "document"`, `"kind": "none"`, "document scope: kind, basis or clause is missing"},
		"document twice":          {structure, `"key": "objectives"`, `"key": "scope"`, "document scope: stands there twice"},
		"amendment of no clause":  {structure, `"clauses": ["4.1", "4.2"]`, `"clauses": ["1.2"]`, "Amd 1:2024: no clause 1.2"},
		"other language":          {chinese, `"language": "zh"`, `"language": "ja"`, `says it is language "ja"`},
		"title missing":           {chinese, `"8.6.1": "事件管理",`, ``, `clauses: "8.6.1" has no text`},
		"title of no clause":      {chinese, `"8.6.1": "事件管理",`, `"8.6.1": "事件管理", "8.6.9": "其他",`, `clauses: "8.6.9" is unknown`},
		"question empty":          {english, `"question": "Is there an agreed view of who has a stake in the SMS and the services?"`, `"question": ""`, `checks: "4.2-a" has no text`},
		"check without words":     {english, `"4.1-a": {`, `"4.1-z": {`, `checks: "4.1-a" has no text`},
		"condition missing":       {chinese, `"change_failed"`, `"change_fails"`, `conditions: "change_failed" has no text`},
		"role missing":            {chinese, `"audit_lead"`, `"audit_leader"`, `roles: "audit_lead" has no text`},
		"document nameless":       {english, `"scope": "Scope of the SMS"`, `"scope": ""`, `documents: "scope" has no text`},
		"amendment nameless":      {chinese, `"1": "气候行动变更"`, `"2": "气候行动变更"`, `amendments: "1" has no text`},
		"note missing":            {chinese, `"8.3.1": "本条款`, `"8.3.2": "本条款`, `notes: "8.3.1" has no text`},
		"current edition missing": {libraryFile, `"current": "iso20000-1-2018"`, `"current": "iso20000-1-2030"`, `"iso20000-1-2030" is not in the list`},
		"edition without file":    {libraryFile, `["iso20000-1-2018"]`, `["iso20000-1-2018", "iso20000-1-2030"]`, "edition iso20000-1-2030"},
	} {
		t.Run(name, func(t *testing.T) {
			files := copyEmbedded(t)
			data := string(files[test.file].Data)
			require.Contains(t, data, test.old, "the test must break something")
			files[test.file].Data = []byte(strings.Replace(data, test.old, test.with, 1))
			_, err := readLibrary(files)
			require.ErrorContains(t, err, test.want)
		})
	}

	for _, file := range []string{libraryFile, structure, english} {
		files := copyEmbedded(t)
		delete(files, file)
		_, err := readLibrary(files)
		require.Error(t, err, file)
	}
}

// A second edition and a third language are data alone.
func TestFurtherEditionAndLanguage(t *testing.T) {
	files := copyEmbedded(t)
	rename := func(from, to string, replace ...string) {
		files[to] = &fstest.MapFile{Data: []byte(strings.NewReplacer(replace...).Replace(string(files[from].Data)))}
	}
	rename("iso20000-1-2018.json", "iso20000-1-2030.json", `"id": "iso20000-1-2018"`, `"id": "iso20000-1-2030"`, `"year": 2018`, `"year": 2030`)
	rename("iso20000-1-2018.en.json", "iso20000-1-2030.en.json")
	rename("iso20000-1-2018.zh.json", "iso20000-1-2030.ja.json", `"language": "zh"`, `"language": "ja"`)
	files[libraryFile].Data = []byte(`{"current": "iso20000-1-2030", "editions": ["iso20000-1-2018", "iso20000-1-2030"]}`)

	l, err := readLibrary(files)
	require.NoError(t, err)
	require.Equal(t, "ISO/IEC 20000-1:2030", l.catalogues[l.current].Edition().Name())
	require.Equal(t, []string{"en", "ja"}, l.catalogues["iso20000-1-2030"].Languages())
	require.Equal(t, []string{"en", "zh"}, l.catalogues["iso20000-1-2018"].Languages())
}

// The decoder lets the last of two equal keys win in silence, which would hide a
// text pasted over another.
func TestNoKeyTwice(t *testing.T) {
	for name, file := range copyEmbedded(t) {
		require.NoError(t, walkKeys(json.NewDecoder(bytes.NewReader(file.Data))), name)
	}
	require.Error(t, walkKeys(json.NewDecoder(strings.NewReader(`{"a": [{"b": 1, "b": 2}]}`))))
}

func walkKeys(dec *json.Decoder) error {
	token, err := dec.Token()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('['):
		for dec.More() {
			if err := walkKeys(dec); err != nil {
				return err
			}
		}
		_, err = dec.Token()
	case json.Delim('{'):
		seen := map[json.Token]bool{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			if seen[key] {
				return fmt.Errorf("twice: %v", key)
			}
			seen[key] = true
			if err := walkKeys(dec); err != nil {
				return err
			}
		}
		_, err = dec.Token()
	}
	return err
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		if _, err := readLibrary(embedded); err != nil {
			b.Fatal(err)
		}
	}
}
