package parity

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// told keeps what a test is told.
type told struct {
	testing.TB
	all []string
}

func (t *told) Helper() {}
func (t *told) Errorf(format string, args ...any) {
	t.all = append(t.all, fmt.Sprintf(format, args...))
}

func TestDifferencesAreTold(t *testing.T) {
	at := time.Date(2026, 11, 25, 0, 0, 0, 1000, time.UTC)
	columns := []string{"n", "id", "at", "share"}
	base := [][]any{{int64(1), "a", at, 0.25}, {int64(2), "b", nil, nil}}
	for _, x := range []struct {
		columns []string
		rows    [][]any
		want    string
	}{
		{columns, [][]any{{int64(2), "b", nil, nil}, {int64(1), "a", at.In(time.FixedZone("JST", 9*3600)), 0.25 + 1e-12}}, ""},
		{[]string{"id", "at", "share", "n"}, [][]any{{"a", at, 0.25, int64(1)}, {"b", nil, nil, int64(2)}}, ""},
		{[]string{"m", "id", "at", "share"}, base, "columns"},
		{columns, base[:1], "DuckDB alone has"},
		{columns, append(base[:2:2], []any{int64(3), "c", nil, nil}), "BigQuery alone has"},
		{columns, [][]any{{int64(1), "a", at, 0.25 + 1e-6}, base[1]}, "0.25 on DuckDB"},
		{columns, [][]any{{int64(1), "a", at.Add(time.Microsecond), 0.25}, base[1]}, "row 0"},
		{columns, [][]any{{int64(1), "a", at, int64(0)}, base[1]}, "row 0"},
	} {
		got := &told{TB: t}
		Compare(got, "mart", New(columns, base), New(x.columns, x.rows))
		if all := strings.Join(got.all, "\n"); (x.want == "") != (all == "") || !strings.Contains(all, x.want) {
			t.Errorf("%v: told %q, want %q", x.rows, all, x.want)
		}
	}
}
