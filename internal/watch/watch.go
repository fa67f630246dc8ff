// Package watch says what a person who is in charge should know: a goal that is missed, data that is not fresh any more,
// a check that fails. It reads the status and the published marts, and computes no number of its own.
package watch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"fourfold/internal/config"
	"fourfold/internal/explain"
	"fourfold/internal/pipeline"
	"fourfold/internal/render"
)

// Problem is a line of the status.
type Problem struct {
	Kind   string `json:"kind"` // goal, freshness, check or build
	Name   string `json:"name"` // the goal, the stream, the rule
	Detail string `json:"detail"`
}

// Find gives the problems of the published build and of the last runs, goals first. q reads the published build; it is
// nil where nothing is published. Times are shown in the configured zone.
func Find(ctx context.Context, c *config.Config, s pipeline.Status, q explain.Querier, now time.Time) ([]Problem, error) {
	out := []Problem{}
	if q != nil {
		missed, err := goals(ctx, c, q)
		if err != nil {
			return nil, err
		}
		out = append(out, missed...)
	}
	out = append(out, stale(c, s, now)...)
	if s.Failure != nil {
		out = append(out, Problem{"build", "build", fmt.Sprintf("failed at %s, and what was published before stays: %s", local(c, s.Failure.At), s.Failure.Error)})
	}
	if q != nil {
		failing, err := checks(ctx, q)
		if err != nil {
			return nil, err
		}
		out = append(out, failing...)
	}
	return out, nil
}

// words writes a metric's value for people who read a terminal.
func words(metric string, v float64) string {
	switch metric {
	case "change_failure_rate":
		return strconv.FormatFloat(v*100, 'f', 1, 64) + " %"
	case "deployments_per_day":
		return strconv.FormatFloat(v, 'f', 2, 64) + " a day"
	default:
		return (time.Duration(v) * time.Second).String()
	}
}

// goals gives the goals that are missed, each over the last 90 days. A metric of nothing misses none.
func goals(ctx context.Context, c *config.Config, q explain.Querier) ([]Problem, error) {
	var out []Problem
	for _, g := range c.Metrics.Goals.All() {
		if g.Metric == "deployments_per_day" && !readsDeployments(c) {
			continue
		}
		m, err := explain.FindMetric(ctx, q, explain.MetricRequest{Metric: g.Metric})
		if errors.Is(err, explain.ErrNotFound) {
			continue // a build of an earlier version
		}
		if err != nil {
			return nil, fmt.Errorf("goal %s: %w", g.Name, err)
		}
		if m.Value == nil || g.Least && *m.Value >= g.Limit || !g.Least && *m.Value <= g.Limit {
			continue
		}
		bound := "at most"
		if g.Least {
			bound = "at least"
		}
		out = append(out, Problem{"goal", g.Name, fmt.Sprintf("missed: %s from %s to %s (n = %d), and the goal is %s %s",
			words(g.Metric, *m.Value), m.FromDate, m.ToDate, m.SampleSize, bound, words(g.Metric, g.Limit))})
	}
	return out, nil
}

// readsDeployments reports whether there is a source of deployments: without one there are none, and no goal for them.
func readsDeployments(c *config.Config) bool {
	return c.Sources.GitHub != nil || slices.ContainsFunc(c.Sources.Files, func(f config.File) bool { return f.Kind == config.FileDeployments })
}

// stale gives the streams that failed, or were last read well before two rounds that should have read them since.
func stale(c *config.Config, s pipeline.Status, now time.Time) []Problem {
	var out []Problem
	for _, name := range slices.Sorted(maps.Keys(s.Streams)) {
		x := s.Streams[name]
		switch {
		case x.Status == "skipped":
		case x.FreshAt.IsZero():
			out = append(out, Problem{"freshness", name, "has never been read: " + x.Error})
		case x.Status == "failed":
			out = append(out, Problem{"freshness", name, fmt.Sprintf("failed; what it has is as of %s: %s", local(c, x.FreshAt), x.Error)})
		case overdue(c, x.FreshAt, now):
			out = append(out, Problem{"freshness", name, fmt.Sprintf("is as of %s, and two rounds of the schedule %s should have read it since", local(c, x.FreshAt), c.Schedule.Run)})
		case x.Status == "partial":
			out = append(out, Problem{"freshness", name, "was read in part: " + x.Error})
		}
	}
	return out
}

// overdue reports whether two rounds were due after an instant and have had their time.
func overdue(c *config.Config, since, now time.Time) bool {
	if c.Schedule.Run.Off() {
		return false
	}
	zone := c.Timezone.Location
	second := c.Schedule.Run.Next(c.Schedule.Run.Next(since.In(zone)))
	return !second.IsZero() && second.Add(c.Schedule.Jitter.Duration+c.Schedule.Timeout.Duration).Before(now)
}

// checks gives the rules that have found errors, with an example.
func checks(ctx context.Context, q explain.Querier) ([]Problem, error) {
	rows, err := q.Query(ctx, `select rule, count(*), min(object_type || ' ' || object_id || ': ' || detail) from data_quality where severity = 'error'
group by rule order by rule`)
	if err != nil {
		return nil, fmt.Errorf("checks: %w", err)
	}
	var out []Problem
	for row, err := range rows.All {
		if err != nil {
			return nil, fmt.Errorf("checks: %w", err)
		}
		n, _ := row[1].(int64)
		detail := strings.TrimSpace(render.Text(row[2]))
		if n > 1 {
			detail = fmt.Sprintf("%d of them, such as %s", n, detail)
		}
		out = append(out, Problem{"check", render.Text(row[0]), detail})
	}
	return out, nil
}

func local(c *config.Config, t time.Time) string {
	return t.In(c.Timezone.Location).Format("2006-01-02 15:04 MST")
}
