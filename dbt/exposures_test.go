package dbt_test

import (
	"maps"
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

var (
	fromMart = regexp.MustCompile(`\b(?:from|join) (?:\{marts\}|/\*<marts>\*/ /\*</marts>\*/)?([a-z][a-z_]*)`)
	partName = regexp.MustCompile(`\{parts/([a-z_]+)\}`)
)

// sources gives the text of a package's files, tests left out.
func goFiles(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(dir), "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	var all strings.Builder
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// query gives the text of a query with its parts, and with the metric template if it asks for one.
func query(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "dashboards", "queries", name+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	all := string(text)
	for _, part := range partName.FindAllStringSubmatch(all, -1) {
		all += query(t, "parts/"+part[1])
	}
	if strings.Contains(all, "{metric\n") {
		all += dbt.MetricDuckDB
	}
	return all
}

// martsRead gives the marts that a text reads.
func martsRead(m manifest, text string) []string {
	found := map[string]bool{}
	for _, match := range fromMart.FindAllStringSubmatch(text, -1) {
		if slices.Contains(m.marts(), match[1]) {
			found[match[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// What an exposure says that it depends on is what its code and its queries read.
func TestExposuresDependOnWhatIsRead(t *testing.T) {
	t.Parallel()
	m := parse(t)
	page := goFiles(t, "dashboards/web")
	for _, name := range dashboards.Names() { // the page prepares every one
		page += query(t, name)
	}
	commands := ""
	for _, dir := range []string{"cmd/fourfold", "internal/explain", "internal/watch", "internal/summary"} {
		commands += goFiles(t, dir)
	}
	for _, name := range dashboards.Names() {
		if strings.Contains(commands, `"`+name+`"`) {
			commands += query(t, name)
		}
	}
	want := map[string][]string{"web_page": martsRead(m, page), "command_line": martsRead(m, commands), "sql": m.marts()}
	got := map[string][]string{}
	for _, n := range m.Exposures {
		var marts []string
		for _, id := range n.DependsOn.Nodes {
			marts = append(marts, strings.TrimPrefix(id, "model.fourfold."))
		}
		slices.Sort(marts)
		got[n.Name] = marts
		if n.Owner.Name == "" || n.Maturity == "" || n.URL != "" {
			t.Errorf("exposure %s: owner %q, maturity %q, url %q: want the first two and no address, since each team has its own", n.Name, n.Owner.Name, n.Maturity, n.URL)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("models/exposures.yml (-read +said):\n%s", diff)
	}
}
