package propose

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// head says where the proposals come from.
func (f *file) head(o Options, incidents *account, code *codebase) {
	var from []string
	if incidents != nil {
		who := "incident.io"
		if incidents.identity.DashboardURL != "" {
			who += " (" + incidents.identity.DashboardURL + ")"
		}
		from = append(from, who)
	}
	if code != nil {
		from = append(from, "GitHub")
	}
	if len(from) == 0 {
		return
	}
	f.replace(1, 1, append([]string{"#"}, comment("", fmt.Sprintf("Proposed on %s from what %s showed. Comments that say \"from\" tell where a proposal comes from: edit it.",
		day(o.Today), strings.Join(from, " and ")))...)...)
}

// incidentio writes the address and, where the key did not do, why. Where GitHub does alone, its block becomes an example.
func (f *file) incidentio(o Options, a *account, failed error, alone bool) {
	if o.IncidentioURL != DefaultIncidentioURL {
		f.set("    base_url:", quote(o.IncidentioURL))
	}
	const block = "  incidentio:"
	switch {
	case failed != nil:
		f.before(block, comment("  ", "incident.io could not be asked when this was written: "+failed.Error())...)
	case a != nil:
		text := fmt.Sprintf("from incident.io: the key is %q with the roles %s", a.identity.Name, some(a.identity.Roles, 12))
		if !a.identity.SeesPrivate() {
			text += "; private incidents are not shown to it"
		}
		f.before(block, comment("  ", text)...)
		for _, err := range a.unread {
			f.before(block, comment("  ", "not readable with this key: "+err.Error())...)
		}
	case alone: // a source without a key would fail in every run
		from, to := f.block(block)
		lines := comment("  ", "INCIDENT_IO_API_KEY was not set when this was written: take the # away to read incidents")
		for _, line := range f.lines[from:to] {
			lines = append(lines, "  #"+strings.TrimPrefix(line, "  "))
		}
		f.replace(from, to, lines...)
	}
}

// inactive are the keys of sources.github that stay examples.
var inactive = []string{"app:", "since:"}

// github turns its block on, with the repositories that deploy.
func (f *file) github(o Options, c *codebase, failed error) {
	const block = "  #github:"
	switch {
	case failed != nil:
		f.before(block, comment("  ", "GitHub could not be asked when this was written: "+failed.Error())...)
		return
	case c == nil:
		return
	}
	lines := comment("  ", "from "+c.words())
	if c.archived+c.forks > 0 {
		lines = append(lines, comment("  ", fmt.Sprintf("left out: %d archived, %s", c.archived, things(c.forks, "fork")))...)
	}
	if idle := c.idlers(); len(idle) > 0 {
		lines = append(lines, comment("  ", "without deployments: "+some(idle, 12))...)
	}
	entries := c.entries()
	if len(entries) == 0 {
		f.before(block, append(lines, comment("  ", "no repository with deployments was seen: name yours, then take the # away")...)...)
		return
	}
	from, to := f.block(block)
	inside := false // an inactive key
	for _, line := range f.lines[from:to] {
		key, isKey := strings.CutPrefix(line, "  #  ")
		key = strings.Replace(key, "  # ", "   # ", 1) // where the comments of the other lines are
		switch {
		case line == block:
			lines = append(lines, "  github:")
			continue
		case strings.HasPrefix(key, "repositories:"):
			lines = append(lines, "    "+key)
			for _, e := range entries {
				lines = append(lines, comment("      ", e.from)...)
				lines = append(lines, "      - name: "+quote(e.name))
			}
			f.replace(from, to, lines...)
			for prefix, value := range map[string][2]string{
				"    api_url:": {o.APIURL, DefaultAPIURL}, "    graphql_url:": {o.GraphQLURL, DefaultGraphQLURL}, "    git_url:": {o.GitURL, DefaultGitURL},
			} {
				if value[0] != value[1] {
					f.set(prefix, quote(value[0]))
				}
			}
			return
		case !isKey:
		case !strings.HasPrefix(key, " "):
			inside = slices.ContainsFunc(inactive, func(k string) bool { return strings.HasPrefix(key, k) })
		}
		if inside {
			lines = append(lines, "    #"+key)
		} else {
			lines = append(lines, "    "+key)
		}
	}
	f.at("  #  repositories:") // which says that it is not there
}

// beside gives the addresses that go with one of a REST API: GitHub's own, Enterprise's, or those of another server.
func beside(api string) (graph, git string) {
	u, err := url.Parse(api)
	if err != nil || u.Host == "" {
		return DefaultGraphQLURL, DefaultGitURL
	}
	base := u.Scheme + "://" + u.Host
	path := strings.TrimSuffix(u.Path, "/")
	switch host, isAPI := strings.CutPrefix(u.Host, "api."); {
	case isAPI: // GitHub's own, or one's part of it
		return base + "/graphql", u.Scheme + "://" + host + "/"
	case strings.HasSuffix(path, "/api/v3"):
		return base + strings.TrimSuffix(path, "/v3") + "/graphql", base + strings.TrimSuffix(path, "api/v3")
	default:
		return base + path + "/graphql", base + path + "/"
	}
}

// services writes what is proposed above the examples.
func (f *file) services(s *services) {
	if len(s.list) == 0 {
		return
	}
	lines := []string{"services:"}
	if s.field != "" {
		lines = append(lines, comment("  ", fmt.Sprintf("from incident.io: the custom field %q looks most like the one that names the affected services", s.field))...)
	}
	if s.left > 0 {
		lines = append(lines, comment("  ", fmt.Sprintf("%d more are not listed here", s.left))...)
	}
	for _, x := range s.list {
		lines = append(lines, x.lines()...)
	}
	from, _ := f.block("#services:")
	lines = append(lines, "", "# All that a service can have:")
	f.replace(from, from, lines...)
}

func (x *service) lines() []string {
	var out []string
	add := func(lines ...string) { out = append(out, lines...) }
	var repos []string
	for _, r := range x.repos {
		repos = append(repos, r.Name)
	}
	if len(repos) > 0 {
		add(comment("  ", "from GitHub: "+strings.Join(repos, ", "))...)
	}
	for _, n := range x.notes[:min(len(x.notes), 6)] {
		add(comment("  ", n)...)
	}
	add("  - name: " + quote(x.name))
	if x.team != "" {
		add("    team: " + quote(x.team))
	}
	if len(x.named) > 0 {
		add("    incident_values:")
	}
	for _, n := range x.named {
		add("      " + quoteKey(n.field) + ": " + list(n.values))
	}
	if len(x.repos) == 0 {
		return out
	}
	words, prod := environments(x.repos)
	add(comment("    ", "from GitHub: where its newest deployments went: "+some(words, 8))...)
	switch {
	case len(prod) == 0:
		add(comment("    ", "none of them looks like production: name the ones that count")...)
		add("    #deployments: [{from: deployments, environment: [production]}]")
	case len(prod) == 1 && strings.EqualFold(prod[0], "production"): // as it is without saying so
	default:
		add("    deployments:", "      - {from: deployments, environment: "+list(patterns(prod))+"}")
	}
	return out
}
