package server_test

import (
	"net/http"
	"strconv"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"waymark/internal/domain/id"
)

// personPath is the address of a member of Halden, or of an act on them.
func (s *site) personPath(name, act string) string {
	at := s.here("/people/" + s.People[name].String())
	if act != "" {
		at += "/" + act
	}
	return at
}

// owners counts the owners of Halden.
func (s *site) owners() int64 {
	return value[int64](s, `SELECT count(*) FROM membership WHERE organization_id = $1 AND role = 'owner' AND removed_at IS NULL`, s.Organization)
}

func TestPeople(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	owner := s.as(t, "owner")
	s.as(t, "nobody").get(s.here("/people")).ok().says("Olga Owner").hasNot(`#invitations`).hasNot(`main form`)
	s.as(t, "stranger").get(s.here("/people")).is(http.StatusNotFound)
	s.as(t, "member").get(s.personPath("nobody", "")).is(http.StatusForbidden)
	owner.get(s.here("/people/" + s.People["stranger"].String())).is(http.StatusNotFound)

	owner.get(s.personPath("member", "")).ok().says("Committee member")
	for name, want := range map[string]int{"": 401, "stranger": 404, "member": 403, "manager": 403} {
		s.as(t, name).post(s.personPath("manager", "role"), "organization_role", "owner", "version", "1").is(want)
		s.as(t, name).post(s.personPath("nobody", "remove")).is(want)
	}
	owner.post(s.personPath("manager", "role"), "organization_role", "king", "version", "1").is(http.StatusUnprocessableEntity)
	owner.post(s.personPath("manager", "role"), "organization_role", "owner", "version", "1").to()
	owner.post(s.personPath("manager", "role"), "organization_role", "member", "version", "1").is(http.StatusConflict)
	require.EqualValues(t, 2, s.owners())
	require.Equal(t, []string{"person.role_added"}, s.events())
}

func TestPeoplePages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 120 {
		person := newID[id.Person]()
		s.exec(`INSERT INTO person (id, email, name, created_at) VALUES ($1, $2, $3, $4)`, person, "p"+strconv.Itoa(i)+"@example.org", "Same Name", s.now)
		s.exec(`INSERT INTO membership (organization_id, person_id, role, name, email, created_at) VALUES ($1, $2, 'member', 'Same Name', $3, $4)`,
			s.Organization, person, "p"+strconv.Itoa(i)+"@example.org", s.now)
	}
	seen, at := map[string]bool{}, s.here("/people")
	for at != "" {
		page := s.as(t, "owner").get(at).ok()
		for _, row := range page.doc.Find("#people tbody tr td:nth-child(2)").EachIter() {
			require.False(t, seen[row.Text()], row.Text())
			seen[row.Text()] = true
		}
		at, _ = page.doc.Find(`a[rel="next"]`).Attr("href")
	}
	require.Len(t, seen, 120+len(siteRoles)+2)
	s.as(t, "owner").get(s.here("/people?behind=x")).is(http.StatusNotFound)
}

func TestLastOwner(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	owner := s.as(t, "owner")
	owner.get(s.personPath("owner", "")).ok().says("always keeps an owner").hasNot(`#remove`)
	owner.post(s.personPath("owner", "role"), "organization_role", "member", "version", "1").is(http.StatusConflict).says("always keeps an owner")
	owner.post(s.personPath("owner", "remove")).is(http.StatusConflict).says("always keeps an owner")
	require.EqualValues(t, 1, s.owners())
	require.Empty(t, s.events())
}

// Two owners remove each other, or step down, at the same moment: one of them
// stays.
func TestLastOwnerRaced(t *testing.T) {
	t.Parallel()
	for act, form := range map[string][]string{"remove": nil, "role": {"organization_role", "member", "version", "1"}} {
		s := newSite(t)
		s.exec(`UPDATE membership SET role = 'owner' WHERE person_id = $1`, s.People["nobody"])
		for range 8 {
			var group sync.WaitGroup
			codes := make([]int, 2)
			for i, pair := range [][2]string{{"owner", "nobody"}, {"nobody", "owner"}} {
				group.Go(func() { codes[i] = s.as(t, pair[0]).post(s.personPath(pair[1], act), form...).status })
			}
			group.Wait()
			require.EqualValues(t, 1, s.owners(), act)
			require.Contains(t, codes, http.StatusSeeOther)
			require.NotEqual(t, codes[0], codes[1], act)
			s.exec(`UPDATE membership SET role = 'owner', removed_at = NULL, version = 1 WHERE person_id IN ($1, $2)`, s.People["nobody"], s.People["owner"])
		}
	}
}

func TestRemovePerson(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	owner := s.as(t, "owner")
	at := s.personPath("chair", "remove")
	first, done := s.openTaskOf("chair", id.Finding{}), s.openTaskOf("chair", id.Finding{})
	s.exec(`UPDATE task SET state = 'done', done_at = $2 WHERE id = $1`, done, s.now)
	blocked := s.openTaskOf("member", id.Finding{})
	s.exec(`UPDATE task SET state = 'blocked', blocked_reason = 'x', unblocker_id = $2 WHERE id = $1`, blocked, s.People["chair"])

	owner.get(s.personPath("chair", "")).ok().says("1 open task").says("Chair").has(`select[name="take_over"]`)
	owner.post(at).is(http.StatusUnprocessableEntity).says("who takes over")
	owner.post(at, "take_over", s.People["nobody"].String()).is(http.StatusUnprocessableEntity).says("no role in Certification 2026")
	owner.post(at, "take_over", s.People["guest"].String()).is(http.StatusUnprocessableEntity)
	owner.post(at, "take_over", s.People["chair"].String()).is(http.StatusUnprocessableEntity)
	owner.post(at, "take_over", s.People["stranger"].String()).is(http.StatusUnprocessableEntity)
	require.Empty(t, s.events())
	require.Equal(t, s.here("/people"), owner.post(at, "take_over", s.People["member"].String()).to())

	ownerOf := `SELECT owner_id FROM task WHERE id = $1`
	require.Equal(t, s.People["member"], value[id.Person](s, ownerOf, first))
	require.Equal(t, s.People["chair"], value[id.Person](s, ownerOf, done), "what was done stays who did it")
	require.Equal(t, s.People["member"], value[id.Person](s, `SELECT unblocker_id FROM task WHERE id = $1`, blocked))
	require.EqualValues(t, 0, value[int64](s, `SELECT count(*) FROM project_role WHERE person_id = $1`, s.People["chair"]))
	require.EqualValues(t, 0, value[int64](s, `SELECT count(*) FROM appointment WHERE person_id = $1 AND ended_at IS NULL`, s.People["chair"]))
	require.Equal(t, []string{"tasks.handed_on", "person.removed", "person.removed"}, s.events(), "one for the project, one for the organization")
	s.as(t, "chair").get(s.path("")).is(http.StatusNotFound)
	s.as(t, "chair").get("/organizations").ok().says("You belong to no organization")
	owner.post(at, "take_over", s.People["member"].String()).is(http.StatusNotFound)

	// An owner who leaves is not sent to a page that is closed to them now.
	s.exec(`UPDATE membership SET role = 'owner' WHERE person_id = $1`, s.People["nobody"])
	require.Equal(t, "/organizations", s.as(t, "nobody").post(s.personPath("nobody", "remove")).to())
}

func TestProjectRoles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec(`UPDATE project_role SET acting = true WHERE role = 'project_manager' AND organization_id = $1`, s.Organization)
	manager := s.as(t, "manager")
	at := s.path("/people")
	give := func(person, role, until string) []string {
		return []string{"person", s.People[person].String(), "project_role", role, "until_on", until, "key", uuid.NewString()}
	}
	manager.get(at).ok().says("acting").says("Olga Owner")
	s.as(t, "guest").get(at).ok().hasNot(`main form`)
	for name, want := range map[string]int{"": 401, "stranger": 404, "nobody": 404, "sponsor": 403, "member": 403} {
		s.as(t, name).post(at+"/roles", give("nobody", "sponsor", "")...).is(want)
		s.as(t, name).post(at + "/" + s.People["sponsor"].String() + "/roles/sponsor/remove").is(want)
	}
	manager.post(at+"/roles", give("nobody", "sponsor", "")...).to()
	manager.post(at+"/roles", give("nobody", "consultant", "")...).to()
	manager.post(at+"/roles", give("nobody", "consultant", "")...).to() // held already
	s.as(t, "nobody").get(s.path("")).ok()
	manager.get(at).ok().says("Norbert Nobody")

	manager.post(at+"/roles", give("nobody", "guest_auditor", "")...).is(http.StatusUnprocessableEntity).says("needs a last day")
	manager.post(at+"/roles", give("nobody", "sponsor", "2026-12-01")...).is(http.StatusUnprocessableEntity)
	manager.post(at+"/roles", give("nobody", "guest_auditor", "2026-05-20")...).is(http.StatusUnprocessableEntity)
	manager.post(at+"/roles", give("stranger", "sponsor", "")...).is(http.StatusUnprocessableEntity)
	answer := manager.post(at+"/roles", give("nobody", "guest_auditor", "the 31st")...).is(http.StatusUnprocessableEntity)
	require.Equal(t, "the 31st", answer.attr(`input[name="until_on"]`, "value"))
	manager.post(at+"/roles", give("nobody", "guest_auditor", "2026-06-01")...).to()
	manager.post(at+"/roles", give("nobody", "guest_auditor", "2026-06-30")...).to()
	manager.get(at).ok().says("until 30 June 2026")

	manager.post(at + "/" + s.People["nobody"].String() + "/roles/sponsor/remove").to()
	manager.post(at + "/" + s.People["nobody"].String() + "/roles/sponsor/remove").is(http.StatusNotFound)
	manager.post(at + "/" + s.People["nobody"].String() + "/roles/king/remove").is(http.StatusNotFound)
	require.Equal(t, []string{"person.role_added", "person.role_added", "person.role_added", "person.role_added", "person.role_removed"}, s.events())
}

func TestInvitePeople(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	owner, manager := s.as(t, "owner"), s.as(t, "manager")
	key := owner.get(s.here("/people")).ok().key()
	fields := []string{"email", "new@example.org", "invited_name", "Nora New", "organization_role", "owner", "key", key}
	for range 2 {
		owner.post(s.here("/people/invitations"), fields...).to()
	}
	manager.post(s.here("/people/invitations"), fields...).is(http.StatusForbidden)
	page := owner.get(s.here("/people")).ok().says("new@example.org").says("Nora New").says("outbox")
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM invitation`))

	at := s.path("/people/invitations")
	invite := func(role, organizationRole, until string) []string {
		return []string{"email", "auditor@example.org", "organization_role", organizationRole, "role", role, "until", until, "key", uuid.NewString()}
	}
	manager.post(at, invite("sponsor", "owner", "")...).is(http.StatusForbidden)
	answer := manager.post(at, invite("guest_auditor", "member", "")...).is(http.StatusUnprocessableEntity).says("needs a last day")
	require.Equal(t, "auditor@example.org", answer.attr(`input[name="email"]`, "value"))
	manager.post(at, invite("guest_auditor", "member", "2026-07-31")...).to()
	s.as(t, "member").post(at, invite("sponsor", "member", "")...).is(http.StatusForbidden)
	s.as(t, "stranger").post(at, invite("sponsor", "member", "")...).is(http.StatusNotFound)
	manager.get(s.path("/people")).ok().says("auditor@example.org").hasNot(`form[action*="` + s.here("/people/invitations") + `"]`)
	require.NotContains(t, manager.get(s.path("/people")).body, "new@example.org", "an invitation to the organization is not the project's")

	withdraw := page.attr(`#invitations form[action$="/withdraw"]`, "action")
	manager.post(withdraw).is(http.StatusForbidden)
	owner.post(withdraw).to()
	require.NotContains(t, owner.get(s.here("/people")).text("#invitations"), "new@example.org")
	require.Equal(t, []string{"person.invited", "person.invited", "invitation.withdrawn"}, s.events())
}
