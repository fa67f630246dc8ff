package truth_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"fourfold/dbt"
	"fourfold/internal/reference"
	"fourfold/internal/truth/random"
)

// seedEnv runs the tests of random organisations on one of them: FOURFOLD_TRUTH_SEED=7 go test ./internal/truth/
const seedEnv = "FOURFOLD_TRUTH_SEED"

// seeds are the organisations of a run: few in every test run, several hundred with FOURFOLD_SOAK=1, one where it is named.
func seeds(t *testing.T, few, many int) []uint64 {
	t.Helper()
	if text := os.Getenv(seedEnv); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", seedEnv, err)
		}
		return []uint64{seed}
	}
	n := few
	if os.Getenv("FOURFOLD_SOAK") != "" {
		n = many
	}
	out := make([]uint64, n)
	for i := range out {
		out[i] = uint64(i)
	}
	return out
}

// eachSeed runs a test on random organisations, and says of one that fails how to run it alone.
func eachSeed(t *testing.T, few, many int, test func(t *testing.T, seed uint64)) {
	t.Helper()
	name := t.Name()
	for _, seed := range seeds(t, few, many) {
		compiled(t, random.Zone(seed)) // one after the other, before the seeds run beside each other
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("this one alone: %s=%d go test ./internal/truth -run '^%s$'", seedEnv, seed, name)
				}
			})
			test(t, seed)
		})
	}
}

const shown = "period, period_start, dimension, dimension_value, metric, value, sample_size, low, high"

// What is true of every number, whatever the organisation.
var invariants = map[string]string{
	"a rate is between none and all": `
select ` + shown + ` from four_keys inner join dim_metrics using (metric) where kind = 'rate' and not (value between 0 and 1 and low between 0 and value and high between value and 1)`,
	"a rate or a median of nothing is empty, and only that": `
select ` + shown + ` from four_keys inner join dim_metrics using (metric) where kind <> 'count' and (value is null) <> (sample_size = 0)`,
	"a count is never empty": `
select ` + shown + ` from four_keys inner join dim_metrics using (metric) where kind = 'count' and value is null`,
	"no duration is negative": `
select ` + shown + ` from four_keys inner join dim_metrics using (metric) where kind = 'duration' and value < 0`,
	"a limit is on its side of the value": `
select ` + shown + ` from four_keys where low > value or high < value`,
	"a measure is in one service once": `
select metric, object_type, object_id, service, count(*) from fct_measures group by all having count(*) > 1`,
	"what is not counted is in no measure": `
select m.* from fct_measures as m inner join fct_incidents as i on m.object_type = 'incident' and m.object_id = i.incident_id where not i.is_counted
union all select m.* from fct_measures as m inner join fct_deployments as d on m.object_type = 'deployment' and m.object_id = d.deployment_id and m.service = d.service
where not d.is_counted`,
	"a year counts what its months count": `
with years as (select metric, dimension, dimension_value, year(period_start) as y, value from four_keys where period = 'year' and metric in ('deployments', 'incidents')),
months as (
    select metric, dimension, dimension_value, year(period_start) as y, sum(value) as value from four_keys where period = 'month' and metric in ('deployments', 'incidents')
    group by all
)
select * from years full join months using (metric, dimension, dimension_value, y) where years.value is distinct from months.value`,
	"weeks and days count the same": `
with counts as (
    select metric, dimension, dimension_value, period, sum(value) as value from four_keys
    where period in ('day', 'week') and dimension in ('all', 'service') and metric in ('deployments', 'incidents') group by all
)
select * from counts as a inner join counts as b using (metric, dimension, dimension_value) where a.value <> b.value`,
	"a deployment counts once in total": `
with total as (select coalesce(sum(value), 0) as value from four_keys where metric = 'deployments' and period = 'year' and dimension = 'all'),
each as (
    select count(distinct deployment_id) as n from fct_deployments, publication
    where is_counted and cast(timezone(timezone, finished_at) as date) <= as_of_date
)
select * from total, each where value <> n`,
	"what came before a deployment that is counted first has no lead time": `
select c.* from fct_changes as c inner join fct_deployments as d using (deployment_id, service) where d.kind = 'baseline' and c.lead_time_seconds is not null`,
	"a cause had finished when the incident began, but where a person said otherwise": `
select l.*, i.started_at, d.finished_at from fct_incident_deployments as l inner join fct_incidents as i using (incident_id)
inner join fct_deployments as d using (deployment_id) where l.role = 'cause' and l.method in ('proximity', 'pull_request', 'commit', 'revert') and d.finished_at > i.started_at`,
	"a fix finished after the incident began": `
select l.*, i.started_at, d.finished_at from fct_incident_deployments as l inner join fct_incidents as i using (incident_id)
inner join fct_deployments as d using (deployment_id) where l.role = 'fix' and d.finished_at <= i.started_at`,
	"a failed deployment is counted": `
select * from fct_deployments where is_change_failure and not is_counted`,
}

// traps are what has to be somewhere in the organisations, so that equal numbers mean something: queries, and what they must
// have found in the end.
var traps = []struct {
	of, query string
	want      []string
}{
	{"kinds of deployments", `select kind from fct_deployments where is_counted`, []string{"baseline", "forward", "redeploy", "rollback"}},
	{"diverged ones", `select is_diverged from fct_deployments where is_counted and kind = 'forward'`, []string{"true", "false"}},
	{"rollbacks without a culprit", `select culprit_deployment_id is null from fct_deployments where kind = 'rollback' and is_counted`, []string{"true", "false"}},
	{"sources", `select source from fct_deployments where is_counted`, []string{"deployments", "files", "pull_requests", "releases", "tags", "workflow_runs"}},
	{"several reports of one deployment", `select json_array_length(aliases) > 1 from fct_deployments where is_counted`, []string{"true", "false"}},
	{"deployments left out", `select split_part(exclusion_reason, ' ', 1) from fct_deployments`, []string{"D1", "D4", "D5", ""}},
	{"failures with a recovery", `select is_change_failure || ' ' || (recovery_seconds is null) from fct_deployments where is_counted`, []string{"false true", "true false", "true true"}},
	{"rework", `select split_part(rework_reason, ' ', 2) from fct_deployments where is_rework`, []string{"fix", "hotfix", "rollback"}},
	{"links", `select role || ' ' || method from fct_incident_deployments`, []string{
		"cause commit", "cause field", "cause manual", "cause proximity", "cause pull_request", "cause revert", "fix commit", "fix pull_request",
	}},
	{"incidents left out", `select split_part(exclusion_reason, ' ', 1) from fct_incidents`, []string{"I1", "I2", "I7", ""}},
	{"starts", `select restore_start_basis from fct_incidents where is_counted`, []string{"Declared at", "Impact started", "Reported at", "created_at", "検知時刻"}},
	{"ends", `select restore_end_basis from fct_incidents where is_counted`, []string{"Closed at", "Resolved at", "left_live", "left_live after reopening", ""}},
	{"reopened and open incidents", `select (reopened_count > 0) || ' ' || (restored_at is null) from fct_incidents where is_counted`, []string{
		"false false", "false true", "true false", "true true",
	}},
	{"private incidents", `select visibility from fct_incidents where is_counted`, []string{"private", "public"}},
	{"numbers of services", `select count(service) from fct_incidents left join fct_incident_services using (incident_id) where is_counted group by incident_id`, []string{"0", "1", "2"}},
	{"changes", `select kind || ' ' || is_counted from fct_changes`, []string{"commit false", "commit true", "pull_request false", "pull_request true"}},
	{"findings", `select rule from data_quality`, []string{
		"commit_after_deploy", "commit_after_merge", "deployed_before_merge", "duration_negative", "finished_before_created", "manual_link_unknown_deployment",
		"manual_link_unknown_incident", "missing_end", "no_service", "no_severity", "rejected", "renamed_timestamp", "resolved_before_start", "unknown_commit",
	}},
	{"fields", `select distinct dimension from four_keys`, []string{"field:Affected services", "field:Product", "field:原因", "incident_type", "severity", "team"}},
}

// found is what the seeds of a run have of the traps.
type found struct {
	sync.Mutex
	values map[string]map[string]bool
}

func (f *found) look(m *marts) {
	for _, trap := range traps {
		rows := m.query(trap.query)
		f.Lock()
		if f.values[trap.of] == nil {
			f.values[trap.of] = map[string]bool{}
		}
		for _, row := range rows[1:] {
			f.values[trap.of][row[0]] = true
		}
		f.Unlock()
	}
}

func (f *found) check(t *testing.T) {
	if os.Getenv(seedEnv) != "" {
		return
	}
	for _, trap := range traps {
		for _, want := range trap.want {
			if !f.values[trap.of][want] {
				t.Errorf("%s: no organisation has %q", trap.of, want)
			}
		}
	}
}

// The marts of any organisation hold what definitions.md says, as other code reckons it, and hold together.
func TestMartsEqualTheReference(t *testing.T) {
	all := found{values: map[string]map[string]bool{}}
	t.Cleanup(func() { all.check(t) })
	eachSeed(t, 25, 400, func(t *testing.T, seed uint64) {
		w := random.World(seed)
		m := build(t, w)
		all.look(m)
		for promise, q := range invariants {
			if rows := m.query(q); len(rows) > 1 {
				t.Errorf("%s: not of\n%s", promise, table(rows))
			}
		}
		checkMonth(t, m)
		want, err := reference.Compute(w)
		if err != nil {
			t.Fatal(err)
		}
		for _, difference := range reference.Diff(want, m.values) {
			t.Error(difference)
		}
	})
}

// checkMonth holds the metric template, asked for one month in the middle of the history alone and as fast as the slots allow,
// against the month in four_keys: objects that count in an earlier month by another service count in neither.
func checkMonth(t *testing.T, m *marts) {
	t.Helper()
	month := m.value(`select quantile_disc(period_start, 0.5) from four_keys where period = 'month' and dimension = 'all'`)
	for dimension, of := range map[string]string{
		"all": "'all'", "service": "m.service", "team": "m.team", "repository": "m.repository", "severity": "m.severity", "incident_type": "m.incident_type",
	} {
		template := strings.NewReplacer(
			"/*<objects_only>*/ false", strconv.FormatBool(dimension != "service" && dimension != "team"),
			"/*<labels_only>*/ false", "true",
			"/*<dimension>*/ 'all'", "'"+dimension+"'",
			"/*<dimension_value>*/ 'all'", of,
			"/*<from_date>*/ date '0001-01-01'", "date '"+month+"'",
			"/*<to_date>*/ p.as_of_date", "least(last_day(date '"+month+"'), p.as_of_date)",
		).Replace(dbt.MetricDuckDB)
		columns := "metric, dimension_value, value, sample_size, low, high, level"
		alone := "select " + columns + " from (" + template + ")"
		grid := fmt.Sprintf("select %s from four_keys where period = 'month' and dimension = '%s' and period_start = date '%s'", columns, dimension, month)
		if rows := m.query(fmt.Sprintf("(%[1]s except %[2]s) union all (%[2]s except %[1]s)", alone, grid)); len(rows) > 1 {
			t.Errorf("the month of %s alone, by %s, is not that of four_keys:\n%s", month, dimension, table(rows))
		}
	}
}
