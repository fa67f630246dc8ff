package truth_test

import (
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"fourfold/internal/truth"
)

// hand makes a small organisation by hand: a service, api, in one repository, acme/api, of which a sync sees everything at
// once unless told otherwise.
type hand struct {
	t    testing.TB
	w    truth.World
	seen time.Time
}

type object = map[string]any

const handConfig = `
sources: {incidentio: {}, github: {repositories: [{name: acme/api}]}}
services: [{name: api, team: core, incident_values: {Product: [API]}}]
`

func newHand(t *testing.T, config string) *hand {
	t.Helper()
	t.Parallel()
	h := &hand{t: t, w: truth.World{AsOf: instant("2026-07-01T00:00:00Z"), Config: config + handConfig, Records: map[string][]truth.Record{}}}
	h.seen = h.w.AsOf.Add(-time.Hour)
	h.put("github_repositories", object{"id": "1", "full_name": "acme/api", "configured_name": "acme/api", "default_branch": "main"})
	for id, name := range map[string]string{"start": "Impact started", "reported": "Reported at", "fixed": "Fixed at", "closed": "Closed at"} {
		h.put("incidentio_incident_timestamps", object{"id": id, "name": name, "rank": 1})
	}
	h.put("incidentio_custom_fields", object{"id": "product", "name": "Product", "field_type": "single_select"})
	return h
}

func instant(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return at
}

func (h *hand) put(table string, o object) {
	h.t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		h.t.Fatal(err)
	}
	h.w.Records[table] = append(h.w.Records[table], truth.Record{ObservedAt: h.seen, JSON: text})
}

// gone says that a later sync does not find something any more.
func (h *hand) gone(table, id string) {
	text, _ := json.Marshal(object{"id": id})
	h.w.Records[table] = append(h.w.Records[table], truth.Record{ObservedAt: h.seen.Add(time.Minute), Deleted: true, JSON: text})
}

// sha is the hash of a commit that a test calls by a name.
func sha(name string) string { return fmt.Sprintf("%x", sha1.Sum([]byte(name))) }

func (h *hand) commit(name, at string, parents ...string) {
	h.t.Helper()
	all := []string{}
	for _, p := range parents {
		all = append(all, sha(p))
	}
	h.put("github_commits", object{
		"id": "1:" + sha(name), "repository_id": "1", "sha": sha(name), "parents": all, "authored_at": at, "committed_at": at, "title": "Commit " + name,
	})
}

// deploy makes a deployment to production that succeeded at an instant; more statuses may follow.
func (h *hand) deploy(id int, commit, at string, more ...object) {
	h.t.Helper()
	created := instant(at).Add(-2 * time.Minute).Format(time.RFC3339)
	statuses := append([]object{{"id": "s", "state": "SUCCESS", "createdAt": at}}, more...)
	h.put("github_deployments", object{
		"id": fmt.Sprint(id), "repository_id": "1", "repository": "acme/api", "updated_at": at, "statuses": statuses, "latest_environment": "production",
		"deployment": object{"sha": sha(commit), "ref": "main", "task": "deploy", "environment": "production", "created_at": created},
	})
}

// pull makes a pull request that was squashed into a commit.
func (h *hand) pull(number int, head, merge, opened, merged string) {
	h.t.Helper()
	h.put("github_pull_requests", object{
		"id": fmt.Sprint("PR", number), "repository_id": "1", "repository": "acme/api", "number": number, "title": "Change", "baseRefName": "main", "headRefName": "change",
		"headRefOid": sha(head), "mergeCommit": object{"oid": sha(merge)}, "createdAt": opened, "mergedAt": merged, "updatedAt": merged,
	})
}

// incident makes an incident of the service: the times are those of its timestamps, "" for one that is not set.
func (h *hand) incident(id, created, started, fixed string, more object) {
	h.t.Helper()
	values := []object{}
	for name, at := range map[string]string{"start": started, "fixed": fixed} {
		v := object{"incident_timestamp": object{"id": name}}
		if at != "" {
			v["value"] = object{"value": at}
		}
		values = append(values, v)
	}
	status := object{"id": "live", "name": "Fixing", "category": "live"}
	if fixed != "" {
		status = object{"id": "closed", "name": "Closed", "category": "closed"}
	}
	o := object{
		"id": id, "reference": id, "name": "Trouble", "mode": "standard", "visibility": "public", "incident_status": status, "created_at": created, "updated_at": created,
		"incident_timestamp_values": values,
		"custom_field_entries": []object{{
			"custom_field": object{"id": "product", "name": "Product", "field_type": "single_select"}, "values": []object{{"value_option": object{"id": "o", "value": "API"}}},
		}},
	}
	for k, v := range more {
		o[k] = v
	}
	h.put("incidentio_incidents", o)
}

// update says that an incident was brought to a status.
func (h *hand) update(incident, category, at string) {
	h.t.Helper()
	h.put("incidentio_incident_updates", object{
		"id": incident + at, "incident_id": incident, "created_at": at, "new_incident_status": object{"id": category, "name": category, "category": category},
	})
}

func (h *hand) build() *marts { h.t.Helper(); return build(h.t, h.w) }

// key gives a value of four_keys in total.
func (m *marts) key(metric, period, start string) string {
	m.t.Helper()
	return m.value(fmt.Sprintf("select value from four_keys where dimension = 'all' and metric = '%s' and period = '%s' and period_start = '%s'", metric, period, start))
}

func (m *marts) want(what, got, want string) {
	m.t.Helper()
	if got != want {
		m.t.Errorf("%s: %q, want %q", what, got, want)
	}
}
