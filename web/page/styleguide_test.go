package page

import (
	"bytes"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/stretchr/testify/require"

	"waymark/internal/i18n"
	"waymark/web/layout"
	"waymark/web/static"
)

// Every part in every state, in both languages, obeys the rules that hold for
// all markup of the product.
func TestStyleguideMarkup(t *testing.T) {
	sprite, _ := static.Content("icons.svg")
	shapes, err := goquery.NewDocumentFromReader(bytes.NewReader(sprite))
	require.NoError(t, err)

	pages := map[string]templ.Component{"index": StyleguideIndex()}
	for _, name := range StyleguideNames() {
		pages[name] = StyleguideComponent(name)
		require.NotNil(t, pages[name], name)
	}
	for _, lang := range i18n.Langs() {
		for name, page := range pages {
			t.Run(lang.String()+"/"+name, func(t *testing.T) {
				var out bytes.Buffer
				ctx := layout.WithNonce(i18n.With(t.Context(), lang), "n")
				require.NoError(t, page.Render(ctx, &out))
				doc, err := goquery.NewDocumentFromReader(&out)
				require.NoError(t, err)
				require.Empty(t, problems(doc, shapes))
			})
		}
	}
	require.Nil(t, StyleguideComponent("nothing"))
}

// The check must be able to fail.
func TestStyleguideMarkupFindsFaults(t *testing.T) {
	shapes, err := goquery.NewDocumentFromReader(strings.NewReader(`<symbol id="tick"></symbol>`))
	require.NoError(t, err)
	for _, fault := range []string{
		`<p style="color:red">x</p>`, `<p onclick="x()">x</p>`, `<i id="a"></i><i id="a"></i>`, `<button disabled>x</button>`,
		`<input type="text">`, `<p aria-describedby="gone">x</p>`, `<svg><use href="/static/icons.svg#gone"></use></svg>`,
		`<script>x()</script>`, `<p>[component.gone]</p>`, `<a href="javascript:x()">x</a>`, `<button></button>`, `<svg role="img"></svg>`,
	} {
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(fault))
		require.NoError(t, err)
		require.NotEmpty(t, problems(doc, shapes), fault)
	}
}

// problems lists what no page may contain.
func problems(doc, shapes *goquery.Document) []string {
	var found []string
	say := func(what string, s *goquery.Selection) {
		html, _ := goquery.OuterHtml(s)
		found = append(found, what+": "+html)
	}
	ids := map[string]bool{}
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, a := range s.Nodes[0].Attr {
			switch {
			case a.Key == "style", strings.HasPrefix(a.Key, "on"), a.Key == "disabled":
				say("attribute "+a.Key, s)
			case a.Key == "href" && strings.HasPrefix(a.Val, "javascript:"):
				say("address", s)
			case a.Key == "id":
				if ids[a.Val] {
					say("id twice", s)
				}
				ids[a.Val] = true
			}
		}
	})
	doc.Find("[for], [aria-describedby], [aria-labelledby], [commandfor], [data-opens], [data-reasons]").Each(func(_ int, s *goquery.Selection) {
		for _, name := range []string{"for", "aria-describedby", "aria-labelledby", "commandfor", "data-opens", "data-reasons"} {
			for id := range strings.FieldsSeq(s.AttrOr(name, "")) {
				if !ids[id] {
					say("no element "+id, s)
				}
			}
		}
	})
	doc.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, s *goquery.Selection) {
		_, labelled := s.Attr("aria-label")
		if !labelled && s.Closest("label").Length() == 0 && doc.Find(`label[for="`+s.AttrOr("id", "?")+`"]`).Length() == 0 {
			say("no label", s)
		}
	})
	doc.Find("a, button, summary").Each(func(_ int, s *goquery.Selection) {
		if strings.TrimSpace(s.Text()) == "" && s.AttrOr("aria-label", "") == "" {
			say("no name", s)
		}
	})
	doc.Find("svg[role=img]").Each(func(_ int, s *goquery.Selection) {
		if s.AttrOr("aria-label", "") == "" {
			say("no name", s)
		}
	})
	doc.Find("use").Each(func(_ int, s *goquery.Selection) {
		_, id, _ := strings.Cut(s.AttrOr("href", ""), "#")
		if shapes.Find(`symbol[id="`+id+`"]`).Length() != 1 {
			say("no icon", s)
		}
	})
	doc.Find("script").Each(func(_ int, s *goquery.Selection) {
		if s.AttrOr("src", "") == "" || s.AttrOr("nonce", "") == "" {
			say("script", s)
		}
	})
	if strings.Contains(doc.Text(), "[component.") || strings.Contains(doc.Text(), "[layout.") || strings.Contains(doc.Text(), "[styleguide.") {
		found = append(found, "a text is missing")
	}
	return found
}
