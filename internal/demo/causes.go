package demo

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"time"

	"fourfold/internal/fake/incidentio"
)

// arrival is an incident to come: when it is declared, in what service, and what set it off.
type arrival struct {
	declared time.Time
	impact   time.Time // zero: to be drawn
	service  int       // in services
	unnamed  bool      // the incident names no configured service
	harm     *harm     // nil: something else than a deployment
}

// causes tells which incidents follow from deployments, and which do not.
type causes struct {
	m         *maker
	harms     []*harm
	successes map[string][]*launch // of production, by service, in order of finish
}

func (m *maker) causes(c *coder) *causes {
	x := &causes{m: m, successes: map[string][]*launch{}}
	for _, r := range c.repos {
		if r.months > 0 {
			continue
		}
		for _, h := range r.harms {
			if (h.launch.record != nil || h.launch.published != nil) && h.impact.Before(m.now.Add(-30*time.Hour)) {
				x.harms = append(x.harms, h)
			}
		}
		var all []*launch
		for _, launches := range r.live {
			all = append(all, launches...)
		}
		slices.SortFunc(all, func(a, b *launch) int {
			return cmp.Or(a.success.Compare(b.success), cmp.Compare(a.environment, b.environment))
		})
		for _, s := range r.services {
			x.successes[s] = append(x.successes[s], all...)
			slices.SortStableFunc(x.successes[s], func(a, b *launch) int { return a.success.Compare(b.success) })
		}
	}
	slices.SortFunc(x.harms, func(a, b *harm) int { return cmp.Or(a.impact.Compare(b.impact), cmp.Compare(a.repo.name, b.repo.name)) })
	return x
}

// before gives the last success of a service at or before an instant, or nil.
func (x *causes) before(service string, at time.Time) *launch {
	all := x.successes[service]
	n := sort.Search(len(all), func(n int) bool { return all[n].success.After(at) })
	if n == 0 {
		return nil
	}
	return all[n-1]
}

// fromDeployments is how many incidents at most follow from deployments.
const fromDeployments = 450

// arrivals gives the incidents in the order in which they are declared. Most follow from a deployment, one or some from
// each that broke something. The rest come fewer at weekends, fewer at night in Japan, and a little fewer as time goes on;
// few of those soon after a deployment.
func (x *causes) arrivals() []arrival {
	m := x.m
	var out []arrival
	for _, h := range x.harms {
		out = append(out, x.of(h, h.impact))
		for m.chance(0.48) {
			later := h.impact.Add(time.Duration(m.rng.Int64N(int64(4 * time.Hour))))
			if later.Before(m.now.Add(-27 * time.Hour)) {
				out = append(out, x.of(h, later))
			}
		}
	}
	if len(out) > fromDeployments {
		m.rng.Shuffle(len(out), func(a, b int) { out[a], out[b] = out[b], out[a] })
		out = out[:fromDeployments]
	}
	for k := 0; len(out) < Incidents-4; k++ {
		out = append(out, x.external(k < 8))
	}
	// The last hours always show some that are not over.
	for _, ago := range []time.Duration{26 * time.Hour, 7 * time.Hour, 95 * time.Minute, 20 * time.Minute} {
		out = append(out, arrival{declared: m.rough(m.now.Add(-ago)), service: m.anyService()})
	}
	slices.SortFunc(out, func(a, b arrival) int { return a.declared.Compare(b.declared) })
	return out
}

// of is an incident that a problem led to: noticed some minutes after it hurt.
func (x *causes) of(h *harm, impact time.Time) arrival {
	k := slices.IndexFunc(services, func(s service) bool { return s.name == h.service })
	return arrival{declared: x.m.rough(impact.Add(x.m.spread(9*time.Minute, 0.9)).Add(time.Second)), impact: impact, service: k, harm: h, unnamed: x.m.chance(0.03)}
}

var serviceWeights = []int{0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7}

func (m *maker) anyService() int { return serviceWeights[m.rng.IntN(len(serviceWeights))] }

// external is an incident that no deployment led to. One that is near seems to follow from the deployment before it.
func (x *causes) external(near bool) arrival {
	m := x.m
	a := arrival{unnamed: !near && m.chance(0.35)}
	for {
		a.declared, a.service = m.someTime(), m.anyService()
		last := x.before(services[a.service].name, a.declared)
		if near {
			if last != nil && a.declared.Sub(last.success) < 15*time.Hour {
				return a
			}
			continue
		}
		if a.unnamed || last == nil || a.declared.Sub(last.success) > 26*time.Hour || m.chance(0.02) {
			return a
		}
	}
}

// someTime draws when something happens by itself.
func (m *maker) someTime() time.Time {
	hours := []float64{2, 1, 1, 1, 1, 2, 3, 4, 6, 9, 12, 12, 9, 11, 12, 12, 11, 10, 9, 7, 6, 5, 4, 3}
	span := m.now.Sub(m.from)
	for {
		at := m.from.Add(time.Duration(m.rng.Int64N(int64(span - time.Hour))))
		local := at.In(jst)
		weight := hours[local.Hour()] / 12
		if day := local.Weekday(); day == time.Saturday || day == time.Sunday {
			weight *= 0.2
		}
		if m.chance(weight * (1 - 0.3*float64(at.Sub(m.from))/float64(span))) {
			return m.rough(at)
		}
	}
}

// name lets people say what led to an incident and what mended it: by attaching pull requests or commits, in the custom
// field, or not at all.
func (m *maker) name(i *incidentio.Incident, h *harm) {
	at := m.early(i.CreatedAt.Add(10 * time.Minute))
	repository := h.repo.code.FullName()
	switch x := m.rng.Float64(); {
	case x < 0.27 && h.pull != nil:
		m.attachPull(i, at, repository, h.pull.number, h.pull.title)
		h.attached[i.ID] = true
	case x < 0.32:
		m.attachCommit(i, at, repository, h.sha, "What broke it")
		h.attached[i.ID] = true
	case x < 0.54:
		m.causeField(i, h)
	}
	for _, p := range h.fixes {
		if !p.merged.IsZero() && p.merged.After(i.CreatedAt) && m.chance(0.5) {
			h.attached[i.ID] = true
			if m.chance(0.12) {
				m.attachCommit(i, m.early(p.merged), repository, p.merge, p.title)
				continue
			}
			m.attachPull(i, m.early(p.merged), repository, p.number, p.title)
		}
	}
}

// attachCommit attaches the page of a commit, for which the platform has no kind of its own.
func (m *maker) attachCommit(i *incidentio.Incident, at time.Time, repository, sha, title string) {
	page := fmt.Sprintf("https://github.com/%s/commit/%s", repository, sha)
	m.o.Attachments = append(m.o.Attachments, &incidentio.Attachment{ID: m.id(at), Incident: i.ID, ResourceType: "arbitrary_url", ExternalID: page, Permalink: page, Title: title})
}

func (m *maker) attachPull(i *incidentio.Incident, at time.Time, repository string, number int, title string) {
	m.o.Attachments = append(m.o.Attachments, &incidentio.Attachment{
		ID: m.id(at), Incident: i.ID, ResourceType: "github_pull_request",
		ExternalID: fmt.Sprintf("%s/%d", repository, number), Permalink: fmt.Sprintf("https://github.com/%s/pull/%d", repository, number), Title: title,
	})
}

// causeField writes the deployment's number, our id for it, its address in the API, or the commit, whole or in part; of a
// release its tag or its page.
func (m *maker) causeField(i *incidentio.Incident, h *harm) {
	value := incidentio.FieldValue{Field: m.o.CustomFields[fieldCausedBy].ID}
	x := m.rng.Float64()
	if p := h.launch.published; p != nil {
		value.Text = p.TagName
		if x < 0.4 {
			value.Text = fmt.Sprintf("https://github.com/%s/releases/tag/%s", h.repo.code.FullName(), p.TagName)
		}
		i.Fields = append(i.Fields, value)
		return
	}
	id := h.launch.record.ID
	switch {
	case x < 0.28:
		value.Text = fmt.Sprint(id)
	case x < 0.42:
		value.Text = fmt.Sprintf("deployments:%d", id)
	case x < 0.56:
		value.Text = fmt.Sprintf("%s/repos/%s/deployments/%d", publicAPI, h.repo.code.FullName(), id)
	case x < 0.79:
		value.Text = h.launch.sha[:7+m.rng.IntN(6)]
	case x < 0.86:
		value.Text = h.launch.sha
	case x < 0.9:
		value.Text = h.sha[:10]
	case x < 0.96 && h.release.staged != nil: // the wrong one, to staging
		value.Text = fmt.Sprint(h.release.staged.record.ID)
		h.staging[i.ID] = true
	default:
		value.Text = "前日のリリース"
	}
	i.Fields = append(i.Fields, value)
}

// publicAPI is where addresses of GitHub's API point, wherever the organisation is served.
const publicAPI = "https://api.github.com"
