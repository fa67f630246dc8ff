package browsertest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"fourfold/dashboards"
	"fourfold/dashboards/web"
)

// everything are the parameters of queries over all that the fixture has, under no filter.
func everything(changes map[string]any) map[string]any {
	tokyo := time.FixedZone("", 9*3600)
	p := map[string]any{
		"period": "month", "from_date": "2025-05-01", "to_date": "2026-11-25", "as_of_date": "2026-11-25", "before_from_date": "2023-10-07", "before_to_date": "2025-04-30",
		"from_at": time.Date(2025, 5, 1, 0, 0, 0, 0, tokyo), "to_at": time.Date(2026, 11, 26, 0, 0, 0, 0, tokyo), "as_of": time.Date(2026, 11, 25, 8, 30, 0, 0, time.UTC),
		"week_anchor": "1970-01-05", "latest": int64(1000), "row_limit": int64(10000), "measure": "incidents", "metric": "incidents",
	}
	for _, name := range []string{"service", "team", "repository", "severity", "incident_type", "field", "field_value", "counted", "incident"} {
		p[name] = ""
	}
	for name, v := range changes {
		p[name] = v
	}
	return p
}

// answer gives the answer to a query of the catalogue.
func (m marts) answer(t *testing.T, name string, changes map[string]any) *web.Table {
	t.Helper()
	q, err := dashboards.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	sql, args, err := q.Bind(dashboards.DuckDB, everything(changes))
	if err != nil {
		t.Fatal(err)
	}
	table, err := m.Query(context.Background(), m.id, sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return table
}

// fits says whether a value is one of a unit, as a surface reads it.
func fits(u dashboards.Unit, v any) bool {
	var ok bool
	switch u {
	case dashboards.Seconds, dashboards.Count:
		// What the metric template makes is a number of the engine, whole or between two of them.
		if _, ok = v.(float64); !ok {
			_, ok = v.(int64)
		}
	case dashboards.Hour, dashboards.Weekday:
		_, ok = v.(int64)
	case dashboards.Share:
		f, isFloat := v.(float64)
		ok = isFloat && f >= 0 && f <= 1
	case dashboards.PerDay, dashboards.ByMetric:
		_, ok = v.(float64)
	case dashboards.Date:
		s, isText := v.(string)
		_, err := time.Parse(time.DateOnly, s)
		ok = isText && err == nil
	case dashboards.Instant:
		_, ok = v.(time.Time)
	case dashboards.Flag:
		_, ok = v.(bool)
	default:
		if _, ok = v.(string); !ok {
			_, ok = v.(int64) // of a report: its year
		}
	}
	return ok || v == nil
}

// filters are ways to ask that every query answers.
var filters = map[string]map[string]any{
	"nothing":       nil,
	"days":          {"period": "day", "from_date": "2026-11-01", "from_at": time.Date(2026, 10, 31, 15, 0, 0, 0, time.UTC)},
	"weeks":         {"period": "week"},
	"quarters":      {"period": "quarter"},
	"years":         {"period": "year", "from_date": "2025-01-01"},
	"service":       {"service": "checkout"},
	"team":          {"team": "payments"},
	"repository":    {"repository": "acme/api"},
	"severity":      {"severity": "Minor"},
	"incident type": {"incident_type": "Security"},
	"field":         {"field": "Found by", "field_value": `O'Brien & co: "us"`},
	"no such":       {"field": "Found by", "field_value": "'; drop table fct_incidents; --"},
}

// Every query answers with the columns that its panel names, in their units, whatever there is and whatever is asked.
func TestEveryPanelAnswersWhateverTheBuildHolds(t *testing.T) {
	t.Parallel()
	c, err := dashboards.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for build, statements := range map[string]string{"nothing": nothing, "one incident": oneIncident, "no deployments": withoutGitHub, "all": ""} {
		m := openBuild(t, makeFixture(t, fixtureSQL+statements))
		for _, p := range c.Panels {
			q, err := dashboards.Load(p.Query)
			if err != nil {
				t.Fatal(err)
			}
			parameters := q.Parameters()
			for asked, changes := range filters {
				takes := slices.ContainsFunc(parameters, func(name string) bool { _, changed := changes[name]; return changed })
				if asked != "nothing" && (build != "all" || !takes) {
					continue
				}
				answer := m.answer(t, p.Query, changes)
				where := fmt.Sprintf("%s of %s, filtered by %s", p.Key, build, asked)
				checkAnswer(t, where, p, answer)
				if n := len(answer.Rows); build == "all" && asked == "nothing" && n == 0 {
					t.Errorf("%s: there are no rows, so that nothing is shown of it", where)
				}
			}
		}
	}
}

func checkAnswer(t *testing.T, where string, p dashboards.Panel, answer *web.Table) {
	t.Helper()
	for _, x := range p.Columns {
		i := slices.Index(answer.Columns, x.Name)
		if i < 0 || len(answer.Columns) != len(p.Columns) {
			t.Errorf("%s: columns %v", where, answer.Columns)
			return
		}
		for _, row := range answer.Rows {
			v := row[i]
			if !fits(x.Unit, v) {
				t.Errorf("%s: %s is %v (%T), which is no %s", where, x.Name, v, v, x.Unit)
				break
			}
			if _, isFloat := v.(float64); isFloat && strings.HasSuffix(x.Name, "_seconds") {
				t.Errorf("%s: %s is %v, and not whole", where, x.Name, v)
				break
			}
			if v == nil && (x.Role == dashboards.X || x.Role == dashboards.Series || x.Role == dashboards.Open) {
				t.Errorf("%s: %s is nothing", where, x.Name)
				break
			}
			if code, isText := v.(string); isText && x.Values != nil && code != "" && x.Values[code] == (dashboards.Text{}) {
				t.Errorf("%s: there is no word for %s %q", where, x.Name, code)
				break
			}
		}
	}
}

// Every filter that a query takes changes what it says of the fixture, which has something to filter in all of them.
func TestEveryFilterFiltersEveryPanelThatTakesIt(t *testing.T) {
	t.Parallel()
	c, err := dashboards.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	m := openBuild(t, makeFixture(t, fixtureSQL))
	for _, p := range c.Panels {
		q, err := dashboards.Load(p.Query)
		if err != nil {
			t.Fatal(err)
		}
		takes := q.Parameters()
		all := fmt.Sprint(m.answer(t, p.Query, nil).Rows)
		for parameter, changes := range map[string]map[string]any{
			"service": filters["service"], "team": filters["team"], "repository": filters["repository"], "severity": filters["severity"],
			"incident_type": filters["incident type"], "field": filters["field"], "period": filters["weeks"],
		} {
			if !slices.Contains(takes, parameter) {
				continue // the statement is the same
			}
			if fmt.Sprint(m.answer(t, p.Query, changes).Rows) == all {
				t.Errorf("%s takes %s and answers the same with it", p.Key, parameter)
			}
		}
	}
}

// table reads numbers by the words of rows.
func numbers(t *testing.T, table *web.Table, value string, by ...string) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	for _, row := range table.Rows {
		var words []string
		for _, b := range by {
			words = append(words, fmt.Sprint(row[slices.Index(table.Columns, b)]))
		}
		switch v := row[slices.Index(table.Columns, value)].(type) {
		case int64:
			out[strings.Join(words, " ")] += float64(v)
		case float64:
			out[strings.Join(words, " ")] += v
		case nil:
		default:
			t.Fatalf("%s is %v", value, v)
		}
	}
	return out
}

// sums reads words and numbers of plain SQL; numbers of the same words are added up.
func (m marts) sums(t *testing.T, name, sql string) map[string]float64 {
	t.Helper()
	rows, err := m.db.Query("select * from (" + sql + ") as x (k, v)")
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer rows.Close()
	out := map[string]float64{}
	for rows.Next() {
		var k string
		var v *float64
		if err := rows.Scan(&k, &v); err != nil {
			t.Fatal(err)
		}
		if v != nil {
			out[k] += *v
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// What panels say that no metric is equals SQL over the marts that shares nothing with their queries.
func TestPanelsEqualSQLOnTheMarts(t *testing.T) {
	m := openBuild(t, makeFixture(t, fixtureSQL))
	const local = "timezone('Asia/Tokyo', %s)"
	month := func(instant string) string {
		return "strftime(date_trunc('month', " + fmt.Sprintf(local, instant) + "), '%Y-%m-%d')"
	}
	of := func(service, alias string) string {
		return fmt.Sprintf("('%[1]s' = '' or %[2]s.incident_id in (select incident_id from fct_incident_services where service = '%[1]s'))", service, alias)
	}
	for _, service := range []string{"", "api"} {
		changes := map[string]any{"service": service}
		deployed := fmt.Sprintf("('%[1]s' = '' or service = '%[1]s')", service)
		for name, c := range map[string]struct {
			query, value string
			by           []string
			sql          string
		}{
			"phases of changes, median": {"lead_phases", "median_seconds", []string{"phase"}, `with once as (select distinct on (change_id) * from fct_changes where is_counted and lead_time_seconds is not null and ` + deployed + ` order by change_id, deployed_at, service)
				select 'coding', floor(quantile_cont(coding_seconds, 0.5)) from once union all select 'review', floor(quantile_cont(review_seconds, 0.5)) from once union all select 'deploy', floor(quantile_cont(deploy_seconds, 0.5)) from once`},
			"phases of changes, 90th percentile": {"lead_phases", "p90_seconds", []string{"phase"}, `with once as (select distinct on (change_id) * from fct_changes where is_counted and lead_time_seconds is not null and ` + deployed + ` order by change_id, deployed_at, service)
				select 'coding', floor(quantile_cont(coding_seconds, 0.9) + 1e-6) from once union all select 'review', floor(quantile_cont(review_seconds, 0.9) + 1e-6) from once union all select 'deploy', floor(quantile_cont(deploy_seconds, 0.9) + 1e-6) from once`},
			"phases of changes by month": {"lead_phase_trend", "median_seconds", []string{"period_start", "phase"}, `with once as (select distinct on (change_id) * from fct_changes where is_counted and lead_time_seconds is not null and ` + deployed + ` order by change_id, deployed_at, service)
				select ` + month("deployed_at") + ` || ' ' || phase, floor(quantile_cont(seconds, 0.5)) from (select deployed_at, unnest(['coding', 'review', 'deploy']) as phase, unnest([coding_seconds, review_seconds, deploy_seconds]) as seconds from once) group by ` + month("deployed_at") + `, phase`},
			"hours of incidents": {"incident_hours", "seconds", []string{"period_start", "team"}, `select ` + month("started_at") + ` || ' ' || coalesce(team, ''), sum(date_diff('second', started_at, coalesce(restored_at, timestamptz '2026-11-25 08:30:00+00')))
				from fct_incidents left join (select distinct incident_id, team from fct_incident_services where ` + deployed + `) using (incident_id)
				where is_counted and ` + of(service, "fct_incidents") + ` and (restored_at is not null or status_category = 'live') group by ` + month("started_at") + `, coalesce(team, '')`},
			"outside hours": {"out_of_hours", "value", []string{"period_start"}, `select ` + month("started_at") + `, avg(case when isodow(` + fmt.Sprintf(local, "started_at") + `) >= 6 or hour(` + fmt.Sprintf(local, "started_at") + `) not between 9 and 17 then 1.0 else 0.0 end)
				from fct_incidents where is_counted and ` + of(service, "fct_incidents") + ` group by 1`},
			"time between": {"cause_lags", "incidents", []string{"delay_class", "confidence"}, `select (select count(*) from (values (900), (3600), (14400), (86400), (604800)) as edges (e) where e <= seconds) + 1 || ' ' || confidence, count(*) from (
				select l.confidence, date_diff('second', d.finished_at, i.started_at) as seconds from fct_incident_deployments as l join fct_incidents as i using (incident_id)
				join (select distinct deployment_id, finished_at from fct_deployments) as d using (deployment_id) where l.role = 'cause' and i.is_counted and ` + of(service, "i") + `) group by 1, seconds, confidence`},
			"repeats": {"repeat_share", "value", []string{"period_start"}, `select ` + month("i.started_at") + `, avg(case when exists (select 1 from fct_incident_services as s join fct_incident_services as o using (service) join fct_incidents as b on o.incident_id = b.incident_id
					where s.incident_id = i.incident_id and o.incident_id <> i.incident_id and b.is_counted and ` + strings.ReplaceAll(deployed, "service", "s.service") + ` and b.started_at <= i.started_at and i.started_at < b.started_at + interval 30 days) then 1.0 else 0.0 end)
				from fct_incidents as i where i.is_counted and i.incident_id in (select incident_id from fct_incident_services) and ` + of(service, "i") + ` group by 1`},
			"post-mortems":   {"postmortems", "with_postmortem", []string{"severity"}, `select coalesce(severity, ''), count(p.incident_id) from fct_incidents as i left join fct_postmortems as p using (incident_id) where i.is_counted and i.restored_at is not null and ` + of(service, "i") + ` group by 1`},
			"severity drift": {"severity_drift", "incidents", []string{"declared_severity", "severity"}, `select coalesce(declared_severity, '') || ' ' || coalesce(severity, ''), count(*) from fct_incidents as i where is_counted and ` + of(service, "i") + ` group by 1`},
			"follow-ups":     {"follow_ups_by_team", "completion_rate", []string{"team"}, `select team, avg(case when status = 'completed' then 1.0 else 0.0 end) from fct_follow_ups as f where ` + of(service, "f") + ` group by 1`},
			"done in time":   {"follow_up_completion", "value", []string{"period_start"}, `select ` + month("created_at") + `, avg(case when completed_at <= created_at + interval 30 days then 1.0 else 0.0 end) from fct_follow_ups as f where created_at <= timestamptz '2026-11-25 08:30:00+00' - interval 30 days and ` + of(service, "f") + ` group by 1`},
			"how causes are known": {"link_methods", "incidents", []string{"period_start", "method"}, `select ` + month("started_at") + ` || ' ' || coalesce(method, 'unlinked'), count(*) from fct_incidents as i left join (select incident_id, method from fct_incident_deployments where role = 'cause') using (incident_id)
				where i.is_counted and ` + of(service, "i") + ` group by ` + month("started_at") + `, coalesce(method, 'unlinked')`},
			"how long until": {"detection", "median_seconds", []string{"phase"}, `select 'detect', floor(quantile_cont(date_diff('second', impact_started_at, reported_at), 0.5)) from fct_incidents as i where is_counted and ` + of(service, "i") + `
				union all select 'acknowledge', floor(quantile_cont(date_diff('second', reported_at, acknowledged_at), 0.5)) from fct_incidents as i where is_counted and acknowledged_at >= reported_at and ` + of(service, "i") + `
				union all select 'restore', floor(quantile_cont(date_diff('second', acknowledged_at, restored_at), 0.5)) from fct_incidents as i where is_counted and restored_at >= acknowledged_at and ` + of(service, "i")},
			"stays": {"phases", "median_seconds", []string{"status_category"}, `select s.status_category, floor(quantile_cont(seconds, 0.5)) from fct_incident_status_intervals as s join fct_incidents as i using (incident_id)
				where i.is_counted and s.seconds is not null and s.status_category in ('triage', 'live') and ` + of(service, "s") + ` group by 1`},
		} {
			// Zeros are rows of the panel where SQL has none.
			got := numbers(t, m.answer(t, c.query, changes), c.value, c.by...)
			want := m.sums(t, name, c.sql)
			if len(want) == 0 {
				t.Errorf("%s: SQL finds nothing", name)
			}
			for k := range got {
				if _, there := want[k]; !there {
					want[k] = 0
				}
			}
			for k, v := range want {
				if math.Abs(got[k]-v) > 1e-9 {
					t.Errorf("%s of %q: %s is %v, SQL says %v", name, service, k, got[k], v)
				}
			}
		}
	}
}

// The parts of the change failure rate add up to it, and those that evidence carries to the rate by evidence, under every filter.
func TestHowFailuresAreKnownAddsUpToTheChangeFailureRate(t *testing.T) {
	m := openBuild(t, makeFixture(t, fixtureSQL))
	for _, filter := range []string{"nothing", "weeks", "service", "team", "repository"} {
		parts := m.answer(t, "failure_causes", filters[filter])
		whole := numbers(t, parts, "value", "period_start")
		rates := numbers(t, m.answer(t, "key_trend", filters[filter]), "value", "metric", "period_start")
		if len(whole) < 12 {
			t.Errorf("%s: only %d periods", filter, len(whole))
		}
		guessed := numbers(t, parts, "value", "known_by", "period_start")
		kinds := map[string]bool{}
		for period, sum := range whole {
			if want := rates["change_failure_rate "+period]; math.Abs(sum-want) > 1e-9 {
				t.Errorf("%s, %s: the parts are %v and the change failure rate %v", filter, period, sum, want)
			}
			if want, got := rates["change_failure_rate_evidence "+period], sum-guessed["proximity "+period]; math.Abs(got-want) > 1e-9 {
				t.Errorf("%s, %s: without what time suggests the parts are %v, the rate by evidence is %v", filter, period, got, want)
			}
			for _, k := range []string{"linked", "rollback", "proximity"} {
				kinds[k] = kinds[k] || guessed[k+" "+period] > 0
			}
		}
		if len(kinds) != 3 || !kinds["linked"] || !kinds["rollback"] || !kinds["proximity"] {
			t.Errorf("%s: %v", filter, kinds)
		}
	}
}

// The interval of a share is Wilson's, as that of a rate is.
func TestSharesHaveTheIntervalOfRates(t *testing.T) {
	m := openBuild(t, makeFixture(t, fixtureSQL))
	for _, query := range []string{"repeat_share", "out_of_hours", "follow_up_completion", "postmortems"} {
		answer := m.answer(t, query, nil)
		of := func(row []any, column string) float64 {
			switch v := row[slices.Index(answer.Columns, column)].(type) {
			case int64:
				return float64(v)
			case float64:
				return v
			}
			t.Fatalf("%s: no number in %s", query, column)
			return 0
		}
		for _, row := range answer.Rows {
			const z = 1.959964
			p, n := of(row, "value"), of(row, "sample_size")
			middle, half := (p+z*z/(2*n))/(1+z*z/n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))/(1+z*z/n)
			if math.Abs(of(row, "low")-max(0, middle-half)) > 1e-9 || math.Abs(of(row, "high")-min(1, middle+half)) > 1e-9 {
				t.Errorf("%s: %v of %v has %v to %v", query, p, n, of(row, "low"), of(row, "high"))
			}
		}
	}
}

// Whoever reads a row of follow-ups finds all of them again: those in time, overdue, done and given up.
func TestTheFollowUpsOfATeamAddUp(t *testing.T) {
	m := openBuild(t, makeFixture(t, fixtureSQL+`
update fct_follow_ups set is_open = false, is_overdue = false, status = 'not_doing', completed_at = null, completion_seconds = null
    where follow_up_id in (select follow_up_id from fct_follow_ups where is_open order by follow_up_id limit 7);
update fct_follow_ups set completion_seconds = null where follow_up_id in (select follow_up_id from fct_follow_ups where completed_at is not null order by follow_up_id limit 3);`))
	for name, changes := range filters {
		answer := m.answer(t, "follow_ups_by_team", changes)
		seen := map[string]float64{}
		for _, r := range answer.Rows {
			of := func(column string) float64 {
				n := asNumber(r[slices.Index(answer.Columns, column)])
				seen[column] += n
				return n
			}
			all, open := of("follow_ups"), of("open_count")
			if sum := open + of("completed_count") + of("given_up_count"); sum != all {
				t.Errorf("%s: %v of %v: %v", name, sum, all, r)
			}
			if of("in_time_count")+of("overdue_count") != open {
				t.Errorf("%s: what is open does not add up: %v", name, r)
			}
		}
		if name != "nothing" {
			continue
		}
		want := m.sums(t, name, "select 'given up', count(*) filter (where status = 'not_doing') from fct_follow_ups where not is_drill union all select 'done', count(*) filter (where status = 'completed') from fct_follow_ups where not is_drill")
		if seen["given_up_count"] != want["given up"] || seen["completed_count"] != want["done"] || want["given up"] < 7 {
			t.Errorf("%v, SQL says %v", seen, want)
		}
	}
}
