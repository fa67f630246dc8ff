package truth_test

import (
	"fmt"
	"strings"
	"testing"

	"fourfold/dbt"
)

// What other tools get wrong, each held to what is right on an organisation made by hand.

func TestChangeFailureRateIsNeverAbove100Percent(t *testing.T) {
	h := newHand(t, "")
	h.commit("a", "2026-05-01T00:00:00Z")
	h.deploy(1, "a", "2026-05-04T10:00:00Z")
	for n := range 3 {
		h.incident(fmt.Sprint("I", n), "2026-05-04T10:30:00Z", "2026-05-04T10:30:00Z", "2026-05-04T12:00:00Z", nil)
	}
	m := h.build()
	m.want("three incidents of one deployment", m.key("change_failure_rate", "month", "2026-05-01"), "1")
	m.want("failed deployments", m.value("select count(*) from fct_deployments where is_change_failure"), "1")
	m.want("incidents", m.key("incidents", "month", "2026-05-01"), "3")
}

func TestTwoPanelsShowOneRate(t *testing.T) {
	h := newHand(t, "")
	h.commit("a", "2026-05-01T00:00:00Z")
	for n := range 3 {
		h.deploy(n+1, "a", fmt.Sprintf("2026-05-%02dT10:00:00Z", 4+n))
	}
	h.incident("I1", "2026-05-05T10:30:00Z", "2026-05-05T10:30:00Z", "2026-05-05T12:00:00Z", nil)
	m := h.build()
	rate := m.key("change_failure_rate", "month", "2026-05-01")
	m.want("of the deployments themselves", m.value("select count(*) filter (where is_change_failure) / count(*) from fct_deployments where is_counted"), rate)
	m.want("by the template that every panel uses",
		m.value("select value from ("+dbt.MetricDuckDB+") where metric = 'change_failure_rate' and period_start = '2026-05-01'"), rate)
	whole := strings.ReplaceAll(dbt.MetricDuckDB, "/*<period>*/ 'month'", "/*<period>*/ 'whole'")
	m.want("over the whole time", m.value("select value from ("+whole+") where metric = 'change_failure_rate'"), rate)
	m.want("of the service", m.value("select value from four_keys where metric = 'change_failure_rate' and period = 'year' and dimension_value = 'api'"), rate)
}

func TestTheFirstDeploymentSwallowsNoOldPullRequests(t *testing.T) {
	h := newHand(t, "")
	h.commit("a", "2025-11-01T00:00:00Z")
	h.commit("b", "2025-12-01T00:00:00Z", "a")
	h.pull(1, "gone", "b", "2025-11-20T00:00:00Z", "2025-12-01T00:00:00Z")
	h.commit("c", "2026-05-05T10:00:00Z", "b")
	h.pull(2, "away", "c", "2026-05-05T08:00:00Z", "2026-05-05T10:00:00Z")
	h.deploy(1, "b", "2026-05-04T10:00:00Z")
	h.deploy(2, "c", "2026-05-05T12:00:00Z")
	m := h.build()
	m.want("pull requests with a lead time", m.value("select string_agg(change_id) from fct_changes where lead_time_seconds is not null"), "acme/api#2")
	m.want("median", m.key("lead_time_median_seconds", "month", "2026-05-01"), "14400")
	m.want("kind", m.value("select kind || ' ' || commits_shipped from fct_deployments where deployment_id = 'deployments:1'"), "baseline 0")
}

func TestInactiveIsNotTheFinish(t *testing.T) {
	h := newHand(t, "")
	h.commit("a", "2026-05-01T00:00:00Z")
	h.deploy(1, "a", "2026-05-04T10:00:00Z", object{"id": "t", "state": "INACTIVE", "createdAt": "2026-06-20T10:00:00Z"})
	m := h.build()
	m.want("finish", m.value("select finished_at from fct_deployments"), "2026-05-04T10:00:00Z")
	m.want("status", m.value("select status from fct_deployments"), "success")
	m.want("in May", m.key("deployments", "month", "2026-05-01"), "1")
	m.want("in June", m.key("deployments", "month", "2026-06-01"), "0")
}

func TestSquashMergesHaveALeadTime(t *testing.T) {
	h := newHand(t, "")
	h.commit("a", "2026-05-01T00:00:00Z")
	h.commit("own1", "2026-05-05T08:00:00Z", "a")
	h.commit("own2", "2026-05-05T09:00:00Z", "own1")
	h.commit("squashed", "2026-05-06T09:00:00Z", "a")
	h.pull(1, "own2", "squashed", "2026-05-05T10:00:00Z", "2026-05-06T09:00:00Z")
	h.deploy(1, "a", "2026-05-04T10:00:00Z")
	h.deploy(2, "squashed", "2026-05-06T10:00:00Z")
	m := h.build()
	m.want("from the branch's first commit", m.value("select lead_time_seconds from fct_changes where change_id = 'acme/api#1'"), fmt.Sprint(26*3600))
	m.want("deployments", m.value("select changes_shipped from fct_deployments where deployment_id = 'deployments:2'"), "1")
}

func TestLinksDoNotChangeWithThePeriodThatIsLookedAt(t *testing.T) {
	h := newHand(t, "")
	h.commit("a", "2026-04-01T00:00:00Z")
	h.deploy(1, "a", "2026-04-30T20:00:00Z")
	h.incident("I1", "2026-05-01T06:00:00Z", "2026-05-01T06:00:00Z", "2026-05-02T06:00:00Z", nil)
	m := h.build()
	m.want("the month of the deployment", m.key("change_failure_rate", "month", "2026-04-01"), "1")
	m.want("the month of the incident", m.key("change_failure_rate", "month", "2026-05-01"), "")
	m.want("recovery, in the month of the deployment", m.key("failed_deployment_recovery_median_seconds", "month", "2026-04-01"), fmt.Sprint(34*3600))
	only := strings.ReplaceAll(dbt.MetricDuckDB, "/*<from_date>*/ date '0001-01-01'", "/*<from_date>*/ date '2026-04-30'")
	m.want("a window that ends before the incident",
		m.value("select value from ("+strings.ReplaceAll(only, "/*<to_date>*/ p.as_of_date", "/*<to_date>*/ date '2026-04-30'")+") where metric = 'change_failure_rate'"), "1")
}

func TestAnIncidentIsNotBlamedOnADeploymentOfLongAgo(t *testing.T) {
	h := newHand(t, "")
	h.commit("a", "2026-04-01T00:00:00Z")
	h.deploy(1, "a", "2026-05-04T10:00:00Z")
	h.incident("I1", "2026-05-05T10:00:00Z", "2026-05-05T10:00:01Z", "2026-05-05T12:00:00Z", nil)
	m := h.build()
	m.want("a day and a second", m.value("select count(*) from fct_incident_deployments"), "0")
	m.want("the failure rate", m.key("change_failure_rate", "month", "2026-05-01"), "0")
	m.want("it still counts", m.key("incidents", "month", "2026-05-01"), "1")
	m.want("and its restore time", m.key("time_to_restore_median_seconds", "month", "2026-05-01"), "7199")
}

func TestAWiderPeriodIsNoAverageOfAverages(t *testing.T) {
	h := newHand(t, "")
	h.commit("a", "2026-04-01T00:00:00Z")
	h.deploy(1, "a", "2026-04-04T10:00:00Z") // April: one of one failed; May: none of three
	for n := range 3 {
		h.deploy(2+n, "a", fmt.Sprintf("2026-05-%02dT10:00:00Z", 10+n))
	}
	h.incident("I1", "2026-04-04T11:00:00Z", "2026-04-04T11:00:00Z", "2026-04-04T15:00:00Z", nil)
	for n, hours := range []int{1, 2, 6} {
		h.incident(fmt.Sprint("M", n), "2026-06-20T00:00:00Z", "2026-06-20T00:00:00Z", fmt.Sprintf("2026-06-20T%02d:00:00Z", hours), nil)
	}
	m := h.build()
	m.want("April", m.key("change_failure_rate", "month", "2026-04-01"), "1")
	m.want("the quarter", m.key("change_failure_rate", "quarter", "2026-04-01"), "0.25")
	m.want("median of the quarter", m.key("time_to_restore_median_seconds", "quarter", "2026-04-01"), fmt.Sprint(3*3600))
}

func TestAMedianOfTwoIsTheirMiddle(t *testing.T) {
	h := newHand(t, "")
	h.incident("I1", "2026-05-04T10:00:00Z", "2026-05-04T10:00:00Z", "2026-05-04T11:00:00Z", nil)
	h.incident("I2", "2026-05-05T10:00:00Z", "2026-05-05T10:00:00Z", "2026-05-05T10:00:03Z", nil)
	m := h.build()
	m.want("median", m.key("time_to_restore_median_seconds", "month", "2026-05-01"), "1801.5")
	m.want("p90", m.key("time_to_restore_p90_seconds", "month", "2026-05-01"), "3240.3")
}

func TestAMonthWithoutDataIsEmptyNotZero(t *testing.T) {
	h := newHand(t, "")
	h.commit("a", "2026-03-01T00:00:00Z")
	h.deploy(1, "a", "2026-03-04T10:00:00Z")
	h.incident("I1", "2026-03-04T11:00:00Z", "2026-03-04T11:00:00Z", "2026-03-04T15:00:00Z", nil)
	h.deploy(2, "a", "2026-05-04T10:00:00Z")
	m := h.build()
	for metric, want := range map[string]string{
		"deployments": "0", "deployments_per_day": "0", "incidents": "0", "change_failure_rate": "", "rework_rate": "", "lead_time_median_seconds": "",
		"failed_deployment_recovery_median_seconds": "", "time_to_restore_median_seconds": "", "time_to_restore_p90_seconds": "", "time_to_restore_mean_seconds": "",
	} {
		m.want(metric, m.key(metric, "month", "2026-04-01"), want)
	}
}

func TestWeeksBeginAtMidnightInTokyo(t *testing.T) {
	h := newHand(t, "timezone: Asia/Tokyo")
	h.commit("a", "2026-03-01T00:00:00Z")
	h.deploy(1, "a", "2026-05-10T14:59:59Z") // Sunday
	h.deploy(2, "a", "2026-05-10T15:00:00Z") // Monday
	h.deploy(3, "a", "2026-05-17T14:59:59Z")
	m := h.build()
	m.want("the week of May 4th", m.key("deployments", "week", "2026-05-04"), "1")
	m.want("the week of May 11th", m.key("deployments", "week", "2026-05-11"), "2")
	m.want("Monday", m.key("deployments", "day", "2026-05-11"), "1")
}

func TestDeletedIncidentsGo(t *testing.T) {
	h := newHand(t, "")
	h.incident("I1", "2026-05-04T10:00:00Z", "2026-05-04T10:00:00Z", "2026-05-04T11:00:00Z", nil)
	h.incident("I2", "2026-05-05T10:00:00Z", "2026-05-05T10:00:00Z", "2026-05-05T10:00:03Z", nil)
	h.gone("incidentio_incidents", "I1")
	m := h.build()
	m.want("incidents", m.key("incidents", "month", "2026-05-01"), "1")
	m.want("median", m.key("time_to_restore_median_seconds", "month", "2026-05-01"), "3")
	m.want("rows", m.value("select string_agg(incident_id) from fct_incidents"), "I2")
}

func TestAReopenedIncidentEndsWhenItEndsAgain(t *testing.T) {
	h := newHand(t, "")
	for _, id := range []string{"I1", "I2"} {
		h.incident(id, "2026-05-04T10:00:00Z", "2026-05-04T10:00:00Z", "2026-05-04T11:00:00Z", nil) // "Fixed at" keeps the first time
		h.update(id, "live", "2026-05-04T10:00:00Z")
		h.update(id, "closed", "2026-05-04T11:00:00Z")
		h.update(id, "live", "2026-05-05T10:00:00Z")
	}
	h.update("I1", "closed", "2026-05-05T13:00:00Z")
	m := h.build()
	m.want("the end", m.value("select restored_at from fct_incidents where incident_id = 'I1'"), "2026-05-05T13:00:00Z")
	m.want("reopened and still open", m.value("select restored_at from fct_incidents where incident_id = 'I2'"), "")
	m.want("median", m.key("time_to_restore_median_seconds", "month", "2026-05-01"), fmt.Sprint(27*3600))
}

func TestARenamedTimestampIsStillFound(t *testing.T) {
	h := newHand(t, "metrics: {restore: {end: [Mitigated at]}}")
	h.w.Records["incidentio_incident_timestamps"] = nil
	h.put("incidentio_incident_timestamps", object{"id": "fixed", "name": "Mitigated at", "rank": 1})
	h.incident("I1", "2026-05-04T10:00:00Z", "", "2026-05-04T11:00:00Z", nil)
	h.seen = h.seen.Add(10 * 60e9)
	h.put("incidentio_incident_timestamps", object{"id": "fixed", "name": "Fixed at", "rank": 1})
	h.incident("I2", "2026-05-05T10:00:00Z", "", "2026-05-05T11:00:00Z", nil)
	m := h.build()
	m.want("incidents from before and after", m.key("time_to_restore_median_seconds", "month", "2026-05-01"), "3600")
	m.want("of both", m.value("select sample_size from four_keys where metric = 'time_to_restore_median_seconds' and period = 'year' and dimension = 'all'"), "2")
	m.want("it is noticed", m.value("select count(*) > 0 from data_quality where rule like '%renamed%'"), "true")
}

func TestDeclinedIncidentsAreNotOpen(t *testing.T) {
	h := newHand(t, "")
	for n, category := range []string{"declined", "merged", "canceled", "triage"} {
		id := fmt.Sprint("I", n)
		h.incident(id, "2026-05-04T10:00:00Z", "2026-05-04T10:00:00Z", "", object{"incident_status": object{"id": category, "name": category, "category": category}})
	}
	h.incident("I9", "2026-05-04T10:00:00Z", "2026-05-04T10:00:00Z", "", nil)
	m := h.build()
	m.want("incidents", m.key("incidents", "month", "2026-05-01"), "1")
	m.want("open ones", m.value("select string_agg(incident_id) from fct_incidents where is_counted and restored_at is null"), "I9")
	m.want("why not", m.value("select count(*) from fct_incidents where exclusion_reason like 'I2%'"), "4")
}
