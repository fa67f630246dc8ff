package demo

import (
	"fmt"
	"strings"
	"time"

	"fourfold/internal/demo/expect"
	"fourfold/internal/fake/incidentio"
)

// Timezone is that of the demo organisation.
const Timezone = "Asia/Tokyo"

const affected = "Affected services"

// Config is the text of a fourfold.yaml that reads the demo organisation from a server at baseURL.
func Config(baseURL string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# The demo organisation, served on this machine.
timezone: %s
sources:
  incidentio:
    api_key: %q
    base_url: %q
services:
`, Timezone, incidentio.DefaultKey, baseURL)
	for _, s := range services {
		quoted := make([]string, len(s.options))
		for n, o := range s.options {
			quoted[n] = fmt.Sprintf("%q", o)
		}
		fmt.Fprintf(&b, "  - {name: %s, team: %s, incident_values: {%q: [%s]}}\n", s.name, s.team, affected, strings.Join(quoted, ", "))
	}
	return b.String()
}

// Settings are what Config means to package expect, as of an instant.
func Settings(asOf time.Time) expect.Settings {
	s := expect.Defaults(jst, asOf)
	for _, x := range services {
		s.Services = append(s.Services, expect.Service{Name: x.name, Team: x.team, Values: map[string][]string{affected: x.options}})
	}
	return s
}
