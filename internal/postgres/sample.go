package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/domain/sample"
	"waymark/internal/domain/standard"
	"waymark/internal/readmodel"
)

// CreateSample stores the sample organization with its project, on behalf of a
// person who becomes its owner. The invented people cannot sign in. Everything
// is one transaction, and the trail tells the story in its own time.
func (db *DB) CreateSample(ctx context.Context, acc readmodel.Access, tell func(language string) (*sample.Story, error)) (id.Organization, error) {
	organization := fresh[id.Organization]()
	made, err := db.do(ctx, acc, change{
		decide: func(c *readmodel.Caller, w *writes) error {
			story, err := tell(c.Language)
			if err != nil {
				return err
			}
			t := newTeller(w, acc, c, organization, story)
			t.tell()
			w.Result = organization.String()
			told := append(t.arrivals(), t.events...)
			slices.SortStableFunc(told, func(a, b pastEvent) int { return a.at.Compare(b.at) })
			return w.queueEventsOf(told)
		},
	})
	if err != nil {
		return id.Organization{}, err
	}
	// A form sent twice answers with the first one made.
	return id.Parse[id.Organization](made)
}

func fresh[T ~[16]byte]() T {
	return T(uuid.Must(uuid.NewV7())) // fails only where the system has no randomness
}

// queueEventsOf appends events with times and people of their own, in order.
func (w *writes) queueEventsOf(events []pastEvent) error {
	for _, e := range events {
		one := writes{batch: w.batch, events: []event{e.event}}
		if err := one.queueEvents(e.organization, e.person, e.at); err != nil {
			return err
		}
	}
	return nil
}

// pastEvent is an event that somebody else left at another time.
type pastEvent struct {
	event
	organization id.Organization
	person       id.Person
	at           time.Time
}

// teller writes the story down.
type teller struct {
	w       *writes
	acc     readmodel.Access
	caller  *readmodel.Caller
	story   *sample.Story
	org     id.Organization
	project id.Project
	zone    *time.Location
	people  map[string]id.Person
	events  []pastEvent
	seq     int
}

func newTeller(w *writes, acc readmodel.Access, c *readmodel.Caller, organization id.Organization, story *sample.Story) *teller {
	zone, err := time.LoadLocation(story.Zone)
	if err != nil {
		zone = time.UTC
	}
	return &teller{
		w: w, acc: acc, caller: c, story: story, org: organization, project: fresh[id.Project](), zone: zone,
		people: map[string]id.Person{},
	}
}

// at is a moment some days ago, never after now.
func (t *teller) at(daysAgo, hour int) time.Time {
	when := t.story.Today.AddDays(-daysAgo).In(t.zone).Add(time.Duration(hour) * time.Hour)
	if when.After(t.acc.Now) {
		return t.acc.Now
	}
	return when
}

func (t *teller) day(daysAgo int) civil.Date { return t.story.Today.AddDays(-daysAgo) }

// args are the names that most statements use, and more.
func (t *teller) args(more pgx.NamedArgs) pgx.NamedArgs {
	args := pgx.NamedArgs{"organization": t.org, "project": t.project}
	for name, value := range more {
		args[name] = value
	}
	return args
}

func (t *teller) event(person string, at time.Time, kind, subject string, data map[string]any) {
	t.events = append(t.events, pastEvent{
		event: event{project: t.project, kind: kind, subject: subject, data: data}, organization: t.org, person: t.people[person], at: at,
	})
}

func (t *teller) act(step certification.Step, kind, person string, at time.Time, reason string) {
	t.seq++
	t.w.Queue(`
		INSERT INTO step_act (organization_id, project_id, seq, cycle, step, kind, person_id, at, reason)
		VALUES (@organization, @project, @seq, 1, @step, @kind, @person, @at, @reason)`,
		t.args(pgx.NamedArgs{"seq": t.seq, "step": step.Number(), "kind": kind, "person": t.people[person], "at": at, "reason": reason}))
	data := map[string]any{"step": step.Number(), "cycle": 1}
	if reason != "" {
		data["reason"] = reason
	}
	t.event(person, at, "step."+kind, step.String(), data)
}

func (t *teller) approve(subject, person string, version int, at time.Time, note string) {
	t.w.Queue(`
		INSERT INTO approval (organization_id, project_id, id, cycle, subject, subject_version, person_id, at, note)
		VALUES (@organization, @project, @id, 1, @subject, @version, @person, @at, @note)`,
		t.args(pgx.NamedArgs{"id": fresh[id.Row](), "subject": subject, "version": version, "person": t.people[person], "at": at, "note": note}))
	t.event(person, at, "approval."+subject, subject, map[string]any{"version": version})
}

func (t *teller) tell() {
	t.introduce()
	t.awareness()
	t.scope()
	t.assess()
	t.committee()
	t.selection()
	t.tasks()
	t.act(certification.Committee, "reopened", "manager", t.at(15, 9), t.story.Reopened)
	t.act(certification.Committee, "finished", "manager", t.at(9, 14), "")
	// What follows in the transaction belongs to the caller again.
	t.w.actAs(t.caller.Person)
}

// arrivals takes the events that joining left behind into the story's own time
// and organization.
func (t *teller) arrivals() []pastEvent {
	var out []pastEvent
	for _, e := range t.w.events {
		out = append(out, pastEvent{event: e, organization: t.org, person: t.caller.Person, at: t.at(110, 9)})
	}
	t.w.events = nil
	return out
}

// introduce makes the organization, its people and the project.
func (t *teller) introduce() {
	s := t.story
	t.w.Queue(`SELECT set_config('app.org', @organization, true)`, pgx.NamedArgs{"organization": t.org.String()})
	t.w.Queue(`INSERT INTO organization (id, name, time_zone, language, sample, created_at) VALUES (@organization, @name, @zone, @language, true, @at)`,
		t.args(pgx.NamedArgs{"name": s.Organization, "zone": s.Zone, "language": s.Language, "at": t.at(110, 9)}))
	t.people["owner"] = t.caller.Person
	t.w.join(member{organization: t.org, person: t.caller.Person, role: identity.Owner, name: t.caller.Name, email: t.caller.Email, language: orNull(t.caller.Language)}, t.at(110, 9))
	tag := t.org.String()[:8] + t.org.String()[32:]
	for _, key := range sample.People() {
		person := fresh[id.Person]()
		t.people[key] = person
		email := identity.Email(fmt.Sprintf("%s.%s@sample.example", key, tag))
		t.w.actAs(person)
		t.w.createPerson(readmodel.NewPerson{ID: person, Email: email, Name: s.People[key], Language: s.Language}, t.at(110, 9))
		t.w.join(member{organization: t.org, person: person, role: identity.Member, name: s.People[key], email: email.String(), language: &s.Language}, t.at(110, 9))
	}
	t.w.Queue(`
		INSERT INTO project (organization_id, id, name, edition, target_on, created_by, created_at)
		VALUES (@organization, @project, @name, @edition, @target, @person, @at)`,
		t.args(pgx.NamedArgs{"name": s.Name, "edition": standard.Current().Edition().ID, "target": s.TargetOn, "person": t.people["manager"], "at": t.at(108, 9)}))
	for _, key := range sample.People() {
		t.w.Queue(`
			INSERT INTO project_role (organization_id, project_id, person_id, role, until_on, created_at)
			VALUES (@organization, @project, @person, @role, @until, @at)`,
			t.args(pgx.NamedArgs{"person": t.people[key], "role": sample.Roles()[key], "until": guestUntil(key, s.TargetOn), "at": t.at(108, 10)}))
	}
	t.event("owner", t.at(110, 9), "organization.created", t.org.String(), nil)
	t.event("manager", t.at(108, 9), "project.created", t.project.String(), nil)
}

func guestUntil(key string, target civil.Date) civil.Date {
	if key == "guest" {
		return target
	}
	return civil.Date{}
}

func (t *teller) awareness() {
	s := t.story
	t.act(certification.Awareness, "started", "manager", t.at(107, 9), "")
	t.w.Queue(`
		INSERT INTO awareness (organization_id, project_id, objectives, advantages, approach, updated_by, updated_at)
		VALUES (@organization, @project, @objectives, @advantages, @approach, @person, @at)`,
		t.args(pgx.NamedArgs{"objectives": s.Awareness.Objectives, "advantages": s.Awareness.Advantages, "approach": s.Awareness.Approach, "person": t.people["manager"], "at": t.at(107, 9)}))
	t.event("manager", t.at(107, 9), "awareness.saved", "awareness", map[string]any{"version": 1})
	for i, name := range s.Audiences {
		audience := fresh[id.Row]()
		t.w.Queue(`INSERT INTO audience (organization_id, project_id, id, name, created_at) VALUES (@organization, @project, @id, @name, @at)`,
			t.args(pgx.NamedArgs{"id": audience, "name": name, "at": t.at(106, 9+i)}))
		if i >= len(s.Proofs) {
			continue // nobody has told this group yet; a waiver says why
		}
		t.w.Queue(`
			INSERT INTO communication (organization_id, project_id, id, audience_id, channel, held_on, proof, person_id, created_at)
			VALUES (@organization, @project, @id, @audience, @channel, @held, @proof, @person, @at)`,
			t.args(pgx.NamedArgs{"id": fresh[id.Row](), "audience": audience, "channel": []string{"meeting", "meeting", "mail"}[i%3], "held": t.day(104 - i), "proof": s.Proofs[i], "person": t.people["manager"], "at": t.at(103-i, 10)}))
		t.event("manager", t.at(103-i, 10), "audience.told", "awareness", map[string]any{"name": name, "channel": "meeting", "on": t.day(104 - i).String()})
	}
	waiver := fresh[id.Waiver]()
	t.w.Queue(`
		INSERT INTO waiver (organization_id, project_id, id, cycle, criterion, reason, asked_by, asked_at, asked_seq, answered_by, answered_at, consented)
		VALUES (@organization, @project, @id, 1, '1.3', @reason, @asker, @asked, @seq, @consenter, @answered, true)`,
		t.args(pgx.NamedArgs{"id": waiver, "reason": s.Waiver, "asker": t.people["manager"], "asked": t.at(103, 9), "seq": t.seq, "consenter": t.people["sponsor"], "answered": t.at(102, 15)}))
	t.event("manager", t.at(103, 9), "waiver.asked", "1.3", map[string]any{"criterion": "1.3", "reason": s.Waiver})
	t.event("sponsor", t.at(102, 15), "waiver.granted", "1.3", map[string]any{"criterion": "1.3"})
	t.approve("mandate", "sponsor", 1, t.at(102, 16), "")
	t.act(certification.Awareness, "finished", "manager", t.at(101, 10), "")
}

func (t *teller) scope() {
	s := t.story
	t.act(certification.Scope, "started", "manager", t.at(99, 9), "")
	add := func(kind, name string, in bool, reason, country string, people int, central bool, customer string) {
		var count *int
		if people > 0 {
			count = &people
		}
		t.w.Queue(`
			INSERT INTO scope_item (organization_id, project_id, id, kind, name, included, reason, country, people, central, customer_kind, created_at)
			VALUES (@organization, @project, @id, @kind, @name, @in, @reason, @country, @people, @central, @customer, @at)`,
			t.args(pgx.NamedArgs{"id": fresh[id.Row](), "kind": kind, "name": name, "in": in, "reason": reason, "country": country, "people": count, "central": central, "customer": customer, "at": t.at(98, 9)}))
		t.event("manager", t.at(98, 9), "scope_item.added", "scope", map[string]any{"kind": kind, "name": name, "included": in})
	}
	for _, name := range s.Scope.Units {
		add("unit", name, true, "", "", 0, false, "unspecified")
	}
	for _, name := range s.Scope.UnitsOut {
		add("unit", name, false, s.Scope.OutReason, "", 0, false, "unspecified")
	}
	for _, name := range s.Scope.Services {
		add("service", name, true, "", "", 0, false, "unspecified")
	}
	people := []int{24, 16, 4}
	for i, name := range s.Scope.Locations {
		add("location", name, true, "", s.Scope.Country, people[i%3], i == 0, "unspecified")
	}
	for i, name := range s.Scope.Customers {
		add("customer", name, true, "", "", 0, false, []string{"external", "external", "internal"}[i%3])
	}
	t.w.Queue(`
		INSERT INTO scope (organization_id, project_id, extent, name, statement, people, updated_by, updated_at)
		VALUES (@organization, @project, 'limited', @name, @statement, 44, @person, @at)`,
		t.args(pgx.NamedArgs{"name": s.Organization, "statement": s.Scope.Statement, "person": t.people["manager"], "at": t.at(90, 9)}))
	t.event("manager", t.at(90, 9), "scope.saved", "scope", map[string]any{"version": 1})
	for subject, evidence := range s.Confirmations {
		t.w.Queue(`
			INSERT INTO confirmation (organization_id, project_id, cycle, subject, held_on, evidence, person_id, at)
			VALUES (@organization, @project, 1, @subject, @held, @evidence, @person, @at)`,
			t.args(pgx.NamedArgs{"subject": subject, "held": t.day(86), "evidence": evidence, "person": t.people["manager"], "at": t.at(86, 11)}))
	}
	t.approve("scope", "sponsor", 1, t.at(84, 16), s.Scope.Approval)
	t.act(certification.Scope, "finished", "manager", t.at(83, 10), "")
}

// assess writes the assessment, its baseline, findings and evidence.
func (t *teller) assess() {
	s := t.story
	t.act(certification.Gap, "started", "consultant", t.at(80, 9), "")
	engagement := fresh[id.Engagement]()
	t.w.Queue(`
		INSERT INTO engagement (organization_id, project_id, id, kind, firm, people, began_on, created_at)
		VALUES (@organization, @project, @id, 'consultancy', @firm, @people, @began, @at)`,
		t.args(pgx.NamedArgs{"id": engagement, "firm": s.Engagement.Firm, "people": s.Engagement.People, "began": t.day(82), "at": t.at(81, 9)}))
	t.w.Queue(`
		INSERT INTO assessment (organization_id, project_id, mode, assessor, engagement_id, updated_by, updated_at)
		VALUES (@organization, @project, 'external', @assessor, @engagement, @person, @at)`,
		t.args(pgx.NamedArgs{"assessor": s.People["consultant"], "engagement": engagement, "person": t.people["manager"], "at": t.at(80, 9)}))
	t.w.Queue(`
		INSERT INTO baseline (organization_id, project_id, number, cycle, person_id, at)
		VALUES (@organization, @project, 1, 1, @person, @at)`,
		t.args(pgx.NamedArgs{"person": t.people["consultant"], "at": t.at(48, 10)}))
	for i, r := range s.Ratings {
		t.rating(i, r)
	}
	for i := range s.Findings {
		t.finding(i)
	}
	t.event("consultant", t.at(48, 10), "baseline.signed", "gap", map[string]any{"number": 1})
	t.act(certification.Gap, "finished", "manager", t.at(48, 11), "")
}

func (t *teller) rating(i int, r sample.Rating) {
	rated := t.at(78-i/8, 9+i%8)
	if r.Now != r.Then {
		rated = t.at(30-i/9, 9+i%8)
		t.event("consultant", rated, "rating.saved", string(r.Check), map[string]any{"check": string(r.Check), "from": r.Then.String(), "to": r.Now.String()})
	}
	t.w.Queue(`
		INSERT INTO rating (organization_id, project_id, check_id, rating, comment, evidence, rated_by, rated_at, updated_by, updated_at)
		VALUES (@organization, @project, @check, @rating, @comment, @evidence, @person, @at, @person, @at)`,
		t.args(pgx.NamedArgs{"check": string(r.Check), "rating": r.Now, "comment": r.Comment, "evidence": len(r.Evidence), "person": t.people["consultant"], "at": rated}))
	t.w.Queue(`
		INSERT INTO baseline_rating (organization_id, project_id, number, check_id, rating)
		VALUES (@organization, @project, 1, @check, @rating)`, t.args(pgx.NamedArgs{"check": string(r.Check), "rating": r.Then}))
	for n, title := range r.Evidence {
		kind, link, note := "note", "", t.story.EvidenceNote
		if n == 1 {
			kind, link, note = "link", "https://intranet.example/sms/"+string(r.Check), ""
		}
		t.w.Queue(`
			INSERT INTO evidence (organization_id, project_id, id, subject, subject_id, kind, title, link, note, person_id, created_at)
			VALUES (@organization, @project, @id, 'check', @check, @kind, @title, @link, @note, @person, @at)`,
			t.args(pgx.NamedArgs{"id": fresh[id.Evidence](), "check": string(r.Check), "kind": kind, "title": title, "link": link, "note": note, "person": t.people["consultant"], "at": rated}))
	}
}

func (t *teller) finding(i int) {
	f := t.story.Findings[i]
	number := i + 1
	args := t.args(pgx.NamedArgs{
		"id": t.findingID(i), "number": number, "check": string(f.Check), "statement": f.Statement, "recommendation": f.Recommendation,
		"proposed": f.Proposed, "severity": f.Severity, "person": t.people["consultant"], "at": t.at(76-i/4, 10), "closed": nil, "closer": nil,
	})
	if f.Severity == assessment.None {
		args["severity"] = assessment.Observation
	}
	if f.Closed {
		args["closed"], args["closer"] = t.at(20-i%18, 15), t.people["consultant"]
	}
	t.w.Queue(`
		INSERT INTO finding (organization_id, project_id, id, number, check_id, statement, recommendation, proposed, severity, created_by, created_at, closed_at, closed_by, updated_at)
		VALUES (@organization, @project, @id, @number, @check, @statement, @recommendation, @proposed, @severity, @person, @at, @closed, @closer, @at)`, args)
	if number == 1 {
		t.w.Queue(`UPDATE project SET last_finding = @n WHERE organization_id = @organization AND id = @project`, t.args(pgx.NamedArgs{"n": len(t.story.Findings)}))
	}
}

// findingID makes the same id for the same finding of one telling.
func (t *teller) findingID(i int) id.Finding {
	return id.Finding(uuid.NewSHA1(uuid.UUID(t.project), fmt.Appendf(nil, "finding %d", i)))
}

func (t *teller) committee() {
	t.act(certification.Committee, "started", "manager", t.at(45, 9), "")
	appoint := func(person, role, clause string, days int) {
		t.w.Queue(`
			INSERT INTO appointment (organization_id, project_id, id, role, clause, person_id, asked_by, asked_at, accepted_at)
			VALUES (@organization, @project, @id, @role, @clause, @person, @asker, @asked, @accepted)`,
			t.args(pgx.NamedArgs{"id": fresh[id.Appointment](), "role": role, "clause": clause, "person": t.people[person], "asker": t.people["manager"], "asked": t.at(days, 9), "accepted": t.at(days-1, 13)}))
		t.event("manager", t.at(days, 9), "appointment.asked", "committee", map[string]any{"role": role, "clause": clause})
		t.event(person, t.at(days-1, 13), "appointment.accepted", "committee", map[string]any{"role": role, "clause": clause})
	}
	appoint("manager", "project_manager", "", 43)
	appoint("desk", "staff", "", 42)
	appoint("delivery", "staff", "", 42)
	for _, key := range sample.People() {
		for _, clause := range sample.Owners()[key] {
			appoint(key, "process_owner", clause, 38)
		}
	}
	t.w.Queue(`
		INSERT INTO meeting (organization_id, project_id, id, cycle, kind, held_on, present, minutes, person_id, created_at)
		VALUES (@organization, @project, @id, 1, 'kick_off', @held, @present, @minutes, @person, @at)`,
		t.args(pgx.NamedArgs{"id": fresh[id.Row](), "held": t.day(29), "present": t.story.KickOff.Present, "minutes": t.story.KickOff.Minutes, "person": t.people["manager"], "at": t.at(29, 15)}))
	t.event("manager", t.at(29, 15), "meeting.added", "committee", map[string]any{"kind": "kick_off", "on": t.day(29).String()})
	t.act(certification.Committee, "finished", "manager", t.at(27, 10), "")
	appoint("chair", "chair", "", 12)
}

func (t *teller) selection() {
	s := t.story
	t.act(certification.Plan, "started", "manager", t.at(40, 9), "")
	t.act(certification.Selection, "started", "manager", t.at(39, 9), "")
	var first id.Candidate
	for i, c := range s.Candidates {
		candidate := fresh[id.Candidate]()
		if i == 0 {
			first = candidate
		}
		t.w.Queue(`
			INSERT INTO candidate (organization_id, project_id, id, name, accreditation_body, accreditation_number, accreditation_checked_on,
			                       covers_standard, audit_tenths, price, quote_until, notes, created_at)
			VALUES (@organization, @project, @id, @name, @body, @number, @checked, true, @tenths, '', @until, @notes, @at)`,
			t.args(pgx.NamedArgs{"id": candidate, "name": c[0], "body": c[1], "number": c[2], "checked": t.day(36), "tenths": 110 - 15*i, "until": t.story.Today.AddDays(70), "notes": c[3], "at": t.at(38-i, 11)}))
		t.event("manager", t.at(38-i, 11), "candidate.added", "selection", map[string]any{"name": c[0]})
	}
	t.w.Queue(`
		INSERT INTO selection (organization_id, project_id, candidate_id, reason, consultant, engagement_id, consultant_reason, contract_signed_on, updated_by, updated_at)
		SELECT @organization, @project, @candidate, @reason, 'engaged', e.id, @consultant, @signed, @person, @at
		  FROM engagement e WHERE e.organization_id = @organization AND e.project_id = @project`,
		t.args(pgx.NamedArgs{"candidate": first, "reason": s.Choice, "consultant": s.Consultant, "signed": t.day(22), "person": t.people["manager"], "at": t.at(24, 9)}))
	t.event("manager", t.at(24, 9), "selection.saved", "selection", map[string]any{"version": 1})
	t.approve("selection", "sponsor", 1, t.at(22, 14), s.Decision)
	t.act(certification.Selection, "finished", "manager", t.at(21, 10), "")
}

func (t *teller) tasks() {
	for i, task := range t.story.Tasks {
		number := i + 1
		taskID := fresh[id.Task]()
		args := t.args(pgx.NamedArgs{
			"id": taskID, "number": number, "step": task.Step, "finding": nil, "title": task.Title, "owner": nil, "due": task.DueOn,
			"priority": task.Priority, "state": task.State, "reason": task.Reason, "unblocker": nil, "person": t.people["manager"],
			"at": t.at(26, 10), "done": nil,
		})
		if task.Finding >= 0 {
			args["finding"] = t.findingID(task.Finding)
		}
		if task.Owner != "" {
			args["owner"] = t.people[task.Owner]
		}
		switch task.State {
		case "done":
			args["done"] = task.DueOn.In(t.zone).Add(11 * time.Hour)
		case "blocked":
			args["unblocker"] = t.people["delivery"]
			t.event(task.Owner, t.at(5, 8), "task.blocked", taskID.String(), map[string]any{"number": number, "title": task.Title, "reason": task.Reason})
		}
		t.w.Queue(`
			INSERT INTO task (organization_id, project_id, id, number, step, finding_id, title, owner_id, due_on, priority, state,
			                  blocked_reason, unblocker_id, created_by, created_at, done_at, updated_at)
			VALUES (@organization, @project, @id, @number, @step, @finding, @title, @owner, @due, @priority, @state,
			        @reason, @unblocker, @person, @at, @done, @at)`, args)
		for n, body := range task.Comments {
			t.w.Queue(`
				INSERT INTO task_comment (organization_id, project_id, task_id, id, person_id, body, at)
				VALUES (@organization, @project, @task, @id, @person, @body, @at)`,
				t.args(pgx.NamedArgs{"task": taskID, "id": fresh[id.Comment](), "person": t.people[[]string{"desk", "delivery", "manager"}[n%3]], "body": body, "at": t.at(6-n, 14)}))
		}
	}
	t.w.Queue(`UPDATE project SET last_task = @n WHERE organization_id = @organization AND id = @project`, t.args(pgx.NamedArgs{"n": len(t.story.Tasks)}))
	t.event("manager", t.at(26, 10), "tasks.planned", "plan", map[string]any{"n": len(t.story.Tasks)})
}
