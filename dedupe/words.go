package dedupe

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxTitle = 300  // bytes of a title or name that are read
	maxText  = 1500 // bytes of a text that are read
	maxWords = 24   // words of a title or name that are compared
)

// A word of a title or name.
type word struct {
	s      string // folded, umlauts as their vowels
	stem   string
	weight float64 // how much it says: 0 nothing, 0.3 little, else about 1
	id     bool    // tells one thing of a kind from the others: 2, u9, b
	more   bool    // says more about what stands before: behind a colon, comma or bracket, or where it is
	first  bool    // the first that says something
	class  uint8   // 1 + the row of classes to which it belongs; 0: none
}

// general says little in a title, and nothing when it is missing.
const general = 0.3

// nothing are words that say nothing about what a title is about.
var nothing = set(`der die das den dem des ein eine einen einem einer und oder in im am an auf aus bei beim fur mit ohne nach uber um unter vom von vor zu zum zur
 als auch bis ab es ist wir sie ihr ihre unser unsere seit sowie amp quot nbsp uhr nr ev eingetragener gemeinnutziger ggmbh gmbh ug kg gbr
 abgesagt verschoben ausverkauft entfallt fallt achtung neu neuer termin termine veranstaltung veranstaltungen veranstaltungshinweis hinweis tipp info infos
 herzlich willkommen einladung einladen eingeladen laden ladt herzliche save the date jahre jahren jahr ot ortsteil alle allen findet statt wieder unterwegs heute jetzt gegen werden wird j km null eintritt frei freier rund ums gesucht treffpunkt`)

// little are words that many titles have.
var little = set(`konzert event kurs treff treffen abend nachmittag vormittag tag gross grosse grosser grosses traditionell traditionelle traditioneller traditionelles
 jahrlich jahrlicher offentlich offentliche offene offener offen gemeinsam gemeinsame live musik lange programm aktion angebot regelmassig regelmassiger
 kostenlos kostenlose gratis vortrag workshop lesung film kino fest feier gruppe club verein training unterricht stunde besuch spielplatz bolzplatz sportplatz
 wochenmarkt markt fuhrung sprechstunde beratung platz haus raum saal halle schulhof gemeinde stadt ort dorf stadtteil region offener offenen sankt morgen fruh fruhen antrag beantragen beantragung
 international internationale internationaler freiwillige freiwilligen einkaufen jubilaum  theater theaterstuck theaterabend stuck komodie puppentheater puppenspiel laienspiel schauspiel buchvorstellung autorenlesung vernissage ausstellung
 ausstellungseroffnung eroffnung filmabend kinoabend filmvorfuhrung konzertabend infoabend vortragsabend seminar lehrgang ubungsdienst dienstabend
 selbsthilfegruppe kulturnacht wanderung spaziergang tour rundweg altstadt schwimmbad`)

// same are words that stand for others, folded: abbreviations and what one source calls so and the other so.
var same = map[string]string{
	"ffw": "freiwillige feuerwehr", "ff": "freiwillige feuerwehr", "fw": "feuerwehr", "vhs": "volkshochschule", "kvhs": "kreisvolkshochschule", "drk": "deutsches rotes kreuz",
	"awo": "arbeiterwohlfahrt", "dgh": "dorfgemeinschaftshaus", "mgh": "mehrgenerationenhaus", "mzh": "mehrzweckhalle", "kita": "kindertagesstatte",
	"str": "strasse", "pl": "platz", "st": "sankt", "skt": "sankt", "sp": "spielplatz", "ev": "evangelisch", "evang": "evangelisch", "kath": "katholisch", "rk": "katholisch",
	"bucherei": "bibliothek", "stadtbucherei": "stadtbibliothek", "gemeindebucherei": "gemeindebibliothek", "jfw": "jugendfeuerwehr", "kv": "kreisverband",
	"adventsmarkt": "weihnachtsmarkt", "christkindlmarkt": "weihnachtsmarkt", "christkindlesmarkt": "weihnachtsmarkt", "trodelmarkt": "flohmarkt",
	"lampionumzug": "martinsumzug", "laternenumzug": "martinsumzug", "martinszug": "martinsumzug", "rentner": "senioren", "rentnerinnen": "senioren",
	"ti": "tourist information", "touristinformation": "tourist information",
	"touristinfo": "tourist information", "blutspendetermin": "blutspende", "blutspendeaktion": "blutspende", "blutspenden": "blutspende", "reparaturcafe": "repair cafe", "repaircafe": "repair cafe",
	"gs": "grundschule", "jh": "jugendhaus", "juz": "jugendhaus", "jz": "jugendhaus", "kgm": "kirchengemeinde",
	"shg": "selbsthilfegruppe", "sv": "sportverein", "tv": "turnverein", "sg": "sportgemeinschaft", "fc": "fussballclub", "kc": "karnevalsclub", "disko": "disco",
	"schutzenplatz": "festplatz", "festwiese": "festplatz", "innenstadt": "altstadt", "stadtmitte": "altstadt", "gaststatte": "gasthof", "gasthaus": "gasthof", "wirtshaus": "gasthof",
	"gemeindesaal": "gemeindehaus", "pfarrsaal": "gemeindehaus", "pfarrheim": "gemeindehaus", "jugendclub": "jugendhaus", "jugendzentrum": "jugendhaus", "jugendtreff": "jugendhaus",
	"altere": "senioren", "alteren": "senioren", "alterer": "senioren", "marktplatz": "markt", "turnhalle": "sporthalle", "feuerwehrhaus": "geratehaus", "feuerwehrgeratehaus": "geratehaus", "spritzenhaus": "geratehaus",
	"kindersachenbasar": "kinderbasar", "kinderkleiderbasar": "kinderbasar", "spielzeugbasar": "kinderbasar", "kleiderbasar": "kinderbasar", "kindersachenborse": "kinderbasar",
	"tdot": "tag der offenen tur", "fahrradtour": "radtour", "gottesdienste": "gottesdienst", "godi": "gottesdienst", "hl": "heilig", "heilige": "heilig", "heiliger": "heilig",
	"schutzengilde": "schutzenverein", "heimatstube": "heimatmuseum",
}

// numbers are words that stand for numbers.
var numbers = map[string]string{
	"zwei": "2", "drei": "3", "vier": "4", "funf": "5", "sechs": "6", "sieben": "7", "acht": "8", "neun": "9", "zehn": "10", "elf": "11", "zwolf": "12",
	"zweiter": "2", "zweite": "2", "zweites": "2", "dritter": "3", "dritte": "3", "drittes": "3", "vierter": "4", "vierte": "4", "viertes": "4",
	"erster": "1", "erstes": "1", "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8",
}

// classes are words of which a thing has one and another has another: whoever teaches beginners does not teach the advanced at the same time.
// Rows of one dimension stand together, by its name. A word belongs to a row when it begins with one of the row's words, or is
// it where an equals sign stands before.
var classes = []struct {
	dimension string
	words     []string
}{
	{"level", []string{"anfang", "einsteig", "grundkurs", "basiskurs", "einfuhrung", "schnupper"}},
	{"level", []string{"fortgeschritt", "aufbaukurs", "profi", "intensivkurs", "wiedereinsteig"}},
	{"age", []string{"baby", "krabbel", "saugling"}},
	{"age", []string{"kinder", "=kind", "kids", "bambini", "zwerge", "minis"}},
	{"age", []string{"jugend", "teen"}},
	{"age", []string{"erwachsen"}},
	{"age", []string{"senior", "=altere"}},
	{"sex", []string{"madchen", "frauen", "damen", "=weiblich", "mutter"}},
	{"sex", []string{"jungs", "=jungen", "manner", "herren", "=mannlich", "vater"}},
	{"side", []string{"=nord", "norden", "nordlich"}},
	{"side", []string{"=sud", "suden", "sudlich"}},
	{"side", []string{"=ost", "=osten", "ostlich"}},
	{"side", []string{"=west", "westen", "westlich"}},
	{"size", []string{"=klein", "=kleine", "=kleiner", "=kleines"}},
	{"size", []string{"=gross", "=grosse", "=grosser", "=grosses"}},
	{"day", []string{"montag"}},
	{"day", []string{"dienstag"}},
	{"day", []string{"mittwoch"}},
	{"day", []string{"donnerstag"}},
	{"day", []string{"freitag"}},
	{"day", []string{"samstag", "sonnabend"}},
	{"day", []string{"sonntag"}},
	{"hour", []string{"vormittag", "fruhkurs", "=morgens"}},
	{"hour", []string{"nachmittag", "=nachmittags"}},
	{"hour", []string{"=abend", "=abends", "abendkurs", "spatkurs", "nacht"}},
	{"season", []string{"fruhling", "fruhjahr"}},
	{"season", []string{"sommer"}},
	{"season", []string{"herbst"}},
	{"season", []string{"winter"}},
	{"mass", []string{"hinspiel"}},
	{"mass", []string{"ruckspiel"}},
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// cut gives the first n bytes, whole letters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// fold appends s in lower case, without marks, with umlauts as their vowels whether they are written ä or ae, everything but letters and
// digits as one space. It begins and ends with a space.
func fold(b []byte, s string) []byte {
	if len(b) == 0 {
		b = append(b, ' ')
	}
	for _, r := range s {
		switch {
		case 'a' <= r && r <= 'z':
			if r == 'e' && digraph(b) {
				continue
			}
			b = append(b, byte(r))
		case '0' <= r && r <= '9':
			b = append(b, byte(r))
		case 'A' <= r && r <= 'Z':
			if r == 'E' && digraph(b) {
				continue
			}
			b = append(b, byte(r)+'a'-'A')
		case r == 'ä' || r == 'Ä':
			b = append(b, 'a')
		case r == 'ö' || r == 'Ö':
			b = append(b, 'o')
		case r == 'ü' || r == 'Ü':
			b = append(b, 'u')
		case r == 'ß' || r == 'ẞ':
			b = append(b, "ss"...)
		case r < utf8.RuneSelf || r == '–' || r == '„' || r == '“' || r == '’':
			if b[len(b)-1] != ' ' {
				b = append(b, ' ')
			}
		case unicode.Is(unicode.Mn, r) || r == '\u00ad' || r == '\u200b':
		default:
			r = unicode.ToLower(r)
			var one [utf8.UTFMax]byte
			n := utf8.EncodeRune(one[:], r)
			if d := norm.NFKD.Properties(one[:n]).Decomposition(); d != nil {
				r, _ = utf8.DecodeRune(d)
			}
			switch {
			case unicode.IsLetter(r) || unicode.IsDigit(r):
				b = utf8.AppendRune(b, r)
			case b[len(b)-1] != ' ':
				b = append(b, ' ')
			}
		}
	}
	if b[len(b)-1] != ' ' {
		b = append(b, ' ')
	}
	return b
}

// digraph tells whether an e behind b belongs to an ae, oe or ue that stands for an umlaut: not behind a vowel or q (neue, Bauer, Quelle).
func digraph(b []byte) bool {
	n := len(b)
	if c := b[n-1]; c != 'a' && c != 'o' && c != 'u' {
		return false
	}
	switch b[n-2] {
	case 'a', 'e', 'i', 'o', 'u', 'q':
		return false
	}
	return true
}

// stem takes the ending of a word off, so that Brücker is Brück and Anmeldung like anmelden. At least four letters stay.
func stem(w string) string {
	if n := len(w); n >= 9 && w[n-1] == 's' && strings.IndexByte("suioa", w[n-2]) < 0 { // des Sportabzeichens
		w = w[:n-1]
	}
	for _, ending := range [...]string{"innen", "ungen", "ung", "en", "er", "es", "e"} {
		if s, ok := strings.CutSuffix(w, ending); ok && len(s) >= 4 {
			return s
		}
	}
	if s, ok := strings.CutSuffix(w, "n"); ok && len(s) >= 4 && (s[len(s)-1] == 'l' || s[len(s)-1] == 'r') {
		return s
	}
	return w
}

// words gives the words of a title or name, without dates, times and what says nothing.
func words(s string) []word {
	s = cut(s, maxTitle)
	out := make([]word, 0, 12)
	s = undated(s)
	head := strings.IndexAny(s, ":(,")
	if head < 0 {
		head = len(s)
	}
	b := fold(make([]byte, 0, len(s)+2), s[:head])
	left := len(b) - 1
	b = fold(b, s[head:])
	left = len(b) - left // bytes that are left when the head is over
	folded, before, label := string(b), "", head < len(s) && s[head] == ':'
	telling, located := false, false
	for len(folded) > 1 && len(out) < maxWords {
		if label && len(folded) <= left {
			label = false
			if len(out) == 1 && !out[0].id { // Lesung: …, Landestheater: …
				out[0].weight *= .35
				telling = false
			}
		}
		n, more := len(out), telling && (located || len(folded) <= left)
		folded = folded[1:]
		end := strings.IndexByte(folded, ' ')
		w := folded[:end]
		folded = folded[end:]
		switch long, ok := same[w]; {
		case w == "e" && strings.HasPrefix(folded, " v "): // e. V.
			folded = folded[2:]
		case w == "plus" && len(out) > 0 && out[len(out)-1].id && out[len(out)-1].s >= "50" && len(before) == 2:
			out = appendWord(out[:len(out)-1], "senioren")
			n = len(out) - 1
		case w == "i" && counted[before]:
			out = appendWord(out, "1")
		case ok:
			for long != "" {
				first, rest, _ := strings.Cut(long, " ")
				out, long = appendWord(out, first), rest
			}
		default:
			out = appendWord(out, w)
		}
		for i := n; i < len(out); i++ {
			if out[i].more = more; more && out[i].weight > general {
				out[i].weight = max(.5, .6*out[i].weight)
			}
			out[i].first = !telling && out[i].weight > general
			telling = telling || out[i].first
		}
		before, located = w, located || locating[w]
	}
	return out
}

// locating are words behind which a title says where something is.
var locating = set(`in im am an auf bei beim vor neben hinter nahe unter`)

// counted are words behind which an I is a one.
var counted = set("teil kurs modul band folge stufe gruppe")

func appendWord(out []word, w string) []word {
	if nothing[w] || len(out) == maxWords {
		return out
	}
	if n, ok := numbers[w]; ok {
		return append(out, word{s: n, stem: n, weight: general, id: true})
	}
	if strings.IndexByte("0123456789", w[0]) >= 0 || len(w) == 1 || len(w) < 4 && strings.ContainsAny(w, "0123456789") {
		if len(w) == 4 && (strings.HasPrefix(w, "19") || strings.HasPrefix(w, "20")) {
			return out // a year; the date says it better
		}
		w = strings.TrimLeft(w, "0")
		if w == "" {
			return out
		}
		return append(out, word{s: w, stem: w, weight: general, id: true})
	}
	if head, rest, ok := strings.Cut(w, "jahrig"); ok && rest != "" { // Sechsjährige
		if n, ok := numbers[head]; ok {
			return append(out, word{s: n, stem: n, weight: general, id: true})
		}
	}
	v := word{s: w, stem: stem(w), weight: 1, class: classOf(w)}
	switch {
	case little[w] || v.class > 0 && classes[v.class-1].dimension == "day":
		v.weight = general
	case len(w) <= 3:
		v.weight = .6
	case len(w) >= 9:
		v.weight = 1.2
	}
	return append(out, v)
}

func classOf(w string) uint8 {
	c := w[0] - 'a'
	if c >= 26 {
		return 0
	}
	for _, r := range byLetter[c] {
		if strings.HasPrefix(w, r.word) && (!r.whole || w == r.word) {
			return r.class
		}
	}
	return 0
}

// byLetter has the words of classes by their first letter.
var byLetter = func() (table [26][]struct {
	word  string
	whole bool
	class uint8
}) {
	for i := range classes {
		for _, c := range classes[i].words {
			word, whole := strings.CutPrefix(c, "=")
			row := &table[word[0]-'a']
			*row = append(*row, struct {
				word  string
				whole bool
				class uint8
			}{word, whole, uint8(i + 1)})
		}
	}
	return table
}()

// undated takes dates (5.12., 05.12.2026) and times of day (19:30, 19.30 Uhr, 19 Uhr) out of a title.
func undated(s string) string {
	digits := strings.IndexAny(s, "0123456789")
	if digits < 0 {
		return s
	}
	b := []byte(s)
	for i := digits; i < len(b); {
		if b[i] < '0' || b[i] > '9' {
			i++
			continue
		}
		first := number(b, i)
		j := i + first
		switch {
		case first <= 2 && j < len(b) && (b[j] == '.' || b[j] == ':') && number(b, j+1) > 0 && number(b, j+1) <= 2:
			j += 1 + number(b, j+1)
			if j < len(b) && b[j] == '.' { // a date
				j++
				if n := number(b, j); n == 2 || n == 4 {
					j += n
				}
			} else if b[i+first] == '.' && !hour(b, j) {
				i = j
				continue
			}
			blank(b[i:j])
		case first <= 2 && hour(b, j):
			blank(b[i:j])
		}
		i = j
	}
	return string(b)
}

// number counts the digits at i.
func number(b []byte, i int) int {
	n := 0
	for i+n < len(b) && b[i+n] >= '0' && b[i+n] <= '9' {
		n++
	}
	return n
}

// hour tells whether "Uhr" follows.
func hour(b []byte, i int) bool {
	for i < len(b) && b[i] == ' ' {
		i++
	}
	return i+3 <= len(b) && strings.EqualFold(string(b[i:i+3]), "uhr")
}

func blank(b []byte) {
	for i := range b {
		b[i] = ' '
	}
}
