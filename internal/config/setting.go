package config

import (
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"waymark/internal/mail"
)

// Setting is one thing that can be set, by a variable of the environment or by
// a flag.
type Setting struct {
	Env     string
	Flag    string
	Default string // empty where it is worked out or there is none
	Purpose string

	boolean bool
	secret  bool
	// read takes a value over, or says what is wrong with it: the end of a
	// sentence that begins with the name and, unless it is secret, the value.
	read func(c *Config, text string) (reason string)
}

// Settings lists all of them, in the order they are shown.
func Settings() []Setting {
	return []Setting{
		{
			Env: "WAYMARK_LISTEN", Flag: "listen", Default: "127.0.0.1:8080", read: readListen,
			Purpose: "address and port that visitors are taken on",
		},
		{
			Env: "WAYMARK_URL", Flag: "url", read: readURL,
			Purpose: "address that people type; links are made with it, and https there keeps cookies to https",
		},
		{
			Env: "WAYMARK_TRUSTED_PROXIES", Flag: "trusted-proxies", read: readProxies,
			Purpose: "addresses or networks (CIDR), separated by commas, of proxies that say who the visitor is",
		},
		{
			Env: "WAYMARK_DATA", Flag: "data", read: readData,
			Purpose: "folder of the private database; by default waymark in the state folder of the account",
		},
		{
			Env: "DATABASE_URL", Flag: "database-url", secret: true, read: readDatabase(func(c *Config) *string { return &c.DatabaseURL }),
			Purpose: "database on another server, as the role waymark_app; without it Waymark runs its own",
		},
		{
			Env: "WAYMARK_MIGRATE_URL", Flag: "migrate-url", secret: true, read: readDatabase(func(c *Config) *string { return &c.MigrateURL }),
			Purpose: "the same database as its owner, the role waymark_owner: for changes of the schema and backups",
		},
		{
			Env: "WAYMARK_MIGRATE", Flag: "migrate", Default: "auto", read: readMigrate,
			Purpose: "auto brings the schema up to date when starting; off leaves that to \"waymark migrate\"",
		},
		{
			Env: "SMTP_URL", Flag: "smtp-url", secret: true, read: func(c *Config, text string) string { c.SMTPURL = text; return "" },
			Purpose: "mail server, smtp:// or smtps://; without it mail stays in the outbox, where the administrator reads it",
		},
		{
			Env: "WAYMARK_MAIL_FROM", Flag: "mail-from", read: func(c *Config, text string) string { c.MailFrom = text; return "" },
			Purpose: "sender of all mail, such as Waymark <waymark@example.org>",
		},
		{
			Env: "WAYMARK_MAX_FILE", Flag: "max-file", Default: "25 MiB", read: readSize,
			Purpose: "largest file that is taken as evidence",
		},
		{
			Env: "WAYMARK_LOG", Flag: "log", Default: "text,info", read: readLog,
			Purpose: "form and level of the log on standard error: text or json, and debug, info, warn or error",
		},
		{
			Env: "WAYMARK_PG_BIN", Flag: "pg-bin", read: readPGBin,
			Purpose: "folder of PostgreSQL's programs (initdb, postgres, pg_dump), where they are not found by themselves",
		},
		{
			Env: "WAYMARK_DRAIN_DELAY", Flag: "drain-delay", read: readDelay,
			Purpose: "how long /readyz says no before the listener closes; 0s when only this machine reaches it, else 2s",
		},
		{
			Env: "WAYMARK_STYLEGUIDE", Flag: "styleguide", Default: "off", boolean: true,
			read:    readSwitch(func(c *Config) *bool { return &c.Styleguide }),
			Purpose: "shows /styleguide, the parts that pages are made of",
		},
		{
			Env: "WAYMARK_DEMO", Flag: "demo", Default: "off", boolean: true,
			read:    readSwitch(func(c *Config) *bool { return &c.Demo }),
			Purpose: "starts into a sample project on a throw-away database and prints a sign-in for each role",
		},
	}
}

func readListen(c *Config, text string) string {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return ": write an address and a port, such as 127.0.0.1:8080, or 0.0.0.0:8080 for every network of this machine."
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return ": its port is not a number from 0 to 65535; write for example 127.0.0.1:8080."
	}
	if strings.ContainsAny(host, " /") {
		return ": " + strconv.Quote(host) + " is neither an address nor a name of this machine; write for example 127.0.0.1:8080."
	}
	c.Listen = text
	return ""
}

func readURL(c *Config, text string) string {
	const what = ": write the address that people type, such as https://waymark.example.org."
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Host == "", u.Hostname() == "", u.Scheme != "http" && u.Scheme != "https":
		return what
	case u.User != nil:
		return ": it holds a user name, which would stand in every link; leave that out."
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return ": Waymark answers at the root of a host, so nothing may follow the host; write " + u.Scheme + "://" + u.Host + "."
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return ": its port is not a number from 1 to 65535."
		}
	}
	c.URL = &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}
	return ""
}

func readProxies(c *Config, text string) string {
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		prefix, err := netip.ParsePrefix(part)
		if addr, addrErr := netip.ParseAddr(part); err != nil && addrErr == nil && addr.Zone() == "" {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return ": " + strconv.Quote(part) + " is no address and no network; write for example 10.0.0.0/8, 192.0.2.7 or ::1, separated by commas."
		}
		if prefix.Bits() == 0 {
			return ": " + part + " is everybody, so anyone could claim any address; write the proxy's own."
		}
		c.TrustedProxies = append(c.TrustedProxies, prefix.Masked())
	}
	return ""
}

func readData(c *Config, text string) string {
	dir, err := filepath.Abs(text)
	if err != nil || strings.ContainsRune(text, 0) {
		return ": write the path of a folder, such as /var/lib/waymark."
	}
	c.Data = dir
	return ""
}

// defaultData is where programs keep what must outlive them (XDG base directory
// specification).
func defaultData(env map[string]string, uid int) string {
	switch {
	case filepath.IsAbs(env["XDG_STATE_HOME"]):
		return filepath.Join(env["XDG_STATE_HOME"], "waymark")
	case filepath.IsAbs(env["HOME"]) && (uid != 0 || env["HOME"] != "/"):
		return filepath.Join(env["HOME"], ".local", "state", "waymark")
	case uid == 0:
		return "/var/lib/waymark"
	}
	dir, err := filepath.Abs("data")
	if err != nil {
		return "data"
	}
	return dir
}

func readDatabase(field func(*Config) *string) func(*Config, string) string {
	return func(c *Config, text string) string {
		// The driver's own words may hold a piece of the password.
		parsed, err := pgconn.ParseConfig(text)
		if err != nil {
			return " is not the address of a database: write postgres://waymark_app:password@host:5432/waymark, with special characters of the password percent-encoded."
		}
		if parsed.Database == "" && strings.Contains(text, "://") {
			return " names no database: write its name after the host, as in postgres://waymark_app:password@host:5432/waymark."
		}
		*field(c) = text
		return ""
	}
}

func readMigrate(c *Config, text string) string {
	switch text {
	case "auto":
		c.Migrate = true
	case "off":
		c.Migrate = false
	default:
		return ": write auto or off."
	}
	return ""
}

// judgeMail lets the sender judge its own settings.
func (c *Config) judgeMail() (wrong Mistakes) {
	from := c.MailFrom
	if c.SMTPURL == "" { // a sender alone is read, but not used yet
		if _, err := mail.NewSender(mail.Config{URL: "smtp://localhost", From: from}); err != nil {
			wrong = append(wrong, mailFromIs(from))
		}
		return wrong
	}
	if from == "" {
		wrong = append(wrong, "WAYMARK_MAIL_FROM is not set, and SMTP_URL needs it: write the sender of all mail, such as Waymark <waymark@example.org>.")
		from = "waymark@localhost" // judged no further
	}
	_, err := mail.NewSender(mail.Config{URL: c.SMTPURL, From: from})
	for _, err := range parts(err) {
		reason := strings.TrimPrefix(err.Error(), mail.ErrConfig.Error()+": ")
		if _, ok := strings.CutPrefix(reason, "sender "); ok {
			wrong = append(wrong, mailFromIs(from))
			continue
		}
		wrong = append(wrong, "SMTP_URL "+strings.TrimPrefix(reason, "URL ")+": write smtp://user:password@host:587 or smtps://user:password@host:465.")
	}
	return wrong
}

func mailFromIs(from string) string {
	return "WAYMARK_MAIL_FROM is " + strconv.Quote(from) + ", which is no sender: write an address, such as Waymark <waymark@example.org>."
}

// parts takes joined errors apart.
func parts(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	return joined.Unwrap()
}

// Bounds of the size of a file: larger ones belong elsewhere and a link to them
// here.
const (
	minFile = 1 << 10
	maxFile = 1 << 30
)

func readSize(c *Config, text string) string {
	const what = ": write a size from 1 KiB to 1 GiB, such as 25 MiB."
	number := strings.TrimRight(text, "KMGTiBkb ")
	unit := strings.ToLower(strings.TrimSpace(text[len(number):]))
	factors := map[string]float64{
		"": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "kb": 1e3, "mb": 1e6, "gb": 1e9,
		"k": 1 << 10, "m": 1 << 20, "g": 1 << 30,
	}
	factor, ok := factors[unit]
	n, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil || math.IsNaN(n) || n*factor < minFile || n*factor > maxFile {
		return what
	}
	c.MaxFile = int64(n * factor)
	return ""
}

func readLog(c *Config, text string) string {
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return r == ',' || r == ' ' }) {
		switch word {
		case "text":
			c.LogJSON = false
		case "json":
			c.LogJSON = true
		case "debug", "info", "warn", "error":
			if err := c.LogLevel.UnmarshalText([]byte(word)); err != nil {
				c.LogLevel = slog.LevelInfo
			}
		default:
			return ": write text or json, and debug, info, warn or error, such as json,info."
		}
	}
	return ""
}

func readPGBin(c *Config, text string) string {
	if !filepath.IsAbs(text) {
		return ": write the whole path of a folder, such as /usr/lib/postgresql/17/bin."
	}
	c.PGBin = text
	return ""
}

func readDelay(c *Config, text string) string {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > time.Minute {
		return ": write a time from 0s to 60s, such as 2s."
	}
	c.DrainDelay = d
	return ""
}

func readSwitch(field func(*Config) *bool) func(*Config, string) string {
	return func(c *Config, text string) string {
		switch strings.ToLower(text) {
		case "1", "true", "on", "yes":
			*field(c) = true
		case "0", "false", "off", "no":
			*field(c) = false
		default:
			return ": write on or off."
		}
		return ""
	}
}

// ByteSize shows a number of bytes as people write it.
func ByteSize(n int64) string {
	for _, u := range []struct {
		name string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n >= u.size {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/float64(u.size)), ".0") + " " + u.name
		}
	}
	return fmt.Sprintf("%d B", n)
}
