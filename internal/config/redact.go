package config

import (
	"net/url"
	"regexp"
	"strings"
)

const hidden = "xxxxx"

// Redact is an address without its secrets: passwords before the host, and
// parameters that are passwords. What cannot be read is not shown at all.
func Redact(address string) string {
	if strings.Contains(address, "://") {
		u, err := url.Parse(address)
		if err != nil {
			return "(set, cannot be read)"
		}
		if _, has := u.User.Password(); has {
			u.User = url.UserPassword(u.User.Username(), hidden)
		}
		query, err := url.ParseQuery(u.RawQuery)
		if err != nil {
			return "(set, cannot be read)"
		}
		changed := false
		for name := range query {
			if isSecret(name) {
				query[name] = []string{hidden}
				changed = true
			}
		}
		if changed {
			u.RawQuery = query.Encode()
		}
		return u.String()
	}
	// key = 'quoted \' value' or key=value
	pair := regexp.MustCompile(`(?i)([a-z_]*pass[a-z_]*)\s*=\s*('(?:\\.|[^'\\])*'?|(?:\\.|\S)*)`)
	return pair.ReplaceAllString(address, "${1}="+hidden)
}

func isSecret(parameter string) bool {
	p := strings.ToLower(parameter)
	return strings.Contains(p, "pass") && p != "passfile" || strings.Contains(p, "secret") || strings.Contains(p, "token")
}
