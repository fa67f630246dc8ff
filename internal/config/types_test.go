package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDurationsTakeDaysAndWeeksAndPrintBackTheSame(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30d": 720 * time.Hour, "1w": 168 * time.Hour, "7d": 168 * time.Hour, "24h": 24 * time.Hour, "10m": 10 * time.Minute,
		"1d12h": 36 * time.Hour, "1.5h": 90 * time.Minute, "0.5d": 12 * time.Hour, "0": 0, "0s": 0, "250ms": 250 * time.Millisecond,
		"1w2d3h4m5s": 9*24*time.Hour + 3*time.Hour + 4*time.Minute + 5*time.Second,
	} {
		d, err := ParseDuration(text)
		if err != nil || d.Duration != want || d.String() != text {
			t.Errorf("%s: got %s printed as %s, %v; want %s", text, d.Duration, d, err, want)
		}
		if back, err := d.MarshalText(); err != nil || string(back) != text {
			t.Errorf("%s marshals as %s, %v", text, back, err)
		}
	}
	for _, text := range []string{"", "d", "5", "-5m", "+5m", "5 m", "5mm", "5M", "m5", "1h-5m", "99999999999999999999h", "15251w", "100000d100000d", "1.h", ".5h"} {
		if d, err := ParseDuration(text); err == nil {
			t.Errorf("%q was read as %s", text, d.Duration)
		}
	}
}

func TestPercentAndBytesPrintBackTheSame(t *testing.T) {
	for text, want := range map[string]float64{"5%": 0.05, "50%": 0.5, "0%": 0, "100%": 1, "7%": 0.07, "2.5%": 0.025} {
		var p Percent
		if err := p.parse(text, scope{}); err != nil || p.Fraction() != want || p.String() != text {
			t.Errorf("%s: got %v printed as %s, %v", text, p.Fraction(), p, err)
		}
	}
	for _, text := range []string{"", "%", "5", "-1%", "100.1%", "NaN%", "Inf%", "5%%"} {
		var p Percent
		if err := p.parse(text, scope{}); err == nil {
			t.Errorf("%q was read as %v", text, p)
		}
	}
	for text, want := range map[string]Bytes{"1GiB": 1 << 30, "20GiB": 20 << 30, "512MiB": 512 << 20, "5GB": 5e9, "0B": 0, "100B": 100, "1KiB": 1024} {
		var b Bytes
		if err := b.parse(text, scope{}); err != nil || b != want || b.String() != text {
			t.Errorf("%s: got %d printed as %s, %v", text, int64(b), b, err)
		}
	}
	var b Bytes
	if err := b.parse("1.5 gib", scope{}); err != nil || b.String() != "1536MiB" {
		t.Errorf("1.5 gib: got %s, %v", b, err)
	}
	for _, text := range []string{"", "B", "1", "1G", "-1GiB", "NaNB", "InfB", "9999999TiB", "x1GiB"} {
		if err := b.parse(text, scope{}); err == nil {
			t.Errorf("%q was read as %d", text, int64(b))
		}
	}
}

func TestADateIsTheFirstMomentOfTheDayInTheConfiguredZone(t *testing.T) {
	for _, tt := range []struct{ zone, date, want string }{
		{"UTC", "2024-01-01", "2024-01-01T00:00:00Z"},
		{"Asia/Tokyo", "2024-01-01", "2023-12-31T15:00:00Z"},
		{"Asia/Tokyo", "2024-01-01T09:30:00+02:00", "2024-01-01T07:30:00Z"},
		{"America/New_York", "2024-03-10", "2024-03-10T05:00:00Z"},  // the clocks change later that day
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"}, // 00:00 was skipped: the day began at 01:00
		{"Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00Z"},      // skipped too
		{"Asia/Beirut", "2024-10-27", "2024-10-26T22:00:00Z"},       // 00:00 came back as 23:00 of the day before
		{"America/Havana", "2024-11-03", "2024-11-03T04:00:00Z"},    // 00:00 came twice: the earlier
		{"Asia/Amman", "2017-10-27", "2017-10-26T21:00:00Z"},        // twice, east of UTC
		{"Atlantic/Azores", "2024-10-27", "2024-10-27T00:00:00Z"},   // 00:00 came twice, on the day's own clock
	} {
		c := load(t, "sources: {incidentio: {since: "+tt.date+"}}\ntimezone: "+tt.zone, nil)
		since := c.Sources.Incidentio.Since
		if got := since.Time().UTC().Format(time.RFC3339); got != tt.want || since.String() != tt.date {
			t.Errorf("%s in %s: got %s printed as %s, want %s", tt.date, tt.zone, got, since, tt.want)
		}
	}
	if c := load(t, "sources: {incidentio: {}}", nil); !c.Sources.Incidentio.Since.IsZero() {
		t.Error("a date that is not given is not zero")
	}
}

// TestADayStartsWhereTheDayBeforeEnds compares with a search minute by minute around every midnight of two years.
func TestADayStartsWhereTheDayBeforeEnds(t *testing.T) {
	for _, name := range []string{"America/Sao_Paulo", "Asia/Beirut", "America/Havana", "Atlantic/Azores", "Australia/Lord_Howe", "America/Asuncion", "Asia/Amman"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for day := time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2019; day = day.AddDate(0, 0, 1) {
			want := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone).Add(-3 * time.Hour)
			for want.In(zone).Format(time.DateOnly) != day.Format(time.DateOnly) {
				want = want.Add(time.Minute)
			}
			if got := startOfDay(day, zone); !got.Equal(want) {
				t.Errorf("%s in %s: got %s, want %s", day.Format(time.DateOnly), name, got, want)
			}
		}
	}
}

func TestAddressesEndAsTheirKeySays(t *testing.T) {
	for _, slash := range []string{"", "/", "//"} {
		c := load(t, `
sources:
  incidentio: {base_url: "http://127.0.0.1:9000/x`+slash+`"}
  github: {api_url: "https://ghe.example.com/api/v3`+slash+`", graphql_url: "https://ghe.example.com/graphql`+slash+`", git_url: "https://ghe.example.com`+slash+`"}
`, nil)
		gh := c.Sources.GitHub
		got := []string{string(c.Sources.Incidentio.BaseURL), string(gh.APIURL), string(gh.GraphQLURL), string(gh.GitURL)}
		want := []string{"http://127.0.0.1:9000/x", "https://ghe.example.com/api/v3/", "https://ghe.example.com/graphql", "https://ghe.example.com/"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("with %q at the end (-want +got):\n%s", slash, diff)
		}
	}
}

func TestGitMayComeFromAFolder(t *testing.T) {
	c := load(t, `sources: {github: {git_url: "file:///srv/git"}}`, nil)
	if got := c.Sources.GitHub.GitURL; got != "file:///srv/git/" {
		t.Errorf("%q", got)
	}
	for _, text := range []string{"file:srv/git", "file://host/srv", "/srv/git", "ssh://git@example.com/"} {
		if _, err := parse("fourfold.yaml", []byte(`sources: {github: {git_url: "`+text+`"}}`), vars(nil)); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}

func TestPatternsMatchAsDescribed(t *testing.T) {
	for _, tt := range []struct {
		glob       Glob
		name       string
		match, any bool
	}{
		{"prod-*", "prod-eu", true, true},
		{"prod-*", "Prod-EU", false, true},
		{"prod-*", "prod/eu", false, false},
		{"production", "production", true, true},
		{"services/**", "services/a/b.go", true, true},
		{"hotfix/*", "hotfix/x", true, true},
		{"{a,b}", "b", true, true},
		{"*-archive", "x", false, false},
	} {
		if got := tt.glob.Match(tt.name); got != tt.match {
			t.Errorf("%s matches %s: %t", tt.glob, tt.name, got)
		}
		if got := tt.glob.MatchFold(tt.name); got != tt.any {
			t.Errorf("%s matches %s in any case: %t", tt.glob, tt.name, got)
		}
	}
}

func TestCronLinesFollowTheClockOfTheTimeZone(t *testing.T) {
	c := load(t, `schedule: {run: "0 3 * * 0", full_check: "", digest: "CRON_TZ=UTC 0 9 * * 1"}`, nil)
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, tokyo)
	if got := c.Schedule.Run.Next(from).Format(time.RFC3339); got != "2026-01-04T03:00:00+09:00" {
		t.Errorf("run: got %s", got)
	}
	if got := c.Schedule.Digest.Next(from).Format(time.RFC3339); got != "2026-01-05T18:00:00+09:00" {
		t.Errorf("digest: got %s", got)
	}
	if s := c.Schedule; !s.FullCheck.Off() || !s.FullCheck.Next(from).IsZero() || s.FullCheck.Schedule() != nil || s.Run.Off() {
		t.Error("an empty line is never, another is not")
	}
}

func TestWindowsAndWordsAreReadWithoutCase(t *testing.T) {
	c := load(t, "week_start: Sunday\nmetrics: {failure_window: Unlimited}\nlog: {level: WARN}", nil)
	if c.WeekStart != Sunday || c.WeekStart.Weekday() != time.Sunday || !c.Metrics.FailureWindow.Unlimited || c.Log.Level.Level().String() != "WARN" {
		t.Errorf("got %s %s %s", c.WeekStart, c.Metrics.FailureWindow, c.Log.Level)
	}
	c = load(t, "metrics: {failure_window: 2d}", nil)
	if w := c.Metrics.FailureWindow; w.Off || w.Unlimited || w.Duration.Hours() != 48 || w.String() != "2d" {
		t.Errorf("got %+v", w)
	}
}

func TestOneNameStandsForAListOfOne(t *testing.T) {
	c := load(t, `
services:
- name: api
  incident_values: {Product: API, Area: [a, b]}
  deployments: [{from: workflow_runs, workflow: w.yml, event: push, branch: main, environment: prod}]
sources: {github: {repositories: [{name: acme/api, service: api}]}}
`, nil)
	s := c.Services[0]
	if diff := cmp.Diff(map[string][]string{"Product": {"API"}, "Area": {"a", "b"}}, s.IncidentValues); diff != "" {
		t.Errorf("incident_values (-want +got):\n%s", diff)
	}
	want := []Deployment{{From: FromWorkflowRuns, Workflow: "w.yml", Event: []string{"push"}, Branch: []Glob{"main"}, Environment: []Glob{"prod"}}}
	if diff := cmp.Diff(want, s.Deployments); diff != "" {
		t.Errorf("deployments (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"api"}, c.Sources.GitHub.Repositories[0].Service); diff != "" {
		t.Errorf("service (-want +got):\n%s", diff)
	}
}
