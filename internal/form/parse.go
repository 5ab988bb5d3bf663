package form

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
)

// MaxBytes is the size of the body that Parse is given where a form needs no
// other: long texts in several fields.
const MaxBytes = 256 << 10

// maxFields bounds how many values one form may carry.
const maxFields = 2_000

// ParseError says why a body is not a form at all. It is a constant, so that
// the answer can be chosen by comparing.
type ParseError string

// The reasons for which Parse refuses a body.
const (
	ErrTooLarge  ParseError = "form: body too large or with too many fields" // 413
	ErrType      ParseError = "form: content type is no form"                // 415
	ErrMalformed ParseError = "form: body cannot be read as a form"          // 400
)

// Error is the reason, for the log.
func (e ParseError) Error() string { return string(e) }

// Parse reads the body of a request as a form, urlencoded or multipart without
// files. It takes nothing from the URL's query. It gives ErrTooLarge, ErrType
// or ErrMalformed; the last also where the connection broke.
func Parse(r *http.Request, maxBytes int64) (*Form, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, ErrType
	}
	if r.ContentLength > maxBytes {
		return nil, ErrTooLarge
	}
	body := http.MaxBytesReader(nil, r.Body, maxBytes)
	switch kind {
	case "application/x-www-form-urlencoded":
		return parseURLEncoded(body)
	case "multipart/form-data":
		limited := *r
		limited.Body = body
		return parseMultipart(&limited)
	default:
		return nil, ErrType
	}
}

func parseURLEncoded(body io.Reader) (*Form, error) {
	data, err := io.ReadAll(body)
	if err != nil {
		return nil, readError(err)
	}
	values, err := url.ParseQuery(string(data))
	if err != nil {
		return nil, ErrMalformed
	}
	n := 0
	for _, v := range values {
		n += len(v)
	}
	if n > maxFields {
		return nil, ErrTooLarge
	}
	return New(values), nil
}

func parseMultipart(r *http.Request) (*Form, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, ErrMalformed
	}
	values := url.Values{}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return New(values), nil
		}
		if err != nil {
			return nil, readError(err)
		}
		if n >= maxFields {
			return nil, ErrTooLarge
		}
		if part.FileName() != "" || part.FormName() == "" {
			return nil, ErrMalformed
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, readError(err)
		}
		values.Add(part.FormName(), string(data))
	}
}

func readError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return ErrTooLarge
	}
	return ErrMalformed
}
