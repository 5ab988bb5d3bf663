package server_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
)

// here gives an address in Halden itself.
func (s *site) here(rest string) string { return "/o/" + s.Organization.String() + rest }

func TestStart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	require.Equal(t, "/sign-in?next=%2F", s.as(t, "").get("/").to())
	require.Equal(t, s.path(""), s.as(t, "manager").get("/").to(), "one project only: nothing to choose")
	s.as(t, "nobody").get("/").ok().says("Halden").says("no project here yet")
	s.as(t, "manager").get("/organizations").ok().says("Certification 2026").says("30 November 2026").says("Project manager")

	// A guest whose last day has passed sees nothing of the project.
	s.exec(`UPDATE project_role SET until_on = '2000-01-01' WHERE role = 'guest_auditor'`)
	s.as(t, "guest").get("/").ok().hasNot(`main a[href="` + s.path("") + `"]`)
	s.as(t, "guest").get(s.here("")).ok().hasNot(`main a[href="` + s.path("") + `"]`)
}

func TestCreateOrganization(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	member := s.as(t, "member")
	page := member.get("/organizations/new").ok()
	fields := []string{"name", "Second Client", "time_zone", "Asia/Tokyo", "language", "zh", "key", page.key()}
	at := member.post("/organizations", fields...).to()
	require.Equal(t, at, member.post("/organizations", fields...).to(), "sent twice, made once")
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM organization WHERE name = 'Second Client'`))
	fields[1] = "Other"
	member.post("/organizations", fields...).is(http.StatusConflict)

	member.get(at).ok().says("Second Client").has(`a[href="` + at + `/projects/new"]`)
	member.get("/").ok().says("Second Client").says("Halden")
	s.as(t, "manager").get(at).is(http.StatusNotFound)
	created, err := id.Parse[id.Organization](strings.TrimPrefix(at, "/o/"))
	require.NoError(t, err)
	require.EqualValues(t, 2, value[int64](s, `SELECT count(*) FROM event WHERE organization_id = $1`, created))

	for field, wrong := range map[string][]string{
		"name":      {"name", "", "time_zone", "UTC", "language", "en"},
		"time_zone": {"name", "Kept", "time_zone", "Mars/Olympus", "language", "en"},
		"language":  {"name", "Kept", "time_zone", "UTC", "language", "system"},
	} {
		answer := member.post("/organizations", append(wrong, "key", uuid.NewString())...).is(http.StatusUnprocessableEntity)
		answer.has(`.summary a[href="#f-` + field + `"]`)
		if field != "name" {
			require.Equal(t, "Kept", answer.attr(`input[name="name"]`, "value"))
		}
	}
}

func TestOrganizationProjects(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	owner := s.as(t, "owner")
	s.finish(certification.Awareness, certification.Scope, certification.Gap)
	owner.get(s.here("")).ok().says("Steps 4, 5 and 6 side by side").says("Owner")
	s.as(t, "sponsor").get(s.here("")).ok().says("Sponsor").hasNot(`a[href$="/projects/new"]`)

	key := owner.get(s.here("/projects/new")).ok().key()
	owner.post(s.here("/projects"), "name", "Second site", "target_on", "12 May 2026", "key", key).
		is(http.StatusUnprocessableEntity).says("has passed already")
	fields := []string{"name", "Second site", "target_on", "1 June 2027", "key", key}
	at := owner.post(s.here("/projects"), fields...).to()
	require.Equal(t, at, owner.post(s.here("/projects"), fields...).to())
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM project WHERE name = 'Second site' AND edition = 'iso20000-1-2018'`))
	require.True(t, value[bool](s, `SELECT acting FROM project_role r JOIN project j ON j.id = r.project_id
		WHERE j.name = 'Second site' AND r.role = 'project_manager' AND r.person_id = $1`, s.People["owner"]))
	owner.get(at).ok().says("Second site")
	require.Equal(t, []string{"project.created"}, s.events())

	// Who has no role in it does not see it.
	s.as(t, "manager").get(s.here("")).ok().hasNot(`main a[href="` + at + `"]`)
	s.as(t, "manager").get(at).is(http.StatusNotFound)
	s.as(t, "manager").post(s.here("/projects"), fields...).is(http.StatusForbidden)
	s.as(t, "stranger").post(s.here("/projects"), fields...).is(http.StatusNotFound)
}

func TestOrganizationSettings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	owner := s.as(t, "owner")
	at := s.here("/settings")
	s.as(t, "member").get(at).ok().says("Europe/Oslo").hasNot(`main form`)
	fields := func(name, version string) []string {
		return []string{"name", name, "time_zone", "Asia/Shanghai", "language", "zh", "version", version}
	}
	for name, want := range map[string]int{"": 401, "stranger": 404, "nobody": 403, "manager": 403} {
		s.as(t, name).post(at, fields("Taken", "1")...).is(want)
	}
	owner.post(at, fields("Halden AS", "1")...).to()
	owner.post(at, fields("Halden AS", "1")...).to() // stale but equal counts as saved
	answer := owner.post(at, fields("Halden GmbH", "1")...).is(http.StatusConflict).says("Halden AS")
	require.Equal(t, "Halden GmbH", answer.attr(`#organization input[name="name"]`, "value"))
	require.Equal(t, "2", answer.attr(`#organization input[name="version"]`, "value"))
	require.Equal(t, []string{"organization.settings"}, s.events())

	// Archived: readable, and nothing can be written anywhere in it.
	owner.post(at + "/archive").to()
	owner.post(at + "/archive").to()
	owner.get(s.here("")).ok().says("is archived").hasNot(`a[href$="/projects/new"]`)
	for address, form := range map[string][]string{
		at:                               fields("Other", "3"),
		s.here("/projects"):              {"name", "x", "target_on", "2027-01-01", "key", uuid.NewString()},
		s.path("/settings"):              {"name", "x", "version", "1"},
		s.path("/settings/archive"):      {},
		s.path("/steps/awareness"):       {"objectives", "x", "advantages", "", "approach", "", "version", "0"},
		s.path("/people/roles"):          {"person", s.People["nobody"].String(), "project_role", "sponsor", "key", uuid.NewString()},
		s.personPath("nobody", "role"):   {"organization_role", "owner", "version", "1"},
		s.personPath("nobody", "remove"): {},
	} {
		owner.post(address, form...).is(http.StatusConflict).says("restore it first")
	}
	owner.post(at + "/restore").to()
	require.Equal(t, []string{"organization.settings", "organization.archived", "organization.restored"}, s.events())
}

func TestDeleteOrganization(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fillProject()
	owner := s.as(t, "owner")
	at := s.here("/settings")
	owner.get(at).ok().says("Certification 2026").says("invitations and memberships")
	owner.post(at+"/delete", "confirm", "halden").is(http.StatusUnprocessableEntity).says("type the name exactly")
	owner.post(at + "/delete-sample").is(http.StatusNotFound)
	s.as(t, "manager").post(at+"/delete", "confirm", "Halden").is(http.StatusForbidden)
	require.Equal(t, "/organizations", owner.post(at+"/delete", "confirm", "Halden").to())

	for _, table := range []string{"organization", "membership", "project", "task", "finding", "evidence", "file", "invitation", "step_act"} {
		column := "organization_id"
		if table == "organization" {
			column = "id"
		}
		require.EqualValues(t, 0, value[int64](s, `SELECT count(*) FROM `+table+` WHERE `+column+` = $1`, s.Organization), table)
	}
	require.Equal(t, []string{"organization.deleted"}, s.events(), "the trail outlives it")
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM event WHERE organization_id = $1 AND kind = 'organization.deleted'`, id.Organization{}))
	owner.get(s.here("")).is(http.StatusNotFound)
	owner.get("/organizations").ok().says("You belong to no organization")
	s.as(t, "stranger").get("/organizations").ok().says(otherMarker)
}

func TestDeleteSample(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec(`UPDATE organization SET sample = true WHERE id = $1`, s.Organization)
	owner := s.as(t, "owner")
	owner.get(s.here("/settings")).ok().has(`form[action$="/settings/delete-sample"]`)
	owner.post(s.here("/settings/delete-sample")).to()
	owner.get(s.here("")).is(http.StatusNotFound)
}

func TestProjectSettings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	manager := s.as(t, "manager")
	at := s.path("/settings")
	s.as(t, "guest").get(at).ok().says("30 November 2026").hasNot(`main form`)
	s.as(t, "nobody").get(at).is(http.StatusNotFound)
	for name, want := range map[string]int{"": 401, "stranger": 404, "nobody": 404, "sponsor": 403} {
		s.as(t, name).post(at, "name", "Taken", "version", "1").is(want)
		s.as(t, name).post(at+"/target", "target_on", "2027-01-01", "reason", "x", "version", "1").is(want)
	}

	manager.post(at, "name", "Certification 2027", "version", "1").to()
	answer := manager.post(at, "name", "Mine", "version", "1").is(http.StatusConflict).says("Certification 2027")
	require.Equal(t, "Mine", answer.attr(`#project input[name="name"]`, "value"))

	answer = manager.post(at+"/target", "target_on", "1 March 2027", "reason", "", "version", "2").is(http.StatusUnprocessableEntity)
	require.Equal(t, "1 March 2027", answer.attr(`input[name="target_on"]`, "value"))
	manager.post(at+"/target", "target_on", "1 March 2026", "reason", "Sooner", "version", "2").is(http.StatusUnprocessableEntity)
	for range 2 { // sent twice, moved once
		manager.post(at+"/target", "target_on", "1 March 2027", "reason", "The auditor is booked out", "version", "2").to()
	}
	manager.get(at).ok().says("30 November 2026").says("1 March 2027").says("The auditor is booked out")
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM target_change`))
	manager.get(s.path("/history")).ok().says("1 March 2027")

	manager.post(at + "/archive").to()
	manager.post(at, "name", "Other", "version", "4").is(http.StatusConflict).says("restore it first")
	manager.get(s.here("")).ok().has(`#archived a[href="` + s.path("") + `"]`)
	manager.post(at + "/restore").to()
	require.Equal(t, []string{"project.renamed", "target.changed", "project.archived", "project.restored"}, s.events())
}

func TestDeleteProject(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fillProject()
	at := s.path("/settings")
	s.as(t, "manager").get(at).ok().hasNot(`#delete`)
	s.as(t, "manager").post(at+"/delete", "confirm", "Certification 2026").is(http.StatusForbidden)
	s.as(t, "nobody").post(at+"/delete", "confirm", "Certification 2026").is(http.StatusNotFound)
	owner := s.as(t, "owner")
	owner.post(at+"/delete", "confirm", "").is(http.StatusUnprocessableEntity)
	require.Equal(t, s.here(""), owner.post(at+"/delete", "confirm", "Certification 2026").to())
	for _, table := range []string{"project", "task", "finding", "evidence", "step_act", "project_role"} {
		column := "project_id"
		if table == "project" {
			column = "id"
		}
		require.EqualValues(t, 0, value[int64](s, `SELECT count(*) FROM `+table+` WHERE `+column+` = $1`, s.Project), table)
	}
	require.Equal(t, "kept", value[string](s, `SELECT media_type FROM file WHERE organization_id = $1`, s.Organization),
		"only the file that another project rests on stays")
	require.Equal(t, []string{"project.deleted"}, s.events())
	owner.get(s.path("")).is(http.StatusNotFound)
}

// fillProject puts a row of every kind that others point to into Halden's
// project, and a second project that shares a file with it.
func (s *site) fillProject() {
	s.t.Helper()
	s.finish(certification.Awareness)
	manager, finding, only, shared := s.People["manager"], newID[id.Finding](), newID[id.File](), newID[id.File]()
	second := newID[id.Project]()
	s.exec(`INSERT INTO finding (organization_id, project_id, id, number, check_id, statement, proposed, severity, created_by, created_at, updated_at)
		VALUES ($1, $2, $3, 1, '8.6.1-b', 'x', 'minor', 'minor', $4, $5, $5)`, s.Organization, s.Project, finding, manager, s.now)
	s.openTaskOf("manager", finding)
	s.exec(`INSERT INTO project (organization_id, id, name, edition, target_on, created_by, created_at)
		VALUES ($1, $2, 'Second', 'iso20000-1-2018', '2027-01-01', $3, $4)`, s.Organization, second, manager, s.now)
	for i, file := range []id.File{only, shared} {
		s.exec(`INSERT INTO file (organization_id, id, sha256, size, media_type, created_at)
			VALUES ($1, $2, $3, 1, $4, $5)`, s.Organization, file, []byte(strings.Repeat(string(rune('a'+i)), 32)), []string{"gone", "kept"}[i], s.now)
		s.exec(`INSERT INTO file_chunk (organization_id, file_id, n, bytes) VALUES ($1, $2, 0, 'x')`, s.Organization, file)
	}
	for _, e := range []struct {
		project id.Project
		file    id.File
	}{{s.Project, only}, {s.Project, shared}, {second, shared}} {
		s.exec(`INSERT INTO evidence (organization_id, project_id, id, subject, subject_id, kind, title, file_id, person_id, created_at)
			VALUES ($1, $2, $3, 'check', '8.6.1-b', 'file', 'x', $4, $5, $6)`, s.Organization, e.project, newID[id.Evidence](), e.file, manager, s.now)
	}
	s.exec(`INSERT INTO invitation (organization_id, id, token_hash, email, organization_role, project_id, project_role, invited_by, created_at, expires_at)
		VALUES ($1, $2, $3, 'new@example.org', 'member', $4, 'sponsor', $5, $6, $6)`,
		s.Organization, newID[id.Invitation](), []byte(strings.Repeat("t", 32)), s.Project, manager, s.now)
}

// openTaskOf gives a person an open task in Halden's project.
func (s *site) openTaskOf(owner string, finding id.Finding) id.Task {
	s.t.Helper()
	task := newID[id.Task]()
	var under any
	if !finding.IsZero() {
		under = finding
	}
	s.exec(`INSERT INTO task (organization_id, project_id, id, number, step, finding_id, title, owner_id, created_by, created_at, updated_at)
		SELECT $1, $2, $3, coalesce(max(number), 0) + 1, 5, $4, 'Do it', $5, $5, $6, $6 FROM task WHERE project_id = $2`,
		s.Organization, s.Project, task, under, s.People[owner], s.now)
	return task
}

// At once, and with one key: one organization and one project.
func TestCreateOnceAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	key := uuid.NewString()
	var group sync.WaitGroup
	for range 12 {
		group.Go(func() {
			s.as(t, "owner").post(s.here("/projects"), "name", "Raced", "target_on", "2027-06-01", "key", key)
		})
	}
	group.Wait()
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM project WHERE name = 'Raced'`))
	require.Equal(t, []string{"project.created"}, s.events())
}

func TestOrganizationTrips(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	owner := s.as(t, "owner")
	for _, at := range []string{"/organizations", s.here(""), s.here("/settings"), s.here("/people"), s.personPath("member", ""), s.path("/settings"), s.path("/people")} {
		owner.get(at).ok()
		s.counts.reset()
		owner.get(at).ok()
		trips, statements := s.counts.counted()
		require.LessOrEqual(t, trips, 2, at)
		require.LessOrEqual(t, statements, 20, at)
	}
}
