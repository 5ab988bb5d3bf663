package component

import (
	"html"

	"github.com/a-h/templ"
)

// Tone is the colour of a badge or a note; the words say the same.
type Tone uint8

// The tones. Dashed is for what was waived.
const (
	ToneQuiet Tone = iota
	ToneGood
	ToneWarn
	ToneBad
	ToneDashed
)

func (t Tone) class() string {
	switch t {
	case ToneGood:
		return "good"
	case ToneWarn:
		return "warn"
	case ToneBad:
		return "bad"
	case ToneDashed:
		return "dashed"
	case ToneQuiet:
	}
	return "calm"
}

// Badge is a word or two about a row: a severity, lateness, "Waived".
func Badge(t Tone, text string) templ.Component {
	return raw(`<span class="badge ` + t.class() + `">` + html.EscapeString(text) + `</span>`)
}

// BadgeTicked is a badge with a tick before the word.
func BadgeTicked(t Tone, text string) templ.Component {
	return raw(`<span class="badge ` + t.class() + `">` + iconText[IconTick] + html.EscapeString(text) + `</span>`)
}
