package random

import (
	"encoding/csv"
	"strings"
)

// links is a file of people's corrections: a few incidents by some of their names, and deployments by some of theirs, or
// none. Some name what is not there.
func (m *maker) links() string {
	rows := [][]string{{"Incident", "deployment", "WHO", "why"}}
	for _, i := range some(m, 2+m.rng.IntN(5), m.incidents) {
		incident := pick(m, []string{i.id, i.reference, strings.ToLower(i.reference)})
		if i.number > 0 && m.chance(0.5) {
			incident = pick(m, []string{text("%d", i.number), text("https://app.incident.io/acme/incidents/%d", i.number)})
		}
		var deployments []string
		switch x := m.rng.Float64(); {
		case x < 0.3:
			deployments = []string{pick(m, []string{"none", "None"})}
		case x < 0.4:
			deployments = []string{"nothing-of-this-name"}
		default:
			for _, l := range some(m, 1+m.rng.IntN(2), m.launches) {
				deployments = append(deployments, pick(m, []string{l.source + ":" + l.id, orElse(l.address, l.id)}))
			}
		}
		for _, d := range deployments {
			rows = append(rows, []string{incident, d, pick(m, []string{"Aiko", "森"}), pick(m, []string{"", "looked at the log, \"twice\""})})
		}
	}
	rows = append(rows, []string{"INC-99999", "none", "Aiko", "not ours"})
	var b strings.Builder
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		panic(err) // it is written to memory
	}
	return b.String()
}
