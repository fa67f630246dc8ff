package summary

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/dashboards"
	"fourfold/load"
)

var update = flag.Bool("update", false, "write the golden files")

// marts answers each query, known by a word of it, with rows.
type marts map[string][][]any

var errNoAnswer = errors.New("no answer")

func (marts) Engine() dashboards.Engine { return dashboards.DuckDB }

func (m marts) Query(_ context.Context, sql string, _ ...any) (*load.Rows, error) {
	for word, rows := range m {
		if strings.Contains(sql, word) {
			return &load.Rows{All: func(yield func([]any, error) bool) {
				for _, row := range rows {
					if !yield(row, nil) {
						return
					}
				}
			}}, nil
		}
	}
	return nil, errNoAnswer
}

const (
	head, deployments, years, trend    = "from publication", "filter (where is_counted) from fct_deployments", "k.period = 'year'", "period = 'week'"
	unlinked, followUps, teams, drills = "from fct_unlinked_incidents", "rpt_follow_ups where dimension = 'all'", "rpt_follow_ups where dimension = 'team'", "from fct_drills"
)

// tidy are marts without loose ends.
var tidy = marts{unlinked: nil, followUps: nil, teams: nil, drills: nil}

func (m marts) and(more marts) marts {
	maps.Copy(m, more)
	return m
}

// none are the numbers of deployments where there are none.
var none = [][]any{{int64(0), int64(0)}}

func year(group, start string, incidents, median, p90 any) [][]any {
	return [][]any{
		{group, "incidents", incidents, int64(1), start},
		{group, "time_to_restore_median_seconds", median, int64(1), start},
		{group, "time_to_restore_p90_seconds", p90, int64(1), start},
	}
}

func weeksOf(group string, values ...float64) (rows [][]any) {
	day := time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC)
	for i, v := range values {
		rows = append(rows, []any{group, day.AddDate(0, 0, 7*i).Format(time.DateOnly), v})
	}
	return rows
}

func concat(parts ...[][]any) (out [][]any) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func TestTheSummaryShowsEachSeverityAndYearWithItsLastWeeks(t *testing.T) {
	asOf := time.Date(2026, 11, 25, 15, 30, 0, 0, time.UTC)
	m := marts{
		head:        {{asOf, "Asia/Tokyo", "2026-11-26", "monday", int64(42), int64(5), int64(3)}},
		deployments: none,
		years: concat(
			year("all", "2025-01-01", 10.0, 3599.6, 86400.0*3), year("all", "2026-01-01", 32.0, 59.4, 172800.0),
			year("致命的", "2026-01-01", 0.0, nil, nil), year("Minor", "2025-01-01", 10.0, 61.0, 7322.0), year("Minor", "2026-01-01", 32.0, 0.0, 172799.0),
		),
		trend: concat(weeksOf("all", 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 1), weeksOf("Minor", 0, 1), weeksOf("致命的", 0, 0, 0)),
	}.and(tidy)
	var out bytes.Buffer
	if err := Write(context.Background(), &out, m, "fourfold"); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "summary.txt")
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), out.String()); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestWhatCannotBeReadIsReported(t *testing.T) {
	all := marts{head: {{time.Now(), "UTC", "2026-11-25", "monday", int64(0), int64(0), int64(0)}}, deployments: none, years: nil, trend: nil}.and(tidy).and(marts{followUps: {{int64(3), int64(1), 0.5}}})
	for _, missing := range []string{head, deployments, years, trend, unlinked, followUps, teams, drills} {
		m := marts{}
		for word, rows := range all {
			if word != missing {
				m[word] = rows
			}
		}
		if err := Write(context.Background(), &bytes.Buffer{}, m, "fourfold"); !errors.Is(err, errNoAnswer) {
			t.Errorf("without the answer to %q: %v", missing, err)
		}
	}
	if err := Write(context.Background(), &bytes.Buffer{}, marts{head: nil, years: nil, trend: nil}, "fourfold"); err == nil {
		t.Error("a build without publication is no error")
	}
}

func TestDurationsAreWhatPeopleRead(t *testing.T) {
	for want, in := range map[string]any{
		"—": nil, "0 s": 0.0, "59 s": 59.4, "1 m 00 s": 59.5, "59 m 59 s": 3599.0, "1 h 00 m": 3600.0, "47 h 59 m": 172799.0, "2 d 00 h": 172800.0, "1000 d 01 h": 86400.0*1000 + 3600,
	} {
		if got := Duration(in); got != want {
			t.Errorf("Duration(%v) = %q, want %q", in, got, want)
		}
	}
}

func TestASparklineRisesWithItsValuesAndShowsZeroAlone(t *testing.T) {
	for want, in := range map[string][]float64{
		"": nil, "▁▁▁": {0, 0, 0}, "▁█": {0, 1}, "██": {5, 5}, "▁▂▃▄▅▆▇█": {0, 1, 2, 3, 4, 5, 6, 7}, "▂█": {1, 1000}, "█▁▂": {1000, 0, 0.001},
	} {
		if got := Sparkline(in); got != want {
			t.Errorf("Sparkline(%v) = %s, want %s", in, got, want)
		}
	}
}
