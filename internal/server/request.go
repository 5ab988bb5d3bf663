package server

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/fault"
	"waymark/internal/form"
	"waymark/internal/readmodel"
)

// maxForm bounds a posted form without files.
const maxForm = 256 << 10

// cookieName is the session cookie's: with the __Host- prefix, which browsers
// only accept for https, whole host and no other domain.
func (s *Server) cookieName() string {
	if s.secure() {
		return "__Host-waymark"
	}
	return "waymark"
}

// token reads the session's token; ok is false where there is none.
func (s *Server) token(r *http.Request) (token [32]byte, ok bool) {
	cookie, err := r.Cookie(s.cookieName())
	if err != nil {
		return token, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || len(raw) != 32 {
		return token, false
	}
	return sha256.Sum256(raw), true
}

// access says who asks, where and when. It parses the organization and the
// project of the address; what is no id is fault.NotFound, and nobody signed
// in is fault.Unauthorized.
func (s *Server) access(r *http.Request) (readmodel.Access, error) {
	acc := readmodel.Access{Now: s.now()}
	token, ok := s.token(r)
	if !ok {
		return acc, fault.Unauthorized
	}
	acc.Token = token
	var err error
	if word := chi.URLParam(r, "organization"); word != "" {
		if acc.Organization, err = id.Parse[id.Organization](word); err != nil {
			return acc, fault.NotFound
		}
	}
	if word := chi.URLParam(r, "project"); word != "" {
		if acc.Project, err = id.Parse[id.Project](word); err != nil {
			return acc, fault.NotFound
		}
	}
	return acc, nil
}

// param parses an id of the address.
func param[T ~[16]byte](r *http.Request, name string) (T, error) {
	v, err := id.Parse[T](chi.URLParam(r, name))
	if err != nil {
		return v, fault.NotFound
	}
	return v, nil
}

// stepOf parses the step of the address.
func stepOf(r *http.Request) (certification.Step, error) {
	step, ok := certification.ParseStep(chi.URLParam(r, "step"))
	if !ok {
		return 0, fault.NotFound
	}
	return step, nil
}

// posted parses the form of a request, bounded.
func (s *Server) posted(r *http.Request) (*form.Form, error) {
	f, err := form.Parse(r, maxForm)
	if err == nil {
		return f, nil
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || errors.Is(err, form.ErrTooLarge) {
		return nil, fault.Wrap(fault.TooLarge, "reading a form", err)
	}
	return nil, fault.Wrap(fault.Invalid, "reading a form", err)
}

// creating adds to an access the idempotency key of a form that creates and
// the hash of its content.
func creating(acc readmodel.Access, f *form.Form) readmodel.Access {
	acc.Key = f.Key()
	acc.Digest = digest(f)
	return acc
}

// digest hashes what a form holds, its key left out.
func digest(f *form.Form) [32]byte {
	values := url.Values{}
	for _, field := range f.Fields() {
		if field != form.KeyField {
			values[field] = f.Values(field)
		}
	}
	return sha256.Sum256([]byte(values.Encode()))
}

// newKey makes an idempotency key for a form about to be shown.
func newKey() string { return uuid.NewString() }
