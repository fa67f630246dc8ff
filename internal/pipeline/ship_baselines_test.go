package pipeline

import "testing"

// A fix is what was nowhere in production when the incident began: what the baseline of one service had is none when another
// service is sent it.
func TestL2WhatTheBaselineOfAnotherServiceHadIsTold(t *testing.T) {
	l := &githubLedger{t: t, dir: t.TempDir()}
	l.run(1, append(commits("1", "a", "b a", "c b", "d c"), repo("1", "acme/api"),
		deploy(1, "1", "eu", "a", 10), deploy(2, "1", "production", "c", 20), deploy(3, "1", "eu", "c", 30), deploy(4, "1", "eu", "d", 40),
		deploy(5, "1", "test", "d", 1), deploy(6, "1", "production", "d", 50))...)
	l.ship(`
sources: {github: {repositories: [{name: acme/api, service: [api, worker]}]}}
services:
  - {name: api, deployments: [{from: deployments, environment: production}]}
  - {name: worker, deployments: [{from: deployments, environment: eu}]}
`, 2)
	same(t, "had", sorted(l.query("select service, environment, sha from ship_baseline_commits")), []string{"api production b", "api production c"})
}
