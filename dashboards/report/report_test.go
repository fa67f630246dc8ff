package report

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"fourfold/dashboards/web"
)

func TestAReportIsTheSameBytesForOneBuild(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		d := documentOf(t, readRecorded(t), language, LastMonth)
		golden(t, "report."+language+".html", htmlOf(t, d))
		golden(t, "report."+language+".md", string(Markdown(d)))
		if again := htmlOf(t, documentOf(t, readRecorded(t), language, LastMonth)); again != htmlOf(t, d) {
			t.Errorf("%s: made twice, it is not the same", language)
		}
	}
}

func parsed(t *testing.T, text string) *html.Node {
	t.Helper()
	n, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// A reader of a mail must not be seen reading it: nothing is fetched, and nothing could be.
func TestAReportAsksNobodyForAnything(t *testing.T) {
	text := htmlOf(t, documentOf(t, readRecorded(t), "en", LastMonth))
	ids, policy := map[string]int{}, ""
	for n := range parsed(t, text).Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if slices.Contains([]string{"script", "link", "img", "image", "iframe", "object", "embed", "video", "audio", "source", "base", "form", "use", "input"}, n.Data) {
			t.Errorf("there is a <%s>", n.Data)
		}
		if n.Data == "meta" && attribute(n, "http-equiv") == "Content-Security-Policy" {
			policy = attribute(n, "content")
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "src", a.Key == "srcset", a.Key == "style", a.Key == "background", a.Key == "ping":
				t.Errorf("<%s> has %s=%q", n.Data, a.Key, a.Val)
			case a.Key == "href" && (n.Data != "a" || !strings.HasPrefix(a.Val, "https://")):
				t.Errorf("<%s> has href=%q", n.Data, a.Val)
			case strings.Contains(a.Val, "url(") && !strings.HasPrefix(a.Val, "url(#"):
				t.Errorf("<%s> has %s=%q", n.Data, a.Key, a.Val)
			case a.Key == "id":
				ids[a.Val]++
			}
		}
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %s is there %d times", id, n)
		}
	}
	for _, id := range []string{"aria-labelledby", "aria-describedby"} {
		for n := range parsed(t, text).Descendants() {
			if v := attribute(n, id); v != "" && ids[v] == 0 {
				t.Errorf("%s names %s, which is not there", id, v)
			}
		}
	}
	if policy != "default-src 'none'; style-src 'unsafe-inline'" {
		t.Errorf("the policy is %q", policy)
	}
	for _, forbidden := range []string{"@import", "url(http", "//fonts"} {
		if strings.Contains(style, forbidden) {
			t.Errorf("the style has %s", forbidden)
		}
	}
	if !strings.Contains(style, "size: A4") || !strings.Contains(style, "table-header-group") {
		t.Error("the style does not know A4, or tables that go on on the next page")
	}
}

// cells gives the values of a section's row as data-value holds them.
func cells(t *testing.T, text, section, row string) []string {
	t.Helper()
	for n := range parsed(t, text).Descendants() {
		if n.Data != "section" || attribute(n, "data-panel") != section {
			continue
		}
		for r := range n.Descendants() {
			if r.Data != "tr" || attribute(r, "data-row") != row {
				continue
			}
			var out []string
			for c := range r.ChildNodes() {
				out = append(out, attribute(c, "data-value"))
			}
			return out
		}
	}
	t.Errorf("section %s has no row %s", section, row)
	return make([]string, 9)
}

func TestTheNumbersAreTheAnswersOfTheQueries(t *testing.T) {
	q := readRecorded(t)
	text := htmlOf(t, documentOf(t, q, "en", LastMonth))
	compared := 0
	for _, r := range rowsOfSpan(q, "now") {
		if slices.Contains(keyMetrics, r.Text("metric")) {
			compared++
			if got := cells(t, text, "keys", r.Text("metric"))[1]; got != web.Raw(r.Number("value")) {
				t.Errorf("%s is %s, the query says %v", r.Text("metric"), got, web.Raw(r.Number("value")))
			}
		}
	}
	for _, r := range web.Rows(q.tables["key_services"]) {
		if i := slices.Index(keyMetrics, r.Text("metric")); i >= 0 {
			compared++
			if got := cells(t, text, "key_services", r.Text("service"))[i+1]; got != web.Raw(r.Number("value")) {
				t.Errorf("%s of %s is %s", r.Text("metric"), r.Text("service"), got)
			}
		}
	}
	for _, r := range web.Rows(q.tables["trend"]) {
		if r.Text("period_start") == "2026-10-01" && r.Text("dimension") == "all" {
			compared++
			if got := cells(t, text, "severity", r.Text("metric"))[1]; got != web.Raw(r.Number("value")) {
				t.Errorf("%s is %s", r.Text("metric"), got)
			}
		}
	}
	columns := []string{incidentsMetric, medianMetric, p90Metric, ackMetric}
	for _, r := range web.Rows(q.tables["severity"]) {
		if i := slices.Index(columns, r.Text("metric")); i >= 0 && r.Text("dimension") == "severity" {
			compared++
			if got := cells(t, text, "severity", cmp.Or(r.Text("dimension_value"), "(none)"))[i+1]; got != web.Raw(r.Number("value")) {
				t.Errorf("%s of %s is %s", r.Text("metric"), r.Text("dimension_value"), got)
			}
		}
	}
	for _, r := range web.Rows(q.tables["phases"]) {
		compared++
		if got := cells(t, text, "phases", r.Text("status_category"))[1]; got != web.Raw(r.Number("median_seconds")) {
			t.Errorf("phase %s is %s", r.Text("status_category"), got)
		}
	}
	for _, r := range web.Rows(q.tables["failures"]) {
		compared++
		if got := cells(t, text, "failures", r.Text("deployment_id"))[4]; got != web.Raw(r.Number("recovery_seconds")) {
			t.Errorf("%s recovered after %s", r.Text("deployment_id"), got)
		}
	}
	if compared < 40 {
		t.Errorf("only %d numbers were compared", compared)
	}
}

// The queries are asked about the days of the period in the build's zone, against the period before.
func TestAPeriodIsAskedForInTheBuildsZone(t *testing.T) {
	q := readRecorded(t)
	documentOf(t, q, "en", LastMonth)
	for _, want := range []any{"2026-10-01", "2026-10-31", "2026-09-01", "2026-09-30"} {
		if !slices.Contains(q.asked["keys"], want) {
			t.Errorf("keys was not asked about %v: %v", want, q.asked["keys"])
		}
	}
	for _, want := range []time.Time{time.Date(2026, 9, 30, 15, 0, 0, 0, time.UTC), time.Date(2026, 10, 31, 15, 0, 0, 0, time.UTC)} {
		if !slices.ContainsFunc(q.asked["failures"], func(v any) bool { at, ok := v.(time.Time); return ok && at.Equal(want) }) {
			t.Errorf("failures was not asked about %v: %v", want, q.asked["failures"])
		}
	}
	q.set("publication", "week_start", "sunday")
	d := documentOf(t, q, "en", LastWeek)
	if got := d.Facts[0].Value; got != "15 Nov 2026 to 21 Nov 2026" {
		t.Errorf("the last week that begins on Sunday is %s", got)
	}
	if !slices.Contains(q.asked["key_trend"], any("1970-01-04")) {
		t.Errorf("weeks are not asked for from Sunday: %v", q.asked["key_trend"])
	}
}

// What comes from data cannot make tags, cells or links.
func TestWhatComesFromDataStaysText(t *testing.T) {
	q := readRecorded(t)
	const hostile = "<script>alert(1)</script> | [x](javascript:y) `z` *b*\nnext"
	q.set("reminders", "title", hostile)
	q.set("reminders", "external_issue_url", "javascript:alert(1)")
	d := documentOf(t, q, "en", LastMonth)
	text := htmlOf(t, d)
	for n := range parsed(t, text).Descendants() {
		if n.Data == "script" || strings.HasPrefix(attribute(n, "href"), "javascript") {
			t.Error("a title became a tag, or an address a script")
		}
	}
	width := 0
	for line := range bytes.Lines(Markdown(d)) {
		s := string(line)
		if strings.Contains(s, "alert") && !strings.Contains(s, `&lt;script&gt;alert(1)&lt;/script&gt; \| \[x\](javascript:y) \`+"`z\\`"+` \*b\* next`) {
			t.Errorf("Markdown has %s", s)
		}
		cells := strings.Count(strings.ReplaceAll(s, `\|`, ""), "|")
		if strings.HasPrefix(s, "|") && width > 0 && cells != width {
			t.Errorf("a row has %d cells, its table %d: %s", cells-1, width-1, s)
		}
		width = 0
		if strings.HasPrefix(s, "|") {
			width = cells
		}
	}
}

func TestALongTableSaysHowMuchItShows(t *testing.T) {
	q := readRecorded(t)
	first := q.tables["reminders"].Rows[0]
	for len(q.tables["reminders"].Rows) < 45 {
		q.tables["reminders"].Rows = append(q.tables["reminders"].Rows, first)
	}
	text := htmlOf(t, documentOf(t, q, "en", LastMonth))
	if !strings.Contains(text, "30 of 45 are shown.") {
		t.Error("the report does not say that 15 follow-ups are left out")
	}
}

func TestEveryTextIsThereInBothLanguagesAndUsed(t *testing.T) {
	checkWords(t)
}

func TestPeriodsAreTheLastOnesThatAreOver(t *testing.T) {
	for _, x := range []struct {
		text, asOf      string
		week            time.Weekday
		start, end, was string
		open            bool
	}{
		{"last-month", "2026-11-25", time.Monday, "2026-10-01", "2026-10-31", "2026-09-01", false},
		{"", "2026-03-01", time.Monday, "2026-02-01", "2026-02-28", "2026-01-01", false},
		{"last-month", "2026-10-31", time.Monday, "2026-09-01", "2026-09-30", "2026-08-01", false},
		{"last-week", "2026-11-25", time.Monday, "2026-11-16", "2026-11-22", "2026-11-09", false},
		{"last-week", "2026-11-25", time.Sunday, "2026-11-15", "2026-11-21", "2026-11-08", false},
		{"last-week", "2026-11-22", time.Sunday, "2026-11-15", "2026-11-21", "2026-11-08", false},
		{"last-week", "2026-11-21", time.Sunday, "2026-11-08", "2026-11-14", "2026-11-01", false},
		{"last-week", "2027-01-01", time.Sunday, "2026-12-20", "2026-12-26", "2026-12-13", false},
		{"last-quarter", "2026-01-15", time.Monday, "2025-10-01", "2025-12-31", "2025-07-01", false},
		{"2026-02", "2026-11-25", time.Monday, "2026-02-01", "2026-02-28", "2026-01-01", false},
		{"2026-11", "2026-11-25", time.Monday, "2026-11-01", "2026-11-25", "2026-10-01", true},
		{"2026-11", "2026-11-30", time.Monday, "2026-11-01", "2026-11-30", "2026-10-01", true},
		{"2026-11", "2026-12-01", time.Monday, "2026-11-01", "2026-11-30", "2026-10-01", false},
	} {
		asOf, err := time.Parse(time.DateOnly, x.asOf)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ParsePeriod(x.text, asOf, x.week)
		if err != nil {
			t.Errorf("%s: %v", x.text, err)
			continue
		}
		if got := []string{p.Start.Format(time.DateOnly), p.End.Format(time.DateOnly), p.Before.Format(time.DateOnly), strconv.FormatBool(p.Open)}; !slices.Equal(got, []string{x.start, x.end, x.was, strconv.FormatBool(x.open)}) {
			t.Errorf("%q as of %s, weeks from %s: %v, want %s to %s after %s, open %v", x.text, x.asOf, x.week, got, x.start, x.end, x.was, x.open)
		}
		if last := p.Trend[len(p.Trend)-1]; !last.Equal(p.Start) || !p.Trend[len(p.Trend)-2].Equal(p.Before) {
			t.Errorf("%q: its trend ends with %s", x.text, last.Format(time.DateOnly))
		}
	}
	for _, text := range []string{"month", "2026-13", "2026-1", "2027-01", "last-year", "2026"} {
		if _, err := ParsePeriod(text, time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC), time.Monday); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
