package reference

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"fourfold/internal/config"
	"fourfold/internal/truth"
)

// updatedAt is where objects of a ledger say when they last changed; the others do not say.
var updatedAt = map[string][]string{
	"incidentio_incidents": {"updated_at"}, "incidentio_severities": {"updated_at"}, "incidentio_incident_statuses": {"updated_at"},
	"incidentio_incident_types": {"updated_at"}, "incidentio_incident_roles": {"updated_at"}, "incidentio_custom_fields": {"updated_at"},
	"incidentio_follow_ups": {"updated_at"}, "incidentio_postmortem_documents": {"updated_at"},
	"github_deployments": {"updated_at"}, "github_pull_requests": {"updatedAt"}, "github_workflow_runs": {"run", "updated_at"},
}

// ofIncidents are the ledgers of incidents and of what belongs to them, and what redaction leaves of an object (I3).
var ofIncidents = map[string][]string{
	"incidentio_incidents": {
		"id", "reference", "mode", "visibility", "incident_status", "severity", "incident_type", "created_at", "updated_at", "permalink",
		"incident_timestamp_values", "custom_field_entries",
	},
	"incidentio_incident_updates":     {"id", "incident_id", "new_incident_status", "new_severity", "created_at"},
	"incidentio_follow_ups":           {"id", "incident_id", "status", "priority", "category", "assignee_team", "completed_at", "created_at", "updated_at"},
	"incidentio_incident_attachments": {"id", "incident_id", "resource"},
	"incidentio_postmortem_documents": {"id", "incident_id", "type", "status", "created_at", "updated_at"},
	"files_incidents": {
		"id", "reference", "mode", "visibility", "severity", "severity_rank", "incident_type", "status", "status_category", "permalink", "services",
		"created_at", "started_at", "reported_at", "impact_started_at", "acknowledged_at", "restored_at", "closed_at",
	},
}

// version is a look at an object.
type version struct {
	object            map[string]any
	observed, updated time.Time
}

// ledger is what was seen of the objects of one table, as far as the build may see it.
type ledger struct {
	present  map[string]map[string]any
	versions map[string][]map[string]any // in the order of observation
}

// each gives the present objects in the order of their ids.
func (l ledger) each() []map[string]any {
	var out []map[string]any
	for _, id := range slices.Sorted(maps.Keys(l.present)) {
		out = append(out, l.present[id])
	}
	return out
}

// read applies S1 to one table: of the versions observed after an object's last tombstone, the greatest by (updated,
// observed). A private object that is not to be stored is as good as gone (I3).
func read(name string, records []truth.Record, asOf time.Time, private config.PrivateIncidents) (ledger, error) {
	records = slices.Clone(records)
	slices.SortStableFunc(records, func(a, b truth.Record) int { return a.ObservedAt.Compare(b.ObservedAt) })
	out := ledger{map[string]map[string]any{}, map[string][]map[string]any{}}
	alive := map[string][]version{}
	for _, r := range records {
		if r.ObservedAt.After(asOf) {
			continue
		}
		object, err := decode(r.JSON)
		if err != nil {
			return out, fmt.Errorf("reference: read an object of %s: %w", name, err)
		}
		id := text(object, "id")
		_, personal := ofIncidents[name]
		hidden := r.Private || personal && text(object, "visibility") == "private"
		if r.Deleted || hidden && private == config.ExcludePrivate {
			delete(alive, id)
			continue
		}
		if hidden && private == config.RedactPrivate {
			redact(name, object)
		}
		out.versions[id] = append(out.versions[id], object)
		alive[id] = append(alive[id], version{object, r.ObservedAt, instant(text(object, updatedAt[name]...))})
	}
	for id, versions := range alive {
		best := versions[0]
		for _, v := range versions[1:] {
			if v.updated.Compare(best.updated) > 0 || v.updated.Equal(best.updated) && !v.observed.Before(best.observed) {
				best = v
			}
		}
		out.present[id] = best.object
	}
	return out, nil
}

func decode(text []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out map[string]any
	return out, d.Decode(&out)
}

// redact leaves of a private object enough to count it: no text and nobody (I3).
func redact(table string, object map[string]any) {
	keep(object, ofIncidents[table])
	for _, e := range list(object, "custom_field_entries") {
		for _, v := range list(e, "values") {
			keep(v, []string{"value_option", "value_catalog_entry", "value_numeric"})
		}
	}
	if resource, ok := object["resource"].(map[string]any); ok {
		keep(resource, []string{"resource_type", "external_id", "permalink"})
	}
}

func keep(object map[string]any, keys []string) {
	maps.DeleteFunc(object, func(key string, _ any) bool { return !slices.Contains(keys, key) })
}
