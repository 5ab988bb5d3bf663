package server_test

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFindings(t *testing.T) {
	t.Parallel()
	s := newAssessment(t)
	v := s.as(t, "consultant")
	at := s.path("/findings")
	v.get(at).ok().says("No findings yet")
	s.rate("8.6.1-a", "not", "8.6.1-c", "partly", "4.1-a", "conforms")

	page := v.get(at + "/new?check=8.6.1-a").ok().says("Proposed: Major")
	v.post(at, "check", "8.6.1-a", "statement", "", "key", page.key()).is(http.StatusUnprocessableEntity).has("#f-statement-error")
	var first string
	for range 2 { // sent twice, made once
		first = v.post(at, "check", "8.6.1-a", "statement", "No record", "severity", "", "recommendation", "Begin", "key", page.key()).to()
	}
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM finding`))
	v.post(at, "check", "8.6.1-a", "statement", "Other", "key", page.key()).is(http.StatusConflict)
	v.post(at, "check", "8.6.1-zz", "statement", "x", "key", newKey()).is(http.StatusNotFound)
	v.post(at, "check", "4.1-a", "statement", "Could be shorter", "severity", "", "key", newKey()).to()
	require.Equal(t, "none opportunity", value[string](s, `SELECT proposed || ' ' || severity FROM finding WHERE check_id = '4.1-a'`))

	// Both people see what the other saved.
	v.post(first, "statement", "No record at all", "severity", "minor", "recommendation", "Begin", "version", "1").to()
	s.as(t, "manager").post(first, "statement", "Mine", "severity", "major", "recommendation", "", "version", "1").
		is(http.StatusConflict).says("No record at all").says("Mine")
	require.Equal(t, "major minor", value[string](s, `SELECT proposed || ' ' || severity FROM finding WHERE number = 1`))
	v.get(at).ok().says("proposed: Major")
	v.post(first, "statement", "x", "severity", "none", "version", "2").is(http.StatusUnprocessableEntity)

	for _, check := range []string{"8.6.1-c", "8.6.1-c"} {
		v.post(at, "check", check, "statement", "Short", "severity", "minor", "key", newKey()).to()
	}
	v.get(at).ok().says("Three minors under one clause").says("8.6.1")
	rows := func(query string) int { return v.get(at + query).ok().doc.Find("#findings-list tbody tr").Length() }
	require.Equal(t, 4, rows(""))
	require.Equal(t, 3, rows("?clause=8.6"))
	require.Equal(t, 1, rows("?severity=opportunity"))
	require.Equal(t, 4, rows("?task=none"))
	require.Zero(t, rows("?state=closed"))
	v.get(at + "?clause=99").is(http.StatusNotFound)

	for range 2 { // closing twice is closing once
		v.post(first + "/close").to()
	}
	require.Equal(t, 3, rows(""))
	require.Equal(t, 1, rows("?state=closed"))
	require.Equal(t, 4, rows("?state=all"))
	v.get(first).ok().says("Closed by Consultant Halden").hasNot(`textarea[name="statement"]`)
	v.post(first + "/reopen").to()
	require.Equal(t, 4, rows(""))
	kinds := s.events()
	for _, kind := range []string{"finding.added", "finding.saved", "finding.closed", "finding.reopened"} {
		require.Contains(t, kinds, kind)
	}

	for name, want := range map[string]int{"": 401, "stranger": 404, "nobody": 404, "guest": 403, "member": 403, "sponsor": 403} {
		for _, path := range []string{first, first + "/close", at} {
			require.Equal(t, want, s.as(t, name).post(path, "check", "4.1-a", "statement", "x", "version", "9", "key", newKey()).status, name+path)
		}
	}
	s.as(t, "guest").get(first).ok().hasNot(`textarea`)
	s.as(t, "stranger").get(first).is(http.StatusNotFound)
	other := "/o/" + s.OtherOrganization.String() + "/p/" + s.OtherProject.String()
	s.as(t, "stranger").get(other + first[len(s.path("")):]).is(http.StatusNotFound)
}

func TestFindingsPages(t *testing.T) {
	t.Parallel()
	s := newAssessment(t)
	for n := 1; n <= 130; n++ {
		s.exec(`INSERT INTO finding (organization_id, project_id, id, number, check_id, statement, proposed, severity, created_by, created_at, updated_at)
			VALUES ($1, $2, gen_random_uuid(), $3, '4.1-a', $4, 'minor', 'observation', $5, $6, $6)`,
			s.Organization, s.Project, n, "Statement "+strconv.Itoa(n), s.People["consultant"], s.now)
	}
	v := s.as(t, "guest")
	page := v.get(s.path("/findings?severity=observation")).ok()
	require.Equal(t, 100, page.doc.Find("#findings-list tbody tr").Length())
	page = v.get(page.attr(`.pager a[rel="next"]`, "href")).ok()
	require.Equal(t, 30, page.doc.Find("#findings-list tbody tr").Length())
	page.has("#finding-130").hasNot(`.pager a[rel="next"]`)
}
