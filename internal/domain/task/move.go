package task

import (
	"slices"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
)

// Answer is what somebody says of a task in one move.
type Answer uint8

// The answers. Propose asks for another date; Accept and Keep answer that.
const (
	Start Answer = iota + 1
	Block
	Finish
	Reopen
	Propose
	Accept
	Keep
)

var answerWords = [...]string{
	Start: "start", Block: "block", Finish: "done", Reopen: "reopen", Propose: "propose", Accept: "accept", Keep: "keep",
}

// Answers lists them.
func Answers() []Answer { return []Answer{Start, Block, Finish, Reopen, Propose, Accept, Keep} }

// String gives the answer's word, as posted.
func (a Answer) String() string { return wordOf(answerWords[:], uint8(a)) }

// ParseAnswer reads a posted word.
func ParseAnswer(word string) (Answer, bool) { return parse(Answers(), word) }

// Move is an answer with what it needs: a reason and who can help when a task
// is blocked, a day when another one is proposed.
type Move struct {
	Answer    Answer
	Reason    string
	Unblocker id.Person
	On        civil.Date
}

// Status is everything on a task that a move reads and changes.
type Status struct {
	State     State
	Due       civil.Date
	Proposed  civil.Date
	Reason    string    // why it is blocked
	Unblocker id.Person // who can unblock it
	// Waits are the numbers of the tasks that must be done before this one.
	Waits []int
}

// Right is what somebody may do on one task.
type Right uint8

const (
	// NoRight is of everybody who only reads.
	NoRight Right = iota
	// Works is of the owner: state, proposed date, comment, evidence.
	Works
	// Manages is of the project manager: everything.
	Manages
)

// Refusal is one reason why a move was refused.
type Refusal uint8

// The refusals.
const (
	NotYours         Refusal = iota + 1 // neither owner nor manager
	IsDone                              // a done task is reopened first
	NotDone                             // only a done task is reopened
	StillWaits                          // for tasks that must be done before
	ReasonMissing                       // a blocked task says why
	UnblockerMissing                    // and who can unblock it
	DayMissing                          // a proposal names a day
	DayPassed                           // that is not over
	NothingProposed                     // to accept or turn down
)

var refusalWords = [...]string{
	NotYours: "not_yours", IsDone: "is_done", NotDone: "not_done", StillWaits: "still_waits",
	ReasonMissing: "reason_missing", UnblockerMissing: "unblocker_missing", DayMissing: "day_missing", DayPassed: "day_passed",
	NothingProposed: "nothing_proposed",
}

// String gives the refusal's word, as in translation keys.
func (r Refusal) String() string { return wordOf(refusalWords[:], uint8(r)) }

// Error names the refusal, for logs.
func (r Refusal) Error() string { return "task: " + r.String() }

// Refused marks the error as a refusal of the domain.
func (Refusal) Refused() {}

// After gives the status after a move, or a Refusal. A move that says what
// already is so changes nothing and is no error: on a phone the answer to the
// first press may get lost. The manager's new date holds at once; the owner's
// waits for the manager.
func (s Status) After(m Move, right Right, today civil.Date) (Status, error) {
	if right == NoRight || (right < Manages && (m.Answer == Accept || m.Answer == Keep)) {
		return s, NotYours
	}
	if s.State == Done && m.Answer != Finish && m.Answer != Reopen {
		return s, IsDone
	}
	out := s
	switch m.Answer {
	case Start:
		out.State, out.Reason, out.Unblocker = InProgress, "", id.Person{}
	case Block:
		switch {
		case m.Reason == "":
			return s, ReasonMissing
		case m.Unblocker.IsZero():
			return s, UnblockerMissing
		}
		out.State, out.Reason, out.Unblocker = Blocked, m.Reason, m.Unblocker
	case Finish:
		if s.State != Done && len(s.Waits) > 0 {
			return s, StillWaits
		}
		out.State, out.Proposed, out.Reason, out.Unblocker = Done, civil.Date{}, "", id.Person{}
	case Reopen:
		if s.State != Done && s.State != Open {
			return s, NotDone
		}
		out.State = Open
	case Propose:
		switch {
		case m.On.IsZero():
			return s, DayMissing
		case m.On.Before(today):
			return s, DayPassed
		case right == Manages:
			out.Due, out.Proposed = m.On, civil.Date{}
		default:
			out.Proposed = m.On
		}
	case Accept, Keep:
		if s.Proposed.IsZero() {
			return s, NothingProposed
		}
		if m.Answer == Accept {
			out.Due = s.Proposed
		}
		out.Proposed = civil.Date{}
	}
	return out, nil
}

// Same tells whether a move changed nothing.
func (s Status) Same(other Status) bool {
	return s.State == other.State && s.Due == other.Due && s.Proposed == other.Proposed &&
		s.Reason == other.Reason && s.Unblocker == other.Unblocker
}

// Offered gives the answers that make sense in a state, for the buttons of a
// page. What it leaves out may still be harmless, as a second "done" is.
func Offered(s State) []Answer {
	switch s {
	case Open:
		return []Answer{Finish, Block, Propose, Start}
	case InProgress:
		return []Answer{Finish, Block, Propose}
	case Blocked:
		return []Answer{Finish, Start, Propose}
	case Done:
		return []Answer{Reopen}
	}
	return nil
}

// Offers tells whether an answer makes sense in a state.
func Offers(s State, a Answer) bool { return slices.Contains(Offered(s), a) }
