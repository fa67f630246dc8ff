package reference

import (
	"slices"
	"strings"

	"fourfold/internal/config"
	"fourfold/internal/truth"
)

// Compute makes every number of an organisation of what its sources have shown of it.
func Compute(w truth.World) (*Marts, error) {
	conf, err := configured(w)
	if err != nil {
		return nil, err
	}
	s, err := settingsOf(conf, w)
	if err != nil {
		return nil, err
	}
	ledgers := map[string]ledger{}
	for name, records := range w.Records {
		l, err := read(name, records, w.AsOf, conf.Privacy.PrivateIncidents)
		if err != nil {
			return nil, err
		}
		ledgers[name] = l
	}
	return martsOf(compute(objectsOf(ledgers), codeOf(ledgers, conf, s), s), conf), nil
}

// objectsOf are the present objects, with the names that things have now: what an incident repeats of a definition is as
// old as its version.
func objectsOf(ledgers map[string]ledger) Objects {
	o := Objects{}
	for name, l := range ledgers {
		if key, ok := strings.CutPrefix(name, "incidentio_"); ok {
			o[key] = l.each()
		}
	}
	settle := func(v any, table string, keys ...string) {
		x, ok := v.(map[string]any)
		if !ok {
			return
		}
		if now, known := ledgers["incidentio_"+table].present[text(x, "id")]; known {
			for _, key := range keys {
				if now[key] != nil {
					x[key] = now[key]
				}
			}
		}
	}
	stamps, customs := ledgers["incidentio_incident_timestamps"], ledgers["incidentio_custom_fields"]
	for _, i := range o["incidents"] {
		settle(i["severity"], "severities", "name", "rank")
		settle(i["incident_type"], "incident_types", "name")
		settle(i["incident_status"], "incident_statuses", "name", "category")
		for _, e := range list(i, "custom_field_entries") {
			e["former"] = formerNames(customs, text(e, "custom_field", "id"))
			settle(e["custom_field"], "custom_fields", "name", "field_type")
			for _, v := range list(e, "values") {
				settle(v["value_option"], "custom_field_options", "value")
			}
		}
		for _, v := range list(i, "incident_timestamp_values") {
			v["former"] = formerNames(stamps, text(v, "incident_timestamp", "id"))
			settle(v["incident_timestamp"], "incident_timestamps", "name")
		}
	}
	for _, u := range o["incident_updates"] {
		settle(u["new_incident_status"], "incident_statuses", "name", "category")
		settle(u["new_severity"], "severities", "name")
	}
	for _, f := range ledgers["files_incidents"].each() {
		o["incidents"] = append(o["incidents"], fileIncident(f))
	}
	return o
}

// formerNames are what a timestamp or a field was called before, less what another is called now (I4).
func formerNames(definitions ledger, id string) []any {
	var out []any
	for _, version := range definitions.versions[id] {
		name := text(version, "name")
		taken := false
		for other, now := range definitions.present {
			taken = taken || other != id && same(text(now, "name"), name)
		}
		if !taken {
			out = append(out, name)
		}
	}
	return out
}

// fileIncident writes an incident of a file as the API would.
func fileIncident(f map[string]any) map[string]any {
	out := map[string]any{}
	for _, key := range []string{"id", "reference", "name", "permalink", "mode", "visibility", "created_at", "started_at", "restored_at", "services"} {
		out[key] = f[key]
	}
	for key, standard := range map[string]string{"mode": "standard", "visibility": "public"} {
		if text(f, key) == "" {
			out[key] = standard
		}
	}
	out["incident_status"] = map[string]any{"name": f["status"], "category": f["status_category"]}
	if name := text(f, "severity"); name != "" {
		out["severity"] = map[string]any{"name": name, "rank": f["severity_rank"]}
	}
	if name := text(f, "incident_type"); name != "" {
		out["incident_type"] = map[string]any{"name": name}
	}
	if lead := text(f, "lead", "name"); lead != "" {
		out["incident_role_assignments"] = []any{map[string]any{"role": map[string]any{"role_type": "lead"}, "assignee": map[string]any{"id": lead, "name": lead}}}
	}
	var stamps []any
	for _, x := range [][2]string{{"Impact started", "impact_started_at"}, {"Reported at", "reported_at"}, {"Accepted at", "acknowledged_at"}, {"Closed at", "closed_at"}} {
		stamps = append(stamps, map[string]any{"incident_timestamp": map[string]any{"name": x[0]}, "value": map[string]any{"value": f[x[1]]}})
	}
	out["incident_timestamp_values"] = stamps
	return out
}

// codeOf describes the repositories that GitHub has shown, and those that only files name.
func codeOf(ledgers map[string]ledger, conf *config.Config, s Settings) Code {
	var code Code
	place := map[string]int{} // by the id of the repository
	for _, r := range ledgers["github_repositories"].each() {
		id := text(r, "id")
		x := Repository{Name: text(r, "full_name"), Commits: map[string]Commit{}, Tags: map[string]string{}}
		for _, version := range ledgers["github_repositories"].versions[id] {
			x.Former = append(x.Former, text(version, "full_name"), text(version, "configured_name"))
		}
		x.Services = livesIn(conf, s, text(r, "configured_name"), x.Name)
		place[id] = len(code.Repositories)
		code.Repositories = append(code.Repositories, x)
	}
	in := func(record map[string]any) *Repository {
		if n, ok := place[text(record, "repository_id")]; ok {
			return &code.Repositories[n]
		}
		return nil
	}
	readCommits(ledgers, in)
	readPulls(ledgers, in)
	for n := range code.Repositories {
		settlePulls(&code.Repositories[n], ledgers)
	}
	readDeployments(ledgers, in)
	readFiles(ledgers, &code)
	return code
}

// livesIn gives the services of a repository: those of the entry of the configuration that found it, by default the last
// part of its name; of a name that is a pattern, of the repository's.
func livesIn(conf *config.Config, s Settings, configuredName, name string) []string {
	last := func(name string) string { return name[strings.LastIndex(name, "/")+1:] }
	services := []string{last(name)}
	if gh := conf.Sources.GitHub; gh != nil {
		n := slices.IndexFunc(gh.Repositories, func(r config.Repository) bool { return same(string(r.Name), configuredName) })
		if n < 0 {
			n = slices.IndexFunc(gh.Repositories, func(r config.Repository) bool { return r.Name.MatchFold(name) })
		}
		if n >= 0 {
			if entry := gh.Repositories[n]; len(entry.Service) > 0 {
				services = entry.Service
			} else if entry.Name.IsPlain() {
				services = []string{last(string(entry.Name))}
			}
		}
	}
	var out []string
	for _, name := range services {
		if known, ok := serviceOf(s, name); ok {
			name = known.Name
		}
		if !slices.ContainsFunc(out, func(x string) bool { return same(x, name) }) {
			out = append(out, name)
		}
	}
	return out
}
