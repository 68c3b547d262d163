package ent

import (
	"net/url"
	"unicode/utf8"
)

// ValidURL tells whether s is an absolute http or https address with a host and without a user, of up to 2,000 characters.
func ValidURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil && utf8.RuneCountInString(s) <= 2000
}
