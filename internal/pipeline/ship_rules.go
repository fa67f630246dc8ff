package pipeline

import (
	"slices"
	"strings"

	"fourfold/internal/config"
)

// takes reports whether a rule takes a report of its source for a deployment to production (D1). Environments, events
// and names of workflows compare without case; tags and branches are as Git has them.
func takes(rule config.Deployment, d *report) bool {
	switch d.source {
	case config.FromReleases, config.FromTags:
		return rule.Pattern == "" || rule.Pattern.Match(d.subject)
	case config.FromWorkflowRuns:
		// A run for a pull request of a fork has the name of the fork's branch, which is another than ours of that name.
		return isWorkflow(rule.Workflow, d.subject) && (len(rule.Branch) == 0 || !d.ofFork && matchesAny(rule.Branch, d.ref)) &&
			(len(rule.Event) == 0 || slices.ContainsFunc(rule.Event, func(e string) bool { return strings.EqualFold(e, d.event) }))
	case config.FromPullRequests:
		return matchesAny(rule.Branch, d.subject)
	default:
		return isEnvironment(rule, d.environment)
	}
}

// isWorkflow reports whether a workflow is of a file: by its name, or by the whole path.
func isWorkflow(configured, path string) bool {
	path, _, _ = strings.Cut(path, "@") // the ref that it was taken from
	return strings.EqualFold(configured, path) || strings.EqualFold(".github/workflows/"+configured, path)
}

func matchesAny(patterns []config.Glob, name string) bool {
	return slices.ContainsFunc(patterns, func(g config.Glob) bool { return g.Match(name) })
}

// isEnvironment reports whether an environment is the one that a rule gives its deployments, or of those that it takes.
func isEnvironment(rule config.Deployment, environment string) bool {
	if name := given(rule); name != "" {
		return strings.EqualFold(name, environment)
	}
	return slices.ContainsFunc(rule.Environment, func(g config.Glob) bool { return g.MatchFold(environment) })
}
