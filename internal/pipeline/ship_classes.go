package pipeline

import (
	"fmt"
	"slices"

	"fourfold/internal/config"
	"fourfold/transform/ship"
)

// class is services of a repository for which the same reports are the same deployments: they have the same rules. What is
// found of one of them is so of all.
type class struct {
	rules    []config.Deployment
	services []string
	members  []*member // less those that are aliases
	aliases  map[*report][]*report
	live     map[string][]*member // by environment, those that the walk is about

	byEnvironment map[placeKey]int // the first rule that takes what has an environment of its own
	production    map[string]bool  // see isProduction
}

type placeKey struct {
	source      config.DeploymentFrom
	environment string
}

// member is a report as a class has it.
type member struct {
	*report
	environment string
	position    int32 // of the rule that takes it, from 1; 0 for none
	// outcomes are those of its environment and place its own among them; nil where it takes no part.
	place    int32
	outcomes *ship.Attribution
}

func newClass(rules []config.Deployment) *class {
	return &class{
		rules: rules, aliases: map[*report][]*report{}, live: map[string][]*member{},
		byEnvironment: map[placeKey]int{}, production: map[string]bool{},
	}
}

// classes sorts the services of a repository. A row of a file is about the service that it names: such a service is a
// class for itself, with nothing but these rows where the configuration does not say that it lives here.
func (s *shipping) classes(r *repository) []*class {
	byKey := map[string]*class{}
	var out []*class
	for _, service := range r.all() {
		lives, inFiles := slices.Contains(r.services, service), slices.Contains(r.inFiles, service)
		rules := s.services.rulesOf(service)
		key := fmt.Sprintf("%q", rules)
		if inFiles {
			key = service
		}
		c := byKey[key]
		if c == nil || inFiles {
			c = newClass(rules)
			byKey[key] = c
			out = append(out, c)
			for _, d := range r.reports {
				if d.service == service || d.service == "" && lives {
					s.join(c, d)
				}
			}
			c.unite()
			for _, m := range c.members {
				if c.takesPart(m) {
					c.live[m.environment] = append(c.live[m.environment], m)
				}
			}
		}
		c.services = append(c.services, service)
	}
	return out
}

// all gives the services that have anything to do with a repository, sorted.
func (r *repository) all() []string {
	out := slices.Concat(r.services, r.inFiles)
	slices.Sort(out)
	return slices.Compact(out)
}

// join makes a report a member of a class by the first rule that takes it. What is no deployment unless a rule says so is
// none without one; others are, and do not count.
func (s *shipping) join(c *class, d *report) {
	hasOwn := d.source == config.FromDeployments || d.source == config.FromFiles
	m := &member{report: d, environment: d.environment, position: int32(c.position(d, hasOwn))}
	if m.position == 0 && !hasOwn {
		return
	}
	if !hasOwn {
		m.environment = s.spelling.of(given(c.rules[m.position-1]))
	}
	c.members = append(c.members, m)
}

// position gives the place, from 1, of the first rule that takes a report; 0 if none does.
func (c *class) position(d *report, hasOwn bool) int {
	key := placeKey{d.source, d.environment}
	if at, ok := c.byEnvironment[key]; ok && hasOwn {
		return at
	}
	at := 1 + slices.IndexFunc(c.rules, func(rule config.Deployment) bool { return rule.From == d.source && takes(rule, d) })
	if hasOwn {
		c.byEnvironment[key] = at
	}
	return at
}

// group gives the group of a member (D5); "" for none.
func (s *shipping) group(c *class, m *member) string {
	if m.position == 0 || c.rules[m.position-1].Group == "" {
		return ""
	}
	return m.groups[slices.Index(s.services.groups[m.source], c.rules[m.position-1].Group)]
}

// unite makes reports of one deployment one (D2).
func (c *class) unite() {
	var reports []ship.Report
	var of []*member
	isMixed := false
	for _, m := range c.members {
		if m.position > 0 && m.isLive() && m.sha != "" {
			reports = append(reports, ship.Report{Deployment: m.deployment(0), Environment: m.environment, Position: int(m.position)})
			of = append(of, m)
			isMixed = isMixed || m.source != of[0].source
		}
	}
	if !isMixed {
		return
	}
	gone := map[*member]bool{}
	for i, survivor := range ship.Unite(reports) {
		if survivor != i {
			gone[of[i]] = true
			c.aliases[of[survivor].report] = append(c.aliases[of[survivor].report], of[i].report)
		}
	}
	for _, list := range c.aliases {
		slices.SortFunc(list, compareReports)
	}
	c.members = slices.DeleteFunc(c.members, func(m *member) bool { return gone[m] })
}

// takesPart reports whether a member was live in its environment. Where that is production, only what a rule takes was:
// the others say nothing that the service listens to.
func (c *class) takesPart(m *member) bool {
	return m.isLive() && c.isFrom(m.source) && (m.position > 0 || !c.isProduction(m.environment))
}

// isFrom reports whether the services take any deployments from a source.
func (c *class) isFrom(source config.DeploymentFrom) bool { return hasRuleFrom(c.rules, source) }

// isProduction reports whether an environment is production by any rule (D1).
func (c *class) isProduction(environment string) bool {
	is, ok := c.production[environment]
	if !ok {
		is = slices.ContainsFunc(c.rules, func(rule config.Deployment) bool { return isEnvironment(rule, environment) })
		c.production[environment] = is
	}
	return is
}

// deployment is a report as the walk sees it.
func (d *report) deployment(place int) ship.Deployment {
	return ship.Deployment{ID: d.id, Source: string(d.source), Commit: d.sha, FinishedAt: d.finishedAt, CreatedAt: d.begin(), Place: place}
}

func deploymentsOf(members []*member) []ship.Deployment {
	out := make([]ship.Deployment, len(members))
	for i, m := range members {
		out[i] = m.deployment(i)
	}
	return out
}

// sameReports reports whether two lists of members are of the same reports.
func sameReports(a, b []*member) bool {
	return slices.EqualFunc(a, b, func(x, y *member) bool { return x.report == y.report })
}
