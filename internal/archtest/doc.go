// Package archtest holds the shape of the house: which package may import which,
// how long a file may be, and other rules that no compiler knows. It has tests
// only; `make check` and `make test` run them.
//
// A package that no row of the table in rules_test.go covers fails the test: put
// it where it belongs on purpose, and say in docs/architecture.md what it is for.
package archtest
