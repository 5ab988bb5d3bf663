package component

import (
	"context"
	"html"
	"io"

	"github.com/a-h/templ"

	"waymark/internal/i18n"
)

// StepState is how a step stands, as the domain derived it.
type StepState uint8

// The states of a step.
const (
	StepLocked StepState = iota
	StepOpen
	StepFinished
	StepAgain
)

// Icon is the shape of the state.
func (s StepState) Icon() IconName {
	switch s {
	case StepOpen:
		return IconOpen
	case StepFinished:
		return IconFinished
	case StepAgain:
		return IconAgain
	case StepLocked:
	}
	return IconLocked
}

// Word is the translation key of the state.
func (s StepState) Word() string {
	return "component.step." + string(s.Icon())
}

// StepMark is the shape of a step's state with its word beside it.
func StepMark(s StepState) templ.Component { return marked(s.Icon(), s.Word()) }

// StepMarkAlone is the shape with its word for screen readers only, for places
// where the word follows in the text.
func StepMarkAlone(s StepState) templ.Component { return alone(s.Icon(), s.Word()) }

// Rating is how a check was rated.
type Rating uint8

// The ratings.
const (
	NotAssessed Rating = iota
	Conforms
	Partly
	Not
	NotTriggered
)

// Icon is the shape of the rating.
func (r Rating) Icon() IconName {
	switch r {
	case Conforms:
		return IconConforms
	case Partly:
		return IconPartly
	case Not:
		return IconNot
	case NotTriggered:
		return IconNotTriggered
	case NotAssessed:
	}
	return IconNotAssessed
}

// Word is the translation key of the rating.
func (r Rating) Word() string { return "component.rating." + string(r.Icon()) }

// RatingMark is the shape of a rating with its word.
func RatingMark(r Rating) templ.Component { return marked(r.Icon(), r.Word()) }

// Colour is how a clause stands. Grey wins over red: it hides what nobody looked at.
type Colour uint8

// The colours of a clause.
const (
	ColourGrey Colour = iota
	ColourRed
	ColourAmber
	ColourGreen
)

func (c Colour) icon() IconName {
	switch c {
	case ColourRed:
		return IconStop
	case ColourAmber:
		return IconPartly
	case ColourGreen:
		return IconTicked
	case ColourGrey:
	}
	return IconNotAssessed
}

func (c Colour) word() string {
	switch c {
	case ColourRed:
		return "component.colour.red"
	case ColourAmber:
		return "component.colour.amber"
	case ColourGreen:
		return "component.colour.green"
	case ColourGrey:
	}
	return "component.colour.grey"
}

// ClauseColour is the shape of a clause's colour, named in words for screen readers.
func ClauseColour(c Colour) templ.Component { return alone(c.icon(), c.word()) }

// IconWord is any icon with a word of the page's own beside it.
func IconWord(name IconName, word string) templ.Component {
	return raw(`<span class="mark">` + iconText[name] + `<span>` + html.EscapeString(word) + `</span></span>`)
}

// IconWordTone is IconWord in the colour of a tone.
func IconWordTone(name IconName, t Tone, word string) templ.Component {
	return raw(`<span class="mark ` + t.class() + `">` + iconText[name] + `<span>` + html.EscapeString(word) + `</span></span>`)
}

// marked writes an icon and its word as one string: a list has hundreds.
func marked(icon IconName, word string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		_, err := io.WriteString(w, `<span class="mark">`+iconText[icon]+
			`<span>`+html.EscapeString(i18n.T(ctx, word))+`</span></span>`)
		return err
	})
}

func alone(icon IconName, word string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		_, err := io.WriteString(w, iconText[icon]+
			`<span class="quiet">`+html.EscapeString(i18n.T(ctx, word))+`</span>`)
		return err
	})
}
