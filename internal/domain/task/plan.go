package task

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
)

// Write decides whether a task of a step may be written now. It may once the
// step may start; but only the tasks of step 5, the plan, count as its first
// write, because work can be planned for a step long before anybody begins it.
// Refusals: ProjectArchived, StepLocked.
func Write(p *certification.Project, step certification.Step, by id.Person, now time.Time) error {
	switch {
	case step == certification.Plan:
		return p.Write(step, certification.Living, by, now)
	case p.Archived:
		return certification.Refused{certification.ProjectArchived{}}
	}
	if s := p.State(step); s.Status == certification.Locked {
		return certification.Refused{certification.StepLocked{Step: step, After: s.StartAfter}}
	}
	return nil
}

// Writable gives the steps that tasks may be written for now.
func Writable(p *certification.Project) []certification.Step {
	if p.Archived {
		return nil
	}
	return slices.DeleteFunc(certification.Steps(), func(s certification.Step) bool {
		return p.Status(s) == certification.Locked
	})
}

// planned are the criteria that a plan must meet before it is frozen and put
// before the chair: everything covered, owned, dated, and free of cycles.
var planned = []certification.CriterionID{"5.1", "5.2", "5.3", "5.4"}

// Freeze decides whether the plan may be frozen as a baseline now. It is a
// write of a frozen fact of step 5. A baseline that the chair approved may be
// followed by another, which then needs an approval of its own. Refusals:
// those of Project.Write, and CriterionUnmet for each criterion that has to
// hold first.
func Freeze(p *certification.Project, by id.Person, now time.Time) error {
	if err := p.Write(certification.Plan, certification.Frozen, by, now); err != nil {
		return err
	}
	if refused := unplanned(p); len(refused) > 0 {
		return refused
	}
	return nil
}

// MayFreeze answers what Freeze would refuse now, without acting.
func MayFreeze(p *certification.Project) error {
	trial := *p
	trial.Acts = slices.Clip(slices.Clone(p.Acts))
	return Freeze(&trial, id.Person{}, time.Time{})
}

func unplanned(p *certification.Project) certification.Refused {
	var refused certification.Refused
	for _, c := range p.Criteria(certification.Plan) {
		if slices.Contains(planned, c.ID) && !c.Holds() {
			refused = append(refused, certification.CriterionUnmet{State: c})
		}
	}
	return refused
}

// titleRunes is the longest title that is proposed.
const titleRunes = 120

// TitleFrom proposes a title from what a finding states: its first sentence,
// cut between words where it is long.
func TitleFrom(statement string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(statement), "\n")
	runes := []rune(strings.TrimSpace(line))
	for i, r := range runes {
		switch {
		case r == '。', r == '！', r == '？', r == '；',
			(r == '.' || r == '!' || r == '?') && i+1 < len(runes) && unicode.IsSpace(runes[i+1]):
			return cut(runes[:i])
		}
	}
	return cut(runes)
}

func cut(runes []rune) string {
	text := strings.TrimSpace(string(runes))
	if len(runes) <= titleRunes {
		return strings.TrimRight(text, ".")
	}
	head := string(runes[:titleRunes-1])
	if at := strings.LastIndexFunc(head, unicode.IsSpace); at > len(head)/2 {
		head = head[:at]
	}
	return strings.TrimRightFunc(head, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) }) + "…"
}

// OwnerOf proposes who removes a finding: the owner of the nearest clause at
// or above the check's. owners maps clauses to people; none is the zero id.
func OwnerOf(clause string, owners map[string]id.Person) id.Person {
	for at := clause; at != ""; {
		if p, ok := owners[at]; ok {
			return p
		}
		dot := strings.LastIndexByte(at, '.')
		if dot < 0 {
			break
		}
		at = at[:dot]
	}
	return id.Person{}
}
