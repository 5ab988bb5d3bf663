package page

import (
	"context"
	"strings"

	"waymark/internal/domain/identity"
	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
)

// profileForm is the form of the person's own fields.
func profileForm(f *form.Form, p *readmodel.Profile) *form.Form {
	language, zone := identity.LanguageSystem.String(), ""
	if p.Language != nil {
		language = *p.Language
	}
	if p.TimeZone != nil {
		zone = *p.TimeZone
	}
	return filled(f, "name", p.Version, "name", p.Name, "language", language, "time_zone", zone)
}

// themeForm is the form of the colours.
func themeForm(f *form.Form, p *readmodel.Profile) *form.Form {
	return filled(f, "theme", p.Version, "theme", p.Theme.String())
}

func themeOptions(ctx context.Context) []component.Option {
	var list []component.Option
	for _, t := range identity.Themes() {
		list = append(list, component.Option{Value: t.String(), Label: i18n.T(ctx, "layout.theme."+t.String())})
	}
	return list
}

// device names the browser and the system of a session, as far as its header
// tells. The order matters: browsers claim to be their ancestors too.
func device(ctx context.Context, userAgent string) string {
	browser := firstIn(userAgent, "Edg", "Edge", "OPR", "Opera", "Vivaldi", "Vivaldi", "Firefox", "Firefox", "FxiOS", "Firefox",
		"CriOS", "Chrome", "Chrome", "Chrome", "Safari", "Safari", "curl", "curl")
	system := firstIn(userAgent, "Windows", "Windows", "Android", "Android", "iPhone", "iPhone", "iPad", "iPad",
		"CrOS", "ChromeOS", "Mac OS", "macOS", "Linux", "Linux")
	switch {
	case browser != "" && system != "":
		return i18n.T(ctx, "profile.sessions.device", "browser", browser, "system", system)
	case browser+system != "":
		return browser + system
	}
	return i18n.T(ctx, "profile.sessions.unknown")
}

// firstIn gives the name for the first mark that a text holds.
func firstIn(text string, marksAndNames ...string) string {
	for i := 0; i+1 < len(marksAndNames); i += 2 {
		if strings.Contains(text, marksAndNames[i]) {
			return marksAndNames[i+1]
		}
	}
	return ""
}
