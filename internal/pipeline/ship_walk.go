package pipeline

import (
	"context"
	"slices"

	"fourfold/transform"
	"fourfold/transform/ship"
)

// walk is the work on one repository.
type walk struct {
	*shipping
	*repository
	graph   *ship.Graph
	merges  *ship.Merges
	merged  *mergedAt
	classes []*class
	parts   map[string]*part // services that are only a part of the repository

	baselines   *ship.Baselines // where there are several production environments
	productions []production
}

// walk ships the deployments of one repository. An environment is judged once for all services to which the same
// deployments were live there, and what it was shipped is written once and copied for the others.
func (s *shipping) walk(ctx context.Context, r *repository, g *ship.Graph) error {
	w := &walk{shipping: s, repository: r, graph: g, classes: s.classes(r)}
	if err := w.readParts(ctx); err != nil {
		return err
	}
	w.merges = g.PullRequests(r.pulls, w.touch)
	w.merged = newMergedAt(w.merges, g.Len())
	if err := w.writePulls(); err != nil {
		return err
	}
	w.findProductions()
	for _, environment := range w.environments() {
		for _, group := range w.groups(environment) {
			if err := w.environment(environment, group); err != nil {
				return err
			}
		}
	}
	if err := w.writeHad(); err != nil {
		return err
	}
	for _, c := range w.classes {
		if err := w.writeDeployments(c); err != nil {
			return err
		}
	}
	return nil
}

// environments are those that anything was live in, sorted.
func (w *walk) environments() []string {
	var out []string
	for _, c := range w.classes {
		for environment := range c.live {
			out = append(out, environment)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// groups sorts the classes by what was live in an environment.
func (w *walk) groups(environment string) (out [][]*class) {
	for _, c := range w.classes {
		if len(c.live[environment]) == 0 {
			continue
		}
		i := slices.IndexFunc(out, func(g []*class) bool { return sameReports(g[0].live[environment], c.live[environment]) })
		if i < 0 {
			out = append(out, []*class{c})
			continue
		}
		out[i] = append(out[i], c)
	}
	return out
}

// environment judges what was live in an environment to the services of some classes.
func (w *walk) environment(environment string, classes []*class) error {
	a := w.graph.Attribute(deploymentsOf(classes[0].live[environment]))
	outcomes := &ship.Attribution{Outcomes: a.Outcomes} // the commits are needed no longer than here
	w.look(a, environment, classes)
	var whole []string
	for _, c := range classes {
		for i, o := range a.Outcomes {
			m := c.live[environment][o.Place]
			m.outcomes, m.place = outcomes, int32(i)
		}
		for _, service := range c.services {
			p := w.parts[service]
			if p == nil {
				whole = append(whole, service)
			} else if err := w.writeShipped(a, service, environment, p); err != nil {
				return err
			}
			// Elsewhere than in production nobody asks, and there may be an environment for each pull request.
			if !c.isProduction(environment) {
				continue
			}
			if err := w.writeBaseline(a, service, environment, p); err != nil {
				return err
			}
		}
	}
	if len(whole) == 0 {
		return nil
	}
	slices.Sort(whole)
	w.copyFor(whole, environment, transform.ShippedCommits, transform.ShippedPullRequests)
	return w.writeShipped(a, whole[0], environment, nil)
}

// copyFor has the rows of a service that are about an environment of the repository copied for others: the engine does
// it when all is written.
func (w *walk) copyFor(services []string, environment string, tables ...*transform.Plain) {
	for _, t := range tables {
		for _, service := range services[1:] {
			w.copies[t] = append(w.copies[t], ship.Copy{Repository: w.id, Environment: environment, From: services[0], To: service})
		}
	}
}

// mergedAt finds the pull requests that a commit merged, by their places: most commits have none, and few have several.
type mergedAt struct {
	first []int32 // of each commit; -1 for none
	next  []int32 // of each pull request, another of the same commit; -1 for none
}

func newMergedAt(merges *ship.Merges, commits int) *mergedAt {
	m := &mergedAt{first: make([]int32, commits), next: make([]int32, len(merges.Merges))}
	for i := range m.first {
		m.first[i] = -1
	}
	for i := len(merges.Merges) - 1; i >= 0; i-- {
		m.next[i] = -1
		if c := merges.Merges[i].Commit; c >= 0 {
			m.next[i], m.first[c] = m.first[c], int32(i)
		}
	}
	return m
}
