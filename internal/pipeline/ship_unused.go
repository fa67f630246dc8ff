package pipeline

import (
	"fmt"

	"fourfold/internal/config"
)

// Unused lists the keys of a configuration that this version accepts and does not use yet: what they ask for is not in
// the numbers.
func Unused(c *config.Config) []*config.Error {
	var out []*config.Error
	note := func(key, problem string) {
		out = append(out, c.Problem(key, problem, "it may stay for a later version"))
	}
	if len(c.Sources.Files) > 0 {
		note("sources.files", "this version reads no files")
	}
	for i, s := range c.Services {
		key := fmt.Sprintf("services[%d]", i)
		for j, d := range s.Deployments {
			rule := fmt.Sprintf("%s.deployments[%d]", key, j)
			if d.From != config.FromDeployments {
				note(rule+".from", fmt.Sprintf("this version takes nothing from %s, only from deployments", d.From))
			}
			if d.Group != "" {
				note(rule+".group", "this version counts each deployment by itself")
			}
		}
		if len(s.Paths) > 0 {
			note(key+".paths", "this version counts all commits of a repository for its services, whatever they touch")
		}
	}
	if c.Metrics.Links != "" {
		note("metrics.links", "this version reads no corrections")
	}
	return out
}
