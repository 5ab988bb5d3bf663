package selection_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/selection"
)

func day(s string) civil.Date { return civil.MustParse(s) }

func TestFirm(t *testing.T) {
	for _, same := range [][]string{
		{"TÜV Nord Cert GmbH", "TUV NORD CERT", "tüv nord cert, GmbH", "TU\u0308V  Nord-Cert", "ＴＵＶ　Ｎｏｒｄ　Ｃｅｒｔ"},
		{"Acme Ltd", "ACME LTD.", "Acme Limited", "Acme", "Acme Co., Ltd.", "acme & Co."},
		{"PT Sinar Jaya Tbk", "Sinar Jaya", "PT. SINAR JAYA"},
		{"Bureau S.A.", "Bureau SA", "Bureau"},
		{"华认（北京）认证有限公司", "华认(北京)认证有限公司", "华认 北京 认证", "华认北京认证股份有限公司"},
		{"O'Neil Audit Pty Ltd", "O’Neil Audit", "ONeil Audit"},
	} {
		for _, name := range same {
			require.Equal(t, selection.Firm(same[0]), selection.Firm(name), name)
			require.NotEmpty(t, selection.Firm(name))
		}
	}
	for _, differ := range [][2]string{
		{"Acme North", "Acme South"}, {"华认认证有限公司", "中认认证有限公司"}, {"Limited", "Company"}, {"PT", "CV"},
	} {
		require.NotEqual(t, selection.Firm(differ[0]), selection.Firm(differ[1]))
	}
	require.Equal(t, "ltd", selection.Firm("Ltd."))
	require.Equal(t, "有限公司", selection.Firm("有限公司"))
	require.Empty(t, selection.Firm(" .,- "))
	require.Equal(t, selection.Person("Søren  Æbelø"), selection.Person("SOREN AEBELO"))
	require.Equal(t, selection.Person("王 芳"), selection.Person("王芳"))
	require.NotEqual(t, selection.Person("Li Wei"), selection.Person("Li Weimin"))
	require.Empty(t, selection.Person("—"))
}

func TestAccreditation(t *testing.T) {
	today := day("2026-11-22")
	good := selection.Accreditation{Body: "UKAS", Number: "0043", Covers: true, Checked: today}
	require.Empty(t, good.Faults(today))
	require.Equal(t, []selection.Fault{
		selection.NoAccreditationBody, selection.NoAccreditationNumber, selection.NotCovered, selection.NeverChecked,
	}, selection.Accreditation{}.Faults(today))
	good.Checked = today.AddDays(1)
	good.Covers = false
	require.Equal(t, []selection.Fault{selection.NotCovered, selection.CheckedInFuture}, good.Faults(today))
}

func TestJudge(t *testing.T) {
	r := selection.DefaultRules()
	for _, c := range []struct {
		name       string
		candidates []selection.Candidate
		want       selection.Choice
		chosen     string
	}{
		{"nobody", nil, selection.NoneChosen, ""},
		{"undecided", []selection.Candidate{{Name: "A"}, {Name: "B"}}, selection.NoneChosen, ""},
		{"one of two", []selection.Candidate{{Name: "A"}, {Name: "B", Chosen: true}}, selection.Chosen, "B"},
		{"the only one", []selection.Candidate{{Name: "B", Chosen: true}}, selection.TooFew, "B"},
		{"twice the same firm", []selection.Candidate{{Name: "B Ltd"}, {Name: "B", Chosen: true}}, selection.TooFew, "B"},
		{"beside a nameless one", []selection.Candidate{{Name: " "}, {Name: "B", Chosen: true}}, selection.TooFew, "B"},
		{"two", []selection.Candidate{{Name: "A", Chosen: true}, {Name: "B", Chosen: true}}, selection.SeveralChosen, ""},
	} {
		got, chosen := r.Judge(c.candidates)
		require.Equal(t, c.want, got, c.name)
		require.Equal(t, c.chosen, chosen.Name, c.name)
	}
	r.MinimumCandidates = 1
	got, _ := r.Judge([]selection.Candidate{{Name: "B", Chosen: true}})
	require.Equal(t, selection.Chosen, got)
}

func TestConflicts(t *testing.T) {
	body := selection.Candidate{
		Name: "Certa GmbH", Linked: []string{"Certa Consulting"}, Team: []string{"Ana Lindqvist", "王 芳"},
	}
	end, until := day("2024-08-31"), day("2026-08-31")
	for _, c := range []struct {
		name       string
		engagement selection.Engagement
		on         string
		want       []selection.Conflict
	}{
		{
			"the body advised", selection.Engagement{Work: selection.Consultancy, Firm: "CERTA", End: end}, "2026-08-31",
			[]selection.Conflict{{Rule: selection.BodyAdvised, Firm: "CERTA", Work: selection.Consultancy, End: end, Until: until}},
		},
		{
			"two years have passed", selection.Engagement{Work: selection.Consultancy, Firm: "CERTA", End: end}, "2026-09-01", nil,
		},
		{
			"it still advises", selection.Engagement{Work: selection.Consultancy, Firm: "certa"}, "2036-09-01",
			[]selection.Conflict{{Rule: selection.BodyAdvised, Firm: "certa", Work: selection.Consultancy}},
		},
		{
			"the body audited", selection.Engagement{Work: selection.InternalAudit, Firm: "Certa", End: end}, "2026-01-01",
			[]selection.Conflict{{Rule: selection.BodyAudited, Firm: "Certa", Work: selection.InternalAudit, End: end, Until: until}},
		},
		{
			"a linked firm advised", selection.Engagement{Work: selection.Consultancy, Firm: "Certa Consulting Ltd", End: end}, "2026-01-01",
			[]selection.Conflict{{Rule: selection.LinkedAdvised, Firm: "Certa Consulting Ltd", Work: selection.Consultancy, End: end, Until: until}},
		},
		{
			"a linked firm audited", selection.Engagement{Work: selection.InternalAudit, Firm: "Certa Consulting", End: end}, "2026-01-01", nil,
		},
		{
			"persons of the team", selection.Engagement{
				Work: selection.InternalAudit, Firm: "Other", Persons: []string{"ana lindqvist", "Bo", "王芳"}, End: end,
			}, "2026-01-01",
			[]selection.Conflict{
				{Rule: selection.PersonInvolved, Firm: "Other", Person: "ana lindqvist", Work: selection.InternalAudit, End: end, Until: until},
				{Rule: selection.PersonInvolved, Firm: "Other", Person: "王芳", Work: selection.InternalAudit, End: end, Until: until},
			},
		},
		{
			"firm and person", selection.Engagement{Work: selection.Consultancy, Firm: "Certa", Persons: []string{"Ana Lindqvist"}, End: end}, "2026-01-01",
			[]selection.Conflict{
				{Rule: selection.BodyAdvised, Firm: "Certa", Work: selection.Consultancy, End: end, Until: until},
				{Rule: selection.PersonInvolved, Firm: "Certa", Person: "Ana Lindqvist", Work: selection.Consultancy, End: end, Until: until},
			},
		},
		{"another firm", selection.Engagement{Work: selection.Consultancy, Firm: "Certain", Persons: []string{"Ana Lind"}, End: end}, "2026-01-01", nil},
		{"a course", selection.Engagement{Work: selection.Training, Firm: "Certa", Persons: []string{"Ana Lindqvist"}}, "2026-01-01", nil},
		{"a person alone", selection.Engagement{Work: selection.Consultancy, Persons: []string{""}}, "2026-01-01", nil},
	} {
		got := selection.DefaultRules().Conflicts(body, []selection.Engagement{c.engagement}, day(c.on))
		require.Equal(t, c.want, got, c.name)
	}

	ended := []selection.Engagement{{Work: selection.Consultancy, Firm: "Certa", End: day("2001-01-01")}}
	require.Len(t, selection.DefaultRules().Conflicts(body, ended, civil.Date{}), 1, "no day: every engagement counts")
	require.Empty(t, selection.DefaultRules().Conflicts(selection.Candidate{}, []selection.Engagement{{Work: selection.Consultancy}}, civil.Date{}))

	r := selection.DefaultRules()
	r.CoolingOffMonths = 36
	long := []selection.Engagement{{Work: selection.Consultancy, Firm: "Certa", End: end}}
	require.Len(t, r.Conflicts(body, long, day("2027-08-31")), 1)
}

func TestWords(t *testing.T) {
	for i, id := range []string{"F-IMP-1", "F-IMP-2", "F-IMP-3", "F-IMP-4"} {
		require.Equal(t, id, selection.Impartiality(i+1).String())
	}
	for _, w := range []selection.Work{selection.Consultancy, selection.InternalAudit, selection.Training} {
		v, err := w.Value()
		require.NoError(t, err)
		require.Equal(t, w.String(), v)
		var back selection.Work
		require.NoError(t, back.Scan(v))
		require.NoError(t, back.Scan([]byte(w.String())))
		require.Equal(t, w, back)
	}
	for _, bad := range []any{"advice", "", nil, 1} {
		w := selection.Training
		require.ErrorIs(t, w.Scan(bad), selection.ErrUnknown)
		require.Equal(t, selection.Training, w)
	}
	_, err := selection.Work(0).Value()
	require.ErrorIs(t, err, selection.ErrUnknown)
	seen := map[string]bool{}
	for v := range uint8(8) {
		for _, w := range []string{selection.Work(v).String(), selection.Fault(v).String(), selection.Choice(v).String()} {
			require.False(t, seen[w], w)
			seen[w] = true
		}
	}
}

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		firm := selection.Firm(name)
		require.Equal(t, firm, selection.Firm(" "+name+" "))
		require.NotContains(t, firm, " ")
		require.NotContains(t, selection.Person(name), " ")
		plain := rapid.StringMatching(`[A-Z]{3,8}( [A-Z]{4,8}){0,2}`).Draw(t, "plain")
		require.Equal(t, selection.Firm(plain), selection.Firm(strings.ToLower(plain)+" GmbH"))

		// a conflict ends once and does not come back
		end := day("2020-01-31").AddDays(rapid.IntRange(0, 2000).Draw(t, "end"))
		on := end.AddDays(rapid.IntRange(0, 1500).Draw(t, "on"))
		work := []selection.Engagement{{Work: selection.Consultancy, Firm: "Certa", End: end}}
		body := selection.Candidate{Name: "certa"}
		today := selection.DefaultRules().Conflicts(body, work, on)
		tomorrow := selection.DefaultRules().Conflicts(body, work, on.AddDays(1))
		require.GreaterOrEqual(t, len(today), len(tomorrow))
		require.Equal(t, !on.After(end.AddMonths(24)), len(today) == 1)
	})
}
