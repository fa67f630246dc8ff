package pipeline

import (
	"slices"
	"strings"

	"fourfold/internal/config"
)

// serviceMap says which services live in a repository, and which environments are production to a service. Names
// compare without case.
type serviceMap struct {
	entries  []config.Repository
	index    *config.ServiceIndex
	names    []string // every service: the configured ones in their order, then the others in theirs
	spelling map[string]string
	rules    []config.Deployment // of a service that is not configured
}

func newServiceMap(c *config.Config) *serviceMap {
	m := &serviceMap{index: c.ServiceIndex(), spelling: map[string]string{}, rules: []config.Deployment{{
		From: config.FromDeployments, Environment: []config.Glob{"production"},
	}}}
	if gh := c.Sources.GitHub; gh != nil {
		m.entries = gh.Repositories
	}
	for _, s := range c.Services {
		m.spell(s.Name)
	}
	return m
}

// spell gives a service the spelling that it had first.
func (m *serviceMap) spell(name string) string {
	name = strings.TrimSpace(name)
	folded := strings.ToLower(name)
	if _, ok := m.spelling[folded]; !ok {
		m.spelling[folded] = name
		m.names = append(m.names, name)
	}
	return m.spelling[folded]
}

// of gives the services of a repository, sorted: those of all entries of the configuration that match its name, or the
// last part of the name where none of them says. A repository that no entry matches has none. One that was renamed goes
// by the name that it is configured under, too: it stays the service that it was.
func (m *serviceMap) of(repository, configured string) []string {
	var out []string
	matched := ""
	for _, e := range m.entries {
		name := repository
		if !covers(e, name) {
			if name = configured; strings.ContainsAny(name, `*?[{\`) || !strings.EqualFold(string(e.Name), name) {
				continue
			}
		}
		if matched == "" {
			matched = name
		}
		for _, s := range e.Service {
			out = append(out, m.spell(s))
		}
	}
	if matched != "" && len(out) == 0 {
		out = []string{m.spell(lastPart(matched))}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// covers reports whether an entry of the configuration is about a repository. Whether it is archived or a fork decides
// what is read, not what has been.
func covers(e config.Repository, repository string) bool {
	return e.Name.MatchFold(repository) && !slices.ContainsFunc(e.Exclude, func(g config.Glob) bool { return g.MatchFold(lastPart(repository)) })
}

func lastPart(repository string) string { return repository[strings.LastIndexByte(repository, '/')+1:] }

// all gives every service that has been named.
func (m *serviceMap) all() []string { return m.names }

func (m *serviceMap) team(service string) string { return m.index.Team(service) }

// production gives the place, from 1, of the first rule of a service that takes a deployment's environment for
// production (D1); 0 if none does.
func (m *serviceMap) production(service, environment string) int {
	rules := m.rules
	if s, ok := m.index.Service(service); ok {
		rules = s.Deployments
	}
	for i, rule := range rules {
		if rule.From == config.FromDeployments && slices.ContainsFunc(rule.Environment, func(g config.Glob) bool { return g.MatchFold(environment) }) {
			return i + 1
		}
	}
	return 0
}

// takes reports whether a service takes any deployments of GitHub for its own.
func (m *serviceMap) takes(service string) bool {
	s, ok := m.index.Service(service)
	return !ok || slices.ContainsFunc(s.Deployments, func(rule config.Deployment) bool { return rule.From == config.FromDeployments })
}
