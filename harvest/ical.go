package harvest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"math"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"umland/ent"
)

// ICal reads calendars after RFC 5545, as Google, Outlook and Exchange, Apple, Nextcloud, TYPO3 and WordPress write them, and vCalendar 1.0 as far
// as it is the same.
//
// An item is a VEVENT; those that change single dates of a series (RECURRENCE-ID) become exceptions of it. Raw is the text of the VEVENT, the changed
// dates after it, unfolded, without alarms and inline files. VTODO, VJOURNAL and VFREEBUSY are refused; what else is in a calendar is no item.
//
// Times without a zone, and dates, are those of Feed.Zone. TZIDs are IANA or Windows names; others follow the VTIMEZONE in the file. A zone
// that is not known refuses the item, for its times could be hours wrong.
//
// The key is the UID. Of several VEVENTs with one UID the highest SEQUENCE counts, and if that is the same for several, they are different items where their
// start or title differs: their keys are UID#start, and UID#start#title where the start is the same. Where all of it is the same, the one that was changed
// last counts. A changed date whose series is not in the feed, or does not have the date, is an item with the key UID#date. An item without UID has
// the key title@start. All of that is the same in whatever order the items come.
//
// What a changed date has besides other times, such as a title of its own, is left out. A change of all dates from one on (THISANDFUTURE) that moves
// them is refused, and the series ends before it.
type ICal struct{}

// Name is "ical".
func (ICal) Name() string { return "ical" }

const (
	icalMaxEvents     = 500_000
	icalMaxComponent  = 1 << 20 // bytes of an event, unfolded
	icalMaxProperties = 5000    // of an event
	icalMaxDepth      = 16
	icalMaxZones      = 300 // VTIMEZONEs of a file
	icalMaxZoneLines  = 3000
	icalMaxZoneRules  = 3000 // rules of VTIMEZONEs that are expanded, in a file
	icalMaxList       = 100  // categories, links, images
	icalMaxKey        = 300  // bytes
	icalChunk         = 1 << 20
)

// icalCalendar is what a VCALENDAR says of all its events.
type icalCalendar struct {
	method string
	zones  map[string][]string // lines of VTIMEZONEs by TZID
	known  map[string]*icalZone
}

// icalEvent is a VEVENT as it lies in memory until all are there.
type icalEvent struct {
	calendar *icalCalendar
	text     []byte // unfolded lines, each with LF
	number   int    // counted from 1, over the whole file
	uid      string
	fault    string // why it is refused; German
}

func (e *icalEvent) item() string {
	if e.uid == "" {
		return fmt.Sprintf("VEVENT %d", e.number)
	}
	return fmt.Sprintf("VEVENT %d (UID %s)", e.number, icalClip(e.uid, 100))
}

func icalClip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

type icalReader struct {
	feed   *Feed
	def    *icalZone
	events []icalEvent
	chunk  []byte
	zones  int
	rules  int // budget of VTIMEZONE rules
	keys   map[string]int
}

// Read is as Format says.
func (ICal) Read(ctx context.Context, feed *Feed) error {
	r := &icalReader{feed: feed, def: &icalZone{loc: feed.Zone}, rules: icalMaxZoneRules, keys: map[string]int{}}
	if err := r.scan(ctx); err != nil {
		return err
	}
	return r.emit(ctx)
}

// scan reads the file into events.
func (r *icalReader) scan(ctx context.Context) error {
	lines := newICalLines(r.feed.Body)
	var head []byte // for telling what it is when it is no calendar
	var stack []string
	var lost int // components within a depth that is not followed
	others := map[string]int{}
	calendar := &icalCalendar{}
	var event *icalEvent
	var text []byte // of the event
	var properties int
	var zone []string // lines of the VTIMEZONE
	found := false
	finish := func(fault string) {
		if event == nil {
			return
		}
		if event.fault == "" {
			event.fault = fault
		}
		event.text = r.keep(text)
		r.events = append(r.events, *event)
		event = nil
	}
	within := func(names ...string) bool {
		return slices.ContainsFunc(stack, func(s string) bool { return slices.Contains(names, s) })
	}
	for n := 0; ; n++ {
		if n%1000 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		line, over, ok := lines.line()
		if !ok {
			break
		}
		if len(head) < 2000 {
			head = append(append(head, line[:min(len(line), 500)]...), '\n')
		}
		trimmed := bytes.TrimSpace(line)
		if rest, ok := icalCutFold(trimmed, "BEGIN:"); ok {
			name := strings.ToUpper(string(bytes.TrimSpace(rest[:min(len(rest), 100)])))
			if (name == "VCALENDAR" || name == "VEVENT") && within("VEVENT") {
				finish("Der Termin ist nicht abgeschlossen (END:VEVENT fehlt).")
				for slices.Contains(stack, "VEVENT") {
					stack = stack[:len(stack)-1]
				}
			}
			if len(stack) >= icalMaxDepth {
				lost++
				continue
			}
			stack = append(stack, name)
			switch {
			case name == "VCALENDAR":
				found = true
				calendar = &icalCalendar{}
			case name == "VEVENT" && !within("VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VALARM"):
				found = true
				r.feed.Incomplete = r.feed.Incomplete || !within("VCALENDAR") // its beginning is missing
				if len(r.events) >= icalMaxEvents {
					return feedError("Der Kalender hat mehr als %d Termine.", icalMaxEvents)
				}
				event, text, properties = &icalEvent{calendar: calendar, number: len(r.events) + 1}, text[:0], 0
			case name == "VTIMEZONE":
				zone = nil
			case zone != nil || within("VTIMEZONE"):
				zone = append(zone, "BEGIN:"+name)
			case (name == "VTODO" || name == "VJOURNAL" || name == "VFREEBUSY") && !within("VEVENT"):
				others[name]++
				what := map[string]string{"VTODO": "eine Aufgabe", "VJOURNAL": "ein Tagebucheintrag", "VFREEBUSY": "eine Angabe belegter Zeiten"}[name]
				if err := r.feed.Refuse(Refusal{fmt.Sprintf("%s %d", name, others[name]), "Kein Termin, sondern " + what + "."}); err != nil {
					return err
				}
			}
			continue
		}
		if rest, ok := icalCutFold(trimmed, "END:"); ok {
			if lost > 0 {
				lost--
				continue
			}
			name := strings.ToUpper(string(bytes.TrimSpace(rest[:min(len(rest), 100)])))
			i := len(stack) - 1
			for i >= 0 && stack[i] != name {
				i--
			}
			if i < 0 {
				continue
			}
			stack = stack[:i]
			switch {
			case name == "VTIMEZONE":
				r.addZone(calendar, zone)
				zone = nil
			case within("VTIMEZONE"):
				zone = append(zone, "END:"+name)
			case event != nil && !within("VEVENT"):
				fault := ""
				if name != "VEVENT" {
					fault = "Der Termin ist nicht abgeschlossen (END:VEVENT fehlt)."
				}
				finish(fault)
			}
			continue
		}
		if lost > 0 || len(stack) == 0 {
			continue
		}
		switch stack[len(stack)-1] {
		case "VEVENT":
			if event == nil {
				continue
			}
			attached := icalInline(line)
			switch {
			case attached || over && bytes.HasPrefix(bytes.ToUpper(line[:2]), []byte("X-")):
			case over:
				event.fault = "Eine Zeile ist länger als 1 MB."
			case len(text)+len(line) > icalMaxComponent:
				event.fault = "Der Termin ist größer als 1 MB."
			case properties >= icalMaxProperties:
				event.fault = fmt.Sprintf("Der Termin hat mehr als %d Zeilen.", icalMaxProperties)
			default:
				properties++
				if event.uid == "" {
					if p, ok := icalCutName(line, "UID"); ok {
						event.uid = strings.TrimSpace(p.value)
					}
				}
				text = append(append(text, line...), '\n')
			}
		case "VTIMEZONE", "STANDARD", "DAYLIGHT":
			if len(zone) < icalMaxZoneLines && len(line) < 10_000 {
				zone = append(zone, string(line))
			}
		case "VCALENDAR":
			if p, ok := icalCutName(line, "METHOD"); ok {
				calendar.method = strings.ToUpper(p.value)
			}
		}
	}
	finish("Die Datei bricht mitten im Termin ab.")
	if err := lines.scan.Err(); err != nil {
		return err
	}
	if !found {
		what := whatIs(head)
		if what == "ein Kalender (iCal)" {
			return feedError("Der Kalender ist beschädigt: Seine Zeilen lassen sich nicht auseinanderhalten.")
		}
		return feedError("Das ist kein Kalender, sondern %s.", what)
	}
	r.feed.Incomplete = r.feed.Incomplete || slices.Contains(stack, "VCALENDAR")
	return nil
}

// keep copies b to where the texts of all events lie, without one allocation for each.
func (r *icalReader) keep(b []byte) []byte {
	if len(b) > icalChunk/4 {
		return bytes.Clone(b)
	}
	if cap(r.chunk)-len(r.chunk) < len(b) {
		r.chunk = make([]byte, 0, icalChunk)
	}
	start := len(r.chunk)
	r.chunk = append(r.chunk, b...)
	return r.chunk[start:len(r.chunk):len(r.chunk)]
}

func icalCutFold(line []byte, prefix string) ([]byte, bool) {
	if len(line) < len(prefix) || !strings.EqualFold(string(line[:len(prefix)]), prefix) {
		return nil, false
	}
	return line[len(prefix):], true
}

// icalCutName parses the line if it is that property.
func icalCutName(line []byte, name string) (icalProp, bool) {
	if rest, ok := icalCutFold(line, name); !ok || len(rest) == 0 || rest[0] != ':' && rest[0] != ';' {
		return icalProp{}, false
	}
	return icalParse(string(line))
}

// icalInline tells whether the line holds a file.
func icalInline(line []byte) bool {
	if len(line) < 2000 {
		return false
	}
	head := bytes.ToUpper(line[:200])
	return bytes.Contains(head, []byte("VALUE=BINARY")) || bytes.Contains(head, []byte("ENCODING=BASE64")) || bytes.HasPrefix(head, []byte("ATTACH"))
}

func (r *icalReader) addZone(c *icalCalendar, lines []string) {
	for _, line := range lines {
		if p, ok := icalCutName([]byte(line), "TZID"); ok && r.zones < icalMaxZones {
			r.zones++
			if c.zones == nil {
				c.zones = map[string][]string{}
			}
			c.zones[icalZoneKey(p.text())] = lines
			return
		}
	}
}

func icalZoneKey(tzid string) string { return strings.ToLower(strings.Trim(icalUnescape(tzid), `" `)) }

// zone gives the zone that a TZID means in the calendar; nil when that is not known.
func (r *icalReader) zone(c *icalCalendar, tzid string) *icalZone {
	if z, ok := c.known[tzid]; ok {
		return z
	}
	var z *icalZone
	if loc := zoneNamed(tzid); loc != nil {
		z = &icalZone{loc: loc}
	} else if lines, ok := c.zones[icalZoneKey(tzid)]; ok {
		if rules := icalReadZone(lines, &r.rules); rules != nil {
			z = &icalZone{rules: rules}
		}
	}
	if c.known == nil {
		c.known = map[string]*icalZone{}
	}
	if len(c.known) < 1000 {
		c.known[tzid] = z
	}
	return z
}

// emit gives all events to the feed, in the order in which their UIDs came first.
func (r *icalReader) emit(ctx context.Context) error {
	groups := make(map[string][]int, len(r.events))
	for i := range r.events {
		if uid := r.events[i].uid; uid != "" {
			groups[uid] = append(groups[uid], i)
		}
	}
	for i := range r.events {
		if i%100 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		group := []int{i}
		if uid := r.events[i].uid; uid != "" {
			group = groups[uid]
			if group[0] != i {
				continue
			}
		}
		if err := r.emitGroup(group); err != nil {
			return err
		}
	}
	return nil
}

func (r *icalReader) refuse(e *icalEvent, format string, args ...any) error {
	return r.feed.Refuse(Refusal{e.item(), fmt.Sprintf(format, args...)})
}

// emitGroup gives the events of one UID.
func (r *icalReader) emitGroup(group []int) error {
	var masters, changes []*icalItem
	for _, i := range group {
		e := &r.events[i]
		it, reason := r.parse(e)
		if reason != "" {
			if err := r.refuse(e, "%s", reason); err != nil {
				return err
			}
			continue
		}
		if it.recurrence != nil {
			changes = append(changes, it)
		} else {
			masters = append(masters, it)
		}
	}
	masters, err := r.newest(masters, func(it *icalItem) string { return it.startKey() + "#" + it.title }, true)
	if err != nil {
		return err
	}
	changes, err = r.newest(changes, func(it *icalItem) string { return it.recurrenceKey }, false)
	if err != nil {
		return err
	}
	starts := map[string]int{}
	for _, m := range masters {
		starts[m.startKey()]++
	}
	for i, m := range masters {
		var used []*icalItem
		// Changed dates of a UID that several items have belong to the first that has the date.
		if rest, reason := r.change(m, changes, &used, i == len(masters)-1); reason != "" {
			if err := r.refuse(m.event, "%s", reason); err != nil {
				return err
			}
			continue
		} else {
			changes = rest
		}
		key := m.event.uid
		switch {
		case key == "":
			key = m.title + "@" + m.startKey()
		case len(masters) == 1:
		case starts[m.startKey()] == 1:
			key += "#" + m.startKey()
		default:
			key += "#" + m.startKey() + "#" + m.title
		}
		for _, u := range used {
			m.record.Raw = append(m.record.Raw, u.record.Raw...)
		}
		if err := r.give(m, key); err != nil {
			return err
		}
	}
	for _, c := range changes {
		switch {
		case c.future && len(masters) > 0:
			if err := r.refuse(c.event, "Eine Änderung aller Termine ab %s (THISANDFUTURE) wird nicht übernommen; die Serie endet davor.", c.recurrence.wall.Format("02.01.2006")); err != nil {
				return err
			}
		case c.record.Cancelled && len(masters) > 0:
			if err := r.refuse(c.event, "Abgesagt wird ein Termin, den die Serie nicht hat (%s).", c.recurrence.wall.Format("02.01.2006")); err != nil {
				return err
			}
		default:
			if err := r.give(c, c.event.uid+"#"+c.recurrenceKey); err != nil {
				return err
			}
		}
	}
	return nil
}

// give emits the item under the key, or, where the key is taken, under it with a number: only items without UID can share one.
func (r *icalReader) give(it *icalItem, key string) error {
	key = icalKey(key)
	if it.event.uid == "" || strings.Contains(key, "#") {
		r.keys[key]++
		if n := r.keys[key]; n > 1 {
			return r.refuse(it.event, "Steht schon da: ein anderer Termin hat dieselbe Kennung, denselben Titel und denselben Beginn.")
		}
	}
	it.record.Key = key
	return r.feed.Emit(it.record)
}

// icalKey bounds a key.
func icalKey(key string) string {
	if len(key) <= icalMaxKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return strings.ToValidUTF8(key[:icalMaxKey-35], "") + "…" + hex.EncodeToString(sum[:16])
}

// newest leaves of the items that are the same, as same says, the one that counts, and refuses the others. With bySequence an older
// SEQUENCE is older whatever it says.
func (r *icalReader) newest(items []*icalItem, same func(*icalItem) string, bySequence bool) ([]*icalItem, error) {
	if len(items) < 2 {
		return items, nil
	}
	best := map[string]*icalItem{}
	top := math.MinInt
	for _, it := range items {
		top = max(top, it.sequence)
		k := same(it)
		if b := best[k]; b == nil || it.newer(b) {
			best[k] = it
		}
	}
	var left []*icalItem
	for _, it := range items {
		reason := ""
		b := best[same(it)]
		switch {
		case it.sequence < top && bySequence:
			reason = fmt.Sprintf("Ältere Fassung (SEQUENCE %d); es gilt die neueste (SEQUENCE %d).", it.sequence, top)
		case b == it:
		case b.sequence > it.sequence:
			reason = fmt.Sprintf("Ältere Fassung (SEQUENCE %d); es gilt die neueste (SEQUENCE %d).", it.sequence, b.sequence)
		default:
			reason = fmt.Sprintf("Steht doppelt da; es gilt VEVENT %d.", b.event.number)
		}
		if reason == "" {
			left = append(left, it)
		} else if err := r.refuse(it.event, "%s", reason); err != nil {
			return nil, err
		}
	}
	return left, nil
}

// icalItem is a VEVENT that was understood.
type icalItem struct {
	event         *icalEvent
	record        *Record
	title         string
	start         time.Time // instant
	end           *time.Time
	allDay        bool
	wall          string    // the start as written, in UTC or as a date
	recurrence    *icalTime // RECURRENCE-ID
	original      time.Time // what it is in the series that is being changed
	first         icalTime  // the start as written
	zone          *icalZone // of the start
	recurrenceKey string
	future        bool // RANGE=THISANDFUTURE
	sequence      int
	changed       time.Time // LAST-MODIFIED, else DTSTAMP
}

func (it *icalItem) startKey() string { return it.wall }

// newer orders versions of an item.
func (it *icalItem) newer(other *icalItem) bool {
	return cmp.Or(cmp.Compare(it.sequence, other.sequence), it.changed.Compare(other.changed), bytes.Compare(it.event.text, other.event.text)) > 0
}

func icalInstantKey(t time.Time, allDay bool) string {
	if allDay {
		return t.Format("20060102")
	}
	return t.UTC().Format("20060102T150405Z")
}

// date gives the instant of the series' date that a RECURRENCE-ID names. Exporters write a mere date for a timed series, and a midnight for an all-day one.
func (it *icalItem) date(recurrence *icalTime) time.Time {
	rid := *recurrence
	switch {
	case rid.date && !it.allDay:
		rid.wall, rid.date = rid.wall.Add(it.first.wall.Sub(it.first.wall.Truncate(24*time.Hour))), false
		rid.utc, rid.zone = it.first.utc, it.first.zone
	case !rid.date && it.allDay:
		if rid.utc {
			rid.wall = icalWallIn(rid.wall, it.zone)
		}
		rid = icalTime{wall: rid.wall.Truncate(24 * time.Hour), date: true}
	}
	return rid.instant(it.zone)
}

// icalWallIn gives the clock reading in the zone at t, written as UTC.
func icalWallIn(t time.Time, z *icalZone) time.Time { return t.UTC().Add(z.offset(t)) }

// change applies the changed dates that are the series' own to it and gives back the others. The reason why that cannot be is in German. last tells
// that no other series of the UID comes after this one.
func (r *icalReader) change(m *icalItem, changes []*icalItem, used *[]*icalItem, last bool) (rest []*icalItem, reason string) {
	if len(changes) == 0 {
		return nil, ""
	}
	s := m.record.Schedule
	for _, c := range changes {
		c.original = m.date(c.recurrence)
	}
	if len(changes) > ent.MaxExceptions {
		return nil, fmt.Sprintf("Die Serie hat mehr als %d geänderte Termine.", ent.MaxExceptions)
	}
	from, to := changes[0].original, changes[0].original
	for _, c := range changes {
		if c.original.Before(from) {
			from = c.original
		}
		if c.original.After(to) {
			to = c.original
		}
	}
	spans, err := s.Expand(from, to.Add(time.Second), ent.ScheduleMaxSpans)
	if err != nil {
		return nil, icalScheduleReason(s)
	}
	own := make(map[int64]ent.Span, len(spans))
	for _, span := range spans {
		own[span.Original.Unix()] = span
	}
	var cut *time.Time
	for _, c := range changes {
		span, has := own[c.original.Unix()]
		end := c.end
		if end == nil && c.allDay {
			next := (&icalTime{wall: c.first.wall.AddDate(0, 0, 1)}).instant(r.def)
			end = &next
		}
		moved := !c.start.Equal(span.Start)
		lasts := !moved && (end == nil) == (span.End == nil) && (end == nil || end.Equal(*span.End))
		status := ent.OccurrenceScheduled
		switch {
		case c.record.Cancelled && !m.record.Cancelled:
			status = ent.OccurrenceCancelled
		case moved:
			status = ent.OccurrenceMoved
		}
		switch {
		case c.future && (c.record.Cancelled || !lasts || c.allDay != m.allDay || !has):
			if cut == nil || c.original.Before(*cut) {
				cut = &c.original
			}
			if c.record.Cancelled {
				*used = append(*used, c)
			} else {
				rest = append(rest, c)
			}
		case !has:
			rest = append(rest, c)
		case c.allDay != m.allDay && status != ent.OccurrenceCancelled:
			// A timed date of an all-day series, or the other way: it stands for itself.
			s.Exclude = append(s.Exclude, c.original)
			rest = append(rest, c)
		default:
			*used = append(*used, c)
			e := ent.Exception{Original: c.original, Status: status}
			if !lasts && status != ent.OccurrenceCancelled {
				e.Start, e.End = &c.start, end
			}
			if status != ent.OccurrenceScheduled || e.Start != nil {
				m.record.Exceptions = append(m.record.Exceptions, e)
			}
		}
	}
	if cut != nil {
		if !m.start.Before(*cut) {
			return nil, "Alle Termine der Serie sind geändert (THISANDFUTURE); das wird nicht übernommen."
		}
		if s.RRule != nil {
			parts := slices.DeleteFunc(strings.Split(*s.RRule, ";"), func(p string) bool { return strings.HasPrefix(p, "COUNT=") || strings.HasPrefix(p, "UNTIL=") })
			rule := strings.Join(append(parts, "UNTIL="+cut.Add(-time.Second).UTC().Format("20060102T150405Z")), ";")
			s.RRule = &rule
		}
		after := func(t time.Time) bool { return !t.Before(*cut) }
		s.Include = slices.DeleteFunc(s.Include, after)
		m.record.Exceptions = slices.DeleteFunc(m.record.Exceptions, func(e ent.Exception) bool { return after(e.Original) })
	}
	if problems := s.Validate(); len(problems) > 0 {
		return nil, icalScheduleReason(s)
	}
	slices.SortFunc(m.record.Exceptions, func(a, b ent.Exception) int { return a.Original.Compare(b.Original) })
	return rest, ""
}

// icalScheduleReason says in German what is wrong with a schedule.
func icalScheduleReason(s *ent.Schedule) string {
	for _, p := range s.Validate() {
		switch field := p.Path[0]; {
		case field == "start":
			return "Der Beginn liegt nicht in den Jahren 1900 bis 2200."
		case field == "end" && s.End != nil && s.End.Before(s.Start):
			return "Das Ende liegt vor dem Beginn."
		case field == "end":
			return "Das Ende liegt zu weit vom Beginn oder nicht in den Jahren 1900 bis 2200."
		case field == "rrule" && strings.Contains(p.Message, "UNTIL lies before"):
			return "Die Serie endet vor ihrem Beginn (UNTIL)."
		case field == "rrule":
			return fmt.Sprintf("Die Wiederholung „%s“ lässt sich nicht übernehmen.", icalClip(*s.RRule, 200))
		case p.Code == ent.UserTooLong:
			return fmt.Sprintf("Die Serie hat mehr als %d einzelne oder ausgenommene Termine.", ent.ScheduleMaxDates)
		case field == "timeZone":
			return fmt.Sprintf("Die Zeitzone „%s“ ist unbekannt.", s.TimeZone)
		}
	}
	return "Ein Datum der Serie liegt nicht in den Jahren 1900 bis 2200."
}

// parse understands an event; the reason why it is refused is in German.
func (r *icalReader) parse(e *icalEvent) (it *icalItem, reason string) {
	if e.fault != "" {
		return nil, e.fault
	}
	rec := &Record{Raw: e.text, Item: e.item()}
	it = &icalItem{event: e, record: rec}
	var start, end *icalTime
	var duration *icalDuration
	var rules []string
	var rdates, exdates []icalProp
	var styled, plain, location string
	var last *string // the text that a line without a name continues
	var created time.Time
	private, allDay := "", false
	for line := range strings.SplitSeq(string(e.text), "\n") {
		if line == "" {
			continue
		}
		p, ok := icalParse(line)
		if !ok {
			if last != nil && len(*last) < 20_000 {
				*last = strings.TrimSpace(*last + "\n" + icalUnescape(line))
			}
			continue
		}
		last = nil
		switch p.name {
		case "SUMMARY":
			if rec.Title == "" {
				rec.Title = html.UnescapeString(p.text())
			}
		case "DESCRIPTION":
			if plain == "" {
				plain, last = p.text(), &plain
				if data, ok := strings.CutPrefix(p.param("ALTREP"), "data:text/html,"); ok {
					if text, err := url.PathUnescape(data); err == nil {
						styled = text
					}
				}
			}
		case "X-ALT-DESC":
			if f := p.param("FMTTYPE"); f == "" || strings.EqualFold(f, "text/html") {
				styled = p.text()
			}
		case "STYLED-DESCRIPTION":
			if strings.EqualFold(p.param("FMTTYPE"), "text/html") {
				styled = p.text()
			}
		case "DTSTART", "DTEND", "RECURRENCE-ID":
			t, reason := r.time(e.calendar, &p)
			switch p.name {
			case "DTSTART":
				if reason != "" {
					return nil, "Der Beginn ist nicht lesbar: " + reason
				}
				if start != nil && (!start.wall.Equal(t.wall) || start.utc != t.utc) {
					return nil, "Der Termin nennt zwei verschiedene Anfänge."
				}
				start = t
			case "DTEND":
				if reason == "" { // what is not readable is not known
					end = t
				} else if strings.HasPrefix(reason, "Die Zeitzone") {
					return nil, "Das Ende ist nicht lesbar: " + reason
				}
			default:
				if reason != "" {
					return nil, "Der geänderte Termin (RECURRENCE-ID) ist nicht lesbar: " + reason
				}
				it.recurrence = t
				it.future = strings.EqualFold(p.param("RANGE"), "THISANDFUTURE")
				if strings.EqualFold(p.param("RANGE"), "THISANDPRIOR") {
					return nil, "Eine Änderung aller Termine vor einem (THISANDPRIOR) wird nicht übernommen."
				}
			}
		case "DURATION":
			if d, ok := icalParseDuration(p.value); ok {
				duration = &d
			}
		case "RRULE":
			if p.value != "" && !slices.Contains(rules, p.value) {
				rules = append(rules, p.value)
			}
		case "EXRULE":
			return nil, "Eine Serie mit ausgenommener Regel (EXRULE) wird nicht übernommen."
		case "RDATE":
			rdates = append(rdates, p)
		case "EXDATE":
			exdates = append(exdates, p)
		case "SEQUENCE":
			it.sequence, _ = strconv.Atoi(p.value)
		case "STATUS":
			rec.Cancelled = rec.Cancelled || strings.EqualFold(p.value, "CANCELLED") || strings.EqualFold(p.value, "CANCELED")
		case "CLASS":
			private = strings.ToUpper(p.value)
		case "X-MICROSOFT-CDO-ALLDAYEVENT", "X-FUNAMBOL-ALLDAY":
			allDay = strings.EqualFold(p.value, "TRUE") || p.value == "1"
		case "LAST-MODIFIED":
			if t, ok := icalWall(p.value); ok && t.utc {
				rec.UpdatedAt = &t.wall
				it.changed = t.wall
			}
		case "DTSTAMP":
			if t, ok := icalWall(p.value); ok && it.changed.IsZero() {
				it.changed = t.wall
			}
		case "CREATED":
			if t, ok := icalWall(p.value); ok && t.utc {
				created = t.wall
			}
		case "LOCATION":
			if location == "" {
				location, last = html.UnescapeString(p.text()), &location
			}
		default:
			r.property(rec, &p)
		}
	}
	switch {
	case private == "PRIVATE" || private == "CONFIDENTIAL":
		return nil, fmt.Sprintf("Der Termin ist nicht öffentlich (CLASS:%s).", private)
	case start == nil && it.recurrence != nil && rec.Cancelled:
		start = it.recurrence // a cancellation needs no more
	case start == nil:
		return nil, "Der Termin hat keinen Beginn (DTSTART)."
	case rec.Title == "":
		return nil, "Der Termin hat keinen Titel (SUMMARY)."
	}
	if e.calendar.method == "CANCEL" {
		rec.Cancelled = true
	}
	it.title = rec.Title
	if rec.UpdatedAt == nil && !created.IsZero() {
		rec.UpdatedAt = &created
	}
	rec.Description = plain
	if body := strings.TrimSpace(pageBody(styled)); body != "" && ent.HTMLToText(body) != "" {
		rec.Description = body
	}
	icalPlace(rec, location)

	if allDay && !start.date && (end == nil || !end.date) {
		midnight := func(t *icalTime) bool {
			if t.utc { // Outlook has written the midnight here in UTC
				local := t.wall.In(r.feed.Zone)
				return local.Hour() == 0 && local.Minute() == 0
			}
			return t.wall.Hour() == 0 && t.wall.Minute() == 0
		}
		if midnight(start) && (end == nil || midnight(end)) {
			for _, t := range []*icalTime{start, end} {
				if t == nil {
					continue
				}
				if t.utc {
					t.wall = t.wall.In(r.feed.Zone)
				}
				y, m, d := t.wall.Date()
				*t = icalTime{wall: time.Date(y, m, d, 0, 0, 0, 0, time.UTC), date: true}
			}
		}
	}
	zone := r.def
	if !start.date && start.zone != nil {
		zone = start.zone
	}
	it.start, it.allDay = start.instant(zone), start.date
	it.wall = icalInstantKey(it.start, false)
	if it.allDay {
		it.wall = icalInstantKey(start.wall, true)
	}
	switch {
	case end != nil:
		if t := end.instant(zone); start.date || !end.date {
			it.end = &t
		}
	case duration != nil:
		stop := *start
		stop.wall = stop.wall.AddDate(0, 0, duration.days)
		t := stop.instant(zone).Add(duration.exact)
		it.end = &t
	}
	if it.end != nil && it.end.Before(it.start) {
		return nil, "Das Ende liegt vor dem Beginn."
	}
	if it.end != nil && it.end.Equal(it.start) { // says nothing of how long it takes
		it.end = nil
	}
	if it.allDay {
		// As ent.Schedule has it: without an end it is one day.
		next := (&icalTime{wall: start.wall.AddDate(0, 0, 1)}).instant(r.def)
		if it.end != nil && it.end.Equal(next) {
			it.end = nil
		}
	}
	it.first, it.zone = *start, zone
	if rid := it.recurrence; rid != nil {
		it.recurrenceKey = icalInstantKey(rid.instant(zone), false)
		if rid.date {
			it.recurrenceKey = icalInstantKey(rid.wall, true)
		}
	}
	if reason := r.schedule(it, start, zone, rules, rdates, exdates); reason != "" {
		return nil, reason
	}
	if len(rules) == 0 {
		rec.Kind = ent.KindEvent
	}
	return it, ""
}

// schedule makes the record's schedule.
func (r *icalReader) schedule(it *icalItem, start *icalTime, zone *icalZone, rules []string, rdates, exdates []icalProp) (reason string) {
	s := &ent.Schedule{Start: it.start, End: it.end, AllDay: it.allDay, TimeZone: r.feed.Zone.String()}
	it.record.Schedule = s
	if y := it.start.UTC().Year(); y < ent.ScheduleMinYear || y > ent.ScheduleMaxYear {
		return icalScheduleReason(s)
	}
	if it.recurrence != nil {
		rules, rdates, exdates = nil, nil, nil
	}
	if len(rules) > 1 {
		return "Eine Serie mit mehreren Wiederholungsregeln wird nicht übernommen."
	}
	for _, text := range rules {
		rule, reason := icalRule(text, start.wall, start.date)
		if reason != "" {
			return reason
		}
		s.RRule = &rule
	}
	if !it.allDay {
		switch {
		case start.utc:
			if s.RRule != nil {
				s.TimeZone = "UTC"
			}
		case zone.loc != nil:
			s.TimeZone = zone.loc.String()
		default:
			to := it.start.AddDate(1, 0, 0)
			if s.RRule != nil {
				to = r.feed.Now.AddDate(5, 0, 0)
				if far := it.start.AddDate(5, 0, 0); far.After(to) {
					to = far
				}
				if strings.Contains(*s.RRule, "COUNT=") || strings.Contains(*s.RRule, "UNTIL=") { // to its last date
					wall := ent.Schedule{Start: start.wall, TimeZone: "UTC", RRule: s.RRule}
					if spans, err := wall.Expand(start.wall, to, ent.ScheduleMaxSpans); err == nil && len(spans) > 0 {
						to = spans[len(spans)-1].Start
					}
				}
			}
			if loc := zone.rules.match(it.start, to, r.feed.Zone); loc != nil {
				s.TimeZone = loc.String()
			} else if s.RRule != nil {
				return "Die Zeitzone der Serie folgt eigenen Regeln, die keiner bekannten Zone entsprechen."
			}
		}
	}
	calendar := it.event.calendar
	for _, p := range rdates {
		if p.value == "" {
			continue
		}
		for value := range strings.SplitSeq(p.value, ",") {
			one := p
			one.value = strings.TrimSpace(value)
			t, reason := r.time(calendar, &one)
			if reason != "" {
				return "Ein zusätzlicher Termin (RDATE) ist nicht lesbar: " + reason
			}
			if t.date != it.allDay && !t.date {
				return "Ein zusätzlicher Termin (RDATE) hat eine Uhrzeit, die Serie ist ganztägig."
			}
			if t.date && !it.allDay { // the time of the series
				t.wall, t.date = t.wall.Add(start.wall.Sub(start.wall.Truncate(24*time.Hour))), false
				t.utc, t.zone = start.utc, start.zone
			}
			at := t.instant(zone)
			if t.end != nil {
				stop := t.end.instant(zone)
				if stop.Before(at) {
					return "Das Ende eines zusätzlichen Termins (RDATE) liegt vor seinem Beginn."
				}
				if it.end == nil || !stop.Equal(at.Add(it.end.Sub(it.start))) {
					it.record.Exceptions = append(it.record.Exceptions, ent.Exception{Original: at, Added: true, Status: ent.OccurrenceScheduled, Start: &at, End: &stop})
					continue
				}
			}
			s.Include = append(s.Include, at)
		}
	}
	for _, p := range exdates {
		if p.value == "" {
			continue
		}
		for value := range strings.SplitSeq(p.value, ",") {
			one := p
			one.value = strings.TrimSpace(value)
			if one.value == "" {
				continue
			}
			t, reason := r.time(calendar, &one)
			if reason != "" {
				return "Ein ausgenommener Termin (EXDATE) ist nicht lesbar: " + reason
			}
			switch {
			case it.allDay && !t.date: // the day that is written
				t.wall, t.date, t.utc = t.wall.Truncate(24*time.Hour), true, false
			case !it.allDay && t.date: // the date of that day
				t.wall, t.date = t.wall.Add(start.wall.Sub(start.wall.Truncate(24*time.Hour))), false
				t.utc, t.zone = start.utc, start.zone
			}
			s.Exclude = append(s.Exclude, t.instant(zone))
			if t.utc && !start.utc && start.zone == nil && !it.allDay {
				// A floating series with its exceptions in UTC: whether the exporter converted them or only added the Z, one of the two is a date of it.
				t.utc = false
				s.Exclude = append(s.Exclude, t.instant(zone))
			}
		}
	}
	if len(it.record.Exceptions) > ent.MaxExceptions {
		return fmt.Sprintf("Die Serie hat mehr als %d zusätzliche Termine.", ent.MaxExceptions)
	}
	// Validate reads the zone from disk: single dates, which are most, are held to its rules without it.
	if s.RRule != nil || s.Include != nil || s.Exclude != nil || it.end != nil && (it.end.Sub(it.start) > 366*24*time.Hour || it.end.UTC().Year() > ent.ScheduleMaxYear) {
		if problems := s.Validate(); len(problems) > 0 {
			return icalScheduleReason(s)
		}
	}
	return ""
}

// time reads a property with a DATE, DATE-TIME or PERIOD. The reason why it cannot is in German.
func (r *icalReader) time(c *icalCalendar, p *icalProp) (t *icalTime, reason string) {
	value, tzid := p.value, p.param("TZID")
	if i := strings.LastIndexByte(value, ':'); i >= 0 && tzid != "" {
		if _, ok := icalWall(value); !ok { // a colon in a TZID without quotes: "(UTC+01:00) Berlin:20260512T190000"
			if _, ok := icalWall(value[i+1:]); ok {
				tzid, value = tzid+":"+value[:i], value[i+1:]
			}
		}
	}
	if i := strings.IndexByte(value, '/'); i > 0 {
		startValue, endValue := value[:i], value[i+1:]
		one := *p
		one.value = startValue
		start, reason := r.time(c, &one)
		if reason != "" {
			return nil, reason
		}
		if d, ok := icalParseDuration(endValue); ok {
			stop := *start
			stop.wall = stop.wall.AddDate(0, 0, d.days).Add(d.exact)
			start.end = &stop
			return start, ""
		}
		one.value = endValue
		if start.end, reason = r.time(c, &one); reason != "" {
			return nil, reason
		}
		return start, ""
	}
	w, ok := icalWall(value)
	if !ok {
		return nil, fmt.Sprintf("„%s“ ist kein Datum.", icalClip(value, 60))
	}
	if strings.EqualFold(p.param("VALUE"), "DATE") && !w.date && !w.utc && w.wall.Equal(w.wall.Truncate(24*time.Hour)) {
		w.date = true
	}
	if tzid != "" && !w.utc && !w.date {
		if w.zone = r.zone(c, tzid); w.zone == nil {
			return nil, fmt.Sprintf("Die Zeitzone „%s“ ist unbekannt.", icalClip(tzid, 100))
		}
		if w.zone.loc == time.UTC {
			w.utc, w.zone = true, nil
		}
	}
	return &w, ""
}

// property puts what is the same for all kinds of events into the record.
func (r *icalReader) property(rec *Record, p *icalProp) {
	link := func(address string) {
		if ent.ValidURL(address) && len(rec.Links) < icalMaxList {
			l := ent.Link{URL: address}
			if label := p.param("LABEL"); label != "" {
				l.Title = &label
			}
			rec.Links = append(rec.Links, l)
		}
	}
	image := func(address string) {
		if ent.ValidURL(address) && len(rec.Images) < icalMaxList && !slices.ContainsFunc(rec.Images, func(i ent.Image) bool { return i.URL == address }) {
			rec.Images = append(rec.Images, ent.Image{URL: address})
		}
	}
	switch p.name {
	case "URL":
		// Never unescaped where it is right as it is: "\," stands in addresses of exporters that escape all.
		if address := icalUnescape(p.value); ent.ValidURL(address) {
			rec.URL = address
		}
	case "CATEGORIES", "X-TAGS":
		for _, tag := range icalList(p.value, icalMaxList-len(rec.Tags)) {
			if tag = html.UnescapeString(tag); !slices.Contains(rec.Tags, tag) {
				rec.Tags = append(rec.Tags, tag)
			}
		}
	case "GEO":
		setPosition(place(rec), strings.FieldsFunc(p.value, func(c rune) bool { return c == ';' || c == ',' || c == '\\' || c == ' ' }))
	case "X-APPLE-STRUCTURED-LOCATION":
		at := place(rec)
		if at.Name == "" {
			at.Name = icalUnescape(p.param("X-TITLE"))
		}
		if at.Text == "" {
			at.Text = icalUnescape(strings.ReplaceAll(p.param("X-ADDRESS"), `\n`, ", "))
		}
		if geo, ok := strings.CutPrefix(strings.ToLower(p.value), "geo:"); ok {
			geo, _, _ = strings.Cut(geo, ";")
			setPosition(at, strings.Split(strings.ReplaceAll(geo, `\`, ""), ","))
		}
	case "ORGANIZER":
		o := &Organizer{Name: icalUnescape(p.param("CN"))}
		if !strings.Contains(o.Name, " ") && strings.Contains(o.Name, "%20") { // as The Events Calendar writes it
			if name, err := url.PathUnescape(o.Name); err == nil && utf8.ValidString(name) {
				o.Name = name
			}
		}
		if len(p.value) > 7 && strings.EqualFold(p.value[:7], "mailto:") {
			address, _, _ := strings.Cut(p.value[7:], "?")
			if decoded, err := url.PathUnescape(address); err == nil {
				address = decoded
			}
			// Calendars of Google have addresses that nobody reads.
			if !strings.HasSuffix(address, "calendar.google.com") && strings.Count(address, "@") == 1 {
				o.Email = address
			}
		} else if ent.ValidURL(p.value) {
			o.URL = p.value
		}
		if strings.Contains(o.Name, "@") {
			o.Name = ""
		}
		if *o != (Organizer{}) {
			rec.Organizer = o
		}
	case "CONTACT":
		if name := p.text(); name != "" && rec.Contact == nil {
			rec.Contact = &ent.Contact{Name: &name}
		}
	case "ATTACH", "IMAGE":
		address := icalUnescape(p.value)
		u, err := url.Parse(address)
		if err != nil {
			return
		}
		switch strings.ToLower(path.Ext(u.Path)) {
		case ".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif":
			image(address)
		default:
			if p.name == "IMAGE" || strings.HasPrefix(strings.ToLower(p.param("FMTTYPE")), "image/") {
				image(address)
			} else {
				link(address)
			}
		}
	case "X-WP-IMAGES-URL": // of All-in-One Event Calendar: size, address, width, height for each
		for entry := range strings.SplitSeq(p.text(), ",") {
			if f := strings.Split(entry, ";"); len(f) > 1 && (f[0] == "full" || f[0] == "large") {
				rec.Images = nil
				image(f[1])
				if f[0] == "full" {
					return
				}
			}
		}
	case "CONFERENCE", "X-GOOGLE-CONFERENCE":
		if ent.ValidURL(p.value) {
			online := true
			rec.Online = &online
			link(p.value)
		}
	case "X-COST-TYPE":
		if strings.EqualFold(p.value, "free") {
			free := true
			rec.Price = &ent.Price{Free: &free}
		}
	case "X-COST":
		rec.PriceText = p.text()
	case "X-TICKETS-URL":
		link(icalUnescape(p.value))
	}
}

func place(rec *Record) *Place {
	if rec.Place == nil {
		rec.Place = &Place{}
	}
	return rec.Place
}

// setPosition takes latitude and longitude, if they are some: 0, 0 is where programs put what they do not know.
func setPosition(p *Place, latLon []string) {
	if len(latLon) != 2 {
		return
	}
	lat, err1 := strconv.ParseFloat(strings.TrimSpace(latLon[0]), 64)
	lon, err2 := strconv.ParseFloat(strings.TrimSpace(latLon[1]), 64)
	if err1 != nil || err2 != nil || !(math.Abs(lat) <= 90) || !(math.Abs(lon) <= 180) || lat == 0 && lon == 0 {
		return
	}
	p.Latitude, p.Longitude = &lat, &lon
}

// icalMap matches the addresses of maps: what is there is no place on the web.
var icalMap = regexp.MustCompile(`(?i)^https?://(?:(?:www\.|maps\.)?google\.[a-z.]+/maps|maps\.google\.|maps\.app\.goo\.gl|goo\.gl/maps|maps\.apple\.com|(?:www\.)?openstreetmap\.|osm\.org|(?:www\.)?bing\.com/maps|what3words\.com|w3w\.co)`)

// icalPlace puts the LOCATION where it belongs: an address on the web is no place.
func icalPlace(rec *Record, location string) {
	if ent.ValidURL(location) {
		if !icalMap.MatchString(location) {
			online := true
			rec.Online = &online
		}
		rec.Links = append(rec.Links, ent.Link{URL: location})
	} else if location != "" {
		place(rec).Text = location
	}
	if rec.Place != nil && *rec.Place == (Place{}) {
		rec.Place = nil
	}
}
