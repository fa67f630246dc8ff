// Package random makes organisations of a few dozen incidents and deployments, over the half year in which clocks change and
// years end, with all that makes numbers of real ones go wrong. A seed makes the same organisation each time.
//
// What it gives are the objects that the sources' APIs show, as the extractors hand them on, in the order in which runs of
// a sync saw them: it knows nothing of tables or rules. What is impossible in an API is not in it; what is unlikely is.
package random

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"fourfold/internal/truth"
)

// Zones are the time zones of organisations: east and west of UTC, with clocks that change by an hour and by half an hour,
// and a zone that is off by three quarters.
var Zones = []string{"UTC", "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"}

// spans are the years' turns that organisations live through: with the weeks 2026-W01, 2025-W01 and 2020-W53 in the middle.
var spans = [][2]string{{"2025-09-20", "2026-04-15"}, {"2024-10-20", "2025-04-12"}, {"2020-09-25", "2021-04-08"}}

type object = map[string]any

// maker makes one organisation.
type maker struct {
	rng      *rand.Rand
	seed     uint64
	zone     *time.Location
	from, to time.Time
	runs     []time.Time // when syncs ran
	special  []time.Time // instants at which something begins in the zone
	past     []time.Time // instants that were drawn, to be drawn again
	options  options
	records  map[string][]truth.Record

	repositories []*repository
	launches     []*launch // all that were deployed, for incidents to name
	incidents    []*incident
	ids          int64
	definitions  definitions
}

// Zone is the time zone of a seed's organisation.
func Zone(seed uint64) string { return Zones[seed%uint64(len(Zones))] }

// World makes the organisation of a seed.
func World(seed uint64) truth.World {
	m := &maker{rng: rand.New(rand.NewPCG(seed, 20)), seed: seed, records: map[string][]truth.Record{}, ids: 4}
	name := Zone(seed)
	var err error
	if m.zone, err = time.LoadLocation(name); err != nil {
		panic(err) // the names are constants
	}
	span := spans[m.rng.IntN(len(spans))]
	m.from, m.to = m.midnight(span[0]), m.midnight(span[1])
	m.special = m.turns()
	m.drawRuns()
	m.options = m.drawOptions(name)
	m.makeCode()
	m.makeDeployments()
	m.makeOtherSources()
	m.makeFileDeployments()
	m.makeDefinitions()
	m.makeIncidents()
	m.makeFileIncidents()
	for table := range m.records {
		slices.SortStableFunc(m.records[table], func(a, b truth.Record) int { return a.ObservedAt.Compare(b.ObservedAt) })
	}
	world := truth.World{AsOf: m.now(), Config: m.options.yaml(), Files: map[string]string{}, Records: m.records}
	if m.options.links {
		world.Files["links.csv"] = m.links()
	}
	return world
}

// now is the instant of the build: soon after the last sync, at times just when a period begins.
func (m *maker) now() time.Time {
	last := m.runs[len(m.runs)-1]
	if m.chance(0.3) {
		return m.midnightAfter(last)
	}
	return last.Add(m.between(time.Second, 30*time.Hour))
}

// drawRuns chooses when syncs ran: rarely at first, so that an object's versions are skipped, and at last often.
func (m *maker) drawRuns() {
	at := m.from.Add(m.between(30*24*time.Hour, 60*24*time.Hour))
	for at.Before(m.to) && len(m.runs) < 4 {
		m.runs = append(m.runs, at.Truncate(time.Microsecond))
		at = at.Add(m.between(24*time.Hour, 60*24*time.Hour))
	}
	m.runs = append(m.runs, m.to)
}

func (m *maker) chance(p float64) bool { return m.rng.Float64() < p }

func (m *maker) between(low, high time.Duration) time.Duration {
	if high <= low {
		return low
	}
	return low + time.Duration(m.rng.Int64N(int64(high-low)))
}

func pick[T any](m *maker, from []T) T { return from[m.rng.IntN(len(from))] }

// some is n things at most of a list, in its order.
func some[T any](m *maker, n int, from []T) []T {
	var out []T
	for _, i := range slices.Sorted(slices.Values(m.rng.Perm(len(from))[:min(n, len(from))])) {
		out = append(out, from[i])
	}
	return out
}

// number gives ids that grow, at times by a digit: 9 is before 10.
func (m *maker) number() int64 {
	m.ids += 1 + m.rng.Int64N(2)
	return m.ids
}

// version is a state of an object: from an instant on, as it is shown to who looks at a later one.
type version struct {
	at   time.Time
	gone bool
	show func(seen time.Time) object
}

// always shows the same.
func always(o object) func(time.Time) object { return func(time.Time) object { return o } }

// observe lets the syncs see an object. Each sees the state at its time, if it is new to it; one in many sees it once more,
// and where the source says when it changed, one may get a stale answer. private says of an instant whether the object
// belonged to a private incident then; nil is never.
func (m *maker) observe(table, id string, hasTime bool, private func(time.Time) bool, versions ...version) {
	slices.SortStableFunc(versions, func(a, b version) int { return a.at.Compare(b.at) })
	shown, secret := -1, false
	for _, run := range m.runs {
		at := -1
		for i, v := range versions {
			if !v.at.After(run) {
				at = i
			}
		}
		if at < 0 {
			continue
		}
		hidden := private != nil && private(run)
		switch {
		case versions[at].gone:
			if shown >= 0 && shown != at {
				m.add(table, truth.Record{ObservedAt: run, Deleted: true, JSON: asJSON(object{"id": id})})
			}
		case shown != at || hidden != secret || m.chance(0.03):
			m.add(table, truth.Record{ObservedAt: run, Private: hidden, JSON: asJSON(versions[at].show(run))})
		case hasTime && at > 0 && !versions[at-1].gone && !hidden && m.chance(0.03):
			m.add(table, truth.Record{ObservedAt: run, JSON: asJSON(versions[at-1].show(run))})
		}
		shown, secret = at, hidden
	}
}

func (m *maker) add(table string, r truth.Record) { m.records[table] = append(m.records[table], r) }

func asJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps and texts can be written
	}
	return text
}

// stamp writes an instant as GitHub does, in whole seconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// stampMillis writes an instant as incident.io does.
func stampMillis(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// put sets a field where there is something to set.
func put(o object, name string, value any) {
	switch v := value.(type) {
	case string:
		if v == "" {
			return
		}
	case time.Time:
		if v.IsZero() {
			return
		}
		o[name] = stamp(v)
		return
	case nil:
		return
	}
	o[name] = value
}

func byTime(a, b time.Time) int { return a.Compare(b) }

func orElse[T comparable](a, b T) T { return cmp.Or(a, b) }

// ulid is an id of incident.io's kind: it sorts by time.
func (m *maker) ulid(at time.Time) string {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	ms := at.UnixMilli()
	var b [26]byte
	for i := 9; i >= 0; i-- {
		b[i] = letters[ms&31]
		ms >>= 5
	}
	for i := 10; i < 26; i++ {
		b[i] = letters[m.rng.IntN(32)]
	}
	return string(b[:])
}

func text(format string, args ...any) string { return fmt.Sprintf(format, args...) }
