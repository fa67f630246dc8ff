package browsertest

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// failedTogether adds a deployment of two services that caused two incidents, one of which does not count, and a group of which a
// member that is not the counted one caused another.
const failedTogether = `
create temporary table model as select * from fct_deployments where is_counted and repository = 'acme/api' order by finished_at, service limit 1;
create temporary table added as
    select * replace ('deployments:1' as deployment_id, 'api' as service, 'core' as team, true as is_change_failure, 'F1 caused X' as failure_reason, timestamptz '2026-11-20 00:00:00Z' as finished_at) from model
    union all
    select * replace ('deployments:1' as deployment_id, 'worker' as service, 'batch' as team, true as is_change_failure, 'F1 caused X' as failure_reason, timestamptz '2026-11-20 00:00:00Z' as finished_at) from model
    union all
    select * replace ('deployments:2' as deployment_id, 'g' as group_id, false as is_counted, 'group' as exclusion_reason, false as is_change_failure, null as failure_reason, timestamptz '2026-11-19 00:00:00Z' as finished_at) from model
    union all
    select * replace ('deployments:3' as deployment_id, 'g' as group_id, true as is_change_failure, 'F1 caused Y' as failure_reason, timestamptz '2026-11-19 00:01:00Z' as finished_at) from model;
insert into fct_deployments select * from added;
insert into fct_measures
    select 'change_failure_rate', 'deployment', deployment_id, finished_at, cast(timezone('Asia/Tokyo', finished_at) as date), service, team, repository, null, null, null, is_change_failure::bigint, 1, 'F3', false,
        row_number() over (partition by deployment_id order by finished_at, service) = 1, true, build_id
    from added where is_counted;
insert into fct_incidents
    select * exclude (n) replace ('z' || n as incident_id, 'Z-' || n as reference, 'https://example.com/' || n as permalink, timestamptz '2026-11-20 00:00:00Z' - to_hours(n) as started_at, n <> 4 as is_counted)
    from (select * from fct_incidents where is_counted order by incident_id limit 1) cross join generate_series(1, 4) as g (n);
insert into fct_incident_deployments
    select 'z' || n, d, role, method, confidence, 'e', 'え', null, null, 'b-20261125-0830'
    from (values (1, 'deployments:1', 'cause', 'proximity', 'low'), (2, 'deployments:1', 'cause', 'pull_request', 'high'), (4, 'deployments:1', 'cause', 'field', 'high'),
        (3, 'deployments:2', 'cause', 'revert', 'medium'), (1, 'deployments:3', 'fix', 'pull_request', 'high')) as x (n, d, role, method, confidence);
drop table added; drop table model;`

// A deployment that failed is a row, however many its services and incidents are, and there are as many rows as the rate counts.
func TestEachFailedDeploymentIsARow(t *testing.T) {
	m := openBuild(t, makeFixture(t, fixtureSQL+failedTogether))
	for name, changes := range filters {
		if name == "days" || name == "years" {
			continue // the range of the metric is another
		}
		failures := m.answer(t, "failures", changes)
		rate := m.answer(t, "keys", changes)
		want := 0.0
		for _, r := range rate.Rows {
			if r[slices.Index(rate.Columns, "metric")] == "change_failure_rate" && r[slices.Index(rate.Columns, "span")] == "now" {
				want = math.Round(r[slices.Index(rate.Columns, "value")].(float64) * asNumber(r[slices.Index(rate.Columns, "sample_size")]))
			}
		}
		if got := float64(len(failures.Rows)); got != want || want == 0 {
			t.Errorf("%s: %v rows, the rate counts %v failures", name, got, want)
		}
		at, id := slices.Index(failures.Columns, "finished_at"), slices.Index(failures.Columns, "deployment_id")
		seen := map[any]bool{}
		for i, r := range failures.Rows {
			if seen[r[id]] {
				t.Errorf("%s: %v is there twice", name, r[id])
			}
			seen[r[id]] = true
			if i > 0 && fmt.Sprint(r[at]) > fmt.Sprint(failures.Rows[i-1][at]) {
				t.Errorf("%s: %v is below an older one", name, r[id])
			}
		}
	}
}

func asNumber(v any) float64 {
	if n, ok := v.(int64); ok {
		return float64(n)
	}
	f, _ := v.(float64)
	return f
}

// Its services, teams and incidents are all named, those of the other members of its group, too, and each incident has a link.
func TestAFailedDeploymentNamesAllThatItCaused(t *testing.T) {
	m := openBuild(t, makeFixture(t, fixtureSQL+failedTogether))
	address, log := serveDashboard(t, m, "en")
	var rows []map[string]any
	if err := json.Unmarshal([]byte(get(t, address+"/api/panels/failures.json?service=api", 200)), &rows); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range rows {
		if id := r["deployment_id"].(string); len(id) == len("deployments:1") {
			got[id] = fmt.Sprint(r["services"], "|", r["teams"], "|", r["incident_references"], "|", r["incident_ids"], "|", r["incident_permalinks"], "|", r["confidence"])
		}
	}
	if diff := cmp.Diff(map[string]string{
		"deployments:1": "api, worker|batch, core|Z-2, Z-1|z2, z1|https://example.com/2, https://example.com/1|high",
		"deployments:3": "api|platform|Z-3|z3|https://example.com/3|medium",
	}, got); diff != "" {
		t.Error(diff)
	}
	page := get(t, address+"/panels/failures", 200)
	want := `<a href="../incidents/z2"><bdi>Z-2</bdi></a>, <a href="../incidents/z1"><bdi>Z-1</bdi></a>`
	if !strings.Contains(page, want) {
		t.Errorf("the page does not lead to each incident: no %s", want)
	}
	if log.Len() > 0 {
		t.Error(log)
	}
}
