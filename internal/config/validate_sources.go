package config

import (
	"fmt"
	"regexp"
	"slices"
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

// deploymentColumns are the columns of a file of deployments.
var deploymentColumns = []string{
	"id", "service", "repository", "environment", "sha", "ref", "status", "created_at", "finished_at",
}

// incidentColumns are the columns of a file of incidents: those of fct_incidents, and id for incident_id.
var incidentColumns = []string{
	"id", "incident_id", "reference", "name", "permalink", "mode", "visibility", "severity", "severity_rank",
	"incident_type", "status", "status_category", "lead", "created_at", "started_at", "reported_at", "impact_started_at",
	"acknowledged_at", "restored_at", "closed_at", "reopened_count", "time_to_acknowledge_seconds",
	"time_to_restore_seconds", "restore_start_basis", "restore_end_basis", "acknowledge_basis", "is_counted",
	"exclusion_reason",
}

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
	columns := deploymentColumns
	switch f.Kind {
	case FileIncidents:
		columns = incidentColumns
	case FileDeployments:
	default:
		return // reported
	}
	for column, theirs := range f.Mapping {
		columnKey := join(key+".mapping", column)
		switch {
		case !slices.Contains(columns, column):
			d.fail(columnKey, "is not a column of "+string(f.Kind), suggest(column, columns))
		case theirs == "" && !d.silent[columnKey]:
			d.fail(columnKey, "is empty", "write the name that the file has for it, or leave it out")
		}
	}
	if _, both := f.Mapping["incident_id"]; both && f.Mapping["id"] != "" {
		d.fail(key+".mapping.id", "stands beside incident_id, which is the same", "keep one of them")
	}
}
