package reference

import (
	"fmt"
	"slices"
	"strings"
)

// had gives the baselines of production environments that had a commit of their service, or the merge of a pull request of
// it, already.
func (l linker) had(in *Repository, sha string) []*shipment {
	var out []*shipment
	for _, x := range l.production {
		of := x.in == in && x.kind == "baseline" && x.reached[sha]
		if of && (x.touches(sha) || slices.ContainsFunc(in.PullRequests, func(p PullRequest) bool {
			return p.Merge == sha && pullTouches(in, p, x.service, l.s)
		})) {
			out = append(out, x)
		}
	}
	return out
}

// hadPull is had of a pull request.
func (l linker) hadPull(in *Repository, p PullRequest) []*shipment {
	var out []*shipment
	for _, x := range l.production {
		if x.in == in && x.kind == "baseline" && x.reached[p.Merge] && pullTouches(in, p, x.service, l.s) {
			out = append(out, x)
		}
	}
	return out
}

// thing is an attached pull request or commit: the deployments that shipped it, the baselines that had it, and the
// deployments that shipped what it reverts.
type thing struct {
	method                 string
	shipped, had, reverted []*shipment
}

// attached gives the pull requests and commits that are attached to an incident and are known (L2).
func (l linker) attached(incident string) []thing {
	var out []thing
	for _, a := range l.attachments[incident] {
		link := address(text(a, "resource", "permalink"))
		pull := pullURL.FindStringSubmatch(link)
		if text(a, "resource", "resource_type") == "github_pull_request" {
			if m := pullName.FindStringSubmatch(fold(text(a, "resource", "external_id"))); m != nil {
				pull = m
			}
		}
		commit := commitURL.FindStringSubmatch(link)
		for n := range l.code.Repositories {
			r := &l.code.Repositories[n]
			if pull != nil && called(r, pull[1]) {
				for _, p := range r.PullRequests {
					if fmt.Sprint(p.Number) == pull[2] {
						out = append(out, thing{"pull_request", l.shippedPull(r, p), l.hadPull(r, p), l.revertedBy(r, p)})
					}
				}
			}
			if commit != nil && called(r, commit[1]) {
				for sha, c := range r.Commits {
					if strings.HasPrefix(sha, commit[2]) {
						t := thing{method: "commit", shipped: l.shipped(r, sha), had: l.had(r, sha)}
						for _, x := range c.Reverts {
							t.reverted = append(t.reverted, l.shippedSHA(r, x)...)
						}
						out = append(out, t)
					}
				}
			}
		}
	}
	return out
}

// revertedBy gives the deployments that shipped what the pull request reverts (L2r).
func (l linker) revertedBy(r *Repository, p PullRequest) []*shipment {
	var out []*shipment
	for n := range l.code.Repositories {
		other := &l.code.Repositories[n]
		for _, q := range other.PullRequests {
			named := slices.ContainsFunc(p.RevertsOf, func(name string) bool {
				m := pullName.FindStringSubmatch(fold(name))
				return m != nil && called(other, m[1]) && m[2] == fmt.Sprint(q.Number)
			})
			if named || other == r && slices.Contains(p.Reverts, q.Number) {
				out = append(out, l.shippedPull(other, q)...)
			}
		}
	}
	for _, sha := range p.RevertsSHA {
		out = append(out, l.shippedSHA(r, sha)...)
	}
	return out
}

// shippedSHA is shipped of a hash that may be the beginning of one.
func (l linker) shippedSHA(r *Repository, short string) []*shipment {
	var out []*shipment
	for sha := range r.Commits {
		if strings.HasPrefix(sha, fold(short)) {
			out = append(out, l.shipped(r, sha)...)
		}
	}
	return out
}
