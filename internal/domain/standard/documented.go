package standard

import "fmt"

// Documented says what kind of documented information a check looks for.
type Documented uint8

// Kinds of documented information.
const (
	// DocumentedNone: no document or record is asked for here; the rating still
	// needs evidence.
	DocumentedNone Documented = iota
	// DocumentedDocument: information that is kept current.
	DocumentedDocument
	// DocumentedRecord: proof that something happened.
	DocumentedRecord
)

// String is the word used in data files and translation keys.
func (d Documented) String() string {
	switch d {
	case DocumentedNone:
		return "none"
	case DocumentedDocument:
		return "document"
	case DocumentedRecord:
		return "record"
	}
	return fmt.Sprintf("Documented(%d)", uint8(d))
}

// UnmarshalText reads the word that String writes.
func (d *Documented) UnmarshalText(text []byte) error {
	for _, v := range []Documented{DocumentedNone, DocumentedDocument, DocumentedRecord} {
		if v.String() == string(text) {
			*d = v
			return nil
		}
	}
	return fmt.Errorf("unknown kind of documented information %q", text)
}

// Basis says where the need for a document or record comes from.
type Basis uint8

// Bases of documented information.
const (
	// BasisNone: nothing to document.
	BasisNone Basis = iota
	// BasisExplicit: the standard asks for it, in the clause or in 7.5.4.
	BasisExplicit
	// BasisImplied: not asked for in words, but an auditor can hardly verify the
	// point without it.
	BasisImplied
)

// String is the word used in data files and translation keys.
func (b Basis) String() string {
	switch b {
	case BasisNone:
		return "none"
	case BasisExplicit:
		return "explicit"
	case BasisImplied:
		return "implied"
	}
	return fmt.Sprintf("Basis(%d)", uint8(b))
}

// UnmarshalText reads the word that String writes.
func (b *Basis) UnmarshalText(text []byte) error {
	for _, v := range []Basis{BasisNone, BasisExplicit, BasisImplied} {
		if v.String() == string(text) {
			*b = v
			return nil
		}
	}
	return fmt.Errorf("unknown basis of documented information %q", text)
}
