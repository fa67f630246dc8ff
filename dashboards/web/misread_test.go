package web

import (
	"encoding/json"
	"html"
	"net/http"
	"strings"
	"testing"
)

// What is not understood is said on the page, and what is shown instead; a file is refused.
func TestWhatIsNotUnderstoodIsSaid(t *testing.T) {
	h, log := newHandler(t, readRecorded(t))
	for _, c := range []struct{ query, en, ja, problem string }{
		{"range=nonsense", "range=nonsense (shown: 12 months)", "range=nonsense（表示：12か月）", "choose one of 12w,"},
		{"period=fortnight", "period=fortnight (shown: Month)", "period=fortnight（表示：", "choose one of week,"},
		{"period=fortnight&range=6m", "period=fortnight (shown: Month)", "period=fortnight", "choose one of week,"},
		{"from=2026-02-30", "from=2026-02-30 (shown: 12 months)", "from=2026-02-30", "write a date as"},
		{"from=2026-03-01&to=2026-02-01", "to=2026-02-01, which is before its from (shown: 12 months)", "to=2026-02-01がfromより前です", "it is before from=2026-03-01"},
		{"to=2026-02-01", "to=2026-02-01 without a from", "to=2026-02-01にfromがありません", "give from as well"},
		{"from=&to=2026-02-01&range=6m", "to=2026-02-01 without a from (shown: 6 months)", "to=2026-02-01にfromがありません", "give from as well"},
		{"from=2030-01-01", "from=2030-01-01, which is after the end of the data (shown: 12 months)", "from=2030-01-01がデータの終わりより後です", "the data ends on 2026-11-25"},
		{"service=api&service=checkout", "service several times (shown: api)", "serviceが複数あります（表示：api）", "give one value"},
		{"severty=Major", "severty, which is no parameter", "severtyというパラメーターはありません", "there is no such parameter"},
		{"key=incidents", "key=incidents (left out)", "key=incidents（無視しました）", "choose one of"},
		{"counted=some", "counted=some (left out)", "counted=some", "choose one of all"},
		{"theme=blue&kiosk=maybe", "theme=blue (left out); kiosk=maybe (left out)", "theme=blue", "choose one of light"},
		{"severity=a%00b", "severity=ab (left out)", "severity=ab", "it is no text"},
		{"team=" + strings.Repeat("x", 1001), "team=" + strings.Repeat("x", 60) + "… (left out)", "team=xxx", "longer than 1000 bytes"},
		{"service=%zz", "a part that is malformed", "形式の誤った部分", "malformed"},
	} {
		if got := plainText(page(t, h, "/?"+c.query)); !strings.Contains(got, "Not understood in the address: "+c.en) && !strings.Contains(got, c.en+".") {
			t.Errorf("%s: the page does not say %q", c.query, c.en)
		}
		if got := plainText(page(t, h, "/incidents?lang=ja&"+c.query)); !strings.Contains(got, c.ja) {
			t.Errorf("%s: the Japanese page does not say %q", c.query, c.ja)
		}
		for _, file := range []string{"/api/panels/keys.json", "/api/panels/keys.csv", "/api/panels/key_trend.svg", "/api/panels/keys.sql"} {
			r := ask(t, h, file+"?"+c.query)
			var said struct {
				Error      string
				Parameters []map[string]string
			}
			if err := json.NewDecoder(r.Body).Decode(&said); err != nil || r.StatusCode != http.StatusBadRequest || r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s?%s answered %d, %s, %v", file, c.query, r.StatusCode, r.Header.Get("Content-Type"), err)
				continue
			}
			if !strings.Contains(said.Error, c.problem) || len(said.Parameters) == 0 || !strings.Contains(said.Parameters[0]["problem"], c.problem) {
				t.Errorf("%s?%s says %+v, want %q", file, c.query, said, c.problem)
			}
			if r.Header.Get("ETag") != "" || r.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s?%s may be kept: %v", file, c.query, r.Header)
			}
		}
	}
	// A language that there is not is said in the usual one.
	if got := plainText(page(t, h, "/?lang=xx")); !strings.Contains(got, "lang=xx (shown: English)") {
		t.Errorf("lang=xx is not said")
	}
	if log.Len() > 0 {
		t.Error(log)
	}
}

// Everything that the page itself links or sends is understood, and nothing is said of it.
func TestWhatTheFormSendsIsUnderstood(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	for _, query := range []string{
		"", "period=week&range=6m&from=&to=&service=&team=&severity=&type=&field=", "range=&from=2026-01-01&to=2026-02-01&dated=1",
		"range=6m&from=2026-01-01&to=2025-02-01&dated=1", "kiosk", "kiosk=1", "kiosk=rotate", "service=api&service=api", "service=&service=api", "lang=ja&theme=dark&counted=all&key=rework_rate",
		"utm_source=mail&service=api&_=1764000000",
	} {
		if got := page(t, h, "/?"+query); strings.Contains(got, `class="misread"`) {
			t.Errorf("%q is not understood", query)
		}
	}
	if r := ask(t, h, "/api/panels/keys.json?period=week&range=6m&service=api&_=1764000000"); r.StatusCode != http.StatusOK {
		t.Errorf("answered %d", r.StatusCode)
	}
}

// A page says different things of two addresses that show the same, and is not given from memory for the other.
func TestAPageIsKeptWithWhatItSaysOfItsAddress(t *testing.T) {
	h, _ := newHandler(t, readRecorded(t))
	for _, query := range []string{"", "range=nonsense", "", "range=other"} {
		r := ask(t, h, "/?"+query)
		_, value, _ := strings.Cut(query, "=")
		if got := body(t, r); strings.Contains(got, `class="misread"`) != (query != "") || value != "" && !strings.Contains(got, "range="+value) {
			t.Errorf("%q: the page is that of another address", query)
		}
	}
}

// A name that the build does not have is a filter all the same: it stays, and it is said why nothing is shown.
func TestAFilterThatIsNowhereSaysSo(t *testing.T) {
	q := readRecorded(t)
	h, _ := newHandler(t, q)
	for query, want := range map[string]string{
		"service=nosuch":          "Service “nosuch” is not in the data: nothing is shown of it.",
		"severity=SEV9":           "Severity “SEV9” is not in the data",
		"type=None&team=nobody":   "Type “None” is not in the data",
		"field=Found+by%3A+magic": "Custom field “Found by: magic” is not among the choices",
	} {
		got := page(t, h, "/incidents?"+query)
		if !strings.Contains(plainText(got), want) {
			t.Errorf("%s: the page does not say %q", query, want)
		}
		if link, _, _ := strings.Cut(query, "&"); !strings.Contains(html.UnescapeString(got), link) {
			t.Errorf("%s is not in the links of the page", link)
		}
		if r := ask(t, h, "/api/panels/restores.json?"+query); r.StatusCode != http.StatusOK {
			t.Errorf("%s: a file answered %d", query, r.StatusCode)
		}
	}
	for _, query := range []string{"service=api", "severity=Major", "repository=nosuch"} { // the last narrows nothing here, which is said
		if got := page(t, h, "/incidents?"+query); strings.Contains(got, `class="misread"`) {
			t.Errorf("%s: something is said to be nowhere", query)
		}
	}
	if got := page(t, h, "/follow-ups?team=nosuch"); !strings.Contains(got, "where nothing is shown, it is not in the data") {
		t.Error("a team of follow-ups may be one that no service has")
	}
}
