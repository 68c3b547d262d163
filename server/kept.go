package server

import (
	"crypto/sha256"
	"net/http"
	"strings"
	"time"

	"umland/answers"
	"umland/auth"
)

// keyOf gives what an answer to the request is kept under; keepable is false where none is: for those who are not the public, and where the answer says more than
// the data. The text of a request stands for what it asks: the same question in other words is another one.
func (a *api) keyOf(r *http.Request, in received) (key answers.Key, keepable bool) {
	if a.kept == nil || auth.From(in.ctx) != nil || r.Header.Get("Umland-Cost") != "" {
		return key, false
	}
	h := sha256.New()
	if r.Method == http.MethodPost {
		h.Write([]byte("POST\n"))
		h.Write(in.body)
	} else {
		h.Write([]byte("GET\n" + r.URL.RawQuery))
	}
	return answers.Key(h.Sum(nil)), true
}

// writeKept writes a whole answer without errors. A GET gets an ETag, and only that if it has the answer already (RFC 9110 §13.1.2).
func (a *api) writeKept(w http.ResponseWriter, r *http.Request, kept *answers.Answer) {
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Now().Add(a.limits.ReadTime))
	_ = rc.SetWriteDeadline(time.Now().Add(a.limits.WriteTime))
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	h.Add("Vary", "Accept")
	if r.Method == http.MethodGet {
		h.Add("Vary", "Authorization")
		h.Add("Vary", "Cookie")
		h.Set("Cache-Control", "no-cache") // keep it, but ask each time
		h.Set("ETag", kept.ETag)
		if matches(r.Header.Values("If-None-Match"), kept.ETag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Type", negotiate(r)+"; charset=utf-8")
	body := kept.Body
	if kept.Gzip != nil && hasToken(r.Header.Values("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = kept.Gzip
	}
	_, _ = w.Write(body) // the client is gone: nobody is left to tell
}

// matches tells whether the tag is among those of If-None-Match, by weak comparison.
func matches(header []string, tag string) bool {
	for _, line := range header {
		for part := range strings.SplitSeq(line, ",") {
			part = strings.TrimSpace(part)
			if part == "*" || strings.TrimPrefix(part, "W/") == strings.TrimPrefix(tag, "W/") {
				return true
			}
		}
	}
	return false
}
