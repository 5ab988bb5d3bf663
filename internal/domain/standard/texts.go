package standard

import (
	"slices"
	"strconv"
	"strings"
)

// baseLanguage is the language every text is first written in.
const baseLanguage = "en"

// Texts are the words of a catalogue in one language. Unknown keys have an empty
// text. The zero value has no texts at all; use Catalogue.Texts.
type Texts struct {
	c *Catalogue
	t *texts
}

type texts struct {
	Language   string                  `json:"language"`
	Amendments map[string]string       `json:"amendments"`
	Notes      map[ClauseNumber]string `json:"notes"`
	Roles      map[string]string       `json:"roles"`
	Conditions map[string]string       `json:"conditions"`
	Clauses    map[ClauseNumber]string `json:"clauses"`
	Checks     map[CheckID]checkText   `json:"checks"`
	Documents  map[string]string       `json:"documents"`
}

type checkText struct {
	Question string `json:"question"`
	Evidence string `json:"evidence"`
}

// Texts returns the words in a language, given as "en", "zh" or a longer tag
// such as "zh-Hans". A language the catalogue does not have reads English.
func (c *Catalogue) Texts(lang string) Texts {
	primary, _, _ := strings.Cut(lang, "-")
	if t, ok := c.texts[primary]; ok {
		return Texts{c, t}
	}
	return Texts{c, c.texts[baseLanguage]}
}

// Languages returns the languages the catalogue is complete in, sorted.
func (c *Catalogue) Languages() []string {
	languages := make([]string, 0, len(c.texts))
	for lang := range c.texts {
		languages = append(languages, lang)
	}
	slices.Sort(languages)
	return languages
}

// Title is the heading of a clause; our own label where Clause.TitleOfficial is
// false.
func (t Texts) Title(number ClauseNumber) string { return t.t.Clauses[number] }

// Note is a remark on a clause that readers need, such as why 8.3.1 has no check.
// Most clauses have none.
func (t Texts) Note(number ClauseNumber) string { return t.t.Notes[number] }

// Question is what the check asks.
func (t Texts) Question(id CheckID) string { return t.t.Checks[id].Question }

// Evidence says what an assessor would expect to be shown.
func (t Texts) Evidence(id CheckID) string { return t.t.Checks[id].Evidence }

// Condition says when the check applies; empty exactly where Check.HasCondition
// is false.
func (t Texts) Condition(id CheckID) string {
	i := t.c.Index(id)
	if i < 0 {
		return ""
	}
	return t.t.Conditions[t.c.checks[i].condition]
}

// Owner is the name of the role with that key (Check.Owner).
func (t Texts) Owner(role string) string { return t.t.Roles[role] }

// Document names a row of Catalogue.Documents by its key.
func (t Texts) Document(key string) string { return t.t.Documents[key] }

// Amendment says what the amendment of that number to the edition is about.
func (t Texts) Amendment(number int) string { return t.t.Amendments[strconv.Itoa(number)] }
