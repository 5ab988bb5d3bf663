package server_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
)

// beforeStep4 finishes the steps that step 4 waits for.
func (s *site) beforeStep4() {
	s.finish(certification.Awareness, certification.Scope, certification.Gap)
}

// asked appoints a person and gives the appointment's address.
func (s *site) asked(t *testing.T, role, name, clause string) string {
	t.Helper()
	manager := s.as(t, "manager")
	at := s.path("/steps/committee")
	manager.post(at+"/appointments", "appoint_role", role, "appoint_person", s.People[name].String(), "appoint_clause", clause,
		"key", manager.get(at).ok().key()).to()
	return at + "/appointments/" + value[id.Appointment](s, `SELECT id FROM appointment ORDER BY asked_at DESC, id DESC LIMIT 1`).String()
}

// gap puts an open finding that needs work under a check.
func (s *site) gap(check, severity string) {
	s.exec(`INSERT INTO finding (organization_id, project_id, id, number, check_id, statement, proposed, severity, created_by, created_at, updated_at)
		SELECT $1, $2, $3, coalesce(max(number), 0) + 1, $4, 'Missing', $5, $5, $6, $7, $7 FROM finding WHERE organization_id = $1 AND project_id = $2`,
		s.Organization, s.Project, newID[id.Finding](), check, severity, s.People["manager"], s.now)
}

func TestCommittee(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.beforeStep4()
	s.gap("8.7.2-a", "major")
	s.gap("8.7.2-b", "minor")
	manager, member := s.as(t, "manager"), s.as(t, "member")
	at := s.path("/steps/committee")

	page := manager.get(at).ok()
	require.Contains(t, page.text("#appointments"), "2 findings need work, major: 1")
	require.Equal(t, "8.7.2", manager.get(page.attr(`#appointments a[aria-label*="8.7.2"]`, "href")).ok().
		attr(`select[name="appoint_clause"] option[selected]`, "value"), "the link chooses the clause")
	require.Equal(t, "8.7.2", page.attr(`select[name="appoint_clause"] option:nth-child(2)`, "value"), "clauses that need an owner come first")

	member.get(at).ok().hasNot(`#appoint`).hasNot(`button[value="accept"]`)
	for _, place := range [][2]string{{"project_manager", "manager"}, {"staff", "auditor"}, {"process_owner", "member"}} {
		clause := ""
		if place[0] == "process_owner" {
			clause = "8.7"
		}
		appointment := s.asked(t, place[0], place[1], clause)
		require.Contains(t, s.as(t, place[1]).get(at).ok().has(`button[value="accept"]`).text(".note"), "You are asked")
		s.as(t, place[1]).post(appointment+"/answer", "answer", "accept", "answer_word", "Gladly").to()
		s.as(t, place[1]).post(appointment+"/answer", "answer", "accept").to() // the same again
		s.as(t, place[1]).post(appointment+"/answer", "answer", "decline").is(http.StatusConflict)
	}
	manager.get(at).ok().says("Gladly").hasNot(`#appointments a[aria-label*="8.7.2"]`)
	manager.post(at + "/finish").is(http.StatusConflict).says("4.5")

	key := manager.get(at).ok().key()
	meeting := []string{"meeting_kind", "kick_off", "meeting_held", "2026-05-20", "meeting_present", "All"}
	manager.post(at+"/meetings", append(meeting, "meeting_minutes", "Plan presented", "key", key)...).to()
	manager.post(at + "/finish").to()
	require.Equal(t, []string{
		"step.started", "appointment.asked", "appointment.accepted", "appointment.asked", "appointment.accepted", "person.role_added",
		"appointment.asked", "appointment.accepted", "meeting.added", "step.finished",
	}, s.events())
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM project_role WHERE person_id = $1 AND role = 'committee_member'`, s.People["auditor"]))

	// The committee lives on: somebody leaves after the step is finished.
	chair := at + "/appointments/" + value[id.Appointment](s, `SELECT id FROM appointment WHERE role = 'chair'`).String()
	manager.post(chair + "/end").to()
	manager.get(at).ok().says("Chair Halden").has(`#criterion-4\.2`).says("No longer holds")
}

func TestActingManagerGivesWay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.beforeStep4()
	s.exec(`UPDATE project_role SET acting = true WHERE person_id = $1`, s.People["manager"])
	at := s.path("/steps/committee")

	appointment := s.asked(t, "project_manager", "consultant", "")
	s.as(t, "consultant").post(at+"/meetings", "meeting_kind", "committee", "meeting_held", "2026-05-01",
		"key", newID[id.Row]().String()).is(http.StatusForbidden)
	s.as(t, "consultant").post(appointment+"/answer", "answer", "accept").to()
	s.as(t, "consultant").get(at).ok().has("#appoint")
	require.EqualValues(t, 0, value[int64](s, `SELECT count(*) FROM project_role WHERE person_id = $1`, s.People["manager"]))
	s.as(t, "manager").get(at).is(http.StatusNotFound)
	require.Equal(t, []string{"step.started", "appointment.asked", "appointment.accepted", "person.role_removed", "person.role_added"}, s.events())

	// Whoever stops goes on acting, until the next has accepted.
	s.as(t, "consultant").post(appointment + "/end").to()
	require.True(t, value[bool](s, `SELECT acting FROM project_role WHERE person_id = $1 AND role = 'project_manager'`, s.People["consultant"]))
}

func TestAppointmentPlaces(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.beforeStep4()
	manager := s.as(t, "manager")
	at := s.path("/steps/committee")
	send := func(role, person, clause string) *answer {
		return manager.post(at+"/appointments", "appoint_role", role, "appoint_person", person, "appoint_clause", clause, "key", newID[id.Row]().String())
	}
	for name, answer := range map[string]*answer{
		"Chair Halden is the chair":             send("chair", s.People["sponsor"].String(), ""),
		"A process owner needs a clause area":   send("process_owner", s.People["member"].String(), ""),
		"This person has no role in the projec": send("staff", s.People["guest"].String(), ""),
		"no role in the project":                send("staff", s.People["nobody"].String(), ""),
		"invite them first":                     send("staff", s.People["stranger"].String(), ""),
		"must be one of the choices":            send("king", s.People["member"].String(), ""),
		"Person must be chosen":                 send("staff", "", ""),
	} {
		answer.is(http.StatusUnprocessableEntity).says(name)
	}
	kept := send("process_owner", s.People["member"].String(), "99.9").is(http.StatusUnprocessableEntity)
	require.Equal(t, s.People["member"].String(), kept.attr(`select[name="appoint_person"] option[selected]`, "value"), "what was chosen is kept")
	require.Empty(t, s.events())

	appointment := s.asked(t, "staff", "member", "")
	send("staff", s.People["member"].String(), "").is(http.StatusUnprocessableEntity).says("Member Halden is already asked")
	s.as(t, "auditor").post(appointment+"/answer", "answer", "accept").is(http.StatusForbidden)
	s.as(t, "guest").post(appointment+"/answer", "answer", "decline").is(http.StatusForbidden)
	s.as(t, "stranger").post(appointment+"/answer", "answer", "accept").is(http.StatusNotFound)
	s.as(t, "member").post(appointment+"/answer", "answer", "perhaps").is(http.StatusUnprocessableEntity)
	s.as(t, "member").post(appointment + "/end").is(http.StatusForbidden)
	s.as(t, "member").post(appointment+"/answer", "answer", "decline", "answer_word", "No time").to()
	manager.get(at).ok().says("No time").says("Declined")
	s.asked(t, "staff", "member", "") // and can be asked again
	manager.post(appointment + "/end").to()
	manager.post(appointment + "/end").to() // twice is once
	manager.post(at + "/appointments/" + newID[id.Appointment]().String() + "/end").is(http.StatusNotFound)
}

func TestProcessOwnersFromStep3(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.finish(certification.Awareness)
	manager := s.as(t, "manager")
	at := s.path("/steps/committee")
	owner := []string{"appoint_role", "process_owner", "appoint_person", s.People["member"].String(), "appoint_clause", "8.6.1"}
	manager.post(at+"/appointments", append(owner, "key", newID[id.Row]().String())...).is(http.StatusConflict)
	require.Empty(t, s.events(), "while step 3 is locked, nothing can be written")

	s.finish(certification.Scope)
	page := manager.get(at).ok()
	require.Equal(t, 1, page.doc.Find(`select[name="appoint_role"] option`).Length(), "process owners alone")
	manager.post(at+"/appointments", "appoint_role", "staff", "appoint_person", s.People["member"].String(), "key", newID[id.Row]().String()).is(http.StatusConflict)
	manager.post(at+"/meetings", "meeting_kind", "kick_off", "meeting_held", "2026-05-01", "key", newID[id.Row]().String()).is(http.StatusConflict)
	require.Empty(t, s.events())
	appointment := s.asked(t, "process_owner", "member", "8.6.1")
	s.as(t, "member").post(appointment+"/answer", "answer", "accept").to()
	require.Equal(t, []string{"step.started", "appointment.asked", "appointment.accepted"}, s.events())
	require.EqualValues(t, 3, value[int16](s, `SELECT max(step) FROM step_act WHERE kind = 'started'`))
}

func TestOneChairWhoeverRaces(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.beforeStep4()
	s.exec(`UPDATE appointment SET ended_at = $1`, s.now)
	at := s.path("/steps/committee/appointments")
	var wg sync.WaitGroup
	statuses := make([]int, 8)
	for i, name := range []string{"manager", "sponsor", "consultant", "member", "auditor", "chair", "owner", "member"} {
		manager, person, key := s.as(t, "manager"), s.People[name].String(), newID[id.Row]().String()
		wg.Go(func() {
			statuses[i] = manager.post(at, "appoint_role", "chair", "appoint_person", person, "key", key).status
		})
	}
	wg.Wait()
	won := 0
	for _, status := range statuses {
		if status == http.StatusSeeOther {
			won++
		} else {
			require.Equal(t, http.StatusUnprocessableEntity, status)
		}
	}
	require.Equal(t, 1, won)
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM appointment WHERE ended_at IS NULL`))
}

func TestMeetings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.beforeStep4()
	manager := s.as(t, "manager")
	at := s.path("/steps/committee")
	fields := func(held, present, minutes string, more ...string) []string {
		return append([]string{"meeting_kind", "kick_off", "meeting_held", held, "meeting_present", present, "meeting_minutes", minutes}, more...)
	}
	key := newID[id.Row]().String()
	answer := manager.post(at+"/meetings", fields("31 June 2026", "All", "Long minutes", "key", key)...).is(http.StatusUnprocessableEntity).says("June has 30 days")
	require.Equal(t, "Long minutes", answer.text(`textarea[name="meeting_minutes"]`))
	manager.post(at+"/meetings", fields("2026-06-30", "All", "Minutes of the future", "key", key)...).is(http.StatusUnprocessableEntity)
	manager.post(at+"/meetings", fields("2026-05-20", "", "Minutes", "key", key)...).is(http.StatusUnprocessableEntity).says("who was present")
	for range 2 {
		manager.post(at+"/meetings", fields("2026-06-30", "", "", "key", key)...).to() // planned
	}
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM meeting`))

	edit := manager.get(at).ok().says("No minutes yet").attr(`#meetings tbody a`, "href")
	manager.post(edit, fields("2026-05-20", "All", "First", "version", "1")...).to()
	stale := manager.post(edit, fields("2026-05-20", "All", "Second", "version", "1")...).is(http.StatusConflict).says("First")
	require.Equal(t, "Second", stale.text(`textarea[name="meeting_minutes"]`))
	require.Equal(t, "2", stale.attr(`input[name="version"]`, "value"))
	manager.post(edit, fields("2026-05-20", "All", "First", "version", "1")...).to() // stale but equal
	require.Contains(t, manager.get(at).ok().text(`#criterion-4\.5`), "20 May")
	s.as(t, "sponsor").post(edit, fields("2026-05-20", "All", "Third", "version", "2")...).is(http.StatusForbidden)
	s.as(t, "stranger").post(edit, fields("2026-05-20", "All", "Third", "version", "2")...).is(http.StatusNotFound)
	require.Equal(t, []string{"step.started", "meeting.added", "meeting.saved"}, s.events())
}
