package reference

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"fourfold/internal/config"
	"fourfold/internal/demo/expect"
	"fourfold/internal/truth"
)

// configured reads the configuration of a world as the program would, in a folder of its own.
func configured(w truth.World) (*config.Config, error) {
	dir, err := os.MkdirTemp("", "reference")
	if err != nil {
		return nil, fmt.Errorf("reference: make a folder for the configuration: %w", err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a folder of the system's own for such
	path := filepath.Join(dir, config.DefaultFile)
	if err := os.WriteFile(path, []byte(w.Config), 0o600); err != nil {
		return nil, fmt.Errorf("reference: write the configuration: %w", err)
	}
	c, err := config.Load(path, func(string) (string, bool) { return "", false })
	if err != nil {
		return nil, fmt.Errorf("reference: read the configuration: %w", err)
	}
	return c, nil
}

// settingsOf is what a configuration means.
func settingsOf(c *config.Config, w truth.World) (Settings, error) {
	m := c.Metrics
	s := Settings{
		Location: c.Timezone.Location, WeekStart: c.WeekStart.Weekday(), AsOf: w.AsOf,
		Start: m.Restore.Start, End: m.Restore.End, Acknowledge: m.Acknowledge, ByStart: m.Restore.AttributeBy == config.ByStartedAt,
		Modes: plain(m.Counted.Modes), SeveritiesFrom: m.Counted.SeveritiesFrom, WithoutSeverity: m.Counted.WithoutSeverity, ExcludeTypes: m.Counted.ExcludeTypes,
		Private:    c.Privacy.PrivateIncidents != config.ExcludePrivate,
		CauseField: m.CauseField, FailureWindow: m.FailureWindow.Duration.Duration, NoWindow: m.FailureWindow.Off,
		AnyService: m.Unattributed == config.UnattributedAny, RollbackIsFailure: m.RollbackIsFailure, CountRedeploys: m.CountRedeploys,
		HotfixLabels: m.Hotfix.Labels, HotfixBranches: plain(m.Hotfix.Branches),
	}
	if m.FailureWindow.Unlimited {
		s.FailureWindow = expect.Unlimited
	}
	for _, name := range slices.Sorted(maps.Keys(m.Durations)) {
		s.Durations = append(s.Durations, expect.Duration{Name: name, From: m.Durations[name].From, To: m.Durations[name].To})
	}
	for _, x := range c.Services {
		service := Service{Name: x.Name, Team: x.Team, Values: x.IncidentValues, Rules: []Rule{}, Paths: plain(x.Paths)}
		for _, d := range x.Deployments {
			service.Rules = append(service.Rules, Rule{
				From: string(d.From), Environments: plain(d.Environment), Group: d.Group, Workflow: d.Workflow, Events: d.Event,
				Branches: plain(d.Branch), Pattern: string(d.Pattern),
			})
		}
		s.Services = append(s.Services, service)
	}
	if err := followUpsOf(w.Config, &s); err != nil {
		return s, err
	}
	if m.Links == "" {
		return s, nil
	}
	name := filepath.Base(string(m.Links))
	for path, content := range w.Files {
		if filepath.Base(path) == name {
			var err error
			if s.Links, err = linksOf(name, []byte(content)); err != nil {
				return s, fmt.Errorf("reference: read %s: %w", name, err)
			}
		}
	}
	return s, nil
}

func plain[T ~string](words []T) []string {
	var out []string
	for _, w := range words {
		out = append(out, string(w))
	}
	return out
}

// followUpsOf reads metrics.follow_ups: in which time a follow-up is to be done, in general and by priority.
func followUpsOf(text string, s *Settings) error {
	var file struct {
		Metrics struct {
			FollowUps struct {
				Due        string            `yaml:"due"`
				ByPriority map[string]string `yaml:"by_priority"`
			} `yaml:"follow_ups"`
		} `yaml:"metrics"`
	}
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		return fmt.Errorf("reference: read metrics.follow_ups: %w", err)
	}
	s.Due, s.DueBy = 30*24*time.Hour, map[string]time.Duration{}
	if due := file.Metrics.FollowUps.Due; due != "" {
		d, err := config.ParseDuration(due)
		if err != nil {
			return fmt.Errorf("reference: metrics.follow_ups.due: %w", err)
		}
		s.Due = d.Duration
	}
	for priority, text := range file.Metrics.FollowUps.ByPriority {
		d, err := config.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("reference: metrics.follow_ups.by_priority: %w", err)
		}
		s.DueBy[fold(priority)] = d.Duration
	}
	return nil
}

// linksOf reads people's corrections: CSV with the columns incident and deployment, or a YAML list of such maps.
func linksOf(name string, content []byte) ([]expect.Manual, error) {
	var rows []map[string]string
	if strings.EqualFold(filepath.Ext(name), ".csv") {
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
		r.TrimLeadingSpace = true
		records, err := r.ReadAll()
		if err != nil || len(records) == 0 {
			return nil, err
		}
		for _, record := range records[1:] {
			row := map[string]string{}
			for n, value := range record {
				row[fold(records[0][n])] = value
			}
			rows = append(rows, row)
		}
	} else {
		var listed []map[string]any
		if err := yaml.Unmarshal(content, &listed); err != nil {
			return nil, err
		}
		for _, one := range listed {
			row := map[string]string{}
			for key, value := range one {
				row[fold(key)] = fmt.Sprint(value)
			}
			rows = append(rows, row)
		}
	}
	var out []expect.Manual
	for _, row := range rows {
		out = append(out, expect.Manual{Incident: strings.TrimSpace(row["incident"]), Deployment: strings.TrimSpace(row["deployment"])})
	}
	return out, nil
}
