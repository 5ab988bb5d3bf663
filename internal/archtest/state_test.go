package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stateful are the packages that keep state for the whole process, each with the
// reason. The program itself keeps none: what changes is handed down or stored.
var stateful = map[string]string{
	"internal/browsertest": "one browser for a test binary: starting one takes longer than a test",
	"internal/pgtest":      "one template database and its emptied clones for a test binary",
}

// changed lists the variables of a package that its functions change: assigned,
// counted up, given a new element, or of a type that is made to change.
func changed(files map[string]*ast.File) []string {
	declared := map[string]*ast.ValueSpec{}
	var found []string
	for _, file := range files {
		for _, decl := range file.Decls {
			g, ok := decl.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec) //nolint:forcetypeassert,errcheck // a var declaration holds nothing else
				for _, name := range v.Names {
					declared[name.Name] = v
					if v.Type != nil && isLock(v.Type) {
						found = append(found, name.Name+" is a lock or a pool")
					}
				}
			}
		}
	}
	for _, file := range files {
		// The parser resolves names within a file; a name that it leaves open, or
		// finds in the declaration itself, is the package's variable.
		check := func(target ast.Expr) {
			id := rootOf(target)
			if id == nil {
				return
			}
			spec, ok := declared[id.Name]
			if ok && (id.Obj == nil || id.Obj.Decl == spec) {
				found = append(found, id.Name+" is changed by a function")
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok != token.DEFINE {
					for _, target := range n.Lhs {
						check(target)
					}
				}
			case *ast.IncDecStmt:
				check(n.X)
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					check(n.X)
				}
			}
			return true
		})
	}
	return slices.Compact(slices.Sorted(slices.Values(found)))
}

// rootOf is the variable that an assignment to a.b[c].d changes.
func rootOf(e ast.Expr) *ast.Ident {
	switch e := e.(type) {
	case *ast.Ident:
		return e
	case *ast.IndexExpr:
		return rootOf(e.X)
	case *ast.SelectorExpr:
		return rootOf(e.X)
	case *ast.ParenExpr:
		return rootOf(e.X)
	default:
		return nil // *p = x changes what p points to, which is nobody's variable here
	}
}

func isLock(t ast.Expr) bool {
	s, ok := t.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	from, ok := s.X.(*ast.Ident)
	return ok && (from.Name == "sync" || from.Name == "atomic")
}

func TestNoPackageKeepsState(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		here, _ := below(p.ImportPath)
		if _, ok := stateful[here]; ok {
			continue
		}
		fset := token.NewFileSet()
		files := map[string]*ast.File{}
		for _, name := range p.GoFiles {
			if strings.HasSuffix(name, "_templ.go") {
				continue
			}
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				continue // the compiler says it better
			}
			files[name] = file
		}
		require.Empty(t, changed(files), "%s keeps state for the whole process", here)
	}
}

func TestStateIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		want int
	}{
		"a table that is only read":  {`var names = map[int]string{1: "a"}; func f() string { return names[1] }`, 0},
		"an assignment":              {`var last int; func f() { last = 3 }`, 1},
		"a count":                    {`var n int; func f() { n++ }`, 1},
		"an element":                 {`var m = map[int]int{}; func f() { m[1] = 2 }`, 1},
		"a field":                    {`var s struct{ a int }; func f() { s.a = 2 }`, 1},
		"an address":                 {`var n int; func f() *int { return &n }`, 1},
		"a lock":                     {`var mu sync.Mutex`, 1},
		"a local of the same name":   {`var n int; func f() { n := 1; n = 2; _ = n }`, 0},
		"a parameter of that name":   {`var n int; func f(n int) { n = 2 }`, 0},
		"a local one":                {`func f() { var n int; n = 2; _ = n }`, 0},
		"a field of another's value": {`type t struct{ n int }; func f(x *t) { x.n = 1 }`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := parser.ParseFile(token.NewFileSet(), "p.go", fmt.Sprintf("package p\n%s\n", c.body), 0)
			require.NoError(t, err)
			require.Len(t, changed(map[string]*ast.File{"p.go": file}), c.want)
		})
	}
}
