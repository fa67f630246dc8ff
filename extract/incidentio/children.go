package incidentio

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"fourfold/extract"
	"fourfold/transform"
)

// An update, a follow-up or an attachment is yielded only if its incident is live in the ledger: what the privacy policy
// or the scope keeps out, it keeps out with all that belongs to it. The incidents stream runs before these, so the ledger
// holds what this run has seen.

// rememberedIncidents is how many incidents a stream remembers at once: enough that children that are listed together
// are looked up once, and little enough that memory does not grow with the organisation.
const rememberedIncidents = 20_000

// living tells the children of live incidents from others.
type living struct {
	ledger extract.Ledger
	known  map[string]bool // whether the incident is private; absent: not asked yet
	dead   map[string]bool
}

func newLiving(ledger extract.Ledger) *living {
	return &living{ledger: ledger, known: map[string]bool{}, dead: map[string]bool{}}
}

// records makes records of the children in a page whose incidents are live.
func (l *living) records(ctx context.Context, p *page) ([]extract.Record, error) {
	if len(l.known)+len(l.dead) > rememberedIncidents {
		clear(l.known)
		clear(l.dead)
	}
	parents := make([]string, len(p.list.Items))
	var unknown []string
	for i, item := range p.list.Items {
		id := extract.Texts(item, "incident_id")[0]
		parents[i] = id
		if _, ok := l.known[id]; !ok && !l.dead[id] && id != "" {
			l.dead[id] = true // until the ledger says otherwise
			unknown = append(unknown, id)
		}
	}
	if len(unknown) > 0 {
		found, err := l.ledger.Lookup(ctx, transform.IncidentioIncidents, "visibility", unknown)
		if err != nil {
			return nil, fmt.Errorf("look up the incidents of a page: %w", err)
		}
		for id, visibility := range found {
			delete(l.dead, id)
			l.known[id] = private(visibility)
		}
	}
	for i, item := range p.list.Items {
		secret, ok := l.known[parents[i]]
		if parents[i] == "" { // for the transform to reject; whether it is private cannot be known
			secret, ok = true, true
		}
		if ok {
			p.records = append(p.records, extract.Record{JSON: item, Private: secret})
		}
	}
	return p.records, nil
}

// incident is what has landed of an incident, as far as it matters for when to read its children.
type incident struct {
	id       string
	mode     string
	category string
	private  bool
	created  time.Time
	observed time.Time // when its present version was first seen
}

// open reports whether people may still be at work on it.
func (i incident) open() bool {
	return i.category == "triage" || i.category == "live" || i.category == "paused"
}

// phase is the incident's own moment within a span of time, spread evenly over all incidents.
func (i incident) phase(span time.Duration) time.Duration {
	h := fnv.New64a()
	_, _ = h.Write([]byte(i.id)) // never fails
	return time.Duration(h.Sum64() % uint64(span))
}

// due reports whether the incident's moment lies in (after, until]. Each incident has one in every span, so runs at any
// interval read each incident once per span between them, and a run that comes soon after another next to none. The
// times need no list of who was read when.
func (i incident) due(after, until time.Time, span time.Duration) bool {
	turn := func(t time.Time) int64 {
		d := t.UnixNano() - int64(i.phase(span))
		n := d / int64(span)
		if d%int64(span) < 0 {
			n--
		}
		return n
	}
	return turn(until) > turn(after)
}

// incidents gives the live incidents that choose picks, in the order of their ids. They are collected before anything is
// read, so that no query of the warehouse is open while pages land in it; an incident takes about 100 bytes.
func incidents(ctx context.Context, ledger extract.Ledger, choose func(incident) bool) ([]incident, error) {
	var out []incident
	for o, err := range ledger.Scan(ctx, transform.IncidentioIncidents, "mode", "status_category", "visibility", "created_at") {
		if err != nil {
			return nil, fmt.Errorf("look through the incidents that have landed: %w", err)
		}
		if len(o.Columns) != 4 {
			return nil, fmt.Errorf("look through the incidents that have landed: %d columns instead of 4", len(o.Columns))
		}
		i := incident{id: o.ID, mode: o.Columns[0], category: o.Columns[1], private: private(o.Columns[2]), observed: o.ObservedAt}
		i.created, _ = time.Parse(time.RFC3339, o.Columns[3]) // the ledger's own; zero, as if it were old, if there is none
		if choose(i) {
			out = append(out, i)
		}
	}
	return out, nil
}

// cheaper reports whether reading lists to their ends takes fewer requests than n.
func (s *Source) cheaper(cur *position, n, lists int) bool {
	return int64(n) > int64(lists)+cur.Total/int64(s.size)
}
