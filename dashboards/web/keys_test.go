package web

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/dashboards/chart"
)

// withoutDeployments makes the recorded build one of a company that reads incidents only.
func withoutDeployments(q *recorded) {
	for _, name := range []string{"keys", "key_trend", "key_services", "incident_deployments", "incident_unlinked", "delivery_counted"} {
		q.keep(name, none)
	}
	q.keep("choices", func(r row) bool { return r.text("kind") != "deployments" && r.text("kind") != "repository" })
	q.set("publication", "freshness", `[{"source":"incidentio","stream":"incidents","status":"ok","last_ok_at":"2026-11-25T08:30:00Z"}]`, every)
}

func TestWithoutASourceOfDeploymentsThePageSaysHowToConfigureOne(t *testing.T) {
	q := readRecorded(t)
	withoutDeployments(q)
	h, log := newHandler(t, q)
	got := site(t, h, "")
	for _, want := range []string{"No deployments are read", "token: ${GITHUB_TOKEN}", "Latest incidents", "INC-411", "Time to restore by severity"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, bad := range []string{"keycard", "keychart", "h-keyservices", "No cause linked", `id="f-repository"`, "Deployments and changes"} {
		if strings.Contains(got, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if ja := page(t, h, "/?lang=ja"); !strings.Contains(ja, "デプロイを取得していません") {
		t.Error("it is not said in Japanese")
	}
	if log.Len() > 0 {
		t.Error(log)
	}
}

func TestDeploymentsOfWhichNoneCountsAreTold(t *testing.T) {
	for name, change := range map[string]func(*recorded){
		"all left out": func(q *recorded) { q.keep("choices", func(r row) bool { return r.text("value") != "counted" }) },
		"none yet":     func(q *recorded) { q.keep("choices", func(r row) bool { return r.text("kind") != "deployments" }) },
	} {
		q := readRecorded(t)
		change(q)
		h, _ := newHandler(t, q)
		got := site(t, h, "")
		for _, want := range []string{"No deployment counts yet", "prod-*", "Deployments and changes", "Environment: staging"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: the page does not say %q", name, want)
			}
		}
		if strings.Contains(got, "keycard") || strings.Contains(got, "No deployments are read") {
			t.Errorf("%s: the page has cards, or says that nothing is read", name)
		}
	}
}

// card gives the text of a key's card without its markup.
func card(t *testing.T, page, metric string) string {
	t.Helper()
	_, after, found := strings.Cut(page, `data-key="`+metric+`">`)
	if !found {
		t.Fatalf("no card of %s", metric)
	}
	text, _, _ := strings.Cut(after, "</li>")
	text = regexp.MustCompile(`(?s)<svg.*?</svg>|<[^>]*>`).ReplaceAllString(text, " ")
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' }), " ")
}

func TestACardSaysValueLevelIntervalSampleAndChange(t *testing.T) {
	q := readRecorded(t)
	at := func(span, metric string) func(row) bool {
		return func(r row) bool { return r.text("span") == span && r.text("metric") == metric }
	}
	give := func(span, metric string, value, low, high any, n int64, level any) {
		where := at(span, metric)
		for column, v := range map[string]any{"value": value, "low": low, "high": high, "sample_size": n, "level": level} {
			q.set("keys", column, v, where)
		}
	}
	give("now", failureMetric, 0.125, 0.10, 0.15, 200, "medium")
	give("before", failureMetric, 0.25, 0.2, 0.3, 150, "low")
	give("now", evidenceMetric, 0.05, nil, nil, 200, nil)
	give("now", frequencyMetric, 0.5, 0.4, 0.6, 195, "high")
	give("before", frequencyMetric, 0.45, 0.4, 0.5, 180, "high")
	give("now", "failed_deployment_recovery_median_seconds", 1800.0, nil, nil, 4, "elite")
	give("before", "failed_deployment_recovery_median_seconds", 3600.0, nil, nil, 9, "high")
	give("now", "rework_rate", nil, nil, nil, 0, nil)
	q.set("metrics", "level_year", int64(2023), every)
	h, _ := newHandler(t, q)
	got := page(t, h, "/")
	for metric, want := range map[string]string{
		failureMetric: "Change failure rate 12.5\u00a0% Medium · 2023 95%: 10.0\u00a0% to 15.0\u00a0% 200 deployments 5.0\u00a0% without links that rest on time alone " +
			"▼ 12.5 points below the 157 days before (25.0\u00a0%) Trend Change failure rate Definition Change failure rate CSV Change failure rate",
		frequencyMetric: "Deployment frequency 3.5 per week High · 2023 95%: 2.8 to 4.2 195 deployments " +
			"▲ 11\u00a0% above the 157 days before (3.2 per week); this may be chance Trend Deployment frequency Definition Deployment frequency CSV Deployment frequency",
		"failed_deployment_recovery_median_seconds": "Failed deployment recovery time (median) 30 m Elite · 2023 4 recoveries " +
			"▼ 50\u00a0% below the 157 days before (1 h); too few to tell Trend Failed deployment recovery time (median) Definition Failed deployment recovery time (median) " +
			"CSV Failed deployment recovery time (median)",
		"rework_rate": "Rework rate – 0 deployments Nothing before to compare with Trend Rework rate Definition Rework rate CSV Rework rate",
	} {
		if diff := cmp.Diff(want, card(t, got, metric)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", metric, diff)
		}
	}
	for class, want := range map[string]int{"change better": 2, "change worse": 0, "change unsure": 1, "value few": 1} {
		if n := strings.Count(got[strings.Index(got, "keycards"):strings.Index(got, `id="h-keytrend"`)], `class="`+class+`"`); n != want {
			t.Errorf("%d cards are %q, want %d", n, class, want)
		}
	}
}

func TestHowOftenIsSaidInTheUnitThatIsOnceAtLeast(t *testing.T) {
	m := &maker{l: mustLanguage(t, "en"), b: buildInfo{Metrics: map[string]metricInfo{}}}
	ja := &maker{l: mustLanguage(t, "ja"), b: m.b}
	for _, c := range []struct {
		perDay float64
		en, ja string
	}{
		{0, "0.0 per day", "0.0回/日"},
		{123.4, "123 per day", "123回/日"},
		{1, "1.0 per day", "1.0回/日"},
		{0.99, "6.9 per week", "6.9回/週"},
		{1.0 / 7, "1.0 per week", "1.0回/週"},
		{0.14, "4.3 per month", "4.3回/月"},
		{0.01, "0.30 per month", "0.30回/月"},
	} {
		if got := m.writer(frequencyMetric, &c.perDay).text(&c.perDay); got != c.en {
			t.Errorf("%v a day is %q, want %q", c.perDay, got, c.en)
		}
		if got := ja.writer(frequencyMetric, &c.perDay).text(&c.perDay); got != c.ja {
			t.Errorf("%v a day is %q, want %q", c.perDay, got, c.ja)
		}
	}
}

// The list of incidents says what fct_unlinked_incidents says: of those that are in it and of no other.
func TestAnIncidentWithoutACauseSaysWhy(t *testing.T) {
	for reason, want := range map[string]string{
		"L4 nothing names its cause, and it names no service":                                     "Nothing names a deployment, and the incident names no configured service.",
		"L4 nothing names its cause, and no counted deployment finished before it started":        "Nothing names a deployment, and none of api, web had finished before the incident started.",
		"L4 nothing names its cause, and the nearest deployment is beyond metrics.failure_window": "Nothing names a deployment; the last one of api, web had finished 1 d 1 h before the incident started, which is not within metrics.failure_window.",
		"manual: none": "A person decided that no deployment caused it. Decided by hana: it was the network",
	} {
		q := readRecorded(t)
		q.keep("incident_deployments", none)
		row := func(table, id string) []any {
			cells := make([]any, len(q.tables[table].Columns))
			for i, c := range q.tables[table].Columns {
				cells[i] = map[string]any{"incident_id": id, "reason": reason, "reason_ja": "理由", "nearest_seconds": int64(25 * 3600)}[c]
				if table == "incident_services" {
					cells[i] = map[string]any{"incident_id": id, "service": map[bool]string{true: "api", false: "web"}[len(q.tables[table].Rows)%2 == 0]}[c]
				}
				if by := map[string]any{"decided_by": "hana", "decision_reason": "it was the network"}[c]; by != nil && reason == "manual: none" {
					cells[i] = by
				}
			}
			return cells
		}
		const id = "inc00306"
		q.keep("incident_services", none)
		for _, table := range []string{"incident_services", "incident_services", "incident_unlinked"} {
			if table == "incident_unlinked" {
				q.keep(table, none)
			}
			q.tables[table].Rows = append(q.tables[table].Rows, row(table, id))
		}
		h, _ := newHandler(t, q)
		got := page(t, h, "/incidents")
		if n := strings.Count(got, "No cause linked"); n != 1 {
			t.Errorf("%s: %d incidents have no cause, want one", reason, n)
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: the list does not say %q", reason, want)
		}
	}
}

func TestALinkedDeploymentIsShownWithItsEvidence(t *testing.T) {
	q := readRecorded(t)
	q.keep("incident_unlinked", func(r row) bool {
		return !slices.Contains([]string{"inc00306", "inc00307", "inc00309", "inc00311"}, r.text("incident_id"))
	})
	q.keep("incident_deployments", none)
	columns := q.tables["incident_deployments"].Columns
	row := func(values map[string]any) {
		cells := make([]any, len(columns))
		for i, c := range columns {
			cells[i] = values[c]
		}
		q.tables["incident_deployments"].Rows = append(q.tables["incident_deployments"].Rows, cells)
	}
	finished := time.Date(2026, 11, 23, 20, 36, 0, 0, time.UTC)
	base := func(change map[string]any) map[string]any {
		v := map[string]any{
			"incident_id": "inc00311", "role": "cause", "deployment_id": "deployments:7", "method": "pull_request", "confidence": "high",
			"evidence": "the attached pull request acme/api#12, which it shipped before the start", "service": "api", "repository": "acme/api",
			"sha": "0123456789abcdef", "url": "https://github.com/acme/api/commit/0123456789abcdef", "finished_at": finished,
		}
		for name, x := range change {
			v[name] = x
		}
		return v
	}
	row(base(nil))
	row(base(map[string]any{"service": "worker"}))
	row(base(map[string]any{"role": "fix", "deployment_id": "deployments:8"}))
	near := map[string]any{"incident_id": "inc00309", "method": "proximity", "confidence": "low", "finished_at": time.Date(2026, 11, 20, 11, 30, 0, 0, time.UTC)}
	row(base(near)) // of api and of worker, of which the incident affected worker
	near["service"] = "worker"
	row(base(near))
	row(base(map[string]any{"incident_id": "inc00307", "method": "manual", "decided_by": "hana", "reason": "a migration", "evidence": "links.csv"}))
	row(base(map[string]any{"incident_id": "inc00306", "method": "oracle", "confidence": "absolute", "repository": nil, "sha": nil, "url": nil, "finished_at": nil}))
	h, _ := newHandler(t, q)
	links := func(id string) []string {
		_, after, _ := strings.Cut(page(t, h, "/incidents"), `data-incident="`+id+`"`)
		body, _, _ := strings.Cut(after, "<details")
		var out []string
		for _, m := range regexp.MustCompile(`(?s)<p class="link[^>]*>(.*?)</p>`).FindAllStringSubmatch(body, -1) {
			out = append(out, strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(m[1], " ")), " "))
		}
		return out
	}
	const attached = "acme/api 0123456 GitHub finished 24 Nov 2026, 05:36 · attached pull request · high confidence The attached pull request acme/api#12, which it shipped before the start."
	for id, want := range map[string][]string{
		"inc00311": {"Cause " + attached, "Fix " + attached},
		"inc00309": {"Cause acme/api 0123456 GitHub finished 20 Nov 2026, 20:30 · by proximity in time · low confidence It finished 31 m before the start, the latest counted deployment of worker."},
		"inc00307": {"Cause acme/api 0123456 GitHub finished 24 Nov 2026, 05:36 · decided by a person · high confidence Links.csv. Decided by hana: a migration"},
		"inc00306": {"Cause deployments:7 oracle · absolute The attached pull request acme/api#12, which it shipped before the start."},
	} {
		if diff := cmp.Diff(want, links(id)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", id, diff)
		}
	}
}

func TestOneKeyCanBeChosenAndStaysChosen(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	got := page(t, h, "/?key=rework_rate&repository=acme%2Fapi")
	if n := strings.Count(got, "data-chart="); n != 1 || !strings.Contains(got, `data-chart="rework_rate"`) {
		t.Errorf("%d charts", n)
	}
	if !strings.Contains(got, `<input type="hidden" name="key" value="rework_rate">`) || !strings.Contains(got, `<option value="acme/api" selected>`) {
		t.Error("the form forgets what was chosen")
	}
	if !strings.Contains(got, "Incidents name no repository") {
		t.Error("it is not said that incidents are of all repositories")
	}
	if got := page(t, h, "/"); strings.Count(got, "data-chart=") != len(fourKeys) {
		t.Error("not all keys have a chart")
	}
}

// A gap, a value of few, a limit that is not known, a zero and an open period, all in one.
func TestTheChartOfAKeyIsAsItWas(t *testing.T) {
	m := &maker{l: mustLanguage(t, "en"), b: buildInfo{Metrics: map[string]metricInfo{failureMetric: {Unit: "ratio"}, "lead_time_median_seconds": {Unit: "seconds"}}}}
	rates := keyChart{
		Metric: failureMetric, Title: "Change failure rate", Unit: 1, Write: m.writer(failureMetric, nil),
		Values: []*measured{{f64(0.1), f64(0.05), f64(0.2), 40}, {f64(0.5), f64(0.05), f64(0.95), 2}, nil, {N: 0}, {f64(0), f64(0), f64(0.15), 30}, {f64(0.2), f64(0.1), f64(0.3), 60}},
		Few:    []bool{false, true, false, false, false, false},
	}
	got := svg(t, drawKey(m.l, "month", months(6), rates, chart.Sizes[0]))
	golden(t, "key_rate.svg", got)
	line := strings.Split(strings.Split(got, `class="medianline" d="`)[1], `"`)[0]
	if n := strings.Count(line, "M"); n != 2 {
		t.Errorf("the line has %d parts, want 2, broken where there is no value: %s", n, line)
	}
	times := keyChart{
		Metric: "lead_time_median_seconds", Title: "Change lead time", Duration: true, Unit: 1, Write: m.writer("lead_time_median_seconds", nil),
		Values: []*measured{{f64(86400), f64(3600), nil, 7}, {f64(0), f64(0), f64(60), 9}, nil, {f64(7200), nil, nil, 1}, nil, {f64(90), f64(80), f64(100), 8}},
		Few:    []bool{false, false, false, true, false, false},
	}
	golden(t, "key_time.svg", svg(t, drawKey(m.l, "month", months(6), times, chart.Sizes[1])))
	golden(t, "key_small.svg", svg(t, drawKeySpark("x", months(6), rates.Values, rates.Few))+svg(t, drawGauge("x", rates.Values[0], f64(0.3), &Goal{failureMetric, 0.15, false}, false)))
	for _, empty := range []keyChart{{Write: rates.Write}, {Duration: true, Write: rates.Write}} {
		empty.Values, empty.Few = make([]*measured, 6), make([]bool, 6)
		if s := svg(t, drawKey(m.l, "week", months(6), empty, chart.Sizes[0])); strings.Contains(s, "NaN") || strings.Contains(s, "medianpoint") {
			t.Errorf("a chart of nothing: %s", s)
		}
	}
}
