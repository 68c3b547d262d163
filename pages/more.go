package pages

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/paulmach/orb"

	"umland/tiles"
)

type embedPage struct {
	*search
	Calendar *calendarPageData
	Total    int
	Items    []item
	Next     string
	More     string // address of the same list in the explorer
}

// embed answers /embed: a list or a calendar without anything around it, for other websites.
func (s *site) embed(r *request) error {
	v := &view{request: r, Title: "Umland", Robots: "noindex"}
	p := &embedPage{}
	if r.Get("view") == "calendar" {
		c, _, err := s.calendarOf(r, false)
		if err != nil {
			return err
		}
		p.search, p.Calendar, p.Total, p.Next, p.More = c.search, c, c.Total, c.Next, r.On("/kalender", "view", "")
	} else {
		q, err := r.find()
		if err != nil {
			return err
		}
		var a listAnswer
		variables := q.variables()
		if err := r.ask("list", variables, &a); err != nil {
			return err
		}
		p.search, p.Total, p.More = q, a.Offerings.TotalCount, r.On("/", "view", "")
		p.Next, _ = r.steps(a.Offerings.PageInfo)
		for i := range a.Offerings.Edges {
			p.Items = append(p.Items, r.item(&a.Offerings.Edges[i].Node, a.Offerings.Edges[i].DistanceKm))
		}
	}
	r.render("embed", http.StatusOK, v, p)
	return nil
}

type suggestOption struct{ Text, Note, Symbol, URL, Place, AGS string }

// suggest answers /suggest with what the beginning of a word may mean, as options of a list box; with for=place only municipalities.
func (s *site) suggest(r *request) error {
	var out []suggestOption
	text := r.Get("q")
	if r.http.URL.Query().Get("for") == "place" {
		var a townsAnswer
		if text != "" {
			if err := r.ask("towns", map[string]any{"search": text, "first": 8}, &a); err != nil {
				return err
			}
		}
		for _, t := range a.Municipalities.Nodes {
			out = append(out, suggestOption{Text: t.Name, Note: t.District(), Symbol: "place", Place: t.Name, AGS: t.AGS})
		}
	} else if text != "" {
		variables := map[string]any{"prefix": text, "locale": r.locale}
		if key := r.Get("region"); key != "" {
			variables["region"] = key
		}
		var a suggestAnswer
		if err := r.ask("suggest", variables, &a); err != nil {
			return err
		}
		for i := range a.Suggest {
			out = append(out, r.suggestion(&a.Suggest[i]))
		}
	}
	r.render("suggest", http.StatusOK, &view{request: r}, out)
	return nil
}

func (r *request) suggestion(g *suggestion) suggestOption {
	switch g.Typename {
	case "Category":
		return suggestOption{Text: g.Label, Note: r.tr("Thema", "topic"), Symbol: "list", URL: r.Find("category", g.Slug)}
	case "Municipality":
		return suggestOption{Text: g.Name, Note: town{Name: g.Name, Regions: g.Regions}.District(), Symbol: "place", URL: r.To("/gemeinde/" + g.AGS)}
	case "Region":
		return suggestOption{Text: g.RegionName, Note: g.RegionLabel, Symbol: "place", URL: r.To("/region/" + g.Key)}
	}
	return suggestOption{Text: g.Title, Note: r.kind(g.Kind) + " · " + g.Municipality.Name, Symbol: strings.ToLower(g.Kind), URL: r.To("/angebot/" + g.ID)}
}

// tile answers /tiles/{z}/{x}/{y}.mvt with the filter of the list.
func (s *site) tile(r *request) error {
	t, ok := tiles.Parse(r.part("tile"))
	if !ok {
		return errNotFound
	}
	q := &search{request: r}
	if r.Get("place") != "" {
		if err := q.locate(); err != nil {
			return err
		}
	}
	filter, err := r.filter(q.Around)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.http.Context(), 5*time.Second)
	defer cancel()
	b, err := s.chart.Make(ctx, t, func(ctx context.Context, box orb.Bound, level, limit int) ([]tiles.Point, error) {
		return s.Points(ctx, filter, box, level, limit, r.now)
	})
	if err != nil {
		return err
	}
	h := r.w.Header()
	h.Set("Content-Type", "application/vnd.mapbox-vector-tile")
	h.Set("Cache-Control", "public, max-age=60")
	_, _ = r.w.Write(b)
	return nil
}

// robots answers /robots.txt.
func (s *site) robots(r *request) error {
	r.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	r.w.Header().Set("Cache-Control", "public, max-age=3600")
	v := &view{request: r}
	_, _ = fmt.Fprintf(r.w, "User-agent: *\nDisallow: /graphql\nDisallow: /suggest\nDisallow: /tiles/\nDisallow: /embed\nDisallow: /metrics\n\n"+
		"# Other regions' Umland reads the feed of changes.\nUser-agent: Umland\nAllow: /graphql\nDisallow: /suggest\nDisallow: /tiles/\nDisallow: /embed\nDisallow: /metrics\n\nSitemap: %s/sitemap.xml\n", v.Origin())
	return nil
}

// Bounds of sitemaps (https://www.sitemaps.org/protocol.html).
const (
	sitemapMost = 50_000
	sitemapAge  = time.Hour
	sitemapMain = "seiten" // the part with the pages that are of no state
)

type sitemapAddress struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod,omitempty"`
}

// sitemaps keeps what was read, as reading takes a while and search engines come often. One is read at a time.
type sitemaps struct {
	mu    sync.Mutex
	parts map[string]sitemapPart
}

type sitemapPart struct {
	read  time.Time
	paths []sitemapAddress // without the origin
}

// sitemapIndex answers /sitemap.xml: one part for each state, and one for the rest.
func (s *site) sitemapIndex(r *request) error {
	var a statesAnswer
	if err := r.ask("states", nil, &a); err != nil {
		return err
	}
	var index struct {
		XMLName  xml.Name         `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
		Sitemaps []sitemapAddress `xml:"sitemap"`
	}
	origin := (&view{request: r}).Origin()
	index.Sitemaps = append(index.Sitemaps, sitemapAddress{Loc: origin + "/sitemap/" + sitemapMain + ".xml"})
	for _, g := range a.Regions.Nodes {
		index.Sitemaps = append(index.Sitemaps, sitemapAddress{Loc: origin + "/sitemap/" + g.Key + ".xml"})
	}
	return r.xml(index)
}

// sitemap answers /sitemap/{key}.xml: the pages of one state, at most sitemapMost, or the rest.
func (s *site) sitemap(r *request) error {
	key, ok := strings.CutSuffix(r.part("part"), ".xml")
	if !ok || key != sitemapMain && len(key) != 2 {
		return errNotFound
	}
	paths, err := s.sitemapOf(r, key)
	if err != nil {
		return err
	}
	var set struct {
		XMLName xml.Name         `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URLs    []sitemapAddress `xml:"url"`
	}
	origin := (&view{request: r}).Origin()
	for _, a := range paths {
		a.Loc = origin + a.Loc
		set.URLs = append(set.URLs, a)
	}
	return r.xml(set)
}

func (s *site) sitemapOf(r *request, key string) ([]sitemapAddress, error) {
	s.sitemaps.mu.Lock()
	defer s.sitemaps.mu.Unlock()
	now := s.Now()
	if part, ok := s.sitemaps.parts[key]; ok && now.Sub(part.read) < sitemapAge {
		return part.paths, nil
	}
	var known statesAnswer
	if err := r.ask("states", nil, &known); err != nil {
		return nil, err
	}
	var paths []sitemapAddress
	if key == sitemapMain {
		for _, path := range []string{"/", "/kalender", "/regionen", "/quellen", "/was-wir-speichern"} {
			paths = append(paths, sitemapAddress{Loc: path})
		}
		for _, g := range known.Cooperations.Nodes {
			paths = append(paths, sitemapAddress{Loc: "/region/" + g.Key})
		}
		return paths, nil
	}
	for _, g := range known.Regions.Nodes {
		if g.Key == key {
			paths = append(paths, sitemapAddress{Loc: "/region/" + key})
		}
	}
	if paths == nil {
		return nil, errNotFound
	}
	seen := map[string]bool{}
	add := func(path, changed string) {
		if !seen[path] && len(paths) < sitemapMost {
			seen[path] = true
			paths = append(paths, sitemapAddress{path, changed})
		}
	}
	variables := map[string]any{"filter": map[string]any{"regions": []string{key}}}
	for {
		var a addressesAnswer
		if err := r.ask("addresses", variables, &a); err != nil {
			return nil, err
		}
		for _, o := range a.Offerings.Nodes {
			add("/angebot/"+o.ID, o.UpdatedAt.Format(time.RFC3339))
			add("/gemeinde/"+o.Municipality.AGS, "")
			add("/anbieter/"+o.Provider.ID, "")
		}
		info := a.Offerings.PageInfo
		if !info.HasNextPage || info.EndCursor == nil || len(paths) >= sitemapMost {
			break
		}
		variables["after"] = *info.EndCursor
	}
	if s.sitemaps.parts == nil {
		s.sitemaps.parts = map[string]sitemapPart{}
	}
	s.sitemaps.parts[key] = sitemapPart{now, paths}
	return paths, nil
}

func (r *request) xml(v any) error {
	b, err := xml.Marshal(v)
	if err != nil {
		return err
	}
	r.w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	r.w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = r.w.Write(append([]byte(xml.Header), b...))
	return nil
}
