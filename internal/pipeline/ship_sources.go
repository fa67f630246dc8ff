package pipeline

import (
	"cmp"
	"context"
	"strings"

	"fourfold/internal/config"
	"fourfold/transform"
	"fourfold/transform/ship"
)

// Reading what the sources say of deployments. Of deployments and files all is read; of the others, which are no
// deployments unless a rule says so, what some rule of some service takes.

func (r *reader) deployments(ctx context.Context) error {
	columns := []string{
		"id", "repository_id", "repository", "sha", "environment", "task", "is_transient", "created_at", "finished_at", "ref", "url", "latest_state",
	}
	groups := r.groupsOf(config.FromDeployments)
	for row, err := range r.store.Present(ctx, transform.GithubDeployments, append(columns, groups.column...)...) {
		if err != nil {
			return err
		}
		transient, _ := row[6].(bool)
		d := &report{
			source: config.FromDeployments, id: text(row[0]), sha: strings.ToLower(text(row[3])), environment: text(row[4]), isTransient: transient,
			task: strings.ToLower(cmp.Or(text(row[5]), "deploy")), state: strings.ToLower(cmp.Or(text(row[11]), "pending")),
			createdAt: micros(row[7]), finishedAt: micros(row[8]), ref: text(row[9]), url: text(row[10]), groups: groups.of(row),
		}
		r.spelling.see(d.environment, d.id, d.createdAt)
		r.add(r.named(text(row[1]), text(row[2]), d.createdAt), d)
	}
	return nil
}

func (r *reader) add(repository *repository, d *report) {
	repository.reports = append(repository.reports, d)
}

// mergedPulls reads the merges that are deployments.
func (r *reader) mergedPulls(ctx context.Context) error {
	if !r.services.anyFrom(config.FromPullRequests) {
		return nil
	}
	columns := []string{"repository_id", "repository", "number", "base_ref", "merge_oid", "merged_at", "url"}
	groups := r.groupsOf(config.FromPullRequests)
	for row, err := range r.store.Present(ctx, transform.GithubPullRequests, append(columns, groups.column...)...) {
		if err != nil {
			return err
		}
		number, _ := row[2].(int64)
		d := &report{
			source: config.FromPullRequests, id: itoa(number), subject: text(row[3]), ref: text(row[3]), sha: strings.ToLower(text(row[4])),
			task: "deploy", state: "success", createdAt: micros(row[5]), finishedAt: micros(row[5]), url: text(row[6]),
		}
		if r.services.wanted(d) {
			d.groups = groups.of(row)
			r.add(r.named(text(row[0]), text(row[1]), d.createdAt), d)
		}
	}
	return nil
}

func (r *reader) workflowRuns(ctx context.Context) error {
	if !r.services.anyFrom(config.FromWorkflowRuns) {
		return nil
	}
	columns := []string{
		"id", "repository_id", "repository", "workflow_path", "event", "branch", "sha", "status", "conclusion", "url", "web_url", "created_at", "finished_at",
		"head_repository_id",
	}
	groups := r.groupsOf(config.FromWorkflowRuns)
	for row, err := range r.store.Present(ctx, transform.GithubWorkflowRuns, append(columns, groups.column...)...) {
		if err != nil {
			return err
		}
		d := &report{
			source: config.FromWorkflowRuns, id: text(row[0]), subject: text(row[3]), event: text(row[4]), ref: text(row[5]), sha: strings.ToLower(text(row[6])),
			task: "deploy", state: strings.ToLower(cmp.Or(text(row[8]), text(row[7]), "pending")), url: text(row[9]), page: text(row[10]),
			createdAt: micros(row[11]), finishedAt: micros(row[12]), ofFork: row[13] != nil && text(row[13]) != text(row[1]),
		}
		if r.services.wanted(d) {
			d.groups = groups.of(row)
			r.add(r.named(text(row[1]), text(row[2]), d.createdAt), d)
		}
	}
	return nil
}

// tagged is a tag of a repository.
type tagged struct{ repository, name string }

// releasesAndTags reads both: which commit a release is of, its tag says.
func (r *reader) releasesAndTags(ctx context.Context) error {
	releases := map[tagged][]*report{}
	if r.services.anyFrom(config.FromReleases) {
		if err := r.releases(ctx, releases); err != nil {
			return err
		}
	}
	if len(releases) == 0 && !r.services.anyFrom(config.FromTags) {
		return nil
	}
	columns := []string{"repository_id", "name", "sha", "tagged_at"}
	groups := r.groupsOf(config.FromTags)
	light := map[string][]*report{} // by the commit's id: tags that do not say when they were made
	for row, err := range r.store.Present(ctx, transform.GithubTags, append(columns, groups.column...)...) {
		if err != nil {
			return err
		}
		repository := r.byID[text(row[0])]
		if repository == nil {
			continue // nobody knows what it is called
		}
		d := &report{
			source: config.FromTags, subject: text(row[1]), ref: text(row[1]), sha: strings.ToLower(text(row[2])), task: "deploy", state: "success",
			createdAt: micros(row[3]), finishedAt: micros(row[3]),
		}
		for _, release := range releases[tagged{repository.id, d.subject}] {
			release.sha = d.sha
		}
		if !r.services.wanted(d) {
			continue
		}
		d.groups = groups.of(row)
		r.add(repository, d)
		if d.finishedAt == ship.NoTime {
			light[repository.id+":"+d.sha] = append(light[repository.id+":"+d.sha], d)
		}
	}
	return r.date(ctx, light)
}

// date gives tags the time at which their commits were put where they are.
func (r *reader) date(ctx context.Context, light map[string][]*report) error {
	if len(light) == 0 {
		return nil
	}
	ids := make([]string, 0, len(light))
	for id := range light {
		ids = append(ids, id)
	}
	return r.store.CommittedAt(ctx, ids, func(id string, at int64) {
		for _, d := range light[id] {
			d.createdAt, d.finishedAt = at, at
		}
	})
}

func (r *reader) releases(ctx context.Context, byTag map[tagged][]*report) error {
	columns := []string{"id", "repository_id", "repository", "tag_name", "url", "web_url", "created_at", "published_at"}
	groups := r.groupsOf(config.FromReleases)
	for row, err := range r.store.Present(ctx, transform.GithubReleases, append(columns, groups.column...)...) {
		if err != nil {
			return err
		}
		d := &report{
			source: config.FromReleases, id: text(row[0]), subject: text(row[3]), ref: text(row[3]), task: "deploy", state: "success", url: text(row[4]),
			page: text(row[5]), createdAt: micros(row[6]), finishedAt: micros(row[7]),
		}
		if r.services.wanted(d) {
			d.groups = groups.of(row)
			repository := r.named(text(row[1]), text(row[2]), d.finishedAt)
			r.add(repository, d)
			key := tagged{repository.id, d.subject}
			byTag[key] = append(byTag[key], d)
		}
	}
	return nil
}
