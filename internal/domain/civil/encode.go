package civil

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Scan reads a date column: NULL becomes no date, a time gives the day it shows
// in its own zone (drivers hand over a date as midnight UTC), a text is read as
// "2006-01-02". Unlike Parse it takes every year a Date can hold, because what
// is stored has been accepted before. It wraps ErrInvalid.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = Date{}
		return nil
	case time.Time:
		read, err := New(v.Date())
		if err != nil {
			return err
		}
		*d = read
		return nil
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	default:
		return fmt.Errorf("%w: cannot read a date from %T", ErrInvalid, src)
	}
}

// Value writes a date column: midnight UTC of the day, NULL for no date.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil //nolint:nilnil // a nil driver.Value is SQL's NULL
	}
	return d.utc(), nil
}

// MarshalText writes the day as String does, so that a Date in JSON is a text.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote; the empty text is no date. It
// wraps ErrInvalid.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	read, err := parse(string(text))
	if err != nil {
		return err
	}
	*d = read
	return nil
}
