package browsertest

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

func get(t *testing.T, address string, status int) string {
	t.Helper()
	r, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != status {
		t.Fatalf("%s answered %d, want %d:\n%s", address, r.StatusCode, status, body)
	}
	return string(body)
}

// one reads one number by SQL of its own; nothing is shared with the page's queries.
func (m marts) one(t *testing.T, q string, args ...any) string {
	t.Helper()
	var v *float64
	if err := m.db.QueryRow(q, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	if v == nil {
		return ""
	}
	// quantile_cont multiplies floats, the metric template whole numbers: they differ beyond the tenth digit.
	return strconv.FormatFloat(math.Round(*v*1e6)/1e6, 'f', -1, 64)
}

// The numbers that a visitor sees are those of plain SQL over fct_incidents.
func TestNumbersOnThePageEqualSQLOnTheMarts(t *testing.T) {
	m := openMarts(t)
	address, _ := serveDashboard(t, m, "en")
	browser := newBrowser(t)
	const zone = `(select timezone from publication)`
	month := `date_trunc('month', (select as_of_date from publication)) - interval 1 month`
	// The most frequent severity, team and service, so that any build can be looked at.
	name := func(q string) string {
		var v string
		if err := m.db.QueryRow(q).Scan(&v); err != nil && (!errors.Is(err, sql.ErrNoRows) || *buildFile == "") {
			t.Fatalf("%s: %v", q, err)
		}
		return v
	}
	severity := name("select severity from fct_incidents where is_counted and severity is not null group by 1 order by count(*) desc, 1 limit 1")
	team := name("select team from fct_incident_services where team is not null group by 1 order by count(*) desc, 1 limit 1")
	service := name("select service from fct_incident_services group by 1 order by count(*) desc, 1 limit 1")
	of := func(column, value string) string {
		return fmt.Sprintf("incident_id in (select incident_id from fct_incident_services where %s = '%s')", column, value)
	}
	for _, f := range []struct{ query, where string }{
		{"", "true"},
		{"&severity=" + url.QueryEscape(severity), "severity = '" + severity + "'"},
		{"&team=" + url.QueryEscape(team), of("team", team)},
		{"&service=" + url.QueryEscape(service) + "&severity=" + url.QueryEscape(severity), of("service", service) + " and severity = '" + severity + "'"},
	} {
		if strings.Contains(f.query+"&", "=&") {
			continue // a build of -build that has no team
		}
		b := open(t, browser, desktop, address+"/?range=12m"+f.query)
		strips := open(t, browser, desktop, address+"/incidents?range=12m"+f.query)
		tile := func(metric string) string {
			return eval[string](b, fmt.Sprintf(`document.querySelector('[data-metric="%s"] .value').dataset.value ?? ""`, metric))
		}
		in := func(column string) string {
			return fmt.Sprintf("is_counted and %s and date_trunc('month', timezone(%s, %s)) = %s", f.where, zone, column, month)
		}
		for metric, q := range map[string]string{
			"incidents":                          "select count(*)::double from fct_incidents where " + in("started_at"),
			"time_to_restore_median_seconds":     "select quantile_cont(time_to_restore_seconds, 0.5) from fct_incidents where " + in("restored_at"),
			"time_to_restore_p90_seconds":        "select quantile_cont(time_to_restore_seconds, 0.9) from fct_incidents where " + in("restored_at"),
			"time_to_acknowledge_median_seconds": "select quantile_cont(time_to_acknowledge_seconds, 0.5) from fct_incidents where " + in("started_at"),
		} {
			if got, want := tile(metric), m.one(t, q); got != want {
				t.Errorf("%q %s: the page says %q, SQL %q", f.query, metric, got, want)
			}
		}
		since := fmt.Sprintf("is_counted and %s and timezone(%s, restored_at) >= date_trunc('month', (select as_of_date from publication)) - interval 12 month", f.where, zone)
		for _, severity := range eval[[]string](strips, `[...document.querySelectorAll('tr[data-severity]')].map(r => r.dataset.severity)`) {
			where := since
			if severity != "all" {
				where += " and coalesce(severity, '') = '" + severity + "'"
			}
			cells := eval[[]string](strips, fmt.Sprintf(`[...document.querySelectorAll('tr[data-severity="%s"] td')].map(c => c.dataset.value ?? "")`, severity))
			if got, want := cells[2], m.one(t, "select quantile_cont(time_to_restore_seconds, 0.5) from fct_incidents where "+where); got != want {
				t.Errorf("%q %q: the page's median is %q, SQL %q", f.query, severity, got, want)
			}
			if got, want := cells[3], m.one(t, "select quantile_cont(time_to_restore_seconds, 0.9) from fct_incidents where "+where); got != want {
				t.Errorf("%q %q: the page's p90 is %q, SQL %q", f.query, severity, got, want)
			}
		}
		dots := eval[float64](strips, `document.querySelectorAll('.strips.wide .dot').length`)
		if want := m.one(t, "select count(*)::double from fct_incidents where time_to_restore_seconds is not null and "+since); strconv.FormatFloat(dots, 'f', -1, 64) != want {
			t.Errorf("%q: %v dots, SQL %s", f.query, dots, want)
		}
		strips.quiet()
		b.quiet()
	}
}

// A build whose weeks begin on Sunday is shown by such weeks.
func TestWeeksBeginWhenTheBuildSays(t *testing.T) {
	for start, first := range map[string]string{"monday": "2026-11-16", "sunday": "2026-11-15"} {
		m := openBuild(t, makeFixture(t, strings.ReplaceAll(fixtureSQL, "'monday' as week_start", "'"+start+"' as week_start")))
		address, log := serveDashboard(t, m, "en")
		var rows []struct {
			Metric, Dimension string
			Start             string `json:"period_start"`
			Value             *float64
		}
		if err := json.Unmarshal([]byte(get(t, address+"/api/panels/trend.json?period=week&range=12w", 200)), &rows); err != nil {
			t.Fatal(err)
		}
		want := m.one(t, "select count(*)::double from fct_incidents where is_counted and timezone('Asia/Tokyo', started_at) >= ?::date and timezone('Asia/Tokyo', started_at) < ?::date + 7", first, first)
		found := false
		for _, r := range rows {
			if r.Metric == "incidents" && r.Dimension == "all" && r.Start == first {
				found = true
				if got := strconv.FormatFloat(*r.Value, 'f', -1, 64); got != want {
					t.Errorf("%s: %s incidents in the week of %s, SQL %s", start, got, first, want)
				}
			}
		}
		if !found {
			t.Errorf("%s: no week begins on %s", start, first)
		}
		if page := get(t, address+"/?period=week&range=12w", 200); !strings.Contains(page, "last complete period: the week of "+first[8:]+" Nov 2026") {
			t.Errorf("%s: the page does not name the week of %s", start, first)
		}
		if log.Len() > 0 {
			t.Error(log)
		}
	}
}
