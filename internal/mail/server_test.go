package mail

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// server is a small SMTP server (RFC 5321) that can be told to misbehave.
type server struct {
	listener net.Listener
	tls      *tls.Config
	roots    *x509.CertPool
	startTLS bool
	auth     string            // mechanisms offered
	answer   map[string]string // instead of the usual one, by command
	hang     string            // stop answering from this command on
	hangUp   string            // close the connection at this command

	mu       sync.Mutex
	received []received
	commands []string
}

type received struct {
	from, to, user, password string
	encrypted                bool
	message                  *mail.Message
	raw                      string
}

func serve(t *testing.T, tell func(*server)) *server {
	t.Helper()
	s := &server{answer: map[string]string{}}
	s.certify(t)
	implicit := false
	if tell != nil {
		tell(s)
		implicit = s.auth == "implicit"
	}
	var err error
	s.listener, err = (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var wg sync.WaitGroup
	done := make(chan struct{})
	wg.Go(func() {
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				stop := make(chan struct{})
				go func() {
					select {
					case <-done:
						_ = conn.Close()
					case <-stop:
					}
				}()
				defer close(stop)
				defer func() { _ = conn.Close() }()
				if implicit {
					s.talk(tls.Server(conn, s.tls), true)
				} else {
					s.talk(conn, false)
				}
			})
		}
	})
	t.Cleanup(func() {
		close(done)
		_ = s.listener.Close()
		wg.Wait()
	})
	return s
}

func (s *server) certify(t *testing.T) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	s.roots = x509.NewCertPool()
	s.roots.AddCert(cert)
	s.tls = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
}

// sender talks to the server; the URL's host and port are put in.
func (s *server) sender(t *testing.T, url string, change func(*Config)) *Sender {
	t.Helper()
	c := Config{URL: strings.Replace(url, "HOST", s.listener.Addr().String(), 1), From: "Waymark <waymark@halden.example>", Roots: s.roots, Timeout: 10 * time.Second}
	if change != nil {
		change(&c)
	}
	sender, err := NewSender(c)
	require.NoError(t, err)
	return sender
}

func (s *server) mails() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.received...)
}

// talk is one conversation.
func (s *server) talk(conn net.Conn, encrypted bool) {
	r := bufio.NewReader(conn)
	say := func(text string) { _, _ = io.WriteString(conn, text+"\r\n") }
	mechanisms := strings.TrimPrefix(s.auth, "implicit")
	it := received{encrypted: encrypted}
	line := ""
	next := func() string {
		text, err := r.ReadString('\n')
		if err != nil {
			return ""
		}
		line = strings.TrimRight(text, "\r\n")
		return strings.ToUpper(line)
	}
	if s.hang == "CONNECT" {
		_, _ = io.Copy(io.Discard, r)
		return
	}
	say("220 mail.test ESMTP")
	for {
		upper := next()
		if upper == "" {
			return
		}
		verb, _, _ := strings.Cut(strings.ReplaceAll(upper, ":", " "), " ")
		s.mu.Lock()
		s.commands = append(s.commands, verb)
		s.mu.Unlock()
		switch {
		case s.hang == verb:
			_, _ = io.Copy(io.Discard, r)
			return
		case s.hangUp == verb:
			return
		}
		if text, ok := s.answer[verb]; ok && verb != "DATA" {
			say(text)
			continue
		}
		switch verb {
		case "EHLO":
			say("250-mail.test")
			if s.startTLS && !encrypted {
				say("250-STARTTLS")
			}
			if mechanisms == "" && encrypted {
				mechanisms = "PLAIN LOGIN"
			}
			if mechanisms != "" {
				say("250-AUTH " + mechanisms)
			}
			say("250 8BITMIME")
		case "STARTTLS":
			say("220 go ahead")
			secure := tls.Server(conn, s.tls)
			conn, encrypted, it.encrypted = secure, true, true
			r = bufio.NewReader(conn)
		case "AUTH":
			fields := strings.Fields(line)
			if len(fields) != 3 || fields[1] != "PLAIN" {
				say("504 only PLAIN")
				continue
			}
			data, _ := base64.StdEncoding.DecodeString(fields[2])
			parts := strings.Split(string(data), "\x00")
			it.user, it.password = parts[1], parts[2]
			say("235 welcome")
		case "MAIL":
			it.from = line
			say("250 ok")
		case "RCPT":
			it.to = line
			say("250 ok")
		case "DATA":
			say("354 go ahead")
			var raw strings.Builder
			for {
				text, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if text == ".\r\n" {
					break
				}
				raw.WriteString(strings.TrimPrefix(text, "."))
			}
			if s.hangUp == "DATA END" {
				return
			}
			if text, ok := s.answer["DATA"]; ok {
				say(text)
				continue
			}
			it.raw = raw.String()
			it.message, _ = mail.ReadMessage(strings.NewReader(it.raw))
			s.mu.Lock()
			s.received = append(s.received, it)
			s.mu.Unlock()
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		case "RSET", "NOOP":
			say("250 ok")
		default:
			say(fmt.Sprintf("502 %s is not known", verb))
		}
	}
}
