package pipeline

import (
	"cmp"
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
	// FormerNames gives, in lower case, every name that GitHub's repositories have had, or that the configuration has for them,
	// and the id of the one that was seen with it last.
	FormerNames(ctx context.Context) (map[string]string, error)
	// CommitCounts gives about how many commits each repository has.
	CommitCounts(ctx context.Context) (map[string]int, error)
	// Commits hands on the commits of some repositories; one may come more than once.
	Commits(ctx context.Context, repositories []string, each func(repository string, c ship.Commit)) error
	Insert(ctx context.Context, t *transform.Plain, rows arrow.RecordBatch) error
	// Paths hands on the paths that the commits of a repository changed, a JSON array, where they are known; those of one may
	// come more than once.
	Paths(ctx context.Context, repository string, each func(sha ship.SHA, paths []byte)) error
	// CommittedAt hands on when some commits were put where they are, in microseconds since 1970. Ids are those of the ledger.
	CommittedAt(ctx context.Context, ids []string, each func(id string, at int64)) error
	// Copy adds rows that a table has of services for others.
	Copy(ctx context.Context, t *transform.Plain, copies []ship.Copy) error
	Close() error
}

// shipCommits is how many commits are in memory at a time, unless one repository has more: about 100 bytes each.
const shipCommits = 1_000_000

// shipping writes what the commit graph says into a build.
type shipping struct {
	store    ShipStore
	services *serviceMap
	spelling *environments
	tables   map[*transform.Plain]*plainRows
	copies   map[*transform.Plain][]ship.Copy // to be made when all is written
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
	s := &shipping{
		store: store, services: newServiceMap(c), spelling: newEnvironments(),
		tables: map[*transform.Plain]*plainRows{}, copies: map[*transform.Plain][]ship.Copy{},
	}
	for _, t := range transform.Ship {
		s.tables[t] = newPlainRows(t, func(rows arrow.RecordBatch) error { return store.Insert(ctx, t, rows) })
	}
	defer func() {
		for _, t := range s.tables {
			t.release()
		}
	}()
	if err := s.repositories(ctx, c); err != nil {
		return s.told, err
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
	for _, t := range transform.Ship {
		if len(s.copies[t]) == 0 {
			continue
		}
		if err := store.Copy(ctx, t, s.copies[t]); err != nil {
			return s.told, err
		}
	}
	return s.told, nil
}

func (s *shipping) add(t *transform.Plain, values ...any) error { return s.tables[t].add(values...) }

// repositories takes the repositories, as many at a time as their commits allow.
func (s *shipping) repositories(ctx context.Context, c *config.Config) error {
	all, err := s.readRepositories(ctx, c)
	if err != nil || len(all) == 0 {
		return err
	}
	for _, r := range all {
		for _, service := range s.homeOf(r) {
			if err := s.add(transform.ShipRepositories, r.id, r.shown, service, len(s.services.paths(service)) > 0); err != nil {
				return err
			}
		}
	}
	counts, err := s.store.CommitCounts(ctx)
	if err != nil {
		return err
	}
	// In the order of the ids of their commits: a warehouse that is sorted by these need not read it all for each part.
	slices.SortFunc(all, func(a, b *repository) int { return cmp.Compare(a.id+":", b.id+":") })
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

// homeOf gives the services that live in a repository, sorted: those that the configuration says, and those that take files
// for their deployments and are deployed from here by one. What files know nothing of has no name to be a home by.
func (s *shipping) homeOf(r *repository) []string {
	var out []string
	for _, service := range r.all() {
		if r.id != fromFiles && (slices.Contains(r.services, service) || hasRuleFrom(s.services.rulesOf(service), config.FromFiles)) {
			out = append(out, service)
		}
	}
	return out
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
		s.told.deployments += len(r.reports)
		if err := s.walk(ctx, r, g); err != nil {
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
