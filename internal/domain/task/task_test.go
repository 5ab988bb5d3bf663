package task_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/task"
)

var (
	today  = civil.MustParse("2026-05-21") // a Thursday
	helper = id.Person{1}
)

func TestAfter(t *testing.T) {
	t.Parallel()
	due, later := civil.MustParse("2026-05-15"), civil.MustParse("2026-06-01")
	open := task.Status{State: task.Open, Due: due}
	blocked := task.Status{State: task.Blocked, Due: due, Reason: "no window", Unblocker: helper}
	asked := task.Status{State: task.InProgress, Due: due, Proposed: later}
	finished := task.Status{State: task.Done, Due: due}
	for name, c := range map[string]struct {
		from  task.Status
		move  task.Move
		right task.Right
		want  task.Status
		err   error
	}{
		"start":                    {open, task.Move{Answer: task.Start}, task.Works, task.Status{State: task.InProgress, Due: due}, nil},
		"done":                     {open, task.Move{Answer: task.Finish}, task.Works, finished, nil},
		"done twice":               {finished, task.Move{Answer: task.Finish}, task.Works, finished, nil},
		"done takes all back":      {asked, task.Move{Answer: task.Finish}, task.Works, finished, nil},
		"done while it waits":      {task.Status{State: task.Open, Waits: []int{4}}, task.Move{Answer: task.Finish}, task.Manages, task.Status{}, task.StillWaits},
		"block":                    {open, task.Move{Answer: task.Block, Reason: "no window", Unblocker: helper}, task.Works, blocked, nil},
		"block without reason":     {open, task.Move{Answer: task.Block, Unblocker: helper}, task.Works, task.Status{}, task.ReasonMissing},
		"block without helper":     {open, task.Move{Answer: task.Block, Reason: "x"}, task.Works, task.Status{}, task.UnblockerMissing},
		"go on":                    {blocked, task.Move{Answer: task.Start}, task.Works, task.Status{State: task.InProgress, Due: due}, nil},
		"start what is done":       {finished, task.Move{Answer: task.Start}, task.Manages, task.Status{}, task.IsDone},
		"block what is done":       {finished, task.Move{Answer: task.Block, Reason: "x", Unblocker: helper}, task.Works, task.Status{}, task.IsDone},
		"reopen":                   {finished, task.Move{Answer: task.Reopen}, task.Works, task.Status{State: task.Open, Due: due}, nil},
		"reopen twice":             {open, task.Move{Answer: task.Reopen}, task.Works, open, nil},
		"reopen what is blocked":   {blocked, task.Move{Answer: task.Reopen}, task.Works, task.Status{}, task.NotDone},
		"propose":                  {open, task.Move{Answer: task.Propose, On: later}, task.Works, task.Status{State: task.Open, Due: due, Proposed: later}, nil},
		"propose today":            {open, task.Move{Answer: task.Propose, On: today}, task.Works, task.Status{State: task.Open, Due: due, Proposed: today}, nil},
		"propose yesterday":        {open, task.Move{Answer: task.Propose, On: today.AddDays(-1)}, task.Works, task.Status{}, task.DayPassed},
		"propose nothing":          {open, task.Move{Answer: task.Propose}, task.Works, task.Status{}, task.DayMissing},
		"the manager sets":         {asked, task.Move{Answer: task.Propose, On: today}, task.Manages, task.Status{State: task.InProgress, Due: today}, nil},
		"accept":                   {asked, task.Move{Answer: task.Accept}, task.Manages, task.Status{State: task.InProgress, Due: later}, nil},
		"keep":                     {asked, task.Move{Answer: task.Keep}, task.Manages, task.Status{State: task.InProgress, Due: due}, nil},
		"accept nothing":           {open, task.Move{Answer: task.Accept}, task.Manages, task.Status{}, task.NothingProposed},
		"accept one's own":         {asked, task.Move{Answer: task.Accept}, task.Works, task.Status{}, task.NotYours},
		"anything without a right": {open, task.Move{Answer: task.Finish}, task.NoRight, task.Status{}, task.NotYours},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.from.After(c.move, c.right, today)
			if c.err != nil {
				require.Equal(t, c.err, err)
				require.True(t, c.from.Same(got), "a refused move changes nothing")
				return
			}
			require.NoError(t, err)
			require.True(t, c.want.Same(got), "%+v", got)
		})
	}
}

// Whatever is answered in whatever order, a blocked task has a reason and
// somebody who can help, and a done one waits for no date.
func TestMovesKeepTheirPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := task.Status{State: task.Open, Due: today}
		for range rapid.IntRange(1, 30).Draw(t, "moves") {
			m := task.Move{
				Answer: rapid.SampledFrom(task.Answers()).Draw(t, "answer"),
				Reason: rapid.SampledFrom([]string{"", "why"}).Draw(t, "reason"),
				On:     today.AddDays(rapid.IntRange(-2, 20).Draw(t, "on")),
			}
			if rapid.Bool().Draw(t, "helped") {
				m.Unblocker = helper
			}
			before := s
			after, err := s.After(m, rapid.SampledFrom([]task.Right{task.NoRight, task.Works, task.Manages}).Draw(t, "right"), today)
			if err != nil && !before.Same(after) {
				t.Fatalf("refused %v, and yet %+v became %+v", m, before, after)
			}
			s = after
			if blocked := s.State == task.Blocked; blocked != (s.Reason != "") || blocked != !s.Unblocker.IsZero() {
				t.Fatalf("%+v", s)
			}
			if s.State == task.Done && !s.Proposed.IsZero() {
				t.Fatalf("%+v", s)
			}
		}
	})
}

func TestOfferedAreNeverRefusedForTheState(t *testing.T) {
	t.Parallel()
	for _, state := range task.States() {
		s := task.Status{State: state}
		if state == task.Blocked {
			s.Reason, s.Unblocker = "x", helper
		}
		for _, a := range task.Offered(state) {
			_, err := s.After(task.Move{Answer: a, Reason: "x", Unblocker: helper, On: today}, task.Manages, today)
			require.NoError(t, err, "%s in %s", a, state)
			require.True(t, task.Offers(state, a))
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for _, s := range task.States() {
		got, ok := task.ParseState(s.String())
		require.True(t, ok)
		require.Equal(t, s, got)
		var scanned task.State
		require.NoError(t, scanned.Scan(s.String()))
		require.Equal(t, s, scanned)
	}
	for _, p := range task.Priorities() {
		got, ok := task.ParsePriority(p.String())
		require.True(t, ok)
		require.Equal(t, p, got)
	}
	for _, a := range task.Answers() {
		got, ok := task.ParseAnswer(a.String())
		require.True(t, ok)
		require.Equal(t, a, got)
	}
	_, ok := task.ParseState("")
	require.False(t, ok)
	require.Error(t, new(task.State).Scan("gone"))
	require.Error(t, new(task.Priority).Scan(nil))
	require.Equal(t, task.High, task.PriorityOf(assessment.Major))
	require.Equal(t, task.Normal, task.PriorityOf(assessment.Minor))
	require.Equal(t, task.Low, task.PriorityOf(assessment.Observation))
}

func TestGroupsAndLateness(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]task.Group{
		"2026-05-20": task.Late, "2026-05-21": task.ThisWeek, "2026-05-24": task.ThisWeek, "2026-05-25": task.Later, "": task.Later,
	} {
		var due civil.Date
		if day != "" {
			due = civil.MustParse(day)
		}
		require.Equal(t, want, task.GroupOf(due, today), day)
	}
	sunday := civil.MustParse("2026-05-24")
	require.Equal(t, task.ThisWeek, task.GroupOf(sunday, sunday))
	require.Equal(t, task.Later, task.GroupOf(sunday.AddDays(1), sunday))

	require.Equal(t, 6, task.DaysLate(task.Open, civil.MustParse("2026-05-15"), today))
	require.Zero(t, task.DaysLate(task.Open, today, today))
	require.Zero(t, task.DaysLate(task.Done, civil.MustParse("2026-05-15"), today))
	require.Zero(t, task.DaysLate(task.Open, civil.Date{}, today))
}

func TestDueListDay(t *testing.T) {
	t.Parallel()
	zone := func(name string) *time.Location {
		loc, err := time.LoadLocation(name)
		require.NoError(t, err)
		return loc
	}
	for name, c := range map[string]struct {
		now, zone, want string
	}{
		"before seven":               {"2026-05-21T04:59:00Z", "Europe/Oslo", ""},
		"seven":                      {"2026-05-21T05:00:00Z", "Europe/Oslo", "2026-05-21"},
		"evening, after a stop":      {"2026-05-21T20:00:00Z", "Europe/Oslo", "2026-05-21"},
		"already Friday in Auckland": {"2026-05-21T20:00:00Z", "Pacific/Auckland", "2026-05-22"},
		"Saturday":                   {"2026-05-23T09:00:00Z", "Europe/Oslo", ""},
		"Sunday":                     {"2026-05-24T09:00:00Z", "Europe/Oslo", ""},
		"Monday there":               {"2026-05-24T23:30:00Z", "Asia/Shanghai", "2026-05-25"},
		"the morning summer begins":  {"2026-03-30T05:00:00Z", "Europe/Oslo", "2026-03-30"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, c.now)
			require.NoError(t, err)
			day, ok := task.DueListDay(now, zone(c.zone))
			require.Equal(t, c.want != "", ok)
			require.Equal(t, c.want, day.String())
		})
	}
	require.True(t, task.OnDueList(today.AddDays(-100), today))
	require.True(t, task.OnDueList(today.AddDays(7), today))
	require.False(t, task.OnDueList(today.AddDays(8), today))
	require.False(t, task.OnDueList(civil.Date{}, today))
}

// The plain oracle: a graph has a cycle when taking away, again and again, what
// waits for nothing leaves something over.
func cyclic(all []task.Dependency) bool {
	left := slices.Clone(all)
	for {
		waiting := map[id.Task]bool{}
		for _, d := range left {
			waiting[d.Task] = true
		}
		fewer := slices.DeleteFunc(slices.Clone(left), func(d task.Dependency) bool { return !waiting[d.After] })
		if len(fewer) == len(left) {
			return len(left) > 0
		}
		left = fewer
	}
}

func TestDependAgainstOracle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.Custom(func(t *rapid.T) id.Task { return id.Task{byte(rapid.IntRange(1, 9).Draw(t, "task"))} })
		var standing []task.Dependency
		for range rapid.IntRange(1, 40).Draw(t, "links") {
			added := task.Dependency{Task: one.Draw(t, "waits"), After: one.Draw(t, "after")}
			err := task.Depend(standing, added)
			if bad := cyclic(append(slices.Clone(standing), added)); bad != (err != nil) {
				t.Fatalf("%v onto %v: oracle %v, got %v", added, standing, bad, err)
			}
			if err == nil {
				standing = append(standing, added)
				continue
			}
			way := err.(*task.CycleError).Tasks //nolint:errorlint,forcetypeassert,errcheck // no other error is answered
			if way[0] != way[len(way)-1] {
				t.Fatalf("%v does not come back", way)
			}
			for i := range len(way) - 1 {
				if step := (task.Dependency{Task: way[i], After: way[i+1]}); step != added && !slices.Contains(standing, step) {
					t.Fatalf("%v is no dependency of %v", step, way)
				}
			}
		}
	})
}

func TestCycleIsNamed(t *testing.T) {
	t.Parallel()
	a, b, c := id.Task{1}, id.Task{2}, id.Task{3}
	err := task.Depend([]task.Dependency{{b, c}, {c, a}}, task.Dependency{Task: a, After: b})
	require.Equal(t, &task.CycleError{Tasks: []id.Task{a, b, c, a}}, err)
	require.Equal(t, &task.CycleError{Tasks: []id.Task{a, a}}, task.Depend(nil, task.Dependency{Task: a, After: a}))
	require.NoError(t, task.Depend([]task.Dependency{{a, b}}, task.Dependency{Task: a, After: c}))
}

func TestTitleFrom(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("several words ", 20)
	for statement, want := range map[string]string{
		"No restore test was done. The plan asks for one a year.": "No restore test was done",
		"Version 1.2 of the plan is missing.":                     "Version 1.2 of the plan is missing",
		"First line\nSecond line":                                 "First line",
		"未进行恢复测试。计划要求每年一次。":                                       "未进行恢复测试",
		"  spaces  ": "spaces",
		"":           "",
	} {
		require.Equal(t, want, task.TitleFrom(statement))
	}
	for _, statement := range []string{long, strings.Repeat("测", 500)} {
		title := task.TitleFrom(statement)
		require.LessOrEqual(t, len([]rune(title)), 120)
		require.True(t, strings.HasSuffix(title, "…"))
	}
	rapid.Check(t, func(t *rapid.T) {
		if n := len([]rune(task.TitleFrom(rapid.String().Draw(t, "statement")))); n > 300 {
			t.Fatalf("%d characters", n)
		}
	})
}

func TestOwnerOf(t *testing.T) {
	t.Parallel()
	top, near := id.Person{1}, id.Person{2}
	owners := map[string]id.Person{"8": top, "8.7.2": near}
	require.Equal(t, near, task.OwnerOf("8.7.2", owners))
	require.Equal(t, top, task.OwnerOf("8.6.1", owners))
	require.Equal(t, id.Person{}, task.OwnerOf("10.1", owners))
}

func project(finished ...certification.Step) *certification.Project {
	var acts []certification.Act
	for _, s := range finished {
		for _, k := range []certification.ActKind{certification.Started, certification.Completed} {
			acts = append(acts, certification.Act{Seq: len(acts) + 1, Step: s, Kind: k})
		}
	}
	return certification.NewProject(id.Project{1}, 1, len(acts), acts, nil, certification.Facts{})
}

func TestWrite(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 21, 9, 0, 0, 0, time.UTC)
	p := project(certification.Awareness, certification.Scope)
	require.Equal(t, certification.Refused{certification.StepLocked{Step: certification.Plan, After: []certification.Step{certification.Gap}}},
		task.Write(p, certification.Plan, helper, now))
	require.NoError(t, task.Write(p, certification.Gap, helper, now))
	require.Empty(t, p.Changes().Acts, "a task of another step does not start it")
	require.Equal(t, []certification.Step{certification.Awareness, certification.Scope, certification.Gap}, task.Writable(p))

	p = project(certification.Awareness, certification.Scope, certification.Gap)
	require.NoError(t, task.Write(p, certification.Selection, helper, now))
	require.Empty(t, p.Changes().Acts)
	require.NoError(t, task.Write(p, certification.Plan, helper, now))
	require.Len(t, p.Changes().Acts, 1, "a task of the plan starts step 5")

	p.Archived = true
	require.Error(t, task.Write(p, certification.Plan, helper, now))
	require.Error(t, task.Write(p, certification.Gap, helper, now))
	require.Empty(t, task.Writable(p))
}

// unmet names the criteria that stand against an act.
func unmet(err error) []certification.CriterionID {
	refused, _ := err.(certification.Refused) //nolint:errorlint // the domain answers this very type
	var ids []certification.CriterionID
	for _, reason := range refused {
		ids = append(ids, reason.(certification.CriterionUnmet).State.ID) //nolint:forcetypeassert,errcheck // as the tests expect
	}
	return ids
}

func TestFreeze(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 21, 9, 0, 0, 0, time.UTC)
	ready := certification.PlanFacts{Tasks: 3}
	for name, c := range map[string]struct {
		facts certification.PlanFacts
		want  []certification.CriterionID
	}{
		"ready":           {ready, nil},
		"empty":           {certification.PlanFacts{}, []certification.CriterionID{"5.2"}},
		"much is missing": {certification.PlanFacts{Tasks: 1, Uncovered: 2, Unowned: 1, Undated: 1}, []certification.CriterionID{"5.1", "5.2", "5.3"}},
		"a circle":        {certification.PlanFacts{Tasks: 1, Cyclic: true}, []certification.CriterionID{"5.4"}},
		"approved before": {certification.PlanFacts{Tasks: 1, Baseline: 1, Approved: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := project(certification.Awareness, certification.Scope, certification.Gap)
			p.Facts.Plan = c.facts
			trial := task.MayFreeze(p)
			require.Empty(t, p.Changes().Acts, "asking changes nothing")
			err := task.Freeze(p, helper, now)
			require.Equal(t, unmet(trial), unmet(err))
			require.Equal(t, c.want, unmet(err))
		})
	}
	require.IsType(t, certification.Refused{}, task.Freeze(project(certification.Awareness), helper, now), "locked")
	done := project(certification.Awareness, certification.Scope, certification.Gap, certification.Committee, certification.Plan)
	done.Facts.Plan = ready
	require.Equal(t, certification.Refused{certification.StepFrozen{Step: certification.Plan}}, task.Freeze(done, helper, now))
}
