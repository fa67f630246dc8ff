package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"fourfold/extract"
	"fourfold/load"
	"fourfold/transform"
)

var errBroken = errors.New("the connection was reset")

func TestAStreamsErrorKeepsWhatCameBeforeAndTheOthersLand(t *testing.T) {
	w := newWorld(t, source("s",
		handmade("first", step{page: page("1", "a", "b")}, step{page: page("2", "c")}, step{err: fmt.Errorf("list things: %w", errBroken)}, step{page: page("3", "never")}),
		handmade("second", step{page: page("1", "d")})))
	r := w.sync(Selection{})
	same(t, "outcomes", outcomes(r), []string{"first failed", "second ok"})
	same(t, "live", w.live(transform.IncidentioSeverities), map[string]string{"a": "A", "b": "B", "c": "C", "d": "D"})
	same(t, "cursor", w.cursor("s/first"), `"2"`)
	same(t, "error", r.Streams[0].Error, "list things: the connection was reset")
	same(t, "failed, landed", []any{len(r.Failed()), r.Landed()}, []any{1, true})
	same(t, "runs", w.query("select stream, status, error, rows_read, versions_added from runs order by stream"),
		[][]any{{"first", "failed", "list things: the connection was reset", int64(3), int64(3)}, {"second", "ok", nil, int64(1), int64(1)}})
}

func TestAStreamThatFailsInPartHasLandedAndDoesNotEndItsSource(t *testing.T) {
	gone := extract.Partial(fmt.Errorf("list things of acme/old: %w", extract.ErrUnreachable))
	w := newWorld(t, source("s", handmade("first", step{err: gone}), handmade("second", step{err: extract.Partial(fmt.Errorf("no: %w", extract.ErrForbidden))})))
	r := w.sync(Selection{})
	same(t, "outcomes", outcomes(r), []string{"first partial", "second partial"})
	same(t, "landed, failed", []any{r.Landed(), len(r.Failed())}, []any{true, 2})
	same(t, "error", r.Streams[0].Error, "list things of acme/old: host cannot be reached")
	whole := newWorld(t, source("s", handmade("first", step{err: errBroken}))).sync(Selection{})
	same(t, "landed, failed whole", whole.Landed(), false)
}

func TestAStreamGoesOnFromItsCursorAndSeesWhatLandedBefore(t *testing.T) {
	var cursors, seen []string
	look := func(ctx context.Context, in extract.Input) {
		cursors = append(cursors, string(in.Cursor))
		for o, err := range in.Ledger.Scan(ctx, transform.IncidentioSeverities, "name") {
			if err != nil {
				t.Error(err)
			}
			seen = append(seen, o.ID+o.Columns[0])
		}
		found, err := in.Ledger.Lookup(ctx, transform.IncidentioSeverities, "name", []string{"a"})
		if err != nil || found["a"] != "A" {
			t.Errorf("Lookup: %v, %v", found, err)
		}
	}
	w := newWorld(t, source("s", handmade("first", step{page: page("1", "a")}), handmade("second", step{do: look, page: page("x")})))
	w.sync(Selection{})
	w.sync(Selection{})
	same(t, "cursors", cursors, []string{"", `"x"`})
	same(t, "seen", seen, []string{"aA", "aA"})
}

func TestAStreamIsToldTheRunsClockAndScope(t *testing.T) {
	var got []extract.Input
	src := source("s", handmade("x", step{do: func(_ context.Context, in extract.Input) {
		in.Ledger = nil
		got = append(got, in)
	}}))
	src.Since = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	w := newWorld(t, src)
	first := w.sync(Selection{})
	later := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	second := w.sync(Selection{Full: true, Since: later})
	same(t, "inputs", got, []extract.Input{{RunAt: first.Run.At, Since: src.Since}, {RunAt: second.Run.At, Since: later, Full: true}})
	same(t, "clocks", []time.Time{first.Run.At, second.Run.At}, []time.Time{start.Add(time.Hour), start.Add(2 * time.Hour)})
	same(t, "full", []bool{first.Streams[0].Full, second.Streams[0].Full}, []bool{false, true})
}

func TestAStreamThatMayNotBeReadIsSkippedUnlessNamedOrReadableBefore(t *testing.T) {
	forbidden := step{err: fmt.Errorf("s: users: the key lacks the scope users.view: %w", extract.ErrForbidden)}
	t.Run("skipped, however often", func(t *testing.T) {
		w := newWorld(t, source("s", handmade("users", forbidden), handmade("other", step{page: page("1", "a")})))
		for range 2 {
			r := w.sync(Selection{})
			same(t, "outcomes", outcomes(r), []string{"users skipped", "other ok"})
			same(t, "failed", len(r.Failed()), 0)
			if !strings.Contains(r.Streams[0].Error, "users.view") {
				t.Errorf("the reason is %q", r.Streams[0].Error)
			}
		}
	})
	t.Run("named", func(t *testing.T) {
		src := source("s", handmade("users", forbidden), handmade("other", step{page: page("1", "a")}), handmade("unnamed", step{page: page("1", "b")}))
		src.Named = []string{"other", "users"}
		w := newWorld(t, src)
		same(t, "outcomes", outcomes(w.sync(Selection{})), []string{"users failed", "other ok"})
	})
	for what, before := range map[string]step{"readable before, with a cursor": {page: page("1", "a")}, "readable before, without a cursor": {page: page("", "a")}, "readable before, and empty": {}} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, source("s", handmade("users", before)))
			same(t, "outcomes", outcomes(w.sync(Selection{})), []string{"users ok"})
			w.sources = []Source{source("s", handmade("users", forbidden))}
			for range 2 {
				same(t, "outcomes", outcomes(w.sync(Selection{})), []string{"users failed"})
			}
		})
	}
}

func TestASourceThatCannotBeUsedIsAskedNoMoreAndOthersAre(t *testing.T) {
	for _, kind := range []error{extract.ErrUnauthorized, extract.ErrUnreachable} {
		asked := false
		w := newWorld(t,
			source("dead", handmade("fine", step{page: page("1", "a")}), handmade("first", step{err: fmt.Errorf("dead: %w", kind)}),
				handmade("second", step{do: func(context.Context, extract.Input) { asked = true }, page: page("1", "b")})),
			source("alive", handmade("third", step{page: page("1", "c")})))
		r := w.sync(Selection{})
		same(t, "outcomes", outcomes(r), []string{"fine ok", "first failed", "second failed", "third ok"})
		same(t, "asked", asked, false)
		same(t, "reasons", []string{r.Streams[1].Error, r.Streams[2].Error}, []string{"dead: " + kind.Error(), "dead: " + kind.Error()})
		same(t, "live", w.live(transform.IncidentioSeverities), map[string]string{"a": "A", "c": "C"})
		same(t, "runs", len(w.query("select 1 from runs where status = 'failed'")), 2)
		if n := strings.Count(w.log.String(), "dead: "); n != 1 {
			t.Errorf("the reason is logged %d times, want once:\n%s", n, w.log.String())
		}
	}
}

func TestWhatASyncDidIsCounted(t *testing.T) {
	broken := extract.Record{JSON: []byte(`{"id":"broken","name":"B"}`)}
	odd := extract.Record{JSON: []byte(`{"id":"odd","name":"O","rank":1,"created_at":"soon"}`)}
	first := page("1", "a", "b")
	first.Records = append(first.Records, broken, odd)
	w := newWorld(t, source("s", handmade("x", step{page: first}, step{page: page("2", "a", "c")})))
	r := w.sync(Selection{})
	type counts struct{ Read, Added, Tombstones, Rejected, Requests int64 }
	of := func(s load.StreamRun) counts {
		return counts{s.RowsRead, s.Added, s.Tombstones, s.Rejected, s.Requests}
	}
	same(t, "first", of(r.Streams[0]), counts{Read: 6, Added: 4, Rejected: 2, Requests: 2})
	same(t, "again", of(w.sync(Selection{}).Streams[0]), counts{Read: 6, Requests: 2})
	sweep := page("3", "a")
	sweep.Begin, sweep.Marks, sweep.Sweep = true, true, &extract.Sweep{}
	w.sources = []Source{source("s", handmade("x", step{page: sweep}))}
	full := w.sync(Selection{Full: true}).Streams[0]
	same(t, "sweep", of(full), counts{Read: 1, Tombstones: 3, Requests: 2})
	same(t, "runs", w.query("select run_id, source, stream, table_name, is_full, rows_read, versions_added, tombstones, rejected, requests from runs order by observed_at"), [][]any{
		{"run-1", "s", "x", "incidentio_severities", false, int64(6), int64(4), int64(0), int64(2), int64(2)},
		{"run-2", "s", "x", "incidentio_severities", false, int64(6), int64(0), int64(0), int64(0), int64(2)},
		{"run-3", "s", "x", "incidentio_severities", true, int64(1), int64(0), int64(3), int64(0), int64(2)},
	})
	same(t, "progress", []any{w.progress.rows["x"], w.progress.done}, []any{[]int64{1}, []string{"x"}})
}

func TestASweepSparesWhatTheReadDoesNotReach(t *testing.T) {
	w := newWorld(t, source("s", handmade("x", step{page: page("1", "a", "b", "c")})))
	w.sync(Selection{})
	swept := page("2", "a")
	swept.Begin, swept.Marks, swept.Spared, swept.Sweep = true, true, []string{"b"}, &extract.Sweep{}
	w.sources = []Source{source("s", handmade("x", step{page: swept}))}
	w.sync(Selection{Full: true})
	same(t, "live", len(w.live(transform.IncidentioSeverities)), 2)
}

func TestASweepThatWouldDeleteTooMuchIsWarnedOf(t *testing.T) {
	var ids []string
	for i := range 40 {
		ids = append(ids, fmt.Sprintf("id%02d", i))
	}
	w := newWorld(t, source("s", handmade("x", step{page: page("1", ids...)})))
	w.sync(Selection{})
	sweepOf := func(n int) Source {
		p := page("2", ids[:n]...)
		p.Begin, p.Marks, p.Sweep = true, true, &extract.Sweep{}
		return source("s", handmade("x", step{page: p}))
	}
	w.sources = []Source{sweepOf(29)} // 11 of 40, and 5 % is 2
	r := w.sync(Selection{Full: true})
	same(t, "outcome, live", []any{outcomes(r), len(w.live(transform.IncidentioSeverities))}, []any{[]string{"x ok"}, 40})
	for _, want := range []string{"s/x", "11 of 40", "max_deletions", "none was deleted", "sources.s.max_deletions"} {
		if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], want) {
			t.Errorf("warnings %q: want one that says %q", r.Warnings, want)
		}
	}
	if !strings.Contains(w.log.String(), "11 of 40") {
		t.Error("the warning is not in the log")
	}
	w.sources = []Source{sweepOf(30)} // ten may always go
	r = w.sync(Selection{Full: true})
	same(t, "ten", []any{r.Warnings, r.Streams[0].Tombstones}, []any{[]string(nil), int64(10)})
}

func TestWhatASourceHasJudgedLandsAsItSays(t *testing.T) {
	p := page("1", "a", "b", "c")
	p.Warnings = []string{"careful"}
	p.Records[1].Verdict = transform.Verdict{Place: "f.csv:3", Aside: true, Problems: []transform.Problem{{Column: "id", Reason: "f.csv:3: twice"}}}
	p.Records[2].Verdict = transform.Verdict{Place: "f.csv:4", Problems: []transform.Problem{{Column: "rank", Reason: "f.csv:4: no number"}}}
	w := newWorld(t, source("s", handmade("x", step{page: p})))
	r := w.sync(Selection{})
	same(t, "live", len(w.live(transform.IncidentioSeverities)), 2)
	same(t, "warnings", r.Warnings, []string{"careful"})
	if !strings.Contains(w.log.String(), "careful") {
		t.Error("the warning is not in the log")
	}
	rejected := func() [][]any {
		return w.query(`select id, object_id, column_name, reason, landed from rejected where not _deleted
and id not in (select id from rejected where _deleted) order by id`)
	}
	same(t, "rejected", rejected(), [][]any{
		{"incidentio_severities:f.csv:3:id", "b", "id", "f.csv:3: twice", false},
		{"incidentio_severities:f.csv:4:rank", "c", "rank", "f.csv:4: no number", true},
	})
	w.sources = []Source{source("s", handmade("x", step{page: extract.Page{Gone: []string{"a"}, Settled: []string{"incidentio_severities:f.csv:3:id"}}}))}
	r = w.sync(Selection{})
	same(t, "tombstones", r.Streams[0].Tombstones, int64(1))
	same(t, "live", len(w.live(transform.IncidentioSeverities)), 1)
	same(t, "rejected", len(rejected()), 1)
}

// batches describes what landed: rows, flags, cursor.
func batches(w *world) []string {
	var out []string
	for _, a := range w.gate.landed {
		s := fmt.Sprintf("%d", a.Batch.Read)
		for _, f := range []struct {
			name string
			on   bool
		}{{"begin", a.Begin}, {"marks", a.Marks}, {"complete", len(a.Complete) > 0}, {"sweep", a.Sweep != nil}} {
			if f.on {
				s += " " + f.name
			}
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s", s, a.Cursor)))
	}
	return out
}

func TestPagesAreGatheredIntoBatchesThatEndWhereTheyMust(t *testing.T) {
	marked := func(p extract.Page) extract.Page { p.Marks = true; return p }
	begun := marked(page("2", "c"))
	begun.Begin = true
	swept := marked(page("4", "e"))
	swept.Sweep = &extract.Sweep{}
	w := newWorld(t, source("s",
		handmade("definitions",
			step{page: page("1", "a", "b")},                                          // a read that marks begins a batch of its own
			step{page: begun}, step{page: marked(page("3", "d"))}, step{page: swept}, // a sweep ends one
			step{page: marked(page("5", "f", "g", "h", "i", "j"))}, // more than a batch: cut, the cursor with the last piece
			step{page: page("", "k")}, step{page: page("7")}),
		streamOf("children", transform.IncidentioIncidentUpdates, // what is complete is not cut
			step{page: children("i1", "u1", "u2", "u3", "u4", "u5", "u6")}, step{page: children("i2", "u7")}, step{page: children("i3")})))
	w.batch = 4
	w.sync(Selection{})
	same(t, "batches", batches(w), []string{`2 "1"`, `3 begin marks sweep "4"`, `4 marks`, `2 marks "7"`, `6 complete "i1"`, `1 complete "i3"`})
	for i, want := range map[int]int{1: 3, 2: 4, 3: 1, 4: 6, 5: 1} {
		same(t, fmt.Sprintf("ids seen in batch %d", i), len(w.gate.landed[i].Seen), want)
	}
	same(t, "parents", w.gate.landed[5].Complete, []string{"i2", "i3"})
}

// children makes the complete page of the updates of an incident.
func children(incident string, ids ...string) extract.Page {
	p := extract.Page{Complete: []string{incident}, Cursor: json.RawMessage(`"` + incident + `"`)}
	for _, id := range ids {
		p.Records = append(p.Records, extract.Record{JSON: fmt.Appendf(nil,
			`{"id":%q,"incident_id":%q,"new_incident_status":{"id":"s","category":"live"},"created_at":"2026-10-01T00:00:00Z"}`, id, incident)})
	}
	return p
}

func TestACompletePageDeletesTheChildrenThatItLacks(t *testing.T) {
	w := newWorld(t, source("s", streamOf("children", transform.IncidentioIncidentUpdates, step{page: children("i1", "u1", "u2")}, step{page: children("i2", "u3")})))
	w.sync(Selection{})
	w.sources = []Source{source("s", streamOf("children", transform.IncidentioIncidentUpdates, step{page: children("i1", "u2")}, step{page: children("i2", "u3")}))}
	same(t, "tombstones", w.sync(Selection{}).Streams[0].Tombstones, int64(1))
	same(t, "live", w.query("select id from incidentio_incident_updates group by id having not bool_or(_deleted) order by id"), [][]any{{"u2"}, {"u3"}})
}

func TestWhatBelongsToAPrivateIncidentIsWithheld(t *testing.T) {
	private := children("i1", "u1", "u2")
	private.Records[1].Private = true
	w := newWorld(t, source("s", streamOf("children", transform.IncidentioIncidentUpdates, step{page: private})))
	w.sync(Selection{})
	same(t, "landed", w.query("select id from incidentio_incident_updates"), [][]any{{"u1"}})
}

func TestRecordsAreReadBeforeTheNextPageOverwritesThem(t *testing.T) {
	p := page("1", "a")
	w := newWorld(t, source("s", handmade("x", step{page: p}, step{do: func(context.Context, extract.Input) {
		for i := range p.Records[0].JSON {
			p.Records[0].JSON[i] = 'x'
		}
		for i := range p.Cursor {
			p.Cursor[i] = 'x'
		}
	}})))
	w.sync(Selection{})
	same(t, "live", w.live(transform.IncidentioSeverities), map[string]string{"a": "A"})
	same(t, "cursor", w.cursor("s/x"), `"1"`)
}

func TestASyncThatIsCancelledEndsAndKeepsWhatHadLanded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	begun := page("2", "b")
	begun.Begin = true // the batch before it lands first
	asked := false
	w := newWorld(t, source("s",
		handmade("first", step{page: page("1", "a")}, step{page: begun}, step{do: func(ctx context.Context, in extract.Input) {
			// The first batch has landed when its object can be looked up.
			for {
				found, err := in.Ledger.Lookup(context.WithoutCancel(ctx), transform.IncidentioSeverities, "name", []string{"a"})
				if err != nil {
					t.Error(err)
				}
				if len(found) == 1 {
					break
				}
			}
			cancel()
		}, page: page("3", "c")}),
		handmade("second", step{do: func(context.Context, extract.Input) { asked = true }})))
	r, err := w.try(ctx, Selection{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v: want context.Canceled", err)
	}
	same(t, "report, asked", []any{len(r.Streams), asked}, []any{0, false})
	if live := w.live(transform.IncidentioSeverities); live["a"] != "A" || live["c"] != "" {
		t.Errorf("live %v: want a, and not c", live)
	}
	same(t, "runs", len(w.query("select 1 from runs")), 0)
	w.sources = []Source{source("s", handmade("first", step{page: page("3", "b", "c")}))}
	same(t, "the next", outcomes(w.sync(Selection{})), []string{"first ok"})
	same(t, "live", len(w.live(transform.IncidentioSeverities)), 3)
}

func TestAStreamThatIsCancelledAndSaysNothingIsNotTakenForRead(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := newWorld(t, source("s", streamOf("x", transform.IncidentioSeverities, step{do: func(context.Context, extract.Input) { cancel() }})))
	// A stream that stops without a word when it is told to.
	quiet := w.sources[0].Streams[0].Read
	w.sources[0].Streams[0].Read = func(ctx context.Context, in extract.Input) iter.Seq2[extract.Page, error] {
		return func(yield func(extract.Page, error) bool) {
			for p, err := range quiet(ctx, in) {
				if err != nil || !yield(p, nil) {
					return
				}
			}
		}
	}
	if r, err := w.try(ctx, Selection{}); !errors.Is(err, context.Canceled) || len(r.Streams) != 0 {
		t.Errorf("%v, %v: want context.Canceled", r, err)
	}
}

func TestAnErrorOfTheWarehouseEndsTheRun(t *testing.T) {
	errFull := errors.New("the disk is full")
	stopped, asked := false, false
	w := newWorld(t, source("s",
		handmade("first", step{page: page("1", "a")}),
		handmade("second", step{page: page("1", "b", "c")}, step{page: page("2", "d", "e")}, step{do: func(ctx context.Context, _ extract.Input) {
			<-ctx.Done()
			stopped = true
		}}),
		handmade("third", step{do: func(context.Context, extract.Input) { asked = true }})))
	w.batch = 2
	appends := 0
	w.gate.fail = func(load.Append) error {
		if appends++; appends == 3 { // that of d and e
			return errFull
		}
		return nil
	}
	r, err := w.try(t.Context(), Selection{})
	if !errors.Is(err, errFull) {
		t.Errorf("%v: want %v", err, errFull)
	}
	same(t, "report, stopped, asked", []any{outcomes(r), stopped, asked}, []any{[]string{"first ok"}, true, false})
	w.gate.fail = nil
	same(t, "live", w.live(transform.IncidentioSeverities), map[string]string{"a": "A", "b": "B", "c": "C"})
	same(t, "cursor", w.cursor("s/second"), `"1"`)
}

func TestASelectionNarrowsASync(t *testing.T) {
	sources := []Source{source("a", handmade("x"), handmade("y")), source("b", handmade("x"))}
	for _, test := range []struct {
		sel  Selection
		want []string
	}{
		{Selection{}, []string{"a/x", "a/y", "b/x"}},
		{Selection{Source: "a"}, []string{"a/x", "a/y"}},
		{Selection{Stream: "x"}, []string{"a/x", "b/x"}},
		{Selection{Source: "b", Stream: "x"}, []string{"b/x"}},
	} {
		w := newWorld(t, sources...)
		var got []string
		for _, s := range w.sync(test.sel).Streams {
			got = append(got, s.Source+"/"+s.Stream)
		}
		same(t, fmt.Sprint(test.sel), got, test.want)
	}
	w := newWorld(t, sources...)
	if _, err := w.try(t.Context(), Selection{Source: "b", Stream: "y"}); err == nil || !strings.Contains(err.Error(), `"y"`) {
		t.Errorf("a stream that is not there: %v", err)
	}
}
