package web

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/dashboards/chart"
)

func svg(t *testing.T, d *chart.Drawing) string {
	t.Helper()
	return string(d.SVG()) + "\n"
}

func TestOneStyleSheetHasTheLookOfDrawingsAndOfThePage(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	r := ask(t, h, "/assets/style.css")
	got := body(t, r)
	if !strings.HasPrefix(got, string(chart.CSS)) || !strings.Contains(got, ".wrap {") {
		t.Error("the style sheet is not that of drawings and then that of the page")
	}
	colours := regexp.MustCompile(`var\((--[a-z0-9-]+)\)`)
	for _, m := range colours.FindAllStringSubmatch(got, -1) {
		if n := strings.Count(got, m[1]+": light-dark("); n != 1 && m[1] != "--shadow" {
			t.Errorf("%s is declared %d times for light and dark", m[1], n)
		}
	}
	for _, theme := range []string{"light", "dark"} {
		if !strings.Contains(got, `:root[data-theme="`+theme+`"] { color-scheme: `+theme+`; }`) {
			t.Errorf("%s cannot be chosen", theme)
		}
	}
}

func months(n int) []bucket {
	var out []bucket
	for i := range n {
		out = append(out, bucket{Start: dayOf(2026, 1, 1).addMonths(i), Open: i == n-1})
	}
	return out
}

func f64(v float64) *float64 { return &v }

// A gap in the line, a zero that is a zero, a limit that is not known, few incidents and an open period, all in one.
func TestTheRestoreChartIsAsItWas(t *testing.T) {
	points := []restorePoint{
		{f64(3600), f64(1800), f64(7200), f64(10000), 20},
		{f64(5400), nil, nil, f64(6000), 3},
		{},
		{f64(0), f64(0), f64(60), f64(90), 9},
		{f64(7200), f64(3000), nil, f64(90000), 7},
		{f64(4000), nil, nil, f64(4000), 1},
	}
	got := svg(t, drawRestores(mustLanguage(t, "en"), "month", months(6), points, chart.Sizes[0]))
	golden(t, "restores.svg", got)
	line := strings.Split(strings.Split(got, `class="medianline" d="`)[1], `"`)[0]
	if n := strings.Count(line, "M"); n != 2 {
		t.Errorf("the line has %d parts, want 2, broken at the month without restores: %s", n, line)
	}
}

func TestTheCountChartIsAsItWas(t *testing.T) {
	series := []countSeries{{"Critical", "sev1", []int{1, 0, 0, 2, 0, 1}}, {"<Minor>", "sev2", []int{4, 2, 0, 7, 1, 3}}}
	golden(t, "counts.svg", svg(t, drawCounts(mustLanguage(t, "ja"), "month", months(6), series, chart.Sizes[1])))
}

func TestTheStripsAreAsTheyWere(t *testing.T) {
	strips := []chart.Strip{
		{
			Label: "Critical", Class: "sev1", Median: f64(600), Low: f64(300), High: f64(4000), P90: f64(9000),
			Dots: []chart.Dot{{Seconds: 600, Tip: "a", Href: "#a"}, {Seconds: 600, Tip: "b", Href: "#b"}, {Seconds: 610, Tip: "c", Href: "#c"}, {Seconds: 0, Tip: "d", Href: "#d"}, {Seconds: 9000, Tip: "e", Href: "#e"}},
		},
		{Label: "とても長い名前の重大度レベルそのいち", Class: "sev2", Median: f64(86400), P90: f64(86400), Few: true, Dots: []chart.Dot{{Seconds: 86400, Tip: "f"}}},
	}
	golden(t, "strips.svg", svg(t, drawStrips(mustLanguage(t, "en"), strips, chart.RowSizes[0])))
}

// The heaviest stand first on both axes, what was not corrected is outlined, and a cell leads to the incidents of its final severity.
func TestDeclaredAndFinalSeverityFaceEachOther(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	got := page(t, h, "/panels/severity_drift")
	_, drawn, _ := strings.Cut(got, `class="tick"`)
	drawn, _, _ = strings.Cut(drawn, "</svg>")
	place := 0
	for _, text := range []string{">Declared: Critical<", ">Declared: Major<", ">Declared: Minor<", ">Declared: Trivial<", ">Declared: none<", ">Critical<", ">Major<", ">Minor<", ">Trivial<", ">No severity<"} {
		at := strings.Index(drawn[place:], text)
		if at < 0 {
			t.Fatalf("the chart does not say %q, or too early", text)
		}
		place += at
	}
	if n := strings.Count(drawn, `class="region"`); n != 5 {
		t.Errorf("%d cells are outlined, want those of 5 severities", n)
	}
	if !strings.Contains(got, "Not changed") {
		t.Error("nothing says what is outlined")
	}
	links := regexp.MustCompile(`<a [^>]*href="[^"]*incidents\?[^"]*severity=Minor[^"]*"[^>]*>[^/]*<title>([^<]*)`).FindAllStringSubmatch(drawn, -1)
	var tips []string
	for _, l := range links {
		tips = append(tips, l[1])
	}
	if diff := cmp.Diff([]string{"Declared: Major, Final severity: Minor, Incidents: 5", "Declared: Minor, Final severity: Minor, Incidents: 79", "Declared: Trivial, Final severity: Minor, Incidents: 12"}, slices.Sorted(slices.Values(tips))); diff != "" {
		t.Errorf("what leads to minor incidents:\n%s", diff)
	}
}

func TestAChangeSaysWhetherItIsForTheBetter(t *testing.T) {
	m := &maker{l: mustLanguage(t, "en"), b: buildInfo{Metrics: map[string]metricInfo{
		"incidents": {Unit: "incidents", Better: "none"}, medianMetric: {Unit: "seconds", Better: "lower"}, "deployments": {Unit: "deployments", Better: "higher"},
		failureMetric: {Unit: "ratio", Better: "lower"},
	}}}
	value := func(v float64, n int) *measured { return &measured{Value: &v, N: n} }
	for _, c := range []struct {
		metric      string
		now, before *measured
		class, text string
	}{
		{medianMetric, value(1800, 9), value(3600, 9), "better", "50\u00a0% below May (1 h)"},
		{medianMetric, value(5400, 9), value(3600, 9), "worse", "50\u00a0% above May (1 h)"},
		{medianMetric, value(5400, 4), value(3600, 9), "unsure", "50\u00a0% above May (1 h); too few to tell"},
		{medianMetric, value(60, 9), value(60, 9), "same", "As in May"},
		{incidentsMetric, value(3, 3), value(2, 2), "same", "50\u00a0% above May (2)"},
		{incidentsMetric, value(3, 3), value(0, 0), "same", "None in May"},
		{failureMetric, value(0.1, 50), value(0.125, 40), "better", "2.5 points below May (12.5\u00a0%)"},
		{failureMetric, value(0.25, 4), value(0.125, 40), "unsure", "12.5 points above May (12.5\u00a0%); too few to tell"},
		{medianMetric, &measured{Value: f64(5400), Low: f64(3000), High: f64(7200), N: 9}, value(3600, 9), "same", "50\u00a0% above May (1 h); this may be chance"},
		{medianMetric, &measured{Value: f64(5400), Low: f64(3000), N: 9}, value(3600, 9), "same", "50\u00a0% above May (1 h); this may be chance"},
		{medianMetric, &measured{Value: f64(5400), Low: f64(4000), N: 9}, value(3600, 9), "worse", "50\u00a0% above May (1 h)"},
		{"deployments", value(8, 8), value(10, 10), "worse", "20\u00a0% below May (10)"},
	} {
		got := m.change(c.metric, c.now, c.before, "May", m.writer(c.metric, nil).text)
		if got == nil || got.Class != c.class || got.Text != c.text {
			t.Errorf("%s: %+v, want %s %q", c.metric, got, c.class, c.text)
		}
	}
	if got := m.change(medianMetric, &measured{}, value(1, 9), "May", m.writer(medianMetric, nil).text); got != nil {
		t.Errorf("a change to nothing: %+v", got)
	}
}

func TestReasonsForLeavingOutAreInWordsAndUnknownOnesAsTheyAre(t *testing.T) {
	m := &maker{l: mustLanguage(t, "en")}
	for reason, want := range map[string]excludedRow{
		"I1 mode test":                            {Text: "Mode: test", Rule: "I1"},
		"I1 mode game day":                        {Text: "Mode: game day", Rule: "I1"},
		"I2 status category merged":               {Text: "Status: merged into another", Rule: "I2"},
		"I2 status category unknown":              {Text: "Status category unknown", Rule: "I2"},
		"I7 incident type Security":               {Text: "Incident type: Security", Rule: "I7"},
		"I7 no severity":                          {Text: "No severity", Rule: "I7"},
		"I7 severity A is below B is below Minor": {Text: "Severity A is below B is below Minor", Rule: "I7"},
		"I9 something new":                        {Text: "something new", Rule: "I9"},
		"unheard":                                 {Text: "unheard"},
	} {
		if diff := cmp.Diff(want, m.excluded(reason)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", reason, diff)
		}
	}
}
