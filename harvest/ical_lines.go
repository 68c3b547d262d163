package harvest

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	icalMaxLine   = 1 << 20 // bytes of a content line after unfolding
	icalMaxParams = 50
)

// icalLines gives the content lines of a calendar, unfolded and as UTF-8, whatever its line ends are and how it was encoded: what is not UTF-8
// is taken as Windows-1252, byte by byte, so that a file may mix both.
type icalLines struct {
	scan *bufio.Scanner
	cur  []byte // the line that is being put together
	next []byte // the physical line after it
	over bool   // cur is longer than icalMaxLine; its rest is lost
	more bool   // next holds a line
}

func newICalLines(r io.Reader) *icalLines {
	s := bufio.NewScanner(transform.NewReader(r, unicode.BOMOverride(transform.Nop)))
	s.Buffer(make([]byte, 0, 128<<10), 128<<10)
	s.Split(icalSplit)
	l := &icalLines{scan: s}
	l.advance()
	return l
}

// icalSplit cuts after CRLF, LF and CR; the end stays with its line. Pieces of long lines come without one.
func icalSplit(data []byte, atEOF bool) (int, []byte, error) {
	if len(data) == 0 {
		return 0, nil, nil
	}
	end := bytes.IndexByte(data, '\n')
	head := data
	if end >= 0 {
		head = data[:end]
	}
	if cr := bytes.IndexByte(head, '\r'); cr >= 0 && cr != end-1 {
		if cr == len(data)-1 && !atEOF {
			return 0, nil, nil
		}
		end = cr
	}
	switch {
	case end >= 0:
		return end + 1, data[:end+1], nil
	case atEOF || len(data) >= 64<<10:
		return len(data), data, nil
	}
	return 0, nil, nil
}

func (l *icalLines) advance() {
	l.more = l.scan.Scan()
	l.next = l.scan.Bytes()
}

// line gives the next content line, which is valid until the next call; over says that it was cut.
func (l *icalLines) line() (line []byte, over, ok bool) {
	for l.more {
		l.cur, l.over = l.cur[:0], false
		l.physical()
		for l.more {
			if l.next[0] == ' ' || l.next[0] == '\t' {
				l.next = l.next[1:]
				l.physical()
			} else if len(bytes.TrimRight(l.next, "\r\n")) == 0 {
				l.advance() // CR CR LF leaves empty lines, also before a folded one
			} else if n := len(l.cur); n > 0 && l.cur[n-1] == '=' && bytes.Contains(l.cur[:min(n, 200)], []byte("QUOTED-PRINTABLE")) {
				l.cur = l.cur[:n-1]
				l.physical()
			} else {
				break
			}
		}
		if line := icalClean(l.cur); len(bytes.TrimSpace(line)) > 0 {
			return line, l.over, true
		}
	}
	return nil, false, false
}

// physical appends what is left of the physical line to cur, and goes on to the next one.
func (l *icalLines) physical() {
	for {
		piece := l.next
		ended := false
		if n := len(piece); n > 0 && (piece[n-1] == '\n' || piece[n-1] == '\r') {
			ended = true
			piece = bytes.TrimRight(piece, "\r\n")
		}
		if len(l.cur)+len(piece) > icalMaxLine {
			l.over = true
		} else {
			l.cur = append(l.cur, piece...)
		}
		l.advance()
		if ended || !l.more {
			return
		}
	}
}

// icalClean gives the line as UTF-8 without control characters.
func icalClean(line []byte) []byte {
	clean := true
	for i := 0; i < len(line) && clean; i++ {
		clean = line[i] >= ' ' && line[i] < 0x7f || line[i] == '\t'
	}
	if clean {
		return line
	}
	out := make([]byte, 0, len(line)+8)
	for len(line) > 0 {
		r, n := utf8.DecodeRune(line)
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(line[0])
		}
		if (r >= ' ' || r == '\t') && (r < 0x7f || r > 0x9f) && r != 0xfeff {
			out = utf8.AppendRune(out, r)
		}
		line = line[n:]
	}
	return out
}

// icalProp is a content line.
type icalProp struct {
	name   string // upper case
	params [][2]string
	value  string // as written, with its escapes
}

// icalParse takes a content line apart; ok is false for what is none.
func icalParse(line string) (p icalProp, ok bool) {
	end := strings.IndexAny(line, ":;")
	if end <= 0 {
		return p, false
	}
	p.name = strings.ToUpper(strings.TrimSpace(line[:end]))
	for i := range len(p.name) {
		if c := p.name[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return p, false
		}
	}
	rest := line[end:]
	for strings.HasPrefix(rest, ";") && len(p.params) < icalMaxParams {
		rest = rest[1:]
		end := strings.IndexAny(rest, "=;:")
		if end < 0 {
			return p, false
		}
		name := strings.ToUpper(strings.TrimSpace(rest[:end]))
		if rest[end] != '=' { // a parameter without a value, as in vCalendar 1.0
			p.params = append(p.params, [2]string{name, ""})
			rest = rest[end:]
			continue
		}
		rest = rest[end+1:]
		var value string
		for {
			if trimmed := strings.TrimLeft(rest, " "); strings.HasPrefix(trimmed, `"`) && strings.Contains(trimmed[1:], `"`) {
				end := strings.IndexByte(trimmed[1:], '"') + 1
				value, rest = value+trimmed[1:end], trimmed[end+1:]
			}
			end := strings.IndexAny(rest, ",;:")
			if end < 0 {
				return p, false
			}
			value += rest[:end]
			rest = rest[end:]
			if rest[0] != ',' {
				break
			}
			value, rest = value+",", rest[1:]
		}
		p.params = append(p.params, [2]string{name, strings.TrimSpace(icalCaret.Replace(value))})
	}
	if !strings.HasPrefix(rest, ":") {
		return p, false
	}
	p.value = strings.TrimSpace(rest[1:])
	return p, true
}

var icalCaret = strings.NewReplacer("^n", "\n", "^'", `"`, "^^", "^") // RFC 6868

func (p *icalProp) param(name string) string {
	for _, kv := range p.params {
		if kv[0] == name {
			return kv[1]
		}
	}
	return ""
}

// text is the value as text: without escapes, and decoded where it is quoted-printable.
func (p *icalProp) text() string {
	value := p.value
	if strings.EqualFold(p.param("ENCODING"), "QUOTED-PRINTABLE") {
		value = icalQuotedPrintable(value)
	}
	return icalUnescape(value)
}

func icalUnescape(s string) string {
	if !strings.Contains(s, `\`) {
		return strings.TrimSpace(s)
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n', 'N':
			b.WriteByte('\n')
		case ';', ',', '\\', '"', ':', '\'':
			b.WriteByte(s[i])
		default: // no escape: "C:\Users"
			b.WriteByte('\\')
			b.WriteByte(s[i])
		}
	}
	return strings.TrimSpace(b.String())
}

func icalQuotedPrintable(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '=' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	out = bytes.ReplaceAll(bytes.ReplaceAll(out, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte(`\n`))
	return string(icalClean(out))
}

// icalList splits a value at the commas that are not escaped, up to most of them.
func icalList(value string, most int) []string {
	var list []string
	start := 0
	for i := 0; i <= len(value) && len(list) < most; i++ {
		if i < len(value) && value[i] == '\\' {
			i++
			continue
		}
		if i >= len(value) || value[i] == ',' {
			if item := icalUnescape(value[start:min(i, len(value))]); item != "" {
				list = append(list, item)
			}
			start = i + 1
		}
	}
	return list
}
