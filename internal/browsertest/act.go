package browsertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// question is what finder.js is asked.
type question struct {
	Scope   string `json:"scope,omitempty"`
	By      string `json:"by"` // css, text, label, focus
	Value   string `json:"value"`
	Want    string `json:"want"`
	Text    string `json:"text,omitempty"`
	Checked *bool  `json:"checked,omitempty"`
}

func (q question) String() string {
	switch q.By {
	case "text":
		return fmt.Sprintf("the link or button %q", q.Value)
	case "label":
		return fmt.Sprintf("the field labelled %q", q.Value)
	case "focus":
		return "the element that has the focus"
	default:
		return fmt.Sprintf("the element %s", q.Value)
	}
}

// answer is what finder.js says.
type answer struct {
	State     string   `json:"state"` // ok, done, none, many, covered, disabled
	Detail    string   `json:"detail"`
	X         float64  `json:"x"`
	Y         float64  `json:"y"`
	Navigates bool     `json:"navigates"`
	Typed     bool     `json:"typed"`
	Text      string   `json:"text"`
	Texts     []string `json:"texts"`
	Count     int      `json:"count"`
}

// Open goes to a path of the site (or a whole URL) and waits until the page is
// at rest. An answer of 4xx is not a failure; ask Status.
func (p *Person) Open(path string) {
	p.t.Helper()
	target := path
	if !strings.Contains(path, "://") {
		target = p.base + path
	}
	p.call(func(ctx context.Context) error {
		got, err := chromedp.Call(ctx, page.Navigate, page.NavigateParams{URL: target})
		if err != nil {
			return fmt.Errorf("opening %s: %w", target, err)
		}
		if got.ErrorText != "" && got.ErrorText != "net::ERR_ABORTED" {
			return fmt.Errorf("opening %s: %s", target, got.ErrorText)
		}
		return nil
	})
	p.Settle()
}

// Reload loads the page again.
func (p *Person) Reload() {
	p.t.Helper()
	before := p.watch.count()
	p.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, page.Reload, page.ReloadParams{})
		return err
	})
	p.awaitActivity(before)
	p.Settle()
}

// Back goes back one page, as the button of the browser does.
func (p *Person) Back() {
	p.t.Helper()
	before := p.watch.count()
	p.call(func(ctx context.Context) error {
		history, err := chromedp.Call(ctx, page.GetNavigationHistory, cdp.Empty{})
		if err != nil {
			return err
		}
		if history.CurrentIndex < 1 {
			return errors.New("there is no page to go back to")
		}
		// Not the library's NavigateBack: it waits for a load event, which a page
		// that the browser kept alive never sends.
		_, err = chromedp.Call(ctx, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{
			EntryID: history.Entries[history.CurrentIndex-1].ID,
		})
		return err
	})
	p.awaitActivity(before)
	p.Settle()
}

// URL is the address of the page.
func (p *Person) URL() string {
	p.t.Helper()
	return p.here()
}

// Path is the path of the address, with its query.
func (p *Person) Path() string {
	p.t.Helper()
	u, err := url.Parse(p.here())
	if err != nil {
		p.fatalf("reading the address: %v", err)
	}
	return u.RequestURI()
}

// Status is the HTTP status of the last page that was loaded whole.
func (p *Person) Status() int {
	p.watch.mu.Lock()
	defer p.watch.mu.Unlock()
	return p.watch.status
}

// Click presses the first visible element that matches a CSS selector, with the
// mouse: an element that something else covers cannot be pressed.
func (p *Person) Click(css string) {
	p.t.Helper()
	p.click(question{By: "css", Value: css})
}

// ClickText presses the link or button with that text (or name, for those that
// show an icon). The exact text is preferred; two candidates are a failure, see
// Within.
func (p *Person) ClickText(text string) {
	p.t.Helper()
	p.click(question{By: "text", Value: text})
}

// Check sets the checkbox or radio button with that label.
func (p *Person) Check(label string) {
	p.t.Helper()
	p.click(question{By: "label", Value: label, Checked: new(true)})
}

// Uncheck clears the checkbox with that label.
func (p *Person) Uncheck(label string) {
	p.t.Helper()
	p.click(question{By: "label", Value: label, Checked: new(false)})
}

func (p *Person) click(q question) {
	p.t.Helper()
	q.Want = "press"
	before := p.watch.count()
	at := p.find(q)
	if at.State == "done" {
		return
	}
	p.call(func(ctx context.Context) error {
		for _, event := range []input.DispatchMouseEventParams{
			{Type: input.DispatchMouseEventTypeMouseMoved, X: at.X, Y: at.Y},
			{Type: input.DispatchMouseEventTypeMousePressed, X: at.X, Y: at.Y, Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1},
			{Type: input.DispatchMouseEventTypeMouseReleased, X: at.X, Y: at.Y, Button: input.MouseButtonLeft, ClickCount: 1},
		} {
			if _, err := chromedp.Call(ctx, input.DispatchMouseEvent, event); err != nil {
				return fmt.Errorf("pressing %s: %w", q, err)
			}
		}
		return nil
	})
	if at.Navigates {
		p.awaitActivity(before)
	}
	p.rest()
}

// Fill types into the field with that label, in place of what it holds. Dates
// are given as 2026-06-12.
func (p *Person) Fill(label, value string) {
	p.t.Helper()
	p.fill(question{By: "label", Value: label, Text: value})
}

// FillCSS is Fill for a field named by a CSS selector.
func (p *Person) FillCSS(css, value string) {
	p.t.Helper()
	p.fill(question{By: "css", Value: css, Text: value})
}

func (p *Person) fill(q question) {
	p.t.Helper()
	q.Want = "edit"
	if got := p.find(q); got.Typed {
		if q.Text == "" {
			p.key("Backspace")
		} else {
			p.Type(q.Text)
		}
	}
	p.rest()
}

// Select chooses the option with that text in the list with that label.
func (p *Person) Select(label, option string) {
	p.t.Helper()
	p.find(question{By: "label", Value: label, Want: "choose", Text: option})
	p.rest()
}

// Upload puts files (absolute paths) into the file field with that label.
func (p *Person) Upload(label string, files ...string) {
	p.t.Helper()
	q := question{Scope: p.scope, By: "label", Value: label, Want: "text"}
	p.find(q)
	q.Want = "element"
	field, err := p.object(call(q), false, false)
	if err != nil {
		p.fatalf("finding %s: %v", q, err)
	}
	p.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: files, ObjectID: field.ObjectID})
		return err
	})
	p.rest()
}

// Type types text where the focus is.
func (p *Person) Type(text string) {
	p.t.Helper()
	p.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
		return err
	})
}

// Press presses keys one after the other: "Tab", "Shift+Tab", "Enter", "Escape",
// "Space", "ArrowDown", "Home", "a", "Control+k".
func (p *Person) Press(keys ...string) {
	p.t.Helper()
	for _, key := range keys {
		before := p.watch.count()
		p.key(key)
		if key == "Enter" || key == "Space" {
			p.awaitBriefly(before, 200*time.Millisecond)
		}
	}
	p.rest()
}

func (p *Person) key(name string) {
	p.t.Helper()
	key, modifiers, err := parseKey(name)
	if err != nil {
		p.fatalf("%v", err)
	}
	p.call(func(ctx context.Context) error {
		for _, r := range key {
			for _, event := range stroke(r, modifiers) {
				if _, err := chromedp.Call(ctx, input.DispatchKeyEvent, *event); err != nil {
					return fmt.Errorf("pressing %s: %w", name, err)
				}
			}
		}
		return nil
	})
}

// stroke is a key going down and up. The character it types goes with the key
// and not after it: a page that takes the key for itself, and moves the focus
// to a field, does not get the character into the field.
func stroke(r rune, modifiers []kb.Modifier) []*input.DispatchKeyEventParams {
	events := kb.Encode(r)
	down, up := events[0], events[len(events)-1]
	for _, event := range []*input.DispatchKeyEventParams{down, up} {
		for _, m := range modifiers {
			event.Modifiers |= int64(m)
		}
	}
	if len(events) == 3 && down.Modifiers&^int64(kb.ModifierShift) == 0 {
		down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
	}
	return []*input.DispatchKeyEventParams{down, up}
}

func parseKey(name string) (string, []kb.Modifier, error) {
	parts := strings.Split(name, "+")
	last := parts[len(parts)-1]
	var modifiers []kb.Modifier
	for _, m := range parts[:len(parts)-1] {
		switch m {
		case "Shift":
			modifiers = append(modifiers, kb.ModifierShift)
		case "Control":
			modifiers = append(modifiers, kb.ModifierCtrl)
		case "Alt":
			modifiers = append(modifiers, kb.ModifierAlt)
		case "Meta":
			modifiers = append(modifiers, kb.ModifierMeta)
		default:
			return "", nil, fmt.Errorf("no modifier key is called %q", m)
		}
	}
	named := map[string]string{
		"Tab": kb.Tab, "Enter": kb.Enter, "Escape": kb.Escape, "Space": " ", "Backspace": kb.Backspace,
		"Delete": kb.Delete, "Home": kb.Home, "End": kb.End, "PageUp": kb.PageUp, "PageDown": kb.PageDown,
		"ArrowUp": kb.ArrowUp, "ArrowDown": kb.ArrowDown, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight,
	}
	if key, ok := named[last]; ok {
		return key, modifiers, nil
	}
	if len([]rune(last)) == 1 {
		return last, modifiers, nil
	}
	return "", nil, fmt.Errorf("no key is called %q", last)
}

// Focused names the element that has the focus: by its label, else by tag, id
// and text. It is empty when nothing has.
func (p *Person) Focused() string {
	p.t.Helper()
	got, err := p.ask(question{By: "focus", Want: "name"})
	if err != nil {
		p.fatalf("asking for the focus: %v", err)
	}
	return got.Text
}

// Text is the visible text of the first element that matches, in one line.
func (p *Person) Text(css string) string {
	p.t.Helper()
	return p.find(question{By: "css", Value: css, Want: "text"}).Text
}

// Texts is the visible text of every element that matches now.
func (p *Person) Texts(css string) []string {
	p.t.Helper()
	return p.find(question{By: "css", Value: css, Want: "texts"}).Texts
}

// Attribute is an attribute of the first element that matches, empty without.
func (p *Person) Attribute(css, name string) string {
	p.t.Helper()
	return p.find(question{By: "css", Value: css, Want: "attribute", Text: name}).Text
}

// Value is what the field with that label holds; "true" or "false" for a
// checkbox or radio button.
func (p *Person) Value(label string) string {
	p.t.Helper()
	return p.find(question{By: "label", Value: label, Want: "value"}).Text
}

// Count is the number of elements that match now.
func (p *Person) Count(css string) int {
	p.t.Helper()
	return p.find(question{By: "css", Value: css, Want: "count"}).Count
}

// Has reports whether an element matches now.
func (p *Person) Has(css string) bool {
	p.t.Helper()
	return p.Count(css) > 0
}

// Wait waits until an element matches.
func (p *Person) Wait(css string) {
	p.t.Helper()
	p.find(question{By: "css", Value: css, Want: "text"})
}

// See waits until the page (or the part named by Within) shows a text.
func (p *Person) See(text string) {
	p.t.Helper()
	wanted := strings.Join(strings.Fields(text), " ")
	if shown, ok := p.waitText(func(s string) bool { return strings.Contains(s, wanted) }); !ok {
		p.fatalf("the page does not say %q; it says: %s", wanted, shorten(shown))
	}
}

// NotSee waits until the page does not show a text.
func (p *Person) NotSee(text string) {
	p.t.Helper()
	unwanted := strings.Join(strings.Fields(text), " ")
	if _, ok := p.waitText(func(s string) bool { return !strings.Contains(s, unwanted) }); !ok {
		p.fatalf("the page still says %q", unwanted)
	}
}

func (p *Person) waitText(ok func(string) bool) (string, bool) {
	p.t.Helper()
	deadline := time.Now().Add(p.wait)
	for {
		got := p.find(question{By: "css", Value: "body", Want: "page"}).Text
		if ok(got) {
			return got, true
		}
		if time.Now().After(deadline) {
			return got, false
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Eval runs an expression in the page's own world, as its scripts do, and reads
// its value into result (a pointer, or nil). It needs no JavaScript of the page,
// but works only where scripts are on.
func (p *Person) Eval(expression string, result any) {
	p.t.Helper()
	p.call(func(ctx context.Context) error {
		raw, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](expression, chromedp.EvalAwaitPromise))
		if err != nil || result == nil {
			return err
		}
		return json.Unmarshal(raw, result)
	})
}

// Settle waits until the page is at rest: loaded, no request under way (live
// event streams aside), no swap by htmx and no finite animation running.
func (p *Person) Settle() {
	p.t.Helper()
	const still = `document.readyState === "complete" &&
		!document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling") &&
		document.getAnimations().every(a => a.playState !== "running" || a.effect?.getComputedTiming().endTime === Infinity)`
	deadline := time.Now().Add(p.wait)
	why := ""
	for time.Now().Before(deadline) {
		rest, reason := p.watch.atRest(time.Now())
		if rest {
			raw, err := p.evaluate(still, false)
			if err == nil && string(raw) == "true" {
				return
			}
			reason = "the page is loading, swapping or moving"
		}
		why = reason
		time.Sleep(5 * time.Millisecond)
	}
	p.fatalf("the page does not come to rest: %s", why)
}

// rest settles after an act, leaving the page time to react to it.
func (p *Person) rest() {
	p.t.Helper()
	p.watch.touch()
	p.Settle()
}

// awaitActivity waits until the page begins a request or a navigation, as a link
// does a moment after it was pressed. A page that begins none is left alone.
func (p *Person) awaitActivity(before int) { p.awaitBriefly(before, 2*time.Second) }

func (p *Person) awaitBriefly(before int, limit time.Duration) {
	for deadline := time.Now().Add(limit); p.watch.count() == before && time.Now().Before(deadline); {
		time.Sleep(2 * time.Millisecond)
	}
}

// find asks until the answer is good, and fails the test when it stays bad.
func (p *Person) find(q question) answer {
	p.t.Helper()
	deadline := time.Now().Add(p.wait)
	for {
		got, err := p.ask(q)
		if err == nil && slices.Contains([]string{"ok", "done"}, got.State) {
			return got
		}
		if time.Now().Before(deadline) {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		switch {
		case err != nil:
			p.fatalf("looking for %s: %v", q, err)
		case got.State == "many":
			p.fatalf("%s is not one: %s (narrow it with Within)", q, got.Detail)
		case got.State == "covered":
			p.fatalf("%s cannot be reached: %s", q, got.Detail)
		case got.State == "disabled":
			p.fatalf("%s is disabled: %s", q, got.Detail)
		default:
			p.fatalf("%s is not there; there is: %s", q, got.Detail)
		}
	}
}

func (p *Person) ask(q question) (answer, error) {
	if q.By != "focus" {
		q.Scope = p.scope
	}
	raw, err := p.evaluate(call(q), false)
	if err != nil {
		return answer{}, err
	}
	var got answer
	if err := json.Unmarshal(raw, &got); err != nil {
		return answer{}, fmt.Errorf("reading %s: %w", raw, err)
	}
	return got, nil
}

func call(q question) string {
	// A struct of strings always marshals.
	args, _ := json.Marshal(q)
	return "(" + finder + ")(" + string(args) + ")"
}

// here is the address of the page; it never fails, as messages of failure use it.
func (p *Person) here() string {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	tree, err := chromedp.Call(ctx, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		return "an unknown page"
	}
	return tree.FrameTree.Frame.URL + tree.FrameTree.Frame.URLFragment
}

func shorten(s string) string {
	const most = 600
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + " …"
	}
	return s
}
