package dbt_test

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/dbt"
)

// Whoever reads dbt's docs finds every model, seed and source described, and every column that is not a step on the way.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	m := parse(t)
	describe := func(n *node, columns bool) {
		if n.Description == "" {
			t.Errorf("%s %s has no description", n.ResourceType, n.Name)
		}
		for name, c := range n.Columns {
			if columns && c.Description == "" {
				t.Errorf("%s %s: column %s has no description", n.ResourceType, n.Name, name)
			}
		}
	}
	for _, n := range m.of("model", "seed") {
		describe(n, true)
		if n.layer() == "marts" && !n.Config.Contract.Enforced {
			t.Errorf("%s has no enforced contract, so its columns may be others than those described", n.Name)
		}
	}
	for _, n := range m.Sources {
		describe(n, true)
		if len(n.Columns) == 0 {
			t.Errorf("source %s has no columns", n.Name)
		}
	}
	for _, n := range m.Exposures {
		describe(n, false)
	}
}

// A description of a model begins by what a row is, so that nobody counts the wrong thing.
func TestEveryModelSaysWhatARowIs(t *testing.T) {
	t.Parallel()
	one := regexp.MustCompile(`\b[Oo]ne row\b`)
	for _, n := range parse(t).of("model") {
		what := strings.Contains(n.Description, "What one object gives") || strings.Contains(n.Description, "samples of n")
		if !one.MatchString(n.Description) && !what {
			t.Errorf("%s does not say what one row is: %s", n.Name, n.Description)
		}
	}
}

// A seed's CSV and its description name the same columns.
func TestEveryColumnOfASeedIsDescribed(t *testing.T) {
	t.Parallel()
	for _, n := range parse(t).of("seed") {
		f, err := dbt.Project.Open(n.Path)
		if err != nil {
			t.Fatal(err)
		}
		header, err := csv.NewReader(f).Read()
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		var described []string
		for name := range n.Columns {
			described = append(described, name)
		}
		slices.Sort(described)
		slices.Sort(header)
		if diff := cmp.Diff(header, described); diff != "" {
			t.Errorf("%s (-in the file +described):\n%s", n.Name, diff)
		}
	}
}

// units says which words the description of a mart's column must have one of.
var units = []struct {
	what  string
	is    func(c column) bool
	words []string
}{
	{"an instant", func(c column) bool { return c.Type == "timestamptz" }, []string{"UTC"}},
	{"a date", func(c column) bool { return c.Type == "date" }, []string{"time zone"}},
	{"a duration", func(c column) bool { return strings.HasSuffix(c.Name, "seconds") }, []string{"seconds"}},
	{"a rate", func(c column) bool { return strings.HasSuffix(c.Name, "_rate") }, []string{"0 to 1"}},
	{"a number with fractions", func(c column) bool { return c.Type == "double" }, []string{"seconds", "0 to 1", "unit", "a count of"}},
}

func TestEveryColumnOfAMartNamesItsUnit(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for _, n := range parse(t).of("model") {
		if n.layer() != "marts" {
			continue
		}
		for _, c := range n.Columns {
			for _, u := range units {
				if !u.is(c) {
					continue
				}
				seen[u.what]++
				if !slices.ContainsFunc(u.words, func(w string) bool { return strings.Contains(c.Description, w) }) {
					t.Errorf("%s.%s is %s, and its description names none of %q: %s", n.Name, c.Name, u.what, u.words, c.Description)
				}
			}
		}
	}
	for _, u := range units {
		if seen[u.what] == 0 {
			t.Errorf("no column of a mart is %s: what this test looks for has another name now", u.what)
		}
	}
}

var signature = regexp.MustCompile(`\{%-?\s*(?:macro|test)\s+\w+\(([^)]*)\)`)

// What models, tests and sources call is described with its arguments; what is only a part of another macro is described
// where it stands.
func TestEveryMacroThatIsCalledIsDescribed(t *testing.T) {
	t.Parallel()
	m := parse(t)
	called := map[string]bool{"macro.fourfold.generate_schema_name": true, "macro.fourfold.last_read_at": true} // by dbt, and by sources.yml
	for _, n := range m.of("model", "test", "analysis") {
		for _, id := range n.DependsOn.Macros {
			called[id] = true
		}
	}
	seen := 0
	for id, x := range m.Macros {
		if x.Package != "fourfold" || strings.HasPrefix(x.Name, "duckdb__") || strings.HasPrefix(x.Name, "bigquery__") {
			continue
		}
		if !called[id] && x.Description == "" {
			continue
		}
		seen++
		if x.Description == "" {
			t.Errorf("macro %s has no description in macros/macros.yml", x.Name)
		}
		var takes, described []string
		for a := range strings.SplitSeq(signature.FindStringSubmatch(x.SQL)[1], ",") {
			if name, _, _ := strings.Cut(strings.TrimSpace(a), "="); name != "" {
				takes = append(takes, name)
			}
		}
		for _, a := range x.Arguments {
			described = append(described, a.Name)
			if a.Description == "" {
				t.Errorf("macro %s: argument %s has no description", x.Name, a.Name)
			}
		}
		if diff := cmp.Diff(takes, described); diff != "" {
			t.Errorf("macro %s (-takes +described):\n%s", x.Name, diff)
		}
	}
	if seen < 20 {
		t.Errorf("%d macros are called", seen)
	}
}

// The README's tables of seeds and variables are complete.
func TestTheReadmeNamesEverySeedAndVariable(t *testing.T) {
	readme := readme(t)
	seeds, err := fs.Glob(dbt.Project, "seeds/config/*.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range seeds {
		name := strings.TrimSuffix(strings.TrimPrefix(path, "seeds/config/"), ".csv")
		text, err := fs.ReadFile(dbt.Project, path)
		if err != nil {
			t.Fatal(err)
		}
		header, _, _ := strings.Cut(string(text), "\n")
		if row := fmt.Sprintf("| `%s` | %s |", name, strings.ReplaceAll(header, ",", ", ")); !strings.Contains(readme, row) {
			t.Errorf("README.md has no row %q", row)
		}
	}
	variable := regexp.MustCompile(`env_var\('FOURFOLD(\w+)'`)
	err = fs.WalkDir(dbt.Project, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(dbt.Project, path)
		for _, found := range variable.FindAllSubmatch(text, -1) {
			name := string(found[1])
			short := strings.TrimPrefix(name, "_BIGQUERY") // a row names several: `FOURFOLD_BIGQUERY_METHOD`, `_KEYFILE`
			if !strings.Contains(readme, "`FOURFOLD"+name+"`") && !strings.Contains(readme, "`"+short+"`") {
				t.Errorf("README.md does not name FOURFOLD%s of %s", name, path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
