package component

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"waymark/web/static"
)

// IconName is the id of a symbol in the sprite web/static/icon/icons.svg.
type IconName string

// The icons. There are never more than 24, and each stands beside a word.
const (
	IconWaymark      IconName = "waymark"
	IconFinished     IconName = "finished"
	IconOpen         IconName = "open"
	IconAgain        IconName = "again"
	IconLocked       IconName = "locked"
	IconConforms     IconName = "conforms"
	IconPartly       IconName = "partly"
	IconNot          IconName = "not"
	IconNotAssessed  IconName = "not-assessed"
	IconNotTriggered IconName = "not-triggered"
	IconStop         IconName = "stop"
	IconTicked       IconName = "ticked"
	IconTick         IconName = "tick"
	IconClock        IconName = "clock"
	IconDown         IconName = "down"
	IconSearch       IconName = "search"
	IconClip         IconName = "clip"
	IconTask         IconName = "task"
	IconRoute        IconName = "route"
	IconMenu         IconName = "menu"
	IconClose        IconName = "close"
)

// Icons lists every icon, for the style guide and the test of the sprite.
func Icons() []IconName {
	return []IconName{
		IconWaymark, IconFinished, IconOpen, IconAgain, IconLocked,
		IconConforms, IconPartly, IconNot, IconNotAssessed, IconNotTriggered,
		IconStop, IconTicked, IconTick, IconClock, IconDown, IconSearch,
		IconClip, IconTask, IconRoute, IconMenu, IconClose,
	}
}

// iconMarkup is the drawing of an icon. Its class names the shape, so that the
// colour follows from the state and not from the place.
func iconMarkup(name IconName) string {
	return `<svg class="icon i-` + string(name) + `" aria-hidden="true"><use href="` +
		static.URL("icons.svg") + `#` + string(name) + `"></use></svg>`
}

// iconText holds the markup of every icon, made once; a list of 220 rows writes
// each mark as one string.
var iconText = func() map[IconName]string {
	texts := make(map[IconName]string, len(Icons()))
	for _, name := range Icons() {
		texts[name] = iconMarkup(name)
	}
	return texts
}()

// Icon draws one icon, hidden from screen readers: the word beside it speaks.
// An empty name draws nothing.
func Icon(name IconName) templ.Component {
	return raw(iconText[name])
}

// raw writes markup made in this package from constants and escaped text.
func raw(markup string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, markup)
		return err
	})
}
