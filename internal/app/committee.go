package app

import (
	"context"

	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/readmodel"
)

// CommitteePage reads the page of step 4.
func (a *App) CommitteePage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.CommitteePage, error) {
	return a.db.CommitteePage(ctx, needing(acc, permission.ReadProject))
}

// Appoint asks a person to be project manager, chair, project staff or process
// owner.
func (a *App) Appoint(ctx context.Context, acc readmodel.Access, in readmodel.NewAppointment) error {
	in.ID = newID[id.Appointment]()
	return a.db.Appoint(ctx, needing(acc, permission.EditPlan), in)
}

// AnswerAppointment records the answer of the person who was asked; whose
// appointment it is, the store compares.
func (a *App) AnswerAppointment(ctx context.Context, acc readmodel.Access, appointment id.Appointment, accept bool, word string) error {
	return a.db.AnswerAppointment(ctx, needing(acc, permission.AnswerOwn), appointment, accept, word)
}

// EndAppointment ends an appointment.
func (a *App) EndAppointment(ctx context.Context, acc readmodel.Access, appointment id.Appointment) error {
	return a.db.EndAppointment(ctx, needing(acc, permission.EditPlan), appointment)
}

// MeetingPage reads one meeting to be edited.
func (a *App) MeetingPage(ctx context.Context, acc readmodel.Access, meeting id.Row) (readmodel.Frame, readmodel.Meeting, error) {
	return a.db.MeetingPage(ctx, needing(acc, permission.EditPlan), meeting)
}

// AddMeeting records a meeting that was held, or plans one.
func (a *App) AddMeeting(ctx context.Context, acc readmodel.Access, in readmodel.Meeting) error {
	in.ID = newID[id.Row]()
	return a.db.AddMeeting(ctx, needing(acc, permission.EditPlan), in)
}

// SaveMeeting stores an edited meeting.
func (a *App) SaveMeeting(ctx context.Context, acc readmodel.Access, in readmodel.Meeting) error {
	return a.db.SaveMeeting(ctx, needing(acc, permission.EditPlan), in)
}
