package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"waymark/internal/domain/id"
)

func newKey() string { return uuid.NewString() }

func gzipped(t *testing.T, body string) int {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, 1)
	require.NoError(t, err)
	_, err = io.WriteString(w, body)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Len()
}

// upload sends a file as a page of ours would.
func (v *visitor) upload(path, key, name string, content []byte, pairs ...string) *answer {
	v.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	require.NoError(v.t, w.WriteField("kind", "file"))
	require.NoError(v.t, w.WriteField("key", key))
	for i := 0; i+1 < len(pairs); i += 2 {
		require.NoError(v.t, w.WriteField(pairs[i], pairs[i+1]))
	}
	if name != "" {
		part, err := w.CreateFormFile("file", name)
		require.NoError(v.t, err)
		_, err = part.Write(content)
		require.NoError(v.t, err)
	}
	require.NoError(v.t, w.Close())
	return v.do(http.MethodPost, path, &b, w.FormDataContentType())
}

// document is a PDF of n bytes, as far as anybody looks at it.
func document(n int) []byte {
	content := append([]byte("%PDF-1.7\n"), make([]byte, n-9)...)
	for i := 9; i < n; i++ {
		content[i] = byte(i * 31 >> 3)
	}
	return content
}

func TestEvidenceFileRoundTrip(t *testing.T) {
	t.Parallel()
	s := newAssessment(t)
	v := s.as(t, "consultant")
	at := s.checkPath("8.6.1-a") + "/evidence"
	content := document(1<<20 + 3)

	page := v.get(at).ok().says("No evidence yet")
	key := page.key()
	for range 2 { // sent twice, stored once
		v.upload(at, key, "ticket report; \"April\".pdf", content).to()
	}
	require.EqualValues(t, 5, value[int64](s, `SELECT count(*) FROM file_chunk`))
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM evidence`))
	require.Equal(t, "application/pdf 1048579", value[string](s, `SELECT media_type || ' ' || size FROM file`))
	require.Equal(t, "not_assessed 1 0", value[string](s, `SELECT rating || ' ' || evidence || ' ' || version FROM rating`))
	v.upload(at, key, "other.pdf", document(50)).is(http.StatusConflict)

	page = v.get(at).ok().says("ticket report").says("1.1 MB")
	link := page.attr(`.table a[download]`, "href")
	for _, name := range []string{"consultant", "guest"} {
		got := s.as(t, name).get(link).is(http.StatusOK)
		require.True(t, got.body == string(content), "byte for byte")
		require.Contains(t, got.header.Get("Content-Disposition"), "attachment")
		require.Contains(t, got.header.Get("Content-Disposition"), "April")
		require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))
		require.True(t, strings.HasPrefix(got.header.Get("Content-Security-Policy"), "sandbox"))
		require.Equal(t, "application/pdf", got.header.Get("Content-Type"))
	}
	s.as(t, "stranger").get(link).is(http.StatusNotFound)
	s.as(t, "nobody").get(link).is(http.StatusNotFound)
	s.as(t, "").get(link).is(http.StatusSeeOther)
	other := "/o/" + s.OtherOrganization.String() + "/p/" + s.OtherProject.String()
	s.as(t, "stranger").get(other + link[len(s.path("")):]).is(http.StatusNotFound)

	// The same bytes under another check are stored once; other bytes anew.
	v.upload(s.checkPath("8.6.1-b")+"/evidence", newKey(), "copy.pdf", content).to()
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM file`))
	require.EqualValues(t, 2, value[int64](s, `SELECT count(*) FROM evidence`))
	v.upload(s.checkPath("8.6.1-b")+"/evidence", newKey(), "other.pdf", document(300)).to()
	require.EqualValues(t, 2, value[int64](s, `SELECT count(*) FROM file`))

	// Withdrawn evidence is kept and no longer counted.
	withdraw := page.attr(`.table form`, "action")
	for range 2 {
		v.post(withdraw).to()
	}
	require.EqualValues(t, 0, value[int32](s, `SELECT evidence FROM rating WHERE check_id = '8.6.1-a'`))
	v.get(at).ok().says("Withdrawn")
	v.get(link).is(http.StatusOK)
	require.Equal(t, []string{"step.started", "evidence.added", "evidence.added", "evidence.added", "evidence.withdrawn"}, s.events()[len(s.events())-5:])
}

func TestEvidenceRefusals(t *testing.T) {
	t.Parallel()
	s := newAssessment(t)
	v := s.as(t, "consultant")
	at := s.checkPath("8.6.1-a") + "/evidence"
	v.upload(at, newKey(), "", nil).is(http.StatusUnprocessableEntity).says("Choose a file")
	v.upload(at, newKey(), "empty.pdf", nil, "file_title", "Kept name").is(http.StatusUnprocessableEntity).says("empty")
	refused := v.upload(at, newKey(), "report.pdf", []byte("<!DOCTYPE html><html><script>alert(1)</script></html>"), "file_title", "Kept name").
		is(http.StatusUnprocessableEntity).says("save it as PDF")
	require.Equal(t, "Kept name", refused.attr(`input[name="file_title"]`, "value"))
	v.upload(at, newKey(), "a.pdf", document(50), "file_title", "x\x00y").is(http.StatusUnprocessableEntity)
	v.upload(at, "no-key", "a.pdf", document(50)).is(http.StatusUnprocessableEntity)
	v.upload(at, newKey(), "big.pdf", document(25<<20+1)).is(http.StatusRequestEntityTooLarge).says("larger than 25 MB")
	v.do(http.MethodPost, at, strings.NewReader("--x\r\nbroken"), "multipart/form-data; boundary=x").is(http.StatusUnprocessableEntity)
	for _, link := range []string{"javascript:alert(1)", "ftp://example.org/x", "//example.org", "nonsense", ""} {
		v.post(at, "kind", "link", "link", link, "key", newKey()).is(http.StatusUnprocessableEntity).has("#f-link-error")
	}
	v.post(at, "kind", "note", "note", "", "key", newKey()).is(http.StatusUnprocessableEntity).has("#f-note-error")
	v.post(at, "kind", "potion", "key", newKey()).is(http.StatusUnprocessableEntity)
	v.post(s.checkPath("9.9-x")+"/evidence", "kind", "note", "note", "x", "key", newKey()).is(http.StatusNotFound)
	require.Zero(t, value[int64](s, `SELECT (SELECT count(*) FROM evidence) + (SELECT count(*) FROM file) + (SELECT count(*) FROM rating)`))

	v.post(at, "kind", "link", "link", "https://example.org/wiki/incidents", "link_title", "", "key", newKey()).to()
	v.post(at, "kind", "note", "note", "Interview with Tor\nNobody reads it.", "key", newKey()).to()
	page := v.get(at).ok().says("example.org/wiki/incidents").says("Interview with Tor")
	require.Equal(t, "https://example.org/wiki/incidents", page.attr(`.table a[rel]`, "href"))
	v.get(s.path("/evidence/" + newID[id.Evidence]().String() + "/file")).is(http.StatusNotFound)
}

func TestEvidenceRights(t *testing.T) {
	t.Parallel()
	s := newAssessment(t)
	s.exec(`INSERT INTO appointment (organization_id, project_id, id, role, clause, person_id, asked_by, asked_at, accepted_at)
		VALUES ($1, $2, $3, 'process_owner', '8.6', $4, $4, $5, $5)`, s.Organization, s.Project, newID[id.Appointment](), s.People["member"], s.now)
	for name, want := range map[string]int{
		"": 401, "stranger": 404, "nobody": 404, "guest": 403, "sponsor": 403, "chair": 403, "member": 303, "auditor": 303, "manager": 303,
	} {
		at := s.checkPath("8.6.1-a") + "/evidence"
		require.Equal(t, want, s.as(t, name).post(at, "kind", "note", "note", "x", "key", newKey()).status, name)
		require.Equal(t, want, s.as(t, name).upload(at, newKey(), "a.pdf", document(100)).status, name)
	}
	member := s.as(t, "member")
	member.upload(s.checkPath("8.7.1-a")+"/evidence", newKey(), "a.pdf", document(100)).is(http.StatusForbidden)
	// One takes back one's own; who rates, any.
	mine := value[string](s, `SELECT id::text FROM evidence WHERE person_id = $1 LIMIT 1`, s.People["member"])
	theirs := value[string](s, `SELECT id::text FROM evidence WHERE person_id = $1 LIMIT 1`, s.People["auditor"])
	member.post(s.path("/evidence/" + theirs + "/withdraw")).is(http.StatusForbidden)
	member.post(s.path("/evidence/" + mine + "/withdraw")).to()
	s.as(t, "guest").post(s.path("/evidence/" + theirs + "/withdraw")).is(http.StatusForbidden)
	s.as(t, "stranger").post(s.path("/evidence/" + theirs + "/withdraw")).is(http.StatusNotFound)
	s.as(t, "consultant").post(s.path("/evidence/" + theirs + "/withdraw")).to()
}

// Ten people send the same file at once: every one of them has evidence, the
// bytes lie there once, and the counter is exact.
func TestEvidenceRace(t *testing.T) {
	t.Parallel()
	s := newAssessment(t)
	content := document(700_000)
	var wg sync.WaitGroup
	for range 10 {
		v := s.as(t, "consultant")
		wg.Go(func() {
			if status := v.upload(s.checkPath("8.6.1-a")+"/evidence", newKey(), "same.pdf", content).status; status != http.StatusSeeOther {
				t.Errorf("answered %d", status)
			}
		})
	}
	wg.Wait()
	var files, chunks, evidence, counted int
	require.NoError(t, s.owner.QueryRow(context.Background(), `SELECT (SELECT count(*) FROM file), (SELECT count(*) FROM file_chunk),
		(SELECT count(*) FROM evidence), (SELECT evidence FROM rating)`).Scan(&files, &chunks, &evidence, &counted))
	require.Equal(t, []int{1, 3, 10, 10}, []int{files, chunks, evidence, counted})
}
