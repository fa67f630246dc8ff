package web

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestASpreadsheetRunsNothingFromACSV(t *testing.T) {
	at := time.Date(2026, 11, 25, 8, 30, 0, 500_000_000, time.FixedZone("", 9*3600))
	got := string(asCSV([]string{"name", "n", "at"}, [][]any{
		{"=1+1", int64(-5), at},
		{"+1", 0.25, nil},
		{"-1", true, "2026-11-25"},
		{"@x", nil, nil},
		{"\tx", nil, nil},
		{"\rx", nil, nil},
		{`plain "quoted", text`, -1.5, nil},
		{"二行\n目 = x", nil, nil},
		{"", nil, nil},
	}))
	want := "name,n,at\r\n" +
		"'=1+1,-5,2026-11-24T23:30:00.5Z\r\n" + "'+1,0.25,\r\n" + "'-1,true,2026-11-25\r\n" + "'@x,,\r\n" + "'\tx,,\r\n" + "\"'x\",,\r\n" +
		"\"plain \"\"quoted\"\", text\",-1.5,\r\n" + "\"二行\r\n目 = x\",,\r\n" + ",,\r\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestJSONIsOneArrayOfObjectsInTheOrderOfColumns(t *testing.T) {
	at := time.Date(2026, 11, 25, 8, 30, 0, 0, time.UTC)
	got := string(asJSON([]string{"b", "a"}, [][]any{{at, `<"ü">`}, {nil, math.NaN()}, {int64(7), 1.5}}))
	want := "[\n{\"b\":\"2026-11-25T08:30:00Z\",\"a\":\"\\u003c\\\"ü\\\"\\u003e\"},\n{\"b\":null,\"a\":null},\n{\"b\":7,\"a\":1.5}\n]\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := string(asJSON([]string{"a"}, nil)); got != "[\n]\n" {
		t.Errorf("no rows: %q", got)
	}
}

func TestPanelsCanBeDownloadedWithTheFiltersOfThePage(t *testing.T) {
	q := readRecorded(t)
	q.set("incidents", "name", "=cmd()", every)
	h, _ := newHandler(t, q)
	r := ask(t, h, "/api/panels/incidents.csv?severity=Major")
	rows, err := csv.NewReader(strings.NewReader(body(t, r))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1+len(q.tables["incidents"].Rows) || rows[1][2] != "'=cmd()" {
		t.Errorf("%d rows, the first is %q", len(rows), rows[1])
	}
	if got := r.Header.Get("Content-Disposition"); got != `attachment; filename="fourfold-incidents.csv"` {
		t.Error(got)
	}
	if q.asked["incidents"][0] != "" || !strings.Contains(cmp.Diff(nil, q.asked["incidents"]), "Major") {
		t.Errorf("asked with %v", q.asked["incidents"])
	}
	for _, name := range append(furtherQueries, "incidents", "keys", "restores") {
		var objects []map[string]any
		if err := json.Unmarshal([]byte(page(t, h, "/api/panels/"+name+".json")), &objects); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(objects) != len(q.tables[name].Rows) {
			t.Errorf("%s: %d of %d rows", name, len(objects), len(q.tables[name].Rows))
		}
	}
	for _, bad := range []string{"choices.csv", "nothing.json", "trend.xml", "trend", "../web.csv"} {
		if r := ask(t, h, "/api/panels/"+bad); r.StatusCode == 200 {
			t.Errorf("%s answered", bad)
		}
	}
}

func TestADownloadSaysThatItIsCut(t *testing.T) {
	q := readRecorded(t)
	limit := len(q.tables["restores"].Rows) - 1
	h, _ := newHandler(t, q, func(o *Options) { o.RowLimit = limit })
	r := ask(t, h, "/api/panels/restores.csv")
	if n := strings.Count(body(t, r), "\r\n"); n != limit+1 || r.Header.Get("X-Truncated") != "true" {
		t.Errorf("%d lines, X-Truncated %q", n, r.Header.Get("X-Truncated"))
	}
	if r := ask(t, h, "/api/panels/quality.csv"); r.Header.Get("X-Truncated") != "" {
		t.Error("a whole answer says that it is cut")
	}
}

func TestMetricsAreInTheTextFormatOfPrometheus(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	page(t, h, "/")
	ask(t, h, "/nowhere")
	r := ask(t, h, "/metrics")
	if got := r.Header.Get("Content-Type"); got != "text/plain; version=0.0.4; charset=utf-8" {
		t.Error(got)
	}
	golden(t, "metrics.txt", body(t, r))
	var e exposition
	e.sample("m", 1, "label", "a\"b\\c\nd")
	if got, want := e.String(), "m{label=\"a\\\"b\\\\c\\nd\"} 1\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestHealthNamesTheBuild(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	if got := page(t, h, "/healthz"); got != `{"build_id":"b-20261125-0830","status":"ok"}`+"\n" {
		t.Error(got)
	}
}

func TestAValueIsInJSONAsPackageJSONWritesIt(t *testing.T) {
	values := []any{nil, true, false, int64(0), int64(-7), int64(math.MaxInt64), 1.5, 1e21, "", "plain", "a~b c", "日本", "\u2028", "\x00\x1f\x7f", `"\`, "<&>", "\xff"}
	for c := range 0x100 {
		values = append(values, "a"+string(rune(c))+"b", "a"+string([]byte{byte(c)}))
	}
	for _, v := range values {
		want, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if got := appendJSON([]byte("x"), v); string(got) != "x"+string(want) {
			t.Errorf("%#v is %s, not %s", v, got[1:], want)
		}
	}
}
