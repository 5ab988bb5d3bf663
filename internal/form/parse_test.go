package form

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
)

const urlencoded = "application/x-www-form-urlencoded"

func request(kind, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/?name=query", strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return r
}

func TestParse(t *testing.T) {
	f, err := Parse(request(urlencoded+"; charset=UTF-8", "name=Kr%C3%BCger+%26+Partner&tag=a&tag=b"), MaxBytes)
	require.NoError(t, err)
	require.Equal(t, "Krüger & Partner", f.Text("name"))
	require.Equal(t, []string{"a", "b"}, f.Values("tag"))

	f, err = Parse(request(urlencoded, ""), MaxBytes)
	require.NoError(t, err)
	require.False(t, f.Has("name"), "the query is not the form")

	for name, c := range map[string]struct {
		kind, body string
		want       error
	}{
		"no type":       {"", "a=b", ErrType},
		"json":          {"application/json", "{}", ErrType},
		"text":          {"text/plain", "a=b", ErrType},
		"broken type":   {"multipart/form-data; boundary", "", ErrType},
		"no boundary":   {"multipart/form-data", "", ErrMalformed},
		"bad escape":    {urlencoded, "a=%zz", ErrMalformed},
		"semicolon":     {urlencoded, "a=1;b=2", ErrMalformed},
		"too large":     {urlencoded, "a=" + strings.Repeat("x", MaxBytes), ErrTooLarge},
		"too many":      {urlencoded, strings.Repeat("a=&", maxFields+1), ErrTooLarge},
		"cut multipart": {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx", ErrMalformed},
	} {
		f, err := Parse(request(c.kind, c.body), MaxBytes)
		require.Nil(t, f, name)
		require.ErrorIs(t, err, c.want, name)

		r := request(c.kind, c.body)
		r.ContentLength = -1 // chunked: the length shows only while reading
		_, err = Parse(r, MaxBytes)
		require.ErrorIs(t, err, c.want, name)
	}

	r := request(urlencoded, "")
	r.Body = io.NopCloser(iotest.ErrReader(errors.New("connection reset")))
	_, err = Parse(r, MaxBytes)
	require.ErrorIs(t, err, ErrMalformed)
}

func TestParseMultipart(t *testing.T) {
	write := func(fill func(*multipart.Writer)) *http.Request {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		fill(w)
		require.NoError(t, w.Close())
		return request(w.FormDataContentType(), b.String())
	}
	f, err := Parse(write(func(w *multipart.Writer) {
		require.NoError(t, w.WriteField("name", "服务台"))
		require.NoError(t, w.WriteField("tag", "a"))
		require.NoError(t, w.WriteField("tag", "b"))
	}), MaxBytes)
	require.NoError(t, err)
	require.Equal(t, "服务台", f.Text("name"))
	require.Equal(t, []string{"a", "b"}, f.Values("tag"))

	for name, fill := range map[string]func(*multipart.Writer){
		"file": func(w *multipart.Writer) {
			_, err := w.CreateFormFile("file", "a.txt")
			require.NoError(t, err)
		},
		"no name": func(w *multipart.Writer) { require.NoError(t, w.WriteField("", "x")) },
	} {
		_, err := Parse(write(fill), MaxBytes)
		require.ErrorIs(t, err, ErrMalformed, name)
	}
	for name, fill := range map[string]func(*multipart.Writer){
		"large": func(w *multipart.Writer) { require.NoError(t, w.WriteField("a", strings.Repeat("x", MaxBytes))) },
		"many": func(w *multipart.Writer) {
			for range maxFields + 1 {
				require.NoError(t, w.WriteField("a", ""))
			}
		},
	} {
		r := write(fill)
		r.ContentLength = -1
		_, err := Parse(r, MaxBytes)
		require.ErrorIs(t, err, ErrTooLarge, name)
	}
}

// Whatever is posted, every reader gives a value fit to be stored or an error
// at the field, and never panics.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{
		"x=a", "x=a&x=b", "x=%00", "x=%FF%FE", "x=%E2%80%AE", "x=12+June+2026", "x=1%2C200", "x=9%2C5", "x=-%E2%88%927",
		"x=javascript%3Aalert(1)", "x=anna%40example.com", "x=%EF%BC%91%EF%BC%92", "x=" + strings.Repeat("%CC%81", 100),
		"x=01890000-0000-7000-8000-00000000000a", "x=99999999999999999999", "x=%0D%0A%0D%0A", "x", "=", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		read := func(get func(*Form)) {
			f, err := Parse(request(urlencoded, body), MaxBytes)
			if err != nil {
				return
			}
			get(f)
			for _, e := range f.Errors() {
				require.NotContains(t, e.Message.In(t.Context()), "[")
			}
			require.True(t, utf8.ValidString(f.Value("x")))
			require.NotContains(t, f.Value("x"), "\x00")
		}
		text := func(s string, most int) {
			require.True(t, utf8.ValidString(s) && norm.NFC.IsNormalString(s))
			require.LessOrEqual(t, utf8.RuneCountInString(s), most)
			require.Equal(t, strings.TrimSpace(s), s)
			require.False(t, strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }))
		}
		read(func(f *Form) { text(f.Text("x", Max(50)), 50) })
		read(func(f *Form) { text(f.LongText("x"), defaultLongText) })
		read(func(f *Form) { require.Equal(t, f.Text("x", Required) == "", !f.OK()) })
		read(func(f *Form) {
			if link := f.URL("x"); link != "" {
				u, err := url.Parse(link)
				require.NoError(t, err)
				require.Contains(t, []string{"http", "https"}, u.Scheme)
			}
		})
		read(func(f *Form) { require.Equal(t, f.Date("x", Required).IsZero(), !f.OK()) })
		read(func(f *Form) { require.Equal(t, f.Email("x", Required).IsZero(), !f.OK()) })
		read(func(f *Form) { require.LessOrEqual(t, f.Int("x", AtLeast(0), AtMost(10)), 10) })
		read(func(f *Form) { f.Decimal("x", 2) })
		read(func(f *Form) { f.Bool("x") })
		read(func(f *Form) { f.Password("x") })
		read(func(f *Form) { Enums(f, "x", identity.ParseProjectRole) })
		read(func(f *Form) { require.Equal(t, ID[id.Task](f, "x", Required).IsZero(), !f.OK()) })
		read(func(f *Form) { f.Version(); f.Key() })
	})
}
