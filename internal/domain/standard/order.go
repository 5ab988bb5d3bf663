package standard

import (
	"cmp"
	"strings"
)

// CompareClauses orders clause numbers as the standard does: 9 before 10, 8.2
// before 8.2.1, 8.2.6 before 8.3. It is a total order on any text; two numbers
// are equal only if they are the same text.
func CompareClauses(a, b ClauseNumber) int {
	restA, restB := string(a), string(b)
	for restA != "" && restB != "" {
		var partA, partB string
		partA, restA, _ = strings.Cut(restA, ".")
		partB, restB, _ = strings.Cut(restB, ".")
		if c := compareParts(partA, partB); c != 0 {
			return c
		}
	}
	// Whichever has parts left is the deeper one, and follows its parent.
	return cmp.Or(cmp.Compare(len(restA), len(restB)), strings.Compare(string(a), string(b)))
}

// CompareChecks orders check ids by clause, then by letter.
func CompareChecks(a, b CheckID) int {
	clauseA, letterA, _ := strings.Cut(string(a), "-")
	clauseB, letterB, _ := strings.Cut(string(b), "-")
	return cmp.Or(
		CompareClauses(ClauseNumber(clauseA), ClauseNumber(clauseB)),
		compareParts(letterA, letterB),
		strings.Compare(string(a), string(b)),
	)
}

// compareParts compares two numbers written without leading zeros by length and
// then digit by digit: no number is too large for it.
func compareParts(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}
