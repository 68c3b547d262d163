package fetch

import "net/netip"

// Public tells whether a Client with these networks allowed would speak to the address. It is for telling somebody early; the client asks again
// whenever it connects.
func Public(ip netip.Addr, allow []netip.Prefix) bool {
	return guard(allow).SafeAddr(ip.WithZone("").Unmap()) == nil
}
