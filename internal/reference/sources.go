package reference

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
)

// shipment is a record of a deployment as one service has it: one report, or several of one deployment (D2).
type shipment struct {
	*Deployment
	in          *Repository
	service     string
	environment string
	source      bool   // whether the service takes deployments from there at all
	production  bool   // whether a rule takes the environment for production (D1)
	rule        int    // which rule of the service it came by, from 1; 0 if none
	group       string // D5; empty if it has none
	aliases     []*shipment

	walked
}

// id is ours for a deployment.
func (x *shipment) id() string { return x.from() + ":" + x.ID }

func (x *shipment) from() string { return cmp.Or(x.Source, "deployments") }

// ids are the sources' own ids of all its reports, its own first.
func (x *shipment) ids() []string {
	out := []string{x.ID}
	for _, a := range x.aliases {
		out = append(out, a.ID)
	}
	return out
}

// live tells whether it was ever what runs somewhere: it succeeded, and is of a kind that brings code (D1): migrations and
// previews do not.
func (x *shipment) live() bool {
	return x.source && !x.Success.IsZero() && x.Task == "deploy" && !x.Transient
}

// counts is D1; D4's redeploys and D5's groups apart.
func (x *shipment) counts() bool { return x.live() && x.production }

// created is when it began; where nobody knows, when it had ended.
func (x *shipment) created() time.Time {
	if x.Created.IsZero() {
		return x.Success
	}
	return x.Created
}

// before orders deployments by finish, then creation, then id (D3).
func before(a, b *shipment) int {
	return cmp.Or(a.Success.Compare(b.Success), a.created().Compare(b.created()), compareIDs(a.ID, b.ID), strings.Compare(a.from(), b.from()), strings.Compare(a.service, b.service))
}

// compareIDs compares numbers as numbers; they come before other texts.
func compareIDs(a, b string) int {
	x, errA := strconv.ParseInt(a, 10, 64)
	y, errB := strconv.ParseInt(b, 10, 64)
	switch {
	case errA == nil && errB == nil:
		return cmp.Compare(x, y)
	case errA == nil:
		return -1
	case errB == nil:
		return 1
	}
	return strings.Compare(a, b)
}

// records gives what each record is to each service: by the first of its rules that takes it, and where none does but the
// service takes deployments from there, as one that does not count; so are a file's and GitHub's own deployments that the
// service does not take at all. Runs, tags, releases and pull requests that no rule takes are nothing.
func records(code Code, s Settings) []*shipment {
	var out []*shipment
	for n := range code.Repositories {
		r := &code.Repositories[n]
		for k := range r.Deployments {
			d := &r.Deployments[k]
			for _, service := range r.Services {
				if d.Source == "files" {
					continue
				}
				if x := asService(d, r, service, s); x != nil {
					out = append(out, x)
				} else if d.Source == "" || d.Source == "deployments" {
					out = append(out, &shipment{Deployment: d, in: r, service: service, environment: d.Environment})
				}
			}
			if d.Source == "files" {
				service := d.Service
				if known, ok := serviceOf(s, service); ok {
					service = known.Name
				}
				x := asService(d, r, service, s)
				if x == nil {
					x = &shipment{Deployment: d, in: r, service: service, environment: d.Environment}
				}
				out = append(out, x)
			}
		}
	}
	return out
}

func asService(d *Deployment, r *Repository, service string, s Settings) *shipment {
	x := &shipment{Deployment: d, in: r, service: service, environment: d.Environment}
	for n, rule := range rulesOf(s, service) {
		if rule.From != x.from() {
			continue
		}
		own := rule.From == "deployments" || rule.From == "files" // patterns on the row's own environment
		x.source = x.source || own
		switch {
		case own && !anyGlob(rule.Environments, d.Environment, true):
			continue
		case rule.From == "releases" && rule.Pattern != "" && !glob(rule.Pattern, d.Tag, false),
			rule.From == "tags" && !glob(rule.Pattern, d.Tag, false),
			rule.From == "pull_requests" && !anyGlob(rule.Branches, d.Branch, false),
			rule.From == "workflow_runs" && !takesRun(rule, d):
			continue
		}
		x.source, x.production, x.rule = true, true, n+1
		if !own {
			x.environment = "production"
			if len(rule.Environments) > 0 {
				x.environment = rule.Environments[0]
			}
		}
		x.group = groupOf(d.Fields, rule.Group)
		return x
	}
	if x.source {
		return x
	}
	return nil
}

// takesRun tells whether a run is of the rule's workflow, event and branches. A fork's branches are no branches of the
// repository.
func takesRun(rule Rule, d *Deployment) bool {
	path, _, _ := strings.Cut(d.Workflow, "@")
	file := path[strings.LastIndex(path, "/")+1:]
	return (same(rule.Workflow, file) || same(rule.Workflow, path)) &&
		(len(rule.Events) == 0 || slices.ContainsFunc(rule.Events, func(e string) bool { return same(e, d.Event) })) &&
		(len(rule.Branches) == 0 || !d.Fork && anyGlob(rule.Branches, d.Branch, false))
}

func anyGlob(patterns []string, name string, caseless bool) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return glob(p, name, caseless) })
}

func glob(pattern, name string, caseless bool) bool {
	if caseless {
		pattern, name = strings.ToLower(pattern), strings.ToLower(name)
	}
	ok, err := doublestar.Match(pattern, name)
	return err == nil && ok
}

// merged applies D2: what is another report of a deployment that another source of the service has told is its alias. It
// gives what is left, in no order.
func merged(all []*shipment) []*shipment {
	slices.SortStableFunc(all, func(a, b *shipment) int { return cmp.Or(cmp.Compare(a.rule, b.rule), before(a, b)) })
	var out, survivors []*shipment
	for _, x := range all {
		if !x.counts() || x.SHA == "" {
			out = append(out, x)
			continue
		}
		var into *shipment
		for _, y := range survivors {
			if y.from() != x.from() && y.service == x.service && y.in == x.in && same(y.environment, x.environment) && same(y.SHA, x.SHA) && reportsOf(y, x) {
				if into == nil || before(y, into) < 0 {
					into = y
				}
			}
		}
		if into != nil {
			into.aliases = append(into.aliases, x)
			continue
		}
		survivors = append(survivors, x)
		out = append(out, x)
	}
	return out
}

// reportsOf tells whether x overlaps the survivor, or an alias of it from another source than its own: closed intervals.
func reportsOf(survivor, x *shipment) bool {
	overlap := func(y *shipment) bool { return !y.created().After(x.Success) && !x.created().After(y.Success) }
	return overlap(survivor) || slices.ContainsFunc(survivor.aliases, func(y *shipment) bool { return y.from() != x.from() && overlap(y) })
}
