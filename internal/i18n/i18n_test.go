package i18n

import (
	"context"
	"math"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waymark/internal/domain/civil"
)

func TestText(t *testing.T) {
	en, zh := With(t.Context(), EN), With(t.Context(), ZH)

	require.Equal(t, "One answer needs another look", T(en, "form.summary", "n", 1, "count", Count(1)))
	require.Equal(t, "1,200 answers need another look", T(en, "form.summary", "n", 1200, "count", Count(1200)))
	require.Equal(t, "Two answers need another look", T(en, "form.summary", "n", 2, "count", M("form.word.2")))
	require.Equal(t, "有两处需要修改", T(zh, "form.summary", "n", 2, "count", M("form.word.2")))

	exists := M("form.date.no_day", "day", 31, "month", MonthName(time.June), "last", 30)
	require.Equal(t, "31 June does not exist; June has 30 days", exists.In(en))
	require.Equal(t, "6月31日不存在，6月只有30天", exists.In(zh))

	require.Equal(t, "[task.nowhere]", T(en, "task.nowhere"))
	require.Equal(t, "{label} cannot be left empty", T(en, "form.required"), "an argument not given shows")
	require.Equal(t, "{label} cannot be left empty", T(en, "form.required", "label"), "half a pair")
	require.Equal(t, "{label} cannot be left empty", T(en, "form.required", 7, "label"), "a name that is none")

	require.True(t, Has("form.required"))
	require.False(t, Has("form.nowhere"))
	require.True(t, Message{}.IsZero())
	require.False(t, exists.IsZero())
}

func TestArguments(t *testing.T) {
	day := civil.MustParse("2026-06-12")
	for _, c := range []struct {
		value  any
		en, zh string
	}{
		{"<b>", "<b>", "<b>"},
		{2026, "2026", "2026"},
		{Count(2026), "2,026", "2,026"},
		{int64(5), "5", "5"},
		{9.5, "9.5", "9.5"},
		{day, "12 June 2026", "2026年6月12日"},
		{M("form.this"), "This answer", "此项"},
		{[]string{"a", "b", "c"}, "a, b and c", "a、b和c"},
		{[]Message{M("form.word.2"), M("form.word.3")}, "Two and Three", "两和三"},
		{time.June, "June", "June"},
		{nil, "", ""},
	} {
		require.Equal(t, c.en+" cannot be left empty", EN.T("form.required", "label", c.value))
		require.Equal(t, c.zh+"不能为空", ZH.T("form.required", "label", c.value))
	}
}

func TestPluralForms(t *testing.T) {
	one, other := "{label} can have at most one digit after the point", "{label} can have at most %s digits after the point"
	for _, c := range []struct {
		n    any
		want string
	}{
		{1, one},
		{-1, one},
		{int64(1), one},
		{int32(1), one},
		{Count(1), one},
		{0, "0"},
		{2, "2"},
		{-7, "−7"},
		{1200, "1,200"},
		{1_000_001, "1,000,001"},
		{1.5, "1.5"},
		{math.MinInt, "−9,223,372,036,854,775,808"},
	} {
		want := c.want
		if want != one {
			want = strings.Replace(other, "%s", want, 1)
		}
		require.Equal(t, want, EN.T("form.number.places", "n", c.n))
	}
	require.Equal(t, "{label} can have at most {n} digits after the point", EN.T("form.number.places"))
	require.Equal(t, "{label}最多保留1位小数", ZH.T("form.number.places", "n", 1))
}

func TestDates(t *testing.T) {
	en, zh := With(t.Context(), EN), With(t.Context(), ZH)
	day := civil.MustParse("2026-06-12")
	oslo, err := time.LoadLocation("Europe/Oslo")
	require.NoError(t, err)
	at := time.Date(2026, 6, 12, 22, 32, 0, 0, time.UTC)

	require.Equal(t, "Fri 12 June", Date(en, day))
	require.Equal(t, "6月12日 周五", Date(zh, day))
	require.Equal(t, "12 June", DateShort(en, day))
	require.Equal(t, "6月12日", DateShort(zh, day))
	require.Equal(t, "12 June 2026", DateLong(en, day))
	require.Equal(t, "2026年6月12日", DateLong(zh, day))
	require.Equal(t, "13 June 2026, 00:32", Moment(en, at, oslo))
	require.Equal(t, "2026年6月13日00:32", Moment(zh, at, oslo))
	require.Equal(t, "22:32", Clock(zh, at, time.UTC))

	for _, l := range Langs() {
		require.Empty(t, l.Date(civil.Date{})+l.DateShort(civil.Date{})+l.DateLong(civil.Date{})+
			l.Moment(time.Time{}, oslo)+l.Clock(time.Time{}, oslo))
		for m := time.January; m <= time.December; m++ {
			require.NotContains(t, MonthName(m).In(With(t.Context(), l)), "[")
		}
		for d := time.Sunday; d <= time.Saturday; d++ {
			require.NotContains(t, l.weekday(d), "[")
		}
	}
}

func TestNumbers(t *testing.T) {
	en, zh := With(t.Context(), EN), With(t.Context(), ZH)
	for n, want := range map[int]string{
		0: "0", 7: "7", -7: "−7", 999: "999", 1000: "1,000", -1000: "−1,000",
		12400: "12,400", 123456: "123,456", 1234567: "1,234,567",
		math.MaxInt: "9,223,372,036,854,775,807", math.MinInt: "−9,223,372,036,854,775,808",
	} {
		require.Equal(t, want, Number(en, n))
		require.Equal(t, want, Number(zh, n))
	}
	require.Equal(t, "63\u00a0%", Percent(en, 63))
	require.Equal(t, "63%", Percent(zh, 63))

	for want, c := range map[string][2]int{
		"9.5": {95, 1}, "9": {90, 1}, "0.5": {5, 1}, "−0.05": {-5, 2}, "1,234.5": {123450, 2}, "12": {12, 0},
	} {
		require.Equal(t, want, Decimal(en, c[0], c[1]))
	}

	require.Empty(t, List(en, nil))
	require.Equal(t, "a", List(en, []string{"a"}))
	require.Equal(t, "a and b", List(en, []string{"a", "b"}))
	require.Equal(t, "a, b and c", List(en, []string{"a", "b", "c"}))
	require.Equal(t, "甲、乙和丙", List(zh, []string{"甲", "乙", "丙"}))
}

func TestMatch(t *testing.T) {
	for header, want := range map[string]Lang{
		"":                                    EN,
		"en":                                  EN,
		"en-GB,en;q=0.9":                      EN,
		"zh":                                  ZH,
		"zh-CN,zh;q=0.9,en;q=0.8":             ZH,
		"zh-Hans-SG":                          ZH,
		"zh-TW":                               ZH,
		"zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7": ZH,
		"zh-HK,en;q=0.5":                      EN,
		"en;q=0.8, zh-CN;q=0.9":               ZH,
		"de-DE,de;q=0.9,zh;q=0.5,en;q=0.3":    ZH,
		"nb-NO,nb;q=0.9,en-US;q=0.8,en;q=0.7": EN,
		"fr":                                  EN,
		"*":                                   EN,
		"en-u-rg-gbzzzz":                      EN,
		"zh-CN-u-nu-hanidec":                  ZH,
		";;;,,,===":                           EN,
		"\x00\xff":                            EN,
		strings.Repeat("zh,", 5000):           EN,
	} {
		require.Equal(t, want, Match(header), "%.60q", header)
	}
	rapid.Check(t, func(t *rapid.T) {
		require.Less(t, int(Match(rapid.String().Draw(t, "header"))), len(tags))
	})
}

func TestLang(t *testing.T) {
	for s, want := range map[string]Lang{"en": EN, "EN": EN, "zh": ZH, "zh-Hans": ZH, "ZH-hans": ZH} {
		got, ok := ParseLang(s)
		require.True(t, ok, s)
		require.Equal(t, want, got, s)
	}
	for _, s := range []string{"", "de", "e", "en-GB", "zh_Hans"} {
		_, ok := ParseLang(s)
		require.False(t, ok, s)
	}
	for _, l := range Langs() {
		got, ok := ParseLang(l.String())
		require.True(t, ok)
		require.Equal(t, l, got)
		require.NotEmpty(t, l.Name())
		require.Equal(t, tags[l].String(), l.Tag())
		require.Equal(t, l, From(With(t.Context(), l)))
	}
	require.Equal(t, EN, From(context.Background()))
}

func TestTextCostsNoAllocation(t *testing.T) {
	ctx := With(t.Context(), ZH)
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = T(ctx, "form.this") }))
}

func TestNothingPanics(t *testing.T) {
	keys := []string{"form.summary", "form.required", "date.long", "nowhere", ""}
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.SampledFrom(Langs()).Draw(t, "language")
		args := rapid.SliceOf(rapid.OneOf(
			rapid.String().AsAny(), rapid.Int().AsAny(), rapid.Float64().AsAny(), rapid.SampledFrom([]any{"n", "label", nil}),
		)).Draw(t, "arguments")
		require.NotEmpty(t, l.T(rapid.SampledFrom(keys).Draw(t, "key"), args...))
		_ = l.Decimal(rapid.Int().Draw(t, "number"), rapid.IntRange(0, 6).Draw(t, "places"))
	})
}

func TestLoad(t *testing.T) {
	file := func(source string) fstest.MapFS {
		return fstest.MapFS{
			"locales/en/x.json": {Data: []byte(source)},
			"locales/en/y.json": {Data: []byte(`{"fine":"Fine"}`)},
		}
	}
	all, err := load(file(`{"a":{"b":{"c":"C"},"one":"1"},"late":{"one":"a","other":"b"},"who":{"other":{"x":"X"},"owner":"O"}}`))
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"x.a.b.c", "x.a.one", "x.late", "x.who.other.x", "x.who.owner", "y.fine"}, keysOf(all[EN]))
	require.True(t, all[EN]["x.late"].plural)
	require.Empty(t, all[ZH])

	for name, source := range map[string]string{
		"no object":           `"a"`,
		"number":              `{"a":1}`,
		"null":                `{"a":null}`,
		"list":                `{"a":["b"]}`,
		"twice":               `{"a":"A","a":"B"}`,
		"twice nested":        `{"a":{"b":"A"},"a":{"b":"B"}}`,
		"key with a dot":      `{"a.b":"A"}`,
		"key in capitals":     `{"A":"A"}`,
		"empty":               `{"a":" "}`,
		"open brace":          `{"a":"{n"}`,
		"closing brace":       `{"a":"n}"}`,
		"placeholder":         `{"a":"{N}"}`,
		"empty placeholder":   `{"a":"{}"}`,
		"brace in a plural":   `{"a":{"one":"{","other":"x"}}`,
		"rest":                `{"a":"A"} {}`,
		"cut":                 `{"a":"A"`,
		"cut in the middle":   `{"a":`,
		"cut behind a member": `{"a":{"b":"B"`,
		"nothing":             ``,
	} {
		all, err := load(file(source))
		require.Error(t, err, name)
		require.Equal(t, "Fine", all[EN]["y.fine"].pieces[0], "the other files are there: "+name)
	}
}

func keysOf(c catalogue) []string {
	var keys []string
	for k := range c {
		keys = append(keys, k)
	}
	return keys
}

func BenchmarkT(b *testing.B) {
	ctx := With(b.Context(), EN)
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			_ = T(ctx, "form.this")
		}
	})
	b.Run("argument", func(b *testing.B) {
		for b.Loop() {
			_ = T(ctx, "form.required", "label", "Name")
		}
	})
	b.Run("plural", func(b *testing.B) {
		for b.Loop() {
			_ = T(ctx, "form.number.places", "n", 5, "label", "Name")
		}
	})
	b.Run("date", func(b *testing.B) {
		day := civil.MustParse("2026-06-12")
		for b.Loop() {
			_ = Date(ctx, day)
		}
	})
	b.Run("match", func(b *testing.B) {
		for b.Loop() {
			_ = Match("zh-CN,zh;q=0.9,en;q=0.8")
		}
	})
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			_, _ = load(files)
		}
	})
}
