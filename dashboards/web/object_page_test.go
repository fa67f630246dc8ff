package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fourfold/dashboards/chart"
)

// withObjects answers about one incident and one deployment, too.
func withObjects(t *testing.T) *recorded {
	t.Helper()
	q := readRecorded(t)
	q.read(t, "objects.json")
	return q
}

// plainText is what a reader sees of a page, in one line.
func plainText(page string) string {
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")), " ")
}

func TestAnIdIsOneSegmentOfAnAddressAndComesBack(t *testing.T) {
	q := withObjects(t)
	h, _ := newHandler(t, q)
	for _, id := range []string{"01JABC", "deployments:7", "tags:acme/api@v1", ".", "..", "...", "~", "~..", "~~x", "a/../b", "%2F", "100%", "a?b#c", "a b", "決済/１", `"<&'`} {
		s := segment(id)
		if strings.ContainsAny(s, "/?#") || s == "." || s == ".." {
			t.Errorf("%q is the segment %q", id, s)
		}
		back, err := url.PathUnescape(s)
		if err != nil || idOf(back) != id {
			t.Errorf("%q comes back as %q: %v", id, idOf(back), err)
		}
		page(t, h, "/"+deploymentPath(id))
		if got := q.asked["one_deployment"]; len(got) == 0 || got[0] != id {
			t.Errorf("the page of %q asks for %v", id, got)
		}
	}
}

func TestAnIncidentIsFoundByWhatPeopleCallIt(t *testing.T) {
	q := withObjects(t)
	h, _ := newHandler(t, q)
	page(t, h, "/incidents/inc-7")
	if got := q.asked["one_incident"][0]; got != "inc-7" {
		t.Errorf("looked for %v", got)
	}
	id := q.tables["one_incident"].rows()[0].text("incident_id")
	for _, name := range incidentQueries {
		if got := q.asked[name]; !slices.Contains(got, any(id)) {
			t.Errorf("%s is asked about %v, want %s", name, got, id)
		}
	}
}

func TestAnObjectThatIsNotThereIsA404ThatSaysHowToSearch(t *testing.T) {
	q := withObjects(t)
	q.keep("one_incident", none)
	q.keep("one_deployment", none)
	h, log := newHandler(t, q)
	for address, hint := range map[string]string{
		"/incidents/%3Cb%3Ex":                       "This build has no incident &lt;b&gt;x.",
		"/deployments/x":                            "This build has no deployment x.",
		"/incidents/x?lang=ja":                      "インシデント「x」はありません",
		"/deployments/x?lang=ja":                    "デプロイ「x」はありません",
		"/api/incidents/x.json":                     "This build has no incident x.",
		"/api/deployments/x.csv":                    "There is no such page",
		"/incidents/a/b":                            "There is no such page",
		"/incidents/%FF":                            "There is no such page",
		"/deployments/" + strings.Repeat("x", 2000): "There is no such page",
	} {
		r := ask(t, h, address)
		if b := body(t, r); r.StatusCode != http.StatusNotFound || !strings.Contains(b, hint) || strings.Contains(b, "<b>x") {
			t.Errorf("%s answered %d without %q:\n%s", address[:min(40, len(address))], r.StatusCode, hint, b)
		}
	}
	if log.Len() > 0 {
		t.Error(log)
	}
}

// Names are other people's: nothing of them is code, and no link leads to anything but the web.
func TestPagesOfObjectsTrustNoNameAndNoAddress(t *testing.T) {
	const evil = `"><script>alert(1)</script>`
	q := withObjects(t)
	for name, table := range q.tables {
		if !strings.HasPrefix(name, "one_") && !strings.HasPrefix(name, "incident_") {
			continue
		}
		for _, column := range table.Columns {
			switch {
			case strings.HasSuffix(column, "url"), column == "permalink":
				q.set(name, column, "javascript:alert(1)", every)
			case strings.HasSuffix(column, "_at"), column == "at", strings.HasSuffix(column, "seconds"), strings.HasPrefix(column, "is_"), strings.Contains(column, "count"), strings.Contains(column, "shipped"):
			case column == "place" || column == "sample_size" || column == "shorter" || column == "as_long" || column == "commits" || column == "role":
			default:
				q.set(name, column, evil, every)
			}
		}
	}
	h, log := newHandler(t, q)
	for _, address := range []string{"/incidents/x", "/deployments/x"} {
		b := page(t, h, address)
		if strings.Contains(b, "<script") || strings.Contains(b, `href="javascript`) {
			t.Errorf("%s has a name as code", address)
		}
		if !strings.Contains(b, "&lt;script&gt;") {
			t.Errorf("%s shows no name", address)
		}
	}
	if log.Len() > 0 {
		t.Error(log)
	}
}

func TestWhatDoesNotCountSaysByWhichRule(t *testing.T) {
	for reason, want := range map[string]string{
		"I1 mode test":                "It does not count for the metrics. Mode: test (I1). Drills are in no number",
		"I2 status category declined": "It does not count for the metrics. Status: declined (I2).",
	} {
		q := withObjects(t)
		q.set("one_incident", "is_counted", false, every)
		q.set("one_incident", "exclusion_reason", reason, every)
		if strings.HasPrefix(reason, "I1") {
			q.set("one_incident", "mode", "test", every)
		}
		h, _ := newHandler(t, q)
		b := page(t, h, "/incidents/x")
		if !strings.Contains(plainText(b), want) {
			t.Errorf("%s: the page does not say %q", reason, want)
		}
		if strings.Contains(b, "h-peers") {
			t.Errorf("%s: it is compared with those that count", reason)
		}
	}
	q := withObjects(t)
	q.set("one_deployment", "is_counted", false, every)
	q.set("one_deployment", "exclusion_reason", "D1 environment staging", every)
	h, _ := newHandler(t, q)
	if b := plainText(page(t, h, "/deployments/x")); !strings.Contains(b, "It does not count. Environment: staging (D1).") {
		t.Errorf("the page of a deployment to staging does not say so:\n%s", b)
	}
}

// What the marts say in both languages is read in that of the page, and nothing on a page in Japanese is marked as English.
func TestSentencesOfTheMartsAreInTheLanguageOfThePage(t *testing.T) {
	const english, japanese = "said in English", "日本語で述べる"
	q := withObjects(t)
	sentences := 0
	for name, table := range q.tables {
		for _, column := range table.Columns {
			if base, ok := strings.CutSuffix(column, "_ja"); ok && slices.Contains(table.Columns, base) {
				q.set(name, base, english, every)
				q.set(name, column, japanese, every)
				sentences++
			}
		}
	}
	if sentences < 10 {
		t.Fatalf("%d columns are recorded in both languages", sentences)
	}
	q.set("incident_deployments", "method", "field", every) // what is near in time, the page says by itself
	q.set("one_deployment_incidents", "method", "field", every)
	h, _ := newHandler(t, q)
	for _, address := range []string{
		"/", "/incidents", "/incidents/x", "/deployments/x", "/panels/cause_links", "/panels/unlinked", "/panels/quality", "/panels/findings",
	} {
		for lang, want := range map[string][2]string{"en": {english[1:], japanese}, "ja": {japanese, english[1:]}} {
			_, main, _ := strings.Cut(page(t, h, address+"?lang="+lang), "<main")
			if !strings.Contains(main, want[0]) || strings.Contains(main, want[1]) {
				t.Errorf("%s in %s says what it should not, or not what it should", address, lang)
			}
			if lang == "ja" && strings.Contains(main, `lang="en"`) {
				t.Errorf("%s has words in English", address)
			}
		}
	}
}

// Every reason that the marts give has words in both languages.
func TestWhyThereIsNoCauseIsSaidInTheLanguageOfThePage(t *testing.T) {
	q := withObjects(t)
	columns := q.tables["one_incident_unlinked"].Columns
	remedy := []string{"Name the deployment in the field.", "フィールドでデプロイを指定してください。</bdi>"}
	for reason, want := range map[string][2]string{
		"L4 it has no start": {"The incident has no start", "開始時刻がない"},
		"L4 nothing names its cause, and it names no service":                                     {"names no configured service", "設定済みのサービスに該当しません"},
		"L4 nothing names its cause, and metrics.failure_window is off":                           {"metrics.failure_window is off", "metrics.failure_windowがoff"},
		"L4 nothing names its cause, and no counted deployment finished before it started":        {"had finished before the incident started", "開始より前に完了した"},
		"L4 nothing names its cause, and the nearest deployment is beyond metrics.failure_window": {"had finished 2 d before the incident started", "開始の2日前に完了"},
		"manual: none":             {"A person decided that no deployment caused it", "原因となったデプロイはないと判断"},
		"L9 something that is new": {"L9 something that is new.", "L9 新しい理由です。"},
	} {
		cells := make([]any, len(columns))
		for i, c := range columns {
			cells[i] = map[string]any{
				"reason": reason, "reason_ja": "L9 新しい理由です", "what_would_link": "name the deployment in the field",
				"what_would_link_ja": "フィールドでデプロイを指定してください。", "nearest_deployment_id": "deployments:5", "nearest_seconds": int64(2 * 86400),
				"repository": "acme/api", "sha": "0123456789", "decided_by": "hana", "decision_reason": "it was the network",
			}[c]
		}
		q.tables["one_incident_unlinked"] = &Table{columns, [][]any{cells}}
		q.keep("incident_deployments", none)
		h, _ := newHandler(t, q)
		for i, lang := range []string{"en", "ja"} {
			b := page(t, h, "/incidents/x?lang="+lang)
			_, after, _ := strings.Cut(b, `id="cause"`)
			card, _, _ := strings.Cut(after, `id="fix"`)
			for _, part := range []string{want[i], "acme/api", "0123456", remedy[i], "it was the network", `href="../deployments/deployments:5`} {
				if !strings.Contains(card, part) {
					t.Errorf("%s %s: the page does not say %q:\n%s", lang, reason, part, card)
				}
			}
		}
	}
}

func TestWhyADeploymentFailedOrIsReworkIsSaidInTheLanguageOfThePage(t *testing.T) {
	for _, lang := range []string{"en", "ja"} {
		m := &maker{l: mustLanguage(t, lang)}
		english := regexp.MustCompile(`\b(by|of|label|branch|was|caused)\b`)
		for _, reason := range []string{
			"W rollback", "W fix of INC-1", "W hotfix acme/api#3 (label hotfix)", "W hotfix acme/api#3 (branch hotfix/x)", "W hotfix branch hotfix/x",
			"W rollback by deployments:9", "W fix of INC-1 by deployments:9", "W hotfix acme/api#3 (label hotfix) by deployments:9",
		} {
			got := m.rework(reason)
			if got == reason || !strings.Contains(got, "W") || lang == "ja" && english.MatchString(got) || strings.Contains(got, "deployments:9") != strings.Contains(reason, "deployments:9") {
				t.Errorf("%s: %q is said as %q", lang, reason, got)
			}
		}
		for _, reason := range []string{
			"F1 caused INC-1 (field), INC-2 (proximity, by deployments:9)", "F2 was rolled back by deployments:8", "F2 deployments:9 was rolled back by deployments:8",
		} {
			if got := m.failureReason(reason); got == reason || !strings.Contains(got, reason[:2]) || lang == "ja" && english.MatchString(got) {
				t.Errorf("%s: %q is said as %q", lang, reason, got)
			}
		}
		for _, reason := range []string{"C2 merge commit", "C5 authored time unknown", "C5 start unknown", "C5 deployed before it was authored", "C6 after a deployment of an unknown commit", "D5 group", "D4 redeploy"} {
			rule, words, _ := strings.Cut(reason, " ")
			if got := m.excluded(reason); got.Text == words || got.Rule != rule {
				t.Errorf("%s: %q is said as %q (%s)", lang, reason, got.Text, got.Rule)
			}
		}
	}
	en := &maker{l: mustLanguage(t, "en")}
	failed := func(reason, undone string) string {
		r := (&Table{[]string{"failure_reason", "undone_by_deployment_id"}, [][]any{{reason, undone}}}).rows()[0]
		return en.failure(r, nil)
	}
	if got := failed("F1 caused INC-1 (field), INC-2 (proximity, by deployments:9)", ""); got != "caused INC-1 (named in a custom field), INC-2 (by proximity in time, through deployments:9 of its group) (F1)" {
		t.Error(got)
	}
	if got := failed("F2 was rolled back by deployments:8", "deployments:8"); got != "was rolled back by deployments:8 (F2)" {
		t.Error(got)
	}
}

// A timestamp, a status or the creation carries each number, or it has a row of its own: none is lost.
func TestEveryNumberOfAnIncidentHasARowThatItRestsOn(t *testing.T) {
	for _, c := range []struct{ basis, what string }{
		{"Fixed at", "Fixed at"},
		{"left_live", "Status: "},
		{"left_live after reopening", "Status: "},
		{"A timestamp that has another name now", "Timestamp “A timestamp that has another name now”"},
	} {
		q := withObjects(t)
		at := time.Date(2026, 7, 1, 10, 0, 0, 0, time.UTC)
		q.set("one_incident", "restore_end_basis", c.basis, every)
		q.set("one_incident", "restored_at", at, every)
		named, stayed := q.tables["incident_timestamps"].rows(), q.tables["incident_statuses"].rows()
		q.set("incident_timestamps", "at", at, func(r row) bool { return r.text("name") == "Fixed at" })
		q.set("incident_statuses", "started_at", at, func(r row) bool { return r.text("status_category") == "closed" })
		if len(named) == 0 || len(stayed) == 0 {
			t.Fatal("nothing is recorded")
		}
		h, _ := newHandler(t, q)
		_, rows, _ := strings.Cut(page(t, h, "/incidents/x"), `class="stacked rows times"`)
		found := 0
		for _, r := range strings.Split(rows, "<tr")[1:] {
			if r, _, _ := strings.Cut(r, "</tr>"); strings.Contains(r, "end of time to restore") {
				found++
				if !strings.Contains(r, c.what) || !strings.Contains(r, "2026-07-01T10:00:00Z") {
					t.Errorf("%s: %s", c.basis, r)
				}
			}
		}
		if found != 1 {
			t.Errorf("%s: %d rows are the end", c.basis, found)
		}
	}
}

func TestTheTimelineIsToScaleFromStartToEndAndCutOutsideOnly(t *testing.T) {
	start := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	after := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	end := after(600)
	s := newTimeScale([]time.Time{after(-3000), after(-10), start, after(1), after(300), end, after(620), after(9000), after(99999)}, start, end, 10, 1010, 60)
	if len(s.cuts) != 3 {
		t.Fatalf("%d cuts", len(s.cuts))
	}
	perMinute := (s.x(end) - s.x(start)) / 600
	for _, c := range []struct{ from, to int }{{-10, 0}, {0, 1}, {1, 300}, {300, 600}, {600, 620}} {
		if got, want := s.x(after(c.to))-s.x(after(c.from)), perMinute*float64(c.to-c.from); got < want-1e-6 || got > want+1e-6 {
			t.Errorf("%d to %d minutes takes %v, want %v", c.from, c.to, got, want)
		}
	}
	for i, want := range []int{2990, 9000 - 620, 99999 - 9000} {
		if got := s.cuts[i].length; got != time.Duration(want)*time.Minute || s.cuts[i].x2-s.cuts[i].x1 != 60 {
			t.Errorf("cut %d is %v long and from %v to %v", i, got, s.cuts[i].x1, s.cuts[i].x2)
		}
	}
	if !slices.IsSorted(s.xs) || s.xs[0] != 10 || s.xs[len(s.xs)-1] != 1010 {
		t.Errorf("%v", s.xs)
	}
	// An incident of a day whose parts are short has no cut within it.
	if s := newTimeScale([]time.Time{start, after(1), after(1440)}, start, after(1440), 0, 100, 60); len(s.cuts) != 0 {
		t.Error("the incident itself is cut")
	}
	// Nothing but one instant, and a thousand far from each other, still fit.
	if s := newTimeScale([]time.Time{start, start}, start, start, 0, 100, 60); s.x(start) != 0 {
		t.Errorf("%v", s.xs)
	}
	many := []time.Time{start, after(1)}
	for i := range 1000 {
		many = append(many, after(1000*(i+1)))
	}
	if s := newTimeScale(many, start, after(1), 0, 100, 60); s.x(after(1)) < 54 || s.xs[len(s.xs)-1] > 100.001 {
		t.Errorf("the incident has %v of 100, all end at %v", s.x(after(1)), s.xs[len(s.xs)-1])
	}
}

// However many things happened at once, no words lie over others, and all of them are drawn.
func TestMarksOfTheTimelineDoNotOverlap(t *testing.T) {
	start := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	tl := timeline{Start: start, End: start.Add(time.Hour)}
	for i := range 14 {
		tl.Marks = append(tl.Marks, timeMark{At: start.Add(time.Duration(i*i) * 20 * time.Second), Numbers: string(rune('a' + i)), What: "Something with a name", Clock: "12:00"})
	}
	l := mustLanguage(t, "en")
	for _, sz := range chart.RowSizes {
		d := drawTimeline(l, tl, sz)
		type box struct{ x, y, w string }
		seen := map[box]bool{}
		pills := 0
		for _, v := range d.Marks {
			if !strings.HasPrefix(v.Class, "pill ") {
				continue
			}
			pills++
			if b := (box{v.X, v.Y, v.W}); seen[b] {
				t.Errorf("%s: two marks at %v", sz.Name, b)
			} else {
				seen[b] = true
			}
		}
		if pills != len(tl.Marks) || d.H < int(timeBandBottom) {
			t.Errorf("%s: %d of %d marks, %d high", sz.Name, pills, len(tl.Marks), d.H)
		}
	}
}

func TestTheRowsBehindAPageAreOneFile(t *testing.T) {
	h, _ := newHandler(t, withObjects(t))
	for address, part := range map[string]string{"/api/incidents/x.json": "incident", "/api/deployments/x.json": "deployment_changes"} {
		r := ask(t, h, address)
		var rows map[string][]map[string]any
		if err := json.Unmarshal([]byte(body(t, r)), &rows); err != nil {
			t.Fatalf("%s: %v", address, err)
		}
		if len(rows[part]) == 0 || r.Header.Get("ETag") == "" || !strings.HasPrefix(r.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %v %v", address, rows, r.Header)
		}
		if again := ask(t, h, address, "If-None-Match", r.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: %d for somebody who has it", address, again.StatusCode)
		}
	}
}

func TestACommandForAnyIdCanBePasted(t *testing.T) {
	for id, want := range map[string]string{
		"INC-7": "INC-7", "tags:acme/api@v1": "tags:acme/api@v1", "a b": "'a b'", "it's; rm -rf ~": `'it'\''s; rm -rf ~'`, "-x": "'-x'", "$(x)": "'$(x)'",
	} {
		if got := explainCommand("incident", id); got != "fourfold explain incident "+want {
			t.Errorf("%q: %s", id, got)
		}
	}
}

// Of two timestamps of one instant, a duration ends at the one that it is configured to end at.
func TestTheTimelineMarksTheTimestampThatADurationWasTakenFrom(t *testing.T) {
	for _, basis := range []string{"Declared at", "Reported at"} {
		q := withObjects(t)
		at := q.tables["one_incident_durations"].rows()[0].at("to_at")
		q.set("incident_timestamps", "at", at, func(r row) bool { return r.text("name") == "Reported at" || r.text("name") == "Accepted at" })
		q.set("incident_timestamps", "name", "Declared at", func(r row) bool { return r.text("name") == "Accepted at" })
		q.set("one_incident_durations", "to_basis", basis, every)
		q.set("one_incident", "acknowledged_at", nil, every)
		h, _ := newHandler(t, q)
		var marked []string
		for _, r := range regexp.MustCompile(`(?s)<tr[^>]*>.*?</tr>`).FindAllString(page(t, h, "/incidents/x"), -1) {
			if strings.Contains(r, "end of detection") {
				marked = append(marked, plainText(r))
			}
		}
		if len(marked) != 1 || !strings.Contains(marked[0], basis) {
			t.Errorf("detection ends at %q, and marked as its end is %q", basis, marked)
		}
	}
}

func TestAFailureThatAMemberOfAGroupCausedIsInWords(t *testing.T) {
	q := withObjects(t)
	h, _ := newHandler(t, q)
	d := h.(*Dashboard)
	for lang, want := range map[string]string{
		"en": "caused INC-1 (attached pull request, through deployments:7 of its group), INC-2 (by proximity in time) (F1)",
		"ja": "INC-1 (添付のプルリクエスト、同じグループのdeployments:7), INC-2 (時間の近さ)の原因（F1）",
	} {
		m, err := d.server.open(t.Context(), q.build, at(""), filter{Period: defaultPeriod, Lang: lang})
		if err != nil {
			t.Fatal(err)
		}
		if got := m.failureReason("F1 caused INC-1 (pull_request, by deployments:7), INC-2 (proximity)"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
