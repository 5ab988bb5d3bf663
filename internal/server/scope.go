package server

import (
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/scope"
	"waymark/internal/fault"
	"waymark/internal/form"
	"waymark/internal/readmodel"
	"waymark/web/page"
)

func scopeRoutes() []Route {
	at := steps + "/scope"
	return []Route{
		get(at, permission.ReadProject, showScope),
		post(at, permission.Propose, "scope.saved", saveScope),
		post(at+"/items", permission.Propose, "scope_item.added", addScopeItem),
		get(at+"/items/{item}", permission.Propose, showScopeItem),
		post(at+"/items/{item}", permission.Propose, "scope_item.saved", saveScopeItem),
		post(at+"/items/{item}/remove", permission.Propose, "scope_item.removed", removeScopeItem),
		post(at+"/approval", permission.Approve, "approval.scope", approveScope),
		post(steps+"/{step}/confirmations/{subject}", permission.EditPlan, "confirmation.given", confirm),
		post(steps+"/{step}/confirmations/{subject}/withdraw", permission.EditPlan, "confirmation.withdrawn", withdrawConfirmation),
	}
}

func showScope(s *Server, w http.ResponseWriter, r *http.Request) error {
	return scopePage(s, w, r, nil, http.StatusOK)
}

func scopePage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.ScopePage(r.Context(), acc)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabPath, stepTitle(certification.Scope), page.Scope(&frame.Caller, &p, f, newKey()))
}

func (s *Server) scope(w http.ResponseWriter, r *http.Request, creates bool, part string, read func(f *form.Form) func(readmodel.Access) error) error {
	return s.submit(w, r, submission{
		creates: creates, read: read,
		show: func(f *form.Form, code int) error { return scopePage(s, w, r, f, code) },
		to:   stepAddress(certification.Scope, part),
	})
}

func saveScope(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.scope(w, r, false, "scope", func(f *form.Form) func(readmodel.Access) error {
		in := readmodel.Scope{
			Extent:    form.Enum(f, "extent", parsed(scope.ParseExtent), form.Required, form.Label("scope.extent.label")),
			Name:      f.Text("name", form.Max(200), form.Label("scope.name.label")),
			Statement: f.LongText("statement", form.Max(4000), form.Label("scope.statement.label")),
			People:    optionalInt(f, "people", "scope.people.label"),
			Version:   f.Version(),
		}
		return func(acc readmodel.Access) error { return s.app.SaveScope(r.Context(), acc, in) }
	})
}

// parsed fits a parser that answers an error to one that answers yes or no.
func parsed[T any](parse func(string) (T, error)) func(string) (T, bool) {
	return func(s string) (T, bool) {
		v, err := parse(s)
		return v, err == nil
	}
}

// optionalInt reads a count of people, nil where nothing was typed.
func optionalInt(f *form.Form, field, label string) *int {
	n := f.Int(field, form.AtLeast(0), form.AtMost(10_000_000), form.Label(label))
	if f.Value(field) == "" {
		return nil
	}
	return &n
}

// readItem reads the fields of an item; kind is given where it is known.
func readItem(f *form.Form) readmodel.ScopeItem {
	return readmodel.ScopeItem{
		Name:         f.Text("item_name", form.Required, form.Max(200), form.Label("scope.item.name")),
		Included:     form.Enum(f, "item_included", parseIncluded, form.Required, form.Label("scope.item.included")),
		Reason:       f.LongText("item_reason", form.Max(1000), form.Label("scope.item.reason")),
		Country:      f.Text("item_country", form.Max(100), form.Label("scope.item.country")),
		People:       optionalInt(f, "item_people", "scope.item.people"),
		Central:      f.Bool("item_central"),
		CustomerKind: form.Enum(f, "item_customer", parsed(scope.ParseCustomerKind), form.Label("scope.item.customer")),
	}
}

func parseIncluded(word string) (in, ok bool) { return word == "in", word == "in" || word == "out" }

func parseItemKind(word string) (string, bool) {
	return word, slices.Contains([]string{"unit", "service", "location", "customer"}, word)
}

func addScopeItem(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.scope(w, r, true, "items", func(f *form.Form) func(readmodel.Access) error {
		kind := form.Enum(f, "item_kind", parseItemKind, form.Required, form.Label("scope.item.kind"))
		in := readItem(f)
		in.Kind = kind
		return func(acc readmodel.Access) error { return s.app.AddScopeItem(r.Context(), acc, in) }
	})
}

func showScopeItem(s *Server, w http.ResponseWriter, r *http.Request) error {
	item, err := param[id.Row](r, "item")
	if err != nil {
		return err
	}
	return s.scopeItemPage(w, r, item, nil, http.StatusOK)
}

func (s *Server) scopeItemPage(w http.ResponseWriter, r *http.Request, item id.Row, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, i, err := s.app.ScopeItemPage(r.Context(), acc, item)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabPath, stepTitle(certification.Scope), page.ScopeItem(&frame.Caller, &i, f))
}

func saveScopeItem(s *Server, w http.ResponseWriter, r *http.Request) error {
	item, err := param[id.Row](r, "item")
	if err != nil {
		return err
	}
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			in := readItem(f)
			in.ID, in.Version = item, f.Version()
			return func(acc readmodel.Access) error { return s.app.SaveScopeItem(r.Context(), acc, in) }
		},
		show: func(f *form.Form, code int) error { return s.scopeItemPage(w, r, item, f, code) },
		to:   stepAddress(certification.Scope, "items"),
	})
}

func removeScopeItem(s *Server, w http.ResponseWriter, r *http.Request) error {
	item, err := param[id.Row](r, "item")
	if err != nil {
		return err
	}
	return s.scope(w, r, false, "items", func(*form.Form) func(readmodel.Access) error {
		return func(acc readmodel.Access) error { return s.app.RemoveScopeItem(r.Context(), acc, item) }
	})
}

func approveScope(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.scope(w, r, false, "approval", func(f *form.Form) func(readmodel.Access) error {
		version, note := f.Version(), f.LongText("note", form.Max(1000), form.Label("scope.approval.note"))
		return func(acc readmodel.Access) error { return s.app.ApproveScope(r.Context(), acc, version, note) }
	})
}

// confirmable says which confirmations belong to which step.
func confirmable(step certification.Step, subject string) bool {
	switch step {
	case certification.Scope:
		return slices.ContainsFunc(scope.ConfirmedRules(), func(r scope.Rule) bool { return r.String() == subject })
	case certification.Preparation:
		return slices.Contains([]string{"processes", "documents", "records"}, subject)
	default:
		return false
	}
}

// confirmation runs a form about a confirmation, on the page of its step.
func (s *Server) confirmation(w http.ResponseWriter, r *http.Request, read func(f *form.Form, step certification.Step, subject string) func(readmodel.Access) error) error {
	step, err := stepOf(r)
	if err != nil {
		return err
	}
	subject := chi.URLParam(r, "subject")
	if !confirmable(step, subject) {
		return fault.NotFound
	}
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error { return read(f, step, subject) },
		show: func(f *form.Form, code int) error { return s.showStepPage(w, r, step, f, code) },
		to:   stepAddress(step, "confirm-"+subject),
	})
}

func confirm(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.confirmation(w, r, func(f *form.Form, step certification.Step, subject string) func(readmodel.Access) error {
		held := f.Date("held_on", form.Required, form.Label("confirmation.held_on"))
		evidence := f.LongText("evidence", form.Required, form.Max(2000), form.Label("confirmation.evidence"))
		return func(acc readmodel.Access) error {
			return s.app.Confirm(r.Context(), acc, step, subject, held, evidence)
		}
	})
}

func withdrawConfirmation(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.confirmation(w, r, func(_ *form.Form, step certification.Step, subject string) func(readmodel.Access) error {
		return func(acc readmodel.Access) error { return s.app.WithdrawConfirmation(r.Context(), acc, step, subject) }
	})
}
