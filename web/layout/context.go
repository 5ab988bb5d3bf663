// Package layout holds the frame of every page: the document, the bars with
// their menus, and the plain frame of sign-in, set-up and error pages.
package layout

import "context"

// Theme is the reader's choice of colours.
type Theme uint8

// The themes. System follows the device.
const (
	ThemeSystem Theme = iota
	ThemeLight
	ThemeDark
)

// String is the value of the data-theme attribute, empty for the system's own.
func (t Theme) String() string {
	switch t {
	case ThemeLight:
		return "light"
	case ThemeDark:
		return "dark"
	case ThemeSystem:
	}
	return ""
}

// ParseTheme reads what String writes and "system". Anything else is refused.
func ParseTheme(s string) (Theme, bool) {
	switch s {
	case "light":
		return ThemeLight, true
	case "dark":
		return ThemeDark, true
	case "system", "":
		return ThemeSystem, true
	}
	return ThemeSystem, false
}

type (
	nonceKey struct{}
	themeKey struct{}
	partKey  struct{}
)

// WithNonce carries the nonce of the content security policy to the script tag.
func WithNonce(ctx context.Context, nonce string) context.Context {
	return context.WithValue(ctx, nonceKey{}, nonce)
}

// Nonce is the nonce of this answer, empty if none was set.
func Nonce(ctx context.Context) string {
	nonce, _ := ctx.Value(nonceKey{}).(string)
	return nonce
}

// WithTheme carries the reader's theme to the document.
func WithTheme(ctx context.Context, t Theme) context.Context {
	return context.WithValue(ctx, themeKey{}, t)
}

// ThemeOf is the theme of this answer.
func ThemeOf(ctx context.Context) Theme {
	t, _ := ctx.Value(themeKey{}).(Theme)
	return t
}

// SwapHeader is sent by the page's script when only a part of the answer is
// needed; its value lists the ids of the elements that will be replaced.
const SwapHeader = "Waymark-Swap"

// WithSwap marks a request that carries SwapHeader: Base then leaves out the
// bars, which the script would throw away.
func WithSwap(ctx context.Context) context.Context {
	return context.WithValue(ctx, partKey{}, true)
}

// IsSwap tells whether only the content of the page is needed.
func IsSwap(ctx context.Context) bool {
	part, _ := ctx.Value(partKey{}).(bool)
	return part
}
