package harvest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"umland/ent"
	"umland/fetch"
	"umland/store"
)

// The bounds of one run.
const (
	maxItems    = 200_000
	maxKey      = 500             // bytes; longer ones are known by their hash
	maxRaw      = 64 << 10        // bytes of an item as it came that are kept
	maxPosition = 1000            // bytes
	maxBytes    = 50_000_000      // of all documents of a feed together, inflated
	parseTime   = 3 * time.Minute // for reading a feed, further pages included
	runTime     = time.Hour       // for all of it; what takes long is writing, and waiting for others who write
	maxRuns     = 4               // at once in a process; others wait
	maxBackOff  = 24 * time.Hour
	patience    = time.Minute // for which a run waits where the source asks to be left alone; else it fails
	saveAtOnce  = 500
	goneFreely  = 5 // so many items may leave a source without being asked about
	goneOneOf   = 5 // and of more every fifth
	endedLately = 48 * time.Hour
)

// Formats lists all formats. A new one is added here.
func Formats() []Format {
	return []Format{ICal{}, SchemaOrg{}, RSS{}, CSV{}, GeoJSON{}, HSDS{}, XZuFi{}, SVA{}, LinkedEvents{}, Umland{}}
}

// FormatNames lists their names.
func FormatNames() []string {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name())
	}
	return names
}

// Runner reads sources.
type Runner struct {
	Store *store.Store
	Fetch *fetch.Client
	Log   zerolog.Logger
	Now   func() time.Time
	// Formats are those by which sources are read.
	Formats []Format

	categories *categoryWords
	metrics    *metrics
	places     chan struct{} // each run takes one: it holds connections to the database, and what it reads
}

// NewRunner makes a Runner with all formats.
func NewRunner(st *store.Store, client *fetch.Client, log zerolog.Logger, now func() time.Time) (*Runner, error) {
	words, err := newCategoryWords()
	return &Runner{Store: st, Fetch: client, Log: log, Now: now, Formats: Formats(), categories: words, metrics: newMetrics(), places: make(chan struct{}, maxRuns)}, err
}

// ErrBusy says that another run of the source is under way, in this process or another one.
var ErrBusy error = clerk{"Die Quelle wird gerade schon gelesen."}

// errDry takes back what a dry run has done.
var errDry = errors.New("harvest: only a dry run")

func (r *Runner) now() time.Time { return r.Now().UTC().Truncate(time.Microsecond) }

// Run reads a source now, whether or not it is due, and gives the audit row. A run either happens as a whole or changes nothing; a dry one changes nothing
// but says what it would. What goes wrong with the source stands in the row; an error is one of this side, nil row for no such source, or ErrBusy.
func (r *Runner) Run(ctx context.Context, id uuid.UUID, dry bool) (run *ent.Harvest, err error) {
	return r.runOne(ctx, id, dry, false)
}

// runDue is Run of a source that was due a moment ago. Where another process has read it since, there is no run.
func (r *Runner) runDue(ctx context.Context, id uuid.UUID) (run *ent.Harvest, err error) {
	return r.runOne(ctx, id, false, true)
}

func (r *Runner) runOne(ctx context.Context, id uuid.UUID, dry, onlyDue bool) (run *ent.Harvest, err error) {
	ctx, cancel := context.WithTimeout(store.Apart(ctx), runTime)
	defer cancel()
	select {
	case r.places <- struct{}{}:
		defer func() { <-r.places }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	release, ok, err := r.Store.LockSource(ctx, id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrBusy
	}
	defer release()
	source, err := r.Store.Source(ctx, id)
	if source == nil || err != nil {
		return nil, err
	}
	if next := source.NextRunAt(); onlyDue && (next == nil || next.After(r.now())) {
		return nil, nil
	}
	h := &harvesting{Runner: r, source: source, dry: dry, began: r.now()}
	h.run = &ent.Harvest{ID: ent.NewID(), SourceID: id, StartedAt: h.began, Outcome: ent.HarvestFailed, Dry: dry}
	defer h.close()
	defer func() { r.metrics.count(h.run) }()
	err = h.work(ctx)
	if err == nil && h.done {
		return h.run, nil
	}
	if err != nil {
		h.failed(ctx, err)
	}
	return h.run, h.finish(context.WithoutCancel(ctx))
}

// harvesting is one run on its way.
type harvesting struct {
	*Runner
	source *ent.Source
	run    *ent.Harvest
	dry    bool
	began  time.Time
	done   bool // the audit row is written

	format   Format
	response *fetch.Response
	pages    int    // documents besides the first
	position string // as Feed.Position
	body     *spool
	left     int64 // bytes that may still come

	known      map[string]*known
	live       int // of them, those that are in the source as far as is known
	items      []*item
	keys       map[string]bool
	read       int // records that the feed has
	kept       *spool
	incomplete bool
	missing    []*known
	tombs      int
	replaced   int         // items that are something else under a key that is known
	instead    string      // one of them, for a clerk
	diff       *difference // nil where none is wanted
	again      bool        // an item was refused that may be taken the next time
}

// known is a record that is there.
type known struct {
	*store.Known
	seen  bool // it is in the feed as it was
	taken bool // an item goes on with it
	tomb  bool // the feed says that it is gone
}

// item is a record that is new or other than it was.
type item struct {
	key         string
	hash, ident []byte
	at          int64 // in the spool
	size        int
	old         *known
}

// quarantine is the reason why a run waits for somebody.
type quarantine struct{ message string }

func (q quarantine) Error() string { return q.message }

// clerk is an error that a clerk understands.
type clerk struct{ message string }

func (c clerk) Error() string { return c.message }

// internal is an error of this side: the source is not at fault.
type internal struct{ error }

// Unwrap gives what is behind it.
func (i internal) Unwrap() error { return i.error }

func (h *harvesting) close() {
	for _, s := range []*spool{h.body, h.kept} {
		if s != nil {
			s.close()
		}
	}
}

// work does all of it. What speaks against the source is an error; nothing was changed then. What it breaks on in a way that nobody foresaw is one like others.
func (h *harvesting) work(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			h.Log.Error().Str("source", h.source.NodeID()).Interface("panic", p).Bytes("stack", debug.Stack()).Msg("a run broke on a feed")
			err = clerk{"Die Quelle ist so kaputt, dass sie sich nicht lesen lässt."}
		}
	}()
	if h.source.URL == nil || h.source.ProviderID == nil {
		return clerk{"Die Quelle hat keine Adresse, von der sie gelesen werden kann."}
	}
	for _, f := range h.Formats {
		if f.Name() == h.source.Format {
			h.format = f
		}
	}
	if h.format == nil {
		return clerk{"Das Format „" + clipText(h.source.Format, 60) + "“ gibt es nicht."}
	}
	if until := h.source.NotBefore; until != nil && until.After(h.began) {
		wait := until.Sub(h.began)
		if wait > patience {
			return clerk{"Die Quelle hat darum gebeten, bis " + until.In(ent.Berlin).Format("02.01.2006 15:04") + " Uhr nicht abgerufen zu werden."}
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	fetchBegan := time.Now()
	same, err := h.fetch(ctx)
	h.run.FetchMs = int(time.Since(fetchBegan).Milliseconds())
	if err != nil {
		return err
	}
	if same {
		return h.unchanged(ctx)
	}
	parseBegan := time.Now()
	err = h.parse(ctx)
	h.run.ParseMs = int(time.Since(parseBegan).Milliseconds())
	if err != nil {
		return err
	}
	h.pair()
	if err := h.compare(ctx); err != nil {
		return internal{err}
	}
	if err := h.weigh(); err != nil {
		if fault := h.outline(ctx); fault != nil {
			return internal{fault}
		}
		return err
	}
	saveBegan := time.Now()
	err = h.save(ctx, saveBegan)
	if h.dry && errors.Is(err, errDry) {
		h.run.Outcome = ent.HarvestDryRun
		h.run.SaveMs = int(time.Since(saveBegan).Milliseconds())
		return nil
	}
	if err != nil {
		return internal{err}
	}
	return nil
}

// fetch gets the feed's document. same tells that it is the one that was read last.
func (h *harvesting) fetch(ctx context.Context) (same bool, err error) {
	h.left = maxBytes
	name := h.format.Name()
	if name == (Umland{}).Name() { // asked by POST alone
		return false, nil
	}
	req := fetch.Request{URL: *h.source.URL}
	if !h.dry && h.source.Accepted == 0 {
		req.ETag, req.LastModified = h.source.ETag, h.source.LastModified
	}
	res, err := h.Fetch.Do(ctx, req)
	var fault *fetch.Error
	if errors.As(err, &fault) && name == (SVA{}).Name() && fault.Kind == fetch.KindStatus && fault.Status >= 400 && fault.Status < 500 && fault.Status != 429 {
		return false, nil // a GraphQL endpoint that has nothing to GET
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = res.Body.Close() }()
	h.response = res
	h.run.HTTPStatus = &res.Status
	if res.NotModified {
		return true, nil
	}
	h.body = &spool{}
	_, err = io.Copy(h.body, res.Body)
	stats := res.Body.Stats()
	h.run.Bytes, h.run.SHA256 = stats.Bytes, stats.SHA256
	h.left -= stats.Bytes
	if err == nil {
		err = h.body.flush()
	}
	if err != nil {
		return false, err
	}
	return !h.dry && h.source.Accepted == 0 && h.source.SHA256 == h.fingerprint(), nil
}

// fingerprint names a body and the way in which it is understood.
func (h *harvesting) fingerprint() string { return understanding + ":" + h.run.SHA256 }

// unchanged ends a run of a source that has nothing new.
func (h *harvesting) unchanged(ctx context.Context) error {
	n, err := h.Store.CountRecords(ctx, []uuid.UUID{h.source.ID})
	if err != nil {
		return internal{err}
	}
	h.run.Outcome, h.run.Same = ent.HarvestUnchanged, n[h.source.ID]
	h.source.ReadAt, h.source.Failures, h.source.NotBefore = &h.began, 0, nil
	h.source.ETag, h.source.LastModified = h.response.ETag, h.response.LastModified
	return nil
}

// parse reads the feed into items.
func (h *harvesting) parse(ctx context.Context) (err error) {
	rows, err := h.Store.KnownRecords(ctx, h.source.ID)
	if err != nil {
		return internal{err}
	}
	h.known = make(map[string]*known, len(rows))
	for _, k := range rows {
		h.known[k.Key] = &known{Known: k}
		if k.GoneAt == nil {
			h.live++
		}
	}
	h.keys, h.kept = map[string]bool{}, &spool{}
	ctx, cancel := context.WithTimeoutCause(ctx, parseTime, clerk{"Das Lesen der Quelle hat länger als 3 Minuten gedauert."})
	defer cancel()
	feed := &Feed{
		Now: h.began, Zone: ent.Berlin, Options: h.source.Options, Emit: h.emit, Refuse: h.refuse, Get: h.get,
	}
	if h.body == nil && h.source.SHA256 == h.fingerprint() {
		feed.Since = h.source.ETag
	}
	if feed.URL, err = url.Parse(*h.source.URL); err != nil {
		return clerk{"Die Adresse der Quelle ist keine."}
	}
	var head []byte
	if h.body != nil {
		feed.URL, feed.ContentType, feed.Body = h.response.URL, h.response.ContentType, h.body.reader()
		head = make([]byte, min(4096, h.body.size))
		if _, err := h.body.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	if err = h.format.Read(ctx, feed); err == nil {
		h.incomplete = feed.Incomplete
		if len(feed.Position) <= maxPosition {
			h.position = feed.Position
		}
		if feed.Since != "" {
			h.rest()
		}
		return h.kept.flush()
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) && ctx.Err() != nil {
		err = cause
	}
	// A feed that was one and is a page by now, or nothing: somebody should look.
	if empty := (emptyFeed{}); h.live > 0 && errors.As(err, &empty) {
		return quarantine{empty.message + " Was veröffentlicht ist, bleibt stehen."}
	}
	if what := whatIs(head); h.live > 0 && h.body != nil && (what == "eine HTML-Seite" && h.format.Name() != (SchemaOrg{}).Name() || what == "eine leere Datei") {
		return quarantine{"Die Quelle ist keine mehr: Sie liefert " + what + ". Was veröffentlicht ist, bleibt stehen."}
	}
	return err
}

// rest counts what a feed of changes does not name as being in it as it was.
func (h *harvesting) rest() {
	for _, k := range h.known {
		if k.GoneAt == nil && !h.keys[k.Key] && !k.seen && !k.taken {
			k.seen = true
			h.read++
		}
	}
}

// emit takes a record of the feed.
func (h *harvesting) emit(rec *Record) error {
	if h.read++; h.read > maxItems {
		return clerk{fmt.Sprintf("Die Quelle hat mehr als %d Einträge.", maxItems)}
	}
	rec.Key = cleanText(strings.ToValidUTF8(rec.Key, ""))
	if len(rec.Key) > maxKey {
		rec.Key = valueKey(rec.Key)
	}
	if rec.Key == "" {
		return h.refuse(Refusal{rec.Item, "Der Eintrag hat nichts, woran er wiederzuerkennen ist."})
	}
	if h.keys[rec.Key] {
		h.read--
		return h.refuse(Refusal{rec.Item, "Die Kennung „" + clipText(rec.Key, 80) + "“ steht schon bei einem anderen Eintrag."})
	}
	h.keys[rec.Key] = true
	old := h.known[rec.Key]
	if over(rec) {
		h.read--
		if old != nil && old.GoneAt == nil {
			old.tomb = true
			h.tombs++
		}
		return nil
	}
	raw := rec.Raw
	content, hash, ident, err := encode(rec)
	if err != nil {
		return h.refuse(Refusal{rec.Item, "Der Eintrag ist nicht lesbar."})
	}
	if old != nil && old.GoneAt == nil && string(old.Hash) == string(hash) {
		old.seen = true
		return nil
	}
	if len(raw) > maxRaw {
		raw = nil
	}
	at, size, err := h.kept.append(content, string(raw), clipText(strings.ToValidUTF8(rec.Item, ""), 300), clipText(rec.URL, 2000))
	if err != nil {
		return err
	}
	h.items = append(h.items, &item{key: rec.Key, hash: hash, ident: ident, at: at, size: size})
	return nil
}

// refuse takes note of an item that is left out.
func (h *harvesting) refuse(r Refusal) error {
	if h.run.Refused++; len(h.run.Refusals) < ent.MaxRefusals {
		h.run.Refusals = append(h.run.Refusals, ent.Refusal{Item: clipText(cleanText(r.Item), 300), Message: clipText(cleanText(r.Message), 300)})
	}
	if h.run.Refused > 2*maxItems {
		return clerk{"Die Quelle hat zu viele Einträge, die nicht lesbar sind."}
	}
	// The one that is broken has not left.
	if m := refusedKey.FindStringSubmatch(r.Item); m != nil {
		if k := h.known[m[1]]; k != nil && !k.seen && k.GoneAt == nil {
			k.taken = true
		}
	}
	return nil
}

// refusedKey finds the key in what a calendar's refusal names: "VEVENT 3 (UID abc)".
var refusedKey = regexp.MustCompile(`\(UID (.+)\)$`)

// get fetches a further document of the feed.
func (h *harvesting) get(ctx context.Context, req Request) (*Response, error) {
	h.pages++
	if h.left <= 0 {
		return nil, clerk{"Die Quelle hat zusammen mehr als 50 MB."}
	}
	out := fetch.Request{URL: req.URL, Body: req.Body, MaxBytes: h.left}
	if req.Accept != "" {
		out.Header = map[string][]string{"Accept": {req.Accept}}
	}
	res, err := h.Fetch.Do(ctx, out)
	if err != nil {
		return nil, forClerks(err)
	}
	if h.run.HTTPStatus == nil {
		h.run.HTTPStatus = &res.Status
	}
	return &Response{URL: res.URL, ContentType: res.ContentType, Body: &page{Body: res.Body, h: h}}, nil
}

// page counts what a further document takes.
type page struct {
	*fetch.Body
	h *harvesting
}

// Read gives the next bytes.
func (p *page) Read(b []byte) (int, error) {
	n, err := p.Body.Read(b)
	p.h.left -= int64(n)
	p.h.run.Bytes += int64(n)
	return n, forClerks(err)
}

// fetchFault is an error of a fetch without what is behind it, which is for the log: formats put it into what they say.
type fetchFault struct{ err *fetch.Error }

func (f fetchFault) Error() string { return f.err.Message }

// Unwrap gives the error itself.
func (f fetchFault) Unwrap() error { return f.err }

func forClerks(err error) error {
	if fault := (*fetch.Error)(nil); errors.As(err, &fault) {
		return fetchFault{fault}
	}
	return err
}

// pair finds for each item the record that it goes on with. The same key for the same title and time is the same thing; else the same title and time under
// another key is: UIDs change, and are given to others; else the same key is.
func (h *harvesting) pair() {
	open := map[string][]*known{} // by what they are about
	take := func(it *item, k *known) { it.old, k.taken = k, true }
	for _, it := range h.items {
		if k := h.known[it.key]; k != nil && !k.tomb && string(k.Ident) == string(it.ident) {
			take(it, k)
		}
	}
	for _, k := range h.known {
		if !k.seen && !k.taken && !k.tomb {
			open[string(k.Ident)] = append(open[string(k.Ident)], k)
		}
	}
	for _, list := range open {
		slices.SortFunc(list, func(a, b *known) int { // those that are in the source first
			if (a.GoneAt == nil) != (b.GoneAt == nil) {
				if a.GoneAt == nil {
					return -1
				}
				return 1
			}
			return strings.Compare(a.Key, b.Key)
		})
	}
	for _, it := range h.items {
		if list := open[string(it.ident)]; it.old == nil && len(list) > 0 {
			take(it, list[0])
			open[string(it.ident)] = list[1:]
		}
	}
	for _, it := range h.items {
		if k := h.known[it.key]; it.old == nil && k != nil && !k.seen && !k.taken && !k.tomb {
			take(it, k)
		}
	}
	for _, k := range h.known {
		if k.GoneAt == nil && !k.seen && (!k.taken || k.tomb) {
			h.missing = append(h.missing, k)
		}
	}
	slices.SortFunc(h.missing, func(a, b *known) int { return strings.Compare(a.Key, b.Key) })
}

// weigh decides whether what has left the feed may leave the graph.
func (h *harvesting) weigh() error {
	// What came with the last run alone may leave again, as long as all that is older stays: the feed is what it was before.
	fresh := func(k *known) bool { return h.source.ReadAt != nil && !k.FirstSeen.Before(*h.source.ReadAt) }
	older := false
	for _, k := range h.known {
		if k.GoneAt == nil && !fresh(k) {
			older = true
			break
		}
	}
	lost, ended, young := 0, 0, 0
	for _, k := range h.missing {
		if older && fresh(k) {
			young++
			continue
		}
		// What is over by now, and was not, or just so, when the source was last read, leaves as it should.
		if k.Until != nil && k.Until.Before(h.began) && h.source.ReadAt != nil && k.Until.After(h.source.ReadAt.Add(-endedLately)) && !k.tomb {
			ended++
			continue
		}
		lost++
	}
	if lost+h.replaced > 0 {
		lost, young = lost+young, 0
	}
	broken := h.run.Refused - h.source.Refused // more items than before cannot be read: what is missing may be among them
	would := lost
	if broken > 0 {
		would = max(0, lost-broken)
	}
	would += h.replaced
	allowed := h.source.Accepted
	h.run.Gone = len(h.missing)
	counts := func() {
		for _, it := range h.items {
			if it.old == nil {
				h.run.New++
			} else {
				h.run.Changed++
			}
		}
		h.run.Same = h.read - len(h.items)
	}
	switch {
	case h.live > 0 && h.read == 0 && (lost > allowed || lost == 0):
		counts()
		h.run.Gone = h.live
		return quarantine{fmt.Sprintf("Die Quelle ist leer; zuletzt hatte sie %d Einträge. Was veröffentlicht ist, bleibt stehen, bis jemand entscheidet.", h.live)}
	case would > goneFreely && would*goneOneOf > h.live-ended-young && would > allowed:
		counts()
		if h.replaced > 0 {
			h.run.Gone += h.replaced
			return quarantine{fmt.Sprintf("%d von %d Einträgen fehlen auf einmal oder sind unter ihrer Kennung etwas ganz anderes: %s. Es ändert sich nichts, bis jemand entscheidet.", lost+h.replaced, h.live, h.instead)}
		}
		return quarantine{fmt.Sprintf("%d von %d Einträgen fehlen auf einmal. Es ändert sich nichts, bis jemand entscheidet.", lost, h.live)}
	}
	if (broken > 0 || h.incomplete) && lost+young > 0 && allowed == 0 {
		h.missing = slices.DeleteFunc(h.missing, func(k *known) bool { return !k.tomb }) // none of them for now
	} else if lost+young == 0 || allowed > 0 {
		h.source.Refused = h.run.Refused
	}
	return nil
}

// failed writes into the run what went wrong, for a clerk.
func (h *harvesting) failed(ctx context.Context, err error) {
	h.run.Outcome = ent.HarvestFailed
	var (
		q     quarantine
		c     clerk
		ours  internal
		fault *fetch.Error
	)
	message := err.Error()
	switch {
	case errors.As(err, &q):
		h.run.Outcome = ent.HarvestQuarantined
	case errors.As(err, &fault):
		message = strings.Replace(message, fault.Error(), fault.Message, 1)
		if fault.Status != 0 {
			h.run.HTTPStatus = &fault.Status
		}
		if fault.RetryAfter > 0 {
			until := h.began.Add(fault.RetryAfter)
			h.source.NotBefore = &until
		}
	case errors.As(err, &c):
		message = c.message
	case ctx.Err() != nil:
		message = "Der Lauf wurde abgebrochen."
	case errors.As(err, &ours):
		h.Log.Error().Err(err).Str("source", h.source.NodeID()).Msg("a run failed on this side")
		message = "Beim Speichern ist ein Fehler aufgetreten. Es wurde nichts geändert."
	}
	message = clipText(cleanText(strings.ToValidUTF8(message, "")), 1000)
	h.run.Error = &message
	if h.run.Outcome == ent.HarvestFailed {
		h.run.New, h.run.Changed, h.run.Same, h.run.Gone, h.diff = 0, 0, 0, 0, nil
		h.source.Failures++
	}
}

// finish writes the audit row, and when the source is due again.
func (h *harvesting) finish(ctx context.Context) error {
	h.run.FinishedAt = h.now()
	h.run.Changes = h.diff.list()
	if h.dry { // it leaves no trace but the row
		old, err := h.Store.Source(ctx, h.source.ID)
		if err != nil || old == nil {
			return err
		}
		return h.Store.FinishRun(ctx, h.run, old)
	}
	h.schedule()
	err := h.Store.FinishRun(ctx, h.run, h.source)
	h.done = err == nil
	return err
}

// schedule sets when the source is due again: after its interval, and after twice as long for each failure in a row, up to a day, a tenth more or less, so
// that not all come at once.
func (h *harvesting) schedule() {
	s := h.source
	if s.EverySeconds == 0 {
		s.NextAt = nil
		return
	}
	every := time.Duration(s.EverySeconds) * time.Second
	wait := every
	for n := 0; n < s.Failures && wait < maxBackOff; n++ {
		wait *= 2
	}
	if s.Failures > 0 {
		wait = min(wait, max(maxBackOff, every))
	}
	next := h.now().Add(time.Duration(float64(wait) * (0.9 + 0.2*rand.Float64())))
	if s.NotBefore != nil && s.NotBefore.After(next) {
		next = *s.NotBefore
	}
	s.NextAt = &next
}
