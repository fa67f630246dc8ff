package githubstatus

import (
	"fmt"
	"strings"

	"fourfold/internal/fake/incidentio"
)

// Config is the text of a fourfold.yaml that reads the organisation from a server at baseURL: every component is a
// service. The time zone is an IANA name, such as Asia/Tokyo.
func Config(baseURL, timezone string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# The real incidents of GitHub's status page, served on this machine.
timezone: %q
sources:
  incidentio:
    api_key: %q
    base_url: %q
services:
`, timezone, incidentio.DefaultKey, baseURL)
	for _, name := range components(read()) {
		fmt.Fprintf(&b, "  - {name: %q, incident_values: {Component: [%q]}}\n", name, name)
	}
	return b.String()
}
