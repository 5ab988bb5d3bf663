package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

const sessionSQL = `SELECT * FROM session_open(@token, @organization, @project, @now, @idle)`

// caller is the row of session_open.
type caller struct {
	SessionID            id.Session
	PersonID             id.Person
	PersonName           string
	Email                string
	Language             *string
	TimeZone             *string
	Theme                identity.Theme
	Administrator        bool
	Demo                 bool
	OrganizationID       *id.Organization
	OrganizationName     *string
	OrganizationZone     *string
	OrganizationLanguage *string
	OrganizationArchived *bool
	Sample               *bool
	OrganizationRole     *string
	ProjectID            *id.Project
	ProjectName          *string
	ProjectArchived      *bool
	Cycle                *int
	TargetOn             civil.Date
	ProjectRoles         []string
	Appointments         []string
	Clauses              []string
}

func (r caller) model(acc readmodel.Access) readmodel.Caller {
	c := readmodel.Caller{
		Session: r.SessionID, Person: r.PersonID, Name: r.PersonName, Email: r.Email,
		Language: deref(r.Language), TimeZone: deref(r.TimeZone), Theme: r.Theme,
		Administrator: r.Administrator, Demo: r.Demo, Now: acc.Now,
		Clauses: r.Clauses, TargetOn: r.TargetOn,
		OrganizationZone: deref(r.OrganizationZone),
	}
	if r.OrganizationID != nil {
		c.Member = true
		c.Organization, c.OrganizationName = *r.OrganizationID, deref(r.OrganizationName)
		c.OrganizationLang = deref(r.OrganizationLanguage)
		c.OrganizationGone, c.Sample = deref(r.OrganizationArchived), deref(r.Sample)
		c.OrganizationRole, _ = identity.ParseOrganizationRole(deref(r.OrganizationRole))
	}
	if r.ProjectID != nil {
		c.Project, c.ProjectName, c.ProjectGone = *r.ProjectID, deref(r.ProjectName), deref(r.ProjectArchived)
		c.Cycle = deref(r.Cycle)
	}
	for _, word := range r.ProjectRoles {
		if role, ok := identity.ParseProjectRole(word); ok {
			c.Roles = c.Roles.With(role)
		}
	}
	for _, word := range r.Appointments {
		switch word {
		case "chair":
			c.Chair = true
		case "staff":
			c.Staff = true
		}
	}
	return c
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// queueSession puts session_open at the head of a pipeline. Its answer fills c
// and asks whether the caller may; an error there ends the pipeline's reading.
func queueSession(b *pgx.Batch, acc readmodel.Access, c *readmodel.Caller) {
	b.Queue(sessionSQL, pgx.NamedArgs{
		"token": acc.Token[:], "organization": nullable(acc.Organization), "project": nullable(acc.Project),
		"now": acc.Now, "idle": Idle,
	}).Query(func(rows pgx.Rows) error {
		row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[caller])
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.Unauthorized
		}
		if err != nil {
			return err
		}
		*c = row.model(acc)
		if !acc.Organization.IsZero() && !c.Member {
			return fault.NotFound
		}
		if !acc.Project.IsZero() && c.Project.IsZero() {
			return fault.NotFound
		}
		if acc.May == nil {
			return fault.Forbidden
		}
		return acc.May(c)
	})
}

// nullable sends the zero id as NULL.
func nullable[K any](i id.ID[K]) *id.ID[K] {
	if i.IsZero() {
		return nil
	}
	return &i
}

const placesSQL = `
	SELECT organization_id AS organization, organization_name, organization_role, organization_archived AS archived,
	       sample, project_id AS project, project_name, project_archived, project_roles AS roles
	  FROM my_places()`

const countsSQL = `
	SELECT (SELECT count(*) FROM (SELECT 1 FROM finding
	          WHERE organization_id = @organization AND project_id = @project AND closed_at IS NULL LIMIT 1000) f),
	       (SELECT count(*) FROM (SELECT 1 FROM task
	          WHERE organization_id = @organization AND project_id = @project AND state <> 'done' LIMIT 1000) t),
	       (SELECT count(*) FROM (SELECT 1 FROM task
	          WHERE organization_id = @organization AND project_id = @project
	            AND owner_id = (SELECT current_setting('app.person', true)::uuid) AND state <> 'done' LIMIT 1000) m)`

// page reads what a page needs in one round trip: the caller, the frame around
// the page, and whatever fill queues. Nothing that fill queued is looked at
// unless the caller may see it.
func (db *DB) page(ctx context.Context, acc readmodel.Access, fill func(*pgx.Batch)) (readmodel.Frame, error) {
	frame := readmodel.Frame{OpenFindings: -1, OpenTasks: -1, MyTasks: -1}
	b := &pgx.Batch{}
	queueSession(b, acc, &frame.Caller)
	b.Queue(placesSQL).Query(collect(&frame.Places))
	if !acc.Project.IsZero() {
		b.Queue(countsSQL, pgx.NamedArgs{"organization": acc.Organization, "project": acc.Project}).
			QueryRow(func(row pgx.Row) error { return row.Scan(&frame.OpenFindings, &frame.OpenTasks, &frame.MyTasks) })
	}
	if fill != nil {
		fill(b)
	}
	conn, err := db.acquire(ctx)
	if err != nil {
		return frame, err
	}
	defer conn.Release()
	return frame, db.failed("reading a page", conn.SendBatch(ctx, b).Close())
}

// collect reads all rows of a statement into a slice of structs by column name.
func collect[T any](into *[]T) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
		*into = list
		return err
	}
}

// one reads exactly one row into a struct; none is fault.NotFound.
func one[T any](into *T) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.NotFound
		}
		*into = row
		return err
	}
}

// maybe reads one row or none, which leaves into as it is.
func maybe[T any](into *T) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		*into = row
		return err
	}
}

// isClosed tells a connection that broke from an answer of the server.
func isClosed(err error) bool {
	var network *net.OpError
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || strings.Contains(err.Error(), "conn closed")
}
