package bigquery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	fake "fourfold/internal/fake/bigquery"
	"fourfold/load"
	"fourfold/transform"
)

// round is a run of a store: what a round of the program does with it.
type round struct {
	t     *testing.T
	store *Store
	run   transform.Run
}

var clock = time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)

// begin opens a store and begins a run in it.
func begin(t *testing.T, c *Client, n int) *round {
	t.Helper()
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	run, err := s.Begin(t.Context(), fmt.Sprintf("run-%d", n), clock.Add(time.Duration(n)*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return &round{t, s, run}
}

// timestamps are objects id:name of a table without a source time, or id:name:time of one with it.
func (r *round) severities(names ...[3]string) transform.Batch {
	rows := transform.NewRows(transform.IncidentioSeverities, r.run, transform.Policy{})
	for _, n := range names {
		o := map[string]any{"id": n[0], "name": n[1], "rank": 1}
		if n[2] != "" {
			o["updated_at"] = n[2]
		}
		text, err := json.Marshal(o)
		if err != nil {
			r.t.Fatal(err)
		}
		rows.Add(text, false)
	}
	return rows.Flush()
}

func (r *round) land(cursor string, names ...[3]string) (load.Result, error) {
	return r.store.Append(r.t.Context(), load.Append{Stream: "test/severities", Batch: r.severities(names...), Cursor: json.RawMessage(cursor)})
}

func (r *round) must(cursor string, names ...[3]string) load.Result {
	r.t.Helper()
	res, err := r.land(cursor, names...)
	if err != nil {
		r.t.Fatal(err)
	}
	return res
}

func (r *round) close() {
	r.t.Helper()
	if err := r.store.Record(r.t.Context(), load.StreamRun{Run: r.run, Source: "test", Stream: "severities", Table: "incidentio_severities", StartedAt: r.run.At, FinishedAt: r.run.At, Status: "ok"}); err != nil {
		r.t.Fatal(err)
	}
	if err := r.store.Close(); err != nil {
		r.t.Fatal(err)
	}
}

// content is all that has landed: versions, less the run that landed them, and the cursor.
func content(t *testing.T, c *Client) []string {
	t.Helper()
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.Query(t.Context(), "select id, name, _deleted from incidentio_severities order by 1, 2, 3")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for row, err := range rows.All {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintln(row...))
	}
	cursor, err := s.Cursor(t.Context(), "test/severities")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, string(cursor))
}

func quickly(t *testing.T) {
	t.Helper()
	was, wasPatience := pause, patience
	pause = time.Millisecond
	t.Cleanup(func() { pause, patience = was, wasPatience })
}

var (
	first  = [][3]string{{"a", "A", "2026-10-05T08:00:00Z"}, {"b", "B", ""}}
	second = [][3]string{{"a", "A2", "2026-10-05T09:00:00Z"}, {"b", "B", ""}, {"c", "C", ""}}
	both   = []string{"a A false\n", "a A2 false\n", "b B false\n", "c C false\n", `{"at":2}`}
)

// Each kind of request loses its answer once, before it is heard and after it was done.
func TestALostAnswerChangesNothing(t *testing.T) {
	quickly(t)
	for _, kind := range []string{"load", "query", "jobs.get", "getQueryResults", "tables", "datasets", "tabledata.list"} {
		for _, loss := range []fake.Loss{fake.Unheard, fake.Unspoken} {
			t.Run(fmt.Sprint(kind, " ", loss), func(t *testing.T) {
				server := fake.Start(t)
				c := connect(t, server, "d")
				begin(t, c, 0).close()
				for n, rows := range [][][3]string{first, second} {
					server.Drop(loss, 1, func(c fake.Call) bool { return c.Kind == kind })
					r := begin(t, c, n+1)
					r.must(fmt.Sprintf(`{"at":%d}`, n+1), rows...)
					r.close()
				}
				if diff := cmp.Diff(both, content(t, c)); diff != "" {
					t.Errorf("content (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// A process that ends between any two requests leaves what the next makes whole. Requests that come at once die in any order.
func TestAKillAtAnyPointIsHarmless(t *testing.T) {
	quickly(t)
	for _, x := range []struct {
		name  string
		least int // requests of a whole run
		// stride is how far the next kill is from one: of what is many times the same not all is tried.
		stride int
		run    func(context.Context, *Client) error
	}{
		{"the first run", 40, 4, func(ctx context.Context, c *Client) error { return tryRun(ctx, t, c, 1, `{"at":1}`, first...) }},
		{"a run with news", 10, 20, func(ctx context.Context, c *Client) error { return tryRun(ctx, t, c, 2, `{"at":2}`, second...) }},
		{"a run without", 5, 20, func(ctx context.Context, c *Client) error { return tryRun(ctx, t, c, 2, `{"at":1.5}`, first...) }},
	} {
		t.Run(x.name, func(t *testing.T) {
			for at := 1; ; at += 1 + at/x.stride {
				server := fake.Start(t)
				c := connect(t, server, "d")
				if x.least < 40 {
					r := begin(t, c, 1)
					r.must(`{"at":1}`, first...)
					r.close()
				}
				// From the at-th request on nobody hears anything: the run is as good as dead.
				n := 0
				ctx, kill := context.WithCancel(t.Context())
				server.Drop(fake.Unheard, 1_000, func(fake.Call) bool {
					if n++; n >= at {
						kill()
						return true
					}
					return false
				})
				err := x.run(ctx, c)
				kill()
				server.Heal()
				for n, rows := range [][][3]string{first, second} {
					r := begin(t, c, n+3)
					r.must(fmt.Sprintf(`{"at":%d}`, n+1), rows...)
					r.close()
				}
				if diff := cmp.Diff(both, content(t, c)); diff != "" {
					t.Errorf("killed at request %d (-want +got):\n%s", at, diff)
				}
				if err == nil {
					if at < x.least {
						t.Errorf("a run of %d requests, want %d at least", at-1, x.least)
					}
					return
				}
			}
		})
	}
}

// tryRun is a run from its beginning to its end.
func tryRun(ctx context.Context, t *testing.T, c *Client, n int, cursor string, names ...[3]string) error {
	s, err := Open(ctx, c)
	if err != nil {
		return err
	}
	run, err := s.Begin(ctx, fmt.Sprintf("run-%d", n), clock.Add(time.Duration(n)*time.Hour))
	if err != nil {
		return err
	}
	r := &round{t, s, run}
	_, err = s.Append(ctx, load.Append{Stream: "test/severities", Batch: r.severities(names...), Cursor: json.RawMessage(cursor)})
	if err == nil {
		err = s.Record(ctx, load.StreamRun{Run: run, Source: "test", Stream: "severities", Table: "incidentio_severities", StartedAt: run.At, FinishedAt: run.At, Status: "ok"})
	}
	if err != nil || ctx.Err() != nil {
		return errors.Join(err, ctx.Err()) // what is dead closes nothing
	}
	return s.Close()
}

func TestTwoRunsAtOnceEndInTheSameContent(t *testing.T) {
	quickly(t)
	server := fake.Start(t)
	c := connect(t, server, "d")
	one, two := begin(t, c, 1), begin(t, c, 2)
	one.must(`{"at":1}`, first...)
	if _, err := two.land(`{"at":2}`, second...); !errors.Is(err, ErrConflict) {
		t.Errorf("a stream that another run has landed meanwhile: %v", err)
	}
	one.close()
	two.close()
	again := begin(t, c, 3)
	again.must(`{"at":2}`, second...)
	again.close()
	if diff := cmp.Diff(both, content(t, c)); diff != "" {
		t.Errorf("content (-want +got):\n%s", diff)
	}
}

func TestARunThatChangesNothingRunsNoQueryAndNoJob(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	whole := func(r *round, names ...[3]string) load.Result {
		b := r.severities(names...)
		a := load.Append{Stream: "test/whole", Batch: b, Begin: true, Marks: true, Sweep: &load.Sweep{MaxShare: 1}}
		for _, n := range names {
			a.Seen = append(a.Seen, n[0])
		}
		res, err := r.store.Append(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	r := begin(t, c, 1)
	r.must(`{"done":1}`, first...)
	whole(r, [3]string{"w1", "W", ""}, [3]string{"w2", "W", ""}, [3]string{"a", "A", "2026-10-05T08:00:00Z"}, [3]string{"b", "B", ""})
	r.close()
	server.Calls()
	for n := range 3 {
		r = begin(t, c, 2+n)
		if cursor, err := r.store.Cursor(t.Context(), "test/severities"); err != nil || string(cursor) != fmt.Sprintf(`{"done":%d}`, n+1) {
			t.Errorf("round %d begins at %s, %v", n, cursor, err)
		}
		r.must(fmt.Sprintf(`{"done":%d}`, n+2), first...)
		whole(r, [3]string{"w1", "W", ""}, [3]string{"w2", "W", ""}, [3]string{"a", "A", "2026-10-05T08:00:00Z"}, [3]string{"b", "B", ""})
		r.close()
		calls := server.Calls()
		if got := fake.Count(calls, "query", "load", "jobs.query", "jobs.get", "getQueryResults"); got != 0 {
			t.Errorf("round %d: %d queries and jobs: %v", n, got, kindsOf(calls))
		}
		if got := fake.Count(calls, "tabledata.list"); got != 1 {
			t.Errorf("round %d: the cursors were read %d times: %v", n, got, kindsOf(calls))
		}
	}
	r = begin(t, c, 9)
	if res := whole(r, [3]string{"w1", "W", ""}, [3]string{"a", "A", "2026-10-05T08:00:00Z"}, [3]string{"b", "B", ""}); res.Tombstones != 1 {
		t.Errorf("one has gone: %+v", res)
	}
	r.close()
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.Query(t.Context(), "select count(*) from runs")
	if err != nil {
		t.Fatal(err)
	}
	for row := range rows.All {
		if row[0] != int64(5) {
			t.Errorf("%v runs are on record, want 5", row[0])
		}
	}
}

func kindsOf(calls []fake.Call) []string {
	var out []string
	for _, c := range calls {
		out = append(out, c.Kind)
	}
	return out
}

// A cursor is text of a source: it comes back as it was.
func TestACursorSurvives(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	for n, text := range []string{`{"a":"it's \"q\" \\ \u0001 \n"}`, `"日本語 😀 @v_stream ? $1 -- ; begin"`, "{\n\t\"a\": 1\r\n}", `"\\"`} {
		r := begin(t, c, n+1)
		r.must(text, [3]string{fmt.Sprint("日本 'x' ", n), "N", ""})
		r.close()
		s, err := Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Cursor(t.Context(), "test/severities"); err != nil || string(got) != text {
			t.Errorf("%s came back as %s, %v", text, got, err)
		}
	}
}

func FuzzLiteral(f *testing.F) {
	for _, text := range []string{"", "'", `\'`, "a\nb", "日本語😀", "\x00", "\xff", "`"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := literal(text)
		escaped := false
		for i, r := range got[1 : len(got)-1] {
			if r == '\'' && !escaped || r < ' ' {
				t.Fatalf("%q ends at %d", got, i)
			}
			escaped = r == '\\' && !escaped
		}
		if escaped {
			t.Fatalf("%q does not end", got)
		}
	})
}
