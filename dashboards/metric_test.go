package dashboards

import (
	"regexp"
	"strings"
	"testing"
)

var (
	ofServices = regexp.MustCompile(`\bm\.(?:service|team)\b`)
	ofObjects  = regexp.MustCompile(`\bm\.object_id\b`)
	ofRows     = regexp.MustCompile(`\bm\.([a-z_]+)`)
)

// shortcuts are the slots by which the template reads fewer rows, as a call may have them: wherever one holds it is to be given,
// and nowhere else.
func shortcuts(call map[string]string) map[string]string {
	out := map[string]string{}
	if !ofServices.MatchString(call["dimension_value"] + call["joins"]) {
		out["objects_only"] = "true"
		if strings.Contains(call["filters"], "@service") {
			out["objects_only"] = "(@service = '' and @team = '')"
		}
	}
	if call["joins"] == "" {
		out["labels_only"] = "true"
		if ofObjects.MatchString(call["filters"]) {
			out["labels_only"] = "(@field = '')"
		}
	}
	return out
}

func TestTheMetricTemplateReadsAsFewRowsAsItMay(t *testing.T) {
	labels := map[string]bool{"metric": true, "object_type": true, "object_id": true, "service": true, "team": true, "repository": true, "severity": true, "incident_type": true}
	calls := 0
	for _, name := range Names() {
		q, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range metricCall.FindAllStringSubmatch(q.text, -1) {
			calls++
			call, err := readSlots(m[1])
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, column := range ofRows.FindAllStringSubmatch(call["filters"]+call["dimension_value"]+call["joins"], -1) {
				if !labels[column[1]] {
					t.Errorf("%s asks about %s, of which the shortcuts of the template know nothing", name, column[1])
				}
			}
			if n := strings.Count(call["filters"], "m.object_id"); n > 0 && !strings.Contains(call["filters"], "@field = ''\n            or m.object_id in") || n > 1 {
				t.Errorf("%s asks about objects otherwise than by a field: %s", name, call["filters"])
			}
			want := shortcuts(call)
			for _, slot := range []string{"objects_only", "labels_only"} {
				if call[slot] != want[slot] {
					t.Errorf("%s: %s is %q, want %q", name, slot, call[slot], want[slot])
				}
			}
		}
	}
	if calls < 15 {
		t.Errorf("%d calls of the template were looked at", calls)
	}
}
