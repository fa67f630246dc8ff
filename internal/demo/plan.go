package demo

import (
	"time"

	"fourfold/internal/fake/incidentio"
)

// plan is the life of one incident: what happens when. What would happen after now does not happen.
type plan struct {
	m        *maker
	i        *incidentio.Incident
	japanese bool
	rank     int
	quality  float64
	bare     bool // nobody set a time for its start

	impact, fixed time.Time // what is known of when it began and when it was mended; zero: to be drawn

	steps  []step
	stamps []incidentio.TimestampValue
}

// step is a move into a status, or a word within it.
type step struct {
	at             time.Time
	status         string
	message        string
	severity, into string // a severity that it sets; the incident that it is merged into
	byWorkflow     bool
}

func (p *plan) step(at time.Time, status string, words [][2]string) {
	s := step{at: at, status: status}
	if words != nil && p.m.chance(0.8) {
		s.message = p.m.pick(words, p.japanese)
	}
	p.steps = append(p.steps, s)
}

func (p *plan) stamp(name string, at time.Time) {
	p.stamps = append(p.stamps, incidentio.TimestampValue{Timestamp: p.m.stamp[name], At: p.m.rough(at)})
}

// live chooses a kind of life. Some incidents are what they are by their number, so that no trap depends on luck.
func (p *plan) live(n int) {
	m := p.m
	p.bare = n%50 == 37
	switch {
	case n >= Incidents-4:
		p.fresh(n - (Incidents - 4))
	case n%25 == 7:
		p.drill(n)
	case n%90 == 11:
		p.i.Mode = "tutorial"
		p.ordinary()
	case n%40 == 13:
		p.retrospective()
	case n%30 == 17:
		p.short("Declined", declinedWords)
	case n%45 == 19 && m.last != nil:
		p.short("Merged", nil)
	case n%60 == 23:
		p.short("Canceled", nil)
	case n%25 == 3:
		p.reopened(n)
	case n%150 == 29:
		p.lasting(n/150%2 == 1)
	case n%100 == 31:
		p.disordered(n/100%2 == 1)
	default:
		p.ordinary()
	}
	if n%35 == 5 {
		p.i.Visibility, p.i.Type = "private", m.o.Types[1].ID
	}
}

// begin gives triage and acceptance; it returns the start of the impact and the instant from which people work on it.
func (p *plan) begin() (impact, working time.Time) {
	m, declared := p.m, p.i.CreatedAt
	impact = declared.Add(-m.spread(9*time.Minute, 0.9))
	if m.chance(0.1) {
		impact = declared
	}
	if !p.impact.IsZero() {
		impact = p.impact
	}
	if !p.bare && m.chance(0.85) {
		p.stamp("Impact started", impact)
	}
	if !p.bare && m.chance(0.8) {
		p.stamps = append(p.stamps, incidentio.TimestampValue{Timestamp: m.stamp["Declared at"], At: declared})
	}
	if !p.bare && m.chance(0.9) {
		p.stamps = append(p.stamps, incidentio.TimestampValue{Timestamp: m.stamp["Reported at"], At: declared})
	}
	working = declared.Add(m.spread(time.Duration(float64(6*time.Minute)*p.quality/float64(p.rank)), 0.7))
	if m.chance(0.7) {
		p.step(declared, "Triage", nil)
		p.step(working, "Investigating", investigatingWords)
	} else {
		working = declared
		p.step(declared, "Investigating", investigatingWords)
	}
	if m.chance(0.85) {
		p.stamp("Accepted at", working.Add(time.Duration(m.rng.IntN(90))*time.Second))
	}
	return impact, working
}

// repair is the work from the cause to the end of live work; it returns when things worked again and when work was left.
func (p *plan) repair(impact, working time.Time) (fixed, left time.Time) {
	m := p.m
	median := []time.Duration{0, 180 * time.Minute, 80 * time.Minute, 35 * time.Minute}[p.rank]
	fixed = impact.Add(m.spread(time.Duration(float64(median)*p.quality), 0.8))
	if p.fixed.After(working) {
		fixed, p.fixed = p.fixed, time.Time{}
	}
	if soonest := working.Add(2 * time.Minute); fixed.Before(soonest) {
		fixed = soonest
	}
	known := working.Add(fixed.Sub(working) / time.Duration(2+m.rng.IntN(3)))
	if m.chance(0.06) {
		p.step(known, "Paused", nil)
		hours := time.Duration(12+m.rng.IntN(60)) * time.Hour
		known, fixed = known.Add(hours), fixed.Add(hours)
	}
	p.step(known, "Fixing", fixingWords)
	if m.chance(0.12) && p.i.Severity != "" {
		p.steps[len(p.steps)-1].severity = p.i.Severity
		p.misjudged()
	}
	if m.chance(0.3) {
		p.steps = append(p.steps, step{at: known.Add(fixed.Sub(known) / 2), status: "Fixing", message: m.pick(fixingWords, p.japanese)})
	}
	left = fixed.Add(m.spread(20*time.Minute, 0.6))
	if m.chance(0.8) {
		p.step(fixed, "Monitoring", monitoringWords)
	} else {
		left = fixed
	}
	return fixed, left
}

// misjudged is an incident whose severity was set right while people worked on it: mostly it was taken for a lesser one.
func (p *plan) misjudged() {
	as := p.rank - 1
	switch n := p.i.Number; {
	case p.steps[0].severity != "" || p.rank == 1 && n%3 > 0:
		return // it was set right before, or was so from the beginning
	case p.rank == 1 || p.rank == 2 && n%4 == 0:
		as = p.rank + 1
	case p.rank == 3 && n%4 == 0:
		as = 1
	}
	p.steps[0].severity = p.m.o.Severities[as-1].ID
}

// ordinary is a life from triage to closed; some timestamps are forgotten.
func (p *plan) ordinary() {
	m := p.m
	impact, working := p.begin()
	fixed, left := p.repair(impact, working)
	closed := p.close(left)
	switch x := m.rng.Float64(); {
	case x < 0.75:
		p.stamp("Fixed at", fixed)
		p.stamp("Resolved at", left)
	case x < 0.85:
		p.stamp("Resolved at", left)
	case x < 0.9: // equal
		at := m.rough(fixed)
		p.stamps = append(p.stamps, incidentio.TimestampValue{Timestamp: m.stamp["Fixed at"], At: at}, incidentio.TimestampValue{Timestamp: m.stamp["Resolved at"], At: at})
	}
	if m.chance(0.9) {
		p.stamp("Closed at", closed)
	}
}

// close leaves live work, through the review for graver incidents, and returns when it is closed.
func (p *plan) close(left time.Time) time.Time {
	if p.rank == 1 && p.m.chance(0.7) {
		p.step(left, "Closed", nil)
		return left
	}
	p.step(left, "Documenting", doneWords)
	closed := left.Add(p.m.spread(50*time.Hour, 0.6))
	p.step(closed, "Closed", nil)
	p.steps[len(p.steps)-1].byWorkflow = p.m.chance(0.5)
	return closed
}

// reopened is an ordinary life that begins again, once or twice; the last of every few is open still.
func (p *plan) reopened(n int) {
	p.ordinary()
	for round := 0; round <= n/25%2; round++ {
		again := p.steps[len(p.steps)-1].at.Add(p.m.spread(8*time.Hour, 0.7))
		p.step(again, "Investigating", againWords)
		if n%200 == 103 {
			return
		}
		_, left := p.repair(again, again)
		p.close(left)
	}
}

// short is a life that ends before it counts: declined, merged or canceled.
func (p *plan) short(end string, words [][2]string) {
	declared := p.i.CreatedAt
	p.step(declared, "Triage", nil)
	p.stamp("Reported at", declared)
	at := declared.Add(p.m.spread(12*time.Minute, 0.6))
	if end != "Declined" {
		p.step(at, "Investigating", investigatingWords)
		at = at.Add(p.m.spread(15*time.Minute, 0.6))
	}
	p.step(at, end, words)
	if end == "Merged" {
		p.steps[len(p.steps)-1].into = p.m.last.ID
	}
}

// retrospective was over before it was written down.
func (p *plan) retrospective() {
	m, declared := p.m, p.i.CreatedAt
	p.i.Mode = "retrospective"
	impact := declared.Add(-time.Duration(20+m.rng.IntN(100)) * time.Hour)
	p.stamp("Impact started", impact)
	p.stamp("Resolved at", impact.Add(m.spread(time.Duration(float64(2*time.Hour)*p.quality), 0.6)))
	p.step(declared, "Documenting", doneWords)
	p.step(declared.Add(m.spread(30*time.Hour, 0.5)), "Closed", nil)
}

// lasting goes on to this day: paused, or worked on without an end.
func (p *plan) lasting(paused bool) {
	_, working := p.begin()
	p.step(working.Add(3*time.Hour), "Fixing", fixingWords)
	if paused {
		p.step(working.Add(30*time.Hour), "Paused", nil)
	}
}

// disordered has times in impossible order: fixed before it began, or accepted before it began.
func (p *plan) disordered(fixedBefore bool) {
	declared := p.i.CreatedAt
	p.step(declared, "Investigating", investigatingWords)
	p.close(declared.Add(2 * time.Hour))
	p.stamp("Impact started", declared.Add(40*time.Minute))
	p.stamp("Accepted at", declared.Add(5*time.Minute))
	end := declared.Add(90 * time.Minute)
	if fixedBefore {
		end = declared.Add(10 * time.Minute)
	}
	p.stamp("Fixed at", end)
}

// fresh are the four latest: in review, being watched, being worked on, and just reported.
func (p *plan) fresh(k int) {
	declared := p.i.CreatedAt
	p.step(declared, "Triage", nil)
	p.stamps = append(p.stamps, incidentio.TimestampValue{Timestamp: p.m.stamp["Reported at"], At: declared})
	if k == 3 {
		return
	}
	p.stamp("Impact started", declared.Add(-11*time.Minute))
	p.step(declared.Add(4*time.Minute), "Investigating", investigatingWords)
	p.stamp("Accepted at", declared.Add(4*time.Minute))
	if k == 2 {
		return
	}
	p.step(declared.Add(15*time.Minute), "Fixing", fixingWords)
	p.step(declared.Add(50*time.Minute), "Monitoring", monitoringWords)
	p.stamp("Fixed at", declared.Add(50*time.Minute))
	if k == 0 {
		p.step(declared.Add(2*time.Hour), "Documenting", doneWords)
	}
}

// settle writes the plan into the incident and the organisation, as far as it has come to pass.
func (p *plan) settle() {
	m, i := p.m, p.i
	i.UpdatedAt = i.CreatedAt
	digits := []time.Duration{time.Millisecond, time.Millisecond, 100 * time.Millisecond, time.Second, time.Microsecond}
	for _, s := range p.steps {
		if s.at.After(m.now) {
			break
		}
		at := s.at
		if at.After(i.CreatedAt) {
			at = at.Truncate(digits[m.rng.IntN(len(digits))])
		}
		u := &incidentio.Update{ID: m.id(at), Incident: i.ID, Status: m.status[s.status], Message: s.message, Severity: s.severity, MergedInto: s.into, Updater: m.actor(), CreatedAt: at}
		if s.byWorkflow {
			u.Updater = incidentio.Actor{Workflow: "Close when quiet"}
		}
		m.o.Updates = append(m.o.Updates, u)
		i.Status = u.Status
		if at.After(i.UpdatedAt) {
			i.UpdatedAt = at
		}
	}
	for _, s := range p.stamps {
		if !s.At.After(m.now) {
			i.Timestamps = append(i.Timestamps, s)
		}
	}
}
