// Package reference computes every number a second time, for tests: plain slow code, written from definitions.md and never
// from the SQL or the walk over the commit graph that it is compared with. Nothing is clever: what a commit reaches is a
// set, made for each deployment; limits are found by trying.
//
// Compute reads an organisation as its sources have shown it (truth.World), decides which version of each object is the
// present one (S1), makes of it the plain description that package expect declares, and applies the rules to that. Diff
// compares what it gives with the marts of a build. The functions below it (Incidents, Deployments, Changes, Links,
// FourKeys) take a description as it is, which is how the demo's organisation is checked.
//
// It does not say what a link's evidence or a reason is worded like, nor what is a finding of data_quality.
package reference

import (
	"slices"
	"strings"

	"fourfold/internal/demo/expect"
)

// What is computed from; see package expect.
type (
	Objects     = expect.Objects
	Settings    = expect.Settings
	Service     = expect.Service
	Rule        = expect.Rule
	Code        = expect.Code
	Repository  = expect.Repository
	Commit      = expect.Commit
	PullRequest = expect.PullRequest
	Deployment  = expect.Deployment
)

// fold makes names comparable: they compare without case.
func fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func same(a, b string) bool { return fold(a) == fold(b) }

// serviceOf finds a configured service by its name.
func serviceOf(s Settings, name string) (Service, bool) {
	for _, x := range s.Services {
		if same(x.Name, name) {
			return x, true
		}
	}
	return Service{}, false
}

// teamOf is the team of a service; empty if it has none.
func teamOf(s Settings, service string) string {
	x, _ := serviceOf(s, service)
	return x.Team
}

// rulesOf are the ways in which a service's deployments are known; one without any has the deployments to production.
func rulesOf(s Settings, service string) []Rule {
	x, _ := serviceOf(s, service)
	if x.Rules != nil {
		return x.Rules
	}
	if len(x.Environments) > 0 {
		return []Rule{{From: "deployments", Environments: x.Environments}}
	}
	return []Rule{{From: "deployments", Environments: []string{"production"}}}
}

// servicesOf are all there are: the configured ones and those that live in a repository.
func servicesOf(code Code, s Settings) []string {
	var out []string
	add := func(name string) {
		if !slices.ContainsFunc(out, func(x string) bool { return same(x, name) }) {
			out = append(out, name)
		}
	}
	for _, x := range s.Services {
		add(x.Name)
	}
	for _, r := range code.Repositories {
		for _, name := range r.Services {
			add(name)
		}
	}
	slices.Sort(out)
	return out
}
