package pipeline

import (
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"fourfold/internal/config"
)

// seed is a table that dbt gets from the program.
type seed struct {
	name string
	rows [][]string // the first is the header
}

// instantFormat is how both engines read an instant from a CSV file.
const instantFormat = "2006-01-02T15:04:05.000000Z"

// configSeeds gives the configuration to dbt as tables.
func configSeeds(c *config.Config) []seed {
	m := c.Metrics
	counted := [][]string{{"kind", "value"}}
	for _, mode := range m.Counted.Modes {
		counted = append(counted, []string{"mode", string(mode)})
	}
	for _, t := range m.Counted.ExcludeTypes {
		counted = append(counted, []string{"exclude_type", t})
	}
	timestamps := [][]string{{"purpose", "position", "name"}}
	for _, p := range []struct {
		purpose string
		names   []string
	}{{"restore_start", m.Restore.Start}, {"restore_end", m.Restore.End}, {"acknowledge", m.Acknowledge}} {
		for i, name := range p.names {
			timestamps = append(timestamps, []string{p.purpose, strconv.Itoa(i + 1), name})
		}
	}
	durations := [][]string{{"name", "slug"}}
	for _, name := range m.DurationNames() {
		slug, between := config.DurationSlug(name), m.Durations[name]
		durations = append(durations, []string{strings.TrimSpace(name), slug})
		timestamps = append(timestamps, []string{"duration_from:" + slug, "1", between.From}, []string{"duration_to:" + slug, "1", between.To})
	}
	services := [][]string{{"service", "team"}}
	values := [][]string{{"field", "value", "service"}}
	for _, s := range c.Services {
		services = append(services, []string{s.Name, s.Team})
		for _, field := range slices.Sorted(maps.Keys(s.IncidentValues)) {
			for _, value := range s.IncidentValues[field] {
				values = append(values, []string{field, value, s.Name})
			}
		}
	}
	hotfix := [][]string{{"kind", "value"}}
	for _, label := range m.Hotfix.Labels {
		hotfix = append(hotfix, []string{"label", strings.ToLower(label)})
	}
	for _, branch := range m.Hotfix.Branches {
		hotfix = append(hotfix, []string{"branch", globExpression(string(branch))})
	}
	window, seconds := m.FailureWindow.String(), ""
	if !m.FailureWindow.Off && !m.FailureWindow.Unlimited {
		seconds = strconv.FormatInt(int64(m.FailureWindow.Duration.Seconds()), 10)
		window = seconds
	}
	return []seed{
		{"config_settings", [][]string{
			{"name", "value"},
			{"attribute_by", string(m.Restore.AttributeBy)},
			{"severities_from", m.Counted.SeveritiesFrom},
			{"without_severity", strconv.FormatBool(m.Counted.WithoutSeverity)},
			{"private_incidents", string(c.Privacy.PrivateIncidents)},
			{"levels", strconv.Itoa(m.Levels)},
			{"cause_field", m.CauseField},
			{"failure_window", window},
			{"failure_window_seconds", seconds},
			{"unattributed", string(m.Unattributed)},
			{"rollback_is_failure", strconv.FormatBool(m.RollbackIsFailure)},
			{"count_redeploys", strconv.FormatBool(m.CountRedeploys)},
		}},
		{"config_counted", counted},
		{"config_timestamps", timestamps},
		{"config_durations", durations},
		{"config_services", services},
		{"config_incident_values", values},
		{"config_hotfix", hotfix},
		{"config_follow_ups", followUps(m.FollowUps)},
	}
}

// followUps are the terms of follow-ups in seconds; the one without a priority is that of all others.
func followUps(f config.FollowUps) [][]string {
	seconds := func(d config.Duration) string { return strconv.FormatInt(int64(d.Seconds()), 10) }
	rows := [][]string{{"priority", "due_seconds"}, {"", seconds(f.Due)}}
	for _, priority := range slices.Sorted(maps.Keys(f.ByPriority)) {
		rows = append(rows, []string{priority, seconds(f.ByPriority[priority])})
	}
	return rows
}

// buildSeed is the one table that changes from build to build.
func buildSeed(c *config.Config, id string, builtAt, asOf time.Time, version, dbtVersion string) seed {
	return seed{"build", [][]string{
		{"build_id", "built_at", "as_of", "program_version", "dbt_version", "config_hash", "timezone", "week_start"},
		{id, builtAt.UTC().Format(instantFormat), asOf.UTC().Format(instantFormat), version, dbtVersion, c.Hash(), c.Timezone.String(), string(c.WeekStart)},
	}}
}

// write puts the seed where dbt looks for it.
func (s seed) write(project string) error {
	path := filepath.Join(project, "seeds", "config", s.name+".csv")
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write seed: %w", err)
	}
	w := csv.NewWriter(f)
	err = w.WriteAll(s.rows)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("write seed %s: %w", path, err)
	}
	return nil
}
