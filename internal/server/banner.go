package server

import (
	"context"

	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
	"waymark/web/layout"
)

// banners warns of what the reader should know before anything else: a
// connection that others can listen to, and a demonstration that will be gone.
func (s *Server) banners(ctx context.Context, c *readmodel.Caller) []layout.Banner {
	var out []layout.Banner
	if c.Demo {
		out = append(out, layout.Banner{Text: i18n.T(ctx, "frame.demo")})
	} else if c.Administrator && s.url == nil {
		out = append(out, layout.Banner{Tone: component.ToneWarn, Text: i18n.T(ctx, "frame.no_url")})
	}
	return out
}
