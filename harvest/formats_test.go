package harvest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// Every format gives back what ends the run, says when a body was not to be read to its end, and ends when the run does.
func TestFormatsEnd(t *testing.T) {
	t.Parallel()
	errEnd, errBody := errors.New("the run ends"), errors.New("der Körper ist zu groß")
	for _, c := range []struct {
		format Format
		file   string
		posts  bool // it does not read the body
	}{
		{CSV{}, "csv/veranstaltungen.csv", false}, {GeoJSON{}, "geojson/osm.geojson", false}, {HSDS{}, "hsds/list.json", false}, {XZuFi{}, "xzufi/leistungen.xml", false},
		{SVA{}, "sva/export.json", false}, {SVA{}, "sva/export.xml", false}, {SVA{}, "sva/answer.json", true}, {LinkedEvents{}, "linkedevents/events.json", false},
		{Umland{}, "umland/changes.json", true},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile("testdata/" + c.file)
			if err != nil {
				t.Fatal(err)
			}
			read := func(ctx context.Context, body io.Reader, change func(*Feed)) error {
				feed := fixtureFeed(body, "https://example.org/feed", nil, &fixtureResult{})
				feed.Get = func(context.Context, Request) (*Response, error) {
					return &Response{URL: feed.URL, Body: io.NopCloser(bytes.NewReader(raw))}, nil
				}
				change(feed)
				return c.format.Read(ctx, feed)
			}
			body := func() io.Reader {
				if c.posts {
					return nil
				}
				return bytes.NewReader(raw)
			}
			if err := read(context.Background(), body(), func(*Feed) {}); err != nil {
				t.Errorf("reads %v", err)
			}
			if err := read(context.Background(), body(), func(f *Feed) { f.Emit = func(*Record) error { return errEnd } }); err != errEnd {
				t.Errorf("Emit ends with %v", err)
			}
			if err := read(context.Background(), body(), func(f *Feed) { f.Refuse = func(Refusal) error { return errEnd } }); err != errEnd {
				t.Errorf("Refuse ends with %v", err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			if err := read(ctx, body(), func(*Feed) {}); !errors.Is(err, context.Canceled) {
				t.Errorf("a cancelled run ends with %v", err)
			}
			if c.posts {
				err := read(context.Background(), nil, func(f *Feed) { f.Get = func(context.Context, Request) (*Response, error) { return nil, errBody } })
				if !errors.Is(err, errBody) || !strings.HasPrefix(err.Error(), "Die Quelle antwortet nicht") {
					t.Errorf("no answer: %v", err)
				}
				return
			}
			err = read(context.Background(), io.MultiReader(bytes.NewReader(raw[:len(raw)-20]), iotest.ErrReader(errBody)), func(*Feed) {})
			if !errors.Is(err, errBody) || !strings.HasPrefix(err.Error(), "Die Quelle war nicht zu Ende zu lesen") {
				t.Errorf("a broken body: %v", err)
			}
			long := io.MultiReader(bytes.NewReader(raw[:len(raw)-20]), strings.NewReader(strings.Repeat(" ", valueHead)), iotest.ErrReader(errBody))
			if err := read(context.Background(), long, func(*Feed) {}); !errors.Is(err, errBody) {
				t.Errorf("a long broken body: %v", err)
			}
		})
	}
}

// What was read is given on while the rest has not come yet.
func TestFormatsStream(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		format           Format
		head, item, tail string
	}{
		{CSV{}, "Titel;Beginn\n", "Fest %;12.05.2026\n", ""},
		{GeoJSON{}, `{"type":"FeatureCollection","features":[{"properties":{"name":"x"}}`, `,{"type":"Feature","properties":{"name":"Ort %"},"geometry":null}`, "]}"},
		{HSDS{}, `[{"id":"x","name":"x","phones":[]}`, `,{"id":"%","name":"Dienst","phones":[]}`, "]"},
		{LinkedEvents{}, `{"data":[{"id":"x","name":{"de":"x"}}`, `,{"id":"%","name":{"de":"Fest"}}`, "]}"},
		{SVA{}, `{"point_of_interests":[{"id":"x","name":"x"}`, `,{"id":"%","name":"Ort"}`, "]}"},
	} {
		t.Run(c.format.Name(), func(t *testing.T) {
			t.Parallel()
			r, w := io.Pipe()
			feed := fixtureFeed(r, "https://example.org/feed", nil, &fixtureResult{})
			emitted := make(chan struct{}, 100_000)
			feed.Emit = func(*Record) error { emitted <- struct{}{}; return nil }
			done := make(chan error, 1)
			go func() { done <- c.format.Read(context.Background(), feed) }()
			var first bytes.Buffer
			first.WriteString(c.head)
			for i := 0; first.Len() < 3*valueHead; i++ {
				first.WriteString(strings.ReplaceAll(c.item, "%", strconv.Itoa(i)))
			}
			if _, err := w.Write(first.Bytes()); err != nil {
				t.Fatal(err)
			}
			select {
			case <-emitted:
			case err := <-done:
				t.Fatalf("ended with %v", err)
			case <-time.After(20 * time.Second):
				t.Fatal("waits for the end")
			}
			if _, err := io.WriteString(w, c.tail); err != nil {
				t.Fatal(err)
			}
			_ = w.Close()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

// No format panics, hangs or breaks its promises, whatever comes.
func TestMutations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		format  Format
		options map[string]string
		files   []string
	}{
		{CSV{}, nil, []string{"veranstaltungen.csv", "orte.csv", "utf16.csv"}}, {GeoJSON{}, nil, []string{"osm.geojson", "markt.geojson", "list.geojson"}},
		{HSDS{}, nil, []string{"list.json"}}, {LinkedEvents{}, nil, []string{"events.json"}}, {SVA{}, nil, []string{"export.json", "export.xml"}},
		{SVA{}, map[string]string{"types": "eventRecords"}, []string{"answer.json"}}, {Umland{}, nil, []string{"changes.json"}}, {XZuFi{}, nil, []string{"leistungen.xml"}},
	} {
		for _, file := range c.files {
			t.Run(file, func(t *testing.T) {
				t.Parallel()
				body, err := os.ReadFile(filepath.Join("testdata", c.format.Name(), file))
				if err != nil {
					t.Fatal(err)
				}
				fixtureMutations(t, c.format, body, c.options)
			})
		}
	}
}
