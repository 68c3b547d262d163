package harvest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"umland/ent"
)

// fixtureNow is the instant of all runs in tests.
var fixtureNow = time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)

// fixtureResult is what a format made of a feed.
type fixtureResult struct {
	Records  []*Record `json:"records"`
	Refusals []Refusal `json:"refusals,omitempty"`
	Error    string    `json:"error,omitempty"`
}

// fixtureFeed is a feed with this body; Get goes to where its addresses lead.
func fixtureFeed(body io.Reader, address string, options map[string]string, into *fixtureResult) *Feed {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return &Feed{
		URL: u, Body: body, Now: fixtureNow, Zone: ent.Berlin, Options: options,
		Get: func(ctx context.Context, req Request) (*Response, error) {
			method, payload := http.MethodGet, io.Reader(nil)
			if req.Body != nil {
				method, payload = http.MethodPost, bytes.NewReader(req.Body)
			}
			r, err := http.NewRequestWithContext(ctx, method, req.URL, payload)
			if err != nil {
				return nil, err
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				return nil, err
			}
			if answer.StatusCode != http.StatusOK {
				_ = answer.Body.Close()
				return nil, fmt.Errorf("Antwort %d", answer.StatusCode)
			}
			return &Response{URL: answer.Request.URL, ContentType: answer.Header.Get("Content-Type"), Body: answer.Body}, nil
		},
		Emit:   func(r *Record) error { into.Records = append(into.Records, r); return nil },
		Refuse: func(r Refusal) error { into.Refusals = append(into.Refusals, r); return nil },
	}
}

// fixtureRead reads a body with the format and holds it to what every format promises.
func fixtureRead(t *testing.T, format Format, body io.Reader, address string, options map[string]string) *fixtureResult {
	t.Helper()
	result := &fixtureResult{}
	if err := format.Read(context.Background(), fixtureFeed(body, address, options, result)); err != nil {
		result.Error = err.Error()
	}
	fixtureCheck(t, result)
	return result
}

// fixtureCheck holds records to the promises of the package.
func fixtureCheck(t *testing.T, result *fixtureResult) {
	t.Helper()
	keys := map[string]bool{}
	for _, r := range result.Records {
		switch {
		case r.Key == "" || r.Item == "" || len(r.Raw) == 0:
			t.Errorf("%+v has no key, item or raw payload", r)
		case keys[r.Key]:
			t.Errorf("key %q twice", r.Key)
		case r.Title == "" && !r.Deleted:
			t.Errorf("%s has no title", r.Item)
		case !json.Valid(r.Raw):
			t.Errorf("%s: raw payload is no JSON: %.200s", r.Item, r.Raw)
		}
		keys[r.Key] = true
		if r.Schedule != nil {
			if problems := r.Schedule.Validate(); len(problems) > 0 {
				t.Errorf("%s: schedule %v", r.Item, problems)
			}
		}
		if r.Hours != "" && valueHours(r.Hours) == "" {
			t.Errorf("%s: hours %q", r.Item, r.Hours)
		}
		if p := r.Place; p != nil && p.Latitude != nil && (*p.Latitude < -90 || *p.Latitude > 90 || *p.Longitude < -180 || *p.Longitude > 180) {
			t.Errorf("%s: at %v %v", r.Item, *p.Latitude, *p.Longitude)
		}
	}
	for _, r := range result.Refusals {
		if r.Item == "" || r.Message == "" {
			t.Errorf("refusal %+v says nothing", r)
		}
	}
}

// fixtureGolden compares with a file of what is expected; UPDATE_GOLDEN=1 writes it.
func fixtureGolden(t *testing.T, path string, result *fixtureResult) {
	t.Helper()
	for _, r := range result.Records {
		r.Raw = nil
	}
	var got bytes.Buffer
	enc := json.NewEncoder(&got)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(fixtureTrim(t, result)); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		g, w := strings.Split(got.String(), "\n"), strings.Split(string(want), "\n")
		for i := range g {
			if i >= len(w) || g[i] != w[i] {
				t.Fatalf("%s line %d:\n got %s\nwant %s", path, i+1, g[i], strings.Join(w[min(i, len(w)):min(i+1, len(w))], ""))
			}
		}
		t.Fatalf("%s goes on", path)
	}
}

// fixtureTrim leaves out what is empty, so that a golden file shows what there is.
func fixtureTrim(t *testing.T, result *fixtureResult) any {
	t.Helper()
	raw, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	var trim func(any) any
	trim = func(v any) any {
		switch x := v.(type) {
		case map[string]any:
			for key, value := range x {
				if value = trim(value); value == nil || value == "" || value == false {
					delete(x, key)
				} else {
					x[key] = value
				}
			}
			if len(x) == 0 {
				return nil
			}
		case []any:
			for i := range x {
				x[i] = trim(x[i])
			}
			if len(x) == 0 {
				return nil
			}
		}
		return v
	}
	return trim(v)
}

// fixtureFiles runs a format over its own fixtures, those files in its folder that have a golden file beside them.
func fixtureFiles(t *testing.T, format Format) {
	t.Helper()
	goldens, err := filepath.Glob(filepath.Join("testdata", format.Name(), "*.golden.json"))
	if err != nil || len(goldens) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, golden := range goldens {
		name := strings.TrimSuffix(golden, ".golden.json")
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var options map[string]string
			if raw, err := os.ReadFile(name + ".options"); err == nil {
				if err := json.Unmarshal(raw, &options); err != nil {
					t.Fatal(err)
				}
			}
			fixtureGolden(t, golden, fixtureRead(t, format, bytes.NewReader(body), "https://example.org/feed", options))
		})
	}
}

// fixtureShared gives the bytes of a file of the shared data, nil when this checkout has none.
func fixtureShared(t testing.TB, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "shared", "data", "feeds", filepath.FromSlash(path)))
	if errors.Is(err, os.ErrNotExist) {
		t.Logf("no shared data here: %s", path)
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// fixtureMutations reads prefixes of a body, and bodies with bits flipped, pieces taken away, doubled or put elsewhere: the same ones each time. No
// format may panic, hang, or break its promises, whatever comes.
func fixtureMutations(t *testing.T, format Format, body []byte, options map[string]string) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, uint64(len(body))))
	const variants = 400
	for i := range variants {
		mutant := slices.Clone(body)
		if i%4 == 0 {
			mutant = mutant[:len(mutant)*i/variants]
		} else {
			for range 1 + random.IntN(8) {
				if len(mutant) < 2 {
					break
				}
				at := random.IntN(len(mutant))
				end := min(len(mutant), at+1+random.IntN(40))
				switch random.IntN(5) {
				case 0, 1:
					mutant[at] ^= 1 << random.IntN(8)
				case 2:
					mutant = slices.Delete(mutant, at, end)
				case 3:
					mutant = slices.Insert(mutant, random.IntN(len(mutant)), slices.Clone(mutant[at:end])...)
				case 4:
					mutant[at] = "\"{}[]<>&;,\n\x00\xff0-9:"[random.IntN(17)]
				}
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		result := &fixtureResult{}
		feed := fixtureFeed(bytes.NewReader(mutant), "https://example.org/feed", options, result)
		feed.Get = func(context.Context, Request) (*Response, error) {
			return &Response{URL: feed.URL, Body: io.NopCloser(bytes.NewReader(mutant))}, nil
		}
		err := format.Read(ctx, feed)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("variant %d takes too long", i)
		}
		fixtureCheck(t, result)
		if t.Failed() {
			t.Fatalf("variant %d", i)
		}
	}
}
