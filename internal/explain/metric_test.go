package explain

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

func date(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAMetricIsExplainedInWordsAndAsJSON(t *testing.T) {
	m := newMarts(t)
	week := MetricRequest{Period: "week", Start: date(t, "2026-10-07")}
	of := func(r MetricRequest, metric, service string) MetricRequest {
		r.Metric, r.Service = metric, service
		return r
	}
	for file, req := range map[string]MetricRequest{
		"metric_rate":        of(week, "change_failure_rate", "api"),
		"metric_evidence":    {Metric: "change_failure_rate_evidence", Repository: "ACME/web"},
		"metric_rework":      of(week, "rework_rate", ""),
		"metric_count":       {Metric: "deployments", Period: "month"},
		"metric_per_day":     {Metric: "deployments_per_day", Period: "quarter", Team: "payments"},
		"metric_recovery":    {Metric: "failed_deployment_recovery_median_seconds", From: date(t, "2026-10-01"), To: date(t, "2026-10-31")},
		"metric_lead_time":   of(week, "lead_time_median_seconds", ""),
		"metric_p90":         of(week, "lead_time_p90_seconds", ""),
		"metric_commits":     of(week, "commit_lead_time_median_seconds", "api"),
		"metric_restore":     {Metric: "time_to_restore_median_seconds", Period: "day", Start: date(t, "2026-10-05"), Severity: "major"},
		"metric_mean":        {Metric: "time_to_restore_mean_seconds", Period: "year"},
		"metric_acknowledge": {Metric: "time_to_acknowledge_median_seconds", Period: "month", Field: "cause", FieldValue: "deployment"},
		"metric_duration":    {Metric: "detection_median_seconds", Period: "month"},
		"metric_incidents":   {Metric: "Incidents", Period: "month", IncidentType: "Production"},
		"metric_nothing":     {Metric: "rework_rate", Period: "day", Start: date(t, "2026-10-09")},
	} {
		e, err := FindMetric(t.Context(), m, req)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		var b bytes.Buffer
		if err := e.Write(&b, MostRows); err != nil {
			t.Fatal(err)
		}
		golden(t, file+".txt", b.Bytes())
		text, err := json.MarshalIndent(e, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, file+".json", append(text, '\n'))
	}
}

// What the rows say and what the metric template says is one number.
func TestTheValueIsThatOfTheRows(t *testing.T) {
	m := newMarts(t)
	for _, x := range rowsOf(t, m, "select metric, kind, aggregate from dim_metrics") {
		e, err := FindMetric(t.Context(), m, MetricRequest{Metric: x[0].(string), From: date(t, "2026-10-01"), To: date(t, "2026-10-10")})
		if err != nil {
			t.Fatal(err)
		}
		if e.SampleSize != int64(len(e.Rows)) || len(e.Rows) == 0 {
			t.Errorf("%s: sample of %d, %d rows", e.Metric, e.SampleSize, len(e.Rows))
		}
		if e.Kind == "rate" && *e.Value != float64(*e.Numerator)/float64(*e.Denominator) {
			t.Errorf("%s = %v, but %d of %d", e.Metric, *e.Value, *e.Numerator, *e.Denominator)
		}
		if e.Aggregate == "count" && *e.Value != float64(len(e.Rows)) {
			t.Errorf("%s = %v with %d rows", e.Metric, *e.Value, len(e.Rows))
		}
	}
}

func rowsOf(t *testing.T, m marts, sql string) [][]any {
	t.Helper()
	r := reader{ctx: t.Context(), q: m}
	rows := r.rows(sql)
	if r.err != nil {
		t.Fatal(r.err)
	}
	return rows
}

func TestAMetricThatCannotBeExplainedIsSaidWithWhatThereIs(t *testing.T) {
	m := newMarts(t)
	for _, x := range []struct {
		req  MetricRequest
		want string
	}{
		{MetricRequest{Metric: "mttr"}, "there are change_failure_rate, change_failure_rate_evidence"},
		{MetricRequest{Metric: "deployments", Period: "sprint"}, "use day, week, month, quarter, year"},
		{MetricRequest{Metric: "deployments", Start: date(t, "2026-10-01")}, "needs a --period"},
		{MetricRequest{Metric: "deployments", Period: "week", From: date(t, "2026-10-01")}, "--period and --start, or --from and --to"},
		{MetricRequest{Metric: "deployments", From: date(t, "2026-10-02"), To: date(t, "2026-10-01")}, "is after --to"},
		{MetricRequest{Metric: "deployments", Period: "day", Start: date(t, "2026-10-11")}, "after the day of the build, 2026-10-10"},
		{MetricRequest{Metric: "deployments", Service: "apy"}, "there are api, web, worker"},
		{MetricRequest{Metric: "deployments", Severity: "Major"}, "made of deployments, which have no severity"},
		{MetricRequest{Metric: "incidents", Repository: "acme/api"}, "made of incidents, which have no repository"},
		{MetricRequest{Metric: "incidents", Field: "Product", FieldValue: "API"}, "there are Cause, Caused by"},
		{MetricRequest{Metric: "incidents", Field: "Cause", FieldValue: "Weather"}, "there are Deployment"},
	} {
		_, err := FindMetric(t.Context(), m, x.req)
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%+v: %v, want %q", x.req, err, x.want)
		}
	}
}

func TestAQueryOfAMetricThatFailsIsReportedWhicheverItIs(t *testing.T) {
	m := newMarts(t)
	for _, req := range []MetricRequest{
		{Metric: "change_failure_rate", Service: "api"},
		{Metric: "failed_deployment_recovery_median_seconds"},
		{Metric: "lead_time_median_seconds"},
		{Metric: "commit_lead_time_median_seconds"},
		{Metric: "incidents", Field: "Cause", FieldValue: "Deployment"},
	} {
		for n := 0; ; n++ {
			f := &failing{m, n}
			_, err := FindMetric(t.Context(), f, req)
			if f.left >= 0 {
				if err != nil || n < 5 {
					t.Errorf("%s: %d queries, %v", req.Metric, n, err)
				}
				break
			}
			if !errors.Is(err, errNoAnswer) {
				t.Errorf("%s without an answer to query %d: %v", req.Metric, n+1, err)
			}
		}
	}
}
