package server_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
)

// candidate gives the fields of a candidate's form that can be accepted, with
// some of them exchanged.
func candidate(name string, other ...string) []string {
	fields := []string{
		"name", name, "accredited", "yes", "accreditation_body", "UKAS", "accreditation_number", "012", "checked_on", "2026-05-12", "covers", "on",
		"audit_days", "9.5", "price", "EUR 14,500", "quote_until", "2026-06-30", "auditors", "", "ties", "", "notes", "",
	}
	for i := 0; i < len(other); i += 2 {
		at := slices.Index(fields, other[i])
		if at < 0 {
			fields = append(fields, other[i], other[i+1])
			continue
		}
		fields[at+1] = other[i+1]
	}
	return fields
}

// addCandidate adds a candidate and gives its address.
func (s *site) addCandidate(t *testing.T, fields []string) string {
	t.Helper()
	at := s.path("/steps/selection/candidates")
	consultant := s.as(t, "consultant")
	consultant.post(at, append(fields, "key", consultant.get(at+"/new").ok().key())...).to()
	return at + "/" + value[id.Candidate](s, `SELECT id FROM candidate ORDER BY created_at DESC, id DESC LIMIT 1`).String()
}

func TestSelection(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.beforeStep4()
	manager, sponsor, consultant := s.as(t, "manager"), s.as(t, "sponsor"), s.as(t, "consultant")
	at := s.path("/steps/selection")

	aurora := s.addCandidate(t, candidate("Aurora Sertifisering AS", "auditors", "Signe Lie\nPer Dahl"))
	polar := s.addCandidate(t, candidate("Polar Assurance", "ties", "Krüger & Partner"))
	chosen := value[id.Candidate](s, `SELECT id FROM candidate WHERE name LIKE 'Aurora%'`).String()
	key := consultant.get(at).ok().key()
	for range 2 {
		consultant.post(at+"/engagements", "engagement_kind", "consultancy", "engagement_firm", "Kruger and Partner GmbH", "engagement_people", "per dahl",
			"engagement_began", "2026-01-10", "engagement_ended", "2026-03-31", "key", key).to()
	}
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM engagement`))
	engagement := value[id.Engagement](s, `SELECT id FROM engagement`).String()

	// Both names of a conflict side by side, and the rule in words.
	page := consultant.get(at).ok()
	require.Equal(t, 2, page.doc.Find(`#engagements tr.conflict`).Length())
	require.Equal(t, "Per Dahl", page.text(`#engagements tr.conflict:first-child td:nth-child(1) .mark`))
	require.Equal(t, "per dahl, Kruger and Partner GmbH", page.text(`#engagements tr.conflict:first-child td:nth-child(2) b`))
	require.Contains(t, page.text(`#engagements tr.conflict:first-child`), "5.2.10")
	require.Contains(t, page.text(`#engagements tr.conflict:last-child`), "5.2.7")

	choose := func(more ...string) []string {
		return append([]string{"chosen", chosen, "choice_reason", "Knows our trade", "consultant", "engaged", "engagement", engagement, "consultant_reason", ""}, more...)
	}
	consultant.post(at+"/choice", choose("version", "0")...).to()
	sponsor.post(at+"/decision", "version", "1").is(http.StatusConflict).says("6.4")
	version := consultant.get(aurora).ok().attr(`input[name="version"]`, "value")
	consultant.post(aurora, candidate("Aurora Sertifisering AS", "auditors", "Signe Lie", "version", version)...).to()

	sponsor.post(at+"/decision", "version", "1").is(http.StatusConflict) // what was compared has changed since
	sponsor.post(at+"/decision", "version", sponsor.get(at).ok().attr(`#decision input[name="version"]`, "value"), "decision_note", "Agreed").to()
	sponsor.get(at).ok().says("Agreed").hasNot(`#decision form`)
	manager.post(at + "/finish").is(http.StatusConflict).says("step 4") // finishes after the committee
	s.finish(certification.Committee)

	// Changing the choice voids the decision; the contract does not.
	changed := consultant.get(at).ok().says("voids the decision").attr(`#choice input[name="version"]`, "value")
	consultant.post(at+"/choice", choose("version", changed)...).to() // the same again changes nothing
	manager.get(at).ok().hasNot(`#decision form`).says("Approved by Sponsor Halden")
	manager.post(at+"/contract", "contract_signed", "2026-05-20", "version", "0").to()
	manager.get(at).ok().says("Approved by Sponsor Halden")
	consultant.post(at+"/choice", "chosen", chosen, "choice_reason", "Cheaper", "consultant", "none", "consultant_reason", "Not needed", "version", changed).to()
	manager.get(at).ok().says("Approved an earlier version")
	manager.post(at + "/finish").is(http.StatusConflict).says("6.6")
	sponsor.post(at+"/decision", "version", sponsor.get(at).ok().attr(`#decision input[name="version"]`, "value")).to()
	manager.post(at + "/finish").to()

	// Finished: what the decision rests on is frozen, engagements and the contract live on.
	consultant.post(polar + "/remove").is(http.StatusConflict)
	consultant.post(at+"/candidates", candidate("Third", "key", newID[id.Row]().String())...).is(http.StatusConflict)
	consultant.post(polar, candidate("Polar", "version", "1")...).is(http.StatusConflict)
	consultant.post(at+"/choice", choose("version", "9")...).is(http.StatusConflict)
	manager.post(at+"/contract", "contract_signed", "", "version", "1").to()
	consultant.post(at+"/engagements/"+engagement, "engagement_kind", "consultancy", "engagement_firm", "Kruger and Partner GmbH",
		"engagement_people", "", "engagement_began", "2026-01-10", "engagement_ended", "2026-04-30", "version", "1").to()
	require.Equal(t, []string{
		"step.started", "candidate.added", "candidate.added", "engagement.added", "selection.saved", "candidate.saved", "approval.selection",
		"contract.recorded", "selection.saved", "approval.selection", "step.finished", "contract.withdrawn", "engagement.saved",
	}, s.events())
}

func TestCandidateKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.beforeStep4()
	consultant := s.as(t, "consultant")
	at := s.path("/steps/selection/candidates")
	consultant.get(at + "/new").ok().has(`.rail`)
	key := newID[id.Row]().String()
	answer := consultant.post(at, "name", "Nordic Cert AS", "accredited", "yes", "accreditation_body", "Norwegian Accreditation", "accreditation_number", "",
		"quote_until", "31 June 2026", "audit_days", "-7", "notes", "None known", "key", key).is(http.StatusUnprocessableEntity)
	require.Contains(t, answer.text(".summary"), "Three answers need another look")
	answer.says("Give the accreditation number, or say that there is none").says("June has 30 days").says("cannot be negative; enter 0.5 or more")
	require.Equal(t, "31 June 2026", answer.attr(`input[name="quote_until"]`, "value"))
	require.Equal(t, "-7", answer.attr(`input[name="audit_days"]`, "value"))
	answer.has(`input[name="accredited"][value="yes"][checked]`)

	for want, fields := range map[string][]string{
		"half days":                      candidate("Nordic", "audit_days", "7.2"),
		"say that it is accredited":      {"name", "Nordic", "accredited", "no", "accreditation_number", "12"},
		"must be chosen":                 {"name", "Nordic"},
		"Name of the certification body": {"accredited", "no"},
	} {
		consultant.post(at, append(fields, "key", key)...).is(http.StatusUnprocessableEntity).says(want)
	}
	consultant.post(at, "name", "Nordic", "accredited", "no", "checked_on", "2026-06-01", "key", key).is(http.StatusUnprocessableEntity)
	require.Empty(t, s.events())

	for range 2 {
		consultant.post(at, candidate("Nordic Cert AS", "key", key)...).to()
	}
	consultant.post(at, candidate("Other Cert", "key", key)...).is(http.StatusConflict)
	consultant.post(at, candidate("NORDIC CERT", "key", newID[id.Row]().String())...).is(http.StatusUnprocessableEntity).says("among the candidates already")
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM candidate`))
	require.EqualValues(t, 95, value[int32](s, `SELECT audit_tenths FROM candidate`))
}

func TestCandidateStaleAndRemoved(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.beforeStep4()
	consultant, manager := s.as(t, "consultant"), s.as(t, "manager")
	at := s.path("/steps/selection")
	one := s.addCandidate(t, candidate("Aurora"))
	manager.post(one, candidate("Aurora Cert", "version", "1")...).to()
	stale := consultant.post(one, candidate("Aurora Group", "version", "1")...).is(http.StatusConflict).says("Aurora Cert")
	require.Equal(t, "Aurora Group", stale.attr(`input[name="name"]`, "value"))
	require.Equal(t, "2", stale.attr(`input[name="version"]`, "value"))
	consultant.post(one, candidate("Aurora Cert", "version", "1")...).to() // stale but equal

	chosen := value[id.Candidate](s, `SELECT id FROM candidate`).String()
	choice := []string{"chosen", chosen, "choice_reason", "", "engagement", "", "consultant_reason", ""}
	consultant.post(at+"/choice", append(choice, "consultant", "none", "version", "0")...).is(http.StatusUnprocessableEntity).says("why no consultant")
	consultant.post(at+"/choice", append(choice, "consultant", "engaged", "version", "0")...).is(http.StatusUnprocessableEntity)
	manager.post(at+"/contract", "contract_signed", "2026-05-20", "version", "0").is(http.StatusUnprocessableEntity)
	consultant.post(at+"/choice", append(choice, "version", "0")...).to()
	other := consultant.post(at+"/choice", "chosen", "", "choice_reason", "None fits", "engagement", "", "consultant_reason", "", "version", "0").is(http.StatusConflict)
	require.Contains(t, other.text("#choice"), "Aurora Cert", "the chosen one is named, not numbered")
	consultant.post(at+"/choice", "chosen", newID[id.Candidate]().String(), "version", "1").is(http.StatusUnprocessableEntity)
	manager.post(at+"/contract", "contract_signed", "2026-06-20", "version", "0").is(http.StatusUnprocessableEntity)
	consultant.post(one + "/remove").is(http.StatusUnprocessableEntity).says("choose another")
	consultant.post(at+"/choice", "chosen", "", "choice_reason", "", "engagement", "", "consultant_reason", "", "version", "1").to()
	consultant.post(one + "/remove").to()
	consultant.get(one).is(http.StatusNotFound)
}

func TestSelectionRights(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := s.path("/steps/selection")
	manager := s.as(t, "manager")
	for _, path := range []string{"/candidates", "/engagements", "/choice", "/contract", "/decision"} {
		fields := candidate("Aurora", "engagement_kind", "consultancy", "engagement_firm", "Firm", "engagement_began", "2026-01-10", "version", "0", "key", newID[id.Row]().String())
		if path == "/decision" {
			s.as(t, "sponsor").post(at+path, fields...).is(http.StatusConflict)
			continue
		}
		manager.post(at+path, fields...).is(http.StatusConflict)
	}
	require.Empty(t, s.events(), "a locked step's forms change nothing")

	s.beforeStep4()
	one := s.addCandidate(t, candidate("Aurora"))
	for name, want := range map[string]int{"": 401, "stranger": 404, "nobody": 404, "guest": 403, "member": 403, "sponsor": 403, "auditor": 403, "consultant": 303, "manager": 303, "owner": 303} {
		answer := s.as(t, name).post(at+"/choice", "chosen", "", "choice_reason", "Reason of "+name, "version", "0")
		if want == 303 && answer.status == 409 {
			answer = s.as(t, name).post(at+"/choice", "chosen", "", "choice_reason", "Reason of "+name, "version", answer.attr(`#choice input[name="version"]`, "value"))
		}
		require.Equal(t, want, answer.status, name)
		require.NotContains(t, answer.body, otherMarker, name)
	}
	s.as(t, "owner").post(at+"/decision", "version", "1").is(http.StatusForbidden)
	s.as(t, "consultant").post(at+"/contract", "contract_signed", "2026-05-20", "version", "0").is(http.StatusForbidden)
	other := "/o/" + s.OtherOrganization.String() + "/p/" + s.OtherProject.String() + "/steps/selection"
	s.as(t, "stranger").get(other + "/candidates/" + value[id.Candidate](s, `SELECT id FROM candidate`).String()).is(http.StatusNotFound)
	s.as(t, "guest").get(at).ok().says("Aurora").hasNot(`#choice form`).hasNot(`#candidates .act a`)
	s.as(t, "guest").get(one).is(http.StatusForbidden)

	manager.get(at).ok()
	s.counts.reset()
	manager.get(at).ok()
	trips, statements := s.counts.counted()
	require.LessOrEqual(t, trips, 2)
	require.LessOrEqual(t, statements, 20)
}
