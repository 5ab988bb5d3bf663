package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/mail"
	"waymark/internal/readmodel"
)

// DueLists puts the due list of the day into the outbox for everybody whose
// morning it is: on weekdays from seven on by the person's clock, once a day
// for each organization, with the tasks that are late or due within a week.
// Call it every few minutes, from as many processes as there are. It answers
// how many lists were put; an organization that fails does not stop the others.
func (a *App) DueLists(ctx context.Context, now time.Time) (int, error) {
	organizations, err := a.db.DueOrganizations(ctx)
	if err != nil {
		return 0, err
	}
	put := 0
	var failed []error
	for _, organization := range organizations {
		n, err := a.dueListsOf(ctx, organization, now)
		put += n
		if err != nil {
			failed = append(failed, fmt.Errorf("due lists of %s: %w", organization, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return put, errors.Join(failed...)
}

func (a *App) dueListsOf(ctx context.Context, organization id.Organization, now time.Time) (int, error) {
	people, err := a.db.DuePeople(ctx, organization, now)
	if err != nil || len(people) == 0 {
		return 0, err
	}
	list := make([]readmodel.NewMail, 0, len(people))
	for _, p := range people {
		language, _ := identity.ParseLanguage(p.Language) // unknown is written to in English
		m := mail.DueList{To: identity.Email(p.Email), Language: language, Today: p.Today}
		for _, t := range p.Tasks {
			m.Tasks = append(m.Tasks, mail.DueTask{
				Organization: t.Organization, Project: t.Project, Title: t.Title, Due: t.DueOn,
				Link: a.link("/o/"+organization.String()+"/p/"+t.ProjectID.String()+"/tasks/"+t.ID.String(), nil),
			})
		}
		message, err := m.Message()
		if err != nil {
			return 0, err
		}
		list = append(list, newMail(message, p.Once, language))
	}
	return a.db.PutDueLists(ctx, list, now)
}
