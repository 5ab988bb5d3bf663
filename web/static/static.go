// Package static serves the style sheet, the scripts and the icons from the
// binary. Every file has the hash of its content in its address, so browsers
// may keep it for ever and a new release is seen at once.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Prefix is the path under which Handler expects to be mounted.
const Prefix = "/static/"

//go:embed css/*.css js/*.js icon/*.svg
var files embed.FS

// styleSheets lists the parts of app.css in the order of the cascade layers.
// The order is written down instead of read from the folder because the first
// part declares the layers.
func styleSheets() []string {
	return []string{
		"css/reset.css", "css/tokens.css", "css/base.css", "css/layout.css",
		"css/control.css", "css/field.css", "css/table.css", "css/step.css",
		"css/mark.css", "css/message.css", "css/list.css",
		"css/page.css", "css/grid.css", "css/print.css",
	}
}

type asset struct {
	name   string
	url    string
	kind   string
	etag   string
	plain  []byte
	packed []byte
}

type library struct {
	byName map[string]*asset
	byURL  map[string]*asset
}

// assets is filled once from the embedded files and only read afterwards.
var assets = mustLoad()

func mustLoad() library {
	lib, err := load(files)
	if err != nil {
		// The files are part of the binary: only a broken build gets here.
		panic("static: " + err.Error())
	}
	return lib
}

func load(src fs.FS) (library, error) {
	lib := library{byName: map[string]*asset{}, byURL: map[string]*asset{}}
	var css bytes.Buffer
	for _, name := range styleSheets() {
		part, err := fs.ReadFile(src, name)
		if err != nil {
			return lib, fmt.Errorf("read style sheet: %w", err)
		}
		css.Write(squeeze(part))
	}
	if err := lib.add("app.css", css.Bytes()); err != nil {
		return lib, err
	}
	for _, folder := range []string{"js", "icon"} {
		entries, err := fs.ReadDir(src, folder)
		if err != nil {
			return lib, fmt.Errorf("list %s: %w", folder, err)
		}
		for _, entry := range entries {
			content, err := fs.ReadFile(src, path.Join(folder, entry.Name()))
			if err != nil {
				return lib, fmt.Errorf("read %s: %w", entry.Name(), err)
			}
			if path.Ext(entry.Name()) == ".js" {
				content = squeezeScript(content)
			}
			if err := lib.add(entry.Name(), content); err != nil {
				return lib, err
			}
		}
	}
	return lib, nil
}

func (l library) add(name string, content []byte) error {
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:6])
	ext := path.Ext(name)
	kind := mime.TypeByExtension(ext)
	if ext == ".js" {
		kind = "text/javascript; charset=utf-8"
	}
	var packed bytes.Buffer
	zip, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	if _, err := zip.Write(content); err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	if err := zip.Close(); err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	a := &asset{
		name:   name,
		url:    Prefix + strings.TrimSuffix(name, ext) + "." + hash + ext,
		kind:   kind,
		etag:   `"` + hash + `"`,
		plain:  content,
		packed: packed.Bytes(),
	}
	l.byName[name] = a
	l.byURL[a.url] = a
	return nil
}

// squeeze drops the comments and the indentation of a style sheet. The sources
// stay readable, and nothing but whitespace and comments is touched, so no
// parser is needed.
func squeeze(css []byte) []byte {
	for {
		start := bytes.Index(css, []byte("/*"))
		if start < 0 {
			break
		}
		end := bytes.Index(css[start:], []byte("*/"))
		if end < 0 {
			break
		}
		css = slices.Concat(css[:start], css[start+end+2:])
	}
	var out bytes.Buffer
	for line := range bytes.Lines(css) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			out.Write(line)
			out.WriteByte('\n')
		}
	}
	return out.Bytes()
}

// squeezeScript drops lines that are nothing but a comment. The script has no
// text over several lines in which such a line could stand; its test says so.
func squeezeScript(js []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(js) {
		if !bytes.HasPrefix(bytes.TrimSpace(line), []byte("//")) {
			out.Write(line)
		}
	}
	return out.Bytes()
}

// URL is the address of a file with its hash, for example
// "/static/app.3f9c0a12bd54.css" for "app.css". It panics for a name that is
// not part of the binary: that is a mistake in a template, seen by its test.
func URL(name string) string {
	a, ok := assets.byName[name]
	if !ok {
		panic("static: no file " + strconv.Quote(name))
	}
	return a.url
}

// Names lists the files that URL knows, in order.
func Names() []string {
	names := make([]string, 0, len(assets.byName))
	for name := range assets.byName {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Content is the file's bytes as served, for tests and tools.
func Content(name string) ([]byte, bool) {
	a, ok := assets.byName[name]
	if !ok {
		return nil, false
	}
	return bytes.Clone(a.plain), true
}

// PackedSize is the size of a file on the wire, gzip included.
func PackedSize(name string) int {
	if a, ok := assets.byName[name]; ok {
		return len(a.packed)
	}
	return 0
}

// Handler serves the files below Prefix. An address without the right hash is
// not found, so a stale page never gets the wrong release's file.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		a, ok := assets.byURL[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		a.serve(w, r)
	})
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", a.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("ETag", a.etag)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), a.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := a.plain
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = a.packed
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the reader may have left; nobody is left to tell
}

func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding == "gzip" || coding == "*" {
			quality := strings.TrimSpace(params)
			return quality != "q=0" && quality != "q=0.0" && quality != "q=0.00" && quality != "q=0.000"
		}
	}
	return false
}
