package incidentio

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"fourfold/extract"
	fake "fourfold/internal/fake/incidentio"
)

func TestAListThatDoesNotAdvanceEndsInAnError(t *testing.T) {
	w := newWorld(t, crowd(20)).tinyPages()
	w.only = []string{"incidents"}
	once := w.server.Inject(fake.On{Path: "/v2/incidents", Skip: 3}, fake.RepeatPage())
	w.mustRun()
	w.compare("one repeated page")
	if once.Hits() != 1 || w.source.Counts("incidents").Retries != 1 {
		t.Errorf("%d hits, %+v", once.Hits(), w.source.Counts("incidents"))
	}
	w.server.Inject(fake.On{Path: "/v2/incidents", Skip: 3, Times: -1}, fake.RepeatPage())
	w.full = true
	w.run()
	var gaveUp *extract.GaveUpError
	if err := w.errs["incidents"]; !errors.As(err, &gaveUp) || !strings.Contains(err.Error(), "does not advance") {
		t.Errorf("error %v", err)
	}
}

func TestPagesWithoutPaginationMetaAreFollowed(t *testing.T) {
	w := newWorld(t, crowd(20)).tinyPages()
	w.server.Inject(fake.On{Times: -1}, fake.Edit(func(answer map[string]any, _ string) { delete(answer, "pagination_meta") }))
	w.mustRun()
	w.compare("without pagination_meta")
}

func TestEveryFaultOnTheWayIsOvercome(t *testing.T) {
	faults := map[string]fake.Fault{
		"429": fake.TooMany(2), "429 without a header": fake.TooMany(-1), "429, old date": fake.TooManyOldDate(-1),
		"500": fake.Status5xx(500), "503": fake.Status5xx(503), "cut": fake.CutBody(), "reset": fake.Reset(), "garbage": fake.Garbage(), "HTML": fake.HTML(),
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, crowd(20)).tinyPages()
			var injected []*fake.Injected
			for _, path := range []string{"/v1/*", "/v2/*", "/v3/*", "/v2/incidents", "/v1/incident_attachments"} {
				for skip := 0; skip < 12; skip += 3 {
					injected = append(injected, w.server.Inject(fake.On{Path: path, Skip: skip}, fault))
				}
			}
			w.mustRun()
			w.compare("with faults")
			for i, in := range injected {
				if in.Hits() != 1 {
					t.Errorf("fault %d met %d requests", i, in.Hits())
				}
			}
		})
	}
}

func TestUnknownFieldsAndValuesAndNullsPass(t *testing.T) {
	o := fake.Small()
	write(o, 1)
	w := newWorld(t, o)
	w.server.Inject(fake.On{Times: -1}, fake.Edit(func(answer map[string]any, key string) {
		answer["new"] = []any{map[string]any{"pagination_meta": 1, "incidents": []any{}}}
		if list, ok := answer[key].([]any); ok {
			answer[key] = append(list, nil)
			for _, r := range list {
				o := r.(map[string]any)
				o["new"], o["creator"], o["mode"] = map[string]any{"deep": []any{"[{"}}, nil, "brand_new"
			}
		}
	}))
	w.mustRun()
	for _, st := range w.source.Streams() {
		if st.Name != "incidents" && len(w.memory.table(st.Table)) == 0 {
			t.Errorf("nothing of %s landed", st.Name)
		}
	}
	if n := len(w.landed()["incidentio_incidents"]); n != 11 {
		t.Errorf("%d incidents landed, want 11", n)
	}
}

func TestTheClientKeepsToTheDocumentedLimitsByItself(t *testing.T) {
	streams := []string{"incidents", "incident_updates"}
	w := newWorld(t, crowd(80))
	w.source.size, w.only = 1, streams
	w.mustRun()
	w.compare("under limits")
	for _, st := range w.source.Streams() {
		if c := w.source.Counts(st.Name); c.Limited != 0 {
			t.Errorf("%s was limited %d times", st.Name, c.Limited)
		}
	}
	if took := w.clock.Now().Sub(beginning); took < 30*time.Second {
		t.Errorf("92 pages of incidents took %s, want 60 at once and one a second", took)
	}
	w = newWorld(t, crowd(80), func(o *Options) { o.NoLimits = true })
	w.source.size, w.only = 1, streams
	w.mustRun()
	w.compare("with the server's limits alone")
	if w.source.Counts("incidents").Limited == 0 {
		t.Error("the server never limited a client without a budget: the test proves nothing")
	}
}

func TestStoppingEarlyStopsTheWork(t *testing.T) {
	w := newWorld(t, crowd(20)).tinyPages()
	held := w.server.Inject(fake.On{Path: "/v2/incidents", Skip: 2, Times: -1}, fake.Slow())
	defer held.Release()
	for _, st := range w.source.Streams() {
		if st.Name != "incidents" {
			continue
		}
		pages := 0
		for _, err := range st.Read(context.Background(), extract.Input{RunAt: w.clock.Now(), Ledger: w.memory}) {
			if err != nil {
				t.Fatal(err)
			}
			if pages++; pages == 2 {
				<-held.Waiting() // the third page is on its way and would never come
				break
			}
		}
	}
	if left := workers(); left != "" {
		t.Errorf("still at work:\n%s", left)
	}
	if n := w.server.Counts()["/v2/incidents"]; n != 3 {
		t.Errorf("%d requests, want the two pages and the one under way", n)
	}
}

func TestTheEndOfTheContextIsAnErrorAndEndsTheWork(t *testing.T) {
	o := crowd(120)
	write(o, 9)
	w := newWorld(t, o).tinyPages()
	w.mustRun()
	for _, st := range w.source.Streams() {
		ctx, cancel := context.WithCancel(context.Background())
		held := w.server.Inject(fake.On{Skip: 0, Times: -1}, fake.Slow())
		go func() { <-held.Waiting(); cancel() }()
		var last error
		for _, err := range st.Read(ctx, extract.Input{RunAt: w.clock.Now(), Full: true, Ledger: w.memory}) {
			last = err
		}
		if !errors.Is(last, context.Canceled) {
			t.Errorf("%s ended with %v", st.Name, last)
		}
		if left := workers(); left != "" {
			t.Errorf("%s is still at work:\n%s", st.Name, left)
		}
		w.server.ClearFaults()
	}
}
