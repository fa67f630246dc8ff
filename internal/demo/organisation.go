package demo

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"fourfold/internal/demo/expect"
	"fourfold/internal/fake/github"
	"fourfold/internal/fake/incidentio"
)

// Months and Incidents are how far back the organisation goes and how many incidents it has.
const (
	Months    = 18
	Incidents = 600
)

// Seed makes the organisation the same for everybody on the same day.
const Seed = 4

var jst = time.FixedZone("JST", 9*3600)

// Company is the demo organisation: its incidents, and its code.
type Company struct {
	Incidents *incidentio.Organisation
	Code      *github.Organisation

	coder    *coder
	earlier  []reported
	corrects []correction
}

// Make makes the demo organisation from a seed, over the eighteen months up to now. Nothing in it is later than now.
func Make(seed uint64, now time.Time) *Company {
	m := newMaker(seed, now.UTC().Truncate(time.Second))
	m.define()
	names := m.people()
	code := newCoder(seed, m.now, m.from)
	code.accounts(names)
	code.play()
	causes := m.causes(code)
	for n, a := range causes.arrivals() {
		m.incident(n, a)
		m.blame(causes, a)
	}
	m.followUps()
	m.postmortems()
	m.attachments()
	sortUpdates(m.o)
	return &Company{Incidents: m.o, Code: code.o, coder: code, earlier: m.earlier(), corrects: m.corrections()}
}

// Files are what lies beside the configuration, by path: histories of earlier tools, and people's corrections.
func (c *Company) Files() map[string]string {
	return map[string]string{earlierIncidents: incidentsFile(c.earlier), earlierDeployments: c.coder.deploysFile(), linksPath: linksFile(c.corrects)}
}

// Objects are the incidents and what belongs to them as the API would show them at an instant, those of the earlier tool
// among them.
func (c *Company) Objects(at time.Time) expect.Objects {
	out := c.Incidents.Objects(at)
	for _, x := range c.earlier {
		out["incidents"] = append(out["incidents"], x.object())
	}
	return out
}

// Organisation makes the incidents of the demo organisation alone.
func Organisation(seed uint64, now time.Time) *incidentio.Organisation {
	return Make(seed, now).Incidents
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
	blamed        []blamed
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

// sortUpdates puts all updates in the order of their ids, as an account's list would be.
func sortUpdates(o *incidentio.Organisation) {
	slices.SortFunc(o.Updates, func(a, b *incidentio.Update) int { return cmp.Compare(a.ID, b.ID) })
}
