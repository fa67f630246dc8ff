package demo

import (
	"fmt"
	"slices"
	"time"

	"fourfold/internal/fake/incidentio"
)

// drillNames are what people practise; Japanese first, English second.
var drillNames = [][2]string{
	{"訓練: データベースのフェイルオーバー", "Drill: fail over the database"},
	{"訓練: バックアップからの復元", "Drill: restore from a backup"},
	{"訓練: 決済代行会社の停止", "Drill: the payment processor is down"},
	{"訓練: 証明書の期限切れ", "Drill: an expired certificate"},
}

// drill is practice: taken up within minutes and closed within hours. Two in nine nobody takes up.
func (p *plan) drill(n int) {
	m, declared := p.m, p.i.CreatedAt
	p.i.Mode, p.i.Summary = "test", ""
	p.i.Name = m.pick(drillNames, p.japanese)
	p.step(declared, "Triage", nil)
	p.stamps = append(p.stamps, incidentio.TimestampValue{Timestamp: m.stamp["Reported at"], At: declared})
	taken := declared.Add(m.spread(time.Duration(float64(5*time.Minute)*p.quality), 0.5))
	p.step(taken, "Investigating", nil)
	if n%9 > 1 {
		p.stamp("Accepted at", taken)
	}
	fixed := taken.Add(m.spread(35*time.Minute, 0.4))
	p.step(fixed, "Monitoring", nil)
	p.stamp("Fixed at", fixed)
	closed := fixed.Add(m.spread(50*time.Minute, 0.5))
	p.step(closed, "Closed", nil)
	p.stamp("Closed at", closed)
}

// timeToFix is the account's own duration. It was defined before anybody thought of drills or of incidents that are
// reopened, it is rounded to seconds, and of a few incidents it is what it was before somebody corrected a timestamp.
const timeToFix = "Time to fix"

// durations gives incidents the account's own figures: from Accepted at to Fixed at, where both are there.
func (m *maker) durations(i *incidentio.Incident) {
	i.Durations = []incidentio.DurationMetric{}
	at := map[string]time.Time{}
	for _, s := range i.Timestamps {
		at[s.Timestamp] = s.At
	}
	from, to := at[m.stamp["Accepted at"]], at[m.stamp["Fixed at"]]
	if from.IsZero() || to.Before(from) {
		return
	}
	took := to.Sub(from)
	if i.Number%47 == 9 {
		took += time.Duration(10+i.Number%50) * time.Minute
	}
	i.Durations = append(i.Durations, incidentio.DurationMetric{ID: "01HZX40000D0RAT10N00000007", Name: timeToFix, Seconds: int64(took.Round(time.Second) / time.Second)})
}

// postmortems gives most of the graver incidents a document, begun once they were left: some are still written, some are
// read by others, most are done.
func (m *maker) postmortems() {
	left := map[string]time.Time{}
	for _, u := range m.o.Updates {
		if u.Status == m.status["Documenting"] {
			left[u.Incident] = u.CreatedAt
		}
	}
	grave := []string{m.o.Severities[1].ID, m.o.Severities[2].ID}
	for _, i := range m.o.Incidents {
		begun, reviewed := left[i.ID]
		if !reviewed || i.Visibility != "public" || i.Mode == "test" || !slices.Contains(grave, i.Severity) || m.chance(0.15) {
			continue
		}
		begun = m.rough(begun.Add(m.spread(5*time.Hour, 0.8)))
		if begun.After(m.now) {
			continue
		}
		p := &incidentio.Postmortem{
			ID: m.id(begun), Incident: i.ID, Title: "振り返り: " + i.Name, Status: "completed", URL: fmt.Sprintf("https://docs.shop.example/postmortems/inc-%d", i.Number),
			Editors: []string{m.user()}, CreatedAt: begun, UpdatedAt: m.early(begun.Add(m.spread(4*24*time.Hour, 0.6))),
		}
		switch x := m.rng.Float64(); {
		case i.Status == m.status["Documenting"], p.UpdatedAt.Equal(m.now):
			p.Status = "in_progress"
		case x < 0.12:
			p.Status = "in_review"
		case x < 0.2:
			p.Status = "in_progress"
		}
		m.o.Postmortems = append(m.o.Postmortems, p)
	}
}
