package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPeopleUseTheirIndexes(t *testing.T) {
	t.Parallel()
	s := newTasks(t)
	s.exec(t, `
		WITH people AS (INSERT INTO person (id, email, name, created_at)
			SELECT gen_random_uuid(), 'p' || n || '@example.org', 'Person ' || n, $2 FROM generate_series(1, 800) n RETURNING *)
		INSERT INTO membership (organization_id, person_id, role, name, email, created_at)
			SELECT $1, id, 'member', name, email, $2 FROM people`, s.Organization, s.now)
	s.fill(t, 1500)
	args := with(where(s.access()), "person", s.Person, "behind", s.Person, "limit", membersOnPage+1)
	for name, sql := range map[string]string{
		"members": membersSQL, "members behind one": membersBehindSQL, "invitations": invitationsSQL,
		"tasks of a member": memberTasksSQL, "appointments of a member": memberAppointmentsSQL, "roles of a member": memberRolesSQL,
		"roles of a project": participantsSQL, "changes of a target": targetChangesSQL,
		"projects": organizationProjectsSQL, "open steps": openStepsSQL,
	} {
		require.NotContains(t, s.plan(t, sql, args), "Seq Scan", name)
	}
	require.Regexp(t, "Index Scan using task_(owner|mine)", s.plan(t, memberTasksSQL, args))
	require.Contains(t, s.plan(t, membersBehindSQL, args), "Index Scan using membership_name")
	require.NotContains(t, s.plan(t, membersBehindSQL, args), "Sort", "the index gives the order")

	// The control: without its index the order has to be made.
	s.exec(t, `DROP INDEX membership_name`)
	require.Contains(t, s.plan(t, membersBehindSQL, args), "Sort")
}
