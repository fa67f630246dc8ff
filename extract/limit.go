package extract

import (
	"context"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limit is a budget that a server documents: a token bucket of Burst requests that refills by PerSecond.
type Limit struct {
	// Method and Path say which requests spend of it; empty is every request to the host. Path is below the base URL.
	Method, Path string
	Burst        int
	PerSecond    float64
}

func (l Limit) matches(method, path string) bool {
	return (l.Method == "" || l.Method == method) && (l.Path == "" || l.Path == path)
}

// budget keeps a client within its limits, and off an endpoint that a server has asked it to leave alone for a while.
type budget struct {
	clock   Clock
	limits  []Limit
	buckets []*rate.Limiter

	mu     sync.Mutex
	paused map[string]time.Time // by endpoint
}

func newBudget(clock Clock, limits []Limit) *budget {
	b := &budget{clock: clock, limits: limits, paused: map[string]time.Time{}}
	for _, l := range limits {
		b.buckets = append(b.buckets, rate.NewLimiter(rate.Limit(l.PerSecond), l.Burst))
	}
	return b
}

func endpoint(method, path string) string { return method + " " + strings.TrimSuffix(path, "/") }

// pause keeps every request to an endpoint back until the instant.
func (b *budget) pause(method, path string, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if k := endpoint(method, path); until.After(b.paused[k]) {
		b.paused[k] = until
	}
}

// wait takes one token of every limit that applies; it returns when all of them are there, or the context's error, and
// then no token is taken.
func (b *budget) wait(ctx context.Context, method, path string) error {
	for {
		b.mu.Lock()
		until := b.paused[endpoint(method, path)]
		b.mu.Unlock()
		d := until.Sub(b.clock.Now())
		if d <= 0 {
			break
		}
		if err := b.clock.Sleep(ctx, d); err != nil {
			return err
		}
	}
	now := b.clock.Now()
	var longest time.Duration
	var taken []*rate.Reservation
	for i, l := range b.limits {
		if l.matches(method, path) {
			r := b.buckets[i].ReserveN(now, 1)
			taken = append(taken, r)
			longest = max(longest, r.DelayFrom(now))
		}
	}
	err := ctx.Err()
	if err == nil && longest > 0 {
		err = b.clock.Sleep(ctx, longest)
	}
	if err != nil {
		for _, r := range taken {
			r.CancelAt(now)
		}
	}
	return err
}
