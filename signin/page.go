package signin

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"mime"
	"net/http"
	"strings"

	"umland/ent"
)

// The codes of errors in JSON that the entities do not have.
const (
	codeNotFound ent.Code = "NOT_FOUND"
	codeBusy     ent.Code = "BUSY"
)

// refusal is a request that is not done, in English for programs and in German for people. Err is for the log only.
type refusal struct {
	status               int
	code                 ent.Code
	message, title, text string
	retry                string // seconds after which it may be sent again, "" when that is not known
	err                  error
}

func (r *refusal) Error() string { return r.message }

func foreign() *refusal {
	return &refusal{
		status: http.StatusForbidden, code: ent.CodeForbidden, message: "The request came from another site.",
		title: "Das kam von einer anderen Seite",
		text:  "Eine andere Website hat diese Anfrage ausgelöst. Zu Ihrem Schutz wurde nichts getan. Bitte beginnen Sie auf dieser Seite von vorn.",
	}
}

func missing() *refusal {
	return &refusal{
		status: http.StatusNotFound, code: codeNotFound, message: "There is nothing here, or this way to sign in is not set up.",
		title: "Hier ist nichts", text: "Diese Seite gibt es nicht, oder diese Art der Anmeldung ist nicht eingerichtet.",
	}
}

func unreadable(status int) *refusal {
	return &refusal{
		status: status, code: ent.CodeBadInput, message: "Nothing takes this request: send a form or JSON of up to 8 KiB, by the method that is meant for it.",
		title: "Das haben wir nicht verstanden", text: "Die Anfrage war nicht lesbar. Bitte versuchen Sie es noch einmal.",
	}
}

func badAddress() *refusal {
	return &refusal{
		status: http.StatusBadRequest, code: ent.CodeBadInput, message: "email must be a mail address such as rathaus@example.org.",
		title: "Keine E-Mail-Adresse", text: "Bitte geben Sie eine vollständige E-Mail-Adresse ein, zum Beispiel rathaus@example.org.",
	}
}

func tooMany() *refusal {
	return &refusal{
		status: http.StatusTooManyRequests, code: codeBusy, message: "Too many attempts. Please try again in a minute.", retry: "60",
		title: "Zu viele Versuche", text: "Aus Ihrem Netz kamen gerade sehr viele Anmeldeversuche. Bitte warten Sie eine Minute und versuchen Sie es dann noch einmal.",
	}
}

func expired() *refusal {
	return &refusal{
		status: http.StatusGone, code: ent.CodeUnauthenticated, message: "The link is used, expired, or none of ours.",
		title: "Dieser Link gilt nicht mehr",
		text: "Ein Link zur Anmeldung gilt 30 Minuten und nur einmal. Wer mehrere bekommen und einen davon benutzt hat, kann die anderen nicht mehr benutzen. " +
			"Bitte lassen Sie sich einen neuen schicken.",
	}
}

func flowBroken(err error) *refusal {
	return &refusal{
		status: http.StatusBadRequest, code: ent.CodeUnauthenticated, message: "The sign-in could not be completed. Please begin anew.", err: err,
		title: "Die Anmeldung hat nicht geklappt",
		text:  "Vielleicht hat sie zu lange gedauert, oder sie wurde in einem anderen Fenster begonnen. Bitte melden Sie sich noch einmal an.",
	}
}

func declined(err error) *refusal {
	return &refusal{
		status: http.StatusForbidden, code: ent.CodeUnauthenticated, message: "The issuer did not sign you in.", err: err,
		title: "Die Anmeldung wurde abgebrochen", text: "Sie sind nicht angemeldet. Sie können es jederzeit noch einmal versuchen.",
	}
}

func issuerAway(err error) *refusal {
	return &refusal{
		status: http.StatusBadGateway, code: ent.CodeUnavailable, message: "The issuer cannot be reached just now.", err: err, retry: "10",
		title: "Der Anmeldedienst antwortet nicht",
		text:  "Der Dienst, der Ihre Anmeldung bestätigt, ist gerade nicht erreichbar. Bitte versuchen Sie es in einigen Minuten noch einmal.",
	}
}

// fail answers with what went wrong.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	var no *refusal
	if !errors.As(err, &no) {
		var safe *ent.Error
		switch errors.As(err, &safe); {
		case safe != nil && safe.Code == ent.CodeForbidden:
			no = &refusal{
				status: http.StatusForbidden, code: safe.Code, message: safe.Message, title: "Mit diesem Konto geht es nicht",
				text: "Das Konto ist gesperrt, oder seine E-Mail-Adresse gehört schon zu einem anderen Konto. Bitte wenden Sie sich an die Stelle, die diesen Server betreibt.",
			}
		case safe != nil && safe.Code == ent.CodeUnavailable:
			no = &refusal{
				status: http.StatusServiceUnavailable, code: safe.Code, message: safe.Message, err: err, retry: "10",
				title: "Gerade nicht erreichbar", text: "Unsere Datenbank antwortet nicht. Bitte versuchen Sie es in einigen Minuten noch einmal.",
			}
		default:
			no = &refusal{
				status: http.StatusInternalServerError, code: ent.CodeInternal, message: "Something went wrong on our side.", err: err,
				title: "Da ist etwas schiefgegangen", text: "Der Fehler liegt bei uns und wurde vermerkt. Bitte versuchen Sie es noch einmal.",
			}
		}
	}
	if no.err != nil {
		event := h.o.Log.Info()
		if no.status >= 500 {
			event = h.o.Log.Warn()
		}
		event.Err(no.err).Int("status", no.status).Msg("sign-in failed")
	}
	if no.retry != "" {
		w.Header().Set("Retry-After", no.retry)
	}
	if wantsJSON(r) {
		writeJSON(w, no.status, struct {
			Code    ent.Code `json:"code"`
			Message string   `json:"message"`
		}{no.code, no.message})
		return
	}
	writePage(w, no.status, page{Title: no.title, Text: []string{no.text}, Back: true})
}

// done answers a sign-in or a sign-out that worked.
func done(w http.ResponseWriter, r *http.Request, returnTo string) {
	if wantsJSON(r) {
		writeJSON(w, http.StatusOK, struct {
			ReturnTo string `json:"returnTo"`
		}{returnTo})
		return
	}
	http.Redirect(w, r, returnTo, http.StatusSeeOther)
}

// wantsJSON tells a program from a browser that shows what it gets.
func wantsJSON(r *http.Request) bool {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if strings.Contains(accept, "text/html") {
		return false
	}
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return media == "application/json" || strings.Contains(accept, "application/json")
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client is gone: nobody is left to tell
}

// decodeJSON reads one value and nothing after it.
func decodeJSON(r io.Reader, v any) error {
	d := json.NewDecoder(r)
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err == nil {
		return errors.New("more than one value")
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// page is a page of text, which may ask to confirm a sign-in.
type page struct {
	Title string
	Text  []string
	Email string // who signs in
	Token string // by which link; "" for a page that asks nothing
	Back  bool   // has a link to the start page
}

const style = `:root{color-scheme:light dark}
body{margin:0;font:1.0625rem/1.6 system-ui,sans-serif;background:light-dark(#f4f6f3,#161a17);color:light-dark(#1c211d,#e8ece8)}
main{max-width:30rem;margin:12vh auto 0;padding:2rem;background:light-dark(#fff,#1f2521);border-radius:.75rem;box-shadow:0 1px 4px #0003}
h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.25}
p{margin:0 0 1rem;overflow-wrap:anywhere}
button{font:inherit;font-weight:600;padding:.75rem 1.5rem;border:0;border-radius:.5rem;background:#1f6b3b;color:#fff;cursor:pointer}
button:hover{background:#18552f}
button:focus-visible,a:focus-visible{outline:3px solid light-dark(#1f6b3b,#9fd8b3);outline-offset:3px}
a{color:light-dark(#1f6b3b,#9fd8b3)}
.note{margin:1.5rem 0 0;font-size:.9375rem;color:light-dark(#4b544d,#b4bdb6)}
@media(max-width:34rem){main{margin:0;min-height:100vh;box-sizing:border-box;border-radius:0;box-shadow:none}}`

func styleHash() string {
	sum := sha256.Sum256([]byte(style))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

const pageText = `<!doctype html>
<html lang="de">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}} – Umland</title>
<style>` + style + `</style>
</head>
<body>
<main>
<h1>{{.Title}}</h1>
{{range .Text}}<p>{{.}}</p>
{{end}}{{if .Token}}<p>Sie melden sich an als <strong>{{.Email}}</strong>.</p>
<form method="post" action="/auth/link">
<input type="hidden" name="token" value="{{.Token}}">
<button>Jetzt anmelden</button>
</form>
<p class="note">Sie haben keine Anmeldung angefordert, oder das ist nicht Ihre Adresse? Dann schließen Sie diese Seite einfach.</p>
{{end}}{{if .Back}}<p><a href="/">Zur Startseite</a></p>
{{end}}</main>
</body>
</html>
`

func writePage(w http.ResponseWriter, status int, p page) {
	var b bytes.Buffer
	if err := template.Must(template.New("page").Parse(pageText)).Execute(&b, p); err != nil {
		panic(err) // cannot be: the template is constant, and what it shows are texts
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client is gone: nobody is left to tell
}
