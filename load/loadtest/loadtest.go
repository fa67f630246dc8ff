// Package loadtest is the conformance suite of load.Warehouse: every implementation runs it in its own tests. It says
// by example what the contract promises, and knows no engine: it lands batches, asks, closes and opens again.
package loadtest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/load"
	"fourfold/transform"
)

// Harness is one warehouse, empty at first.
type Harness struct {
	// Open opens it. The suite closes it before it opens it again, and then finds what it left.
	Open func(t *testing.T) load.Warehouse
	// Many is a number of objects that Scan reads in several pieces.
	Many int
	// Seeds is the number of random histories, where an engine is slow; 0 is 60.
	Seeds int
}

// promise is one thing that every warehouse keeps.
type promise struct {
	name string
	keep func(*world)
}

// Run proves every promise, each in a warehouse of its own.
func Run(t *testing.T, harness func(t *testing.T) Harness) {
	for _, group := range [][]promise{landing, versions, deletions, sweeps, reading, texts, random} {
		for _, p := range group {
			t.Run(p.name, func(t *testing.T) {
				w := &world{t: t, h: harness(t), clock: time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)}
				w.open()
				defer func() { w.close() }()
				w.begin()
				p.keep(w)
			})
		}
	}
}

// world is a warehouse, and the run that is on.
type world struct {
	load.Warehouse
	t     *testing.T
	h     Harness
	clock time.Time
	run   transform.Run
	runs  int
}

func (w *world) ctx() context.Context { return context.Background() }

func (w *world) open() { w.Warehouse = w.h.Open(w.t) }

func (w *world) close() {
	if w.Warehouse == nil {
		return
	}
	if err := w.Close(); err != nil {
		w.t.Errorf("Close: %v", err)
	}
	w.Warehouse = nil
}

func (w *world) reopen() {
	w.t.Helper()
	w.close()
	w.open()
}

// begin begins the next run, an hour after the last.
func (w *world) begin() {
	w.t.Helper()
	w.runs++
	w.clock = w.clock.Add(time.Hour)
	run, err := w.Begin(w.ctx(), fmt.Sprintf("run-%d", w.runs), w.clock)
	if err != nil {
		w.t.Fatalf("Begin: %v", err)
	}
	w.run = run
}

// object is what a source answers.
type object map[string]any

// with is the object with one field changed.
func (o object) with(name string, value any) object {
	c := object{}
	for k, v := range o {
		c[k] = v
	}
	c[name] = value
	return c
}

func (o object) id() string { return o["id"].(string) }

func (o object) text() []byte {
	text, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return text
}

// severity is an object with a source time, "" for none.
func severity(id, name, updatedAt string) object {
	o := object{"id": id, "name": name, "rank": 1}
	if updatedAt != "" {
		o["updated_at"] = updatedAt
	}
	return o
}

// timestamp is an object of a table without a source time.
func timestamp(id, name string) object { return object{"id": id, "name": name, "rank": 1} }

// update is an object that belongs to an incident.
func update(id, incident string) object {
	return object{
		"id": id, "incident_id": incident, "created_at": "2026-10-05T09:00:00Z",
		"new_incident_status": object{"id": "live", "name": "Live", "category": "live"},
	}
}

// incident has fields that change by themselves.
func incident(id string) object {
	return object{
		"id": id, "reference": "INC-" + id, "name": "It broke", "mode": "standard", "visibility": "public",
		"incident_status": object{"id": "live", "name": "Live", "category": "live"},
		"created_at":      "2026-10-05T08:00:00Z", "updated_at": "2026-10-05T08:30:00Z", "last_activity_at": "2026-10-05T08:30:00Z",
	}
}

var (
	severities = transform.IncidentioSeverities
	timestamps = transform.IncidentioIncidentTimestamps
	updates    = transform.IncidentioIncidentUpdates
	incidents  = transform.IncidentioIncidents
)

// batch makes rows of objects under a policy that keeps private incidents out.
func (w *world) batch(t *transform.Table, objects ...object) transform.Batch {
	return batchOf(w.run, t, objects...)
}

func batchOf(run transform.Run, t *transform.Table, objects ...object) transform.Batch {
	rows := transform.NewRows(t, run, transform.Policy{PrivateIncidents: "exclude", People: "include"})
	for _, o := range objects {
		rows.Add(o.text(), false)
	}
	return rows.Flush()
}

// stream is the stream that all tests of a table are about.
func stream(t *transform.Table) string { return "test/" + t.Stream }

// land appends objects and whatever else a says.
func (w *world) land(t *transform.Table, a load.Append, objects ...object) load.Result {
	w.t.Helper()
	res, err := w.try(w.ctx(), t, a, objects...)
	if err != nil {
		w.t.Fatalf("Append: %v", err)
	}
	return res
}

func (w *world) try(ctx context.Context, t *transform.Table, a load.Append, objects ...object) (load.Result, error) {
	a.Stream, a.Batch = stream(t), w.batch(t, objects...)
	defer a.Batch.Rows.Release()
	if a.Marks || len(a.Complete) > 0 {
		for _, o := range objects {
			a.Seen = append(a.Seen, o.id())
		}
	}
	return w.Append(ctx, a)
}

// added lands objects and checks how many versions are new.
func (w *world) added(want int64, t *transform.Table, objects ...object) {
	w.t.Helper()
	w.same("versions added", w.land(t, load.Append{}, objects...), load.Result{Added: want})
}

func (w *world) same(what string, got, want any) {
	w.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func (w *world) cursor(t *transform.Table) string {
	w.t.Helper()
	c, err := w.Cursor(w.ctx(), stream(t))
	if err != nil {
		w.t.Fatalf("Cursor: %v", err)
	}
	return string(c)
}
