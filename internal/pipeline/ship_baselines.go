package pipeline

import (
	"slices"

	"fourfold/transform"
	"fourfold/transform/ship"
)

// production is several environments that are production to the same services. It finds what the baseline of one had
// before another was sent it (C2, C7); classes that have the same there share what it finds.
type production struct {
	classes      []*class
	environments []string
	baselines    *ship.Baselines
	had          []early
}

// early is a commit and the environment whose baseline had it.
type early struct {
	commit      int32
	environment string
}

// findProductions finds the classes to which several environments are production.
func (w *walk) findProductions() {
	var all []*production
	for _, c := range w.classes {
		var ours []string
		for environment := range c.live {
			if c.isProduction(environment) {
				ours = append(ours, environment)
			}
		}
		if len(ours) < 2 {
			continue
		}
		slices.Sort(ours)
		same := func(p *production) bool {
			return slices.Equal(p.environments, ours) && !slices.ContainsFunc(ours, func(environment string) bool {
				return !sameReports(p.classes[0].live[environment], c.live[environment])
			})
		}
		i := slices.IndexFunc(all, same)
		if i < 0 {
			p := &production{environments: ours}
			var groups [][]ship.Deployment
			for _, environment := range ours {
				groups = append(groups, deploymentsOf(c.live[environment]))
			}
			p.baselines = w.graph.Baselines(groups)
			i, all = len(all), append(all, p)
		}
		c.had = all[i]
		c.had.classes = append(c.had.classes, c)
	}
}

// look goes through what was shipped to an environment.
func (p *production) look(a *ship.Attribution) {
	for _, c := range a.Shipped {
		if group, ok := p.baselines.Take(c.Commit, a.Outcomes[c.Deployment].Deployment); ok {
			p.had = append(p.had, early{c.Commit, p.environments[group]})
		}
	}
}

// writeHad writes what was found.
func (w *walk) writeHad() error {
	for _, class := range w.classes {
		if class.had == nil {
			continue
		}
		for _, service := range class.services {
			p := w.parts[service]
			for _, c := range class.had.had {
				if p != nil && !p.commits.has(c.commit) {
					continue
				}
				if err := w.add(transform.ShipBaselineCommits, service, w.id, c.environment, w.graph.SHA(c.commit).String()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
