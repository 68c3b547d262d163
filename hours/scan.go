package hours

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind uint8

const (
	end     kind = iota
	punct        // one of - , ; : + ( ) [ ] / . & ? | || newline
	number       // digits
	word         // letters, as written until tolerate makes them canonical
	comment      // text between quotes
)

// token is a piece of the value. pos and stop are byte offsets into it.
type token struct {
	kind      kind
	text      string
	n         int // value of a number
	pos, stop int
}

func (t token) is(p string) bool { return t.kind == punct && t.text == p }

// scan splits a value into tokens. It folds the many dashes, quotes and colons
// of typography to those of the syntax and knows no grammar.
func scan(s string) ([]token, error) {
	if !utf8.ValidString(s) {
		return nil, &Error{CodeEncoding, 0, "the text is not valid UTF-8"}
	}
	var out []token
	for i := 0; i < len(s); {
		c, size := utf8.DecodeRuneInString(s[i:])
		t := token{kind: punct, pos: i}
		i += size
		switch {
		case c == '\n':
			t.text = "\n"
		case unicode.IsSpace(c) || c == '\u200b' || c == '\ufeff' || c == '\u00ad':
			continue
		case c < ' ' || c == 0x7f:
			return nil, &Error{CodeEncoding, t.pos, "control characters are not allowed"}
		case isQuote(c):
			n := strings.IndexFunc(s[i:], isQuote)
			if n < 0 {
				return nil, &Error{CodeComment, t.pos, "the quote that opens here is not closed"}
			}
			t.kind, t.text = comment, cleanComment(s[i:i+n])
			i += n
			_, size = utf8.DecodeRuneInString(s[i:])
			i += size
		case c >= '0' && c <= '9':
			for i < len(s) && s[i] >= '0' && s[i] <= '9' {
				i++
			}
			t.kind, t.text = number, s[t.pos:i]
			if len(t.text) > 5 {
				return nil, &Error{CodeSyntax, t.pos, "a number with more than five digits"}
			}
			for _, d := range t.text {
				t.n = t.n*10 + int(d-'0')
			}
		case unicode.IsLetter(c):
			for i < len(s) {
				c, size = utf8.DecodeRuneInString(s[i:])
				if !unicode.IsLetter(c) && !unicode.IsMark(c) {
					break
				}
				i += size
			}
			t.kind, t.text = word, s[t.pos:i]
		case c == '|' && strings.HasPrefix(s[i:], "|"):
			t.text = "||"
			i++
		default:
			t.text = foldSign(c)
			if t.text == "" {
				return nil, &Error{CodeSyntax, t.pos, fmt.Sprintf("the sign %q has no meaning here", c)}
			}
		}
		t.stop = i
		out = append(out, t)
	}
	return append(out, token{kind: end, pos: len(s), stop: len(s)}), nil
}

func isQuote(c rune) bool { return strings.ContainsRune("\"“”„‟«»", c) }

// cleanComment makes one line of a comment that can stand between quotes.
func cleanComment(s string) string {
	s = strings.Map(func(c rune) rune {
		switch {
		case isQuote(c):
			return '\''
		case unicode.IsControl(c):
			return ' '
		}
		return c
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// foldSign gives the sign of the syntax for what typography made of it.
func foldSign(c rune) string {
	switch c {
	case '-', '‐', '‑', '‒', '–', '—', '―', '−', '\uff0d', '~':
		return "-"
	case ',', '\uff0c', '、':
		return ","
	case ';', '\uff1b':
		return ";"
	case ':', '\uff1a':
		return ":"
	case '+', '(', ')', '[', ']', '/', '.', '&', '?':
		return string(c)
	}
	return ""
}
