// Package answers keeps answers that the public got, for as long as asking the database again would give the same.
//
// A kept answer is only given after the change log was looked at: every change that was committed before the request came in has taken away the answers
// that it may touch. Requests that come at the same time look together, so that a look costs little; and as the log is in the database, it does not matter which
// process made the change.
package answers

import (
	"bytes"
	"compress/gzip"
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"umland/store"
)

// Key is what an answer is kept under: a hash of all that the answer depends on but the data and the clock.
type Key [sha256.Size]byte

// Answer is an answer as it is sent.
type Answer struct {
	Body []byte
	Gzip []byte // nil where it would not be smaller
	ETag string // of the body, as in an ETag header
	// Of the operation, for the log.
	Operation string
	Cost      int
}

// NewAnswer makes an answer of a body.
func NewAnswer(body []byte, operation string, cost int) *Answer {
	sum := sha256.Sum256(body)
	a := &Answer{Body: body, ETag: `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`, Operation: operation, Cost: cost}
	if len(body) >= 1024 {
		var b bytes.Buffer
		w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // the level is one that there is
		_, _ = w.Write(body)
		_ = w.Close()
		if b.Len() < len(body) {
			a.Gzip = bytes.Clone(b.Bytes())
		}
	}
	return a
}

// log is what the cache needs of the store.
type log interface {
	LastLogged(ctx context.Context) (int64, error)
	LoggedAfter(ctx context.Context, position int64) (changes []*store.Logged, last int64, more bool, err error)
	Generation() int64
}

// Cache keeps answers. It is safe for concurrent use.
type Cache struct {
	log   log
	now   func() time.Time
	most  int64
	looks *prometheus.CounterVec

	mu         sync.Mutex
	entries    map[Key]*list.Element // of *entry
	recent     *list.List            // the one used last in front
	weight     int64
	seen, old  map[Key]bool // asked once: what comes once is not worth keeping
	position   int64        // of the change log, to which entries are right; -1: not known yet
	generation int64
	applied    int64           // counts changes
	tail       []*store.Logged // the last of them, for answers that are being made
	next       *look           // which has not begun yet
	looking    bool
}

type entry struct {
	key    Key
	answer *Answer
	reads  *store.Reads
	minute time.Time // in which it is right; zero: always
	weight int64
}

// look is one look at the change log, which several requests wait for.
type look struct {
	done chan struct{}
	err  error
}

const (
	keptTail = 2 * store.MostLogged
	keptSeen = 50_000
	// patience is how long a look at the log may take, since requests wait for it.
	patience = 2 * time.Second
)

// New makes a cache of up to most bytes.
func New(st *store.Store, most int64, now func() time.Time) *Cache {
	return &Cache{
		log: st, now: now, most: most, position: -1, entries: map[Key]*list.Element{}, recent: list.New(), seen: map[Key]bool{},
		looks: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "umland_answers_total", Help: "Requests that an answer could have been kept for, by outcome."}, []string{"outcome"}),
	}
}

// Describe implements prometheus.Collector.
func (c *Cache) Describe(ch chan<- *prometheus.Desc) { c.looks.Describe(ch) }

// Collect implements prometheus.Collector.
func (c *Cache) Collect(ch chan<- prometheus.Metric) { c.looks.Collect(ch) }

// Outcome counts requests that ended so: hit, miss, gone.
func (c *Cache) Outcome(outcome string) prometheus.Counter { return c.looks.WithLabelValues(outcome) }

// Get gives the answer that is kept under the key, nil when there is none that the database would give now.
func (c *Cache) Get(ctx context.Context, key Key) *Answer {
	if c.find(key) == nil {
		c.looks.WithLabelValues("miss").Inc()
		return nil
	}
	if c.look(ctx) != nil {
		c.looks.WithLabelValues("miss").Inc()
		return nil
	}
	a := c.find(key)
	outcome := "hit"
	if a == nil {
		outcome = "gone"
	}
	c.looks.WithLabelValues(outcome).Inc()
	return a
}

func (c *Cache) find(key Key) *Answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	el := c.entries[key]
	if el == nil {
		return nil
	}
	e := el.Value.(*entry)
	if !e.minute.IsZero() && !e.minute.Equal(c.minute()) {
		c.remove(el)
		return nil
	}
	c.recent.MoveToFront(el)
	return e.answer
}

func (c *Cache) minute() time.Time { return c.now().UTC().Truncate(time.Minute) }

// Watch gives a context to make the answer for the key with, and keep, which keeps it if it may be kept. Both are nil where it is not worth it: when
// it is asked for for the first time.
func (c *Cache) Watch(ctx context.Context, key Key) (watched context.Context, keep func(*Answer)) {
	if !c.again(key) || c.look(ctx) != nil {
		return nil, nil
	}
	c.mu.Lock()
	since, generation, minute := c.applied, c.generation, c.minute()
	c.mu.Unlock()
	watched, reads := store.Watched(ctx)
	return watched, func(a *Answer) {
		kept, clock := reads.Kept()
		if !kept {
			return
		}
		e := &entry{key: key, answer: a, reads: reads, weight: int64(cap(a.Body)+cap(a.Gzip)) + 2000}
		if clock {
			e.minute = minute
		}
		c.add(e, since, generation)
	}
}

// again tells whether the key was asked for before, and notes it.
func (c *Cache) again(key Key) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen[key] || c.old[key] {
		return true
	}
	if len(c.seen) >= keptSeen {
		c.seen, c.old = map[Key]bool{}, c.seen
	}
	c.seen[key] = true
	return false
}

// add keeps the entry, unless a change since then has touched it, or nobody can tell any more.
func (c *Cache) add(e *entry, since, generation int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	missed := c.applied - since
	if missed > int64(len(c.tail)) || generation != c.generation || e.weight > c.most/4 {
		return
	}
	for _, change := range c.tail[int64(len(c.tail))-missed:] {
		if e.reads.Touches(change) {
			return
		}
	}
	if el := c.entries[e.key]; el != nil {
		c.remove(el)
	}
	c.entries[e.key] = c.recent.PushFront(e)
	c.weight += e.weight
	for c.weight > c.most {
		c.remove(c.recent.Back())
	}
}

func (c *Cache) remove(el *list.Element) {
	e := c.recent.Remove(el).(*entry)
	delete(c.entries, e.key)
	c.weight -= e.weight
}

func (c *Cache) clear() {
	c.entries, c.recent, c.weight = map[Key]*list.Element{}, list.New(), 0
	c.tail = nil
	c.applied++ // what is being made was made before
}

// look returns when every change that was committed before it was called has taken away what it touches.
func (c *Cache) look(ctx context.Context) error {
	c.mu.Lock()
	if c.next == nil {
		c.next = &look{done: make(chan struct{})}
		if !c.looking {
			c.looking = true
			go c.lookOn()
		}
	}
	l := c.next
	c.mu.Unlock()
	select {
	case <-l.done:
		return l.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lookOn looks until nobody waits: one look after the other, each for all who came before it began.
func (c *Cache) lookOn() {
	for {
		c.mu.Lock()
		l, position := c.next, c.position
		c.next = nil
		if l == nil {
			c.looking = false
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		l.err = c.lookFrom(position)
		close(l.done)
	}
}

func (c *Cache) lookFrom(position int64) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	generation := c.log.Generation()
	var changes []*store.Logged
	var last int64
	var err error
	more := position < 0
	if !more {
		if changes, last, more, err = c.log.LoggedAfter(ctx, position); err != nil {
			return err
		}
	}
	if more {
		if last, err = c.log.LastLogged(ctx); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if more || generation != c.generation {
		c.clear()
	}
	c.position, c.generation = last, generation
	if more {
		return nil
	}
	for _, change := range changes {
		for el := c.recent.Front(); el != nil; {
			next := el.Next()
			if el.Value.(*entry).reads.Touches(change) {
				c.remove(el)
			}
			el = next
		}
	}
	c.applied += int64(len(changes))
	c.tail = append(c.tail, changes...)
	if n := len(c.tail) - keptTail; n > 0 {
		c.tail = append([]*store.Logged(nil), c.tail[n:]...)
	}
	return nil
}
