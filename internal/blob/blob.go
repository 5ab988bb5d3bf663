// Package blob receives files: it spools one to a bounded temporary file,
// recognises its type by its content, takes its SHA-256, and cuts it into the
// parts that are stored. It holds no connection and knows no database; the
// store takes the parts within its transaction.
//
// # Which files are taken
//
// The name and the type that a browser sends are claims of the sender and
// decide nothing. A file is taken if its content is recognised as one of the
// kinds that people keep as evidence: documents, workbooks, presentations,
// drawings, mails, plain text and its tables, images, recordings, and archives
// of them. Programs, scripts that a browser runs (HTML, SVG, JavaScript),
// installers, shortcuts, fonts and everything unrecognised are refused: nobody
// needs them as evidence, and a colleague who opens one runs it. An archive is
// never opened here. What was taken is still only handed out as an attachment
// that a browser may not interpret.
package blob

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"waymark/internal/fault"
)

// ChunkSize is the largest part of a file that is stored as one: 256 KiB, so
// that neither storing nor reading a file ever holds the whole in memory.
const ChunkSize = 256 << 10

// DefaultMax is the largest file taken where nothing else was configured.
const DefaultMax int64 = 25 << 20

// The reasons why a file is not taken. Each is fault.Invalid but ErrTooLarge,
// which is fault.TooLarge.
var (
	ErrEmpty    = fault.Wrap(fault.Invalid, "taking a file", errors.New("it is empty"))
	ErrType     = fault.Wrap(fault.Invalid, "taking a file", errors.New("its type is not on the list"))
	ErrTooLarge = fault.Wrap(fault.TooLarge, "taking a file", errors.New("it is larger than allowed"))
)

// sniffed is how much of a file the recognition looks at.
const sniffed = 64 << 10

// Spooled is a file that was received whole. Close it; nothing is left on the
// disk then, nor after a crash.
type Spooled struct {
	Size      int64
	SHA256    [32]byte
	MediaType string
	// Extension is the usual one of the type, with its dot, or empty.
	Extension string

	file *os.File
}

// Spool receives a file of at most limit bytes into a temporary file in dir
// ("" is the system's place). It answers ErrEmpty, ErrTooLarge or ErrType, or
// the reader's own error; a full disk is fault.Full.
func Spool(dir string, from io.Reader, limit int64) (*Spooled, error) {
	file, err := os.CreateTemp(dir, "waymark-upload-")
	if err != nil {
		return nil, fmt.Errorf("opening a temporary file: %w", err)
	}
	s := &Spooled{file: file}
	// Without a name the file is gone as soon as it is closed, however the
	// program ends.
	if err := os.Remove(file.Name()); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("hiding a temporary file: %w", err)
	}
	if err := s.receive(from, limit); err != nil {
		_ = file.Close()
		return nil, err
	}
	return s, nil
}

func (s *Spooled) receive(from io.Reader, limit int64) error {
	hash := sha256.New()
	out := bufio.NewWriterSize(s.file, ChunkSize)
	var head bytes.Buffer
	n, err := io.Copy(io.MultiWriter(out, hash), io.TeeReader(io.LimitReader(from, limit+1), &first{&head, sniffed}))
	if err != nil {
		return fmt.Errorf("receiving a file: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("receiving a file: %w", err)
	}
	switch {
	case n == 0:
		return ErrEmpty
	case n > limit:
		return ErrTooLarge
	}
	s.Size = n
	s.SHA256 = [32]byte(hash.Sum(nil))
	kind := mimetype.Detect(head.Bytes())
	if !taken(kind) {
		return ErrType
	}
	s.MediaType, _, _ = strings.Cut(kind.String(), ";")
	s.Extension = kind.Extension()
	return nil
}

// first keeps the beginning of what is written to it.
type first struct {
	keep *bytes.Buffer
	max  int
}

func (f *first) Write(p []byte) (int, error) {
	if left := f.max - f.keep.Len(); left > 0 {
		f.keep.Write(p[:min(left, len(p))])
	}
	return len(p), nil
}

// Chunks reads the file again from its beginning, in parts of ChunkSize, the
// last one shorter. A part is only valid until the next.
func (s *Spooled) Chunks() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		part := make([]byte, ChunkSize)
		for at := int64(0); at < s.Size; at += ChunkSize {
			n := min(ChunkSize, s.Size-at)
			if _, err := s.file.ReadAt(part[:n], at); err != nil {
				yield(nil, fmt.Errorf("reading a received file: %w", err))
				return
			}
			if !yield(part[:n], nil) {
				return
			}
		}
	}
}

// Close gives the disk's space back.
func (s *Spooled) Close() error { return s.file.Close() }

// kinds are the types that are taken, beside every image, recording and film
// that is not among the refused.
var kinds = []string{
	"application/pdf",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation",
	"application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet",
	"application/vnd.oasis.opendocument.presentation", "application/vnd.oasis.opendocument.graphics",
	"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
	"application/vnd.ms-visio.drawing.main+xml", "application/x-ole-storage",
	"application/vnd.ms-outlook", "message/rfc822",
	"text/plain", "text/csv", "text/tab-separated-values", "text/rtf", "text/vcard", "text/calendar",
	"application/json", "application/geo+json", "application/x-ndjson", "text/xml", "application/xml",
	"application/zip", "application/x-7z-compressed", "application/gzip", "application/x-tar",
	"application/pkcs7-signature", "application/ogg", "image/vnd.dwg",
}

// taken is the decision described at the top of this package.
func taken(kind *mimetype.MIME) bool {
	if slices.ContainsFunc(kinds, kind.Is) {
		return true
	}
	name := kind.String()
	if kind.Is("image/svg+xml") {
		return false
	}
	return strings.HasPrefix(name, "image/") || strings.HasPrefix(name, "audio/") || strings.HasPrefix(name, "video/")
}

// Extension gives the usual extension of a media type, with its dot, or "".
func Extension(mediaType string) string {
	if kind := mimetype.Lookup(mediaType); kind != nil {
		return kind.Extension()
	}
	return ""
}
