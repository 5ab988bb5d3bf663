package walk_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"waymark/internal/browsertest"
)

// project is a certification effort and the four people who walk it from the
// first visit to the next cycle, each in a browser of their own.
type project struct {
	*house
	t  *testing.T
	at string // its address

	manager    *browsertest.Person // set the installation up and leads the project
	sponsor    *browsertest.Person // approves for top management
	consultant *browsertest.Person // assesses
	chair      *browsertest.Person // chairs the committee, owns processes, audits inside
}

// TestFromSetUpToRenewal walks one project from the one-time code to the
// certificate, through its surveillance audits and into the next cycle.
func TestFromSetUpToRenewal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := &project{house: h, t: t, manager: h.visit(t), sponsor: h.visit(t), consultant: h.visit(t), chair: h.visit(t, browsertest.Size(390, 844))}
	p.setUp()
	p.invite()
	p.communicate()
	p.decideScope()
	p.assess()
	p.formCommittee()
	p.makePlan()
	p.selectBody()
	p.work()
	p.prepare()
	p.beAudited()
	p.keepCertificate()
}

// open goes to a page of the project.
func (p *project) open(who *browsertest.Person, path string) {
	p.t.Helper()
	who.Open(p.at + path)
	require.Equal(p.t, http.StatusOK, who.Status(), "%s", who.URL())
}

// on moves the clock. Sessions are over after such a time, so everybody signs
// in again.
func (p *project) on(day string) {
	p.t.Helper()
	p.house.at(day)
	for email, who := range map[string]*browsertest.Person{
		"anna@example.com": p.manager, "sven@example.com": p.sponsor, "carla@example.com": p.consultant, "chen@example.com": p.chair,
	} {
		signIn(who, email)
	}
}

// refused sees that a step cannot be finished yet, and why.
func (p *project) refused(step string, number int, reasons ...string) {
	p.t.Helper()
	p.open(p.manager, "/steps/"+step)
	button := fmt.Sprintf("Finish step %d", number)
	require.NotEmpty(p.t, p.manager.Attribute(".finish .button", "aria-describedby"), "%s is not refused", button)
	p.manager.Click(".finish .button")
	require.Contains(p.t, p.manager.Attribute(":focus", "class"), "reasons", "the reasons have not got the focus")
	for _, reason := range reasons {
		p.manager.Within(".finish .reasons").See(reason)
	}
}

// finish finishes a step as the project manager and sees that it is.
func (p *project) finish(step string, number int) {
	p.t.Helper()
	p.open(p.manager, "/steps/"+step)
	if p.manager.Has(".finish .reasons") {
		p.t.Fatalf("step %d cannot be finished: %s", number, p.manager.Text(".finish .reasons"))
	}
	p.manager.Within(".finish").ClickText(fmt.Sprintf("Finish step %d", number))
	p.open(p.manager, "/steps/"+step)
	p.manager.Within(".finish").See("Anna Berg finished this step on")
}

// saved demands that a form was accepted.
func (p *project) saved(who *browsertest.Person) {
	p.t.Helper()
	if who.Status() >= http.StatusBadRequest || who.Has(".error-summary") {
		p.t.Fatalf("at %s (%d): %s", who.URL(), who.Status(), who.Text("main"))
	}
}

// choose sets a list to one of its values, where the text of the choice carries
// figures.
func choose(who *browsertest.Person, css, value string) {
	who.Eval(fmt.Sprintf(`(() => {
		const list = document.querySelector(%q);
		list.value = %q || [...list.options].find((o) => o.value).value;
		list.dispatchEvent(new Event("change", { bubbles: true }));
	})()`, css, value), nil)
}

func (p *project) setUp() {
	anna := p.manager
	code, err := p.app.SetUpCode(p.t.Context())
	require.NoError(p.t, err)
	anna.Open("/")
	require.Equal(p.t, "/set-up", anna.Path())
	judge(p.t, anna, "/set-up")
	anna.Fill("One-time code", strings.ToLower(code))
	anna.Fill("Name", "Anna Berg")
	anna.Fill("E-mail address", "anna@example.com")
	anna.Fill("Password", goodPassword)
	anna.Fill("Name of the organization", "Fjord Services AS")
	anna.Select("Time zone", "UTC")
	anna.ClickText("Set up and sign in")
	anna.See("How do you want to begin?")
	judge(p.t, anna, "/set-up/sample")
	anna.ClickText("Begin empty")
	anna.ClickText("Open the organization")
	anna.Within("main .page-head").ClickText("New project")
	anna.Fill("Name of the project", "Certification 2026")
	anna.Fill("Target date", "30 September 2026")
	anna.ClickText("Create project")
	anna.See("Certification 2026")
	p.at = anna.Path()
	require.Regexp(p.t, `^/o/[0-9a-f-]{36}/p/[0-9a-f-]{36}$`, p.at)
}

// invite brings the others in by links that the outbox shows.
func (p *project) invite() {
	for _, one := range []struct {
		who               *browsertest.Person
		name, email, role string
	}{
		{p.sponsor, "Sven Dahl", "sven@example.com", "Sponsor"},
		{p.consultant, "Carla Ruiz", "carla@example.com", "Consultant"},
		{p.chair, "Chen Li", "chen@example.com", "Committee member"},
	} {
		p.open(p.manager, "/people")
		form := p.manager.Within("#invitations form.form")
		form.Fill("E-mail address", one.email)
		form.Fill("Name", one.name)
		form.Select("Role in the project", one.role)
		form.ClickText("Send the invitation")
		p.saved(p.manager)
		p.manager.See(one.email)
		p.manager.Open("/admin/outbox")
		p.manager.Click("main td.lead a")
		p.manager.See(one.email)
		link := p.manager.Attribute("pre a", "href")
		require.Contains(p.t, link, "/invitations/accept?token=")

		one.who.Open(link)
		one.who.See("Join Fjord Services AS")
		judge(p.t, one.who, "the invitation of "+one.name)
		require.Equal(p.t, one.name, one.who.Value("Name"))
		one.who.Fill("Password", goodPassword)
		one.who.ClickText("Join")
		p.saved(one.who)
		one.who.NotSee("You are new here")
		p.open(one.who, "")
		one.who.See("Certification 2026")
		one.who.Open(link)
		one.who.See("This invitation does not work")
	}
}

func (p *project) communicate() {
	anna := p.manager
	p.refused("awareness", 1, "1.2 Objectives, advantages and approach are written", "1.4 The sponsor has signed the mandate")
	p.open(p.manager, "/steps/scope")
	anna.See("Locked: first comes")
	p.open(p.sponsor, "/steps/awareness")
	p.sponsor.See("Not yours to finish")

	p.open(anna, "/steps/awareness")
	anna.Fill("Objectives", "The certificate by the end of September, and half as many repeated incidents.")
	anna.Fill("Advantages", "Tenders that ask for the certificate; one way of working at both sites.")
	anna.Fill("Approach", "Nine steps, one committee, half a day a week for each process owner.")
	anna.Within("#text").ClickText("Save")
	p.saved(anna)
	anna.Fill("Add an audience group", "Service desk")
	anna.Within("#audiences").ClickText("Add")
	p.saved(anna)
	anna.Within("#audiences").See("Not told yet")
	anna.Fill("Day", "2026-01-12")
	anna.Fill("Proof", "Minutes of the morning meeting, on the intranet")
	anna.ClickText("Record")
	p.saved(anna)
	p.open(p.sponsor, "/steps/awareness")
	p.sponsor.ClickText("Sign the mandate")
	p.saved(p.sponsor)
	p.finish("awareness", 1)
}

func (p *project) decideScope() {
	anna := p.manager
	p.open(anna, "/steps/scope")
	anna.Check("A part of it")
	anna.Fill("Organization or unit", "Fjord Services AS")
	anna.Fill("People working in the scope", "40")
	anna.Fill("Scope statement", "The service management system of Fjord Services AS that delivers managed hosting to external customers from Bergen, Norway.")
	anna.ClickText("Save the scope")
	p.saved(anna)
	for _, item := range []struct{ kind, name, in, reason, country, people string }{
		{"Organizational unit", "Operations", "In", "", "", ""},
		{"Service", "Managed hosting", "In", "", "", ""},
		{"Location", "Bergen", "In", "", "Norway", "40"},
		{"Service", "Trainings", "Out", "Sold apart, by another team and under another contract", "", ""},
	} {
		form := anna.Within("#items form.form")
		form.Select("Kind", item.kind)
		form.Fill("Name", item.name)
		form.Check(item.in)
		form.Fill("Reason", item.reason)
		if item.country != "" {
			form.ClickText("Location and customer details")
			form.Fill("Country", item.country)
			form.Fill("People in the scope there", item.people)
		}
		form.ClickText("Add")
		p.saved(anna)
		anna.Within("#items table").See(item.name)
	}
	for anna.Has("#rules .confirmation details") {
		box := "#" + anna.Attribute("#rules .confirmation:has(details)", "id")
		anna.Click(box + " summary")
		anna.Within(box).Fill("Date", "2026-01-12")
		anna.Within(box).Fill("Evidence", "Looked through the list of contracts")
		anna.Click(box + " button[type=submit]")
		p.saved(anna)
	}
	p.refused("scope", 2, "2.5 Top management has approved the scope")
	p.open(p.sponsor, "/steps/scope")
	p.sponsor.ClickText("Approve the scope")
	p.saved(p.sponsor)
	p.finish("scope", 2)
}

// assess rates four checks with the keyboard and the mouse, and the others by
// their own forms.
func (p *project) assess() {
	p.on("2026-02-02")
	anna, carla := p.manager, p.consultant
	p.open(anna, "/steps/gap")
	anna.Check("by an external consultant")
	anna.Fill("Name of the assessor", "Carla Ruiz")
	anna.Fill("Firm", "Ruiz Advisory")
	anna.Fill("People", "Carla Ruiz")
	anna.Fill("Began on", "2026-01-26")
	anna.Within("#assessor").ClickText("Save")
	p.saved(anna)

	p.open(carla, "/assessment")
	for _, finding := range []struct{ key, comment, statement string }{
		{"3", "Asked for it; there is none.", "Nobody has written down what the system depends on outside."},
		{"2", "Seen in draft, not agreed.", "The list of interested parties leaves the suppliers out."},
		{"2", "Seen for one service of two.", "It covers one service only."},
	} {
		carla.Press("j", finding.key)
		carla.Wait("tr.edit")
		carla.Press("c")
		carla.Type(finding.comment)
		carla.Press("Tab")
		carla.Type(finding.statement)
		carla.Press("Escape")
		carla.Within("tr.edit").See("Finding")
	}
	const next = "#checks tr[data-row]:not(.edit)"
	row := carla.Within(fmt.Sprintf("[id=%q]", carla.Attribute(next, "id")))
	carla.Click(next + " a[data-edit]")
	row.Check("Conforms")
	row.Fill("Comment", "Seen: chapter 2 of the handbook")
	row.ClickText("Save")
	row.See("Saved")

	s := p.as(p.t, carla)
	_, doc := s.do(http.MethodGet, p.at+"/assessment?rating=not_assessed", nil)
	rows := doc.Find("#checks tr[data-row]")
	require.Equal(p.t, 216, rows.Length())
	conditions := 0
	rows.Each(func(i int, row *goquery.Selection) {
		check := strings.TrimPrefix(row.AttrOr("id", ""), "check-")
		values := url.Values{"version": {"0"}, "rating": {"conforms"}, "comment": {"Seen: chapter " + check + " of the handbook"}}
		if i%20 == 0 { // some as the page has them
			_, open := s.do(http.MethodGet, p.at+"/assessment?check="+check, nil)
			values = fields(open.Find("form.edit-row"))
			values.Set("rating", "conforms")
			values.Set("comment", "Seen: chapter "+check+" of the handbook")
			if open.Find(`input[name=rating][value=not_triggered]`).Length() > 0 {
				values.Set("rating", "not_triggered")
				values.Set("comment", "Nothing of this kind is done here.")
				conditions++
			}
		}
		status, answer := s.do(http.MethodPost, p.at+"/assessment/checks/"+check, values)
		require.Equal(p.t, http.StatusSeeOther, status, "%s: %s", check, answer.Find("main").Text())
	})

	p.refused("gap", 3, "3.5 The baseline is frozen and signed off")
	p.open(carla, "/steps/gap")
	carla.ClickText("Sign off and freeze the baseline")
	p.saved(carla)
	p.finish("gap", 3)
}

func (p *project) formCommittee() {
	p.on("2026-02-16")
	anna, chen, carla := p.manager, p.chair, p.consultant
	for _, place := range []struct{ role, person, clause string }{
		{"project_manager", "Anna Berg", ""}, {"chair", "Chen Li", ""}, {"staff", "Carla Ruiz", ""},
		{"process_owner", "Chen Li", "4"}, {"process_owner", "Chen Li", "5"}, {"process_owner", "Chen Li", "6"}, {"process_owner", "Chen Li", "7"},
		{"process_owner", "Anna Berg", "8"}, {"process_owner", "Chen Li", "9"}, {"process_owner", "Chen Li", "10"},
	} {
		p.open(anna, "/steps/committee")
		choose(anna, "#appoint select[name=appoint_role]", place.role)
		anna.Within("#appoint").Select("Person", place.person)
		if place.clause != "" {
			choose(anna, "#appoint select[name=appoint_clause]", place.clause)
		}
		anna.ClickText("Ask this person")
		p.saved(anna)
	}
	p.refused("committee", 4, "4.2 The chair is appointed and has accepted", "Chen Li has not answered yet")
	for _, who := range []*browsertest.Person{anna, chen, carla} {
		for p.open(who, "/steps/committee"); who.Has("button[value=accept]"); {
			who.Click("button[value=accept]")
			p.saved(who)
		}
	}
	p.open(anna, "/steps/committee")
	anna.Within("#meetings").Fill("Day", "2026-02-16")
	anna.Within("#meetings").Fill("Present", "Anna Berg, Chen Li, Carla Ruiz, Sven Dahl")
	anna.Within("#meetings").Fill("Minutes", "The plan was shown; the committee meets every other Monday.")
	anna.Within("#meetings").ClickText("Add")
	p.saved(anna)
	p.finish("committee", 4)
}

func (p *project) makePlan() {
	anna, chen := p.manager, p.chair
	p.open(anna, "/steps/plan")
	anna.See("3 findings need work")
	anna.Within("#findings").ClickText("Plan tasks")
	anna.Fill("Due date where none is given below", "2026-04-30")
	anna.ClickText("Make tasks")
	p.saved(anna)
	p.refused("plan", 5, "5.5 The plan is frozen as a baseline")
	anna.ClickText("Freeze the plan")
	p.saved(anna)
	p.open(chen, "/steps/plan")
	chen.ClickText("Approve baseline 1")
	p.saved(chen)
	p.finish("plan", 5)
}

func (p *project) selectBody() {
	anna := p.manager
	for _, body := range []struct{ name, price string }{{"Nordcert", "EUR 14,500"}, {"Certa International", "EUR 16,200"}} {
		p.open(anna, "/steps/selection/candidates/new")
		anna.Fill("Name of the certification body", body.name)
		anna.Click("input[name=accredited][value=yes]")
		anna.Fill("Accredited by", "Norsk Akkreditering")
		anna.Fill("Accreditation number", "MSYS 001")
		anna.Fill("Checked on", "2026-02-16")
		anna.Check("Its scope includes ISO/IEC 20000-1")
		anna.Fill("Audit time, person-days", "9.5")
		anna.Fill("Price", body.price)
		anna.ClickText("Save candidate")
		p.saved(anna)
	}
	anna.See("Nordcert")
	anna.Select("Chosen certification body", "Nordcert")
	anna.Fill("Reason for the choice", "Knows our trade; the shorter way.")
	anna.Click("input[name=consultant][value=engaged]")
	choose(anna, "#choice select[name=engagement]", "")
	anna.FillCSS("#choice [name=consultant_reason]", "Assessed us well.")
	anna.ClickText("Save the choice")
	p.saved(anna)
	anna.Fill("Signed on", "2026-02-16")
	anna.ClickText("Save the day")
	p.saved(anna)
	p.refused("selection", 6, "6.6 Top management has approved the selection")
	p.open(p.sponsor, "/steps/selection")
	p.sponsor.ClickText("Approve the selection")
	p.saved(p.sponsor)
	p.finish("selection", 6)
}

// work has the tasks done on a phone, the checks rated anew and the findings
// closed.
func (p *project) work() {
	p.on("2026-05-18")
	chen, carla := p.chair, p.consultant
	p.open(chen, "/tasks/mine")
	chen.See("3 open, 3 late.")
	for range 3 {
		chen.Click(`#mine button[value=done]`)
	}
	chen.See("Done today.")
	chen.Click(`#mine a[href*="/assessment"]`)
	require.Equal(p.t, http.StatusOK, chen.Status(), "%s", chen.URL())
	chen.Within("tr.edit").See("Rate again")
	for range 3 {
		p.open(carla, "/assessment?lack=again")
		carla.Click("#checks tr[data-row] a[data-edit]")
		carla.Within("tr.edit").Check("Conforms")
		carla.Within("tr.edit").See("could be closed")
		carla.Within("tr.edit").ClickText("Close finding")
		p.saved(carla)
	}
	p.open(carla, "/assessment?lack=again")
	carla.See("No check matches.")
	p.open(carla, "/findings")
	carla.See("0 open findings")
}

func (p *project) prepare() {
	anna, chen := p.manager, p.chair
	p.open(anna, "/people")
	anna.Within("#roles").Select("Person", "Chen Li")
	anna.Within("#roles").Select("Role in the project", "Internal auditor")
	anna.ClickText("Give the role")
	p.saved(anna)
	p.refused("preparation", 7, "7.7 An internal audit over all clauses is held", "7.11 The committee has decided to go")
	for subject, day := range map[string]string{"processes": "2026-05-18", "documents": "2026-05-18", "records": "2026-03-02"} {
		box := "#confirm-" + subject
		anna.Click(box + " summary")
		anna.Within(box).Fill("Date", day)
		anna.Within(box).Fill("Evidence", "Seen in the handbook and the register")
		anna.Click(box + " button[type=submit]")
		p.saved(anna)
	}
	p.open(chen, "/steps/preparation")
	chen.ClickText("Record an internal audit")
	chen.Fill("First day", "2026-05-04")
	chen.Fill("Last day", "2026-05-06")
	chen.Fill("Auditor", "Ines Holm")
	chen.Check("All clauses 4 to 10 were audited")
	chen.Check("The auditor did not audit their own work")
	chen.Within("#internal-audit").Fill("Conclusion", "The system works as described; one minor point on change records.")
	chen.ClickText("Record the audit")
	p.saved(chen)
	p.open(anna, "/steps/preparation")
	anna.ClickText("Record a management review")
	anna.Within("#management-review").Fill("Date", "2026-05-12")
	anna.Fill("Chaired by", "Sven Dahl")
	anna.Check("All required inputs were looked at")
	anna.Fill("Decisions", "A second person for change management.")
	anna.ClickText("Record the review")
	p.saved(anna)
	p.open(chen, "/steps/preparation")
	chen.ClickText("Decide to go to the audit")
	p.saved(chen)
	p.finish("preparation", 7)
}

// found records what the certification body found, and what became of it.
func (p *project) found(grade, clause, statement, answered string) {
	p.t.Helper()
	anna := p.manager
	p.open(anna, "/steps/audit")
	anna.ClickText("Record a concern or nonconformity")
	form := anna.Within("#nonconformities form.form")
	form.Check(grade)
	form.Fill("Clause", clause)
	form.Fill("Statement", statement)
	form.ClickText("Record")
	p.saved(anna)
	anna.Within("#nonconformities").ClickText("Open " + clause)
	judge(p.t, anna, "the nonconformity under "+clause)
	anna.FillCSS("#f-answer", "The cause was a missing reminder; it is there now.")
	anna.Fill(answered, p.clock().Format("2006-01-02"))
	anna.ClickText("Save")
	p.saved(anna)
}

func (p *project) stage(number int, first, last string) {
	p.t.Helper()
	anna := p.manager
	p.open(anna, "/steps/audit")
	part := anna.Within(fmt.Sprintf("#stage-%d", number))
	part.Fill("Lead auditor", "Marit Aas")
	part.Fill("First day", first)
	part.Fill("Last day", last)
	part.Fill("Conclusion", "Ready for what follows.")
	part.Click("button[type=submit]")
	p.saved(anna)
}

func (p *project) beAudited() {
	p.on("2026-06-15")
	p.stage(1, "2026-06-08", "2026-06-09")
	p.found("Area of concern", "9.2", "The programme of internal audits ends in June.", "Verified or closed on")
	p.on("2026-07-20")
	p.refused("audit", 8, "8.3 Stage 2 is held", "8.6 The certification decision is recorded")
	p.stage(2, "2026-07-13", "2026-07-17")
	p.found("Minor nonconformity", "8.5.1", "Two changes of June have no review.", "Plan accepted on")
	p.on("2026-08-05")
	anna := p.manager
	p.open(anna, "/steps/audit")
	anna.Check("Certificate granted")
	anna.Fill("Date of the decision", "2026-08-03")
	anna.Fill("Reference", "Letter NC 4711")
	anna.ClickText("Record the decision")
	p.saved(anna)
	p.finish("audit", 8)
}

// keepCertificate goes through the three years: the certificate's dates follow
// from the decision, both surveillance audits and the recertification are held,
// and finishing opens the next cycle.
func (p *project) keepCertificate() {
	anna := p.manager
	p.open(anna, "/steps/certificate")
	anna.Fill("Certificate number", "NC-20000-0815")
	anna.ClickText("Save the certificate")
	p.saved(anna)
	anna.Within("#dates").See("Certificate expires")
	anna.Within("#dates").See("2 August 2029")
	p.open(anna, "")
	anna.See("2 August 2029")
	for visit, days := range [][2]string{{"2027-06-21", "2027-07-01"}, {"2028-06-19", "2028-07-03"}, {"2029-05-14", "2029-05-21"}} {
		p.on(days[1])
		p.refused("certificate", 9, fmt.Sprintf("9.%d", visit+2))
		form := fmt.Sprintf(`form[action$="/visits/%d"]`, visit+1)
		anna.Within(form).Fill("Held on", days[0])
		anna.Within(form).Fill("Conclusion", "The certificate stays.")
		anna.Within(form).Click("button[type=submit]")
		p.saved(anna)
	}
	anna.Within(".finish").ClickText("Finish step 9")
	p.saved(anna)

	// The next cycle stands open at its beginning, and takes along what was
	// decided and who does it.
	p.open(anna, "/history")
	anna.See("cycle 2")
	p.open(anna, "/steps/committee")
	anna.Within("#appointments").See("Chen Li")
	p.open(anna, "/steps/scope")
	anna.See("Fjord Services AS")
	for _, who := range []*browsertest.Person{p.sponsor, p.consultant, p.chair} {
		p.open(who, "")
	}
}
