package standard_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"waymark/internal/domain/standard"
)

// entry is one text of the catalogue with what it is for.
type entry struct {
	kind, key, text string
}

func entries(lang string) []entry {
	c := standard.Current()
	words := c.Texts(lang)
	var all []entry
	for _, clause := range c.Clauses() {
		all = append(all, entry{"title", string(clause.Number), words.Title(clause.Number)})
		if note := words.Note(clause.Number); note != "" {
			all = append(all, entry{"note", string(clause.Number), note})
		}
	}
	for _, check := range c.Checks() {
		all = append(all,
			entry{"question", string(check.ID), words.Question(check.ID)},
			entry{"evidence", string(check.ID), words.Evidence(check.ID)})
		if check.HasCondition {
			all = append(all, entry{"condition", string(check.ID), words.Condition(check.ID)})
		}
	}
	for _, role := range c.Roles() {
		all = append(all, entry{"role", role, words.Owner(role)})
	}
	for _, d := range c.Documents() {
		all = append(all, entry{"document", d.Key, words.Document(d.Key)})
	}
	for _, a := range c.Edition().Amendments {
		all = append(all, entry{"amendment", fmt.Sprint(a.Number), words.Amendment(a.Number)})
	}
	return all
}

func TestLanguages(t *testing.T) {
	c := standard.Current()
	require.Equal(t, []string{"en", "zh"}, c.Languages())
	require.Equal(t, c.Texts("zh"), c.Texts("zh-Hans"))
	require.Equal(t, c.Texts("en"), c.Texts("en-GB"))
	require.Equal(t, c.Texts("en"), c.Texts("id"), "a language without a catalogue reads English")
	require.Equal(t, c.Texts("en"), c.Texts(""))

	en, zh := entries("en"), entries("zh")
	require.Len(t, zh, len(en))
	for i := range en {
		require.Equal(t, en[i].kind+en[i].key, zh[i].kind+zh[i].key)
		require.NotEmpty(t, en[i].text, en[i].key)
		require.NotEmpty(t, zh[i].text, zh[i].key)
		require.Equal(t, strings.TrimSpace(en[i].text), en[i].text)
	}
}

func TestSentencesAreWhole(t *testing.T) {
	ends := map[string]map[string]string{
		"en": {"question": "?", "evidence": ".", "condition": ".", "note": "."},
		"zh": {"question": "？", "evidence": "。", "condition": "。", "note": "。"},
	}
	for lang, byKind := range ends {
		for _, e := range entries(lang) {
			if end, ok := byKind[e.kind]; ok {
				require.True(t, strings.HasSuffix(e.text, end), "%s %s %s: %s", lang, e.kind, e.key, e.text)
			} else {
				require.NotContains(t, ".?。？，", string([]rune(e.text)[len([]rune(e.text))-1]), "%s %s %s: %s", lang, e.kind, e.key, e.text)
			}
		}
	}
}

// The standard speaks of what an organization shall do. Questions of our own
// never do, nor does any of them stand there twice.
func TestOwnWords(t *testing.T) {
	duty := map[string]*regexp.Regexp{
		"en": regexp.MustCompile(`(?i)\bshall\b`),
		"zh": regexp.MustCompile(`应(当|该|建立|确定|确保|实施|保持|保留|评价|评审|考虑|包括|形成|按|由|在)`),
	}
	for lang, pattern := range duty {
		seen := map[string]string{}
		for _, e := range entries(lang) {
			if e.kind != "title" {
				require.NotRegexp(t, pattern, e.text, e.key)
			}
			if e.kind == "question" {
				require.Empty(t, seen[e.text], "%s asks what %s asks", e.key, seen[e.text])
				seen[e.text] = e.key
			}
		}
	}
}

func TestSpelling(t *testing.T) {
	slips := regexp.MustCompile(`(?i)organis|\bcatalog\b|\bprogram\b|behaviour|  |[“”‘’–—]`)
	for _, e := range entries("en") {
		require.NotRegexp(t, slips, e.text, e.key)
	}
}

func TestChinese(t *testing.T) {
	established := map[string]bool{"CMDB": true, "KPI": true, "PESTLE": true, "RACI": true, "SWOT": true}
	latin := regexp.MustCompile(`[A-Za-z]+`)
	clauseNumber := regexp.MustCompile(`\d+(\.\d+)+`)
	for _, e := range entries("zh") {
		where := e.kind + " " + e.key + ": " + e.text
		require.True(t, strings.ContainsFunc(e.text, func(r rune) bool { return unicode.Is(unicode.Han, r) }), where)
		for _, word := range latin.FindAllString(e.text, -1) {
			require.True(t, established[word], "%q in %s", word, where)
		}
		for _, r := range clauseNumber.ReplaceAllString(e.text, "") {
			switch {
			case unicode.Is(unicode.Han, r), r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			case strings.ContainsRune("，。；：、？（）“”／", r):
			default:
				require.Fail(t, "character out of place", "%q in %s", r, where)
			}
		}
		require.Equal(t, strings.Count(e.text, "（"), strings.Count(e.text, "）"), where)
		require.Equal(t, strings.Count(e.text, "“"), strings.Count(e.text, "”"), where)
		require.NotRegexp(t, `[，。；：、？]{2}`, e.text, where)
	}
}

// One word per concept, in Chinese too: what the English names has its settled
// term, and words of another school of translation do not slip in.
func TestChineseTerms(t *testing.T) {
	terms := map[string]string{
		"SMS":                           "体系",
		"SLA":                           "服务级别协议",
		"top management":                "最高管理者",
		"top managers":                  "最高管理者",
		"stakeholder":                   "相关方",
		"other parties":                 "其他方",
		"other party":                   "其他方",
		"external supplier":             "外部供应商",
		"internal supplier":             "内部供应商",
		"customer acting as supplier":   "作为供应商的客户",
		"customer acting as a supplier": "作为供应商的客户",
		"service management plan":       "服务管理计划",
		"service requirements":          "服务要求",
		"service component":             "服务组件",
		"service request":               "服务请求",
		"service catalogue":             "服务目录",
		"documented information":        "文件化信息",
		"nonconformit":                  "不符合",
		"corrective action":             "纠正措施",
		"management review":             "管理评审",
		"internal audit":                "内部审核",
		"audit programme":               "审核方案",
		"configuration item":            "配置项",
		"configuration information":     "配置信息",
		"incident":                      "事件",
		"major incident":                "重大事件",
		"root cause":                    "根本原因",
		"known error":                   "已知错误",
		"acceptance criteria":           "准则",
		"opportunities":                 "机",
		"continuity":                    "连续性",
		"availability":                  "可用性",
		"capacity":                      "容量",
		"release":                       "发布",
		"deployment":                    "部署",
		"transition":                    "转换",
		"escalat":                       "升级",
		"information security":          "信息安全",
		"procedure":                     "程序",
		"objectives":                    "目标",
	}
	others := regexp.MustCompile(`流程|策划|顾客|服务水平|服务等级|文档化|成文信息|内审|突发|供方|机会和风险|高层|最高管理层|利益相关|干系人`)
	patterns := make(map[string]*regexp.Regexp, len(terms))
	for term := range terms {
		patterns[term] = regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(term))
	}
	en, zh := entries("en"), entries("zh")
	for i := range en {
		require.NotRegexp(t, others, zh[i].text, zh[i].key)
		for term, want := range terms {
			if patterns[term].MatchString(en[i].text) {
				require.Contains(t, zh[i].text, want, "%s %s says %q: %s", en[i].kind, en[i].key, term, en[i].text)
			}
		}
	}
}
