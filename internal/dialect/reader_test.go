package dialect_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/internal/dialect"
)

// What the emulator takes, or another engine that speaks the same language, and BigQuery does not; each with what is said of it.
func TestTheAnalyserRefusesWhatBigQueryDoes(t *testing.T) {
	t.Parallel()
	const outer, inside = "an outer join without an equality of columns of both sides", "a subquery over a table that depends on the row outside by more than an equality"
	tables := []dialect.Table{
		{build + ".t", []dialect.Column{{"id", "INT64"}, {"name", "STRING"}, {"at", "TIMESTAMP"}, {"share", "FLOAT64"}, {"payload", "JSON"}}},
		{build + ".u", []dialect.Column{{"id", "INT64"}, {"began", "TIMESTAMP"}, {"ended", "TIMESTAMP"}}},
	}
	type refusal struct{ sql, says string }
	cases := []refusal{
		// These are taken.
		{"select id, name, t.at, date(t.at, 'Asia/Tokyo') as d from `fourfold`.`fourfold_build`.`t` as t where id = @id qualify row_number() over (partition by id order by t.at) = 1", ""},
		{"select id from `" + build + ".t`", ""},
		{"select count(*) from t", ""},
		{"select t.id from t left join u on t.id = u.id and t.at >= u.began", ""},
		{"select t.id from t full join u on u.id + 1 = t.id", ""},
		{"select t.id, x from t left join unnest(json_value_array(payload)) as x", ""},
		{"select id from t where exists (select 1 from u where u.id = t.id and u.began is null)", ""},
		{"select (select max(x) from unnest(json_value_array(payload)) as x where x < name) from t", ""},
		// These are not.
		{"select nope from t", "Unrecognized name: nope"},
		{"select 1 from nope", "Table not found: nope"},
		{"select 1 = 'a'", "No matching signature for operator ="},
		{"select id from t where t.at < date '2026-01-01'", "No matching signature for operator <"},
		{"select case when id = 1 then id else name end from t", "No matching signature for operator CASE"},
		{"select id, name from t group by id", "neither grouped nor aggregated"},
		{"select t.name, count(*) as t from t group by t.name", "GROUP BY"},
		{"select count(*) from t group by payload", "Grouping by expressions of type JSON is not allowed"},
		{"select row_number() over (partition by share order by id) from t", "Partitioning by expressions of type FLOAT64 is not allowed"},
		{"select name as hash from t", "Unexpected keyword HASH"},
		{"select id from t union select id from u", "Expected keyword ALL or keyword DISTINCT"},
		{"select t.id, u.id from t join u using (id)", "two columns are named id"},
		{"select percentile_cont(share, 0.5) from t", "function percentile_cont without a window"},
		{"select t.id from t left join u on t.at >= u.began and t.at < u.ended", outer},
		{"select t.id from t full join u on t.id = u.id or t.at = u.began", outer},
		{"select t.id from t left join u on u.id = 1 and t.at > u.began", outer},
		{"select t.id, (select max(u.began) from u where u.began < t.at) from t", inside},
		{"select t.id, (select u.began from u where u.id = t.id order by u.began limit 1) from t", inside},
		// DuckDB's.
		{"select list_value(1)", "Function not found: list_value"},
		{"select id::string from t", "Syntax error"},
		{`select "id" + 1 from t`, "Could not cast literal"},
		{"select id as a, a + 1 as b from t", "Unrecognized name: a"},
		{"select count(*) filter (where id = 1) from t", "Syntax error"},
		{"select * from (values (1)) as x(a)", "Syntax error"},
		{"select date_trunc('month', t.at) from t", "A valid date part name is required"},
		// Of the same language, in Google's other engines.
		{"select array_includes([1], 1)", "function array_includes is not among those"},
		{"select array_filter([1], x -> x > 1)", "Lambda is not supported"},
		{"select typeof(id), zeroifnull(id) from t", "function typeof is not among those"},
		{"select cast(id as float32) from t", "Type not found: float32"},
	}
	var statements []dialect.Statement
	for _, c := range cases {
		statements = append(statements, dialect.Statement{SQL: c.sql, Dataset: build})
	}
	for i, a := range dialect.Read(t, tables, statements) {
		if says := cases[i].says; !strings.Contains(a.Error, says) || says == "" && a.Error != "" {
			t.Errorf("%s: %q, want %q", cases[i].sql, a.Error, says)
		}
	}
}

// What a model selects is the table that others read, and what its contract is compared with.
func TestAModelIsATableOfWhatItSelects(t *testing.T) {
	t.Parallel()
	tables := []dialect.Table{{build + ".t", []dialect.Column{{"id", "INT64"}, {"name", "STRING"}}}}
	answers := dialect.Read(t, tables, []dialect.Statement{
		{Name: "model", SQL: "select id / 2 as half, name from t", Creates: build + ".m", Dataset: build},
		{Name: "ok, reads it", SQL: "select half + 0.5 as more, name from `" + build + ".m`"},
		{Name: "adds a text", SQL: "select name + 1 from m", Dataset: build},
		{Name: "a column without a name", SQL: "select count(*) from m", Creates: build + ".n", Dataset: build},
		{Name: "a name that no table may have", SQL: "select 1 as _table_suffix", Creates: build + ".n"},
		{Name: "it was not made", SQL: "select 1 from n", Dataset: build},
		{Name: "ok, parameters of types", SQL: "select half from m where name = ? and half < ? limit ?", Dataset: build, Parameters: []string{"STRING", "INT64", "INT64"}},
		{Name: "a parameter of another type", SQL: "select half from m where name = ?", Dataset: build, Parameters: []string{"INT64"}},
		{Name: "a parameter too few", SQL: "select half from m where name = ? and half < ?", Dataset: build, Parameters: []string{"STRING"}},
	})
	for _, a := range answers[1:] {
		if ok := strings.HasPrefix(a.Name, "ok"); ok != (a.Error == "") {
			t.Errorf("%s: %q", a.Name, a.Error)
		}
	}
	if diff := cmp.Diff(map[string]string{"half": "FLOAT64", "name": "STRING"}, typesOf(answers[0].Columns)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// The division of whole numbers is a fraction there, so a contract that says otherwise differs.
	mart := node{}
	if err := json.Unmarshal([]byte(`{"columns": {"half": {"name": "half", "data_type": "int64"}, "name": {"name": "name", "data_type": "string"}}}`), &mart); err != nil {
		t.Fatal(err)
	}
	if cmp.Equal(mart.declared(), typesOf(answers[0].Columns)) {
		t.Error("a mart of another type is that of its contract")
	}
}

// An error says where it is.
func TestTheAnalyserSaysWhere(t *testing.T) {
	t.Parallel()
	tables := []dialect.Table{{build + ".t", []dialect.Column{{"id", "INT64"}}}}
	for sql, want := range map[string]string{
		"select\n    id,\n    nope\nfrom t":                         "[at 3:5]",
		"select id\nfrom t\nwhere array_includes([1], id)":          "[at 3:7]",
		"select t.id\nfrom t\nleft join t as b\n    on t.id > b.id": "[at 3:1]",
	} {
		a := dialect.Read(t, tables, []dialect.Statement{{SQL: sql, Dataset: build}})[0]
		if !strings.Contains(a.Error, want) {
			t.Errorf("%q: %q, want %s", sql, a.Error, want)
		}
	}
}
