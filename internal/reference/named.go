package reference

import (
	"regexp"
	"slices"
	"strings"
)

// page is an address of a deployment or a run, of the API or for people.
var page = regexp.MustCompile(`^https?://.*?([^/]+/[^/]+)/(deployments|actions/runs|releases)/([0-9]+)$`)

// meant gives our ids of the deployments that a name means: a number, perhaps written #12, an id of ours, or an address,
// under a former name of the repository, too (L1, D2).
func (l linker) meant(name string) []string {
	key := strings.TrimPrefix(address(name), "#")
	if ids := l.names[key]; len(ids) > 0 {
		return ids
	}
	var out []string
	if m := page.FindStringSubmatch(key); m != nil {
		source := map[string]string{"deployments": "deployments", "actions/runs": "workflow_runs", "releases": "releases"}[m[2]]
		for _, x := range l.shipments {
			for _, report := range append([]*shipment{x}, x.aliases...) {
				if called(report.in, m[1]) && report.from() == source && report.ID == m[3] && !slices.Contains(out, x.id()) {
					out = append(out, x.id())
				}
			}
		}
	}
	return out
}

// address makes a name of a deployment comparable: without case, and without what follows ? or # in an address.
func address(name string) string {
	name = fold(name)
	if strings.Contains(name, "://") {
		name, _, _ = strings.Cut(name, "#")
		name, _, _ = strings.Cut(name, "?")
		name = strings.TrimRight(name, "/")
	}
	return name
}

// names gives by each name of a deployment, those of its aliases included, our ids of what it means (L1, D2). A release whose
// tag nobody has any more has the tag's; else that means its commit.
func (c *computed) names() map[string][]string {
	out := map[string][]string{}
	for _, x := range c.shipments {
		for _, report := range append([]*shipment{x}, x.aliases...) {
			tag := ""
			if report.from() == "releases" && report.SHA == "" {
				tag = report.Tag
			}
			for _, name := range []string{report.ID, report.id(), report.URL, report.Web, tag} {
				if key := address(name); key != "" && !slices.Contains(out[key], x.id()) {
					out[key] = append(out[key], x.id())
				}
			}
		}
	}
	return out
}

var (
	shortSHA  = regexp.MustCompile(`^[0-9a-f]{7,40}$`)
	commitURL = regexp.MustCompile(`^https?://[^/]+/([^/]+/[^/]+)/commit/([0-9a-f]{7,40})$`)
	pullURL   = regexp.MustCompile(`^https?://[^/]+/([^/]+/[^/]+)/pull/([0-9]+)$`)
	tagName   = regexp.MustCompile(`^([^/@]+/[^/@]+)@(.+)$`)
	tagURL    = regexp.MustCompile(`^https?://[^/]+/([^/]+/[^/]+)/releases/tag/(.+)$`)
	pullName  = regexp.MustCompile(`^([^/]+/[^/]+)[/#]([0-9]+)$`)
)

// field is L1: the one deployment that the custom field for causes means, whatever its values mean together. What is named
// outright comes first, and need not count; then the latest of the very commits at or before the start, then what shipped
// them. Of several the latest at or before the start, else the latest.
func (l linker) field(i Incident) *shipment {
	var named, unfinished, very, shipped []*shipment
	for _, f := range i.Fields {
		if l.s.CauseField == "" || !f.isOf(l.s.CauseField) {
			continue
		}
		ids := l.meant(f.Value)
		for _, x := range l.shipments {
			switch {
			case !slices.Contains(ids, x.id()):
			case x.Success.IsZero():
				unfinished = append(unfinished, x)
			default:
				named = append(named, x)
			}
		}
		for _, n := range l.commitsNamed(f.Value) {
			for _, x := range l.production {
				if x.in == n.in && x.SHA == n.sha {
					very = append(very, x)
				}
				if x.in == n.in && l.shippedBy(x, n.sha) {
					shipped = append(shipped, x)
				}
			}
		}
	}
	very, _ = split(very, i.Start)
	for _, all := range [][]*shipment{named, unfinished, very, shipped} {
		if len(all) == 0 {
			continue
		}
		if earlier, _ := split(all, i.Start); len(earlier) > 0 {
			return latest(earlier)
		}
		return latest(all)
	}
	return nil
}

// commitOf is a commit of a repository; perhaps of one that does not have it any more.
type commitOf struct {
	in  *Repository
	sha string
}

// commitsNamed gives the commits that a text means: a hash of seven digits or more or an address with one, a tag or the
// page of its release.
func (l linker) commitsNamed(value string) []commitOf {
	value = strings.TrimSpace(value)
	repository, sha := "", fold(value)
	if m := commitURL.FindStringSubmatch(address(value)); m != nil {
		repository, sha = m[1], m[2]
	}
	var out []commitOf
	if shortSHA.MatchString(sha) {
		seen := map[commitOf]bool{}
		for n := range l.code.Repositories {
			r := &l.code.Repositories[n]
			if repository != "" && !called(r, repository) {
				continue
			}
			for x := range r.Commits {
				seen[commitOf{r, x}] = strings.HasPrefix(x, sha)
			}
			for _, d := range l.production {
				if d.in == r {
					seen[commitOf{r, d.SHA}] = d.SHA != "" && strings.HasPrefix(d.SHA, sha)
				}
			}
		}
		for c, is := range seen {
			if is {
				out = append(out, c)
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	plain := strings.TrimPrefix(fold(value), "refs/tags/")
	whole := tagURL.FindStringSubmatch(address(value))
	if whole == nil {
		whole = tagName.FindStringSubmatch(fold(value))
	}
	for n := range l.code.Repositories {
		r := &l.code.Repositories[n]
		for name, sha := range r.Tags {
			if same(name, plain) || whole != nil && called(r, whole[1]) && same(name, whole[2]) {
				out = append(out, commitOf{r, sha})
			}
		}
	}
	return out
}

// called tells whether a repository has, or had, the name.
func called(r *Repository, name string) bool {
	return same(r.Name, name) || slices.ContainsFunc(r.Former, func(x string) bool { return same(x, name) })
}

// shippedBy tells whether the deployment was the first in its environment to bring a commit of its service, or the merge
// of a pull request of it (C1, C3).
func (l linker) shippedBy(x *shipment, sha string) bool {
	return x.ships(sha) || x.brought[sha] && slices.ContainsFunc(x.in.PullRequests, func(p PullRequest) bool {
		return p.Merge == sha && pullTouches(x.in, p, x.service, l.s)
	})
}

// shipped gives the deployments to production that were the first in their environment to bring the commit.
func (l linker) shipped(in *Repository, sha string) []*shipment {
	var out []*shipment
	for _, x := range l.production {
		if x.in == in && l.shippedBy(x, sha) {
			out = append(out, x)
		}
	}
	return out
}

// shippedPull is shipped of a pull request.
func (l linker) shippedPull(in *Repository, p PullRequest) []*shipment {
	var out []*shipment
	for _, x := range l.production {
		if x.in == in && x.brought[p.Merge] && pullTouches(in, p, x.service, l.s) {
			out = append(out, x)
		}
	}
	return out
}
