package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"fourfold/extract"
	"fourfold/transform"
)

func (w *world) reconcile(sources ...Source) []Reconciliation {
	w.t.Helper()
	w.runs++
	w.clock = w.clock.Add(time.Hour)
	w.progress = progress{rows: map[string][]int64{}}
	s := Sync{
		Warehouse: w.gate, Sources: sources, Policy: w.policy, Log: slog.New(slog.NewTextHandler(&w.log, nil)), Progress: &w.progress,
		Clock: func() time.Time { return w.clock },
	}
	all, err := s.Reconcile(w.t.Context(), fmt.Sprintf("check-%d", w.runs), Selection{}, func(string, string) time.Time { return start.Add(time.Hour) })
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range all {
		all[i].CheckedAt = time.Time{}
	}
	return all
}

func swept(ids ...string) extract.Page {
	p := page("", ids...)
	p.Begin, p.Marks, p.Sweep = true, true, &extract.Sweep{}
	return p
}

func number(n int64) *int64 { return &n }

func TestAComparisonCountsBothSidesAndNamesWhatDiffers(t *testing.T) {
	w := newWorld(t, source("incidentio", handmade("severities", step{page: swept("a", "b", "c", "d")})))
	w.sync(Selection{})
	same(t, "nothing differs", w.reconcile(w.sources...), []Reconciliation{{
		Source: "incidentio", Stream: "severities", Table: "incidentio_severities", SourceCount: number(4), LedgerCount: number(4), Extra: number(0), Examples: []Example{},
	}})
	other := swept("b", "e")
	other.Records = append(other.Records,
		extract.Record{JSON: []byte(`{"id":"c","name":"changed","rank":1}`)},
		extract.Record{JSON: []byte(`{"id":"a","rank":[]}`)}) // set aside: it lacks its name
	got := w.reconcile(source("incidentio", handmade("severities", step{page: other})))
	same(t, "all kinds of differences", got, []Reconciliation{{
		Source: "incidentio", Stream: "severities", Table: "incidentio_severities", SourceCount: number(3), LedgerCount: number(3), Missing: 1, Extra: number(1), Changed: 1,
		SetAside: 1, Examples: []Example{{"changed", "c"}, {"extra", "d"}, {"missing", "e"}},
	}})
	if got[0].Same() {
		t.Error("they are said to be the same")
	}
	same(t, "nothing landed", w.live(transform.IncidentioSeverities), map[string]string{"a": "A", "b": "B", "c": "C", "d": "D"})
	var kept []any
	for _, row := range w.query("select id, source_count, missing_count, extra_count, changed_count, set_aside_count, examples from reconciliations order by _observed_at") {
		kept = append(kept, fmt.Sprint(row))
	}
	same(t, "kept", kept, []any{
		"[incidentio/severities 4 0 0 0 0 []]",
		`[incidentio/severities 3 1 1 1 1 [{"kind":"changed","id":"c"},{"kind":"extra","id":"d"},{"kind":"missing","id":"e"}]]`,
	})
}

func TestWhatChangedSinceTheStreamWasReadIsTold(t *testing.T) {
	record := func(id, title string, at time.Time) extract.Record {
		text, _ := json.Marshal(map[string]any{"id": id, "incident_id": "i", "title": title, "status": "outstanding", "created_at": start, "updated_at": at})
		return extract.Record{JSON: text}
	}
	first := extract.Page{Records: []extract.Record{record("a", "A", start), record("b", "B", start)}}
	w := newWorld(t, source("incidentio", streamOf("follow_ups", transform.IncidentioFollowUps, step{page: first})))
	w.sync(Selection{})
	later := start.Add(2 * time.Hour)
	now := extract.Page{Sweep: &extract.Sweep{}, Records: []extract.Record{record("a", "A2", later), record("b", "B2", start), record("c", "C", later)}}
	got := w.reconcile(source("incidentio", streamOf("follow_ups", transform.IncidentioFollowUps, step{page: now})))[0]
	if got.Missing != 1 || got.Changed != 2 || got.Newer != 2 || got.Same() {
		t.Errorf("%+v", got)
	}
	now.Records[1] = record("b", "B", start)
	if got = w.reconcile(source("incidentio", streamOf("follow_ups", transform.IncidentioFollowUps, step{page: now})))[0]; got.Missing != 1 || got.Changed != 1 || !got.Same() {
		t.Errorf("%+v", got)
	}
}

func TestOnlyWhatTheSourceWasAskedForIsCompared(t *testing.T) {
	tag := func(repository, name string) extract.Record {
		return extract.Record{JSON: fmt.Appendf(nil, `{"id":"%s:%s","repository_id":%q,"name":%q,"sha":"a"}`, repository, name, repository, name)}
	}
	all := extract.Page{Records: []extract.Record{tag("1", "a"), tag("1", "b"), tag("2", "c")}}
	w := newWorld(t, source("github", streamOf("tags", transform.GithubTags, step{page: all})))
	w.sync(Selection{})
	got := w.reconcile(source("github", streamOf("tags", transform.GithubTags, step{page: extract.Page{Records: []extract.Record{tag("1", "a")}, Complete: []string{"1"}}})))
	same(t, "the other repository is not compared", got[0].Examples, []Example{{"extra", "1:b"}})
	if *got[0].SourceCount != 1 || *got[0].LedgerCount != 2 || *got[0].Extra != 1 {
		t.Errorf("%+v", got[0])
	}
}

func TestASourceThatCannotBeReadIsNotCompared(t *testing.T) {
	w := newWorld(t, source("incidentio", handmade("severities", step{page: swept("a", "b")})))
	w.sync(Selection{})
	got := w.reconcile(source("incidentio", handmade("severities", step{page: page("", "a")}, step{err: errors.New("it is down")})))
	same(t, "no counts", got, []Reconciliation{{
		Source: "incidentio", Stream: "severities", Table: "incidentio_severities", Examples: []Example{}, Error: "it is down",
	}})
	if got[0].Same() {
		t.Error("they are said to be the same")
	}
}
