package config

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// builtInDurations are the metrics of durations that are always there, less _median_seconds and the like: what no duration
// of metrics.durations may be called. A test of the pipeline compares them with the dbt project.
var builtInDurations = []string{
	"commit_lead_time", "failed_deployment_recovery", "lead_time", "time_to_acknowledge", "time_to_restore",
}

// DurationNames are the names of metrics.durations, in order.
func (m *Metrics) DurationNames() []string { return slices.Sorted(maps.Keys(m.Durations)) }

// DurationSlug is the name of a duration of metrics.durations as its metrics have it: in lower case, with one _ for
// whatever stands between letters and digits of any script. Of "Time to detect" it is time_to_detect, and the metrics are
// time_to_detect_median_seconds and time_to_detect_p90_seconds. It is empty where there is no letter or digit.
func DurationSlug(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	return strings.Join(words, "_")
}

func (d *decoder) validateDurations(m *Metrics) {
	named := map[string]string{}
	for _, name := range m.DurationNames() {
		between, slug := m.Durations[name], DurationSlug(name)
		key := join("metrics.durations", name)
		other, taken := named[slug]
		switch {
		case strings.TrimSpace(name) == "":
			d.fail(key, "has no name", "give the duration a name, e.g. Detection")
		case slug == "":
			d.fail(key, "has neither a letter nor a digit in its name", "name its metrics, e.g. Detection")
		case slices.Contains(builtInDurations, slug):
			d.fail(key, "would give the metric "+slug+"_median_seconds, which is there already", "give the duration another name")
		case taken:
			d.fail(key, "would give the same metrics as "+other+": "+slug+"_median_seconds", "give one of them another name")
		case between.From != "" && fold(between.From) == fold(between.To):
			d.fail(key+".to", "is the timestamp that it starts from", "write another")
		}
		named[slug] = key
	}
}
