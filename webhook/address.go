package webhook

import (
	"net/netip"
	"net/url"
	"strings"

	"umland/ent"
	"umland/fetch"
)

// CheckURL tells in a sentence what is wrong with the address of a receiver, "" when nothing is: it must be http or https, and not in a network that is neither
// public nor allowed, as far as that can be seen. Where a name leads to is checked when something is sent.
func CheckURL(address string, allow []netip.Prefix) string {
	if !ent.ValidURL(address) {
		return "Must be an absolute http or https address without a user, up to 2,000 characters."
	}
	u, err := url.Parse(address)
	if err != nil {
		return "Must be an absolute address."
	}
	const private = "Leads into a network that is not public."
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if ip, err := netip.ParseAddr(host); err == nil {
		if !fetch.Public(ip, allow) {
			return private
		}
		return ""
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last == "" || strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return "Is not an address: 127.1, 0x7f.1 and the like are not taken."
	}
	switch last {
	case host, "localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private":
		if len(allow) == 0 { // else the name may lead into what is allowed
			return private
		}
	}
	if strings.HasSuffix(host, ".home.arpa") && len(allow) == 0 {
		return private
	}
	return ""
}
