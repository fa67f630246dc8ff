package lookml

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/dbt"
)

func TestLookMLIsWrittenInOrderAndEscaped(t *testing.T) {
	got, err := write([]*node{
		str("label", "say \"hi\"\nto C:\\all"),
		block("view", "one", sql("sql_table_name", "a.b"),
			block("dimension", "x", word("hidden", "yes"), sql("sql", "case\n  when a then b\nend")),
			block("measure", "n", filtersOf(pair{"x", `"y"`}), list("drill_fields", "a", "b*"), stringsOf("tags", "p", "q"))),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `label: "say \"hi\" to C:\\all"

view: one {
  sql_table_name: a.b ;;

  dimension: x {
    hidden: yes
    sql:
      case
        when a then b
      end
    ;;
  }

  measure: n {
    filters: [x: "\"y\""]
    drill_fields: [a, b*]
    tags: ["p", "q"]
  }
}
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatWouldEndABlockIsRefused(t *testing.T) {
	for name, n := range map[string]*node{
		"SQL that ends itself":   sql("sql", "a ;; }"),
		"a word of two":          word("hidden", "yes }"),
		"a list of what is none": list("fields", "a", "b]"),
		"a name of two words":    block("view", "a b"),
		"the key of a filter":    filtersOf(pair{"a: b", "c"}),
	} {
		if text, err := write([]*node{n}); err == nil {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func TestParametersOfQueriesAreLookers(t *testing.T) {
	for name, c := range map[string]struct{ query, want string }{
		"one of many":      {"(@team = '' or m.team = @team)", "({% condition team %} m.team {% endcondition %})"},
		"a plain one":      {"metrics.metric = @metric", "{% condition metric %} metrics.metric {% endcondition %}"},
		"a period":         {"cast(@period as string)", "cast({% parameter period %} as string)"},
		"the end of a day": {"/*<to_date>*/ p.as_of_date /*</to_date>*/ as x", toDate + " as x"},
		"what stays":       {"/*<joins>*/ /*</joins>*/a", "a"},
	} {
		got, err := toLiquid(c.query)
		if err != nil || got.sql != c.want {
			t.Errorf("%s: %q, %v; want %q", name, got.sql, err, c.want)
		}
	}
	for _, query := range []string{"(@team = '' or m.team = @service and @team)", "x = @mood", "@severity"} {
		if got, err := toLiquid(query); err == nil {
			t.Errorf("%s became %s", query, got.sql)
		}
	}
}

func read(t *testing.T, folder string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(folder, path)
		out[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func put(t *testing.T, folder, name, text string) {
	t.Helper()
	path := filepath.Join(folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestTheFolderOfSomebodyElseIsLeftAsItIs(t *testing.T) {
	dir := t.TempDir()
	files := []File{{"manifest.lkml", []byte(header + "a")}, {"views/x.view.lkml", []byte(header + "x")}}
	put(t, dir, "views/mine.view.lkml", "view: +x {}\n")
	put(t, dir, "notes.txt", "mine")
	put(t, dir, "elsewhere/old.view.lkml", header+"not where we write")
	w, err := WriteTo(dir, files)
	if err != nil || w != (Written{Written: 2}) {
		t.Fatalf("%+v, %v", w, err)
	}
	if w, err = WriteTo(dir, files); err != nil || w != (Written{Unchanged: 2}) {
		t.Errorf("the second time: %+v, %v", w, err)
	}
	if w, err = WriteTo(dir, files[:1]); err != nil || w != (Written{Unchanged: 1, Removed: 1}) {
		t.Errorf("with one less: %+v, %v", w, err)
	}
	want := map[string]string{
		"manifest.lkml": header + "a", "views/mine.view.lkml": "view: +x {}\n", "notes.txt": "mine", "elsewhere/old.view.lkml": header + "not where we write",
	}
	if diff := cmp.Diff(want, read(t, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAFileOfSomebodyElseInTheWayStopsBeforeAnythingIsWritten(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "views/x.view.lkml", "view: x {}\n")
	put(t, dir, "views/stale.view.lkml", header)
	before := read(t, dir)
	_, err := WriteTo(dir, []File{{"manifest.lkml", []byte(header + "a")}, {"views/x.view.lkml", []byte(header + "x")}})
	if err == nil || !strings.Contains(err.Error(), filepath.Join("views", "x.view.lkml")) || !strings.Contains(err.Error(), "--out") {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff(before, read(t, dir)); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

// The view metric is the metric template: with what stands in each slot before, it is that text.
func TestTheMetricViewIsTheTemplate(t *testing.T) {
	r, err := metricSQL()
	if err != nil {
		t.Fatal(err)
	}
	want, err := toLiquid(strings.ReplaceAll(dbt.MetricBigQuery, "/*<to_date>*/ p.as_of_date /*</to_date>*/", "the end"))
	if err != nil {
		t.Fatal(err)
	}
	got := regexp.MustCompile(`(?s)and \(\{% condition service %\}.*?\n +\)\)\n`).ReplaceAllString(r.sql, "and (true )\n")
	got = regexp.MustCompile(`case \{% parameter dimension %\}.*? else 'all' end`).ReplaceAllString(got, "'all'")
	got = strings.NewReplacer(schemaPrefix, "", "{% parameter dimension %}", "'all'", "{% parameter period %}", "'month'", fromDate+" as", "date '0001-01-01' as",
		toDate+" as", "the end as", condition("metric", "metrics.metric"), "true").Replace(got)
	if diff := cmp.Diff(plain(want.sql), plain(got)); diff != "" {
		t.Errorf("(-template +view):\n%s", diff)
	}
}

// plain has one space wherever there is any.
func plain(sql string) string { return strings.Join(strings.Fields(sql), " ") }
