package harvest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"umland/ent"
	"umland/hours"
)

// The readers of values that several formats share: they take what a feed says and give what a Record holds, or say in German why not.

const (
	valueMaxPages   = 1000    // pages of one feed
	valueMaxItem    = 4 << 20 // bytes of one item
	valueMaxKey     = 200     // bytes of a key; longer ones end with a hash
	valueMaxQuote   = 80      // bytes of a feed's words in a message
	valueGermanWest = 5.5     // bounds of Germany with a margin, WGS 84 degrees
	valueGermanEast = 15.5
	valueGermanLow  = 47.0
	valueGermanHigh = 55.2
)

// valueError says that a feed as a whole is none, in a sentence for a clerk.
func valueError(format string, args ...any) error { return fmt.Errorf(format, args...) }

// valueZone is the zone of times without one: that of the feed, else Germany's.
func valueZone(feed *Feed) *time.Location {
	if feed.Zone == nil || feed.Zone == time.UTC || feed.Zone == time.Local {
		return ent.Berlin
	}
	return feed.Zone
}

// valueSniff names what the first bytes of a body are, in German with its article, "" when they are nothing that it knows.
func valueSniff(head []byte) string {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	lower := bytes.ToLower(text[:min(len(text), 2000)])
	starts := func(s string) bool { return bytes.HasPrefix(lower, []byte(s)) }
	switch {
	case starts("pk\x03\x04"):
		return "eine Excel- oder ZIP-Datei"
	case bytes.HasPrefix(text, []byte("\xd0\xcf\x11\xe0")): // never in lower case: these are no letters
		return "eine alte Excel-Datei (.xls)"
	case starts("%pdf"):
		return "eine PDF-Datei"
	case bytes.HasPrefix(text, []byte("\x1f\x8b")):
		return "eine gepackte Datei (gzip)"
	case starts("begin:vcalendar"):
		return "ein Kalender (iCal)"
	case starts("<!doctype html"), starts("<html"), starts("<head"), starts("<") && bytes.Contains(lower, []byte("<html")):
		return "eine HTML-Seite"
	case starts("<?xml"), starts("<"):
		return "eine XML-Datei"
	case starts("{"), starts("[{"), starts("[\""), starts("[") && bytes.HasPrefix(bytes.TrimLeft(lower[1:], " \t\r\n"), []byte("{")):
		return "eine JSON-Datei"
	}
	return ""
}

// valueText cleans a text: valid UTF-8 (what is none was Windows-1252), no control characters but line breaks and tabs, no space around it.
func valueText(s string) string {
	if !utf8.ValidString(s) {
		s, _ = charmap.Windows1252.NewDecoder().String(s)
	}
	if strings.ContainsFunc(s, valueUnwanted) {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.Map(func(r rune) rune {
			switch {
			case r == '\r':
				return '\n'
			case r == '\u00a0', r == '\u202f':
				return ' '
			case valueUnwanted(r):
				return -1
			}
			return r
		}, s)
	}
	return strings.TrimSpace(s)
}

func valueUnwanted(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == '\u00a0' || r == '\u202f' || r == '\ufeff' || r == utf8.RuneError
}

// valueLine is a text on one line.
func valueLine(s string) string {
	s = valueText(s)
	if !strings.ContainsAny(s, "\n\t") && !strings.Contains(s, "  ") {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// valueQuote gives the feed's own words for a message, shortened.
func valueQuote(s string) string {
	s = valueLine(s)
	if len(s) > valueMaxQuote {
		cut := valueMaxQuote
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return "„" + s + "“"
}

// valueJoin joins what is not empty.
func valueJoin(sep string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, sep)
}

// valueFirst gives the first text that is not empty.
func valueFirst(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// valueKey makes a key from what does not change about an item. It stays readable; a long one ends with a hash.
func valueKey(parts ...string) string {
	key := valueJoin(" | ", parts...)
	if len(key) <= valueMaxKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	cut := valueMaxKey - 34
	for cut > 0 && !utf8.RuneStart(key[cut]) {
		cut--
	}
	return key[:cut] + "… " + hex.EncodeToString(sum[:15])
}

// valueNumber reads a number as Germans and programs write it: "51,94", "51.94", "-3", "1.234,5", "1 234". Exponents are for programs: "1e3".
func valueNumber(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 40 {
		return 0, false
	}
	s = strings.ReplaceAll(s, " ", "")
	comma, dot := strings.Count(s, ","), strings.Count(s, ".")
	switch {
	case comma == 1 && dot >= 1 && strings.LastIndexByte(s, '.') < strings.IndexByte(s, ','): // 1.234,5
		s = strings.Replace(strings.ReplaceAll(s, ".", ""), ",", ".", 1)
	case comma >= 1 && dot == 1 && strings.LastIndexByte(s, ',') < strings.IndexByte(s, '.'): // 1,234.5
		s = strings.ReplaceAll(s, ",", "")
	case comma == 1 && dot == 0:
		s = strings.Replace(s, ",", ".", 1)
	case comma > 0 || dot > 1:
		return 0, false
	}
	for _, c := range s {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, false // no "inf", "nan", "0x1p3"
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
}

// valueInt is a whole number without a sign, up to nine digits.
func valueInt(s string) (int, bool) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 9 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// valueBool reads a yes or no, nil when it is neither.
func valueBool(s string) *bool {
	var b bool
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "ja", "j", "yes", "y", "true", "wahr", "x", "1":
		b = true
	case "nein", "n", "no", "false", "falsch", "0":
	default:
		return nil
	}
	return &b
}

// valueAnswer reads whether something can be used with a wheelchair, "" when the text does not clearly say.
func valueAnswer(s string) ent.Answer {
	if b := valueBool(s); b != nil {
		if *b {
			return ent.AnswerYes
		}
		return ent.AnswerNo
	}
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "designated", "rollstuhlgerecht", "barrierefrei", "voll", "vollständig", "uneingeschränkt", "full", "rollstuhlgeeignet":
		return ent.AnswerYes
	case "limited", "partly", "partial", "teilweise", "bedingt", "eingeschränkt", "teils", "teilweise barrierefrei", "bedingt barrierefrei", "teilweise rollstuhlgerecht":
		return ent.AnswerPartly
	case "nicht barrierefrei", "nicht rollstuhlgerecht":
		return ent.AnswerNo
	case "unknown", "unbekannt":
		return ent.AnswerUnknown
	}
	return ""
}

// valueURL gives an address of the web, "" when it is none; "www.example.org" gets its https.
func valueURL(s string) string {
	s = strings.TrimSpace(s)
	switch {
	case s == "" || strings.ContainsAny(s, " \n\t<>\""):
		return ""
	case strings.HasPrefix(strings.ToLower(s), "www."):
		s = "https://" + s
	}
	if !ent.ValidURL(s) {
		return ""
	}
	return s
}

// valueEmail gives an e-mail address, "" when it is none.
func valueEmail(s string) string {
	s = strings.TrimSpace(s)
	if low := strings.ToLower(s); strings.HasPrefix(low, "mailto:") {
		s = s[len("mailto:"):]
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 || len(s) > 254 || strings.ContainsAny(s, " \t\n<>,;\"") || strings.Count(s, "@") != 1 {
		return ""
	}
	return s
}

// valueContact is nil when all is empty.
func valueContact(name, email, phone string) *ent.Contact {
	c := &ent.Contact{Name: valueOrNil(valueLine(name)), Email: valueOrNil(valueEmail(email)), Phone: valueOrNil(valueLine(phone))}
	if c.Name == nil && c.Email == nil && c.Phone == nil {
		return nil
	}
	return c
}

// valueOrNil is nil for the empty string.
func valueOrNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// valueWords splits a list of words at its separators, drops what is empty, twice there or a mere number, and stops after fifty.
func valueWords(s, separators string) []string {
	var words []string
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		words = valueAddWord(words, w)
	}
	return words
}

// valueAddWord appends a word unless it is empty, there already, a mere number, or one too many.
func valueAddWord(words []string, w string) []string {
	w = valueLine(w)
	if w == "" || len(w) > 300 || len(words) >= ent.MaxWords || strings.Trim(w, "0123456789.,-+ ") == "" {
		return words
	}
	for _, have := range words {
		if strings.EqualFold(have, w) {
			return words
		}
	}
	return append(words, w)
}

// valueHours takes opening hours in words. Where they are, or can be read as, OpenStreetMap's syntax, that is what it gives, else "".
func valueHours(s string) string {
	var rules []string
	for _, line := range strings.Split(valueText(s), "\n") {
		rules = append(rules, strings.TrimRight(valueLine(line), ";, "))
	}
	if s = valueJoin("; ", rules...); s == "" {
		return ""
	}
	h, err := hours.Parse(s)
	if err != nil || utf8.RuneCountInString(h.String()) > ent.MaxHours {
		return ""
	}
	return h.String()
}

// valueAddHours puts opening hours into the record: as hours where they can be read, else as a last paragraph of its description.
func valueAddHours(r *Record, text string) {
	if text = valueText(text); text == "" {
		return
	}
	if r.Hours = valueHours(text); r.Hours == "" {
		r.Description = valueJoin("\n\n", r.Description, "Öffnungszeiten: "+text)
	}
}

// valuePosition takes degrees of WGS 84. Where only their exchange lies in Germany, it exchanges them. It refuses what are no degrees.
func valuePosition(latitude, longitude float64) (lat, lon float64, err error) {
	inGermany := func(lat, lon float64) bool {
		return lat >= valueGermanLow && lat <= valueGermanHigh && lon >= valueGermanWest && lon <= valueGermanEast
	}
	switch {
	case math.IsNaN(latitude) || math.IsNaN(longitude):
		return 0, 0, fmt.Errorf("die Koordinaten sind keine Zahlen")
	case inGermany(latitude, longitude):
		return latitude, longitude, nil
	case inGermany(longitude, latitude):
		return longitude, latitude, nil
	case math.Abs(latitude) > 90 || math.Abs(longitude) > 180:
		return 0, 0, fmt.Errorf("die Koordinaten %s und %s sind keine Grad (WGS 84)", valueFloat(latitude), valueFloat(longitude))
	}
	return latitude, longitude, nil
}

// valueSetPosition puts degrees into the place; zero and zero are what programs write where they know none.
func valueSetPosition(p *Place, latitude, longitude float64) error {
	if latitude == 0 && longitude == 0 {
		return nil
	}
	lat, lon, err := valuePosition(latitude, longitude)
	if err != nil {
		return err
	}
	p.Latitude, p.Longitude = &lat, &lon
	return nil
}

// valuePlace is nil when the place says nothing.
func valuePlace(p *Place) *Place {
	if *p == (Place{}) {
		return nil
	}
	return p
}

// valueFloat writes a number without an exponent, with a decimal comma.
func valueFloat(f float64) string {
	return strings.Replace(strconv.FormatFloat(f, 'f', -1, 64), ".", ",", 1)
}

// valueEuro writes an amount in euros: "3,50 €", "2 €".
func valueEuro(f float64) string {
	s := strconv.FormatFloat(f, 'f', 2, 64)
	return strings.Replace(strings.TrimSuffix(s, ".00"), ".", ",", 1) + " €"
}

// valueLocale gives a language as BCP 47, from the tags, ISO 639-2 codes and German names that feeds use; "" when it is none of them.
func valueLocale(s string) string {
	s = strings.TrimSpace(strings.ReplaceAll(s, "_", "-"))
	low := strings.ToLower(s)
	if low == "leichte sprache" || strings.HasPrefix(low, "de") && (strings.Contains(low, "simpl") || strings.Contains(low, "leicht") || strings.HasSuffix(low, "-ls")) {
		return "de-simple"
	}
	for _, l := range [...]struct{ tag, words string }{
		{"de", "|deu|ger|de-de|deutsch|german|"}, {"en", "|eng|en-us|en-gb|englisch|english|"}, {"fr", "|fra|fre|französisch|french|"},
		{"pl", "|pol|polnisch|polish|"}, {"tr", "|tur|türkisch|turkish|"}, {"ru", "|rus|russisch|russian|"}, {"uk", "|ukr|ukrainisch|ukrainian|"},
		{"ar", "|ara|arabisch|arabic|"}, {"es", "|spa|spanisch|spanish|"}, {"it", "|ita|italienisch|italian|"}, {"hsb", "|obersorbisch|sorbisch|"},
		{"dsb", "|niedersorbisch|"}, {"fa", "|fas|per|persisch|farsi|persian|"}, {"nl", "|nld|dut|niederländisch|dutch|"}, {"da", "|dan|dänisch|danish|"},
		{"cs", "|ces|cze|tschechisch|czech|"}, {"ro", "|ron|rum|rumänisch|romanian|"}, {"vi", "|vie|vietnamesisch|vietnamese|"},
		{"ur", "|urd|urdu|"}, {"gsg", "|deutsche gebärdensprache|dgs|gebärdensprache|"}, {"fi", "|fin|finnisch|finnish|"}, {"sv", "|swe|schwedisch|swedish|"},
	} {
		if low != "" && strings.Contains(l.words, "|"+low+"|") {
			return l.tag
		}
	}
	if len(s) < 2 || !ent.ValidLocale(s) || len(s) > 3 && !strings.Contains(s, "-") {
		return ""
	}
	return ent.CanonicalLocale(s)
}
