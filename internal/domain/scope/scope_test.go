package scope_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waymark/internal/domain/scope"
)

func good() scope.Definition {
	return scope.Definition{
		Organization: "Northwind Digital, Managed Services",
		Extent:       scope.Limited,
		Units:        []scope.Unit{{Name: "Managed Services", In: true}, {Name: "Consulting", Reason: "projects only, no services"}},
		Services: []scope.Service{
			{Name: "Cloud hosting", In: true}, {Name: "Service desk", In: true},
			{Name: "Printing", Reason: "ends this year"},
		},
		Locations: []scope.Location{
			{Name: "Jakarta", Country: "ID", In: true, People: 40, Central: true},
			{Name: "Surabaya", Country: "ID", In: true, People: 20},
			{Name: "Medan", Country: "ID", Reason: "sales office"},
		},
		People: 60,
		Customers: []scope.Customer{
			{Name: "Business customers in Indonesia", Kind: scope.External},
			{Name: "Group companies", Kind: scope.Internal},
		},
		Statements: []scope.Statement{
			{Language: "en", Text: "The SMS of Northwind Digital's Managed Services department that delivers cloud hosting and service desk services from Jakarta and Surabaya to business customers in Indonesia."},
			{Language: "zh-Hans", Text: "北风数字公司运营服务部的服务管理体系，从雅加达和泗水向印度尼西亚的企业客户提供云托管服务和服务台服务。"},
		},
	}
}

func broken(d scope.Definition) []scope.Violation { return scope.Broken(d, scope.DefaultLimits()) }

func TestGoodScope(t *testing.T) {
	require.Empty(t, broken(good()))
	require.Empty(t, scope.Incomplete(good()))
}

func TestBroken(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*scope.Definition)
		want   []scope.Violation
	}{
		{"no organization", func(d *scope.Definition) { d.Organization = " 　" },
			[]scope.Violation{{Rule: scope.SC01, Detail: scope.OrganizationMissing}}},
		{"a brand", func(d *scope.Definition) { d.Organization = "CloudMax™" },
			[]scope.Violation{{Rule: scope.SC01, Detail: scope.OrganizationIsBrand, Names: []string{"CloudMax™"}}}},
		{"a service's name", func(d *scope.Definition) { d.Organization = "SERVICE  desk" },
			[]scope.Violation{{Rule: scope.SC01, Detail: scope.OrganizationIsBrand, Names: []string{"SERVICE  desk"}}}},
		{"no service in", func(d *scope.Definition) { d.Services = d.Services[2:] },
			[]scope.Violation{{Rule: scope.SC02, Detail: scope.ServiceMissing}}},
		{"a nameless service", func(d *scope.Definition) { d.Services = []scope.Service{{Name: " ", In: true}} },
			[]scope.Violation{{Rule: scope.SC02, Detail: scope.ServiceMissing}}},
		{"no location in", func(d *scope.Definition) { d.Locations = d.Locations[2:] },
			[]scope.Violation{{Rule: scope.SC05, Detail: scope.LocationMissing}}},
		{"no country", func(d *scope.Definition) { d.Locations[1].Country = "" },
			[]scope.Violation{{Rule: scope.SC05, Detail: scope.CountryMissing, Names: []string{"Surabaya"}}}},
		{"no central site", func(d *scope.Definition) { d.Locations[0].Central = false },
			[]scope.Violation{{Rule: scope.SC05, Detail: scope.CentralMissing}}},
		{"two central sites", func(d *scope.Definition) { d.Locations[1].Central = true },
			[]scope.Violation{{Rule: scope.SC05, Detail: scope.CentralSeveral, Names: []string{"Jakarta", "Surabaya"}}}},
		{"one site needs no central one", func(d *scope.Definition) {
			d.Locations = d.Locations[:1]
			d.Locations[0].Central = false
			d.People = 40
		}, nil},
		{"vague", func(d *scope.Definition) {
			d.Statements[0].Text = "Hosting, backup etc. and all kinds of related services"
		},
			[]scope.Violation{{Rule: scope.SC13, Detail: scope.VagueWords, Names: []string{"etc", "related services", "all kinds of"}, Language: "en"}}},
		{"vague in Chinese", func(d *scope.Definition) {
			d.Statements[1].Text = "提供云托管、服务台等服务及各类相关服务"
		},
			[]scope.Violation{{Rule: scope.SC13, Detail: scope.VagueWords, Names: []string{"相关服务", "各类", "等"}, Language: "zh-Hans"}}},
		{"claims", func(d *scope.Definition) { d.Statements[0].Text = "World-class, best-in-class hosting of HIGH QUALITY" },
			[]scope.Violation{
				{Rule: scope.SC13, Detail: scope.VagueWords, Names: []string{"world class"}, Language: "en"},
				{Rule: scope.SC14, Detail: scope.QualityClaim, Names: []string{"best in class", "high quality"}, Language: "en"},
			}},
		{"claims in Chinese", func(d *scope.Definition) { d.Statements[1].Text = "提供国内领先的优质云托管服务" },
			[]scope.Violation{{Rule: scope.SC14, Detail: scope.QualityClaim, Names: []string{"领先", "优质"}, Language: "zh-Hans"}}},
		{"too long", func(d *scope.Definition) { d.Statements[0].Text = strings.Repeat("word ", 61) },
			[]scope.Violation{{Rule: scope.SC15, Detail: scope.StatementTooLong, Language: "en", Got: 61, Want: 60}}},
		{"just not too long", func(d *scope.Definition) { d.Statements[0].Text = strings.Repeat("provider's ", 60) }, nil},
		{"too long in Chinese", func(d *scope.Definition) { d.Statements[1].Text = strings.Repeat("服", 121) },
			[]scope.Violation{{Rule: scope.SC15, Detail: scope.StatementTooLong, Language: "zh-Hans", Got: 61, Want: 60}}},
		{"too many services", func(d *scope.Definition) {
			for _, n := range []string{"a", "b", "c", "d", "e", "f", "g"} {
				d.Services = append(d.Services, scope.Service{Name: n, In: true})
			}
		}, []scope.Violation{{Rule: scope.SC15, Detail: scope.TooManyServices, Got: 9, Want: 8}}},
		{"people not counted", func(d *scope.Definition) { d.Locations[1].People = 0; d.People = 40 },
			[]scope.Violation{{Rule: scope.SC16, Detail: scope.PeopleMissing, Names: []string{"Surabaya"}}}},
		{"negative people", func(d *scope.Definition) { d.Locations[1].People = -20; d.People = 20 },
			[]scope.Violation{
				{Rule: scope.SC16, Detail: scope.PeopleMissing, Names: []string{"Surabaya"}},
				{Rule: scope.SC16, Detail: scope.PeopleSumDiffers, Got: 40, Want: 20},
			}},
		{"no total", func(d *scope.Definition) { d.People = 0 },
			[]scope.Violation{{Rule: scope.SC16, Detail: scope.PeopleTotalMissing}}},
		{"sum differs", func(d *scope.Definition) { d.People = 61 },
			[]scope.Violation{{Rule: scope.SC16, Detail: scope.PeopleSumDiffers, Got: 60, Want: 61}}},
		{"people outside do not count", func(d *scope.Definition) { d.Locations[2].People = 7 }, nil},
		{"no customers", func(d *scope.Definition) { d.Customers = []scope.Customer{{Name: " "}} },
			[]scope.Violation{{Rule: scope.SC18, Detail: scope.CustomersMissing}}},
		{"customers not split", func(d *scope.Definition) { d.Customers[0].Kind = scope.Unspecified },
			[]scope.Violation{{Rule: scope.SC18, Detail: scope.CustomersUnspecified, Names: []string{"Business customers in Indonesia"}}}},
	} {
		d := good()
		c.change(&d)
		require.Equal(t, c.want, broken(d), c.name)
	}
}

func TestEmptyScope(t *testing.T) {
	var rules []string
	for _, v := range broken(scope.Definition{}) {
		rules = append(rules, v.Rule.String()+" "+v.Severity().String()+" "+v.Detail.String())
	}
	require.Equal(t, []string{
		"SC-01 E organization_missing", "SC-02 E service_missing", "SC-05 E location_missing", "SC-18 W customers_missing",
	}, rules)
	require.Len(t, scope.Blocking(broken(scope.Definition{})), 3)
	require.Equal(t, []scope.Open{{Lack: scope.ExtentUndecided}, {Lack: scope.NoStatement}}, scope.Incomplete(scope.Definition{}))
}

func TestIncomplete(t *testing.T) {
	d := good()
	d.Extent = scope.Whole
	d.Units[1].Reason = "  "
	d.Statements = []scope.Statement{{Language: "en", Text: "\n"}}
	require.Equal(t, []scope.Open{
		{Lack: scope.WholeWithOut, Names: []string{"Consulting", "Printing", "Medan"}},
		{Lack: scope.OutWithoutReason, Names: []string{"Consulting"}},
		{Lack: scope.NoStatement},
	}, scope.Incomplete(d))

	d = scope.Definition{Extent: scope.Limited, Statements: good().Statements}
	require.Equal(t, []scope.Open{{Lack: scope.LimitedWithoutIn}}, scope.Incomplete(d))
}

// Words are found as words: parts of others, and ordinary terms, are left alone.
func TestInnocentWords(t *testing.T) {
	for _, text := range []string{
		"Sketch and fetch services", "Bestway Logistics", "the leadings of X", "variously", "Uniqueness",
		"提供三级等级保护测评服务", "为平等、同等客户提供", "中等规模企业", "一等品", "优等", "等待队列管理服务", "高等教育客户",
		"Microsoft", "", "等",
	} {
		d := good()
		d.Statements = []scope.Statement{{Language: "en", Text: text}}
		require.Empty(t, broken(d), text)
	}
	for text, rule := range map[string]scope.Rule{
		"hosting, ETC":                     scope.SC13,
		"hosting and (related services)":   scope.SC13,
		"Ｖａｒｉｏｕｓ services":                 scope.SC13,
		"hosting and\nrelated\tservices":   scope.SC13,
		"向北京、上海等地的客户提供云托管":                 scope.SC13,
		"云主机、数据库等。":                        scope.SC13,
		"云主机、数据库等":                         scope.SC13,
		"云主机等等":                            scope.SC13,
		"award–winning hosting":            scope.SC14,
		"the state-of-the-art data centre": scope.SC14,
		"以一流的团队提供云托管":                      scope.SC14,
	} {
		d := good()
		d.Statements = []scope.Statement{{Language: "zh-Hans", Text: text}}
		got := broken(d)
		require.Len(t, got, 1, text)
		require.Equal(t, rule, got[0].Rule, text)
	}
}

func TestRules(t *testing.T) {
	all := scope.Rules()
	require.Len(t, all, 26)
	var errs []string
	means := map[scope.Means][]string{}
	for _, r := range all {
		back, err := scope.ParseRule(r.String())
		require.NoError(t, err)
		require.Equal(t, r, back)
		if r.Severity() == scope.Error {
			errs = append(errs, r.String())
			require.NotEqual(t, scope.NotJudged, r.Means(), "%s can stop a scope, so something must judge it", r)
		}
		means[r.Means()] = append(means[r.Means()], r.String())
	}
	require.Equal(t, []string{
		"SC-01", "SC-02", "SC-03", "SC-05", "SC-06", "SC-07", "SC-09", "SC-10", "SC-11", "SC-16", "SC-19",
	}, errs)
	require.Equal(t, []string{"SC-01", "SC-02", "SC-05", "SC-13", "SC-14", "SC-15", "SC-16", "SC-18"}, means[scope.Computed])
	require.Equal(t, []scope.Rule{scope.SC03, scope.SC07, scope.SC10, scope.SC11}, scope.ConfirmedRules())
	require.Equal(t, []string{"SC-06"}, means[scope.ByConstruction])
	require.Equal(t, []string{"SC-09"}, means[scope.AtPreparation])
	require.Equal(t, []string{"SC-19"}, means[scope.ByApproval])
	require.Len(t, means[scope.NotJudged], 11)
	for _, bad := range []string{"", "SC-00", "SC-27", "SC-1", "sc-01"} {
		_, err := scope.ParseRule(bad)
		require.ErrorIs(t, err, scope.ErrUnknown)
	}
}

func TestStoredWords(t *testing.T) {
	for _, e := range []scope.Extent{scope.Undecided, scope.Whole, scope.Limited} {
		v, err := e.Value()
		require.NoError(t, err)
		var back scope.Extent
		require.NoError(t, back.Scan(v))
		require.Equal(t, e, back)
	}
	for _, k := range []scope.CustomerKind{scope.Unspecified, scope.Internal, scope.External} {
		v, err := k.Value()
		require.NoError(t, err)
		var back scope.CustomerKind
		require.NoError(t, back.Scan([]byte(k.String())))
		require.NoError(t, back.Scan(v))
		require.Equal(t, k, back)
	}
	_, err := scope.Extent(9).Value()
	require.ErrorIs(t, err, scope.ErrUnknown)
	_, err = scope.CustomerKind(9).Value()
	require.ErrorIs(t, err, scope.ErrUnknown)
	e := scope.Whole
	require.ErrorIs(t, e.Scan("everything"), scope.ErrUnknown)
	require.ErrorIs(t, e.Scan(1), scope.ErrUnknown)
	require.Equal(t, scope.Whole, e)
	require.NoError(t, e.Scan(nil))
	require.Equal(t, scope.Undecided, e)

	details := map[string]bool{}
	for v := scope.OrganizationMissing; v <= scope.CustomersUnspecified; v++ {
		require.NotContains(t, v.String(), "detail(")
		details[v.String()] = true
	}
	require.Len(t, details, 16)
	for v := scope.ExtentUndecided; v <= scope.NoStatement; v++ {
		require.NotContains(t, v.String(), "lack(")
	}
}

// Whatever people type, the rules answer, in order, and leave the scope alone.
func TestAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := good()
		d.Organization = rapid.String().Draw(t, "organization")
		d.Statements[0].Text = rapid.String().Draw(t, "text")
		d.Statements[1].Text = rapid.StringOf(rapid.SampledFrom([]rune("云等服务级、 的a-’\xff"))).Draw(t, "han")
		d.Locations[0].People = rapid.IntRange(-5, 100).Draw(t, "people")
		before := d.Statements[0].Text
		got := broken(d)
		require.Equal(t, before, d.Statements[0].Text)
		for i := range len(got) - 1 {
			require.LessOrEqual(t, got[i].Rule, got[i+1].Rule)
		}
		for _, v := range got {
			require.Equal(t, scope.Computed, v.Rule.Means())
		}
	})
}
