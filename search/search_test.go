package search

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	_ "github.com/jackc/pgx/v5/stdlib"

	"umland/pgdev/pgtest"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", pgtest.NewDB(t, nil))
	check(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

// readLines gives the lines of a file of test data without comments and empty lines.
func readLines(t testing.TB, name string) (lines []string) {
	t.Helper()
	f, err := os.Open(name)
	check(t, err)
	defer f.Close()
	s := bufio.NewScanner(f)
	for s.Scan() {
		if line := strings.TrimRight(s.Text(), " "); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	check(t, s.Err())
	return lines
}

// document reads title // description // category.
func document(line string) (d Document) {
	for i, text := range strings.Split(line, " // ") {
		switch i {
		case 0:
			d.Title = []string{text}
		case 1:
			d.Description = []string{text}
		case 2:
			d.Category = []string{text}
		}
	}
	return d
}

func TestMatch(t *testing.T) {
	t.Parallel()
	db := open(t)
	var d Document
	var title string
	cases := 0
	for _, line := range readLines(t, "testdata/match.txt") {
		if line[0] != ' ' {
			title, d = line, document(line)
			continue
		}
		sign, query, _ := strings.Cut(strings.TrimSpace(line), " ")
		q := Parse(query, Options{Prefix: strings.HasSuffix(sign, "*")})
		var found bool
		if err := db.QueryRowContext(t.Context(), `SELECT $1::text::tsvector @@ $2::text::tsquery`, Vector(d), q.TSQuery()).Scan(&found); err != nil {
			t.Fatalf("%q, %q: %v\n%s\n%s", title, query, err, Vector(d), q.TSQuery())
		}
		if want := sign[0] == '='; found != want {
			t.Errorf("%q %s finds %q: %t\n\t%s\n\t%s", query, sign, title, found, Vector(d), q.TSQuery())
		}
		cases++
	}
	if cases < 200 {
		t.Errorf("%d cases", cases)
	}
}

func TestRank(t *testing.T) {
	t.Parallel()
	db := open(t)
	var query, before string
	last := 0.0
	for _, line := range readLines(t, "testdata/rank.txt") {
		if line[0] != ' ' {
			query, before, last = line, "", 1e9
			continue
		}
		doc := strings.TrimSpace(line)
		q := Parse(query, Options{})
		var rank float64
		var found bool
		check(t, db.QueryRowContext(t.Context(), `SELECT $1::text::tsvector @@ $2::text::tsquery, ts_rank_cd($1::text::tsvector, $2::text::tsquery)`,
			Vector(document(doc)), q.TSQuery()).Scan(&found, &rank))
		if !found || rank >= last {
			t.Errorf("%q: %q has %.3f, found %t; %q before it %.3f", query, doc, rank, found, before, last)
		}
		before, last = doc, rank
	}
}

// Whatever is indexed or asked, Postgres takes it, and has not got more of it than was promised.
func TestHostile(t *testing.T) {
	t.Parallel()
	db := open(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	random := rand.New(rand.NewPCG(1, 2))
	signs := []rune("aäeoußSt 'ʼ\"\\&|!():*<->„“·-.,:;/0129\x00\u00ad\u200b\u0308ﬁ½ⅨİǅΣ日한नि\U0001F600\ufffd%$€_*in")
	texts := []string{"", " ", "'", "''", "\\", "\x00", "\xff\xfe", "a\\'b", "!!!", "&", "a & | b", "<->", "a <-> b", ":*", "der die das", "-", "--", "-\"", "\"", "\"\"", "\" - \"",
		"'; DROP TABLE x; --", "foo:ABCD", "$1", "%s", strings.Repeat("a", 10_000), strings.Repeat("ab ", 100_000), strings.Repeat("ä-", 10_000), strings.Repeat("\"", 5000),
		strings.Repeat("kinderschwimmkurs", 50), strings.Repeat("-yoga ", 500), strings.Repeat("schwimmkursfahrrad ", 500), strings.Repeat("\u0308", 1000), "İstanbul", "ᾳ", "ͺa-ͺ-b", "1-ͺ-2"}
	for range 400 {
		r := make([]rune, random.IntN(60))
		for i := range r {
			r[i] = signs[random.IntN(len(signs))]
		}
		texts = append(texts, string(r))
	}
	var many strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&many, "wort%dq%d ", i, i*7919)
	}
	texts = append(texts, many.String())
	for _, text := range texts {
		vector := Vector(Document{Title: []string{text}, Category: []string{text, text}, Summary: []string{text}, Description: []string{text, "Schwimmkurs"}})
		for _, o := range []Options{{}, {Prefix: true}} {
			q := Parse(text, o)
			q = q.Correct(func(w Word) []string { return []string{"fahrradtour", text} })
			var lexemes int
			var found sql.NullBool
			err := db.QueryRowContext(ctx, `SELECT coalesce(array_length(tsvector_to_array($1::text::tsvector), 1), 0), $1::text::tsvector @@ $2::text::tsquery`,
				vector, q.TSQuery()).Scan(&lexemes, &found)
			if err != nil {
				t.Fatalf("%.80q: %v\n%.300s\n%.300s", text, err, vector, q.TSQuery())
			}
			if lexemes > maxLexemes {
				t.Errorf("%.80q: %d lexemes", text, lexemes)
			}
			for _, literal := range append(q.Closer(), q.Rank(), q.Relaxed(), q.Any()) {
				if _, err := db.ExecContext(ctx, `SELECT $1::text::tsquery`, literal); err != nil {
					t.Fatalf("%.80q: %v\n%.300s", text, err, literal)
				}
			}
			if q.Empty() != (q.TSQuery() == "") {
				t.Errorf("%.80q: empty %t, but %.80q", text, q.Empty(), q.TSQuery())
			}
			if s := q.Snippet(text, 200); !utf8.ValidString(s) {
				t.Errorf("%.80q: snippet is no text: %q", text, s)
			}
		}
	}
}

// The literals of a text, a query and its correction have letters and digits between their quotes.
func FuzzLiterals(f *testing.F) {
	for _, s := range []string{"Kurs im Schwimmen", "\"Eltern-Kind\" -Turnen 24.12.", "'\\\x00\xff", "Ärzt*innen", "ͺ-ͺ"} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, text string, prefix bool) {
		q := Parse(text, Options{Prefix: prefix}).Named(func(name string) []string { return []string{Mark(name)} }).Apart(func(string) bool { return prefix }).
			Correct(func(Word) []string { return []string{text} })
		for _, literal := range append(q.Closer(), Vector(Document{Title: []string{text}, Description: []string{text}}), q.TSQuery(), q.Rank(), q.Relaxed(), q.Any()) {
			if !utf8.ValidString(literal) {
				t.Fatalf("%q: %q is no text", text, literal)
			}
			inside := false
			for i, part := range strings.Split(literal, "'") {
				if inside = i%2 == 1; inside {
					if part == "" || len(part) > 2*maxWord+1 || strings.ContainsFunc(part, func(r rune) bool { return !isWord(r) }) {
						t.Fatalf("%q: lexeme %q in %q", text, part, literal)
					}
				} else if strings.Trim(part, " :,0123456789ABCD&|!()<->*") != "" {
					t.Fatalf("%q: %q between lexemes in %q", text, part, literal)
				}
			}
			if inside {
				t.Fatalf("%q: open quote in %q", text, literal)
			}
		}
		q.Snippet(text, 100)
	})
}

func TestVectorBounds(t *testing.T) {
	t.Parallel()
	// What an analyzer has met before makes no difference.
	var again Analyzer
	for _, d := range []Document{
		{Title: []string{"Kinderturnen, E-Bike-Tour am 24.12."}, Description: []string{"Die Kinder turnen in der Turnhalle"}},
		{Title: []string{"Die Turnhalle"}, Summary: []string{"Kinderturnen"}},
		{},
		{Title: []string{"Kinderturnen, E-Bike-Tour am 24.12."}, Description: []string{"Die Kinder turnen in der Turnhalle"}},
	} {
		if got, want := again.Vector(d), Vector(d); got != want {
			t.Errorf("%v: %s\nwant %s", d, got, want)
		}
	}
	v := Vector(Document{Description: []string{strings.Repeat("yoga ", 20_000)}})
	if n := strings.Count(v, ",") + 1; n != maxAt {
		t.Errorf("%d positions", n)
	}
	if v := Vector(Document{Title: []string{"der", "", "!"}}); v != "" {
		t.Errorf("nothing gives %q", v)
	}
	const want = `'Xkinderturnen':1A 'kinderturn':1A 'kind':1B 'turn':1B 'montag':11D`
	if v := Vector(Document{Title: []string{"Kinderturnen"}, Description: []string{"am Montag"}}); v != want {
		t.Errorf("got %s", v)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		words string // text, / for a phrase, - excluded, ~ stop word, * prefix
	}{
		{"Yoga in Brandis", "Yoga in~ Brandis*"},
		{"Yoga ", "Yoga"},
		{"Yoga -Kinder", "Yoga -Kinder"},
		{"Yoga (-Kinder)", "Yoga -Kinder"},
		{"-Yoga", "-Yoga"},
		{"E-Bike", "E-Bike*"},
		{"Yoga - Kinder", "Yoga Kinder*"},
		{`"Kurs im Schwimmen" Yoga`, "/Kurs /im~ /Schwimmen Yoga*"},
		{`-"im Bad"`, "-/im~ -/Bad"},
		{`„Bad Düben`, "/Bad /Düben"},
		{"der die das", "der~ die~ das*"},
		{"i", "i*"},
		{"...", ""},
		{"24.12. Fest", "24.12 Fest*"},
	} {
		var got []string
		for _, w := range Parse(c.text, Options{Prefix: true}).Words() {
			s := w.Text
			if w.phrase > 0 {
				s = "/" + s
			}
			if w.Not {
				s = "-" + s
			}
			if w.Stop {
				s += "~"
			}
			if w.Prefix {
				s += "*"
			}
			got = append(got, s)
		}
		if got := strings.Join(got, " "); got != c.words {
			t.Errorf("%q: %s, want %s", c.text, got, c.words)
		}
	}
	for _, text := range []string{"", "?!", "der die das", "und", "-der", `"im"`} {
		if q := Parse(text, Options{}); !q.Empty() || q.TSQuery() != "" {
			t.Errorf("%q is not empty: %s", text, q.TSQuery())
		}
	}
}

func TestRanks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		query, match, relaxed, closer, any string
	}{
		{"Judo", "('Xjudo' | 'judo')", "", "", ""},
		{"Judo lernen", "('Xjudo' | 'judo')", "", "('Xjudo' | 'judo') & ('Xlernen' | 'lern')", "('Xjudo' | 'judo') | ('Xlernen' | 'lern')"},
		{"lernen", "('Xlernen' | 'lern')", "", "", ""},
		{"Sperrgut", "('Xsperrgut' | 'sperrgut' | 'sperrmull')", "", "('Xsperrgut' | 'sperrgut')", ""},
		{"Judo Bad Belzig", "('Xjudo' | 'judo') & ('Xbad' | 'bad') & ('Xbelzig' | 'belzig')", "", "", "('Xjudo' | 'judo') | ('Xbad' | 'bad') | ('Xbelzig' | 'belzig')"},
		{"Judo Belzig Halle", "('Xjudo' | 'judo') & ('Xbelzig' | 'belzig') & ('Xhalle' | 'hall')",
			"(('Xbelzig' | 'belzig') & ('Xhalle' | 'hall')) | (('Xjudo' | 'judo') & ('Xhalle' | 'hall')) | (('Xjudo' | 'judo') & ('Xbelzig' | 'belzig'))", "",
			"('Xjudo' | 'judo') | ('Xbelzig' | 'belzig') | ('Xhalle' | 'hall')"},
	} {
		q := Parse(c.query, Options{})
		for _, x := range [][2]string{{q.TSQuery(), c.match}, {q.Relaxed(), c.relaxed}, {strings.Join(q.Closer(), " , "), c.closer}, {q.Any(), c.any}} {
			if x[0] != x[1] {
				t.Errorf("%q: %s\n\twant %s", c.query, x[0], x[1])
			}
		}
	}
}

func TestUnfinished(t *testing.T) {
	t.Parallel()
	v := NewVocabulary(map[string]int{"schuld": 2, "schuldnerberat": 3, "Xschuldnerberatung": 3, "kurs": 9, "Xkurse": 2, "personlich": 7, "ausweis": 2})
	for text, want := range map[string]bool{"Schuldn": true, "Schuld": false, "Kurse": false, "Kurs": false, "Kur": true, "Perso": false, "persönl": true} {
		if got := v.Unfinished(Parse(text, Options{}).Words()[0]); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

func TestUnfinishedByFrequency(t *testing.T) {
	t.Parallel()
	v := NewVocabulary(map[string]int{"weih": 4, "weihnachtsmarkt": 70, "burg": 1, "burgerbus": 90, "katz": 5, "katzenbach": 1, "R12069": 9})
	for text, want := range map[string]bool{"Weih": true, "Burg": false, "Katzen": false, "Weihnachtsmarkt": false} {
		if got := v.Unfinished(Parse(text, Options{}).Words()[0]); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
	if v.Has("R12069", false) {
		t.Error("a mark is a word of the vocabulary")
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	d := Document{Title: []string{"Markt in Wiesenburg"}, Marks: []string{Mark("08226")}}
	if v := Vector(d); !strings.Contains(v, "'wies'") {
		t.Error(v)
	}
	d.Names = map[string]bool{"wiesenburg": true}
	if v := Vector(d); strings.Contains(v, "'wies'") || !strings.Contains(v, "'wiesenburg'") || !strings.Contains(v, "'R08226':12D") {
		t.Error(v)
	}
	marks := func(name string) []string {
		return map[string][]string{"potsdammittelmark": {"R12069"}, "landkreisleipzig": {"R14729"}, "hessen": {"R06"}}[name]
	}
	if got := Parse("Potsdam-Mittelmark", Options{}).Named(marks).TSQuery(); !strings.HasSuffix(got, " | 'R12069')") {
		t.Error(got)
	}
	for query, want := range map[string]string{
		"Potsdam Mittelmark":        "((('Xpotsdam' | 'potsdam') & ('Xmittelmark' | 'mittelmark')) | 'R12069')",
		"Yoga im Landkreis Leipzig": "('Xyoga' | 'yoga') & ((('Xlandkreis' | 'landkreis') & ('Xleipzig' | 'leipzig')) | 'R14729')",
		"Yoga -Hessen":              "('Xyoga' | 'yoga') & !('hess')",
		`"Landkreis Leipzig" Yoga`:  "(('landkreis' <1> 'leipzig') | ('landkreis' <0> 'leipzig')) & ('Xyoga' | 'yoga')",
		"Veranstaltungen in Hessen": "('Xhessen' | 'hess' | 'R06')",
	} {
		if got := Parse(query, Options{}).Named(marks).TSQuery(); got != want {
			t.Errorf("%s:\n\t%s\n\twant %s", query, got, want)
		}
	}
}

func TestApart(t *testing.T) {
	t.Parallel()
	has := func(lexeme string) bool { return lexeme == "flohmarkt" }
	for query, want := range map[string][]string{
		"Tanzkurs": {"tanz"}, "Kindertanz": {"tanz"}, "Flohmarkt": nil, "Kinderveranstaltung": {"kind"}, "Mutter-Kind-Gruppe": {"mutter", "kind"}, "Orgelkonzert": {"orgel", "konzert"},
		`"Tanzkurs"`: nil, "-Tanzkurs": nil,
	} {
		if got := Parse(query, Options{}).Apart(has).words[0].apart; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	// What is relaxed finds at least what is not.
	if got := Parse("Tanzkurs", Options{}).Apart(has).Relaxed(); !strings.HasPrefix(got, "(('Xtanzkurs' | 'tanzkurs' | 'tanz' | ") {
		t.Error(got)
	}
}

func TestVerbs(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"wie melde ich mein Gewerbe an": "anmeld", "Ich ziehe um": "umzieh", "Komm doch mit": "komm", "Tanz um den Baum": "tanz",
	} {
		words := Parse(query, Options{}).Words()
		if !slices.ContainsFunc(words, func(w Word) bool { return w.Lexeme == want }) {
			t.Errorf("%s: %+v, want %s", query, words, want)
		}
	}
	if got := Parse("Reisepass verloren", Options{}).Relaxed(); !strings.Contains(got, "'reisepass'") || strings.Contains(got, "'verlier'") {
		t.Error(got)
	}
	if got := Parse("Kinder turnen", Options{}).Relaxed(); got != "" { // is what is looked for
		t.Error(got)
	}
	if got := Parse("Veranstaltungen heute", Options{}).TSQuery(); !strings.Contains(got, ") | (") {
		t.Error(got)
	}
}

func TestSimilarInParts(t *testing.T) {
	t.Parallel()
	v := NewVocabulary(map[string]int{"kinderturn": 9, "kinderturnen": 9, "kind": 9, "tur": 2, "fahrrad": 5, "tour": 5, "orgel": 5, "konzert": 5})
	for text, want := range map[string][]string{
		"Kinderturen": {"kinderturn", "kinderturnen"}, "Fahradtour": {"fahrradtour"}, "Orgelkonzet": {"orgelkonzert"}, "Atomkraftwerk": nil,
	} {
		if got := v.Similar(Parse(text, Options{}).Words()[0], 5); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestWithout(t *testing.T) {
	t.Parallel()
	q := Parse("Markt in Bad Düben am Abend", Options{})
	for _, c := range []struct {
		i, n int
		want string
	}{
		{2, 2, "Markt am Abend"}, {0, 1, "in Bad Düben am Abend"}, {5, 1, "Markt in Bad Düben"}, {-3, 1, "in Bad Düben am Abend"},
		{5, 9, "Markt in Bad Düben"}, {9, 9, "Markt in Bad Düben am Abend"}, {0, 99, ""},
	} {
		var got []string
		for _, w := range q.Without(c.i, c.n).Words() {
			got = append(got, w.Text)
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("without %d, %d: %q, want %q", c.i, c.n, got, c.want)
		}
	}
	if len(q.Words()) != 6 {
		t.Error("the query has changed")
	}
}

func TestCorrect(t *testing.T) {
	t.Parallel()
	db := open(t)
	counts := map[string]int{}
	titles := []string{"Bibliothek", "Schwimmkurs", "Kinderturnen", "Fußballturnier", "Yoga", "Wochenmarkt", "Bürgerbüro", "Kurs im Schwimmen", "Gymnastik für Senioren"}
	for _, title := range titles {
		for _, field := range strings.Fields(Vector(Document{Title: []string{title}})) {
			counts[strings.Split(field, "'")[1]]++
		}
	}
	v := NewVocabulary(counts)
	for _, c := range []struct {
		query  string
		prefix bool
		title  string // "" finds none of the titles
	}{
		{"Biblothek", false, "Bibliothek"}, {"Bibliotek", false, "Bibliothek"}, {"Bilbiothek", false, "Bibliothek"}, {"Biblitoheken", false, "Bibliothek"},
		{"Schwimkurs", false, "Schwimmkurs"}, {"Schwimkurs", false, "Kurs im Schwimmen"}, {"Kindertrunen", false, "Kinderturnen"}, {"Yoag", false, "Yoga"},
		{"Yogga", false, "Yoga"}, {"Fussbalturnier", false, "Fußballturnier"}, {"Wochnmarkt", false, "Wochenmarkt"}, {"Buergerbuero", false, "Bürgerbüro"},
		{"Bürgebüro", false, "Bürgerbüro"}, {"Gymnstik Senoren", false, "Gymnastik für Senioren"}, {"Bibilo", true, "Bibliothek"}, {"Biblot", true, "Bibliothek"},
		{"Schwimk", true, "Schwimmkurs"}, {"Wohcen", true, "Wochenmarkt"}, {"Yog", true, "Yoga"},
		{"Yg", false, ""}, {"Yaxa", false, ""}, {`"Biblothek"`, false, ""}, {"Rathausturm", false, ""},
	} {
		q := Parse(c.query, Options{Prefix: c.prefix}).Correct(func(w Word) []string { return v.Similar(w, 5) })
		any := false
		for _, title := range titles {
			var found bool
			check(t, db.QueryRowContext(t.Context(), `SELECT $1::text::tsvector @@ $2::text::tsquery`, Vector(Document{Title: []string{title}}), q.TSQuery()).Scan(&found))
			if any = any || found; title == c.title && !found {
				t.Errorf("%q does not find %q: %s", c.query, title, q.TSQuery())
			}
		}
		if c.title == "" && any {
			t.Errorf("%q finds something: %s", c.query, q.TSQuery())
		}
	}
}

func TestSimilar(t *testing.T) {
	t.Parallel()
	v := NewVocabulary(map[string]int{"kurs": 90, "kurz": 5, "kunst": 3, "Xkurs": 1, "12345": 4, "ab": 1, "bibliothek": 7, "yoga": 2, strings.Repeat("z", 40): 1})
	for _, c := range []struct {
		word, want string
		max        int
	}{
		{"kurs", "", 5}, {"kurt", "kurs kurz", 5}, {"kurt", "kurs", 1}, {"kurt", "", 0}, {"kur", "", 5}, {"zurs", "kurs", 5}, {"kusr", "kurs", 5},
		{"biblotek", "bibliothek", 5}, {"bblotek", "", 5}, {"12346", "", 5}, {strings.Repeat("x", 60), "", 5}, {"", "", 5},
	} {
		if got := strings.Join(v.Similar(Word{Lexeme: c.word, exact: c.word}, c.max), " "); got != c.want {
			t.Errorf("%q: %q, want %q", c.word, got, c.want)
		}
	}
	if got := NewVocabulary(nil).Similar(Word{Lexeme: "bibliothek"}, 3); got != nil {
		t.Errorf("an empty vocabulary has %q", got)
	}
}

// Every single typo in a long word leads back to it.
func TestSimilarAllTypos(t *testing.T) {
	t.Parallel()
	v := NewVocabulary(map[string]int{"gymnastik": 1, "wandern": 1, "yoga": 1, "zirkus": 1})
	for _, word := range []string{"gymnastik", "wandern", "yoga", "zirkus"} {
		var typos []string
		for i := range word {
			typos = append(typos, word[:i]+"q"+word[i+1:], word[:i]+"q"+word[i:])
			if len(word) > 4 {
				typos = append(typos, word[:i]+word[i+1:])
			}
			if i > 0 && word[i] != word[i-1] {
				typos = append(typos, word[:i-1]+word[i:i+1]+word[i-1:i]+word[i+1:])
			}
		}
		for _, typo := range typos {
			if got := v.Similar(Word{Lexeme: typo}, 1); len(got) != 1 || got[0] != word {
				t.Errorf("%q gives %q, want %q", typo, got, word)
			}
		}
	}
}

func TestSnippet(t *testing.T) {
	t.Parallel()
	long := "Am Anfang steht ein langer Satz, der mit der Sache wenig zu tun hat. Dann kommt der Kurs im Schwimmen für Kinder. " +
		"Zum Schluss folgt noch ein Satz, damit der Text lang genug ist."
	for _, c := range []struct {
		query, text string
		prefix      bool
		max         int
		want        string
	}{
		{"Kurs", "Kurse & <b>Bücher</b>", false, 200, "<mark>Kurse</mark> &amp; &lt;b&gt;Bücher&lt;/b&gt;"},
		{"Schwimmkurs", long, false, 70, "… Dann kommt der <mark>Kurs</mark> im <mark>Schwimmen</mark> für Kinder. Zum Schluss folgt noch …"},
		{"Turnen", "Kinderturnen", false, 200, "<mark>Kinderturnen</mark>"},
		{"Freibad", "Das Hallenbad hat offen.", false, 200, "Das <mark>Hallenbad</mark> hat offen."},
		{"Bibl", "Die Bibliothek öffnet.", true, 200, "Die <mark>Bibliothek</mark> öffnet."},
		{"Muenster", "In  Münster\n ist Markt.", false, 200, "In <mark>Münster</mark> ist Markt."},
		{"24.12.", "Am 24.12.2025 ist Fest.", false, 200, "Am <mark>24.12.2025</mark> ist Fest."},
		{"Judo", "Nichts davon steht hier.", false, 12, "Nichts davon …"},
		{"-Judo der", "Judo der Meister", false, 200, "Judo der Meister"},
		{"Judo", "", false, 200, ""},
		{"Judo", "Judo", false, 0, " …"},
	} {
		if got := Parse(c.query, Options{Prefix: c.prefix}).Snippet(c.text, c.max); got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.query, c.text, got, c.want)
		}
	}
}

const offering = "Schwimmen lernen ohne Angst: In unserem Kinderschwimmkurs üben Kinder ab fünf Jahren das Gleiten, Tauchen und die ersten Züge im Brustschwimmen. " +
	"Der Kurs findet zwölfmal statt, immer dienstags und donnerstags um 15:30 Uhr im Lehrschwimmbecken der Grundschule. Bitte bringen Sie Badekleidung, " +
	"Handtuch und Duschzeug mit; Schwimmbrillen sind nicht nötig. Eltern warten im Vorraum, dort gibt es Kaffee und Kuchen vom Förderverein. " +
	"Anmeldung bis 24.12.2025 im Bürgerbüro oder über unsere Internetseite. Die Kursgebühr beträgt 85 Euro, mit dem Familienpass der Gemeinde 60 Euro. Wir freuen uns auf Sie!"

func BenchmarkVector(b *testing.B) {
	d := Document{Title: []string{"Kinderschwimmkurs im Hallenbad"}, Category: []string{"Schwimmen", "Swimming", "Schwimmverein Muldental"}, Description: []string{offering}}
	for b.Loop() {
		Vector(d)
	}
}

func BenchmarkAnalyzer(b *testing.B) {
	d := Document{Title: []string{"Kinderschwimmkurs im Hallenbad"}, Category: []string{"Schwimmen", "Swimming", "Schwimmverein Muldental"}, Description: []string{offering}}
	var a Analyzer
	for b.Loop() {
		a.Vector(d)
	}
}

func BenchmarkParse(b *testing.B) {
	for _, query := range []string{"Yoga", "Kinderschwimmkurs Naunhof", "Wo kann ich mein Auto anmelden"} {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				Parse(query, Options{Prefix: true}).TSQuery()
			}
		})
	}
}

func BenchmarkSnippet(b *testing.B) {
	q := Parse("Schwimmkurs Kinder", Options{})
	for b.Loop() {
		q.Snippet(offering, 200)
	}
}

// BenchmarkSimilar asks 200,000 words made of German syllables.
func BenchmarkSimilar(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	l := german()
	counts := map[string]int{}
	for len(counts) < 200_000 {
		w := l.lemmas[1+random.IntN(len(l.lemmas)-1)] + l.lemmas[1+random.IntN(len(l.lemmas)-1)]
		counts[w]++
	}
	v := NewVocabulary(counts)
	for _, w := range []Word{{Lexeme: "biblotehk"}, {Lexeme: "kinderturnne"}, {Lexeme: "yoag"}, {Lexeme: "veranstaltungskalnder"}, {Lexeme: "schwimk", exact: "schwimk", Prefix: true}} {
		b.Run(w.Lexeme, func(b *testing.B) {
			for b.Loop() {
				v.Similar(w, 5)
			}
		})
	}
}
