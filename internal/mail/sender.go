package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"waymark/internal/fault"
)

// Config says which mail server takes Waymark's mails.
type Config struct {
	// URL is smtp://user:password@host:port, or smtps:// for TLS from the first
	// byte. Ports are 587 and 465 unless given. An smtp server must offer
	// STARTTLS unless it runs on this machine; ?starttls=always, auto or never
	// says otherwise.
	URL string
	// From is the address that mails come from: "Waymark <waymark@example.com>".
	From string
	// Roots are the authorities to trust beside the system's own; nil for those
	// alone.
	Roots *x509.CertPool
	// Timeout bounds the sending of one mail; zero is half a minute.
	Timeout time.Duration
}

// ErrConfig is wrapped by the errors of NewSender, which name the setting and
// never its password.
var ErrConfig = errors.New("mail: configuration")

// ErrRefused is wrapped by the errors of Send when the server will not take
// this mail, however often it is sent: no such mailbox, for one.
var ErrRefused = errors.New("mail: refused for good")

// SendError says at which point the server refused and what it answered. Its
// text names no address; Reply may, and is for the administrator alone.
type SendError struct {
	Stage string
	Code  int
	Reply string
}

func (e *SendError) Error() string { return fmt.Sprintf("%s: answer %d", e.Stage, e.Code) }

// Sender hands mails to one server. It is safe for concurrent use; each mail
// goes over a connection of its own.
type Sender struct {
	host    string
	port    int
	address *mail.Address
	options []gomail.Option
	tls     *tls.Config // of the first byte; nil for smtp
	timeout time.Duration
}

const (
	portSubmission  = 587
	portSubmissions = 465
	defaultTimeout  = 30 * time.Second
)

// NewSender reads the configuration; it does not call the server. All mistakes
// are reported at once, each wrapping ErrConfig.
func NewSender(c Config) (*Sender, error) {
	var wrong []error
	fail := func(setting, reason string) {
		wrong = append(wrong, fmt.Errorf("%w: %s %s", ErrConfig, setting, reason))
	}

	s := &Sender{timeout: c.Timeout}
	if s.timeout <= 0 {
		s.timeout = defaultTimeout
	}
	var err error
	if s.address, err = mail.ParseAddress(c.From); err != nil {
		fail("sender", "is not an e-mail address")
	}
	// The error of url.Parse repeats the URL with its password.
	u, err := url.Parse(c.URL)
	if err != nil {
		fail("URL", "cannot be read; are special characters of the password percent-encoded?")
		return nil, errors.Join(wrong...)
	}
	if u.Scheme != "smtp" && u.Scheme != "smtps" {
		fail("URL", "must begin with smtp:// or smtps://")
	}
	if u.Hostname() == "" || u.Opaque != "" || strings.Trim(u.Path, "/") != "" {
		fail("URL", "must name a host, a port perhaps, and nothing behind")
	}
	s.host, s.port = u.Hostname(), portSubmission
	config := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12, RootCAs: c.Roots}
	if u.Scheme == "smtps" {
		s.port, s.tls = portSubmissions, config
	}
	if p := u.Port(); p != "" {
		if s.port, err = strconv.Atoi(p); err != nil || s.port < 1 || s.port > 65535 {
			fail("URL", "has a port that is none")
		}
	}
	policy, reason := startTLS(u)
	if reason != "" {
		fail("URL", reason)
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	s.options = []gomail.Option{
		gomail.WithPort(s.port), gomail.WithTLSConfig(config), gomail.WithTimeout(s.timeout), gomail.WithTLSPolicy(policy),
	}
	if u.User != nil {
		password, _ := u.User.Password()
		s.options = append(s.options, gomail.WithUsername(u.User.Username()), gomail.WithPassword(password),
			// PLAIN and LOGIN are refused by the library on connections that
			// could be listened to; the others stand that.
			gomail.WithOpportunisticSMTPAuth(mechanisms(policy)...))
	}
	return s, nil
}

func mechanisms(policy gomail.TLSPolicy) []gomail.SMTPAuthType {
	plain := []gomail.SMTPAuthType{gomail.SMTPAuthPlain, gomail.SMTPAuthLogin}
	hashed := []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthCramMD5}
	if policy == gomail.TLSMandatory {
		return append(plain, hashed...)
	}
	return append(hashed, plain...)
}

// startTLS reads the parameter of that name. Beside it no parameter is known: a
// slip of the pen there must not weaken the connection unseen.
func startTLS(u *url.URL) (policy gomail.TLSPolicy, reason string) {
	policy = gomail.TLSMandatory
	if ip := net.ParseIP(u.Hostname()); u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback()) {
		policy = gomail.TLSOpportunistic
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return policy, "has parameters that cannot be read"
	}
	for name, values := range query {
		if name != "starttls" || u.Scheme != "smtp" || len(values) != 1 {
			return policy, "may only have the parameter starttls, once, with smtp://"
		}
		switch values[0] {
		case "always":
			policy = gomail.TLSMandatory
		case "auto":
			policy = gomail.TLSOpportunistic
		case "never":
			policy = gomail.NoTLS
		default:
			return policy, "has a starttls that is not always, auto or never"
		}
	}
	return policy, ""
}

// From is the address that mails come from, for MessageID.
func (s *Sender) From() string { return s.address.String() }

// Send hands one mail to the server and returns when the server has taken it.
// Errors wrap ErrRefused when sending it again is in vain, else
// fault.Unavailable. After a lost answer the mail may have been taken: it is
// sent again with the same Message-ID.
func (s *Sender) Send(ctx context.Context, now time.Time, m Message) error {
	msg, err := s.build(now, m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()

	// The library does not end a conversation when the context ends, and leaves
	// the connection open when it fails halfway: we hold the connection. Its own
	// context for dialing is not used, for it ends with the greeting.
	var conn net.Conn
	dial := func(_ context.Context, network, address string) (net.Conn, error) {
		c, err := s.dial(ctx, network, address)
		if err == nil {
			conn = c
			context.AfterFunc(ctx, func() { _ = c.Close() })
		}
		return c, err
	}
	defer func() {
		if conn != nil {
			_ = conn.Close()
		}
	}()
	options := append([]gomail.Option{gomail.WithDialContextFunc(dial)}, s.options...)
	if s.tls != nil {
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS)) // it is there already
	}
	client, err := gomail.NewClient(s.host, options...)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "mail: preparing", err)
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "mail: connecting", errors.Join(err, context.Cause(ctx)))
	}
	err = client.SendWithSMTPClient(session, msg)
	if msg.IsDelivered() {
		// What goes wrong behind the server's yes, in taking leave, is no
		// reason to send the mail twice.
		_ = client.CloseWithSMTPClient(session)
		return nil
	}
	return s.sendError(ctx, err)
}

func (s *Sender) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if s.tls != nil {
		return (&tls.Dialer{Config: s.tls}).DialContext(ctx, network, address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// sendError tells refusals of this mail from everything that may pass. A
// refused sender is our configuration's fault, not the mail's.
func (s *Sender) sendError(ctx context.Context, err error) error {
	failed, ok := errors.AsType[*gomail.SendError](err)
	if !ok || failed.ErrorCode() == 0 {
		return fault.Wrap(fault.Unavailable, "mail: sending", errors.Join(err, context.Cause(ctx)))
	}
	answer := &SendError{Stage: "mail: sending: " + failed.Reason.String(), Code: failed.ErrorCode(), Reply: failed.Error()}
	if failed.ErrorCode() >= 500 && failed.Reason != gomail.ErrSMTPMailFrom {
		return errors.Join(ErrRefused, answer)
	}
	return fault.Wrap(fault.Unavailable, "mail: sending", answer)
}

func (s *Sender) build(now time.Time, m Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(s.address)
	if err := msg.To(m.To.String()); err != nil {
		return nil, fmt.Errorf("%w: the address of the recipient", ErrRefused)
	}
	msg.Subject(subject(m.Subject))
	msg.SetDateWithValue(now)
	if strings.ContainsFunc(m.MessageID, notInMessageID) || m.MessageID == "" {
		return nil, fmt.Errorf("%w: the Message-ID", ErrRefused)
	}
	msg.SetMessageIDWithValue(m.MessageID)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no answering machines
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg, nil
}

// notInMessageID are characters that could end the header or its brackets.
func notInMessageID(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune("<>()[]\\,;:\"", r)
}
