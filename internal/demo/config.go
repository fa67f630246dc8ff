package demo

import (
	"fmt"
	"strings"
)

// Timezone is that of the demo organisation.
const Timezone = "Asia/Tokyo"

const (
	affected = "Affected services"
	causedBy = "Caused by"
)

// Addresses are where the organisation is served, and the keys to it.
type Addresses struct {
	Incidents                 string // incident.io's API
	API, GraphQL, Git         string // GitHub's
	IncidentsKey, GitHubToken string
}

// Config is the text of a fourfold.yaml that reads the demo organisation. The files that it names are Company.Files.
func Config(at Addresses) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# The demo organisation, served on this machine.
timezone: %s
sources:
  incidentio:
    api_key: %q
    base_url: %q
  github:
    api_url: %q
    graphql_url: %q
    git_url: %q
    token: %q
    repositories:
`, Timezone, at.IncidentsKey, at.Incidents, at.API, at.GraphQL, at.Git, at.GitHubToken)
	for _, p := range plots {
		switch {
		case len(p.services) > 1:
			fmt.Fprintf(&b, "      - {name: %s/%s, service: [%s]}   # one repository, two services\n", Owner, p.name, strings.Join(p.services, ", "))
		case p.services[0] != p.name:
			fmt.Fprintf(&b, "      - {name: %s/%s, service: %s}   # a second repository of a service\n", Owner, p.name, p.services[0])
		}
	}
	fmt.Fprintf(&b, `      - {name: "%s/*", exclude: [backlog]}
  files:
    # Incidents of the tool before incident.io: its columns are Japanese, its times those of its maker's country.
    - path: %s
      kind: incidents
      timezone: %s
      mapping: {id: 番号, reference: 番号, name: 件名, severity: 重要度, started_at: 影響開始, impact_started_at: 影響開始, reported_at: 検知, restored_at: 復旧, services: サービス}
    # Deployments of the tool before GitHub Actions.
    - path: %s
      kind: deployments
      service: api
      mapping: {sha: commit, environment: env, status: result, created_at: started, finished_at: finished}
services:
`, Owner, earlierIncidents, earlierZone, earlierDeployments)
	for _, s := range services {
		fmt.Fprintf(&b, "  - name: %s\n    team: %s\n    incident_values: {%q: [%s]}\n%s", s.name, s.team, affected, quoted(s.options), s.more)
	}
	fmt.Fprintf(&b, `metrics:
  cause_field: %s    # the custom field in which people name a deployment, a release or a commit
  links: %s           # what people have corrected, before all rules: who and why
  durations:
    Detection: {from: Impact started, to: Reported at}
  goals: {lead_time: 36h, change_failure_rate: 10%%, time_to_restore: 3h, deployments_per_day: 4}
  follow_ups: {due: 45d, by_priority: {Urgent: 7d, High: 21d}}
`, causedBy, linksPath)
	return b.String()
}

func quoted(words []string) string {
	out := make([]string, len(words))
	for n, w := range words {
		out[n] = fmt.Sprintf("%q", w)
	}
	return strings.Join(out, ", ")
}
