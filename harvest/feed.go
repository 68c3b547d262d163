package harvest

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"umland/ent"
)

// RSS reads RSS 0.9 to 2.0 and Atom whose items say when they take place: by xCal, the event module of RSS 1.0, gd:when, or elements of their own
// such as startDate, event_start or beginn. An item that does not is news and refused: dates are never taken from titles, texts or the date of
// publication. Dates are ISO 8601, RFC 5322 or German ("Di., 12. Mai 2026, 19 Uhr"); those without a zone are of Feed.Zone, and an end
// that is a date is included, but for xCal, where it is that of RFC 5545.
//
// The key is guid, id or rdf:about, else the link, else title@start. Where several items share one, they are told apart by #start, then by #title.
type RSS struct{}

// Name is "rss".
func (RSS) Name() string { return "rss" }

const (
	feedMaxDepth = 100
	feedMaxItems = 50_000
	feedMaxItem  = 1 << 20 // bytes of text in an item
	feedMaxNodes = 5000    // elements in an item
	feedMaxList  = 100
)

// feedNode is an element of an item.
type feedNode struct {
	Space    string            `json:"ns,omitempty"`
	Name     string            `json:"name"`
	Attr     map[string]string `json:"attr,omitempty"`
	Text     string            `json:"text,omitempty"` // all of it, without that of children
	Children []*feedNode       `json:"children,omitempty"`
	inner    []any             // texts and children, in order
	data     []byte            // Text as it comes
}

const (
	feedXCal  = "urn:ietf:params:xml:ns:xcal"
	feedEvent = "http://purl.org/rss/1.0/modules/event/"
	feedAtom  = "http://www.w3.org/2005/Atom"
)

// Read is as Format says.
func (RSS) Read(ctx context.Context, feed *Feed) error {
	body := bufio.NewReaderSize(feed.Body, 8192)
	head, err := body.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	what := whatIs(head)
	if what == "eine HTML-Seite" || what == "eine Sitemap" || what == "ein JSON-Dokument" || !strings.Contains(what, "Feed") && !strings.Contains(what, "XML") && (len(head) < 2 || head[0] < 0xfe) {
		return feedError("Das ist kein RSS- oder Atom-Feed, sondern %s.", what)
	}
	d := feedDecoder(body)
	var records []*Record
	depth, items, rooted := 0, 0, false
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if !rooted {
				return feedError("Das ist kein RSS- oder Atom-Feed, sondern %s.", what)
			}
			if depth > 0 {
				return feedError("Der Feed bricht mittendrin ab.")
			}
			break
		} else if err != nil {
			return feedBroken(err)
		}
		switch token := token.(type) {
		case xml.Directive:
			if strings.Contains(string(token), "[") {
				return feedError("Der Feed legt eigene Zeichen fest (DOCTYPE); das wird nicht gelesen.")
			}
		case xml.EndElement:
			depth--
		case xml.StartElement:
			if depth == 0 {
				rooted = true
				if n := strings.ToLower(token.Name.Local); n != "rss" && n != "rdf" && n != "feed" {
					return feedError("Das ist kein RSS- oder Atom-Feed, sondern ein XML-Dokument (%s).", icalClip(token.Name.Local, 60))
				}
			}
			if token.Name.Local != "item" && token.Name.Local != "entry" {
				if depth++; depth > feedMaxDepth {
					return feedError("Der Feed ist zu tief verschachtelt.")
				}
				continue
			}
			if items++; items > feedMaxItems {
				return feedError("Der Feed hat mehr als %d Einträge.", feedMaxItems)
			}
			label := fmt.Sprintf("Eintrag %d", items)
			n, err := feedElement(d, token)
			var refused Refusal
			switch {
			case errors.As(err, &refused):
				refused.Item = label
				if err := feed.Refuse(refused); err != nil {
					return err
				}
				continue
			case err != nil:
				return feedBroken(err)
			}
			if title := n.text("", "title"); title != "" {
				label += " (" + icalClip(ent.HTMLToText(title), 80) + ")"
			}
			rec, reason := feedRecord(feed, n)
			if reason != "" {
				if err := feed.Refuse(Refusal{label, reason}); err != nil {
					return err
				}
				continue
			}
			rec.Item = label
			records = append(records, rec)
		}
	}
	seen := map[string]bool{}
	webKeys(records)
	for _, rec := range records {
		if seen[rec.Key] {
			if err := feed.Refuse(Refusal{rec.Item, "Steht doppelt da."}); err != nil {
				return err
			}
			continue
		}
		seen[rec.Key] = true
		if err := feed.Emit(rec); err != nil {
			return err
		}
	}
	return nil
}

// feedBroken says in German that the XML is broken; what went wrong while reading the body stays what it is.
func feedBroken(err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return feedError("Der Feed ist kein lesbares XML (Zeile %d).", syntax.Line)
	}
	if strings.HasPrefix(err.Error(), "xml: opening charset") {
		return feedError("Die Zeichenkodierung des Feeds ist nicht bekannt.")
	}
	return err
}

// feedDecoder reads XML as feeds have it: with the named characters of HTML, in any encoding, with bytes that are not UTF-8 where it says so, and
// with control characters. Entities that a document declares are not known to it.
func feedDecoder(body io.Reader) *xml.Decoder {
	r := bufio.NewReaderSize(transform.NewReader(body, unicode.BOMOverride(transform.Nop)), 8192)
	head, _ := r.Peek(200)
	var in io.Reader = r
	if m := feedEncoding.FindSubmatch(head); m == nil || strings.EqualFold(string(m[1]), "utf-8") {
		in = transform.NewReader(r, feedClean{})
	}
	d := xml.NewDecoder(in)
	d.Strict = false
	d.Entity = xml.HTMLEntity
	d.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if strings.HasPrefix(strings.ToLower(label), "utf-16") { // its BOM has been heeded
			return in, nil
		}
		return charset.NewReaderLabel(label, in)
	}
	return d
}

var feedEncoding = regexp.MustCompile(`^\s*<\?xml[^>]*encoding=["']([^"']+)["']`)

// feedClean drops what XML forbids and takes bytes that are not UTF-8 as Windows-1252.
type feedClean struct{ transform.NopResetter }

func (feedClean) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if !atEOF && !utf8.FullRune(src[nSrc:]) {
			return nDst, nSrc, transform.ErrShortSrc
		}
		r, n := utf8.DecodeRune(src[nSrc:])
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(src[nSrc])
		}
		if nDst+utf8.UTFMax > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		if r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r != 0xfffe && r != 0xffff {
			nDst += utf8.EncodeRune(dst[nDst:], r)
		}
		nSrc += n
	}
	return nDst, nSrc, nil
}

// feedElement reads the element that start opens. What is larger than an item may be is read to its end, and comes as a Refusal.
func feedElement(d *xml.Decoder, start xml.StartElement) (*feedNode, error) {
	root := &feedNode{}
	stack := []*feedNode{root}
	size, nodes, depth := 0, 0, 0
	open := func(e xml.StartElement) {
		depth++
		if nodes++; nodes > feedMaxNodes || depth > feedMaxDepth {
			return
		}
		n := &feedNode{Space: strings.TrimSpace(e.Name.Space), Name: e.Name.Local}
		for _, a := range e.Attr {
			if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" || len(n.Attr) >= 50 {
				continue
			}
			if n.Attr == nil {
				n.Attr = map[string]string{}
			}
			size += len(a.Value)
			n.Attr[a.Name.Local] = a.Value
		}
		parent := stack[len(stack)-1]
		parent.Children = append(parent.Children, n)
		parent.inner = append(parent.inner, n)
		stack = append(stack, n)
	}
	open(start)
	for depth > 0 {
		token, err := d.Token()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = feedError("Der Feed bricht mittendrin ab.")
			}
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			open(token)
		case xml.EndElement:
			if depth--; len(stack)-1 > depth {
				n := stack[len(stack)-1]
				n.Text, n.data = string(n.data), nil
				stack = stack[:depth+1]
			}
		case xml.CharData:
			if size += len(token); size <= feedMaxItem && nodes <= feedMaxNodes {
				n := stack[len(stack)-1]
				n.data = append(n.data, token...)
				n.inner = append(n.inner, string(token))
			}
		}
	}
	if size > feedMaxItem || nodes > feedMaxNodes {
		return nil, Refusal{Message: "Der Eintrag ist zu groß."}
	}
	return root.Children[0], nil
}

// markup gives what is within the element as HTML.
func (n *feedNode) markup(depth int) string {
	var b strings.Builder
	for _, part := range n.inner {
		switch part := part.(type) {
		case string:
			b.WriteString(html.EscapeString(part))
		case *feedNode:
			if depth > feedMaxDepth {
				continue
			}
			attr := ""
			if href := part.Attr["href"]; href != "" {
				attr = ` href="` + html.EscapeString(href) + `"`
			}
			b.WriteString("<" + part.Name + attr + ">" + part.markup(depth+1) + "</" + part.Name + ">")
		}
	}
	return b.String()
}

// find gives the first child of that name; an empty space means any.
func (n *feedNode) find(space string, names ...string) *feedNode {
	for _, name := range names {
		for _, c := range n.Children {
			if c.Name == name && (space == "" || strings.EqualFold(c.Space, space)) {
				return c
			}
		}
	}
	return nil
}

func (n *feedNode) text(space string, names ...string) string {
	if c := n.find(space, names...); c != nil {
		return strings.TrimSpace(c.Text)
	}
	return ""
}

// The names that elements for the time of an event have, in lower case without hyphens and underscores.
var (
	feedStarts     = []string{"dtstart", "startdate", "eventstartdate", "eventstart", "startdatetime", "datestart", "eventdate", "eventdatetime", "start", "begin", "beginn", "termin", "terminbeginn", "von"}
	feedEnds       = []string{"dtend", "enddate", "eventenddate", "eventend", "enddatetime", "dateend", "end", "ende", "terminende", "bis"}
	feedStartTimes = []string{"starttime", "eventstarttime", "eventtime", "timestart", "startzeit", "uhrzeit", "beginnzeit"}
	feedEndTimes   = []string{"endtime", "eventendtime", "timeend", "endzeit"}
	feedPlaces     = []string{"location", "where", "venue", "eventlocation", "ort", "veranstaltungsort"}
	feedOrganizers = []string{"organizer", "organiser", "eventorganizer", "veranstalter"}
)

func feedDedicated(n *feedNode, names []string) *feedNode {
	squash := strings.NewReplacer("-", "", "_", "")
	for _, name := range names {
		for _, c := range n.Children {
			if squash.Replace(strings.ToLower(c.Name)) == name && strings.TrimSpace(c.Text) != "" {
				return c
			}
		}
	}
	return nil
}

// feedTime reads a date of a dedicated element.
func feedTime(s string) (icalTime, bool) {
	s = strings.TrimSpace(s)
	if t, ok := icalWall(s); ok {
		return t, true
	}
	if t, ok := germanTime(s); ok {
		return t, true
	}
	for _, layout := range []string{time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST"} {
		if t, err := time.Parse(layout, s); err == nil {
			if _, offset := t.Zone(); offset == 0 && !strings.HasSuffix(s, "GMT") && !strings.HasSuffix(s, "UTC") && !strings.HasSuffix(s, "+0000") && !strings.HasSuffix(s, "-0000") {
				return icalTime{}, false // an abbreviation that Go does not know
			}
			return icalTime{wall: t.UTC(), utc: true}, true
		}
	}
	return icalTime{}, false
}

var (
	germanNumbers = regexp.MustCompile(`^(?:(?:Mo|Di|Mi|Do|Fr|Sa|So|Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonnabend|Sonntag)\.?,?\s+)?(?:den\s+)?(\d{1,2})\.\s*(?:(\d{1,2})\.|(Januar|Jänner|Februar|März|Maerz|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember|Jan\.?|Feb\.?|Mrz\.?|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sep\.?|Sept\.?|Okt\.?|Nov\.?|Dez\.?))\s*(\d{4})(?:\s*,?\s*(?:[-–|]\s*)?(?:um\s+|ab\s+)?(\d{1,2})(?:[:.](\d{2}))?(?::\d{2})?(\s*Uhr|\s*h)?)?$`)
	germanMonths  = []string{"jan", "feb", "m", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez"}
)

// germanTime reads "12.05.2026", "Di., 12. Mai 2026, 19 Uhr", "12.05.2026 19.30 Uhr" and the like.
func germanTime(s string) (t icalTime, ok bool) {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 80 {
		return t, false
	}
	m := germanNumbers.FindStringSubmatch(s)
	if m == nil {
		return t, false
	}
	day, _ := strconv.Atoi(m[1])
	month, _ := strconv.Atoi(m[2])
	if m[3] != "" {
		name := strings.ToLower(m[3])
		month = 1 + slices.IndexFunc(germanMonths, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
		if strings.HasPrefix(name, "mai") {
			month = 5
		}
	}
	year, _ := strconv.Atoi(m[4])
	t = icalTime{spell: s, date: m[5] == "", wall: time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)}
	if t.wall.Day() != day || int(t.wall.Month()) != month {
		return t, false
	}
	if m[5] != "" {
		if m[6] == "" && m[7] == "" { // a number is no time of day
			return t, false
		}
		hour, _ := strconv.Atoi(m[5])
		minute, _ := strconv.Atoi(cmp.Or(m[6], "0"))
		if hour > 23 || minute > 59 {
			return t, false
		}
		t.wall = t.wall.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	}
	return t, true
}

// feedClock adds the time of day that stands in an element of its own to a date.
func feedClock(t icalTime, s string) icalTime {
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "Uhr"))
	s = strings.ReplaceAll(s, ".", ":")
	if !strings.Contains(s, ":") {
		s += ":00"
	}
	if strings.IndexByte(s, ':') == 1 {
		s = "0" + s
	}
	if clock, ok := icalWall(t.wall.Format("20060102T") + s); ok && t.date && !clock.utc {
		return clock
	}
	return t
}

// feedRecord makes the record of an item. The reason why it is none is in German.
func feedRecord(feed *Feed, n *feedNode) (rec *Record, reason string) {
	raw, err := json.Marshal(n)
	if err != nil {
		return nil, "Der Eintrag ist nicht lesbar."
	}
	rec = &Record{Raw: raw, Kind: ent.KindEvent}
	resolve := func(s string) string {
		u, err := url.Parse(strings.TrimSpace(s))
		if err != nil || strings.TrimSpace(s) == "" {
			return ""
		}
		if feed.URL != nil {
			u = feed.URL.ResolveReference(u)
		}
		if address := u.String(); ent.ValidURL(address) {
			return address
		}
		return ""
	}
	if title := n.find("", "title"); title != nil {
		text := title.Text
		if title.Attr["type"] == "xhtml" {
			text = title.markup(0)
		}
		rec.Title = ent.HTMLToText(text)
	}
	if rec.Title == "" {
		rec.Title = n.text(feedXCal, "summary")
	}
	schedule, reason := feedSchedule(feed, n)
	switch {
	case reason != "":
		return nil, reason
	case rec.Title == "":
		return nil, "Es fehlt der Titel (title)."
	}
	rec.Schedule = schedule

	body, teaser := n.text("http://purl.org/rss/1.0/modules/content/", "encoded"), n.text("", "description")
	if teaser == "" {
		if s := n.find(feedAtom, "summary"); s != nil {
			if teaser = strings.TrimSpace(s.Text); s.Attr["type"] == "xhtml" {
				teaser = s.markup(0)
			}
		}
	}
	if c := n.find(feedAtom, "content"); c != nil && body == "" {
		if body = strings.TrimSpace(c.Text); c.Attr["type"] == "xhtml" {
			body = c.markup(0)
		}
	}
	rec.Description = cmp.Or(body, teaser)
	if body != "" && teaser != "" {
		if s := ent.HTMLToText(teaser); s != ent.HTMLToText(body) {
			rec.Summary = s
		}
	}
	for _, c := range n.Children {
		if len(rec.Tags)+len(rec.Links)+len(rec.Images) > feedMaxList {
			break
		}
		switch {
		case c.Name == "link" && c.Attr["href"] != "":
			address := resolve(c.Attr["href"])
			switch rel := c.Attr["rel"]; {
			case (rel == "" || rel == "alternate") && rec.URL == "":
				rec.URL = address
			case rel == "license":
				rec.Licence = address
			case rel == "enclosure" && strings.HasPrefix(c.Attr["type"], "image/") && address != "":
				rec.Images = append(rec.Images, ent.Image{URL: address})
			case rel == "related" && address != "":
				rec.Links = append(rec.Links, ent.Link{URL: address})
			}
		case c.Name == "link" && rec.URL == "":
			rec.URL = resolve(c.Text)
		case c.Name == "license" || c.Name == "licence":
			rec.Licence = cmp.Or(c.Attr["resource"], strings.TrimSpace(c.Text))
		case c.Name == "category" || c.Name == "subject" || c.Space == feedXCal && c.Name == "categories" || c.Space == feedEvent && c.Name == "type":
			tag := cmp.Or(strings.TrimSpace(c.Text), c.Attr["label"], c.Attr["term"])
			if tag = html.UnescapeString(tag); tag != "" && !slices.Contains(rec.Tags, tag) {
				rec.Tags = append(rec.Tags, tag)
			}
		case c.Name == "enclosure" && strings.HasPrefix(c.Attr["type"], "image/"):
			feedImage(rec, resolve(c.Attr["url"]), nil)
		default:
			feedMedia(rec, c, resolve, 0)
		}
	}
	if rec.URL == "" {
		rec.URL = resolve(n.text(feedXCal, "url"))
	}
	if p := feedDedicated(n, feedPlaces); p != nil {
		icalPlace(rec, html.UnescapeString(strings.TrimSpace(p.Text)))
	} else if where := n.find("http://schemas.google.com/g/2005", "where"); where != nil {
		icalPlace(rec, where.Attr["valueString"])
	}
	feedPosition(rec, n)
	if o := feedDedicated(n, feedOrganizers); o != nil {
		name := html.UnescapeString(strings.TrimSpace(o.Text))
		if ent.ValidURL(name) {
			rec.Organizer = &Organizer{URL: name}
		} else {
			rec.Organizer = &Organizer{Name: name}
		}
	}
	for _, name := range []string{"updated", "modified", "pubDate", "published", "date"} {
		if t, ok := feedTime(n.text("", name)); ok && t.utc && rec.UpdatedAt == nil {
			rec.UpdatedAt = &t.wall
		}
	}
	if status := strings.ToUpper(n.text(feedXCal, "status")); status == "CANCELLED" || status == "CANCELED" {
		rec.Cancelled = true
	}
	rec.Key = cmp.Or(n.text("", "guid"), n.text(feedAtom, "id"), n.text(feedXCal, "uid"), n.Attr["about"], rec.URL, rec.Title+"@"+webStart(rec))
	return rec, ""
}

func feedImage(rec *Record, address string, credit *string) {
	if address != "" && !slices.ContainsFunc(rec.Images, func(i ent.Image) bool { return i.URL == address }) {
		rec.Images = append(rec.Images, ent.Image{URL: address, Credit: credit})
	}
}

// feedMedia takes the images of Media RSS, of groups too.
func feedMedia(rec *Record, n *feedNode, resolve func(string) string, depth int) {
	if !strings.HasPrefix(n.Space, "http://search.yahoo.com/mrss") || depth > 3 {
		return
	}
	var credit *string
	if c := n.text("", "credit"); c != "" {
		credit = &c
	}
	switch {
	case n.Name == "thumbnail" && len(rec.Images) == 0, n.Name == "content" && (n.Attr["medium"] == "image" || strings.HasPrefix(n.Attr["type"], "image/")):
		feedImage(rec, resolve(n.Attr["url"]), credit)
	case n.Name == "group":
		for _, c := range n.Children {
			feedMedia(rec, c, resolve, depth+1)
		}
	}
}

// feedPosition takes GeoRSS Simple and GML, and the W3C geo vocabulary.
func feedPosition(rec *Record, n *feedNode) {
	var pair []string
	if p := n.text("", "point"); p != "" {
		pair = strings.Fields(strings.ReplaceAll(p, ",", " "))
	} else if w := n.find("http://www.georss.org/georss", "where"); w != nil && len(w.Children) > 0 {
		pair = strings.Fields(w.Children[0].text("", "pos"))
	} else {
		at := n
		if p := n.find("", "Point"); p != nil {
			at = p
		}
		if lat, lon := at.text("", "lat"), at.text("", "long", "lon"); lat != "" && lon != "" {
			pair = []string{lat, lon}
		}
	}
	if pair != nil {
		setPosition(place(rec), pair)
		if *rec.Place == (Place{}) {
			rec.Place = nil
		}
	}
}

// feedSchedule finds when the item takes place.
func feedSchedule(feed *Feed, n *feedNode) (*ent.Schedule, string) {
	read := func(what, text string) (*icalTime, string) {
		t, ok := feedTime(html.UnescapeString(text))
		if !ok {
			return nil, fmt.Sprintf("%s „%s“ ist kein Datum.", what, icalClip(text, 60))
		}
		return &t, ""
	}
	var start, end *icalTime
	var reason string
	xcal := false
	if when := n.find("http://schemas.google.com/g/2005", "when"); when != nil && when.Attr["startTime"] != "" {
		if start, reason = read("Der Beginn", when.Attr["startTime"]); reason != "" {
			return nil, reason
		}
		if s := when.Attr["endTime"]; s != "" {
			if end, reason = read("Das Ende", s); reason != "" {
				return nil, reason
			}
		}
		xcal = true
	} else {
		from := feedDedicated(n, feedStarts)
		if from == nil {
			return nil, "Kein Termin: Der Eintrag sagt in keinem eigenen Feld, wann etwas stattfindet."
		}
		if start, reason = read("Der Beginn", strings.TrimSpace(from.Text)); reason != "" {
			return nil, reason
		}
		if tzid := from.Attr["tzid"]; tzid != "" && !start.utc && !start.date {
			loc := zoneNamed(tzid)
			if loc == nil {
				return nil, fmt.Sprintf("Die Zeitzone „%s“ ist unbekannt.", icalClip(tzid, 60))
			}
			start.zone = &icalZone{loc: loc}
		}
		if to := feedDedicated(n, feedEnds); to != nil {
			if end, reason = read("Das Ende", strings.TrimSpace(to.Text)); reason != "" {
				return nil, reason
			}
			xcal = strings.EqualFold(to.Space, feedXCal)
			if !end.utc && !end.date {
				end.zone = start.zone
			}
		}
		if clock := feedDedicated(n, feedStartTimes); clock != nil {
			*start = feedClock(*start, clock.Text)
		}
		if clock := feedDedicated(n, feedEndTimes); clock != nil && !start.date {
			if end == nil {
				day := icalTime{wall: start.wall.Truncate(24 * time.Hour), date: true}
				end = &day
			}
			if *end = feedClock(*end, clock.Text); end.date {
				end = nil
			}
		}
	}
	if xcal && end != nil && end.date && start.date && end.wall.After(start.wall) {
		end.wall = end.wall.AddDate(0, 0, -1)
	}
	var duration *icalDuration
	if d, ok := icalParseDuration(n.text(feedXCal, "duration")); ok && end == nil {
		duration = &d
	}
	s, reason := webSchedule(*start, end, duration, feed.Zone)
	if reason != "" {
		return nil, reason
	}
	if text := n.text(feedXCal, "rrule"); text != "" {
		wall := s.Start.In(feed.Zone)
		rule, reason := icalRule(text, wall, s.AllDay)
		if reason != "" {
			return nil, reason
		}
		if s.RRule = &rule; len(s.Validate()) > 0 {
			return nil, icalScheduleReason(s)
		}
	}
	return s, ""
}
