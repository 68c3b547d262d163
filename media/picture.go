// Package media takes in the images that people upload for their offerings, keeps them and serves them.
//
// What is kept is never what came in: every image is decoded and encoded anew, so that nothing of its metadata (places where it was
// taken, names, thumbnails) and nothing that was hidden in the file remains.
package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bep/imagemeta"
	"golang.org/x/image/webp"
	"golang.org/x/sync/semaphore"

	"umland/ent"
)

// What an image may be.
const (
	MaxBytes  = 20_000_000 // of a file, and of each variant of it
	MaxPixels = 40_000_000
	maxSide   = 12_000
	maxWidth  = 2560 // of the largest variant

	maxFlat = 640 * 640 // pixels up to which what had a palette stays without loss
	quality = 82        // of JPEG
)

// Picture is an image that is fit to be served.
type Picture struct {
	// ID is the SHA-256 of the largest variant's bytes, in hexadecimal, and its width and height: the same upload twice is the
	// same picture.
	ID            string
	Width, Height int    // of the largest variant, in pixels, the right way up
	Files         []File // narrowest first
}

// File is one variant, as it is stored and served.
type File struct {
	Name          string // for a Store, and behind Path + "/" in the URL
	ContentType   string
	Width, Height int
	Bytes         []byte
}

// Processor makes pictures. It bounds what all the images that it works on at the same time take.
type Processor struct {
	bodies *semaphore.Weighted // files that are read or worked on
	pixels *semaphore.Weighted
	wait   time.Duration // for a place among the files
	work   time.Duration // on one
}

// NewProcessor gives one that works on eight files and MaxPixels pixels at the same time, and on none for longer than 30 seconds.
func NewProcessor() *Processor {
	return &Processor{semaphore.NewWeighted(8), semaphore.NewWeighted(MaxPixels), 5 * time.Second, 30 * time.Second}
}

// Process reads an image and makes a picture of it. What it is, is told by its content: JPEG, PNG, GIF (its first frame) and WebP,
// up to MaxBytes, up to MaxPixels and 12,000 pixels a side. It is turned as its Exif orientation says. Colours are taken as sRGB.
// Variants are JPEG, or PNG for what has transparency, and small images with a palette.
//
// The error is an *ent.Error when the image is at fault or too many are being worked on; otherwise it is that of r or of ctx.
func (p *Processor) Process(ctx context.Context, r io.Reader) (*Picture, error) {
	wait, cancel := context.WithTimeout(ctx, p.wait)
	defer cancel()
	if p.bodies.Acquire(wait, 1) != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &ent.Error{Code: codeBusy, Message: "Too many images are being uploaded at the moment. Please try again in a few seconds."}
	}
	defer p.bodies.Release(1)

	b, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading an image: %w", err)
	}
	if len(b) > MaxBytes {
		return nil, tooLarge()
	}
	f, err := sniff(b)
	if err != nil {
		return nil, err
	}
	c, err := f.config(bytes.NewReader(b))
	if err != nil {
		return nil, damaged(f)
	}
	if c.Width < 1 || c.Height < 1 {
		return nil, ent.BadInput("file", "The image has no pixels.")
	}
	if c.Width > maxSide || c.Height > maxSide || c.Width*c.Height > MaxPixels {
		return nil, ent.BadInput("file", "The image has %d × %d pixels; %d a side and %d megapixels in all are the most.",
			c.Width, c.Height, maxSide, MaxPixels/1_000_000)
	}

	weight := int64(max(c.Width*c.Height, MaxPixels/32)) // the smallest take some time, too
	if err := p.pixels.Acquire(ctx, weight); err != nil {
		return nil, err
	}
	defer p.pixels.Release(weight)
	work, cancel := context.WithTimeout(ctx, p.work)
	defer cancel()
	pic, err := decode(work, f, c, b)
	switch {
	case err == nil:
		return pic, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case work.Err() != nil:
		return nil, ent.BadInput("file", "The image takes too long to decode.")
	}
	return nil, err
}

func decode(ctx context.Context, f format, c image.Config, b []byte) (*Picture, error) {
	src, err := f.decode(&contextReader{ctx, bytes.NewReader(b)})
	if err != nil {
		return nil, damaged(f)
	}
	if src.Bounds().Dx() != c.Width || src.Bounds().Dy() != c.Height {
		return nil, damaged(f)
	}
	return picture(ctx, src, f.orientation(b))
}

// picture makes the variants of an image that stands in the file in the given Exif orientation.
func picture(ctx context.Context, src image.Image, orientation int) (*Picture, error) {
	stored := src.Bounds().Size()
	upright := stored
	if orientation >= 5 {
		upright = image.Pt(stored.Y, stored.X)
	}
	target := size{upright.X, upright.Y}
	if upright.X > maxWidth {
		target = scaled(upright.X, upright.Y, maxWidth)
	}
	if orientation >= 5 {
		stored = image.Pt(target.height, target.width)
	} else {
		stored = image.Pt(target.width, target.height)
	}
	largest, err := resize(ctx, src, stored.X, stored.Y)
	if err != nil {
		return nil, err
	}
	largest = orient(largest, orientation)

	n := name{width: target.width, height: target.height, ext: "jpg"}
	_, palette := src.(*image.Paletted)
	if !largest.Opaque() || palette && target.width*target.height <= maxFlat {
		n.ext = "png"
	}
	pic := &Picture{Width: target.width, Height: target.height}
	for _, s := range slices.Backward(sizes(target.width, target.height)) { // what is too large is so at once
		m := largest
		if s.width < target.width {
			if m, err = resize(ctx, largest, s.width, s.height); err != nil {
				return nil, err
			}
		}
		b := &bounded{}
		if n.ext == "png" {
			err = png.Encode(b, m)
		} else {
			err = jpeg.Encode(b, m, &jpeg.Options{Quality: quality})
		}
		switch {
		case errors.Is(err, errFull):
			return nil, ent.BadInput("file", "The image has so much detail that it would take more than %d MB when shown; make it smaller or leave out transparency.", MaxBytes/1_000_000)
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		pic.Files = append(pic.Files, File{ContentType: contentType(n.ext), Width: s.width, Height: s.height, Bytes: b.Bytes()})
	}
	slices.Reverse(pic.Files)
	sum := sha256.Sum256(pic.Files[len(pic.Files)-1].Bytes)
	n.hash = hex.EncodeToString(sum[:])
	for i := range pic.Files {
		n.of = pic.Files[i].Width
		pic.Files[i].Name = n.String()
	}
	pic.ID, _, _ = strings.Cut(n.String(), "/")
	return pic, nil
}

// format is a type of file that is taken.
type format struct {
	name   string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	exif   imagemeta.ImageFormat // 0 where there is none
}

// sniff tells the type by the content.
func sniff(b []byte) (format, error) {
	starts := func(s string) bool { return bytes.HasPrefix(b, []byte(s)) }
	head := b[:min(len(b), 4096)]
	brand := ""
	if len(b) >= 12 && string(b[4:8]) == "ftyp" {
		brand = string(b[8:12])
	}
	kind := ""
	switch content, _, _ := strings.Cut(http.DetectContentType(b), ";"); {
	case starts("\xff\xd8\xff"):
		return format{"JPEG", jpeg.DecodeConfig, jpeg.Decode, imagemeta.JPEG}, nil
	case starts("\x89PNG\r\n\x1a\n"):
		return format{"PNG", png.DecodeConfig, png.Decode, imagemeta.PNG}, nil
	case starts("GIF87a"), starts("GIF89a"):
		return format{"GIF", gif.DecodeConfig, firstFrame, 0}, nil
	case starts("RIFF") && len(b) > 20 && string(b[8:12]) == "WEBP":
		if string(b[12:16]) == "VP8X" && b[20]&2 != 0 {
			kind = "an animated WebP"
			break
		}
		return format{"WebP", webp.DecodeConfig, webp.Decode, imagemeta.WebP}, nil
	case len(b) == 0:
		return format{}, ent.BadInput("file", "The file is empty.")
	case bytes.Contains(bytes.ToLower(head), []byte("<svg")):
		kind = "an SVG drawing"
	case content == "text/html":
		kind = "an HTML page"
	case content == "text/xml":
		kind = "an XML document"
	case content == "text/plain":
		kind = "a text"
	case content == "application/pdf":
		kind = "a PDF document"
	case content == "application/zip":
		kind = "a ZIP archive or an office document"
	case content == "image/bmp":
		kind = "a BMP image"
	case starts("II*\x00"), starts("MM\x00*"):
		kind = "a TIFF or raw image"
	case strings.HasPrefix(brand, "hei"), strings.HasPrefix(brand, "hev"), brand == "mif1", brand == "msf1":
		kind = "a HEIC image"
	case strings.HasPrefix(brand, "avi"):
		kind = "an AVIF image"
	case strings.HasPrefix(content, "video/"), strings.HasPrefix(content, "audio/"):
		kind = "a video or a sound"
	default:
		kind = "of a type that is not known"
	}
	return format{}, &ent.Error{Code: codeType, Field: "file", Message: "The file is " + kind + "; images are taken as JPEG, PNG, GIF or WebP."}
}

// firstFrame decodes a GIF to what it shows first.
func firstFrame(r io.Reader) (image.Image, error) {
	var head bytes.Buffer
	c, err := gif.DecodeConfig(io.TeeReader(r, &head))
	if err != nil {
		return nil, err
	}
	m, err := gif.Decode(io.MultiReader(&head, r))
	if err != nil {
		return nil, err
	}
	screen := image.Rect(0, 0, c.Width, c.Height)
	if m.Bounds() == screen {
		return m, nil
	}
	return onCanvas(m, screen), nil
}

// orientation is that of the Exif data, 1 to 8; 1 (upright) when there is none that can be read.
func (f format) orientation(b []byte) int {
	found := 1
	if f.exif == 0 {
		return found
	}
	// Metadata that cannot be read is no reason to refuse an image that can.
	_, _ = imagemeta.Decode(imagemeta.Options{
		R:               bytes.NewReader(b),
		ImageFormat:     f.exif,
		Sources:         imagemeta.EXIF,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return t.Namespace == "IFD0" && t.Tag == "Orientation" },
		HandleTag: func(t imagemeta.TagInfo) error {
			if n, ok := t.Value.(uint16); ok && n >= 1 && n <= 8 {
				found = int(n)
			}
			return imagemeta.ErrStopWalking
		},
		Timeout: time.Second,
	})
	return found
}

func damaged(f format) *ent.Error {
	return ent.BadInput("file", "The %s image cannot be read: it is damaged or cut off.", f.name)
}

func tooLarge() *ent.Error {
	return &ent.Error{Code: codeLimit, Field: "file", Message: fmt.Sprintf("The file has more than %d MB, which are the most.", MaxBytes/1_000_000)}
}

// contextReader ends a decoder that takes too long: a file of 20 MB can hold scans over all its pixels that take hours.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b[:min(len(b), math.MaxUint16)])
}

var errFull = errors.New("full")

// bounded is a buffer of up to MaxBytes.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > MaxBytes {
		return 0, errFull
	}
	return b.Buffer.Write(p)
}
