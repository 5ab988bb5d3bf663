package identity

import (
	"errors"
	"strings"
	"time"
	_ "time/tzdata" // zones are known on machines that have none installed
	"unicode"
	"unicode/utf8"
)

// MaxName is the longest name of a person or an organization, in characters.
const MaxName = 100

// Errors of ParseName and ParseTimeZone.
var (
	ErrName     = errors.New("identity: not a name")
	ErrTimeZone = errors.New("identity: not a time zone")
)

// ParseName reads the name of a person, or of an organization, as it will be
// shown: one line of 1 to MaxName characters with a letter or a digit in it,
// blanks around it gone and runs of blanks made one space. People's names are
// theirs, so nothing else is asked of them. It gives ErrName.
func ParseName(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", ErrName
	}
	name := strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(name) > MaxName {
		return "", ErrName
	}
	if strings.ContainsFunc(name, misleading) || !strings.ContainsFunc(name, letterOrDigit) {
		return "", ErrName
	}
	return name, nil
}

// misleading are control characters and those that turn the direction of
// writing, with which one name passes for another.
func misleading(r rune) bool {
	return unicode.IsControl(r) || (r >= 0x202A && r <= 0x202E) || (r >= 0x2066 && r <= 0x2069)
}

func letterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// ParseTimeZone reads the name of a time zone of the IANA data base:
// "Europe/Oslo", "Asia/Shanghai", "UTC". It gives ErrTimeZone for anything
// else, also for "Local", which is the server's and nobody's own.
func ParseTimeZone(s string) (*time.Location, error) {
	if s != "UTC" && !strings.Contains(s, "/") {
		return nil, ErrTimeZone
	}
	// Systems keep second copies of all zones here; those under right/ count
	// leap seconds, which neither Go nor PostgreSQL does.
	if strings.HasPrefix(s, "posix/") || strings.HasPrefix(s, "right/") {
		return nil, ErrTimeZone
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("/_+-", rune(c)) {
			return nil, ErrTimeZone
		}
	}
	loc, err := time.LoadLocation(s)
	if err != nil {
		return nil, ErrTimeZone
	}
	return loc, nil
}

// TimeZones lists a zone for every part of the world, from west to east, for
// suggesting; ParseTimeZone takes all the others too.
func TimeZones() []string {
	return []string{
		"Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Vancouver", "America/Tijuana",
		"America/Denver", "America/Phoenix", "America/Chicago", "America/Mexico_City", "America/Costa_Rica",
		"America/New_York", "America/Toronto", "America/Bogota", "America/Lima", "America/Panama",
		"America/Halifax", "America/Caracas", "America/Santiago", "America/La_Paz", "America/St_Johns",
		"America/Sao_Paulo", "America/Argentina/Buenos_Aires", "America/Montevideo", "Atlantic/Azores",
		"UTC", "Atlantic/Reykjavik", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Africa/Casablanca",
		"Africa/Accra", "Africa/Lagos", "Africa/Algiers", "Africa/Tunis", "Europe/Amsterdam", "Europe/Belgrade",
		"Europe/Berlin", "Europe/Brussels", "Europe/Budapest", "Europe/Copenhagen", "Europe/Madrid", "Europe/Oslo",
		"Europe/Paris", "Europe/Prague", "Europe/Rome", "Europe/Stockholm", "Europe/Vienna", "Europe/Warsaw",
		"Europe/Zurich", "Africa/Cairo", "Africa/Johannesburg", "Europe/Athens", "Europe/Bucharest",
		"Europe/Helsinki", "Europe/Kyiv", "Europe/Riga", "Europe/Sofia", "Europe/Tallinn", "Europe/Vilnius",
		"Asia/Beirut", "Asia/Jerusalem", "Africa/Nairobi", "Asia/Baghdad", "Asia/Kuwait", "Asia/Riyadh",
		"Europe/Istanbul", "Europe/Moscow", "Asia/Tehran", "Asia/Dubai", "Asia/Baku", "Asia/Tbilisi", "Asia/Yerevan",
		"Asia/Kabul", "Asia/Karachi", "Asia/Tashkent", "Asia/Kolkata", "Asia/Colombo", "Asia/Kathmandu",
		"Asia/Almaty", "Asia/Dhaka", "Asia/Yangon", "Asia/Bangkok", "Asia/Ho_Chi_Minh", "Asia/Jakarta",
		"Asia/Hong_Kong", "Asia/Kuala_Lumpur", "Asia/Macau", "Asia/Manila", "Asia/Shanghai", "Asia/Singapore",
		"Asia/Taipei", "Asia/Ulaanbaatar", "Asia/Urumqi", "Australia/Perth", "Asia/Seoul", "Asia/Tokyo",
		"Australia/Adelaide", "Australia/Darwin", "Australia/Brisbane", "Australia/Melbourne", "Australia/Sydney",
		"Pacific/Noumea", "Pacific/Auckland", "Pacific/Fiji",
	}
}
