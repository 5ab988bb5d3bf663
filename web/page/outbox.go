package page

import (
	"context"
	"net/url"
	"regexp"
	"strings"

	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
)

// mailState says in one word where a mail stands, and how that looks.
func mailState(ctx context.Context, m *readmodel.Mail, sends bool) (string, component.Tone) {
	switch {
	case m.SentAt != nil:
		return i18n.T(ctx, "outbox.state.sent"), component.ToneGood
	case m.GivenUpAt != nil:
		return i18n.T(ctx, "outbox.state.given_up"), component.ToneBad
	case m.LastError != "":
		return i18n.T(ctx, "outbox.state.failed"), component.ToneWarn
	case sends:
		return i18n.T(ctx, "outbox.state.waiting"), component.ToneQuiet
	}
	return i18n.T(ctx, "outbox.state.kept"), component.ToneQuiet
}

// mailRows are the facts of a mail.
func mailRows(ctx context.Context, c *readmodel.Caller, m *readmodel.Mail, sends bool) []component.Row {
	state, tone := mailState(ctx, m, sends)
	rows := []component.Row{
		{Term: i18n.T(ctx, "outbox.recipient"), Text: m.Recipient},
		{Term: i18n.T(ctx, "outbox.made"), Text: i18n.Moment(ctx, m.CreatedAt, c.Location())},
		{Term: i18n.T(ctx, "outbox.state.title"), Value: component.Badge(tone, state)},
	}
	if m.SentAt != nil {
		rows = append(rows, component.Row{Term: i18n.T(ctx, "outbox.sent_at"), Text: i18n.Moment(ctx, *m.SentAt, c.Location())})
	}
	if m.LastError != "" {
		rows = append(rows,
			component.Row{Term: i18n.T(ctx, "outbox.attempts"), Text: i18n.Number(ctx, m.Attempts)},
			component.Row{Term: i18n.T(ctx, "outbox.error"), Text: m.LastError})
	}
	return rows
}

// mailPart is a piece of a mail's text: words, or a link.
type mailPart struct{ Text, Href string }

var webAddress = regexp.MustCompile(`https?://[^\s<>"]+`)

// mailParts cuts a mail's text at its links. Links to this installation lead
// there by the host that the reader is on, so that they can be followed before
// the installation knows its own address.
func mailParts(text string, base *url.URL) []mailPart {
	var parts []mailPart
	for {
		at := webAddress.FindStringIndex(text)
		if at == nil {
			return append(parts, mailPart{Text: text})
		}
		link := text[at[0]:at[1]]
		href := link
		if base != nil {
			if rest, ours := strings.CutPrefix(link, strings.TrimSuffix(base.String(), "/")+"/"); ours {
				href = "/" + rest
			}
		}
		parts = append(parts, mailPart{Text: text[:at[0]]}, mailPart{Text: link, Href: href})
		text = text[at[1]:]
	}
}
