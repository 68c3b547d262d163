package ent

import "strings"

// DefaultLocale is the language of whatever does not say its own.
const DefaultLocale = "de"

// fallback lists where to look for a text in a locale, best first: the locale itself, then shorter forms of it
// (RFC 4647 §3.4 lookup: de-simple, de). A nil locale means the original, so nothing is to be looked for.
func fallback(locale *string) []string {
	if locale == nil {
		return nil
	}
	var out []string
	for l := *locale; l != ""; {
		out = append(out, l)
		cut := strings.LastIndexByte(l, '-')
		if cut < 0 {
			break
		}
		l = l[:cut]
	}
	return out
}

// CanonicalLocale gives a tag in the case that BCP 47 recommends: de-simple, en-GB, zh-Hant. What is no tag stays as it is.
func CanonicalLocale(s string) string {
	if !ValidLocale(s) {
		return s
	}
	parts := strings.Split(strings.ToLower(s), "-")
	for i, p := range parts {
		switch {
		case i == 0:
		case len(p) == 2:
			parts[i] = strings.ToUpper(p)
		case len(p) == 4:
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "-")
}

// ValidLocale tells whether s has the form of the BCP 47 tags that Umland uses: a language of two or three letters
// and subtags of up to eight letters or digits, 35 bytes at most.
func ValidLocale(s string) bool {
	if len(s) > 35 {
		return false
	}
	for i, part := range strings.Split(s, "-") {
		if i == 0 && (len(part) < 2 || len(part) > 3) || len(part) == 0 || len(part) > 8 {
			return false
		}
		for _, c := range part {
			if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9') {
				return false
			}
		}
	}
	return true
}
