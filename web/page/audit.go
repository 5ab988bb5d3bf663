package page

import (
	"context"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/cycle"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
)

// stageOf finds a stage of the audit, empty where nothing is stored yet.
func stageOf(p *readmodel.AuditPage, number int) readmodel.AuditStage {
	for _, s := range p.Stages {
		if s.Stage == number {
			return s
		}
	}
	return readmodel.AuditStage{Stage: number}
}

// goVersion is the number of the decision to go that counts: one that was made
// before the step was reopened does not stand.
func goVersion(sp *readmodel.StepPage) int {
	version := 1
	for _, a := range sp.Project.Acts {
		if a.Step == certification.Preparation && a.Kind == certification.Reopened {
			version++
		}
	}
	return version
}

// majorsDue says until when majors of stage 2 have to be verified.
func majorsDue(ctx context.Context, p *readmodel.AuditPage) string {
	if p.MajorsDue.IsZero() {
		return ""
	}
	return i18n.T(ctx, "audit.majors_due", "date", i18n.DateLong(ctx, p.MajorsDue))
}

func decisionWord(d readmodel.CertificationDecision) string {
	switch {
	case d.Version == 0:
		return ""
	case d.Granted:
		return "granted"
	}
	return "refused"
}

func gradeTone(grade string) component.Tone {
	switch grade {
	case "major":
		return component.ToneBad
	case "minor":
		return component.ToneWarn
	}
	return component.ToneQuiet
}

// nonconformityState says where a nonconformity stands.
func nonconformityState(ctx context.Context, n readmodel.Nonconformity) string {
	switch {
	case !n.ClosedOn.IsZero():
		return i18n.T(ctx, "audit.closed", "date", i18n.DateLong(ctx, n.ClosedOn))
	case !n.AcceptedOn.IsZero():
		return i18n.T(ctx, "audit.accepted", "date", i18n.DateLong(ctx, n.AcceptedOn))
	case !n.DueOn.IsZero():
		return i18n.T(ctx, "audit.due", "date", i18n.DateLong(ctx, n.DueOn))
	}
	return i18n.T(ctx, "audit.open")
}

func dayOrDash(ctx context.Context, d civil.Date) string {
	if d.IsZero() {
		return "–"
	}
	return i18n.DateLong(ctx, d)
}

// certificateDates proposes the certificate's dates from the decision, where
// none are stored yet.
func certificateDates(p *readmodel.CertificatePage) (decided, expires string) {
	if p.Certificate.Version > 0 {
		return p.Certificate.DecidedOn.String(), p.Certificate.ExpiresOn.String()
	}
	dates, err := cycle.First(p.Decision.DecidedOn, cycle.DefaultRules())
	if err != nil {
		return "", ""
	}
	return dates.Start.String(), dates.Expiry.String()
}

// certifiedCycle gives the dates of the certificate's cycle.
func certifiedCycle(p *readmodel.CertificatePage) (cycle.Dates, bool) {
	if p.Certificate.Version == 0 {
		return cycle.Dates{}, false
	}
	dates, err := cycle.Certified(p.Certificate.DecidedOn, p.Certificate.ExpiresOn, p.Project.Cycle == 1, cycle.DefaultRules())
	return dates, err == nil
}

// cycleDates lists the days that count from the decision.
func cycleDates(ctx context.Context, c *readmodel.Caller, p *readmodel.CertificatePage) []component.DateView {
	dates, ok := certifiedCycle(p)
	if !ok {
		return nil
	}
	var out []component.DateView
	for _, d := range []struct {
		kind string
		on   civil.Date
	}{
		{"surveillance_1", dates.Surveillance1Limit}, {"surveillance_2", dates.Surveillance2Target},
		{"plan_recertification", dates.PlanRecertification}, {"recertification_audit", dates.RecertificationAuditLatest},
		{"expiry", dates.Expiry}, {"restore", dates.RestoreUntil},
	} {
		v := component.DateView{Title: i18n.T(ctx, "certificate.date."+d.kind), Date: i18n.DateLong(ctx, d.on), Main: d.kind == "expiry"}
		if left := c.Today().DaysUntil(d.on); left >= 0 {
			v.Left = i18n.T(ctx, "dashboard.days", "n", left)
		} else {
			v.Left = i18n.T(ctx, "dashboard.days_ago", "n", -left)
		}
		out = append(out, v)
	}
	return out
}

// cycleProblems says which rules of the cycle the visits break today.
func cycleProblems(ctx context.Context, c *readmodel.Caller, p *readmodel.CertificatePage) []string {
	dates, ok := certifiedCycle(p)
	if !ok {
		return nil
	}
	visits := cycle.Visits{RecertificationAudit: visitOf(p, 3).HeldOn}
	for _, n := range []int{1, 2} {
		if held := visitOf(p, n).HeldOn; !held.IsZero() {
			visits.Surveillances = append(visits.Surveillances, held)
		}
	}
	var out []string
	for _, problem := range dates.Check(visits, c.Today()) {
		out = append(out, i18n.T(ctx, "certificate.problem."+problem.Kind.String(), "date", i18n.DateLong(ctx, problem.Limit)))
	}
	return out
}

// visitOf finds a visit, empty where nothing is stored yet.
func visitOf(p *readmodel.CertificatePage, number int) readmodel.Surveillance {
	for _, v := range p.Visits {
		if v.Visit == number {
			return v
		}
	}
	return readmodel.Surveillance{Visit: number}
}
