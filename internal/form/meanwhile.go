package form

import (
	"strconv"

	"waymark/internal/i18n"
)

// Meanwhile says that somebody else saved other values since the form was
// filled in. The page shows them beside what was typed; sending the form again
// then replaces them knowingly, because it carries the new version.
func (f *Form) Meanwhile(version int, stored map[string]string) {
	f.Set(VersionField, strconv.Itoa(version))
	f.stored = stored
	f.Fail("", i18n.M("form.meanwhile"))
}

// Stored gives what somebody else saved in a field, where it differs from what
// was typed.
func (f *Form) Stored(field string) (string, bool) {
	if f == nil {
		return "", false
	}
	stored, ok := f.stored[field]
	return stored, ok && stored != f.Value(field)
}
