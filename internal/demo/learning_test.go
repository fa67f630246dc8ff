package demo

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fourfold/internal/fake/incidentio"
	"fourfold/internal/reference"
)

func TestWhatTeamsDoAfterwardsIsInIt(t *testing.T) {
	for _, seed := range []uint64{1, 4} {
		c := Make(seed, now)
		o := c.Objects(now)
		got := map[string]int{}
		for _, f := range o["follow_ups"] {
			created, err := time.Parse(time.RFC3339Nano, str(f, "created_at"))
			if err != nil {
				t.Fatal(err)
			}
			priority := str(f, "priority", "name")
			terms := map[string]int{"Urgent": 7, "High": 21}
			days, has := terms[priority]
			if !has {
				days = 45
			}
			switch late := now.After(created.AddDate(0, 0, days)); {
			case str(f, "status") == "outstanding" && late:
				got["overdue"]++
				got["overdue of "+str(f, "assignee_team", "name")]++
			case str(f, "status") == "outstanding":
				got["open and in time"]++
			}
		}
		ended := map[string]time.Time{}
		for _, i := range reference.Incidents(o, settings(t, c)) {
			ended[i.ID] = i.End
			if i.Mode == "test" {
				got["drills"]++
				if i.Acknowledge != nil {
					got["drills that were accepted"]++
				}
				if !i.Closed.IsZero() {
					got["drills that were closed"]++
				}
			}
			if len(i.Durations) == 1 {
				got["detected"]++
			}
		}
		for _, p := range o["postmortem_documents"] {
			got["post-mortem "+str(p, "status")]++
			created, err := time.Parse(time.RFC3339Nano, str(p, "created_at"))
			if err != nil {
				t.Fatal(err)
			}
			if end := ended[str(p, "incident_id")]; !end.IsZero() && created.Before(end) {
				got["post-mortem before the end"]++
			}
		}
		for name, least := range map[string]int{
			"overdue": 15, "overdue of ": 3, "overdue of Platform": 1, "overdue of Payments": 1, "open and in time": 5, "drills": 20, "drills that were accepted": 15,
			"drills that were closed": 20, "detected": 350, "post-mortem completed": 60, "post-mortem in_review": 5, "post-mortem in_progress": 5,
		} {
			if got[name] < least {
				t.Errorf("seed %d: %s: %d, want at least %d", seed, name, got[name], least)
			}
		}
		if got["overdue"] > 120 || got["post-mortem before the end"]*5 > len(o["postmortem_documents"]) {
			t.Errorf("seed %d: %v", seed, got)
		}
	}
}

// The account's own duration is what lies between its timestamps, to half a second, but for a few.
func TestTheAccountsOwnDurationIsRightButForAFew(t *testing.T) {
	for _, seed := range []uint64{1, 4} {
		right, wrong, none := 0, 0, 0
		for _, i := range Organisation(seed, now).Objects(now)["incidents"] {
			at := map[string]time.Time{}
			values, _ := i["incident_timestamp_values"].([]any)
			for _, v := range values {
				x, _ := v.(map[string]any)
				at[str(x, "incident_timestamp", "name")], _ = time.Parse(time.RFC3339Nano, str(x, "value", "value"))
			}
			metrics, _ := i["duration_metrics"].([]any)
			if len(metrics) == 0 {
				none++
				continue
			}
			m, _ := metrics[0].(map[string]any)
			seconds, _ := m["value_seconds"].(float64)
			difference := at["Fixed at"].Sub(at["Accepted at"]).Seconds() - seconds
			switch {
			case str(m, "duration_metric", "name") != timeToFix:
				t.Errorf("%s has %v", str(i, "reference"), m)
			case difference >= -0.5 && difference <= 0.5:
				right++
			default:
				wrong++
			}
		}
		if right < 300 || wrong < 3 || wrong > 15 || none < 50 {
			t.Errorf("seed %d: %d right, %d wrong, %d without", seed, right, wrong, none)
		}
	}
}

func TestTheFilesHoldTheEarlierToolsHistoryAndWhatPeopleCorrected(t *testing.T) {
	for _, seed := range []uint64{1, 4} {
		c := Make(seed, now)
		files := c.Files()
		rows := strings.Split(strings.TrimSpace(files[earlierDeployments]), "\n")
		if len(rows) != len(c.coder.filed)+1 || len(rows) < 8 {
			t.Errorf("seed %d: %d rows of %d deployments", seed, len(rows), len(c.coder.filed))
		}
		if n := strings.Count(files[earlierIncidents], "\r\nIR-"); n != len(c.earlier)+1 || n < 12 || !strings.Contains(files[earlierIncidents], "2時間後") {
			t.Errorf("seed %d: %d rows of %d incidents", seed, n, len(c.earlier))
		}
		links := strings.Split(strings.TrimSpace(files[linksPath]), "\n")
		if len(links) < 3 || !strings.Contains(files[linksPath], ",none,") {
			t.Errorf("seed %d: corrections:\n%s", seed, files[linksPath])
		}
		// Each correction changes what would be said without it.
		corrected, left := settings(t, c), settings(t, c)
		left.Links = nil
		of := func(links []reference.Link, incident string) (out []string) {
			for _, l := range links {
				if l.Incident == incident && l.Role == "cause" {
					out = append(out, l.Deployment)
				}
			}
			return out
		}
		with, without := reference.Links(c.Objects(now), c.Expected(), corrected), reference.Links(c.Objects(now), c.Expected(), left)
		for _, x := range c.corrects {
			n := slices.IndexFunc(c.Incidents.Incidents, func(i *incidentio.Incident) bool { return fmt.Sprintf("INC-%d", i.Number) == x.incident })
			id := c.Incidents.Incidents[n].ID
			a, b := of(with, id), of(without, id)
			if slices.Equal(a, b) || (x.deployment == "none") != (len(a) == 0) {
				t.Errorf("seed %d: %v: %v, and without it %v", seed, x, a, b)
			}
		}
	}
}

// The demo is made as of the day on which it is shown, whichever that is.
func TestTheOrganisationCanBeMadeOnAnyDay(t *testing.T) {
	for n := range 9 {
		day := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 41*n)
		c := Make(Seed, day)
		files := c.Files()
		if !strings.Contains(files[linksPath], ",none,") || strings.Count(files[linksPath], "\n") < 3 {
			t.Errorf("%s: corrections:\n%s", day.Format(time.DateOnly), files[linksPath])
		}
		if len(c.earlier) < 10 || len(c.coder.filed) < 6 {
			t.Errorf("%s: the earlier tools have %d incidents and %d deployments", day.Format(time.DateOnly), len(c.earlier), len(c.coder.filed))
		}
	}
}
