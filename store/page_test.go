package store

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

func TestCursor(t *testing.T) {
	t.Parallel()
	l, other := newList("a", 1), newList("a", 2)
	for _, c := range []cursor{{"", "x"}, {"straße", "0192"}, {strings.Repeat("k", 120), "id"}} {
		got, err := l.decode("after", l.encode(c))
		if err != nil || got != c {
			t.Errorf("%v became %v, %v", c, got, err)
		}
		if _, err := other.decode("after", l.encode(c)); err == nil {
			t.Errorf("%v was taken by another list", c)
		}
	}
}

// Whatever comes as a cursor is taken or refused: nothing else.
func FuzzCursor(f *testing.F) {
	l := newList("offerings")
	f.Add(l.encode(cursor{"apfel", "0192"}))
	f.Add(base64.RawURLEncoding.EncodeToString(append(l[:], "a\xff\x00b"...)))
	f.Add("…")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := l.decode("after", s)
		if err != nil {
			return
		}
		if l.encode(c) != s {
			t.Errorf("%q stands for %v, which is %q", s, c, l.encode(c))
		}
	})
}

func TestMicroTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 10, 25, 2, 30, 0, 123456000, time.UTC)
	if got, ok := parseMicroTime(microTime(at)); !ok || !got.Equal(at) {
		t.Errorf("%v became %v", at, got)
	}
	for _, s := range []string{"", "x", "9223372036854775807", "-9223372036854775808", "1e3"} {
		if got, ok := parseMicroTime(s); ok {
			t.Errorf("%q is %v", s, got)
		}
	}
}
