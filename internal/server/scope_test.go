package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"waymark/internal/domain/certification"
)

func TestScope(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	consultant, manager, sponsor := s.as(t, "consultant"), s.as(t, "manager"), s.as(t, "sponsor")
	at := s.path("/steps/scope")
	fields := []string{"extent", "limited", "name", "Halden Managed Services", "people", "40", "version"}
	statement := []string{"statement", "The SMS of Halden Managed Services that delivers hosting from Halden to customers in Norway"}

	manager.post(at, append(append([]string{}, statement...), append(fields, "0")...)...).is(http.StatusConflict)
	require.Empty(t, s.events(), "a locked step's form changes nothing")
	s.finish(certification.Awareness)

	consultant.post(at, append(append([]string{}, statement...), append(fields, "0")...)...).to()
	add := func(kind, name string, more ...string) {
		t.Helper()
		key := consultant.get(at).ok().key()
		consultant.post(at+"/items", append([]string{"item_kind", kind, "item_name", name, "key", key}, more...)...).to()
	}
	add("unit", "Operations", "item_included", "in")
	add("unit", "Sales", "item_included", "out")
	add("service", "Cloud hosting", "item_included", "in")
	add("location", "Halden", "item_included", "in", "item_country", "Norway", "item_people", "40", "item_central", "on")
	add("customer", "Municipalities", "item_included", "in", "item_customer", "external")

	sponsor.post(at+"/approval", "version", "6").is(http.StatusConflict).says("2.2").says("2.4")
	item := consultant.get(at).ok().attr(`#items a[aria-label$="Sales"]`, "href")
	page := consultant.get(item).ok()
	consultant.post(item, "item_name", "Sales", "item_included", "out", "item_reason", "Not part of service delivery",
		"version", page.attr(`input[name="version"]`, "value")).to()
	for _, rule := range []string{"SC-03", "SC-07", "SC-10", "SC-11"} {
		manager.post(at+"/confirmations/"+rule, "confirm_"+rule, "1", "held_on", "2026-05-20", "evidence", "").is(http.StatusUnprocessableEntity)
		manager.post(at+"/confirmations/"+rule, "confirm_"+rule, "1", "held_on", "2027-05-20", "evidence", "Register").is(http.StatusUnprocessableEntity)
		manager.post(at+"/confirmations/"+rule, "confirm_"+rule, "1", "held_on", "2026-05-20", "evidence", "Register read on 20 May").to()
	}
	manager.post(at+"/confirmations/SC-01", "held_on", "2026-05-20", "evidence", "x").is(http.StatusNotFound)

	sponsor.post(at+"/approval", "version", "6").is(http.StatusConflict) // the item was changed since: version 7
	manager.post(at + "/finish").is(http.StatusConflict).says("2.5")
	version := sponsor.get(at).ok().attr(`#approval input[name="version"]`, "value")
	sponsor.post(at+"/approval", "version", version, "note", "").to()
	manager.post(at + "/finish").to()
	consultant.post(item, "item_name", "Sales", "item_included", "out", "item_reason", "Changed", "version", "2").is(http.StatusConflict)
}

func TestScopeKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.finish(certification.Awareness)
	answer := s.as(t, "manager").post(s.path("/steps/scope"), "extent", "all of it", "name", "Halden", "people", "-3", "statement", "As typed", "version", "0")
	answer.is(http.StatusUnprocessableEntity).has(`[role="alert"]`)
	require.Equal(t, "As typed", answer.text(`textarea[name="statement"]`))
	require.Equal(t, "-3", answer.attr(`input[name="people"]`, "value"))
}
