// Package pages makes what a person sees of the graph: the explorer, its calendar, a page for each offering, municipality, region and
// provider, and what other websites embed. It is built on the public GraphQL API alone. Everything can be read and used without scripts; they
// make it faster to use and add the map.
package pages

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/paulmach/orb"
	"github.com/rs/zerolog"

	"umland/ent"
	"umland/tiles"
)

// Query asks the API as the public and gives the body of a GraphQL answer.
type Query func(ctx context.Context, document string, variables map[string]any) []byte

// Options are what the pages stand on, besides the API.
type Options struct {
	// Points gives what is published on the map, see tiles.Points; the filter is that of a list.
	Points     func(ctx context.Context, filter *ent.OfferingFilter, box orb.Bound, level, limit int, now time.Time) ([]tiles.Point, error)
	Boundaries tiles.Boundaries

	Script  string       // address of the built script below /assets/; "" when it was not built
	Editor  string       // that of the editor's
	Assets  http.Handler // answers below /assets/ for the built scripts; nil for none
	Now     func() time.Time
	Log     zerolog.Logger
	Version string

	// Origin is how the public reaches the server, such as https://umland.example; "": as each request says.
	Origin string
	// Basemap is the address of raster tiles, with {z}, {x} and {y}, that the map lies on; "" for none. BasemapCredit is the text that
	// they ask for.
	Basemap, BasemapCredit string
	// Legal are the operator's pages that the law asks for, linked at the foot of every page.
	Legal Legal
}

// Legal are addresses of pages, "" for none.
type Legal struct {
	Imprint       string // Impressum, § 5 DDG
	Privacy       string // Datenschutzerklärung, Art. 13 DSGVO
	Accessibility string // Erklärung zur Barrierefreiheit, § 12b BGG and the laws of the states
}

//go:embed templates/*.html
var templates embed.FS

type site struct {
	Options
	query     Query
	zone      *time.Location
	documents map[string]string
	pages     map[bool]*template.Template // by whether it is the English one
	static    *static
	policy    string
	chart     *tiles.Map
	sitemaps  sitemaps
	previews  previews
}

// Handler makes what answers GET and HEAD for every path, once it has the API. What is not there gets a page that says so.
func Handler(o Options) (func(Query) http.Handler, error) {
	s := &site{Options: o, pages: map[bool]*template.Template{}, chart: tiles.New(o.Boundaries)}
	var err error
	if s.zone, err = time.LoadLocation("Europe/Berlin"); err != nil {
		return nil, err
	}
	if s.documents, err = documents(); err != nil {
		return nil, err
	}
	if s.static, err = loadStatic(); err != nil {
		return nil, err
	}
	if s.previews, err = newPreviews(); err != nil {
		return nil, err
	}
	for _, address := range []string{o.Legal.Imprint, o.Legal.Privacy, o.Legal.Accessibility} {
		if _, err := originOf(address); address != "" && err != nil {
			return nil, fmt.Errorf("the address %q: %w", address, err)
		}
	}
	for _, english := range []bool{false, true} {
		t := template.New("").Funcs(template.FuncMap{"tr": format{english}.tr, "lower": strings.ToLower, "number": format{english}.number})
		if s.pages[english], err = t.ParseFS(templates, "templates/*.html"); err != nil {
			return nil, err
		}
	}
	if s.policy, err = policy(o.Basemap); err != nil {
		return nil, err
	}
	gzipped, err := gzhttp.NewWrapper(gzhttp.MinSize(1024))
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for path, page := range map[string]func(*request) error{
		"/{$}":                 s.explorer,
		"/kalender":            s.calendar,
		"/angebot/{id}":        s.offering,
		"/gemeinde/{ags}":      s.municipality,
		"/region/{key}":        s.region,
		"/regionen":            s.regions,
		"/anbieter/{id}":       s.provider,
		"/quellen":             s.sources,
		"/was-wir-speichern":   s.storage,
		"/vorschau.png":        s.preview,
		"/vorschau/{name}":     s.offeringPreview,
		"/embed":               s.embed,
		"/suggest":             s.suggest,
		"/tiles/{tile...}":     s.tile,
		"/redaktion":           s.editor,
		"/redaktion/{path...}": s.editor,
		"/robots.txt":          s.robots,
		"/sitemap.xml":         s.sitemapIndex,
		"/sitemap/{part}":      s.sitemap,
		"/{path...}":           func(*request) error { return errNotFound },
	} {
		mux.Handle(path, s.answer(page))
	}
	mux.HandleFunc("/assets/", s.asset)
	mux.HandleFunc("/embed.js", func(w http.ResponseWriter, r *http.Request) { s.static.embed(w, r) })
	mux.HandleFunc("/favicon.ico", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, s.static.url("icon.svg"), http.StatusFound)
	})
	return func(query Query) http.Handler {
		s.query = query
		return gzipped(mux)
	}, nil
}

// policy is the Content-Security-Policy: nothing but what this server sends, and the operator's base map.
func policy(basemap string) (string, error) {
	images := "'self' data:"
	connect := "'self'"
	if basemap != "" {
		origin, err := originOf(basemap)
		if err != nil {
			return "", fmt.Errorf("the base map's address: %w", err)
		}
		images += " " + origin
		connect += " " + origin
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; connect-src " + connect + "; img-src " + images +
		"; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors ", nil
}

// request is one request for a page on its way.
type request struct {
	*state
	site *site
	http *http.Request
	w    http.ResponseWriter
}

func (r *request) ask(name string, variables map[string]any, into any) error {
	return r.site.ask(r.http.Context(), name, variables, into)
}

// path gives a part of the path.
func (r *request) part(name string) string { return r.http.PathValue(name) }

func (s *site) answer(page func(*request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		h := w.Header()
		ancestors := "'none'"
		if hr.URL.Path == "/embed" { // for every website
			ancestors = "*"
			h.Set("Access-Control-Allow-Origin", "*")
			h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		}
		h.Set("Content-Security-Policy", s.policy+ancestors)
		h.Set("Permissions-Policy", "geolocation=(self), camera=(), microphone=()")
		st, err := readState(hr, s.Now().In(s.zone))
		r := &request{state: st, site: s, http: hr, w: w}
		if err == nil {
			err = page(r)
		}
		if err != nil {
			s.fail(r, err)
		}
	})
}

// fail answers with the page of a fault.
func (s *site) fail(r *request, err error) {
	if r.http.Context().Err() != nil {
		return // nobody is left to tell
	}
	var f *fault
	if !errors.As(err, &f) {
		f = &fault{status: http.StatusInternalServerError, code: "INTERNAL_SERVER_ERROR", detail: err.Error()}
	}
	var known *ent.Error
	if errors.As(err, &known) && known.Code == ent.CodeBadInput {
		f = &fault{status: http.StatusBadRequest, code: string(known.Code), field: known.Field}
	}
	// A cursor that fits no longer leads to the beginning of its list.
	if f.status == http.StatusBadRequest && (f.field == "after" || f.field == "before") {
		r.w.Header().Set("Cache-Control", "no-store")
		http.Redirect(r.w, r.http, r.With(), http.StatusSeeOther)
		return
	}
	if f.status >= 500 {
		s.Log.Error().Str("path", r.http.URL.Path).Err(f).Msg("a page could not be made")
		r.w.Header().Set("Retry-After", "5")
	}
	v := &view{request: r, Robots: "noindex"}
	if r.http.URL.Path == "/embed" { // in a frame nothing leads to pages that want none
		v.Title = "Umland"
		r.w.Header().Set("Cache-Control", "no-store")
		r.render("embed-error", f.status, v, struct{ Status int }{f.status})
		return
	}
	v.Title = map[int]string{
		http.StatusNotFound:           r.tr("Nicht gefunden", "Not found"),
		http.StatusBadRequest:         r.tr("Diese Adresse ergibt keine Suche", "This address is no search"),
		http.StatusServiceUnavailable: r.tr("Gerade nicht erreichbar", "Not available just now"),
	}[f.status]
	if v.Title == "" {
		v.Title = r.tr("Etwas ist schiefgegangen", "Something went wrong")
	}
	r.w.Header().Set("Cache-Control", "no-store")
	r.render("error", f.status, v, struct{ Status int }{f.status})
}

// view is what every page has.
type view struct {
	*request
	Title, Description string
	Canonical          string   // path of the page's one address, "" for none
	Robots             string   // "" for: to be found
	LinkedData         any      // schema.org, nil for none
	Section            string   // of the navigation
	Query              string   // address of the playground with the query of this page, "" for none
	Preview            string   // path of the picture that is shown beside a link to the page, "" for the one of the whole
	Image              *picture // a photograph instead of it, nil for none
	Page               any      // what only this page has
}

// render answers with a template.
func (r *request) render(name string, status int, v *view, page any) {
	v.Page = page
	var b bytes.Buffer
	if err := r.site.pages[r.english].ExecuteTemplate(&b, name, v); err != nil {
		r.site.Log.Error().Str("path", r.http.URL.Path).Err(err).Msg("a page could not be made")
		http.Error(r.w, "Something went wrong on our side.", http.StatusInternalServerError)
		return
	}
	h := r.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "public, max-age=60")
	}
	h.Set("Content-Language", r.locale)
	r.w.WriteHeader(status)
	_, _ = r.w.Write(b.Bytes()) // the client is gone: nobody is left to tell
}

// Origin is how the public reaches this server.
func (v *view) Origin() string {
	if v.site.Options.Origin != "" {
		return strings.TrimSuffix(v.site.Options.Origin, "/")
	}
	scheme := "http"
	if v.http.TLS != nil || v.http.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + v.http.Host
}

// Alternate is the address of the page in German or English.
func (v *view) Alternate(lang string) string {
	path, query, _ := strings.Cut(v.Canonical, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		values = url.Values{}
	}
	if values.Del("lang"); lang != "de" {
		values.Set("lang", lang)
	}
	return v.Origin() + address(path, values)
}

// Legal are the pages of the operator that have an address, with their names.
func (v *view) Legal() []link {
	var out []link
	l := v.site.Options.Legal
	for _, p := range []link{
		{Text: v.tr("Impressum", "Legal notice"), URL: l.Imprint}, {Text: v.tr("Datenschutz", "Privacy"), URL: l.Privacy},
		{Text: v.tr("Erklärung zur Barrierefreiheit", "Accessibility statement"), URL: l.Accessibility},
	} {
		if p.URL != "" {
			out = append(out, p)
		}
	}
	return out
}

// Today is the day of the page.
func (v *view) Today() string { return v.day(v.now) }

// Lang is the language of the page itself.
func (v *view) Lang() string { return v.tr("de", "en") }

// Locale is the language of the texts: de, en or de-simple.
func (v *view) Locale() string { return v.locale }

// Static gives the address of a file of static/.
func (v *view) Static(name string) string { return v.site.static.url(name) }

// Script is the address of the built script, "" when it was not built.
func (v *view) Script() string { return v.site.Script }

// Version is that of the program.
func (v *view) Version() string { return v.site.Version }

// Basemap is the operator's, "" for none.
func (v *view) Basemap() string { return v.site.Options.Basemap }

// BasemapCredit is what the base map asks for.
func (v *view) BasemapCredit() string { return v.site.BasemapCredit }

// playground gives the address of the playground with the query of a page in it.
func (s *site) playground(name string, variables map[string]any) string {
	kept := map[string]any{}
	for k, v := range variables {
		if v != nil && v != "" {
			kept[k] = v
		}
	}
	pretty, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		return ""
	}
	return "/playground/" + fragment(s.documents[name], string(pretty))
}
