// Package identity holds what Waymark accepts about people and how they come
// in: addresses, names, roles, passwords, and how they like to see the pages.
package identity

import "fmt"

// enum is what the enumerations of this package share: the names that are
// stored and posted, indexed by value. The value 0 is none and has no name.
type enum interface{ ~uint8 }

func name[T enum](names []string, v T) string {
	if int(v) < len(names) {
		return names[v]
	}
	return ""
}

func parse[T enum](names []string, s string) (T, bool) {
	for i, n := range names {
		if n != "" && n == s {
			return T(i), true
		}
	}
	return 0, false
}

func all[T enum](names []string) []T {
	var values []T
	for i, n := range names {
		if n != "" {
			values = append(values, T(i))
		}
	}
	return values
}

// scan reads an enumeration from a text column. NULL and names that are not
// known are errors: the column's CHECK holds the same list.
func scan[T enum](names []string, kind string, src any) (T, error) {
	var s string
	switch v := src.(type) {
	case string:
		s = v
	case []byte:
		s = string(v)
	default:
		return 0, fmt.Errorf("identity: %s cannot be read from %T", kind, src)
	}
	v, ok := parse[T](names, s)
	if !ok {
		return 0, fmt.Errorf("identity: %.40q is no %s", s, kind)
	}
	return v, nil
}
