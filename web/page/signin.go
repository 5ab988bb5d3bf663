package page

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"waymark/internal/domain/identity"
	"waymark/internal/i18n"
	"waymark/web/component"
	"waymark/web/layout"
)

// SignInView is what the sign-in page needs beside its form.
type SignInView struct {
	Action, Forgot string
	// Reset says that a new password was just chosen.
	Reset bool
}

// ForgotView is what the page that asks for a reset link needs.
type ForgotView struct {
	Action string
	// Sent says that the form was accepted, whoever's address it was.
	Sent bool
	// Outbox says that mails are not sent but kept for the administrator.
	Outbox bool
}

// ResetView is what the page for a new password needs.
type ResetView struct{ Action, Email string }

// Outside is a page without the bars, for people who are not signed in.
func Outside(p layout.Page, content templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return layout.Plain(p).Render(templ.WithChildren(ctx, content), w)
	})
}

// passwordHint says what is asked of a new password.
func passwordHint(ctx context.Context) string {
	return i18n.T(ctx, "identity.password_hint", "min", identity.MinPassword)
}

// languageOptions are the languages to choose from, with the browser's own
// where that may be left to it.
func languageOptions(ctx context.Context, system bool) []component.Option {
	var list []component.Option
	if system {
		list = append(list, component.Option{Value: identity.LanguageSystem.String(), Label: i18n.T(ctx, "identity.language_system")})
	}
	for _, l := range i18n.Langs() {
		list = append(list, component.Option{Value: l.String(), Label: l.Name()})
	}
	return list
}
