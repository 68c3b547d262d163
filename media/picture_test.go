package media

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"umland/ent"
)

// patient gives a Processor that a busy machine and the race detector do not hurry.
func patient() *Processor {
	p := NewProcessor()
	p.wait, p.work = 10*time.Minute, 10*time.Minute
	return p
}

func process(t testing.TB, b []byte) *Picture {
	t.Helper()
	pic, err := patient().Process(t.Context(), bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return pic
}

// decoded checks that a picture's files are what they say, and gives the largest.
func decoded(t testing.TB, pic *Picture) image.Image {
	t.Helper()
	var m image.Image
	for _, f := range pic.Files {
		var err error
		if f.ContentType == "image/png" {
			m, err = png.Decode(bytes.NewReader(f.Bytes))
		} else {
			m, err = jpeg.Decode(bytes.NewReader(f.Bytes))
		}
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if m.Bounds() != image.Rect(0, 0, f.Width, f.Height) {
			t.Errorf("%s is %v, not %d × %d", f.Name, m.Bounds(), f.Width, f.Height)
		}
		if n, ok := parseName(f.Name); !ok || n.of != f.Width || contentType(n.ext) != f.ContentType {
			t.Errorf("%s is no name for %d pixels of %s", f.Name, f.Width, f.ContentType)
		}
	}
	if m.Bounds() != image.Rect(0, 0, pic.Width, pic.Height) {
		t.Errorf("the largest is %v, not %d × %d", m.Bounds(), pic.Width, pic.Height)
	}
	return m
}

func near(a, b color.Color) bool {
	x, y := color.NRGBAModel.Convert(a).(color.NRGBA), color.NRGBAModel.Convert(b).(color.NRGBA)
	for _, d := range []int{int(x.R) - int(y.R), int(x.G) - int(y.G), int(x.B) - int(y.B), int(x.A) - int(y.A)} {
		if max(d, -d) > 12 {
			return false
		}
	}
	return true
}

// corners names the colours in the middles of the quarters.
func corners(m image.Image) string {
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	var s strings.Builder
	for _, p := range []image.Point{{w / 4, h / 4}, {3 * w / 4, h / 4}, {w / 4, 3 * h / 4}, {3 * w / 4, 3 * h / 4}} {
		c := m.At(p.X, p.Y)
		switch {
		case near(c, red):
			s.WriteByte('r')
		case near(c, green):
			s.WriteByte('g')
		case near(c, blue):
			s.WriteByte('b')
		case near(c, white):
			s.WriteByte('w')
		case near(c, color.Transparent):
			s.WriteByte('-')
		default:
			s.WriteByte('?')
		}
	}
	return s.String()
}

func TestOrientation(t *testing.T) {
	t.Parallel()
	plain := asJPEG(t, quarters(96, 64))
	inPNG := asPNG(t, quarters(96, 64))
	for i, want := range []string{"rgbw", "rgbw", "grwb", "wbgr", "bwrg", "rbgw", "brwg", "wgbr", "gwrb", "rgbw"} {
		turned := i >= 5 && i <= 8
		for _, b := range [][]byte{withExif(plain, uint16(i)), bytes.Join([][]byte{inPNG[:33], chunk("eXIf", exif(uint16(i))), inPNG[33:]}, nil)} {
			pic := process(t, b)
			m := decoded(t, pic)
			if got := corners(m); got != want {
				t.Errorf("orientation %d gives %s, want %s", i, got, want)
			}
			if turned && (pic.Width != 64 || pic.Height != 96) || !turned && (pic.Width != 96 || pic.Height != 64) {
				t.Errorf("orientation %d gives %d × %d", i, pic.Width, pic.Height)
			}
		}
	}
	// What is turned is as wide as the variants are, not as high.
	pic := process(t, withExif(asJPEG(t, quarters(300, 2700)), 6))
	if got := corners(decoded(t, pic)); got != "brwg" || pic.Width != 2560 || pic.Height != 284 {
		t.Errorf("%s %d × %d", got, pic.Width, pic.Height)
	}
	pic = process(t, riff(vp8x(30, 20, 1<<3|1<<4), vp8l(30, 20, red), riffChunk("EXIF", exif(8))))
	if pic.Width != 20 || pic.Height != 30 {
		t.Errorf("a WebP lying on its side gives %d × %d", pic.Width, pic.Height)
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	deep := image.NewNRGBA64(image.Rect(0, 0, 100, 50))
	for i := range deep.Pix {
		deep.Pix[i] = 0xff
	}
	for y := range 50 {
		for x := range 50 {
			deep.SetNRGBA64(x, y, color.NRGBA64{220 * 257, 30 * 257, 30 * 257, 0xffff})
		}
	}
	glass := quarters(100, 50)
	for y := range 25 {
		for x := range 50 {
			glass.SetRGBA(x, y, color.RGBA{})
		}
	}
	paletted := func(w, h int) image.Image {
		m := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{red, green, blue, white})
		for y := range h {
			for x := range w {
				m.Set(x, y, quarters(2, 2).At(2*x/w, 2*y/h))
			}
		}
		return m
	}
	noExif := withExif(asJPEG(t, quarters(96, 64)), 6)
	copy(noExif[12:], "XX\xff\xff\xff\xff\xff\xff")
	plain := func(w, h int) image.Image {
		m := image.NewRGBA(image.Rect(0, 0, w, h))
		draw.Draw(m, m.Rect, image.NewUniform(blue), image.Point{}, draw.Src)
		return m
	}
	for name, tc := range map[string]struct {
		b             []byte
		width, height int
		corners       string
		contentType   string
	}{
		"JPEG":                         {asJPEG(t, quarters(300, 200)), 300, 200, "rgbw", "image/jpeg"},
		"grey JPEG":                    {asJPEG(t, &image.Gray{Pix: bytes.Repeat([]byte{250}, 64), Stride: 8, Rect: image.Rect(0, 0, 8, 8)}), 8, 8, "wwww", "image/jpeg"},
		"CMYK JPEG":                    {cmyk(color.CMYK{35, 225, 225, 0}), 8, 8, "rrrr", "image/jpeg"},
		"broken Exif":                  {noExif, 96, 64, "rgbw", "image/jpeg"},
		"PNG":                          {asPNG(t, quarters(300, 200)), 300, 200, "rgbw", "image/jpeg"},
		"PNG of 16 bits":               {asPNG(t, deep), 100, 50, "rwrw", "image/jpeg"},
		"PNG with transparency":        {asPNG(t, glass), 100, 50, "-gbw", "image/png"},
		"small PNG with a palette":     {asPNG(t, paletted(60, 40)), 60, 40, "rgbw", "image/png"},
		"large PNG with a palette":     {asPNG(t, paletted(700, 600)), 700, 600, "rgbw", "image/jpeg"},
		"1 × 1":                        {asPNG(t, image.NewGray(image.Rect(0, 0, 1, 1))), 1, 1, "", "image/jpeg"},
		"wide and flat":                {asPNG(t, image.NewGray(image.Rect(0, 0, 12_000, 1))), 2560, 1, "", "image/jpeg"},
		"narrow and high":              {asPNG(t, image.NewGray(image.Rect(0, 0, 1, 12_000))), 1, 12_000, "", "image/jpeg"},
		"GIF":                          {asGIF(t, quarters(60, 40)), 60, 40, "rgbw", "image/png"},
		"animated GIF":                 {asGIF(t, quarters(60, 40), plain(60, 40)), 60, 40, "rgbw", "image/png"},
		"GIF with a part of the frame": {asGIF(t, plain(30, 40)), 60, 40, "b-b-", "image/png"},
		"WebP":                         {riff(vp8l(400, 300, green)), 400, 300, "gggg", "image/jpeg"},
		"WebP with transparency":       {riff(vp8l(40, 30, color.RGBA{0, 0, 0, 0})), 40, 30, "----", "image/png"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pic := process(t, tc.b)
			m := decoded(t, pic)
			if pic.Width != tc.width || pic.Height != tc.height {
				t.Errorf("%d × %d", pic.Width, pic.Height)
			}
			if got := corners(m); tc.corners != "" && got != tc.corners {
				t.Errorf("shows %s, want %s", got, tc.corners)
			}
			if got := pic.Files[0].ContentType; got != tc.contentType {
				t.Errorf("is %s, want %s", got, tc.contentType)
			}
		})
	}
}

func TestVariantSizes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		width, height int
		want          []size
	}{
		{3200, 2133, []size{{320, 213}, {640, 427}, {1280, 853}, {2560, 1706}}},
		{2560, 100, []size{{320, 13}, {640, 25}, {1280, 50}, {2560, 100}}},
		{1000, 1500, []size{{320, 480}, {640, 960}, {1000, 1500}}},
		{320, 1, []size{{320, 1}}},
		{319, 7, []size{{319, 7}}},
	} {
		pic := process(t, asPNG(t, image.NewGray(image.Rect(0, 0, tc.width, tc.height))))
		decoded(t, pic)
		var got []size
		for _, f := range pic.Files {
			got = append(got, size{f.Width, f.Height})
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%d × %d gives %v, want %v", tc.width, tc.height, got, tc.want)
		}
	}
}

// Scaling in strips gives what scaling at once does: a ramp stays a ramp, without seams, and nothing bleeds over the edges.
func TestResize(t *testing.T) {
	t.Parallel()
	ramp := image.NewRGBA(image.Rect(0, 0, 1000, 900))
	for y := range 900 {
		for x := range 1000 {
			ramp.SetRGBA(x, y, color.RGBA{uint8(x / 4), uint8(y / 4), 128, 255})
		}
	}
	m, err := resize(t.Context(), ramp, 500, 450)
	if err != nil {
		t.Fatal(err)
	}
	for y := range 450 {
		for x := range 500 {
			c := m.RGBAAt(x, y)
			if dx, dy := int(c.R)-x/2, int(c.G)-y/2; max(dx, -dx, dy, -dy) > 1 || c.B != 128 || c.A != 255 {
				t.Fatalf("at %d, %d: %v", x, y, c)
			}
		}
	}
}

// Nothing of what came with an image is in what is kept.
func TestNothingHidden(t *testing.T) {
	t.Parallel()
	script := "<script>alert(document.domain)</script>"
	jpg, pale := asJPEG(t, quarters(96, 64)), asPNG(t, quarters(96, 64))
	gifScript := append(asGIF(t, quarters(60, 40)), []byte("=1;/*"+script+"*/")...)
	palette := color.Palette{}
	for i := 0; i+3 <= len(script); i += 3 {
		palette = append(palette, color.RGBA{script[i], script[i+1], script[i+2], 255})
	}
	inPalette := image.NewPaletted(image.Rect(0, 0, 96, 64), palette)
	for i := range inPalette.Pix {
		inPalette.Pix[i] = byte(i % len(palette))
	}
	for name, b := range map[string][]byte{
		"Exif":                withExif(jpg, 1),
		"JPEG comment":        bytes.Join([][]byte{jpg[:2], segment(0xfe, []byte(script)...), jpg[2:]}, nil),
		"JPEG and ZIP":        append(slices.Clone(jpg), zipped(t, "evil.html", script)...),
		"PNG text":            bytes.Join([][]byte{pale[:33], chunk("tEXt", []byte("Comment\x00"+script)), pale[33:]}, nil),
		"PNG and HTML":        append(slices.Clone(pale), []byte(script)...),
		"PNG palette":         asPNG(t, inPalette),
		"GIF and JavaScript":  gifScript,
		"GIF with a comment":  bytes.Join([][]byte{gifScript[:13], {0x21, 0xfe, byte(len(script))}, []byte(script), {0}, gifScript[13:]}, nil),
		"WebP and JavaScript": append(riff(vp8l(10, 10, red), riffChunk("XMP ", []byte(script))), []byte(script)...),
	} {
		if !bytes.Contains(b, []byte("script")) && !bytes.Contains(b, []byte("Erika")) && !bytes.Contains(b, []byte("evil.html")) {
			t.Errorf("%s: the sample hides nothing", name)
		}
		for _, f := range process(t, b).Files {
			for _, hidden := range []string{"script", "alert", "Exif", "Erika", "\x07\x5b\xcd\x15", "PK\x03\x04", "evil"} {
				if bytes.Contains(f.Bytes, []byte(hidden)) {
					t.Errorf("%s: %s has %q", name, f.Name, hidden)
				}
			}
			if end := []byte("IEND\xaeB`\x82"); f.ContentType == "image/png" && !bytes.HasSuffix(f.Bytes, end) || f.ContentType == "image/jpeg" && !bytes.HasSuffix(f.Bytes, []byte{0xff, 0xd9}) {
				t.Errorf("%s: %s goes on after its end", name, f.Name)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	jpg := asJPEG(t, photo(400, 300))
	pale := asPNG(t, photo(400, 300))
	flipped := slices.Clone(pale)
	flipped[len(flipped)/2] ^= 0x10
	for name, tc := range map[string]struct {
		b       []byte
		code    ent.Code
		message string
	}{
		"nothing":                   {nil, ent.CodeBadInput, "is empty"},
		"SVG with script":           {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), codeType, "an SVG drawing"},
		"SVG with a declaration":    {[]byte("\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- -->\n<SVG onload=\"alert(1)\"/>"), codeType, "an SVG drawing"},
		"HTML":                      {[]byte("<!DOCTYPE html><title>Bild</title>"), codeType, "an HTML page"},
		"HTML that begins as a GIF": {[]byte("GIF89a\x01\x00\x01\x00/*<script>*/=1;"), ent.CodeBadInput, "The GIF image cannot be read"},
		"PDF":                       {[]byte("%PDF-1.7\n"), codeType, "a PDF document"},
		"ZIP":                       {zipped(t, "bild.jpg", "x"), codeType, "a ZIP archive"},
		"text":                      {[]byte("Ein Bild"), codeType, "a text"},
		"HEIC":                      {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), codeType, "a HEIC image"},
		"AVIF":                      {[]byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00"), codeType, "an AVIF image"},
		"TIFF":                      {append([]byte("II*\x00"), make([]byte, 100)...), codeType, "a TIFF"},
		"BMP":                       {append([]byte("BM"), make([]byte, 100)...), codeType, "a BMP image"},
		"video":                     {[]byte("\x1aE\xdf\xa3\x00\x00\x00\x00webm"), codeType, "a video"},
		"noise":                     {[]byte{0, 1, 2, 3, 0xfe, 0xff}, codeType, "not known"},
		"animated WebP":             {riff(vp8x(10, 10, 2), vp8l(10, 10, red)), codeType, "an animated WebP"},

		"40,000 × 40,000 PNG":      {pngOf(40_000, 40_000, nil, nil), ent.CodeBadInput, "40000 × 40000 pixels"},
		"one side too long":        {pngOf(12_001, 1, nil, nil), ent.CodeBadInput, "12001 × 1 pixels"},
		"too many pixels":          {pngOf(8_000, 5_001, nil, nil), ent.CodeBadInput, "40 megapixels"},
		"JPEG of 65,535 × 65,535":  {bytes.Join([][]byte{{0xff, 0xd8}, segment(0xe0, []byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")...), segment(0xc0, 8, 0xff, 0xff, 0xff, 0xff, 1, 1, 0x11, 0)}, nil), ent.CodeBadInput, "65535 × 65535"},
		"GIF of 60,000 × 60,000":   {[]byte("GIF89a\x60\xea\x60\xea\x00\x00\x00"), ent.CodeBadInput, "60000 × 60000"},
		"WebP of 16,384 × 16,384":  {riff(vp8l(16_384, 16_384, red)), ent.CodeBadInput, "16384 × 16384"},
		"WebP that hides its size": {riff(vp8x(10, 10, 0), vp8l(16_384, 16_384, red)), ent.CodeBadInput, "cannot be read"},
		"no width":                 {pngOf(0, 10, nil, nil), ent.CodeBadInput, "cannot be read"},
		"more data than pixels":    {pngOf(100, 100, nil, make([]byte, 30_000_000)), ent.CodeBadInput, "cannot be read"},
		"less data than pixels":    {pngOf(100, 100, nil, make([]byte, 100)), ent.CodeBadInput, "cut off"},
		"GIF with a frame that is larger": {func() []byte {
			b := asGIF(t, quarters(60, 40))
			b[6], b[8] = 59, 39
			return b
		}(), ent.CodeBadInput, "cannot be read"},

		"JPEG cut off":         {jpg[:len(jpg)/2], ent.CodeBadInput, "cut off"},
		"PNG cut off":          {pale[:len(pale)/2], ent.CodeBadInput, "cut off"},
		"GIF cut off":          {asGIF(t, quarters(60, 40))[:60], ent.CodeBadInput, "cannot be read"},
		"WebP cut off":         {riff(vp8l(100, 100, red))[:24], ent.CodeBadInput, "cannot be read"},
		"PNG with a wrong bit": {flipped, ent.CodeBadInput, "cannot be read"},
		"too large":            {make([]byte, MaxBytes+1), codeLimit, "20 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pic, err := patient().Process(t.Context(), bytes.NewReader(tc.b))
			var e *ent.Error
			if !errors.As(err, &e) {
				t.Fatalf("gave %v, %v", pic, err)
			}
			if e.Code != tc.code || e.Field != "file" || !strings.Contains(e.Message, tc.message) {
				t.Errorf("gave %+v", e)
			}
		})
	}
}

// A file that would be larger than what is taken once it is decoded and encoded is not kept: 2,560 × 2,560 pixels of noise with
// transparency fit into a lossy WebP, but not into a PNG.
func TestTooMuchDetail(t *testing.T) {
	t.Parallel()
	noise := image.NewNRGBA(image.Rect(0, 0, 2560, 2560))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(random.Uint32())
	}
	_, err := picture(t.Context(), noise, 1)
	var e *ent.Error
	if !errors.As(err, &e) || e.Code != ent.CodeBadInput || !strings.Contains(e.Message, "detail") {
		t.Error(err)
	}
}

// A bomb of zeros is small as long as its pixels are few enough, and they are refused otherwise.
func TestPixelsThatCompressWell(t *testing.T) {
	t.Parallel()
	b := pngOf(3_000, 1_500, nil, make([]byte, 3_001*1_500))
	if len(b) > 10_000 {
		t.Fatalf("%d bytes", len(b))
	}
	if pic := process(t, b); pic.Width != 2560 || pic.Height != 1280 {
		t.Errorf("%d × %d", pic.Width, pic.Height)
	}
	// The text of a PNG may unpack to whatever it likes: it is not unpacked.
	var text bytes.Buffer
	c := zlib.NewWriter(&text)
	_, _ = c.Write(make([]byte, 30_000_000))
	_ = c.Close()
	process(t, pngOf(1, 1, chunk("zTXt", append([]byte("Raw profile type exif\x00\x00"), text.Bytes()...)), []byte{0, 0}))
}

// A JPEG can ask for work over all its pixels again and again: here 300,000 times, which would take more than an hour.
func TestTime(t *testing.T) {
	t.Parallel()
	b := scans(300_000)
	if len(b) > MaxBytes {
		t.Fatalf("%d bytes", len(b))
	}
	if m, err := jpeg.Decode(bytes.NewReader(scans(2))); err != nil || m.Bounds().Dx() != 6000 {
		t.Fatalf("the sample is no image: %v", err)
	}
	p := NewProcessor()
	p.work = 300 * time.Millisecond
	start := time.Now()
	_, err := p.Process(t.Context(), bytes.NewReader(b))
	var e *ent.Error
	if !errors.As(err, &e) || e.Code != ent.CodeBadInput || !strings.Contains(e.Message, "too long") {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := NewProcessor().Process(ctx, bytes.NewReader(b)); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if d := time.Since(start); d > 10*time.Minute {
		t.Errorf("it took %v", d)
	}
}

func TestReadError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	_, err := NewProcessor().Process(t.Context(), io.MultiReader(strings.NewReader("GIF89a"), iotest.ErrReader(broken)))
	var e *ent.Error
	if !errors.Is(err, broken) || errors.As(err, &e) {
		t.Error(err)
	}
}

// The same image is the same picture, however many come at once.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	p, b := patient(), asJPEG(t, photo(700, 500))
	pics := make([]*Picture, 12)
	var wg sync.WaitGroup
	for i := range pics {
		wg.Go(func() {
			var err error
			if pics[i], err = p.Process(t.Context(), bytes.NewReader(b)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	for _, pic := range pics[1:] {
		if pic.ID != pics[0].ID {
			t.Errorf("%s and %s", pic.ID, pics[0].ID)
		}
		for i, f := range pic.Files {
			if !bytes.Equal(f.Bytes, pics[0].Files[i].Bytes) {
				t.Errorf("%s differs", f.Name)
			}
		}
	}
}

// Who uploads while eight others do not get on waits for a while, and is then told to come again.
func TestBusy(t *testing.T) {
	t.Parallel()
	p := NewProcessor()
	p.wait = 50 * time.Millisecond
	if err := p.bodies.Acquire(t.Context(), 8); err != nil {
		t.Fatal(err)
	}
	_, err := p.Process(t.Context(), strings.NewReader("GIF89a"))
	var e *ent.Error
	if !errors.As(err, &e) || e.Code != codeBusy {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Process(ctx, strings.NewReader("GIF89a")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestVariants(t *testing.T) {
	t.Parallel()
	const base = "https://umland.example"
	id := strings.Repeat("0a", 32)
	got := Variants(base, base+"/media/"+id+"-1000x1500/640.jpg")
	want := []Variant{
		{base + "/media/" + id + "-1000x1500/320.jpg", 320, 480},
		{base + "/media/" + id + "-1000x1500/640.jpg", 640, 960},
		{base + "/media/" + id + "-1000x1500/1000.jpg", 1000, 1500},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	for _, url := range []string{
		"", base, base + "/media/", "https://other.example/media/" + id + "-1000x1500/640.jpg", base + "/media/" + id + "-1000x1500/639.jpg",
		base + "/media/" + id + "-1000x1500/1280.jpg", base + "/media/" + id + "-1000x1500/640.gif", base + "/media/" + id + "-1000x1500/640.jpg?x",
		base + "/media/" + id + "-0x1500/320.jpg", base + "/media/" + id + "-9000x1500/320.jpg", base + "/media/" + id + "-99999x99999/320.jpg",
		base + "/media/" + strings.ToUpper(id) + "-1000x1500/640.jpg", base + "/media/../" + id + "-1000x1500/640.jpg", base + "/media/" + id + "-1000x1500/0640.jpg",
	} {
		if got := Variants(base, url); got != nil {
			t.Errorf("%s has %v", url, got)
		}
	}
}

func BenchmarkProcess(b *testing.B) {
	deep := image.NewNRGBA64(image.Rect(0, 0, 8000, 5000))
	for i := 0; i < len(deep.Pix); i += 8 {
		deep.Pix[i], deep.Pix[i+2], deep.Pix[i+6], deep.Pix[i+7] = uint8(i>>6), uint8(i>>12), 0xff, 0xff
	}
	for _, tc := range []struct {
		name string
		b    []byte
	}{
		{"phone, 12 megapixels", asJPEG(b, photo(4032, 3024))},
		{"JPEG, 40 megapixels", asJPEG(b, photo(8000, 5000))},
		{"PNG of 16 bits, 40 megapixels", asPNG(b, deep)},
		{"flyer, 1 megapixel", asPNG(b, photo(1200, 800))},
	} {
		b.Run(tc.name, func(b *testing.B) {
			p := NewProcessor()
			b.ReportAllocs()
			var most, now runtime.MemStats
			stop := make(chan struct{})
			done := make(chan struct{})
			runtime.GC()
			go func() {
				defer close(done)
				for {
					select {
					case <-stop:
						return
					case <-time.After(20 * time.Millisecond):
						if runtime.ReadMemStats(&now); now.HeapInuse > most.HeapInuse {
							most = now
						}
					}
				}
			}()
			for b.Loop() {
				if _, err := p.Process(b.Context(), bytes.NewReader(tc.b)); err != nil {
					b.Fatal(err)
				}
			}
			close(stop)
			<-done
			b.ReportMetric(float64(most.HeapInuse)/1e6, "MB-heap")
		})
	}
}
