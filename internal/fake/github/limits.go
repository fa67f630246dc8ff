package github

import (
	"fmt"
	"net/http"
	"time"
)

// Limits of a principal. A limit of zero is none, and then the server answers like one whose limits are off.
type Limits struct {
	Core, GraphQL int // points an hour
}

// DocumentedLimits are those of a personal access token and of a small installation.
var DocumentedLimits = Limits{Core: 5000, GraphQL: 5000}

// SecondaryLimits guard against bursts: points a minute of each API, and requests at one time over both.
type SecondaryLimits struct{ REST, GraphQL, Concurrent int }

// DocumentedSecondaryLimits are GitHub's.
var DocumentedSecondaryLimits = SecondaryLimits{REST: 900, GraphQL: 2000, Concurrent: 100}

// bucket is a principal's hour of one API: it begins with the first request and ends as a whole.
type bucket struct {
	limit, used int
	reset       time.Time
}

func (b *bucket) remaining() int { return max(0, b.limit-b.used) }

// bucket gives the present hour of a principal. Hold the lock.
func (s *Server) bucket(p *principal, resource string, now time.Time) *bucket {
	limit := s.limits.Core
	if resource == "graphql" {
		limit = s.limits.GraphQL
	}
	name := "anonymous"
	if p != nil {
		name = p.name
	} else if resource == "core" {
		limit = min(limit, 60)
	}
	key := name + " " + resource
	b := s.buckets[key]
	if b == nil || !now.Before(b.reset) {
		b = &bucket{limit: limit, reset: now.Add(time.Hour)}
		s.buckets[key] = b
	}
	return b
}

func (s *Server) unlimited() bool { return s.limits == Limits{} }

// spend takes points from a bucket; false if there are not enough, and then nothing is taken.
func (s *Server) spend(p *principal, resource string, points int, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bucket(p, resource, now)
	if !s.unlimited() && b.used+points > b.limit {
		return false
	}
	b.used += points
	s.points[resource] += points
	return true
}

// giveBack undoes a spending: an answer of 304 is free.
func (s *Server) giveBack(p *principal, resource string, points int, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bucket(p, resource, now).used -= points
	s.points[resource] -= points
}

// limitHeaders writes the X-RateLimit headers.
func (s *Server) limitHeaders(h http.Header, p *principal, resource string, now time.Time) {
	if s.unlimited() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bucket(p, resource, now)
	h.Set("X-RateLimit-Limit", itoa(b.limit))
	h.Set("X-RateLimit-Remaining", itoa(b.remaining()))
	h.Set("X-RateLimit-Used", itoa(b.used))
	h.Set("X-RateLimit-Reset", fmt.Sprint(b.reset.Unix()))
	h.Set("X-RateLimit-Resource", resource)
}

// SetUsed says how many points of its hour a token has used: core or graphql.
func (s *Server) SetUsed(tokenName, resource string, used int) {
	now := s.clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bucket(&principal{name: tokenName}, resource, now).used = used
}

// minute counts what came in within a minute.
type minute struct {
	from  time.Time
	count int
}

// secondary checks the limits against bursts, and counts the request in.
func (s *Server) secondary(p *principal, resource string, now time.Time) *apiError {
	if s.bursts == (SecondaryLimits{}) {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	limit, key := s.bursts.REST, "anonymous "+resource
	if resource == "graphql" {
		limit = s.bursts.GraphQL
	}
	if p != nil {
		key = p.name + " " + resource
	}
	m := s.minutes[key]
	if m == nil || now.Sub(m.from) >= time.Minute {
		m = &minute{from: now}
		s.minutes[key] = m
	}
	m.count++
	if limit > 0 && m.count > limit || s.bursts.Concurrent > 0 && s.open > s.bursts.Concurrent {
		wait := int((time.Minute - now.Sub(m.from) + time.Second - 1) / time.Second)
		if s.retryAfter != nil {
			wait = *s.retryAfter
		}
		return secondaryLimit(s.limitStatus, wait)
	}
	return nil
}

// rateLimitAnswer is GET /rate_limit, which costs nothing.
func (s *Server) rateLimitAnswer(p *principal, now time.Time) (any, *apiError) {
	if s.unlimited() {
		return nil, &apiError{status: http.StatusNotFound, message: "Rate limiting is not enabled.", doc: docs + "/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	show := func(b *bucket) object {
		return object{"limit": b.limit, "used": b.used, "remaining": b.remaining(), "reset": b.reset.Unix()}
	}
	core, graphql := show(s.bucket(p, "core", now)), show(s.bucket(p, "graphql", now))
	search := object{"limit": 30, "used": 0, "remaining": 30, "reset": now.Add(time.Minute).Unix()}
	return object{"resources": object{"core": core, "graphql": graphql, "search": search}, "rate": core}, nil
}
