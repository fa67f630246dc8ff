package pipeline

import "testing"

func TestKeysThatAreNotUsedYetAreNamedWithTheirLines(t *testing.T) {
	c := loadConfig(t, `sources:
  files:
    - {path: x.csv, kind: incidents}
services:
  - name: api
    paths: ["api/**"]
    deployments:
      - {from: deployments, environment: prod}
      - from: tags
        pattern: "v*"
      - from: deployments
        group: payload.run
metrics:
  links: links.csv
`)
	var got []string
	for _, e := range Unused(c) {
		e.File = "fourfold.yaml"
		got = append(got, e.Error())
	}
	same(t, "problems", got, []string{
		"fourfold.yaml:2: sources.files: this version reads no files: it may stay for a later version",
		"fourfold.yaml:9: services[0].deployments[1].from: this version takes nothing from tags, only from deployments: it may stay for a later version",
		"fourfold.yaml:12: services[0].deployments[2].group: this version counts each deployment by itself: it may stay for a later version",
		"fourfold.yaml:6: services[0].paths: this version counts all commits of a repository for its services, whatever they touch: it may stay for a later version",
		"fourfold.yaml:14: metrics.links: this version reads no corrections: it may stay for a later version",
	})
	same(t, "of the defaults", len(Unused(loadConfig(t, "services: [{name: api}]\n"))), 0)
}
