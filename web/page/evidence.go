package page

import (
	"context"

	"waymark/internal/domain/permission"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
)

// FileSize writes a size as people read it, rounded up so that nothing has
// none. The units are the same in every language.
func FileSize(ctx context.Context, n int64) string {
	const kib, mib = 1 << 10, 1 << 20
	if n < mib {
		return i18n.Number(ctx, int((n+kib-1)/kib)) + " KB"
	}
	return i18n.Decimal(ctx, int((n*10+mib-1)/mib), 1) + " MB"
}

// evidenceFile is the address of an evidence's file.
func evidenceFile(c *readmodel.Caller, e readmodel.Evidence) string {
	return At(c) + "/evidence/" + e.ID.String() + "/file"
}

// mayWithdraw tells whether the reader may take evidence back.
func mayWithdraw(c *readmodel.Caller, p *readmodel.EvidencePage, e readmodel.Evidence) bool {
	return e.WithdrawnAt == nil && mayComment(c, p.Project, p.Check.Clause) && (e.Person == c.Person || c.Can(permission.Rate))
}
