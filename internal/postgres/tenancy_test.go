package postgres_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/domain/scope"
	"waymark/internal/domain/task"
	"waymark/internal/pgtest"
	"waymark/internal/postgres"
	"waymark/internal/readmodel"
)

// proving says whether the long forms of the proofs run: `make prove`.
func proving() bool { return os.Getenv("WAYMARK_PROVE") != "" }

// tenantMarker stands in every text of the other organization.
const tenantMarker = "Zanzibar Secret"

// elsewhere opens every session for Halden, whatever organization and project a
// statement behind it names: what is then kept apart, the wall in the database
// keeps apart.
type elsewhere struct {
	on           bool
	organization id.Organization
	project      id.Project
}

func (e *elsewhere) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}
func (e *elsewhere) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (e *elsewhere) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	for _, q := range data.Batch.QueuedQueries {
		if !e.on || !strings.Contains(q.SQL, "session_open") {
			continue
		}
		named, ok := q.Arguments[0].(pgx.NamedArgs)
		if !ok {
			continue
		}
		moved := pgx.NamedArgs{}
		for k, v := range named {
			moved[k] = v
		}
		moved["organization"], moved["project"] = e.organization, e.project
		q.Arguments = []any{moved}
	}
	return ctx
}
func (e *elsewhere) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (e *elsewhere) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// tenants are two organizations with a row of every kind in each.
type tenants struct {
	t            testing.TB
	db           *pgtest.DB
	store        *postgres.DB
	moved        *elsewhere
	now          time.Time
	token        [32]byte
	ours, theirs *pgtest.Estate
}

func newTenants(t testing.TB) *tenants {
	t.Helper()
	db := pgtest.New(t)
	w := &tenants{t: t, db: db, now: time.Date(2026, 5, 21, 9, 0, 0, 0, time.UTC), moved: &elsewhere{}, token: sha256.Sum256([]byte("ours"))}
	store, err := postgres.Open(t.Context(), db.AppDSN(), postgres.Options{Tracer: w.moved})
	require.NoError(t, err)
	t.Cleanup(store.Close)
	w.store = store
	w.ours = w.settle("Halden", w.token)
	w.theirs = w.settle(tenantMarker, sha256.Sum256([]byte("theirs")))
	w.moved.organization, w.moved.project = id.Organization(uuid.MustParse(w.ours.Organization)), id.Project(uuid.MustParse(w.ours.Project))
	_, err = db.Owner(t).Exec(t.Context(), `UPDATE installation SET set_up_at = $1`, w.now)
	require.NoError(t, err)
	return w
}

func (w *tenants) settle(begin string, token [32]byte) *pgtest.Estate {
	w.t.Helper()
	organization, project, person := wayID[id.Organization](), wayID[id.Project](), wayID[id.Person]()
	exec := func(sql string, args ...any) {
		_, err := w.db.Owner(w.t).Exec(w.t.Context(), sql, args...)
		require.NoError(w.t, err)
	}
	email := strings.ReplaceAll(strings.ToLower(begin), " ", ".") + "@example.org"
	exec(`INSERT INTO organization (id, name, time_zone, language, created_at) VALUES ($1, $2, 'UTC', 'en', $3)`, organization, begin, w.now)
	exec(`INSERT INTO person (id, email, name, created_at) VALUES ($1, $2, $3, $4)`, person, email, begin+" person", w.now)
	exec(`INSERT INTO membership (organization_id, person_id, role, name, email, created_at) VALUES ($1, $2, 'owner', $3, $4, $5)`, organization, person, begin+" person", email, w.now)
	exec(`INSERT INTO session (id, person_id, token_hash, created_at, last_seen_at, expires_at) VALUES ($1, $2, $3, $4, $4, $5)`, wayID[id.Session](), person, token[:], w.now, w.now.AddDate(1, 0, 0))
	exec(`INSERT INTO project (organization_id, id, name, edition, target_on, created_by, created_at) VALUES ($1, $2, $3, 'iso20000-1-2018', '2026-11-30', $4, $5)`,
		organization, project, begin+" project", person, w.now)
	for _, role := range []string{"project_manager", "sponsor"} {
		exec(`INSERT INTO project_role (organization_id, project_id, person_id, role, created_at) VALUES ($1, $2, $3, $4, $5)`, organization, project, person, role, w.now)
	}
	return pgtest.Furnish(w.t, w.db.Owner(w.t), organization, project, person, person, w.now, begin)
}

// apart are the methods that no organization's rows go through: what they read
// or write belongs to the installation or to a person, and who may call them is
// settled otherwise.
func apart() map[string]string {
	return map[string]string{
		"Close":        "ends the connections",
		"Ping":         "reads nothing",
		"CreateSample": "makes an organization of its own",
		// Before anybody is known, by address or by the token of a link.
		"IsSetUp": "installation", "KeepSetUpCode": "installation", "SetUp": "installation", "MakeAdministrator": "command line", "CreatePerson": "command line",
		"PersonByEmail": "by address", "Attempt": "by address", "Forget": "by address", "OpenSession": "a person's", "RefuseSignIn": "a person's",
		"AskPasswordReset": "a person's", "ResetPerson": "by token", "ResetPassword": "by token", "InvitationPage": "by token", "JoinAs": "by token", "JoinAsNew": "by token",
		// The worker's rounds.
		"DueOrganizations": "ids alone", "DuePeople": "for one organization, by the worker", "PutDueLists": "the worker's", "TakeDueMail": "the worker's", "MailSent": "the worker's",
		"MailFailed": "the worker's", "ForgetFormKeys": "the worker's",
	}
}

// visits are the ways to ask for what is the other organization's.
type visit struct {
	name  string
	ids   map[string]string // of what the parameters name
	acc   func(w *tenants) readmodel.Access
	moved bool
}

func visits(w *tenants) []visit {
	access := func(organization, project string) func(*tenants) readmodel.Access {
		return func(w *tenants) readmodel.Access {
			return readmodel.Access{
				Token: w.token, Organization: id.Organization(uuid.MustParse(organization)), Project: id.Project(uuid.MustParse(project)), Now: w.now,
				May: func(*readmodel.Caller) error { return nil },
			}
		}
	}
	return []visit{
		{"their rows from our project", w.theirs.IDs, access(w.ours.Organization, w.ours.Project), false},
		{"their organization by our session", w.theirs.IDs, access(w.theirs.Organization, w.theirs.Project), false},
		{"their project under our organization", w.theirs.IDs, access(w.ours.Organization, w.theirs.Project), false},
		// Statements that name their organization, in a transaction of ours.
		{"past the statements' own conditions", w.theirs.IDs, access(w.theirs.Organization, w.theirs.Project), true},
	}
}

// maker makes a parameter of any type, naming rows by their ids.
type maker struct {
	acc readmodel.Access
	ids map[string]string
	now time.Time
	// wish says how enumerations are chosen.
	person string
}

func (m *maker) idOf(kind string) [16]byte {
	word := map[string]string{
		"organization": "organization", "project": "project", "finding": "finding", "task": "task", "comment": "comment", "evidence": "evidence", "file": "stored",
		"appointment": "appointment", "waiver": "waiver", "candidate": "candidate", "engagement": "engagement", "nonconformity": "nonconformity", "row": "item",
		"invitation": "invitation",
	}[kind]
	if kind == "person" {
		return uuid.MustParse(m.person)
	}
	if v, ok := m.ids[word]; ok {
		return uuid.MustParse(v)
	}
	return uuid.Must(uuid.NewV7())
}

// value makes a value of a type; field is the name of the field that it is for.
func (m *maker) value(typ reflect.Type, field string) reflect.Value {
	out := reflect.New(typ).Elem()
	switch {
	case typ == reflect.TypeFor[readmodel.Access]():
		return reflect.ValueOf(m.acc)
	case typ == reflect.TypeFor[context.Context]():
		return reflect.ValueOf(context.Background())
	case typ == reflect.TypeFor[time.Time]():
		return reflect.ValueOf(m.now)
	case typ == reflect.TypeFor[civil.Date]():
		return reflect.ValueOf(civil.MustParse("2026-05-20"))
	case typ == reflect.TypeFor[certification.Step]():
		return reflect.ValueOf(certification.Scope)
	case typ == reflect.TypeFor[task.Priority]():
		return reflect.ValueOf(task.Normal)
	case typ == reflect.TypeFor[task.Move]():
		return reflect.ValueOf(task.Move{Answer: task.Start})
	case typ == reflect.TypeFor[identity.ProjectRole]():
		return reflect.ValueOf(identity.Consultant)
	case typ == reflect.TypeFor[identity.OrganizationRole]():
		return reflect.ValueOf(identity.Member)
	case typ == reflect.TypeFor[assessment.Rating]():
		return reflect.ValueOf(assessment.Conforms)
	case typ == reflect.TypeFor[assessment.Severity]():
		return reflect.ValueOf(assessment.Minor)
	case typ == reflect.TypeFor[scope.Extent]():
		return reflect.ValueOf(scope.Limited)
	case typ == reflect.TypeFor[readmodel.TaskFilter](), typ == reflect.TypeFor[readmodel.AssessmentQuery](), typ == reflect.TypeFor[readmodel.FindingQuery](), typ == reflect.TypeFor[[]byte]():
		return out // no filter shows the most
	}
	if typ.Kind() == reflect.Array && typ.Elem().Kind() == reflect.Uint8 && typ.Len() == 16 {
		name := typ.String() // id.ID[waymark/internal/domain/id.taskKind]
		kind := strings.TrimSuffix(name[strings.LastIndex(name, ".")+1:], "Kind]")
		out.Set(reflect.ValueOf(m.idOf(kind)).Convert(typ))
		return out
	}
	switch typ.Kind() {
	case reflect.String:
		out.SetString(textOf(field))
	case reflect.Int, reflect.Int32, reflect.Int64:
		out.SetInt(1)
	case reflect.Bool:
		out.SetBool(true)
	case reflect.Pointer:
		out.Set(reflect.New(typ.Elem()))
		out.Elem().Set(m.value(typ.Elem(), field))
	case reflect.Slice:
		out.Set(reflect.Append(out, m.value(typ.Elem(), field)))
	case reflect.Struct:
		for i := range typ.NumField() {
			if typ.Field(i).IsExported() && typ.Field(i).Name != "File" {
				out.Field(i).Set(m.value(typ.Field(i).Type, typ.Field(i).Name))
			}
		}
	case reflect.Func:
		out.Set(reflect.MakeFunc(typ, func([]reflect.Value) []reflect.Value {
			results := make([]reflect.Value, typ.NumOut())
			for i := range results {
				results[i] = reflect.Zero(typ.Out(i))
				if typ.Out(i).Kind() == reflect.Struct {
					results[i] = m.value(typ.Out(i), "")
				}
			}
			return results
		}))
	default:
	}
	return out
}

// textOf is a word that a field takes.
func textOf(field string) string {
	words := map[string]string{
		"CheckID": "4.1-a", "Check": "4.1-a", "Kind": "unit", "Role": "staff", "Channel": "mail", "Grade": "minor", "Clause": "4.1", "Mode": "self", "Consultant": "none",
		"Edition": "iso20000-1-2018", "Language": "en", "TimeZone": "UTC",
	}
	if word, ok := words[field]; ok {
		return word
	}
	return "4.1-a" // a check, where a parameter has no name
}

// crossed calls a method and says what came across.
func (w *tenants) crossed(m reflect.Method, v visit) (problem string, failed error) {
	acc := v.acc(w)
	mk := &maker{acc: acc, ids: v.ids, now: w.now, person: w.theirs.Manager}
	args := []reflect.Value{reflect.ValueOf(w.store)}
	for i := 1; i < m.Type.NumIn(); i++ {
		args = append(args, mk.value(m.Type.In(i), ""))
	}
	w.moved.on = v.moved
	results := m.Func.Call(args)
	w.moved.on = false
	for _, r := range results {
		if err, ok := r.Interface().(error); ok {
			failed = err
		}
		if shown := fmt.Sprintf("%+v", deep(r)); strings.Contains(shown, tenantMarker) {
			return "gave " + shown[max(strings.Index(shown, tenantMarker)-80, 0):], failed
		}
	}
	return "", failed
}

// deep writes a value down with what it points to.
func deep(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return deep(v.Elem())
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			if v.CanInterface() && v.Kind() == reflect.Slice {
				return string(v.Bytes())
			}
			return nil
		}
		var out []any
		for i := range v.Len() {
			out = append(out, deep(v.Index(i)))
		}
		return out
	case reflect.Map:
		var out []any
		for _, k := range v.MapKeys() {
			out = append(out, deep(k), deep(v.MapIndex(k)))
		}
		return out
	case reflect.Struct:
		if strings.HasPrefix(v.Type().PkgPath(), "waymark/internal/domain/standard") || v.Type() == reflect.TypeFor[time.Time]() {
			return nil
		}
		var out []any
		for i := range v.NumField() {
			out = append(out, deep(v.Field(i)))
		}
		return out
	case reflect.String:
		return v.String()
	default:
		return nil
	}
}

func methods() []reflect.Method {
	var out []reflect.Method
	typ := reflect.TypeFor[*postgres.DB]()
	for i := range typ.NumMethod() {
		out = append(out, typ.Method(i))
	}
	return out
}

// TestStoreKeepsOrganizationsApart calls every method of the store with a
// session of Halden and parameters of the other organization: nothing of it is
// read, nothing of it is written (S2). A new method is called like all others.
func TestStoreKeepsOrganizationsApart(t *testing.T) {
	t.Parallel()
	for name := range apart() {
		require.True(t, slices.ContainsFunc(methods(), func(m reflect.Method) bool { return m.Name == name }), "%s is gone", name)
	}
	called, through := 0, 0
	proved := proving()
	w := newTenants(t)
	before := pgtest.Contents(t, w.db.Owner(t), w.theirs.Organization)
	for i, m := range methods() {
		if _, ok := apart()[m.Name]; ok {
			continue
		}
		require.Equal(t, reflect.TypeFor[readmodel.Access](), m.Type.In(2), "%s takes no access: say in apart() why", m.Name)
		if m.Name == "DeleteOrganization" || m.Name == "CloseSession" || m.Name == "CloseAllSessions" || m.Name == "DeleteProject" {
			continue // ends what the others need: below
		}
		for _, v := range visits(w) {
			problem, err := w.crossed(m, v)
			require.Empty(t, problem, "%s: %s", m.Name, v.name)
			called++
			if err == nil {
				through++
			}
		}
		if proved || i%16 == 0 { // to name the method that wrote
			require.Equal(t, before, pgtest.Contents(t, w.db.Owner(t), w.theirs.Organization), m.Name)
		}
	}
	require.Equal(t, before, pgtest.Contents(t, w.db.Owner(t), w.theirs.Organization))
	for _, name := range []string{"DeleteProject", "DeleteOrganization", "CloseAllSessions", "CloseSession"} {
		m, ok := reflect.TypeFor[*postgres.DB]().MethodByName(name)
		require.True(t, ok)
		for i := range visits(w) {
			w := newTenants(t)
			before := pgtest.Contents(t, w.db.Owner(t), w.theirs.Organization)
			problem, _ := w.crossed(m, visits(w)[i])
			require.Empty(t, problem, name)
			require.Equal(t, before, pgtest.Contents(t, w.db.Owner(t), w.theirs.Organization), name)
		}
	}
	require.Greater(t, called, 300)
	t.Logf("%d calls, %d without an error", called, through)
}

// TestStoreReadsItsOwn shows that the calls above are no empty gesture: with
// parameters of its own the same methods do give and change something.
func TestStoreReadsItsOwn(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	own, pages := 0, 0
	for _, m := range methods() {
		if _, ok := apart()[m.Name]; ok || strings.HasPrefix(m.Name, "Delete") || strings.HasPrefix(m.Name, "Close") || m.Name == "RemovePerson" || strings.HasPrefix(m.Name, "Archive") {
			continue
		}
		if _, err := w.crossed(m, visit{ids: w.ours.IDs, acc: visits(w)[0].acc}); err == nil {
			own++
		}
		if m.Type.NumOut() > 2 {
			pages++
		}
	}
	require.Greater(t, own, pages, "the parameters fit too few methods")
	t.Logf("%d methods went through with parameters of their own", own)
}

// TestStoreWithoutWallLeaks is the control: with one table's wall gone, the
// same calls find it, in reading and in writing.
func TestStoreWithoutWallLeaks(t *testing.T) {
	t.Parallel()
	for table, method := range map[string]string{"finding": "FindingsPage", "task": "TaskList", "awareness": "AwarenessPage"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			w := newTenants(t)
			m, ok := reflect.TypeFor[*postgres.DB]().MethodByName(method)
			require.True(t, ok)
			past := visits(w)[3]
			// A page ends where its project is not found, so that wall falls too.
			problem, _ := w.crossed(m, past)
			require.Empty(t, problem)
			for _, fallen := range []string{"project", "organization", table} {
				_, err := w.db.Superuser(t).Exec(t.Context(), `ALTER TABLE `+fallen+` DISABLE ROW LEVEL SECURITY`)
				require.NoError(t, err)
			}
			problem, _ = w.crossed(m, past)
			require.NotEmpty(t, problem)
		})
	}
}
