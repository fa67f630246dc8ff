package bigquery

import (
	"errors"
	"strings"
	"testing"
)

func TestOnlyASingleSelectMayRun(t *testing.T) {
	for _, sql := range []string{
		"select 1", "SELECT 1;", " ( select 1 ) union all (select 2) ;; -- the end", "with a as (select 1 as x) select x from a",
		"with recursive a as (select 1 as n union all select n + 1 from a where n < 5) select n from a", "from fct_incidents |> where true |> select incident_id |> order by 1 |> limit 5",
		"select ';' as semicolon, \"; drop table t\" as b, `a;b` from t -- ; drop\n", "select 1 /* ; drop table t */", "select 1 # ; drop table t", "select '''a'; b''' as x",
		`select r'\\' as x, 1 as y where ';' = "'"`, `select 'it\'s; one' as x`, "select rb\"\"\"a\";\"\"\" as x", "select x as insert_ from t", "-- what\n/* it */ # is\nselect 1",
		"select `update`, t.merge from `p.d.t` as t", "select safe.parse_date('%Y', '2026'), net.host('x'), hll_count.init(1), count(*) over (partition by t.a order by t.b)",
		"select t.a in (1, 2), not t.b in (3), exists (select 1) from d.t inner join d.u using (id)", "select array_agg(x)[offset(0)], struct(1 as a), cast(a.b as string) from a",
		"select percentile_cont(x, 0.5) over (), 1e5, .5, 0x1F, @p1, ? from unnest([1]) as x", "select session_user()", "select 1 as a, (select 2) as b from p.d.t tablesample system (10 percent)",
	} {
		if _, err := checkSelect(sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
	for _, sql := range []string{
		"", ";", "-- select 1", "/* select 1 */", "insert into t values (1)", "update t set a = 1 where true", "delete from t where true", "merge t using u on a = b when matched then delete",
		"create table t as select 1", "create temp function f() as (1); select f()", "drop table t", "alter table t add column a int64", "truncate table t", "call p.d.f()",
		"export data options(uri='gs://x/*', format='csv') as select 1", "load data into d.t from files(format='csv', uris=['gs://x'])", "execute immediate 'drop table t'", "declare x int64",
		"begin select 1; end", "begin transaction", "set x = 1", "if true then select 1; end if", "assert true", "grant `r` on table t to 'u'", "explain select 1", "values (1)",
		"select 1; select 2", "select 1; drop table t", "select 1 -- x\n; drop table t", "select 1 /* /* */ ; drop table t", "select 'a' ; drop table t --'", "select '''a''' ; drop table t --'''",
		"select r'\\\\'; drop table t --'", "select `a` ; drop table t --`", `select r'\' as x where ';' = "'"`, "select 1 # x\r; drop table t", "select '\\'; drop table t",
		"from t |> insert into u", "from t |> export data options(uri='x')", "select 1 |> create table t", "from t |> `select` 1", "from t |> call d.f()", "from t |>", "from t |> fork (select 1)",
		"select 'a\n'; drop table t --'", "select /* 1", "select `a", "select 'a", "select @@error.message", "select @@session_id", "(select 1) ; (select 2)", "((", "(insert into t values (1))",
		"select 1 \u3000", "select `a\\`b`", "`select` 1",
	} {
		if words, err := checkSelect(sql); err == nil {
			t.Errorf("%q may run: %v", sql, words)
		}
	}
}

func TestOnlyBigQuerysOwnFunctionsMayBeCalled(t *testing.T) {
	for _, sql := range []string{
		"select * from external_query('p.us.c', 'delete from t')", "select * from EXTERNAL_QUERY ('c', 'x')", "select * from `external_query`('c', 'x')", "select d.remote(1)", "select p.d.remote(1)",
		"select `p.d.remote`(1)", "select `d`.`remote` /* x */ (1)", "select `p`.d.remote\n(1)", "select * from ml.predict(model d.m, table t)", "select ai.generate('x')", "select * from d.tvf(1)",
		"select safe.d.remote(1)", "select * from external_object_transform(table t, ['x'])", "select safe.external_query('a', 'b')", "select `safe.d.remote`(1)", "from t |> extend d.remote(x) as y",
	} {
		if _, err := checkSelect(sql); !errors.Is(err, ErrFunction) {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// A dry run does not tell of views of the system which datasets they are of.
func TestWhatElseThereIsMayNotBeAskedFor(t *testing.T) {
	for _, sql := range []string{
		"select * from information_schema.tables", "select * from `region-us`.INFORMATION_SCHEMA.JOBS", "select * from `region-us.Information_Schema.jobs`", "select * from ff_raw.`information_schema`.columns",
		"select * from p . information_schema /* x */ . schemata", "from `information_schema.tables` |> limit 1", "with a as (select table_name from `p`.`ff_marts`.`INFORMATION_SCHEMA`.`TABLES`) select * from a",
	} {
		if _, err := checkSelect(sql); !errors.Is(err, ErrSchema) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	for _, sql := range []string{"select 'information_schema.tables' as x", "select 1 as my_information_schema -- information_schema", "select information_schemas from t"} {
		if _, err := checkSelect(sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestAnErrorSaysWhichFunction(t *testing.T) {
	_, err := checkSelect("select `My-Proj.d`.Remote(1)")
	if err == nil || !strings.Contains(err.Error(), "my-proj.d.remote(): this function may not be called here") {
		t.Errorf("%v", err)
	}
}

// Whatever is taken has, outside of texts, comments and names in backticks, no semicolon before its end.
func FuzzCheckSelect(f *testing.F) {
	for _, s := range []string{"select 1", "select 'a;' ; x", "with a as (select 1) select * from a", "select r'''\\''' ;", "from t |> select `a;`", "select b\"\\\"\";", "/**/select#\n1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		words, err := checkSelect(sql)
		if err != nil {
			return
		}
		for _, w := range words {
			if !w.name && w.text == ";" {
				t.Errorf("%q has several statements", sql)
			}
			if w.at < 0 || w.at >= len(sql) {
				t.Errorf("%q: a token at %d", sql, w.at)
			}
		}
		r := NewReader(&Client{opts: Options{Project: "p", Dataset: "ff"}})
		pinned, _ := r.pin("b", sql, words, usedOf(words, []string{"t", "a", "select"}))
		if _, err := checkSelect(pinned); err != nil {
			t.Errorf("%q is taken, and what is made of it is not: %v", sql, err)
		}
	})
}
