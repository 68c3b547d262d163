package harvest

import (
	"fmt"
	"hash/fnv"
	"strings"

	"umland/ent"
)

// column is what a column of a table, or a property of a GeoJSON feature, says. Its name is what Feed.Options call it.
type column uint8

const (
	columnNone column = iota
	columnID
	columnTitle
	columnSummary
	columnDescription
	columnStart
	columnStartTime
	columnEnd
	columnEndTime
	columnPlace
	columnAddress
	columnStreet
	columnHouseNumber
	columnPostalCode
	columnLocality
	columnDistrict
	columnAGS
	columnLatitude
	columnLongitude
	columnX
	columnY
	columnPoint
	columnCategory
	columnAudience
	columnOrganizer
	columnContact
	columnEmail
	columnPhone
	columnURL
	columnImage
	columnImageCredit
	columnPrice
	columnHours
	columnWheelchair
	columnLanguages
	columnOnline
	columnCancelled
	columnCapacity
	columnFeatures
	columnLicence
	columnAttribution
	columnUpdated
	columnCount
)

// columnNames are what options call the columns, and what columns are called in tables, the best name first; all as columnFold gives them.
var columnNames = [columnCount]struct{ option, names string }{
	columnID:          {"id", "id uid uuid guid nr nummer lfdnr laufendenummer identifier externalid externeid eventid veranstaltungsid veranstaltungsnummer objektid objectid objektnummer kursnummer kursnr schluessel featureid fid gid ogcfid datensatzid eventnr"},
	columnTitle:       {"title", "titel title veranstaltungstitel eventtitle veranstaltung veranstaltungsname event angebot ueberschrift name bezeichnung namede titelde veranstaltungsbezeichnung kurstitel kurs betreff subject summary objekt objektname einrichtung einrichtungsname standortname anlage vereinsname was spielplatz spielplatzname sportplatz sportstaette museum denkmal sehenswuerdigkeit gaststaette unterkunft betrieb hofladen leistungsbezeichnung dienstleistung ausflugsziel aktivitaet kursbezeichnung kursname kurstitelde thementitel"},
	columnSummary:     {"summary", "kurzbeschreibung kurztext teaser untertitel subtitle shortdescription einleitung anrisstext zusammenfassung kurzinfo"},
	columnDescription: {"description", "beschreibung description beschreibungstext langtext langbeschreibung volltext inhalt details text eventdescriptionde eventdescription beschreibungde descriptionde veranstaltungsbeschreibung erlaeuterung bemerkung bemerkungen hinweis hinweise info infos information informationen note anmerkung anmerkungen content body"},
	columnStart:       {"start", "beginn start startdatum datumvon datum beginndatum anfang anfangsdatum von vondatum datumbeginn datumstart startdate datefrom dtstart date eventdate startzeitpunkt termin veranstaltungsdatum tag eventstart startdatetime begin starttimestamp startat erstertermin wann"},
	columnStartTime:   {"startTime", "uhrzeit startzeit beginnzeit beginnuhrzeit uhrzeitvon uhrzeitbeginn zeitvon zeit starttime timefrom vonuhrzeit time anfangszeit activitytime startuhrzeit zeitbeginn vonzeit"},
	columnEnd:         {"end", "ende end enddatum datumbis endedatum bis bisdatum datumende enddate dateto dtend eventend endzeitpunkt schluss enddatetime endat letztertermin"},
	columnEndTime:     {"endTime", "endzeit endezeit endeuhrzeit uhrzeitbis uhrzeitende zeitbis endtime timeto bisuhrzeit enduhrzeit zeitende biszeit"},
	columnPlace:       {"place", "veranstaltungsort ortsname ortname venuename venue location veranstaltungsstaette standort place placename raum treffpunkt locationname spielort ortbezeichnung lage standortbezeichnung wo veranstaltungsortname"},
	columnAddress:     {"address", "adresse anschrift address fulladdress venueaddress adressevollstaendig postanschrift lageadresse addrfull"},
	columnStreet:      {"street", "strasse strassenname str street streetname streetaddress strname venuestreet addrstreet addressstreet strassehausnummer strassehausnr strasseundhausnummer strassennr strassenr strassehnr strassenameundhausnummer"},
	columnHouseNumber: {"houseNumber", "hausnummer hausnr hsnr hnr housenumber venuehousenumber addrhousenumber addresshousenumber hausnummernzusatz"},
	columnPostalCode:  {"postalCode", "plz postleitzahl postcode postalcode zip zipcode venuepostalcode venuezip addrpostcode addresspostalcode"},
	columnLocality:    {"locality", "gemeinde stadt wohnort city town locality addresslocality venuecity addrcity addresscity kommune gemeindename stadtgemeinde municipality plzort ort"},
	columnDistrict:    {"district", "ortsteil stadtteil stadtbezirk addrsuburb suburb ortsteilname stadtteilname"},
	columnAGS:         {"ags", "ags gemeindeschluessel amtlichergemeindeschluessel gemeindekennziffer gkz gemeindeschluesselags"},
	columnLatitude:    {"latitude", "lat latitude breitengrad breite geobreite geolat venuelat gpslat lati geographischebreite ykoordinatewgs84 latwgs84 breitengradwgs84 geolatitude coordinateslat"},
	columnLongitude:   {"longitude", "lon lng long longitude laengengrad laenge geolaenge geolon geolng venuelon venuelng gpslon gpslng geographischelaenge xkoordinatewgs84 lonwgs84 laengengradwgs84 geolongitude coordinateslon coordinateslng"},
	columnX:           {"x", "x xkoordinate rechtswert ostwert east easting koordinatex xcoord xwert koordx geox utmx utmost rw"},
	columnY:           {"y", "y ykoordinate hochwert nordwert north northing koordinatey ycoord ywert koordy geoy utmy utmnord hw"},
	columnPoint:       {"point", "wkt geom geometry geometrie thegeom shape point punkt koordinaten koordinate coordinates geokoordinaten geopoint geopoint2d latlon latlng geo shapewkt geometriewkt wktgeom"},
	columnCategory:    {"category", "kategorie kategorien category categories art typ type rubrik rubriken sparte thema themen genre tags tag eventtags schlagworte schlagwort keywords veranstaltungsart veranstaltungstyp angebotsart unterkategorie produkt teilprodukt sportart gattung kategoriename objektart einrichtungsart anlagentyp nutzungsart"},
	columnAudience:    {"audience", "zielgruppe zielgruppen audience altersgruppe alter fuerwen altersbereich altersempfehlung"},
	columnOrganizer:   {"organizer", "veranstalter veranstaltername organizer organiser anbieter traeger verein organisation organization betreiber organizername veranstaltervollname operator provider traegername wer"},
	columnContact:     {"contact", "ansprechpartner ansprechpartnerin ansprechperson kontakt kontaktperson contact contactname kontaktname leitung"},
	columnEmail:       {"email", "email mail emailadresse mailadresse kontaktemail contactemail ansprechpartneremail"},
	columnPhone:       {"phone", "telefon telefonnummer tel telnr phone phonenumber fon rufnummer kontakttelefon contactphone telefonnr festnetz mobil handy"},
	columnURL:         {"url", "link url website webseite internet homepage web www internetadresse weblink eventurl detailsurl venueurl contactwebsite veranstaltungslink urlde onlinelink webadresse"},
	columnImage:       {"image", "bild bildurl image imageurl foto fotourl picture photo eventimage bildlink imagelink bild1 thumbnail"},
	columnImageCredit: {"imageCredit", "bildnachweis bildrechte bildquelle fotograf copyright imagecredit fotonachweis urheber bildurheber credit"},
	columnPrice:       {"price", "preis preise eintritt eintrittspreis price kosten gebuehr eintrittineuro eintrittin eintrittineur preisineuro preisin preisineur kostenineuro kostenin kostenineur gebuehrineuro gebuehrin gebuehrineur gebuehren entgelt kursgebuehr teilnahmegebuehr preistext ticketpreis eintrittspreise fee charge teilnahmebeitrag preisinfo"},
	columnHours:       {"hours", "oeffnungszeiten oeffnungszeit openinghours hours geoeffnet servicezeiten sprechzeiten oeffnungszeitenosm"},
	columnWheelchair:  {"wheelchair", "wheelchair rollstuhl rollstuhlgerecht barrierefrei barrierefreiheit barrierefreierzugang rollstuhlgeeignet"},
	columnLanguages:   {"languages", "sprache sprachen language languages inlanguage kurssprache"},
	columnOnline:      {"online", "online onlineveranstaltung onlineangebot isonline digital"},
	columnCancelled:   {"cancelled", "abgesagt cancelled canceled faelltaus ausgefallen entfaellt storniert status eventstatus"},
	columnCapacity:    {"capacity", "teilnehmerzahl maxteilnehmer plaetze platzzahl capacity kapazitaet maximaleteilnehmerzahl maxteilnehmerzahl"},
	columnFeatures:    {"features", "ausstattung merkmale features equipment ausstattungsmerkmale"},
	columnLicence:     {"licence", "lizenz license licence nutzungsbedingungen"},
	columnAttribution: {"attribution", "quelle quellenangabe quellenvermerk attribution datenquelle namensnennung"},
	columnUpdated:     {"updated", "geaendert geaendertam aktualisiert aktualisiertam lastmodified updatedat modified stand letzteaenderung aenderungsdatum lastupdate datemodified"},
}

// columnAlias says which column a name stands for, and how good a name it is: less is better.
type columnAlias struct {
	column column
	rank   int
}

var columnAliases = func() map[string]columnAlias {
	aliases := map[string]columnAlias{}
	for c, of := range columnNames {
		for rank, name := range strings.Fields(of.names) {
			if _, there := aliases[name]; !there {
				aliases[name] = columnAlias{column(c), rank}
			}
		}
	}
	return aliases
}()

// columnLists are the columns that may stand several times in a table, and are all read.
var columnLists = [columnCount]bool{columnCategory: true, columnImage: true, columnDescription: true, columnFeatures: true, columnStart: true, columnEnd: true}

// columnFold brings a name into the form of columnNames: lower case, umlauts spelled out, letters and digits only.
func columnFold(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(valueLine(name)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == 'ä':
			b.WriteString("ae")
		case r == 'ö':
			b.WriteString("oe")
		case r == 'ü':
			b.WriteString("ue")
		case r == 'ß':
			b.WriteString("ss")
		}
		if b.Len() > 80 {
			break
		}
	}
	return b.String()
}

// columnOf finds out what a name stands for: as it is, without what stands in brackets or after a slash, or by its last word ("Spielplatz-Name").
func columnOf(name string) columnAlias {
	if a, ok := columnAliases[columnFold(name)]; ok {
		return a
	}
	short := name
	for _, sign := range []string{"(", "[", "/"} {
		if before, _, ok := strings.Cut(short, sign); ok && strings.TrimSpace(before) != "" {
			short = before
		}
	}
	if a, ok := columnAliases[columnFold(short)]; ok {
		a.rank += 100
		return a
	}
	for _, sign := range []string{"-", "_", " ", ".", ":"} {
		at := strings.LastIndex(short, sign)
		if at < 0 {
			continue
		}
		last := columnFold(short[at+1:])
		switch whose := columnAliases[columnFold(short[:at])].column; {
		case whose == columnOrganizer, whose == columnContact: // where an office is says nothing of where the thing is
			switch columnAliases[last].column {
			case columnTitle:
				return columnAlias{whose, 200}
			case columnEmail, columnPhone:
			default:
				return columnAlias{}
			}
		case whose == columnPlace: // "Veranstaltungsort Name", "Veranstaltungsort Ort"
			switch a := columnAliases[last]; a.column {
			case columnTitle:
				return columnAlias{columnPlace, 50}
			case columnLocality:
				return columnAlias{columnLocality, 50}
			case columnHouseNumber, columnAddress, columnDistrict:
				a.rank += 200
				return a
			}
		}
		switch a := columnAliases[last]; a.column {
		case columnTitle, columnLatitude, columnLongitude, columnEmail, columnPhone, columnURL, columnStreet, columnPostalCode, columnDescription:
			if first := columnFold(short[:at]); first == "vor" || first == "nach" || strings.HasSuffix(first, "datei") || len(last) < 3 {
				continue
			}
			a.rank += 200
			return a
		}
	}
	return columnAlias{}
}

// columnOptions are the options of a source that are the same for all tables.
type columnOptions struct {
	kind  ent.OfferingKind
	crs   string
	named map[string]column // by the folded name of the column
	given [columnCount]string
}

// columnReadOptions refuses what it does not understand.
func columnReadOptions(options map[string]string) (*columnOptions, error) {
	o := &columnOptions{named: map[string]column{}}
	for key, value := range options {
		if strings.TrimSpace(value) == "" {
			continue
		}
		switch {
		case strings.EqualFold(key, "kind"):
			o.kind = ent.OfferingKind(strings.ToUpper(strings.TrimSpace(value)))
			switch o.kind {
			case ent.KindService, ent.KindFacility, ent.KindEvent, ent.KindActivity, ent.KindTour, ent.KindVolunteering:
			default:
				return nil, valueError("Die Einstellung „kind“ der Quelle ist %s; möglich sind SERVICE, FACILITY, EVENT, ACTIVITY, TOUR, VOLUNTEERING.", valueQuote(value))
			}
		case strings.EqualFold(key, "crs"):
			o.crs = value
		}
		for c := columnNone + 1; c < columnCount; c++ {
			if strings.EqualFold(key, columnNames[c].option) {
				o.named[columnFold(value)] = c
				o.given[c] = value
			}
		}
	}
	return o, nil
}

// columnValues are the values of an item, by column.
type columnValues struct {
	one  [columnCount]string
	rank [columnCount]int // of the name that the value stands under, plus one
	list [columnCount][]string
	tags []string // that do not come from a category
}

// put takes the value of a column unless a better name has one.
func (v *columnValues) put(a columnAlias, value string) {
	if value == "" || a.column == columnNone {
		return
	}
	if columnLists[a.column] && len(v.list[a.column]) < ent.MaxWords {
		v.list[a.column] = append(v.list[a.column], value)
	}
	if v.rank[a.column] == 0 || a.rank < v.rank[a.column]-1 {
		v.one[a.column], v.rank[a.column] = value, a.rank+1
	}
}

// columnFind says what a name stands for: what the options say comes before all else.
func (o *columnOptions) columnFind(name string) columnAlias {
	if c, ok := o.named[columnFold(name)]; ok {
		return columnAlias{c, -1}
	}
	a := columnOf(name)
	if o.given[a.column] != "" {
		return columnAlias{} // the options name another column for it
	}
	return a
}

// columnKeys knows the keys of a feed that were taken, by their hash, and by which item.
type columnKeys map[uint64]int

// take makes the record's key unique. One id with several dates is common: each date is an item then; so are items that differ in their category
// only. ok is false where an item before has said all that.
func (k columnKeys) take(r *Record, item int) (before int, ok bool) {
	// What is called "Nr." may be no id of its own: items of one number but another title are different ones, too.
	start, tags := "", strings.Join(r.Tags, ", ")
	if r.Schedule != nil {
		start = r.Schedule.Start.Format("2006-01-02T15:04")
	}
	all := columnHash(r.Key + "\x00" + start + "\x00" + tags + "\x00" + r.Title)
	if before, there := k[all]; there {
		return before, false
	}
	if strings.HasSuffix(r.Key, start) { // made of it already
		start = ""
	}
	for _, more := range [...]string{"", start, tags, r.Title} {
		if more != "" {
			r.Key = valueKey(r.Key, more)
		}
		if before, ok = k[columnHash(r.Key)]; !ok {
			k[columnHash(r.Key)], k[all] = item, item
			return 0, true
		}
	}
	return before, false
}

func columnHash(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // never fails
	return h.Sum64()
}

var errColumnTitle = valueError("Titel fehlt")

// record makes of the values what they say. at is where the item is, where the feed says that apart from its values.
func (v *columnValues) record(feed *Feed, o *columnOptions, at *Place) (*Record, error) {
	get := func(c column) string { return v.one[c] }
	r := &Record{Kind: o.kind, Title: valueLine(get(columnTitle))}
	if r.Title == "" {
		return nil, errColumnTitle
	}
	r.Summary = get(columnSummary)
	r.Description = valueJoin("\n\n", v.list[columnDescription]...)
	r.Audience = valueLine(get(columnAudience))
	r.PriceText = valueLine(get(columnPrice))
	r.Wheelchair = valueAnswer(get(columnWheelchair))
	r.Online = valueBool(get(columnOnline))
	r.Licence = valueLine(get(columnLicence))
	r.Attribution = valueLine(get(columnAttribution))
	r.Contact = valueContact(get(columnContact), get(columnEmail), get(columnPhone))
	r.Tags = v.tags
	for _, c := range v.list[columnCategory] {
		separators := ",;|\n"
		if strings.ContainsAny(c, "|;") {
			separators = ";|\n"
		}
		for _, w := range valueWords(c, separators) {
			r.Tags = valueAddWord(r.Tags, w)
		}
	}
	for _, w := range valueWords(get(columnLanguages), ",;|/") {
		if l := valueLocale(w); l != "" {
			r.Languages = append(r.Languages, l)
		}
	}
	if name := valueLine(get(columnOrganizer)); name != "" {
		r.Organizer = &Organizer{Name: name}
	}
	if text := get(columnURL); text != "" {
		if r.URL = valueURL(text); r.URL == "" {
			for _, word := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" \n\t;,|", c) }) {
				if r.URL = valueURL(word); r.URL != "" {
					break
				}
			}
		}
	}
	for _, text := range v.list[columnImage] {
		for _, word := range strings.Fields(text) {
			if u := valueURL(word); u != "" && len(r.Images) < ent.MaxList {
				r.Images = append(r.Images, ent.Image{URL: u, Credit: valueOrNil(valueLine(get(columnImageCredit)))})
			}
		}
	}
	if text := get(columnUpdated); text != "" {
		r.UpdatedAt = valueInstant(text, valueZone(feed))
	}
	switch text := strings.ToLower(valueLine(get(columnCancelled))); text {
	case "abgesagt", "cancelled", "canceled", "eventcancelled", "fällt aus", "entfällt", "ausgefallen", "storniert":
		r.Cancelled = true
	default: // "Status: 1" is no answer to whether it was cancelled
		b := valueBool(text)
		r.Cancelled = b != nil && *b && v.rank[columnCancelled]-1 < columnAliases["status"].rank
	}
	place, err := v.place(o, at)
	if err != nil {
		return nil, err
	}
	r.Place = valuePlace(place)
	start, startTime := v.dated(columnStart, columnStartTime)
	end, endTime := v.dated(columnEnd, columnEndTime)
	if start != "" {
		start, end = valueYearOf(start, feed.Now), valueYearOf(end, feed.Now)
		if r.Schedule, err = valueSchedule(valueZone(feed), start, startTime, end, endTime); err != nil {
			return nil, err
		}
	}
	valueAddHours(r, get(columnHours))
	if r.Kind == "" {
		switch {
		case r.Schedule != nil:
			r.Kind = ent.KindEvent
		case r.Place != nil && r.Place.Latitude != nil:
			r.Kind = ent.KindFacility
		}
	}
	capacity, hasCapacity := valueInt(get(columnCapacity))
	switch {
	case r.Kind == ent.KindEvent && hasCapacity:
		r.Details.Event = &ent.EventDetails{Capacity: &capacity}
	case r.Kind == ent.KindActivity && hasCapacity:
		r.Details.Activity = &ent.ActivityDetails{Capacity: &capacity}
	case r.Kind == ent.KindFacility && len(v.list[columnFeatures]) > 0:
		r.Details.Facility = &ent.FacilityDetails{Features: valueWords(strings.Join(v.list[columnFeatures], ","), ",;|\n")}
	}
	if id := valueLine(get(columnID)); id != "" {
		r.Key = valueKey(id)
		return r, nil
	}
	where, when := "", ""
	if p := r.Place; p != nil {
		where = valueJoin(", ", p.Name, p.Text, valueJoin(" ", p.Street, p.PostalCode, p.Locality))
		if where == "" && p.Latitude != nil {
			where = fmt.Sprintf("%.5f %.5f", *p.Latitude, *p.Longitude)
		}
	}
	if r.Schedule != nil {
		when = r.Schedule.Start.In(valueZone(feed)).Format("2006-01-02T15:04")
	}
	r.Key = valueKey(r.Title, where, when)
	return r, nil
}

// dated gives the date and the time of day, where a table has "Datum" and "Beginn" the one from the former and the other from the latter.
func (v *columnValues) dated(date, time column) (string, string) {
	on, at := v.one[date], v.one[time]
	if len(v.list[date]) < 2 {
		return on, at
	}
	day, found := "", false
	for _, text := range v.list[date] {
		w, err := valueParseWhen(text)
		switch {
		case err == nil && w.day != valueDay{} && !found:
			day, found = text, true
		case at == "" && (err != nil || w.day == valueDay{}):
			if _, err := valueClock(text); err == nil {
				at = text
			}
		}
	}
	if !found {
		return on, v.one[time]
	}
	return day, at
}

// place puts together where an item is. Coordinates that cannot be read are a fault only where nothing else says where it is.
func (v *columnValues) place(o *columnOptions, at *Place) (*Place, error) {
	get := func(c column) string { return valueLine(v.one[c]) }
	v.one[columnPlace] = strings.ReplaceAll(strings.TrimSpace(v.one[columnPlace]), "\n", ", ")
	p := &Place{Name: get(columnPlace), PostalCode: get(columnPostalCode), Locality: get(columnLocality)}
	// "Ort" is a place in tables that say nothing finer, else a town.
	if v.rank[columnLocality]-1 == columnAliases["ort"].rank && p.Name == "" && p.PostalCode == "" && get(columnStreet) == "" && get(columnDistrict) == "" && get(columnAddress) == "" {
		p.Name, p.Locality = p.Locality, ""
	}
	p.Street = valueJoin(" ", get(columnStreet), get(columnHouseNumber))
	if get(columnStreet) == "" {
		p.Street = ""
	}
	if code, town, ok := strings.Cut(p.Locality, " "); ok && p.PostalCode == "" && len(code) == 5 && strings.Trim(code, "0123456789") == "" {
		p.PostalCode, p.Locality = code, strings.TrimSpace(town)
	}
	if _, ok := valueInt(p.PostalCode); ok && len(p.PostalCode) == 4 { // a spreadsheet took its first zero
		p.PostalCode = "0" + p.PostalCode
	}
	if d := get(columnDistrict); d != "" {
		switch {
		case p.Locality == "":
			p.Locality = d
		case !strings.Contains(p.Locality, d):
			p.Locality += " OT " + d
		}
	}
	p.Text = get(columnAddress)
	if p.Name != "" && p.Street == "" && p.Text == "" && strings.ContainsAny(p.Name, ",\n") { // "Dorfgemeinschaftshaus, Hauptstraße 5, 14822 Linthe"
		p.Name, p.Text = "", p.Name
	}
	if ags := strings.ReplaceAll(get(columnAGS), " ", ""); ags != "" {
		if len(ags) == 7 {
			ags = "0" + ags
		}
		if parsed, ok := ent.ParseAGS(ags); ok {
			p.AGS = parsed
		}
	}
	if at != nil && at.Latitude != nil {
		p.Latitude, p.Longitude = at.Latitude, at.Longitude
		return p, nil
	}
	if err := v.position(o, p); err != nil && p.Street == "" && p.Text == "" && p.Locality == "" && p.Name == "" {
		return nil, err
	}
	return p, nil
}

// position reads coordinates from the columns that there are.
func (v *columnValues) position(o *columnOptions, p *Place) error {
	pair := func(first, second string) error {
		if first == "" && second == "" {
			return nil
		}
		a, ok1 := valueNumber(first)
		b, ok2 := valueNumber(second)
		if !ok1 || !ok2 {
			return fmt.Errorf("die Koordinaten %s und %s sind keine Zahlen", valueQuote(first), valueQuote(second))
		}
		if max(a, b) > 180 {
			lat, lon, err := columnProjected(o.crs, a, b)
			if err != nil {
				return err
			}
			a, b = lat, lon
		}
		return columnInGermany(p, a, b)
	}
	if v.one[columnLatitude] != "" || v.one[columnLongitude] != "" {
		return pair(v.one[columnLatitude], v.one[columnLongitude])
	}
	if text := v.one[columnPoint]; text != "" {
		if lon, lat, ok := columnPointText(text); ok {
			if max(lat, lon) > 180 {
				var err error
				if lat, lon, err = columnProjected(o.crs, lat, lon); err != nil {
					return err
				}
			}
			return columnInGermany(p, lat, lon)
		}
		if v.one[columnX] == "" {
			return fmt.Errorf("%s ist kein Punkt mit Koordinaten", valueQuote(text))
		}
	}
	return pair(v.one[columnY], v.one[columnX])
}

// columnInGermany refuses what lies elsewhere: columns named "Länge" and "Breite" may as well hold the metres of a field.
func columnInGermany(p *Place, lat, lon float64) error {
	at := &Place{}
	if err := valueSetPosition(at, lat, lon); err != nil || at.Latitude == nil {
		return err
	}
	if *at.Latitude < valueGermanLow || *at.Latitude > valueGermanHigh || *at.Longitude < valueGermanWest || *at.Longitude > valueGermanEast {
		return fmt.Errorf("die Koordinaten %s und %s liegen nicht in Deutschland", valueFloat(lat), valueFloat(lon))
	}
	p.Latitude, p.Longitude = at.Latitude, at.Longitude
	return nil
}

// columnPointText reads "POINT (12.5 52.1)", also with an SRID before it, and "52,1; 12,5" or "52.1, 12.5" (latitude first, as people write it).
func columnPointText(text string) (lon, lat float64, ok bool) {
	upper := strings.ToUpper(valueLine(text))
	if _, after, found := strings.Cut(upper, ";"); found && strings.HasPrefix(upper, "SRID=") {
		upper = after
	}
	if inside, found := strings.CutPrefix(upper, "POINT"); found {
		inside = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(inside), "Z"))
		inside = strings.Trim(inside, "() ")
		f := strings.Fields(inside)
		if len(f) < 2 {
			return 0, 0, false
		}
		lon, ok1 := valueNumber(f[0])
		lat, ok2 := valueNumber(f[1])
		return lon, lat, ok1 && ok2
	}
	upper = strings.Trim(upper, "[]() ")
	for _, sign := range []string{";", ", ", " ", ","} {
		if first, second, found := strings.Cut(upper, sign); found {
			lat, ok1 := valueNumber(first)
			lon, ok2 := valueNumber(second)
			if sign == "," && (!strings.Contains(first, ".") || !strings.Contains(second, ".")) {
				return 0, 0, false // "52,14" is one number
			}
			if ok1 && ok2 {
				return lon, lat, true
			}
		}
	}
	return 0, 0, false
}
