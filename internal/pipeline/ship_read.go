package pipeline

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"fourfold/transform"
	"fourfold/transform/ship"
)

// repository is what ship knows of a repository besides its commits.
type repository struct {
	id, name    string
	shown       string // the name in what is written: see tellApart
	url         string // of its page; "" where it is not known
	configured  string // the entry of the configuration that found it
	services    []string
	deployments []*deployment // in the order of their ids
	pulls       []ship.PullRequest

	namedAt int64 // creation of what the name was taken from, where the repository itself has gone
	seenAt  int64 // when it was first seen as it is now; ship.NoTime where it never was itself
}

// deployment is a deployment of GitHub, to any environment and in any state.
type deployment struct {
	id, sha, environment string
	ref, url             string
	task, state          string // in lower case
	isTransient          bool
	createdAt            int64 // microseconds since 1970
	finishedAt           int64 // of its first success; ship.NoTime without one
}

func (d *deployment) isSuccess() bool { return d.finishedAt != ship.NoTime }

// takesPart reports whether a deployment can be live in its environment: other tasks than deploying, such as a migration
// of the database at the same commit, put nothing there, and what is transient goes again (D1).
func (d *deployment) takesPart() bool {
	return d.isSuccess() && !d.isTransient && d.task == "deploy"
}

// readRepositories reads all repositories that there is anything of, in the order of their ids. One that has gone, or is
// read no longer, keeps its last name.
func readRepositories(ctx context.Context, store ShipStore) ([]*repository, error) {
	byID := map[string]*repository{}
	for row, err := range store.Present(ctx, transform.GithubRepositories, "id", "name", "configured_name", "_observed_at", "url") {
		if err != nil {
			return nil, err
		}
		r := &repository{id: text(row[0]), name: text(row[1]), configured: text(row[2]), namedAt: present, seenAt: micros(row[3]), url: text(row[4])}
		byID[r.id] = r
	}
	if err := readDeployments(ctx, store, byID); err != nil {
		return nil, err
	}
	if err := readPulls(ctx, store, byID); err != nil {
		return nil, err
	}
	var out []*repository
	for _, r := range byID {
		slices.SortFunc(r.deployments, func(a, b *deployment) int { return ship.CompareIDs(a.id, b.id) })
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *repository) int { return ship.CompareIDs(a.id, b.id) })
	tellApart(out)
	return out, nil
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

// present is later than all creation.
const present = 1<<63 - 1

// named finds the repository of something that was made at a time and names it.
func named(byID map[string]*repository, id, name string, at int64) *repository {
	r := byID[id]
	if r == nil {
		r = &repository{id: id, namedAt: ship.NoTime, seenAt: ship.NoTime}
		byID[id] = r
	}
	if r.name == "" || at > r.namedAt || at == r.namedAt && r.namedAt != present && name < r.name {
		r.name, r.namedAt = name, at
	}
	return r
}

func readDeployments(ctx context.Context, store ShipStore, byID map[string]*repository) error {
	var all []*deployment
	rows := store.Present(ctx, transform.GithubDeployments, "id", "repository_id", "repository", "sha", "environment", "task",
		"is_transient", "created_at", "finished_at", "ref", "url", "latest_state")
	for row, err := range rows {
		if err != nil {
			return err
		}
		transient, _ := row[6].(bool)
		d := &deployment{
			id: text(row[0]), sha: strings.ToLower(text(row[3])), environment: text(row[4]), isTransient: transient,
			task: strings.ToLower(cmp.Or(text(row[5]), "deploy")), state: strings.ToLower(cmp.Or(text(row[11]), "pending")),
			createdAt: micros(row[7]), finishedAt: micros(row[8]), ref: text(row[9]), url: text(row[10]),
		}
		r := named(byID, text(row[1]), text(row[2]), d.createdAt)
		r.deployments = append(r.deployments, d)
		all = append(all, d)
	}
	spellOnce(all)
	return nil
}

// spellOnce gives environments whose names differ in case only the spelling of the deployment that was made first, in
// all repositories: they are one, everywhere (D1).
func spellOnce(all []*deployment) {
	slices.SortFunc(all, func(a, b *deployment) int {
		return cmp.Or(cmp.Compare(a.createdAt, b.createdAt), ship.CompareIDs(a.id, b.id))
	})
	spelling := map[string]string{}
	for _, d := range all {
		folded := strings.ToLower(d.environment)
		if _, ok := spelling[folded]; !ok {
			spelling[folded] = d.environment
		}
		d.environment = spelling[folded]
	}
}

func readPulls(ctx context.Context, store ShipStore, byID map[string]*repository) error {
	rows := store.Present(ctx, transform.GithubPullRequests, "id", "repository_id", "repository", "merge_oid", "head_oid", "merged_at",
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
		r := named(byID, text(row[1]), text(row[2]), p.MergedAt)
		r.pulls = append(r.pulls, p)
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
