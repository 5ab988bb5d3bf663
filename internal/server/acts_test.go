package server_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"waymark/internal/app"
	"waymark/internal/domain/id"
	"waymark/internal/pgtest"
	"waymark/internal/postgres"
	"waymark/internal/server"
)

// prove says whether the long forms of the proofs run: `make prove`.
func prove() bool { return os.Getenv("WAYMARK_PROVE") != "" }

// grounds is a site in which a row of every kind stands in both organizations;
// every text of the other one has the marker.
type grounds struct {
	*site
	ours, theirs *pgtest.Estate
}

func newGrounds(t testing.TB) *grounds {
	t.Helper()
	g := &grounds{site: newSite(t)}
	// Hashing a password as production does would only slow the proofs down, and
	// thousands of forms come from one address.
	store, err := postgres.Open(t.Context(), g.db.AppDSN(), postgres.Options{Tracer: g.counts, MaxConns: 10})
	require.NoError(t, err)
	t.Cleanup(store.Close)
	g.site = g.serving(t, app.New(store, cheap()), func(o *server.Options) { o.StrangersPerMinute = 1 << 20 })
	t.Cleanup(func() { require.Zero(t, g.server.InternalErrors()) })
	g.ours = pgtest.Furnish(t, g.owner, g.Organization, g.Project, g.People["manager"], g.People["member"], g.now, "Halden")
	g.theirs = pgtest.Furnish(t, g.owner, g.OtherOrganization, g.OtherProject, g.People["stranger"], g.People["stranger"], g.now, otherMarker)
	g.addOutsider("administrator")
	g.administers("administrator")
	for _, e := range []*pgtest.Estate{g.ours, g.theirs} {
		e.IDs["organization"], e.IDs["project"] = e.Organization, e.Project
		e.IDs["check"], e.IDs["stage"], e.IDs["visit"], e.IDs["step"], e.IDs["subject"], e.IDs["role"] = "4.1-a", "1", "1", "awareness", "SC-07", "consultant"
		for name, person := range g.People {
			e.IDs["p:"+name] = person.String()
		}
	}
	g.ours.IDs["person"], g.theirs.IDs["person"] = g.People["nobody"].String(), g.People["stranger"].String()
	g.ours.IDs["session"], g.theirs.IDs["session"] = g.furtherSession("manager"), g.furtherSession("stranger")
	mail := newID[id.Mail]().String()
	g.exec(`INSERT INTO mail (id, once, kind, recipient, language, subject, body_text, body_html, created_at, next_attempt_at)
		VALUES ($1, 'notice:1', 'notice', 'x@example.org', 'en', 'A notice', 'Text', '<p>Text</p>', $2, $2)`, mail, g.now)
	g.ours.IDs["mail"], g.theirs.IDs["mail"] = mail, mail
	return g
}

// addOutsider makes a person who belongs to no organization.
func (s *site) addOutsider(name string) {
	person := newID[id.Person]()
	s.People[name] = person
	s.exec(`INSERT INTO person (id, email, name, language, created_at) VALUES ($1, $2, $2, 'en', $3)`, person, name+"@example.org", s.now)
	s.tokens[name] = s.openSession(person)
}

func (s *site) openSession(person id.Person) string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	hash := sha256.Sum256(raw)
	s.exec(`INSERT INTO session (id, person_id, token_hash, created_at, last_seen_at, expires_at) VALUES ($1, $2, $3, $4, $4, $5)`,
		newID[id.Session](), person, hash[:], s.now, s.now.AddDate(10, 0, 0))
	return base64.RawURLEncoding.EncodeToString(raw)
}

// furtherSession gives a person a second session, and its id.
func (s *site) furtherSession(name string) string {
	s.openSession(s.People[name])
	return value[string](s, `SELECT id::text FROM session WHERE person_id = $1 ORDER BY id DESC LIMIT 1`, s.People[name])
}

// linkToken makes the token of a mailed link, and its hash.
func linkToken() (shown string, hash []byte) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	sum := sha256.Sum256(raw)
	return base64.RawURLEncoding.EncodeToString(raw), sum[:]
}

const actPassword = "a long walk to the harbour"

// filled puts ids into a pattern of an address or the value of a field. What an
// act says itself comes first.
func filled(pattern string, with map[string]string, ids map[string]string) string {
	for strings.Contains(pattern, "{") {
		before, rest, _ := strings.Cut(pattern, "{")
		word, after, ok := strings.Cut(rest, "}")
		if !ok {
			break
		}
		value, found := with[word]
		if found {
			value = filled(value, nil, ids)
		} else {
			value = ids[word]
		}
		pattern = before + value + after
	}
	return pattern
}

// act is one form of the product, as the person who should sends it.
type act struct {
	route string // method and pattern
	as    string
	with  map[string]string // what the ids of the address are, where not the plain ones
	query string
	form  []string // names and values; "{task}" is the id of that
	// before prepares what the act needs.
	before func(g *grounds)
	// creates is the table in which the form makes one row; it carries a key.
	creates string
	// edits is the text field of a form that carries a version and changes a row.
	edits string
	// keeps is a text field that is shown again when another is wrong.
	keeps string
	// outside is what the act may leave behind when it fails: counters of
	// attempts, which must not be taken back.
	outside []string
}

func (a *act) pattern() string { return strings.TrimPrefix(a.route, "POST ") }

func (a *act) path(ids map[string]string) string {
	return filled(a.pattern()+a.query, a.with, ids)
}

// values gives the form; key stands in forms that create.
func (a *act) values(ids map[string]string, key string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(a.form); i += 2 {
		v.Add(filled(a.form[i], a.with, ids), filled(a.form[i+1], a.with, ids))
	}
	if a.creates != "" {
		v.Set("key", key)
	}
	return v
}

// send posts an act's form as somebody.
func (g *grounds) send(v *visitor, a *act, ids map[string]string, key string) *answer {
	v.t.Helper()
	return v.do(http.MethodPost, a.path(ids), strings.NewReader(a.values(ids, key).Encode()), formType)
}

const formType = "application/x-www-form-urlencoded"

// with sets words beside an act's own.
func with(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// multipartForm packs a form as one that could carry a file.
func multipartForm(values url.Values) (body *bytes.Buffer, contentType string) {
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for _, name := range sortedKeys(values) {
		for _, v := range values[name] {
			_ = w.WriteField(name, v)
		}
	}
	_ = w.Close()
	return body, w.FormDataContentType()
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return sorted(out)
}

const (
	inO = "POST /o/{organization}"
	inP = inO + "/p/{project}"
	inS = inP + "/steps"
)

// acts lists every form, in the order of the routes. A test holds it complete.
func acts() []act {
	return append(append(personActs(), organizationActs()...), append(stepActs(), workActs()...)...)
}

func hasPassword(who string) func(g *grounds) {
	return func(g *grounds) { g.setPassword(who, actPassword) }
}

func personActs() []act {
	guesses := []string{"sign_in_failure"}
	return []act{
		{
			route: "POST /set-up", keeps: "organization", before: func(g *grounds) {
				g.exec(`UPDATE installation SET set_up_at = NULL, administrator_id = NULL`)
				code, err := g.use(g.t).SetUpCode(g.t.Context())
				require.NoError(g.t, err)
				g.ours.IDs["code"] = code
			},
			form: []string{"code", "{code}", "name", "Anna Administrator", "email", "anna@example.net", "new_password", actPassword, "organization", "Fjord", "time_zone", "Europe/Oslo", "language", "en"},
		},
		{route: "POST /set-up/sample", as: "administrator", creates: "project"},
		{route: "POST /sign-in", form: []string{"email", "manager@example.org", "password", actPassword}, before: hasPassword("manager"), keeps: "email", outside: append(guesses, "session", "event", "trail_head")},
		{route: "POST /sign-out", as: "manager"},
		{route: "POST /password/forgot", form: []string{"email", "manager@example.org"}, keeps: "email"},
		{
			route: "POST /password/reset", query: "?token={token}", form: []string{"new_password", actPassword + " and back"},
			before: func(g *grounds) {
				shown, hash := linkToken()
				g.ours.IDs["token"] = shown
				g.exec(`INSERT INTO password_reset (token_hash, person_id, created_at, expires_at) VALUES ($1, $2, $3, $4)`, hash, g.People["manager"], g.now, g.now.AddDate(0, 0, 1))
			},
		},
		{route: "POST /profile", as: "manager", edits: "name", keeps: "name", form: []string{"name", "Mary Manager", "time_zone", "Europe/Oslo", "language", "en", "version", "1"}},
		{route: "POST /profile/theme", as: "manager", form: []string{"theme", "dark"}},
		{route: "POST /profile/email", as: "manager", keeps: "email", form: []string{"email", "mary@example.org", "email_password", actPassword}, before: hasPassword("manager"), outside: guesses},
		{route: "POST /profile/password", as: "manager", form: []string{"password", actPassword, "new_password", actPassword + " and back"}, before: hasPassword("manager"), outside: guesses},
		{route: "POST /profile/sessions/end", as: "manager"},
		{route: "POST /profile/sessions/{session}/end", as: "manager"},
		{
			route: "POST /invitations/accept", as: "nobody", query: "?token={token}", before: func(g *grounds) {
				shown, hash := linkToken()
				g.ours.IDs["token"] = shown
				g.ours.Exec(`INSERT INTO invitation (organization_id, id, token_hash, email, organization_role, project_id, project_role, invited_by, created_at, expires_at)
					VALUES ($1, gen_random_uuid(), $2, 'nobody@example.org', 'member', $3, 'internal_auditor', $4, $5, $6)`,
					g.ours.Organization, hash, g.ours.Project, g.ours.Manager, g.now, g.now.AddDate(0, 0, 1))
			},
		},
	}
}

func organizationActs() []act {
	archive := func(g *grounds) {
		g.exec(`UPDATE organization SET archived_at = $2 WHERE id = $1`, g.ours.Organization, g.now)
	}
	archiveProject := func(g *grounds) {
		g.exec(`UPDATE project SET archived_at = $2 WHERE organization_id = $1`, g.ours.Organization, g.now)
	}
	ours, at := inO+"/people", inP+"/settings"
	return []act{
		{route: "POST /organizations", as: "manager", creates: "organization", keeps: "name", form: []string{"name", "Second", "time_zone", "Europe/Oslo", "language", "en"}},
		{route: inO + "/settings", as: "owner", edits: "name", keeps: "name", form: []string{"name", "Halden Two", "time_zone", "Europe/Oslo", "language", "en", "version", "1"}},
		{route: inO + "/settings/archive", as: "owner"},
		{route: inO + "/settings/restore", as: "owner", before: archive},
		{route: inO + "/settings/delete", as: "owner", form: []string{"confirm", "Halden"}},
		{route: inO + "/settings/delete-sample", as: "owner", before: func(g *grounds) {
			g.exec(`UPDATE organization SET sample = true WHERE id = $1`, g.ours.Organization)
		}},
		{route: inO + "/projects", as: "owner", creates: "project", keeps: "name", form: []string{"name", "Renewal", "target_on", "2027-01-31"}},

		{route: ours + "/invitations", as: "owner", creates: "invitation", keeps: "email", form: []string{"email", "new@example.net", "invited_name", "New", "organization_role", "member"}},
		{route: ours + "/invitations/{invitation}/withdraw", as: "owner"},
		{route: ours + "/{person}/role", as: "owner", form: []string{"organization_role", "owner", "version", "1"}},
		{route: ours + "/{person}/remove", as: "owner", form: []string{"take_over", ""}},
		{route: inP + "/people/roles", as: "manager", creates: "project_role", form: []string{"person", "{p:nobody}", "project_role", "consultant", "until_on", ""}},
		{route: inP + "/people/{person}/roles/{role}/remove", as: "manager", with: with("person", "{p:consultant}")},
		{route: inP + "/people/invitations", as: "manager", creates: "invitation", keeps: "email", form: []string{"email", "new@example.net", "invited_name", "New", "organization_role", "member", "role", "consultant", "until", ""}},
		{route: inP + "/people/invitations/{invitation}/withdraw", as: "manager"},

		{route: at, as: "manager", edits: "name", keeps: "name", form: []string{"name", "Certification", "version", "1"}},
		{route: at + "/target", as: "manager", keeps: "reason", form: []string{"target_on", "2026-12-24", "reason", "Later", "version", "1"}},
		{route: at + "/archive", as: "manager"},
		{route: at + "/restore", as: "manager", before: archiveProject},
		{route: at + "/delete", as: "owner", form: []string{"confirm", "Certification 2026"}},
	}
}

// onlyStep1 takes back every act on the steps.
func onlyStep1(g *grounds) {
	g.exec(`DELETE FROM step_act WHERE organization_id = $1`, g.ours.Organization)
}

func stepActs() []act {
	signed := func(g *grounds) {
		g.ours.Put("approval", "id", newKey(), "cycle", 1, "subject", "mandate", "subject_version", 1, "person_id", g.People["sponsor"], "at", g.now)
		g.exec(`DELETE FROM audience WHERE id = $1`, g.ours.IDs["audience"])
	}
	finished := func(g *grounds) {
		g.ours.Put("step_act", "seq", 99, "cycle", 1, "step", 1, "kind", "finished", "person_id", g.ours.Manager, "at", g.now)
	}
	waived := func(criteria ...string) func(g *grounds) {
		return func(g *grounds) { g.ours.Waive(g.People["sponsor"], criteria...) }
	}
	ready := func(g *grounds) {
		waived("7.1", "7.2", "7.3", "7.4", "7.5", "7.9")(g)
		for _, rule := range []string{"SC-07", "SC-10", "SC-11"} {
			g.ours.Put("confirmation", "cycle", 1, "subject", rule, "held_on", g.now, "evidence", "Seen", "person_id", g.ours.Manager, "at", g.now)
		}
		for _, clause := range []string{"4", "5", "6", "7", "8", "9", "10"} {
			g.ours.Put("appointment", "id", newKey(), "role", "process_owner", "clause", clause, "person_id", g.ours.Helper, "asked_by", g.ours.Manager, "asked_at", g.now, "accepted_at", g.now)
		}
		g.exec(`UPDATE candidate SET covers_standard = true, accreditation_checked_on = $2 WHERE organization_id = $1`, g.ours.Organization, g.now)
		g.exec(`UPDATE selection SET contract_signed_on = $2 WHERE organization_id = $1`, g.ours.Organization, g.now)
	}
	aware, scope, gap, committee, plan, selection := inS+"/awareness", inS+"/scope", inS+"/gap", inS+"/committee", inS+"/plan", inS+"/selection"
	preparation, audit, certificate := inS+"/preparation", inS+"/audit", inS+"/certificate"
	item := []string{"item_name", "Service desk", "item_included", "in", "item_reason", "", "item_country", "Norway", "item_people", "12", "item_central", "", "item_customer", ""}
	candidate := []string{"name", "Polar", "accredited", "no", "accreditation_body", "", "accreditation_number", "", "checked_on", "", "covers", "", "quote_until", "", "audit_days", "4.5",
		"price", "10", "auditors", "Eva Berg", "ties", "", "notes", "None"}
	engagement := []string{"engagement_kind", "consultancy", "engagement_firm", "Kruger", "engagement_people", "Per Dahl", "engagement_began", "2026-01-10", "engagement_ended", ""}
	meeting := []string{"meeting_kind", "committee", "meeting_held", "2026-05-20", "meeting_present", "All", "meeting_minutes", "Agreed"}
	and := func(list []string, more ...string) []string { return append(append([]string{}, list...), more...) }
	return []act{
		{route: inS + "/{step}/start", as: "manager", before: onlyStep1},
		{route: inS + "/{step}/finish", as: "manager", before: signed},
		{route: inS + "/{step}/reopen", as: "manager", keeps: "reason", form: []string{"reason", "The sponsor changed"}, before: finished},
		{route: inP + "/waivers", as: "manager", keeps: "reason", form: []string{"criterion", "1.2", "reason", "Known to all"}},
		{route: inP + "/waivers/{waiver}", as: "sponsor", form: []string{"answer", "consent"}},

		{route: aware, as: "manager", edits: "objectives", keeps: "objectives", form: []string{"objectives", "Keep clients", "advantages", "Trust", "approach", "Steps", "version", "1"}},
		{route: aware + "/audiences", as: "manager", creates: "audience", keeps: "audience", form: []string{"audience", "Clients"}},
		{route: aware + "/audiences/{audience}/remove", as: "manager"},
		{route: aware + "/communications", as: "manager", creates: "communication", keeps: "proof", form: []string{"told", "{told}", "channel", "mail", "held_on", "2026-05-20", "proof", "Mail of 20 May"}},
		{route: aware + "/mandate", as: "sponsor", form: []string{"version", "1"}},

		{route: scope, as: "consultant", edits: "statement", keeps: "statement", form: []string{"extent", "limited", "name", "Halden", "statement", "Hosting", "people", "40", "version", "1"}},
		{route: scope + "/items", as: "consultant", creates: "scope_item", keeps: "item_name", form: and(item, "item_kind", "unit")},
		{route: scope + "/items/{item}", as: "consultant", edits: "item_name", keeps: "item_name", form: and(item, "version", "1")},
		{route: scope + "/items/{item}/remove", as: "consultant"},
		{route: scope + "/approval", as: "sponsor", form: []string{"version", "1", "note", "Agreed"}, before: waived("2.1", "2.2", "2.4")},
		{route: inS + "/{step}/confirmations/{subject}", as: "manager", with: with("step", "scope"), keeps: "evidence", form: []string{"held_on", "2026-05-20", "evidence", "Contract 7", "confirm_SC-07", "1"}},
		{route: inS + "/{step}/confirmations/{subject}/withdraw", as: "manager", with: with("step", "scope", "subject", "SC-03")},

		{route: gap, as: "consultant", edits: "assessor", keeps: "assessor", form: []string{"mode", "self", "assessor", "Ingrid", "firm", "", "people", "", "began_on", "", "ended_on", "", "version", "100000"}},
		{route: gap + "/baseline", as: "consultant", creates: "baseline", keeps: "note", form: []string{"note", "Second"}, before: waived("3.1", "3.2", "3.3", "3.4")},
		{route: inP + "/assessment/checks/{check}", as: "consultant", with: with("check", "4.1-b"), edits: "comment", keeps: "comment", form: []string{"rating", "conforms", "comment", "Seen", "version", "0"}},
		{route: inP + "/findings", as: "consultant", creates: "finding", keeps: "statement", form: []string{"check", "4.1-a", "statement", "Not yet", "severity", "minor", "recommendation", "Do it"}},
		{route: inP + "/findings/{finding}", as: "consultant", edits: "statement", keeps: "statement", form: []string{"statement", "Not at all", "severity", "major", "recommendation", "", "version", "1"}},
		{route: inP + "/findings/{finding}/close", as: "consultant"},
		{route: inP + "/findings/{finding}/reopen", as: "consultant", before: func(g *grounds) {
			g.exec(`UPDATE finding SET closed_at = $2, closed_by = $3 WHERE organization_id = $1`, g.ours.Organization, g.now, g.ours.Manager)
		}},
		{route: inP + "/assessment/checks/{check}/evidence", as: "member", creates: "evidence", keeps: "note", form: []string{"kind", "note", "note", "Saw it", "note_title", "Visit", "link", "", "link_title", "", "file_title", ""}},
		{route: inP + "/evidence/{evidence}/withdraw", as: "member"},

		{route: committee + "/appointments", as: "manager", creates: "appointment", form: []string{"appoint_role", "staff", "appoint_person", "{p:consultant}", "appoint_clause", ""}},
		{route: committee + "/appointments/{appointment}/answer", as: "member", keeps: "answer_word", form: []string{"answer", "accept", "answer_word", "Gladly", "for_{appointment}", "1"}},
		{route: committee + "/appointments/{appointment}/end", as: "manager"},
		{route: committee + "/meetings", as: "manager", creates: "meeting", keeps: "meeting_minutes", form: meeting},
		{route: committee + "/meetings/{meeting}", as: "manager", edits: "meeting_minutes", keeps: "meeting_minutes", form: and(meeting, "version", "1")},

		{route: selection + "/candidates", as: "consultant", creates: "candidate", keeps: "notes", form: candidate},
		{route: selection + "/candidates/{candidate}", as: "consultant", edits: "notes", keeps: "notes", form: and(candidate, "version", "1")},
		{route: selection + "/candidates/{candidate}/remove", as: "consultant"},
		{route: selection + "/engagements", as: "consultant", creates: "engagement", keeps: "engagement_people", form: engagement},
		{route: selection + "/engagements/{engagement}", as: "consultant", edits: "engagement_people", keeps: "engagement_people", form: and(engagement, "version", "1")},
		{route: selection + "/choice", as: "consultant", edits: "choice_reason", keeps: "choice_reason", form: []string{"chosen", "{candidate}", "choice_reason", "Nearest", "consultant", "none", "engagement", "", "consultant_reason", "Alone", "version", "1"}},
		{route: selection + "/contract", as: "manager", form: []string{"contract_signed", "2026-05-20", "version", "0"}},
		{route: selection + "/decision", as: "sponsor", form: []string{"version", "1", "decision_note", "Agreed"}, before: waived("6.1", "6.2", "6.3", "6.4", "6.5")},

		{route: plan + "/baseline", as: "manager", creates: "plan_baseline", before: waived("5.1", "5.2", "5.3", "5.4")},
		{route: plan + "/approval", as: "chair", form: []string{"version", "1"}, before: waived("5.1", "5.2", "5.3", "5.4")},

		{route: preparation + "/internal-audits", as: "auditor", creates: "internal_audit", keeps: "auditor", form: []string{"audit_began", "2026-05-01", "audit_ended", "2026-05-02", "auditor", "Eva", "all_clauses", "on", "independent", "on", "audit_conclusion", "Sound"}},
		{route: preparation + "/management-reviews", as: "manager", creates: "management_review", keeps: "decisions", form: []string{"review_held", "2026-05-10", "chaired_by", "Sven", "all_inputs", "on", "decisions", "Go on"}},
		{route: preparation + "/go", as: "chair", form: []string{"go_note", "Ready"}, before: ready},
		{route: audit + "/stages/{stage}", as: "manager", edits: "conclusion", keeps: "conclusion", form: []string{"planned_on", "2026-06-01", "began_on", "", "ended_on", "", "lead_auditor", "Signe", "conclusion", "Soon", "version", "1", "stage_1", "1"}},
		{route: audit + "/nonconformities", as: "manager", creates: "nonconformity", keeps: "statement", form: []string{"grade", "minor", "clause", "4.1", "statement", "Missing", "due_on", ""}},
		{route: audit + "/nonconformities/{nonconformity}", as: "manager", edits: "answer", keeps: "answer", form: []string{"statement", "Missing", "answer", "Done", "due_on", "", "accepted_on", "", "closed_on", "", "version", "1"}},
		{route: audit + "/decision", as: "manager", edits: "reference", keeps: "reference", form: []string{"granted", "granted", "decided_on", "2026-05-11", "reference", "Letter 9", "version", "1"}},
		{route: certificate, as: "manager", edits: "number", keeps: "number", form: []string{"number", "N-1", "certificate_scope", "Hosting", "certified_on", "2026-05-11", "expires_on", "2029-05-10", "version", "1"}},
		{route: certificate + "/visits/{visit}", as: "manager", edits: "visit_1_conclusion", keeps: "visit_1_conclusion", form: []string{"visit_1_planned_on", "2027-05-11", "visit_1_held_on", "", "visit_1_conclusion", "Planned", "version", "1"}},
	}
}

func workActs() []act {
	one := inP + "/tasks/{task}"
	fields := []string{"title", "Write it down", "description", "All of it", "owner", "{p:member}", "due", "2026-06-30", "priority", "high", "step", "plan"}
	return []act{
		{route: inP + "/tasks", as: "manager", creates: "task", keeps: "title", form: append([]string{"finding", ""}, fields...)},
		{route: one, as: "manager", edits: "title", keeps: "title", form: append([]string{"version", "1"}, fields...)},
		{route: one + "/state", as: "member", form: []string{"answer", "done", "reason", "", "unblocker", "", "on", "", "from", ""}},
		{route: one + "/comments", as: "member", creates: "task_comment", keeps: "body", form: []string{"body", "Half done"}},
		{route: one + "/evidence", as: "member", creates: "evidence", keeps: "evidence", form: []string{"evidence", "Minutes", "link", "", "note", "Of May"}},
		{route: one + "/after", as: "manager", form: []string{"after", "3"}},
		{route: one + "/after/{after}/remove", as: "manager", with: with("task", "{second}")},
		{route: inP + "/findings/plan", as: "manager", before: func(g *grounds) {
			g.exec(`UPDATE task SET finding_id = NULL WHERE organization_id = $1`, g.ours.Organization)
		}, creates: "task", keeps: "title-{finding}", form: []string{"finding", "", "due_all", "2026-06-30", "row", "{finding}", "title-{finding}", "Put right", "owner-{finding}", "{p:member}", "due-{finding}", "", "priority-{finding}", "normal"}},
	}
}

// idsWith is a copy of the ids with one of another.
func idsWith(ids map[string]string, word, value string) map[string]string {
	out := maps.Clone(ids)
	out[word] = value
	return out
}
