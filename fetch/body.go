package fetch

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Stats is what an exchange has taken so far. After the end of the body it is the whole.
type Stats struct {
	Wire   int64         // bytes of the body as they came
	Bytes  int64         // bytes of the body, inflated
	SHA256 string        // of these, in hex
	Wait   time.Duration // for robots.txt and for its turn at each host
	Header time.Duration // from dialling to the header of the last response, redirects included
	Total  time.Duration // from the call of Do to the end of the body, or until now
}

// Body is the body of a response, streamed, inflated and within its bounds. It is not safe for concurrent use.
type Body struct {
	ctx  context.Context
	url  *url.URL
	raw  io.Closer
	wire *bounded
	in   *bounded
	sum  hash.Hash
	now  func() time.Time
	end  func()
	err  error // of the last Read

	began, ended time.Time
	stats        Stats
}

func newBody(ctx context.Context, u *url.URL, res *http.Response, limit int64, now func() time.Time, end func()) *Body {
	wire := &bounded{r: res.Body, max: limit}
	return &Body{ctx: ctx, url: u, raw: res.Body, wire: wire, in: &bounded{r: wire, max: limit}, sum: sha256.New(), now: now, end: end}
}

// open gets the body ready to be read: what is known to be too large is refused, what is deflated will be inflated.
func (b *Body) open(res *http.Response) error {
	if res.ContentLength > b.wire.max {
		return b.fail(errTooLarge{b.wire.max})
	}
	coding := strings.ToLower(strings.TrimSpace(strings.Join(res.Header.Values("Content-Encoding"), ",")))
	if coding == "" || coding == "identity" {
		return nil
	}
	r := bufio.NewReader(b.wire)
	start, err := r.Peek(2)
	if len(start) == 0 && err == io.EOF { // a coding of nothing is nothing, as with 204
		return nil
	}
	if err != nil {
		return b.fail(err)
	}
	switch coding {
	case "gzip", "x-gzip":
		b.in.r, err = gzip.NewReader(r)
	case "deflate": // by RFC 9110 with the frame of zlib, by custom of some servers without
		if start[0]&0x0f == 8 && (int(start[0])<<8|int(start[1]))%31 == 0 {
			b.in.r, err = zlib.NewReader(r)
		} else {
			b.in.r = flate.NewReader(r)
		}
	default: // codings upon codings too: nobody needs them but bombs
		err = fmt.Errorf("%w: %.100q", errCoding, coding)
	}
	if err != nil {
		return b.fail(err)
	}
	return nil
}

// Read gives the next bytes of the body.
func (b *Body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.in.Read(p)
	b.sum.Write(p[:n])
	if err == io.EOF {
		b.err = io.EOF
		b.finish()
	} else if err != nil {
		b.err = b.fail(err)
		b.finish()
	}
	return n, b.err
}

// Close ends the exchange, whether or not the body was read to its end.
func (b *Body) Close() error {
	b.finish()
	if b.err == nil {
		b.err = http.ErrBodyReadAfterClose
	}
	return nil
}

// Stats tells what the exchange has taken.
func (b *Body) Stats() Stats {
	s := b.stats
	s.Wire, s.Bytes, s.SHA256 = b.wire.n, b.in.n, hex.EncodeToString(b.sum.Sum(nil))
	end := b.ended
	if end.IsZero() {
		end = b.now()
	}
	s.Total = end.Sub(b.began)
	return s
}

func (b *Body) finish() {
	if b.ended.IsZero() {
		b.ended = b.now()
		b.raw.Close()
		b.end()
	}
}

func (b *Body) fail(err error) error { return fault(b.ctx, b.url, err) }

// bounded reads up to max bytes and then fails, unless r has ended. It counts what it has given.
type bounded struct {
	r      io.Reader
	n, max int64
	over   bool
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.over {
		return 0, errTooLarge{b.max}
	}
	if left := b.max - b.n; int64(len(p)) > left+1 {
		p = p[:left+1]
	}
	n, err := b.r.Read(p)
	if b.n+int64(n) > b.max {
		b.over = true
		n, err = int(b.max-b.n), errTooLarge{b.max}
	}
	b.n += int64(n)
	return n, err
}
