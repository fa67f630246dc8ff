// Package parity compares what two engines make of the same data, for tests.
package parity

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// Within is how far two fractions may be from each other, as a share of the greater of 1 and what they are.
const Within = 1e-9

// Table is the rows of a table in an order of their own: by all that must be equal. Fractions are compared as numbers, all
// else, whole numbers, texts and instants, exactly.
type Table struct {
	Columns []string // sorted
	Rows    []Row
}

// Row is a row: its key has everything but the fractions.
type Row struct {
	Key       string
	Fractions []float64
}

// New takes rows whose values are nil, float64 for a fraction, or anything that fmt prints alike for both engines; instants
// to the microsecond.
func New(columns []string, rows [][]any) Table {
	order := make([]int, len(columns))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(columns[a], columns[b]) })
	t := Table{}
	for _, i := range order {
		t.Columns = append(t.Columns, columns[i])
	}
	for _, row := range rows {
		var r Row
		var key []string
		for _, i := range order {
			switch v := row[i].(type) {
			case nil:
				key = append(key, "null")
			case float64:
				r.Fractions = append(r.Fractions, v)
				key = append(key, "a number")
			case time.Time:
				key = append(key, strconv.FormatInt(v.UnixMicro(), 10)+" us")
			default:
				key = append(key, fmt.Sprintf("%q", fmt.Sprint(v)))
			}
		}
		r.Key = strings.Join(key, " ")
		t.Rows = append(t.Rows, r)
	}
	slices.SortFunc(t.Rows, func(a, b Row) int { return cmp.Or(cmp.Compare(a.Key, b.Key), slices.Compare(a.Fractions, b.Fractions)) })
	return t
}

// shown is how many differences of a table are told.
const shown = 5

// Compare tells the test where DuckDB's table and BigQuery's differ.
func Compare(t testing.TB, name string, duckdb, bigquery Table) {
	t.Helper()
	if diff := gocmp.Diff(duckdb.Columns, bigquery.Columns); diff != "" {
		t.Errorf("%s: columns (-DuckDB +BigQuery):\n%s", name, diff)
		return
	}
	differ := 0
	for i := range max(len(duckdb.Rows), len(bigquery.Rows)) {
		switch {
		case differ == shown:
			t.Errorf("%s: and more", name)
			return
		case i >= len(duckdb.Rows):
			t.Errorf("%s: BigQuery alone has %s", name, bigquery.Rows[i].Key)
			differ++
		case i >= len(bigquery.Rows):
			t.Errorf("%s: DuckDB alone has %s", name, duckdb.Rows[i].Key)
			differ++
		case duckdb.Rows[i].Key != bigquery.Rows[i].Key:
			t.Errorf("%s: row %d of %v:\nDuckDB   %s\nBigQuery %s", name, i, duckdb.Columns, duckdb.Rows[i].Key, bigquery.Rows[i].Key)
			return // those after it are out of step
		default:
			for k, f := range duckdb.Rows[i].Fractions {
				if g := bigquery.Rows[i].Fractions[k]; !near(f, g) {
					t.Errorf("%s: %s: %v on DuckDB, %v on BigQuery", name, duckdb.Rows[i].Key, f, g)
					differ++
				}
			}
		}
	}
}

func near(f, g float64) bool { return math.Abs(f-g) <= Within*max(1, math.Abs(f)) }
