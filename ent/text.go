package ent

import (
	"html"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	markup = regexp.MustCompile(`</?[a-zA-Z][^<>]*>|&(?:[a-zA-Z]+|#[0-9]+|#x[0-9a-fA-F]+);`)
	policy = textPolicy()
)

// textPolicy is what HTML may hold: paragraphs, headings, lists, quotes, emphasis and links to http, https, mailto and tel.
func textPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "strong", "b", "em", "i", "u", "s", "sub", "sup")
	p.AllowStandardURLs()
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.AllowRelativeURLs(false)
	p.AllowAttrs("href").OnElements("a")
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	return p
}

// SplitText takes a text as it was posted, plain or simple HTML, and gives it as plain text, and as sanitised HTML when it
// was HTML. Plain text that merely holds a < or & stays what it is.
func SplitText(posted string) (text string, htm *string) {
	posted = strings.ReplaceAll(posted, "\r\n", "\n")
	if !markup.MatchString(posted) {
		return strings.TrimSpace(posted), nil
	}
	safe := strings.TrimSpace(policy.Sanitize(keepBlocks(posted)))
	return HTMLToText(safe), &safe
}

// keepBlocks makes paragraphs of blocks that the policy does not have, such as div and table rows, and smaller headings of h1 and h2: taken away without that,
// what was apart would become one word.
func keepBlocks(htm string) string {
	var b strings.Builder
	open := false // a paragraph
	z := nethtml.NewTokenizer(strings.NewReader(htm))
	for {
		kind := z.Next()
		if kind == nethtml.ErrorToken {
			return emptyParagraph.ReplaceAllString(b.String(), "")
		}
		raw := string(z.Raw())
		if kind != nethtml.StartTagToken && kind != nethtml.EndTagToken && kind != nethtml.SelfClosingTagToken {
			b.WriteString(raw)
			continue
		}
		name, _ := z.TagName()
		switch atom.Lookup(name) {
		case atom.H1, atom.H2:
			if open {
				b.WriteString("</p>")
				open = false
			}
			b.WriteString(map[nethtml.TokenType]string{nethtml.StartTagToken: "<h3>", nethtml.EndTagToken: "</h3>"}[kind])
		case atom.P, atom.Div, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Main, atom.Aside, atom.Address, atom.Figure, atom.Figcaption, atom.Pre, atom.Table, atom.Tr,
			atom.Dl, atom.Dt, atom.Dd, atom.Center:
			if open {
				b.WriteString("</p>")
			}
			if open = kind == nethtml.StartTagToken; open {
				b.WriteString("<p>")
			}
		case atom.Hr:
			b.WriteString("<br>")
		case atom.Td, atom.Th:
			b.WriteByte(' ')
		default:
			b.WriteString(raw)
		}
	}
}

var emptyParagraph = regexp.MustCompile(`<p>\s*</p>`)

// TextToHTML gives plain text as paragraphs.
func TextToHTML(text string) string {
	var b strings.Builder
	for _, para := range strings.Split(text, "\n\n") {
		if para = strings.TrimSpace(para); para != "" {
			b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(para), "\n", "<br>") + "</p>")
		}
	}
	return b.String()
}

// HTMLToText gives the words of HTML: paragraphs parted by an empty line, list items on lines of their own.
func HTMLToText(htm string) string {
	var b strings.Builder
	z := nethtml.NewTokenizer(strings.NewReader(htm))
	for {
		switch z.Next() {
		case nethtml.ErrorToken:
			lines := strings.Split(b.String(), "\n")
			for i := range lines {
				lines[i] = strings.Join(strings.Fields(lines[i]), " ")
			}
			return strings.TrimSpace(blankLines.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"))
		case nethtml.TextToken:
			b.WriteString(strings.ReplaceAll(string(nethtml.UnescapeString(string(z.Raw()))), "\n", " "))
		case nethtml.StartTagToken, nethtml.EndTagToken, nethtml.SelfClosingTagToken:
			name, _ := z.TagName()
			switch atom.Lookup(name) {
			case atom.P, atom.Ul, atom.Ol, atom.Blockquote, atom.H3, atom.H4, atom.H5, atom.H6:
				b.WriteString("\n\n")
			case atom.Br:
				b.WriteByte('\n')
			case atom.Li:
				if b.Len() > 0 && !strings.HasSuffix(b.String(), "\n") {
					b.WriteByte('\n')
				}
			}
		}
	}
}

var blankLines = regexp.MustCompile(`\n{3,}`)
