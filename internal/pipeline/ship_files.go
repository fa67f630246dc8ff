package pipeline

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"fourfold/internal/config"
	"fourfold/transform"
	"fourfold/transform/ship"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// fromFiles is what the id of a repository begins with that only files know.
const fromFiles = "files:"

// files reads the deployments of files. A repository that is named there is GitHub's of that name, in any case, or the one
// that had the name before it was renamed.
func (r *reader) files(ctx context.Context, known []*repository) error {
	byName, err := r.byFormerName(ctx)
	if err != nil {
		return err
	}
	for _, repository := range known {
		byName[strings.ToLower(repository.shown)] = repository
	}
	columns := []string{"id", "service", "repository", "environment", "sha", "ref", "status", "url", "created_at", "finished_at"}
	groups := r.groupsOf(config.FromFiles)
	type placed struct {
		*report
		repository string
	}
	var all []placed
	for row, err := range r.store.Present(ctx, transform.FilesDeployments, append(columns, groups.column...)...) {
		if err != nil {
			return err
		}
		d := &report{
			source: config.FromFiles, id: text(row[0]), service: strings.TrimSpace(text(row[1])), environment: text(row[3]),
			sha: strings.ToLower(text(row[4])), ref: text(row[5]), task: "deploy", state: strings.ToLower(text(row[6])), url: text(row[7]),
			createdAt: micros(row[8]), finishedAt: ship.NoTime, groups: groups.of(row),
		}
		if d.state == "success" {
			d.finishedAt = micros(row[9])
		}
		r.spelling.see(d.environment, d.id, d.begin())
		all = append(all, placed{d, strings.TrimSpace(text(row[2]))})
	}
	// What differs in case only has the spelling of what comes first.
	slices.SortFunc(all, func(a, b placed) int { return ship.CompareIDs(a.id, b.id) })
	for _, d := range all {
		d.service = r.services.spell(d.service)
		folded := strings.ToLower(d.repository)
		repository := byName[folded]
		if repository == nil {
			repository = r.named(fromFiles+folded, d.repository, last)
			repository.shown = d.repository
			byName[folded] = repository
		}
		r.add(repository, d.report)
		if !slices.Contains(repository.inFiles, d.service) {
			repository.inFiles = append(repository.inFiles, d.service)
			slices.Sort(repository.inFiles)
		}
	}
	return nil
}

// byFormerName finds repositories by every name that they have had.
func (r *reader) byFormerName(ctx context.Context) (map[string]*repository, error) {
	out := map[string]*repository{}
	names, err := r.store.FormerNames(ctx)
	if err != nil {
		return nil, err
	}
	for name, id := range names {
		if repository := r.byID[id]; repository != nil {
			out[name] = repository
		}
	}
	return out, nil
}
