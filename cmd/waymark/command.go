package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"waymark/internal/config"
)

// command is one thing that the program does.
type command struct {
	name    string // of one word or two
	usage   string // what follows the name
	purpose string
	run     func(context.Context, *program, []string) error
}

// commands lists them, in the order that help shows.
func commands() []command {
	return []command{
		{"serve", "[settings]", "run Waymark; the same as no command at all", serve},
		{"migrate", "[settings]", "bring the database's schema up to date", migrate},
		{"backup", "[--force] [settings] FILE", "write everything to a file, also while Waymark runs", makeBackup},
		{"restore", "[settings] FILE", "bring a backup back into an empty place", restoreBackup},
		{"doctor", "[settings]", "examine this installation and say what is wrong", doctor},
		{"user create", "--email ADDRESS --name NAME [--administrator] [--organization ID --role ROLE] [settings]", "make a person who can sign in", createUser},
		{"roles", "[--no-bypassrls]", "print the SQL that prepares another PostgreSQL server", printRoles},
		{"config", "[settings]", "print the settings, without secrets", printConfig},
		{"seed", "[--organizations N] [--projects N] [--tasks N] [settings]", "fill an installation for measurements", fillSeed},
		{"version", "", "print the version", printVersion},
	}
}

// Codes that the process ends with.
const (
	codeFine   = 0
	codeFailed = 1
	codeUsage  = 2
)

// misuse is the error of a command line that cannot be meant.
type misuse struct{ text string }

func (m *misuse) Error() string { return m.text }

// reported is an error that was already told.
var errReported = errors.New("reported")

// run does what the command line says and gives the code to end with.
func (p *program) run(ctx context.Context, args []string) int {
	err := p.dispatch(ctx, args)
	var wrong config.Mistakes
	var use *misuse
	switch {
	case err == nil:
		return codeFine
	case errors.Is(err, errReported):
		return codeFailed
	case errors.As(err, &wrong):
		p.complain("These settings are not as they should be:\n  " + strings.Join(wrong, "\n  "))
		return codeUsage
	case errors.As(err, &use):
		p.complain(use.text)
		return codeUsage
	default:
		p.complain(sentence(err))
		return codeFailed
	}
}

func (p *program) complain(text string) { _, _ = fmt.Fprintln(p.stderr, "waymark: "+text) }

func (p *program) say(format string, args ...any) { _, _ = fmt.Fprintf(p.stdout, format+"\n", args...) }

func (p *program) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 || (strings.HasPrefix(args[0], "-") && !isHelp(args[0])) {
		return serve(ctx, p, args)
	}
	if isHelp(args[0]) {
		p.help(p.stdout)
		return nil
	}
	i := slices.IndexFunc(commands(), func(c command) bool {
		words := strings.Fields(c.name)
		return len(args) >= len(words) && slices.Equal(args[:len(words)], words)
	})
	if i < 0 {
		return &misuse{fmt.Sprintf("%q is no command. \"waymark help\" lists them.", args[0])}
	}
	c := commands()[i]
	return c.run(ctx, p, args[len(strings.Fields(c.name)):])
}

func isHelp(word string) bool {
	return slices.Contains([]string{"help", "-h", "-help", "--help"}, word)
}

func (p *program) help(to io.Writer) {
	var out strings.Builder
	out.WriteString("Waymark takes an organization to its certification to ISO/IEC 20000-1.\n\nCommands:\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&out, "  waymark %s\n      %s\n", strings.TrimSpace(c.name+" "+c.usage), c.purpose)
	}
	out.WriteString("\nSettings, each a variable of the environment or a flag, which wins:\n\n")
	for _, s := range config.Settings() {
		byDefault := ""
		if s.Default != "" {
			byDefault = " (" + s.Default + ")"
		}
		fmt.Fprintf(&out, "  %-24s --%s%s\n      %s\n", s.Env, s.Flag, byDefault, s.Purpose)
	}
	_, _ = io.WriteString(to, out.String())
}

// flags makes the flags of a command.
func (p *program) flags(name string) *flag.FlagSet {
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(io.Discard) // its mistakes are told with all others
	return set
}

// parse reads a command line with exactly as many words after the flags as are
// named. Flags may also follow the words.
func (p *program) parse(set *flag.FlagSet, args []string, words ...string) ([]string, error) {
	var got []string
	for {
		if err := set.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				p.help(p.stdout)
				return nil, errReported
			}
			return nil, &misuse{fmt.Sprintf("%s. \"waymark help\" lists the flags.", err)}
		}
		rest := set.Args()
		if len(rest) == 0 {
			break
		}
		got, args = append(got, rest[0]), rest[1:]
	}
	if len(got) != len(words) {
		if len(words) == 0 {
			return nil, &misuse{fmt.Sprintf("\"waymark %s\" does not know what to do with %q.", set.Name(), got[0])}
		}
		return nil, &misuse{fmt.Sprintf("Write \"waymark %s %s\".", set.Name(), strings.Join(words, " "))}
	}
	return got, nil
}

// settings reads a command line that takes nothing but settings and words.
func (p *program) settings(set *flag.FlagSet, args []string, words ...string) (config.Config, []string, error) {
	source := config.Bind(set)
	got, err := p.parse(set, args, words...)
	if err != nil {
		return config.Config{}, nil, err
	}
	c, err := source.Read(p.environ)
	return c, got, err
}

// logger writes the log as it is set.
func (p *program) logger(c config.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogJSON {
		return slog.New(slog.NewJSONHandler(p.stderr, options))
	}
	return slog.New(slog.NewTextHandler(p.stderr, options))
}

// quiet is the log of a command that answers by itself: warnings only.
func (p *program) quiet(c config.Config) *slog.Logger {
	c.LogLevel = max(c.LogLevel, slog.LevelWarn)
	return p.logger(c)
}
