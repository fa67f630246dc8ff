package explain

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/load"
)

var update = flag.Bool("update", false, "write the golden files")

// marts answers each query, known by the mart that it reads, with rows. That the queries themselves are right is shown
// where the whole program runs.
type marts map[string][][]any

var errNoAnswer = errors.New("no answer")

func (m marts) Query(_ context.Context, sql string, _ ...any) (*load.Rows, error) {
	for mart, rows := range m {
		if strings.Contains(sql, "from "+mart+" ") || strings.Contains(sql, "from "+mart+"\n") {
			return &load.Rows{All: func(yield func([]any, error) bool) {
				for _, row := range rows {
					if !yield(row, nil) {
						return
					}
				}
			}}, nil
		}
	}
	return nil, errNoAnswer
}

func at(minute int) time.Time {
	return time.Date(2026, 10, 5, 9, minute, 0, 148_000_000, time.UTC)
}

// reopened is an incident with everything that there is to say.
func reopened() marts {
	return marts{
		"fct_incidents": {{
			"01ABC", "INC-5", "決済が遅い", "https://app.example.test/5", "standard", "public", "Major", "Production", "Closed", "closed", true,
			nil, int64(2), at(0), "Reported at", at(50), "left_live", at(5), "Accepted at", int64(3000), int64(300), "b1",
		}},
		"fct_incident_services":         {{"api", "payments"}, {"web", nil}},
		"fct_incident_timestamps":       {{"Reported at", at(0)}, {"Accepted at", at(5)}},
		"fct_incident_status_intervals": {{"Fixing", "live", at(0), at(20)}, {"Closed", "closed", at(20), nil}},
		"fct_incident_fields":           {{"Cause", "Deployment"}},
		"fct_measures":                  {{"time_to_restore", "api", at(50), "2026-10-05", 3000.0, "R3"}, {"incidents", nil, at(0), "2026-10-05", nil, "I7"}},
		"data_quality":                  {{"missing_end", "warn", "INC-5 is \x1b[31modd"}},
	}
}

// bare is an incident about which nothing is known.
func bare() marts {
	row := make([]any, 22)
	row[0], row[1], row[10], row[11], row[21] = "01DEF", "INC-6", false, "I2 status category triage", "b1"
	return marts{
		"fct_incidents": {row}, "fct_incident_services": nil, "fct_incident_timestamps": nil, "fct_incident_status_intervals": nil,
		"fct_incident_fields": nil, "fct_measures": nil, "data_quality": nil,
	}
}

var precedence = Precedence{Start: []string{"Impact started", "Reported at", "created_at"}, End: []string{"Fixed at", "left_live"}, Acknowledge: []string{"Accepted at"}}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got)\n%s", name, d)
	}
}

func TestAnIncidentIsExplainedInWordsAndAsJSON(t *testing.T) {
	for name, m := range map[string]marts{"reopened": reopened(), "bare": bare()} {
		i, err := FindIncident(context.Background(), m, "INC-5", precedence)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := i.Write(&b, time.FixedZone("JST", 9*3600)); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".txt", b.Bytes())
		text, err := json.MarshalIndent(i, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".json", append(text, '\n'))
	}
}

func TestAnIncidentThatIsNotThereIsSaidWithWhatMayBeGiven(t *testing.T) {
	m := bare()
	m["fct_incidents"] = nil
	_, err := FindIncident(context.Background(), m, "INC-99", precedence)
	if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "INC-99") || !strings.Contains(err.Error(), "private") {
		t.Errorf("%v", err)
	}
}

func TestAQueryThatFailsIsReportedWhicheverItIs(t *testing.T) {
	for mart := range reopened() {
		m := reopened()
		delete(m, mart)
		if _, err := FindIncident(context.Background(), m, "INC-5", precedence); !errors.Is(err, errNoAnswer) {
			t.Errorf("without %s: %v", mart, err)
		}
	}
}
