// Package standard holds the catalogue a project is assessed against: the
// clauses of ISO/IEC 20000-1, the checks under each of them, and the documents
// and records an audit asks for. The wording is the project's own; of the
// standard itself only clause numbers and clause titles appear.
//
// A catalogue belongs to one edition of the standard and is embedded data, read
// once and never changed. Everything handed out is a value or a copy, so any
// number of goroutines may use one catalogue.
package standard

import "slices"

// ClauseNumber is the number of a clause, such as "8.6.1". Sort clause numbers
// with CompareClauses: as text, "10" comes before "9".
type ClauseNumber string

// CheckID names a check: the clause, a hyphen and a letter, such as "8.6.1-b".
type CheckID string

// Clause is one heading of the standard. Checks stand only under a leaf, that
// is, a clause of the lowest level; clause 8.3.1 is a leaf without any.
type Clause struct {
	Number ClauseNumber
	// Parent is empty for the top clauses 4 to 10.
	Parent ClauseNumber
	// Level is 1 for the top clauses and counts the parts of the number.
	Level int
	Leaf  bool
	// TitleOfficial is false where the standard gives a number but no heading;
	// the title is then a label of ours and must not be shown as the standard's.
	TitleOfficial bool
	Checks        []CheckID
}

// Check is one assessable item of a clause.
type Check struct {
	ID     CheckID
	Clause ClauseNumber
	// Documented says whether a document or a record is looked for at this point.
	Documented Documented
	// Basis is BasisNone exactly when Documented is DocumentedNone.
	Basis Basis
	// Weight is 3 where absence would normally be a major finding, 2 for an
	// ordinary requirement, 1 for a supporting detail. Our judgement.
	Weight int
	// Owner is the key of the role that usually answers; Texts.Owner names it.
	Owner string
	// Items are the list items of the clause that the check covers, as recalled
	// and for the maintainers of the catalogue: not to be shown to users before
	// they were compared with a licensed copy.
	Items string
	// HasCondition is true on the checks that may have nothing to be judged on.
	// Only these can be rated "not triggered" (clause 1.2 allows no exclusion).
	HasCondition bool

	condition string
}

// Document is one row of the list of documented information an audit asks for.
type Document struct {
	Key string
	// Clauses that ask for it, the most specific first.
	Clauses []ClauseNumber
	// Kind is DocumentedDocument or DocumentedRecord.
	Kind  Documented
	Basis Basis
}

// span is a half-open range of positions in Catalogue.checks. As checks stand in
// document order, every branch of the tree is one such range.
type span struct{ first, end int }

// Catalogue is one edition of the standard, got from Load or Current.
type Catalogue struct {
	edition   Edition
	clauses   []Clause
	checks    []Check
	roles     []string
	documents []Document

	clauseAt map[ClauseNumber]int
	checkAt  map[CheckID]int
	branch   []span // by position of the clause
	texts    map[string]*texts
}

// Edition says which edition of the standard this is, with its amendments.
func (c *Catalogue) Edition() Edition { return c.edition.clone() }

// Clauses returns all clauses in document order.
func (c *Catalogue) Clauses() []Clause { return c.cloneClauses(0, len(c.clauses)) }

// Clause returns the clause of that number.
func (c *Catalogue) Clause(number ClauseNumber) (Clause, bool) {
	i, ok := c.clauseAt[number]
	if !ok {
		return Clause{}, false
	}
	clause := c.clauses[i]
	clause.Checks = slices.Clone(clause.Checks)
	return clause, true
}

// TopClauses returns clauses 4 to 10.
func (c *Catalogue) TopClauses() []Clause { return c.Children("") }

// Children returns the clauses directly below number, in document order; below
// the empty number stand the top clauses.
func (c *Catalogue) Children(number ClauseNumber) []Clause {
	var children []Clause
	for i := range c.clauses {
		if c.clauses[i].Parent == number {
			children = append(children, c.cloneClauses(i, i+1)...)
		}
	}
	return children
}

// Ancestors returns the clauses above number, the top clause first, number
// itself not among them. A top clause and an unknown number have none.
func (c *Catalogue) Ancestors(number ClauseNumber) []Clause {
	var ancestors []Clause
	for i, ok := c.clauseAt[number]; ok; i, ok = c.clauseAt[c.clauses[i].Parent] {
		if c.clauses[i].Number != number {
			ancestors = append(ancestors, c.cloneClauses(i, i+1)...)
		}
	}
	slices.Reverse(ancestors)
	return ancestors
}

// Checks returns all checks in document order.
func (c *Catalogue) Checks() []Check { return slices.Clone(c.checks) }

// Len is the number of checks: the size of an array indexed by Index.
func (c *Catalogue) Len() int { return len(c.checks) }

// Check returns the check of that id.
func (c *Catalogue) Check(id CheckID) (Check, bool) {
	i, ok := c.checkAt[id]
	if !ok {
		return Check{}, false
	}
	return c.checks[i], true
}

// CheckAt returns the check at a position of the document order. It panics when
// i is not in 0 to Len()-1, as an index expression does.
func (c *Catalogue) CheckAt(i int) Check { return c.checks[i] }

// Index returns the position of a check in document order, 0 to Len()-1, or -1
// for an unknown id.
func (c *Catalogue) Index(id CheckID) int {
	if i, ok := c.checkAt[id]; ok {
		return i
	}
	return -1
}

// ChecksUnder returns the checks of a clause and of every clause below it, in
// document order; none for 8.3.1 and for an unknown number.
func (c *Catalogue) ChecksUnder(number ClauseNumber) []Check {
	first, end := c.Span(number)
	return slices.Clone(c.checks[first:end])
}

// Span returns the positions of ChecksUnder(number) as a half-open range, for
// sums over dense arrays without a copy. An empty range has first == end.
func (c *Catalogue) Span(number ClauseNumber) (first, end int) {
	i, ok := c.clauseAt[number]
	if !ok {
		return 0, 0
	}
	return c.branch[i].first, c.branch[i].end
}

// Roles returns the keys of all roles that own checks, in the order to list them.
func (c *Catalogue) Roles() []string { return slices.Clone(c.roles) }

// Documents returns the list of documented information, ordered by clause.
func (c *Catalogue) Documents() []Document {
	documents := slices.Clone(c.documents)
	for i := range documents {
		documents[i].Clauses = slices.Clone(documents[i].Clauses)
	}
	return documents
}

// ParseCheckID reads a check id as it stands in an address or a form. It accepts
// only ids of the catalogue, exactly as written there.
func ParseCheckID(s string, c *Catalogue) (CheckID, bool) {
	id := CheckID(s)
	if _, ok := c.checkAt[id]; !ok {
		return "", false
	}
	return id, true
}

// ParseClauseNumber reads a clause number as it stands in an address or a form.
// It accepts only numbers of the catalogue.
func ParseClauseNumber(s string, c *Catalogue) (ClauseNumber, bool) {
	number := ClauseNumber(s)
	if _, ok := c.clauseAt[number]; !ok {
		return "", false
	}
	return number, true
}

// cloneClauses copies clauses i to j-1. Their checks share one new array, so a
// copy of the whole tree costs two allocations.
func (c *Catalogue) cloneClauses(i, j int) []Clause {
	clauses := slices.Clone(c.clauses[i:j])
	n := 0
	for k := range clauses {
		n += len(clauses[k].Checks)
	}
	ids := make([]CheckID, 0, n)
	for k := range clauses {
		if len(clauses[k].Checks) == 0 {
			continue
		}
		start := len(ids)
		ids = append(ids, clauses[k].Checks...)
		clauses[k].Checks = ids[start:len(ids):len(ids)]
	}
	return clauses
}
