package identity

import "database/sql/driver"

// Language is the language a person reads Waymark in.
type Language uint8

// The languages to choose from.
const (
	LanguageSystem  Language = iota + 1 // as the browser asks
	LanguageEnglish                     // English
	LanguageChinese                     // Simplified Chinese
)

func languageNames() []string {
	return []string{"", LanguageSystem: "system", LanguageEnglish: "en", LanguageChinese: "zh"}
}

// Languages lists them, in the order they are offered.
func Languages() []Language { return all[Language](languageNames()) }

// ParseLanguage reads a stored or posted name.
func ParseLanguage(s string) (Language, bool) { return parse[Language](languageNames(), s) }

// String is the name as it is stored and posted; no value has the empty name.
func (l Language) String() string { return name(languageNames(), l) }

// Scan reads the name from a text column.
func (l *Language) Scan(src any) error {
	v, err := scan[Language](languageNames(), "language", src)
	if err != nil {
		return err
	}
	*l = v
	return nil
}

// Value writes the name to a text column.
func (l Language) Value() (driver.Value, error) { return l.String(), nil }

// Theme is how bright a person likes the pages.
type Theme uint8

// The themes to choose from.
const (
	ThemeSystem Theme = iota + 1 // as the device is set
	ThemeLight                   // dark on light
	ThemeDark                    // light on dark
)

func themeNames() []string {
	return []string{"", ThemeSystem: "system", ThemeLight: "light", ThemeDark: "dark"}
}

// Themes lists them, in the order they are offered.
func Themes() []Theme { return all[Theme](themeNames()) }

// ParseTheme reads a stored or posted name.
func ParseTheme(s string) (Theme, bool) { return parse[Theme](themeNames(), s) }

// String is the name as it is stored and posted; no value has the empty name.
func (t Theme) String() string { return name(themeNames(), t) }

// Scan reads the name from a text column.
func (t *Theme) Scan(src any) error {
	v, err := scan[Theme](themeNames(), "theme", src)
	if err != nil {
		return err
	}
	*t = v
	return nil
}

// Value writes the name to a text column.
func (t Theme) Value() (driver.Value, error) { return t.String(), nil }
