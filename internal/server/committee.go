package server

import (
	"net/http"
	"slices"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/form"
	"waymark/internal/readmodel"
	"waymark/web/page"
)

func committeeRoutes() []Route {
	at := steps + "/committee"
	return []Route{
		get(at, permission.ReadProject, showCommittee),
		post(at+"/appointments", permission.EditPlan, "appointment.asked", appoint),
		post(at+"/appointments/{appointment}/answer", permission.AnswerOwn, "appointment.accepted", answerAppointment),
		post(at+"/appointments/{appointment}/end", permission.EditPlan, "appointment.ended", endAppointment),
		post(at+"/meetings", permission.EditPlan, "meeting.added", addMeeting),
		get(at+"/meetings/{meeting}", permission.EditPlan, showMeeting),
		post(at+"/meetings/{meeting}", permission.EditPlan, "meeting.saved", saveMeeting),
	}
}

// showCommittee shows the page of step 4; a link may have chosen a role and a
// clause in the form that appoints.
func showCommittee(s *Server, w http.ResponseWriter, r *http.Request) error {
	var f *form.Form
	query := r.URL.Query()
	role, clause := query.Get("role"), query.Get("clause")
	if clause != "" {
		role = "process_owner"
	}
	if _, ok := parseAppointmentRole(role); ok {
		f = form.New(nil)
		f.Set("appoint_role", role)
		f.Set("appoint_clause", clause)
	}
	return committeePage(s, w, r, f, http.StatusOK)
}

func committeePage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.CommitteePage(r.Context(), acc)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabCommittee, stepTitle(certification.Committee), page.Committee(&frame.Caller, &p, f, newKey()))
}

func (s *Server) committee(w http.ResponseWriter, r *http.Request, creates bool, part string, read func(f *form.Form) func(readmodel.Access) error) error {
	return s.submit(w, r, submission{
		creates: creates, read: read,
		show: func(f *form.Form, code int) error { return committeePage(s, w, r, f, code) },
		to:   stepAddress(certification.Committee, part),
	})
}

func parseAppointmentRole(word string) (string, bool) {
	return word, slices.Contains([]string{"project_manager", "chair", "staff", "process_owner"}, word)
}

func appoint(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.committee(w, r, true, "appointments", func(f *form.Form) func(readmodel.Access) error {
		in := readmodel.NewAppointment{
			Role:   form.Enum(f, "appoint_role", parseAppointmentRole, form.Required, form.Label("committee.appoint.role")),
			Person: form.ID[id.Person](f, "appoint_person", form.Required, form.Label("committee.appoint.person")),
		}
		if clause := f.Text("appoint_clause", form.Max(20), form.Label("committee.appoint.clause")); in.Role == "process_owner" {
			in.Clause = clause
		}
		return func(acc readmodel.Access) error { return s.app.Appoint(r.Context(), acc, in) }
	})
}

func parseAppointmentAnswer(word string) (accept, ok bool) {
	return word == "accept", word == "accept" || word == "decline"
}

func answerAppointment(s *Server, w http.ResponseWriter, r *http.Request) error {
	appointment, err := param[id.Appointment](r, "appointment")
	if err != nil {
		return err
	}
	return s.committee(w, r, false, "appointments", func(f *form.Form) func(readmodel.Access) error {
		accept := form.Enum(f, "answer", parseAppointmentAnswer, form.Required, form.Label("committee.answer.label"))
		word := f.LongText("answer_word", form.Max(1000), form.Label("committee.answer.word"))
		return func(acc readmodel.Access) error {
			return s.app.AnswerAppointment(r.Context(), acc, appointment, accept, word)
		}
	})
}

func endAppointment(s *Server, w http.ResponseWriter, r *http.Request) error {
	appointment, err := param[id.Appointment](r, "appointment")
	if err != nil {
		return err
	}
	return s.committee(w, r, false, "appointments", func(*form.Form) func(readmodel.Access) error {
		return func(acc readmodel.Access) error { return s.app.EndAppointment(r.Context(), acc, appointment) }
	})
}

func parseMeetingKind(word string) (string, bool) {
	return word, word == "kick_off" || word == "committee"
}

func readMeeting(f *form.Form) readmodel.Meeting {
	return readmodel.Meeting{
		Kind:    form.Enum(f, "meeting_kind", parseMeetingKind, form.Required, form.Label("committee.meeting.kind")),
		HeldOn:  f.Date("meeting_held", form.Required, form.Label("committee.meeting.held")),
		Present: f.LongText("meeting_present", form.Max(4000), form.Label("committee.meeting.present")),
		Minutes: f.LongText("meeting_minutes", form.Label("committee.meeting.minutes")),
	}
}

func addMeeting(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.committee(w, r, true, "meetings", func(f *form.Form) func(readmodel.Access) error {
		in := readMeeting(f)
		return func(acc readmodel.Access) error { return s.app.AddMeeting(r.Context(), acc, in) }
	})
}

func showMeeting(s *Server, w http.ResponseWriter, r *http.Request) error {
	meeting, err := param[id.Row](r, "meeting")
	if err != nil {
		return err
	}
	return s.meetingPage(w, r, meeting, nil, http.StatusOK)
}

func (s *Server) meetingPage(w http.ResponseWriter, r *http.Request, meeting id.Row, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, m, err := s.app.MeetingPage(r.Context(), acc, meeting)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabCommittee, stepTitle(certification.Committee), page.Meeting(&frame.Caller, &m, f))
}

func saveMeeting(s *Server, w http.ResponseWriter, r *http.Request) error {
	meeting, err := param[id.Row](r, "meeting")
	if err != nil {
		return err
	}
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			in := readMeeting(f)
			in.ID, in.Version = meeting, f.Version()
			return func(acc readmodel.Access) error { return s.app.SaveMeeting(r.Context(), acc, in) }
		},
		show: func(f *form.Form, code int) error { return s.meetingPage(w, r, meeting, f, code) },
		to:   stepAddress(certification.Committee, "meetings"),
	})
}
