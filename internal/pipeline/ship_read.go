package pipeline

import (
	"context"
	"slices"
	"strings"
	"time"

	"fourfold/internal/config"
	"fourfold/transform"
	"fourfold/transform/ship"
)

// repository is what ship knows of a repository besides its commits.
type repository struct {
	id, name   string
	shown      string // the name in what is written: see tellApart
	url        string // of its page; "" where it is not known
	configured string // the entry of the configuration that found it
	services   []string
	inFiles    []string // services that a file says to be deployed from here, sorted
	reports    []*report
	pulls      []ship.PullRequest

	namedAt int64 // creation of what the name was taken from, where the repository itself has gone
	seenAt  int64 // when it was first seen as it is now; ship.NoTime where it never was itself
}

// reader reads the ledgers.
type reader struct {
	store    ShipStore
	services *serviceMap
	byID     map[string]*repository
	spelling *environments
}

// readRepositories reads all repositories that there is anything of, GitHub's in the order of their ids and then those
// that only files know. One that has gone, or is read no longer, keeps its last name.
func (s *shipping) readRepositories(ctx context.Context, c *config.Config) ([]*repository, error) {
	r := &reader{store: s.store, services: s.services, byID: map[string]*repository{}, spelling: s.spelling}
	if c.Sources.GitHub != nil {
		if err := r.github(ctx); err != nil {
			return nil, err
		}
	}
	out := r.sorted()
	tellApart(out)
	for _, r := range out {
		r.services = s.services.of(r.name, r.configured)
	}
	if err := r.files(ctx, out); err != nil {
		return nil, err
	}
	s.spelling.settle(s.services.rules)
	out = r.sorted()
	for _, r := range out {
		for _, d := range r.reports {
			d.settle(r)
			d.environment = s.spelling.of(d.environment)
		}
		slices.SortFunc(r.reports, compareReports)
	}
	return out, nil
}

func (r *reader) sorted() []*repository {
	var out []*repository
	for _, repository := range r.byID {
		out = append(out, repository)
	}
	slices.SortFunc(out, func(a, b *repository) int { return ship.CompareIDs(a.id, b.id) })
	return out
}

// github reads all that comes from there.
func (r *reader) github(ctx context.Context) error {
	for row, err := range r.store.Present(ctx, transform.GithubRepositories, "id", "name", "configured_name", "_observed_at", "url") {
		if err != nil {
			return err
		}
		id := text(row[0])
		r.byID[id] = &repository{id: id, name: text(row[1]), configured: text(row[2]), namedAt: last, seenAt: micros(row[3]), url: text(row[4])}
	}
	for _, read := range []func(context.Context) error{r.deployments, r.pulls, r.mergedPulls, r.workflowRuns, r.releasesAndTags} {
		if err := read(ctx); err != nil {
			return err
		}
	}
	return nil
}

// tellApart chooses the names that are written. A name may have been given to a new repository after the one that had it
// was deleted or renamed, and is read no longer: the name is that of the one that was seen with it last, and the others
// are told by their ids, acme/api~1005, so that no two changes have one id. GitHub allows no ~ in names.
func tellApart(all []*repository) {
	holder := map[string]*repository{}
	for _, r := range all {
		folded := strings.ToLower(r.name)
		if h := holder[folded]; h == nil || r.seenAt >= h.seenAt {
			holder[folded] = r
		}
	}
	for _, r := range all {
		if r.shown = r.name; holder[strings.ToLower(r.name)] != r {
			r.shown += "~" + r.id
		}
	}
}

// last is later than all creation.
const last = 1<<63 - 1

// named finds the repository of something that was made at a time and names it.
func (r *reader) named(id, name string, at int64) *repository {
	out := r.byID[id]
	if out == nil {
		out = &repository{id: id, namedAt: ship.NoTime, seenAt: ship.NoTime}
		r.byID[id] = out
	}
	if out.name == "" || at > out.namedAt || at == out.namedAt && out.namedAt != last && name < out.name {
		out.name, out.namedAt = name, at
	}
	return out
}

func (r *reader) pulls(ctx context.Context) error {
	rows := r.store.Present(ctx, transform.GithubPullRequests, "id", "repository_id", "repository", "merge_oid", "head_oid", "merged_at",
		"commit_count", "first_commit_at")
	for row, err := range rows {
		if err != nil {
			return err
		}
		p := ship.PullRequest{
			ID: text(row[0]), Merge: text(row[3]), Head: text(row[4]), MergedAt: micros(row[5]), FirstCommitAt: micros(row[7]),
		}
		if n, ok := row[6].(int64); ok {
			p.Commits = int(n)
		}
		repository := r.named(text(row[1]), text(row[2]), p.MergedAt)
		repository.pulls = append(repository.pulls, p)
	}
	return nil
}

// text is a value of a column of text; "" for null.
func text(v any) string {
	s, _ := v.(string)
	return s
}

// micros is an instant in microseconds; ship.NoTime for null.
func micros(v any) int64 {
	t, ok := v.(time.Time)
	if !ok {
		return ship.NoTime
	}
	return t.UnixMicro()
}

// instantOrNull is an instant of microseconds since 1970, null for ship.NoTime.
func instantOrNull(at int64) any {
	if at == ship.NoTime {
		return nil
	}
	return time.UnixMicro(at).UTC()
}

// orNull is a text that is null where it is empty.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
