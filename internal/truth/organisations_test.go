package truth_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"

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

// The marts of any organisation hold what definitions.md says, as other code reckons it, and hold together.
func TestMartsEqualTheReference(t *testing.T) {
	eachSeed(t, 25, 400, func(t *testing.T, seed uint64) {
		w := random.World(seed)
		m := build(t, w)
		for promise, q := range invariants {
			if rows := m.query(q); len(rows) > 1 {
				t.Errorf("%s: not of\n%s", promise, table(rows))
			}
		}
		want, err := reference.Compute(w)
		if err != nil {
			t.Fatal(err)
		}
		for _, difference := range reference.Diff(want, m.values) {
			t.Error(difference)
		}
	})
}
