package page

import (
	"context"
	"strings"

	"waymark/internal/domain/identity"
	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/web/component"
)

// SetUpView is what the set-up page needs beside its form.
type SetUpView struct {
	Action string
	// NoURL says that the installation does not know its own address yet.
	NoURL bool
}

// setUpForm is the form to show: the refused one, or an empty one with the
// language that the page is in.
func setUpForm(ctx context.Context, f *form.Form) *form.Form {
	if f != nil {
		return f
	}
	out := form.New(nil)
	out.Set("language", i18n.From(ctx).String())
	return out
}

// zoneOptions are the time zones to choose from, and the one that stands.
func zoneOptions(now string) []component.Option {
	var list []component.Option
	known := now == ""
	for _, name := range identity.TimeZones() {
		known = known || name == now
		list = append(list, component.Option{Value: name, Label: strings.ReplaceAll(name, "_", " ")})
	}
	if !known {
		list = append([]component.Option{{Value: now, Label: strings.ReplaceAll(now, "_", " ")}}, list...)
	}
	return list
}
