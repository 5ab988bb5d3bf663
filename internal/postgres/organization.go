package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

const (
	homeSQL = `
		SELECT organization_id AS organization, organization_name, organization_role, organization_archived AS archived, sample,
		       project_id AS project, project_name, project_archived, target_on, project_roles AS roles
		  FROM my_places()`

	// readable limits projects j of the organization to those that the caller
	// may read: all for an owner, else those with a role that has not ended.
	readable = `
		       j.organization_id = @organization
		   AND (EXISTS (SELECT 1 FROM membership m WHERE m.organization_id = @organization AND m.role = 'owner' AND m.removed_at IS NULL
		                   AND m.person_id = (SELECT current_setting('app.person', true)::uuid))
		        OR EXISTS (SELECT 1 FROM project_role r JOIN organization o ON o.id = r.organization_id
		                    WHERE r.organization_id = @organization AND r.project_id = j.id
		                      AND r.person_id = (SELECT current_setting('app.person', true)::uuid)
		                      AND (r.until_on IS NULL OR r.until_on >= (@now::timestamptz AT TIME ZONE o.time_zone)::date)))`

	organizationProjectsSQL = `
		SELECT j.id, j.name, j.target_on, j.archived_at IS NOT NULL AS archived, j.cycle,
		       ARRAY(SELECT r.role FROM project_role r WHERE r.organization_id = j.organization_id AND r.project_id = j.id
		                AND r.person_id = (SELECT current_setting('app.person', true)::uuid) ORDER BY r.role) AS roles
		  FROM project j WHERE` + readable + `
		 ORDER BY j.target_on, j.name, j.id`

	// openStepsSQL reads the acts of all projects at once; which steps are open
	// is then derived as everywhere.
	openStepsSQL = `
		SELECT a.project_id AS project, a.seq, a.step, a.kind, a.person_id AS person, a.at, a.reason
		  FROM project j
		  JOIN step_act a ON a.organization_id = j.organization_id AND a.project_id = j.id AND a.cycle = j.cycle
		 WHERE j.archived_at IS NULL AND` + readable + `
		 ORDER BY a.project_id, a.seq`

	organizationSQL = `
		SELECT name, time_zone, language, archived_at IS NOT NULL AS archived, sample, version
		  FROM organization WHERE id = @organization`

	goesAlongSQL = `
		SELECT ARRAY(SELECT j.name FROM project j WHERE j.organization_id = @organization ORDER BY j.name) AS projects,
		       (SELECT count(*) FROM membership m WHERE m.organization_id = @organization AND m.removed_at IS NULL) AS members,
		       (SELECT count(*) FROM file f WHERE f.organization_id = @organization) AS files`
)

type organizationRow struct {
	Name     string
	TimeZone string
	Language string
	Archived bool
	Sample   bool
	Version  int
}

// archived refuses a change to what is archived.
func archived() error { return certification.Refused{certification.ProjectArchived{}} }

// Home reads every organization and project of a person.
func (db *DB) Home(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.Home, error) {
	var rows []struct {
		Organization     id.Organization
		OrganizationName string
		OrganizationRole string
		Archived         bool
		Sample           bool
		Project          *id.Project
		ProjectName      *string
		ProjectArchived  *bool
		TargetOn         civil.Date
		Roles            []string
	}
	var h readmodel.Home
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) { b.Queue(homeSQL).Query(collect(&rows)) })
	if err != nil {
		return frame, h, err
	}
	for _, r := range rows {
		last := len(h.Organizations) - 1
		if last < 0 || h.Organizations[last].ID != r.Organization {
			h.Organizations = append(h.Organizations, readmodel.HomeOrganization{
				ID: r.Organization, Name: r.OrganizationName, Role: r.OrganizationRole, Archived: r.Archived, Sample: r.Sample,
			})
			last++
		}
		if r.Project != nil {
			o := &h.Organizations[last]
			o.Projects = append(o.Projects, readmodel.HomeProject{
				ID: *r.Project, Name: deref(r.ProjectName), TargetOn: r.TargetOn, Archived: deref(r.ProjectArchived), Roles: r.Roles,
			})
		}
	}
	return frame, h, nil
}

// OrganizationPage reads an organization with the projects that the caller may
// read, and which of their steps are open.
func (db *DB) OrganizationPage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.OrganizationPage, error) {
	var p readmodel.OrganizationPage
	var projects []struct {
		ID       id.Project
		Name     string
		TargetOn civil.Date
		Archived bool
		Cycle    int
		Roles    []string
	}
	var acts []struct {
		Project id.Project
		actRow
	}
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		b.Queue(organizationProjectsSQL, where(acc)).Query(collect(&projects))
		b.Queue(openStepsSQL, where(acc)).Query(collect(&acts))
	})
	if err != nil {
		return frame, p, err
	}
	done := map[id.Project][]certification.Act{}
	for _, a := range acts {
		done[a.Project] = append(done[a.Project], certification.Act(a.actRow))
	}
	for _, j := range projects {
		out := readmodel.OrganizationProject{ID: j.ID, Name: j.Name, TargetOn: j.TargetOn, Archived: j.Archived, Roles: j.Roles}
		if !j.Archived {
			project := certification.NewProject(j.ID, j.Cycle, 0, done[j.ID], nil, certification.Facts{})
			for _, s := range certification.Steps() {
				switch project.Status(s) {
				case certification.Open:
					out.Open = append(out.Open, s)
				case certification.ToConfirm:
					out.Again = append(out.Again, s)
				case certification.Finished, certification.Locked:
				}
			}
		}
		p.Projects = append(p.Projects, out)
	}
	return frame, p, nil
}

// OrganizationSettings reads the settings of an organization.
func (db *DB) OrganizationSettings(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.OrganizationSettings, error) {
	var row organizationRow
	var along struct {
		Projects       []string
		Members, Files int
	}
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		b.Queue(organizationSQL, where(acc)).Query(one(&row))
		b.Queue(goesAlongSQL, where(acc)).Query(one(&along))
	})
	s := readmodel.OrganizationSettings{
		Name: row.Name, TimeZone: row.TimeZone, Language: row.Language, Archived: row.Archived, Sample: row.Sample, Version: row.Version,
	}
	if frame.Caller.Owner() { // what goes with a deletion is nobody else's to count
		s.Projects, s.Members, s.Files = along.Projects, along.Members, along.Files
	}
	return frame, s, err
}

// Frame reads what stands around a page that has no content of its own but a
// form.
func (db *DB) Frame(ctx context.Context, acc readmodel.Access) (readmodel.Frame, error) {
	return db.page(ctx, acc, nil)
}

// CreateOrganization makes an organization that belongs to its creator, and
// answers its id.
func (db *DB) CreateOrganization(ctx context.Context, acc readmodel.Access, in readmodel.NewOrganization) (string, error) {
	made, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) { queueZone(b, acc, in.TimeZone) },
		decide: func(c *readmodel.Caller, w *writes) error {
			w.Queue(`SELECT set_config('app.org', @organization, true)`, pgx.NamedArgs{"organization": in.ID.String()})
			w.Queue(`
				INSERT INTO organization (id, name, time_zone, language, created_at)
				VALUES (@id, @name, @time_zone, @language, @now)`,
				pgx.NamedArgs{"id": in.ID, "name": in.Name, "time_zone": in.TimeZone, "language": in.Language, "now": acc.Now})
			w.Event(id.Project{}, "organization.created", in.ID.String(), map[string]any{"name": in.Name})
			w.join(member{
				organization: in.ID, person: c.Person, role: identity.Owner, name: c.Name, email: c.Email, language: orNull(c.Language),
			}, acc.Now)
			w.Result = in.ID.String()
			// The events belong to the new organization, not to the one of the
			// address, which names none.
			if err := w.queueEvents(in.ID, c.Person, acc.Now); err != nil {
				return err
			}
			w.events = nil
			return nil
		},
	})
	return made, knownZone(err)
}

// queueZone has the database read a time zone: it must know every zone that is
// stored, because it tells the organization's day by it. See knownZone.
func queueZone(b *pgx.Batch, acc readmodel.Access, zone string) {
	b.Queue(`SELECT @now::timestamptz AT TIME ZONE @zone::text`, pgx.NamedArgs{"now": acc.Now, "zone": zone}).Query(drain)
}

// knownZone turns the database's refusal of a time zone into an answer to the
// form.
func knownZone(err error) error {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && pgErr.Code == "22023" { // invalid_parameter_value
		return fault.InvalidField("time_zone", "identity.time_zone_wrong")
	}
	return err
}

// SaveOrganization stores name, time zone and language.
func (db *DB) SaveOrganization(ctx context.Context, acc readmodel.Access, in readmodel.OrganizationSettings) error {
	var stored organizationRow
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			b.Queue(organizationSQL+` FOR NO KEY UPDATE`, where(acc)).Query(one(&stored))
			queueZone(b, acc, in.TimeZone)
		},
		decide: func(_ *readmodel.Caller, w *writes) error {
			if stored.Archived {
				return archived()
			}
			write, err := edit{from: in.Version, now: stored.Version, fields: []edited{
				{"name", in.Name, stored.Name},
				{"time_zone", in.TimeZone, stored.TimeZone},
				{"language", in.Language, stored.Language},
			}}.judge()
			if !write {
				return err
			}
			w.Must(`
				UPDATE organization SET name = @name, time_zone = @time_zone, language = @language, version = version + 1
				 WHERE id = @organization AND version = @version`,
				with(where(acc), "name", in.Name, "time_zone", in.TimeZone, "language", in.Language, "version", stored.Version))
			w.Event(id.Project{}, "organization.settings", acc.Organization.String(),
				map[string]any{"name": in.Name, "time_zone": in.TimeZone, "language": in.Language})
			return nil
		},
	})
	return knownZone(err)
}

// ArchiveOrganization archives an organization or restores it. One that stands
// so already stays.
func (db *DB) ArchiveOrganization(ctx context.Context, acc readmodel.Access, archive bool) error {
	var stored organizationRow
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			b.Queue(organizationSQL+` FOR NO KEY UPDATE`, where(acc)).Query(one(&stored))
		},
		decide: func(_ *readmodel.Caller, w *writes) error {
			if stored.Archived == archive {
				return nil
			}
			kind := "organization.restored"
			if archive {
				kind = "organization.archived"
			}
			w.Must(`
				UPDATE organization SET archived_at = CASE WHEN @archive THEN @now::timestamptz END, version = version + 1
				 WHERE id = @organization`, with(where(acc), "archive", archive))
			w.Event(id.Project{}, kind, acc.Organization.String(), nil)
			return nil
		},
	})
	return err
}

// DeleteOrganization deletes an organization with everything in it but its
// audit trail, where check allows it by its name and whether it is a sample.
// The installation's trail tells of it too.
func (db *DB) DeleteOrganization(ctx context.Context, acc readmodel.Access, check func(name string, sample bool) error) error {
	var stored organizationRow
	var projects []struct{ ID id.Project }
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			// projects before their organization, as everywhere
			b.Queue(`SELECT id FROM project WHERE organization_id = @organization ORDER BY id FOR UPDATE`, where(acc)).Query(collect(&projects))
			b.Queue(organizationSQL+` FOR UPDATE`, where(acc)).Query(one(&stored))
		},
		decide: func(_ *readmodel.Caller, w *writes) error {
			if err := check(stored.Name, stored.Sample); err != nil {
				return err
			}
			// Rows that point to members go before the members, and files after
			// the evidence that points to them.
			for _, sql := range []string{
				`DELETE FROM project WHERE organization_id = @organization`,
				`DELETE FROM file WHERE organization_id = @organization`,
				`DELETE FROM invitation WHERE organization_id = @organization`,
				`DELETE FROM membership WHERE organization_id = @organization`,
			} {
				w.Queue(sql, where(acc))
			}
			w.Must(`DELETE FROM organization WHERE id = @organization`, where(acc))
			data := map[string]any{"name": stored.Name, "projects": len(projects)}
			w.Event(id.Project{}, "organization.deleted", acc.Organization.String(), data)
			w.InstallationEvent("organization.deleted", acc.Organization.String(), data)
			return nil
		},
	})
	return err
}

// CreateProject makes a project, whose creator is its acting project manager,
// and answers its id.
func (db *DB) CreateProject(ctx context.Context, acc readmodel.Access, in readmodel.NewProject) (string, error) {
	var stored organizationRow
	return db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			b.Queue(organizationSQL+` FOR SHARE`, where(acc)).Query(one(&stored))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			if stored.Archived {
				return archived()
			}
			if in.TargetOn.Before(c.Today()) {
				return fault.InvalidField("target_on", "project.target.past")
			}
			args := with(where(acc), "id", in.ID, "name", in.Name, "edition", in.Edition, "target", in.TargetOn, "person", c.Person)
			w.Queue(`
				INSERT INTO project (organization_id, id, name, edition, target_on, created_by, created_at)
				VALUES (@organization, @id, @name, @edition, @target, @person, @now)`, args)
			w.Queue(`
				INSERT INTO project_role (organization_id, project_id, person_id, role, acting, created_at)
				VALUES (@organization, @id, @person, 'project_manager', true, @now)`, args)
			w.Event(in.ID, "project.created", in.ID.String(),
				map[string]any{"name": in.Name, "target": in.TargetOn.String(), "edition": in.Edition})
			w.Result = in.ID.String()
			return nil
		},
	})
}
