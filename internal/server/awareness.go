package server

import (
	"net/http"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/form"
	"waymark/internal/readmodel"
	"waymark/web/page"
)

func showAwareness(s *Server, w http.ResponseWriter, r *http.Request) error {
	return awarenessPage(s, w, r, nil, http.StatusOK)
}

func awarenessPage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.AwarenessPage(r.Context(), acc)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabPath, stepTitle(certification.Awareness), page.Awareness(&frame.Caller, &p, f, newKey()))
}

// awareness runs a form of step 1's page.
func (s *Server) awareness(w http.ResponseWriter, r *http.Request, creates bool, part string, read func(f *form.Form) func(readmodel.Access) error) error {
	return s.submit(w, r, submission{
		creates: creates, read: read,
		show: func(f *form.Form, code int) error { return awarenessPage(s, w, r, f, code) },
		to:   stepAddress(certification.Awareness, part),
	})
}

func saveAwareness(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.awareness(w, r, false, "text", func(f *form.Form) func(readmodel.Access) error {
		in := readmodel.Awareness{
			Objectives: f.LongText("objectives", form.Max(10000), form.Label("awareness.objectives.label")),
			Advantages: f.LongText("advantages", form.Max(10000), form.Label("awareness.advantages.label")),
			Approach:   f.LongText("approach", form.Max(10000), form.Label("awareness.approach.label")),
			Version:    f.Version(),
		}
		return func(acc readmodel.Access) error { return s.app.SaveAwareness(r.Context(), acc, in) }
	})
}

func addAudience(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.awareness(w, r, true, "audiences", func(f *form.Form) func(readmodel.Access) error {
		name := f.Text("audience", form.Required, form.Max(200), form.Label("awareness.audience.label"))
		return func(acc readmodel.Access) error { return s.app.AddAudience(r.Context(), acc, name) }
	})
}

func removeAudience(s *Server, w http.ResponseWriter, r *http.Request) error {
	audience, err := param[id.Row](r, "audience")
	if err != nil {
		return err
	}
	return s.awareness(w, r, false, "audiences", func(*form.Form) func(readmodel.Access) error {
		return func(acc readmodel.Access) error { return s.app.RemoveAudience(r.Context(), acc, audience) }
	})
}

func addCommunication(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.awareness(w, r, true, "audiences", func(f *form.Form) func(readmodel.Access) error {
		in := readmodel.Communication{
			Audience: form.ID[id.Row](f, "told", form.Required, form.Label("awareness.told.label")),
			Channel:  form.Enum(f, "channel", parseChannel, form.Required, form.Label("awareness.channel.label")),
			HeldOn:   f.Date("held_on", form.Required, form.Label("awareness.held_on.label")),
			Proof:    f.LongText("proof", form.Required, form.Max(2000), form.Label("awareness.proof.label")),
		}
		return func(acc readmodel.Access) error { return s.app.AddCommunication(r.Context(), acc, in) }
	})
}

func parseChannel(word string) (string, bool) {
	switch word {
	case "meeting", "mail", "intranet", "other":
		return word, true
	}
	return "", false
}

func signMandate(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.awareness(w, r, false, "mandate", func(f *form.Form) func(readmodel.Access) error {
		version := f.Version()
		return func(acc readmodel.Access) error { return s.app.SignMandate(r.Context(), acc, version) }
	})
}
