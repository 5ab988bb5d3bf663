package blob_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waymark/internal/blob"
	"waymark/internal/fault"
)

func spool(t *testing.T, content []byte, limit int64) (*blob.Spooled, error) {
	t.Helper()
	dir := t.TempDir()
	s, err := blob.Spool(dir, bytes.NewReader(content), limit)
	left, readErr := os.ReadDir(dir)
	require.NoError(t, readErr)
	require.Empty(t, left, "no file of that name stays behind, whatever happens next")
	if s != nil {
		t.Cleanup(func() { _ = s.Close() })
	}
	return s, err
}

func TestSpoolComesBackByteForByte(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		size := rapid.SampledFrom([]int{1, blob.ChunkSize - 1, blob.ChunkSize, blob.ChunkSize + 1, 2*blob.ChunkSize + 7}).Draw(r, "size")
		content := bytes.Repeat([]byte("evidence\n"), size/9+1)[:size]
		s, err := blob.Spool("", bytes.NewReader(content), int64(size))
		require.NoError(r, err)
		defer func() { _ = s.Close() }()
		require.EqualValues(r, size, s.Size)
		require.Equal(r, sha256.Sum256(content), s.SHA256)
		for range 2 { // a second reading begins anew
			var back []byte
			parts := 0
			for part, err := range s.Chunks() {
				require.NoError(r, err)
				require.LessOrEqual(r, len(part), blob.ChunkSize)
				back = append(back, part...)
				parts++
			}
			require.Equal(r, content, back)
			require.Equal(r, (size+blob.ChunkSize-1)/blob.ChunkSize, parts)
		}
	})
}

func TestSpoolLimits(t *testing.T) {
	t.Parallel()
	_, err := spool(t, nil, 10)
	require.ErrorIs(t, err, blob.ErrEmpty)
	_, err = spool(t, []byte("0123456789x"), 10)
	require.ErrorIs(t, err, blob.ErrTooLarge)
	require.Equal(t, fault.TooLarge, fault.Of(err))
	_, err = spool(t, []byte("0123456789"), 10)
	require.NoError(t, err)
	_, err = blob.Spool(t.TempDir(), io.MultiReader(strings.NewReader("some"), broken{}), 100)
	require.ErrorIs(t, err, errBroken)
}

var errBroken = errors.New("the line broke")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }

func zipped(t *testing.T, name string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	require.NoError(t, err)
	_, err = f.Write([]byte("content"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// The name of a file and the type that a browser claims play no part: only the
// content decides.
func TestSpoolTakesByContent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content []byte
		kind    string // empty: refused
	}{
		"pdf":        {[]byte("%PDF-1.7\n1 0 obj\n"), "application/pdf"},
		"png":        {[]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "image/png"},
		"text":       {[]byte("Minutes of 3 May\nPresent: all\n"), "text/plain"},
		"chinese":    {[]byte("会议纪要：全员到场\n"), "text/plain"},
		"csv":        {[]byte("a,b,c\n1,2,3\n4,5,6\n"), "text/csv"},
		"json":       {[]byte(`{"incidents": [1, 2]}`), "application/json"},
		"zip":        {zipped(t, "log.txt"), "application/zip"},
		"workbook":   {zipped(t, "xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		"html":       {[]byte("<!DOCTYPE html><html><script>alert(1)</script></html>"), ""},
		"svg":        {[]byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`), ""},
		"program":    {append([]byte("MZ"), make([]byte, 200)...), ""},
		"elf":        {append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 200)...), ""},
		"script":     {[]byte("#!/usr/bin/env node\nconsole.log(1)\n"), ""},
		"java":       {zipped(t, "META-INF/MANIFEST.MF"), ""},
		"unknown":    {[]byte{0x00, 0x01, 0x02, 0xfe, 0xff, 0x10, 0x9b}, ""},
		"installer":  {append([]byte("\xca\xfe\xba\xbe\x00\x00\x00\x34"), make([]byte, 64)...), ""},
		"web script": {[]byte("#!/usr/bin/python\nprint(1)\n"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := spool(t, c.content, 1<<20)
			if c.kind == "" {
				require.ErrorIs(t, err, blob.ErrType)
				require.Equal(t, fault.Invalid, fault.Of(err))
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.kind, s.MediaType)
		})
	}
}

func TestExtension(t *testing.T) {
	t.Parallel()
	require.Equal(t, ".pdf", blob.Extension("application/pdf"))
	require.Empty(t, blob.Extension("application/x-never-heard-of"))
}
