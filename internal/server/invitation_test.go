package server_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waymark/internal/app"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

// accessOf is the access of a person of the site, in Halden's project or in
// Halden alone.
func (s *site) accessOf(t testing.TB, name string, project bool) readmodel.Access {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(s.tokens[name])
	require.NoError(t, err)
	acc := readmodel.Access{Token: sha256.Sum256(raw), Organization: s.Organization, Now: s.now}
	if project {
		acc.Project = s.Project
	}
	return acc
}

// invites has the manager invite an address into the project, and gives the
// address of the link.
func (s *site) invites(t testing.TB, a *app.App, email identity.Email, role identity.ProjectRole) (at string, invitation id.Invitation) {
	t.Helper()
	in := app.Invitation{Email: email, Name: "Nina New", ProjectRole: role}
	if role == identity.GuestAuditor {
		in.UntilOn = civil.MustParse("2026-06-30")
	}
	invitation, err := a.Invite(t.Context(), s.accessOf(t, "manager", true), in)
	require.NoError(t, err)
	_, link := s.lastMail()
	return pathOf(t, link), invitation
}

func TestInvitationOfSomebodyNew(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.use(t, app.WithURL(baseURL(t, "https://plan.example.org")))
	s = s.serving(t, a, nil)
	at, _ := s.invites(t, a, "nina@example.org", identity.GuestAuditor)
	to, link := s.lastMail()
	require.Equal(t, "nina@example.org", to)
	require.True(t, strings.HasPrefix(link, "https://plan.example.org/invitations/accept?token="), link)

	nobody := s.as(t, "")
	page := nobody.get(at).ok().says("Halden").says("Certification 2026").says("Guest auditor").says("Manager Halden").says("30 June 2026")
	require.Equal(t, "Nina New", page.attr(`input[name="name"]`, "value"))
	nobody.get(at + "&language=zh").ok().says("来访审核员")

	refused := nobody.post(at, "name", "Nina Nyberg", "new_password", "short").is(http.StatusUnprocessableEntity)
	require.Equal(t, "Nina Nyberg", refused.attr(`input[name="name"]`, "value"))
	nobody.post(at, "name", "", "new_password", goodPassword).is(http.StatusUnprocessableEntity)
	require.Empty(t, s.installationEvents())

	answer := nobody.post(at, "name", "Nina Nyberg", "new_password", goodPassword)
	require.Equal(t, s.path(""), answer.to())
	nina := s.as(t, "").carries(answer.cookie())
	nina.get(s.path("/steps/awareness")).ok()
	s.as(t, "").signsIn("nina@example.org", goodPassword)
	require.Equal(t, []string{"person.invited", "person.joined"}, s.events())
	require.Equal(t, "2026-06-30", value[string](s, `SELECT until_on::text FROM project_role r JOIN person p ON p.id = r.person_id WHERE p.email = 'nina@example.org'`))

	// Once, for whoever follows it.
	for _, v := range []*visitor{nobody, nina, s.as(t, "owner")} {
		v.get(at).is(http.StatusNotFound).says("does not work")
		v.post(at, "name", "Nina", "new_password", goodPassword).is(http.StatusNotFound)
	}

	// The guest's access ends by itself.
	s.now = time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	s.as(t, "").signsIn("nina@example.org", goodPassword).get(s.path("/steps/awareness")).is(http.StatusNotFound)
}

func TestInvitationOfAnAccount(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.setPassword("stranger", goodPassword)
	a := s.use(t)
	s = s.serving(t, a, nil)
	at, _ := s.invites(t, a, "Stranger@example.org", identity.Consultant)

	// Must sign in first; a new account for the address is not offered.
	nobody := s.as(t, "")
	page := nobody.get(at).ok().hasNot(`input[name="new_password"]`)
	signIn := page.attr(`main a.button`, "href")
	require.Equal(t, signIn, nobody.post(at, "name", "Impostor", "new_password", goodPassword).to())
	require.Equal(t, at, nobody.post(signIn, "email", "stranger@example.org", "password", goodPassword).to())

	// Somebody else may not take it.
	guest := s.as(t, "guest")
	guest.get(at).ok().says("for another address").hasNot(`form[action^="/invitations"]`)
	guest.post(at).is(http.StatusForbidden)
	token, ok := app.TokenHash(strings.TrimPrefix(at, "/invitations/accept?token="))
	require.True(t, ok)
	_, err := a.Join(t.Context(), s.accessOf(t, "guest", false), token)
	require.ErrorIs(t, err, fault.Forbidden, "nor past the page")
	require.Equal(t, []string{"person.invited"}, s.events())

	stranger := s.as(t, "stranger")
	stranger.get(s.path("/steps/awareness")).is(http.StatusNotFound)
	stranger.get(at).ok().has(`form[action^="/invitations"]`)
	require.Equal(t, s.path(""), stranger.post(at).to())
	stranger.get(s.path("/steps/awareness")).ok()
	stranger.post(at).is(http.StatusNotFound)
	require.Equal(t, []string{"person.invited", "person.joined"}, s.events())
}

func TestInvitationEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.use(t)
	s = s.serving(t, a, nil)
	gone := func(at string) {
		t.Helper()
		s.as(t, "").get(at).is(http.StatusNotFound)
		s.as(t, "").post(at, "name", "Nina", "new_password", goodPassword).is(http.StatusNotFound)
	}

	// Withdrawn, which another organization's or project's people cannot.
	at, invitation := s.invites(t, a, "nina@example.org", identity.Sponsor)
	foreign := s.accessOf(t, "stranger", false)
	foreign.Organization = s.OtherOrganization
	require.ErrorIs(t, a.WithdrawInvitation(t.Context(), foreign, invitation), fault.NotFound)
	require.ErrorIs(t, a.WithdrawInvitation(t.Context(), s.accessOf(t, "member", true), invitation), fault.Forbidden)
	require.NoError(t, a.WithdrawInvitation(t.Context(), s.accessOf(t, "manager", true), invitation))
	require.NoError(t, a.WithdrawInvitation(t.Context(), s.accessOf(t, "owner", false), invitation), "twice is no mistake")
	gone(at)

	// Replaced by a newer one to the same place.
	old, _ := s.invites(t, a, "nina@example.org", identity.Sponsor)
	at, _ = s.invites(t, a, "Nina@example.org", identity.Sponsor)
	gone(old)
	s.as(t, "").get(at).ok()

	// After 14 days.
	s.now = s.now.Add(app.InvitationWithin)
	gone(at)
	gone("/invitations/accept?token=" + strings.Repeat("x", 43))
	gone("/invitations/accept")
}

func TestInviteRights(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.use(t)
	invite := func(name string, project bool, in app.Invitation) error {
		_, err := a.Invite(t.Context(), s.accessOf(t, name, project), in)
		return err
	}
	intoProject := app.Invitation{Email: "nina@example.org", ProjectRole: identity.Consultant}
	for name, want := range map[string]error{
		"manager": nil, "owner": nil, "sponsor": fault.Forbidden, "consultant": fault.Forbidden, "member": fault.Forbidden,
		"guest": fault.Forbidden, "nobody": fault.NotFound, "stranger": fault.NotFound,
	} {
		require.ErrorIs(t, invite(name, true, intoProject), want, name)
	}
	alone := app.Invitation{Email: "nina@example.org"}
	require.NoError(t, invite("owner", false, alone))
	require.ErrorIs(t, invite("manager", false, alone), fault.Forbidden)
	asOwner := app.Invitation{Email: "nina@example.org", OrganizationRole: identity.Owner, ProjectRole: identity.Sponsor}
	require.ErrorIs(t, invite("manager", true, asOwner), fault.Forbidden, "only owners make owners")
	require.NoError(t, invite("owner", true, asOwner))

	for what, in := range map[string]app.Invitation{
		"no role":                  {Email: "x@example.org"},
		"a guest without an end":   {Email: "x@example.org", ProjectRole: identity.GuestAuditor},
		"a guest of the past":      {Email: "x@example.org", ProjectRole: identity.GuestAuditor, UntilOn: civil.MustParse("2026-05-20")},
		"an end for no guest":      {Email: "x@example.org", ProjectRole: identity.Sponsor, UntilOn: civil.MustParse("2026-06-20")},
		"who holds the role":       {Email: "Sponsor@example.org", ProjectRole: identity.Sponsor},
		"a member, into the whole": {Email: "x@example.org", ProjectRole: 99},
	} {
		require.ErrorIs(t, invite("manager", true, in), fault.Invalid, what)
	}
	require.ErrorIs(t, invite("owner", false, app.Invitation{Email: "member@example.org"}), fault.Invalid)
}

// A link that many use at once lets one in; a membership that was removed comes
// back; an owner stays one.
func TestInvitationJoins(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.use(t)
	s = s.serving(t, a, nil)
	at, _ := s.invites(t, a, "nina@example.org", identity.CommitteeMember)
	statuses := make(chan int, 8)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() { statuses <- s.as(t, "").post(at, "name", "Nina", "new_password", goodPassword).status })
	}
	group.Wait()
	close(statuses)
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM person WHERE email = 'nina@example.org'`))
	for status := range statuses {
		require.Contains(t, []int{http.StatusSeeOther, http.StatusNotFound}, status)
	}

	// The same with an account: one joins, and one event tells so.
	at, _ = s.invites(t, a, "stranger@example.org", identity.CommitteeMember)
	before := len(s.events())
	statuses = make(chan int, 8)
	for range 8 {
		group.Go(func() { statuses <- s.as(t, "stranger").post(at).status })
	}
	group.Wait()
	close(statuses)
	joined := 0
	for status := range statuses {
		if status == http.StatusSeeOther {
			joined++
		}
	}
	require.Equal(t, 1, joined)
	require.Equal(t, []string{"person.joined"}, s.events()[before:])

	s.exec(`UPDATE membership SET removed_at = $1 WHERE person_id = $2`, s.now, s.People["nobody"])
	at, _ = s.invites(t, a, "nobody@example.org", identity.CommitteeMember)
	s.as(t, "nobody").post(at).to()
	s.as(t, "nobody").get(s.path("/steps/awareness")).ok()

	at, _ = s.invites(t, a, "owner@example.org", identity.Sponsor)
	s.as(t, "owner").post(at).to()
	require.Equal(t, "owner", value[string](s, `SELECT role FROM membership WHERE person_id = $1`, s.People["owner"]))
}

func TestCreatePerson(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.use(t)
	s = s.serving(t, a, nil)
	in := app.NewPerson{Email: "robot@example.org", Name: "Robot", Password: goodPassword, Language: identity.LanguageEnglish, Organization: s.Organization, Role: identity.Owner}
	_, err := a.CreatePerson(t.Context(), in, s.now)
	require.NoError(t, err)
	s.as(t, "").signsIn("robot@example.org", goodPassword).get(s.path("/steps/awareness")).ok()
	_, err = a.CreatePerson(t.Context(), in, s.now)
	require.ErrorIs(t, err, fault.Exists)
	in.Email, in.Password = "second@example.org", "short"
	_, err = a.CreatePerson(t.Context(), in, s.now)
	require.ErrorIs(t, err, fault.Invalid)
	in.Password, in.Organization = goodPassword, id.Organization{1}
	_, err = a.CreatePerson(t.Context(), in, s.now)
	require.ErrorIs(t, err, fault.NotFound)
	in.Organization = id.Organization{}
	_, err = a.CreatePerson(t.Context(), in, s.now)
	require.NoError(t, err)
}
