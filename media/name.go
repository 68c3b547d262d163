package media

import (
	"regexp"
	"strconv"
	"strings"
)

// Path is where pictures are uploaded and, with a slash and a name behind it, served.
const Path = "/media"

// Variant is a picture in one of its sizes, in pixels.
type Variant struct {
	URL    string `json:"url"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// Variants gives the sizes in which a picture of ours is to be had, narrowest first, for the URL of any of them. base is the public
// address of the server, without a slash at its end. A URL that is not ours has none. Nothing is looked up: whether the picture was
// ever uploaded does not show.
func Variants(base, url string) []Variant {
	rest, ours := strings.CutPrefix(url, base+Path+"/")
	n, ok := parseName(rest)
	if !ours || !ok {
		return nil
	}
	return n.variants(base)
}

// widths are those in which pictures are kept, ascending, in pixels; one that is narrower than the last is also kept as wide as it is.
func widths() []int { return []int{320, 640, 1280, maxWidth} }

// name says all about a stored file: "<SHA-256 of the largest variant>-<its width>x<its height>/<width>.<jpg or png>".
type name struct {
	hash          string
	width, height int // of the largest variant
	of            int // the width of this one
	ext           string
}

var namePattern = regexp.MustCompile(`^([0-9a-f]{64})-([1-9][0-9]{0,4})x([1-9][0-9]{0,4})/([1-9][0-9]{0,4})\.(jpg|png)$`)

func parseName(s string) (name, bool) {
	m := namePattern.FindStringSubmatch(s)
	if m == nil {
		return name{}, false
	}
	n := name{hash: m[1], ext: m[5]}
	n.width, _ = strconv.Atoi(m[2])
	n.height, _ = strconv.Atoi(m[3])
	n.of, _ = strconv.Atoi(m[4])
	if n.width > maxWidth || n.height > maxSide {
		return name{}, false
	}
	for _, s := range sizes(n.width, n.height) {
		if s.width == n.of {
			return n, true
		}
	}
	return name{}, false
}

func (n name) String() string {
	return n.hash + "-" + strconv.Itoa(n.width) + "x" + strconv.Itoa(n.height) + "/" + strconv.Itoa(n.of) + "." + n.ext
}

func (n name) variants(base string) []Variant {
	var list []Variant
	for _, s := range sizes(n.width, n.height) {
		n.of = s.width
		list = append(list, Variant{base + Path + "/" + n.String(), s.width, s.height})
	}
	return list
}

type size struct{ width, height int }

// sizes gives the variants of a picture whose largest is width × height.
func sizes(width, height int) []size {
	var list []size
	for _, w := range widths() {
		if w < width {
			list = append(list, scaled(width, height, w))
		}
	}
	return append(list, size{width, height})
}

// scaled gives what is as wide as asked for and has the shape of width × height.
func scaled(width, height, to int) size {
	return size{to, max(1, (2*height*to+width)/(2*width))}
}

func contentType(ext string) string {
	if ext == "png" {
		return "image/png"
	}
	return "image/jpeg"
}
