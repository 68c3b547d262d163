package ent

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// SortKey gives the key by which Umland orders names and titles, compared byte by byte: dictionary order as in DIN 5007-1
// (ä as a, ß as ss), case and marks ignored, everything but letters and digits as one space; 120 bytes at most.
func SortKey(s string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			switch r = unicode.ToLower(r); r {
			case 'ß':
				b.WriteString("ss")
			case 'æ':
				b.WriteString("ae")
			case 'ø':
				b.WriteByte('o')
			default:
				b.WriteRune(r)
			}
		default:
			space = true
		}
		if b.Len() > 112 {
			break
		}
	}
	return b.String()
}
