package config

import (
	"fmt"
	"path/filepath"
	"strings"
)

// levelsYear is the report whose levels are thresholds that can be applied (B).
const levelsYear = 2023

func (d *decoder) validateMetrics(m *Metrics) {
	for _, list := range []struct {
		key    string
		length int
		eg     string
	}{
		{"metrics.restore.start", len(m.Restore.Start), "[created_at]"},
		{"metrics.restore.end", len(m.Restore.End), "[left_live]"},
		{"metrics.counted.modes", len(m.Counted.Modes), "[standard, retrospective]"},
	} {
		if list.length == 0 && !d.silent[list.key] {
			d.fail(list.key, "is empty, so that no incident would have a number", "write e.g. "+list.eg+", or leave the key out")
		}
	}
	if ext := strings.ToLower(filepath.Ext(string(m.Links))); m.Links != "" && ext != ".csv" && ext != ".yaml" && ext != ".yml" {
		d.fail("metrics.links", "is neither a CSV nor a YAML file", "name it links.csv or links.yaml")
	}
	if m.Levels != levelsYear && !d.silent["metrics.levels"] {
		problem := fmt.Sprintf("there are no levels of %d", m.Levels)
		switch {
		case m.Levels == 2024:
			problem = "the levels of 2024 are clusters, not thresholds that can be applied"
		case m.Levels > 2024:
			problem = "the reports after 2024 publish no levels"
		}
		d.fail("metrics.levels", problem, fmt.Sprintf("write %d", levelsYear))
	}
	d.validateDurations(m)
}
