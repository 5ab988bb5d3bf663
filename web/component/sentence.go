package component

import (
	"context"
	"html"
	"io"
	"strings"

	"github.com/a-h/templ"

	"waymark/internal/i18n"
)

// sentence joins a strong beginning, a text and a link at the end, with a space
// between them only in languages that put one there. Any part may be empty.
func sentence(strong, text, href, link string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		var parts []string
		if strong != "" {
			parts = append(parts, "<b>"+html.EscapeString(strong)+"</b>")
		}
		if text != "" {
			parts = append(parts, html.EscapeString(text))
		}
		if href != "" {
			parts = append(parts, `<a href="`+html.EscapeString(string(templ.URL(href)))+`">`+html.EscapeString(link)+"</a>")
		}
		space := " "
		if i18n.From(ctx) == i18n.ZH {
			space = ""
		}
		_, err := io.WriteString(w, strings.Join(parts, space))
		return err
	})
}
