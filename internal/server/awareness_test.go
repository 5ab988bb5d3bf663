package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"waymark/internal/domain/certification"
)

func TestAwareness(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	manager, sponsor := s.as(t, "manager"), s.as(t, "sponsor")
	at := s.path("/steps/awareness")

	page := manager.get(at).ok()
	require.Equal(t, "0", page.attr(`#text input[name="version"]`, "value"))
	saved := []string{"objectives", "Win tenders", "advantages", "Trust", "approach", "Nine steps"}
	require.Contains(t, manager.post(at, append(saved, "version", "0")...).to(), at)

	key := page.key()
	for range 2 { // sent twice, made once
		manager.post(at+"/audiences", "audience", "Service desk", "key", key).to()
	}
	require.EqualValues(t, 1, value[int64](s, `SELECT count(*) FROM audience`))
	manager.post(at+"/audiences", "audience", "Another", "key", key).is(http.StatusConflict)

	page = manager.get(at).ok()
	told := page.attr(`select[name="told"] option[value]:not([value=""])`, "value")
	manager.post(at+"/communications", "told", told, "channel", "meeting", "held_on", "2026-02-09", "proof", "Minutes", "key", page.key()).to()

	sponsor.get(at).ok().says("Win tenders").hasNot(`textarea[name="objectives"]`)
	sponsor.post(at+"/mandate", "version", "1").to()
	manager.get(at).ok().has(`.criteria`)
	manager.post(at + "/finish").to()
	require.Equal(t, []string{
		"step.started", "awareness.saved", "audience.added", "audience.told", "approval.mandate", "step.finished",
	}, s.events())

	// Finished: the mandate's text is frozen, and the next step is open.
	manager.post(at, "objectives", "Other", "advantages", "", "approach", "", "version", "1").is(http.StatusConflict).says("reopen")
	manager.post(at + "/finish").is(http.StatusConflict)
	manager.post(at+"/reopen", "reason", "").is(http.StatusUnprocessableEntity)
	manager.post(at+"/reopen", "reason", "New sponsor").to()
	manager.post(at, "objectives", "Other", "advantages", "", "approach", "", "version", "1").to()
}

func TestAwarenessStale(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := s.path("/steps/awareness")
	first, second := s.as(t, "manager"), s.as(t, "owner")
	first.post(at, "objectives", "First", "advantages", "", "approach", "", "version", "0").to()
	answer := second.post(at, "objectives", "Second", "advantages", "", "approach", "", "version", "0").is(http.StatusConflict)
	require.Equal(t, "Second", answer.text(`textarea[name="objectives"]`), "what was typed is kept")
	answer.says("First")
	require.Equal(t, "1", answer.attr(`#text input[name="version"]`, "value"), "sending it again replaces knowingly")
	first.post(at, "objectives", "First", "advantages", "", "approach", "", "version", "0").to() // stale but equal counts as saved
}

func TestAwarenessRights(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := s.path("/steps/awareness")
	for name, want := range map[string]int{
		"": 401, "stranger": 404, "nobody": 404, "guest": 403, "member": 403, "consultant": 403, "sponsor": 403, "auditor": 403,
		"manager": 303, "owner": 303,
	} {
		answer := s.as(t, name).post(at, "objectives", "x", "advantages", "", "approach", "", "version", "0")
		require.Equal(t, want, answer.status, name)
		require.NotContains(t, answer.body, otherMarker, name)
	}
	s.as(t, "").get(at).is(http.StatusSeeOther)
	s.as(t, "owner").post(at+"/mandate", "version", "1").is(http.StatusForbidden) // only a sponsor signs
}

func TestLockedStepChangesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	manager := s.as(t, "manager")
	for _, step := range certification.Steps()[1:] {
		manager.post(s.path("/steps/" + step.String() + "/start")).is(http.StatusConflict)
		manager.post(s.path("/steps/" + step.String() + "/finish")).is(http.StatusConflict)
	}
	require.Empty(t, s.events())
}

func TestPageTrips(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	manager := s.as(t, "manager")
	manager.get(s.path("/steps/awareness")).ok()
	s.counts.reset()
	manager.get(s.path("/steps/awareness")).ok()
	trips, statements := s.counts.counted()
	require.LessOrEqual(t, trips, 2)
	require.LessOrEqual(t, statements, 20)
}
