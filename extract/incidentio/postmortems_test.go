package incidentio

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fourfold/extract"
	fake "fourfold/internal/fake/incidentio"
)

// write adds post-mortems, a day apart and as old as the organisation's incidents.
func write(o *fake.Organisation, n int) {
	for k := range n {
		at := time.Date(2026, 6, 1+k, 9, 0, 0, 0, time.UTC)
		i := o.Incidents[k%len(o.Incidents)]
		o.Postmortems = append(o.Postmortems, &fake.Postmortem{
			ID: fake.ID(at, uint64(6000+k)), Incident: i.ID, Title: fmt.Sprint("What happened ", k), Status: "in_progress",
			URL: "https://docs.example.test/" + i.ID, Editors: []string{o.Users[0].ID}, CreatedAt: at, UpdatedAt: at,
		})
	}
}

func documents(w *world) int { return w.server.Counts()["/v1/postmortem_documents"] }

func TestPostmortemsAreAskedForOnlyWhereAnIncidentNamesOne(t *testing.T) {
	w := newWorld(t, fake.Small())
	w.mustRun()
	if n := documents(w); n != 0 {
		t.Errorf("%d requests for post-mortems, and no incident has one", n)
	}
	w.org.Edit(func(o *fake.Organisation) { write(o, 2) })
	w.clock.Advance(time.Hour)
	w.full = true
	w.mustRun()
	w.compare("after the first post-mortems")
	w.org.Edit(func(o *fake.Organisation) { o.Postmortems = nil })
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.compare("after they have gone")
}

func TestPostmortemsAreReadWholeAtFirstAndThenTheRecentOnes(t *testing.T) {
	o := fake.Small()
	write(o, 30)
	w := newWorld(t, o).tinyPages()
	w.mustRun()
	w.compare("after the first run")
	w.clock.Advance(time.Hour)
	w.server.ResetRequests()
	w.mustRun()
	if n := documents(w); n != 1 {
		t.Errorf("%d requests in a run without changes, want that of the first page", n)
	}
	at := w.clock.Now()
	w.org.Edit(func(o *fake.Organisation) {
		o.Postmortems = append(o.Postmortems, &fake.Postmortem{
			ID: fake.ID(at, 6900), Incident: o.Incidents[3].ID, Title: "Why it was slow", Status: "in_review", Type: "external",
			URL: "https://docs.example.test/new", Exported: []string{"https://wiki.example.test/new"}, CreatedAt: at, UpdatedAt: at,
		})
	})
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.org.Edit(func(o *fake.Organisation) { o.Postmortems[30].Status = "completed" })
	w.clock.Advance(time.Hour)
	w.mustRun()
	got := w.memory.tables["incidentio_postmortem_documents"][w.org.Postmortems[30].ID].columns
	if got["status"] != "completed" || got["document_url"] != "https://docs.example.test/new" || got["type"] != "external" {
		t.Errorf("landed %v", got)
	}
	w.org.Edit(func(o *fake.Organisation) { o.Postmortems[0].Status = "completed"; o.Postmortems = o.Postmortems[:30] })
	w.clock.Advance(8 * day)
	w.mustRun()
	w.compare("once everything is read again")
}

func TestAServerWithoutPostmortemsIsOneThatMayNotBeAsked(t *testing.T) {
	o := fake.Small()
	write(o, 1)
	w := newWorld(t, o)
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/postmortem_documents") {
			http.NotFound(out, r)
			return
		}
		w.server.ServeHTTP(out, r)
	}))
	t.Cleanup(server.Close)
	s, err := New(Options{BaseURL: server.URL, APIKey: func() (string, error) { return fake.DefaultKey, nil }, Clock: w.clock, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	w.source = s
	w.run()
	if err := w.errs["postmortem_documents"]; !errors.Is(err, extract.ErrForbidden) || !strings.Contains(err.Error(), "no post-mortem documents") {
		t.Errorf("%v", err)
	}
	if len(w.errs) != 1 {
		t.Errorf("others failed: %v", w.errs)
	}
}
