package app

import (
	"context"
	"errors"
	"io"
	"path"

	"waymark/internal/blob"
	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/standard"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

// DefaultMaxFile is the largest file taken where nothing else was configured.
const DefaultMaxFile = blob.DefaultMax

// Received is a file that was received whole; close it.
type Received = blob.Spooled

// EvidencePage reads the evidence of one check.
func (a *App) EvidencePage(ctx context.Context, acc readmodel.Access, check standard.CheckID) (readmodel.Frame, readmodel.EvidencePage, error) {
	return a.db.EvidencePage(ctx, needing(acc, permission.ReadProject), check)
}

// MayAddEvidence answers whether the caller could add evidence to a check now.
// Ask it before receiving a file.
func (a *App) MayAddEvidence(ctx context.Context, acc readmodel.Access, check standard.CheckID) error {
	return a.db.MayAddEvidence(ctx, onCheck(acc, check, false))
}

// ReceiveFile spools a file of at most limit bytes to this machine's disk, no
// connection held. Close what it gives. What is not taken is fault.Invalid with
// its reason for the field "file", or fault.TooLarge.
func (a *App) ReceiveFile(from io.Reader, limit int64) (*Received, error) {
	file, err := blob.Spool("", from, limit)
	switch {
	case errors.Is(err, blob.ErrEmpty):
		return nil, fault.InvalidField("file", "evidence.file.empty")
	case errors.Is(err, blob.ErrType):
		return nil, fault.InvalidField("file", "evidence.file.type")
	}
	return file, err
}

// AddEvidence stores a link, a note, or a received file under a check.
func (a *App) AddEvidence(ctx context.Context, acc readmodel.Access, in readmodel.NewEvidence, file *Received) error {
	in.ID = newID[id.Evidence]()
	if file != nil {
		in.File = &readmodel.Upload{
			ID: newID[id.File](), SHA256: file.SHA256, Size: file.Size, MediaType: file.MediaType, Chunks: file.Chunks(),
		}
	}
	return a.db.AddEvidence(ctx, onCheck(acc, in.Check, false), in)
}

// WithdrawEvidence marks evidence as withdrawn. Who may rate may withdraw any,
// everybody else their own in their own clause areas.
func (a *App) WithdrawEvidence(ctx context.Context, acc readmodel.Access, evidence id.Evidence) error {
	return a.db.WithdrawEvidence(ctx, needing(acc, permission.CommentOwn), evidence,
		func(c *readmodel.Caller, check standard.CheckID, by id.Person) error {
			if by != c.Person && !c.Can(permission.Rate) {
				return fault.Forbidden
			}
			return mayWriteOn(c, check, false)
		})
}

// EvidenceFile reads what a file is; FileParts reads its bytes.
func (a *App) EvidenceFile(ctx context.Context, acc readmodel.Access, evidence id.Evidence) (readmodel.StoredFile, error) {
	f, err := a.db.EvidenceFile(ctx, needing(acc, permission.ReadProject), evidence)
	if err == nil && path.Ext(f.Title) == "" {
		f.Title += blob.Extension(f.MediaType)
	}
	return f, err
}

// FileParts reads the next parts of a file, from part n on.
func (a *App) FileParts(ctx context.Context, acc readmodel.Access, file id.File, n int) ([][]byte, error) {
	return a.db.FileParts(ctx, needing(acc, permission.ReadProject), file, n)
}
