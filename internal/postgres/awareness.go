package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

const (
	awarenessSQL = `SELECT objectives, advantages, approach, version FROM awareness WHERE organization_id = @organization AND project_id = @project`
	audiencesSQL = `SELECT id, name, version FROM audience WHERE organization_id = @organization AND project_id = @project ORDER BY created_at, id`
	toldSQL      = `
		SELECT k.id, k.audience_id AS audience, k.channel, k.held_on, k.proof, n.name, k.version
		  FROM communication k JOIN membership n ON n.organization_id = k.organization_id AND n.person_id = k.person_id
		 WHERE k.organization_id = @organization AND k.project_id = @project ORDER BY k.held_on DESC, k.id DESC LIMIT 500`
	sponsorsSQL = `
		SELECT n.person_id AS person, n.name, n.email
		  FROM project_role r JOIN membership n ON n.organization_id = r.organization_id AND n.person_id = r.person_id
		 WHERE r.organization_id = @organization AND r.project_id = @project AND r.role = 'sponsor' ORDER BY n.name`
)

// AwarenessPage reads the page of step 1.
func (db *DB) AwarenessPage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.AwarenessPage, error) {
	var s stepPage
	var p readmodel.AwarenessPage
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		s.queue(b, acc, certification.Awareness)
		b.Queue(awarenessSQL, where(acc)).Query(maybe(&p.Awareness))
		b.Queue(audiencesSQL, where(acc)).Query(collect(&p.Audiences))
		b.Queue(toldSQL, where(acc)).Query(collect(&p.Communications))
		b.Queue(sponsorsSQL, where(acc)).Query(collect(&p.Sponsors))
		queueApprovals(b, acc, "mandate", &p.Mandate)
	})
	if err != nil {
		return frame, p, err
	}
	p.StepPage = s.model(acc)
	return frame, p, nil
}

// SaveAwareness stores the objectives, advantages and approach. The texts are
// frozen with the mandate while the step is finished.
func (db *DB) SaveAwareness(ctx context.Context, acc readmodel.Access, in readmodel.Awareness) error {
	var stored readmodel.Awareness
	_, err := db.write(ctx, acc, fact{
		step: certification.Awareness, kind: certification.Frozen,
		read: func(b *pgx.Batch) {
			stored = readmodel.Awareness{}
			b.Queue(awarenessSQL+` FOR UPDATE`, where(acc)).Query(maybe(&stored))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			write, err := edit{from: in.Version, now: stored.Version, fields: []edited{
				{"objectives", in.Objectives, stored.Objectives},
				{"advantages", in.Advantages, stored.Advantages},
				{"approach", in.Approach, stored.Approach},
			}}.judge()
			if !write {
				return err
			}
			args := where(acc)
			args["objectives"], args["advantages"], args["approach"] = in.Objectives, in.Advantages, in.Approach
			args["person"], args["version"] = c.Person, stored.Version
			w.Must(`
				INSERT INTO awareness (organization_id, project_id, objectives, advantages, approach, updated_by, updated_at)
				VALUES (@organization, @project, @objectives, @advantages, @approach, @person, @now)
				ON CONFLICT (organization_id, project_id) DO UPDATE
				   SET objectives = excluded.objectives, advantages = excluded.advantages, approach = excluded.approach,
				       updated_by = excluded.updated_by, updated_at = excluded.updated_at, version = awareness.version + 1
				 WHERE awareness.version = @version`, args)
			w.Event(acc.Project, "awareness.saved", "awareness", map[string]any{"version": stored.Version + 1})
			return nil
		},
	})
	return err
}

// AddAudience adds a group of people who must hear of the project.
func (db *DB) AddAudience(ctx context.Context, acc readmodel.Access, audience id.Row, name string) error {
	_, err := db.write(ctx, acc, fact{
		step: certification.Awareness, kind: certification.Living,
		decide: func(_ *readmodel.Caller, w *writes) error {
			args := where(acc)
			args["id"], args["name"] = audience, name
			w.Queue(`
				INSERT INTO audience (organization_id, project_id, id, name, created_at)
				VALUES (@organization, @project, @id, @name, @now)`, args)
			w.Event(acc.Project, "audience.added", "awareness", map[string]any{"name": name})
			w.Result = audience.String()
			return nil
		},
	})
	return err
}

// RemoveAudience removes a group that nobody has told yet. A group that was
// told stays, with its proof: fault.Exists.
func (db *DB) RemoveAudience(ctx context.Context, acc readmodel.Access, audience id.Row) error {
	var found struct {
		Name string
		Told int
	}
	args := where(acc)
	args["id"] = audience
	_, err := db.write(ctx, acc, fact{
		step: certification.Awareness, kind: certification.Living,
		read: func(b *pgx.Batch) {
			b.Queue(`SELECT d.name, (SELECT count(*) FROM communication k WHERE k.organization_id = d.organization_id
			           AND k.project_id = d.project_id AND k.audience_id = d.id) AS told
			           FROM audience d WHERE d.organization_id = @organization AND d.project_id = @project AND d.id = @id FOR UPDATE`, args).
				Query(one(&found))
		},
		decide: func(_ *readmodel.Caller, w *writes) error {
			if found.Told > 0 {
				return fault.InvalidField("", "awareness.audience.told")
			}
			w.Must(`DELETE FROM audience WHERE organization_id = @organization AND project_id = @project AND id = @id`, args)
			w.Event(acc.Project, "audience.removed", "awareness", map[string]any{"name": found.Name})
			return nil
		},
	})
	return err
}

// AddCommunication records that an audience was told, with date and proof.
func (db *DB) AddCommunication(ctx context.Context, acc readmodel.Access, in readmodel.Communication) error {
	var audience struct{ Name string }
	args := where(acc)
	args["id"], args["audience"], args["channel"], args["held"], args["proof"] = in.ID, in.Audience, in.Channel, in.HeldOn, in.Proof
	_, err := db.write(ctx, acc, fact{
		step: certification.Awareness, kind: certification.Living,
		read: func(b *pgx.Batch) {
			b.Queue(`SELECT name FROM audience WHERE organization_id = @organization AND project_id = @project AND id = @audience FOR SHARE`, args).
				Query(one(&audience))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			args["person"] = c.Person
			w.Queue(`
				INSERT INTO communication (organization_id, project_id, id, audience_id, channel, held_on, proof, person_id, created_at)
				VALUES (@organization, @project, @id, @audience, @channel, @held, @proof, @person, @now)`, args)
			w.Event(acc.Project, "audience.told", "awareness", map[string]any{"name": audience.Name, "channel": in.Channel, "on": in.HeldOn.String()})
			w.Result = in.ID.String()
			return nil
		},
	})
	return err
}

// SignMandate records the sponsor's signature under the texts as they stand:
// version is the one that was in front of the signer.
func (db *DB) SignMandate(ctx context.Context, acc readmodel.Access, signature id.Row, version int) error {
	return db.approveStep(ctx, acc, signature, approving{criterion: "1.4", subject: "mandate", version: version,
		stored: func(l *loaded) int { return l.facts.AwareVersion }})
}
