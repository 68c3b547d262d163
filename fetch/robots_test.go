package fetch_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"umland/fetch"
)

func TestRobotsRules(t *testing.T) {
	t.Parallel()
	const all = "User-agent: *\n"
	for _, tc := range []struct {
		name, robots string
		allowed      string // paths, separated by spaces
		forbidden    string
	}{
		{"empty", "", "/ /a", ""},
		{"all", all + "Disallow: /", "/robots.txt", "/ /a /a?b"},
		{"nothing", all + "Disallow:", "/ /a", ""},
		{"prefix", all + "Disallow: /fish", "/ /Fish.asp /catfish", "/fish /fish.html /fish/salmon.html /fishheads /fish.php?id=x"},
		{"folder", all + "Disallow: /fish/", "/fish /fish.html", "/fish/ /fish/?id=x"},
		{"anchored", all + "Disallow: /fish*.php", "/Fish.PHP /a/fish.php", "/fish.php /fishheads/catfish.php?x"},
		{"star first", all + "Disallow: *.php", "/ /php", "/a.php /a/b.php?x"},
		{"end", all + "Disallow: /*.php$", "/a.php?x /a.php5 /a.php/", "/a.php /b/a.php /a.php.php"},
		{"end of a plain path", all + "Disallow: /a$", "/ab /a/", "/a"},
		{"dollar within", all + "Disallow: /a$b", "/a /ab", "/a$b /a%24b"},
		{"many stars", all + "Disallow: /**a***b", "/ba", "/ab /xaxb"},
		{"parts do not overlap", all + "Disallow: /*aba*ba$", "/aba", "/ababa"},
		{"longest wins", all + "Disallow: /p\nAllow: /page\n", "/page", "/p /pag"},
		{"longest wins, whatever the order", all + "Allow: /page\nDisallow: /p\n", "/page", "/p"},
		{"as long: allow", all + "Disallow: /folder\nAllow: /folder", "/folder/page", ""},
		{"stars count", all + "Allow: /page\nDisallow: /*.htm", "/page", "/page.htm"},
		{"root only", all + "Allow: /$\nDisallow: /", "/", "/page.htm"},
		{"query", all + "Disallow: /*?session=", "/a?b=1", "/a?session=1"},
		{"escapes are one", all + "Disallow: /fest/%c3%bc\nDisallow: /%7ejoe\nDisallow: /straße", "/fest/u /%2f", "/fest/%C3%BC /fest/ü /~joe /%7Ejoe /stra%C3%9Fe"},
		{"reserved stays escaped", all + "Disallow: /a%2fb", "/a/b", "/a%2Fb"},
		{"an escaped star is a star", all + "Disallow: /a%2Ab", "/axb", "/a*b"},
		{"ours", "User-agent: *\nDisallow: /\nUser-agent: Umland\nDisallow: /no", "/ /a", "/no"},
		{"ours, with version and case", "User-agent: UMLAND/1.0\nDisallow: /no\n\nUser-agent: *\nDisallow: /", "/a", "/no"},
		{"not ours", "User-agent: Umlandbot\nDisallow: /\nUser-agent: um\nDisallow: /", "/a", ""},
		{"ours in two places", "User-agent: umland\nDisallow: /a\nUser-agent: x\nDisallow: /c\nUser-agent: umland\nDisallow: /b", "/c", "/a /b"},
		{"shared group", "User-agent: x\nUser-agent: umland\nSitemap: http://a/\nUser-agent: y\nDisallow: /a", "/b", "/a"},
		{"ours is empty", "User-agent: umland\nCrawl-delay: 5\n\nUser-agent: *\nDisallow: /b", "/c", "/b"},
		{"ours allows all", "User-agent: *\nDisallow: /\nUser-agent: umland\nDisallow:", "/b", ""},
		{"rules of nobody", "Disallow: /a\n" + all + "Disallow: /b", "/a", "/b"},
		{"faults are passed over", "\ufeffUSER-AGENT : * # all\r\nnonsense\r\nCrawl-delay: x\r\ndisallow : /a # not this\rDisallow: b\r\n\xff\x00: y", "/c", "/a /b"},
		{"page instead", "<!doctype html><html><body>Nicht gefunden: /</body></html>", "/a", ""},
		{"rules after a long rest", all + "Disallow: /a\n" + strings.Repeat("# filler\n", 50_000) + "Disallow: /b\n", "/c", "/a /b"},
		{"beyond 500 KiB", all + "Disallow: /a\n" + strings.Repeat("# filler\n", 60_000) + "Disallow: /b\n", "/b", "/a"},
		{"cut within a rule", all + "#" + strings.Repeat("x", 500<<10-len(all)-2-len("Disallow: /p")) + "\nDisallow: /privat", "/presse /privat", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			url := serve(t, here, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/robots.txt" {
					io.WriteString(w, tc.robots)
				}
			})
			c := client(fetch.Options{})
			for _, path := range strings.Fields(tc.allowed) {
				if _, _, err := read(t, c, fetch.Request{URL: url + path}); err != nil {
					t.Errorf("%s: %v", path, err)
				}
			}
			for _, path := range strings.Fields(tc.forbidden) {
				_, _, err := read(t, c, fetch.Request{URL: url + path})
				if err == nil {
					t.Errorf("%s was visited", path)
				} else {
					wantKind(t, err, fetch.KindRobots, "robots.txt")
				}
				if _, _, err := read(t, c, get(url+path)); err != nil {
					t.Errorf("%s without robots.txt: %v", path, err)
				}
			}
		})
	}
}

// What it means when there is no robots.txt to be had, and how long it is believed.
func TestRobotsStatus(t *testing.T) {
	t.Parallel()
	var asked, visited atomic.Int32
	var answer atomic.Value
	url := serve(t, here, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/robots") {
			visited.Add(1)
			return
		}
		asked.Add(1)
		answer.Load().(http.HandlerFunc)(w, r)
	})
	status := func(n int) http.HandlerFunc { return func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(n) } }
	for _, tc := range []struct {
		name    string
		answer  http.HandlerFunc
		kind    fetch.Kind // "" for a visit
		kept    time.Duration
		message string
	}{
		{"403", status(403), "", 24 * time.Hour, ""},
		{"404", status(404), "", 24 * time.Hour, ""},
		{"500", status(500), fetch.KindRobots, time.Minute, "mit 500"},
		{"503 for an hour", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(503)
		}, fetch.KindRobots, time.Hour, "mit 503"},
		{"in a circle", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/robots.txt", http.StatusFound) }, "", 24 * time.Hour, ""},
		{"moved", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				http.Redirect(w, r, "/robots-neu.txt", http.StatusMovedPermanently)
				return
			}
			io.WriteString(w, "User-agent: *\nDisallow: /")
		}, fetch.KindRobots, 24 * time.Hour, "erlaubt"},
		{"moved to where nobody may go", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
		}, fetch.KindAddress, 0, ""},
		{"broken", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, "no gzip at all")
		}, fetch.KindRobots, 0, "nicht lesbar"},
		{"cut off", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, "User-agent: *")
		}, fetch.KindRobots, 0, "nicht lesbar"},
	} {
		answer.Store(tc.answer)
		clock := noon
		c := client(fetch.Options{Now: func() time.Time { return clock }})
		once := func() int32 {
			asked.Store(0)
			visited.Store(0)
			_, _, err := read(t, c, fetch.Request{URL: url + "/feed"})
			if tc.kind == "" && (err != nil || visited.Load() != 1) {
				t.Errorf("%s: %v, %d visits", tc.name, err, visited.Load())
			}
			if tc.kind != "" {
				e := wantKind(t, err, tc.kind, tc.message)
				wait := time.Duration(0) // only where the server has said so
				if strings.HasPrefix(tc.name, "503") {
					wait = noon.Add(tc.kept).Sub(clock)
				}
				if e.RetryAfter != wait && clock.Before(noon.Add(tc.kept)) {
					t.Errorf("%s: wait %v, want %v", tc.name, e.RetryAfter, wait)
				}
				if visited.Load() != 0 {
					t.Errorf("%s: visited", tc.name)
				}
			}
			return asked.Load()
		}
		if once() == 0 {
			t.Errorf("%s: nobody asked for robots.txt", tc.name)
		}
		if tc.kept > 0 {
			clock = noon.Add(tc.kept - time.Second)
			if once() != 0 {
				t.Errorf("%s: asked again within %v", tc.name, tc.kept)
			}
			clock = noon.Add(tc.kept)
		}
		if once() == 0 {
			t.Errorf("%s: not asked again after %v", tc.name, tc.kept)
		}
	}
}

// Each host that a redirect leads to has a say, and is asked once however many come.
func TestRobotsOnTheWay(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	strict := serve(t, elsewhere, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			asked.Add(1)
			time.Sleep(20 * time.Millisecond)
			io.WriteString(w, "User-agent: *\nDisallow: /")
		} else {
			t.Error("visited")
		}
	})
	url := serve(t, here, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			w.WriteHeader(404)
			return
		}
		http.Redirect(w, r, strict+"/feed", http.StatusFound)
	})
	c := client(fetch.Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, _, err := read(t, c, fetch.Request{URL: url})
			if err == nil || !strings.Contains(err.Error(), "robots.txt") {
				t.Errorf("%v", err)
			}
		})
	}
	wg.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times for robots.txt", n)
	}
}
