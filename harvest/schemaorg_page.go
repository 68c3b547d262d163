package harvest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

const (
	schemaMaxPage  = 16 << 20 // bytes
	schemaMaxDepth = 60       // of things within things
	schemaMaxNodes = 200_000  // things and values of a page
	schemaMaxSteps = 5_000_000
)

// schemaThing is an item of structured data. Values are strings and things; numbers and truths are strings as JSON writes them.
type schemaThing struct {
	types []string // without "https://schema.org/"
	id    string
	props map[string][]any
}

// json gives the thing as JSON-LD.
func (t *schemaThing) json() map[string]any {
	m := map[string]any{}
	for name, values := range t.props {
		list := make([]any, len(values))
		for i, v := range values {
			list[i] = v
			if inner, ok := v.(*schemaThing); ok {
				list[i] = inner.json()
			}
		}
		if m[name] = list; len(list) == 1 {
			m[name] = list[0]
		}
	}
	if len(t.types) > 0 {
		m["@type"] = t.types
	}
	if t.id != "" {
		m["@id"] = t.id
	}
	return m
}

// schemaName cuts the ways to write that a name is one of schema.org.
func schemaName(s string) string {
	s = strings.TrimSpace(s)
	for _, prefix := range []string{"https://", "http://"} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			if name, ok := strings.CutPrefix(strings.TrimPrefix(rest, "www."), "schema.org/"); ok {
				return name
			}
		}
	}
	return strings.TrimPrefix(s, "schema:")
}

// schemaPage is what a page has of structured data.
type schemaPage struct {
	url    *url.URL
	things []*schemaThing // those that stand for themselves
	byID   map[string]*schemaThing
	part   map[string]bool // ids of things that others name as their place, organizer, …
	nodes  int
	steps  int   // elements passed in search of text
	broken []int // numbers of the blocks that are no JSON
	blocks int   // of JSON-LD
	// referred are the elements that itemref names, by their ids.
	referred    map[string]*html.Node
	referring   int // itemrefs that are being followed
	referredOut int // elements passed by following them
	// lang is the language of the page.
	lang string
}

// schemaRead reads the structured data of a page, or of a JSON-LD document.
func schemaRead(address *url.URL, contentType string, body io.Reader) (*schemaPage, error) {
	b, err := io.ReadAll(io.LimitReader(body, schemaMaxPage+1))
	if err != nil {
		return nil, err
	}
	if len(b) > schemaMaxPage {
		return nil, feedError("Die Seite ist größer als %d MB.", schemaMaxPage>>20)
	}
	p := &schemaPage{url: address, byID: map[string]*schemaThing{}, part: map[string]bool{}}
	trimmed := bytes.TrimSpace(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")))
	switch {
	case len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '['):
		p.block(string(trimmed))
		return p, nil
	case !bytes.Contains(trimmed, []byte("<")):
		return nil, feedError("Das ist keine Webseite, sondern %s.", whatIs(trimmed[:min(len(trimmed), 2000)]))
	}
	var r io.Reader = bytes.NewReader(b)
	if !utf8.Valid(b) { // what is UTF-8 is it, whatever the page says
		if r, err = charset.NewReader(r, contentType); err != nil {
			return nil, feedError("Die Zeichenkodierung der Seite ist unbekannt.")
		}
	}
	doc, err := html.Parse(r)
	if err != nil {
		return nil, feedError("Die Seite ist kein lesbares HTML.")
	}
	for n := range doc.Descendants() {
		if n.DataAtom == atom.Html {
			p.lang = schemaAttr(n, "lang")
		}
		if n.DataAtom == atom.Script && strings.HasPrefix(strings.ToLower(strings.TrimSpace(schemaAttr(n, "type"))), "application/ld+json") && n.FirstChild != nil {
			p.block(n.FirstChild.Data)
		}
	}
	p.findReferred(doc)
	p.markup(doc, nil, schemaMicrodata, 0)
	p.markup(doc, nil, schemaRDFa, 0)
	return p, nil
}

// block reads a JSON-LD document.
func (p *schemaPage) block(text string) {
	p.blocks++
	v, err := schemaJSON(text)
	if err != nil {
		p.broken = append(p.broken, p.blocks)
		return
	}
	p.top(v, 0)
}

func (p *schemaPage) top(v any, depth int) {
	if depth > schemaMaxDepth {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			p.top(e, depth+1)
		}
	case map[string]any:
		p.top(v["@graph"], depth+1)
		if v["@type"] != nil || v["@graph"] == nil {
			if t, ok := p.value(v, "", depth).(*schemaThing); ok && len(t.types) > 0 {
				p.things = append(p.things, t)
			}
		}
	}
}

// value brings a JSON value into the form of a thing's values; nil for what says nothing.
func (p *schemaPage) value(v any, property string, depth int) any {
	if p.nodes++; depth > schemaMaxDepth || p.nodes > schemaMaxNodes {
		return nil
	}
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	case map[string]any:
		if inner, ok := v["@value"]; ok {
			return p.value(inner, property, depth+1)
		}
		t := &schemaThing{props: map[string][]any{}}
		t.id, _ = v["@id"].(string)
		for name, value := range v {
			switch name {
			case "@type":
				for _, e := range schemaFlat(value) {
					if s, ok := e.(string); ok {
						t.types = append(t.types, schemaName(s))
					}
				}
				continue
			case "@graph", "@context", "@id", "@reverse":
				continue
			}
			name = schemaName(name)
			for _, e := range schemaFlat(value) {
				if x := p.value(e, name, depth+1); x != nil {
					t.props[name] = append(t.props[name], x)
				}
			}
		}
		if t.id != "" {
			if len(t.props)+len(t.types) > 0 {
				if p.byID[t.id] == nil || len(p.byID[t.id].props) < len(t.props) {
					p.byID[t.id] = t
				}
			}
			switch property {
			case "location", "organizer", "publisher", "performer", "provider", "author", "creator", "copyrightHolder", "sponsor", "funder", "address", "parentOrganization", "worksFor", "seller", "offeredBy", "isPartOf", "sourceOrganization":
				p.part[t.id] = true
			}
		}
		return t
	}
	return nil
}

// schemaFlat gives what is in lists, sets and language maps of JSON-LD one by one.
func schemaFlat(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		var list []any
		for _, e := range v {
			if inner, ok := e.(map[string]any); ok && (inner["@list"] != nil || inner["@set"] != nil) {
				list = append(list, schemaFlat(e)...)
			} else {
				list = append(list, e)
			}
		}
		return list
	case map[string]any:
		for _, key := range []string{"@list", "@set"} {
			if inner, ok := v[key].([]any); ok {
				return inner
			}
		}
	}
	return []any{v}
}

// schemaJSON reads JSON as pages have it: within HTML comments or CDATA, with commas at the end, line breaks in strings, wrong escapes. What is
// changed to read it means nothing.
func schemaJSON(text string) (any, error) {
	text = strings.TrimSpace(text)
	for _, edge := range []string{"//<![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "<![CDATA[", "<!--"} {
		text = strings.TrimSpace(strings.TrimPrefix(text, edge))
	}
	for _, edge := range []string{"-->", "/*]]>*/", "/* ]]> */", "//]]>", "]]>", ";"} {
		text = strings.TrimSpace(strings.TrimSuffix(text, edge))
	}
	parse := func(text string) (v any, err error) {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if err = d.Decode(&v); err == nil {
			if _, more := d.Token(); more != io.EOF {
				err = errors.New("more than one value")
			}
		}
		return v, err
	}
	v, err := parse(text)
	if err == nil {
		return v, nil
	}
	var b strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '\\' && i+1 < len(text):
			i++
			if strings.IndexByte(`"\/bfnrtu`, text[i]) >= 0 {
				b.WriteByte('\\')
			}
			if text[i] >= ' ' {
				b.WriteByte(text[i])
			}
		case quoted && c == '\n':
			b.WriteString(`\n`)
		case quoted && c < ' ':
			b.WriteByte(' ')
		case c == '"':
			quoted = !quoted
			b.WriteByte(c)
		case !quoted && c == ',':
			if rest := strings.TrimLeft(text[i+1:], " \t\r\n"); rest == "" || rest[0] != '}' && rest[0] != ']' && rest[0] != ',' {
				b.WriteByte(c)
			}
		default:
			b.WriteByte(c)
		}
	}
	return parse(b.String())
}

// schemaSyntax says how a markup writes things in HTML.
type schemaSyntax struct{ scope, kind, property, id string }

var (
	schemaMicrodata = schemaSyntax{"itemscope", "itemtype", "itemprop", "itemid"}
	schemaRDFa      = schemaSyntax{"typeof", "typeof", "property", "resource"}
)

// markup reads microdata or RDFa Lite below n into the thing cur.
func (p *schemaPage) markup(n *html.Node, cur *schemaThing, s schemaSyntax, depth int) {
	if depth > 600 || p.nodes > schemaMaxNodes {
		return
	}
	if p.referring > 0 {
		if p.referredOut++; p.referredOut > schemaMaxReferred {
			return
		}
	}
	inner := cur
	if n.Type == html.ElementNode {
		properties := strings.Fields(schemaAttr(n, s.property))
		if schemaHas(n, s.scope) {
			p.nodes++
			inner = &schemaThing{props: map[string][]any{}, id: schemaAttr(n, s.id)}
			for kind := range strings.FieldsSeq(schemaAttr(n, s.kind)) {
				inner.types = append(inner.types, schemaName(kind))
			}
			if cur != nil && len(properties) > 0 {
				for _, name := range properties {
					cur.props[schemaName(name)] = append(cur.props[schemaName(name)], inner)
				}
			} else if s != schemaMicrodata || len(properties) == 0 || p.referred[schemaAttr(n, "id")] == nil { // those are parts of what refers to them
				p.things = append(p.things, inner)
			}
			if s == schemaMicrodata {
				p.refer(n, inner, depth)
			}
		} else if cur != nil {
			for _, name := range properties {
				p.nodes++
				if value := strings.TrimSpace(p.content(n)); value != "" {
					cur.props[schemaName(name)] = append(cur.props[schemaName(name)], value)
				}
			}
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		p.markup(c, inner, s, depth+1)
	}
}

// schemaMaxReferred bounds the elements that are read by following itemrefs.
const schemaMaxReferred = 100_000

// findReferred looks for the elements that itemrefs name.
func (p *schemaPage) findReferred(doc *html.Node) {
	p.referred = map[string]*html.Node{}
	ids := map[string]bool{}
	for n := range doc.Descendants() {
		for id := range strings.FieldsSeq(schemaAttr(n, "itemref")) {
			if len(ids) < 1000 {
				ids[id] = true
			}
		}
	}
	if len(ids) == 0 {
		return
	}
	for n := range doc.Descendants() {
		if id := schemaAttr(n, "id"); id != "" && ids[id] && p.referred[id] == nil {
			p.referred[id] = n
		}
	}
}

// refer reads what the itemref of n names as if it stood in the thing.
func (p *schemaPage) refer(n *html.Node, thing *schemaThing, depth int) {
	if p.referring > 3 {
		return // it may lead in a circle
	}
	p.referring++
	for id := range strings.FieldsSeq(schemaAttr(n, "itemref")) {
		if part := p.referred[id]; part != nil && part != n {
			p.markup(part, thing, schemaMicrodata, depth+1)
		}
	}
	p.referring--
}

// content gives the value of an element: of its attribute, where it has one for that, or its words.
func (p *schemaPage) content(n *html.Node) string {
	if schemaHas(n, "content") {
		return schemaAttr(n, "content")
	}
	attribute := ""
	switch n.DataAtom {
	case atom.A, atom.Area, atom.Link:
		attribute = "href"
	case atom.Img, atom.Audio, atom.Video, atom.Source, atom.Embed, atom.Iframe, atom.Track:
		attribute = "src"
	case atom.Object:
		attribute = "data"
	case atom.Time:
		attribute = "datetime"
	case atom.Data, atom.Meter:
		attribute = "value"
	}
	if attribute != "" && schemaHas(n, attribute) {
		return schemaAttr(n, attribute)
	}
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode && (c.Parent == nil || c.Parent.DataAtom != atom.Script && c.Parent.DataAtom != atom.Style) {
			b.WriteString(c.Data)
		} else if c.DataAtom == atom.Br || c.DataAtom == atom.P {
			b.WriteString(" ")
		}
		if p.steps++; b.Len() > 100_000 || p.steps > schemaMaxSteps {
			break
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func schemaHas(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func schemaAttr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text gives the first value of the property as words: of a thing its name, or its address on the web.
func (p *schemaPage) text(t *schemaThing, names ...string) string {
	for _, name := range names {
		for _, v := range t.props[name] {
			if s := p.words(v); s != "" {
				return s
			}
		}
	}
	return ""
}

func (p *schemaPage) words(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(html.UnescapeString(v))
	case *schemaThing:
		v = p.follow(v)
		for _, name := range []string{"name", "text", "url"} {
			for _, inner := range v.props[name] {
				if s, ok := inner.(string); ok && strings.TrimSpace(s) != "" {
					return strings.TrimSpace(html.UnescapeString(s))
				}
			}
		}
		return v.id
	}
	return ""
}

// follow gives the thing that a mere reference names.
func (p *schemaPage) follow(t *schemaThing) *schemaThing {
	if len(t.props) == 0 && t.id != "" {
		if whole := p.byID[t.id]; whole != nil {
			return whole
		}
	}
	return t
}

// all gives the values of the property that are things; what is only words becomes a thing with that name.
func (p *schemaPage) all(t *schemaThing, names ...string) []*schemaThing {
	var list []*schemaThing
	for _, name := range names {
		for _, v := range t.props[name] {
			switch v := v.(type) {
			case *schemaThing:
				list = append(list, p.follow(v))
			case string:
				if strings.TrimSpace(v) != "" {
					list = append(list, &schemaThing{props: map[string][]any{"name": {v}}})
				}
			}
		}
	}
	return list
}

// address gives the web address that s is on the page; "" when it is none.
func (p *schemaPage) address(s string) string {
	s = strings.TrimSpace(html.UnescapeString(s))
	if s == "" || strings.ContainsAny(s, " \t\n") {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	if p.url != nil {
		u = p.url.ResolveReference(u)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return u.String()
}
