package server_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/standard"
)

// newAssessment is a site whose step 3 is open.
func newAssessment(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	s.finish(certification.Awareness, certification.Scope)
	return s
}

// rate writes ratings straight into the database: check, rating, check, rating.
func (s *site) rate(pairs ...string) {
	s.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		s.exec(`INSERT INTO rating (organization_id, project_id, check_id, rating, comment, updated_by, updated_at) VALUES ($1, $2, $3, $4, 'Seen', $5, $6)
			ON CONFLICT (organization_id, project_id, check_id) DO UPDATE SET rating = excluded.rating`,
			s.Organization, s.Project, pairs[i], pairs[i+1], s.People["consultant"], s.now)
	}
}

func (s *site) checkPath(check string) string { return s.path("/assessment/checks/" + check) }

func TestAssessmentSavesACheck(t *testing.T) {
	t.Parallel()
	s := newAssessment(t)
	consultant := s.as(t, "consultant")

	page := consultant.get(s.path("/assessment?clause=8.6.1&check=8.6.1-a")).ok()
	require.Equal(t, "0", page.attr(`form.edit-row input[name="version"]`, "value"))
	page.hasNot(`form.edit-row input[value="not_triggered"]`).says("“Not triggered” is not offered")
	require.Zero(t, value[int64](s, `SELECT count(*) FROM rating`), "looking records nothing")

	to := consultant.post(s.checkPath("8.6.1-a")+"?clause=8.6.1", "rating", "not", "comment", "Nobody reads the report.",
		"finding", "Incident data is not studied.", "severity", "", "finding_id", "", "version", "0").to()
	require.Equal(t, s.path("/assessment?check=8.6.1-a&clause=8.6.1#check-8.6.1-a"), to)
	require.Equal(t, []string{"step.started", "rating.saved", "rating.commented", "finding.added"}, s.events()[:4])
	require.Equal(t, "major major", value[string](s, `SELECT proposed || ' ' || severity FROM finding WHERE check_id = '8.6.1-a' AND number = 1`))

	page = consultant.get(to).ok()
	require.Equal(t, "100001", page.attr(`form.edit-row input[name="version"]`, "value"))
	page.says("Proposed: Major, as weight 3 is rated “not”.").says("Saved 11:00").has(`input[value="not"][checked]`)
	finding := page.attr(`input[name="finding_id"]`, "value")

	// A decision is kept beside the proposal; the second save changes one row.
	consultant.post(s.checkPath("8.6.1-a"), "rating", "not", "comment", "Nobody reads the report.",
		"finding", "Incident data is not studied.", "severity", "minor", "finding_id", finding, "version", "100001").to()
	require.Equal(t, "major minor 2", value[string](s, `SELECT proposed || ' ' || severity || ' ' || version FROM finding`))
	// Emptying the finding is refused: findings are closed, not erased.
	consultant.post(s.checkPath("8.6.1-a"), "rating", "not", "comment", "Changed", "finding", "", "severity", "minor",
		"finding_id", finding, "version", "100002").is(http.StatusUnprocessableEntity).says("close finding 1")
	require.Equal(t, "Nobody reads the report.", value[string](s, `SELECT comment FROM rating`), "all of it or nothing")

	// Back to not assessed keeps the row; conforming proposes to close the
	// finding and never does it by itself.
	consultant.post(s.checkPath("8.6.1-a"), "rating", "not_assessed", "comment", "", "version", "100002").to()
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM rating`))
	consultant.post(s.checkPath("8.6.1-a"), "rating", "conforms", "comment", "", "version", "200002").to()
	consultant.get(s.path("/assessment?check=8.6.1-a")).ok().says("Finding 1 could be closed")
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM finding WHERE closed_at IS NULL`))
}

func TestAssessmentStale(t *testing.T) {
	t.Parallel()
	s := newAssessment(t)
	first, second := s.as(t, "consultant"), s.as(t, "manager")
	send := func(v *visitor, rating, comment, version string) *answer {
		return v.post(s.checkPath("4.1-a"), "rating", rating, "comment", comment, "finding", "", "severity", "", "finding_id", "", "version", version)
	}
	send(first, "conforms", "Seen in May", "0").to()
	answer := send(second, "partly", "Only drafts", "0").is(http.StatusConflict)
	require.Equal(t, "Only drafts", answer.text(`form.edit-row textarea[name="comment"]`), "what was typed is kept")
	answer.has(`input[value="partly"][checked]`).says("Seen in May").says("Somebody saved “Conforms” meanwhile")
	require.Equal(t, "100000", answer.attr(`form.edit-row input[name="version"]`, "value"))
	send(first, "conforms", "Seen in May", "0").to() // stale but equal counts as saved
	send(second, "partly", "Only drafts", "100000").to()
	require.Equal(t, "partly 2", value[string](s, `SELECT rating || ' ' || version FROM rating`))
}

func TestAssessmentRights(t *testing.T) {
	t.Parallel()
	s := newAssessment(t)
	s.exec(`INSERT INTO appointment (organization_id, project_id, id, role, clause, person_id, asked_by, asked_at, accepted_at)
		VALUES ($1, $2, $3, 'process_owner', '8.6', $4, $4, $5, $5)`, s.Organization, s.Project, newID[id.Appointment](), s.People["member"], s.now)
	for name, want := range map[string]int{
		"": 401, "stranger": 404, "nobody": 404, "guest": 403, "sponsor": 403, "member": 403, "chair": 403,
		"auditor": 303, "consultant": 303, "manager": 303, "owner": 303,
	} {
		answer := s.as(t, name).post(s.checkPath("8.6.1-a"), "rating", "conforms", "comment", "", "version", "0")
		if want == http.StatusSeeOther && answer.status == http.StatusConflict {
			continue // somebody before was allowed as well
		}
		require.Equal(t, want, answer.status, name)
		require.NotContains(t, answer.body, otherMarker, name)
	}
	// A process owner comments on the checks of the own clauses, and judges none.
	member := s.as(t, "member")
	member.get(s.path("/assessment?check=8.6.2-a")).ok().has(`form.edit-row textarea[name="comment"]`).hasNot(`input[name="rating"]`)
	member.get(s.path("/assessment?check=4.1-a")).ok().hasNot(`form.edit-row`)
	member.post(s.checkPath("8.6.2-a"), "comment", "Ask the service desk", "version", "0").to()
	member.post(s.checkPath("8.6.2-a"), "finding", "x", "version", "100000").is(http.StatusForbidden)
	member.post(s.checkPath("8.7.1-a"), "comment", "Not mine", "version", "0").is(http.StatusForbidden)
	require.Equal(t, "not_assessed", value[string](s, `SELECT rating FROM rating WHERE check_id = '8.6.2-a'`))
	// A foreign address is nobody's.
	s.as(t, "stranger").get(s.path("/assessment")).is(http.StatusNotFound)
}

func TestAssessmentRefusesWrongInput(t *testing.T) {
	t.Parallel()
	s := newAssessment(t)
	v := s.as(t, "consultant")
	v.post(s.checkPath("8.6.1-a"), "rating", "not_triggered", "comment", "None yet", "version", "0").
		is(http.StatusUnprocessableEntity).says("no condition")
	v.post(s.checkPath("8.6.1-e"), "rating", "not_triggered", "comment", "None yet", "version", "0").to()
	v.post(s.checkPath("8.6.1-b"), "rating", "perhaps", "version", "0").is(http.StatusUnprocessableEntity)
	v.post(s.checkPath("8.6.1-b"), "rating", "", "comment", "kept", "version", "0").is(http.StatusUnprocessableEntity).has(`textarea[name="comment"]`)
	v.post(s.checkPath("8.6.1-b"), "comment", strings.Repeat("x", 10001), "version", "0").is(http.StatusUnprocessableEntity)
	v.post(s.checkPath("8.6.1-b"), "comment", "a\x00b", "version", "0").is(http.StatusUnprocessableEntity)
	v.post(s.checkPath("8.6.1-b"), "version", "0").is(http.StatusUnprocessableEntity)
	for _, check := range []string{"8.6.1-z", "11.1-a", "8.6.1", "..%2f", strings.Repeat("9", 300)} {
		v.post(s.checkPath(check), "rating", "conforms", "version", "0").is(http.StatusNotFound)
	}
	v.get(s.path("/assessment?clause=11")).is(http.StatusNotFound)
	v.get(s.path("/assessment?check=4.1-z")).is(http.StatusNotFound)
	v.get(s.path("/assessment?rating=bogus&severity=none&lack=x&evidence=y&text=%00" + strings.Repeat("q", 3000))).ok()
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM rating`))
}

func TestAssessmentLocked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.as(t, "consultant")
	v.get(s.path("/assessment?check=4.1-a")).ok().hasNot(`form.edit-row`).says("opens")
	v.post(s.checkPath("4.1-a"), "rating", "conforms", "version", "0").is(http.StatusConflict)
	v.post(s.path("/steps/gap"), "mode", "self", "assessor", "Ada", "version", "0").is(http.StatusConflict)
	v.post(s.path("/steps/gap/baseline"), "key", newKey()).is(http.StatusConflict)
	v.post(s.path("/findings"), "check", "4.1-a", "statement", "x", "key", newKey()).is(http.StatusConflict)
	v.post(s.checkPath("4.1-a")+"/evidence", "kind", "note", "note", "x", "key", newKey()).is(http.StatusConflict)
	require.Zero(t, value[int64](s, `SELECT (SELECT count(*) FROM rating) + (SELECT count(*) FROM finding) + (SELECT count(*) FROM evidence)`))
}

// The test values of section H.3 as the page shows them.
func TestAssessmentFigures(t *testing.T) {
	t.Parallel()
	s := newAssessment(t)
	v := s.as(t, "guest")
	row := func(clause string) string {
		return v.get(s.path("/assessment?clause=" + clause)).ok().text("#" + strings.ReplaceAll("clause-"+clause, ".", `\.`))
	}
	require.Contains(t, v.get(s.path("/assessment")).ok().text("#score"), "readiness 0 %, coverage 0 %, conformity of what was rated –; 0 of 220")

	s.rate("6.2.1-a", "conforms", "6.2.1-b", "partly")
	require.Contains(t, row("6.2.1"), "Readiness 50 %Coverage 71 %2 of 3 rated")

	s.rate("8.6.1-a", "conforms", "8.6.1-b", "conforms", "8.6.1-c", "conforms", "8.6.1-d", "conforms", "8.6.1-e", "not_triggered", "8.6.1-f", "not_triggered")
	require.Contains(t, row("8.6.1"), "Readiness 100 %Coverage 100 %6 of 6 rated")
	s.rate("8.6.1-a", "partly", "8.6.1-b", "partly", "8.6.1-c", "partly", "8.6.1-d", "partly", "8.6.1-e", "partly", "8.6.1-f", "partly")
	require.Contains(t, row("8.6.1"), "Readiness 50 %Coverage 100 %")

	require.Contains(t, row("8.3.1"), "No checks")
	v.get(s.path("/assessment?clause=8.3.1")).ok().hasNot(`tr[data-row]`)
	v.get(s.path("/assessment?clause=8.3")).ok().has(`#clause-8\.3\.1`).has(`tr[data-row]`)

	// Section H.6: the proposal of the open check, from all ratings of its clause.
	for _, c := range []struct{ ratings, check, says string }{
		{"7.4-a not", "7.4-a", "Proposed: Minor"},
		{"8.2.5-a not 8.2.5-b conforms", "8.2.5-a", "Proposed: Minor"},
		{"8.4.2-a not 8.4.2-b not", "8.4.2-b", "Proposed: Major, as more than half"},
		{"8.4.1-a not 8.4.1-b conforms 8.4.1-c not", "8.4.1-a", "Proposed: Major"},
		{"8.4.3-a not 8.4.3-b not 8.4.3-c conforms 8.4.3-d conforms", "8.4.3-a", "Proposed: Minor"},
		{"8.6.1-a not 8.6.1-b conforms 8.6.1-c conforms 8.6.1-d conforms 8.6.1-e conforms 8.6.1-f conforms", "8.6.1-a", "Proposed: Major, as weight 3"},
	} {
		s.rate(strings.Fields(c.ratings)...)
		s.as(t, "consultant").get(s.path("/assessment?check=" + c.check)).ok().says(c.says)
	}
}

func TestAssessmentFiltersAndTree(t *testing.T) {
	t.Parallel()
	s := newAssessment(t)
	v := s.as(t, "consultant")
	s.rate("4.1-a", "conforms", "4.2-a", "partly", "5.1-a", "not")
	s.exec(`UPDATE rating SET comment = '' WHERE check_id = '4.1-a'`)
	rows := func(query string) int {
		return v.get(s.path("/assessment" + query)).ok().doc.Find("tr[data-row]").Length()
	}
	require.Equal(t, standard.Current().Len(), rows(""))
	require.Equal(t, len(standard.Current().ChecksUnder("8.6")), rows("?clause=8.6"))
	require.Equal(t, 1, rows("?rating=not"))
	require.Equal(t, 217, rows("?rating=not_assessed"))
	require.Equal(t, 1, rows("?lack=support"))
	require.Equal(t, 2, rows("?lack=finding"))
	require.Equal(t, 1, rows("?lack=finding&clause=4"))
	require.Equal(t, 2, rows("?text=seen"))
	require.Equal(t, 1, rows("?text=10.2-A"))
	require.Zero(t, rows("?severity=major"))
	require.Equal(t, 1, rows("?severity=major&check=4.1-a"), "the open check is always there")
	v.get(s.path("/assessment?severity=major")).ok().says("No check matches")

	page := v.get(s.path("/assessment")).ok()
	require.Equal(t, 89, page.doc.Find(".tree li").Length(), "88 clauses and the whole")
	require.Equal(t, 89, page.doc.Find(".tree option").Length())
	page = v.get(s.path("/assessment?clause=8.6")).ok()
	require.Equal(t, "8.6 Resolution and fulfilment", page.text(".tree [aria-current=page] > span"))
}

func TestAssessmentRateAgain(t *testing.T) {
	t.Parallel()
	s := newAssessment(t)
	v := s.as(t, "consultant")
	s.rate("4.1-a", "partly", "4.2-a", "partly")
	s.exec(`UPDATE rating SET rate_again = true`)
	v.get(s.path("/assessment?lack=again")).ok().says("Rate again")
	v.post(s.checkPath("4.1-a"), "rating", "conforms", "comment", "Seen", "version", "100000").to()
	v.post(s.checkPath("4.2-a"), "rating", "partly", "comment", "Seen", "version", "100000").to()
	require.Equal(t, "4.2-a", value[string](s, `SELECT check_id FROM rating WHERE rate_again`), "the same rating again says nothing new")
	v.post(s.checkPath("4.2-a"), "rating", "partly", "comment", "Seen", "confirm", "on", "version", "100000").to()
	require.Zero(t, value[int64](s, `SELECT count(*) FROM rating WHERE rate_again`))
	require.Contains(t, s.events(), "rating.confirmed")
}

func TestAssessmentTripsAndSizes(t *testing.T) {
	t.Parallel()
	s := newAssessment(t)
	v := s.as(t, "consultant")
	v.get(s.path("/assessment")).ok()
	s.counts.reset()
	v.get(s.path("/assessment?clause=8.6&check=8.6.1-a")).ok()
	trips, statements := s.counts.counted()
	require.Equal(t, 1, trips)
	require.LessOrEqual(t, statements, 16)
	for _, path := range []string{"/steps/gap", "/findings", "/assessment.csv", "/assessment/checks/4.1-a/evidence"} {
		v.get(s.path(path)).ok()
		s.counts.reset()
		v.get(s.path(path)).ok()
		trips, _ = s.counts.counted()
		require.Equal(t, 1, trips, path)
	}

	// A script that saves gets the row, its clause's figures and the whole.
	v.header.Set("Waymark-Swap", "check-8.6.1-a clause-8.6.1 score")
	save := func(version, comment string) *answer {
		return v.post(s.checkPath("8.6.1-a")+"?clause=8.6", "rating", "conforms", "comment", comment, "version", version)
	}
	save("0", "one").ok()
	s.counts.reset()
	answer := save("100000", "two").ok()
	trips, _ = s.counts.counted()
	require.LessOrEqual(t, trips, 3)
	answer.has(`#check-8\.6\.1-a`).has(`#clause-8\.6\.1`).has("#score").hasNot("main").says("Saved")
	require.Equal(t, 1, answer.doc.Find("tr[data-row]").Length())
	require.LessOrEqual(t, gzipped(t, answer.body), 2048)
	t.Logf("saving a check answers %d bytes, %d compressed", len(answer.body), gzipped(t, answer.body))

	save("0", "three").is(http.StatusConflict).has(`#check-8\.6\.1-a .summary`).says("two")
	v.header.Set("Waymark-Swap", "check-8.6.1-b")
	answer = v.get(s.path("/assessment?check=8.6.1-b")).ok().has(`form.edit-row`)
	require.Equal(t, 1, answer.doc.Find("tr").Length())
	v.get(s.path("/assessment")).ok().has(`#check-8\.6\.1-b`).hasNot("form")
	v.header.Set("Waymark-Swap", "checks-list")
	v.get(s.path("/assessment?rating=conforms")).ok().has("#checks-list").hasNot(".tree")
	v.header.Del("Waymark-Swap")
	body := v.get(s.path("/assessment")).ok().body
	t.Logf("the whole assessment is %d bytes, %d compressed", len(body), gzipped(t, body))
}

func TestAssessorAndBaseline(t *testing.T) {
	t.Parallel()
	s := newAssessment(t)
	manager := s.as(t, "manager")
	at := s.path("/steps/gap")

	manager.get(at).ok().has("#assessor").has("#baseline").has("#progress")
	manager.post(at, "mode", "external", "assessor", "Ada", "firm", "", "began_on", "", "version", "0").
		is(http.StatusUnprocessableEntity).has("#f-firm-error").has("#f-began_on-error")
	manager.post(at, "mode", "external", "assessor", "Ada", "firm", "Fjord", "began_on", "2026-05-04", "ended_on", "2026-05-01", "version", "0").
		is(http.StatusUnprocessableEntity).says("cannot end before")
	external := []string{"mode", "external", "assessor", "Ada", "firm", "Fjord Consulting", "people", "Ada\nBo", "began_on", "4 May 2026", "ended_on", ""}
	manager.post(at, append(external, "version", "0")...).to()
	manager.post(at, append(external, "version", "0")...).to() // equal counts as saved
	require.Equal(t, "consultancy Fjord Consulting", value[string](s, `SELECT kind || ' ' || firm FROM engagement`))
	manager.post(at, "mode", "external", "assessor", "Bo", "firm", "Other", "began_on", "2026-05-04", "version", "0").
		is(http.StatusConflict).says("Fjord Consulting")
	version := manager.get(at).ok().attr(`#assessor input[name="version"]`, "value")
	manager.post(at, "mode", "self", "assessor", "Ada", "version", version).to()
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM engagement`), "what took place still counts in step 6")

	// Nothing is signed off before the other criteria hold.
	manager.post(at+"/baseline", "key", newKey()).is(http.StatusConflict).says("3.2")
	for _, check := range standard.Current().Checks() {
		s.rate(string(check.ID), "conforms")
	}
	s.rate("4.1-a", "partly")
	manager.post(at+"/baseline", "key", newKey()).is(http.StatusConflict).says("3.4")
	manager.post(s.path("/findings"), "check", "4.1-a", "statement", "Only drafts", "severity", "", "recommendation", "", "key", newKey()).to()
	key := manager.get(at).ok().key()
	for range 2 {
		manager.post(at+"/baseline", "note", "After the workshop", "key", key).to()
	}
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM baseline`))
	require.EqualValues(t, standard.Current().Len(), value[int64](s, `SELECT count(*) FROM baseline_rating`))
	require.Contains(t, s.events(), "baseline.signed")

	manager.post(at + "/finish").to()
	manager.post(at+"/baseline", "key", newKey()).is(http.StatusConflict)
	manager.post(at, "mode", "self", "assessor", "Bo", "version", "0").is(http.StatusConflict)
	// Ratings live on, and show against the baseline.
	manager.post(s.checkPath("4.1-a"), "rating", "not", "comment", "Gone", "version", "100001").to()
	page := manager.get(s.path("/assessment?clause=4.1&check=4.1-a")).ok()
	page.says("At baseline 1: Partly.").says("Baseline 1 of 21 May 2026")
	require.Contains(t, page.text(`#clause-4\.1`), "Baseline ")
	manager.get(at).ok().has("svg.dumbbell .then").says("After the workshop")
}

func TestAssessmentFile(t *testing.T) {
	t.Parallel()
	s := newAssessment(t)
	v := s.as(t, "consultant")
	v.post(s.checkPath("4.1-a"), "rating", "not", "comment", `=HYPERLINK("http://evil")`, "finding", "＋SUM(A1), \"quoted\"\nsecond line", "version", "0").to()
	answer := s.as(t, "guest").get(s.path("/assessment.csv")).is(http.StatusOK)
	require.Contains(t, answer.header.Get("Content-Type"), "text/csv")
	require.Contains(t, answer.header.Get("Content-Disposition"), "attachment")
	body, ok := strings.CutPrefix(answer.body, "\uFEFF")
	require.True(t, ok, "spreadsheets need the mark")
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, standard.Current().Len()+1)
	require.Equal(t, []string{"4.1", "Understanding the organization and its context", "4.1-a"}, rows[1][:3])
	require.Equal(t, "Not", rows[1][8])
	require.Equal(t, `'=HYPERLINK("http://evil")`, rows[1][9])
	require.Equal(t, "'＋SUM(A1), \"quoted\"\nsecond line", rows[1][14])
	require.Equal(t, "Minor", rows[1][15])
	for _, row := range rows {
		require.Len(t, row, len(rows[0]))
	}
	s.exec(`UPDATE person SET language = 'zh' WHERE id = $1`, s.People["guest"])
	require.Contains(t, s.as(t, "guest").get(s.path("/assessment.csv")).body, "不符合")
}
