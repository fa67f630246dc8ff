package dashboards

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConditionsOnWhatIsNotChosenAreLeftOut(t *testing.T) {
	const service = "(@service = '' or m.service = @service)"
	const both = "(\n    (@service = '' and @team = '')\n    or m.id in (\n        select id from t where " + service + " and (@team = '' or team = @team)\n    )\n)"
	for _, c := range []struct {
		name, text, want string
		values           map[string]any
	}{
		{"nothing", "where " + service + " and a", "where true and a", map[string]any{"service": ""}},
		{"one", "where " + service + " and a", "where " + service + " and a", map[string]any{"service": "api"}},
		{"unknown", "where " + service, "where " + service, nil},
		{"other brackets", "where (@field = ''\n or m.id in (select f(id) from t where x = @field)) or b", "where true or b", map[string]any{"field": ""}},
		{"brackets in text", "where (@field = '' or x = ')' or y = '''') and b", "where true and b", map[string]any{"field": ""}},
		{"brackets in comments", "where (@field = '' or x -- who's :)\n) and b", "where true and b", map[string]any{"field": ""}},
		{"neither", both, "true", map[string]any{"service": "", "team": ""}},
		{"the second", both, strings.Replace(strings.Replace(both, service, "true", 1), "@service = ''", "true", 1), map[string]any{"service": "", "team": "shop"}},
		{"nothing closes it", "where (@field = '' or x", "where (true or x", map[string]any{"field": ""}},
		{"a question", "where (a or not (@service = '' and @team = '')) and b", "where (a or not (true and @team = '')) and b", map[string]any{"service": "", "team": "shop"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Query{Name: "q", text: c.text}.Chosen(c.values)
			if diff := cmp.Diff(c.want, got.text); diff != "" || got.Name != "q" {
				t.Errorf("%s: (-want +got)\n%s", got.Name, diff)
			}
		})
	}
}

// Whatever is said in another way than Chosen knows would be read in vain.
func TestNoQueryAsksAboutWhatIsNotChosen(t *testing.T) {
	nothing := map[string]any{"service": "", "team": "", "repository": "", "severity": "", "incident_type": "", "field": "", "field_value": ""}
	for _, name := range Names() {
		q, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for filter := range nothing {
			for _, form := range []string{"@" + filter + " = ''", "= @" + filter + "\n", "= @" + filter + ")"} {
				if text := q.Chosen(nothing).text; strings.Contains(text, form) {
					t.Errorf("%s has %q where nothing is chosen", name, form)
				}
			}
		}
	}
}
