package incidentio

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"
)

const (
	keyBurst      = 1200 // requests at once per key
	keyPerSecond  = 20   // tokens that come back per second
	windowSeconds = 60
)

// bucket is a token bucket with continuous refill.
type bucket struct {
	size, perSecond, level float64
	seen                   time.Time
}

func newBucket(size, perSecond float64) *bucket {
	return &bucket{size: size, perSecond: perSecond, level: size}
}

// refill brings the level up to the instant. A clock that goes back adds nothing.
func (b *bucket) refill(now time.Time) {
	if !b.seen.IsZero() && now.After(b.seen) {
		b.level = min(b.size, b.level+now.Sub(b.seen).Seconds()*b.perSecond)
	}
	if now.After(b.seen) {
		b.seen = now
	}
}

// wait is how long until a whole token is there.
func (b *bucket) wait() time.Duration {
	return time.Duration(max(0, 1-b.level) / b.perSecond * float64(time.Second))
}

func (b *bucket) full() time.Duration {
	return time.Duration((b.size - b.level) / b.perSecond * float64(time.Second))
}

// take spends a token of the key, and of the endpoint's own limit if it has one; it writes the headers. The error is the
// 429 of the binding limit, and then nothing is spent.
func (s *Server) take(h http.Header, key *Key, e *endpoint, now time.Time) *apiError {
	if s.unlimited {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	own := []*bucket{s.bucket(key.Name, "", keyBurst, keyPerSecond)}
	quotas := []int{keyBurst}
	if e.RateLimitPerMinute > 0 {
		n := e.RateLimitPerMinute
		own = append(own, s.bucket(key.Name, e.Path, float64(n), float64(n)/windowSeconds))
		quotas = append(quotas, n)
	}
	binding := len(own) - 1
	var blocked bool
	for i, b := range own {
		b.refill(now)
		if b.level < 1 {
			blocked, binding = true, i
		}
	}
	if !blocked {
		for _, b := range own {
			b.level--
		}
		if own[0].level < own[binding].level {
			binding = 0
		}
	}
	b := own[binding]
	limit := []string{itoa(quotas[binding])}
	for _, n := range quotas {
		limit = append(limit, fmt.Sprintf("%d;window=%d", n, windowSeconds))
	}
	h.Set("X-RateLimit-Limit", strings.Join(limit, ", "))
	h.Set("X-RateLimit-Remaining", itoa(int(b.level)))
	h.Set("X-RateLimit-Used", itoa(quotas[binding]-int(b.level)))
	h.Set("X-RateLimit-Reset", itoa(int(math.Ceil(float64(now.Add(b.full()).UnixMilli())/1000))))
	if !blocked {
		return nil
	}
	seconds := int(math.Ceil(b.wait().Seconds()))
	if s.retryAfter != nil {
		seconds = *s.retryAfter
	}
	return tooMany(key.Name, quotas[binding], now.Add(b.wait()), false, itoa(seconds))
}

func (s *Server) bucket(key, path string, size, perSecond float64) *bucket {
	name := key + " " + path
	if s.buckets[name] == nil {
		s.buckets[name] = newBucket(size, perSecond)
	}
	return s.buckets[name]
}
