package static

import (
	"math"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// tokens reads the colours of both themes from the style sheet.
func tokens(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	css, err := files.ReadFile("css/tokens.css")
	require.NoError(t, err)
	light, dark = map[string]string{}, map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);`).FindAllStringSubmatch(string(css), -1) {
		light[m[1]], dark[m[1]] = m[2], m[3]
	}
	require.Len(t, light, 19)
	return light, dark
}

// luminance and contrast follow WCAG 2.2, "relative luminance" and "contrast ratio".
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	channel := func(at int) float64 {
		n, err := strconv.ParseUint(hex[at:at+2], 16, 8)
		require.NoError(t, err)
		c := float64(n) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(1) + 0.7152*channel(3) + 0.0722*channel(5)
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	require.InDelta(t, 21, contrast(t, "#000000", "#ffffff"), 0.001)
	require.InDelta(t, 4.54, contrast(t, "#767676", "#ffffff"), 0.01)

	const text, control = 4.5, 3
	grounds := []string{"paper", "ground", "sunken"}
	type pair struct {
		fore  string
		backs []string
		least float64
	}
	pairs := []pair{
		{"ink", append([]string{"act-bg"}, grounds...), 7},
		{"ink-2", append([]string{"act-bg"}, grounds...), text},
		{"ink-3", append([]string{"act-bg"}, grounds...), text},
		{"act", append([]string{"act-bg"}, grounds...), text},
		{"act-2", grounds, text},
		{"edge", grounds, control},
		{"on-act", []string{"act", "act-2"}, text},
		{"good", []string{"paper", "ground", "good-bg", "act-bg"}, text},
		{"warn", []string{"paper", "ground", "warn-bg", "act-bg"}, text},
		{"bad", []string{"paper", "ground", "bad-bg", "act-bg"}, text},
		{"paper", []string{"ink"}, text},
	}
	light, dark := tokens(t)
	for theme, of := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, p := range pairs {
			for _, back := range p.backs {
				t.Run(theme+" "+p.fore+" on "+back, func(t *testing.T) {
					require.Contains(t, of, p.fore)
					require.Contains(t, of, back)
					require.GreaterOrEqual(t, contrast(t, of[p.fore], of[back]), p.least)
				})
			}
		}
	}

	// Yellow says "here"; on white it cannot stand alone, so the ink outline
	// inside it has to carry the focus.
	require.GreaterOrEqual(t, contrast(t, light["here"], light["ink"]), 7.0)
	require.GreaterOrEqual(t, contrast(t, dark["here"], dark["paper"]), 7.0)
	require.Less(t, contrast(t, light["here"], light["paper"]), 3.0, "if this changes, the outline may go")
}
