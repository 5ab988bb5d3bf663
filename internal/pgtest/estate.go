package pgtest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Estate is a project with a row of every kind in it, for tests that go over
// everything there is. All nine steps have been started and all but the last
// finished and reopened, so that everything in it may be written.
type Estate struct {
	Organization, Project string
	// Manager runs the project; Helper owns its tasks and answers for clause 4.1.
	Manager, Helper string
	// IDs are the rows by the word that an address has for them.
	IDs map[string]string

	t     testing.TB
	pool  *pgxpool.Pool
	now   time.Time
	begin string // of every text
}

// Furnish fills a project that exists with rows. Every text begins with begin,
// so that a test can tell whose rows it reads. The pool is the owner's.
func Furnish(t testing.TB, pool *pgxpool.Pool, organization, project, manager, helper [16]byte, now time.Time, begin string) *Estate {
	t.Helper()
	e := &Estate{
		Organization: uuid.UUID(organization).String(), Project: uuid.UUID(project).String(),
		Manager: uuid.UUID(manager).String(), Helper: uuid.UUID(helper).String(),
		IDs: map[string]string{}, t: t, pool: pool, now: now, begin: begin,
	}
	e.steps()
	e.early()
	e.assessment()
	e.work()
	e.late()
	return e
}

// Put inserts a row of the project: pairs of column and value.
func (e *Estate) Put(table string, pairs ...any) {
	e.t.Helper()
	e.insert(table, append([]any{"organization_id", e.Organization, "project_id", e.Project}, pairs...)...)
}

// Row inserts a row with an id of its own, kept under the word.
func (e *Estate) Row(word, table string, pairs ...any) string {
	e.t.Helper()
	e.IDs[word] = uuid.Must(uuid.NewV7()).String()
	e.Put(table, append([]any{"id", e.IDs[word]}, pairs...)...)
	return e.IDs[word]
}

func (e *Estate) insert(table string, pairs ...any) {
	e.t.Helper()
	var columns, places []string
	var values []any
	for i := 0; i+1 < len(pairs); i += 2 {
		columns = append(columns, fmt.Sprint(pairs[i]))
		values = append(values, pairs[i+1])
		places = append(places, fmt.Sprintf("$%d", len(values)))
	}
	e.Exec("INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(places, ", ")+")", values...)
}

// Exec runs a statement as the owner.
func (e *Estate) Exec(sql string, args ...any) {
	e.t.Helper()
	if _, err := e.pool.Exec(context.Background(), sql, args...); err != nil {
		e.t.Fatalf("%s: %v", sql, err)
	}
}

func (e *Estate) text(word string) string { return e.begin + " " + word }

func (e *Estate) steps() {
	seq := 0
	act := func(step int, kind, reason string) {
		seq++
		e.Put("step_act", "seq", seq, "cycle", 1, "step", step, "kind", kind, "person_id", e.Manager, "at", e.now, "reason", reason)
	}
	for step := 1; step <= 9; step++ {
		act(step, "started", "")
		if step < 9 {
			act(step, "finished", "")
		}
	}
	for step := 8; step >= 1; step-- {
		act(step, "reopened", e.text("reopened"))
	}
	e.Row("waiver", "waiver", "cycle", 1, "criterion", "3.4", "reason", e.text("waiver"), "asked_by", e.Manager, "asked_at", e.now, "asked_seq", seq)
}

// Waive grants waivers of criteria, whatever the domain would say.
func (e *Estate) Waive(consents [16]byte, criteria ...string) {
	e.t.Helper()
	for _, c := range criteria {
		e.Exec(`UPDATE waiver SET withdrawn_at = $3 WHERE organization_id = $1 AND project_id = $2 AND criterion = $4`, e.Organization, e.Project, e.now, c)
		e.Put("waiver", "id", uuid.Must(uuid.NewV7()).String(), "cycle", 1, "criterion", c, "reason", e.text("waived"), "asked_by", e.Manager,
			"asked_at", e.now, "asked_seq", 1000, "answered_by", uuid.UUID(consents).String(), "answered_at", e.now, "consented", true)
	}
}

func (e *Estate) early() {
	edited := []any{"updated_by", e.Manager, "updated_at", e.now}
	e.Put("awareness", append([]any{"objectives", e.text("objectives"), "advantages", e.text("advantages"), "approach", e.text("approach")}, edited...)...)
	e.Row("audience", "audience", "name", e.text("untold"), "created_at", e.now)
	told := e.Row("told", "audience", "name", e.text("told"), "created_at", e.now)
	e.Row("communication", "communication", "audience_id", told, "channel", "mail", "held_on", e.now, "proof", e.text("proof"), "person_id", e.Manager, "created_at", e.now)
	e.Put("scope", append([]any{"extent", "limited", "name", e.text("scope"), "statement", e.text("statement"), "people", 40}, edited...)...)
	for _, kind := range []string{"unit", "service", "location"} {
		e.Row(kind, "scope_item", "kind", kind, "name", e.text(kind), "included", true, "reason", e.text("reason"), "country", e.text("land"), "people", 40, "created_at", e.now)
	}
	e.Row("item", "scope_item", "kind", "unit", "name", e.text("second unit"), "included", true, "created_at", e.now)
	e.Put("confirmation", "cycle", 1, "subject", "SC-03", "held_on", e.now, "evidence", e.text("word"), "person_id", e.Manager, "at", e.now)
	e.Put("target_change", "id", uuid.Must(uuid.NewV7()).String(), "from_on", e.now, "to_on", e.now, "reason", e.text("target"), "person_id", e.Manager, "at", e.now)
	e.Put("approval", "id", uuid.Must(uuid.NewV7()).String(), "cycle", 1, "subject", "scope", "subject_version", 99, "person_id", e.Manager, "at", e.now, "note", e.text("approval"))
	e.Row("appointment", "appointment", "role", "staff", "person_id", e.Helper, "asked_by", e.Manager, "asked_at", e.now, "answer", e.text("asked"))
	e.Row("owning", "appointment", "role", "process_owner", "clause", "4.1", "person_id", e.Helper, "asked_by", e.Manager, "asked_at", e.now, "accepted_at", e.now, "answer", e.text("accepted"))
	e.Row("meeting", "meeting", "cycle", 1, "kind", "committee", "held_on", e.now, "present", e.text("present"), "minutes", e.text("minutes"), "person_id", e.Manager, "created_at", e.now)
}

func (e *Estate) assessment() {
	edited := []any{"updated_by", e.Manager, "updated_at", e.now}
	e.Row("engagement", "engagement", "kind", "consultancy", "firm", e.text("firm"), "people", e.text("adviser"), "began_on", "2026-01-05", "created_at", e.now)
	e.Put("assessment", append([]any{"mode", "self", "assessor", e.text("assessor")}, edited...)...)
	e.Put("rating", append([]any{"check_id", "4.1-a", "rating", "partly", "comment", e.text("comment"), "evidence", 2, "rated_by", e.Manager, "rated_at", e.now}, edited...)...)
	e.Row("finding", "finding", "number", 1, "check_id", "4.1-a", "statement", e.text("finding"), "recommendation", e.text("recommendation"), "proposed", "minor",
		"severity", "minor", "created_by", e.Manager, "created_at", e.now, "updated_at", e.now)
	e.Exec(`UPDATE project SET last_finding = 1, last_task = 3 WHERE organization_id = $1 AND id = $2`, e.Organization, e.Project)
	e.Row("evidence", "evidence", "subject", "check", "subject_id", "4.1-a", "kind", "note", "title", e.text("evidence"), "note", e.text("note"), "person_id", e.Helper, "created_at", e.now)
	file := uuid.Must(uuid.NewV7()).String()
	content := []byte(e.text("file"))
	e.insert("file", "organization_id", e.Organization, "id", file, "sha256", make([]byte, 32), "size", len(content), "media_type", "text/plain", "created_at", e.now)
	e.insert("file_chunk", "organization_id", e.Organization, "file_id", file, "n", 0, "bytes", content)
	e.Row("file", "evidence", "subject", "check", "subject_id", "4.1-a", "kind", "file", "title", e.text("attached")+".txt", "file_id", file, "person_id", e.Manager, "created_at", e.now)
	e.IDs["stored"] = file
	e.Put("baseline", "number", 1, "cycle", 1, "person_id", e.Manager, "at", e.now, "note", e.text("baseline"))
	e.Put("baseline_rating", "number", 1, "check_id", "4.1-a", "rating", "partly")
	e.Row("candidate", "candidate", "name", e.text("other body"), "created_at", e.now, "price", e.text("price"), "notes", e.text("notes"))
	chosen := e.Row("chosen", "candidate", "name", e.text("body"), "accreditation_body", e.text("accreditor"), "accreditation_number", "7", "auditors", e.text("auditor"), "created_at", e.now)
	e.Put("selection", append([]any{"candidate_id", chosen, "reason", e.text("choice"), "consultant", "none", "consultant_reason", e.text("no consultant")}, edited...)...)
}

func (e *Estate) work() {
	task := func(word string, number int, pairs ...any) string {
		return e.Row(word, "task", append([]any{"number", number, "step", 5, "title", e.text(word), "description", e.text("description"), "owner_id", e.Helper,
			"due_on", "2026-06-01", "created_by", e.Manager, "created_at", e.now, "updated_at", e.now}, pairs...)...)
	}
	first := task("task", 1, "finding_id", e.IDs["finding"])
	second := task("second", 2, "state", "blocked", "blocked_reason", e.text("blocked"))
	task("third", 3)
	e.IDs["after"] = first
	e.Put("task_dependency", "task_id", second, "after_id", first)
	e.Row("comment", "task_comment", "task_id", first, "person_id", e.Helper, "body", e.text("said"), "at", e.now)
	e.Put("plan_baseline", "number", 1, "cycle", 1, "person_id", e.Manager, "at", e.now, "tasks", 1)
	e.Put("plan_baseline_task", "number", 1, "task_id", first, "owner_id", e.Helper, "due_on", "2026-06-01")
}

func (e *Estate) late() {
	edited := []any{"updated_by", e.Manager, "updated_at", e.now}
	e.Put("internal_audit", "id", uuid.Must(uuid.NewV7()).String(), "cycle", 1, "began_on", "2026-05-01", "ended_on", "2026-05-02", "auditor", e.text("inside"), "all_clauses", true,
		"independent", true, "conclusion", e.text("audit"), "person_id", e.Manager, "created_at", e.now)
	e.Put("management_review", "id", uuid.Must(uuid.NewV7()).String(), "cycle", 1, "held_on", "2026-05-03", "chaired_by", e.text("chair"), "all_inputs", true, "decisions", e.text("decided"),
		"person_id", e.Manager, "created_at", e.now)
	for stage := 1; stage <= 2; stage++ {
		e.Put("audit_stage", append([]any{"cycle", 1, "stage", stage, "lead_auditor", e.text("lead"), "conclusion", e.text("stage")}, edited...)...)
	}
	e.Row("nonconformity", "nonconformity", "cycle", 1, "grade", "minor", "clause", "4.1", "statement", e.text("nonconformity"), "answer", e.text("answer"), "created_at", e.now)
	e.Put("certification_decision", append([]any{"cycle", 1, "granted", true, "decided_on", "2026-05-10", "reference", e.text("reference")}, edited...)...)
	e.Put("certificate", append([]any{"cycle", 1, "number", e.text("number"), "scope", e.text("certified"), "decided_on", "2026-05-10", "expires_on", "2029-05-09"}, edited...)...)
	e.Put("surveillance", append([]any{"cycle", 1, "visit", 1, "planned_on", "2027-05-10", "conclusion", e.text("visit")}, edited...)...)
	e.Row("invitation", "invitation", "token_hash", token(e.begin), "email", "guest@example.net", "name", e.text("invited"), "organization_role", "member",
		"project_role", "consultant", "invited_by", e.Manager, "created_at", e.now, "expires_at", e.now.AddDate(0, 0, 7))
}

// token is a hash that no token has.
func token(word string) []byte {
	b := make([]byte, 32)
	copy(b, word)
	return b
}

// Contents gives a digest of every table, to compare before with after. With an
// organization, of its rows alone. The stamp of a session's last visit is left
// out.
func Contents(t testing.TB, pool *pgxpool.Pool, organization string) map[string]string {
	t.Helper()
	rows, err := pool.Query(context.Background(), `
		SELECT c.relname, EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id')
		  FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for rows.Next() {
		var table string
		var tenant bool
		if err := rows.Scan(&table, &tenant); err != nil {
			t.Fatal(err)
		}
		row, where := "t::text", ""
		if table == "session" {
			row = "(to_jsonb(t) - 'last_seen_at')::text"
		}
		switch {
		case organization != "" && tenant:
			where = " WHERE organization_id = '" + uuid.MustParse(organization).String() + "'"
		case organization != "" && table == "organization":
			where = " WHERE id = '" + uuid.MustParse(organization).String() + "'"
		case organization != "":
			continue
		}
		parts = append(parts, fmt.Sprintf("SELECT '%s', count(*) || ' ' || md5(coalesce(string_agg(%s, '|' ORDER BY %s), '')) FROM %s t%s", table, row, row, table, where))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	rows, err = pool.Query(context.Background(), strings.Join(parts, " UNION ALL "))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table, digest string
		if err := rows.Scan(&table, &digest); err != nil {
			t.Fatal(err)
		}
		out[table] = digest
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
