package mail

import (
	"cmp"
	_ "embed"
	"html/template"
	"slices"
	"strings"
	"time"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/identity"
	"waymark/internal/i18n"
)

// Invitation asks a person to join an organization, or a project of it.
type Invitation struct {
	To           identity.Email
	Language     identity.Language // the inviting person's, as the invited one's is not known
	Inviter      string
	Organization string
	Project      string // empty for the organization alone
	Owner        bool   // invited as an owner of the organization
	Roles        []identity.ProjectRole
	Link         string
	Until        civil.Date
}

// Message writes the mail.
func (v Invitation) Message() (Message, error) {
	l := languageOf(v.Language)
	lead := l.T("mail.invitation.organization", "inviter", v.Inviter, "organization", v.Organization)
	if v.Project != "" {
		lead = l.T("mail.invitation.project", "inviter", v.Inviter, "organization", v.Organization, "project", v.Project)
	}
	paragraphs := []string{lead}
	if roles := roleNames(v.Owner, v.Roles); len(roles) > 0 {
		paragraphs = append(paragraphs, l.T("mail.invitation.roles", "roles", roles))
	}
	return compose(v.To, KindInvitation, body{
		Lang:       l,
		Subject:    l.T("mail.invitation.subject", "inviter", v.Inviter, "organization", v.Organization),
		Paragraphs: paragraphs,
		Action:     l.T("mail.invitation.action"),
		Link:       v.Link,
		After:      []string{l.T("mail.invitation.until", "date", v.Until), l.T("mail.invitation.ignore")},
	})
}

func roleNames(owner bool, roles []identity.ProjectRole) []i18n.Message {
	var names []i18n.Message
	if owner {
		names = append(names, i18n.M("mail.role.owner"))
	}
	for _, r := range roles {
		names = append(names, i18n.M("mail.role."+r.String()))
	}
	return names
}

// PasswordReset gives a person the link to choose a new password.
type PasswordReset struct {
	To       identity.Email
	Language identity.Language
	Link     string
	Until    time.Time
	Zone     *time.Location
}

// Message writes the mail.
func (v PasswordReset) Message() (Message, error) {
	l := languageOf(v.Language)
	return compose(v.To, KindPasswordReset, body{
		Lang:       l,
		Subject:    l.T("mail.reset.subject"),
		Paragraphs: []string{l.T("mail.reset.lead", "email", v.To)},
		Action:     l.T("mail.reset.action"),
		Link:       v.Link,
		After:      []string{l.T("mail.reset.until", "moment", l.Moment(v.Until, v.Zone)), l.T("mail.reset.ignore")},
	})
}

// DueList tells a person in the morning which of their tasks are late or soon
// due.
type DueList struct {
	To       identity.Email
	Language identity.Language
	Today    civil.Date
	Tasks    []DueTask
}

// DueTask is a line of a DueList.
type DueTask struct {
	Organization string
	Project      string
	Title        string
	Link         string
	Due          civil.Date
}

// Message writes the mail: project by project in the order of their names, the
// latest task first.
func (v DueList) Message() (Message, error) {
	l := languageOf(v.Language)
	tasks := slices.SortedStableFunc(slices.Values(v.Tasks), func(a, b DueTask) int {
		return cmp.Or(
			cmp.Compare(a.Organization, b.Organization), cmp.Compare(a.Project, b.Project),
			a.Due.Compare(b.Due), cmp.Compare(a.Title, b.Title))
	})
	late := 0
	var sections []section
	for _, t := range tasks {
		if t.Due.Before(v.Today) {
			late++
		}
		heading := l.T("mail.due.project", "project", t.Project, "organization", t.Organization)
		if n := len(sections); n == 0 || sections[n-1].Heading != heading {
			sections = append(sections, section{Heading: heading})
		}
		last := &sections[len(sections)-1]
		last.Rows = append(last.Rows, row{Title: t.Title, Link: t.Link, Detail: dueDetail(l, t.Due, v.Today), Late: t.Due.Before(v.Today)})
	}
	due := i18n.M("mail.due.subject", "n", len(tasks))
	switch {
	case late > 0 && late == len(tasks):
		due = i18n.M("mail.due.subject_late", "n", late)
	case late > 0:
		due = i18n.M("mail.due.subject_some_late", "due", due, "n", late)
	}
	return compose(v.To, KindDueList, body{
		Lang:       l,
		Subject:    l.T(due.Key, due.Args...),
		Paragraphs: []string{l.T("mail.due.lead", "date", v.Today)},
		Sections:   sections,
		After:      []string{l.T("mail.due.why")},
	})
}

func dueDetail(l i18n.Lang, due, today civil.Date) string {
	days := today.DaysUntil(due)
	switch {
	case days < 0:
		return l.T("mail.due.late", "date", l.Date(due), "n", -days)
	case days == 0:
		return l.T("mail.due.today")
	default:
		return l.T("mail.due.on", "date", l.Date(due))
	}
}

// body is a mail before it is written out, alike as text and as HTML.
type body struct {
	Lang       i18n.Lang
	Subject    string
	Paragraphs []string
	Action     string
	Link       string
	Sections   []section
	After      []string
}

type section struct {
	Heading string
	Rows    []row
}

type row struct {
	Title, Link, Detail string
	Late                bool
}

// Footer is the last line of every mail.
func (b body) Footer() string { return b.Lang.T("mail.footer") }

//go:embed mail.html
var page string

var pageTemplate = template.Must(template.New("mail.html").Parse(page))

func compose(to identity.Email, kind Kind, b body) (Message, error) {
	b.Subject = subject(b.Subject)
	var html strings.Builder
	if err := pageTemplate.Execute(&html, b); err != nil {
		return Message{}, err
	}
	return Message{To: to, Kind: kind, Subject: b.Subject, Text: b.text(), HTML: html.String()}, nil
}

// text is the mail without HTML. Names of projects and tasks are one line each,
// so that nobody's text can pass for ours.
func (b body) text() string {
	var blocks []string
	for _, p := range b.Paragraphs {
		blocks = append(blocks, subject(p))
	}
	if b.Link != "" {
		blocks = append(blocks, b.Lang.T("mail.labelled", "label", b.Action)+"\n"+b.Link)
	}
	for _, s := range b.Sections {
		blocks = append(blocks, subject(s.Heading))
		for _, r := range s.Rows {
			blocks = append(blocks, "- "+subject(r.Title)+"\n  "+r.Detail+"\n  "+r.Link)
		}
	}
	blocks = append(blocks, b.After...)
	blocks = append(blocks, "-- \n"+b.Footer())
	return strings.Join(blocks, "\n\n") + "\n"
}
