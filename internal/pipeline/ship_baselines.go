package pipeline

import (
	"slices"
	"strings"

	"fourfold/transform"
	"fourfold/transform/ship"
)

// elsewhere finds what the baseline of one production environment had before another was sent it (C2, C7). Services that
// take the same environments for production share what it finds.
type elsewhere struct {
	all []*production
}

// production is several environments that are production to the same services.
type production struct {
	services, environments []string
	baselines              *ship.Baselines
	had                    []early
}

// early is a commit and the environment whose baseline had it.
type early struct {
	commit      int32
	environment string
}

func (s *shipping) elsewhere(r *repository, g *ship.Graph, environments []string, groups map[string][]ship.Deployment) *elsewhere {
	e := &elsewhere{}
	shared := map[string]*production{}
	for _, service := range r.services {
		var ours []string
		for _, environment := range environments {
			if s.services.production(service, environment) > 0 {
				ours = append(ours, environment)
			}
		}
		if len(ours) < 2 {
			continue
		}
		key := strings.Join(ours, "\x00")
		p := shared[key]
		if p == nil {
			p = &production{environments: ours}
			var deployments [][]ship.Deployment
			for _, environment := range ours {
				deployments = append(deployments, groups[environment])
			}
			p.baselines = g.Baselines(deployments)
			shared[key] = p
			e.all = append(e.all, p)
		}
		p.services = append(p.services, service)
	}
	return e
}

// look goes through what was shipped to an environment.
func (e *elsewhere) look(environment string, a *ship.Attribution) {
	for _, p := range e.all {
		if !slices.Contains(p.environments, environment) {
			continue
		}
		for _, c := range a.Shipped {
			if group, ok := p.baselines.Take(c.Commit, a.Outcomes[c.Deployment].Deployment); ok {
				p.had = append(p.had, early{c.Commit, p.environments[group]})
			}
		}
	}
}

// write writes what was found.
func (e *elsewhere) write(s *shipping, r *repository, g *ship.Graph) error {
	for _, p := range e.all {
		for _, service := range p.services {
			for _, c := range p.had {
				if err := s.add(transform.ShipBaselineCommits, service, r.id, c.environment, g.SHA(c.commit).String()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
