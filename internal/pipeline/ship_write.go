package pipeline

import (
	"fourfold/transform"
	"fourfold/transform/ship"
)

// writeShipped writes the commits and pull requests that the deployments to an environment shipped to a service: of a part of
// the repository what touches it.
func (w *walk) writeShipped(a *ship.Attribution, service, environment string, p *part) error {
	ids := make([]string, len(a.Outcomes))
	for i, o := range a.Outcomes {
		ids[i] = deploymentID(o.Source, o.ID)
	}
	for _, c := range a.Shipped {
		id := ids[c.Deployment]
		for pull := w.merged.first[c.Commit]; pull >= 0; pull = w.merged.next[pull] {
			if p != nil && !p.pulls.has(pull) {
				continue
			}
			if err := w.add(transform.ShippedPullRequests, service, w.id, environment, w.merges.Merges[pull].ID, id); err != nil {
				return err
			}
		}
		if p != nil {
			if !p.commits.has(c.Commit) {
				continue
			}
			p.shipped[id]++
		}
		err := w.add(transform.ShippedCommits, service, w.id, environment, w.graph.SHA(c.Commit).String(), id, w.graph.IsMerge(c.Commit))
		if err != nil {
			return err
		}
	}
	return nil
}

// writeBaseline writes the pull requests that the baseline of a service in a production environment had already.
func (w *walk) writeBaseline(a *ship.Attribution, service, environment string, p *part) error {
	for i, m := range w.merges.Merges {
		if !a.BaselineReaches(m.Commit) || p != nil && !p.pulls.has(int32(i)) {
			continue
		}
		if err := w.add(transform.ShipBaselinePullRequests, service, w.id, environment, m.ID); err != nil {
			return err
		}
	}
	return nil
}

// writePulls writes what the graph says of the repository's pull requests.
func (w *walk) writePulls() error {
	for _, m := range w.merges.Merges {
		var kind, commits any
		if m.Kind != "" {
			kind = string(m.Kind)
		}
		if m.Commits >= 0 {
			commits = int64(m.Commits)
		}
		if err := w.add(transform.ShipPullRequests, m.ID, w.id, kind, m.IsKnown, instantOrNull(m.FirstCommitAt), commits); err != nil {
			return err
		}
	}
	for commit, i := range w.merges.Brought() {
		if err := w.add(transform.ShipCommitPullRequests, w.id, w.graph.SHA(commit).String(), w.merges.Merges[i].ID); err != nil {
			return err
		}
	}
	for _, service := range w.all() {
		p := w.parts[service]
		if p == nil {
			continue
		}
		for i, m := range w.merges.Merges {
			if !p.pulls.has(int32(i)) {
				continue
			}
			if err := w.add(transform.ShipPathPullRequests, service, w.id, m.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeDeployments writes what the members of a class are to its services. Those that are all of the repository have
// the same.
func (w *walk) writeDeployments(c *class) error {
	var whole []string
	for _, service := range c.services {
		if w.parts[service] == nil {
			if whole = append(whole, service); len(whole) > 1 {
				continue
			}
		}
		for _, m := range c.members {
			if err := w.writeDeployment(c, m, service); err != nil {
				return err
			}
		}
	}
	if len(whole) < 2 {
		return nil
	}
	seen := map[string]bool{}
	for _, m := range c.members {
		if !seen[m.environment] {
			seen[m.environment] = true
			w.copyFor(whole, m.environment, transform.ShipDeployments, transform.ShipDeploymentNames)
		}
	}
	return nil
}

// writeDeployment writes what a member is to a service, and its names.
func (w *walk) writeDeployment(c *class, m *member, service string) error {
	id := m.deploymentID()
	var isKnown, followsUnknown bool
	var kind, isDiverged, previous, culprit, commits, position any
	if m.outcomes == nil {
		sha, ok := ship.ParseSHA(m.sha)
		isKnown = ok && w.graph.Find(sha) >= 0
	} else {
		all := m.outcomes.Outcomes
		o := all[m.place]
		isKnown, followsUnknown = o.IsKnown, o.FollowsUnknown
		kind, isDiverged, commits = string(o.Kind), o.IsDiverged, int64(o.Commits)
		if p := w.parts[service]; p != nil {
			commits = p.shipped[id]
		}
		if o.Previous >= 0 {
			previous = deploymentID(all[o.Previous].Source, all[o.Previous].ID)
		}
		if o.Culprit >= 0 {
			culprit = deploymentID(all[o.Culprit].Source, all[o.Culprit].ID)
		}
	}
	if m.position > 0 {
		position = int64(m.position)
	}
	reports := append([]*report{m.report}, c.aliases[m.report]...)
	if err := w.writeNames(reports, service); err != nil {
		return err
	}
	return w.add(transform.ShipDeployments, id, string(m.source), m.id, idsOf(reports), orNull(w.group(c, m)), w.id, w.shown, service, m.environment,
		c.isFrom(m.source), m.position > 0, position, m.task, m.isTransient, orNull(m.sha), orNull(m.ref), orNull(m.url), instantOrNull(m.createdAt),
		instantOrNull(m.finishedAt), m.status(), kind, isDiverged, isKnown, followsUnknown, previous, culprit, commits)
}
