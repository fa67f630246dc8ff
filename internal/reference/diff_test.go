package reference

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDiffSaysWhereAMartDiffers(t *testing.T) {
	at := time.Date(2026, 3, 2, 1, 2, 3, 4000, time.UTC)
	m := &Marts{Tables: []Mart{{
		Name: "fct", Key: []string{"id"}, Columns: []string{"n", "f", "at", "why", "names", "text", "open"},
		Rows: []Cells{
			{"id": "a", "n": int64(1), "f": 0.1, "at": at, "why": RuleText("D1"), "names": Ids{"1", "x", "y"}, "text": SomeText{}, "open": Anything{}},
			{"id": "b", "n": nil, "f": nil, "at": nil, "why": nil, "names": Ids{"1"}, "text": SomeText{}, "open": Anything{}},
			{"id": "gone", "n": int64(3)},
			{"id": "perhaps", May: true},
		},
	}, {Name: "other", Key: []string{"id"}, Columns: []string{"n", "lacking"}}, {Name: "third", Key: []string{"lacking"}}}}
	query := func(rows ...[]any) func(string) ([][]any, error) {
		return func(sql string) ([][]any, error) {
			if strings.Contains(sql, "information_schema") {
				var out [][]any
				for _, column := range []string{"id", "n", "f", "at", "why", "names", "text", "open"} {
					out = append(out, []any{column})
				}
				return out, nil
			}
			if strings.HasSuffix(sql, "from other") {
				return nil, errors.New("there is no such table")
			}
			return rows, nil
		}
	}
	same := []any{"a", int32(1), 0.1 * (1 + 1e-12), at.In(time.FixedZone("", 3600)), "D1: staging", `["1","y","x"]`, "words", nil}
	got := Diff(m, query(same, []any{"b", int64(0), 0.0, at, "D5 group", `["2"]`, "", nil}, []any{"extra", int64(1), nil, nil, nil, nil, nil, nil}))
	want := []string{
		"fct b: n: the reference has null, the mart 0",
		"fct b: f: the reference has null, the mart 0",
		"fct b: at: the reference has null, the mart 2026-03-02T01:02:03.000004Z",
		"fct b: why: the reference has null, the mart D5 group",
		`fct b: names: the reference has [1], the mart ["2"]`,
		"fct b: text: the reference has a text, the mart ",
		"fct lacks gone: the reference has n=3",
		"fct has extra, which the reference has not: n=1",
		"other has no column lacking",
		"other: there is no such table",
		"third has no column lacking, which is of its key",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, row := range map[string][]any{
		"a whole number":         {"a", int64(2), 0.1, at, "D1", `["1","x","y"]`, "w", nil},
		"another by a millionth": {"a", int64(1), 0.1000001, at, "D1", `["1","x","y"]`, "w", nil},
		"a microsecond":          {"a", int64(1), 0.1, at.Add(time.Microsecond), "D1", `["1","x","y"]`, "w", nil},
		"another rule":           {"a", int64(1), 0.1, at, "D12", `["1","x","y"]`, "w", nil},
		"another survivor":       {"a", int64(1), 0.1, at, "D1", `["x","1","y"]`, "w", nil},
	} {
		m := &Marts{Tables: []Mart{{Name: "fct", Key: m.Tables[0].Key, Columns: m.Tables[0].Columns, Rows: m.Tables[0].Rows[:1]}}}
		if got := Diff(m, query(row)); len(got) != 1 {
			t.Errorf("%s: %d differences, want 1: %v", name, len(got), got)
		}
		if got := Diff(m, query(same)); len(got) != 0 {
			t.Errorf("equal rows differ: %v", got)
		}
	}
}
