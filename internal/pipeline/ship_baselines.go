package pipeline

import (
	"fourfold/transform"
	"fourfold/transform/ship"
)

// production is what was live in an environment that is production to some services, and what its baseline had.
type production struct {
	environment string
	classes     []*class
	attribution *ship.Attribution // without what was shipped
}

// findProductions looks where the baselines of the production environments are, if there are several: what one of them had
// already nobody shipped there, and it is no news when another is sent it (C2, C7, L2).
func (w *walk) findProductions() {
	var groups [][]ship.Deployment
	for _, environment := range w.environments() {
		for _, classes := range w.groups(environment) {
			if len(productionOf(classes, environment)) > 0 {
				groups = append(groups, deploymentsOf(classes[0].live[environment]))
			}
		}
	}
	if len(groups) > 1 {
		w.baselines = w.graph.Baselines(groups)
	}
}

// productionOf gives the classes to which an environment is production.
func productionOf(classes []*class, environment string) (out []*class) {
	for _, c := range classes {
		if c.isProduction(environment) {
			out = append(out, c)
		}
	}
	return out
}

// look goes through what was shipped to an environment.
func (w *walk) look(a *ship.Attribution, environment string, classes []*class) {
	of := productionOf(classes, environment)
	if w.baselines == nil || len(of) == 0 {
		return
	}
	w.baselines.See(a)
	w.productions = append(w.productions, production{environment, of, a.WithoutCommits()})
}

// writeHad writes what the baselines of production environments had of what was shipped to others later.
func (w *walk) writeHad() error {
	if w.baselines == nil {
		return nil
	}
	for commit := range w.baselines.Early() {
		for _, p := range w.productions {
			if !p.attribution.BaselineReaches(commit) {
				continue
			}
			for _, c := range p.classes {
				if err := w.writeEarly(c, p.environment, commit); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// writeEarly writes for the services of a class, of a part of the repository only if the commit touches it (C3), that the
// baseline of an environment had a commit.
func (w *walk) writeEarly(c *class, environment string, commit int32) error {
	for _, service := range c.services {
		if p := w.parts[service]; p != nil && !p.commits.has(commit) {
			continue
		}
		if err := w.add(transform.ShipBaselineCommits, service, w.id, environment, w.graph.SHA(commit).String()); err != nil {
			return err
		}
	}
	return nil
}
