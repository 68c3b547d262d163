package signin

import (
	"context"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"net"
	"net/http"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	texttemplate "text/template"
	"time"

	"github.com/google/uuid"
	gomail "github.com/wneessen/go-mail"

	"umland/ent"
)

// mailer hands mails to an SMTP server.
type mailer struct {
	o    SMTP
	from *mail.Address
	host string
	port int
	base *url.URL
}

func newMailer(o SMTP, base *url.URL) (*mailer, error) {
	host, text, err := net.SplitHostPort(o.Addr)
	if err != nil {
		return nil, fmt.Errorf("the SMTP server %q must be host:port", o.Addr)
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 || host == "" {
		return nil, fmt.Errorf("the SMTP server %q must be host:port", o.Addr)
	}
	from, err := mail.ParseAddress(o.From)
	if err != nil {
		return nil, fmt.Errorf("the sender of mails %q must be a mail address", o.From)
	}
	switch {
	case o.TLS != StartTLS && o.TLS != ImplicitTLS && o.TLS != NoTLS:
		return nil, fmt.Errorf("%q is no way to protect mail: use starttls, tls or none", o.TLS)
	case o.TLS == NoTLS && o.User != "":
		return nil, errors.New("the password of the SMTP server must not go over a line without TLS")
	case (o.User == "") != (o.Password == ""):
		return nil, errors.New("the SMTP server needs a user and a password, or none of the two")
	}
	return &mailer{o: o, from: from, host: host, port: int(port), base: base}, nil
}

// mail sends a link. Everything that could differ between addresses happens after the answer, which is the same for all: whether somebody is known here, or has
// just had a mail, is nobody else's business.
func (h *Handler) mail(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	email, ok := ent.FoldEmail(form.Email)
	if !ok {
		return badAddress()
	}
	now := h.o.Now()
	if !h.perNetwork.allow(h.network(r), now) {
		return tooMany()
	}
	if h.perAddress.allow(email, now) {
		if !h.inAll.allow("", now) {
			return tooMany()
		}
		select {
		case h.sending <- struct{}{}:
		default:
			return tooMany()
		}
		h.sent.Go(func() {
			defer func() { <-h.sending }()
			h.sendLink(email, form.ReturnTo, now)
		})
	}
	if wantsJSON(r) {
		writeJSON(w, http.StatusAccepted, struct {
			Message string `json:"message"`
		}{"A link is on its way. It is valid for 30 minutes."})
		return nil
	}
	writePage(w, http.StatusAccepted, page{Title: "Bitte sehen Sie in Ihr Postfach", Back: true, Text: []string{
		"Wir haben Ihnen eine E-Mail mit einem Link zur Anmeldung geschickt. Er gilt 30 Minuten.",
		"Nichts angekommen? Es kann einige Minuten dauern. Sehen Sie bitte auch im Spam-Ordner nach und prüfen Sie, ob die Adresse stimmt. " +
			"An dieselbe Adresse schicken wir nur alle paar Minuten etwas.",
	}})
	return nil
}

// sendLink makes a link, stores it and mails it; where the mail server asks to wait or does not answer, it tries again, for a minute in all.
func (h *Handler) sendLink(email, returnTo string, now time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, domain, _ := strings.Cut(email, "@")
	token, hash := newToken()
	link := &ent.SignInLink{Hash: hash, Email: email, ExpiresAt: now.Add(ent.LinkLife).UTC(), ReturnTo: returnTo}
	if err := h.o.Store.CreateLink(ctx, link); err != nil {
		h.o.Log.Error().Err(err).Str("domain", domain).Msg("a sign-in link could not be stored")
		return
	}
	wait := time.Second
	for {
		err := h.mailer.send(ctx, email, token, now, link.ExpiresAt)
		if err == nil {
			h.o.Log.Info().Str("domain", domain).Msg("sign-in link sent")
			return
		}
		if !passing(err) || wait > 10*time.Second {
			h.o.Log.Error().Err(err).Str("domain", domain).Msg("a sign-in link could not be sent")
			return
		}
		select {
		case <-ctx.Done():
			h.o.Log.Error().Err(err).Str("domain", domain).Msg("a sign-in link could not be sent in time")
			return
		case <-time.After(wait):
			wait *= 4
		}
	}
}

// passing tells whether a mail may get through when it is sent again.
func passing(err error) bool {
	var refused *gomail.SendError
	if errors.As(err, &refused) {
		return refused.IsTemp()
	}
	var network net.Error
	return errors.As(err, &network)
}

func (m *mailer) send(ctx context.Context, to, token string, now, until time.Time) error {
	msg, err := m.message(to, token, now, until)
	if err != nil {
		return err
	}
	options := []gomail.Option{
		gomail.WithPort(m.port), gomail.WithTimeout(15 * time.Second), gomail.WithHELO(m.helo()), gomail.WithoutNoop(),
	}
	switch m.o.TLS {
	case ImplicitTLS:
		options = append(options, gomail.WithSSL())
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case NoTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if m.o.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(m.o.User), gomail.WithPassword(m.o.Password))
	}
	client, err := gomail.NewClient(m.host, options...)
	if err != nil {
		return err
	}
	return client.DialAndSendWithContext(ctx, msg)
}

// helo names this server as RFC 5321 wants it: an address in brackets.
func (m *mailer) helo() string {
	host := m.base.Hostname()
	ip := net.ParseIP(host)
	switch {
	case ip == nil:
		return host
	case ip.To4() == nil:
		return "[IPv6:" + host + "]"
	}
	return "[" + host + "]"
}

const mailText = `Guten Tag,

mit diesem Link melden Sie sich bei Umland an ({{.Host}}):

{{.Link}}

Der Link gilt 30 Minuten, bis {{.Until}} Uhr, und nur einmal. Öffnen Sie ihn
auf dem Gerät, auf dem Sie weiterarbeiten möchten, und geben Sie ihn
nicht weiter.

Sie haben keine Anmeldung angefordert? Dann müssen Sie nichts tun und
können diese E-Mail löschen. Jemand hat Ihre Adresse eingegeben,
vermutlich aus Versehen. Ohne den Link kann sich niemand mit Ihrer
Adresse anmelden.

Diese E-Mail wurde automatisch verschickt. Bitte antworten Sie nicht darauf.
`

const mailHTML = `<!doctype html>
<html lang="de">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.Subject}}</title></head>
<body style="margin:0;padding:24px;background:#f4f6f3;color:#1c211d;font:16px/1.6 'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<div style="max-width:520px;margin:0 auto;padding:28px;background:#ffffff;border-radius:10px">
<p style="margin:0 0 16px">Guten Tag,</p>
<p style="margin:0 0 24px">mit diesem Link melden Sie sich bei Umland an ({{.Host}}):</p>
<p style="margin:0 0 24px"><a href="{{.Link}}" style="display:inline-block;padding:12px 24px;background:#1f6b3b;color:#ffffff;font-weight:bold;text-decoration:none;border-radius:8px">Bei Umland anmelden</a></p>
<p style="margin:0 0 16px">Der Link gilt 30 Minuten, bis {{.Until}} Uhr, und nur einmal. Öffnen Sie ihn auf dem Gerät, auf dem Sie weiterarbeiten möchten, und geben Sie ihn nicht weiter.</p>
<p style="margin:0 0 16px">Lässt sich der Link nicht anklicken? Dann kopieren Sie diese Adresse in Ihren Browser:<br><span style="word-break:break-all">{{.Link}}</span></p>
<p style="margin:0 0 16px"><strong>Sie haben keine Anmeldung angefordert?</strong> Dann müssen Sie nichts tun und können diese E-Mail löschen. Jemand hat Ihre Adresse eingegeben, vermutlich aus Versehen. Ohne den Link kann sich niemand mit Ihrer Adresse anmelden.</p>
<p style="margin:0;font-size:14px;color:#4b544d">Diese E-Mail wurde automatisch verschickt. Bitte antworten Sie nicht darauf.</p>
</div>
</body>
</html>
`

func (m *mailer) message(to, token string, now, until time.Time) (*gomail.Msg, error) {
	const subject = "Ihr Link zur Anmeldung bei Umland"
	link := m.base.JoinPath("/auth/link")
	link.RawQuery = url.Values{"token": {token}}.Encode()
	values := struct{ Subject, Host, Link, Until string }{subject, m.base.Host, link.String(), until.In(ent.Berlin).Format("15:04")}
	text, err := texttemplate.New("text").Parse(mailText)
	if err != nil {
		return nil, err
	}
	html, err := htmltemplate.New("html").Parse(mailHTML)
	if err != nil {
		return nil, err
	}
	msg := gomail.NewMsg()
	msg.FromMailAddress(m.from)
	if err := msg.To(to); err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(m.from.Address, "@")
	msg.Subject(subject)
	msg.SetDateWithValue(now.In(ent.Berlin))
	msg.SetMessageIDWithValue(uuid.NewString() + "@" + domain)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office replies
	msg.SetGenHeader("Content-Language", "de")
	if err := msg.SetBodyTextTemplate(text, values); err != nil {
		return nil, err
	}
	return msg, msg.AddAlternativeHTMLTemplate(html, values)
}

// linkPage asks for the click that uses the link.
func (h *Handler) linkPage(w http.ResponseWriter, r *http.Request) error {
	if !h.tries.allow(h.network(r), h.o.Now()) {
		return tooMany()
	}
	token := r.URL.Query().Get("token")
	hash, ok := hashToken(token)
	if !ok {
		return expired()
	}
	link, err := h.o.Store.Link(r.Context(), hash, h.o.Now().UTC())
	if err != nil {
		return err
	}
	if link == nil {
		return expired()
	}
	writePage(w, http.StatusOK, page{Title: "Bei Umland anmelden", Email: link.Email, Token: token})
	return nil
}

func (h *Handler) link(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if !h.tries.allow(h.network(r), h.o.Now()) {
		return tooMany()
	}
	hash, ok := hashToken(form.Token)
	if !ok {
		return expired()
	}
	now := h.o.Now().UTC()
	link, err := h.o.Store.UseLink(r.Context(), hash, now)
	if err != nil {
		return err
	}
	if link == nil {
		return expired()
	}
	p, err := h.o.Store.PersonByEmail(r.Context(), link.Email, now)
	if err != nil {
		return err
	}
	return h.begin(w, r, p, link.ReturnTo)
}
