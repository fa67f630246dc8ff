package dashboards

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestTheCatalogueIsWhole(t *testing.T) {
	c, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Dashboards) < 8 || len(c.Panels) < 50 {
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

// Of columns that say the same in two languages a reader of one sees one; the marts' sentences are in both.
func TestAColumnInAnotherLanguageIsForeignWhereItIsInOnesOwn(t *testing.T) {
	p := &Panel{Columns: []Column{{Name: "title_en"}, {Name: "title_ja"}, {Name: "detail"}, {Name: "detail_ja"}, {Name: "name"}, {Name: "only_ja"}}}
	for language, want := range map[string]string{"en": "title_ja detail_ja", "ja": "title_en detail"} {
		var got []string
		for _, c := range p.Columns {
			if p.Foreign(c, language) {
				got = append(got, c.Name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("in %s the columns %v are foreign, want %s", language, got, want)
		}
	}
	c, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Panels {
		for _, x := range p.Columns {
			if slices.Contains([]string{"evidence", "reason", "what_would_link", "detail", "example"}, x.Name) && !p.Foreign(x, "ja") {
				t.Errorf("panel %s: %s has no column in Japanese beside it", p.Key, x.Name)
			}
		}
	}
}

// A dashboard offers the filters that its panels take on a surface, and no other.
func TestDashboardsOfferTheFiltersOfTheirPanels(t *testing.T) {
	c, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	offerable := []string{"period", "service", "team", "repository", "severity", "incident_type", "field"}
	for _, s := range surfaces {
		for _, d := range c.On(s, true).Dashboards {
			taken := map[string]string{}
			for _, place := range d.Panels {
				q, err := Load(c.Panel(place.Panel).Query)
				if err != nil {
					t.Fatal(err)
				}
				for _, name := range q.Parameters() {
					taken[name] = place.Panel
				}
			}
			for _, name := range offerable {
				switch offered := slices.Contains(d.Filters, name); {
				case offered && taken[name] == "":
					t.Errorf("%s: dashboard %s offers %s, which no panel takes", s, d.Key, name)
				case !offered && taken[name] != "":
					t.Errorf("%s: dashboard %s does not offer %s, which panel %s takes", s, d.Key, name, taken[name])
				}
			}
			for _, name := range d.Filters {
				if !slices.Contains(offerable, name) {
					t.Errorf("dashboard %s offers %s", d.Key, name)
				}
			}
		}
	}
}

// Whatever asks for incidents can be asked by everything that incidents have; the same of deliveries.
func TestQueriesOfOneKindTakeTheSameFilters(t *testing.T) {
	for _, name := range Names() {
		q, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		takes := q.Parameters()
		has := func(p string) bool { return slices.Contains(takes, p) }
		for _, p := range []string{"incident_type", "field", "service", "team"} {
			if has("severity") && !has(p) {
				t.Errorf("%s goes by severity and not by %s", name, p)
			}
		}
		if has("repository") && (!has("service") || !has("team")) {
			t.Errorf("%s goes by repository and not by service and team", name)
		}
		if has("field") && !has("field_value") && name != "incidents_by_field" {
			t.Errorf("%s goes by a field and not by its value", name)
		}
	}
}

func TestASurfaceShowsWhatIsForIt(t *testing.T) {
	c, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		surface Surface
		people  bool
		board   string
		panel   string
		shown   bool
	}{
		{Web, false, "overview", "key_trend", true},
		{Redash, false, "overview", "key_trend", false},
		{Looker, false, "overview", "key_trend", false},
		{Web, false, "overview", "lead_times", false},
		{Web, false, "changes", "lead_times", true},
		{Redash, false, "overview", "lead_times", true},
		{Web, false, "workload", "workload_people", false},
		{Web, true, "workload", "workload_people", true},
		{Looker, true, "workload", "workload_people", true},
	} {
		on := c.On(x.surface, x.people)
		got := slices.ContainsFunc(on.Dashboard(x.board).Panels, func(p Place) bool { return p.Panel == x.panel })
		if got != x.shown {
			t.Errorf("%s (people %v) shows %s on %s: %v", x.surface, x.people, x.panel, x.board, got)
		}
		if x.shown && on.Panel(x.panel) == nil {
			t.Errorf("%s has a place for %s, and no panel", x.surface, x.panel)
		}
		if !x.shown && x.panel != "lead_times" && on.Panel(x.panel) != nil {
			t.Errorf("%s has a panel %s, and no place", x.surface, x.panel)
		}
	}
}

// What a catalogue must not say, and what is said of it.
func TestACatalogueThatIsNotWholeIsRefused(t *testing.T) {
	whole := string(catalogueText)
	for name, x := range map[string]struct{ from, to, says string }{
		"a surface":          {"not: [redash, looker]", "not: [paper]", "which is no surface"},
		"every surface":      {"not: [redash, looker]", "not: [web, redash, looker]", "is on no surface"},
		"a panel twice":      {"{panel: key_services, width: 12, height: 8}", "{panel: keys, width: 12, height: 8}", "is there twice"},
		"a word":             {`"high": {en: "High", ja: "高"}`, `"high": {en: "High"}`, "is not in both languages"},
		"a filter of a link": {"filters: {field: choice}", "filters: {fields: choice}", "leads by filter fields"},
		"a query":            {"query: lead_phases", "query: lead_phrases", `no query "lead_phrases"`},
	} {
		if !strings.Contains(whole, x.from) {
			t.Errorf("%s: the catalogue does not say %q", name, x.from)
		}
		if _, err := parseCatalogue([]byte(strings.Replace(whole, x.from, x.to, 1))); err == nil || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: %v, want %s", name, err, x.says)
		}
	}
}

// Help and caveats are read beside every surface's drawing: they speak of none.
func TestHelpIsTrueOnEverySurface(t *testing.T) {
	c, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	drawn := regexp.MustCompile(`(?i)\b(grey|gray|dots?|boxe?s?|hatched|colou?rs?|click|hover)\b|灰色|点は|箱|斜線|クリック`)
	for _, p := range c.Panels {
		for _, text := range append([]Text{p.Help, p.Question}, p.Caveats...) {
			if word := drawn.FindString(text.English + text.Japanese); word != "" {
				t.Errorf("panel %s speaks of %q", p.Key, word)
			}
		}
	}
	if strings.Contains(string(catalogueText), "重要度") {
		t.Error("a severity is 重大度")
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
