package render

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"
)

// readParquet gives the schema of a file, a line a column, and its values as text, a line a row.
func readParquet(t *testing.T, b []byte) (schema, values []string) {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	a, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	table, err := a.ReadTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer table.Release()
	lines := make([][]string, table.NumRows())
	for i := range int(table.NumCols()) {
		f := table.Schema().Field(i)
		schema = append(schema, f.Name+" "+f.Type.String())
		n := 0
		for _, chunk := range table.Column(i).Data().Chunks() {
			for j := range chunk.Len() {
				lines[n] = append(lines[n], chunk.ValueStr(j))
				n++
			}
		}
	}
	for _, l := range lines {
		values = append(values, strings.Join(l, "|"))
	}
	return schema, values
}

func TestParquetHasTheTypesOfBothEngines(t *testing.T) {
	columns := []string{"n", "total", "share", "price", "yes", "at", "day", "text", "list"}
	day := time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC)
	all := [][]any{
		{int64(1), int64(5), 0.25, 1.5, true, at, "2026-11-25", "=1+1 決済", "[1, 2]"},
		{nil, nil, nil, int64(2), nil, nil, nil, nil, nil},
		{int64(-20), int64(0), 1e20, 0.0, false, day.Add(-time.Microsecond), day, "", "[]"},
	}
	for _, types := range [][]string{
		{"INTEGER", "HUGEINT", "DOUBLE", "DECIMAL(18,3)", "BOOLEAN", "TIMESTAMPTZ", "DATE", "VARCHAR", "INTEGER[]"},
		{"INT64", "INT64", "FLOAT64", "NUMERIC", "BOOL", "TIMESTAMP", "DATE", "STRING", "ARRAY<INT64>"},
	} {
		var b bytes.Buffer
		n, err := Parquet(&b, columns, types, rows(all...), 0)
		if err != nil || n != 3 {
			t.Fatalf("%d rows: %v", n, err)
		}
		schema, values := readParquet(t, b.Bytes())
		if d := cmp.Diff([]string{
			"n int64", "total int64", "share float64", "price float64", "yes bool", "at timestamp[us, tz=UTC]", "day date32", "text utf8", "list utf8",
		}, schema); d != "" {
			t.Errorf("%v (-want +got)\n%s", types, d)
		}
		if d := cmp.Diff([]string{
			"1|5|0.25|1.5|true|2026-11-25T00:30:00.12Z|2026-11-25|=1+1 決済|[1, 2]",
			"(null)|(null)|(null)|2|(null)|(null)|(null)|(null)|(null)",
			"-20|0|1e+20|0|false|1969-12-30T23:59:59.999999Z|1969-12-31||[]",
		}, values); d != "" {
			t.Errorf("%v (-want +got)\n%s", types, d)
		}
	}
}

func TestParquetOfMoreThanARowGroupAndOfNothingReadsBack(t *testing.T) {
	for want, limit := range map[int64]int{0: 0, 1: 1, groupRows: groupRows, groupRows + 7: 0} {
		var b bytes.Buffer
		n, err := Parquet(&b, []string{"n"}, []string{"BIGINT"}, func(yield func([]any, error) bool) {
			for i := range int64(groupRows + 7) {
				if want == 0 || !yield([]any{i}, nil) {
					return
				}
			}
		}, limit)
		if err != nil || n != want {
			t.Fatalf("%d rows of %d: %v", n, want, err)
		}
		schema, values := readParquet(t, b.Bytes())
		if int64(len(values)) != want || schema[0] != "n int64" {
			t.Errorf("%d rows of %d read back, %v", len(values), want, schema)
		}
	}
}

func TestParquetSaysWhatDoesNotFit(t *testing.T) {
	for _, test := range []struct {
		kind  string
		value any
		says  string
	}{
		{"HUGEINT", "170141183460469231731687303715884105727", "column x (HUGEINT), row 1: 170141183460469231731687303715884105727 does not fit into 64 bits"},
		{"DATE", "infinity", "column x (DATE), row 1: infinity is no value"},
		{"BOOLEAN", "maybe", "maybe is no value"},
	} {
		_, err := Parquet(&bytes.Buffer{}, []string{"x"}, []string{test.kind}, rows([]any{test.value}), 0)
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", test.kind, err)
		}
	}
	_, err := Parquet(&bytes.Buffer{}, []string{"x"}, []string{"BIGINT"}, func(yield func([]any, error) bool) {
		_ = yield([]any{int64(1)}, nil) && yield(nil, errBroken)
	}, 0)
	if !errors.Is(err, errBroken) {
		t.Errorf("rows that break off: %v", err)
	}
}
