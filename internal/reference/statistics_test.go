package reference

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"fourfold/internal/demo/expect"
)

// The exact limits of counts are in every table of the Poisson distribution; those of a share of 5 in 100 and of 0 in 10
// are examples of textbooks.
func TestLimitsAreThoseOfTheTables(t *testing.T) {
	for _, x := range []struct {
		name      string
		got       limits
		low, high float64
	}{
		{"no event", poisson(0), 0, 3.688879},
		{"one event", poisson(1), 0.025318, 5.571643},
		{"ten events", poisson(10), 4.795389, 18.390356},
		{"a hundred events", poisson(100), 81.363991, 121.626794},
		{"beyond a thousand, the normal approximation", poisson(2500), 2500 - 50*1.959964, 2500 + 50*1.959964},
		{"five in a hundred", wilson(5, 100), 0.021543, 0.111752},
		{"none in ten", wilson(0, 10), 0, 0.277533},
		{"ten in ten", wilson(10, 10), 0.722467, 1},
	} {
		if math.Abs(*x.got.low-x.low) > 2e-6 || math.Abs(*x.got.high-x.high) > 2e-6 {
			t.Errorf("%s: %f to %f, want %f to %f", x.name, *x.got.low, *x.got.high, x.low, x.high)
		}
	}
	if none := wilson(0, 0); none.low != nil || none.high != nil {
		t.Error("a rate of nothing has limits")
	}
}

func TestRanksAreThoseOfTheBinomialDistribution(t *testing.T) {
	for _, x := range []struct{ n, percent, low, high int }{
		{5, 50, 0, 0},
		{6, 50, 1, 6},
		{10, 50, 2, 9},
		{15, 50, 4, 12},
		{20, 50, 6, 15},
		{100, 50, 40, 61},
		{1, 90, 0, 0},
		{2, 90, 1, 0},
		{10, 90, 7, 0},
		{35, 90, 28, 0},
		{36, 90, 29, 36},
		{100, 90, 84, 96},
	} {
		if low, high := ranks(x.n, x.percent); low != x.low || high != x.high {
			t.Errorf("%d values, %d%%: ranks %d to %d, want %d to %d", x.n, x.percent, low, high, x.low, x.high)
		}
	}
}

func TestQuantilesAreContinuous(t *testing.T) {
	for _, x := range []struct {
		of   []float64
		p    int
		want float64
	}{
		{[]float64{7}, 50, 7},
		{[]float64{1, 2}, 50, 1.5},
		{[]float64{1, 2, 10}, 50, 2},
		{[]float64{1, 2, 3, 10}, 50, 2.5},
		{[]float64{0, 10}, 90, 9},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 90, 10},
		{[]float64{100, 200, 600}, 90, 520},
	} {
		if got := quantile(x.of, x.p); math.Abs(got-x.want) > 1e-12 {
			t.Errorf("%d%% of %v is %v, want %v", x.p, x.of, got, x.want)
		}
	}
}

func TestLevelsHaveTheirCutOffs(t *testing.T) {
	for _, x := range []struct {
		metric string
		value  float64
		want   string
	}{
		{"lead_time_median_seconds", 86399, "elite"},
		{"lead_time_median_seconds", 86400, "high"},
		{"lead_time_median_seconds", 604800, "medium"},
		{"lead_time_median_seconds", 2592000, "low"},
		{"deployments_per_day", 1, "elite"},
		{"deployments_per_day", 0.999, "high"},
		{"deployments_per_day", 1.0 / 7, "high"},
		{"deployments_per_day", 1.0 / 31, "medium"},
		{"deployments_per_day", 0, "low"},
		{"change_failure_rate", 0.05, "elite"},
		{"change_failure_rate", 0.051, "high"},
		{"change_failure_rate", 0.15, "medium"},
		{"change_failure_rate", 0.16, "low"},
		{"failed_deployment_recovery_median_seconds", 3599, "elite"},
		{"failed_deployment_recovery_median_seconds", 3600, "high"},
		{"failed_deployment_recovery_median_seconds", 604800, "low"},
		{"rework_rate", 0, ""},
	} {
		if got := level(x.metric, x.value); got != x.want {
			t.Errorf("%s of %v: %q, want %q", x.metric, x.value, got, x.want)
		}
	}
}

func TestDaysAndWeeksAreThoseOfTheClockOnTheWall(t *testing.T) {
	for _, x := range []struct {
		zone, at string
		week     time.Weekday
		want     string // day, week
	}{
		{"Asia/Tokyo", "2026-03-01T14:59:59Z", time.Monday, "2026-03-01 2026-02-23"},
		{"Asia/Tokyo", "2026-03-01T15:00:00Z", time.Monday, "2026-03-02 2026-03-02"},
		{"Asia/Tokyo", "2026-03-01T15:00:00Z", time.Sunday, "2026-03-02 2026-03-01"},
		{"Asia/Kathmandu", "2026-03-01T18:15:00Z", time.Monday, "2026-03-02 2026-03-02"},
		{"Asia/Kathmandu", "2026-03-01T18:14:59Z", time.Monday, "2026-03-01 2026-02-23"},
		{"America/New_York", "2026-03-09T03:59:59Z", time.Sunday, "2026-03-08 2026-03-08"}, // the day of 23 hours
		{"America/New_York", "2026-11-02T04:59:59Z", time.Sunday, "2026-11-01 2026-11-01"}, // the day of 25 hours
		{"Australia/Lord_Howe", "2026-04-04T12:59:59Z", time.Monday, "2026-04-04 2026-03-30"},
		{"Australia/Lord_Howe", "2026-04-05T13:29:59Z", time.Monday, "2026-04-05 2026-03-30"}, // half an hour longer
		{"Australia/Lord_Howe", "2026-04-05T13:30:00Z", time.Monday, "2026-04-06 2026-04-06"},
	} {
		loc, err := time.LoadLocation(x.zone)
		if err != nil {
			t.Fatal(err)
		}
		day := localDate(instant(x.at), loc)
		if got := day.Format(time.DateOnly) + " " + bucket(day, "week", x.week).Format(time.DateOnly); got != x.want {
			t.Errorf("%s in %s: %s, want %s", x.at, x.zone, got, x.want)
		}
	}
}

func TestFieldsAndFurtherDurationsHaveTheirRows(t *testing.T) {
	s := expect.Defaults(time.UTC, time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC))
	s.Durations = []expect.Duration{{Name: "検知 - Time", From: "created_at", To: "Fixed at"}}
	o := objects(t, made{id: "a", created: at("01:00:00"), stamps: []string{"Fixed at=" + at("01:01:00")}, fields: []string{"Region=EU", "Region=US"}},
		made{id: "b", created: at("02:00:00"), stamps: []string{"Fixed at=" + at("01:59:00")}, fields: []string{"Region=US"}},
		made{id: "c", created: "2026-03-10T00:00:00Z", fields: []string{"Region=Moon"}})
	for _, i := range o["incidents"] {
		for _, e := range list(i, "custom_field_entries") {
			e["custom_field"].(map[string]any)["field_type"] = "multi_select"
		}
	}
	rows := FourKeys(o, Code{}, s)
	for _, x := range []struct{ dimension, value, metric, want string }{
		{"field:Region", "US", "incidents", "2026-03-02:2/2 2026-03-09:0/0"},
		{"field:Region", "EU", "incidents", "2026-03-02:1/1 2026-03-09:0/0"},
		{"field:Region", "EU", "deployments", ""},
		{"field:Region", "Moon", "incidents", ""},                                     // it has not begun yet
		{"all", "all", "検知_time_median_seconds", "2026-03-02:60/1 2026-03-09:null/0"}, // the other one is negative
		{"field:Region", "US", "検知_time_p90_seconds", "2026-03-02:60/1 2026-03-09:null/0"},
	} {
		if got := lines(rows, "week", x.dimension, x.value, x.metric); got != x.want {
			t.Errorf("%s %s %s:\n got %s\nwant %s", x.dimension, x.value, x.metric, got, x.want)
		}
	}
	open := slices.DeleteFunc(rows, func(r Row) bool { return r.Period != "week" || r.Metric != "incidents" || r.Dimension != "all" })
	var got []string
	for _, r := range open {
		got = append(got, fmt.Sprintf("%s %v %.3f-%.3f", r.PeriodStart, r.IsOpen, *r.Low, *r.High))
	}
	if text := strings.Join(got, ", "); text != "2026-03-02 false 0.242-7.225, 2026-03-09 true 0.000-3.689" {
		t.Errorf("got %s", text)
	}
}

func TestTiesAreBrokenByCreationThenNumber(t *testing.T) {
	code := oneRepository("a b:a c:b", "a@10 b@20 c@20")
	d := code.Repositories[0].Deployments
	d[1].ID, d[2].ID = "10", "9" // as numbers 10 is the greater, as text 9
	s := expect.Defaults(time.UTC, minute(1000))
	o := objects(t, made{id: "i", created: minute(30).Format(time.RFC3339)})
	if got := Links(o, code, s); len(got) != 1 || got[0].Deployment != "deployments:10" {
		t.Errorf("got %v, want the greater number", got)
	}
	d[2].Created = minute(19).Add(time.Second)
	if got := Links(o, code, s); len(got) != 1 || got[0].Deployment != "deployments:9" {
		t.Errorf("got %v, want the one created later", got)
	}
	s.FailureWindow = 10*time.Minute - time.Microsecond
	if got := Links(o, code, s); len(got) != 0 {
		t.Errorf("got %v outside the window", got)
	}
	s.FailureWindow = expect.Unlimited
	if got := Links(o, code, s); len(got) != 1 {
		t.Errorf("got %v without a window", got)
	}
	s.NoWindow = true
	if got := Links(o, code, s); len(got) != 0 {
		t.Errorf("got %v though it is off", got)
	}
}
