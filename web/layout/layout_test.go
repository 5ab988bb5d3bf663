package layout_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/stretchr/testify/require"

	"waymark/internal/i18n"
	"waymark/web/component"
	"waymark/web/layout"
	"waymark/web/static"
)

func draw(ctx context.Context, t *testing.T, frame templ.Component) *goquery.Document {
	t.Helper()
	var out bytes.Buffer
	content := templ.Raw(`<p id="content">x</p>`)
	require.NoError(t, frame.Render(templ.WithChildren(ctx, content), &out))
	doc, err := goquery.NewDocumentFromReader(&out)
	require.NoError(t, err)
	return doc
}

func full() layout.Page {
	return layout.Page{
		Title: "Path", Person: &layout.Person{Name: "Ravi Menon", Initials: "RM"},
		Organization: &layout.Place{Name: "Halden", Href: "/o/1"}, Organizations: []layout.Place{{Name: "Halden", Href: "/o/1", Current: true}},
		Project: &layout.Place{Name: "2026", Href: "/o/1/p/2"},
		Tabs:    []layout.Tab{{Label: "Path", Href: "/a", Active: true}, {Label: "Tasks", Href: "/b", Count: "61"}},
		Bottom:  []layout.BottomLink{{Icon: component.IconTask, Label: "Tasks", Href: "/t", Active: true}},
		Banners: []layout.Banner{{Tone: component.ToneWarn, Text: "Sample data"}},
		SignOut: "/out", ThemeAction: "/theme", InboxHref: "/inbox", Unread: 3, SearchAction: "/search", Query: `"q"`, Foot: "Printed",
	}
}

func TestDocument(t *testing.T) {
	ctx := layout.WithNonce(i18n.With(t.Context(), i18n.ZH), "n0nce")
	doc := draw(ctx, t, layout.Plain(layout.Page{Title: "Sign in"}))
	require.Equal(t, "zh-Hans", doc.Find("html").AttrOr("lang", ""))
	_, themed := doc.Find("html").Attr("data-theme")
	require.False(t, themed, "the system decides")
	require.Equal(t, "Sign in · Waymark", doc.Find("title").Text())
	require.Equal(t, 1, doc.Find("script").Length())
	require.Equal(t, "n0nce", doc.Find("script").AttrOr("nonce", ""))
	require.Equal(t, static.URL("app.js"), doc.Find("script").AttrOr("src", ""))
	require.Equal(t, static.URL("app.css"), doc.Find(`link[rel=stylesheet]`).AttrOr("href", ""))
	require.Equal(t, "#main", doc.Find("body > a.skip").AttrOr("href", ""))
	require.Equal(t, 1, doc.Find(`main#main[tabindex="-1"] #content`).Length())
	require.Equal(t, 1, doc.Find(`#toasts[role=status]`).Length())

	dark := draw(layout.WithTheme(ctx, layout.ThemeDark), t, layout.Plain(layout.Page{}))
	require.Equal(t, "dark", dark.Find("html").AttrOr("data-theme", ""))
	require.Equal(t, "Waymark", dark.Find("title").Text())
}

func TestShell(t *testing.T) {
	doc := draw(i18n.With(t.Context(), i18n.EN), t, layout.Shell(full()))
	require.Equal(t, "page", doc.Find(`nav.tabs a[href="/a"]`).AttrOr("aria-current", ""))
	require.Equal(t, "61", doc.Find(`nav.tabs a[href="/b"] span`).Text())
	require.Equal(t, "warn", doc.Find(".banner").AttrOr("data-tone", ""))
	require.Equal(t, "/o/1/p/2", doc.Find("a.brand").AttrOr("href", ""))
	require.Equal(t, "true", doc.Find(`.top .menu a[href="/o/1"]`).AttrOr("aria-current", ""))
	require.Equal(t, 1, doc.Find(`.top a.place[href="/o/1/p/2"]`).Length(), "one project needs no menu")
	require.Equal(t, "/out", doc.Find(".account form:not([data-themes])[method=post]").AttrOr("action", ""))
	require.Equal(t, "true", doc.Find(`[data-themes] button[value=system]`).AttrOr("aria-pressed", ""))
	require.Equal(t, `"q"`, doc.Find(`search input[name=q]`).AttrOr("value", ""))
	require.Equal(t, "3", doc.Find(".inbox b").Text())
	require.Equal(t, 2, doc.Find("nav.bottom > ul > li").Length(), "the links and More")
	require.Equal(t, "Printed", doc.Find(".foot p").Text())
	require.Equal(t, doc.Find("nav").Length(), doc.Find("nav[aria-label]").Length(), "every landmark has a name")

	bare := draw(i18n.With(t.Context(), i18n.EN), t, layout.Shell(layout.Page{Title: "x"}))
	require.Zero(t, bare.Find(".menu, nav, .banner, .inbox, search, footer").Length())
}

func TestSwapLeavesTheFrameOut(t *testing.T) {
	ctx := layout.WithSwap(i18n.With(t.Context(), i18n.EN))
	var out bytes.Buffer
	require.NoError(t, layout.Shell(full()).Render(templ.WithChildren(ctx, templ.Raw(`<p id="content"></p>`)), &out))
	require.NotContains(t, out.String(), "<script")
	require.NotContains(t, out.String(), "<header")
	require.Contains(t, out.String(), `id="content"`)
	require.Contains(t, out.String(), "<title>Path · Waymark</title>")
}

func TestThemes(t *testing.T) {
	for _, theme := range []layout.Theme{layout.ThemeSystem, layout.ThemeLight, layout.ThemeDark} {
		got, ok := layout.ParseTheme(theme.String())
		require.True(t, ok)
		require.Equal(t, theme, got)
	}
	_, ok := layout.ParseTheme("sepia")
	require.False(t, ok)
	require.Empty(t, layout.Nonce(t.Context()))
	require.False(t, layout.IsSwap(t.Context()))
}
