package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

// Invite keeps an invitation and its mail, which write makes from who invites.
// An older open invitation of the same address to the same place is withdrawn:
// one link works at a time. Whoever is there already is an invalid answer.
func (db *DB) Invite(ctx context.Context, acc readmodel.Access, in readmodel.NewInvitation, write func(*readmodel.Caller) (readmodel.NewMail, error)) (string, error) {
	args := pgx.NamedArgs{
		"organization": acc.Organization, "project": nullable(acc.Project), "email": in.Email.String(),
		"role": in.ProjectRole.String(),
	}
	var there struct{ Member, Holds bool }
	return db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			b.Queue(`
				SELECT EXISTS (SELECT 1 FROM membership m
				        WHERE m.organization_id = @organization AND lower(m.email) = lower(@email) AND m.removed_at IS NULL) AS member,
				       EXISTS (SELECT 1 FROM project_role r
				         JOIN membership m ON m.organization_id = r.organization_id AND m.person_id = r.person_id
				        WHERE r.organization_id = @organization AND r.project_id = @project AND r.role = @role
				          AND lower(m.email) = lower(@email) AND m.removed_at IS NULL
				          AND (r.until_on IS NULL OR r.until_on >=
				               (SELECT (@now::timestamptz AT TIME ZONE o.time_zone)::date FROM organization o WHERE o.id = @organization))) AS holds`,
				with(args, "now", acc.Now)).Query(one(&there))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			if c.OrganizationGone || c.ProjectGone {
				return archived()
			}
			switch {
			case in.OrganizationRole == identity.Owner && !c.Owner():
				return fault.Forbidden
			case !in.UntilOn.IsZero() && in.UntilOn.Before(c.Today()):
				return fault.InvalidField("until", "identity.invitation.until_past")
			case acc.Project.IsZero() && there.Member:
				return fault.InvalidField("email", "identity.invitation.member_already")
			case there.Holds:
				return fault.InvalidField("email", "identity.invitation.role_already")
			}
			mail, err := write(c)
			if err != nil {
				return err
			}
			w.Queue(`
				UPDATE invitation SET withdrawn_at = @now
				 WHERE organization_id = @organization AND lower(email) = lower(@email)
				   AND project_id IS NOT DISTINCT FROM @project AND project_role IS NOT DISTINCT FROM nullif(@role, '')
				   AND accepted_at IS NULL AND withdrawn_at IS NULL`, with(args, "now", acc.Now))
			w.Queue(`
				INSERT INTO invitation (organization_id, id, token_hash, email, name, organization_role, project_id, project_role,
				                        until_on, invited_by, created_at, expires_at)
				VALUES (@organization, @id, @token, @email, @name, @organization_role, @project, nullif(@role, ''),
				        @until, @person, @now, @expires)`,
				with(args, "id", in.ID, "token", in.TokenHash[:], "name", in.Name, "organization_role", in.OrganizationRole,
					"until", in.UntilOn, "person", c.Person, "now", acc.Now, "expires", in.ExpiresAt))
			w.putMail(mail, acc.Now)
			w.Event(acc.Project, "person.invited", in.ID.String(), roleData(in.OrganizationRole.String(), in.ProjectRole.String()))
			w.Result = in.ID.String()
			return nil
		},
	})
}

// with is the arguments and some more.
func with(args pgx.NamedArgs, pairs ...any) pgx.NamedArgs {
	out := pgx.NamedArgs{}
	for k, v := range args {
		out[k] = v
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		out[name] = pairs[i+1]
	}
	return out
}

// roleData is what an event tells of the role that somebody was asked to take:
// the one in the project, else the one in the organization.
func roleData(organization, project string) map[string]any {
	if project != "" {
		return map[string]any{"role": project}
	}
	return map[string]any{"role": organization}
}

// WithdrawInvitation makes an invitation's link useless. One that is not in the
// organization, or of another project than the one asked in, is
// fault.NotFound; one that was accepted already is fault.Conflict.
func (db *DB) WithdrawInvitation(ctx context.Context, acc readmodel.Access, invitation id.Invitation) error {
	var row struct{ Accepted, Withdrawn bool }
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			b.Queue(`
				SELECT accepted_at IS NOT NULL AS accepted, withdrawn_at IS NOT NULL AS withdrawn FROM invitation
				 WHERE organization_id = @organization AND id = @id AND (@project::uuid IS NULL OR project_id = @project) FOR UPDATE`,
				pgx.NamedArgs{"organization": acc.Organization, "project": nullable(acc.Project), "id": invitation}).Query(one(&row))
		},
		decide: func(_ *readmodel.Caller, w *writes) error {
			switch {
			case row.Accepted:
				return fault.Conflict
			case row.Withdrawn:
				return nil
			}
			w.Must(`UPDATE invitation SET withdrawn_at = @now WHERE organization_id = @organization AND id = @id`,
				pgx.NamedArgs{"organization": acc.Organization, "id": invitation, "now": acc.Now})
			w.Event(acc.Project, "invitation.withdrawn", invitation.String(), nil)
			return nil
		},
	})
	return err
}

const invitationSQL = `
	SELECT id, organization_id, organization_name, organization_language, email, name, organization_role,
	       project_id, project_name, project_role, until_on, invited_by_name, has_account
	  FROM invitation_open(@token, @now)`

// InvitationPage reads what a link invites to, and who is signed in, where
// anybody is. A link that was used, withdrawn, has expired or never was is
// fault.NotFound.
func (db *DB) InvitationPage(ctx context.Context, acc readmodel.Access, token [32]byte) (readmodel.InvitationPage, error) {
	var p readmodel.InvitationPage
	if acc.Token != [32]byte{} {
		reader, err := db.Caller(ctx, acc)
		switch {
		case err == nil:
			p.Reader = &reader
		case fault.Of(err) != fault.Unauthorized:
			return p, err
		}
	}
	err := db.asked(ctx, invitationSQL, pgx.NamedArgs{"token": token[:], "now": acc.Now}, one(&p.Invitation))
	return p, err
}

// JoinAs lets the caller join by an invitation to their own address. One for
// another address is fault.Forbidden.
func (db *DB) JoinAs(ctx context.Context, acc readmodel.Access, token [32]byte) (readmodel.Invitation, error) {
	var c readmodel.Caller
	var i readmodel.Invitation
	var open bool
	err := db.transact(ctx,
		func(b *pgx.Batch) {
			queueSession(b, acc, &c)
			lockInvitation(b, token, acc.Now, &i, &open)
		},
		func(w *writes) error {
			switch {
			case !open:
				return fault.NotFound
			case !i.IsFor(c.Email):
				return fault.Forbidden
			}
			w.accept(i, member{person: c.Person, name: c.Name, email: c.Email, language: orNull(c.Language)}, acc.Now)
			return w.queueEvents(i.OrganizationID, c.Person, acc.Now)
		})
	return i, err
}

// JoinAsNew makes a person for the address of an invitation, who joins by it
// and is signed in. Where the address signs in already it is fault.Exists.
func (db *DB) JoinAsNew(ctx context.Context, token [32]byte, in readmodel.NewPerson, session readmodel.NewSession, now time.Time) (readmodel.Invitation, error) {
	var i readmodel.Invitation
	var open bool
	err := db.transact(ctx,
		func(b *pgx.Batch) { lockInvitation(b, token, now, &i, &open) },
		func(w *writes) error {
			switch {
			case !open:
				return fault.NotFound
			case i.HasAccount:
				return fault.Exists
			}
			in.Email = identity.Email(i.Email)
			w.actAs(in.ID)
			w.createPerson(in, now)
			w.accept(i, member{person: in.ID, name: in.Name, email: i.Email, language: orNull(in.Language)}, now)
			w.openSession(in.ID, session, now)
			return w.queueEvents(i.OrganizationID, in.ID, now)
		})
	return i, taken(err)
}

// lockInvitation reads what a link invites to and locks it, so that it works
// once: open is false for whoever comes a moment too late.
func lockInvitation(b *pgx.Batch, token [32]byte, now time.Time, into *readmodel.Invitation, open *bool) {
	args := pgx.NamedArgs{"token": token[:], "now": now}
	b.Queue(invitationSQL, args).Query(one(into))
	b.Queue(`
		SELECT accepted_at IS NULL AND withdrawn_at IS NULL FROM invitation
		 WHERE organization_id = (SELECT nullif(current_setting('app.org', true), '')::uuid) AND token_hash = @token FOR UPDATE`, args).
		Query(first(open))
}

// accept queues that a person joins by an invitation, which must be locked.
func (w *writes) accept(i readmodel.Invitation, m member, now time.Time) {
	m.organization = i.OrganizationID
	m.role, _ = identity.ParseOrganizationRole(i.OrganizationRole)
	w.Must(`
		UPDATE invitation SET accepted_at = @now, accepted_by = @person
		 WHERE organization_id = @organization AND id = @id`,
		pgx.NamedArgs{"organization": i.OrganizationID, "id": i.ID, "person": m.person, "now": now})
	if i.ProjectID != nil {
		m.project, m.projectRole = *i.ProjectID, deref(i.ProjectRole)
	}
	w.join(m, now)
	if i.ProjectID == nil {
		return
	}
	w.Queue(`
		INSERT INTO project_role (organization_id, project_id, person_id, role, until_on, created_at)
		VALUES (@organization, @project, @person, @role, @until, @now)
		ON CONFLICT (organization_id, project_id, person_id, role) DO UPDATE SET until_on = excluded.until_on`,
		pgx.NamedArgs{
			"organization": i.OrganizationID, "project": *i.ProjectID, "person": m.person, "role": deref(i.ProjectRole),
			"until": i.UntilOn, "now": now,
		})
}

// member is somebody who joins an organization, and perhaps a project of it.
type member struct {
	organization id.Organization
	person       id.Person
	role         identity.OrganizationRole
	name, email  string
	language     *string
	project      id.Project
	projectRole  string
}

// join queues a membership: a new one, a removed one restored, or one that
// stands, which never loses its ownership by this.
func (w *writes) join(m member, now time.Time) {
	w.Queue(`
		INSERT INTO membership AS m (organization_id, person_id, role, name, email, language, created_at)
		VALUES (@organization, @person, @role, @name, @email, @language, @now)
		ON CONFLICT (organization_id, person_id) DO UPDATE
		   SET role = CASE WHEN m.removed_at IS NULL AND m.role = 'owner' THEN 'owner' ELSE excluded.role END,
		       removed_at = NULL, name = excluded.name, email = excluded.email, language = excluded.language,
		       version = m.version + 1`,
		pgx.NamedArgs{
			"organization": m.organization, "person": m.person, "role": m.role, "name": m.name, "email": m.email,
			"language": m.language, "now": now,
		})
	data := roleData(m.role.String(), m.projectRole)
	w.Event(m.project, "person.joined", m.person.String(), data)
}
