package certification

import "waymark/internal/domain/civil"

// Facts are the stored facts that the criteria read, counted and read under
// the project's lock. Large sets (tasks, ratings) arrive as counts.
type Facts struct {
	Awareness   AwarenessFacts
	Scope       ScopeFacts
	Gap         GapFacts
	Committee   CommitteeFacts
	Plan        PlanFacts
	Selection   SelectionFacts
	Preparation PreparationFacts
	Audit       AuditFacts
	Certificate CertificateFacts
}

// AwarenessFacts are those of step 1.
type AwarenessFacts struct {
	Sponsors                         int
	Objectives, Advantages, Approach bool
	Audiences                        int
	Untold                           []string // names of audience groups nobody has told yet
	Signed                           bool     // by a sponsor, the version as it stands
	Version                          int
}

// ScopeFacts are those of step 2. Broken holds the ids of error-level scope
// rules that are broken, Unconfirmed those that wait for a person's word.
type ScopeFacts struct {
	Name                bool
	Services            int
	Extent              bool
	Units, Locations    int
	OutWithoutReason    int
	Statement           bool
	Broken, Unconfirmed []string
	Approved            bool
	Version             int
}

// GapFacts are those of step 3.
type GapFacts struct {
	Assessor    bool
	Checks      int // in the catalogue, less those not triggered
	Unrated     int
	Unsupported int // rated, but without the evidence or comment that the rating needs
	Gaps        int // rated partly or not
	Unfound     int // gaps without a finding
	Baselined   bool
}

// Answer is where an appointment stands.
type Answer uint8

const (
	// Nobody is appointed.
	Nobody Answer = iota
	// Waiting for the person's answer.
	Waiting
	// Accepted by the person.
	Accepted
)

// CommitteeFacts are those of step 4.
type CommitteeFacts struct {
	Manager, Chair  Answer
	ManagerName     string
	ChairName       string
	Staff           int      // accepted
	StaffWaiting    []string // names
	Unowned         []string // clauses with findings and no accepted process owner
	KickOff         civil.Date
	KickOffRecorded bool
}

// PlanFacts are those of step 5.
type PlanFacts struct {
	Uncovered int // open findings that need work and have no task
	Tasks     int
	Unowned   int // tasks without an owner on the committee or project staff
	Undated   int
	Cyclic    bool
	Baseline  int // number of the latest in this cycle, 0: none
	Approved  bool
}

// SelectionFacts are those of step 6.
type SelectionFacts struct {
	Candidates        int
	Chosen            string
	Accredited        bool // accreditation checked, and it covers the standard
	Conflicts         []string
	Consultant        bool // chosen, or none with a reason
	Decided           bool
	Version           int
	ContractSigned    bool
	ChosenWithReasons bool
}

// PreparationFacts are those of step 7: the readiness gates for stage 1.
type PreparationFacts struct {
	Coverage, Readiness   int // percent, rounded down, to show
	Covered               bool
	HeavyNot              int // weight-3 checks rated not
	Ready                 bool
	Target                int // readiness asked for, percent
	Processes             bool
	Documents             bool
	Unowned               []string   // clauses 4 to 10 whose process nobody in the organization answers for (rule SC-09)
	Records               civil.Date // since when records are kept
	RecordsLongEnough     bool
	InternalAudit         bool // over all clauses, independent
	InternalAuditPartial  bool
	ManagementReview      bool // with all inputs, after the internal audit
	ManagementReviewShort bool
	Contract              bool
	Go                    bool
}

// AuditFacts are those of step 8.
type AuditFacts struct {
	Stage1, Stage2         civil.Date // last day held
	OpenConcerns           int
	Majors, OpenMajors     int
	LateMajors             int // verified after, or open past, the deadline
	Minors, UnplannedMinor int
	Decided, Granted       bool
	DecidedOn              civil.Date
}

// CertificateFacts are those of step 9.
type CertificateFacts struct {
	Recorded                     bool
	ExpiresOn                    civil.Date
	Surveillance1, Surveillance2 civil.Date
	Recertified                  civil.Date
}
