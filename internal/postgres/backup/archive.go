package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"
)

const (
	dumpName     = "database.dump"
	manifestName = "manifest.json"
	sumName      = "sha256"

	block = 512
	// maxManifest bounds what is read into memory from a file of anybody's.
	maxManifest = 64 << 20
)

// header is the tar header of an entry: one block, whatever its size.
func header(name string, size int64, at time.Time) ([]byte, error) {
	var buf bytes.Buffer
	err := tar.NewWriter(&buf).WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: at, Format: tar.FormatGNU,
	})
	if err == nil && buf.Len() != block {
		err = fmt.Errorf("a header of %d bytes", buf.Len())
	}
	return buf.Bytes(), err
}

// padding fills the last block of an entry.
func padding(size int64) []byte { return make([]byte, (block-size%block)%block) }

// seal is the end of an archive: the sum of everything before, and the two
// empty blocks that end a tar file.
func seal(sum []byte, at time.Time) ([]byte, error) {
	text := hex.EncodeToString(sum) + "\n"
	head, err := header(sumName, int64(len(text)), at)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	buf.Write(head)
	buf.WriteString(text)
	buf.Write(padding(int64(len(text))))
	buf.Write(make([]byte, 2*block))
	return buf.Bytes(), nil
}

// draft is an archive while it is written: beside its final name, readable by
// nobody else, gone unless it was finished.
type draft struct {
	file   *os.File
	target string
	at     time.Time
	force  bool
}

// begin opens a draft of the file and leaves room for the first header.
func begin(target string, at time.Time, force bool) (*draft, error) {
	if err := free(target, force); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*.partial")
	if err != nil {
		return nil, &Error{Text: fmt.Sprintf("The backup cannot be written to %s: %s. Name a file in a folder that this account may write to.", filepath.Dir(target), reason(err)), Err: err}
	}
	d := &draft{file: file, target: target, at: at, force: force}
	if _, err := file.Write(make([]byte, block)); err != nil {
		d.discard()
		return nil, writing(target, err)
	}
	return d, nil
}

func free(target string, force bool) error {
	info, err := os.Lstat(target)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return &Error{Text: fmt.Sprintf("The backup cannot be written to %s: %s.", target, reason(err)), Err: err}
	case info.IsDir():
		return &Error{Text: fmt.Sprintf("%s is a folder: name a file in it.", target)}
	case !force:
		return &Error{Text: fmt.Sprintf("%s is there already and was left alone: choose another name, or add --force to replace it.", target)}
	}
	return nil
}

// finish writes what belongs around the dump and puts the file in place.
func (d *draft) finish(m *Manifest) (err error) {
	defer func() {
		if err != nil {
			d.discard()
			err = writing(d.target, err)
		}
	}()
	head, err := header(dumpName, m.Dump.Size, d.at)
	if err != nil {
		return err
	}
	if _, err := d.file.WriteAt(head, 0); err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	about, err := header(manifestName, int64(len(text)), d.at)
	if err != nil {
		return err
	}
	for _, part := range [][]byte{padding(m.Dump.Size), about, text, padding(int64(len(text)))} {
		if _, err := d.file.Write(part); err != nil {
			return err
		}
	}
	// What was written is read again, so that the sum is of what lies there.
	sum := sha256.New()
	if _, err := d.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(sum, d.file); err != nil {
		return err
	}
	end, err := seal(sum.Sum(nil), d.at)
	if err != nil {
		return err
	}
	if _, err := d.file.Write(end); err != nil {
		return err
	}
	if err := errors.Join(d.file.Chmod(0o600), d.file.Sync(), d.file.Close()); err != nil {
		return err
	}
	if err := free(d.target, d.force); err != nil { // it may have appeared meanwhile
		return err
	}
	if err := os.Rename(d.file.Name(), d.target); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(d.target))
}

func (d *draft) discard() {
	_ = d.file.Close()
	_ = os.Remove(d.file.Name())
}

// syncFolder makes a rename last.
func syncFolder(dir string) error {
	f, err := os.Open(dir) //nolint:gosec // the folder of the file that the administrator named
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func writing(target string, err error) error {
	if said, ok := errors.AsType[*Error](err); ok {
		return said
	}
	return &Error{Text: fmt.Sprintf("The backup could not be written to %s: %s. Nothing was left behind.", target, reason(err)), Err: err}
}

// reason is the system's word for a failure, without the name of the file.
func reason(err error) string {
	if pathErr, ok := errors.AsType[*os.PathError](err); ok {
		return pathErr.Err.Error()
	}
	if linkErr, ok := errors.AsType[*os.LinkError](err); ok {
		return linkErr.Err.Error()
	}
	return err.Error()
}

// Archive is a backup that was opened and found sound.
type Archive struct {
	Manifest Manifest

	file *os.File
	dump *io.SectionReader
}

// Open reads a backup through and checks every byte of it.
func Open(name string) (*Archive, error) {
	file, err := os.Open(name) //nolint:gosec // the file that the administrator named
	if err != nil {
		return nil, &Error{Text: fmt.Sprintf("The backup %s cannot be read: %s.", name, reason(err)), Err: err}
	}
	a := &Archive{file: file}
	if err := a.check(); err != nil {
		_ = file.Close()
		if said, ok := errors.AsType[*Error](err); ok {
			return nil, said
		}
		return nil, &Error{Text: fmt.Sprintf("The file %s is no backup of Waymark, or it was cut short or damaged (%s). Nothing was changed; take another copy of it.", name, err), Err: err}
	}
	return a, nil
}

// Close closes the file.
func (a *Archive) Close() error { return a.file.Close() }

func (a *Archive) check() error {
	info, err := a.file.Stat()
	if err != nil {
		return err
	}
	sum := sha256.New()
	at := int64(0) // how far the file was read and summed
	size, err := a.entry(sum, &at, dumpName)
	if err != nil {
		return err
	}
	a.dump = io.NewSectionReader(a.file, at, size)
	dumpSum := sha256.New()
	if err := a.skip(io.MultiWriter(sum, dumpSum), sum, &at, size); err != nil {
		return err
	}
	if size, err = a.entry(sum, &at, manifestName); err != nil {
		return err
	}
	if size > maxManifest {
		return errors.New("its manifest is too large")
	}
	var text bytes.Buffer
	if err := a.skip(io.MultiWriter(sum, &text), sum, &at, size); err != nil {
		return err
	}
	// The end is known to the last byte once everything before it is.
	head := make([]byte, block)
	if _, err := a.file.ReadAt(head, at); err != nil {
		return errors.New("its end is missing")
	}
	last, err := tar.NewReader(bytes.NewReader(head)).Next()
	if err != nil {
		return errors.New("its end cannot be read")
	}
	want, err := seal(sum.Sum(nil), last.ModTime)
	if err != nil {
		return err
	}
	have := make([]byte, len(want))
	if _, err := a.file.ReadAt(have, at); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !bytes.Equal(have, want) || info.Size() != at+int64(len(want)) {
		return errors.New("its sum is another")
	}
	m := &a.Manifest
	if err := json.Unmarshal(text.Bytes(), m); err != nil {
		return errors.New("its manifest cannot be read")
	}
	if m.Format != format {
		return &Error{Text: fmt.Sprintf("The backup was made by Waymark %s in a form that this one cannot read. Nothing was changed; restore it with that version or a newer one.", m.Waymark)}
	}
	if !last.ModTime.Equal(m.MadeAt) || m.Dump.SHA256 != hex.EncodeToString(dumpSum.Sum(nil)) || m.Dump.Size != a.dump.Size() {
		return errors.New("its manifest is that of another backup")
	}
	return nil
}

// entry reads the header of the next entry, which has to have this name.
func (a *Archive) entry(sum hash.Hash, at *int64, name string) (int64, error) {
	head := make([]byte, block)
	if _, err := a.file.ReadAt(head, *at); err != nil {
		return 0, fmt.Errorf("%s is missing", name)
	}
	h, err := tar.NewReader(bytes.NewReader(head)).Next()
	if err != nil || h.Name != name || h.Typeflag != tar.TypeReg || h.Size < 0 {
		return 0, fmt.Errorf("%s is missing", name)
	}
	sum.Write(head)
	*at += block
	return h.Size, nil
}

// skip sums the content of an entry and its padding.
func (a *Archive) skip(content, rest io.Writer, at *int64, size int64) error {
	pad := int64(len(padding(size)))
	for _, part := range []struct {
		to   io.Writer
		size int64
	}{{content, size}, {rest, pad}} {
		n, err := io.Copy(part.to, io.NewSectionReader(a.file, *at, part.size))
		if err != nil {
			return err
		}
		if n != part.size {
			return errors.New("it ends too early")
		}
		*at += n
	}
	return nil
}
