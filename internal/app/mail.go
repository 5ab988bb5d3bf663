package app

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/domain/permission"
	"waymark/internal/mail"
	"waymark/internal/readmodel"
)

const (
	// mailLease is how long a mail belongs to the sender that took it; longer
	// than sending one can last.
	mailLease = 2 * time.Minute
	// mailAttempts is after how many tries a mail is given up: about two days.
	mailAttempts = 16
	mailWaitMost = 6 * time.Hour
	maxReason    = 500
)

// link makes an address for a mail, from the one address that the installation
// is reached at, never from what a visitor's browser says.
func (a *App) link(path string, query url.Values) string {
	u := *a.url
	u.Path = strings.TrimSuffix(u.Path, "/") + path
	u.RawQuery = query.Encode()
	return u.String()
}

// BaseURL is the address that links in mails begin with.
func (a *App) BaseURL() *url.URL { return a.url }

// SendsMail reports whether a mail server is configured.
func (a *App) SendsMail() bool { return a.sender != nil }

// newMail makes a mail of the outbox. once is what it is for; the mail's own id
// where it may be asked for again.
func newMail(m mail.Message, once string, language identity.Language) readmodel.NewMail {
	mailID := newID[id.Mail]()
	if once == "" {
		once = m.Kind.String() + ":" + mailID.String()
	}
	word := storedLanguage(language)
	if word == "" {
		word = identity.LanguageEnglish.String()
	}
	return readmodel.NewMail{
		ID: mailID, Once: once, Kind: m.Kind.String(), Recipient: m.To.String(), Language: word,
		Subject: m.Subject, Text: m.Text, HTML: m.HTML,
	}
}

// SendDue sends the mails that are due, one after the other, and gives how many
// were taken by the mail server. Several processes may call it at once: each
// mail is sent by one. A mail that the server refuses for good is given up, any
// other failure is tried again later, and ends this round: the server is
// probably away. Without a mail server it does nothing; mails stay in the
// outbox.
func (a *App) SendDue(ctx context.Context, now time.Time) (sent int, err error) {
	if a.sender == nil {
		return 0, nil
	}
	for {
		m, ok, err := a.db.TakeDueMail(ctx, now, mailLease)
		if err != nil || !ok {
			return sent, err
		}
		failure := a.sender.Send(ctx, now, mail.Message{
			To: identity.Email(m.Recipient), Subject: m.Subject, Text: m.BodyText, HTML: m.BodyHTML,
			MessageID: mail.MessageID(m.ID, a.sender.From()),
		})
		if err := a.mailDone(ctx, m, failure, now); err != nil {
			return sent, err
		}
		switch {
		case failure == nil:
			sent++
		case !errors.Is(failure, mail.ErrRefused):
			return sent, failure
		}
	}
}

// mailDone writes down how sending ended, even while the process is stopping:
// what is sent must not be sent again.
func (a *App) mailDone(ctx context.Context, m readmodel.DueMail, failure error, now time.Time) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if failure == nil {
		return a.db.MailSent(ctx, m.ID, now)
	}
	var next time.Time
	if !errors.Is(failure, mail.ErrRefused) && m.Attempts < mailAttempts {
		next = now.Add(min(mailWaitMost, time.Minute<<min(m.Attempts-1, 10)))
	}
	return a.db.MailFailed(ctx, m.ID, mailReason(failure), next, now)
}

// mailReason is what the administrator is told: the mail server's own words
// where there are any.
func mailReason(failure error) string {
	reason := failure.Error()
	if answer, ok := errors.AsType[*mail.SendError](failure); ok && answer.Reply != "" {
		reason = answer.Reply
	}
	reason = strings.ReplaceAll(strings.ToValidUTF8(reason, "\uFFFD"), "\x00", "")
	if r := []rune(reason); len(r) > maxReason {
		reason = string(r[:maxReason])
	}
	return reason
}

// OutboxPage reads a part of the outbox, for the administrator alone: it holds
// the links of others.
func (a *App) OutboxPage(ctx context.Context, acc readmodel.Access, behind id.Mail) (readmodel.Frame, readmodel.Outbox, error) {
	return a.db.OutboxPage(ctx, needing(acc, permission.Administer), behind)
}

// MailPage reads one mail of the outbox.
func (a *App) MailPage(ctx context.Context, acc readmodel.Access, m id.Mail) (readmodel.Frame, readmodel.Mail, error) {
	return a.db.MailPage(ctx, needing(acc, permission.Administer), m)
}
