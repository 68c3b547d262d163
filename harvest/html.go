package harvest

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// feedError is an error in German, a whole sentence, for a clerk: why a feed as a whole is none.
func feedError(format string, args ...any) error { return fmt.Errorf(format, args...) }

// whatIs says in German what a document is that begins with head: for an error that says that it is not what was expected.
func whatIs(head []byte) string {
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"))
	begins := func(list ...string) bool {
		for _, s := range list {
			if bytes.HasPrefix(text, []byte(s)) {
				return true
			}
		}
		return false
	}
	contains := func(s string) bool { return bytes.Contains(text, []byte(s)) }
	switch {
	case len(text) == 0:
		return "eine leere Datei"
	case begins("begin:vcalendar"):
		return "ein Kalender (iCal)"
	case begins("begin:vcard"):
		return "ein Adressbuch (vCard)"
	case begins("<!doctype html", "<html") || begins("<") && contains("<html"):
		return "eine HTML-Seite"
	case begins("<") && (contains("<rss") || contains("<rdf:rdf")):
		return "ein RSS-Feed"
	case begins("<") && contains("<feed"):
		return "ein Atom-Feed"
	case begins("<") && (contains("<urlset") || contains("<sitemapindex")):
		return "eine Sitemap"
	case begins("<"):
		return "ein XML-Dokument"
	case begins("{", "["):
		return "ein JSON-Dokument"
	case begins("%pdf"):
		return "ein PDF"
	case begins("pk\x03\x04"):
		return "ein ZIP-Archiv oder Office-Dokument"
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return "eine gepackte Datei (gzip)"
	case bytes.IndexByte(text, 0) >= 0:
		return "eine Binärdatei"
	}
	return "ein anderer Text"
}

// pageBody gives what stands in the body of a whole HTML page; a piece of HTML it gives as it is.
func pageBody(page string) string {
	if !strings.Contains(strings.ToLower(page), "<body") {
		return page
	}
	z := html.NewTokenizer(strings.NewReader(page))
	var b strings.Builder
	inside := false
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.StartTagToken, html.EndTagToken:
			raw := string(z.Raw())
			name, _ := z.TagName()
			switch atom.Lookup(name) {
			case atom.Body:
				inside = raw[1] != '/'
				continue
			case atom.Html:
				continue
			}
			if inside {
				b.WriteString(raw)
			}
		default:
			if inside {
				b.Write(z.Raw())
			}
		}
	}
}
