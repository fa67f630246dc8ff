package dbt_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"

	"fourfold/dbt"
	fake "fourfold/internal/fake/bigquery"
	"fourfold/transform"
)

// bigqueryProject is the project on an emulator that has the ledgers and the tables of the commit graph of a project on
// DuckDB.
type bigqueryProject struct {
	*project
	client *bigquery.Client
	server *fake.Server
}

func newBigQueryProject(t *testing.T, from *project) *bigqueryProject {
	t.Helper()
	p := &bigqueryProject{project: newProject(t), server: fake.Start(t)}
	var err error
	p.client, err = bigquery.NewClient(t.Context(), p.server.Project, option.WithEndpoint(p.server.URL+"/bigquery/v2/"), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.client.Close() })
	p.env = append(p.env, "FOURFOLD_BIGQUERY_ENDPOINT="+p.server.URL, "FOURFOLD_BIGQUERY_PROJECT="+p.server.Project)
	for _, name := range []string{"fourfold_raw", "fourfold_build"} {
		if err := p.client.Dataset(name).Create(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range transform.All() {
		p.load(from, "raw.duckdb", "fourfold_raw", table.Name, table.Ledger())
	}
	p.load(from, "raw.duckdb", "fourfold_raw", "runs", transform.RunsColumns)
	for _, table := range transform.Ship {
		p.load(from, "build.duckdb", "fourfold_build", table.Name, table.Columns)
	}
	return p
}

// load copies a table of DuckDB.
func (p *bigqueryProject) load(from *project, file, dataset, table string, columns []transform.Column) {
	p.t.Helper()
	var schema bigquery.Schema
	for _, c := range columns {
		kind := bigquery.FieldType(c.BigQueryType())
		switch kind {
		case "INT64":
			kind = bigquery.IntegerFieldType
		case "FLOAT64":
			kind = bigquery.FloatFieldType
		case "BOOL":
			kind = bigquery.BooleanFieldType
		}
		schema = append(schema, &bigquery.FieldSchema{Name: c.Name, Type: kind})
	}
	ref := p.client.Dataset(dataset).Table(table)
	if err := ref.Create(p.t.Context(), &bigquery.TableMetadata{Schema: schema}); err != nil {
		p.t.Fatal(err)
	}
	text, err := os.ReadFile(from.path(file + "." + table + ".parquet"))
	if errors.Is(err, os.ErrNotExist) {
		return // it has no rows
	}
	if err != nil {
		p.t.Fatal(err)
	}
	source := bigquery.NewReaderSource(bytes.NewReader(text))
	source.SourceFormat = bigquery.Parquet
	job, err := ref.LoaderFrom(source).Run(p.t.Context())
	if err == nil {
		var status *bigquery.JobStatus
		if status, err = job.Wait(context.Background()); err == nil {
			err = status.Err()
		}
	}
	if err != nil {
		p.t.Fatalf("load %s: %v", table, err)
	}
}

// export writes every table of a file of DuckDB as a file of its own, for BigQuery.
func (p *project) export(file string) {
	p.t.Helper()
	p.run(filepath.Join(filepath.Dir(p.command), "python"), "-c", `
import duckdb, sys
with duckdb.connect(sys.argv[1], read_only=True) as con:
    con.execute("set timezone = 'UTC'")
    for (t,) in con.execute("select table_name from information_schema.tables where table_schema = 'main'").fetchall():
        if con.execute(f"select count(*) from {t}").fetchone()[0]:
            con.execute(f"copy {t} to '{sys.argv[1]}.{t}.parquet' (format parquet)")
`, p.path(file))
}

// dumpScript prints the tables of a file of DuckDB as JSON: instants in microseconds, dates as text.
const dumpScript = `
import datetime, decimal, duckdb, json, sys
def plain(v):
    if isinstance(v, datetime.datetime):
        return {"us": round((v - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) / datetime.timedelta(microseconds=1))}
    if isinstance(v, datetime.date):
        return v.isoformat()
    return v
with duckdb.connect(sys.argv[1], read_only=True) as con:
    con.execute("set timezone = 'UTC'")
    out = {}
    for name in sys.argv[2:]:
        q = con.execute(f"select * from {name}")
        columns = [c[0] for c in q.description]
        out[name] = {"columns": columns, "rows": [[plain(v) for v in row] for row in q.fetchall()]}
    print(json.dumps(out))
`

// mart is what a mart holds: numbers that are not whole are floats, all else is text.
type mart struct {
	columns []string
	rows    []martRow
}

type martRow struct {
	key    string // all that must be equal, in the order of the columns' names
	floats []float64
}

// martNames are the marts of the project.
func martNames(t *testing.T) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(dbt.Project, "models/marts", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(path) == ".sql" {
			names = append(names, strings.TrimSuffix(filepath.Base(path), ".sql"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// newMart sorts rows. isFloat says which columns are compared as numbers.
func newMart(columns []string, isFloat []bool, rows [][]any) mart {
	order := make([]int, len(columns))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(columns[a], columns[b]) })
	m := mart{}
	for _, i := range order {
		m.columns = append(m.columns, columns[i])
	}
	for _, row := range rows {
		var r martRow
		var key []string
		for _, i := range order {
			switch v := row[i].(type) {
			case nil:
				key = append(key, "null")
			case float64:
				if isFloat[i] {
					r.floats = append(r.floats, v)
					key = append(key, "a number")
					continue
				}
				key = append(key, strconv.FormatFloat(v, 'f', -1, 64))
			default:
				key = append(key, fmt.Sprintf("%q", fmt.Sprint(v)))
			}
		}
		r.key = strings.Join(key, " ")
		m.rows = append(m.rows, r)
	}
	slices.SortFunc(m.rows, func(a, b martRow) int { return cmp.Or(cmp.Compare(a.key, b.key), slices.Compare(a.floats, b.floats)) })
	return m
}

// onDuckDB reads the marts of a build; floats are the columns that BigQuery has as such.
func (p *project) onDuckDB(file string, names []string, floats map[string][]bool) map[string]mart {
	p.t.Helper()
	text := p.run(filepath.Join(filepath.Dir(p.command), "python"), append([]string{"-c", dumpScript, p.path(file)}, names...)...)
	var dumped map[string]struct {
		Columns []string
		Rows    [][]any
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&dumped); err != nil {
		p.t.Fatal(err)
	}
	out := map[string]mart{}
	for name, table := range dumped {
		for _, row := range table.Rows {
			for i, v := range row {
				switch v := v.(type) {
				case json.Number:
					row[i] = string(v)
					if floats[name][i] {
						f, err := v.Float64()
						if err != nil {
							p.t.Fatal(err)
						}
						row[i] = f
					}
				case map[string]any:
					row[i] = fmt.Sprintf("%v us", v["us"])
				}
			}
		}
		out[name] = newMart(table.Columns, floats[name], table.Rows)
	}
	return out
}

// onBigQuery reads the marts of a build, and says which columns are floats.
func (p *bigqueryProject) onBigQuery(names []string) (marts map[string]mart, floats map[string][]bool) {
	p.t.Helper()
	marts, floats = map[string]mart{}, map[string][]bool{}
	for _, name := range names {
		it := p.client.Dataset("fourfold_build").Table(name).Read(p.t.Context())
		var rows [][]any
		var schema bigquery.Schema
		for {
			var row []bigquery.Value
			err := it.Next(&row)
			if schema == nil {
				schema = it.Schema
			}
			if errors.Is(err, iterator.Done) {
				break
			}
			if err != nil {
				p.t.Fatalf("read %s: %v", name, err)
			}
			var plain []any
			for _, v := range row {
				switch v := v.(type) {
				case time.Time:
					plain = append(plain, fmt.Sprintf("%d us", v.UnixMicro()))
				case int64:
					plain = append(plain, strconv.FormatInt(v, 10))
				case bool:
					plain = append(plain, v)
				case nil, string, float64:
					plain = append(plain, v)
				case civil.Date:
					plain = append(plain, v.String())
				default:
					p.t.Fatalf("%s has a %T: %v", name, v, v)
				}
			}
			rows = append(rows, plain)
		}
		var columns []string
		for _, f := range schema {
			columns = append(columns, f.Name)
			floats[name] = append(floats[name], f.Type == bigquery.FloatFieldType)
		}
		marts[name] = newMart(columns, floats[name], rows)
	}
	return marts, floats
}

// The same ledgers give the same marts on both engines: row by row, whole numbers, texts and instants exactly, others to
// within 1e-9. Every test of the project but the unit tests runs on BigQuery, too.
func TestBothEnginesGiveTheSameNumbers(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.makeRaw("1")
	p.export("raw.duckdb")
	zone := []string{"FOURFOLD_TIMEZONE=Asia/Tokyo", "FOURFOLD_WEEK_START=sunday"}
	p.env = append(p.env, zone...)
	p.python("ship", p.path("ship.json"), p.path("build.duckdb"), p.seed)
	p.export("build.duckdb")
	p.dbt("duckdb", "build", "--exclude-resource-type", "unit_test", "test")
	q := newBigQueryProject(t, p)
	q.env = append(q.env, zone...)
	out := q.dbt("bigquery", "build", "--exclude-resource-type", "unit_test")
	if strings.Contains(out, " WARN ") {
		t.Errorf("a test warns:\n%s", out)
	}
	names := martNames(t)
	there, floats := q.onBigQuery(names)
	here := p.onDuckDB("build.duckdb", names, floats)
	total := 0
	for _, name := range names {
		want, got := here[name], there[name]
		total += len(want.rows)
		if diff := gocmp.Diff(want.columns, got.columns); diff != "" {
			t.Errorf("%s: columns (-DuckDB +BigQuery):\n%s", name, diff)
			continue
		}
		if len(want.rows) == 0 && name != "fct_postmortems" { // the organisation writes none
			t.Errorf("%s is empty: it shows nothing", name)
		}
		compareMarts(t, name, want, got)
	}
	if total < 10_000 {
		t.Errorf("only %d rows were compared", total)
	}
	t.Logf("%d rows of %d marts", total, len(names))
}

func compareMarts(t *testing.T, name string, want, got mart) {
	t.Helper()
	const shown = 5
	differ := 0
	for i := range max(len(want.rows), len(got.rows)) {
		if differ == shown {
			t.Errorf("%s: and more", name)
			return
		}
		switch {
		case i >= len(want.rows):
			t.Errorf("%s: BigQuery alone has %s", name, got.rows[i].key)
			differ++
		case i >= len(got.rows):
			t.Errorf("%s: DuckDB alone has %s", name, want.rows[i].key)
			differ++
		case want.rows[i].key != got.rows[i].key:
			t.Errorf("%s: row %d of %v:\nDuckDB   %s\nBigQuery %s", name, i, want.columns, want.rows[i].key, got.rows[i].key)
			return // those after it are out of step
		default:
			for k, f := range want.rows[i].floats {
				if g := got.rows[i].floats[k]; math.Abs(f-g) > 1e-9*max(1, math.Abs(f)) {
					t.Errorf("%s: %s: %v on DuckDB, %v on BigQuery", name, want.rows[i].key, f, g)
					differ++
				}
			}
		}
	}
}
