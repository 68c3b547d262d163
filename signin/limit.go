package signin

import (
	"hash/maphash"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limiter bounds how often something happens for a key: a number of times at once, and then once an interval. It holds a fixed number of places, which keys
// share by chance: however many keys there are, it takes no more memory, and nobody can push another key out.
type limiter struct {
	seed     maphash.Seed
	burst    int
	interval time.Duration

	mu     sync.Mutex
	places []*rate.Limiter
}

func newLimiter(places, burst int, interval time.Duration) *limiter {
	return &limiter{seed: maphash.MakeSeed(), burst: burst, interval: interval, places: make([]*rate.Limiter, places)}
}

func (l *limiter) allow(key string, now time.Time) bool {
	i := maphash.String(l.seed, key) % uint64(len(l.places))
	l.mu.Lock()
	if l.places[i] == nil {
		l.places[i] = rate.NewLimiter(rate.Every(l.interval), l.burst)
	}
	place := l.places[i]
	l.mu.Unlock()
	return place.AllowN(now, 1)
}
