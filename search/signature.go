package search

import "strings"

// Signature is a Bloom filter of the lexemes of a document: it tells for certain what the document has not. It is the same in every process. nil stands for a document of
// which nothing is known: it may have anything.
type Signature []byte

// signatureSize, in bytes, lets about one in a hundred strange lexemes through for a hundred lexemes.
const signatureSize = 128

// Sign gives the signature of a vector as Vector gives it.
func Sign(vector string) Signature {
	s := make(Signature, signatureSize)
	for {
		_, rest, more := strings.Cut(vector, "'")
		lexeme, after, _ := strings.Cut(rest, "'")
		if !more {
			return s
		}
		for _, bit := range bits(lexeme) {
			s[bit/8] |= 1 << (bit % 8)
		}
		vector = after
	}
}

// bits are those of a lexeme.
func bits(lexeme string) [3]uint {
	sum := uint64(14695981039346656037) // FNV-1a, without an allocation
	for i := range len(lexeme) {
		sum = (sum ^ uint64(lexeme[i])) * 1099511628211
	}
	sum ^= sum >> 32 // its high bits differ little between short words
	return [3]uint{uint(sum) % (8 * signatureSize), uint(sum>>10) % (8 * signatureSize), uint(sum>>20) % (8 * signatureSize)}
}

// may tells whether the document may have the lexeme.
func (s Signature) may(lexeme string) bool {
	if len(s) != signatureSize {
		return true
	}
	for _, bit := range bits(lexeme) {
		if s[bit/8]&(1<<(bit%8)) == 0 {
			return false
		}
	}
	return true
}

// May tells whether a tsquery, as the methods of Query give it, may find the document: false is certain. Distances, fields and exclusions are left out, and any word
// may begin with a prefix.
func (s Signature) May(tsquery string) bool {
	if tsquery == "" { // finds nothing
		return false
	}
	r := tsqueryReader{s: tsquery, may: s.may}
	return r.or()
}

// tsqueryReader works out a tsquery as it reads it. The operators bind as in Postgres: !, <->, &, |.
type tsqueryReader struct {
	s   string
	may func(lexeme string) bool
}

// next takes the operator if it is what comes next.
func (r *tsqueryReader) next(operator byte) bool {
	r.s = strings.TrimLeft(r.s, " ")
	if r.s == "" || r.s[0] != operator {
		return false
	}
	r.s = r.s[1:]
	return true
}

func (r *tsqueryReader) or() bool {
	found := r.and()
	for r.next('|') {
		other := r.and()
		found = found || other
	}
	return found
}

func (r *tsqueryReader) and() bool {
	found := r.near()
	for r.next('&') {
		other := r.near()
		found = found && other
	}
	return found
}

func (r *tsqueryReader) near() bool {
	found := r.one()
	for r.next('<') {
		_, r.s, _ = strings.Cut(r.s, ">")
		other := r.one()
		found = found && other
	}
	return found
}

func (r *tsqueryReader) one() bool {
	switch {
	case r.next('!'):
		r.one()
		return true
	case r.next('('):
		found := r.or()
		r.next(')')
		return found
	case r.next('\''):
		lexeme, rest, _ := strings.Cut(r.s, "'")
		r.s = strings.TrimLeft(rest, ":ABCD")
		if r.next('*') {
			return true
		}
		return r.may(lexeme)
	}
	r.s = "" // none of ours
	return true
}
