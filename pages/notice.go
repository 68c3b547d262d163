package pages

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// On paper a list is a notice for the board: it says for where and what it is, and leads back by a code to photograph.

const longestCode = 300 // bytes of an address; a longer one makes a code that phones cannot read from paper

// code is a QR code as the path of an SVG, a unit for each of its squares.
type code struct {
	Side int // with the four white squares around that it needs
	Path string
}

// codeOf gives nil for what is too long.
func codeOf(address string) *code {
	if len(address) > longestCode {
		return nil
	}
	c, err := qr.Encode(address, qr.L)
	if err != nil {
		return nil
	}
	const quiet = 4
	var path strings.Builder
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			begin := x
			for x < c.Size && c.Black(x, y) {
				x++
			}
			if x > begin {
				_, _ = fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", begin+quiet, y+quiet, x-begin, x-begin)
			}
		}
	}
	return &code{c.Size + 2*quiet, path.String()}
}

// notice is what a list says of itself on paper.
type notice struct {
	Title, What string
	Address     string
	Code        *code
}

// Notice gives the head of the notice.
func (v *view) Notice(title, what, address string) notice {
	address = v.Origin() + address
	return notice{title, what, strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://"), codeOf(address)}
}

// NoticeTitle says for where the notice is.
func (s *search) NoticeTitle() string {
	switch {
	case s.Scope.Provider != nil:
		return s.Scope.Provider.Name
	case s.Scope.Municipality != nil:
		return s.Scope.Municipality.Name
	case s.Around != nil:
		return fmt.Sprintf(s.tr("%s und Umgebung", "%s and around"), s.Around.Name)
	case s.Scope.Region != nil:
		return s.Scope.Region.Name
	}
	return s.tr("Was es bei uns gibt", "What there is around here")
}

// NoticeWhat says what of it is on the notice.
func (s *search) NoticeWhat(chips []chip) string {
	var parts []string
	for _, c := range chips {
		if c.Text != s.NoticeTitle() {
			parts = append(parts, c.Text)
		}
	}
	return strings.Join(parts, " · ")
}
