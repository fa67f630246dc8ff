package bigquery

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"fourfold/internal/dialect"
	"fourfold/load"
	"fourfold/transform"
)

var (
	variable  = regexp.MustCompile(`\bv_[a-z]+\b`)
	condition = regexp.MustCompile(`(?s)^(?:set v_[a-z]+ = |if )(.*?)(?: then\b(.*))?$`)
)

// typed is a variable as a parameter of its type.
func typed(name string) string {
	switch name {
	case "v_stream", "v_run", "v_landing", "v_cursor", "v_kept", "v_forgot":
		return "cast(@" + name + " as string)"
	default:
		return "cast(@" + name + " as int64)"
	}
}

// statementsOf takes a script apart into what can be read by itself: variables are parameters, a condition is a query.
func statementsOf(name, script string) []dialect.Statement {
	var out []dialect.Statement
	for i, text := range strings.Split(script, ";\n") {
		text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "else"))
		add := func(sql string) {
			out = append(out, dialect.Statement{Name: fmt.Sprintf("%s, statement %d: %.60s", name, i, text), SQL: variable.ReplaceAllStringFunc(sql, typed)})
		}
		switch m := condition.FindStringSubmatch(text); {
		case text == "" || text == "end if" || text == "begin transaction" || text == "commit transaction":
		case strings.HasPrefix(text, "declare "):
			_, value, _ := strings.Cut(text, " default ")
			add("select " + value)
		case m != nil:
			add("select " + m[1])
			if inner := strings.TrimSpace(m[2]); inner != "" {
				out = append(out, statementsOf(name, inner)...)
			}
		default:
			add(text)
		}
	}
	return out
}

// The scripts of appends are BigQuery's, whatever there is in an append.
func TestAppendsAreBigQuerys(t *testing.T) {
	c := &Client{opts: Options{Project: "p", Dataset: "d"}}
	run := transform.Run{ID: "run", At: time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)}
	var tables []dialect.Table
	for _, x := range allTables() {
		table := dialect.Table{Name: "p.d_raw." + x.name}
		for _, f := range x.schema {
			table.Columns = append(table.Columns, dialect.Column{Name: f.Name, Type: typeName(f)})
		}
		tables = append(tables, table)
	}
	stage := func(t *transform.Table) string {
		table := dialect.Table{Name: "p.d_raw._stage_" + t.Name}
		for _, c := range t.Ledger() {
			table.Columns = append(table.Columns, dialect.Column{Name: c.Name, Type: c.BigQueryType()})
		}
		table.Columns = append(table.Columns, dialect.Column{Name: transform.RowColumn, Type: "INT64"})
		tables = append(tables, table)
		return "_stage_" + t.Name
	}
	tables = append(tables, dialect.Table{Name: "p.d_raw._stage_ids", Columns: []dialect.Column{{Name: "kind", Type: "STRING"}, {Name: "id", Type: "STRING"}}})
	rejected := stage(transform.Rejected)
	var statements []dialect.Statement
	for _, table := range transform.All() {
		if table == transform.Rejected {
			continue
		}
		rows := transform.NewRows(table, run, transform.Policy{})
		batch := rows.Flush()
		defer batch.Rows.Release()
		everything := load.Append{
			Stream: "it's", Batch: batch, Cursor: json.RawMessage(`{"a":"日本\\"}`), Begin: true, Marks: true, Seen: []string{"a"}, Gone: []string{"b"}, Settled: []string{"c"},
		}
		everything.Batch.Withheld = []string{"w"}
		sweeping := everything
		sweeping.Begin, sweeping.Sweep = false, &load.Sweep{MaxShare: 0.05, MaxCount: 10}
		if _, ok := table.Column("created_at"); ok {
			sweeping.Sweep = &load.Sweep{MaxShare: 0.05, MaxCount: 10, CreatedColumn: "created_at", Since: run.At}
		}
		whole := sweeping
		whole.Begin = true
		all := map[string]load.Append{"everything": everything, "a sweep": sweeping, "a whole read": whole}
		if table.Parent != "" {
			children := everything
			children.Complete = []string{"p"}
			all["children"] = children
		}
		staging := stage(table)
		for name, a := range all {
			for revision := range int64(2) {
				x := script{c: c, a: a, st: staged{rows: staging, rejected: rejected, ids: "_stage_ids"}, at: &cursor{revision: revision}, next: &cursor{text: "{}", revision: revision + 1, landing: "l"}, kept: "k", forgot: "f"}
				text, err := x.text()
				if err != nil {
					t.Fatal(err)
				}
				statements = append(statements, statementsOf(table.Name+", "+name, text)...)
			}
		}
		lookup := strings.ReplaceAll(c.lookupSQL(table, "payload"), "$1", "['a']")
		statements = append(statements, dialect.Statement{Name: table.Name + ", lookup", SQL: lookup},
			dialect.Statement{Name: table.Name + ", scan", SQL: presentSQL(c.table(c.Raw(), table.Name), []string{"id", "payload"}, "true") + " order by id"})
	}
	statements = append(statements, dialect.Statement{Name: "counts", SQL: c.countsSQL()})
	if len(statements) < 500 {
		t.Fatalf("only %d statements", len(statements))
	}
	for _, a := range dialect.Read(t, tables, statements) {
		if a.Error != "" {
			t.Errorf("%s: %s", a.Name, a.Error)
		}
	}
}
