package dbt_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"

	"fourfold/dbt"
	fake "fourfold/internal/fake/bigquery"
	"fourfold/internal/parity"
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

// onDuckDB reads the marts of a build; floats are the columns that BigQuery has as such.
func (p *project) onDuckDB(file string, names []string, floats map[string][]bool) map[string]parity.Table {
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
	out := map[string]parity.Table{}
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
		out[name] = parity.New(table.Columns, table.Rows)
	}
	return out
}

// onBigQuery reads the marts of a build, and says which columns are floats.
func (p *bigqueryProject) onBigQuery(names []string) (marts map[string]parity.Table, floats map[string][]bool) {
	p.t.Helper()
	marts, floats = map[string]parity.Table{}, map[string][]bool{}
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
		marts[name] = parity.New(columns, rows)
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
	names := dbt.Marts()
	there, floats := q.onBigQuery(names)
	here := p.onDuckDB("build.duckdb", names, floats)
	total := 0
	for _, name := range names {
		want, got := here[name], there[name]
		total += len(want.Rows)
		if len(want.Rows) == 0 && name != "fct_postmortems" { // the organisation writes none
			t.Errorf("%s is empty: it shows nothing", name)
		}
		parity.Compare(t, name, want, got)
	}
	if total < 10_000 {
		t.Errorf("only %d rows were compared", total)
	}
	t.Logf("%d rows of %d marts", total, len(names))
}
