package pipeline

import (
	"cmp"
	"slices"
	"strings"

	"fourfold/internal/config"
	"fourfold/transform/ship"
)

// report is what one source says of what may be a deployment: to any environment and in any state.
type report struct {
	source  config.DeploymentFrom
	id      string // the source's own
	service string // that a file names; "" of all others, which are those of the repository's services
	sha     string // in lower case; "" where it is not known
	ref     string
	url     string // in the API, if it has one there, else on the web
	page    string // on the web
	// environment is the row's own, in one spelling; "" where the rule gives it.
	environment string
	task, state string // in lower case
	isTransient bool
	createdAt   int64 // microseconds since 1970; ship.NoTime where it is not known
	finishedAt  int64 // of its first success; ship.NoTime without one
	// subject is what rules look at: a tag's name, the path of a workflow's file, the branch that was merged into.
	subject, event string
	ofFork         bool // a run of a workflow for a branch of a fork
	// groups is what the row has where rules look for its group, in the order of groupPaths.
	groups []string
}

// deploymentID is our id.
func (d *report) deploymentID() string { return deploymentID(string(d.source), d.id) }

func deploymentID(source, id string) string { return source + ":" + id }

func (d *report) isSuccess() bool { return d.finishedAt != ship.NoTime }

// status is success once it has succeeded, else the source's last word. Success that nobody knows the time of can be
// in no order.
func (d *report) status() string {
	switch {
	case d.isSuccess():
		return "success"
	case d.state == "success":
		return "undated"
	default:
		return d.state
	}
}

// isLive reports whether a report put something before users that stays: other tasks than deploying, such as a migration
// of the database at the same commit, put nothing there, and what is transient goes again (D1).
func (d *report) isLive() bool { return d.isSuccess() && !d.isTransient && d.task == "deploy" }

// begin is when it began, or had finished where nobody knows.
func (d *report) begin() int64 {
	if d.createdAt == ship.NoTime {
		return d.finishedAt
	}
	return d.createdAt
}

// settle completes what depends on the name and the address of the repository.
func (d *report) settle(r *repository) {
	switch d.source {
	case config.FromTags:
		d.id = r.shown + "@" + d.subject
		if r.url != "" {
			d.url = r.url + "/releases/tag/" + d.subject
			d.page = r.url + "/tree/" + d.subject
		}
	case config.FromPullRequests:
		d.id = r.shown + "#" + d.id
	case config.FromDeployments:
		if r.url != "" {
			d.page = r.url + "/deployments/" + d.id
		}
	}
}

// sources are in the order in which deployments are written.
var sources = []config.DeploymentFrom{
	config.FromDeployments, config.FromReleases, config.FromTags, config.FromWorkflowRuns, config.FromPullRequests, config.FromFiles,
}

func compareReports(a, b *report) int {
	if a.source != b.source {
		return cmp.Compare(slices.Index(sources, a.source), slices.Index(sources, b.source))
	}
	return ship.CompareIDs(a.id, b.id)
}

// environments gives names of environments that differ in case only one spelling, in all repositories and from all
// sources: they are one, everywhere (D1).
type environments struct {
	first map[string]spelled // by names in lower case
}

func newEnvironments() *environments { return &environments{map[string]spelled{}} }

// spelled is a spelling and what it was first seen of.
type spelled struct {
	name, id string
	at       int64
}

// see notes a spelling: that of what was made first is everybody's.
func (e *environments) see(name, id string, at int64) {
	if at == ship.NoTime {
		at = last
	}
	folded := strings.ToLower(name)
	have, ok := e.first[folded]
	if !ok || cmp.Or(cmp.Compare(at, have.at), ship.CompareIDs(id, have.id), cmp.Compare(name, have.name)) < 0 {
		e.first[folded] = spelled{name, id, at}
	}
}

// settle adds the names that rules give where no report has them, as the configuration spells them first.
func (e *environments) settle(rules []config.Deployment) {
	for _, rule := range rules {
		name := given(rule)
		if _, ok := e.first[strings.ToLower(name)]; name != "" && !ok {
			e.first[strings.ToLower(name)] = spelled{name: name}
		}
	}
}

// of gives the spelling of a name.
func (e *environments) of(name string) string {
	if have, ok := e.first[strings.ToLower(name)]; ok {
		return have.name
	}
	return name
}

// given is the name of the environment that a rule gives its deployments; "" of those that have their own.
func given(rule config.Deployment) string {
	if rule.From == config.FromDeployments || rule.From == config.FromFiles || len(rule.Environment) == 0 {
		return ""
	}
	return string(rule.Environment[0])
}
