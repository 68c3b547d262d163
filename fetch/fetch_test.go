package fetch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"umland/fetch"
)

// The hosts of the tests: Linux serves all of 127/8.
const (
	here      = "127.0.0.9"
	elsewhere = "127.0.0.10"
	forbidden = "127.0.0.1"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// client may visit here and elsewhere, and no other address that is not public.
func client(opt fetch.Options) *fetch.Client {
	if opt.Allow == nil {
		opt.Allow = []netip.Prefix{netip.MustParsePrefix(here + "/32"), netip.MustParsePrefix(elsewhere + "/32")}
	}
	if opt.Interval == 0 {
		opt.Interval = -1
	}
	return fetch.New(opt)
}

func listen(t *testing.T, ip string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(ip, "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// serve answers on ip and gives its URL.
func serve(t *testing.T, ip string, handler http.HandlerFunc) string {
	t.Helper()
	s := &httptest.Server{Listener: listen(t, ip), Config: &http.Server{Handler: handler}}
	s.Start()
	t.Cleanup(s.Close)
	return s.URL
}

// raw answers every request with the same bytes, whatever they are, and closes.
func raw(t *testing.T, answer string) string {
	t.Helper()
	l := listen(t, here)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(5 * time.Second))
				conn.Read(make([]byte, 4096))
				io.WriteString(conn, answer)
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

func get(url string) fetch.Request { return fetch.Request{URL: url, NoRobots: true} }

// read does it all: the request, the body, the end.
func read(t *testing.T, c *fetch.Client, req fetch.Request) (*fetch.Response, string, error) {
	t.Helper()
	res, err := c.Do(t.Context(), req)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res, string(b), err
}

// wantKind holds an error to its kind and to a part of its message.
func wantKind(t *testing.T, err error, kind fetch.Kind, message string) *fetch.Error {
	t.Helper()
	var e *fetch.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v, want one of kind %s", err, kind)
	}
	if e.Kind != kind || !strings.Contains(e.Message, message) || e.Message == "" {
		t.Fatalf("error is %s %q (%v), want %s %q", e.Kind, e.Message, e.Err, kind, message)
	}
	return e
}

func TestGet(t *testing.T) {
	t.Parallel()
	asked := make(chan *http.Request, 1)
	url := serve(t, here, func(w http.ResponseWriter, r *http.Request) {
		asked <- r
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Last-Modified", "Mon, 01 Jun 2026 10:00:00 GMT")
		w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
		io.WriteString(w, "BEGIN:VCALENDAR")
	})
	c := client(fetch.Options{Version: "1.2", Contact: "https://umland.example/bot"})
	req := get(url + "/dorf fest.ics?a=%7e&q=Bad Düben#oben")
	req.Header = http.Header{"Authorization": {"Bearer s"}, "accept": {"text/calendar"}}
	res, body, err := read(t, c, req)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("BEGIN:VCALENDAR"))
	stats := res.Body.Stats()
	if body != "BEGIN:VCALENDAR" || stats.SHA256 != hex.EncodeToString(sum[:]) || stats.Bytes != 15 || stats.Wire != 15 || stats.Header <= 0 || stats.Total < stats.Header {
		t.Errorf("body %q, stats %+v", body, stats)
	}
	if res.Status != 200 || res.NotModified || res.ETag != `"1"` || res.LastModified != "Mon, 01 Jun 2026 10:00:00 GMT" ||
		res.ContentType != "text/calendar; charset=utf-8" || res.URL.String() != url+"/dorf%20fest.ics?a=%7e&q=Bad%20D%C3%BCben" {
		t.Errorf("response %+v", res)
	}
	r := <-asked
	for name, want := range map[string]string{
		"User-Agent": "Umland/1.2 (+https://umland.example/bot)", "Authorization": "Bearer s", "Accept": "text/calendar", "Accept-Encoding": "gzip",
		"If-None-Match": "", "Content-Type": "",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if r.Method != "GET" || r.RequestURI != "/dorf%20fest.ics?a=%7e&q=Bad%20D%C3%BCben" {
		t.Errorf("%s %s", r.Method, r.RequestURI)
	}
	if _, err := res.Body.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
}

func TestPost(t *testing.T) {
	t.Parallel()
	url := serve(t, here, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/", http.StatusPermanentRedirect)
		case "/lost":
			http.Redirect(w, r, "/new", http.StatusFound)
		default:
			b, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s %s %s %d", r.Method, r.Header.Get("Content-Type"), b, r.ContentLength)
		}
	})
	c := client(fetch.Options{})
	for _, path := range []string{"/", "/moved"} {
		_, body, err := read(t, c, fetch.Request{URL: url + path, Body: []byte(`{"a":1}`), NoRobots: true})
		if want := `POST application/json {"a":1} 7`; err != nil || body != want {
			t.Errorf("%s: %q %v, want %q", path, body, err, want)
		}
	}
	_, _, err := read(t, c, fetch.Request{URL: url + "/lost", Body: []byte(`{}`), NoRobots: true})
	if e := wantKind(t, err, fetch.KindRedirect, url+"/new"); e.Status != 302 {
		t.Errorf("status %d", e.Status)
	}
}

func TestNotModified(t *testing.T) {
	t.Parallel()
	url := serve(t, here, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/always" || r.Header.Get("If-None-Match") == `"1"` || r.Header.Get("If-Modified-Since") == "Mon, 01 Jun 2026 10:00:00 GMT" {
			w.WriteHeader(http.StatusNotModified)
		}
	})
	c := client(fetch.Options{})
	for _, req := range []fetch.Request{{ETag: `"1"`}, {LastModified: "Mon, 01 Jun 2026 10:00:00 GMT"}} {
		req.URL, req.NoRobots = url, true
		res, body, err := read(t, c, req)
		if err != nil || !res.NotModified || res.Status != 304 || body != "" || res.ETag != req.ETag || res.LastModified != req.LastModified {
			t.Errorf("%+v: %+v %v", req, res, err)
		}
	}
	if res, _, err := read(t, c, fetch.Request{URL: url, ETag: `"0"`, NoRobots: true}); err != nil || res.NotModified {
		t.Errorf("another version: %+v %v", res, err)
	}
	_, _, err := read(t, c, get(url+"/always")) // nobody asked whether
	wantKind(t, err, fetch.KindStatus, "304")
}

// What is not public is never reached, however it is written and whoever leads there.
func TestAddresses(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	count := func(http.ResponseWriter, *http.Request) { reached.Add(1) }
	private := serve(t, forbidden, count)
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(private, "http://"))
	if l, err := net.Listen("tcp6", "[::1]:"+port); err == nil {
		s := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(count)}}
		s.Start()
		t.Cleanup(s.Close)
	}
	redirector := serve(t, here, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
	})
	hosts := []string{
		"localhost", "127.0.0.1", "127.0.0.8", "127.1.2.3", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.5.4", "192.168.1.1", "100.64.0.1", "169.254.169.254",
		"192.0.0.8", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1", "168.63.129.16",
		"[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::a00:1]",
		"[2002:7f00:1::]", "[2002:a00:1::1]", "[2001:0:7f00:1::]", "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]",
		"[100::1]", "[fec0::1]", "[::ffff:0:127.0.0.1]",
	}
	c := client(fetch.Options{Timeout: 5 * time.Second})
	for _, host := range hosts {
		url := "http://" + host + ":" + port + "/"
		for _, from := range []string{url, redirector + "/?to=" + strings.ReplaceAll(url, "%", "%25")} {
			_, _, err := read(t, c, get(from))
			e := wantKind(t, err, fetch.KindAddress, "öffentlichen Internet")
			if e.URL != url {
				t.Errorf("%s: the error is about %s", from, e.URL)
			}
		}
	}
	// Numbers that some resolvers take for addresses.
	for _, host := range []string{"2130706433", "0x7f000001", "127.1", "0177.0.0.1"} {
		if _, _, err := read(t, c, get("http://"+host+":"+port)); err == nil {
			t.Errorf("%s was visited", host)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("%d visits to a forbidden address", n)
	}
	allowed := serve(t, here, func(http.ResponseWriter, *http.Request) {})
	if _, _, err := read(t, c, get(strings.Replace(allowed, here, "[::ffff:"+here+"]", 1))); err != nil {
		t.Errorf("the mapped form of an allowed address: %v", err)
	}
}

// Not for t.Parallel: it sets the environment.
func TestNoProxy(t *testing.T) {
	proxy := serve(t, here, func(http.ResponseWriter, *http.Request) { t.Error("the proxy was asked") })
	t.Setenv("HTTP_PROXY", proxy)
	t.Setenv("http_proxy", proxy)
	_, _, err := read(t, client(fetch.Options{}), get("http://10.0.0.1/"))
	wantKind(t, err, fetch.KindAddress, "")
}

func TestURLs(t *testing.T) {
	t.Parallel()
	c := client(fetch.Options{})
	for _, tc := range []struct {
		url  string
		kind fetch.Kind
	}{
		{"file:///etc/passwd", fetch.KindScheme}, {"ftp://example.org/", fetch.KindScheme}, {"gopher://example.org/", fetch.KindScheme},
		{"data:text/plain,x", fetch.KindScheme}, {"//example.org/", fetch.KindScheme}, {"", fetch.KindScheme}, {"example.org", fetch.KindScheme},
		{"http://user:pass@127.0.0.9/", fetch.KindRequest}, {"http://user@127.0.0.9/", fetch.KindRequest}, {"http://", fetch.KindRequest},
		{"http:///path", fetch.KindRequest}, {"http:127.0.0.9", fetch.KindRequest}, {"http://:80/", fetch.KindRequest},
		{"http://127.0.0.9:99999/", fetch.KindRequest}, {"http://127.0.0.9:x/", fetch.KindRequest}, {"http://exa mple/", fetch.KindRequest},
		{"http://127.0.0.9/\r\nX: y", fetch.KindRequest}, {"http://127.0.0.9/" + strings.Repeat("a", 9000), fetch.KindRequest},
	} {
		_, err := c.Do(t.Context(), get(tc.url))
		if e := wantKind(t, err, tc.kind, ""); strings.Contains(e.Error()+e.URL, "pass@") {
			t.Errorf("%s: the error tells the password: %v", tc.url, e)
		}
	}
	for _, h := range []http.Header{{"X Y": {"1"}}, {"X": {"a\r\nHost: b"}}} {
		_, err := c.Do(t.Context(), fetch.Request{URL: "http://127.0.0.9/", Header: h})
		wantKind(t, err, fetch.KindRequest, "Kopfzeile")
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	echo := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("Authorization"), r.Header.Get("X-Key"), r.Header.Get("Accept"))
	}
	other := serve(t, elsewhere, func(w http.ResponseWriter, r *http.Request) {
		if back := r.URL.Query().Get("back"); back != "" {
			http.Redirect(w, r, back, http.StatusFound)
			return
		}
		echo(w, r)
	})
	otherPort := serve(t, here, echo)
	url := serve(t, here, func(w http.ResponseWriter, r *http.Request) {
		var n int
		switch fmt.Sscanf(r.URL.Path, "/hops/%d", &n); {
		case n > 0:
			http.Redirect(w, r, fmt.Sprintf("/hops/%d", n-1), http.StatusMovedPermanently)
		case r.URL.Query().Has("to"):
			w.Header().Set("Location", r.URL.Query().Get("to"))
			w.WriteHeader(http.StatusFound)
		case r.URL.Path == "/circle":
			http.Redirect(w, r, "/circle/more", http.StatusFound)
		case r.URL.Path == "/circle/more":
			http.Redirect(w, r, "/circle#x", http.StatusFound)
		case r.URL.Path == "/nowhere":
			w.WriteHeader(http.StatusFound)
		default:
			echo(w, r)
		}
	})
	c := client(fetch.Options{})
	for _, tc := range []struct{ path, want string }{
		{"/hops/5", "AKT"}, {"/?to=/hops/1", "AKT"}, {"/?to=" + other, "T"}, {"/?to=" + otherPort, "T"}, {"/?to=" + other + "/?back=" + url, "T"},
	} {
		req := get(url + tc.path)
		req.Header = http.Header{"Authorization": {"A"}, "X-Key": {"K"}, "Accept": {"T"}}
		if _, body, err := read(t, c, req); err != nil || body != tc.want {
			t.Errorf("%s: %q %v, want %q", tc.path, body, err, tc.want)
		}
		if len(req.Header) != 3 {
			t.Errorf("%s: the header of the caller is now %v", tc.path, req.Header)
		}
	}
	for _, tc := range []struct {
		path    string
		kind    fetch.Kind
		message string
	}{
		{"/hops/6", fetch.KindRedirect, "mehr als 5-mal"}, {"/circle", fetch.KindRedirect, "im Kreis"}, {"/nowhere", fetch.KindRedirect, "wohin"},
		{"/?to=file:///etc/passwd", fetch.KindScheme, "http"}, {"/?to=http://a:b@" + elsewhere, fetch.KindRequest, "Passwort"},
		{"/?to=http://%25zz/", fetch.KindRedirect, "keine Adresse"},
	} {
		_, _, err := read(t, c, get(url+tc.path))
		if e := wantKind(t, err, tc.kind, tc.message); !strings.HasPrefix(e.URL, url) || e.Status/100 != 3 {
			t.Errorf("%s: the error is about %s with %d", tc.path, e.URL, e.Status)
		}
	}
}

// certificate is good for ip and is its own authority.
func certificate(t *testing.T, ip string, until time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: until.Add(-48 * time.Hour), NotAfter: until,
		IPAddresses: []net.IP{net.ParseIP(ip)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func TestTLS(t *testing.T) {
	t.Parallel()
	plain := serve(t, here, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "plain") })
	secure := func(cert tls.Certificate) string {
		s := &httptest.Server{Listener: listen(t, here), Config: &http.Server{ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/down" {
				http.Redirect(w, r, plain, http.StatusTemporaryRedirect)
			}
		})}}
		s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
		s.StartTLS()
		t.Cleanup(s.Close)
		return s.URL
	}
	later := time.Now().Add(24 * time.Hour)
	cert, roots := certificate(t, here, later)
	url, c := secure(cert), client(fetch.Options{Roots: roots})
	if _, _, err := read(t, c, get(url)); err != nil {
		t.Error(err)
	}
	if _, body, err := read(t, c, get(url+"/down")); err != nil || body != "plain" {
		t.Errorf("down with nothing to hide: %q %v", body, err)
	}
	for _, req := range []fetch.Request{{Header: http.Header{"X-Key": {"s"}}}, {Body: []byte("{}")}} {
		req.URL, req.NoRobots = url+"/down", true
		_, _, err := read(t, c, req)
		wantKind(t, err, fetch.KindRedirect, "unverschlüsselt")
	}
	_, _, err := read(t, client(fetch.Options{}), get(url))
	wantKind(t, err, fetch.KindCertificate, "nicht zu trauen")
	cert, roots = certificate(t, elsewhere, later)
	_, _, err = read(t, client(fetch.Options{Roots: roots}), get(secure(cert)))
	wantKind(t, err, fetch.KindCertificate, "Servernamen")
	cert, roots = certificate(t, here, time.Now().Add(-time.Hour))
	_, _, err = read(t, client(fetch.Options{Roots: roots}), get(secure(cert)))
	wantKind(t, err, fetch.KindCertificate, "abgelaufen")
}

func TestStatus(t *testing.T) {
	t.Parallel()
	url := serve(t, here, func(w http.ResponseWriter, r *http.Request) {
		var status int
		fmt.Sscanf(r.URL.Path, "/%d", &status)
		if v := r.URL.Query().Get("after"); v != "" {
			w.Header().Set("Retry-After", v)
		}
		w.WriteHeader(status)
	})
	c := client(fetch.Options{Now: func() time.Time { return noon }})
	const week = 7 * 24 * time.Hour
	for _, tc := range []struct {
		path    string
		message string
		after   time.Duration
	}{
		{"/404", "Der Server antwortet mit 404: Die Adresse gibt es nicht mehr.", 0},
		{"/410", "Die Adresse gibt es nicht mehr.", 0},
		{"/401", "Anmeldung", 0}, {"/403", "verweigert", 0}, {"/418", "mit 418.", 0}, {"/300", "mit 300.", 0}, {"/500", "Fehler", 0},
		{"/429", "zu viele Anfragen", 0}, {"/503", "vorübergehend", 0},
		{"/429?after=120", "429", 2 * time.Minute}, {"/503?after=120", "503", 2 * time.Minute}, {"/500?after=120", "500", 0},
		{"/429?after=604801", "429", week}, {"/429?after=99999999999999999999999", "429", week}, {"/429?after=9223372036", "429", week},
		{"/429?after=-5", "429", 0}, {"/429?after=bald", "429", 0},
		{"/503?after=Mon,+01+Jun+2026+12:30:00+GMT", "503", 30 * time.Minute}, {"/503?after=Monday,+01-Jun-26+12:30:00+GMT", "503", 30 * time.Minute},
		{"/503?after=Mon,+01+Jun+2026+11:30:00+GMT", "503", 0}, {"/503?after=Sat,+01+Jun+2126+12:00:00+GMT", "503", week},
	} {
		_, _, err := read(t, c, get(url+tc.path))
		e := wantKind(t, err, fetch.KindStatus, tc.message)
		if e.RetryAfter != tc.after || fmt.Sprintf("/%d", e.Status) != tc.path[:4] || e.URL != url+tc.path {
			t.Errorf("%s: %+v, want to wait %v", tc.path, e, tc.after)
		}
	}
	if res, body, err := read(t, c, get(url+"/204")); err != nil || res.Status != 204 || body != "" {
		t.Errorf("204: %+v %v", res, err)
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	l := listen(t, here)
	closed := "http://" + l.Addr().String()
	l.Close()
	c := client(fetch.Options{})
	_, _, err := read(t, c, get(closed))
	wantKind(t, err, fetch.KindNetwork, "nimmt keine Verbindung an")
	_, _, err = read(t, c, get(raw(t, "SSH-2.0-OpenSSH\r\n")))
	wantKind(t, err, fetch.KindNetwork, "gescheitert")
	_, _, err = read(t, c, get(raw(t, "")))
	wantKind(t, err, fetch.KindNetwork, "gescheitert")
}

func zip(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

func TestBodies(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	full, over := strings.Repeat("x", limit), strings.Repeat("x", limit+1)
	bomb := zip(strings.Repeat("\x00", 64*limit))
	deflated := "\xcb\xce\xcc\x2b\xc9\x48\x2d\x02\x00" // "knifher" without the frame of zlib
	framed := "\x78\x9c" + "\x4b\x04\x00" + "\x00\x62\x00\x62"
	answer := func(header, body string) string { return "HTTP/1.1 200 OK\r\n" + header + "\r\n" + body }
	for _, tc := range []struct {
		name, answer string
		kind         fetch.Kind // "" for a success
		bytes        int64
	}{
		{"just fits", answer("", full), "", limit},
		{"one more", answer("", over), fetch.KindTooLarge, limit},
		{"says so before", answer("Content-Length: 1048577\r\n", over), fetch.KindTooLarge, 0},
		{"zipped", answer("Content-Encoding: gzip\r\n", zip(full)), "", limit},
		{"zipped, one more", answer("Content-Encoding: GZIP\r\n", zip(over)), fetch.KindTooLarge, limit},
		{"bomb", answer("Content-Encoding: gzip\r\n", bomb), fetch.KindTooLarge, limit},
		{"bomb in pieces", answer("Content-Encoding: gzip\r\n", strings.Repeat(zip("x"), 50_000)), fetch.KindTooLarge, 0},
		{"bomb upon bomb", answer("Content-Encoding: gzip, gzip\r\n", zip(bomb)), fetch.KindBroken, 0},
		{"bomb upon bomb in two fields", answer("Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n", zip(bomb)), fetch.KindBroken, 0},
		{"brotli", answer("Content-Encoding: br\r\n", "abc"), fetch.KindBroken, 0},
		{"deflate", answer("Content-Encoding: deflate\r\n", deflated), "", 7},
		{"deflate framed", answer("Content-Encoding: deflate\r\n", framed), "", 1},
		{"not zipped", answer("Content-Encoding: gzip\r\n", "hello world, no gzip"), fetch.KindBroken, 0},
		{"zipped nothing", answer("Content-Encoding: gzip\r\nContent-Length: 0\r\n", ""), "", 0},
		{"zip cut off", answer("Content-Encoding: gzip\r\n", zip(full)[:200]), fetch.KindBroken, -1},
		{"zip with a wrong sum", answer("Content-Encoding: gzip\r\n", zip("abc")[:27]+"XXXX"), fetch.KindBroken, -1},
		{"shorter than it says", answer("Content-Length: 100\r\n", "abc"), fetch.KindBroken, 3},
		{"longer than it says", answer("Content-Length: 3\r\n", "abcdef"), "", 3},
		{"chunks cut off", answer("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n"), fetch.KindBroken, 3},
		{"large header", answer("X: "+strings.Repeat("x", 100_000)+"\r\n", ""), fetch.KindTooLarge, 0},
		{"many headers", answer(strings.Repeat("X: x\r\n", 20_000), ""), fetch.KindTooLarge, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := client(fetch.Options{MaxBytes: limit})
			res, err := c.Do(t.Context(), get(raw(t, tc.answer)))
			var n int64
			if err == nil {
				n, err = io.Copy(io.Discard, res.Body)
				if got := res.Body.Stats(); got.Bytes != n || got.Wire > limit {
					t.Errorf("%d bytes were read, stats %+v", n, got)
				}
				res.Body.Close()
			}
			if tc.kind == "" && err != nil {
				t.Fatal(err)
			}
			if tc.kind != "" {
				wantKind(t, err, tc.kind, "")
			}
			if tc.bytes >= 0 && n != tc.bytes && tc.name != "bomb in pieces" {
				t.Errorf("%d bytes, want %d", n, tc.bytes)
			}
		})
	}
}

// The header fields that are passed on can be stored and sent back.
func TestFields(t *testing.T) {
	t.Parallel()
	c := client(fetch.Options{})
	for _, bad := range []string{"\"\xff\"", `"` + strings.Repeat("x", 2000) + `"`, "\"a\x00b\"", `"ä"`} {
		res, _, err := read(t, c, get(raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: "+bad+"\r\nContent-Type: "+bad+"\r\n\r\n")))
		if err != nil {
			t.Logf("%.20q: refused as a whole: %v", bad, err)
		} else if res.ETag != "" || res.ContentType != "" {
			t.Errorf("%.20q: %+v", bad, res)
		}
	}
}

func TestTime(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{}, 10)
	url := serve(t, here, func(w http.ResponseWriter, r *http.Request) {
		defer func() { gone <- struct{}{} }()
		switch r.URL.Path {
		case "/silent":
			<-r.Context().Done()
		case "/endless":
			for r.Context().Err() == nil {
				w.Write(make([]byte, 1000))
			}
		case "/drip":
			for r.Context().Err() == nil {
				w.Write([]byte("x"))
				w.(http.Flusher).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		case "/hop":
			time.Sleep(400 * time.Millisecond)
			http.Redirect(w, r, "/hop?"+r.URL.RawQuery+"x", http.StatusFound)
		}
	})
	// Header lines that come one by one are silence too.
	l := listen(t, here)
	go func() {
		conn, err := l.Accept()
		if err == nil {
			_, err = conn.Read(make([]byte, 4096))
		}
		for i := 0; err == nil; i++ {
			_, err = fmt.Fprintf(conn, "%sX-%d: y\r\n", strings.Repeat("HTTP/1.1 200 OK\r\n", max(0, 1-i)), i)
			time.Sleep(10 * time.Millisecond)
		}
		gone <- struct{}{}
	}()
	short := fetch.Options{HeaderTimeout: time.Second, Timeout: 1500 * time.Millisecond}
	t.Run("limits", func(t *testing.T) {
		for _, tc := range []struct {
			url     string
			opt     fetch.Options
			kind    fetch.Kind
			message string
		}{
			{url + "/silent", short, fetch.KindTimeout, "nach 1 s noch nicht geantwortet"},
			{"http://" + l.Addr().String(), short, fetch.KindTimeout, "nach 1 s noch nicht geantwortet"},
			{url + "/drip", short, fetch.KindTimeout, "nach 1,5 s noch nicht vollständig"},
			{url + "/hop", short, fetch.KindTimeout, "nach 1,5 s noch nicht vollständig"},
			{url + "/endless", fetch.Options{MaxBytes: 1 << 20}, fetch.KindTooLarge, "1 MB"},
		} {
			t.Run(tc.url, func(t *testing.T) {
				t.Parallel()
				_, _, err := read(t, client(tc.opt), get(tc.url))
				wantKind(t, err, tc.kind, tc.message)
			})
		}
	})
	for range 5 {
		select {
		case <-gone:
		case <-time.After(5 * time.Second):
			t.Fatal("a server goes on")
		}
	}
	c := client(fetch.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := c.Do(ctx, get(url+"/silent"))
	wantKind(t, err, fetch.KindTimeout, "abgelaufen")
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err = c.Do(ctx, get(url+"/silent"))
	wantKind(t, err, fetch.KindCancelled, "abgebrochen")
}

// At most two visits at once to a host, each other host apart; a visit ends with the body, one way or another.
func TestVisits(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now, most := 0, 0
	slow := func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		time.Sleep(20 * time.Millisecond)
		mu.Lock()
		now--
		mu.Unlock()
	}
	url := serve(t, here, slow)
	c := client(fetch.Options{})
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			if _, _, err := read(t, c, get(url)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most != 2 {
		t.Errorf("%d visits at once, want 2", most)
	}

	open := serve(t, here, func(w http.ResponseWriter, r *http.Request) { w.Write(make([]byte, 1<<20)) })
	c = client(fetch.Options{Timeout: time.Second})
	var held []*fetch.Response
	for range 2 {
		res, err := c.Do(t.Context(), get(open))
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, res)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := c.Do(ctx, get(open))
	wantKind(t, err, fetch.KindTimeout, "abgelaufen")
	if _, _, err := read(t, c, get(serve(t, elsewhere, slow))); err != nil {
		t.Errorf("another host: %v", err)
	}
	held[0].Body.Close()
	if _, err := held[0].Body.Read(make([]byte, 1)); err != http.ErrBodyReadAfterClose {
		t.Errorf("read after close: %v", err)
	}
	if _, _, err := read(t, c, get(open)); err != nil {
		t.Errorf("after one was closed: %v", err)
	}
	held[1].Body.Close()
	for range 2 { // nobody closes these: their time runs out, and the waiting does not count
		if _, err := c.Do(t.Context(), get(open)); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := read(t, c, get(open)); err != nil {
		t.Errorf("after forgotten bodies: %v", err)
	}
}

func TestInterval(t *testing.T) {
	t.Parallel()
	url := serve(t, here, func(http.ResponseWriter, *http.Request) {})
	c := client(fetch.Options{Interval: 50 * time.Millisecond})
	start := time.Now()
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if _, _, err := read(t, c, get(url)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if d := time.Since(start); d < 200*time.Millisecond {
		t.Errorf("five visits within %v", d)
	}
}
