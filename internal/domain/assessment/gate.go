package assessment

import "fmt"

// Stage is the part of the certification audit that a project gets ready for.
type Stage uint8

// The two stages (ISO/IEC 17021-1, 9.3.1).
const (
	Stage1 Stage = 1
	Stage2 Stage = 2
)

// Gate is one of the readiness gates that the ratings alone decide. The other
// gates need documents, audits and records, and are judged elsewhere.
type Gate uint8

// The gates.
const (
	G1 Gate = iota + 1 // everything is rated
	G2                 // nothing essential is missing
	G3                 // readiness is high enough
)

// String returns "G1", "G2" or "G3".
func (g Gate) String() string { return fmt.Sprintf("G%d", uint8(g)) }

// ClauseScore is the score of one top-level clause, 4 to 10.
type ClauseScore struct {
	Clause string
	Score  Score
}

// GateResult says whether a gate holds, with what it was judged on.
type GateResult struct {
	Gate Gate
	Met  bool
	// Total is the score of all clauses together.
	Total Score
	// Below lists the clauses that miss their own threshold; only G3 before
	// stage 2 has one.
	Below []string
}

// Gates judges G1, G2 and G3, in this order, over the scores of clauses 4 to 10.
//
// A check that is not rated yet fails G1 and lowers G3; it does not fail G2,
// which speaks of bad ratings only. With nothing to rate at all, G1 and G3 fail.
// A clause whose checks are all not triggered has no readiness and is not held
// against its threshold.
func Gates(stage Stage, clauses []ClauseScore, t Thresholds) []GateResult {
	var total Score
	for _, c := range clauses {
		total = total.Plus(c.Score)
	}
	g1 := GateResult{Gate: G1, Total: total, Met: total.Coverage().AtLeast(100)}
	g2 := GateResult{Gate: G2, Total: total, Met: total.HeavyNot == 0}
	g3 := GateResult{Gate: G3, Total: total, Met: total.Readiness().AtLeast(t.Stage1Readiness)}
	if stage == Stage2 {
		g2.Met = total.Not == 0 && total.HeavyPartly == 0
		for _, c := range clauses {
			if r := c.Score.Readiness(); r.Defined() && !r.AtLeast(t.Stage2Clause) {
				g3.Below = append(g3.Below, c.Clause)
			}
		}
		g3.Met = total.Readiness().AtLeast(t.Stage2Readiness) && len(g3.Below) == 0
	}
	return []GateResult{g1, g2, g3}
}
