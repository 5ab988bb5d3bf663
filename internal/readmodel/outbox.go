package readmodel

import (
	"time"

	"waymark/internal/domain/id"
)

// NewMail is a mail about to be put into the outbox.
type NewMail struct {
	ID id.Mail
	// Once names what the mail is for; the same thing is never mailed twice.
	Once      string
	Kind      string
	Recipient string
	Language  string
	Subject   string
	Text      string
	HTML      string
}

// DueMail is a mail that its sender has taken to send now.
type DueMail struct {
	ID        id.Mail
	Recipient string
	Subject   string
	BodyText  string
	BodyHTML  string
	Attempts  int
}

// Outbox is a part of the list of mails, newest first.
type Outbox struct {
	Mails []Mail
	// Next is the mail behind which the list goes on, nil at its end.
	Next *id.Mail
	// First says that the list begins with the newest.
	First bool
}

// Mail is a mail in the outbox. BodyText is empty in lists.
type Mail struct {
	ID        id.Mail
	Kind      string
	Recipient string
	Subject   string
	BodyText  string
	CreatedAt time.Time
	Attempts  int
	SentAt    *time.Time
	GivenUpAt *time.Time
	LastError string
}
