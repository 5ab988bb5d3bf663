package page

import (
	"context"
	"strconv"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/standard"
	"waymark/internal/i18n"
)

// StepTitle is a step's name, with its number in front: "4 Set up …" comes from
// the caller's layout; this is the name alone.
func StepTitle(ctx context.Context, s certification.Step) string {
	return i18n.T(ctx, "step."+s.String()+".title")
}

// stepMessage names a step inside a sentence: "step 3, Gap assessment".
func stepMessage(s certification.Step) i18n.Message {
	return i18n.M("step.named", "number", strconv.Itoa(s.Number()), "title", i18n.M("step."+s.String()+".title"))
}

// stepNumbers lists steps by number: "4, 5 and 6".
func stepNumbers(ctx context.Context, steps []certification.Step) string {
	list := make([]string, len(steps))
	for i, s := range steps {
		list[i] = strconv.Itoa(s.Number())
	}
	return i18n.List(ctx, list)
}

func stepNames(ctx context.Context, steps []certification.Step) string {
	list := make([]string, len(steps))
	for i, s := range steps {
		list[i] = stepMessage(s).In(ctx)
	}
	return i18n.List(ctx, list)
}

// RefusalMessage is the sentence of one reason why the domain refused.
func RefusalMessage(ctx context.Context, r certification.Reason) i18n.Message {
	key := "refusal." + certification.Word(r)
	switch r := r.(type) {
	case certification.StepLocked:
		return i18n.M(key, "step", stepMessage(r.Step), "after", stepNames(ctx, r.After), "n", len(r.After))
	case certification.FinishLater:
		return i18n.M(key, "step", stepMessage(r.Step), "after", stepNames(ctx, r.After), "n", len(r.After))
	case certification.StepFrozen:
		return i18n.M(key, "step", stepMessage(r.Step))
	case certification.AlreadyStarted:
		return i18n.M(key, "step", stepMessage(r.Step))
	case certification.NotStarted:
		return i18n.M(key, "step", stepMessage(r.Step))
	case certification.AlreadyFinished:
		return i18n.M(key, "step", stepMessage(r.Step))
	case certification.NotFinished:
		return i18n.M(key, "step", stepMessage(r.Step))
	case certification.CriterionUnmet:
		return i18n.M(key, "criterion", string(r.State.ID), "text", CriterionNote(ctx, r.State))
	case certification.NotWaivable:
		return i18n.M(key, "criterion", string(r.Criterion))
	case certification.WaiverStands:
		return i18n.M(key, "criterion", string(r.Criterion))
	case certification.WaiverAnswered:
		return i18n.M(key, "criterion", string(r.Criterion))
	case certification.SecondPerson:
		return i18n.M(key, "criterion", string(r.Criterion))
	case certification.NothingToApprove:
		return i18n.M(key, "criterion", string(r.Criterion))
	case certification.AlreadyApproved:
		return i18n.M(key, "criterion", string(r.Criterion))
	}
	return i18n.M(key)
}

// RefusalText is the same, in words.
func RefusalText(ctx context.Context, r certification.Reason) string {
	return RefusalMessage(ctx, r).In(ctx)
}

// CriterionTitle is a criterion's own sentence.
func CriterionTitle(ctx context.Context, c certification.CriterionID) string {
	return i18n.T(ctx, c.Key("title"))
}

// CriterionNote says what a criterion rests on, or what lacks.
func CriterionNote(ctx context.Context, c certification.CriterionState) string {
	return i18n.T(ctx, c.ID.Key(c.Variant), judgementArgs(ctx, c.ID, c.Args)...)
}

// judgementArgs puts a judgement's values into the reader's language.
func judgementArgs(ctx context.Context, c certification.CriterionID, args []any) []any {
	out := make([]any, len(args))
	copy(out, args)
	for i := 1; i < len(out); i += 2 {
		switch v := out[i].(type) {
		case []string:
			name, _ := out[i-1].(string)
			out[i] = i18n.List(ctx, words(ctx, c, name, v))
		case civil.Date:
			if v.IsZero() {
				out[i] = ""
			} else {
				out[i] = i18n.DateLong(ctx, v)
			}
		}
	}
	return out
}

// words translates the lists that are not names of people or groups.
func words(ctx context.Context, c certification.CriterionID, name string, list []string) []string {
	out := make([]string, 0, len(list))
	for _, v := range list {
		switch {
		case name == "parts":
			out = append(out, i18n.T(ctx, "awareness."+v+".label"))
		case c == "4.4":
			texts := standard.Current().Texts(i18n.From(ctx).String())
			out = append(out, v+" "+texts.Title(standard.ClauseNumber(v)))
		default:
			out = append(out, v)
		}
		if len(out) == 6 && len(list) > 7 {
			out = append(out, i18n.T(ctx, "criterion.more", "n", len(list)-6))
			break
		}
	}
	return out
}

// WhoText names who can meet a criterion.
func WhoText(ctx context.Context, w certification.Who) string {
	return i18n.T(ctx, "role."+string(w))
}
