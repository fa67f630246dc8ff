package pipeline

import (
	"slices"
	"strings"

	"fourfold/internal/config"
)

// serviceMap says which services live in a repository, and what they take for their deployments. Names
// compare without case.
type serviceMap struct {
	entries  []config.Repository
	index    *config.ServiceIndex
	names    []string // every service: the configured ones in their order, then the others in theirs
	spelling map[string]string
	rules    []config.Deployment // of all configured services
	groups   map[config.DeploymentFrom][]string
}

// standardRules are those of a service that is not configured.
var standardRules = []config.Deployment{{From: config.FromDeployments, Environment: []config.Glob{"production"}}}

func newServiceMap(c *config.Config) *serviceMap {
	m := &serviceMap{index: c.ServiceIndex(), spelling: map[string]string{}}
	if gh := c.Sources.GitHub; gh != nil {
		m.entries = gh.Repositories
	}
	for _, s := range c.Services {
		m.spell(s.Name)
		m.rules = append(m.rules, s.Deployments...)
	}
	m.groups = groupPaths(m.rules)
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

// rulesOf gives the rules of a service.
func (m *serviceMap) rulesOf(service string) []config.Deployment {
	if s, ok := m.index.Service(service); ok {
		return s.Deployments
	}
	return standardRules
}

// paths gives the patterns of what is a service's in its repositories; none of one that is all of them.
func (m *serviceMap) paths(service string) []config.Glob {
	s, _ := m.index.Service(service)
	return s.Paths
}

// anyFrom reports whether any service takes deployments from a source.
func (m *serviceMap) anyFrom(source config.DeploymentFrom) bool { return hasRuleFrom(m.rules, source) }

func hasRuleFrom(rules []config.Deployment, source config.DeploymentFrom) bool {
	return slices.ContainsFunc(rules, func(rule config.Deployment) bool { return rule.From == source })
}

// wanted reports whether any rule of any service takes a report.
func (m *serviceMap) wanted(d *report) bool {
	return slices.ContainsFunc(m.rules, func(rule config.Deployment) bool { return rule.From == d.source && takes(rule, d) })
}
