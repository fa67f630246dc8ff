package web

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fourfold/dashboards"
)

// boards are the addresses of all dashboards.
func boards(t *testing.T) []string {
	t.Helper()
	c, err := dashboards.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i := range c.Dashboards {
		out = append(out, "/"+boardPath(c, &c.Dashboards[i]))
	}
	return out
}

// site gives all dashboards one after the other.
func site(t *testing.T, h http.Handler, query string) string {
	t.Helper()
	var out strings.Builder
	for _, address := range boards(t) {
		out.WriteString(page(t, h, address+query))
	}
	return out.String()
}

func TestThePagesAreAsTheyWereInBothLanguages(t *testing.T) {
	h, log := newHandler(t, readRecorded(t))
	for name, address := range map[string]string{"overview": "/", "incidents": "/incidents"} {
		for _, lang := range languages {
			got := regexp.MustCompile(`\?v=[0-9a-f]+`).ReplaceAllString(page(t, h, address+"?lang="+lang), "?v=VERSION")
			golden(t, name+"."+lang+".html", got)
		}
	}
	if log.Len() > 0 {
		t.Error(log)
	}
}

func TestTheSameBuildGivesTheSameBytes(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	again, _ := newHandler(t, readRecorded(t), func(o *Options) { o.now = time.Now })
	for _, query := range []string{"", "?lang=ja&period=week&range=26w&severity=Major&counted=all&kiosk&theme=dark"} {
		if a, b := site(t, h, query), site(t, again, query); a != b {
			t.Errorf("%q differs between two servers", query)
		}
	}
}

func TestAFilterWithNothingToChooseIsNotShown(t *testing.T) {
	q := readRecorded(t)
	q.keep("choices", func(r row) bool { return r.text("kind") != "team" })
	h, _ := newHandler(t, q)
	if strings.Contains(page(t, h, "/"), `id="f-team"`) {
		t.Error("teams can be chosen and there are none")
	}
	if !strings.Contains(page(t, h, "/?team=gone"), "gone (not known)") {
		t.Error("a team of the address that is not there cannot be seen, nor taken back")
	}
}

// Whatever is in the data, the page stands.
func TestThePageStandsWithLittleOrNoData(t *testing.T) {
	nothing := func(q *recorded) {
		for name := range q.tables {
			if name != "publication" && name != "metrics" {
				q.keep(name, none)
			}
		}
	}
	noKeys := func(q *recorded) {
		for _, name := range []string{"keys", "key_trend", "key_services"} {
			q.keep(name, none)
		}
	}
	one := func(q *recorded) {
		noKeys(q)
		const id = "inc00306"
		for _, name := range []string{
			"restores", "incidents", "incident_services", "incident_timestamps", "incident_statuses", "incident_deployments", "incident_unlinked",
		} {
			q.keep(name, func(r row) bool { return r.text("incident_id") == id })
		}
		q.keep("trend", func(r row) bool { return strings.HasPrefix(r.text("period_start"), "2026-11") })
		for _, name := range []string{"trend", "severity"} {
			q.keep(name, func(r row) bool { return r.text("dimension_value") == "all" || r.text("dimension_value") == "Trivial" })
			q.set(name, "sample_size", int64(1), every)
			q.set(name, "value", 1.0, func(r row) bool { return r.text("metric") == "incidents" })
			q.set(name, "low", nil, func(r row) bool { return r.text("metric") != "incidents" })
			q.set(name, "high", nil, func(r row) bool { return r.text("metric") != "incidents" })
		}
		q.keep("counted", func(r row) bool { return r.text("exclusion_reason") == "" })
		q.set("counted", "incidents", int64(1), every)
		q.set("counted", "unrestored", int64(0), every)
	}
	open := func(q *recorded) {
		for name := range q.tables {
			if !slices.Contains([]string{"publication", "metrics", "choices", "trend", "severity", "incidents", "counted", "quality"}, name) && !strings.HasPrefix(name, "incident_") {
				q.keep(name, none)
			}
		}
		q.keep("restores", none)
		q.keep("incidents", func(r row) bool { return r.at("restored_at").IsZero() })
		for _, name := range []string{"trend", "severity"} {
			for _, column := range []string{"value", "low", "high"} {
				q.set(name, column, nil, func(r row) bool { return strings.HasPrefix(r.text("metric"), "time_to_restore") })
			}
			q.set(name, "sample_size", int64(0), func(r row) bool { return strings.HasPrefix(r.text("metric"), "time_to_restore") })
		}
	}
	noSeverity := func(q *recorded) {
		q.keep("choices", func(r row) bool { return r.text("kind") != "severity" })
		for _, name := range []string{"trend", "severity"} {
			q.set(name, "dimension_value", "", func(r row) bool { return r.text("dimension_value") == "Minor" })
			q.keep(name, func(r row) bool { return r.text("dimension_value") == "" || r.text("dimension_value") == "all" })
		}
		for name, table := range q.tables {
			if slices.Contains(table.Columns, "severity") && !slices.Contains(table.Columns, "rule") { // that of a finding is another
				q.set(name, "severity", "", every)
			}
			if slices.Contains(table.Columns, "declared_severity") {
				q.set(name, "declared_severity", "", every)
			}
		}
		q.set("incidents", "severity", nil, every)
	}
	for _, c := range []struct {
		name   string
		change func(*recorded)
		has    []string
		hasNot []string
	}{
		{"no incidents", nothing, []string{"No incidents here", "Nothing was restored in this range.", "No incident started in this range.", "No findings."}, []string{`class="dot `, "NaN", "Infinity", "+Inf"}},
		{"one incident", one, []string{"1 incident started in this range. It is shown", "INC-406", "1 incident of this range counts.", "n\u00a0=\u00a01"}, []string{"NaN", "Infinity", "+Inf", "change better", "change worse"}},
		{"only open incidents", open, []string{"Nothing was restored in this range.", ">open<", "for 1 d 10 h", "not yet"}, []string{`class="dot `, "NaN", "Infinity", "+Inf", "medianpoint"}},
		{"no severity anywhere", noSeverity, []string{"No severity", "sev0", `class="dot sev0"`}, []string{"Critical", "NaN", "Infinity", "+Inf"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := readRecorded(t)
			c.change(q)
			h, log := newHandler(t, q)
			got := site(t, h, "")
			for _, want := range c.has {
				if !strings.Contains(got, want) {
					t.Errorf("the page does not say %q", want)
				}
			}
			for _, bad := range c.hasNot {
				if strings.Contains(got, bad) {
					t.Errorf("the page has %q", bad)
				}
			}
			site(t, h, "?lang=ja")
			if log.Len() > 0 {
				t.Error(log)
			}
		})
	}
}

// Names come from other people. None of them becomes markup, a script or a link that runs one.
func TestHostileNamesStayText(t *testing.T) {
	const nasty = `"><script>alert(1)</script><img src=x onerror=alert(2)>'`
	q := readRecorded(t)
	for name, columns := range map[string][]string{
		"incidents":           {"reference", "name", "status", "exclusion_reason", "restore_start_basis"},
		"restores":            {"name", "reference"},
		"incident_services":   {"service"},
		"incident_timestamps": {"name"},
		"incident_statuses":   {"status"},
		"counted":             {"exclusion_reason"},
		"quality":             {"rule", "example"},
		"metrics":             {"title_en", "description_en", "level_comparison"},
		"key_services":        {"service", "level"},
		"keys":                {"level"},
		"delivery_counted":    {"exclusion_reason"},
		"incident_deployments": {
			"role", "method", "confidence", "evidence", "decided_by", "reason", "repository", "sha", "service", "deployment_id",
		},
	} {
		for _, c := range columns {
			q.set(name, c, nasty, every)
		}
	}
	q.set("choices", "value", nasty, func(r row) bool { return r.text("kind") == "team" || r.text("value") == "Critical" })
	q.set("incidents", "severity", nasty, every)
	q.set("incidents", "permalink", "javascript:alert(3)", every)
	q.set("incident_deployments", "url", "javascript:alert(4)", every)
	q.set("incidents", "incident_id", nasty, func(r row) bool { return r.text("reference") == nasty && r.text("severity") == nasty })
	h, _ := newHandler(t, q)
	got := site(t, h, `?team=%22%3E%3Cscript%3E&incident=%22%3E%3Cscript%3E&field=%22%3E%3Cscript%3E&type=%22%3E%3Cscript%3E`)
	for _, bad := range []string{"<script", "<img", "javascript:", `onerror=alert(2)>'"`, "ZgotmplZ"} {
		if strings.Contains(got, bad) {
			t.Errorf("the page contains %s", bad)
		}
	}
	if !strings.Contains(got, "&lt;script&gt;alert(1)&lt;/script&gt;") {
		t.Error("the name is not there as text")
	}
}

// The policy forbids inline style and script: a page that has them would be broken, not unsafe.
func TestThePageHasNoInlineStyleOrScript(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	got := site(t, h, "") + page(t, h, "/panels/keys") + page(t, h, "/?kiosk=rotate&theme=dark")
	if m := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+=|javascript:`).FindString(got); m != "" {
		t.Errorf("the page has %q", m)
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(got, -1) {
		if u := m[1]; strings.HasPrefix(u, "//") || strings.HasPrefix(u, "http") && !strings.HasPrefix(u, "https://app.incident.io/") && !strings.HasPrefix(u, "https://github.com/acme/") {
			t.Errorf("the page leads to %s", u)
		}
	}
}

func TestEveryIDIsUniqueAndEveryReferenceLeadsSomewhere(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	for _, address := range append(boards(t), "/panels/restores", "/panels/keys") {
		got := page(t, h, address+"?counted=all")
		ids := map[string]int{}
		for _, m := range regexp.MustCompile(`\sid="([^"]*)"`).FindAllStringSubmatch(got, -1) {
			ids[m[1]]++
		}
		for id, n := range ids {
			if n > 1 {
				t.Errorf("%s: id %s is there %d times", address, id, n)
			}
		}
		for _, m := range regexp.MustCompile(`(?:aria-labelledby|aria-describedby|for)="([^"]*)"|href="#([^"]*)"|url\(#([^)]*)\)`).FindAllStringSubmatch(got, -1) {
			if id := m[1] + m[2] + m[3]; ids[id] == 0 {
				t.Errorf("%s: %s leads to no id", address, m[0])
			}
		}
	}
}

func TestADotLeadsToThePageOfItsIncident(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	got := page(t, h, "/incidents?severity=Major&lang=ja")
	for _, id := range []string{"inc00309", "inc00205"} { // one that is listed, and one that is not
		if !strings.Contains(got, `<a href="./incidents/`+id+`?lang=ja" tabindex="-1">`) {
			t.Errorf("the dot of %s does not lead to it", id)
		}
	}
}

func TestManyDotsAreOnePathEach(t *testing.T) {
	q := readRecorded(t)
	rows := q.tables["restores"].Rows
	for len(q.tables["restores"].Rows) <= linkedDots {
		q.tables["restores"].Rows = append(q.tables["restores"].Rows, rows...)
	}
	h, _ := newHandler(t, q)
	got := page(t, h, "/incidents")
	if strings.Contains(got, `class="dot `) || !strings.Contains(got, `class="dots sev1"`) || !strings.Contains(got, "too many to be links") {
		t.Error("more dots than can be linked are still links, or it is not said")
	}
	if len(got) > 400_000 {
		t.Errorf("the page has %d bytes", len(got))
	}
}

// The first page is reached from every other with what is chosen: its address is the root's, not that of the page that one is on.
func TestTheFirstPageIsReachedWithWhatIsChosen(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	for path, want := range map[string]string{
		"/":                 `<a href="./?range=6m" aria-current="page">Overview</a>`,
		"/incidents":        `<a href="./?range=6m">Overview</a>`,
		"/panels/restores":  `<a href="../?range=6m">Overview</a>`,
		"/definitions":      `<a href="./?range=6m">Overview</a>`,
		"/deployments?team": `<a href="./?range=6m">Overview</a>`,
	} {
		address := path + "?range=6m"
		if strings.Contains(path, "?") {
			address = path + "=&range=6m"
		}
		if got := page(t, h, address); !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", address, want)
		}
	}
}
