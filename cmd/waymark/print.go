package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"waymark/internal/postgres/embedded"
	"waymark/migrations"
)

// printRoles is the command "roles".
func printRoles(_ context.Context, p *program, args []string) error {
	set := p.flags("roles")
	without := set.Bool("no-bypassrls", false, "for servers on which BYPASSRLS cannot be granted")
	if _, err := p.parse(set, args); err != nil {
		return err
	}
	_, err := fmt.Fprint(p.stdout, embedded.RolesSQL(embedded.RolesOptions{NoBypassRLS: *without}))
	return err
}

// printConfig is the command "config".
func printConfig(_ context.Context, p *program, args []string) error {
	c, _, err := p.settings(p.flags("config"), args)
	for _, line := range c.Lines() {
		p.say("%s=%s  # %s", line.Name, line.Value, line.From)
	}
	for _, warning := range c.Warnings {
		p.complain(warning)
	}
	return err
}

// printVersion is the command "version".
func printVersion(_ context.Context, p *program, args []string) error {
	if _, err := p.parse(p.flags("version"), args); err != nil {
		return err
	}
	schema, err := migrations.Version()
	if err != nil {
		return err
	}
	p.say("waymark %s, schema %d, %s %s/%s", version(), schema, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// version is that of the release, or the commit that was built.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v != "" && v != "(devel)" {
		return v
	}
	commit, changed := "", ""
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value[:min(12, len(s.Value))]
		case "vcs.modified":
			if s.Value == "true" {
				changed = "+changes"
			}
		}
	}
	if commit == "" {
		return "devel"
	}
	return "devel-" + commit + changed
}
