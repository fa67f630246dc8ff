package bigquery

import (
	"strings"
	"testing"
)

// Without a location dbt and BigQuery take another than that of the datasets.
func TestADatasetElsewhereIsRefusedWithoutALocation(t *testing.T) {
	const want = "dataset p.ff_build is in EU, and without warehouse.location BigQuery and dbt take it to be in US: set warehouse.location to EU"
	for location, want := range map[string]string{"EU": want, "US": "", "us": "", "": ""} {
		c, _ := guarded(t, guards{"GET datasets/ff_build": func() (int, map[string]any) {
			status, body := dataset("ff_build")()
			body["location"] = location
			return status, body
		}, "POST jobs": func() (int, map[string]any) { return dryRunOf("SELECT") }})
		c.opts.Location = ""
		_, looked := Look(t.Context(), c)
		for what, err := range map[string]error{"a look": looked, "a build": c.ensureDataset(t.Context(), "ff_build", "")} {
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s at one in %q: %v", what, location, err)
			}
		}
	}
}
