package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"fourfold/internal/config"
	"fourfold/transform"
	"fourfold/transform/ship"
)

// ShipStore is the ledgers as of a build, and the file of the build, which has the tables of transform.Ship, empty.
type ShipStore interface {
	// Present yields columns of the present version of each object (S1); values are those of load.Rows.
	Present(ctx context.Context, t *transform.Table, columns ...string) iter.Seq2[[]any, error]
	// CommitCounts gives about how many commits each repository has.
	CommitCounts(ctx context.Context) (map[string]int, error)
	// Commits hands on the commits of some repositories; one may come more than once.
	Commits(ctx context.Context, repositories []string, each func(repository string, c ship.Commit)) error
	Insert(ctx context.Context, t *transform.Plain, rows arrow.RecordBatch) error
	// ForOtherServices adds the rows that a table has of each repository's first service, by name, for its other services.
	ForOtherServices(ctx context.Context, t *transform.Plain) error
	Close() error
}

// shipCommits is how many commits are in memory at a time, unless one repository has more: about 100 bytes each.
const shipCommits = 1_000_000

// shipping writes what the commit graph says into a build.
type shipping struct {
	store    ShipStore
	services *serviceMap
	tables   map[*transform.Plain]*plainRows
	told     shipTold
}

// shipTold says what there was to do.
type shipTold struct{ repositories, commits, deployments int }

// Ship reads the ledgers and fills the tables of transform.Ship, as a build does before dbt.
func Ship(ctx context.Context, c *config.Config, store ShipStore) error {
	_, err := shipInto(ctx, c, store)
	return err
}

// shipInto reads the ledgers and fills the tables of transform.Ship. Where GitHub is not configured they stay empty, but
// for the configured services.
func shipInto(ctx context.Context, c *config.Config, store ShipStore) (told shipTold, err error) {
	s := &shipping{store: store, services: newServiceMap(c), tables: map[*transform.Plain]*plainRows{}}
	for _, t := range transform.Ship {
		s.tables[t] = newPlainRows(t, func(rows arrow.RecordBatch) error { return store.Insert(ctx, t, rows) })
	}
	defer func() {
		for _, t := range s.tables {
			t.release()
		}
	}()
	if c.Sources.GitHub != nil {
		if err := s.github(ctx); err != nil {
			return s.told, err
		}
	}
	for _, name := range s.services.all() {
		if err := s.add(transform.ShipServices, name, orNull(s.services.team(name))); err != nil {
			return s.told, err
		}
	}
	for _, t := range transform.Ship {
		if err := s.tables[t].flush(); err != nil {
			return s.told, err
		}
	}
	for _, t := range []*transform.Plain{transform.ShippedCommits, transform.ShippedPullRequests} {
		if err := store.ForOtherServices(ctx, t); err != nil {
			return s.told, err
		}
	}
	return s.told, nil
}

func (s *shipping) add(t *transform.Plain, values ...any) error { return s.tables[t].add(values...) }

// github takes the repositories in the order of their ids, as many at a time as their commits allow.
func (s *shipping) github(ctx context.Context) error {
	all, err := readRepositories(ctx, s.store)
	if err != nil {
		return err
	}
	for _, r := range all {
		r.services = s.services.of(r.name, r.configured)
		for _, service := range r.services {
			if err := s.add(transform.ShipRepositories, r.id, r.shown, service, false); err != nil {
				return err
			}
		}
	}
	counts, err := s.store.CommitCounts(ctx)
	if err != nil {
		return err
	}
	for len(all) > 0 {
		n, commits := 0, 0
		for n < len(all) && (n == 0 || commits+counts[all[n].id] <= shipCommits) {
			commits += counts[all[n].id]
			n++
		}
		if err := s.some(ctx, all[:n], counts); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// some ships the deployments of some repositories.
func (s *shipping) some(ctx context.Context, repositories []*repository, counts map[string]int) error {
	builders := map[string]*ship.Builder{}
	var ids []string
	for _, r := range repositories {
		builders[r.id] = ship.NewBuilder(counts[r.id])
		if counts[r.id] > 0 {
			ids = append(ids, r.id)
		}
	}
	if len(ids) > 0 {
		err := s.store.Commits(ctx, ids, func(repository string, c ship.Commit) { builders[repository].Add(c) })
		if err != nil {
			return err
		}
	}
	for _, r := range repositories {
		if err := ctx.Err(); err != nil {
			return err
		}
		g := builders[r.id].Graph()
		delete(builders, r.id)
		s.told.repositories++
		s.told.commits += g.Len()
		s.told.deployments += len(r.deployments)
		if err := s.repository(r, g); err != nil {
			return err
		}
	}
	return nil
}

// repository ships the deployments of one repository. Its services have the same deployments, so that an environment is
// judged once.
func (s *shipping) repository(r *repository, g *ship.Graph) error {
	merges := g.PullRequests(r.pulls)
	if err := s.pulls(r, g, merges); err != nil {
		return err
	}
	var environments []string
	groups := map[string][]ship.Deployment{}
	for _, d := range r.deployments {
		if d.takesPart() {
			if groups[d.environment] == nil {
				environments = append(environments, d.environment)
			}
			groups[d.environment] = append(groups[d.environment], ship.Deployment{ID: d.id, Commit: d.sha, FinishedAt: d.finishedAt, CreatedAt: d.createdAt})
		}
	}
	slices.Sort(environments)
	judged := map[string]judgement{}
	elsewhere := s.elsewhere(r, g, environments, groups)
	for _, environment := range environments {
		a := g.Attribute(groups[environment])
		for i, o := range a.Outcomes {
			judged[o.ID] = judgement{a.Outcomes, i}
		}
		if len(r.services) == 0 {
			continue
		}
		if err := s.shipped(r, g, merges, a, r.services[0], environment); err != nil { // and for the others when all is written
			return err
		}
		elsewhere.look(environment, a)
		for _, service := range r.services {
			// Elsewhere than in production nobody asks, and there may be an environment for each pull request.
			if s.services.production(service, environment) == 0 {
				continue
			}
			if err := s.baseline(r, merges, a, service, environment); err != nil {
				return err
			}
		}
	}
	if err := elsewhere.write(s, r, g); err != nil {
		return err
	}
	for _, service := range r.services {
		for _, d := range r.deployments {
			if err := s.deployment(r, g, d, service, judged[d.id]); err != nil {
				return err
			}
		}
	}
	return nil
}

// judgement is the outcomes of a deployment's group and its place among them; none where it takes no part.
type judgement struct {
	outcomes []ship.Outcome
	place    int
}

// deploymentID is our id of a deployment of GitHub.
func deploymentID(id string) string { return "deployments:" + id }

// deployment writes what a deployment is to a service.
func (s *shipping) deployment(r *repository, g *ship.Graph, d *deployment, service string, j judgement) error {
	position := s.services.production(service, d.environment)
	var isKnown, followsUnknown bool
	var kind, isDiverged, previous, culprit, commits any
	if j.outcomes == nil {
		sha, ok := ship.ParseSHA(d.sha)
		isKnown = ok && g.Find(sha) >= 0
	} else {
		o := j.outcomes[j.place]
		isKnown, followsUnknown = o.IsKnown, o.FollowsUnknown
		kind, isDiverged, commits = string(o.Kind), o.IsDiverged, int64(o.Commits)
		if o.Previous >= 0 {
			previous = deploymentID(j.outcomes[o.Previous].ID)
		}
		if o.Culprit >= 0 {
			culprit = deploymentID(j.outcomes[o.Culprit].ID)
		}
	}
	var at any
	if position > 0 {
		at = int64(position)
	}
	for _, name := range d.names(r) {
		if err := s.add(transform.ShipDeploymentNames, name, deploymentID(d.id), service); err != nil {
			return err
		}
	}
	status := d.state
	if d.isSuccess() {
		status = "success"
	}
	return s.add(transform.ShipDeployments, deploymentID(d.id), "deployments", d.id, aliases(d.id), nil, r.id, r.shown, service, d.environment,
		s.services.takes(service), position > 0, at, d.task, d.isTransient, orNull(d.sha), orNull(d.ref), orNull(d.url), instantOrNull(d.createdAt),
		instantOrNull(d.finishedAt), status, kind, isDiverged, isKnown, followsUnknown, previous, culprit, commits)
}

// shipped writes the commits that the deployments of a service to an environment shipped.
func (s *shipping) shipped(r *repository, g *ship.Graph, merges *ship.Merges, a *ship.Attribution, service, environment string) error {
	ids := make([]string, len(a.Outcomes))
	for i, o := range a.Outcomes {
		ids[i] = deploymentID(o.ID)
	}
	by := make(map[int32]string, len(a.Shipped))
	for _, c := range a.Shipped {
		by[c.Commit] = ids[c.Deployment]
		err := s.add(transform.ShippedCommits, service, r.id, environment, g.SHA(c.Commit).String(), ids[c.Deployment], g.IsMerge(c.Commit))
		if err != nil {
			return err
		}
	}
	for _, m := range merges.Merges {
		if id, ok := by[m.Commit]; ok {
			if err := s.add(transform.ShippedPullRequests, service, r.id, environment, m.ID, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// baseline writes the pull requests that the baseline of a service in a production environment had already.
func (s *shipping) baseline(r *repository, merges *ship.Merges, a *ship.Attribution, service, environment string) error {
	for _, m := range merges.Merges {
		if !a.BaselineReaches(m.Commit) {
			continue
		}
		if err := s.add(transform.ShipBaselinePullRequests, service, r.id, environment, m.ID); err != nil {
			return err
		}
	}
	return nil
}

// pulls writes what the graph says of a repository's pull requests.
func (s *shipping) pulls(r *repository, g *ship.Graph, merges *ship.Merges) error {
	for _, m := range merges.Merges {
		var kind, first, commits any
		if m.Kind != "" {
			kind = string(m.Kind)
		}
		if m.FirstCommitAt != ship.NoTime {
			first = time.UnixMicro(m.FirstCommitAt).UTC()
		}
		if m.Commits >= 0 {
			commits = int64(m.Commits)
		}
		if err := s.add(transform.ShipPullRequests, m.ID, r.id, kind, m.IsKnown, first, commits); err != nil {
			return err
		}
	}
	for commit, i := range merges.Brought() {
		if err := s.add(transform.ShipCommitPullRequests, r.id, g.SHA(commit).String(), merges.Merges[i].ID); err != nil {
			return err
		}
	}
	return nil
}

// ship fills the build that is being made with what the commit graph says.
func (b *Build) ship(ctx context.Context, asOf time.Time) (err error) {
	started := b.Clock()
	store, err := b.OpenShip(ctx, asOf)
	if err != nil {
		return err
	}
	told, err := shipInto(ctx, b.Config, store)
	err = errors.Join(err, store.Close())
	debug.FreeOSMemory() // dbt needs it now
	if err != nil {
		return fmt.Errorf("commit graph: %w", err)
	}
	if told.repositories > 0 {
		b.Log.Info("commit graph", "repositories", told.repositories, "commits", told.commits, "deployments", told.deployments,
			"seconds", b.Clock().Sub(started).Seconds())
	}
	return nil
}
