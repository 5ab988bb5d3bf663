package server

import (
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"waymark/internal/app"
	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/standard"
	"waymark/internal/fault"
	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/page"
)

func evidenceRoutes() []Route {
	at := project + "/assessment/checks/{check}/evidence"
	return []Route{
		get(at, permission.ReadProject, showEvidence),
		post(at, permission.CommentOwn, "evidence.added", addEvidence),
		post(project+"/evidence/{evidence}/withdraw", permission.CommentOwn, "evidence.withdrawn", withdrawEvidence),
		get(project+"/evidence/{evidence}/file", permission.ReadProject, downloadEvidence),
	}
}

func showEvidence(s *Server, w http.ResponseWriter, r *http.Request) error {
	check, err := checkOf(r)
	if err != nil {
		return err
	}
	return s.evidencePage(w, r, check, nil, http.StatusOK)
}

func (s *Server) evidencePage(w http.ResponseWriter, r *http.Request, check standard.CheckID, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.EvidencePage(r.Context(), acc, check)
	if err != nil {
		return err
	}
	p.MaxFile = s.maxFile
	return s.show(w, r, code, frame, page.TabAssessment, keyTitle("evidence.title", "check", string(check)), page.Evidence(&frame.Caller, &p, f, newKey()))
}

// addEvidence takes a file, a link or a note. Whether the visitor may is asked
// before a byte of a file is received.
func addEvidence(s *Server, w http.ResponseWriter, r *http.Request) error {
	check, err := checkOf(r)
	if err != nil {
		return err
	}
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	if err := s.app.MayAddEvidence(r.Context(), acc, check); err != nil {
		return err
	}
	show := func(f *form.Form, code int) error { return s.evidencePage(w, r, check, f, code) }
	f, file, err := s.received(w, r)
	if file != nil {
		defer func() { _ = file.Close() }()
	}
	switch fault.Of(err) {
	case fault.TooLarge:
		if f == nil {
			return err
		}
		f.Fail("file", i18n.M("evidence.file.large", "size", page.FileSize(r.Context(), s.maxFile)))
		return show(f, http.StatusRequestEntityTooLarge)
	case fault.Invalid:
		if f == nil {
			return err
		}
		explain(r.Context(), f, err)
		return show(f, http.StatusUnprocessableEntity)
	default:
		if err != nil {
			return err
		}
	}
	in := readEvidence(f, check, file != nil)
	acc = creating(acc, f)
	if !f.OK() {
		return show(f, http.StatusUnprocessableEntity)
	}
	if err := s.app.AddEvidence(r.Context(), acc, in, file); err != nil {
		return s.again(r, f, err, show)
	}
	return done(w, r, page.ProjectPath(acc.Organization, acc.Project)+"/assessment/checks/"+string(check)+"/evidence#list")
}

// Names that received puts into the form beside what was typed.
const (
	fileNameField = "file_name"
	fileHashField = "file_sha256"
)

// readEvidence reads one of the three forms of the page.
func readEvidence(f *form.Form, check standard.CheckID, hasFile bool) readmodel.NewEvidence {
	in := readmodel.NewEvidence{
		Check: check, Kind: form.Enum(f, "kind", func(word string) (string, bool) {
			return word, oneOf(word, "file", "link", "note") != ""
		}, form.Required),
	}
	switch in.Kind {
	case "file":
		in.Title = f.Text("file_title", form.Max(300), form.Label("evidence.name"))
		if in.Title == "" {
			in.Title = f.Value(fileNameField)
		}
		if !hasFile {
			f.Fail("file", i18n.M("evidence.file.missing"))
		}
	case "link":
		in.Link = f.URL("link", form.Required, form.Label("evidence.link.label"))
		in.Title = f.Text("link_title", form.Max(300), form.Label("evidence.name"))
		if u, err := url.Parse(in.Link); err == nil && in.Title == "" {
			in.Title = shortened(strings.TrimSuffix(u.Host+u.Path, "/"), 100)
		}
	case "note":
		in.Note = f.LongText("note", form.Required, form.Max(10000), form.Label("evidence.note.label"))
		in.Title = f.Text("note_title", form.Max(300), form.Label("evidence.name"))
		if in.Title == "" {
			line, _, _ := strings.Cut(in.Note, "\n")
			in.Title = shortened(line, 100)
		}
	}
	return in
}

// shortened cuts a text to n characters.
func shortened(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return strings.TrimSpace(string(r[:n-1])) + "…"
	}
	return text
}

// received reads a form that may carry a file. The file goes to this machine's
// disk, bounded, while no connection to the database is held; form is given
// with an error of the file as well, with what was typed before it.
func (s *Server) received(w http.ResponseWriter, r *http.Request) (*form.Form, *app.Received, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		f, err := s.posted(r)
		return f, nil, err
	}
	// A file somewhat too large is still read to its end, so that the answer
	// can be a sentence rather than a broken connection.
	most := 4*s.maxFile + maxForm
	if r.ContentLength > most {
		return nil, nil, fault.Wrap(fault.TooLarge, "reading a form with a file", http.ErrContentLength)
	}
	r.Body = http.MaxBytesReader(w, r.Body, most)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, nil, fault.Wrap(fault.Invalid, "reading a form with a file", err)
	}
	values := url.Values{}
	var file *app.Received
	for n, size := 0, int64(0); ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || n >= 20 {
			return form.New(values), file, broken(err)
		}
		if part.FormName() == "file" {
			if part.FileName() == "" && file == nil { // a form without a file chosen
				continue
			}
			if file != nil {
				return form.New(values), file, fault.InvalidField("file", "evidence.file.several")
			}
			if file, err = s.receiveFile(part); err != nil {
				_, _ = io.Copy(io.Discard, r.Body)
				return form.New(values), file, err
			}
			values[fileNameField] = []string{fileName(part.FileName())}
			values[fileHashField] = []string{hex.EncodeToString(file.SHA256[:])}
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, maxForm))
		if err != nil {
			return form.New(values), file, broken(err)
		}
		if size += int64(len(text)); size >= maxForm {
			return nil, file, fault.Wrap(fault.TooLarge, "reading a form with a file", form.ErrTooLarge)
		}
		if name := part.FormName(); name != fileNameField && name != fileHashField {
			values.Add(name, string(text))
		}
	}
	return form.New(values), file, nil
}

func (s *Server) receiveFile(part *multipart.Part) (*app.Received, error) {
	file, err := s.app.ReceiveFile(part, s.maxFile)
	if err != nil && fault.Of(err) == fault.Unknown {
		return nil, broken(err)
	}
	return file, err
}

// broken tells a body that is too large from one that cannot be read.
func broken(err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return fault.Wrap(fault.Invalid, "reading a form with a file", form.ErrMalformed)
	case errors.As(err, &tooLarge):
		return fault.Wrap(fault.TooLarge, "reading a form with a file", err)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, multipart.ErrMessageTooLarge):
		return fault.Wrap(fault.Invalid, "reading a form with a file", err)
	}
	return fault.Wrap(fault.Invalid, "reading a form with a file", err)
}

// fileName keeps the last part of what the browser calls the file, without
// what no name should have.
func fileName(sent string) string {
	name := filepath.Base(strings.ReplaceAll(strings.ToValidUTF8(sent, ""), "\\", "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name))
	if name == "" || name == "." || name == "/" {
		return "file"
	}
	if r := []rune(name); len(r) > 200 {
		extension := []rune(filepath.Ext(name))
		if len(extension) > 20 {
			extension = nil
		}
		name = string(r[:200-len(extension)]) + string(extension)
	}
	return name
}

func withdrawEvidence(s *Server, w http.ResponseWriter, r *http.Request) error {
	evidence, err := param[id.Evidence](r, "evidence")
	if err != nil {
		return err
	}
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	if _, err := s.posted(r); err != nil {
		return err
	}
	if err := s.app.WithdrawEvidence(r.Context(), acc, evidence); err != nil {
		return err
	}
	return done(w, r, backTo(r, page.ProjectPath(acc.Organization, acc.Project)+"/assessment"))
}

// downloadEvidence hands a file out: as an attachment that no browser
// interprets, part by part, with no connection held between the parts.
func downloadEvidence(s *Server, w http.ResponseWriter, r *http.Request) error {
	evidence, err := param[id.Evidence](r, "evidence")
	if err != nil {
		return err
	}
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	file, err := s.app.EvidenceFile(r.Context(), acc, evidence)
	if err != nil {
		return err
	}
	h := w.Header()
	sent := int64(0)
	for n := 0; sent < file.Size; {
		parts, err := s.app.FileParts(r.Context(), acc, file.File, n)
		if err == nil && len(parts) == 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			if sent == 0 {
				return err
			}
			// Half a file must not look like a whole one.
			s.log.WarnContext(r.Context(), "sending a file", "error", err)
			panic(http.ErrAbortHandler)
		}
		if sent == 0 {
			h.Set("Content-Type", file.MediaType)
			h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.Title}))
			h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
			h.Set("Content-Length", strconv.FormatInt(file.Size, 10))
		}
		for _, part := range parts {
			if _, err := w.Write(part); err != nil { //nolint:gosec // G705: an attachment that no browser may interpret
				return nil //nolint:nilerr // the visitor went away
			}
			sent += int64(len(part))
		}
		n += len(parts)
	}
	return nil
}
