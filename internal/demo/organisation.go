package demo

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"fourfold/internal/fake/incidentio"
)

// Months and Incidents are how far back the organisation goes and how many incidents it has.
const (
	Months    = 18
	Incidents = 600
)

var jst = time.FixedZone("JST", 9*3600)

// Organisation makes the demo organisation from a seed, over the eighteen months up to now. Nothing in it is later than now.
func Organisation(seed uint64, now time.Time) *incidentio.Organisation {
	m := newMaker(seed, now.UTC().Truncate(time.Second))
	m.define()
	m.people()
	arrivals := m.arrivals()
	for n, at := range arrivals {
		m.incident(n, at)
	}
	m.followUps()
	m.attachments()
	sortUpdates(m.o)
	return m.o
}

// maker holds the organisation under construction.
type maker struct {
	rng       *rand.Rand
	now, from time.Time
	defined   time.Time
	n         uint64
	o         *incidentio.Organisation

	status, stamp map[string]string // ids by name
	option        map[string]string // ids of options of the fields, by value
	last          *incidentio.Incident
}

func newMaker(seed uint64, now time.Time) *maker {
	return &maker{
		rng: rand.New(rand.NewPCG(seed, 0x4f0f)), now: now, from: now.AddDate(0, -Months, 0), defined: now.AddDate(0, -Months-1, 0),
		o: &incidentio.Organisation{Name: "Fourfold Shop", Slug: "fourfold-shop"}, status: map[string]string{}, stamp: map[string]string{}, option: map[string]string{},
	}
}

func (m *maker) chance(p float64) bool { return m.rng.Float64() < p }

// id makes an id for something of that time; ids of one time follow the order in which they are made.
func (m *maker) id(at time.Time) string {
	m.n++
	return incidentio.ID(at, m.n)
}

// spread is a duration with a median and a long tail.
func (m *maker) spread(median time.Duration, sigma float64) time.Duration {
	return time.Duration(float64(median) * math.Exp(sigma*m.rng.NormFloat64()))
}

// rough cuts a time to as many digits as a clock or a person might give: mostly none, else one to six.
func (m *maker) rough(t time.Time) time.Time {
	digits := []time.Duration{time.Minute, time.Second, time.Second, 100 * time.Millisecond, time.Millisecond, time.Millisecond, time.Microsecond}
	return t.Truncate(digits[m.rng.IntN(len(digits))])
}

// pick takes one of the pairs, Japanese or English.
func (m *maker) pick(words [][2]string, japanese bool) string {
	pair := words[m.rng.IntN(len(words))]
	if japanese {
		return pair[0]
	}
	return pair[1]
}

// arrivals gives the times at which incidents are declared, in order: fewer at weekends, fewer at night in Japan, and a
// little fewer as time goes on.
func (m *maker) arrivals() []time.Time {
	hours := []float64{2, 1, 1, 1, 1, 2, 3, 4, 6, 9, 12, 12, 9, 11, 12, 12, 11, 10, 9, 7, 6, 5, 4, 3}
	span := m.now.Sub(m.from)
	out := make([]time.Time, 0, Incidents)
	for len(out) < Incidents-4 {
		at := m.from.Add(time.Duration(m.rng.Int64N(int64(span - time.Hour))))
		local := at.In(jst)
		weight := hours[local.Hour()] / 12
		if day := local.Weekday(); day == time.Saturday || day == time.Sunday {
			weight *= 0.35
		}
		weight *= 1 - 0.3*float64(at.Sub(m.from))/float64(span)
		if m.chance(weight) {
			out = append(out, m.rough(at))
		}
	}
	// The last hours always show some that are not over.
	for _, ago := range []time.Duration{26 * time.Hour, 7 * time.Hour, 95 * time.Minute, 20 * time.Minute} {
		out = append(out, m.rough(m.now.Add(-ago)))
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// sortUpdates puts all updates in the order of their ids, as an account's list would be.
func sortUpdates(o *incidentio.Organisation) {
	slices.SortFunc(o.Updates, func(a, b *incidentio.Update) int { return cmp.Compare(a.ID, b.ID) })
}
