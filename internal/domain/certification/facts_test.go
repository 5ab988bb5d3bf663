package certification_test

import (
	"time"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
)

var (
	manager = id.Person{1}
	sponsor = id.Person{2}
	project = id.Project{9}
	noon    = time.Date(2026, 5, 21, 12, 0, 0, 0, time.UTC)
)

func day(d int) civil.Date { return civil.MustParse("2026-05-01").AddDays(d) }

// allMet are facts with which every criterion of every step is met.
func allMet() certification.Facts {
	return certification.Facts{
		Awareness: certification.AwarenessFacts{Sponsors: 1, Objectives: true, Advantages: true, Approach: true, Audiences: 2, Signed: true, Version: 1},
		Scope:     certification.ScopeFacts{Name: true, Services: 3, Extent: true, Units: 1, Locations: 2, Statement: true, Approved: true, Version: 4},
		Gap:       certification.GapFacts{Assessor: true, Checks: 220, Gaps: 40, Baselined: true},
		Committee: certification.CommitteeFacts{
			Manager: certification.Accepted, ManagerName: "Ravi", Chair: certification.Accepted, ChairName: "Ingrid",
			Staff: 6, KickOff: day(0), KickOffRecorded: true,
		},
		Plan: certification.PlanFacts{Tasks: 120, Baseline: 2, Approved: true},
		Selection: certification.SelectionFacts{
			Candidates: 3, Chosen: "Nordcert", ChosenWithReasons: true, Accredited: true, Consultant: true, Decided: true, ContractSigned: true, Version: 2,
		},
		Preparation: certification.PreparationFacts{
			Coverage: 100, Readiness: 81, Covered: true, Ready: true, Target: 75, Processes: true, Documents: true,
			Records: day(-90), RecordsLongEnough: true, InternalAudit: true, ManagementReview: true, Contract: true, Go: true,
		},
		Audit:       certification.AuditFacts{Stage1: day(10), Stage2: day(50), Majors: 1, Minors: 3, Decided: true, Granted: true, DecidedOn: day(80)},
		Certificate: certification.CertificateFacts{Recorded: true, ExpiresOn: day(1175), Surveillance1: day(400), Surveillance2: day(800), Recertified: day(1100)},
	}
}

// newProject is a project in its first cycle to which nothing happened yet.
func newProject(facts certification.Facts) *certification.Project {
	return certification.NewProject(project, 1, 0, nil, nil, facts)
}
