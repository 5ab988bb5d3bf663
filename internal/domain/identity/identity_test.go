package identity

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseEmail(t *testing.T) {
	for typed, want := range map[string]string{
		"anna@example.com":                     "anna@example.com",
		" Anna.Berg+iso@Mail.Example.COM ":     "Anna.Berg+iso@mail.example.com",
		"o'neill_x-y@xn--fiqs8s.cn":            "o'neill_x-y@xn--fiqs8s.cn",
		"root@localhost":                       "root@localhost",
		"a@1und1.de":                           "a@1und1.de",
		strings.Repeat("a", 64) + "@example.c": strings.Repeat("a", 64) + "@example.c",
	} {
		got, err := ParseEmail(typed)
		require.NoError(t, err, typed)
		require.Equal(t, want, got.String())
	}
	for _, typed := range []string{
		"", "@", "anna", "anna@", "@example.com", "anna@example", "anna@@example.com", "anna@b@example.com",
		"anna berg@example.com", ".anna@example.com", "anna.@example.com", "an..na@example.com", "anna@.com",
		"anna@example..com", "anna@example.com.", "anna@-example.com", "anna@example-.com", "anna@exa_mple.com",
		"anna@192.0.2.1", "anna@[192.0.2.1]", `"anna"@example.com`, "anna(x)@example.com", "Anna <anna@example.com>",
		"anna@example.com,b@example.com", "anna@example.com\r\nBcc: x@example.com", "an\r\nna@example.com",
		"anna@例子.中国", "änna@example.com", "anna@example.com\x00", "anna\x00@example.com", "\xff@example.com",
		strings.Repeat("a", 65) + "@example.com", "a@" + strings.Repeat("a", 64) + ".com",
		"a@" + strings.Repeat("aaaaaaaaa.", 26) + "com",
	} {
		_, err := ParseEmail(typed)
		require.ErrorIs(t, err, ErrEmail, "%q", typed)
	}

	a, _ := ParseEmail("Anna@Example.com")
	b, _ := ParseEmail("anna@example.COM")
	require.NotEqual(t, a, b)
	require.Equal(t, a.Key(), b.Key())
	require.Equal(t, "Anna", a.LocalPart())
	require.False(t, a.IsZero())
	require.True(t, Email("").IsZero())
}

func TestParseName(t *testing.T) {
	for typed, want := range map[string]string{
		"Ingrid Solheim":           "Ingrid Solheim",
		"  Ingrid \u3000 Solheim ": "Ingrid Solheim",
		"文睿":                       "文睿",
		"O’Brien, Jr. (3rd)":       "O’Brien, Jr. (3rd)",
		"محمد":                     "محمد",
		"X":                        "X",
		"7":                        "7",
		strings.Repeat("字", 100):   strings.Repeat("字", 100),
	} {
		got, err := ParseName(typed)
		require.NoError(t, err, typed)
		require.Equal(t, want, got)
	}
	for _, typed := range []string{"", "  ", "...", "😀", "a\x00", "a\u202eb", "a\x1bb", "\xff", "\u200d", strings.Repeat("字", 101)} {
		_, err := ParseName(typed)
		require.ErrorIs(t, err, ErrName, "%q", typed)
	}
}

func TestParseTimeZone(t *testing.T) {
	for _, name := range TimeZones() {
		loc, err := ParseTimeZone(name)
		require.NoError(t, err, name)
		require.Equal(t, name, loc.String())
	}
	for _, name := range []string{
		"", "Local", "local", "CET", "Europe", "Europe/", "America/Argentina", "Europe/Atlantis", "../etc/passwd", "/etc/localtime",
		"Europe/../Europe/Oslo", "Europe/Oslo\x00", "right/Europe/Oslo", "posix/Europe/Oslo", "Asia/上海", strings.Repeat("a/", 1000),
	} {
		_, err := ParseTimeZone(name)
		require.ErrorIs(t, err, ErrTimeZone, "%q", name)
	}
	shanghai, err := ParseTimeZone("Asia/Shanghai")
	require.NoError(t, err)
	require.Equal(t, 8, time.Date(2026, 6, 12, 0, 0, 0, 0, time.UTC).In(shanghai).Hour())
}

// checkEnum holds for every enumeration of the package.
func checkEnum[T interface {
	~uint8
	String() string
}](t *testing.T, values []T, names string, parse func(string) (T, bool), scan func(any) (T, error)) {
	t.Helper()
	var all []string
	for _, v := range values {
		require.NotZero(t, v)
		all = append(all, v.String())
		for _, src := range []any{v.String(), []byte(v.String())} {
			got, err := scan(src)
			require.NoError(t, err)
			require.Equal(t, v, got)
		}
		got, ok := parse(v.String())
		require.True(t, ok)
		require.Equal(t, v, got)
	}
	require.Equal(t, names, strings.Join(all, " "))
	require.Empty(t, T(0).String())
	require.Empty(t, T(99).String())
	for _, s := range []string{"", "none", "Owner", strings.ToUpper(all[0]), all[0] + " "} {
		_, ok := parse(s)
		require.False(t, ok, s)
	}
	for _, src := range []any{nil, 1, "", "king"} {
		_, err := scan(src)
		require.Error(t, err)
	}
}

func TestEnumerations(t *testing.T) {
	checkEnum(t, ProjectRoles(), "sponsor project_manager consultant committee_member internal_auditor guest_auditor",
		ParseProjectRole, func(src any) (v ProjectRole, err error) { err = v.Scan(src); return v, err })
	checkEnum(t, OrganizationRoles(), "owner member",
		ParseOrganizationRole, func(src any) (v OrganizationRole, err error) { err = v.Scan(src); return v, err })
	checkEnum(t, Languages(), "system en zh",
		ParseLanguage, func(src any) (v Language, err error) { err = v.Scan(src); return v, err })
	checkEnum(t, Themes(), "system light dark",
		ParseTheme, func(src any) (v Theme, err error) { err = v.Scan(src); return v, err })

	v, err := ProjectManager.Value()
	require.NoError(t, err)
	require.Equal(t, "project_manager", v)
	v, err = Owner.Value()
	require.NoError(t, err)
	require.Equal(t, "owner", v)
	v, err = LanguageChinese.Value()
	require.NoError(t, err)
	require.Equal(t, "zh", v)
	v, err = ThemeDark.Value()
	require.NoError(t, err)
	require.Equal(t, "dark", v)
}

func TestRoleSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		held := rapid.SliceOfDistinct(rapid.SampledFrom(ProjectRoles()), func(r ProjectRole) ProjectRole { return r }).Draw(t, "held")
		s := RolesOf(held...)
		require.Equal(t, len(held) == 0, s.IsEmpty())
		require.ElementsMatch(t, held, s.Roles())
		r := rapid.SampledFrom(ProjectRoles()).Draw(t, "role")
		require.Equal(t, slices.Contains(held, r), s.Has(r))
		require.True(t, s.With(r).Has(r))
		require.False(t, s.Without(r).Has(r))
		require.Equal(t, s, s.With(0).Without(0).With(99))
	})
	require.False(t, RolesOf(Sponsor).Has(), "any of none")
	require.True(t, RolesOf(Sponsor).Has(Consultant, Sponsor))
	require.False(t, RolesOf(Sponsor).Has(0))
}

func TestCheckPassword(t *testing.T) {
	about := PasswordContext{Email: "ingrid.solheim@halden.example", Name: "Ingrid Solheim", Organization: "Halden Managed Services"}
	chinese := PasswordContext{Email: "wen@example.cn", Name: "文睿", Organization: "瀚德托管服务有限公司"}
	for _, c := range []struct {
		password string
		about    PasswordContext
		want     PasswordProblem
	}{
		{"", about, PasswordTooShort},
		{"xk9#Lm2$vQ8!pR", about, PasswordTooShort},
		{strings.Repeat("字", 14), about, PasswordTooShort},
		{strings.Repeat("k9x#", 65), about, PasswordTooLong},

		{"xk9#Lm2$vQ8!pRw", about, PasswordFine},
		{"violet harbour nineteen lanterns", about, PasswordFine},
		{"the ferry leaves at dusk from pier nine", about, PasswordFine},
		{"correct horse battery staples elsewhere", about, PasswordFine},
		{"北风卷地白草折胡天八月即飞雪忽如", about, PasswordFine},
		{"лестница ведёт на крышу", about, PasswordFine},
		{"f3a9c07e51bd42886aa1", about, PasswordFine},
		{"#~%{>;^|(*)[-?<&+", about, PasswordFine},
		{"my password for the old lighthouse", about, PasswordFine},
		{"Ingrid paints seven blue boats", about, PasswordFine},

		{"aaaaaaaaaaaaaaa", about, PasswordRepeated},
		{"abcabcabcabcabcab", about, PasswordRepeated},
		{"Elephant elephant", about, PasswordRepeated},
		{"!!!!!!!!!!!!!!!!!!", about, PasswordRepeated},
		{"1010101110110001", about, PasswordRepeated},
		{"哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈", about, PasswordRepeated},

		{"123456789012345", about, PasswordSequence},
		{"abcdefghijklmnopq", about, PasswordSequence},
		{"QwertyuiopAsdfghjkl", about, PasswordSequence},
		{"1qaz2wsx3edc4rfv", about, PasswordSequence},
		{"poiuytrewqlkjhgfdsa", about, PasswordSequence},
		{"111222333444555", about, PasswordSequence},
		{"!@#$%^&*()_+!@#$", about, PasswordSequence},

		{"ingrid.solheim@halden.example", about, PasswordFromPerson},
		{"Ingrid-Solheim-1984", about, PasswordFromPerson},
		{"1ngr1d.s0lheim!", about, PasswordFromPerson},
		{"HaldenManagedServices1", about, PasswordFromPerson},
		{"waymarkwaymark!", about, PasswordRepeated},
		{"Waymark-ISO20000-Halden", about, PasswordFromPerson},
		{"瀚德托管服务有限公司文睿文睿1234", chinese, PasswordFromPerson},

		{"correct horse battery staple", about, PasswordCommon},
		{"Password Password", about, PasswordRepeated},
		{"Passw0rd-Passw0rd-1", about, PasswordCommon},
		{"password12345678", about, PasswordCommon},
		{"Welcome2026Summer!", about, PasswordCommon},
		{"P@$$w0rd P@$$w0rd admin", about, PasswordCommon},
		{"iloveyouforever", about, PasswordCommon},
		{"Halden-Password-2026", about, PasswordCommon},
		{"woaini1314520520", about, PasswordCommon},
		{"To be, or not to be", about, PasswordCommon},
	} {
		got := CheckPassword(c.password, c.about)
		require.Equal(t, c.want.String(), got.String(), "%q", c.password)
	}

	about.SecondFactor = true
	require.Equal(t, PasswordFine, CheckPassword("xk9#Lm2$", about))
	require.Equal(t, PasswordTooShort, CheckPassword("xk9#Lm2", about))
	require.Equal(t, PasswordFromPerson, CheckPassword("solheim1", about))

	seen := map[string]bool{"": true}
	for _, p := range PasswordProblems() {
		require.False(t, seen[p.String()])
		seen[p.String()] = true
	}
	require.Empty(t, PasswordFine.String())
}

// Passwords that a generator makes are never refused.
func TestCheckPasswordTakesRandomOnes(t *testing.T) {
	letters := []rune("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")
	rapid.Check(t, func(t *rapid.T) {
		// Drawn as numbers below a prime and spread, so that shrinking towards
		// zero does not make sequences of them.
		seed := rapid.Uint64().Draw(t, "seed")
		password := make([]rune, 20)
		for i := range password {
			seed = seed*6364136223846793005 + 1442695040888963407
			password[i] = letters[seed>>33%uint64(len(letters))]
		}
		require.Equal(t, PasswordFine, CheckPassword(string(password), PasswordContext{Email: "anna@example.com", Name: "Anna"}))
	})
}

func TestCommonPasswords(t *testing.T) {
	list := commonPasswords()
	require.Greater(t, len(list.phrases), 150)
	require.Greater(t, len(list.words), 150)
	for _, p := range list.phrases {
		require.Equal(t, simplify(p), p)
		require.NotEqual(t, PasswordFine, CheckPassword(p, PasswordContext{}), p)
	}
	for _, w := range list.words {
		require.Equal(t, simplify(w), w)
	}
}

func FuzzIdentity(f *testing.F) {
	for _, seed := range []string{"anna@example.com", "Ingrid Solheim", "Europe/Oslo", "correct horse battery staple", "\xff\x00", strings.Repeat("a@", 200)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if e, err := ParseEmail(s); err == nil {
			again, err := ParseEmail(e.String())
			require.NoError(t, err)
			require.Equal(t, e, again)
			require.False(t, strings.ContainsAny(e.String(), " \r\n<>,;\"\x00"))
		}
		if n, err := ParseName(s); err == nil {
			again, err := ParseName(n)
			require.NoError(t, err)
			require.Equal(t, n, again)
		}
		_, _ = ParseTimeZone(s)
		_ = CheckPassword(s, PasswordContext{Email: Email(s), Name: s, Organization: s})
	})
}

func BenchmarkCheckPassword(b *testing.B) {
	about := PasswordContext{Email: "ingrid.solheim@halden.example", Name: "Ingrid Solheim", Organization: "Halden Managed Services"}
	long := strings.Repeat("violet harbour nineteen lanterns", 8)
	for b.Loop() {
		CheckPassword(long, about)
	}
}
