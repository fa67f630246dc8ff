package demo

import (
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"fourfold/internal/fake/incidentio"
)

// linksPath is the file of people's corrections.
const linksPath = "links.csv"

// correction is what a person has decided about the cause of an incident.
type correction struct{ incident, deployment, who, why string }

// blamed is an incident, what led to it, and what would be taken for its cause if nobody said anything.
type blamed struct {
	incident *incidentio.Incident
	harm     *harm   // nil: no deployment
	last     *launch // the last success of its service before it began
	staging  bool    // a deployment to staging was named by mistake
}

// corrections says of three incidents what people have corrected: the last deployment had nothing to do with it, an earlier
// one had; nothing of ours had; the one that was named went to staging only. Of each kind it is the latest.
func (m *maker) corrections() []correction {
	kinds := map[string]correction{}
	for _, b := range m.blamed {
		i := b.incident
		if i.Mode != "standard" || i.Visibility != "public" || i.CreatedAt.After(m.now.AddDate(0, 0, -3)) {
			continue
		}
		reference := fmt.Sprintf("INC-%d", i.Number)
		switch h := b.harm; {
		case h == nil:
			if b.last != nil && i.CreatedAt.Sub(b.last.success) < 20*time.Hour {
				kinds["none"] = correction{reference, "none", "山田 亮", "外部の決済代行会社の障害。当社のリリースとは無関係"}
			}
		case h.launch.record == nil:
		case b.staging:
			kinds["staging"] = correction{reference, fmt.Sprint(h.launch.record.ID), "Priya Raman", "The field names the deployment to staging; this is the one to production"}
		case b.last != nil && b.last != h.launch && !b.named():
			kinds["earlier"] = correction{reference, fmt.Sprintf("deployments:%d", h.launch.record.ID), "佐藤 花子", "直前ではなく一つ前のリリースのキャッシュ変更が原因だった"}
		}
	}
	var out []correction
	for _, kind := range []string{"earlier", "none", "staging"} {
		if c, has := kinds[kind]; has {
			out = append(out, c)
		}
	}
	return out
}

// blame remembers what led to the incident that was made last, and what would be blamed.
func (m *maker) blame(x *causes, a arrival) {
	i := m.o.Incidents[len(m.o.Incidents)-1]
	b := blamed{incident: i, harm: a.harm}
	at := i.CreatedAt
	if a.harm != nil {
		at, b.staging = a.impact, a.harm.staging[i.ID]
	}
	if !a.unnamed {
		b.last = x.before(services[a.service].name, at)
	}
	m.blamed = append(m.blamed, b)
}

// named tells whether people have said in the incident what led to it.
func (b blamed) named() bool {
	for _, f := range b.incident.Fields {
		if f.Text != "" {
			return true
		}
	}
	return b.harm.attached[b.incident.ID]
}

func linksFile(all []correction) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	rows := [][]string{{"incident", "deployment", "who", "why"}}
	for _, c := range all {
		rows = append(rows, []string{c.incident, c.deployment, c.who, c.why})
	}
	_ = w.WriteAll(rows) // into memory: never fails
	return b.String()
}
