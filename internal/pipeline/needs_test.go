package pipeline

import (
	"testing"

	"fourfold/extract/github"
)

func TestWhatIsReadOfARepositoryIsWhatTheRulesOfItsServicesTake(t *testing.T) {
	of, anywhere := Needs(loadConfig(t, `sources:
  github:
    repositories:
      - {name: acme/api, service: [API, worker]}
      - {name: acme/mono, service: worker}
      - {name: "acme/*", exclude: [legacy]}
services:
  - name: api
    deployments:
      - {from: workflow_runs, workflow: deploy.yml, branch: main}
      - {from: workflow_runs, workflow: deploy.yml, branch: hotfix}
      - {from: deployments, environment: production}
  - name: worker
    paths: ["worker/**"]
    deployments:
      - {from: releases}
      - {from: workflow_runs, workflow: .github/workflows/ship.yml}
  - name: web
    deployments: [{from: releases, pattern: "web-*"}]
  - {name: plain}
  - {name: legacy, deployments: [{from: releases}]}
`))
	for _, c := range []struct {
		name, configured string
		want             github.Needs
	}{
		{"acme/api", "acme/api", github.Needs{Releases: true, Workflows: []string{"deploy.yml", ".github/workflows/ship.yml"}, Paths: true}},
		{"Acme/Mono", "acme/mono", github.Needs{Releases: true, Workflows: []string{".github/workflows/ship.yml"}, Paths: true}},
		{"acme/WEB", "acme/*", github.Needs{Releases: true}},
		{"acme/plain", "acme/*", github.Needs{}},
		{"acme/not-configured", "acme/*", github.Needs{}},
		{"acme/legacy", "acme/*", github.Needs{}},
		{"other/monorepo", "acme/mono", github.Needs{Releases: true, Workflows: []string{".github/workflows/ship.yml"}, Paths: true}}, // renamed
		{"other/web", "acme/*", github.Needs{}},
	} {
		same(t, c.name, of(c.name, c.configured), c.want)
	}
	same(t, "anywhere", anywhere, github.Needs{Releases: true, Workflows: []string{"deploy.yml", ".github/workflows/ship.yml"}, Paths: true})
	of, anywhere = Needs(loadConfig(t, "services: [{name: api}]\n"))
	same(t, "a configuration of deployments only", anywhere, github.Needs{})
	same(t, "no repository", of("acme/api", "acme/api"), github.Needs{})
}
