package lookml

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/dashboards"
	"fourfold/dbt"
)

var update = flag.Bool("update", false, "write the golden files anew")

func generate(t *testing.T, o Options) []File {
	t.Helper()
	files, err := Generate(o)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestTheSameOptionsGiveTheSameBytes(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		o := Defaults
		o.Language = language
		if diff := cmp.Diff(generate(t, o), generate(t, o)); diff != "" {
			t.Errorf("in %s, the second time:\n%s", language, diff)
		}
	}
}

// golden are files that show each kind of what is written; the others are read by parsers and by the check.
var golden = []string{
	"manifest.lkml", "models/fourfold.model.lkml", "explores/fct_deployments.explore.lkml", "views/fct_deployments.view.lkml", "views/four_keys.view.lkml",
	"views/panels/panel_hours.view.lkml", "views/panels/panel_restores.view.lkml", "dashboards/overview.dashboard.lookml", "dashboards/incidents.dashboard.lookml",
	"tests/marts.test.lkml",
}

func TestFilesAreAsTheyWere(t *testing.T) {
	files := generate(t, Defaults)
	for _, path := range golden {
		i := slices.IndexFunc(files, func(f File) bool { return f.Path == path })
		if i < 0 {
			t.Errorf("%s is not written", path)
			continue
		}
		kept := filepath.Join("testdata", "golden", filepath.FromSlash(path))
		if *update {
			if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(kept, files[i].Text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(kept)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(files[i].Text)); diff != "" {
			t.Errorf("%s (-kept +made; if it should be so: go test ./dashboards/lookml -update):\n%s", path, diff)
		}
	}
}

func TestEveryFileSaysThatItIsMade(t *testing.T) {
	for _, f := range generate(t, Defaults) {
		if !isOurs(f.Text) {
			t.Errorf("%s begins with %.60q", f.Path, f.Text)
		}
	}
}

// Every mart is a view, and every column a field of it that carries its description.
func TestEveryColumnOfEveryMartIsDescribed(t *testing.T) {
	schemas, err := readSchemas()
	if err != nil {
		t.Fatal(err)
	}
	files := generate(t, Defaults)
	if len(schemas) != len(dbt.Marts()) || len(schemas) < 20 {
		t.Fatalf("%d marts", len(schemas))
	}
	for _, s := range schemas {
		i := slices.IndexFunc(files, func(f File) bool { return f.Path == "views/"+s.name+".view.lkml" })
		if i < 0 {
			t.Errorf("%s has no view", s.name)
			continue
		}
		text := string(files[i].Text)
		for _, c := range s.columns {
			if !regexp.MustCompile(`\$\{TABLE\}\.` + c.name + `\b`).MatchString(text) {
				t.Errorf("%s: nothing reads column %s", s.name, c.name)
			}
			said := strings.ReplaceAll(strings.Trim(quoted(c.description), `"`), ", UTC", "")
			if c.kind != instantType {
				said = strings.Trim(quoted(c.description), `"`)
			}
			if c.description == "" || !strings.Contains(text, said) {
				t.Errorf("%s: column %s is not described by %q", s.name, c.name, said)
			}
		}
	}
}

// A number that is an aggregate already is never aggregated: it is shown where one row stands behind it.
func TestNoMeasureAggregatesAggregates(t *testing.T) {
	p, err := makeProject(Defaults)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for name, a := range marts() {
		rows[name] = a.rows || name == "fct_incident_durations" || name == "fct_incident_status_intervals"
	}
	seen := map[string]int{}
	for _, f := range p.views {
		for _, v := range f.nodes {
			for _, k := range v.kids {
				if k.key != "measure" {
					continue
				}
				kind := k.value("type")
				seen[kind]++
				switch kind {
				case "count_distinct":
				case "median", "percentile", "min", "max":
					if !rows[v.name] && v.name != "panel_restores" {
						t.Errorf("%s.%s is a %s, and its rows are no objects", v.name, k.name, kind)
					}
				case "number":
					text := k.value("sql")
					once := strings.HasPrefix(text, "case when count(*) = 1 then max(") || strings.HasPrefix(text, "case when count(case when ${TABLE}.span")
					if !once && !regexp.MustCompile(`^1\.0 \* \$\{[a-z_]+\} / nullif\(\$\{[a-z_]+\}, 0\)$`).MatchString(text) {
						t.Errorf("%s.%s is %s", v.name, k.name, text)
					}
				case "string":
					if v.name != "data_quality" || k.name != "example" && k.name != "example_ja" {
						t.Errorf("%s.%s is of type string", v.name, k.name)
					}
				default:
					t.Errorf("%s.%s is of type %q", v.name, k.name, kind)
				}
			}
		}
	}
	for _, kind := range []string{"count_distinct", "median", "percentile", "number"} {
		if seen[kind] == 0 {
			t.Errorf("there is no measure of type %s", kind)
		}
	}
}

func TestDatesAreNotConvertedAndInstantsAre(t *testing.T) {
	p, err := makeProject(Defaults)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, f := range p.views {
		for _, v := range f.nodes {
			for _, k := range v.kids {
				if k.key != "dimension_group" {
					continue
				}
				kind := k.value("datatype")
				seen[kind]++
				if (kind == "date") != (k.value("convert_tz") == "no") {
					t.Errorf("%s.%s is a %s with convert_tz %q", v.name, k.name, kind, k.value("convert_tz"))
				}
			}
		}
	}
	if seen["date"] < 5 || seen["timestamp"] < 30 {
		t.Errorf("groups: %v", seen)
	}
}

// What is written here about panels is about panels that there are.
func TestWhatIsSaidOfPanelsIsOfTheCatalogue(t *testing.T) {
	c, err := dashboards.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for key := range natives {
		if c.Panel(key) == nil {
			t.Errorf("there is no panel %s", key)
		}
	}
}

// A panel is an entry of the catalogue and nothing here, whatever it is drawn as and whatever its columns are.
func TestAnyPanelIsShown(t *testing.T) {
	said := func(s string) dashboards.Text { return dashboards.Text{English: s, Japanese: s} }
	charts := []dashboards.Chart{
		dashboards.Numbers, dashboards.Line, dashboards.Columns, dashboards.Bars, dashboards.Waterfall, dashboards.Strip, dashboards.Scatter, dashboards.Histogram,
		dashboards.Heatmap, dashboards.Grid,
	}
	column := func(name string, role dashboards.Role, unit dashboards.Unit) dashboards.Column {
		return dashboards.Column{Name: name, Role: role, Unit: unit, Title: said(name)}
	}
	shapes := map[string][]dashboards.Column{
		"dated":  {column("day", dashboards.X, dashboards.Date), column("service", dashboards.Series, dashboards.Name), column("period", dashboards.Y, dashboards.Count)},
		"listed": {column("severity", dashboards.X, dashboards.Name), column("age", dashboards.Y, dashboards.Seconds), column("waited", dashboards.Detail, dashboards.Seconds), column("id", dashboards.Key, dashboards.Name)},
		"metric": {
			column("metric", dashboards.Label, dashboards.Name), column("value", dashboards.Y, dashboards.ByMetric), column("n", dashboards.Sample, dashboards.Count),
			column("low", dashboards.Low, dashboards.ByMetric), column("url", dashboards.Link, dashboards.Address), column("at", dashboards.Detail, dashboards.Instant),
		},
		"counted": {column("weekday", dashboards.X, dashboards.Weekday), column("hour", dashboards.Series, dashboards.Hour), column("share", dashboards.Y, dashboards.Share), column("rate", dashboards.Y, dashboards.PerDay)},
		"words":   {column("name", dashboards.Label, dashboards.Document), column("is_open", dashboards.Open, dashboards.Flag)},
	}
	c, err := dashboards.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, chart := range charts {
		for shape, columns := range shapes {
			p := dashboards.Panel{Key: string(chart) + "_of_" + shape, Query: "incidents_by_severity", Chart: chart, Columns: columns, Title: said("New"), Question: said("What?"), Help: said("So.")}
			if shape == "metric" {
				p.Metrics = []string{"incidents", "rework_rate", "lead_time_median_seconds"}
			}
			c.Panels = append(c.Panels, p)
			c.Dashboards[1].Panels = append(c.Dashboards[1].Panels, dashboards.Place{Panel: p.Key, Width: 7, Height: 5})
		}
	}
	made, err := makeProjectOf(Defaults, c)
	if err != nil {
		t.Fatal(err)
	}
	if err := made.check(); err != nil {
		t.Error(err)
	}
	if _, err := made.files(Defaults); err != nil {
		t.Error(err)
	}
}

// Panels of persons are made where that is asked for.
func TestPersonsAreShownWhereThatIsAskedFor(t *testing.T) {
	for _, people := range []bool{false, true} {
		o := Defaults
		o.People = people
		view, element := false, false
		for _, f := range generate(t, o) {
			view = view || strings.Contains(f.Path, "panel_workload_people")
			element = element || f.Path == "dashboards/workload.dashboard.lookml" && strings.Contains(string(f.Text), "panel_workload_people")
		}
		if view != people || element != people {
			t.Errorf("people %v: a view %v, an element %v", people, view, element)
		}
	}
}

func TestOptionsThatCannotBeAreRefused(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"language":  func(o *Options) { o.Language = "fr" },
		"weekstart": func(o *Options) { o.WeekStart = "friday" },
	} {
		o := Defaults
		change(&o)
		if files, err := Generate(o); err == nil {
			t.Errorf("%s: %d files", name, len(files))
		}
	}
}

func TestOptionsAreInTheManifestAndTheModel(t *testing.T) {
	o := Options{Language: "en", Connection: `big"query`, Schema: "my-project.marts", TimeZone: "Asia/Tokyo", WeekStart: "sunday"}
	text := map[string]string{}
	for _, f := range generate(t, o) {
		text[f.Path] = string(f.Text)
	}
	for path, want := range map[string]string{
		"manifest.lkml": `value: "big\"query"`, "models/fourfold.model.lkml": "week_start_day: sunday\n", "README.md": "my-project.marts",
	} {
		if !strings.Contains(text[path], want) {
			t.Errorf("%s lacks %s:\n%s", path, want, text[path])
		}
	}
	for _, want := range []string{`"my-project.marts"`, `"Asia/Tokyo"`} {
		if !strings.Contains(text["manifest.lkml"], want) {
			t.Errorf("the manifest lacks %s", want)
		}
	}
}
