package embedded

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"text/template"

	"github.com/jackc/pgx/v5"
)

// The database and the roles of every installation. Migrations name them.
const (
	// Database is the one database of an installation.
	Database = "waymark"
	// Superuser administers the private cluster; other servers have their own.
	Superuser = "postgres"
	// Owner owns the database, runs migrations and makes backups.
	Owner = "waymark_owner"
	// Definer owns the few functions that see across tenants. Nobody logs in
	// as it.
	Definer = "waymark_definer"
	// App serves the pages. It owns nothing and stands behind row-level
	// security.
	App = "waymark_app"
)

var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

//go:embed roles.sql
var rolesTemplate string

// RolesOptions chooses the variant of RolesSQL.
type RolesOptions struct {
	// NoBypassRLS is for servers on which the administrator cannot grant
	// BYPASSRLS: policies on every protected table stand in for it.
	NoBypassRLS bool
}

// RolesSQL is the script, for psql, with which the administrator of a server
// makes Waymark's roles and database. The two passwords are psql variables, so
// that no secret stands in the script.
func RolesSQL(o RolesOptions) string {
	return renderRoles(Database, true, o.NoBypassRLS)
}

func renderRoles(database string, script, noBypassRLS bool) string {
	var out strings.Builder
	t := template.Must(template.New("roles.sql").Parse(rolesTemplate))
	err := t.Execute(&out, map[string]any{
		"Script": script, "NoBypassRLS": noBypassRLS,
		"Database": database, "Owner": Owner, "Definer": Definer, "App": App,
	})
	if err != nil {
		panic(err) // the template and its values are constants, held by a test
	}
	sql := out.String()
	if script { // the division is for the program only
		for _, section := range []string{"roles", "database", "access", "inside"} {
			sql = strings.Replace(sql, "--@ "+section+"\n", "\n", 1)
		}
	}
	return sql
}

// rolesHash changes with what ensureDatabase would run.
func rolesHash() string {
	sum := sha256.Sum256([]byte(renderRoles(Database, false, false)))
	return hex.EncodeToString(sum[:])
}

// ensureDatabase runs roles.sql in the private cluster.
func ensureDatabase(ctx context.Context, database string, dsn func(role, database string) string) error {
	if !plainName.MatchString(database) {
		return fmt.Errorf("%q is no name for a database", database)
	}
	sections := map[string]string{}
	for part := range strings.SplitSeq(renderRoles(database, false, false), "--@ ") {
		name, sql, _ := strings.Cut(part, "\n")
		sections[name] = sql
	}
	admin, err := pgx.Connect(ctx, dsn(Superuser, "postgres"))
	if err != nil {
		return fmt.Errorf("connect to the private database as its administrator: %w", err)
	}
	defer func() { _ = admin.Close(ctx) }()
	if _, err := admin.Exec(ctx, sections["roles"], pgx.QueryExecModeSimpleProtocol); err != nil {
		return fmt.Errorf("make the database roles: %w", err)
	}
	rows, err := admin.Query(ctx, sections["database"], pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return fmt.Errorf("look for the database: %w", err)
	}
	statements, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for the database: %w", err)
	}
	for _, sql := range statements {
		if _, err := admin.Exec(ctx, sql); err != nil {
			return fmt.Errorf("make the database: %w", err)
		}
	}
	if _, err := admin.Exec(ctx, sections["access"], pgx.QueryExecModeSimpleProtocol); err != nil {
		return fmt.Errorf("set who may connect: %w", err)
	}
	inside, err := pgx.Connect(ctx, dsn(Superuser, database))
	if err != nil {
		return fmt.Errorf("connect to the database as its administrator: %w", err)
	}
	defer func() { _ = inside.Close(ctx) }()
	if _, err := inside.Exec(ctx, sections["inside"], pgx.QueryExecModeSimpleProtocol); err != nil {
		return fmt.Errorf("set the rights in the database: %w", err)
	}
	return nil
}
