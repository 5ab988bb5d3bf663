package postgres

import "waymark/internal/fault"

// edit compares an edit with the row it is about: the version that the form
// was filled from, the version stored now, and each field as typed and as
// stored.
type edit struct {
	from, now int
	fields    []edited
}

type edited struct{ field, typed, stored string }

// judge answers whether anything is to be written. A form filled from an older
// version is a conflict and carries the stored values, unless what was typed
// equals them: then it counts as saved.
func (e edit) judge() (write bool, err error) {
	same := true
	current := make(map[string]string, len(e.fields))
	for _, f := range e.fields {
		current[f.field] = f.stored
		same = same && f.typed == f.stored
	}
	switch {
	case same && e.now > 0:
		return false, nil
	case e.from != e.now:
		return false, fault.Stale(fault.Current{Version: e.now, Fields: current})
	}
	return true, nil
}
