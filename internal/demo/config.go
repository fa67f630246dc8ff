package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fourfold/internal/demo/expect"
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

// Config is the text of a fourfold.yaml that reads the demo organisation.
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
		if len(p.services) > 1 {
			fmt.Fprintf(&b, "      - {name: %s/%s, service: [%s]}\n", Owner, p.name, strings.Join(p.services, ", "))
		}
	}
	fmt.Fprintf(&b, "      - {name: \"%s/*\", exclude: [backlog]}\nservices:\n", Owner)
	for _, s := range services {
		fmt.Fprintf(&b, "  - {name: %s, team: %s, incident_values: {%q: [%s]}", s.name, s.team, affected, quoted(s.options))
		if patterns := s.patterns(); patterns != nil {
			fmt.Fprintf(&b, ", deployments: [{from: deployments, environment: [%s]}]", quoted(patterns))
		}
		b.WriteString("}\n")
	}
	fmt.Fprintf(&b, "metrics: {cause_field: %s}\n", causedBy)
	return b.String()
}

func quoted(words []string) string {
	out := make([]string, len(words))
	for n, w := range words {
		out[n] = fmt.Sprintf("%q", w)
	}
	return strings.Join(out, ", ")
}

// patterns are those of the service's production environments; nil where it has but the usual one.
func (s service) patterns() []string {
	for _, p := range plots {
		if slices.Contains(p.services, s.name) && len(p.environments) > 1 {
			return []string{"prod-*"}
		}
	}
	return nil
}

// Settings are what Config means to package expect, as of an instant.
func Settings(asOf time.Time) expect.Settings {
	s := expect.Defaults(jst, asOf)
	s.CauseField = causedBy
	for _, x := range services {
		s.Services = append(s.Services, expect.Service{Name: x.name, Team: x.team, Values: map[string][]string{affected: x.options}, Environments: x.patterns()})
	}
	return s
}
