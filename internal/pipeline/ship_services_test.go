package pipeline

import (
	"testing"

	"fourfold/internal/config"
)

func TestTheServicesOfARepositoryAreThoseThatAllMatchingEntriesName(t *testing.T) {
	m := newServiceMap(loadConfig(t, `sources:
  github:
    repositories:
      - {name: acme/api, service: [api, worker]}
      - {name: Acme/API-v2, service: API}
      - {name: "acme/*", exclude: ["*-archive", Legacy], archived: false, forks: false}
      - {name: "acme/api*", service: shared}
      - {name: other/tool}
services:
  - {name: Api}
  - {name: unused}
`))
	for _, c := range []struct {
		repository string
		want       []string
	}{
		{"acme/api", []string{"Api", "shared", "worker"}},
		{"ACME/Api-V2", []string{"Api", "shared"}},
		{"acme/web", []string{"web"}},
		{"acme/WEB", []string{"web"}},
		{"acme/old-ARCHIVE", nil},
		{"acme/legacy", nil},
		{"other/tool", []string{"tool"}},
		{"other/else", nil},
		{"acme/a/b", nil},
	} {
		same(t, c.repository, m.of(c.repository, ""), c.want)
	}
	same(t, "all", m.all(), []string{"Api", "unused", "worker", "shared", "web", "tool"})
}

func TestD1ProductionIsWhatARuleOfTheServiceSays(t *testing.T) {
	m := newServiceMap(loadConfig(t, `services:
  - name: api
    deployments:
      - {from: tags, pattern: "v*"}
      - {from: deployments, environment: [prod, "prod-*"]}
      - {from: deployments, environment: "prod-eu"}
  - {name: none, deployments: []}
  - {name: standard}
`))
	for _, c := range []struct {
		service, environment string
		want                 int
	}{
		{"api", "PROD", 2},
		{"api", "prod-eu", 2},
		{"api", "production", 0},
		{"none", "production", 0},
		{"standard", "Production", 1},
		{"standard", "production-eu", 0},
		{"not configured", "production", 1},
		{"not configured", "staging", 0},
	} {
		of := newClass(m.rulesOf(c.service))
		d := &report{source: config.FromDeployments, environment: c.environment}
		same(t, c.service+" "+c.environment, of.position(d, true), c.want)
		same(t, c.service+" "+c.environment+", asked again", of.position(d, true), c.want)
	}
}

func TestARenamedRepositoryStaysTheServiceThatItWas(t *testing.T) {
	m := newServiceMap(loadConfig(t, "sources:\n  github:\n    repositories: [{name: acme/api}, {name: acme/shop, service: [cart, till]}, {name: \"old/*\"}]\n"))
	for _, c := range []struct {
		repository, configured string
		want                   []string
	}{
		{"acme/core", "acme/API", []string{"API"}},
		{"acme/store", "acme/shop", []string{"cart", "till"}},
		{"new/thing", "old/*", nil}, // a pattern found it when it had another name
		{"acme/core", "acme/gone", nil},
		{"old/a", "old/*", []string{"a"}},
	} {
		same(t, c.repository, m.of(c.repository, c.configured), c.want)
	}
}
