package form

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/i18n"
)

func posted(value ...string) *Form { return New(url.Values{"x": value}) }

// says is the English sentence of the error at field x.
func says(t *testing.T, f *Form) string {
	t.Helper()
	m := f.Error("x")
	if m.IsZero() {
		require.True(t, f.OK())
		return ""
	}
	require.False(t, f.OK())
	zh := m.In(i18n.With(t.Context(), i18n.ZH))
	require.NotContains(t, zh, "[")
	require.NotContains(t, zh, "{")
	return m.In(t.Context())
}

func TestText(t *testing.T) {
	for name, c := range map[string]struct{ typed, want, wrong string }{
		"plain":              {"Nordic Cert AS", "Nordic Cert AS", ""},
		"trimmed":            {" \u3000Nordic\u00a0", "Nordic", ""},
		"composed":           {"Kru\u0308ger", "Krüger", ""},
		"Chinese":            {"认证机构", "认证机构", ""},
		"full width kept":    {"ＩＴ１２", "ＩＴ１２", ""},
		"emoji with joiner":  {"👩‍💻", "👩‍💻", ""},
		"right to left":      {"שלום\u200f!", "שלום\u200f!", ""},
		"tab":                {"a\tb", "a b", ""},
		"line feed at end":   {"a\r\n", "a", ""},
		"byte order mark":    {"\ufeffa\u200bb", "ab", ""},
		"two lines":          {"a\nb", "", "This answer must fit on one line"},
		"paragraph mark":     {"a\u2029b", "", "This answer must fit on one line"},
		"nul":                {"a\x00b", "", "This answer contains hidden control characters; please type it again"},
		"escape":             {"a\x1b[31m", "", "This answer contains hidden control characters; please type it again"},
		"delete":             {"a\x7f", "", "This answer contains hidden control characters; please type it again"},
		"next line":          {"a\u0085b", "", "This answer contains hidden control characters; please type it again"},
		"direction override": {"a\u202eb", "", "This answer contains hidden control characters; please type it again"},
		"isolate":            {"a\u2066b", "", "This answer contains hidden control characters; please type it again"},
		"no character":       {"a\uffff", "", "This answer contains hidden control characters; please type it again"},
		"no character, high": {"a\U0001fffe", "", "This answer contains hidden control characters; please type it again"},
		"invalid":            {"a\xffb", "", "This answer arrived damaged; please type it again"},
		"surrogate":          {"\xed\xa0\x80", "", "This answer arrived damaged; please type it again"},
		"empty":              {"", "", "This answer cannot be left empty"},
		"blank":              {" \t\r\n", "", "This answer cannot be left empty"},
		"invisible":          {"\u200d\u3164\u2800\u00ad", "", "This answer cannot be left empty"},
		"long enough":        {strings.Repeat("字", 20), strings.Repeat("字", 20), ""},
		"too long":           {strings.Repeat("字", 21), "", "This answer can have at most 20 characters; it has 21"},
	} {
		t.Run(name, func(t *testing.T) {
			f := posted(c.typed)
			require.Equal(t, c.want, f.Text("x", Required, Max(20)))
			require.Equal(t, c.wrong, says(t, f))
		})
	}

	f := posted("ab")
	require.Empty(t, f.Text("x", Min(3)))
	require.Equal(t, "This answer must have at least 3 characters; it has 2", says(t, f))

	f = posted(strings.Repeat("x", defaultLine+1))
	require.Empty(t, f.Text("x"))
	require.Equal(t, "This answer can have at most 500 characters; it has 501", says(t, f))

	f = posted("a", "a")
	require.Empty(t, f.Text("x"))
	require.Equal(t, "This answer arrived twice; please send the form again", says(t, f))

	f = posted()
	require.Empty(t, f.Text("x"), "not sent and not required")
	require.True(t, f.OK())

	f = posted("")
	f.Text("x", RequiredSaying("form.date.no_year"))
	require.Equal(t, "Add the year, for example 12 June 2026", says(t, f))

	f = posted("")
	f.Text("x", Required, Label("form.word.3"))
	require.Equal(t, "Three cannot be left empty", says(t, f))
}

func TestLongText(t *testing.T) {
	f := posted("  one\r\ntwo\rthree\u2028four\n\n\tfive\n ")
	require.Equal(t, "one\ntwo\nthree\nfour\n\n\tfive", f.LongText("x"))
	require.True(t, f.OK())

	f = posted(strings.Repeat("x", defaultLongText+1))
	require.Empty(t, f.LongText("x"))
	require.Equal(t, "This answer can have at most 20,000 characters; it has 20,001", says(t, f))
	require.Len(t, f.Value("x"), defaultLongText+1, "what was typed is kept")
}

func TestPassword(t *testing.T) {
	f := posted("  correct horse  ")
	require.Equal(t, "  correct horse  ", f.Password("x", Required))
	require.True(t, f.OK())
	require.Empty(t, f.Value("x"), "a password is never shown again")
	require.Empty(t, f.Values("x"))

	for typed, wrong := range map[string]string{
		"":                           "This answer cannot be left empty",
		"a\x00":                      "This answer contains hidden control characters; please type it again",
		"a\xff":                      "This answer arrived damaged; please type it again",
		strings.Repeat("x", 4_096+1): "This answer is far too long",
	} {
		f := posted(typed)
		require.Empty(t, f.Password("x", Required))
		require.Equal(t, wrong, says(t, f))
	}
}

func TestEmail(t *testing.T) {
	f := posted(" Anna.Berg@Example.COM ")
	require.Equal(t, identity.Email("Anna.Berg@example.com"), f.Email("x", Required))
	f = posted("anna＠example.com")
	require.Equal(t, identity.Email("anna@example.com"), f.Email("x"), "typed on a full-width keyboard")
	f = posted("anna")
	require.Empty(t, f.Email("x"))
	require.Equal(t, "This answer must be an e-mail address, for example name@example.com", says(t, f))
	f = posted(strings.Repeat("a", 4000))
	require.Empty(t, f.Email("x"))
	require.Equal(t, "This answer is far too long", says(t, f))
	f = posted("")
	require.Empty(t, f.Email("x", Required))
	require.False(t, f.OK())
}

func TestURL(t *testing.T) {
	for _, typed := range []string{"https://example.com/a?b=c#d", "http://intranet:8080/wiki", "https://例子.测试/文件"} {
		f := posted(typed)
		require.NotEmpty(t, f.URL("x", Required))
		require.True(t, f.OK(), typed)
	}
	for _, typed := range []string{
		"javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//example.com", "example.com", "https://",
		"https:///x", "ftp://example.com", "https://user:secret@example.com", "https://exa mple.com", "https://%zz", "mailto:a@b.c",
	} {
		f := posted(typed)
		require.Empty(t, f.URL("x"), typed)
		require.Equal(t, "This answer must be a web address that begins with https:// or http://", says(t, f), typed)
	}
	f := posted("")
	require.Empty(t, f.URL("x"))
	require.True(t, f.OK())
}

func TestNumbers(t *testing.T) {
	const noWhole, noNumber = "This answer must be a whole number, for example 12", "This answer must be a number, for example 9.5"
	for _, c := range []struct {
		typed  string
		places int
		want   int
		wrong  string
	}{
		{"12", 0, 12, ""},
		{" +12 ", 0, 12, ""},
		{"１２", 0, 12, ""},
		{"007", 0, 7, ""},
		{"1,200", 0, 1200, ""},
		{"1 200 000", 0, 1_200_000, ""},
		{"1 200", 0, 1200, ""},
		{"12.0", 0, 12, ""},
		{"9.5", 0, 0, noWhole},
		{"1,20", 0, 0, noWhole},
		{"twelve", 0, 0, noWhole},
		{"0x10", 0, 0, noWhole},
		{"1e3", 0, 0, noWhole},
		{"--1", 0, 0, noWhole},
		{"-", 0, 0, noWhole},
		{".", 0, 0, noWhole},
		{"-7", 0, 0, "This answer cannot be negative; enter 0 or more"},
		{"−7", 0, 0, "This answer cannot be negative; enter 0 or more"},
		{"2000001", 0, 0, "This answer must be 2,000,000 or less"},
		{"99999999999999999999", 0, 0, "This answer is too large a number"},
		{"9.5", 1, 95, ""},
		{"9,5", 1, 95, ""},
		{".5", 1, 5, ""},
		{"9．5", 1, 95, ""},
		{"9.50", 1, 95, ""},
		{"9", 1, 90, ""},
		{"1,200.5", 1, 12005, ""},
		{"1.200,5", 1, 0, noNumber},
		{"9.55", 1, 0, "This answer can have at most one digit after the point"},
		{"9.555", 2, 0, "This answer can have at most 2 digits after the point"},
		{"-0.5", 1, 0, "This answer cannot be negative; enter 0 or more"},
		{"nine", 1, 0, noNumber},
		{"", 1, 0, "This answer cannot be left empty"},
	} {
		f := posted(c.typed)
		got := f.Decimal("x", c.places, Required, AtLeast(0), AtMost(2_000_000))
		require.Equal(t, c.want, got, c.typed)
		require.Equal(t, c.wrong, says(t, f), c.typed)
		require.Equal(t, c.typed, f.Value("x"))
	}

	f := posted("-7")
	require.Equal(t, 0, f.Decimal("x", 1, AtLeast(5), Label("form.word.2")))
	require.Equal(t, "Two cannot be negative; enter 0.5 or more", says(t, f))
	f = posted("0.2")
	require.Equal(t, 0, f.Decimal("x", 1, AtLeast(5)))
	require.Equal(t, "This answer must be 0.5 or more", says(t, f))
	f = posted("-7")
	require.Equal(t, -7, f.Int("x", AtLeast(-10)))
}

func TestChoices(t *testing.T) {
	f := posted("project_manager")
	require.Equal(t, identity.ProjectManager, Enum(f, "x", identity.ParseProjectRole, Required))
	f = posted("king")
	require.Zero(t, Enum(f, "x", identity.ParseProjectRole))
	require.Equal(t, "This answer must be one of the choices offered", says(t, f))
	f = posted(" ")
	require.Zero(t, Enum(f, "x", identity.ParseProjectRole))
	require.True(t, f.OK())
	require.Zero(t, Enum(f, "x", identity.ParseProjectRole, Required))
	require.Equal(t, "This answer must be chosen", says(t, f))
	f = posted("sponsor", "sponsor")
	require.Zero(t, Enum(f, "x", identity.ParseProjectRole))
	require.False(t, f.OK())

	f = posted("sponsor", "", "consultant", "sponsor")
	require.Equal(t, []identity.ProjectRole{identity.Sponsor, identity.Consultant}, Enums(f, "x", identity.ParseProjectRole, Max(2)))
	require.True(t, f.OK())
	require.True(t, f.Checked("x", "consultant"))
	require.False(t, f.Checked("x", "king"))
	require.Nil(t, Enums(f, "x", identity.ParseProjectRole, Max(1)))
	require.Equal(t, "This answer can have only one entry", says(t, f))
	f = posted("sponsor", "king")
	require.Nil(t, Enums(f, "x", identity.ParseProjectRole))
	require.False(t, f.OK())
	f = posted()
	require.Nil(t, Enums(f, "x", identity.ParseProjectRole, Required))
	require.False(t, f.OK())

	for typed, want := range map[string]bool{"on": true, "true": true, "1": true, "": false, "off": false, "0": false} {
		f := posted(typed)
		require.Equal(t, want, f.Bool("x"))
		require.True(t, f.OK())
	}
	f = posted()
	require.False(t, f.Bool("x", Required))
	require.Equal(t, "This answer must be chosen", says(t, f))
	f = posted("maybe")
	require.False(t, f.Bool("x"))
	require.False(t, f.OK())
	f = posted("on", "on")
	require.False(t, f.Bool("x"))
	require.False(t, f.OK())
}

func TestIdentifiers(t *testing.T) {
	const a, b = "01890000-0000-7000-8000-00000000000a", "01890000-0000-7000-8000-00000000000b"
	f := posted(a)
	require.Equal(t, a, ID[id.Person](f, "x", Required).String())
	f = posted(a, b, a)
	require.Len(t, IDs[id.Task](f, "x"), 2)
	for _, typed := range []string{"1", "00000000-0000-0000-0000-000000000000", strings.ToUpper(a), a + "0"} {
		f = posted(typed)
		require.True(t, ID[id.Person](f, "x").IsZero())
		require.Equal(t, "This answer must be one of the choices offered", says(t, f))
	}

	f = New(url.Values{"version": {"7"}, "key": {a}})
	require.Equal(t, 7, f.Version())
	require.Equal(t, a, id.Person(f.Key()).String())
	require.True(t, f.OK())
	f = New(url.Values{"version": {"0"}})
	require.Zero(t, f.Version())
	require.True(t, f.OK(), "nothing was stored yet")
	for _, bad := range [][]string{nil, {""}, {"-1"}, {"1.0"}, {"٣"}, {"1", "1"}, {strings.Repeat("9", 30)}} {
		f = New(url.Values{"version": bad, "key": bad})
		require.Zero(t, f.Version())
		require.Zero(t, f.Key())
		require.Len(t, f.Errors(), 2, bad)
	}
}

func TestErrorsAndValues(t *testing.T) {
	original := url.Values{"a": {""}, "b": {"31 June 2026"}, "c": {"-7"}}
	f := New(original)
	f.Text("a", RequiredSaying("form.required", "label", i18n.M("form.this")))
	f.Date("b", Required)
	f.Int("c", AtLeast(0))
	f.Fail("b", i18n.M("form.email"))
	f.Fail("", i18n.M("form.old_page"))

	var fields []string
	for _, e := range f.Errors() {
		fields = append(fields, e.Field)
	}
	require.Equal(t, []string{"a", "b", "c", ""}, fields, "in the order read, one a field")
	require.Equal(t, "31 June does not exist; June has 30 days", f.Error("b").In(t.Context()))
	require.Equal(t, "Four answers need another look", f.Summary().In(t.Context()))
	require.Equal(t, "有四处需要修改", f.Summary().In(i18n.With(t.Context(), i18n.ZH)))
	require.NotEmpty(t, f.Kept().In(t.Context()))
	require.Equal(t, "31 June 2026", f.Value("b"))
	require.True(t, f.Has("a"))
	require.False(t, f.Has("z"))
	require.Equal(t, []string{"a", "b", "c"}, f.Fields())

	f.Set("a", "kept")
	require.Equal(t, "kept", f.Value("a"))
	require.Empty(t, original.Get("a"), "the request is not changed")

	f = New(nil)
	f.Set("due", civil.MustParse("2026-06-12").String())
	require.Equal(t, "2026-06-12", f.Value("due"))
	require.True(t, f.OK())

	require.Equal(t, "a\uFFFDb\uFFFD", posted("a\xffb\x00").Value("x"), "fit for a page")

	for n, want := range map[int]string{1: "One answer needs another look", 12: "12 answers need another look"} {
		f := New(nil)
		for i := range n {
			f.Fail(strings.Repeat("f", i+1), i18n.M("form.email"))
		}
		require.Equal(t, want, f.Summary().In(t.Context()))
	}

	f = New(url.Values{"version": {"3"}, "title": {"mine"}, "note": {"same"}})
	f.Meanwhile(4, map[string]string{"title": "theirs", "note": "same"})
	require.False(t, f.OK())
	require.Equal(t, "4", f.Value("version"), "sent again, it replaces theirs")
	theirs, differs := f.Stored("title")
	require.True(t, differs)
	require.Equal(t, "theirs", theirs)
	for _, field := range []string{"note", "other"} {
		_, differs = f.Stored(field)
		require.False(t, differs, field)
	}

	var none *Form
	_, differs = none.Stored("x")
	require.False(t, differs)
	require.True(t, none.OK())
	require.Empty(t, none.Value("x"))
	require.Empty(t, none.Errors())
	require.Empty(t, none.Fields())
	require.True(t, none.Error("x").IsZero())
	require.False(t, none.Has("x") || none.Checked("x", ""))
}
