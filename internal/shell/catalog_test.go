package shell

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"fourfold/dbt"
)

func TestEveryMartIsThereWithTheMeaningOfEachColumn(t *testing.T) {
	for engine, types := range map[string][]string{
		"duckdb":   {"bigint", "boolean", "date", "double", "timestamptz", "varchar"},
		"bigquery": {"bool", "date", "float64", "int64", "string", "timestamp"},
	} {
		tables, err := Marts(dbt.Project, engine)
		if err != nil {
			t.Fatal(err)
		}
		var names, seen []string
		for _, table := range tables {
			names = append(names, table.Name)
			if table.Description == "" || len(table.Columns) == 0 {
				t.Errorf("%s: %+v", table.Name, table)
			}
			for _, c := range table.Columns {
				if c.Description == "" || strings.ContainsAny(c.Description, "\n{}") {
					t.Errorf("%s.%s: %q", table.Name, c.Name, c.Description)
				}
				seen = append(seen, c.Type)
			}
		}
		if d := cmp.Diff(dbt.Marts(), names); d != "" {
			t.Errorf("%s (-marts +described)\n%s", engine, d)
		}
		slices.Sort(seen)
		if d := cmp.Diff(types, slices.Compact(seen)); d != "" {
			t.Errorf("types of %s (-want +got)\n%s", engine, d)
		}
	}
}

func TestATypeThatCannotBeReadIsSaid(t *testing.T) {
	project := fstest.MapFS{"models/marts/a.yml": {Data: []byte("models: [{name: m, columns: [{name: c, data_type: \"{{ what() }}\"}]}]")}}
	if _, err := Marts(project, "duckdb"); err == nil || !strings.Contains(err.Error(), "a.yml: m.c: the type") {
		t.Error(err)
	}
}

func TestEveryLedgerAndShippedTableIsThereWithTypes(t *testing.T) {
	for _, engine := range []string{"duckdb", "bigquery"} {
		for _, tables := range [][]Table{Ledgers(engine), Shipped(engine)} {
			if len(tables) < 10 {
				t.Errorf("only %d tables", len(tables))
			}
			for _, table := range tables {
				for _, c := range table.Columns {
					if table.Description == "" || c.Type == "" || c.Type != strings.ToLower(c.Type) {
						t.Errorf("%s.%s: %+v", table.Name, c.Name, c)
					}
				}
			}
		}
	}
}

var some = []Table{
	{"fct_changes", "One row a change.", []Column{{"change_id", "varchar", "Key."}, {"team", "varchar", "The team."}}},
	{"fct_incidents", "One row an incident, in whatever state it may be, and however it came to be known to those who look after it all day long.", []Column{
		{"incident_id", "varchar", "Key."}, {"restored_at", "timestamptz", "When it was restored, UTC."},
	}},
}

func TestATableThatIsNotThereHasItsLikesNamed(t *testing.T) {
	for name, want := range map[string]string{
		"FCT_Incidents;":  "",
		"fct_incident":    "there is no table fct_incident: did you mean fct_incidents?",
		"fct_chagnes":     "there is no table fct_chagnes: did you mean fct_changes?",
		"incidents":       "there is no table incidents: .tables lists them",
		`"fct_incidents"`: "",
	} {
		got := ""
		if _, err := find(some, name); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestDescriptionsStandUnderTheirBeginning(t *testing.T) {
	var b strings.Builder
	if err := writeTables(&b, some, 70); err != nil {
		t.Fatal(err)
	}
	if err := writeSchema(&b, some[1], 70); err != nil {
		t.Fatal(err)
	}
	want := `fct_changes    One row a change.
fct_incidents  One row an incident, in whatever state it may be, and
               however it came to be known to those who look after it
               all day long.
fct_incidents: One row an incident, in whatever state it may be, and
however it came to be known to those who look after it all day long.
  incident_id  varchar      Key.
  restored_at  timestamptz  When it was restored, UTC.
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}
