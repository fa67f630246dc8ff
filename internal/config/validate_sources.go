package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	streamForm = form{
		regexp.MustCompile(`^[a-z][a-z0-9_]*$`),
		"is not the name of a stream", "write it in lower case with underscores, e.g. follow_ups",
	}
	repositoryForm = form{
		regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*/[^/\s]+$`),
		"is not a repository", `write owner/name, or a pattern on the name such as "acme/*"`,
	}
)

// FileColumns are the columns that a file of a kind may have, by our names.
var FileColumns = map[FileKind][]string{
	FileDeployments: {
		"id", "deployment_id", "service", "repository", "environment", "sha", "ref", "status", "url", "created_at", "finished_at",
	},
	FileIncidents: {
		"id", "incident_id", "reference", "name", "permalink", "mode", "visibility", "severity", "severity_rank",
		"incident_type", "status", "status_category", "lead", "service", "services", "created_at", "started_at", "reported_at",
		"impact_started_at", "acknowledged_at", "restored_at", "closed_at",
	},
}

// computedColumns are the columns of fct_incidents and fct_deployments that are made from the others.
var computedColumns = map[FileKind][]string{
	FileDeployments: {
		"aliases", "build_id", "changes_shipped", "commits_shipped", "culprit_deployment_id", "exclusion_reason", "failure_reason", "group_id",
		"is_change_failure", "is_counted", "is_diverged", "is_rework", "kind", "previous_deployment_id", "recovered_at", "recovery_seconds",
		"rework_reason", "source", "team",
	},
	FileIncidents: {
		"acknowledge_basis", "build_id", "declared_severity", "exclusion_reason", "is_counted", "reopened_count", "restore_end_basis", "restore_start_basis",
		"time_to_acknowledge_seconds", "time_to_restore_seconds",
	},
}

// sameColumns are columns with two names.
var sameColumns = [][2]string{{"incident_id", "id"}, {"deployment_id", "id"}, {"services", "service"}}

func (d *decoder) validateSources(s *Sources) {
	if s.Incidentio != nil {
		for i, name := range s.Incidentio.Streams {
			d.match(fmt.Sprintf("sources.incidentio.streams[%d]", i), name, streamForm)
		}
	}
	if s.GitHub != nil {
		d.validateGitHub(s.GitHub)
	}
	for i := range s.Files {
		d.validateFile(fmt.Sprintf("sources.files[%d]", i), &s.Files[i])
	}
}

func (d *decoder) validateGitHub(gh *GitHub) {
	key := "sources.github"
	if gh.App != nil && gh.Token.IsSet() {
		d.fail(key+".token", "stands beside an app", "keep one of token and app")
	}
	seen := map[string]string{}
	for i, r := range gh.Repositories {
		nameKey := fmt.Sprintf("%s.repositories[%d].name", key, i)
		d.match(nameKey, string(r.Name), repositoryForm)
		if first := seen[fold(string(r.Name))]; first != "" && r.Name != "" {
			d.fail(nameKey, "is given twice, first in "+first, "keep one of them")
			continue
		}
		seen[fold(string(r.Name))] = fmt.Sprintf("line %d", d.lines[nameKey])
	}
}

func (d *decoder) validateFile(key string, f *File) {
	columns, ok := FileColumns[f.Kind]
	if !ok {
		return // reported
	}
	for column, theirs := range f.Mapping {
		columnKey := join(key+".mapping", column)
		switch {
		case slices.Contains(computedColumns[f.Kind], column):
			d.fail(columnKey, "is computed: no file can say it", "take it out; the columns of "+string(f.Kind)+" are "+strings.Join(columns, ", "))
		case !slices.Contains(columns, column):
			d.fail(columnKey, "is not a column of "+string(f.Kind), suggest(column, columns))
		case theirs == "" && !d.silent[columnKey]:
			d.fail(columnKey, "is empty", "write the name that the file has for it, or leave it out")
		}
	}
	for _, same := range sameColumns {
		_, first := f.Mapping[same[0]]
		if _, second := f.Mapping[same[1]]; first && second {
			d.fail(join(key+".mapping", same[1]), "stands beside "+same[0]+", which is the same", "keep one of them")
		}
	}
}
