package expect

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Link is a relation of an incident to a deployment.
type Link struct{ Incident, Deployment, Role, Method string }

// linker holds what links are looked up in.
type linker struct {
	s           Settings
	code        Code
	counted     []*shipment // in counted environments, ordered by finish
	attachments map[string][]map[string]any
}

// Links gives what the rules L1 to L3 find for every incident that may be in an output, ordered by its columns.
func Links(o Objects, code Code, s Settings) []Link {
	return linksOf(o, code, s, production(code, s))
}

func linksOf(o Objects, code Code, s Settings, groups map[groupKey][]*shipment) []Link {
	l := linker{s: s, code: code, attachments: map[string][]map[string]any{}}
	for _, group := range groups {
		for _, x := range group {
			if x.kind != "redeploy" || s.CountRedeploys {
				l.counted = append(l.counted, x)
			}
		}
	}
	slices.SortFunc(l.counted, func(a, b *shipment) int {
		return cmp.Or(before(a.Deployment, b.Deployment), cmp.Compare(a.service, b.service))
	})
	for _, a := range o["incident_attachments"] {
		l.attachments[text(a, "incident_id")] = append(l.attachments[text(a, "incident_id")], a)
	}
	raw := map[string]map[string]any{}
	for _, i := range o["incidents"] {
		raw[text(i, "id")] = i
	}
	methods := map[Link]string{} // of the links without it: each deployment has one role once
	for _, i := range Incidents(o, s) {
		for _, x := range l.of(i, raw[i.ID]) {
			method := x.Method
			x.Method = ""
			if old := methods[x]; old == "" || method < old {
				methods[x] = method
			}
		}
	}
	var out []Link
	for x, method := range methods {
		x.Method = method
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b Link) int {
		return compareTexts(a.Incident, b.Incident, a.Deployment, b.Deployment, a.Role, b.Role)
	})
	return out
}

// of gives the links of one incident: its cause, by the first rule that applies, and its fixes.
func (l linker) of(i Incident, raw map[string]any) []Link {
	named := l.attached(i.ID)
	var out []Link
	var causes, reverted []*shipment
	method := ""
	for _, n := range named {
		earlier, later := split(n.shipped, i.Start)
		if len(earlier) > 0 {
			if last := latest(earlier); len(causes) == 0 || before(causes[0].Deployment, last.Deployment) < 0 {
				causes, method = []*shipment{last}, n.method
			}
			continue
		}
		for _, x := range later {
			out = append(out, Link{i.ID, x.id(), "fix", n.method})
		}
		if len(later) > 0 {
			reverted = append(reverted, n.reverted...)
		}
	}
	if id := l.field(raw, i.Start); id != "" {
		return append(out, Link{i.ID, id, "cause", "field"})
	}
	if len(causes) > 0 {
		return append(out, Link{i.ID, causes[0].id(), "cause", method})
	}
	if earlier, _ := split(reverted, i.Start); len(earlier) > 0 {
		return append(out, Link{i.ID, latest(earlier).id(), "cause", "revert"})
	}
	if x := l.near(i); x != nil {
		return append(out, Link{i.ID, x.id(), "cause", "proximity"})
	}
	return out
}

// near is L3.
func (l linker) near(i Incident) *shipment {
	if len(i.Services) == 0 && !l.s.AnyService && len(l.s.Services) != 1 {
		return nil
	}
	for n := len(l.counted) - 1; n >= 0; n-- {
		x := l.counted[n]
		if x.Success.After(i.Start) || len(i.Services) > 0 && !slices.Contains(i.Services, x.service) {
			continue
		}
		if i.Start.Sub(x.Success) > l.s.FailureWindow {
			return nil
		}
		return x
	}
	return nil
}

// thing is an attached pull request or commit: the deployments that shipped it, and those that shipped what it reverts.
type thing struct {
	method            string
	shipped, reverted []*shipment
}

var commitURL = regexp.MustCompile(`^https://[^/]+/([^/]+/[^/]+)/commit/([0-9a-f]{7,40})$`)

// attached gives the pull requests and commits that are attached to an incident and are known.
func (l linker) attached(incident string) []thing {
	var out []thing
	for _, a := range l.attachments[incident] {
		kind, name, link := text(a, "resource", "resource_type"), text(a, "resource", "external_id"), text(a, "resource", "permalink")
		for n := range l.code.Repositories {
			r := &l.code.Repositories[n]
			if kind == "github_pull_request" {
				for _, p := range r.PullRequests {
					if name == r.Name+"/"+itoa(p.Number) {
						out = append(out, thing{"pull_request", l.shipped(r.Name, p.Merge), l.revertedBy(r, p)})
					}
				}
			}
			if m := commitURL.FindStringSubmatch(link); m != nil && m[1] == r.Name {
				for sha, c := range r.Commits {
					if strings.HasPrefix(sha, m[2]) {
						t := thing{method: "commit", shipped: l.shipped(r.Name, sha)}
						for _, x := range c.Reverts {
							t.reverted = append(t.reverted, l.shipped(r.Name, x)...)
						}
						out = append(out, t)
					}
				}
			}
		}
	}
	return out
}

// revertedBy gives the deployments that shipped what the pull request reverts.
func (l linker) revertedBy(r *Repository, p PullRequest) []*shipment {
	var out []*shipment
	for _, q := range r.PullRequests {
		if slices.Contains(p.Reverts, q.Number) {
			out = append(out, l.shipped(r.Name, q.Merge)...)
		}
	}
	for _, sha := range p.RevertsSHA {
		out = append(out, l.shipped(r.Name, sha)...)
	}
	return out
}

// shipped gives the counted deployments that were the first in their environment to bring the commit.
func (l linker) shipped(repository, sha string) []*shipment {
	var out []*shipment
	for _, x := range l.counted {
		if x.in.Name == repository && x.shipped[sha] {
			out = append(out, x)
		}
	}
	return out
}

var (
	deploymentNumber = regexp.MustCompile(`^(?:deployments:)?([0-9]+)$`)
	shortSHA         = regexp.MustCompile(`^[0-9a-f]{7,40}$`)
)

// field is L1: the deployment that the custom field for causes means; empty if it means none. A deployment that is named
// need not count.
func (l linker) field(raw map[string]any, start time.Time) string {
	value := ""
	for _, e := range list(raw, "custom_field_entries") {
		if l.s.CauseField != "" && strings.EqualFold(text(e, "custom_field", "name"), l.s.CauseField) {
			for _, v := range list(e, "values") {
				value = strings.TrimSpace(text(v, "value_text") + text(v, "value_link"))
			}
		}
	}
	if value == "" {
		return ""
	}
	number := deploymentNumber.FindStringSubmatch(value)
	for _, r := range l.code.Repositories {
		for _, d := range r.Deployments {
			if number != nil && number[1] == fmt.Sprint(d.ID) || value == d.URL {
				return d.id()
			}
		}
	}
	if !shortSHA.MatchString(value) {
		return ""
	}
	var very, shipped []*shipment
	for _, x := range l.counted {
		if strings.HasPrefix(x.SHA, value) {
			very = append(very, x)
		}
		for sha := range x.shipped {
			if strings.HasPrefix(sha, value) {
				shipped = append(shipped, x)
			}
		}
	}
	for _, all := range [][]*shipment{very, shipped} {
		if earlier, _ := split(all, start); len(earlier) > 0 {
			return latest(earlier).id()
		}
	}
	if len(shipped) > 0 {
		return latest(shipped).id()
	}
	return ""
}

// split parts shipments into those that finished at or before an instant and those after it.
func split(all []*shipment, at time.Time) (earlier, later []*shipment) {
	for _, x := range all {
		if x.Success.After(at) {
			later = append(later, x)
		} else {
			earlier = append(earlier, x)
		}
	}
	return earlier, later
}

func latest(all []*shipment) *shipment {
	return slices.MaxFunc(all, func(a, b *shipment) int { return before(a.Deployment, b.Deployment) })
}
