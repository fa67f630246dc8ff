package random

import (
	"fmt"
	"strings"
)

// options is the configuration of an organisation, as far as it is drawn.
type options struct {
	zone, weekStart string
	services        []service
	repositories    []string // entries of sources.github.repositories
	metrics         []string // lines below metrics
	private         string
	people          string
	links           bool
	start, end      string // lists of timestamps
	causeField      string
	// usesOld says that the configuration names timestamps and fields as they were called at first.
	usesOld bool
	// bothInPipe says that a service lives in two repositories, whose deployments are one by their group.
	bothInPipe bool
}

// service is an entry of services.
type service struct {
	name, team string
	values     map[string][]string
	rules      []string // nil is the default
	paths      []string
}

// Names of services that the configuration knows; lib is known by its repository alone.
const (
	api     = "api"
	gateway = "gateway"
	web     = "web"
	search  = "検索"
	pipe    = "pipe"
	batch   = "batch"
	lib     = "lib"
)

func (m *maker) drawOptions(zone string) options {
	o := options{
		zone: zone, weekStart: pick(m, []string{"monday", "sunday"}), private: pick(m, []string{"exclude", "exclude", "redact", "include"}),
		people: pick(m, []string{"hash", "hash", "include", "drop"}), links: m.chance(0.6), usesOld: m.chance(0.3), bothInPipe: m.chance(0.5),
	}
	o.services = []service{
		{name: api, team: "payments", values: map[string][]string{"Product": {"API", "api gateway"}, "Affected services": {"api"}}, rules: m.apiRules(o.bothInPipe)},
		{name: web, team: "storefront", values: map[string][]string{"Product": {"Web"}, "Affected services": {"web"}}, paths: []string{"apps/web/**", "shared/*.json"}},
		{name: search, values: map[string][]string{"Product": {"検索"}}, paths: []string{"apps/{search,index}/**"}, rules: pickRules(m, [][]string{
			nil, {`{from: deployments, environment: ["production", "Prod-*"]}`}, {`{from: deployments, environment: prod-eu}`},
		})},
		{name: pipe, team: "Payments", values: map[string][]string{"Product": {"Pipe"}, "Affected services": {"pipe"}}, rules: m.pipeRules()},
		{name: batch, team: "data", values: map[string][]string{"Product": {"バッチ"}}, rules: []string{`{from: files, environment: ["production", "live*"]}`}},
	}
	inPipe := "pipe"
	if o.bothInPipe {
		inPipe = "[pipe, api]"
	}
	inAPI := "api"
	if m.chance(0.4) { // a service of which nothing else is known lives beside it
		inAPI = "[gateway, api]"
	}
	o.repositories = []string{
		"{name: acme/api-old, service: " + inAPI + "}", "{name: acme/mono, service: [web, 検索]}", "{name: acme/pipe, service: " + inPipe + "}",
		`{name: "acme/l*", exclude: ["*-archive"]}`,
	}
	m.drawMetrics(&o)
	return o
}

func pickRules(m *maker, from [][]string) []string { return from[m.rng.IntN(len(from))] }

func (m *maker) apiRules(grouped bool) []string {
	if grouped {
		return []string{`{from: deployments, environment: ["production", "prod-*"], group: payload.pipeline_id}`}
	}
	return pickRules(m, [][]string{
		nil,
		{`{from: deployments, environment: ["production", "prod-*"]}`},
		{`{from: deployments, environment: production, group: payload.pipeline_id}`},
		{`{from: deployments}`, `{from: files}`},
		{`{from: files}`, `{from: deployments, environment: "prod*"}`},
	})
}

// pipeRules are several sources of the same deployments, in an order.
func (m *maker) pipeRules() []string {
	all := []string{
		`{from: deployments, environment: ["production", "prod-*"]}`, `{from: workflow_runs, workflow: deploy.yml}`,
		`{from: tags, pattern: "v*"}`, `{from: releases, pattern: "{v,r}*", environment: production}`,
		`{from: pull_requests, branch: [main, "release/*"]}`, `{from: files}`,
	}
	if m.chance(0.5) {
		all[1] = `{from: workflow_runs, workflow: .github/workflows/deploy.yml, event: [push, workflow_dispatch], branch: [main, "hotfix/*"], group: head_sha}`
	}
	var out []string
	for _, i := range m.rng.Perm(len(all))[:2+m.rng.IntN(4)] {
		out = append(out, all[i])
	}
	return out
}

func (m *maker) drawMetrics(o *options) {
	fixed, cause := "Fixed at", "Caused by"
	if o.usesOld {
		fixed, cause = "Mitigated at", "Culprit"
	}
	o.start = pick(m, []string{"", "[created_at]", "[Impact started, Reported at, created_at]", "[検知時刻, Declared at, created_at]"})
	o.end = pick(m, []string{"", "[left_live, Closed at]", "[" + fixed + ", left_live]", "[Closed at]"})
	o.causeField = pick(m, []string{cause, cause, cause, ""})
	restore := []string{"attribute_by: " + pick(m, []string{"restored_at", "restored_at", "started_at"})}
	if o.start != "" {
		restore = append(restore, "start: "+o.start)
	}
	if o.end != "" {
		restore = append(restore, "end: "+o.end)
	}
	counted := []string{"modes: " + pick(m, []string{"[standard, retrospective]", "[standard, retrospective]", "[standard]"})}
	if m.chance(0.4) {
		counted = append(counted, "severities_from: "+pick(m, []string{"Major", "minor", "Critical"}))
		counted = append(counted, text("without_severity: %v", m.chance(0.5)))
	}
	if m.chance(0.4) {
		counted = append(counted, "exclude_types: [security]")
	}
	o.metrics = []string{
		"restore: {" + strings.Join(restore, ", ") + "}", "counted: {" + strings.Join(counted, ", ") + "}",
		"acknowledge: " + pick(m, []string{"[Accepted at, entered_live]", "[entered_live]", "[Accepted at]"}),
		"failure_window: " + pick(m, []string{"24h", "24h", "90m", "61h30m", "unlimited", "off"}),
		"unattributed: " + pick(m, []string{"none", "none", "any"}),
		text("rollback_is_failure: %v", m.chance(0.75)), text("count_redeploys: %v", m.chance(0.75)),
		`hotfix: {labels: [hotfix, Urgent], branches: ["hotfix/*", "fix-*"]}`,
	}
	if m.chance(0.5) {
		o.metrics = append(o.metrics, "follow_ups: {due: "+pick(m, []string{"14d", "36h", "0s"})+", by_priority: {urgent: 3d}}")
	}
	if o.causeField != "" {
		o.metrics = append(o.metrics, "cause_field: "+o.causeField)
	}
	if o.links {
		o.metrics = append(o.metrics, "links: links.csv")
	}
	if m.chance(0.6) {
		further := pick(m, []string{"", "", ", Clean-up: {from: left_live, to: Closed at}, Live work: {from: entered_live, to: left_live}"})
		o.metrics = append(o.metrics, "durations: {Detection: {from: Impact started, to: Reported at}, 復旧 まで: {from: created_at, to: "+fixed+"}"+further+"}")
	}
}

func (o options) yaml() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("timezone: %s\nweek_start: %s", o.zone, o.weekStart)
	line("privacy: {private_incidents: %s, people: %s}", o.private, o.people)
	line("sources:\n  incidentio: {}\n  github:\n    repositories:")
	for _, r := range o.repositories {
		line("      - %s", r)
	}
	line("  files:\n    - {path: history.csv, kind: incidents}\n    - {path: deployments.csv, kind: deployments}")
	line("services:")
	for _, s := range o.services {
		line("  - name: %s", s.name)
		if s.team != "" {
			line("    team: %s", s.team)
		}
		line("    incident_values:")
		for _, field := range []string{"Product", "Affected services"} {
			if v := s.values[field]; v != nil {
				line("      %s: [%s]", field, strings.Join(v, ", "))
			}
		}
		if s.rules != nil {
			line("    deployments:")
			for _, r := range s.rules {
				line("      - %s", r)
			}
		}
		if s.paths != nil {
			line(`    paths: ["%s"]`, strings.Join(s.paths, `", "`))
		}
	}
	line("metrics:")
	for _, l := range o.metrics {
		line("  %s", l)
	}
	return b.String()
}
