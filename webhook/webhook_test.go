package webhook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"umland/ent"
	"umland/fetch"
	"umland/pgdev/pgtest"
	"umland/store"
	"umland/store/storetest"
	"umland/webhook"
)

// The host of receivers: Linux serves all of 127/8.
const here = "127.0.0.9"

const belzig, brandis = "12069020", "14729070"

var allow = []netip.Prefix{netip.MustParsePrefix(here + "/32")}

// scene is a store with a sender, at a time that the test sets.
type scene struct {
	t     *testing.T
	dsn   string
	st    *store.Store
	actor *ent.Actor

	mu  sync.Mutex
	now time.Time
}

func newScene(t *testing.T) *scene {
	dsn := pgtest.NewDB(t, storetest.Prepare)
	return &scene{t: t, dsn: dsn, st: storetest.Open(t, dsn), actor: ent.System("Test"), now: storetest.Noon}
}

func (s *scene) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *scene) wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *scene) sender(st *store.Store) *webhook.Sender {
	return &webhook.Sender{
		Store: st, Now: s.clock, Log: zerolog.New(zerolog.NewTestWriter(s.t)), API: "https://umland.example/graphql", Poll: 20 * time.Millisecond,
		Fetch: fetch.New(fetch.Options{Allow: allow, Interval: -1, MaxBytes: webhook.MaxBytes, Timeout: 2 * time.Second}),
	}
}

// drain sends all that is due.
func (s *scene) drain() {
	s.t.Helper()
	if err := s.sender(s.st).Drain(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) provider(ags string) *ent.Provider {
	s.t.Helper()
	p, err := s.st.SaveProvider(s.t.Context(), s.actor, s.clock(), store.ProviderSave{AGS: ags, Edit: func(p *ent.Provider) ent.UserErrors {
		p.Name, p.Kind = "Verein", ent.ProviderClub
		return nil
	}})
	s.must(err)
	return p
}

// save publishes a service of the provider under an id of the provider's own.
func (s *scene) save(p *ent.Provider, id, title string) *ent.Offering {
	s.t.Helper()
	o, err := s.st.SaveOffering(context.WithoutCancel(s.t.Context()), s.actor, s.clock(), store.OfferingSave{ProviderID: p.ID, ExternalID: &id, Publish: true, Edit: func(o *ent.Offering) ent.UserErrors {
		o.ExternalID, o.Title, o.Kind = &id, title, ent.KindService
		return nil
	}})
	s.must(err)
	return o
}

func (s *scene) hook(url string, f *ent.OfferingFilter) *ent.Webhook {
	s.t.Helper()
	w, err := s.st.SaveWebhook(s.t.Context(), s.actor, s.clock(), store.WebhookSave{Name: "App", URL: url, Filter: f, Secret: ent.NewWebhookSecret()})
	s.must(err)
	return w
}

// sql runs a statement beside the store.
func (s *scene) sql(statement string, args ...any) {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.dsn)
	s.must(err)
	defer func() { _ = conn.Close(context.Background()) }()
	_, err = conn.Exec(s.t.Context(), statement, args...)
	s.must(err)
}

// again reads the webhook.
func (s *scene) again(w *ent.Webhook) *ent.Webhook {
	s.t.Helper()
	all, err := s.st.Webhooks(s.t.Context(), s.actor)
	s.must(err)
	for _, x := range all {
		if x.ID == w.ID {
			return x
		}
	}
	s.t.Fatal("the webhook is gone")
	return nil
}

// log reads the webhook's deliveries, the newest change first.
func (s *scene) log(w *ent.Webhook) []*ent.WebhookDelivery {
	s.t.Helper()
	first := store.MaxPage
	pages, err := s.st.DeliveriesOf(s.t.Context(), []uuid.UUID{w.ID}, store.PageArgs{First: &first})
	s.must(err)
	return pages[w.ID].Nodes()
}

func (s *scene) delivery(w *ent.Webhook, id string) *ent.WebhookDelivery {
	s.t.Helper()
	for _, d := range s.log(w) {
		if d.NodeID() == id {
			return d
		}
	}
	s.t.Fatal("there is no delivery " + id)
	return nil
}

// got is what a receiver was sent.
type got struct {
	ID, Cursor string
	At         time.Time
	Gone       bool
	API        string
	Offering   struct {
		ID, Kind, Title string
		UpdatedAt       *time.Time
	}
	header http.Header
	body   []byte
}

// receiver takes deliveries. answer says what to answer to the n-th, from 0; nil takes all.
type receiver struct {
	url string

	mu  sync.Mutex
	all []*got
}

func receive(t *testing.T, answer func(n int, g *got, w http.ResponseWriter)) *receiver {
	t.Helper()
	l, err := net.Listen("tcp", here+":0")
	if err != nil {
		t.Fatal(err)
	}
	r := new(receiver)
	srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		b, _ := io.ReadAll(req.Body)
		g := &got{header: req.Header.Clone(), body: b}
		if err := json.Unmarshal(b, g); err != nil || req.Method != http.MethodPost {
			t.Errorf("%s %s: %v", req.Method, b, err)
		}
		r.mu.Lock()
		n := len(r.all)
		r.all = append(r.all, g)
		r.mu.Unlock()
		if answer != nil {
			answer(n, g, w)
		}
	})}}
	srv.Start()
	t.Cleanup(srv.Close)
	r.url = srv.URL + "/umland"
	return r
}

// taken gives what has come, and forgets it.
func (r *receiver) taken() []*got {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.all
	r.all = nil
	return all
}

func titles(all []*got) string {
	out := make([]string, len(all))
	for i, g := range all {
		if out[i] = g.Offering.Title; g.Gone {
			out[i] = "gone"
		}
	}
	return strings.Join(out, ", ")
}

func (s *scene) expect(r *receiver, want string) []*got {
	s.t.Helper()
	all := r.taken()
	if got := titles(all); got != want {
		s.t.Errorf("arrived: %q, expected %q", got, want)
	}
	return all
}

// verified checks a signature as the guide tells receivers to.
func verified(secret, signature string, body []byte, now time.Time) bool {
	t, v1, _ := strings.Cut(strings.TrimPrefix(signature, "t="), ",v1=")
	sent, err := strconv.ParseInt(t, 10, 64)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return err == nil && now.Sub(time.Unix(sent, 0)).Abs() < 5*time.Minute && hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(v1))
}

// A known answer, so that the signature does not change with us.
func TestSign(t *testing.T) {
	t.Parallel()
	const want = "t=1795431600,v1=55026c456e39393a84f383ace0fee6d861c5cdca8c77f9a3295e4b58786df2f4" // as printf '1795431600.{}' | openssl dgst -sha256 -hmac whs_x
	if got := webhook.Sign("whs_x", time.Unix(1795431600, 0), []byte("{}")); got != want {
		t.Error(got)
	}
}

// What a receiver is sent: signed, with the offering as the public sees it, or only its id when it is gone.
func TestDelivery(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	r := receive(t, nil)
	p := s.provider(belzig)
	s.save(p, "0", "Vorher")
	w := s.hook(r.url, nil)
	o := s.save(p, "1", "Bücherei")
	s.drain()
	g := s.expect(r, "Bücherei")[0]
	if g.Gone || g.Offering.ID != o.NodeID() || g.Offering.Kind != "SERVICE" || !g.Offering.UpdatedAt.Equal(o.UpdatedAt) || !g.At.Equal(s.clock()) || g.API != "https://umland.example/graphql" {
		t.Errorf("%s", g.body)
	}
	if !verified(w.Secret, g.header.Get("Umland-Signature"), g.body, s.clock()) || verified("other", g.header.Get("Umland-Signature"), g.body, s.clock()) ||
		verified(w.Secret, g.header.Get("Umland-Signature"), append(g.body, ' '), s.clock()) {
		t.Error(g.header)
	}
	if g.header.Get("Umland-Delivery") != g.ID || g.header.Get("Content-Type") != "application/json" {
		t.Error(g.header)
	}
	// The cursor is one of the feed: what comes after it is not yet told.
	changed, err := s.st.Changes(t.Context(), store.PageArgs{After: &g.Cursor})
	s.must(err)
	if len(changed.Edges) != 0 {
		t.Errorf("after the cursor: %v", changed.Nodes())
	}
	s.must(s.st.EraseOffering(t.Context(), s.actor, s.clock(), o.ID))
	s.drain()
	g = s.expect(r, "gone")[0]
	if g.Offering.ID != o.NodeID() || g.Offering.Kind != "" || bytes.Contains(g.body, []byte("updatedAt")) {
		t.Errorf("%s", g.body)
	}
	for _, d := range s.log(w) {
		if d.State != ent.DeliveryDone || d.Attempts != 1 || *d.Status != 200 || d.Error != nil || d.DoneAt == nil || d.TookMs == nil {
			t.Errorf("%+v", d)
		}
	}
	if n, err := s.st.ForgetDeliveries(t.Context(), s.clock().Add(store.KeepDeliveries)); n != 0 || err != nil {
		t.Errorf("forgotten too early: %d %v", n, err)
	}
	if n, err := s.st.ForgetDeliveries(t.Context(), s.clock().Add(store.KeepDeliveries+time.Second)); n != 2 || err != nil {
		t.Errorf("forgotten: %d %v", n, err)
	}
}

// A filter lets through what matches before or after; what leaves it is told as gone.
func TestFilter(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	r := receive(t, nil)
	town, other := s.provider(belzig), s.provider(brandis)
	word := "Turnen"
	s.hook(r.url, &ent.OfferingFilter{Municipalities: []string{belzig}, Search: &word})
	s.save(other, "1", "Turnen anderswo")
	s.save(town, "1", "Turnen")
	s.save(town, "2", "Singen")
	s.drain()
	s.expect(r, "Turnen")
	s.save(town, "1", "Tanzen")
	s.drain()
	s.expect(r, "gone")
	s.save(town, "2", "Laufen") // which words it had before is not kept: what may have matched is told as gone
	s.save(other, "1", "Singen anderswo")
	s.drain()
	s.expect(r, "gone")
}

// What failed comes again, later and later, is signed anew, and is given up at last; it holds up nothing.
func TestRetries(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	r := receive(t, func(_ int, g *got, w http.ResponseWriter) {
		if g.Offering.Title == "Schlecht" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	w := s.hook(r.url, nil)
	p := s.provider(belzig)
	s.save(p, "1", "Schlecht")
	s.save(p, "2", "Gut")
	s.drain()
	first := s.expect(r, "Schlecht, Gut")
	for i, wait := range []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour} {
		d := s.delivery(w, first[0].ID)
		if d.State != ent.DeliveryPending || d.Attempts != i+1 || *d.Status != 500 || d.Error == nil {
			t.Fatalf("after attempt %d: %+v", i+1, d)
		}
		if planned := d.NextAt.Sub(s.clock()); planned < wait || planned > wait+wait/5 {
			t.Errorf("after attempt %d it waits %v", i+1, planned)
		}
		s.wait(wait - time.Second)
		s.drain()
		s.expect(r, "")
		s.wait(wait/5 + 2*time.Second)
		s.save(p, "2", "Gut "+strconv.Itoa(i)) // something arrives: the webhook as such does not fail
		s.drain()
		all := s.expect(r, "Schlecht, Gut "+strconv.Itoa(i))
		if all[0].ID != first[0].ID || !verified(w.Secret, all[0].header.Get("Umland-Signature"), all[0].body, s.clock()) {
			t.Errorf("again: %v", all[0].header)
		}
	}
	failed := s.delivery(w, first[0].ID)
	if d := failed; d.State != ent.DeliveryFailed || d.Attempts != 9 || d.DoneAt == nil || d.NextAttemptAt() != nil {
		t.Errorf("at last: %+v", d)
	}
	s.wait(100 * time.Hour)
	s.drain()
	s.expect(r, "")
	if w := s.again(w); w.PausedAt != nil {
		t.Errorf("paused: %s", *w.PausedReason)
	}
	_, err := s.st.Redeliver(t.Context(), s.actor, s.clock(), failed.ID)
	s.must(err)
	s.drain()
	s.expect(r, "Schlecht")
	if d := s.delivery(w, first[0].ID); d.State != ent.DeliveryPending || d.Attempts != 1 || d.DoneAt != nil {
		t.Errorf("after it was sent again: %+v", d)
	}
}

// A webhook to which nothing arrives for three days is paused; when it goes on, nothing is lost.
func TestPaused(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	var down sync.Mutex
	broken := true
	r := receive(t, func(_ int, _ *got, w http.ResponseWriter) {
		down.Lock()
		defer down.Unlock()
		if broken {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	w := s.hook(r.url, nil)
	p := s.provider(belzig)
	for i := range 8 {
		s.save(p, strconv.Itoa(i), "Nr. "+strconv.Itoa(i))
		s.drain()
		if s.again(w).FailingSince == nil {
			t.Fatal("it does not fail")
		}
		s.wait(12 * time.Hour)
	}
	h := s.again(w)
	if h.PausedAt == nil || h.PausedReason == nil || !strings.Contains(*h.PausedReason, "three days") || !h.FailingSince.Equal(storetest.Noon) {
		t.Fatalf("%+v", h)
	}
	r.taken()
	s.drain()
	s.expect(r, "")
	down.Lock()
	broken = false
	down.Unlock()
	h, err := s.st.PauseWebhook(t.Context(), s.actor, s.clock(), w.ID, false)
	s.must(err)
	if h.PausedAt != nil || h.FailingSince != nil {
		t.Errorf("%+v", h)
	}
	s.drain()
	s.expect(r, "Nr. 0, Nr. 1, Nr. 2, Nr. 3, Nr. 4, Nr. 5, Nr. 6, Nr. 7")
}

// A receiver that asked to be left alone for long is tried soon when somebody gives the webhook another address.
func TestMoved(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	old := receive(t, func(_ int, _ *got, w http.ResponseWriter) {
		w.Header().Set("Retry-After", "86400")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	next := receive(t, nil)
	w := s.hook(old.url, nil)
	s.save(s.provider(belzig), "1", "Eins")
	s.drain()
	s.expect(old, "Eins")
	s.wait(time.Hour)
	_, err := s.st.SaveWebhook(t.Context(), s.actor, s.clock(), store.WebhookSave{ID: &w.ID, Name: "App", URL: next.url, KeepFilter: true})
	s.must(err)
	s.wait(store.DeliveryLease)
	s.drain()
	g := s.expect(next, "Eins")[0]
	if !verified(w.Secret, g.header.Get("Umland-Signature"), g.body, s.clock()) {
		t.Error("the secret has changed")
	}
}

// What single answers mean.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter)
		state  ent.DeliveryState
		status int
		rest   time.Duration // the next attempt is at least so far away, and nothing else is sent until then
		paused bool
	}{
		"204":          {func(w http.ResponseWriter) { w.WriteHeader(204) }, ent.DeliveryDone, 204, 0, false},
		"404":          {func(w http.ResponseWriter) { w.WriteHeader(404) }, ent.DeliveryPending, 404, 0, false},
		"gone":         {func(w http.ResponseWriter) { w.WriteHeader(410) }, ent.DeliveryPending, 410, 0, true},
		"too many":     {func(w http.ResponseWriter) { w.Header().Set("Retry-After", "3600"); w.WriteHeader(429) }, ent.DeliveryPending, 429, time.Hour, false},
		"not now":      {func(w http.ResponseWriter) { w.Header().Set("Retry-After", "9999999"); w.WriteHeader(503) }, ent.DeliveryPending, 503, 24 * time.Hour, false},
		"elsewhere":    {func(w http.ResponseWriter) { w.Header().Set("Location", "http://127.0.0.1:1/"); w.WriteHeader(307) }, ent.DeliveryPending, 0, 10 * time.Second, false},
		"as a GET":     {func(w http.ResponseWriter) { w.Header().Set("Location", "/other"); w.WriteHeader(302) }, ent.DeliveryPending, 302, 0, false},
		"much to say":  {func(w http.ResponseWriter) { _, _ = w.Write(make([]byte, 1_000_000)) }, ent.DeliveryDone, 200, 0, false},
		"hangs up":     {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, ent.DeliveryPending, 0, 10 * time.Second, false},
		"takes a week": {func(http.ResponseWriter) { time.Sleep(3 * time.Second) }, ent.DeliveryPending, 0, 10 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			r := receive(t, func(n int, _ *got, w http.ResponseWriter) {
				if n == 0 {
					c.answer(w)
				}
			})
			w := s.hook(r.url, nil)
			p := s.provider(belzig)
			s.save(p, "1", "Eins")
			s.drain()
			s.save(p, "2", "Zwei")
			s.drain()
			switch all := r.taken(); {
			case len(all) != 2 && c.rest == 0 && !c.paused, len(all) != 1 && (c.rest > 0 || c.paused):
				t.Errorf("arrived: %s", titles(all))
			}
			log := s.log(w)
			d := log[len(log)-1]
			if d.State != c.state || c.status == 0 && d.Status != nil || c.status != 0 && *d.Status != c.status || d.NextAt.Sub(s.clock()) < c.rest {
				t.Errorf("%+v", d)
			}
			if d.Error != nil && strings.Contains(*d.Error, "127.0.0.1") {
				t.Errorf("tells of the network: %s", *d.Error)
			}
			if h := s.again(w); (h.PausedAt != nil) != c.paused || (h.FailingSince != nil) != (c.rest > 0 || c.paused) {
				t.Errorf("%+v", h)
			}
		})
	}
}

// What a process had claimed that was killed comes again when its lease is over, and not before.
func TestKilled(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	r := receive(t, nil)
	s.hook(r.url, nil)
	p := s.provider(belzig)
	s.save(p, "1", "Eins")
	s.save(p, "2", "Zwei")
	_, err := s.st.QueueDeliveries(t.Context(), s.clock())
	s.must(err)
	lost, err := s.st.ClaimDeliveries(t.Context(), s.clock(), 10)
	s.must(err)
	if len(lost) != 1 {
		t.Fatalf("%d of one webhook are claimed", len(lost))
	}
	s.drain()
	s.expect(r, "")
	s.wait(store.DeliveryLease)
	s.drain()
	all := s.expect(r, "Eins, Zwei")
	if all[0].ID != lost[0].NodeID() {
		t.Errorf("%s, not %s", all[0].ID, lost[0].NodeID())
	}
	// The one that was taken for dead cannot undo what the other has done.
	retry := s.clock()
	s.must(s.st.FinishDelivery(t.Context(), lost[0], ent.DeliveryResult{At: s.clock(), Error: "x", Retry: &retry}))
	s.drain()
	s.expect(r, "")
}

// Several processes, while changes are made, deliver each change to each webhook once, one at a time.
func TestTogether(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	p := s.provider(belzig)
	const hooks, senders, changes = 3, 3, 30
	var receivers []*receiver
	for range hooks {
		busy := make(chan struct{}, 1)
		r := receive(t, func(_ int, _ *got, _ http.ResponseWriter) {
			select {
			case busy <- struct{}{}:
			default:
				t.Error("two at once")
			}
			time.Sleep(time.Millisecond)
			<-busy
		})
		receivers = append(receivers, r)
		s.hook(r.url, nil)
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for range senders {
		sender := s.sender(storetest.Open(t, s.dsn))
		running.Go(func() { sender.Run(ctx) })
	}
	for i := range changes {
		s.save(p, strconv.Itoa(i%7), "Nr. "+strconv.Itoa(i))
	}
	deadline := time.Now().Add(time.Minute)
	for _, r := range receivers {
		for {
			r.mu.Lock()
			n := len(r.all)
			r.mu.Unlock()
			if n >= changes {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d of %d", n, changes)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	time.Sleep(100 * time.Millisecond) // for what should not come
	stop()
	running.Wait()
	for _, r := range receivers {
		seen := map[string]bool{}
		all := r.taken()
		for _, g := range all {
			seen[g.Cursor] = true
		}
		if len(all) != changes || len(seen) != changes {
			t.Errorf("%d arrived, of %d changes", len(all), len(seen))
		}
	}
	s.drain()
	for _, r := range receivers {
		s.expect(r, "")
	}
}

// A webhook whose filter names what is no more is paused, and holds up no other.
func TestStaleFilter(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	r, fine := receive(t, nil), receive(t, nil)
	w := s.hook(r.url, &ent.OfferingFilter{Categories: []string{"sport"}})
	s.hook(fine.url, nil)
	s.sql(`UPDATE webhook SET filter = '{"categories": ["nichts"]}' WHERE id = $1`, w.ID)
	s.save(s.provider(belzig), "1", "Eins")
	s.drain()
	s.expect(r, "")
	s.expect(fine, "Eins")
	if h := s.again(w); h.PausedAt == nil || !strings.Contains(*h.PausedReason, "nichts") {
		t.Errorf("%+v", h)
	}
}

// The queue of one webhook is bounded: what is beyond stays in the change log until there is room.
func TestFull(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	r := receive(t, nil)
	w := s.hook(r.url, nil)
	s.sql(`INSERT INTO webhook_delivery (id, webhook_id, position, at, offering_id, gone, state, next_at, created_at)
		SELECT gen_random_uuid(), $1, -n, now(), gen_random_uuid(), false, 'PENDING', 'infinity', now() FROM generate_series(1, 10000) n`, w.ID)
	s.save(s.provider(belzig), "1", "Eins")
	s.drain()
	s.expect(r, "")
	s.sql(`DELETE FROM webhook_delivery WHERE position = -1`)
	s.drain()
	s.expect(r, "Eins")
}

// A name may lead into a private network without its looking so: nothing is sent there.
func TestPrivateName(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	called := make(chan struct{}, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called <- struct{}{} }))
	t.Cleanup(srv.Close)
	w := s.hook(strings.Replace(srv.URL, "127.0.0.1", "localhost", 1), nil)
	s.save(s.provider(belzig), "1", "Eins")
	s.drain()
	d := s.log(w)[0]
	if d.State != ent.DeliveryPending || d.Status != nil || d.Error == nil || !strings.Contains(*d.Error, "nicht im öffentlichen Internet") {
		t.Errorf("%+v %v", d, *d.Error)
	}
	select {
	case <-called:
		t.Error("it was sent there")
	default:
	}
}

// Which addresses are taken when a webhook is saved.
func TestCheckURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		url           string
		public, inner bool // taken without and with networks that are allowed
	}{
		{"https://app.example/hook?key=1", true, true},
		{"http://app.example:8080/", true, true},
		{"https://93.184.215.14/", true, true},
		{"https://[2606:2800:220:1::1]/", true, true},
		{"ftp://app.example/", false, false},
		{"https://user:secret@app.example/", false, false},
		{"/hook", false, false},
		{"https:///hook", false, false},
		{"http://127.0.0.9/", false, true},
		{"http://127.0.0.1/", false, false},
		{"http://10.1.2.3/", false, false},
		{"http://192.168.178.1/", false, false},
		{"http://169.254.169.254/latest/meta-data/", false, false},
		{"http://100.64.0.1/", false, false},
		{"http://0.0.0.0/", false, false},
		{"http://[::1]/", false, false},
		{"http://[::ffff:127.0.0.1]/", false, false},
		{"http://[::ffff:127.0.0.9]/", false, true},
		{"http://[fe80::1%25eth0]/", false, false},
		{"http://[fd00::1]/", false, false},
		{"http://[64:ff9b::7f00:1]/", false, false},
		{"http://127.0.0.1./", false, false},
		{"http://127.1/", false, false},
		{"http://2130706433/", false, false},
		{"http://0x7f.0.0.0x1/", false, false},
		{"http://0x7f000001/", false, false},
		{"http://localhost/", false, true},
		{"http://LOCALHOST./", false, true},
		{"http://a.localhost/", false, true},
		{"http://rathaus/", false, true},
		{"http://app.intranet/", false, true},
		{"http://router.home.arpa/", false, true},
	} {
		if got := webhook.CheckURL(c.url, nil) == ""; got != c.public {
			t.Errorf("%s without: %q", c.url, webhook.CheckURL(c.url, nil))
		}
		if got := webhook.CheckURL(c.url, allow) == ""; got != c.inner {
			t.Errorf("%s with: %q", c.url, webhook.CheckURL(c.url, allow))
		}
	}
}
