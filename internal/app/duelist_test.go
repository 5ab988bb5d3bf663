package app_test

import (
	"context"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"waymark/internal/app"
	"waymark/internal/pgtest"
	"waymark/internal/postgres"
)

// mailed is a due list in the outbox.
type mailed struct {
	Recipient, Language, Subject, BodyText, Kind string
}

// TestDueLists sends the lists of two organizations through a week: each person
// by their own clock, once a day, and nobody who has nothing to do.
func TestDueLists(t *testing.T) {
	t.Parallel()
	fresh := pgtest.New(t)
	owner := fresh.Owner(t)
	exec := func(sql string, args ...any) {
		t.Helper()
		_, err := owner.Exec(context.Background(), sql, args...)
		require.NoError(t, err)
	}
	outbox := func() []mailed {
		rows, err := owner.Query(t.Context(), `SELECT recipient, language, subject, body_text, kind FROM mail WHERE recipient <> 'seen' ORDER BY recipient`)
		require.NoError(t, err)
		list, err := pgx.CollectRows(rows, pgx.RowToStructByName[mailed])
		require.NoError(t, err)
		exec(`UPDATE mail SET recipient = 'seen'`)
		return list
	}
	start := time.Date(2026, 5, 18, 0, 0, 0, 0, time.UTC)
	halden, other := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	project, archived, otherProject := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	exec(`INSERT INTO organization (id, name, time_zone, language, created_at) VALUES ($1, 'Halden', 'Europe/Oslo', 'en', $3), ($2, '海登', 'Asia/Shanghai', 'zh', $3)`, halden, other, start)
	people := map[string]uuid.UUID{}
	person := func(name string, org uuid.UUID, role string, language, zone *string) {
		p, known := people[name]
		if !known {
			p = uuid.Must(uuid.NewV7())
			people[name] = p
			exec(`INSERT INTO person (id, email, name, language, time_zone, created_at) VALUES ($1, $2, $3, $4, $5, $6)`, p, name+"@example.org", name, language, zone, start)
		}
		exec(`INSERT INTO membership (organization_id, person_id, role, name, email, language, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			org, p, role, name, name+"@example.org", language, start)
	}
	zh, shanghai := "zh", "Asia/Shanghai"
	person("ada", halden, "owner", nil, nil)
	person("bo", halden, "member", &zh, &shanghai)
	for _, name := range []string{"idle", "stranded", "gone", "disabled"} {
		person(name, halden, "member", nil, nil)
	}
	person("ada", other, "owner", nil, nil)
	for org, list := range map[uuid.UUID][]uuid.UUID{halden: {project, archived}, other: {otherProject}} {
		for _, p := range list {
			exec(`INSERT INTO project (organization_id, id, name, edition, target_on, created_by, created_at) VALUES ($1, $2, 'Certification', 'iso20000-1-2018', '2026-11-30', $3, $4)`, org, p, people["ada"], start)
		}
	}
	exec(`UPDATE project SET archived_at = $2 WHERE id = $1`, archived, start)
	for _, name := range []string{"bo", "idle", "gone", "disabled"} {
		exec(`INSERT INTO project_role (organization_id, project_id, person_id, role, created_at) VALUES ($1, $2, $3, 'committee_member', $4)`, halden, project, people[name], start)
	}
	exec(`UPDATE membership SET removed_at = $2 WHERE person_id = $1`, people["gone"], start)
	exec(`UPDATE person SET disabled_at = $2 WHERE id = $1`, people["disabled"], start)
	number := 0
	task := func(org, in uuid.UUID, name, title, due string) {
		number++
		exec(`INSERT INTO task (organization_id, project_id, id, number, step, title, owner_id, due_on, created_by, created_at, updated_at)
			VALUES ($1, $2, gen_random_uuid(), $3, 1, $4, $5, nullif($6, '')::date, $7, $8, $8)`, org, in, number, title, people[name], due, people["ada"], start)
	}
	task(halden, project, "ada", "Ada late", "2026-05-12")
	task(halden, project, "ada", "Ada soon", "2026-05-26")
	task(halden, project, "ada", "Ada later", "2026-06-20")
	task(halden, project, "ada", "Ada undated", "")
	task(halden, archived, "ada", "Ada archived", "2026-05-12")
	task(halden, project, "bo", "Bo soon", "2026-05-21")
	task(halden, project, "idle", "Idle later", "2026-07-21")
	for _, name := range []string{"stranded", "gone", "disabled"} { // stranded has no role left in the project
		task(halden, project, name, "Unseen", "2026-05-12")
	}
	task(other, otherProject, "ada", "远方的任务", "2026-05-19")

	store, err := postgres.Open(t.Context(), fresh.AppDSN(), postgres.Options{})
	require.NoError(t, err)
	t.Cleanup(store.Close)
	use := app.New(store, app.WithURL(&url.URL{Scheme: "https", Host: "waymark.example"}))
	send := func(now string) int {
		t.Helper()
		at, err := time.Parse(time.RFC3339, now)
		require.NoError(t, err)
		n, err := use.DueLists(t.Context(), at)
		require.NoError(t, err)
		return n
	}

	require.Zero(t, send("2026-05-17T22:59:00Z"), "Sunday in Oslo, before seven in Shanghai")
	require.Equal(t, 2, send("2026-05-17T23:00:00Z"), "Monday, seven in Shanghai: Bo's own clock, and the other organization's")
	list := outbox()
	require.Equal(t, "ada@example.org", list[0].Recipient)
	require.Contains(t, list[0].BodyText, "远方的任务")
	require.NotContains(t, list[0].BodyText, "Ada late", "an organization's list is of that organization alone")
	require.Equal(t, "zh", list[0].Language, "who chose no language is written to in the organization's")
	require.Equal(t, "bo@example.org", list[1].Recipient)
	require.Equal(t, "zh", list[1].Language)
	require.Equal(t, "due_list", list[1].Kind)
	require.Contains(t, list[1].BodyText, "https://waymark.example/o/"+halden.String()+"/p/"+project.String()+"/tasks/")

	require.Zero(t, send("2026-05-18T04:59:00Z"))
	require.Equal(t, 1, send("2026-05-18T05:00:00Z"), "seven in Oslo")
	list = outbox()
	require.Equal(t, "ada@example.org", list[0].Recipient)
	for _, title := range []string{"Ada late", "6 days late"} {
		require.Contains(t, list[0].BodyText, title)
	}
	for _, title := range []string{"Ada soon", "Ada later", "Ada undated", "Ada archived", "Bo soon", "Unseen"} {
		require.NotContains(t, list[0].BodyText, title)
	}
	require.Zero(t, send("2026-05-18T16:00:00Z"), "once a day")
	require.Equal(t, 2, send("2026-05-18T23:00:00Z"), "Tuesday in Shanghai")
	require.Len(t, outbox(), 2)

	// Two servers in the same minute put each list once.
	var put atomic.Int64
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			n, err := use.DueLists(context.Background(), time.Date(2026, 5, 19, 5, 30, 0, 0, time.UTC))
			if err == nil {
				put.Add(int64(n))
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, put.Load())
	list = outbox()
	require.Len(t, list, 1)
	require.Contains(t, list[0].BodyText, "Ada soon", "seven days ahead")

	require.Zero(t, send("2026-05-23T09:00:00Z"), "Saturday")
	exec(`UPDATE task SET state = 'done', done_at = $1`, start)
	require.Zero(t, send("2026-05-25T09:00:00Z"), "nothing left to do")
}
