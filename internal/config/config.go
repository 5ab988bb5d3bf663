// Package config reads how this installation wants Waymark to run: from the
// environment and from flags, which win. It is checked as a whole, and every
// mistake is reported at once, each in a sentence that says what to write.
package config

import (
	"flag"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Config is everything that can be set, checked.
type Config struct {
	Listen         string         // host:port that visitors are taken on
	URL            *url.URL       // the one address that links are made with; nil while it is not set
	TrustedProxies []netip.Prefix // may say who the visitor is
	Data           string         // absolute; unused with DatabaseURL and with Demo
	DatabaseURL    string         // the application's role on another server; empty for the private one
	MigrateURL     string         // the owner's role on that server; empty when not given
	SMTPURL        string         // empty: mail stays in the outbox
	MailFrom       string
	Styleguide     bool
	MaxFile        int64 // bytes of one uploaded file
	LogJSON        bool
	LogLevel       slog.Level
	PGBin          string // folder of PostgreSQL's programs; empty to look for them
	Migrate        bool   // bring the schema up to date when starting
	DrainDelay     time.Duration
	Demo           bool

	// Warnings are sentences about what is allowed and yet unlikely to be meant.
	Warnings []string

	values []value // as given, for Lines
}

// value is a setting as it was given.
type value struct {
	setting Setting
	text    string
	from    string // "flag", "environment" or "default"
}

// Mistakes is the error of Read: a sentence each.
type Mistakes []string

// Error is all sentences, a line each.
func (m Mistakes) Error() string { return strings.Join(m, "\n") }

// Source is a set of flags that take settings, before they are read.
type Source struct {
	flags *flag.FlagSet
	given map[string]*string // by flag
}

// Bind adds a flag for every setting to a set. Read after the set was parsed.
func Bind(flags *flag.FlagSet) *Source {
	s := &Source{flags: flags, given: map[string]*string{}}
	for _, setting := range Settings() {
		text := new(string)
		s.given[setting.Flag] = text
		take := func(v string) error { *text = v; return nil }
		if setting.boolean {
			flags.BoolFunc(setting.Flag, setting.Purpose, take)
		} else {
			flags.Func(setting.Flag, setting.Purpose, take)
		}
	}
	return s
}

// Read gives the configuration of the flags and of an environment (as
// os.Environ lists it). The error is Mistakes. An empty variable counts as
// unset, and an empty flag takes a variable back.
func (s *Source) Read(environ []string) (Config, error) {
	env := map[string]string{}
	for _, pair := range environ {
		if name, text, ok := strings.Cut(pair, "="); ok {
			env[name] = text
		}
	}
	flagged := map[string]bool{}
	s.flags.Visit(func(f *flag.Flag) { flagged[f.Name] = true })

	var c Config
	var wrong Mistakes
	for _, setting := range Settings() {
		v := value{setting: setting, text: setting.Default, from: "default"}
		name := setting.Env
		switch {
		case flagged[setting.Flag]:
			name = "--" + setting.Flag
			if text := *s.given[setting.Flag]; text != "" {
				v.text, v.from = text, "flag"
			}
		case env[setting.Env] != "":
			v.text, v.from = env[setting.Env], "environment"
		}
		if v.text != "" {
			if reason := setting.read(&c, v.text); reason != "" {
				shown := " is " + strconv.Quote(v.text)
				if setting.secret {
					shown = ""
				}
				wrong = append(wrong, name+shown+reason)
			}
		}
		c.values = append(c.values, v)
	}
	if c.Data == "" {
		c.Data = defaultData(env, os.Geteuid())
		c.show("WAYMARK_DATA", c.Data)
	}
	wrong = append(wrong, c.agree()...)
	if len(wrong) > 0 {
		return c, wrong
	}
	if !c.given("WAYMARK_DRAIN_DELAY") && !c.Loopback() {
		c.DrainDelay = 2 * time.Second
	}
	c.show("WAYMARK_DRAIN_DELAY", c.DrainDelay.String())
	c.warn(env)
	return c, nil
}

// agree judges settings that depend on each other.
func (c *Config) agree() (wrong Mistakes) {
	if c.MigrateURL != "" && c.DatabaseURL == "" && !c.bad("DATABASE_URL") {
		wrong = append(wrong, "WAYMARK_MIGRATE_URL is set without DATABASE_URL: set DATABASE_URL to the same database with the role waymark_app, or unset WAYMARK_MIGRATE_URL to use the private database.")
	}
	if c.Demo && c.DatabaseURL != "" {
		wrong = append(wrong, "--demo runs on a throw-away database of its own, but DATABASE_URL is set: leave one of the two out.")
	}
	if c.SMTPURL != "" || c.MailFrom != "" {
		wrong = append(wrong, c.judgeMail()...)
	}
	return wrong
}

// given reports whether a setting was set by somebody.
func (c *Config) given(env string) bool {
	i := c.index(env)
	return i >= 0 && c.values[i].from != "default"
}

// bad reports whether a setting was given and could not be read.
func (c *Config) bad(env string) bool {
	i := c.index(env)
	return i >= 0 && c.values[i].from != "default" && c.values[i].setting.read(new(Config), c.values[i].text) != ""
}

func (c *Config) index(env string) int {
	return slices.IndexFunc(c.values, func(v value) bool { return v.setting.Env == env })
}

// show replaces the text of a default that was worked out.
func (c *Config) show(env, text string) {
	if i := c.index(env); c.values[i].from == "default" {
		c.values[i].text = text
	}
}

// Loopback reports whether only this machine reaches the listener.
func (c *Config) Loopback() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// warn notes what is allowed and unlikely to be meant.
func (c *Config) warn(env map[string]string) {
	switch {
	case c.URL == nil && !c.Loopback():
		c.Warnings = append(c.Warnings, "WAYMARK_URL is not set, although other machines reach "+c.Listen+": set it to the address that people type, such as https://waymark.example.org. Until then links in mails lead to this machine alone, and cookies are not kept to https.")
	case c.URL != nil && c.URL.Scheme == "http" && !loopbackHost(c.URL.Hostname()):
		c.Warnings = append(c.Warnings, "WAYMARK_URL begins with http://: passwords and sessions cross the network in the clear. Put a proxy with a certificate in front and write https://.")
	}
	if c.DatabaseURL != "" && c.given("WAYMARK_DATA") {
		c.Warnings = append(c.Warnings, "WAYMARK_DATA is not used, because DATABASE_URL names another server.")
	}
	var unknown []string
	for name := range env {
		if strings.HasPrefix(name, "WAYMARK_") && c.index(name) < 0 && !strings.HasPrefix(name, "WAYMARK_TEST_") && name != "WAYMARK_CHROMIUM" {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		c.Warnings = append(c.Warnings, name+" is no setting of Waymark and has no effect: \"waymark config\" lists those there are.")
	}
}

func loopbackHost(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// Line is a setting as "waymark config" shows it, without its secrets.
type Line struct{ Name, Flag, Value, From string }

// Lines lists every setting in the order of Settings.
func (c *Config) Lines() []Line {
	lines := make([]Line, len(c.values))
	for i, v := range c.values {
		text := v.text
		if v.setting.secret && text != "" {
			text = Redact(text)
		}
		lines[i] = Line{Name: v.setting.Env, Flag: "--" + v.setting.Flag, Value: text, From: v.from}
	}
	return lines
}
