package server

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/standard"
	"waymark/internal/fault"
	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
	"waymark/web/layout"
	"waymark/web/page"
)

func assessmentRoutes() []Route {
	return []Route{
		get(steps+"/gap", permission.ReadProject, showGap),
		post(steps+"/gap", permission.SignOff, "assessment.saved", saveAssessor),
		post(steps+"/gap/baseline", permission.SignOff, "baseline.signed", freezeBaseline),
		get(project+"/assessment", permission.ReadProject, showAssessment),
		get(project+"/assessment.csv", permission.ReadProject, assessmentFile),
		post(project+"/assessment/checks/{check}", permission.CommentOwn, "rating.saved", saveCheck),
	}
}

func showGap(s *Server, w http.ResponseWriter, r *http.Request) error {
	return gapPage(s, w, r, nil, http.StatusOK)
}

func gapPage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.GapPage(r.Context(), acc)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabPath, stepTitle(certification.Gap), page.Gap(&frame.Caller, &p, f, newKey()))
}

func saveAssessor(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			in := readmodel.Assessor{
				Mode:     form.Enum(f, "mode", parseMode, form.Required, form.Label("assessment.assessor.mode")),
				Assessor: f.Text("assessor", form.Required, form.Max(200), form.Label("assessment.assessor.name")),
				Version:  f.Version(),
			}
			if in.Mode == "external" {
				in.Firm = f.Text("firm", form.Required, form.Max(200), form.Label("assessment.assessor.firm"))
				in.People = f.LongText("people", form.Max(2000), form.Label("assessment.assessor.people"))
				in.BeganOn = f.Date("began_on", form.Required, form.Label("assessment.assessor.began"))
				in.EndedOn = f.Date("ended_on", form.Label("assessment.assessor.ended"))
				if !in.EndedOn.IsZero() && in.EndedOn.Before(in.BeganOn) {
					f.Fail("ended_on", i18n.M("assessment.assessor.ended_before"))
				}
			}
			return func(acc readmodel.Access) error { return s.app.SaveAssessor(r.Context(), acc, in) }
		},
		show: func(f *form.Form, code int) error { return gapPage(s, w, r, f, code) },
		to:   stepAddress(certification.Gap, "assessor"),
	})
}

func parseMode(word string) (string, bool) { return word, word == "external" || word == "self" }

func freezeBaseline(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.submit(w, r, submission{
		creates: true,
		read: func(f *form.Form) func(readmodel.Access) error {
			note := f.LongText("note", form.Max(1000), form.Label("assessment.baseline.note"))
			return func(acc readmodel.Access) error { return s.app.FreezeBaseline(r.Context(), acc, note) }
		},
		show: func(f *form.Form, code int) error { return gapPage(s, w, r, f, code) },
		to:   stepAddress(certification.Gap, "baseline"),
	})
}

// assessmentQuery reads what part of the assessment an address asks for. Words
// that no filter has narrow nothing down.
func assessmentQuery(values url.Values) readmodel.AssessmentQuery {
	q := readmodel.AssessmentQuery{
		Clause: standard.ClauseNumber(values.Get("clause")), Check: standard.CheckID(values.Get("check")),
		Lack: oneOf(values.Get("lack"), "support", "finding", "again"), Evidence: oneOf(values.Get("evidence"), "some", "none"),
		Text: searched(values.Get("text")),
	}
	if rating, err := assessment.ParseRating(values.Get("rating")); err == nil {
		q.Rating = rating.String()
	}
	q.Severity = severityOf(values.Get("severity"))
	return q
}

func severityOf(word string) string {
	if severity, err := assessment.ParseSeverity(word); err == nil && severity != assessment.None {
		return severity.String()
	}
	return ""
}

// oneOf keeps a word of an address that is among those known.
func oneOf(word string, known ...string) string {
	for _, k := range known {
		if word == k {
			return word
		}
	}
	return ""
}

// searched bounds what is searched for.
func searched(text string) string {
	text = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), ""))
	for utf8.RuneCountInString(text) > 200 {
		text = string([]rune(text)[:200])
	}
	return text
}

func showAssessment(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.assessmentPage(w, r, assessmentQuery(r.URL.Query()), nil, http.StatusOK)
}

// assessmentPage shows the assessment, or only that part which a script asks
// for: the list, one row, or what saving a check has changed.
func (s *Server) assessmentPage(w http.ResponseWriter, r *http.Request, q readmodel.AssessmentQuery, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.AssessmentPage(r.Context(), acc, q)
	if err != nil {
		return err
	}
	if _, ok := p.Sheet.Catalogue.Clause(q.Clause); q.Clause != "" && !ok {
		return fault.NotFound
	}
	if q.Check != "" && p.Open == nil {
		return fault.NotFound
	}
	ctx := readerContext(r, &frame.Caller)
	v := &page.AssessmentView{Caller: &frame.Caller, Page: &p, Query: q, Form: f}
	if layout.IsSwap(ctx) {
		swap := r.Header.Get(layout.SwapHeader)
		row := page.CheckRowAsked(swap)
		switch {
		case r.Method == http.MethodPost:
			return render(ctx, w, code, page.CheckSaved(v))
		case p.Sheet.Catalogue.Index(row) >= 0:
			return render(ctx, w, code, page.CheckRow(v, row))
		case page.ListAsked(swap):
			return render(ctx, w, code, page.ChecksList(v))
		}
	}
	view := s.frameView(ctx, frame, page.TabAssessment, i18n.T(ctx, "assessment.title"))
	view.Wide = true
	view.Strip = component.StepStrip(page.Steps(ctx, &frame.Caller, p.Project, certification.Gap))
	return render(ctx, w, code, page.Framed(view, page.Assessment(v)))
}

// checkOf reads the check of an address. Whether the project's catalogue has
// it, the store says.
func checkOf(r *http.Request) (standard.CheckID, error) {
	word := chi.URLParam(r, "check")
	if word == "" || len(word) > 16 {
		return "", fault.NotFound
	}
	return standard.CheckID(word), nil
}

func saveCheck(s *Server, w http.ResponseWriter, r *http.Request) error {
	check, err := checkOf(r)
	if err != nil {
		return err
	}
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	f, err := s.posted(r)
	if err != nil {
		return err
	}
	q := assessmentQuery(r.URL.Query())
	q.Check = check
	show := func(f *form.Form, code int) error { return s.assessmentPage(w, r, q, f, code) }
	in := readCheck(f, check)
	if !f.OK() {
		return show(f, http.StatusUnprocessableEntity)
	}
	if err := s.app.SaveCheck(r.Context(), acc, in); err != nil {
		return s.again(r, f, err, show)
	}
	if layout.IsSwap(r.Context()) {
		return show(nil, http.StatusOK)
	}
	return done(w, r, page.AssessmentPath(&readmodel.Caller{Organization: acc.Organization, Project: acc.Project}, q))
}

// readCheck reads the form of a check. A field that was not sent is left as it
// is stored.
func readCheck(f *form.Form, check standard.CheckID) readmodel.CheckEdit {
	in := readmodel.CheckEdit{Check: check, Version: f.Version()}
	if f.Has("rating") {
		rating := form.Enum(f, "rating", parseRating, form.Required, form.Label("assessment.rating"))
		in.Rating = &rating
	}
	if f.Has("comment") {
		comment := f.LongText("comment", form.Max(10000), form.Label("assessment.comment"))
		in.Comment = &comment
	}
	if f.Has("finding") {
		statement := f.LongText("finding", form.Max(10000), form.Label("assessment.finding"))
		in.Statement = &statement
		in.Severity = form.Enum(f, "severity", parseSeverity, form.Label("finding.severity_label"))
		in.Finding = form.ID[id.Finding](f, "finding_id")
	}
	in.Confirm = f.Bool("confirm")
	if in.Rating == nil && in.Comment == nil && in.Statement == nil && f.OK() {
		f.Fail("", i18n.M("form.old_page"))
	}
	return in
}

func parseRating(word string) (assessment.Rating, bool) {
	r, err := assessment.ParseRating(word)
	return r, err == nil
}

func parseSeverity(word string) (assessment.Severity, bool) {
	s, err := assessment.ParseSeverity(word)
	return s, err == nil && s != assessment.None
}

// keyTitle makes the function of a page's title from its key.
func keyTitle(key string, args ...any) func(context.Context) string {
	return func(ctx context.Context) string { return i18n.T(ctx, key, args...) }
}
