package server

import (
	"container/list"
	"sync"
)

// cache keeps what was used last, up to a sum of weights in bytes.
type cache[V any] struct {
	most int64

	mu      sync.Mutex
	weight  int64
	entries map[string]*list.Element
	recent  *list.List // of *entry[V], the one used last in front
}

type entry[V any] struct {
	key    string
	value  V
	weight int64
}

func newCache[V any](most int64) *cache[V] {
	return &cache[V]{most: most, entries: map[string]*list.Element{}, recent: list.New()}
}

func (c *cache[V]) get(key string) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if !ok {
		return value, false
	}
	c.recent.MoveToFront(e)
	return e.Value.(*entry[V]).value, true
}

// add keeps the value unless it is so heavy that it would drive out a quarter of the others.
func (c *cache[V]) add(key string, value V, weight int64) {
	weight += int64(len(key)) + 200 // for the entry itself
	if weight > c.most/4 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries[key] != nil {
		return
	}
	c.entries[key] = c.recent.PushFront(&entry[V]{key, value, weight})
	c.weight += weight
	for c.weight > c.most {
		last := c.recent.Back()
		old := c.recent.Remove(last).(*entry[V])
		delete(c.entries, old.key)
		c.weight -= old.weight
	}
}
