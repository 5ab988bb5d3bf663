package postgres

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/scope"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

const (
	scopeSQL = `SELECT extent, name, statement, people, version FROM scope WHERE organization_id = @organization AND project_id = @project`
	itemsSQL = `
		SELECT id, kind, name, included, reason, country, people, central, customer_kind, version
		  FROM scope_item WHERE organization_id = @organization AND project_id = @project`
	confirmationsSQL = `
		SELECT f.subject, f.held_on, f.evidence, n.name, f.at, f.version
		  FROM confirmation f JOIN membership n ON n.organization_id = f.organization_id AND n.person_id = f.person_id
		  JOIN project j ON j.organization_id = f.organization_id AND j.id = f.project_id AND j.cycle = f.cycle
		 WHERE f.organization_id = @organization AND f.project_id = @project AND f.withdrawn_at IS NULL`
	// A change of an item is a change of the scope: the version counts it.
	touchScopeSQL = `
		INSERT INTO scope (organization_id, project_id, updated_by, updated_at)
		VALUES (@organization, @project, @person, @now)
		ON CONFLICT (organization_id, project_id) DO UPDATE
		   SET version = scope.version + 1, updated_by = excluded.updated_by, updated_at = excluded.updated_at`
	// maxScopeItems bounds what one page shows and one form may add to.
	maxScopeItems = 500
)

// ScopePage reads the page of step 2.
func (db *DB) ScopePage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.ScopePage, error) {
	var s stepPage
	var p readmodel.ScopePage
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		s.queue(b, acc, certification.Scope)
		b.Queue(scopeSQL, where(acc)).Query(maybe(&p.Scope))
		b.Queue(itemsSQL+` ORDER BY kind, created_at, id`, where(acc)).Query(collect(&p.Items))
		b.Queue(confirmationsSQL, where(acc)).Query(collect(&p.Confirmations))
		queueApprovals(b, acc, "scope", &p.Approvals)
	})
	if err != nil {
		return frame, p, err
	}
	p.StepPage = s.model(acc)
	p.Violations = scope.Broken(s.loaded.facts.definition(), scope.DefaultLimits())
	return frame, p, nil
}

// SaveScope stores extent, name, statement and number of people.
func (db *DB) SaveScope(ctx context.Context, acc readmodel.Access, in readmodel.Scope) error {
	var stored readmodel.Scope
	_, err := db.write(ctx, acc, fact{
		step: certification.Scope, kind: certification.Frozen,
		read: func(b *pgx.Batch) {
			stored = readmodel.Scope{}
			b.Queue(scopeSQL+` FOR UPDATE`, where(acc)).Query(maybe(&stored))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			write, err := edit{from: in.Version, now: stored.Version, fields: []edited{
				{"extent", in.Extent.String(), stored.Extent.String()},
				{"name", in.Name, stored.Name},
				{"statement", in.Statement, stored.Statement},
				{"people", number(in.People), number(stored.People)},
			}}.judge()
			if !write {
				return err
			}
			args := where(acc)
			args["extent"], args["name"], args["statement"], args["people"] = in.Extent, in.Name, in.Statement, in.People
			args["person"], args["version"] = c.Person, stored.Version
			w.Must(`
				INSERT INTO scope (organization_id, project_id, extent, name, statement, people, updated_by, updated_at)
				VALUES (@organization, @project, @extent, @name, @statement, @people, @person, @now)
				ON CONFLICT (organization_id, project_id) DO UPDATE
				   SET extent = excluded.extent, name = excluded.name, statement = excluded.statement, people = excluded.people,
				       updated_by = excluded.updated_by, updated_at = excluded.updated_at, version = scope.version + 1
				 WHERE scope.version = @version`, args)
			w.Event(acc.Project, "scope.saved", "scope", map[string]any{"version": stored.Version + 1})
			return nil
		},
	})
	return err
}

// number writes an optional number as a form shows it.
func number(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// AddScopeItem adds a unit, service, location or customer.
func (db *DB) AddScopeItem(ctx context.Context, acc readmodel.Access, in readmodel.ScopeItem) error {
	var held struct{ N int }
	_, err := db.write(ctx, acc, fact{
		step: certification.Scope, kind: certification.Frozen,
		read: func(b *pgx.Batch) {
			b.Queue(`SELECT count(*) AS n FROM scope_item WHERE organization_id = @organization AND project_id = @project`, where(acc)).Query(one(&held))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			if held.N >= maxScopeItems {
				return fault.InvalidField("item_name", "scope.item.too_many", "n", maxScopeItems)
			}
			args := itemArgs(acc, in, c.Person)
			w.Queue(`
				INSERT INTO scope_item (organization_id, project_id, id, kind, name, included, reason, country, people, central, customer_kind, created_at)
				VALUES (@organization, @project, @id, @kind, @name, @included, @reason, @country, @people, @central, @customer, @now)`, args)
			w.Queue(touchScopeSQL, args)
			w.Event(acc.Project, "scope_item.added", "scope", map[string]any{"kind": in.Kind, "name": in.Name, "included": in.Included})
			w.Result = in.ID.String()
			return nil
		},
	})
	return err
}

func itemArgs(acc readmodel.Access, in readmodel.ScopeItem, person id.Person) pgx.NamedArgs {
	args := where(acc)
	args["id"], args["kind"], args["name"], args["included"], args["reason"] = in.ID, in.Kind, in.Name, in.Included, in.Reason
	args["country"], args["people"], args["central"], args["customer"], args["person"] = in.Country, in.People, in.Central, in.CustomerKind, person
	return args
}

// ScopeItemPage reads one item for its edit page.
func (db *DB) ScopeItemPage(ctx context.Context, acc readmodel.Access, item id.Row) (readmodel.Frame, readmodel.ScopeItem, error) {
	var i readmodel.ScopeItem
	args := where(acc)
	args["id"] = item
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		b.Queue(itemsSQL+` AND id = @id`, args).Query(one(&i))
	})
	return frame, i, err
}

// SaveScopeItem stores an edited item; its kind stays.
func (db *DB) SaveScopeItem(ctx context.Context, acc readmodel.Access, in readmodel.ScopeItem) error {
	var stored readmodel.ScopeItem
	args := where(acc)
	args["id"] = in.ID
	_, err := db.write(ctx, acc, fact{
		step: certification.Scope, kind: certification.Frozen,
		read: func(b *pgx.Batch) { b.Queue(itemsSQL+` AND id = @id FOR UPDATE`, args).Query(one(&stored)) },
		decide: func(c *readmodel.Caller, w *writes) error {
			write, err := edit{from: in.Version, now: stored.Version, fields: []edited{
				{"item_name", in.Name, stored.Name}, {"item_reason", in.Reason, stored.Reason},
				{"item_included", included(in.Included), included(stored.Included)},
				{"item_country", in.Country, stored.Country}, {"item_people", number(in.People), number(stored.People)},
				{"item_central", strconv.FormatBool(in.Central), strconv.FormatBool(stored.Central)},
				{"item_customer", in.CustomerKind.String(), stored.CustomerKind.String()},
			}}.judge()
			if !write {
				return err
			}
			in.Kind = stored.Kind
			args := itemArgs(acc, in, c.Person)
			args["version"] = stored.Version
			w.Must(`
				UPDATE scope_item SET name = @name, included = @included, reason = @reason, country = @country, people = @people,
				       central = @central, customer_kind = @customer, version = version + 1
				 WHERE organization_id = @organization AND project_id = @project AND id = @id AND version = @version`, args)
			w.Queue(touchScopeSQL, args)
			w.Event(acc.Project, "scope_item.saved", "scope", map[string]any{"kind": in.Kind, "name": in.Name, "included": in.Included})
			return nil
		},
	})
	return err
}

func included(in bool) string {
	if in {
		return "in"
	}
	return "out"
}

// RemoveScopeItem removes an item that was entered by mistake.
func (db *DB) RemoveScopeItem(ctx context.Context, acc readmodel.Access, item id.Row) error {
	var stored readmodel.ScopeItem
	args := where(acc)
	args["id"] = item
	_, err := db.write(ctx, acc, fact{
		step: certification.Scope, kind: certification.Frozen,
		read: func(b *pgx.Batch) { b.Queue(itemsSQL+` AND id = @id FOR UPDATE`, args).Query(one(&stored)) },
		decide: func(c *readmodel.Caller, w *writes) error {
			args["person"] = c.Person
			w.Must(`DELETE FROM scope_item WHERE organization_id = @organization AND project_id = @project AND id = @id`, args)
			w.Queue(touchScopeSQL, args)
			w.Event(acc.Project, "scope_item.removed", "scope", map[string]any{"kind": stored.Kind, "name": stored.Name})
			return nil
		},
	})
	return err
}

// ApproveScope records the sponsor's approval of a version of the scope.
func (db *DB) ApproveScope(ctx context.Context, acc readmodel.Access, approval id.Row, version int, note string) error {
	return db.approveStep(ctx, acc, approval, approving{criterion: "2.5", subject: "scope", version: version, note: note,
		stored: func(l *loaded) int { return l.facts.ScopeVersion }})
}
