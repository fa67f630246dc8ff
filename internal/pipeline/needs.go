package pipeline

import (
	"slices"

	"fourfold/extract/github"
	"fourfold/internal/config"
)

// Needs says what the rules of the services want to be read of repositories: of each, by the name that it has now and by
// the entry of the configuration that found it, and of any at all. It serves one caller at a time.
func Needs(c *config.Config) (of func(name, configured string) github.Needs, anywhere github.Needs) {
	m := newServiceMap(c)
	for i := range c.Services {
		addNeeds(&anywhere, &c.Services[i])
	}
	return func(name, configured string) github.Needs {
		var n github.Needs
		for _, service := range m.of(name, configured) {
			if s, ok := m.index.Service(service); ok {
				addNeeds(&n, &s)
			}
		}
		return n
	}, anywhere
}

func addNeeds(n *github.Needs, s *config.Service) {
	n.Paths = n.Paths || len(s.Paths) > 0
	for _, rule := range s.Deployments {
		switch rule.From {
		case config.FromReleases:
			n.Releases = true
		case config.FromWorkflowRuns:
			if !slices.Contains(n.Workflows, rule.Workflow) {
				n.Workflows = append(n.Workflows, rule.Workflow)
			}
		}
	}
}
