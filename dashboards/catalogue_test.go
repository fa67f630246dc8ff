package dashboards

import (
	"slices"
	"strings"
	"testing"
)

func TestTheCatalogueIsWhole(t *testing.T) {
	c, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Dashboards) < 8 || len(c.Panels) < 25 {
		t.Errorf("%d dashboards and %d panels", len(c.Dashboards), len(c.Panels))
	}
}

// A panel names every column of its query, and no other.
func TestPanelsNameTheColumnsOfTheirQueries(t *testing.T) {
	c, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Panels {
		text, err := files.ReadFile("queries/" + p.Query + ".sql")
		if err != nil {
			t.Fatal(err)
		}
		want := selected(string(text))
		var got []string
		for _, x := range p.Columns {
			got = append(got, x.Name)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Errorf("panel %s names %v, and its query %s gives %v", p.Key, got, p.Query, want)
		}
	}
}

// selected are the columns of a query's last SELECT, which has one a line.
func selected(sql string) []string {
	lines := strings.Split(sql, "\n")
	last := 0
	for i, l := range lines {
		if l == "select" {
			last = i
		}
	}
	var out []string
	depth := 0
	for _, l := range lines[last+1:] {
		if strings.HasPrefix(l, "from ") {
			break
		}
		was := depth
		depth += strings.Count(l, "(") - strings.Count(l, ")")
		l = strings.TrimSuffix(strings.TrimSpace(l), ",")
		if was > 0 && depth > 0 || depth > 0 {
			continue
		}
		if i := strings.LastIndex(l, " as "); i >= 0 {
			l = l[i+len(" as "):]
		}
		out = append(out, l[strings.LastIndex(l, ".")+1:])
	}
	return out
}
