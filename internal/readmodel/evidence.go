package readmodel

import (
	"iter"
	"time"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/standard"
)

// Evidence is a file, link or note that supports a rating. Withdrawn evidence
// is kept, and shown as withdrawn.
type Evidence struct {
	ID          id.Evidence
	Kind        string // "file", "link" or "note"
	Title       string
	Link        string
	Note        string
	Size        *int64
	MediaType   *string
	Person      id.Person
	Name        string
	CreatedAt   time.Time
	WithdrawnAt *time.Time
}

// EvidencePage is the evidence of one check, with its history.
type EvidencePage struct {
	Project  *certification.Project
	Sheet    Sheet
	Check    standard.Check
	Recorded CheckState
	Evidence []Evidence
	History  []Event
	// MaxFile is the largest file that is taken, in bytes.
	MaxFile int64
}

// NewEvidence is evidence about to be stored under a check.
type NewEvidence struct {
	ID    id.Evidence
	Check standard.CheckID
	Kind  string
	Title string
	Link  string
	Note  string
	// File is set for a file alone.
	File *Upload
}

// Upload is a file that was received whole and waits on this machine's disk.
type Upload struct {
	ID        id.File
	SHA256    [32]byte
	Size      int64
	MediaType string
	// Chunks reads the bytes again, from the beginning, in parts that are
	// stored as they come. A part is only valid until the next.
	Chunks iter.Seq2[[]byte, error]
}

// StoredFile is a file as the store knows it.
type StoredFile struct {
	File      id.File
	Title     string
	Size      int64
	MediaType string
	SHA256    []byte
}
