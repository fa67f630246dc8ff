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
	Limit, Remaining int64 // requests
	At               time.Time
}

// Quotas gives what the server last said of each of its limits, the smallest first; none where it says nothing. A limit
// is told from another by its size.
func (c *Client) Quotas() []Quota {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.SortedFunc(maps.Values(c.quotas), func(a, b Quota) int { return int(a.Limit - b.Limit) })
}

// heed notes the limit that an answer names: X-RateLimit-Limit begins with the one that binds, X-RateLimit-Remaining is
// what is left under it. The headers may be absent.
func (c *Client) heed(h http.Header) {
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
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.quotas == nil {
		c.quotas = map[int64]Quota{}
	}
	c.quotas[limit] = Quota{limit, remaining, c.opts.Clock.Now()}
}
