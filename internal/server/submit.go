package server

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"waymark/internal/domain/certification"
	"waymark/internal/fault"
	"waymark/internal/form"
	"waymark/internal/readmodel"
	"waymark/web/layout"
	"waymark/web/page"
)

// submission is a posted form on its way: read its fields, act, go on; or show
// the page again with what was typed and why it was not accepted.
type submission struct {
	// creates says that the form carries an idempotency key.
	creates bool
	// read reads every field and gives the act; it is not called when a field
	// was wrong.
	read func(f *form.Form) func(acc readmodel.Access) error
	// show shows the form's page again.
	show func(f *form.Form, code int) error
	// to is where to go after success.
	to func(acc readmodel.Access) string
}

// submit runs a submission.
func (s *Server) submit(w http.ResponseWriter, r *http.Request, sub submission) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	f, err := s.posted(r)
	if err != nil {
		return err
	}
	act := sub.read(f)
	if sub.creates {
		acc = creating(acc, f)
	}
	if !f.OK() {
		return sub.show(f, http.StatusUnprocessableEntity)
	}
	if err := act(acc); err != nil {
		return s.again(r, f, err, sub.show)
	}
	return done(w, r, sub.to(acc))
}

func asRefused(err error) (certification.Refused, bool) {
	return errors.AsType[certification.Refused](err)
}

func asInvalid(err error) (*fault.InvalidError, bool) {
	return errors.AsType[*fault.InvalidError](err)
}

// meanwhile gives the values that a stale form is to be compared with.
func meanwhile(err error) (fault.Current, bool) {
	stale, ok := errors.AsType[*fault.StaleError](err)
	if !ok {
		return fault.Current{}, false
	}
	current, ok := stale.Current.(fault.Current)
	return current, ok
}

func queryEscape(s string) string { return url.QueryEscape(s) }

// sameSite gives the path of the page that the request came from, "" where the
// browser does not say or it is not one of ours. Only a path is taken, so it can
// lead nowhere else.
func sameSite(r *http.Request) string {
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host { //nolint:forbidigo // compared, not made into an address
		return ""
	}
	if !strings.HasPrefix(from.Path, "/") || strings.HasPrefix(from.Path, "//") || strings.Contains(from.Path, "\\") {
		return ""
	}
	if from.RawQuery != "" {
		return from.Path + "?" + from.RawQuery
	}
	return from.Path
}

// backTo goes back to the page that the form was on, or elsewhere.
func backTo(r *http.Request, otherwise string) string {
	if back := sameSite(r); back != "" {
		return back
	}
	return otherwise
}

// frameView puts the bars around a page for its reader.
func (s *Server) frameView(ctx context.Context, frame readmodel.Frame, tab page.Tab, title string) layout.Page {
	return page.Frame(ctx, &frame, tab, title, s.banners(ctx, &frame.Caller))
}
