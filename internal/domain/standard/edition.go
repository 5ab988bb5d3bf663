package standard

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"waymark/internal/domain/civil"
)

// ErrUnknownEdition is wrapped by Load when no catalogue has that id.
var ErrUnknownEdition = errors.New("unknown edition of the standard")

// Validity is the time in which an edition or amendment can be certified
// against. A zero date means "not stated": valid since it was published, not
// withdrawn, or without a transition.
type Validity struct {
	ValidFrom civil.Date `json:"valid_from"`
	ValidTo   civil.Date `json:"valid_to"`
	// TransitionFrom and TransitionTo bound the time in which a certificate to
	// the text before this one could be moved to it.
	TransitionFrom civil.Date `json:"transition_from"`
	TransitionTo   civil.Date `json:"transition_to"`
}

// Edition is one edition of the standard.
type Edition struct {
	// ID is stored with every project, such as "iso20000-1-2018".
	ID string `json:"id"`
	// Standard is the number without the year, "ISO/IEC 20000-1".
	Standard string `json:"standard"`
	Year     int    `json:"year"`
	// Number counts the editions: 3 for 2018.
	Number int `json:"number"`
	// Published is a year and month, with the day where it is known, in the form
	// of ISO 8601.
	Published string `json:"published"`
	Validity
	Amendments []Amendment `json:"amendments"`
}

// Amendment is a change to an edition that is already part of the catalogue.
type Amendment struct {
	Number    int    `json:"number"`
	Year      int    `json:"year"`
	Published string `json:"published"`
	Validity
	// Clauses whose checks the amendment touches.
	Clauses []ClauseNumber `json:"clauses"`
}

// Name is the edition as a certificate gives it: "ISO/IEC 20000-1:2018".
func (e Edition) Name() string { return fmt.Sprintf("%s:%d", e.Standard, e.Year) }

// Name is the amendment as it is cited after its edition: "Amd 1:2024".
func (a Amendment) Name() string { return fmt.Sprintf("Amd %d:%d", a.Number, a.Year) }

func (e Edition) clone() Edition {
	e.Amendments = slices.Clone(e.Amendments)
	for i := range e.Amendments {
		e.Amendments[i].Clauses = slices.Clone(e.Amendments[i].Clauses)
	}
	return e
}

// Editions returns the ids of all editions that have a catalogue, oldest first.
func Editions() []string { return slices.Clone(shelf().ids) }

// Load returns the catalogue of an edition by its id. It wraps ErrUnknownEdition
// when there is none, which for a stored project means that a release has lost
// data it once had.
func Load(edition string) (*Catalogue, error) {
	if c, ok := shelf().catalogues[edition]; ok {
		return c, nil
	}
	return nil, fmt.Errorf("%w: %.40q", ErrUnknownEdition, edition)
}

// Current returns the catalogue a new project is assessed against.
func Current() *Catalogue {
	s := shelf()
	return s.catalogues[s.current]
}

// library is all that is embedded, read.
type library struct {
	current    string
	ids        []string
	catalogues map[string]*Catalogue
}

// shelf panics when the embedded files contradict each other: the program was
// then built from broken data, which the tests of this package refuse.
var shelf = sync.OnceValue(func() *library {
	l, err := readLibrary(embedded)
	if err != nil {
		panic("standard: " + err.Error())
	}
	return l
})
