package incidentio

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"fourfold/extract"
	fake "fourfold/internal/fake/incidentio"
	"fourfold/transform"
)

func TestEachIncidentIsDueOncePerSpanHoweverOftenRunsCome(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const span = 7 * day
	for n := range 300 {
		i := incident{id: fake.ID(beginning, uint64(n))}
		at := beginning.Add(time.Duration(random.Int64N(int64(span))))
		turns := 0
		for end := at.Add(3 * span); at.Before(end); {
			next := at.Add(time.Duration(1 + random.Int64N(int64(3*day))))
			if next.After(end) {
				next = end
			}
			if i.due(at, next, span) {
				turns++
			}
			at = next
		}
		if turns != 3 {
			t.Fatalf("incident %d was due %d times in three spans", n, turns)
		}
	}
}

func TestTurnsAreSpreadEvenly(t *testing.T) {
	for hour := range 7 * 24 {
		from := beginning.Add(time.Duration(hour) * time.Hour)
		due := 0
		for n := range 16_800 { // 100 an hour
			if (incident{id: fake.ID(beginning.Add(time.Duration(n)*time.Minute), uint64(n))}).due(from, from.Add(time.Hour), 7*day) {
				due++
			}
		}
		if due < 50 || due > 150 {
			t.Errorf("%d due in hour %d, want about 100", due, hour)
		}
	}
}

// attachmentReads gives the incidents that were asked for their attachments since the last call.
func attachmentReads(w *world) []string {
	var ids []string
	for _, r := range w.server.Requests() {
		if r.Path == "/v1/incident_attachments" {
			ids = append(ids, r.Query.Get("incident_id"))
		}
	}
	w.server.ResetRequests()
	slices.Sort(ids)
	return ids
}

func TestAttachmentsAreReadOfChangedOpenAndRecentIncidentsAndOfOthersInTurn(t *testing.T) {
	w := newWorld(t, crowd(40))
	w.clock.Advance(60 * day) // nothing is recent
	w.mustRun()
	if n := len(attachmentReads(w)); n != 51 {
		t.Fatalf("the first run read %d incidents, want all 51 that are live", n)
	}
	var open []string
	for _, i := range w.org.Incidents {
		switch c := w.memory.tables["incidentio_incidents"][i.ID].columns["status_category"]; c {
		case "triage", "live", "paused":
			open = append(open, i.ID)
		}
	}
	slices.Sort(open)
	w.clock.Advance(time.Second)
	w.mustRun()
	if got := attachmentReads(w); !slices.Equal(got, open) {
		t.Errorf("a run at once after another read %d incidents, want the %d open ones", len(got), len(open))
	}
	w.server.ChangeIncident("5", func(i *fake.Incident) { i.Summary = "changed" })
	w.clock.Advance(time.Second)
	w.mustRun()
	if got := attachmentReads(w); len(got) != len(open)+1 || !slices.Contains(got, w.org.Incidents[4].ID) {
		t.Errorf("read %d incidents, want the open ones and the changed one", len(got))
	}
	others := map[string]int{}
	for range 7 * 4 {
		w.clock.Advance(6 * time.Hour)
		w.mustRun()
		reads := attachmentReads(w)
		for _, id := range reads {
			if !slices.Contains(open, id) {
				others[id]++
			}
		}
		if n := len(reads) - len(open); n > 10 {
			t.Errorf("%d others in one run", n)
		}
	}
	if len(others) != 51-len(open) {
		t.Errorf("%d others were read within RefreshOthers, want %d", len(others), 51-len(open))
	}
	for id, n := range others {
		if n != 1 {
			t.Errorf("%s was read %d times", id, n)
		}
	}
}

func TestAttachmentsThatWereRemovedGoWithTheNextReadOfTheirIncident(t *testing.T) {
	w := newWorld(t, fake.Small())
	w.mustRun()
	w.org.Edit(func(o *fake.Organisation) { o.Attachments = o.Attachments[2:] }) // of recent incidents
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.compare("two removed")
}

func TestAnIncidentDeletedWhileItsAttachmentsAreReadIsPassedOver(t *testing.T) {
	w := newWorld(t, fake.Small())
	w.tweak = func(stream string, _ extract.Page) {
		if stream == "incidents" {
			w.server.DeleteIncident("5")
		}
		w.tweak = nil
	}
	w.only = []string{"incidents", "incident_attachments"}
	w.mustRun()
	if _, there := w.memory.tables["incidentio_incidents"][fake.ID(time.Date(2026, 10, 5, 9, 0, 0, 148e6, time.UTC), 4)]; !there {
		t.Fatal("the deleted incident had not landed: the test proves nothing")
	}
	if n := len(w.memory.tables["incidentio_incident_attachments"]); n != 5 {
		t.Errorf("%d attachments, want those of the other 5 incidents", n)
	}
}

func TestUpdatesAreReadPerIncidentOrWholeWhicheverTakesFewerRequests(t *testing.T) {
	w := newWorld(t, crowd(200), func(o *Options) { o.RefreshRecent = 1 })
	w.source.size = 5
	w.org.Edit(func(o *fake.Organisation) { // two open incidents
		for n, i := range o.Incidents {
			if n > 1 {
				i.Status = o.Statuses[4].ID
			}
		}
	})
	w.mustRun()
	reads := func() (whole, each int) {
		for _, r := range w.server.Requests() {
			switch {
			case r.Path != "/v2/incident_updates":
			case r.Query.Get("incident_id") == "":
				whole++
			default:
				each++
			}
		}
		w.server.ResetRequests()
		return whole, each
	}
	if whole, each := reads(); each != 0 || whole != 48 { // 236 updates
		t.Errorf("first run: %d pages and %d incidents", whole, each)
	}
	change := func(n int) {
		w.clock.Advance(time.Hour)
		for k := range n {
			w.server.SetStatus(fmt.Sprint(100+k), "Documenting", "on")
		}
		w.server.AddUpdate("1", "words alone, on an open incident", w.clock.Now())
		w.mustRun()
		w.compare(fmt.Sprint(n, " changed"))
	}
	change(7)
	if whole, each := reads(); each != 9 || whole != 0 {
		t.Errorf("seven changed: %d pages and %d incidents", whole, each)
	}
	change(100)
	if whole, each := reads(); each != 0 || whole < 50 {
		t.Errorf("a hundred changed: %d pages and %d incidents", whole, each)
	}
}

func TestOnlyChildrenOfLiveIncidentsAreYielded(t *testing.T) {
	w := newWorld(t, fake.Small())
	secret := w.org.Incidents[11].ID
	w.tweak = func(stream string, p extract.Page) {
		for _, r := range p.Records {
			if strings.Contains(string(r.JSON), `"incident_id":"`+secret) {
				t.Errorf("%s yields a child of an incident that is kept out", stream)
			}
		}
	}
	w.mustRun()
	w.memory.policy.PrivateIncidents = "redact"
	w.connect(func(o *Options) { o.PrivateIncidents = "redact" })
	private := map[string]int{}
	w.tweak = func(stream string, p extract.Page) {
		for _, r := range p.Records {
			if strings.Contains(string(r.JSON), secret) && !r.Private {
				t.Errorf("%s yields a child of a private incident that does not say so", stream)
			}
			if r.Private {
				private[stream]++
			}
		}
	}
	w.clock.Advance(time.Hour)
	w.mustRun()
	if private["incidents"] != 1 || private["incident_updates"] != 3 || private["follow_ups"] != 1 {
		t.Errorf("private: %v", private)
	}
}

func TestAChildWithoutItsIncidentIsPassedOnAsPrivate(t *testing.T) {
	w := newWorld(t, fake.Small())
	w.server.Inject(fake.On{Path: "/v2/incident_updates"}, fake.MissingField("incident_id"))
	private := 0
	w.tweak = func(stream string, p extract.Page) {
		for _, r := range p.Records {
			if stream == "incident_updates" && r.Private {
				private++
			}
		}
	}
	w.mustRun()
	if private != 1 {
		t.Errorf("%d private updates, want the one that names no incident", private)
	}
}

// broken is a ledger that cannot be asked.
type broken struct{}

var errBroken = errors.New("the warehouse is locked")

func (broken) Lookup(context.Context, *transform.Table, string, []string) (map[string]string, error) {
	return nil, errBroken
}

func (broken) Scan(context.Context, *transform.Table, ...string) iter.Seq2[extract.Object, error] {
	return func(yield func(extract.Object, error) bool) { yield(extract.Object{}, errBroken) }
}

func TestALedgerThatCannotBeAskedEndsTheStreamWithItsError(t *testing.T) {
	w := newWorld(t, fake.Small())
	w.mustRun()
	w.clock.Advance(time.Hour)
	for _, full := range []bool{true, false} {
		w.full = full
		w.input = func(_ string, in *extract.Input) { in.Ledger = broken{} }
		w.run()
		for _, stream := range []string{"incident_updates", "follow_ups", "incident_attachments"} {
			if !errors.Is(w.errs[stream], errBroken) {
				t.Errorf("%s (full %v): %v", stream, full, w.errs[stream])
			}
		}
	}
}
