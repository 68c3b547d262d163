package fetch

import (
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// Kind says what sort of fault an Error is.
type Kind string

// The kinds of faults.
const (
	KindRequest     Kind = "REQUEST"     // the address or a header of the request is none, or the address has user info
	KindScheme      Kind = "SCHEME"      // neither http nor https
	KindAddress     Kind = "ADDRESS"     // in a network that is not public
	KindNetwork     Kind = "NETWORK"     // no such host, no connection, no HTTP
	KindCertificate Kind = "CERTIFICATE" // the host could not show who it is
	KindTimeout     Kind = "TIMEOUT"     // the host, or the caller's context, took too long
	KindCancelled   Kind = "CANCELLED"   // the caller's context was cancelled
	KindRobots      Kind = "ROBOTS"      // robots.txt forbids it, or could not be read for now
	KindRedirect    Kind = "REDIRECT"    // too many, in a circle, or to where the request must not go
	KindStatus      Kind = "STATUS"      // neither success nor a redirect
	KindTooLarge    Kind = "TOO_LARGE"   // header or body
	KindBroken      Kind = "BROKEN"      // the body ends too early or cannot be inflated
)

// Error is why there is no response, or no more of its body.
type Error struct {
	Kind       Kind
	URL        string        // where it happened, after redirects; "" when the address asked for is none that could be visited
	Status     int           // HTTP status, 0 when it did not come to that
	RetryAfter time.Duration // how long the host wants to be left alone, up to 7 days; 0 when it did not say
	Message    string        // a sentence in German, for a clerk
	Err        error         // for the log; may be nil
}

// Error gives the message and what is behind it.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

// Unwrap gives what is behind it.
func (e *Error) Unwrap() error { return e.Err }

// lateError is the cause of a context that ended because the host took too long.
type lateError struct {
	after  time.Duration
	format string
}

func (e lateError) Error() string {
	return fmt.Sprintf(e.format, strings.Replace(fmt.Sprintf("%g s", e.after.Seconds()), ".", ",", 1))
}

type errTooLarge struct{ max int64 }

func (e errTooLarge) Error() string { return fmt.Sprintf("more than %d bytes", e.max) }

var errCoding = errors.New("unknown content coding")

// fault says in our words what went wrong on the way.
func fault(ctx context.Context, u *url.URL, err error) *Error {
	var (
		late     lateError
		tooLarge errTooLarge
		timeout  net.Error
		dns      *net.DNSError
		cert     *tls.CertificateVerificationError
		corrupt  flate.CorruptInputError
	)
	is := func(targets ...error) bool {
		for _, t := range targets {
			if errors.Is(err, t) {
				return true
			}
		}
		return false
	}
	e := &Error{URL: u.String(), Err: err}
	switch cause := context.Cause(ctx); {
	case errors.As(err, &tooLarge):
		e.Kind, e.Message = KindTooLarge, "Die Antwort ist größer als die erlaubten "+size(tooLarge.max)+"."
	case errors.As(cause, &late):
		e.Kind, e.Message = KindTimeout, late.Error()
	case errors.Is(cause, context.DeadlineExceeded):
		e.Kind, e.Message = KindTimeout, "Die Zeit für den Abruf ist abgelaufen."
	case cause != nil:
		e.Kind, e.Message = KindCancelled, "Der Abruf wurde abgebrochen."
	case is(ssrf.ErrProhibitedIP, ssrf.ErrProhibitedNetwork, ssrf.ErrInvalidHostPort):
		e.Kind, e.Message = KindAddress, "Die Adresse liegt nicht im öffentlichen Internet und darf nicht abgerufen werden."
	case is(io.ErrUnexpectedEOF, gzip.ErrHeader, gzip.ErrChecksum, zlib.ErrHeader, zlib.ErrChecksum, zlib.ErrDictionary) || errors.As(err, &corrupt):
		e.Kind, e.Message = KindBroken, "Die Antwort ist unvollständig oder beschädigt."
	case is(errCoding):
		e.Kind, e.Message = KindBroken, "Die Antwort ist auf eine Weise komprimiert, die nicht verstanden wird."
	case errors.As(err, &dns) && dns.IsNotFound:
		e.Kind, e.Message = KindNetwork, fmt.Sprintf("Den Server %.200s gibt es nicht.", u.Hostname())
	case errors.As(err, &cert):
		e.Kind, e.Message = KindCertificate, certificateMessage(cert.Err)
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Kind, e.Message = KindTimeout, "Der Server ist nicht zu erreichen: keine Antwort."
	case is(syscall.ECONNREFUSED):
		e.Kind, e.Message = KindNetwork, "Der Server nimmt keine Verbindung an."
	// The standard library has no type for it.
	case strings.Contains(err.Error(), "server response headers exceeded"):
		e.Kind, e.Message = KindTooLarge, "Die Kopfzeilen der Antwort sind zu groß."
	default:
		e.Kind, e.Message = KindNetwork, "Die Verbindung zum Server ist gescheitert."
	}
	return e
}

func certificateMessage(err error) string {
	var (
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &host):
		return "Das Zertifikat des Servers gilt nicht für diesen Servernamen."
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "Das Zertifikat des Servers ist abgelaufen oder noch nicht gültig."
	}
	return "Dem Zertifikat des Servers ist nicht zu trauen."
}

func redirectError(u *url.URL, status int, message string) *Error {
	return &Error{Kind: KindRedirect, URL: u.String(), Status: status, Message: message}
}

func statusError(u *url.URL, status int) *Error {
	message := fmt.Sprintf("Der Server antwortet mit %d", status)
	switch {
	case status == http.StatusUnauthorized:
		message += ": Er verlangt eine Anmeldung"
	case status == http.StatusForbidden:
		message += ": Er verweigert den Zugang"
	case status == http.StatusNotFound || status == http.StatusGone:
		message += ": Die Adresse gibt es nicht mehr"
	case status == http.StatusTooManyRequests:
		message += ": Er hat zu viele Anfragen bekommen"
	case status == http.StatusServiceUnavailable:
		message += ": Er ist vorübergehend nicht verfügbar"
	case status == http.StatusPartialContent:
		message += ": Er schickt nur einen Teil"
	case status >= 500:
		message += ": Dort ist ein Fehler aufgetreten"
	}
	return &Error{Kind: KindStatus, URL: u.String(), Status: status, Message: message + "."}
}

// size writes a number of bytes as people read it.
func size(n int64) string {
	switch {
	case n >= 1_000_000:
		return fmt.Sprintf("%d MB", n/1_000_000)
	case n >= 1_000:
		return fmt.Sprintf("%d kB", n/1_000)
	}
	return fmt.Sprintf("%d Byte", n)
}
