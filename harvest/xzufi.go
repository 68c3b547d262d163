package harvest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"umland/ent"
)

const (
	xzufiMaxLinks    = 1_000_000 // responsibilities of one feed
	xzufiMaxSections = 40
	xzufiMaxServices = 100_000 // they wait until all units are known
)

// XZuFi reads services of administrations in the German standard XZuFi 2 (2.0 to 2.3, as responsibility finders and service portals exchange it):
// Leistungen become SERVICE, with the texts of the LeiKa modules, the LeiKa key, costs, periods, required documents, and, through the
// Zuständigkeiten, the unit that is responsible with its address, contacts and opening hours, and the online service. Organisationseinheiten that one
// can go to, which have an address and opening hours, are FACILITY items of their own. What "loesche" names is a tombstone. German texts come first;
// other languages, Leichte Sprache among them, are translations.
//
// What is assumed beyond the names of the schema, since portals differ: elements are known by their local names, and messages of any kind are
// searched for them; a text module is told by its code of the list leistungstextmodulleika, else by its name; a channel of communication is told
// by what it looks like before its code (04: fax); days of structured opening hours are told by their name, or by a number from 1 for Monday; a
// responsibility counts for the area that it names, and the first one of a service stands for it.
type XZuFi struct{}

// Name is "xzufi".
func (XZuFi) Name() string { return "xzufi" }

// xzufiUnit is what services need of the unit that is responsible for them, or of an online service.
type xzufiUnit struct {
	name    string
	place   *Place
	contact *ent.Contact
	url     string
	hours   string
	words   string // opening hours that are only words
	online  string // address of an online service
}

type xzufiReader struct {
	feed     *Feed
	count    int
	services []*Record // they wait for the units, which may come after them
	ids      []string  // of services
	keys     map[string]bool
	units    map[string]*xzufiUnit
	owners   map[string][]string // the units and online services of a service, by ids
	owned    int
	found    bool
}

// Read implements Format.
func (XZuFi) Read(ctx context.Context, feed *Feed) error {
	body, head, err := valueOpen(feed)
	if err != nil {
		return err
	}
	if bytes.IndexByte(head[:min(len(head), 4)], 0) >= 0 { // UTF-16
		body = bufio.NewReaderSize(valueUTF8(body, head), valueHead)
		if head, err = body.Peek(valueHead); err != nil && err != io.EOF {
			return valueError("Die Quelle war nicht zu Ende zu lesen: %w", err)
		}
	}
	if what := valueSniff(head); what != "eine XML-Datei" {
		if what == "" {
			what = "etwas anderes"
		}
		return valueError("Das ist kein XZuFi, sondern %s.", what)
	}
	if !bytes.Contains(bytes.ToLower(head), []byte("xzufi")) {
		return valueError("Das ist eine XML-Datei, aber kein XZuFi.")
	}
	x := &xzufiReader{feed: feed, keys: map[string]bool{}, units: map[string]*xzufiUnit{}, owners: map[string][]string{}}
	dec := valueXMLDecoder(body)
	for first := true; ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		token, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return valueXMLFault(err, dec)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if first {
			first = false
			if err := xzufiVersion(start); err != nil {
				return err
			}
		}
		switch start.Name.Local {
		case "leistung", "organisationseinheit", "onlinedienst", "zustaendigkeitTransferObjekt", "zustaendigkeit", "loesche":
			if err := x.object(dec, start); err != nil {
				return err
			}
		}
	}
	if !x.found {
		return emptyFeed{"Das XZuFi enthält keine Leistungen oder Organisationseinheiten."}
	}
	for i, r := range x.services {
		if err := ctx.Err(); err != nil {
			return err
		}
		x.complete(r, x.ids[i])
		if err := feed.Emit(r); err != nil {
			return err
		}
	}
	return nil
}

var xzufiVersionNumber = regexp.MustCompile(`xzufi[/_:-]?v?(\d+)[_.]`)

// xzufiVersion refuses versions other than 2, where the document says its version.
func xzufiVersion(root xml.StartElement) error {
	texts := []string{root.Name.Space}
	for _, a := range root.Attr {
		if a.Name.Local == "xzufiVersion" {
			texts = append(texts, "xzufi"+a.Value+".")
		}
		texts = append(texts, a.Value)
	}
	for _, text := range texts {
		if m := xzufiVersionNumber.FindStringSubmatch(strings.ToLower(text)); m != nil && m[1] != "2" {
			return valueError("Das ist XZuFi %s; gelesen wird XZuFi 2.", m[1])
		}
	}
	return nil
}

func (x *xzufiReader) object(dec *xml.Decoder, start xml.StartElement) error {
	x.count++
	e, fault, fatal := valueXMLItem(dec, start)
	if fatal != nil {
		return fatal
	}
	noun := map[string]string{"leistung": "Leistung", "organisationseinheit": "Organisationseinheit", "onlinedienst": "Onlinedienst", "loesche": "Löschung"}[e.name]
	if noun == "" {
		noun = "Zuständigkeit"
	}
	item := fmt.Sprintf("%s %d", noun, x.count)
	if fault == nil {
		x.found = true
		switch e.name {
		case "leistung":
			fault = x.service(e, &item)
		case "organisationseinheit":
			return x.unit(e, item)
		case "onlinedienst":
			x.onlineService(e)
		case "zustaendigkeitTransferObjekt":
			for _, z := range e.all("zustaendigkeit") {
				x.own(z, xzufiID(e.one("uebergeordnetesObjektID")))
			}
		case "zustaendigkeit":
			x.own(e, valueFirst(xzufiID(e.one("uebergeordnetesObjektID")), xzufiID(e.one("organisationseinheitID"))))
		case "loesche":
			prefix := map[string]string{"Leistung": "", "Organisationseinheit": "organisationseinheit/"}
			kind := e.attr["klasse"]
			id := xzufiID(e.one("id"))
			if p, ok := prefix[kind]; ok && id != "" && !x.keys[p+id] {
				x.keys[p+id] = true
				return x.feed.Emit(&Record{Key: valueKey(p + id), Item: item, Raw: e.raw(), Deleted: true})
			}
		}
	}
	if fault != nil {
		return x.feed.Refuse(Refusal{item, fault.Error()})
	}
	return nil
}

// xzufiID gives an identifier: unique within its agency, which is put before it.
func xzufiID(e *valueXML) string {
	id := valueLine(e.text)
	if id == "" {
		return ""
	}
	return valueJoin(":", valueFirst(e.attr["schemeAgencyID"], e.attr["schemeAgencyName"]), id)
}

// own notes that a unit or an online service belongs to the service of a responsibility.
func (x *xzufiReader) own(z *valueXML, owner string) {
	for _, l := range z.all("leistungID") {
		if id := xzufiID(l); id != "" && owner != "" && x.owned < xzufiMaxLinks && !slices.Contains(x.owners[id], owner) && len(x.owners[id]) < 20 {
			x.owned++
			x.owners[id] = append(x.owners[id], owner)
		}
	}
}

// xzufiTexts are texts by language.
type xzufiTexts map[string]string

func (t xzufiTexts) add(locale, text string) {
	if text != "" && len(t) < ent.MaxList {
		t[locale] = valueJoin("\n\n", t[locale], text)
	}
}

// xzufiLocale is the language of an element: its own attribute, German where it has none.
func xzufiLocale(e *valueXML) string {
	code := valueFirst(e.attr["languageCode"], e.attr["lang"])
	if code == "" {
		return ent.DefaultLocale
	}
	locale := valueLocale(code)
	if locale == "de-DE" || locale == "de-AT" || locale == "de-CH" {
		return ent.DefaultLocale
	}
	return locale
}

func xzufiRead(elements []*valueXML) xzufiTexts {
	t := xzufiTexts{}
	for _, e := range elements {
		if text := e.html(); text != "" && xzufiLocale(e) != "" {
			t.add(xzufiLocale(e), text)
		}
	}
	return t
}

// xzufiCodes gives the codes of text modules by their names, for documents without codes.
var xzufiCodes = map[string]string{
	"leistungsbezeichnung": "02", "leistungsbezeichnung i": "02", "leistungsbezeichnung ii": "03", "kurztext": "05", "volltext": "06",
	"rechtsgrundlage": "07", "rechtsgrundlagen": "07", "handlungsgrundlagen": "07", "handlungsgrundlage(n)": "07", "rechtsgrundlage(n)": "07",
	"erforderliche unterlagen": "08", "voraussetzungen": "09", "verfahrensablauf": "11", "formulare": "14", "weiterführende informationen": "15",
	"hinweise": "16", "hinweise (besonderheiten)": "16", "urheber": "18", "zuständige stelle": "22", "ansprechpunkt": "23", "teaser": "24", "rechtsbehelf": "25",
}

func (x *xzufiReader) service(e *valueXML, item *string) error {
	id := xzufiID(e.one("id"))
	modules := map[string]xzufiTexts{}
	r := &Record{Kind: ent.KindService, Raw: e.raw(), Details: ent.Details{Service: &ent.ServiceDetails{}}}
	for _, m := range e.all("modulText") {
		code := m.line("leikaTextmodul", "code")
		if len(code) == 1 {
			code = "0" + code
		}
		if code == "" {
			code = xzufiCodes[strings.ToLower(m.line("leikaTextmodul", "name"))]
		}
		if modules[code] == nil {
			modules[code] = xzufiTexts{}
		}
		for locale, text := range xzufiRead(m.all("inhalt")) {
			modules[code].add(locale, text)
		}
		for _, l := range m.all("weiterfuehrenderLink") {
			if u := valueURL(l.line("uri")); u != "" && len(r.Links) < ent.MaxList && (xzufiLocale(l) == ent.DefaultLocale) {
				r.Links = append(r.Links, ent.Link{URL: u, Title: valueOrNil(valueFirst(l.line("titel"), l.line("beschreibung")))})
			}
		}
	}
	plain := func(code, locale string) string { return xzufiPlain(modules[code][locale]) }
	title := func(locale string) string {
		return valueLine(valueFirst(plain("03", locale), plain("02", locale), xzufiPlain(xzufiRead(e.all("bezeichnung"))[locale])))
	}
	main := ent.DefaultLocale
	if title(main) == "" {
		locales := map[string]bool{}
		for _, code := range []string{"03", "02"} {
			for locale := range modules[code] {
				locales[locale] = true
			}
		}
		for _, locale := range slices.Sorted(maps.Keys(locales)) {
			if title(locale) != "" {
				main = locale
				break
			}
		}
	}
	r.Title = title(main)
	if r.Title != "" {
		*item += " (" + r.Title + ")"
	}
	r.Item = *item
	switch {
	case id == "":
		return errors.New("die Kennung („id“) fehlt")
	case x.keys[id]:
		return fmt.Errorf("die Kennung %s kommt zweimal vor", valueQuote(id))
	case r.Title == "":
		return errors.New("die Leistungsbezeichnung fehlt")
	}
	x.keys[id] = true
	r.Key = valueKey(id)

	r.Summary = valueFirst(plain("24", main), plain("05", main))
	var sections []string
	section := func(heading, text string) {
		if text != "" && len(sections) < xzufiMaxSections {
			sections = append(sections, "<h3>"+heading+"</h3>\n"+xzufiHTML(text))
		}
	}
	if full := valueFirst(modules["06"][main], modules["05"][main]); full != "" {
		sections = append(sections, xzufiHTML(full))
	}
	section("Verfahrensablauf", modules["11"][main])
	section("Fristen", xzufiPeriods(e.one("modulFrist"), "frist", main))
	section("Bearbeitungsdauer", xzufiPeriods(e.one("modulBearbeitungsdauer"), "bearbeitungsdauer", main))
	section("Formulare", modules["14"][main])
	section("Hinweise", modules["16"][main])
	section("Zuständige Stelle", modules["22"][main])
	section("Ansprechpunkt", modules["23"][main])
	section("Weiterführende Informationen", modules["15"][main])
	section("Rechtsbehelf", modules["25"][main])
	section("Rechtsgrundlagen", modules["07"][main])
	r.Description = strings.Join(sections, "\n")

	var requirements []string
	for _, part := range [][2]string{{"Voraussetzungen", plain("09", main)}, {"Erforderliche Unterlagen", plain("08", main)}} {
		if part[1] != "" {
			requirements = append(requirements, part[0]+":\n"+part[1])
		}
	}
	r.Details.Service.Requirements = valueOrNil(strings.Join(requirements, "\n\n"))
	for _, leika := range e.all("referenzLeiKa") {
		key := strings.ReplaceAll(valueFirst(leika.line("code"), valueLine(leika.text)), " ", "")
		if len(key) == 14 && strings.Trim(key, "0123456789") == "" {
			r.Details.Service.Leika = &key
			break
		}
	}
	r.PriceText = xzufiCosts(e.one("modulKosten"), main)
	for _, k := range e.all("kategorie") {
		r.Tags = valueAddWord(r.Tags, xzufiPlain(xzufiRead(k.all("bezeichnung"))[main]))
	}
	for _, b := range e.all("modulBegriffImKontext", "begriffImKontext", "begriff") {
		if xzufiLocale(b) == main && len(r.Tags) < 20 {
			r.Tags = valueAddWord(r.Tags, b.text)
		}
	}
	locales := map[string]bool{}
	for _, code := range []string{"02", "03"} {
		for locale := range modules[code] {
			locales[locale] = true
		}
	}
	for _, locale := range slices.Sorted(maps.Keys(locales)) {
		if locale != main && len(r.Translations) < ent.MaxList {
			r.Translations = append(r.Translations, ent.Translation{
				Locale: locale, Title: title(locale), Summary: valueOrNil(valueFirst(plain("24", locale), plain("05", locale))), Description: valueOrNil(plain("06", locale)),
			})
		}
	}
	r.UpdatedAt = valueInstant(e.line("versionsinformation", "geaendertDatumZeit"), valueZone(x.feed))
	for _, g := range e.all("gueltigkeit") {
		if until := valueInstant(g.line("ende"), valueZone(x.feed)); until != nil && until.Add(24*time.Hour).Before(x.feed.Now) {
			r.Deleted = true
		}
	}
	if len(x.services) == xzufiMaxServices {
		return valueError("Die Quelle hat mehr als %d Leistungen.", xzufiMaxServices)
	}
	x.services, x.ids = append(x.services, r), append(x.ids, id)
	return nil
}

// xzufiPlain takes the markup off a text.
func xzufiPlain(s string) string {
	text, _ := ent.SplitText(s)
	return text
}

// xzufiHTML brings a text that may be plain into HTML.
func xzufiHTML(s string) string {
	if text, htm := ent.SplitText(s); htm == nil {
		return ent.TextToHTML(text)
	}
	return s
}

// xzufiSpan says a span of time, where its unit has a name.
func xzufiSpan(e *valueXML) string {
	amount := valueFirst(e.line("dauer"), valueJoin(" bis ", e.line("dauerMinimum"), e.line("dauerMaximum")), e.line("wert"))
	unit := valueFirst(e.line("einheit", "name"), e.line("einheit", "code"), e.line("einheit"), e.line("einheitMinimum", "name"))
	if _, ok := valueInt(unit); ok {
		unit = "" // a code without a name says nothing to a reader
	}
	if amount == "" || unit == "" {
		return ""
	}
	return amount + " " + unit
}

// xzufiPeriods says deadlines or durations: those that are structured, and the words about them.
func xzufiPeriods(module *valueXML, name, locale string) string {
	var words []string
	for _, p := range module.all(name) {
		words = append(words, valueJoin(": ", xzufiPlain(xzufiRead(p.all("bezeichnung"))[locale]), xzufiSpan(p)))
		for _, kid := range p.kids {
			words = append(words, xzufiSpan(kid))
		}
		words = append(words, xzufiRead(p.all("beschreibung"))[locale])
	}
	words = append(words, xzufiRead(module.all("beschreibung"))[locale])
	return valueJoin("\n\n", words...)
}

// xzufiCosts says what it costs in words.
func xzufiCosts(module *valueXML, locale string) string {
	euro := func(e *valueXML, name string) string {
		if f, ok := valueNumber(e.line(name)); ok {
			return valueEuro(f)
		}
		return ""
	}
	var words []string
	costs := module.all("kosten")
	for _, c := range costs[:min(len(costs), 20)] {
		amount := euro(c, "betrag")
		if amount == "" {
			from, to := valueFirst(euro(c, "betragMinimum"), euro(c, "betragUntergrenze")), valueFirst(euro(c, "betragMaximum"), euro(c, "betragObergrenze"))
			switch {
			case from != "" && to != "":
				amount = from + " bis " + to
			case from != "":
				amount = "ab " + from
			case to != "":
				amount = "bis " + to
			}
		}
		if amount == "" && strings.Contains(strings.ToLower(c.attr["type"]), "frei") {
			amount = "kostenfrei"
		}
		about := xzufiRead(append(append(c.all("bezeichnung"), c.all("beschreibung")...), c.all("beschreibungKosten")...))[locale]
		words = append(words, valueJoin(" ", amount, valueLine(xzufiPlain(about))))
	}
	words = append(words, valueLine(xzufiPlain(xzufiRead(module.all("beschreibung"))[locale])))
	return valueJoin("; ", words...)
}

func (x *xzufiReader) unit(e *valueXML, item string) error {
	id := xzufiID(e.one("id"))
	names := e.all("name", "name")
	if len(names) == 0 {
		names = append(e.all("name"), e.all("bezeichnung")...)
	}
	u := &xzufiUnit{name: valueLine(xzufiRead(names)[ent.DefaultLocale])}
	if u.name == "" && len(names) > 0 {
		u.name = valueLine(names[0].text)
	}
	if u.name != "" {
		item += " (" + u.name + ")"
	}
	switch {
	case id == "":
		return x.feed.Refuse(Refusal{item, "die Kennung („id“) fehlt"})
	case u.name == "":
		return x.feed.Refuse(Refusal{item, "der Name fehlt"})
	case x.keys["organisationseinheit/"+id]:
		return x.feed.Refuse(Refusal{item, "die Kennung " + valueQuote(id) + " kommt zweimal vor"})
	}
	x.keys["organisationseinheit/"+id] = true
	u.place = xzufiPlace(e)
	u.contact, u.url = xzufiContact(e)
	var week valueWeek
	for _, s := range append(e.all("infoOeffnungszeitenStrukturiert"), e.all("oeffnungszeiten")...) {
		xzufiHours(&week, s, 0)
	}
	u.hours = week.String()
	words := xzufiPlain(xzufiRead(append(e.all("infoOeffnungszeitenText"), e.all("infoOeffnungszeiten")...))[ent.DefaultLocale])
	if u.hours == "" && words != "" {
		if u.hours = valueHours(words); u.hours == "" {
			u.words = words
		}
	}
	x.units[id] = u
	for _, z := range e.all("zustaendigkeit") {
		x.own(z, id)
	}
	if u.place == nil || u.place.Street == "" || u.hours == "" && u.words == "" {
		return nil
	}
	r := &Record{
		Key: valueKey("organisationseinheit/" + id), Item: item, Raw: e.raw(), Kind: ent.KindFacility, Title: u.name, Place: u.place, Contact: u.contact, URL: u.url, Hours: u.hours,
		Description: xzufiRead(e.all("beschreibung"))[ent.DefaultLocale], Organizer: &Organizer{Name: u.name, URL: u.url},
		UpdatedAt: valueInstant(e.line("versionsinformation", "geaendertDatumZeit"), valueZone(x.feed)),
	}
	for _, n := range names {
		if locale := xzufiLocale(n); locale != "" && locale != ent.DefaultLocale && n.text != "" && len(r.Translations) < ent.MaxList {
			r.Translations = append(r.Translations, ent.Translation{Locale: locale, Title: valueLine(n.text)})
		}
	}
	if u.words != "" {
		r.Description = valueJoin("\n\n", r.Description, "Öffnungszeiten: "+u.words)
	}
	return x.feed.Emit(r)
}

// xzufiPlace takes the address that one goes to, before those that one writes to.
func xzufiPlace(e *valueXML) *Place {
	addresses := e.all("anschrift")
	slices.SortStableFunc(addresses, func(a, b *valueXML) int {
		rank := func(a *valueXML) int {
			switch kind := strings.ToLower(a.line("typ", "name")); {
			case strings.Contains(kind, "besuch"):
				return 0
			case strings.Contains(kind, "haus"):
				return 1
			case a.line("strasse") == "":
				return 3
			}
			return 2
		}
		return rank(a) - rank(b)
	})
	if len(addresses) == 0 {
		return nil
	}
	a := addresses[0]
	p := &Place{
		Name: a.line("gebaeude"), Street: valueJoin(" ", a.line("strasse"), a.line("hausnummer")), PostalCode: a.line("postleitzahl"), Locality: a.line("ort"),
	}
	if a.line("strasse") == "" {
		p.Street = ""
	}
	if d := a.line("ortsteil"); d != "" && !strings.Contains(p.Locality, d) {
		p.Locality = valueJoin(" OT ", p.Locality, d)
	}
	if ags, ok := ent.ParseAGS(a.line("verwaltungspolitischeKodierung", "gemeindeschluessel", "code")); ok {
		p.AGS = ags
	}
	for _, g := range append(a.all("geokodierung"), a.all("geokodierung", "geographischePosition")...) {
		lat, ok1 := valueNumber(valueFirst(g.line("breitengrad"), g.line("latitude"), g.line("breite")))
		lon, ok2 := valueNumber(valueFirst(g.line("laengengrad"), g.line("longitude"), g.line("laenge")))
		if ok1 && ok2 {
			_ = valueSetPosition(p, lat, lon) // what is no position is left out: the address says where it is
		}
	}
	return valuePlace(p)
}

func xzufiContact(e *valueXML) (*ent.Contact, string) {
	var email, phone, page string
	for _, k := range append(e.all("kommunikation"), e.all("kontaktPerson", "kommunikation")...) {
		text := k.line("kennung")
		channel := strings.ToLower(k.line("kanal", "name"))
		switch {
		case strings.Contains(text, "@"):
			email = valueFirst(email, valueEmail(text))
		case valueURL(text) != "":
			page = valueFirst(page, valueURL(text))
		case k.line("kanal", "code") == "04", strings.Contains(channel, "fax"):
		case strings.ContainsAny(text, "0123456789"):
			phone = valueFirst(phone, text)
		}
	}
	for _, i := range e.all("internetadresse") {
		page = valueFirst(valueURL(i.line("uri")), page)
	}
	return valueContact("", email, phone), page
}

// xzufiHours collects regular hours from wherever a day stands beside its times; those that differ for a while are left out.
func xzufiHours(week *valueWeek, e *valueXML, depth int) {
	if depth > 8 || strings.HasPrefix(e.name, "abweichend") {
		return
	}
	child := func(names ...string) string {
		for _, n := range names {
			if c := e.one(n); c.name != "" {
				return valueFirst(c.line("name"), c.line("code"), valueLine(c.text))
			}
		}
		return ""
	}
	name := child("wochentag", "tagestyp", "tagesart", "tag")
	day, ok := valueWeekday(name)
	if n, isNumber := valueInt(name); isNumber && n >= 1 && n <= 7 {
		day, ok = n-1, true
	}
	if ok {
		from, err1 := valueClock(child("von", "beginn", "zeitVon", "uhrzeitVon", "startzeit"))
		to, err2 := valueClock(child("bis", "ende", "zeitBis", "uhrzeitBis", "endzeit"))
		if err1 == nil && err2 == nil {
			week.open("", day, from.from, to.from)
			return
		}
	}
	for _, kid := range e.kids {
		xzufiHours(week, kid, depth+1)
	}
}

func (x *xzufiReader) onlineService(e *valueXML) {
	id := xzufiID(e.one("id"))
	if id == "" {
		return
	}
	u := &xzufiUnit{name: valueLine(xzufiRead(e.all("bezeichnung"))[ent.DefaultLocale])}
	for _, l := range e.all("link") {
		if address := valueURL(valueFirst(l.line("link"), l.line("uri"), valueLine(l.text))); address != "" && (u.online == "" || xzufiLocale(l) == ent.DefaultLocale) {
			u.online = address
			break
		}
	}
	x.units[id] = u
	for _, z := range e.all("zustaendigkeit") {
		x.own(z, id)
	}
	for _, l := range e.all("leistungID") {
		x.own(&valueXML{kids: []*valueXML{l}}, id)
	}
}

// complete gives a service what its unit and its online service say.
func (x *xzufiReader) complete(r *Record, id string) {
	s := r.Details.Service
	channel := func(c ent.Channel) {
		if !slices.Contains(s.Channels, c) {
			s.Channels = append(s.Channels, c)
		}
	}
	for _, owner := range x.owners[id] {
		u := x.units[owner]
		if u == nil {
			continue
		}
		if u.online != "" {
			if s.OnlineService == nil {
				s.OnlineService = &u.online
				online := true
				r.Online = &online
				channel(ent.ChannelOnline)
			}
			continue
		}
		if r.Organizer != nil {
			continue
		}
		r.Organizer = &Organizer{Name: u.name, URL: u.url}
		r.Contact, r.Place, r.Hours = u.contact, u.place, u.hours
		if u.contact != nil {
			if u.contact.Email != nil {
				r.Organizer.Email = *u.contact.Email
			}
			if u.contact.Phone != nil {
				r.Organizer.Phone = *u.contact.Phone
				channel(ent.ChannelPhone)
			}
		}
		if u.place != nil && u.place.Street != "" {
			channel(ent.ChannelOnSite)
		}
		if u.words != "" {
			r.Description = valueJoin("\n", r.Description, "<h3>Öffnungszeiten</h3>\n"+ent.TextToHTML(u.words))
		}
	}
}
