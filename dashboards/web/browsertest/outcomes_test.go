package browsertest

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"fourfold/dashboards/web"
)

// oddEnds makes incidents that have no time to restore for each of the reasons that there are.
const oddEnds = `
update fct_incidents set restored_at = started_at - interval 1 minute, time_to_restore_seconds = null where incident_id in ('inc00301', 'inc00289');
update fct_incidents set restored_at = null, time_to_restore_seconds = null where incident_id in ('inc00290', 'inc00292', 'inc00294');
update fct_incidents set started_at = null, time_to_restore_seconds = null where incident_id = 'inc00287';
delete from fct_measures where object_id in ('inc00301', 'inc00289', 'inc00290', 'inc00292', 'inc00294') and metric = 'time_to_restore_median_seconds';
delete from fct_measures where object_id = 'inc00287';
create temporary table long as select max_by(incident_id, started_at) as incident_id from fct_incidents
    where is_counted and severity = 'Minor' and restored_at is not null and started_at < timestamptz '2026-08-31 00:00:00Z';
update fct_incidents set restored_at = timestamptz '2026-09-10 00:00:00Z', time_to_restore_seconds = 900000 where incident_id in (from long);
update fct_measures set "at" = timestamptz '2026-09-10 00:00:00Z', local_date = date '2026-09-10', value = 900000
    where object_id in (from long) and metric = 'time_to_restore_median_seconds';
drop table long;`

// The incidents of each severity are those that were restored and, for each reason why others were not, so many.
func TestIncidentsAreTheRestoredAndTheReasonsOfTheOthers(t *testing.T) {
	m := openBuild(t, makeFixture(t, fixtureSQL+oddEnds))
	tokyo := time.FixedZone("", 9*3600)
	ranges := map[string]map[string]any{
		"all": nil,
		"one month": {
			"from_date": "2026-08-01", "as_of_date": "2026-08-31", "from_at": time.Date(2026, 8, 1, 0, 0, 0, 0, tokyo), "to_at": time.Date(2026, 9, 1, 0, 0, 0, 0, tokyo),
		},
		"days": {
			"from_date": "2026-09-05", "as_of_date": "2026-09-15", "from_at": time.Date(2026, 9, 5, 0, 0, 0, 0, tokyo), "to_at": time.Date(2026, 9, 16, 0, 0, 0, 0, tokyo),
		},
	}
	kinds := map[string]bool{}
	for over, bounds := range ranges {
		for _, filter := range []string{"nothing", "service", "team", "severity", "incident type", "field"} {
			changes := map[string]any{}
			for _, c := range []map[string]any{bounds, filters[filter]} {
				for name, v := range c {
					changes[name] = v
				}
			}
			measured := numbers(t, m.answer(t, "severity", changes), "value", "dimension", "dimension_value", "metric")
			samples := numbers(t, m.answer(t, "severity", changes), "sample_size", "dimension", "dimension_value", "metric")
			outcomes := m.answer(t, "restore_outcomes", changes)
			whole := map[string]float64{}
			for k, n := range numbers(t, outcomes, "incidents", "severity", "outcome") {
				at := strings.LastIndex(k, " ")
				whole[k[:at]] += 0
				kinds[k[at+1:]] = true
				switch k[at+1:] {
				case "restored":
					whole[k[:at]] += n
					whole["restored "+k[:at]] += n
				case "began_before":
					whole["restored "+k[:at]] += n
				case "no_start":
				default:
					whole[k[:at]] += n
				}
			}
			for _, severity := range severitiesOf(outcomes) {
				if got, want := whole[severity], measured["severity "+severity+" incidents"]; math.Abs(got-want) > 0 {
					t.Errorf("%s, %s: %v incidents of %q, the metric says %v", over, filter, got, severity, want)
				}
				if got, want := whole["restored "+severity], samples["severity "+severity+" time_to_restore_median_seconds"]; got != want {
					t.Errorf("%s, %s: %v restored of %q, the metric rests on %v", over, filter, got, severity, want)
				}
			}
			if filter == "nothing" {
				// The page's count of what counts has those without a start, too.
				sum := 0.0
				for k, n := range numbers(t, outcomes, "incidents", "outcome") {
					if k != "began_before" {
						sum += n
					}
				}
				if want := numbers(t, m.answer(t, "counted", changes), "incidents", "exclusion_reason")[""]; sum != want {
					t.Errorf("%s: the outcomes are of %v incidents, %v count", over, sum, want)
				}
			}
		}
	}
	for _, kind := range []string{"restored", "open", "restored_after", "no_end", "ended_before_start", "no_start", "began_before"} {
		if !kinds[kind] {
			t.Errorf("no incident of the fixture is %s", kind)
		}
	}
}

func severitiesOf(t *web.Table) []string {
	var out []string
	for _, r := range t.Rows {
		out = append(out, r[slices.Index(t.Columns, "severity")].(string))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Beside the number of those restored the page says why it is not that of all, and above the lists what became of all.
func TestThePageSaysWhyIncidentsHaveNoTimeToRestore(t *testing.T) {
	m := openBuild(t, makeFixture(t, fixtureSQL+oddEnds))
	for language, want := range map[string][]string{
		"en": {"with an end before the start", "without a time of restoration", "not restored yet", "without a start"},
		"ja": {"終了が開始より前", "復元の時刻なし", "未復元", "開始の時刻なし"},
	} {
		address, log := serveDashboard(t, m, language)
		incidents, overview := get(t, address+"/incidents?range=all", 200), get(t, address+"/?range=all", 200)
		total := incidents[strings.Index(incidents, `<tr data-severity="all"`):]
		total = total[:strings.Index(total, "</tr>")]
		for i, words := range want {
			if i < 3 && !strings.Contains(total, words) {
				t.Errorf("%s: the row of all does not say %q:\n%s", language, words, total)
			}
			if !strings.Contains(overview, words) {
				t.Errorf("%s: the overview does not say %q", language, words)
			}
		}
		if log.Len() > 0 {
			t.Error(log)
		}
	}
}
