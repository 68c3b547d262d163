package media

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

var (
	red   = color.RGBA{220, 30, 30, 255}
	green = color.RGBA{30, 180, 30, 255}
	blue  = color.RGBA{30, 30, 220, 255}
	white = color.RGBA{250, 250, 250, 255}
)

// quarters is an image whose quarters are red, green, blue and white, as one reads.
func quarters(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, [2][2]color.RGBA{{red, green}, {blue, white}}[2*y/h][2*x/w])
		}
	}
	return m
}

// photo is an image with much in it.
func photo(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, color.RGBA{uint8(x ^ y), uint8(x*x/64 + y), uint8(255 * y / h), 255})
		}
	}
	return m
}

func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif is TIFF data with an orientation, the position 51°20′ N and a name.
func exif(orientation uint16) []byte {
	var b bytes.Buffer
	put := func(vs ...any) {
		for _, v := range vs {
			if err := binary.Write(&b, binary.BigEndian, v); err != nil {
				panic(err)
			}
		}
	}
	put([]byte("MM\x00*"), uint32(8))
	put(uint16(3))
	put(uint16(0x0112), uint16(3), uint32(1), orientation, uint16(0))
	put(uint16(0x013b), uint16(2), uint32(16), uint32(50)) // Artist
	put(uint16(0x8825), uint16(4), uint32(1), uint32(66))  // GPS
	put(uint32(0))
	put([]byte("Erika Beispiel.\x00"))
	put(uint16(2))
	put(uint16(1), uint16(2), uint32(2), []byte("N\x00\x00\x00"))
	put(uint16(2), uint16(5), uint32(3), uint32(96))
	put(uint32(0))
	put(uint32(51), uint32(1), uint32(20), uint32(1), uint32(123456789), uint32(1000))
	return b.Bytes()
}

// withExif puts Exif data into a JPEG as cameras do.
func withExif(jpg []byte, orientation uint16) []byte {
	data := append([]byte("Exif\x00\x00"), exif(orientation)...)
	app1 := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(data)+2))
	return bytes.Join([][]byte{jpg[:2], app1, data, jpg[2:]}, nil)
}

func chunk(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// pngOf puts a PNG together: eight bits of grey, data compressed, and what else is to stand before it.
func pngOf(w, h uint32, more, data []byte) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	var z bytes.Buffer
	c := zlib.NewWriter(&z)
	_, _ = c.Write(data)
	_ = c.Close()
	return bytes.Join([][]byte{[]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, 8, 0, 0, 0, 0)), more, chunk("IDAT", z.Bytes()), chunk("IEND", nil)}, nil)
}

func asGIF(t testing.TB, frames ...image.Image) []byte {
	t.Helper()
	g := &gif.GIF{Config: image.Config{Width: 60, Height: 40}}
	for _, f := range frames {
		p := image.NewPaletted(f.Bounds(), color.Palette{color.Transparent, red, green, blue, white})
		for y := f.Bounds().Min.Y; y < f.Bounds().Max.Y; y++ {
			for x := f.Bounds().Min.X; x < f.Bounds().Max.X; x++ {
				p.Set(x, y, f.At(x, y))
			}
		}
		g.Image, g.Delay = append(g.Image, p), append(g.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bits writes single bits: VP8L from the lowest of a byte up, JPEG from the highest down.
type bits struct {
	b        []byte
	n        int
	fromHigh bool
}

func (w *bits) put(value uint32, n int) {
	for i := range n {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		shift, bit := w.n%8, value>>i&1
		if w.fromHigh {
			shift, bit = 7-shift, value>>(n-1-i)&1
		}
		w.b[len(w.b)-1] |= byte(bit << shift)
		w.n++
	}
}

func riff(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func riffChunk(kind string, data []byte) []byte {
	b := append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(data))), data...)
	if len(data)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// vp8l is an image of one colour; it takes no bits for each pixel.
func vp8l(w, h int, c color.RGBA) []byte {
	var b bits
	b.put(0x2f, 8)
	b.put(uint32(w-1), 14)
	b.put(uint32(h-1), 14)
	b.put(1, 1) // alpha is used
	b.put(0, 3) // version
	b.put(0, 3) // no transforms, no cache, one group of codes
	for _, symbol := range []uint8{c.G, c.R, c.B, c.A} {
		b.put(0b101, 3) // a simple code of one symbol of eight bits
		b.put(uint32(symbol), 8)
	}
	b.put(0b0001, 4) // distances: a code of the symbol 0
	return riffChunk("VP8L", b.b)
}

func vp8x(w, h int, flags byte) []byte {
	w, h = w-1, h-1
	return riffChunk("VP8X", []byte{flags, 0, 0, 0, byte(w), byte(w >> 8), byte(w >> 16), byte(h), byte(h >> 8), byte(h >> 16)})
}

func segment(marker byte, data ...byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(data)+2)), data...)
}

// cmyk is a JPEG of 8 × 8 pixels of one colour, inverted as Adobe's programs write it.
func cmyk(c color.CMYK) []byte {
	table := bytes.Repeat([]byte{1}, 64)
	table[0] = 8
	data := bits{fromHigh: true}
	for _, ink := range []uint8{c.C, c.M, c.Y, c.K} {
		diff := int(255-ink) - 128
		data.put(0b10, 2) // a difference of seven bits
		if diff < 0 {
			diff += 127
		}
		data.put(uint32(diff), 7)
		data.put(0, 1) // end of block
	}
	data.put(0xff, (8-data.n%8)%8)
	return bytes.Join([][]byte{
		{0xff, 0xd8},
		segment(0xee, append([]byte("Adobe"), 0, 100, 0, 0, 0, 0, 0)...),
		segment(0xdb, append([]byte{0}, table...)...),
		segment(0xc0, 8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0),
		segment(0xc4, append([]byte{0x00, 1, 1}, append(make([]byte, 14), 0, 7)...)...),
		segment(0xc4, append([]byte{0x10, 1}, append(make([]byte, 15), 0)...)...),
		segment(0xda, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0),
		bytes.ReplaceAll(data.b, []byte{0xff}, []byte{0xff, 0}),
		{0xff, 0xd9},
	}, nil)
}

// scans is a progressive JPEG of 6,000 × 6,000 pixels with so many scans over all of them, each of which is 60 bytes long.
func scans(n int) []byte {
	data := bits{fromHigh: true}
	for left := 750 * 750; left > 0; left -= 32_767 {
		data.put(0, 1)       // a run of blocks at their end,
		data.put(0x3fff, 14) // of 2^14 + 2^14 - 1
	}
	data.put(0xff, (8-data.n%8)%8)
	scan := append(segment(0xda, 1, 1, 0, 1, 63, 0x01), bytes.ReplaceAll(data.b, []byte{0xff}, []byte{0xff, 0})...)
	return bytes.Join([][]byte{
		{0xff, 0xd8},
		segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...),
		segment(0xc2, 8, 6000>>8, 6000&0xff, 6000>>8, 6000&0xff, 1, 1, 0x11, 0),
		segment(0xc4, append([]byte{0x10, 1}, append(make([]byte, 15), 0xe0)...)...),
		bytes.Repeat(scan, n),
		{0xff, 0xd9},
	}, nil)
}

func zipped(t testing.TB, name, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
