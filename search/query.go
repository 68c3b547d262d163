package search

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxQuery = 1000 // bytes of a query that are read
	maxWords = 24
	maxNear  = 6000 // bytes of a tsquery after which no more compounds are taken apart
)

// Options says how a query is read.
type Options struct {
	// Prefix: the text is being typed. Its last word, if nothing follows it, also finds what begins with it.
	Prefix bool
}

// Query is a query as it was understood. It does not change: its methods give new ones.
type Query struct {
	words  []Word
	either bool // all are soft: any may occur
}

// Word is a word of a query.
type Word struct {
	Text   string   // as it was typed
	Lexeme string   // its stem, as the index has it
	Parts  []string // the stems of its parts, if it is a compound
	Stop   bool     // a stop word; it finds nothing
	Not    bool     // must not occur
	Prefix bool     // the word that is being typed
	Soft   bool     // says how somebody asks, not for what (kosten, lernen): it need not occur

	exact   string
	numbers []string // 24.12.: 24 and 12
	phrase  int      // 0: in no quotes, else which
	similar []string // lexemes to find, too
	apart   []string // parts to find anywhere where nothing else is found: of a compound that the index does not have, without a last part that says little
	named   int      // how many words are a name from this one on; -1 inside of one
	marks   []synonym
}

// Parse reads a query as people type it: words, "phrases" in any quotation marks, -exclusions. It never fails, whatever the text is;
// the first 1,000 bytes and 24 words count.
func Parse(text string, o Options) Query {
	cutOff := len(text) > maxQuery
	if cutOff {
		text = text[:maxQuery]
	}
	l := german()
	s := scanner{text: text}
	var q Query
	var quoted, not bool
	phrase, before := 0, 0
	for len(q.words) < maxWords && s.next() {
		minus := false // a minus at the start of a word stands last
		previous := 'x'
		if before == 0 {
			previous = ' '
		}
		for _, r := range text[before:s.start] {
			if isQuote(r) {
				if quoted = !quoted; quoted {
					phrase++
					not = minus
				}
			}
			minus = r == '-' && (unicode.IsSpace(previous) || previous == '(')
			previous = r
		}
		before = s.end
		if len(s.folded) == 0 {
			continue
		}
		w := Word{Text: text[s.start:s.end], Not: minus}
		if quoted {
			w.phrase, w.Not = phrase, not
		}
		t := l.term(&s)
		w.Lexeme, w.Parts, w.exact = t.stem, t.parts, t.exact
		if s.numeric && len(s.cuts) > 0 {
			w.Parts = nil
			for segment := range s.segments {
				w.numbers = append(w.numbers, l.word(segment).stem)
			}
		}
		w.Stop = len(s.cuts) == 0 && l.isStop(s.folded)
		w.Prefix = o.Prefix && s.end == len(text) && !cutOff && !quoted && !w.Not
		if w.Prefix && w.Stop && !slices.ContainsFunc(q.words, func(w Word) bool { return !w.Stop }) {
			w.Stop = false // the start of a word, as long as there is no other
		}
		w.Soft = l.soft[w.Lexeme] && w.phrase == 0 && !w.Not && !w.Stop
		q.words = append(q.words, w)
	}
	q.unite(l)
	if !slices.ContainsFunc(q.words, Word.asks) {
		soft := 0
		for i, w := range q.words {
			if w.Soft {
				q.words[i].Soft = false
				soft++
			}
		}
		q.either = soft > 1 && !slices.ContainsFunc(q.words, func(w Word) bool { return w.Not })
	}
	return q
}

// particles are the first parts that verbs leave behind: melde ... an.
var particles = []string{"an", "ab", "auf", "aus", "ein", "mit", "um", "zu", "vor", "nach"}

// unite makes one verb of one and the particle at the end of the sentence: wie melde ich den Hund an, ich ziehe um.
func (q *Query) unite(l *lexicon) {
	last := len(q.words) - 1
	if last < 2 || q.words[last].phrase > 0 || !slices.Contains(particles, q.words[last].exact) {
		return
	}
	for i, w := range q.words[:last] {
		if w.phrase > 0 || w.Not || w.Stop || !l.isVerb(w.exact) {
			continue
		}
		if t := l.word(q.words[last].exact + w.exact); l.isVerb(t.exact) {
			w.Lexeme, w.exact, w.Parts, w.Soft = t.stem, t.exact, nil, l.soft[t.stem]
			q.words[i] = w
			return
		}
	}
}

// asks tells whether something must occur for the word.
func (w Word) asks() bool { return !w.Stop && !w.Soft && !w.Not }

func isQuote(r rune) bool {
	switch r {
	case '"', '„', '“', '”', '«', '»', '‟', '＂':
		return true
	}
	return false
}

// Empty tells whether nothing is left to search for: no words, or only stop words.
func (q Query) Empty() bool {
	return !slices.ContainsFunc(q.words, func(w Word) bool { return !w.Stop })
}

// Words gives all words, stop words too, in their order.
func (q Query) Words() []Word { return slices.Clone(q.words) }

// Without gives the query without n words from the i-th on, and without a stop word that led to them (Markt in Kleve) unless it stands
// in quotes. What is beyond the words is ignored.
func (q Query) Without(i, n int) Query {
	from, to := min(max(i, 0), len(q.words)), len(q.words)
	if n < to-from {
		to = max(from, from+n)
	}
	for from < to && from > 0 && q.words[from-1].Stop && q.words[from-1].phrase == 0 {
		from--
	}
	q.words = slices.Concat(q.words[:from], q.words[to:])
	return q
}

// Named gives the query with the marks beside those of its words that are a name: lexemes that find, too (see Mark). marks is asked for up to four words in a row,
// the longest first, as Exact gives them, joined: potsdammittelmark, landkreisleipzig.
func (q Query) Named(marks func(name string) []string) Query {
	words := slices.Clone(q.words)
	for i := 0; i < len(words); i++ {
		for n := min(4, len(words)-i); n > 0; n-- {
			run := words[i : i+n]
			if slices.ContainsFunc(run, func(w Word) bool { return w.phrase > 0 || w.Not || w.numbers != nil }) || run[0].Stop || run[n-1].Stop {
				continue
			}
			name := ""
			for _, w := range run {
				name += w.exact
			}
			found := marks(name)
			if len(found) == 0 {
				continue
			}
			for j := range run {
				run[j].named, run[j].Prefix, run[j].Soft = -1, false, false
			}
			run[0].named = n
			for _, m := range found {
				run[0].marks = append(run[0].marks, synonym{m})
			}
			i += n - 1
			break
		}
	}
	return Query{words: words, either: q.either && !slices.ContainsFunc(words, func(w Word) bool { return w.named > 0 })}
}

// Apart gives the query with the parts of compounds that the index does not have marked, to be found anywhere where nothing else is (see Relaxed), without those that
// say little: of Tanzkurs and Kindertanz that is Tanz. has tells whether the index has a lexeme.
func (q Query) Apart(has func(lexeme string) bool) Query {
	l := german()
	words := slices.Clone(q.words)
	for i, w := range words {
		if len(w.Parts) < 2 || !w.asks() || w.phrase > 0 || w.numbers != nil || w.named != 0 || has(w.Lexeme) {
			continue
		}
		left := w.Parts
		for len(left) > 1 && l.heads[left[len(left)-1]] {
			left = left[:len(left)-1]
		}
		if first := slices.IndexFunc(left, func(part string) bool { return !l.whom[part] }); first > 0 {
			left = left[first:]
		}
		words[i].apart = left
	}
	q.words = words
	return q
}

// Correct gives the query with similar words beside those that similar has something for. similar is asked for each word to be found
// that stands in no quotes and is none that is known to be German or has synonyms; it gives lexemes, or nothing for a word that the index has (see Vocabulary.Similar).
func (q Query) Correct(similar func(Word) []string) Query {
	l := german()
	words := slices.Clone(q.words)
	for i, w := range words {
		if !w.asks() || w.phrase > 0 || w.numbers != nil || w.named != 0 || l.synonyms[w.Lexeme] != nil {
			continue
		}
		if _, known := l.lemma(w.exact); known {
			continue
		}
		for _, s := range similar(w) {
			if s = lettersOnly(s); s != "" && len(words[i].similar) < 8 {
				words[i].similar = append(slices.Clip(words[i].similar), s)
			}
		}
	}
	q.words = words
	return q
}

// lettersOnly takes away what no lexeme has.
func lettersOnly(s string) string {
	if len(s) > 2*maxWord {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !isWord(r) {
			return -1
		}
		return r
	}, s)
}

// TSQuery gives the tsquery literal (for ::tsquery); of an empty query ” which finds nothing. All words but the soft ones must occur, each as it is
// written, by its stem, by its parts near each other or by a synonym; a phrase by its stems in their order. A query that only
// excludes finds everything else.
func (q Query) TSQuery() string { return q.write(match) }

// Relaxed gives a tsquery literal that finds more, for a query that finds nothing else: what all of the words but one find, of three to eight words; of two the
// one that is no verb (Reisepass verlieren); and parts of compounds as Apart marks them. "" where there is nothing of that. The Bad in Bad Belzig counts for nothing, and phrases must occur.
func (q Query) Relaxed() string {
	if q.either {
		return ""
	}
	l := german()
	far := slices.ContainsFunc(q.words, func(w Word) bool { return w.apart != nil })
	var without, verbs []string
	for i := 0; i < len(q.words); {
		w := q.words[i]
		n := 1
		if w.asks() && w.phrase == 0 {
			if n, _ = q.synonyms(l, i); w.Lexeme != spa {
				less := q.Without(i, n).write(apart)
				without = append(without, less)
				if n == 1 && l.isVerb(w.exact) && l.longest(w.exact).kind&head == 0 { // Turnen is what people look for
					verbs = append(verbs, less)
				}
			}
		}
		i += n
	}
	switch n := len(without); {
	case n == 2 && len(verbs) == 1:
		without = verbs
	case n < 3 || n > 8:
		if without = nil; far {
			without = []string{q.write(apart)}
		}
	}
	if len(without) == 0 {
		return ""
	}
	return "(" + strings.Join(without, ") | (") + ")"
}

const spa = "bad" // begins the names of towns

// Rank gives a tsquery literal that finds all that TSQuery finds, and by whose ts_rank_cd to sort that: the same but that parts of compounds may be far from
// each other, which ts_rank_cd sees for itself, in half the time.
func (q Query) Rank() string { return q.write(rank) }

// Closer gives tsquery literals by which some of what is found comes before the rest: what has the words themselves, no synonym, and of that what has
// the soft words, too. Their ranks are to be added to that of the query. There are none where they would be the query itself.
func (q Query) Closer() (closer []string) {
	whole := q.Rank()
	for _, m := range [...]manner{own, softToo} {
		if c := q.write(m); c != whole && !slices.Contains(closer, c) {
			closer = append(closer, c)
		}
	}
	return closer
}

// Title gives a tsquery literal that finds, of what TSQuery finds, what has all the words in its title as they are written: the index alone knows that. "" where there are
// no such words, where there are phrases, numbers or exclusions, and for the Bad of so many towns.
func (q Query) Title() string {
	var b builder
	only := spa
	for _, w := range q.words {
		switch {
		case w.phrase > 0, w.numbers != nil, w.Not:
			return ""
		case !w.asks():
			continue
		case w.Lexeme != spa:
			only = ""
		}
		b.and()
		b.s = append(b.s, '(')
		if w.Prefix {
			b.lexeme(exactMark, w.exact, ":*")
		} else {
			b.lexeme(exactMark, w.exact, "")
		}
		for _, s := range w.similar {
			b.s = append(b.s, " | "...)
			b.lexeme(exactMark, s, "")
		}
		b.s = append(b.s, ')')
	}
	if only == spa {
		return ""
	}
	return string(b.s)
}

// Any gives a tsquery literal that finds any of the words, exactly or by their stems; "" for fewer than two words. Its ts_rank, to be added too, says in which fields
// the words are, wherever in these.
func (q Query) Any() string {
	b := builder{own: true}
	n := 0
	for _, w := range q.words {
		if w.Stop || w.Not || w.numbers != nil {
			continue
		}
		if n++; n > 1 {
			b.s = append(b.s, " | "...)
		}
		w.Parts = nil
		b.word(german(), w, nil)
	}
	if n < 2 {
		return ""
	}
	return string(b.s)
}

// manner is what of a query is written.
type manner uint8

const (
	match   manner = iota // all that finds
	apart                 // and parts as Apart marks them
	rank                  // parts anywhere
	own                   // and no synonyms
	softToo               // but the soft words
)

func (q Query) write(m manner) string {
	l := german()
	b := builder{own: m >= own, loose: m >= rank, apart: m == apart, either: q.either && m < own}
	for i := 0; i < len(q.words); {
		w := q.words[i]
		n := 1
		switch {
		case w.phrase > 0:
			for i+n < len(q.words) && q.words[i+n].phrase == w.phrase {
				n++
			}
			b.phrase(l, q.words[i:i+n])
		case w.Stop, w.Soft && m != softToo:
		case w.Not:
			b.and()
			b.s = append(b.s, '!')
			b.excluded(w)
		case b.own:
			b.and()
			b.word(l, w, nil)
		default:
			var same []synonym
			n, same = q.synonyms(l, i)
			b.and()
			if n == 1 {
				b.word(l, w, same)
				break
			}
			b.s = append(b.s, '(', '(')
			b.first = true
			for _, w := range q.words[i : i+n] {
				if w.asks() {
					b.and()
					b.word(l, w, nil)
				}
			}
			b.s = append(b.s, ')')
			b.synonyms(same)
			b.s = append(b.s, ')')
			b.first = false
		}
		i += n
	}
	return string(b.s)
}

// synonyms gives the synonyms of the longest run of words from the i-th on that has some, and how many words that are, else 1.
func (q Query) synonyms(l *lexicon, i int) (n int, same []synonym) {
	n = 1
	if w := q.words[i]; w.named > 0 {
		if w.named == 1 {
			return 1, slices.Concat(w.marks, l.synonyms[w.Lexeme])
		}
		return w.named, w.marks
	}
	key := ""
	count := 0
	for j := i; j < len(q.words) && count < longestSynonym; j++ {
		w := q.words[j]
		if w.phrase > 0 || w.Not || w.named != 0 {
			break
		}
		if w.Stop {
			continue
		}
		if count++; count > 1 {
			key += " "
		}
		key += w.Lexeme
		if s := l.synonyms[key]; s != nil {
			n, same = j-i+1, s
		}
	}
	return n, same
}

// builder writes a tsquery. Lexemes are letters and digits only, so that quotes around them are enough.
type builder struct {
	s      []byte
	first  bool // the next word is the first in its brackets
	apart  bool // parts of compounds that the index does not have
	either bool // words are choices
	own    bool // no synonyms
	loose  bool // parts anywhere
}

func (b *builder) and() {
	switch {
	case len(b.s) == 0 || b.first:
	case b.either:
		b.s = append(b.s, " | "...)
	default:
		b.s = append(b.s, " & "...)
	}
	b.first = false
}

func (b *builder) lexeme(mark, lexeme, suffix string) {
	b.s = append(b.s, '\'')
	b.s = append(b.s, mark...)
	b.s = append(b.s, lexeme...)
	b.s = append(b.s, '\'')
	b.s = append(b.s, suffix...)
}

// word writes all that finds a word.
func (b *builder) word(l *lexicon, w Word, same []synonym) {
	if len(w.numbers) > 0 {
		b.s = append(b.s, '(')
		for i, n := range w.numbers {
			if i > 0 {
				b.s = append(b.s, " <-> "...)
			}
			b.lexeme("", n, "")
		}
		b.s = append(b.s, ')')
		return
	}
	b.s = append(b.s, '(')
	if w.Prefix {
		b.lexeme(exactMark, w.exact, ":*")
		if utf8.RuneCountInString(w.exact) > 1 { // one letter begins too many words
			b.s = append(b.s, " | "...)
			b.lexeme("", w.exact, ":*")
		}
	} else {
		b.lexeme(exactMark, w.exact, "")
	}
	b.s = append(b.s, " | "...)
	b.lexeme("", w.Lexeme, "")
	if b.apart && w.apart != nil {
		b.s = append(b.s, " | "...)
		b.chain(w.apart, " & ")
	}
	b.near(l, w.Parts, !b.own)
	b.synonyms(same)
	for _, s := range w.similar {
		t := l.word(s)
		b.s = append(b.s, " | "...)
		b.lexeme(exactMark, s, "")
		b.s = append(b.s, " | "...)
		b.lexeme("", s, "")
		if t.stem != s {
			b.s = append(b.s, " | "...)
			b.lexeme("", t.stem, "")
		}
		b.near(l, t.parts, false)
		if !b.own {
			b.synonyms(l.synonyms[t.stem])
		}
	}
	b.s = append(b.s, ')')
}

// near writes that the parts of a compound occur: all in title or category, or else each near the next.
func (b *builder) near(l *lexicon, parts []string, synonyms bool) {
	if len(parts) < 2 || len(b.s) > maxNear {
		return
	}
	part := func(p, suffix string) {
		var same []synonym
		if synonyms {
			same = l.synonyms[p]
		}
		if !slices.ContainsFunc(same, isOneWord) {
			b.lexeme("", p, suffix)
			return
		}
		b.s = append(b.s, '(')
		b.lexeme("", p, suffix)
		for _, s := range same {
			if isOneWord(s) {
				b.s = append(b.s, " | "...)
				b.lexeme("", s[0], suffix)
			}
		}
		b.s = append(b.s, ')')
	}
	all := func(suffix string) {
		for i, p := range parts {
			if i > 0 {
				b.s = append(b.s, " & "...)
			}
			part(p, suffix)
		}
	}
	b.s = append(b.s, " | "...)
	if b.loose {
		b.s = append(b.s, '(')
		all("")
		b.s = append(b.s, ')')
		return
	}
	all("") // says nothing new, but at once: rows are refused, and their number is estimated, by it
	b.s = append(b.s, " & ("...)
	all(":AB")
	b.s = append(b.s, " | "...)
	for i := range parts[1:] {
		if i > 0 {
			b.s = append(b.s, " & "...)
		}
		b.s = append(b.s, '(')
		x, y := parts[i], parts[i+1]
		for _, distance := range [...]string{" <0> ", " <1> ", " <2> ", " <3> "} {
			if distance != " <0> " {
				b.s = append(b.s, " | "...)
			}
			part(x, "")
			b.s = append(b.s, distance...)
			part(y, "")
			if distance != " <0> " {
				b.s = append(b.s, " | "...)
				part(y, "")
				b.s = append(b.s, distance...)
				part(x, "")
			}
		}
		b.s = append(b.s, ')')
	}
	b.s = append(b.s, ')')
}

func isOneWord(s synonym) bool { return len(s) == 1 }

// synonyms writes synonyms as further choices.
func (b *builder) synonyms(same []synonym) {
	for _, s := range same {
		b.s = append(b.s, " | "...)
		for i, stem := range s {
			if i > 0 {
				b.s = append(b.s, " & "...)
			}
			b.lexeme("", stem, "")
		}
	}
}

// excluded writes what an excluded word must not be found by: its stem, or all its parts in one word.
func (b *builder) excluded(w Word) {
	b.s = append(b.s, '(')
	switch {
	case len(w.numbers) > 0:
		b.chain(w.numbers, " <-> ")
	default:
		b.lexeme("", w.Lexeme, "")
		if len(w.Parts) > 1 {
			b.s = append(b.s, " | "...)
			b.chain(w.Parts, " <0> ")
		}
	}
	b.s = append(b.s, ')')
}

func (b *builder) chain(lexemes []string, operator string) {
	for i, l := range lexemes {
		if i > 0 {
			b.s = append(b.s, operator...)
		}
		b.lexeme("", l, "")
	}
}

// phrase writes the words of a phrase: one after the other, stop words leaving a gap as they do in the index. Two or more words in a
// row may also be one compound (Eltern Kind, Eltern-Kind-Turnen).
func (b *builder) phrase(l *lexicon, words []Word) {
	var lexemes []string
	var distances []int
	gap := 0
	for _, w := range words {
		if w.Stop {
			gap++
			continue
		}
		for i, s := range append(w.numbers, w.Lexeme)[:max(1, len(w.numbers))] {
			if i > 0 {
				gap = 0
			}
			lexemes = append(lexemes, s)
			distances = append(distances, gap+1)
			gap = 0
		}
	}
	if len(lexemes) == 0 {
		return
	}
	b.and()
	if words[0].Not {
		b.s = append(b.s, '!')
	}
	b.s = append(b.s, '(')
	b.s = append(b.s, '(')
	together := true
	for i, s := range lexemes {
		if i > 0 {
			b.s = append(b.s, " <"...)
			b.s = strconv.AppendInt(b.s, int64(distances[i]), 10)
			b.s = append(b.s, "> "...)
			together = together && distances[i] == 1
		}
		b.lexeme("", s, "")
	}
	b.s = append(b.s, ')')
	if together && len(lexemes) > 1 && !slices.ContainsFunc(words, func(w Word) bool { return w.numbers != nil }) {
		b.s = append(b.s, " | ("...)
		b.chain(lexemes, " <0> ")
		b.s = append(b.s, ')')
	}
	b.s = append(b.s, ')')
}
