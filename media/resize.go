package media

import (
	"context"
	"encoding/binary"
	"image"

	"golang.org/x/image/draw"
)

// strip is how many rows or columns are scaled at once. The scaler keeps 32 bytes for each row of the source and column of the target,
// which for a whole photograph would be hundreds of megabytes.
const strip = 64

// resize scales an image to width × height: first its columns, then its rows, strip by strip. Across a strip nothing is scaled, and a
// Catmull-Rom kernel leaves alone what it does not scale.
func resize(ctx context.Context, src image.Image, width, height int) (*image.RGBA, error) {
	from := src.Bounds()
	if from.Dx() == width && from.Dy() == height {
		return onCanvas(src, from), nil
	}
	narrow := image.NewRGBA(image.Rect(0, 0, width, from.Dy()))
	scaler := draw.CatmullRom.NewScaler(width, strip, from.Dx(), strip)
	for y := 0; y < from.Dy(); y += strip {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		end := min(y+strip, from.Dy())
		scaler.Scale(narrow, image.Rect(0, y, width, end), src, image.Rect(from.Min.X, from.Min.Y+y, from.Max.X, from.Min.Y+end), draw.Src, nil)
	}
	dst := image.NewRGBA(image.Rect(0, 0, width, height))
	scaler = draw.CatmullRom.NewScaler(strip, height, strip, from.Dy())
	for x := 0; x < width; x += strip {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		end := min(x+strip, width)
		scaler.Scale(dst, image.Rect(x, 0, end, height), narrow, image.Rect(x, 0, end, from.Dy()), draw.Src, nil)
	}
	return dst, nil
}

// onCanvas draws an image where it stands in a canvas that is transparent elsewhere.
func onCanvas(m image.Image, canvas image.Rectangle) *image.RGBA {
	dst := image.NewRGBA(image.Rect(0, 0, canvas.Dx(), canvas.Dy()))
	draw.Draw(dst, m.Bounds().Sub(canvas.Min), m, m.Bounds().Min, draw.Src)
	return dst
}

// orient turns and mirrors an image upright from the orientation that Exif (JEITA CP-3451) gives it, 1 to 8.
func orient(src *image.RGBA, orientation int) *image.RGBA {
	if orientation == 1 {
		return src
	}
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		dst = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range dst.Rect.Dy() {
		for x := range dst.Rect.Dx() {
			var fromX, fromY int
			switch orientation {
			case 2:
				fromX, fromY = w-1-x, y
			case 3:
				fromX, fromY = w-1-x, h-1-y
			case 4:
				fromX, fromY = x, h-1-y
			case 5:
				fromX, fromY = y, x
			case 6:
				fromX, fromY = y, h-1-x
			case 7:
				fromX, fromY = w-1-y, h-1-x
			case 8:
				fromX, fromY = w-1-y, x
			}
			binary.NativeEndian.PutUint32(dst.Pix[y*dst.Stride+4*x:], binary.NativeEndian.Uint32(src.Pix[fromY*src.Stride+4*fromX:]))
		}
	}
	return dst
}
