package harvest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	valueHead     = 64 << 10 // bytes that tell what a body is
	valueMaxNodes = 50_000   // elements of one XML item
	valueMaxDepth = 64       // of one XML item, and of one JSON item
)

// valueOpen gives the body, and its first bytes without taking them. No body is an empty one.
func valueOpen(feed *Feed) (*bufio.Reader, []byte, error) {
	if feed.Body == nil {
		return bufio.NewReader(strings.NewReader("")), nil, nil
	}
	r := bufio.NewReaderSize(feed.Body, valueHead)
	head, err := r.Peek(valueHead)
	if err != nil && err != io.EOF {
		return nil, nil, valueError("Die Quelle war nicht zu Ende zu lesen: %w", err)
	}
	return r, head, nil
}

// valueUTF8 gives the body in UTF-8, whatever it is in: UTF-8 and UTF-16 with or without a mark; what is neither, be it all of it or a byte, is Windows-1252. The
// mark is taken away, and so is what no text has.
func valueUTF8(r *bufio.Reader, head []byte) io.Reader {
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = r.Discard(3)
	case bytes.HasPrefix(head, []byte("\xff\xfe")), len(head) >= 4 && head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0:
		return transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	case bytes.HasPrefix(head, []byte("\xfe\xff")), len(head) >= 4 && head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0:
		return transform.NewReader(r, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder())
	}
	return transform.NewReader(r, feedClean{})
}

// valueReadAll reads a document that is one item.
func valueReadAll(body io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(body, valueMaxItem+1))
	switch {
	case err != nil:
		return nil, err
	case len(raw) > valueMaxItem:
		return nil, fmt.Errorf("größer als %d MB", valueMaxItem>>20)
	}
	return raw, nil
}

// valueStream reads a JSON document as it comes: what stands in a list at the top, or in one of the lists of the object at the top, goes to item,
// one by one; all else of that object goes to other. An error of theirs ends it and is given back as it is.
func valueStream(ctx context.Context, body io.Reader, lists func(key string) bool, item func(key string, raw json.RawMessage) error, other func(key string, raw json.RawMessage) error) error {
	dec := json.NewDecoder(body)
	fault := func(err error) error { return valueJSONFault(err, dec.InputOffset()) }
	list := func(key string) error {
		for dec.More() {
			if err := ctx.Err(); err != nil {
				return err
			}
			var raw json.RawMessage
			if err := dec.Decode(&raw); err != nil {
				return fault(err)
			}
			if err := item(key, raw); err != nil {
				return err
			}
		}
		if _, err := dec.Token(); err != nil {
			return fault(err)
		}
		return nil
	}
	token, err := dec.Token()
	if err != nil {
		return fault(err)
	}
	switch token {
	case json.Delim('['):
		if err := list(""); err != nil {
			return err
		}
	case json.Delim('{'):
		for dec.More() {
			token, err := dec.Token()
			if err != nil {
				return fault(err)
			}
			key, _ := token.(string)
			if lists(key) {
				switch token, err := dec.Token(); {
				case err != nil:
					return fault(err)
				case token == nil:
				case token == json.Delim('['):
					if err := list(key); err != nil {
						return err
					}
				default:
					return valueError("Im JSON ist %s keine Liste.", valueQuote(key))
				}
				continue
			}
			var raw json.RawMessage
			if err := dec.Decode(&raw); err != nil {
				return fault(err)
			}
			if err := other(key, raw); err != nil {
				return err
			}
		}
		if _, err := dec.Token(); err != nil {
			return fault(err)
		}
	default:
		return valueError("Das JSON ist weder eine Liste noch ein Objekt.")
	}
	if _, err := dec.Token(); err != io.EOF {
		return valueError("Nach dem Ende des JSON (Zeichen %d) folgt noch etwas.", dec.InputOffset())
	}
	return nil
}

// valueEmptyList tells whether a body is a list without items.
func valueEmptyList(head []byte) bool {
	return strings.Join(strings.Fields(string(head)), "") == "[]"
}

func valueJSONFault(err error, offset int64) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "unexpected end of JSON"):
		return valueError("Das JSON bricht nach %d Zeichen ab; es ist unvollständig.", offset)
	case errors.As(err, &syntax):
		return valueError("Das JSON ist ab Zeichen %d fehlerhaft.", max(offset, syntax.Offset))
	}
	return valueError("Die Quelle war nicht zu Ende zu lesen: %w", err)
}

// valueTree is a value of JSON, read without regard to whether it has the type that it should have: what has another is empty.
type valueTree struct{ v any }

// valueParse reads one item. It refuses what is too large or too deep.
func valueParse(raw []byte) (valueTree, error) {
	if len(raw) > valueMaxItem {
		return valueTree{}, fmt.Errorf("größer als %d MB", valueMaxItem>>20)
	}
	return valueParseLarge(raw)
}

// valueParseLarge reads a document whose size somebody else bounds. It refuses what is too deep.
func valueParseLarge(raw []byte) (valueTree, error) {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	if deepest > valueMaxDepth {
		return valueTree{}, fmt.Errorf("tiefer als %d Ebenen verschachtelt", valueMaxDepth)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return valueTree{}, valueJSONFault(err, dec.InputOffset())
	}
	return valueTree{v}, nil
}

// get goes down objects by their keys.
func (t valueTree) get(path ...string) valueTree {
	for _, key := range path {
		m, _ := t.v.(map[string]any)
		t = valueTree{m[key]}
	}
	return t
}

// first gives the first of the keys that has a text, a number, an object or a list.
func (t valueTree) first(keys ...string) valueTree {
	for _, key := range keys {
		if v := t.get(key); !v.empty() {
			return v
		}
	}
	return valueTree{}
}

func (t valueTree) empty() bool {
	switch v := t.v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

func (t valueTree) isObject() bool { _, ok := t.v.(map[string]any); return ok }

// text gives a string or number as a clean text.
func (t valueTree) text() string {
	switch v := t.v.(type) {
	case string:
		return valueText(v)
	case json.Number:
		return v.String()
	}
	return ""
}

func (t valueTree) line() string { return valueLine(t.text()) }

func (t valueTree) number() (float64, bool) { return valueNumber(t.text()) }

func (t valueTree) int() (int, bool) {
	f, ok := t.number()
	if !ok || f != float64(int(f)) || f > 1e9 || f < -1e9 {
		return 0, false
	}
	return int(f), true
}

func (t valueTree) bool() *bool {
	if b, ok := t.v.(bool); ok {
		return &b
	}
	return nil
}

func (t valueTree) yes() bool { b := t.bool(); return b != nil && *b }

// list gives the items of a list; an object or text that stands where a list should is a list of one.
func (t valueTree) list() []valueTree {
	switch v := t.v.(type) {
	case []any:
		out := make([]valueTree, len(v))
		for i := range v {
			out[i] = valueTree{v[i]}
		}
		return out
	case map[string]any, string, json.Number:
		return []valueTree{t}
	}
	return nil
}

// position reads a pair of longitude and latitude, as GeoJSON has it.
func (t valueTree) position() (lon, lat float64, ok bool) {
	pair, _ := t.v.([]any)
	if len(pair) < 2 {
		return 0, 0, false
	}
	lon, ok1 := valueTree{pair[0]}.number()
	lat, ok2 := valueTree{pair[1]}.number()
	return lon, lat, ok1 && ok2
}

// valueXML is an element with what is in it. Names have no namespace.
type valueXML struct {
	name string
	attr map[string]string
	text string      // its own text, without that of its elements
	kids []*valueXML // elements, and between them pieces of text that have no name
}

// valueXMLDecoder reads XML in any charset that it names, without entities of its own.
func valueXMLDecoder(r io.Reader) *xml.Decoder {
	dec := xml.NewDecoder(r)
	dec.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if strings.HasPrefix(strings.ToLower(label), "utf-16") { // what can be read up to here is none any more
			return in, nil
		}
		return charset.NewReaderLabel(label, in)
	}
	return dec
}

// valueXMLItem reads the element that start opens. It refuses what is too large or too deep; the decoder stands after the element then, too, unless
// the XML itself is broken: fatal is set then.
func valueXMLItem(dec *xml.Decoder, start xml.StartElement) (item *valueXML, fault, fatal error) {
	root := valueXMLElement(start)
	stack := []*valueXML{root}
	texts := []*strings.Builder{{}}
	nodes, size, skip := 1, 0, 0
	for len(stack) > 0 {
		token, err := dec.Token()
		if err != nil {
			return nil, nil, valueXMLFault(err, dec)
		}
		switch t := token.(type) {
		case xml.StartElement:
			nodes++
			if skip > 0 || len(stack) >= valueMaxDepth || nodes > valueMaxNodes {
				skip++
				fault = fmt.Errorf("mehr als %d Elemente oder tiefer als %d Ebenen", valueMaxNodes, valueMaxDepth)
				continue
			}
			e := valueXMLElement(t)
			top := stack[len(stack)-1]
			top.kids = append(top.kids, e)
			stack = append(stack, e)
			texts = append(texts, &strings.Builder{})
		case xml.EndElement:
			if skip > 0 {
				skip--
				continue
			}
			top := stack[len(stack)-1]
			top.text = valueText(texts[len(texts)-1].String())
			if !slices.ContainsFunc(top.kids, func(k *valueXML) bool { return k.name != "" }) {
				top.kids = nil
			}
			stack, texts = stack[:len(stack)-1], texts[:len(texts)-1]
		case xml.CharData:
			if size += len(t); size > valueMaxItem {
				fault = fmt.Errorf("größer als %d MB", valueMaxItem>>20)
				continue
			}
			texts[len(texts)-1].Write(t)
			if top := stack[len(stack)-1]; len(bytes.TrimSpace(t)) > 0 && skip == 0 {
				top.kids = append(top.kids, &valueXML{text: string(t)})
			}
		}
	}
	return root, fault, nil
}

func valueXMLElement(start xml.StartElement) *valueXML {
	e := &valueXML{name: start.Name.Local}
	for _, a := range start.Attr {
		if e.attr == nil {
			e.attr = map[string]string{}
		}
		e.attr[a.Name.Local] = valueLine(a.Value)
	}
	return e
}

func valueXMLFault(err error, dec *xml.Decoder) error {
	line, _ := dec.InputPos()
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &syntax) && strings.Contains(syntax.Msg, "unexpected EOF"):
		return valueError("Das XML bricht in Zeile %d ab; es ist unvollständig.", line)
	case errors.As(err, &syntax):
		return valueError("Das XML ist in Zeile %d fehlerhaft.", syntax.Line)
	case strings.HasPrefix(err.Error(), "xml: encoding"), strings.HasPrefix(err.Error(), "xml: opening charset"):
		return valueError("Die Zeichenkodierung des XML ist nicht bekannt.")
	}
	return valueError("Die Quelle war nicht zu Ende zu lesen: %w", err)
}

// all gives the elements at the path below e.
func (e *valueXML) all(path ...string) []*valueXML {
	at := []*valueXML{e}
	for _, name := range path {
		var next []*valueXML
		for _, x := range at {
			if x == nil {
				continue
			}
			for _, kid := range x.kids {
				if kid.name == name {
					next = append(next, kid)
				}
			}
		}
		at = next
	}
	return at
}

// one gives the first element at the path, an empty one when there is none.
func (e *valueXML) one(path ...string) *valueXML {
	if found := e.all(path...); len(found) > 0 && found[0] != nil {
		return found[0]
	}
	return &valueXML{}
}

func (e *valueXML) line(path ...string) string { return valueLine(e.one(path...).text) }

// html gives the content as it was written, for elements that hold HTML in place.
func (e *valueXML) html() string {
	if len(e.kids) == 0 {
		return e.text
	}
	var b strings.Builder
	e.write(&b, false)
	return valueText(b.String())
}

func (e *valueXML) write(b *strings.Builder, tag bool) {
	if tag {
		b.WriteString("<" + e.name)
		if href := valueURL(e.attr["href"]); href != "" {
			b.WriteString(" href=" + strconv.Quote(href))
		}
		b.WriteString(">")
	}
	for _, kid := range e.kids {
		if kid.name == "" {
			_ = xml.EscapeText(b, []byte(kid.text)) // a Builder has no errors
			continue
		}
		kid.write(b, true)
	}
	if len(e.kids) == 0 {
		_ = xml.EscapeText(b, []byte(e.text))
	}
	if tag && e.name != "br" {
		b.WriteString("</" + e.name + ">")
	}
}

// tree gives the element as what JSON would say, for Record.Raw.
func (e *valueXML) tree() any {
	if len(e.kids) == 0 && len(e.attr) == 0 {
		return e.text
	}
	m := map[string]any{}
	for k, v := range e.attr {
		m["@"+k] = v
	}
	if e.text != "" {
		m["#text"] = e.text
	}
	for _, kid := range e.kids {
		if kid.name == "" {
			continue
		}
		list, _ := m[kid.name].([]any)
		m[kid.name] = append(list, kid.tree())
	}
	return m
}

// raw is the element as JSON.
func (e *valueXML) raw() []byte {
	raw, err := json.Marshal(map[string]any{e.name: e.tree()})
	if err != nil {
		return nil // cannot be: it is made of texts only
	}
	return raw
}
