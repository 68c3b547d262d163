package pages

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
	"golang.org/x/sync/semaphore"
)

// Pixels of the picture that other websites and messengers show beside a link.
const (
	previewWidth  = 1200
	previewHeight = 630
	previewMargin = 72
)

// previews draws these pictures, two at a time: each takes some milliseconds and three megabytes.
type previews struct {
	bold, regular *sfnt.Font
	turns         *semaphore.Weighted
}

func newPreviews() (previews, error) {
	bold, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return previews{}, err
	}
	regular, err := opentype.Parse(goregular.TTF)
	return previews{bold, regular, semaphore.NewWeighted(2)}, err
}

// previewText is what stands on a picture.
type previewText struct {
	Over, Title string
	Lines       []string
}

// preview answers /vorschau.png with the picture of the region, municipality or provider of the address, or of the whole.
func (s *site) preview(r *request) error {
	q, err := r.find()
	if err != nil {
		return err
	}
	text := previewText{Title: r.tr("Was es bei uns gibt", "What there is around here"), Lines: []string{
		r.tr("Veranstaltungen, Gruppen, Orte, Rathaus,", "Events, groups, places, town halls,"), r.tr("Touren und Ehrenamt, an einer Stelle.", "tours and volunteering, in one place."),
	}}
	scope := q.Scope
	switch {
	case scope.Municipality != nil:
		text.Over, text.Title = r.tr("Gemeinde", "Municipality"), scope.Municipality.Name
	case scope.Region != nil:
		text.Over, text.Title = scope.Region.Label, scope.Region.Name
	case scope.Provider != nil:
		text.Over, text.Title, text.Lines = r.tr("Anbieter", "Provider"), scope.Provider.Name, nil
	}
	return s.drawPreview(r, text)
}

// offeringPreview answers /vorschau/{id}.png with the picture of an offering.
func (s *site) offeringPreview(r *request) error {
	id, ok := strings.CutSuffix(r.part("name"), ".png")
	if !ok {
		return errNotFound
	}
	variables := r.listVariables()
	variables["id"] = id
	var a previewAnswer
	if err := r.ask("preview", variables, &a); err != nil {
		return err
	}
	o := a.Offering
	if o == nil {
		return errNotFound
	}
	text := previewText{Over: r.kind(o.Kind), Title: o.Title}
	if dates := o.Occurrences.Nodes; len(dates) > 0 {
		text.Lines = append(text.Lines, r.when(dates[0].Start, dates[0].End, dates[0].AllDay))
	} else if o.OpeningHours != nil {
		text.Lines = append(text.Lines, o.OpeningHours.Text)
	}
	text.Lines = append(text.Lines, where(o.Place, o.Municipality.Name))
	return s.drawPreview(r, text)
}

func (s *site) drawPreview(r *request, text previewText) error {
	if err := s.previews.turns.Acquire(r.http.Context(), 1); err != nil {
		return err
	}
	defer s.previews.turns.Release(1)
	picture, err := s.previews.draw(text)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, picture); err != nil {
		return err
	}
	h := r.w.Header()
	h.Set("Content-Type", "image/png")
	h.Set("Cache-Control", "public, max-age=3600")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	_, _ = r.w.Write(b.Bytes()) // the client is gone: nobody is left to tell
	return nil
}

// draw makes a picture in the colours of the pages; they are those of umland.css in the light.
func (p previews) draw(text previewText) (image.Image, error) {
	deep, ink, sun := color.RGBA{0x17, 0x4a, 0x33, 0xff}, color.RGBA{0xf4, 0xf1, 0xe6, 0xff}, color.RGBA{0xe6, 0xac, 0x2f, 0xff}
	far, near := color.RGBA{0x2f, 0x66, 0x4a, 0xff}, color.RGBA{0x25, 0x5b, 0x40, 0xff}
	dst := image.NewRGBA(image.Rect(0, 0, previewWidth, previewHeight))
	draw.Draw(dst, dst.Bounds(), image.NewUniform(deep), image.Point{}, draw.Src)
	fill := func(c color.Color, path func(z *vector.Rasterizer)) {
		z := vector.NewRasterizer(previewWidth, previewHeight)
		path(z)
		z.ClosePath()
		z.Draw(dst, dst.Bounds(), image.NewUniform(c), image.Point{})
	}
	fill(sun, func(z *vector.Rasterizer) { circle(z, 1040, 130, 62) })
	fill(far, func(z *vector.Rasterizer) {
		z.MoveTo(0, 590)
		z.CubeTo(220, 450, 420, 490, 640, 565)
		z.CubeTo(820, 620, 980, 470, 1200, 490)
		z.LineTo(1200, 630)
		z.LineTo(0, 630)
	})
	fill(near, func(z *vector.Rasterizer) {
		z.MoveTo(0, 610)
		z.CubeTo(260, 510, 520, 550, 760, 590)
		z.CubeTo(920, 615, 1080, 560, 1200, 545)
		z.LineTo(1200, 630)
		z.LineTo(0, 630)
	})
	write := func(f *sfnt.Font, size float64, c color.Color, x, y int, most, width int, words string) (next int, err error) {
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
		if err != nil {
			return y, err
		}
		defer func() { _ = face.Close() }()
		for _, line := range wrapped(face, drawable(f, words), width, most) {
			d := font.Drawer{Dst: dst, Src: image.NewUniform(c), Face: face, Dot: fixed.P(x, y)}
			d.DrawString(line)
			y += int(size * 1.22)
		}
		return y, nil
	}
	width := previewWidth - 2*previewMargin
	y, err := write(p.bold, 40, ink, previewMargin, 110, 1, width, "Umland")
	if err != nil {
		return nil, err
	}
	y += 46
	if text.Over != "" {
		if y, err = write(p.bold, 34, sun, previewMargin, y, 1, width-240, text.Over); err != nil {
			return nil, err
		}
		y += 30
	} else {
		y += 40
	}
	if y, err = write(p.bold, 62, ink, previewMargin, y, 3, width, text.Title); err != nil {
		return nil, err
	}
	for _, line := range text.Lines {
		if y, err = write(p.regular, 36, ink, previewMargin, y, 1, width, line); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// circle draws one of four curves.
func circle(z *vector.Rasterizer, x, y, radius float32) {
	k := radius * 0.5523
	z.MoveTo(x+radius, y)
	z.CubeTo(x+radius, y+k, x+k, y+radius, x, y+radius)
	z.CubeTo(x-k, y+radius, x-radius, y+k, x-radius, y)
	z.CubeTo(x-radius, y-k, x-k, y-radius, x, y-radius)
	z.CubeTo(x+k, y-radius, x+radius, y-k, x+radius, y)
}

// drawable leaves out what the font has no letter for, and makes one space of several.
func drawable(f *sfnt.Font, text string) string {
	var buf sfnt.Buffer
	kept := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if i, err := f.GlyphIndex(&buf, r); err != nil || i == 0 {
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(kept), " ")
}

// wrapped breaks text into lines of a width at spaces, a longer word wherever it must; what does not fit in the lines ends with an ellipsis.
func wrapped(face font.Face, text string, width, most int) []string {
	fits := func(s string) bool { return font.MeasureString(face, s).Ceil() <= width }
	var lines []string
	line := ""
	for i, word := range strings.Fields(text) {
		switch joint := strings.TrimSpace(line + " " + word); {
		case fits(joint):
			line = joint
			continue
		case len(lines) == most-1 || !fits(word): // no line is left, or none would do
			r := []rune(joint)
			for len(r) > 0 && !fits(string(r)+"…") {
				r = r[:len(r)-1]
			}
			return append(lines, strings.TrimSpace(string(r))+"…")
		case i > 0 && line != "":
			lines = append(lines, line)
		}
		line = word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// picture is one in its size, for links to the page.
type picture struct {
	URL, Alt      string // the address has the origin
	Width, Height int
}

// Picture is what is shown beside a link to the page.
func (v *view) Picture() picture {
	if v.Image != nil {
		return *v.Image
	}
	path := v.Preview
	if path == "" {
		path = v.To("/vorschau.png")
	}
	return picture{v.Origin() + path, v.Title, previewWidth, previewHeight}
}

// previewOf gives the path of the picture of what a parameter names.
func (st *state) previewOf(name, value string) string {
	v := url.Values{name: {value}}
	if lang := st.values.Get("lang"); lang != "" {
		v.Set("lang", lang)
	}
	return address("/vorschau.png", v)
}
