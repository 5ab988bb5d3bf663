package page

import (
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/selection"
	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
)

// CandidateTitle is the title of a candidate's page: its name, or the act for
// a new one.
func CandidateTitle(ctx context.Context, p *readmodel.CandidatePage) string {
	if p.Candidate.ID.IsZero() {
		return i18n.T(ctx, "selection.candidate.add")
	}
	return p.Candidate.Name
}

// candidateForm is the form of a candidate: what was refused, or what is
// stored. A new one is asked whether it is accredited; nothing is assumed.
func candidateForm(f *form.Form, c *readmodel.Candidate) *form.Form {
	if c.ID.IsZero() {
		return filled(f, "name", 0)
	}
	return filled(f, "name", c.Version,
		"name", c.Name, "accredited", c.Accredited(), "accreditation_body", c.AccreditationBody, "accreditation_number", c.AccreditationNumber,
		"checked_on", dayText(c.AccreditationCheckedOn), "covers", checked(c.CoversStandard), "quote_until", dayText(c.QuoteUntil),
		"audit_days", c.AuditDays(), "price", c.Price, "auditors", c.Auditors, "ties", c.Ties, "notes", c.Notes)
}

// engagementForm is the form of an engagement.
func engagementForm(f *form.Form, e *readmodel.Engagement) *form.Form {
	return filled(f, "engagement_firm", e.Version, "engagement_kind", e.Kind, "engagement_firm", e.Firm, "engagement_people", e.People,
		"engagement_began", dayText(e.BeganOn), "engagement_ended", dayText(e.EndedOn))
}

// choiceForm is the form of the choice.
func choiceForm(f *form.Form, s *readmodel.Selection) *form.Form {
	return filled(f, "chosen", s.Version, "chosen", idText(s.CandidateID), "choice_reason", s.Reason, "consultant", s.Consultant,
		"engagement", idText(s.EngagementID), "consultant_reason", s.ConsultantReason)
}

// contractForm is the form of the contract's day.
func contractForm(f *form.Form, s *readmodel.Selection) *form.Form {
	return filled(f, "contract_signed", s.ContractVersion, "contract_signed", dayText(s.ContractSignedOn))
}

func idText[K any](i *id.ID[K]) string {
	if i == nil {
		return ""
	}
	return i.String()
}

// isChosen tells whether a candidate is the chosen one.
func isChosen(p *readmodel.SelectionPage, candidate id.Candidate) bool {
	return p.Selection.CandidateID != nil && *p.Selection.CandidateID == candidate
}

// conflictsOf counts the conflicts of a candidate.
func conflictsOf(p *readmodel.SelectionPage, candidate id.Candidate) int {
	n := 0
	for _, c := range p.Conflicts {
		if c.Candidate == candidate {
			n++
		}
	}
	return n
}

// accreditationFault says what the accreditation of a candidate still lacks, ""
// for nothing: the first of what its rules find.
func accreditationFault(ctx context.Context, c *readmodel.Caller, candidate *readmodel.Candidate) string {
	faults := candidate.Accreditation().Faults(c.Today())
	if len(faults) == 0 {
		return ""
	}
	return i18n.T(ctx, "selection.fault."+faults[0].String())
}

// auditDays writes the audit time of a candidate: "9.5".
func auditDays(ctx context.Context, c *readmodel.Candidate) string {
	switch {
	case c.AuditTenths == nil:
		return "–"
	case *c.AuditTenths%10 == 0:
		return i18n.Number(ctx, *c.AuditTenths/10)
	}
	return i18n.Decimal(ctx, *c.AuditTenths, 1)
}

// candidateNote is the line under another candidate beside the form: "11 days ·
// Accreditation checked".
func candidateNote(ctx context.Context, c *readmodel.Caller, candidate *readmodel.Candidate) string {
	state := accreditationFault(ctx, c, candidate)
	if state == "" {
		state = i18n.T(ctx, "selection.accreditation.checked_short")
	}
	if candidate.AuditTenths == nil {
		return state
	}
	return i18n.T(ctx, "selection.candidate.note", "days", auditDays(ctx, candidate), "state", state)
}

// candidateChoices offers the candidates.
func candidateChoices(p *readmodel.SelectionPage) []component.Option {
	out := make([]component.Option, len(p.Candidates))
	for i, c := range p.Candidates {
		out[i] = component.Option{Value: c.ID.String(), Label: c.Name}
	}
	return out
}

func accreditedChoices(ctx context.Context) []component.Option {
	return []component.Option{
		{Value: "yes", Label: i18n.T(ctx, "selection.accredited.yes")},
		{Value: "no", Label: i18n.T(ctx, "selection.accredited.no")},
	}
}

func consultantChoices(ctx context.Context) []component.Option {
	return []component.Option{
		{Value: "none", Label: i18n.T(ctx, "selection.consultant.none")},
		{Value: "engaged", Label: i18n.T(ctx, "selection.consultant.engaged")},
	}
}

// consultancies offers the engagements that a consultant was bought with.
func consultancies(ctx context.Context, p *readmodel.SelectionPage) []component.Option {
	var out []component.Option
	for i := range p.Engagements {
		if e := &p.Engagements[i]; e.Kind == "consultancy" {
			out = append(out, component.Option{Value: e.ID.String(), Label: e.Firm + " (" + engagementTime(ctx, e) + ")"})
		}
	}
	return out
}

// engagementTime says from when to when an engagement lasts.
func engagementTime(ctx context.Context, e *readmodel.Engagement) string {
	if e.EndedOn.IsZero() {
		return i18n.T(ctx, "selection.engagement.since", "began", e.BeganOn)
	}
	return i18n.T(ctx, "selection.engagement.from_to", "began", e.BeganOn, "ended", e.EndedOn)
}

// conflictThere is the name on the client's side of a conflict.
func conflictThere(c *readmodel.CandidateConflict) string {
	if c.Person != "" && c.Firm != "" {
		return c.Person + ", " + c.Firm
	}
	return c.Person + c.Firm
}

// conflictUntil says how long a conflict lasts.
func conflictUntil(ctx context.Context, c *readmodel.CandidateConflict) string {
	if c.Until.IsZero() {
		return i18n.T(ctx, "selection.conflict.going_on", "months", selection.DefaultRules().CoolingOffMonths)
	}
	return i18n.T(ctx, "selection.conflict.until", "date", c.Until)
}

// conflictRule says a rule of impartiality in words.
func conflictRule(ctx context.Context, rule selection.Impartiality) string {
	return i18n.T(ctx, "selection.rule."+strings.ToLower(rule.String()), "months", selection.DefaultRules().CoolingOffMonths)
}

// consultantText says what was decided about a consultant.
func consultantText(ctx context.Context, p *readmodel.SelectionPage) string {
	switch p.Selection.Consultant {
	case "none":
		return i18n.T(ctx, "selection.consultant.none")
	case "engaged":
		for i := range p.Engagements {
			if e := &p.Engagements[i]; p.Selection.EngagementID != nil && e.ID == *p.Selection.EngagementID {
				return e.Firm
			}
		}
	}
	return "–"
}

// mayRemove tells whether a candidate can be removed: not the chosen one.
func mayRemove(p *readmodel.CandidatePage) bool {
	return !p.Candidate.ID.IsZero() && p.Chosen != p.Candidate.ID
}

// otherCandidates are those beside the one that is edited.
func otherCandidates(p *readmodel.CandidatePage) []readmodel.Candidate {
	return slices.DeleteFunc(slices.Clone(p.Candidates), func(c readmodel.Candidate) bool { return c.ID == p.Candidate.ID })
}

// candidateEditable tells whether candidates can be written by this reader.
func candidateEditable(c *readmodel.Caller, sp *readmodel.StepPage) bool {
	return editable(c, sp, certification.Frozen, permission.Propose)
}

// candidatesHead heads the comparison, with the way to add to it.
func candidatesHead(ctx context.Context, c *readmodel.Caller, edit bool) component.SectionView {
	v := component.SectionView{ID: "candidates", Title: i18n.T(ctx, "selection.candidates.title"), Note: i18n.T(ctx, "selection.candidates.note")}
	if edit {
		v.Button = &component.ButtonView{Label: i18n.T(ctx, "selection.candidate.add_button"), Href: StepPath(c, "selection") + "/candidates/new"}
	}
	return v
}

// choiceFacts shows the choice to who cannot change it.
func choiceFacts(ctx context.Context, p *readmodel.SelectionPage) templ.Component {
	name := ""
	if p.Selection.CandidateID != nil {
		if one := p.Candidate(*p.Selection.CandidateID); one != nil {
			name = one.Name
		}
	}
	return component.Definitions([]component.Row{
		{Term: i18n.T(ctx, "selection.choice.body"), Text: orDash(name)},
		{Term: i18n.T(ctx, "selection.choice.reason"), Text: orDash(p.Selection.Reason)},
		{Term: i18n.T(ctx, "selection.choice.consultant"), Text: consultantText(ctx, p)},
		{Term: i18n.T(ctx, "selection.choice.consultant_reason"), Text: orDash(p.Selection.ConsultantReason)},
	})
}

// candidatePath is where the form of a candidate is sent.
func candidatePath(c *readmodel.Caller, p *readmodel.CandidatePage) string {
	path := StepPath(c, "selection") + "/candidates"
	if p.Candidate.ID.IsZero() {
		return path
	}
	return path + "/" + p.Candidate.ID.String()
}

// nameList lists names that stand a line each.
func nameList(ctx context.Context, names string) string {
	return i18n.List(ctx, strings.FieldsFunc(names, func(r rune) bool { return r == '\n' }))
}
