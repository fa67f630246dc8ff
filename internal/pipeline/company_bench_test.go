package pipeline

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fourfold/transform"
)

// companyServices is how many services, each of one repository, a company of BenchmarkCompany has.
const companyServices = 40

// BenchmarkCompany lands the ledgers of a large company, for a build to be measured on: of what FOURFOLD_BENCH_COMMITS
// says, a million unless it does, a fifth as many incidents, a tenth as many deployments and about three tenths as many
// pull requests. With FOURFOLD_BENCH_DIR they and a configuration stay there.
func BenchmarkCompany(b *testing.B) {
	commits := 1_000_000
	if text := os.Getenv("FOURFOLD_BENCH_COMMITS"); text != "" {
		var err error
		if commits, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		dir := os.Getenv("FOURFOLD_BENCH_DIR")
		if dir == "" {
			dir = b.TempDir()
		}
		data := filepath.Join(dir, "data")
		if err := os.MkdirAll(data, 0o755); err != nil {
			b.Fatal(err)
		}
		w := newBenchLedger(b, data)
		for r := range companyServices {
			w.repository(r, commits/companyServices, commits/10/companyServices)
		}
		w.incidents(commits / 5)
		w.close()
		if err := os.WriteFile(filepath.Join(dir, "fourfold.yaml"), []byte(companyConfig()), 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

func companyConfig() string {
	var repositories, services strings.Builder
	for i := range companyServices {
		fmt.Fprintf(&repositories, "      - {name: acme/r%d, service: s%d}\n", i, i)
		fmt.Fprintf(&services, "  - {name: s%d, team: t%d, incident_values: {Product: [P%d]}}\n", i, i%9, i)
	}
	return "timezone: Asia/Tokyo\nsources:\n  incidentio: {api_key: none}\n  github:\n    token: none\n    repositories:\n" + repositories.String() +
		"services:\n" + services.String() + "metrics:\n  durations:\n    Detection: {from: Impact started, to: Reported at}\n" +
		"schedule: {run: \"\", full_check: \"\"}\n" // its sources are nowhere
}

// incidents lands incidents over three years, most of them over, each with its history.
func (w *benchLedger) incidents(n int) {
	r := rand.New(rand.NewPCG(7, 1))
	stamps := []string{"Impact started", "Declared at", "Reported at", "Accepted at", "Fixed at", "Closed at"}
	statuses := []string{"triage", "live", "learning", "closed"}
	for i, name := range []string{"Minor", "Major", "Critical"} {
		w.add(transform.IncidentioSeverities, `{"id":"v%d","name":%q,"rank":%d}`, i, name, i+1)
	}
	for i, category := range statuses {
		w.add(transform.IncidentioIncidentStatuses, `{"id":"s%d","name":"In %s","category":%q,"rank":%d}`, i, category, category, i)
	}
	for i, name := range stamps {
		w.add(transform.IncidentioIncidentTimestamps, `{"id":"t%d","name":%q,"rank":%d}`, i, name, i)
	}
	w.add(transform.IncidentioCustomFields, `{"id":"f1","name":"Product","field_type":"multi_select"}`)
	w.add(transform.IncidentioCustomFields, `{"id":"f2","name":"影響範囲","field_type":"single_select"}`)
	for i := range companyServices {
		w.add(transform.IncidentioCustomFieldOptions, `{"id":"o%d","custom_field_id":"f1","value":"P%d"}`, i, i)
	}
	value := func(o int) string { return fmt.Sprintf(`{"value_option":{"id":"o%d","value":"P%d"}}`, o, o) }
	for i := range n {
		made := benchClock.Add(-time.Duration(r.Int64N(int64(3 * 365 * 24 * time.Hour)))).Truncate(time.Second)
		accepted := made.Add(time.Duration(r.IntN(1800)) * time.Second)
		fixed := accepted.Add(time.Duration(1+r.IntN(40_000)) * time.Second)
		at := []time.Time{made.Add(-time.Duration(r.IntN(3600)) * time.Second), made, made, accepted, fixed, fixed.Add(2 * time.Hour)}
		last, mode := 3, "standard"
		if r.IntN(40) == 0 {
			last = 1 // still live
		}
		if r.IntN(25) == 0 {
			mode = "test"
		}
		var set []string
		for k, name := range stamps[:min(len(stamps), 4+last-1)] {
			set = append(set, fmt.Sprintf(`{"incident_timestamp":{"id":"t%d","name":%q,"rank":%d},"value":{"value":%q}}`, k, name, k, at[k].Format(time.RFC3339)))
		}
		products := value(r.IntN(companyServices))
		if r.IntN(5) == 0 {
			products += "," + value(r.IntN(companyServices))
		}
		w.add(transform.IncidentioIncidents, `{"id":"01H%023d","reference":"INC-%d","name":"What went wrong the %dth time","mode":%q,"visibility":"public",`+
			`"incident_status":{"id":"s%d","name":"In %s","category":%q},"severity":{"id":"v%d","name":"x","rank":1},"incident_type":{"id":"y%d","name":"Type %d"},`+
			`"permalink":"https://app.example.com/incidents/%d","created_at":%q,"updated_at":%q,"incident_timestamp_values":[%s],`+
			`"custom_field_entries":[{"custom_field":{"id":"f1","name":"Product","field_type":"multi_select"},"values":[%s]},`+
			`{"custom_field":{"id":"f2","name":"影響範囲","field_type":"single_select"},"values":[{"value_option":{"id":"p%d","value":"範囲%d"}}]}]}`,
			i, i, i, mode, last, statuses[last], statuses[last], r.IntN(3), i%3, i%3, i, made.Format(time.RFC3339), made.Format(time.RFC3339),
			strings.Join(set, ","), products, i%30, i%30)
		for k, moved := range []time.Time{made, accepted, fixed, fixed.Add(2 * time.Hour)}[:last+1] {
			w.add(transform.IncidentioIncidentUpdates, `{"id":"01U%022d%d","incident_id":"01H%023d","new_incident_status":{"id":"s%d","name":"In %s","category":%q},"created_at":%q}`,
				i, k, i, k, statuses[k], statuses[k], moved.Format(time.RFC3339))
		}
	}
}
