package bigquery

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"

	fake "fourfold/internal/fake/bigquery"
	"fourfold/load"
)

// elsewhere is a warehouse whose ledgers are to be moved: severities, and a run.
type elsewhere struct {
	mark string
	rows map[string][]map[string]any
}

// newElsewhere has what two runs have landed.
func newElsewhere() *elsewhere {
	version := func(id, name string, at time.Time, deleted bool) map[string]any {
		row := map[string]any{"id": id, "_observed_at": at, "_hash": "h" + name, "_deleted": deleted, "_run_id": "run", "name": name, "payload": `{"id":"` + id + `"}`}
		if deleted {
			row["name"], row["payload"] = nil, nil
		}
		return row
	}
	run := map[string]any{
		"run_id": "run-2", "observed_at": clock.Add(time.Hour), "source": "test", "stream": "severities", "table_name": "incidentio_severities", "started_at": clock, "finished_at": clock,
		"status": "ok", "is_full": true, "rows_read": int64(3), "versions_added": int64(3), "tombstones": int64(0), "rejected": int64(0), "requests": int64(1),
	}
	return &elsewhere{mark: "m1", rows: map[string][]map[string]any{
		"incidentio_severities": {version("a", "A", clock, false), version("b", "B", clock, false), version("a", "A2", clock.Add(time.Hour), false), version("c", "重大", clock.Add(time.Hour), false), version("d", "D", clock, false), version("d", "", clock.Add(time.Hour), true)},
		"runs":                  {run},
		"_seen":                 {{"stream": "test/severities", "id": "a"}},
	}}
}

func (e *elsewhere) Mark(context.Context) (string, error)     { return e.mark, nil }
func (e *elsewhere) Clock(context.Context) (time.Time, error) { return clock.Add(time.Hour), nil }

func (e *elsewhere) Export(_ context.Context, table string, columns []string) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, r := range e.rows[table] {
			row := make([]any, len(columns))
			for i, c := range columns {
				row[i] = r[c]
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

func (e *elsewhere) Positions(context.Context) ([]load.Position, error) {
	return []load.Position{{Stream: "test/severities", Table: "incidentio_severities", Cursor: json.RawMessage(`{"at":2}`), Ended: "ok"}}, nil
}

// inBatches moves few rows at a time.
func inBatches(t *testing.T, rows int) {
	was := rowsOfMove
	rowsOfMove = rows
	t.Cleanup(func() { rowsOfMove = was })
}

func move(ctx context.Context, c *Client, from load.Export) (rows int64, err error) {
	all, err := Import(ctx, c, from, func(load.Moved) {})
	for _, m := range all {
		rows += m.Rows
	}
	return rows, err
}

// movedOver is every row of the ledger, and the cursor.
var movedOver = []string{"a A false\n", "a A2 false\n", "b B false\n", "c 重大 false\n", "d <nil> true\n", "d D false\n", `{"at":2}`}

func TestLedgersAreMovedWholeAndReadingGoesOn(t *testing.T) {
	inBatches(t, 4)
	server := fake.Start(t)
	c := connect(t, server, "d")
	rows, err := move(t.Context(), c, newElsewhere())
	if err != nil || rows != 8 {
		t.Fatalf("%d rows, %v", rows, err)
	}
	if diff := cmp.Diff(movedOver, content(t, c)); diff != "" {
		t.Errorf("content (-want +got):\n%s", diff)
	}
	r := begin(t, c, 0) // its clock is before that of the last run there
	if want := clock.Add(time.Hour + time.Microsecond); !r.run.At.Equal(want) {
		t.Errorf("the next run's clock is %v, want %v", r.run.At, want)
	}
	if res := r.must(`{"at":3}`, [3]string{"b", "B", ""}, [3]string{"c", "C2", ""}); res.Added != 2 { // the hashes of b differ: the test's are none
		t.Errorf("%+v", res)
	}
	r.close()
	if _, err := move(t.Context(), c, newElsewhere()); err == nil || !strings.Contains(err.Error(), "has ledgers of its own") {
		t.Errorf("a second move: %v", err)
	}
}

func TestNothingIsDoneWithLedgersThatAreNotAllThere(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	ctx, cut := context.WithCancel(t.Context())
	defer cut()
	if _, err := Import(ctx, c, newElsewhere(), func(load.Moved) { cut() }); err == nil {
		t.Fatal("it was cut off")
	}
	const want = "run `fourfold copy` again"
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Open: %v", err)
	}
	if _, _, err := Mark(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Mark: %v", err)
	}
	// What has changed meanwhile is moved anew.
	changed := newElsewhere()
	changed.mark = "m2"
	changed.rows["runs"] = nil
	if rows, err := move(t.Context(), c, changed); err != nil || rows != 7 {
		t.Errorf("%d rows, %v", rows, err)
	}
	if diff := cmp.Diff(movedOver, content(t, c)); diff != "" {
		t.Errorf("content (-want +got):\n%s", diff)
	}
}

func TestAMoveThatIsCutOffAnywhereIsGoneOnWith(t *testing.T) {
	quickly(t)
	inBatches(t, 2)
	for at := 1; ; at += 1 + at/3 {
		server := fake.Start(t)
		c := connect(t, server, "d")
		n := 0
		ctx, kill := context.WithCancel(t.Context())
		server.Drop(fake.Unheard, 1_000, func(fake.Call) bool {
			if n++; n >= at {
				kill()
				return true
			}
			return false
		})
		_, err := move(ctx, c, newElsewhere())
		kill()
		server.Heal()
		if err == nil {
			if at < 100 {
				t.Errorf("a move of %d requests: what has this shown?", at-1)
			}
			return
		}
		if rows, err := move(t.Context(), c, newElsewhere()); err != nil || rows != 8 {
			t.Errorf("cut off at request %d: %d rows, %v", at, rows, err)
		}
		if diff := cmp.Diff(movedOver, content(t, c)); diff != "" {
			t.Errorf("cut off at request %d (-want +got):\n%s", at, diff)
		}
	}
}

func TestALostAnswerMovesNothingTwice(t *testing.T) {
	quickly(t)
	inBatches(t, 2)
	for _, kind := range []string{"load", "jobs.get", "tables", "datasets", "tabledata.list", "query"} {
		server := fake.Start(t)
		c := connect(t, server, "d")
		server.Drop(fake.Unspoken, 2, func(c fake.Call) bool { return c.Kind == kind })
		if rows, err := move(t.Context(), c, newElsewhere()); err != nil || rows != 8 {
			t.Errorf("%s: %d rows, %v", kind, rows, err)
		}
		if diff := cmp.Diff(movedOver, content(t, c)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
}

func TestWhatIsNotWhatWasMovedIsSaid(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	from := newElsewhere()
	told := 0
	_, err := Import(t.Context(), c, from, func(load.Moved) {
		if told++; told == 1 { // somebody else adds a row
			add := "insert into " + c.table(c.Raw(), "incidentio_severities") + " (id, _observed_at, _hash, _deleted, _run_id) values ('x', timestamp '2026-01-01', 'h', false, 'r')"
			if _, err := c.script(t.Context(), "add", jobID("add"), add, nil); err != nil {
				t.Error(err)
			}
		}
	})
	if err == nil || !strings.Contains(err.Error(), "d_raw.incidentio_severities now (7 rows") || !strings.Contains(err.Error(), "there was to move (6 rows") {
		t.Errorf("%v", err)
	}
}

// What a load failed for is mended, and the move goes on: the job that failed is not taken for this one.
func TestAMoveGoesOnWhenWhatItFailedForIsMended(t *testing.T) {
	quickly(t)
	server := fake.Start(t)
	c := connect(t, server, "d")
	drop := func(sql string) {
		t.Helper()
		if _, err := c.script(t.Context(), "change the table", jobID("change", rand.Text()), sql, nil); err != nil {
			t.Fatal(err)
		}
	}
	table := c.table(c.Raw(), "incidentio_severities")
	_, err := Import(t.Context(), c, newElsewhere(), func(m load.Moved) {
		if m.Table == seenTable {
			drop("alter table " + table + " drop column description")
			drop("alter table " + table + " add column description int64")
		}
	})
	var failed *bigquery.Error
	if !errors.As(err, &failed) {
		t.Fatalf("%v", err)
	}
	drop("alter table " + table + " drop column description")
	drop("alter table " + table + " add column description string")
	if rows, err := move(t.Context(), c, newElsewhere()); err != nil || rows != 8 {
		t.Errorf("%d rows, %v", rows, err)
	}
}

// broken cannot be read to its end.
type broken struct{ *elsewhere }

func (b broken) Export(ctx context.Context, table string, columns []string) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for row, err := range b.elsewhere.Export(ctx, table, columns) {
			if !yield(row, err) {
				return
			}
		}
		if table == "incidentio_severities" {
			yield(nil, errors.New("the disk is gone"))
		}
	}
}

func TestAnErrorOfTheOtherWarehouseEndsTheMove(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	if _, err := move(t.Context(), c, broken{newElsewhere()}); err == nil || !strings.Contains(err.Error(), "the disk is gone") {
		t.Errorf("%v", err)
	}
	if _, err := move(t.Context(), c, newElsewhere()); err != nil {
		t.Errorf("again: %v", err)
	}
}

func TestASumIsOfRowsInAnyOrderAndOfEveryValue(t *testing.T) {
	columns := []string{"b", "a"}
	base := [][]any{{"x", int64(1)}, {nil, 0.5}, {"", time.UnixMicro(7)}, {"xy", true}}
	of := func(columns []string, rows ...[]any) string {
		s := newSum([]string{"a", "b"}, columns)
		for _, r := range rows {
			s.add(r)
		}
		return s.String()
	}
	want := of(columns, base...)
	if got := of(columns, base[3], base[1], base[0], base[2]); got != want {
		t.Errorf("in another order: %s, want %s", got, want)
	}
	if got := of([]string{"a", "more", "b"}, []any{int64(1), "m", "x"}, []any{0.5, "m", nil}, []any{time.UnixMicro(7).UTC(), nil, ""}, []any{true, 3, "xy"}); got != want {
		t.Errorf("with the columns in another order, and another one: %s, want %s", got, want)
	}
	seen := map[string]string{want: "all"}
	for i, row := range base {
		for k := range row {
			for _, v := range []any{nil, "", "y", int64(2), 1.5, false, time.UnixMicro(8), "1"} {
				if fmt.Sprint(v) == fmt.Sprint(row[k]) && v == row[k] {
					continue
				}
				changed := append([][]any{}, base...)
				changed[i] = append([]any{}, row...)
				changed[i][k] = v
				name := fmt.Sprintf("row %d, column %d is %#v", i, k, v)
				got := of(columns, changed...)
				if other, ok := seen[got]; ok {
					t.Errorf("%s has the sum of %s", name, other)
				}
				seen[got] = name
			}
		}
	}
	if got := of([]string{"a"}, []any{int64(1)}); got == of(columns, []any{nil, int64(1)}) {
		t.Error("a column that is not there is taken for null")
	}
}
