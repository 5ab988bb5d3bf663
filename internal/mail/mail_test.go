package mail

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/fault"
	"waymark/internal/i18n"
)

func now() time.Time { return time.Date(2026, 6, 12, 7, 30, 0, 0, time.UTC) }

func letter() Message {
	return Message{
		To: "wen@example.cn", Subject: "有5项任务", Text: "Ingrid Solheim 邀请您\n.\nzwei", HTML: "<p>邀请</p>",
		Kind: KindInvitation, MessageID: "01890000-0000-7000-8000-00000000000a@halden.example",
	}
}

func TestSend(t *testing.T) {
	s := serve(t, nil)
	require.NoError(t, s.sender(t, "smtp://HOST", nil).Send(t.Context(), now(), letter()))
	mails := s.mails()
	require.Len(t, mails, 1)
	got := mails[0]
	require.Equal(t, "MAIL FROM:<waymark@halden.example> BODY=8BITMIME", got.from)
	require.Equal(t, "RCPT TO:<wen@example.cn>", got.to)

	header := got.message.Header
	require.Equal(t, "<01890000-0000-7000-8000-00000000000a@halden.example>", header.Get("Message-Id"))
	require.Equal(t, "Fri, 12 Jun 2026 07:30:00 +0000", header.Get("Date"))
	require.Equal(t, "auto-generated", header.Get("Auto-Submitted"))
	require.Empty(t, header.Get("User-Agent")+header.Get("X-Mailer"), "nobody's business")
	from, err := mail.ParseAddress(header.Get("From"))
	require.NoError(t, err)
	require.Equal(t, "Waymark", from.Name)
	subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, "有5项任务", subject)

	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/alternative", kind)
	parts := multipart.NewReader(got.message.Body, params["boundary"])
	for _, want := range []string{"Ingrid Solheim 邀请您\n.\nzwei", "<p>邀请</p>"} {
		part, err := parts.NextRawPart()
		require.NoError(t, err)
		require.Contains(t, part.Header.Get("Content-Type"), "charset=UTF-8")
		require.Equal(t, "quoted-printable", part.Header.Get("Content-Transfer-Encoding"))
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		require.NoError(t, err)
		require.Equal(t, want, strings.ReplaceAll(strings.TrimRight(string(body), "\r\n"), "\r\n", "\n"))
	}
	for line := range strings.Lines(got.raw) {
		require.LessOrEqual(t, len(line), 1000, "RFC 5321, section 4.5.3.1.6")
	}

	// Text alone.
	plain := letter()
	plain.HTML = ""
	require.NoError(t, s.sender(t, "smtp://HOST", nil).Send(t.Context(), now(), plain))
	require.Contains(t, s.mails()[1].message.Header.Get("Content-Type"), "text/plain")
}

func TestSendEncryptedAndSignedIn(t *testing.T) {
	for name, c := range map[string]struct {
		url  string
		tell func(*server)
	}{
		"STARTTLS where offered": {"smtp://wen:p%40ss@HOST", func(s *server) { s.startTLS = true }},
		"STARTTLS demanded":      {"smtp://wen:p%40ss@HOST?starttls=always", func(s *server) { s.startTLS = true }},
		"TLS from the first":     {"smtps://wen:p%40ss@HOST", func(s *server) { s.auth = "implicit" }},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, c.tell)
			require.NoError(t, s.sender(t, c.url, nil).Send(t.Context(), now(), letter()))
			got := s.mails()
			require.Len(t, got, 1)
			require.True(t, got[0].encrypted)
			require.Equal(t, "wen", got[0].user)
			require.Equal(t, "p@ss", got[0].password)

			// A server that nobody vouches for gets neither mail nor password.
			err := s.sender(t, c.url, func(c *Config) { c.Roots = nil }).Send(t.Context(), now(), letter())
			require.ErrorIs(t, err, fault.Unavailable)
			require.Len(t, s.mails(), 1)
			require.NotContains(t, err.Error(), "p@ss")
		})
	}

	s := serve(t, nil)
	err := s.sender(t, "smtp://HOST?starttls=always", nil).Send(t.Context(), now(), letter())
	require.ErrorIs(t, err, fault.Unavailable, "no STARTTLS where it is demanded")
	require.Empty(t, s.mails())

	s = serve(t, func(s *server) { s.startTLS = true })
	require.NoError(t, s.sender(t, "smtp://HOST?starttls=never", nil).Send(t.Context(), now(), letter()))
	require.False(t, s.mails()[0].encrypted)

	s = serve(t, func(s *server) { s.auth, s.answer = "PLAIN", map[string]string{"AUTH": "535 5.7.8 no"} })
	err = s.sender(t, "smtp://wen:p%40ss@HOST", nil).Send(t.Context(), now(), letter())
	require.ErrorIs(t, err, fault.Unavailable, "a wrong password is not the mail's fault")
	require.NotErrorIs(t, err, ErrRefused)
}

func TestSendRefused(t *testing.T) {
	for name, c := range map[string]struct {
		verb, answer string
		code         int
		forGood      bool
	}{
		"no such mailbox":   {"RCPT", "550 5.1.1 wen@example.cn is unknown", 550, true},
		"mailbox full":      {"RCPT", "452 4.2.2 later", 452, false},
		"content refused":   {"DATA", "554 5.7.1 looks like spam", 554, true},
		"greylisted":        {"DATA", "451 4.7.1 come back", 451, false},
		"sender refused":    {"MAIL", "553 5.7.1 not yours", 553, false},
		"server overloaded": {"MAIL", "421 4.3.2 closing", 421, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(s *server) { s.answer[c.verb] = c.answer })
			err := s.sender(t, "smtp://HOST", nil).Send(t.Context(), now(), letter())
			require.Error(t, err)
			require.Equal(t, c.forGood, errors.Is(err, ErrRefused))
			require.Equal(t, !c.forGood, errors.Is(err, fault.Unavailable))
			answer, ok := errors.AsType[*SendError](err)
			require.True(t, ok)
			require.Equal(t, c.code, answer.Code)
			require.Contains(t, answer.Reply, c.answer[4:])
			require.NotContains(t, err.Error(), "example.cn", "no address in the log")
			require.Empty(t, s.mails())
		})
	}
}

func TestSendToBrokenServers(t *testing.T) {
	for _, at := range []string{"EHLO", "MAIL", "RCPT", "DATA", "DATA END"} {
		s := serve(t, func(s *server) { s.hangUp = at })
		err := s.sender(t, "smtp://HOST", nil).Send(t.Context(), now(), letter())
		require.ErrorIs(t, err, fault.Unavailable, at)
		require.NotErrorIs(t, err, ErrRefused, at)
	}
	for _, at := range []string{"CONNECT", "EHLO", "MAIL", "DATA"} {
		s := serve(t, func(s *server) { s.hang = at })
		err := s.sender(t, "smtp://HOST", func(c *Config) { c.Timeout = 100 * time.Millisecond }).Send(t.Context(), now(), letter())
		require.ErrorIs(t, err, fault.Unavailable, at)
	}
	// What goes wrong once the mail is taken does not make it sent again.
	for _, at := range []string{"RSET", "QUIT"} {
		s := serve(t, func(s *server) { s.hangUp = at })
		require.NoError(t, s.sender(t, "smtp://HOST", nil).Send(t.Context(), now(), letter()), at)
		require.Len(t, s.mails(), 1)
	}

	s := serve(t, nil)
	sender := s.sender(t, "smtp://HOST", nil)
	require.NoError(t, s.listener.Close())
	require.ErrorIs(t, sender.Send(t.Context(), now(), letter()), fault.Unavailable)

	s = serve(t, func(s *server) { s.hang = "MAIL" })
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for {
			s.mu.Lock()
			n := len(s.commands)
			s.mu.Unlock()
			if n > 2 {
				cancel()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	err := s.sender(t, "smtp://HOST", nil).Send(ctx, now(), letter())
	require.ErrorIs(t, err, context.Canceled, "the program stops")
}

func TestSendRefusesWhatWouldBreakHeaders(t *testing.T) {
	s := serve(t, nil)
	sender := s.sender(t, "smtp://HOST", nil)

	m := letter()
	m.Subject = "Hello\r\nBcc: everybody@example.com\r\n\r\n<script>\u2028x\xff"
	require.NoError(t, sender.Send(t.Context(), now(), m))
	got := s.mails()[0]
	require.Empty(t, got.message.Header.Get("Bcc"))
	subject, err := new(mime.WordDecoder).DecodeHeader(got.message.Header.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, "Hello  Bcc: everybody@example.com    <script> x\uFFFD", subject)

	m.Subject = strings.Repeat("很长的标题", 100)
	require.NoError(t, sender.Send(t.Context(), now(), m))
	subject, err = new(mime.WordDecoder).DecodeHeader(s.mails()[1].message.Header.Get("Subject"))
	require.NoError(t, err)
	require.Len(t, []rune(subject), maxSubject)

	for _, bad := range []string{"", "a@b>\r\nBcc: x@y.z", "a b@c", "a@b\x00", "<a@b>", "ä@b"} {
		m := letter()
		m.MessageID = bad
		require.ErrorIs(t, sender.Send(t.Context(), now(), m), ErrRefused, "%q", bad)
	}
	for _, bad := range []string{"", "nobody", "a@b.c\r\nBcc: x@y.z", "a@b.c, d@e.f"} {
		m := letter()
		m.To = identity.Email(bad)
		require.ErrorIs(t, sender.Send(t.Context(), now(), m), ErrRefused, "%q", bad)
	}
	require.Len(t, s.mails(), 2)
}

func TestNewSender(t *testing.T) {
	const from = "waymark@halden.example"
	for url, want := range map[string]struct {
		host string
		port int
	}{
		"smtp://mail.example":                             {"mail.example", 587},
		"smtps://mail.example/":                           {"mail.example", 465},
		"smtp://mail.example:2525?starttls=auto":          {"mail.example", 2525},
		"smtp://a%40b.c:p%2Fss@[::1]:25":                  {"::1", 25},
		"smtp://user@localhost:1025?starttls=never":       {"localhost", 1025},
		"smtp://user:secret@mail.example?starttls=always": {"mail.example", 587},
	} {
		s, err := NewSender(Config{URL: url, From: from})
		require.NoError(t, err, url)
		require.Equal(t, want.host, s.host)
		require.Equal(t, want.port, s.port)
		require.Equal(t, "<waymark@halden.example>", s.From())
	}
	for _, url := range []string{
		"", "mail.example", "mail.example:25", "http://mail.example", "smtp://", "smtp:mail.example", "smtp://mail.example/path",
		"smtp://user:secret@mail.example:99999", "smtp://user:secret@mail.example:x", "smtp://user:sec ret%zz@mail.example",
		"smtp://mail.example?starttls=maybe", "smtp://mail.example?startls=always", "smtps://mail.example?starttls=auto",
		"smtp://mail.example?starttls=auto&starttls=never", "smtp://mail.example?%zz",
	} {
		_, err := NewSender(Config{URL: url, From: from})
		require.ErrorIs(t, err, ErrConfig, url)
		require.NotContains(t, err.Error(), "sec", "a password is never shown")
	}
	_, err := NewSender(Config{URL: "ftp://mail.example", From: "nobody"})
	require.ErrorContains(t, err, "sender")
	require.ErrorContains(t, err, "smtp://", "all mistakes at once")
}

func compose2(t *testing.T, m Message, err error) (Message, *goquery.Document) {
	t.Helper()
	require.NoError(t, err)
	require.NotContains(t, m.Subject+m.Text, "[", "a missing text")
	require.NotContains(t, m.Subject+m.Text+m.HTML, "{", "a missing argument")
	page, err := goquery.NewDocumentFromReader(strings.NewReader(m.HTML))
	require.NoError(t, err)
	require.Equal(t, m.Subject, page.Find("h1").Text())
	require.Zero(t, page.Find("script, img, link, style").Length(), "nothing to load or run")
	page.Find("a").Each(func(_ int, a *goquery.Selection) {
		require.Contains(t, m.Text, a.AttrOr("href", ""), "every link stands in the text too")
	})
	return m, page
}

func TestInvitation(t *testing.T) {
	v := Invitation{
		To: "wen@example.cn", Language: identity.LanguageSystem,
		Inviter: "Ingrid Solheim", Organization: "Halden <Managed> Services", Project: "Certification 2026",
		Roles: []identity.ProjectRole{identity.ProjectManager, identity.CommitteeMember},
		Link:  "https://waymark.example/invitation/abc?x=1&y=2", Until: civil.MustParse("2026-06-19"),
	}
	m, err := v.Message()
	m, page := compose2(t, m, err)
	require.Equal(t, KindInvitation, m.Kind)
	require.Equal(t, v.To, m.To)
	require.Equal(t, "Ingrid Solheim invites you to Halden <Managed> Services", m.Subject)
	require.Equal(t, `Ingrid Solheim has invited you to Certification 2026, the ISO/IEC 20000-1 certification project of Halden <Managed> Services, on Waymark.

You will take part as project manager and committee member.

Accept the invitation:
https://waymark.example/invitation/abc?x=1&y=2

The link works once, until 19 June 2026.

If you did not expect this, leave it: nothing happens until you accept.

`+"-- "+`
Waymark sent this mail. Answers to it are not read.
`, m.Text)
	require.Equal(t, v.Link, page.Find("a").AttrOr("href", ""))
	require.Equal(t, "Accept the invitation", page.Find("a").Text())
	require.Equal(t, "en", page.Find("html").AttrOr("lang", ""))

	v.Language = identity.LanguageChinese
	m, err = v.Message()
	m, page = compose2(t, m, err)
	require.Equal(t, "Ingrid Solheim邀请您加入Halden <Managed> Services", m.Subject)
	require.Contains(t, m.Text, "您将担任项目经理和委员会成员。")
	require.Contains(t, m.Text, "接受邀请：\nhttps://")
	require.Equal(t, "zh-Hans", page.Find("html").AttrOr("lang", ""))

	v.Project, v.Roles, v.Owner = "", nil, true
	m, err = v.Message()
	m, _ = compose2(t, m, err)
	require.Contains(t, m.Text, "您将担任组织所有者。")
	v.Owner = false
	m, err = v.Message()
	m, _ = compose2(t, m, err)
	require.NotContains(t, m.Text, "担任")

	// Names cannot add lines or a page of their own.
	v.Language, v.Inviter, v.Organization = identity.LanguageEnglish, "Eve\r\n\r\nClick https://evil.example", "<script>alert(1)</script>"
	v.Link = "javascript:alert(1)"
	m, err = v.Message()
	require.NoError(t, err)
	require.NotContains(t, m.Subject, "\n")
	require.NotContains(t, m.Text, "\nClick")
	require.NotContains(t, m.HTML, "<script>")
	require.NotContains(t, m.HTML, `href="javascript:`)
}

func TestRolesHaveNames(t *testing.T) {
	for _, r := range identity.ProjectRoles() {
		require.True(t, i18n.Has("mail.role."+r.String()), r)
	}
}

func TestPasswordReset(t *testing.T) {
	shanghai, err := identity.ParseTimeZone("Asia/Shanghai")
	require.NoError(t, err)
	v := PasswordReset{To: "wen@example.cn", Language: identity.LanguageChinese, Link: "https://waymark.example/reset/abc", Until: now(), Zone: shanghai}
	m, err := v.Message()
	m, _ = compose2(t, m, err)
	require.Equal(t, KindPasswordReset, m.Kind)
	require.Equal(t, "为Waymark设置新密码", m.Subject)
	require.Contains(t, m.Text, "有效期至2026年6月12日15:30。")
	require.Contains(t, m.Text, "wen@example.cn")
	v.Language = identity.LanguageEnglish
	m, err = v.Message()
	m, _ = compose2(t, m, err)
	require.Contains(t, m.Text, "The link works once, until 12 June 2026, 15:30.")
}

func TestDueList(t *testing.T) {
	task := func(project, title, due string) DueTask {
		return DueTask{Organization: "Halden", Project: project, Title: title, Link: "https://waymark.example/t/" + title, Due: civil.MustParse(due)}
	}
	v := DueList{To: "wen@example.cn", Language: identity.LanguageEnglish, Today: civil.MustParse("2026-06-12"), Tasks: []DueTask{
		task("B", "today", "2026-06-12"), task("B", "late", "2026-06-11"), task("A", "later", "2026-06-15"), task("B", "latest", "2026-06-01"),
	}}
	m, err := v.Message()
	m, page := compose2(t, m, err)
	require.Equal(t, KindDueList, m.Kind)
	require.Equal(t, "4 tasks are due, 2 are late", m.Subject)
	require.Equal(t, `Your tasks that are late or soon due, as of 12 June 2026.

A, Halden

- later
  due Mon 15 June
  https://waymark.example/t/later

B, Halden

- latest
  due Mon 1 June, 11 days late
  https://waymark.example/t/latest

- late
  due Thu 11 June, one day late
  https://waymark.example/t/late

- today
  due today
  https://waymark.example/t/today

You get this list because these tasks are yours.

`+"-- "+`
Waymark sent this mail. Answers to it are not read.
`, m.Text)
	require.Equal(t, 2, page.Find("h2").Length())
	require.Equal(t, 4, page.Find("li").Length())

	v.Language = identity.LanguageChinese
	m, err = v.Message()
	m, _ = compose2(t, m, err)
	require.Equal(t, "有4项任务待完成，其中2项已逾期", m.Subject)
	require.Contains(t, m.Text, "截止日期6月1日 周一，已逾期11天")

	v.Language, v.Tasks = identity.LanguageEnglish, []DueTask{task("A", "late", "2026-06-01")}
	m, err = v.Message()
	m, _ = compose2(t, m, err)
	require.Equal(t, "One task is late", m.Subject)
	v.Tasks = []DueTask{task("A", "soon", "2026-06-13")}
	m, err = v.Message()
	m, _ = compose2(t, m, err)
	require.Equal(t, "One task is due", m.Subject)
}

func TestMessageID(t *testing.T) {
	of, err := id.Parse[id.Mail]("01890000-0000-7000-8000-00000000000a")
	require.NoError(t, err)
	require.Equal(t, "01890000-0000-7000-8000-00000000000a@halden.example", MessageID(of, "Waymark <waymark@halden.example>"))
	require.Equal(t, MessageID(of, "x@y.z"), MessageID(of, "x@y.z"))
	require.Equal(t, "01890000-0000-7000-8000-00000000000a@waymark.invalid", MessageID(of, ""))
	require.False(t, strings.ContainsFunc(MessageID(of, ""), notInMessageID))
}

func TestKinds(t *testing.T) {
	for _, k := range Kinds() {
		got, ok := ParseKind(k.String())
		require.True(t, ok)
		require.Equal(t, k, got)
	}
	_, ok := ParseKind("")
	require.False(t, ok)
	require.Empty(t, Kind(0).String())
}
