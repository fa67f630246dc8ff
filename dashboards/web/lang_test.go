package web

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/dbt"
)

func mustLanguage(t *testing.T, code string) *language {
	t.Helper()
	l, err := loadLanguage(code)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLanguagesHaveTheSameTextsWithTheSamePlaces(t *testing.T) {
	place := regexp.MustCompile(`\{[a-z]+\}`)
	shape := func(code string) map[string][]string {
		out := map[string][]string{}
		for key, text := range mustLanguage(t, code).Messages {
			places := place.FindAllString(text, -1)
			slices.Sort(places)
			out[key] = slices.Compact(places)
			if text == "" && !strings.HasSuffix(key, "_joint") {
				t.Errorf("%s: %s is empty", code, key)
			}
		}
		return out
	}
	// One language may leave out what another needs.
	mayLack := map[string]bool{"{shown}": true}
	en, ja := shape("en"), shape("ja")
	for key, places := range en {
		got, ok := ja[key]
		if !ok {
			t.Errorf("ja lacks %s", key)
			continue
		}
		strip := func(s []string) []string {
			return slices.DeleteFunc(slices.Clone(s), func(p string) bool { return mayLack[p] })
		}
		if diff := cmp.Diff(strip(places), strip(got)); diff != "" {
			t.Errorf("%s has other places in ja (-en +ja)\n%s", key, diff)
		}
	}
	for key := range ja {
		if _, ok := en[key]; !ok {
			t.Errorf("en lacks %s", key)
		}
	}
}

var (
	ruleColumn = regexp.MustCompile(`(?m)^ +(.*) as rule,?$`)
	ruleText   = regexp.MustCompile(`^(?:case when .+ then )?'([a-z0-9_]+)'(?: else '([a-z0-9_]+)' end)?$`)
	ruleShare  = regexp.MustCompile(`(?m)^    '([a-z_]+)': \('(?:incidents|deployments)', `)
)

// rulesOf are the rules of findings that a model can give, each by the text of its column.
func rulesOf(t *testing.T, path, model string) []string {
	t.Helper()
	var out []string
	for _, m := range ruleColumn.FindAllStringSubmatch(model, -1) {
		switch text := m[1]; text {
		case "'coverage_{{ name }}'":
			for _, share := range ruleShare.FindAllStringSubmatch(model, -1) {
				out = append(out, "coverage_"+share[1])
			}
		case "'stream_' || status": // as package pipeline writes runs that are not ok
			out = append(out, "stream_failed", "stream_partial", "stream_skipped")
		default:
			found := ruleText.FindStringSubmatch(text)
			if found == nil {
				t.Errorf("%s: nobody knows which rules %q gives", path, text)
				continue
			}
			out = append(out, slices.DeleteFunc(found[1:], func(s string) bool { return s == "" })...)
		}
	}
	return out
}

// Every rule that finds something about the data has its words, in both languages.
func TestEveryRuleOfDataQualityIsInWords(t *testing.T) {
	en, ja := mustLanguage(t, "en").Messages, mustLanguage(t, "ja").Messages
	known := map[string]bool{}
	err := fs.WalkDir(dbt.Project, "models/intermediate/quality", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".sql") {
			return err
		}
		text, err := fs.ReadFile(dbt.Project, path)
		if err != nil {
			return err
		}
		for _, rule := range rulesOf(t, path, string(text)) {
			if known["quality_rule_"+rule] = true; en["quality_rule_"+rule] == "" || ja["quality_rule_"+rule] == "" {
				t.Errorf("%s: %s has no words", path, rule)
			}
		}
		return nil
	})
	if err != nil || len(known) < 40 {
		t.Errorf("%d rules, %v", len(known), err)
	}
	for key := range en {
		if strings.HasPrefix(key, "quality_rule_") && !known[key] {
			t.Errorf("%s are words for a rule that there is not", key)
		}
	}
}

// Every key that code or a template asks for is there, and every key that is there is asked for.
func TestEveryTextIsThereAndUsed(t *testing.T) {
	var source strings.Builder
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(b)
	}
	templates, err := fs.Glob(pageFiles, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range templates {
		b, err := pageFiles.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(b)
	}
	text := source.String()
	messages := mustLanguage(t, "en").Messages
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?:\bl\.t\(|\bL\.T |step\()"([a-z0-9_]+)"(?: \+|\s*)?(\+)?`).FindAllStringSubmatch(text, -1) {
		used[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`\bl\.n\("([a-z0-9_]+)"`).FindAllStringSubmatch(text, -1) {
		used[m[1]+"_one"], used[m[1]+"_other"] = true, true
	}
	for _, m := range regexp.MustCompile(`named\("[a-z ]+", "([a-z_]+)"`).FindAllStringSubmatch(text, -1) {
		used[m[1]] = true
	}
	// Keys that are made of a prefix and a value.
	prefixes := []string{
		"unit_", "month_", "month_long_", "by_", "lang_", "filter_", "filter_every_", "choice_", "basis_", "mode_", "category_", "quality_", "quality_rule_",
		"excluded_", "link_", "level_", "limits_", "downloads_", "per_", "method_", "confidence_", "sample_", "weekday_", "object_", "span_",
		"unlinked_", "outcome_", "misread_", "table_", "followup_", "postmortem_", "kind_", "kindmeaning_", "deploystatus_", "source_", "rework_", "rework_marked_", "shipped_",
	}
	for key := range used {
		if slices.Contains(prefixes, key) {
			continue
		}
		if _, ok := messages[key]; !ok {
			t.Errorf("%q is asked for and not there", key)
		}
	}
	for key := range messages {
		if !used[key] && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			t.Errorf("%q is there and not asked for", key)
		}
	}
	for _, name := range append(append([]string{}, periodChoices...), rangeChoices...) {
		if _, ok := messages["choice_"+name]; !ok {
			t.Errorf("no choice_%s", name)
		}
	}
}

func TestDurationsAreInWordsThatPeopleRead(t *testing.T) {
	en, ja := mustLanguage(t, "en"), mustLanguage(t, "ja")
	for _, c := range []struct {
		seconds float64
		en, ja  string
	}{
		{0, "0 s", "0秒"},
		{0.4, "0 s", "0秒"},
		{59.5, "1 m", "1分"},
		{61, "1 m 1 s", "1分1秒"},
		{599, "9 m 59 s", "9分59秒"},
		{600, "10 m", "10分"},
		{629, "10 m", "10分"},
		{3569, "59 m", "59分"},
		{3599, "1 h", "1時間"},
		{4980, "1 h 23 m", "1時間23分"},
		{86399, "1 d", "1日"},
		{90000, "1 d 1 h", "1日1時間"},
		{3 * 86400, "3 d", "3日"},
		{86400*99 + 86399, "100 d", "100日"},
		{86400 * 1234, "1,234 d", "1,234日"},
	} {
		if got := en.Duration(&c.seconds); got != c.en {
			t.Errorf("%v: %q, want %q", c.seconds, got, c.en)
		}
		if got := ja.Duration(&c.seconds); got != c.ja {
			t.Errorf("%v: %q, want %q", c.seconds, got, c.ja)
		}
	}
	if got := en.Duration(nil); got != "–" {
		t.Errorf("nothing is %q", got)
	}
}

func TestDatesAndNumbersAreAsTheLanguageWritesThem(t *testing.T) {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 22, 5, 9, 0, time.UTC)
	d := dayOf(2026, 10, 1)
	type said struct{ Instant, Precise, Week, Month, Quarter, Tick, Zone, Count string }
	say := func(code string) said {
		l := mustLanguage(t, code)
		return said{
			l.Instant(at, tokyo), l.Precise(at, tokyo), l.Period("week", d), l.Period("month", d), l.Period("quarter", d),
			l.Tick("week", d), l.Zone("Asia/Tokyo", tokyo, at), l.Count(-1234567),
		}
	}
	want := said{"25 Nov 2026, 07:05", "25 Nov 2026, 07:05:09", "the week of 1 Oct 2026", "October 2026", "Q4 2026", "1 Oct", "Asia/Tokyo (UTC+09:00)", "−1,234,567"}
	if diff := cmp.Diff(want, say("en")); diff != "" {
		t.Errorf("en (-want +got)\n%s", diff)
	}
	want = said{"2026年11月25日 07:05", "2026年11月25日 07:05:09", "2026年10月1日の週", "2026年10月", "2026年第4四半期", "10月1日", "Asia/Tokyo (UTC+09:00)", "−1,234,567"}
	if diff := cmp.Diff(want, say("ja")); diff != "" {
		t.Errorf("ja (-want +got)\n%s", diff)
	}
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	if got := mustLanguage(t, "en").Zone("America/New_York", newYork, at); got != "America/New_York (UTC−05:00)" {
		t.Error(got)
	}
}

func TestAnUnknownLanguageIsRefusedAndSaysWhichThereAre(t *testing.T) {
	_, err := New(Options{Querier: &recorded{}, Language: "fr"})
	if err == nil || !strings.Contains(err.Error(), "en, ja") {
		t.Errorf("%v", err)
	}
}

func TestTheLimitsOfCountsAreWholeNumbersRoundedOutward(t *testing.T) {
	v := func(n float64) *float64 { return &n }
	en, ja := mustLanguage(t, "en"), mustLanguage(t, "ja")
	for _, c := range []struct {
		unit      string
		low, high *float64
		en, ja    string
	}{
		{"incidents", v(12.3), v(20.1), "12 to 21", "12〜21"},
		{"deployments", v(12), v(1020.0001), "12 to 1,021", "12〜1,021"},
		{"count", v(0.025), v(3.69), "0 to 4", "0〜4"},
		{"deployments per day", v(1.25), v(2.11), "1.2 to 2.1", "1.2〜2.1"},
		{"ratio", v(0.123), v(0.2), "12.3\u00a0% to 20.0\u00a0%", "12.3\u00a0%〜20.0\u00a0%"},
	} {
		if got := en.Interval(c.unit, c.low, c.high); got != c.en {
			t.Errorf("%s: %q, want %q", c.unit, got, c.en)
		}
		if got := ja.Interval(c.unit, c.low, c.high); got != c.ja {
			t.Errorf("%s: %q, want %q", c.unit, got, c.ja)
		}
	}
	q := readRecorded(t)
	h, _ := newHandler(t, q)
	decimals := regexp.MustCompile(`[0-9]\.[0-9]+ to|to [0-9,]+\.[0-9]`)
	_, tile, _ := strings.Cut(page(t, h, "/"), `data-metric="incidents"`)
	tile, _, _ = strings.Cut(tile, "data-metric=")
	for where, text := range map[string]string{"the tile of incidents": tile, "incidents by service": page(t, h, "/panels/incidents_by_service")} {
		if text = plainText(text); decimals.MatchString(text) || !regexp.MustCompile(`[0-9] to [0-9]`).MatchString(text) {
			t.Errorf("%s has no whole limits: %s", where, text)
		}
	}
}
