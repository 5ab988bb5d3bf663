package server_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
)

// openPlan finishes steps 1 to 3, so that the plan may be written.
func (s *site) openPlan() {
	s.t.Helper()
	s.finish(certification.Awareness, certification.Scope, certification.Gap)
}

// writeTask makes a task by its form and gives its address and id.
func (s *site) writeTask(title, owner, due, step string) (string, id.Task) {
	s.t.Helper()
	person := ""
	if owner != "" {
		person = s.People[owner].String()
	}
	to := s.as(s.t, "manager").post(s.path("/tasks"), "title", title, "description", "", "owner", person, "due", due,
		"priority", "normal", "step", step, "key", newID[id.Row]().String()).to()
	task, err := id.Parse[id.Task](to[strings.LastIndexByte(to, '/')+1:])
	require.NoError(s.t, err)
	return to, task
}

// writeFinding writes a rated check with an open finding.
func (s *site) writeFinding(number int, check, severity, statement string) id.Finding {
	s.t.Helper()
	finding := newID[id.Finding]()
	s.exec(`INSERT INTO rating (organization_id, project_id, check_id, rating, updated_by, updated_at) VALUES ($1, $2, $3, 'not', $4, $5)
		ON CONFLICT DO NOTHING`, s.Organization, s.Project, check, s.People["manager"], s.now)
	s.exec(`INSERT INTO finding (organization_id, project_id, id, number, check_id, statement, proposed, severity, created_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, 'none', $7, $8, $9, $9)`, s.Organization, s.Project, finding, number, check, statement, severity, s.People["manager"], s.now)
	return finding
}

func TestTask(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPlan()
	manager, member := s.as(t, "manager"), s.as(t, "member")
	page := manager.get(s.path("/tasks/new?step=plan")).ok()
	fields := []string{
		"title", "Write the continuity plan", "description", "All of it", "owner", s.People["member"].String(), "due", "15 May 2026",
		"priority", "high", "step", "plan", "key", page.key(),
	}
	at := manager.post(s.path("/tasks"), fields...).to()
	require.Equal(t, at, manager.post(s.path("/tasks"), fields...).to(), "sent twice, made once")
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM task`))
	manager.post(s.path("/tasks"), append(fields, "finding", "")[2:]...).is(http.StatusUnprocessableEntity)

	manager.get(at).ok().says("1 Write the continuity plan").says("6 days late").says("Member Halden").says("All of it")
	member.get(s.path("/tasks/mine")).ok().says("1 open, 1 late.").has("#late")

	// Blocked, with a reason and who can help; then another date, then done.
	member.get(at + "?answer=block").ok().has(`form.answer input[name$="reason"]`).has(`a[aria-expanded="true"]`)
	member.post(at+"/state", "answer", "block", "reason", "No test window", "unblocker", s.People["manager"].String()).to()
	manager.get(at).ok().says("No test window").says("Manager Halden can unblock it.")
	member.post(at+"/state", "answer", "start").to()
	member.post(at+"/state", "answer", "propose", "on", "2026-06-01").to()
	require.Equal(t, "2026-05-15", value[string](s, `SELECT due_on::text FROM task`), "the date waits for the manager")
	member.post(at+"/state", "answer", "accept").is(http.StatusForbidden)
	manager.post(at+"/state", "answer", "accept").to()
	require.Equal(t, "2026-06-01", value[string](s, `SELECT due_on::text FROM task`))
	require.EqualValues(t, 2, value[int](s, `SELECT version FROM task`), "an edit form of before is stale")

	member.post(at+"/comments", "body", "Window is on Friday", "key", newID[id.Row]().String()).to()
	member.post(at+"/evidence", "evidence", "Test report", "link", "https://example.org/report", "note", "", "key", newID[id.Row]().String()).to()
	manager.get(at).ok().says("Window is on Friday").has(`#evidence a[href="https://example.org/report"]`)
	member.post(at+"/evidence", "evidence", "Bad", "link", "javascript:alert(1)", "note", "", "key", newID[id.Row]().String()).is(http.StatusUnprocessableEntity)

	member.post(at+"/state", "answer", "done", "from", "mine").to()
	member.get(s.path("/tasks/mine")).ok().says("Done today.").has(`li.done button[value="reopen"]`)
	member.post(at+"/state", "answer", "done").to() // pressed twice
	member.post(at+"/state", "answer", "start").is(http.StatusConflict).says("reopen it first")
	member.post(at+"/state", "answer", "reopen", "from", "mine").to()
	require.Equal(t, []string{
		"step.started", "task.added", "task.blocked", "task.started", "task.date_proposed", "task.moved", "task.commented",
		"task.evidence_added", "task.done", "task.reopened",
	}, s.events())
}

func TestTaskWrongInput(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPlan()
	at, _ := s.writeTask("First", "member", "", "plan")
	manager, member := s.as(t, "manager"), s.as(t, "member")
	answer := manager.post(s.path("/tasks"), "title", "Kept words", "description", "", "owner", "", "due", "31 June 2026", "priority", "high",
		"step", "plan", "key", newID[id.Row]().String()).is(http.StatusUnprocessableEntity)
	require.Equal(t, "Kept words", answer.attr(`input[name="title"]`, "value"))
	require.Equal(t, "31 June 2026", answer.attr(`input[name="due"]`, "value"))

	// Somebody of another organization, and a guest, cannot own a task.
	for _, who := range []string{"stranger", "guest"} {
		manager.post(s.path("/tasks"), "title", "x", "description", "", "owner", s.People[who].String(), "due", "", "priority", "low",
			"step", "plan", "key", newID[id.Row]().String()).is(http.StatusUnprocessableEntity).has("#f-owner-error")
	}
	member.post(at+"/state", "answer", "block", "reason", "", "unblocker", "").is(http.StatusUnprocessableEntity).has(".summary")
	answer = member.post(at+"/state", "answer", "block", "reason", "My words", "unblocker", "", "from", "mine").is(http.StatusUnprocessableEntity)
	require.Equal(t, "My words", answer.attr(`form.answer input[name="reason"]`, "value"), "on my tasks, what was typed stays")
	member.post(at+"/state", "answer", "block", "reason", "x", "unblocker", s.People["stranger"].String()).is(http.StatusUnprocessableEntity)
	member.post(at+"/state", "answer", "propose", "on", "2026-05-20").is(http.StatusUnprocessableEntity).says("passed already")
	member.post(at+"/state", "answer", "fly").is(http.StatusUnprocessableEntity)
	for _, filter := range []string{"state=gone", "owner=x", "step=11", "lack=all", "late=2", "after=2026-02-31.4", "after=7", "finding=1", "sort=x"} {
		manager.get(s.path("/tasks?" + filter)).is(http.StatusUnprocessableEntity)
	}
}

func TestTaskStale(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPlan()
	at, _ := s.writeTask("First", "member", "2026-06-01", "plan")
	edit := func(title, due, version string) []string {
		return []string{
			"title", title, "description", "", "owner", s.People["member"].String(), "due", due, "priority", "normal", "step", "plan", "version", version,
		}
	}
	first, second := s.as(t, "manager"), s.as(t, "owner")
	first.post(at, edit("Second", "2026-06-01", "1")...).to()
	answer := second.post(at, edit("Third", "2026-06-02", "1")...).is(http.StatusConflict)
	require.Equal(t, "Third", answer.attr(`input[name="title"]`, "value"), "what was typed is kept")
	answer.says("Second").says("2026-06-01")
	require.Equal(t, "2", answer.attr(`input[name="version"]`, "value"))
	second.post(at, edit("Second", "2026-06-01", "1")...).to() // stale but equal counts as saved
	require.EqualValues(t, 2, value[int](s, `SELECT version FROM task`))

	// A report on how the task is does not make the manager's form stale.
	s.as(t, "member").post(at+"/state", "answer", "start").to()
	first.post(at, edit("Fourth", "2026-06-01", "2")...).to()
}

func TestTaskRights(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPlan()
	at, _ := s.writeTask("Mine", "member", "", "plan")
	for name, want := range map[string][3]int{ // read, report, edit
		"": {303, 401, 401}, "stranger": {404, 404, 404}, "nobody": {404, 404, 404}, "guest": {404, 403, 403}, "sponsor": {200, 403, 403},
		"consultant": {200, 403, 403}, "auditor": {200, 403, 403}, "chair": {200, 403, 403}, "member": {200, 303, 403},
		"owner": {200, 303, 303}, "manager": {200, 303, 303},
	} {
		who := s.as(t, name)
		require.Equal(t, want[0], who.get(at).status, name)
		require.Equal(t, want[1], who.post(at+"/state", "answer", "start").status, name)
		require.Equal(t, want[1], who.post(at+"/comments", "body", "x", "key", newID[id.Row]().String()).status, name)
		require.Equal(t, want[1], who.post(at+"/evidence", "evidence", "x", "link", "", "note", "", "key", newID[id.Row]().String()).status, name)
		for _, answer := range []*answer{
			who.post(s.path("/tasks"), "title", "x", "description", "", "owner", "", "due", "", "priority", "low", "step", "plan", "key", newID[id.Row]().String()),
			who.post(at+"/after", "after", "1"),
		} {
			require.Contains(t, []int{want[2], http.StatusUnprocessableEntity}, answer.status, name)
			require.NotContains(t, answer.body, otherMarker, name)
		}
	}
	// The other organization's path with Halden's task does not exist.
	foreign := "/o/" + s.OtherOrganization.String() + "/p/" + s.OtherProject.String() + "/tasks/" + at[strings.LastIndexByte(at, '/')+1:]
	s.as(t, "stranger").get(foreign).is(http.StatusNotFound)
	s.as(t, "stranger").post(foreign+"/state", "answer", "done").is(http.StatusNotFound)
	s.as(t, "stranger").post(foreign, "title", "x", "description", "", "owner", "", "due", "", "priority", "low", "step", "awareness", "version", "1").is(http.StatusNotFound)
}

func TestTaskOfLockedStep(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	manager := s.as(t, "manager")
	fields := func(step string) []string {
		return []string{"title", "x", "description", "", "owner", "", "due", "", "priority", "low", "step", step, "key", newID[id.Row]().String()}
	}
	manager.post(s.path("/tasks"), fields("plan")...).is(http.StatusConflict)
	require.Empty(t, s.events())
	s.openPlan()
	manager.post(s.path("/tasks"), fields("audit")...).is(http.StatusConflict)
	manager.post(s.path("/tasks"), fields("selection")...).to()
	require.Equal(t, []string{"task.added"}, s.events(), "a task of another step than the plan does not start it")

	// Step 6 was not started: reopening step 3 locks its tasks again.
	at := "/tasks/" + value[id.Task](s, `SELECT id FROM task`).String()
	manager.post(s.path("/steps/gap/reopen"), "reason", "Forgot a service").to()
	manager.post(s.path(at)+"/state", "answer", "done").is(http.StatusConflict)
	manager.get(s.path(at)).ok().hasNot(".trio")
	manager.get(s.path("/findings/plan")).ok()
}

func TestTaskDependencies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPlan()
	manager := s.as(t, "manager")
	var at []string
	for _, title := range []string{"Alpha", "Beta", "Gamma"} {
		address, _ := s.writeTask(title, "member", "", "plan")
		at = append(at, address)
	}
	manager.post(at[0]+"/after", "after", "2").to()
	manager.post(at[0]+"/after", "after", "2").to() // again, nothing more
	manager.post(at[1]+"/after", "after", "3").to()
	manager.post(at[2]+"/after", "after", "1").is(http.StatusUnprocessableEntity).says("3 Gamma → 1 Alpha → 2 Beta → 3 Gamma")
	manager.post(at[2]+"/after", "after", "3").is(http.StatusUnprocessableEntity).says("3 Gamma → 3 Gamma")
	manager.post(at[2]+"/after", "after", "9").is(http.StatusUnprocessableEntity).says("no task with the number 9")
	require.EqualValues(t, 2, value[int64](s, `SELECT count(*) FROM task_dependency`))

	manager.post(at[0]+"/state", "answer", "done").is(http.StatusConflict).says("Task 2 must be done first")
	beta := manager.get(at[0]).ok().says("2 Beta").attr(`#waits form[action$="/remove"]`, "action")
	manager.post(beta).to()
	manager.post(beta).to() // removed already
	manager.post(at[0]+"/state", "answer", "done").to()
	require.Equal(t, []string{"dependency.added", "dependency.added", "dependency.removed", "task.done"}, s.events()[4:])
}

// Two people closing a cycle from both sides at once: one of them is refused.
func TestCycleRace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPlan()
	const n = 10
	var at []string
	for i := range n {
		address, _ := s.writeTask("Task "+strconv.Itoa(i+1), "", "", "plan")
		at = append(at, address)
	}
	var wg sync.WaitGroup
	for i := range n { // each waits for the next, the last for the first
		visitor := s.as(t, "manager")
		wg.Go(func() { _ = visitor.post(at[i]+"/after", "after", strconv.Itoa((i+1)%n+1)).status })
	}
	wg.Wait()
	require.EqualValues(t, n-1, value[int64](s, `SELECT count(*) FROM task_dependency`))
}

// Of two people who close the last two tasks of a finding at once, one asks for
// the new rating.
func TestLastTasksOfFindingRace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPlan()
	finding := s.writeFinding(1, "8.7.2-e", "major", "No continuity test")
	manager := s.as(t, "manager")
	var at []string
	for _, title := range []string{"One", "Two"} {
		to := manager.post(s.path("/tasks"), "title", title, "description", "", "owner", s.People["member"].String(), "due", "", "priority", "high",
			"step", "plan", "finding", finding.String(), "key", newID[id.Row]().String()).to()
		at = append(at, to)
	}
	for round := range 5 {
		var wg sync.WaitGroup
		for _, to := range at {
			visitor := s.as(t, "member")
			wg.Go(func() { _ = visitor.post(to+"/state", "answer", "done").status })
		}
		wg.Wait()
		require.True(t, value[bool](s, `SELECT rate_again FROM rating`), "round %d", round)
		s.as(t, "member").get(s.path("/tasks/mine")).ok().says("All tasks of finding 1 are done.").says("Rate 8.7.2-e again")
		manager.get(at[0]).ok().says("Its check waits for a new rating.")
		manager.post(at[0]+"/state", "answer", "reopen").to()
		require.False(t, value[bool](s, `SELECT rate_again FROM rating`))
		manager.post(at[1]+"/state", "answer", "reopen").to()
	}
	require.EqualValues(t, 1, value[int](s, `SELECT version FROM rating`), "the assessor's form is not made stale")
}

func TestTaskList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPlan()
	s.exec(`INSERT INTO task (organization_id, project_id, id, number, step, title, owner_id, due_on, created_by, created_at, updated_at)
		SELECT $1, $2, gen_random_uuid(), n, 5, 'Task ' || n, CASE WHEN n % 3 > 0 THEN $3::uuid END, CASE WHEN n % 4 > 0 THEN '2026-04-01'::date + n % 90 END, $4, $5, $5
		  FROM generate_series(1, 130) n`, s.Organization, s.Project, s.People["member"], s.People["manager"], s.now)
	s.exec(`UPDATE task SET state = 'done', done_at = now() WHERE number > 120`)
	s.exec(`UPDATE project SET last_task = 130`)
	reader := s.as(t, "sponsor")

	// Walking forward and back shows every task once, in order.
	walk := func(query, rel string) []string {
		var all []string
		for at := s.path("/tasks?" + query); ; {
			page := reader.get(at).ok()
			var ids []string
			page.doc.Find("#tasks tbody b.id").Each(func(_ int, b *goquery.Selection) { ids = append(ids, b.Text()) })
			if rel == "prev" {
				all = append(ids, all...)
			} else {
				all = append(all, ids...)
			}
			link, ok := page.doc.Find(`#tasks a[rel="` + rel + `"]`).Attr("href")
			if !ok {
				return all
			}
			at = link
		}
	}
	forward := walk("", "next")
	require.Len(t, forward, 120)
	seen := map[string]bool{}
	for _, number := range forward {
		seen[number] = true
	}
	require.Len(t, seen, 120)
	last := reader.get(s.path("/tasks?after=.117")).ok() // beyond the first undated ones
	require.NotZero(t, last.doc.Find("#tasks tbody tr").Length())
	require.Equal(t, forward, append(walk("before=."+forward[119], "prev"), forward[119]))
	newest := walk("sort=number&state=all", "next")
	require.Equal(t, "130", newest[0])
	require.Equal(t, "1", newest[129])
	require.Len(t, walk("owner="+s.People["member"].String(), "next"), 80)
	require.Len(t, walk("owner=none", "next"), 40)
	require.Len(t, walk("owner=me", "next"), 0)
	require.Len(t, walk("state=done", "next"), 10)
	require.Len(t, walk("lack=due", "next"), 30)
	require.Len(t, walk("lack=owner", "next"), 120, "nobody is appointed")
	require.Len(t, walk("step=selection", "next"), 0)
	reader.get(s.path("/tasks?step=selection")).ok().says("No task matches these filters.")
	s.exec(`INSERT INTO appointment (organization_id, project_id, id, role, person_id, asked_by, asked_at, accepted_at) VALUES ($1, $2, $3, 'staff', $4, $4, $5, $5)`,
		s.Organization, s.Project, newID[id.Appointment](), s.People["member"], s.now)
	require.Len(t, walk("lack=owner", "next"), 40)
	for _, number := range walk("late=1", "next") {
		require.Less(t, value[string](s, `SELECT due_on::text FROM task WHERE number = `+number), "2026-05-21")
	}

	reader.get(s.path("/tasks")).ok()
	s.counts.reset()
	reader.get(s.path("/tasks?owner=me&state=open")).ok()
	trips, statements := s.counts.counted()
	require.Equal(t, 1, trips)
	require.LessOrEqual(t, statements, 6, "session, places, counts, rows, count, people")
	s.counts.reset()
	reader.get(s.path("/tasks/" + value[id.Task](s, `SELECT id FROM task WHERE number = 1`).String())).ok()
	trips, statements = s.counts.counted()
	require.Equal(t, 1, trips)
	require.LessOrEqual(t, statements, 12)
	manager := s.as(t, "manager")
	s.counts.reset()
	manager.post(s.path("/tasks/"+value[id.Task](s, `SELECT id FROM task WHERE number = 1`).String()+"/state"), "answer", "done").to()
	trips, _ = s.counts.counted()
	require.Equal(t, 2, trips)
}

func TestTaskFile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPlan()
	s.writeTask(`=HYPERLINK("http://x")`, "member", "2026-06-01", "plan")
	s.writeTask("Two, \"quoted\"", "", "", "plan")
	s.exec(`INSERT INTO task (organization_id, project_id, id, number, step, title, created_by, created_at, updated_at)
		SELECT $1, $2, gen_random_uuid(), n, 5, 'Task ' || n, $3, $4, $4 FROM generate_series(3, 2500) n`, s.Organization, s.Project, s.People["manager"], s.now)
	answer := s.as(t, "sponsor").get(s.path("/tasks.csv")).ok()
	require.Equal(t, `attachment; filename="tasks.csv"`, answer.header.Get("Content-Disposition"))
	lines := strings.Split(answer.body, "\r\n")
	require.Equal(t, "\uFEFFNumber,Title,State,Priority,Owner,Due date,Proposed date,Step,Finding,Check,Done on", lines[0])
	require.Equal(t, `1,"'=HYPERLINK(""http://x"")",Open,Normal,Member Halden,2026-06-01,,5,,,`, lines[1])
	require.Equal(t, `2,"Two, ""quoted""",Open,Normal,,,,5,,,`, lines[2])
	require.Len(t, lines, 2502, "a head, 2500 tasks, and what follows the last line end")
	s.as(t, "nobody").get(s.path("/tasks.csv")).is(http.StatusNotFound)
	s.as(t, "stranger").get(s.path("/tasks.csv")).is(http.StatusNotFound)
}

func TestPlanFromFindings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	manager := s.as(t, "manager")
	major := s.writeFinding(1, "8.7.2-e", "major", "No continuity test. It is due every year.")
	minor := s.writeFinding(2, "8.6.1-b", "minor", "Incidents are not classified")
	s.writeFinding(3, "8.6.1-c", "observation", "Only worth noting")
	form := func(key string, rows ...id.Finding) []string {
		pairs := []string{"key", key, "due_all", "2026-07-01"}
		for _, f := range rows {
			pairs = append(pairs, "row", f.String(), "title-"+f.String(), "Plan "+f.String()[:4], "owner-"+f.String(), s.People["member"].String(),
				"due-"+f.String(), "", "priority-"+f.String(), "high")
		}
		return pairs
	}
	at := s.path("/findings/plan")
	manager.post(at, form(newID[id.Row]().String(), major)...).is(http.StatusConflict)
	require.Zero(t, value[int64](s, `SELECT count(*) FROM task`))
	s.openPlan()
	s.exec(`INSERT INTO appointment (organization_id, project_id, id, role, clause, person_id, asked_by, asked_at, accepted_at)
		VALUES ($1, $2, $3, 'process_owner', '8.7', $4, $4, $5, $5)`, s.Organization, s.Project, newID[id.Appointment](), s.People["member"], s.now)

	page := manager.get(at).ok()
	require.Equal(t, 2, page.doc.Find(`input[name="row"][checked]`).Length(), "an observation needs no work")
	require.Equal(t, "No continuity test", page.attr(`input[name="title-`+major.String()+`"]`, "value"))
	require.Equal(t, s.People["member"].String(), page.attr(`select[name="owner-`+major.String()+`"] option[selected]`, "value"), "the process owner is proposed")
	require.Equal(t, "high", page.attr(`select[name="priority-`+major.String()+`"] option[selected]`, "value"))
	manager.get(at + "?finding=" + minor.String()).ok().hasNot(`input[name="title-` + major.String() + `"]`)

	manager.post(at, "key", page.key()).is(http.StatusUnprocessableEntity).says("Tick at least one finding")
	wrong := form(page.key(), major)
	wrong[7] = "" // no title
	manager.post(at, wrong...).is(http.StatusUnprocessableEntity)
	fields := form(page.key(), major, minor)
	manager.post(at, fields...).to()
	manager.post(at, fields...).to() // sent twice
	require.EqualValues(t, 2, value[int64](s, `SELECT count(*) FROM task`))
	require.EqualValues(t, 2, value[int](s, `SELECT last_task FROM project WHERE organization_id = $1`, s.Organization))
	require.EqualValues(t, 2, value[int64](s, `SELECT count(*) FROM task WHERE due_on = '2026-07-01' AND step = 5 AND owner_id IS NOT NULL`))
	require.Equal(t, []string{"step.started", "tasks.planned"}, s.events())
	manager.post(at, form(newID[id.Row]().String(), minor)...).is(http.StatusConflict).says("Finding 2 was closed or planned meanwhile")
	manager.get(at).ok().says("No finding waits for a task.")
	s.as(t, "consultant").get(at).is(http.StatusForbidden)
	s.as(t, "consultant").post(at, form(newID[id.Row]().String(), minor)...).is(http.StatusForbidden)
	manager.get(s.path("/tasks?finding=" + major.String())).ok().says("No continuity test").says("1 of 1 task")
	manager.get(s.path("/tasks/new?finding=" + major.String())).ok().has(`input[name="finding"]`)
}

func TestPlanBaseline(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.finish(certification.Awareness, certification.Scope, certification.Gap, certification.Committee)
	manager, chair := s.as(t, "manager"), s.as(t, "chair")
	at := s.path("/steps/plan")
	key := newID[id.Row]().String()
	manager.post(at+"/baseline", "key", newID[id.Row]().String()).is(http.StatusConflict)
	task, _ := s.writeTask("Write the plan", "chair", "2026-06-01", "plan")
	chair.post(at+"/approval", "version", "0").is(http.StatusConflict) // nothing to approve yet
	manager.get(at).ok().has(`#baseline button:not([aria-disabled])`)
	manager.post(at+"/baseline", "key", key).to()
	manager.post(at+"/baseline", "key", key).to() // sent twice
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM plan_baseline`))
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM plan_baseline_task`))

	manager.post(task+"/state", "answer", "propose", "on", "2026-07-01").to()
	manager.get(at).ok().says("Changed since: 1 date moved.").hasNot(`form[action$="/approval"]`)
	manager.post(at+"/baseline", "key", newID[id.Row]().String()).to()
	chair.post(at+"/approval", "version", "1").is(http.StatusConflict) // the newer one was not in front of the chair
	manager.post(at+"/approval", "version", "2").is(http.StatusForbidden)
	require.Equal(t, "2", chair.get(at).ok().attr(`form[action$="/approval"] input[name="version"]`, "value"))
	chair.post(at+"/approval", "version", "2").to()
	chair.post(at+"/approval", "version", "2").is(http.StatusConflict)
	manager.get(at).ok().says("Approved by Chair Halden").says("The plan is as it was frozen.")
	manager.post(at + "/finish").to()
	manager.post(at+"/baseline", "key", newID[id.Row]().String()).is(http.StatusConflict) // frozen with its step
	manager.post(task+"/state", "answer", "done").to()                                    // tasks live on
	require.Equal(t, []string{
		"step.started", "task.added", "plan.baselined", "task.moved", "plan.baselined", "approval.plan", "step.finished", "task.done",
	}, s.events())
}

func TestTaskPagesShowNoForeignWords(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPlan()
	s.exec(`INSERT INTO task (organization_id, project_id, id, number, step, title, created_by, created_at, updated_at) VALUES ($1, $2, $3, 1, 1, $4, $5, $6, $6)`,
		s.OtherOrganization, s.OtherProject, newID[id.Task](), otherMarker+" Task", s.People["stranger"], s.now)
	at, _ := s.writeTask("Ours", "member", "2026-05-01", "plan")
	for _, path := range []string{s.path("/tasks"), s.path("/tasks/mine"), s.path("/tasks.csv"), s.path("/steps/plan"), s.path("/findings/plan"), at, at + "/edit", s.path("/tasks/new")} {
		require.NotContains(t, s.as(t, "manager").get(path).ok().body, otherMarker, path)
	}
	values := url.Values{"owner": {s.People["stranger"].String()}}
	s.as(t, "manager").get(s.path("/tasks?" + values.Encode())).ok().says("No task matches")
}
