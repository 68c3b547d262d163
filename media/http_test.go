package media

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"umland/ent"
)

// site is a server with both handlers over a directory, and another from which images are fetched.
type site struct {
	*httptest.Server
	upload *Upload
	dir    string
	failed atomic.Int64
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{dir: filepath.Join(t.TempDir(), "media")}
	store, err := OpenDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	s.upload = &Upload{
		Store:     store,
		Processor: patient(),
		Authorize: func(r *http.Request) error {
			switch r.Header.Get("Authorization") {
			case "":
				return &ent.Error{Code: ent.CodeUnauthenticated, Message: "A key is needed."}
			case "Bearer reader":
				return &ent.Error{Code: ent.CodeForbidden, Message: "This key may not upload."}
			case "Bearer broken":
				return errors.New("the keys cannot be read: password=secret")
			}
			return nil
		},
		Fetch: func(ctx context.Context, url string) (io.ReadCloser, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
			if err != nil {
				return nil, err
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return nil, err
			}
			if resp.StatusCode != http.StatusOK {
				_ = resp.Body.Close()
				return nil, &ent.Error{Code: ent.CodeBadInput, Field: "url", Message: "Answers " + resp.Status + "."}
			}
			return resp.Body, nil
		},
		Failed: func(context.Context, error) { s.failed.Add(1) },
	}
	mux := http.NewServeMux()
	mux.Handle(Path, s.upload)
	mux.Handle(Path+"/", Serve(store, s.upload.Failed))
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	s.upload.Base = s.URL
	return s
}

// stored counts the files.
func (s *site) stored(t *testing.T) int {
	n := 0
	if err := fs.WalkDir(os.DirFS(s.dir), ".", func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	return n
}

type part struct{ name, contentType, content string }

func form(t *testing.T, parts ...part) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		h := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename="../../bild.php"`, p.name)}}
		if p.contentType != "" {
			h.Set("Content-Type", p.contentType)
		}
		f, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, p.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.Bytes()
}

func (s *site) post(t *testing.T, key, contentType string, body io.Reader) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+Path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

func (s *site) get(t *testing.T, method, url string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

func TestUploadAndServe(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	contentType, body := form(t,
		part{"alt", "", " Drei Kinder am Grillplatz in Wüstewaltersdorf "},
		part{"file", "application/x-php", string(withExif(asJPEG(t, quarters(1500, 90)), 1))},
		part{"credit", "", "Foto: Verein Dorfleben"},
		part{"licence", "", "CC-BY-4.0"},
	)
	resp, text := s.post(t, "writer", contentType, bytes.NewReader(body))
	var made uploaded
	if err := json.Unmarshal([]byte(text), &made); err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("%s: %s", resp.Status, text)
	}
	if made.Width != 1500 || made.Height != 90 || len(made.Variants) != 4 || !strings.HasSuffix(made.URL, "-1500x90/1280.jpg") ||
		*made.Alt != "Drei Kinder am Grillplatz in Wüstewaltersdorf" || *made.Credit != "Foto: Verein Dorfleben" || *made.Licence != "CC-BY-4.0" || len(made.Warnings) != 0 {
		t.Errorf("%s", text)
	}
	if resp.Header.Get("Location") != made.URL || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%v", resp.Header)
	}
	if got := Variants(s.URL, made.URL); fmt.Sprint(got) != fmt.Sprint(made.Variants) {
		t.Errorf("the variants of %s are %v, not %v", made.URL, got, made.Variants)
	}
	_, again := s.post(t, "writer", contentType, bytes.NewReader(body))
	if again != text || s.stored(t) != 4 {
		t.Errorf("once more it is %s; %d files", again, s.stored(t))
	}

	for _, v := range made.Variants {
		resp, body := s.get(t, http.MethodGet, v.URL)
		for k, want := range map[string]string{
			"Content-Type": "image/jpeg", "Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "default-src 'none'", "Content-Length": fmt.Sprint(len(body)), "Access-Control-Allow-Origin": "*",
		} {
			if got := resp.Header.Get(k); got != want {
				t.Errorf("%s has %s: %s", v.URL, k, got)
			}
		}
		if resp.StatusCode != http.StatusOK || http.DetectContentType([]byte(body)) != "image/jpeg" {
			t.Errorf("%s: %s", v.URL, resp.Status)
		}
		etag := resp.Header.Get("ETag")
		if resp, body := s.get(t, http.MethodGet, v.URL, "If-None-Match", `W/"x", `+etag); etag == "" || resp.StatusCode != http.StatusNotModified || body != "" || resp.Header.Get("ETag") != etag {
			t.Errorf("with %q: %s", etag, resp.Status)
		}
		if resp, _ := s.get(t, http.MethodGet, v.URL, "If-None-Match", `"x"`); resp.StatusCode != http.StatusOK {
			t.Errorf("with another ETag: %s", resp.Status)
		}
		if resp, none := s.get(t, http.MethodHead, v.URL); resp.StatusCode != http.StatusOK || none != "" || resp.ContentLength != int64(len(body)) {
			t.Errorf("HEAD: %s", resp.Status)
		}
		if resp, some := s.get(t, http.MethodGet, v.URL, "Range", "bytes=0-9"); resp.StatusCode != http.StatusPartialContent || some != body[:10] {
			t.Errorf("a part: %s", resp.Status)
		}
	}
	name := strings.TrimPrefix(made.URL, s.URL+Path+"/")
	for _, path := range []string{"/media/", "/media/x", "/media/" + strings.Replace(name, "1280", "1281", 1), "/media/" + strings.Replace(name, "jpg", "png", 1),
		"/media/" + strings.Repeat("0", 64) + "-1500x90/1280.jpg", "/media/unfinished", "/media/" + name[:2] + "/" + name, "/media/" + name + "/", "/media/" + name + "%00", "/media/..%2f..%2fetc%2fpasswd"} {
		if resp, body := s.get(t, http.MethodGet, s.URL+path); resp.StatusCode != http.StatusNotFound || !strings.Contains(body, `"errors"`) || resp.Header.Get("Cache-Control") != "" {
			t.Errorf("%s: %s %s", path, resp.Status, body)
		}
	}
	if resp, _ := s.get(t, http.MethodDelete, made.URL); resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("DELETE: %s", resp.Status)
	}
	if n := s.failed.Load(); n != 0 {
		t.Errorf("%d faults of ours", n)
	}
}

func TestUploadRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	file := part{"file", "image/jpeg", string(asJPEG(t, quarters(60, 40)))}
	of := func(parts ...part) func(*testing.T) (string, []byte) {
		return func(t *testing.T) (string, []byte) { return form(t, parts...) }
	}
	raw := func(contentType, body string) func(*testing.T) (string, []byte) {
		return func(*testing.T) (string, []byte) { return contentType, []byte(body) }
	}
	for name, tc := range map[string]struct {
		key     string
		request func(*testing.T) (string, []byte)
		status  int
		code    ent.Code
		message string
	}{
		"no key":               {"", of(file), 401, ent.CodeUnauthenticated, "A key is needed."},
		"no key, large":        {"", of(part{"file", "", strings.Repeat("x", 5_000_000)}), 401, ent.CodeUnauthenticated, "A key is needed."},
		"a key for reading":    {"reader", of(file), 403, ent.CodeForbidden, "This key may not upload."},
		"keys out of order":    {"broken", of(file), 500, ent.CodeInternal, "Something went wrong on our side."},
		"an SVG as a JPEG":     {"writer", of(part{"file", "image/jpeg", "<svg onload='alert(1)'/>"}), 415, codeType, "file: The file is an SVG"},
		"too many pixels":      {"writer", of(part{"file", "image/png", string(pngOf(40_000, 40_000, nil, nil))}), 422, ent.CodeBadInput, "file: The image has 40000 × 40000"},
		"cut off":              {"writer", of(part{"file", "image/jpeg", file.content[:300]}), 422, ent.CodeBadInput, "file: The JPEG image cannot be read"},
		"21 MB":                {"writer", of(part{"file", "image/jpeg", file.content + strings.Repeat("x", 21_000_000)}), 413, codeLimit, "file: The file has more than 20 MB"},
		"21 MB of form":        {"writer", raw("multipart/form-data; boundary=x", strings.Repeat("x", 21_000_000)), 400, codeBadRequest, "The form"},
		"no file":              {"writer", of(part{"alt", "", "Ein Bild"}), 400, codeBadRequest, "file: Is missing"},
		"an empty form":        {"writer", raw("multipart/form-data; boundary=x", "--x--\r\n"), 400, codeBadRequest, "file: Is missing"},
		"an empty file":        {"writer", of(part{"file", "", ""}), 422, ent.CodeBadInput, "file: The file is empty."},
		"two files":            {"writer", of(file, file), 400, codeBadRequest, "file: Comes twice."},
		"two alts":             {"writer", of(part{"alt", "", "a"}, part{"alt", "", "b"}, file), 400, codeBadRequest, "alt: Comes twice."},
		"another part":         {"writer", of(file, part{"name", "", "x"}), 400, codeBadRequest, "none of file, alt, credit and licence"},
		"a long alt":           {"writer", of(file, part{"alt", "", strings.Repeat("ä", 1001)}), 422, ent.CodeBadInput, "alt: Has 1001 characters"},
		"an endless alt":       {"writer", of(file, part{"alt", "", strings.Repeat("x", 100_000)}), 422, ent.CodeBadInput, "alt: Has more than 8192 bytes"},
		"an alt in Latin 1":    {"writer", of(file, part{"alt", "", "B\xe4ume"}), 422, ent.CodeBadInput, "alt: Is not text"},
		"NUL":                  {"writer", of(file, part{"credit", "", "a\x00b"}), 422, ent.CodeBadInput, "credit: Is not text"},
		"no licence":           {"writer", of(file, part{"licence", "", "frei nutzbar!"}), 422, ent.CodeBadInput, "licence: Must be an SPDX id"},
		"a form cut off":       {"writer", raw("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nGIF89a"), 400, codeBadRequest, "cut off"},
		"no boundary":          {"writer", raw("multipart/form-data", "x"), 415, codeType, "multipart/form-data"},
		"an image as the body": {"writer", raw("image/jpeg", file.content), 415, codeType, "multipart/form-data"},
		"no type":              {"writer", raw("", "x"), 415, codeType, "multipart/form-data"},
		"no JSON":              {"writer", raw("application/json", "{"), 400, codeBadRequest, "not JSON of the form"},
		"another field":        {"writer", raw("application/json", `{"uri": "https://example.org"}`), 400, codeBadRequest, "not JSON of the form"},
		"two values":           {"writer", raw("application/json", `{"url": "https://example.org"} {}`), 400, codeBadRequest, "goes on"},
		"much JSON":            {"writer", raw("application/json", `{"alt": "`+strings.Repeat("x", 20_000)), 413, codeLimit, "The body"},
		"no url":               {"writer", raw("application/json", `{}`), 422, ent.CodeBadInput, "url: Must be an absolute"},
		"a file's url":         {"writer", raw("application/json", `{"url": "file:///etc/passwd"}`), 422, ent.CodeBadInput, "url: Must be an absolute"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			contentType, body := tc.request(t)
			resp, text := s.post(t, tc.key, contentType, bytes.NewReader(body))
			var got struct {
				Errors []struct {
					Message string
					Code    ent.Code
				}
			}
			if err := json.Unmarshal([]byte(text), &got); err != nil || len(got.Errors) != 1 {
				t.Fatalf("%s: %s", resp.Status, text)
			}
			if e := got.Errors[0]; resp.StatusCode != tc.status || e.Code != tc.code || !strings.Contains(e.Message, tc.message) {
				t.Errorf("%s: %s", resp.Status, text)
			}
			if strings.Contains(text, "secret") {
				t.Errorf("tells too much: %s", text)
			}
			if tc.status == 401 && resp.Header.Get("WWW-Authenticate") == "" {
				t.Error("does not say what authorises")
			}
		})
	}
	t.Cleanup(func() {
		if n := s.stored(t); n != 0 {
			t.Errorf("%d files are stored", n)
		}
		if n := s.failed.Load(); n != 1 { // the keys
			t.Errorf("%d faults of ours", n)
		}
	})
	if resp, _ := s.get(t, http.MethodGet, s.URL+Path); resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") != "POST" {
		t.Errorf("GET: %s", resp.Status)
	}
}

func TestUploadByURL(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/bild":
			w.Header().Set("Content-Type", "text/html") // what it says does not count
			_, _ = w.Write(asPNG(t, quarters(60, 40)))
		case "/svg":
			w.Header().Set("Content-Type", "image/jpeg")
			_, _ = io.WriteString(w, "<svg/>")
		case "/endless":
			for b := bytes.Repeat([]byte("x"), 1<<20); ; {
				if _, err := w.Write(b); err != nil {
					return
				}
			}
		case "/broken":
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "GIF89a")
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(far.Close)
	closed := httptest.NewServer(nil)
	closed.Close()
	for _, tc := range []struct {
		url     string
		status  int
		message string
	}{
		{far.URL + "/bild", 201, `"warnings":["alt: Say`},
		{far.URL + "/svg", 415, "url: The file is an SVG drawing"},
		{far.URL + "/endless", 413, "url: The file has more than 20 MB"},
		{far.URL + "/broken", 422, "url: The image could not be fetched from there."},
		{far.URL + "/none", 422, "url: Answers 404"},
		{closed.URL, 422, "url: The image could not be fetched from there."},
	} {
		resp, text := s.post(t, "writer", "application/json; charset=utf-8", strings.NewReader(`{"url": "`+tc.url+`", "alt": " ", "licence": null}`))
		if resp.StatusCode != tc.status || !strings.Contains(text, tc.message) || strings.Contains(text, "refused") {
			t.Errorf("%s: %s %s", tc.url, resp.Status, text)
		}
		if tc.status == 201 && (!strings.Contains(text, `"alt":null,"credit":null,"licence":null`) || !strings.Contains(text, "-60x40/60.jpg")) {
			t.Errorf("%s: %s", tc.url, text)
		}
	}
	if n := s.failed.Load(); n != 2 { // why it could not be fetched is in the log
		t.Errorf("%d faults are told", n)
	}
}

// Nobody's body is read before it is known that they may upload: with Expect, they are not even told to send it.
func TestAuthorizedFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, "POST /media HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(c)
	if err != nil || !bytes.HasPrefix(b, []byte("HTTP/1.1 401 ")) {
		t.Errorf("%q, %v", b, err)
	}
}

// What the store cannot do is told as our fault, without a word of why.
func TestStoreOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s3, err := NewS3(S3Options{Endpoint: "http://127.0.0.1:1", Bucket: "pictures", Key: "key", Secret: "secret", PathStyle: true})
	if err != nil {
		t.Fatal(err)
	}
	s.upload.Store = s3
	contentType, body := form(t, part{"file", "", string(asJPEG(t, quarters(60, 40)))})
	resp, text := s.post(t, "writer", contentType, bytes.NewReader(body))
	if resp.StatusCode != http.StatusServiceUnavailable || strings.Contains(text, "127.0.0.1") || !strings.Contains(text, "cannot be stored") {
		t.Errorf("%s: %s", resp.Status, text)
	}
	w := httptest.NewRecorder()
	Serve(s3, s.upload.Failed).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, Path+"/"+fileName(1), nil))
	if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "127.0.0.1") {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
	if n := s.failed.Load(); n != 2 {
		t.Errorf("%d faults are told", n)
	}
}

// Serving from S3 is the same as from a directory.
func TestServeFromStores(t *testing.T) {
	t.Parallel()
	for kind, store := range stores(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			pic := process(t, asJPEG(t, photo(800, 600)))
			for _, f := range pic.Files {
				if err := store.Put(t.Context(), f.Name, f.ContentType, f.Bytes); err != nil {
					t.Fatal(err)
				}
			}
			srv := httptest.NewServer(Serve(store, func(_ context.Context, err error) { t.Error(err) }))
			defer srv.Close()
			s := &site{Server: srv}
			for _, f := range pic.Files {
				resp, body := s.get(t, http.MethodGet, srv.URL+Path+"/"+f.Name)
				if resp.StatusCode != http.StatusOK || body != string(f.Bytes) || resp.Header.Get("Content-Type") != f.ContentType {
					t.Errorf("%s: %s, %d bytes of %d", f.Name, resp.Status, len(body), len(f.Bytes))
				}
				if resp, _ := s.get(t, http.MethodGet, srv.URL+Path+"/"+f.Name, "If-None-Match", resp.Header.Get("ETag")); resp.StatusCode != http.StatusNotModified {
					t.Errorf("%s: %s", f.Name, resp.Status)
				}
			}
			if resp, _ := s.get(t, http.MethodGet, srv.URL+Path+"/"+fileName(7)); resp.StatusCode != http.StatusNotFound {
				t.Errorf("%s", resp.Status)
			}
		})
	}
}
