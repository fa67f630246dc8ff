package extract

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Quota is what a server last said is left of one of its limits.
type Quota struct {
	Bucket           string // its name, where the server has several
	Limit, Remaining int64  // requests, or points where requests have prices
	At               time.Time
	// Reset is when the whole of it is back; zero where the server does not say.
	Reset time.Time
	// Allowed is how much of it this program may spend until then, and Spent how much of that it has; zero without an
	// Allowance.
	Allowed, Spent int64
}

// Quotas gives what the server last said of each of its limits, the smallest first; none where it says nothing. A limit
// is told from another by its bucket or, where there is none, by its size.
func (c *Client) Quotas() []Quota {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := slices.SortedFunc(maps.Values(c.quotas), func(a, b Quota) int { return int(a.Limit - b.Limit) })
	for i, q := range out {
		out[i].Allowed, out[i].Spent = c.opts.Allowance.of(q.Bucket)
	}
	return out
}

// heed notes the limit that an answer names: X-RateLimit-Limit begins with the one that binds, X-RateLimit-Remaining is
// what is left under it. The headers may be absent.
func (c *Client) heed(bucket string, h http.Header) {
	first, _, _ := strings.Cut(h.Get("X-RateLimit-Limit"), ",")
	first, _, _ = strings.Cut(first, ";")
	limit, err := strconv.ParseInt(strings.TrimSpace(first), 10, 64)
	if err != nil {
		return
	}
	remaining, err := strconv.ParseInt(strings.TrimSpace(h.Get("X-RateLimit-Remaining")), 10, 64)
	if err != nil {
		return
	}
	q := Quota{Bucket: bucket, Limit: limit, Remaining: remaining, At: c.opts.Clock.Now()}
	if unix, err := strconv.ParseInt(strings.TrimSpace(h.Get("X-RateLimit-Reset")), 10, 64); err == nil && unix > 0 && bucket != "" {
		q.Reset = time.Unix(unix, 0).UTC()
	}
	c.opts.Allowance.told(q)
	key := bucket
	if key == "" {
		key = strconv.FormatInt(limit, 10)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.quotas == nil {
		c.quotas = map[string]Quota{}
	}
	c.quotas[key] = q
}

// spend counts what an answer cost.
func (c *Client) spend(req Request, points int64) {
	if req.Bucket == "" {
		return
	}
	c.count(req.Stream, func(n *Counts) { n.Points += points })
	c.opts.Allowance.spend(req.Bucket, points)
}
