package incidentio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
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
	// One of a recent incident that is open, and two of recent ones that are closed.
	w.org.Edit(func(o *fake.Organisation) { o.Attachments = o.Attachments[1:4] })
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.compare("three removed")
}

func TestAnIncidentDeletedWhileItsAttachmentsAreReadIsPassedOver(t *testing.T) {
	w := newWorld(t, fake.Small())
	w.only = []string{"incidents", "incident_attachments"}
	w.mustRun()
	w.server.ChangeIncident("5", func(i *fake.Incident) { i.Summary = "changed" })
	w.tweak = func(stream string, _ extract.Page) {
		w.server.DeleteIncident("5") // the incident is about to land
		w.tweak = nil
	}
	before := maps.Clone(w.memory.tables["incidentio_incident_attachments"])
	w.clock.Advance(time.Minute)
	w.mustRun()
	after := w.memory.tables["incidentio_incident_attachments"]
	if len(before) != 6 || !slices.Equal(slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before))) {
		t.Errorf("%d attachments, %d before: nothing is known of those of an incident that is not there", len(after), len(before))
	}
}

func TestAReadPerIncidentThatIsKilledGoesOnBehindTheLastOneThatLanded(t *testing.T) {
	for stream, path := range map[string]string{"incident_updates": "/v2/incident_updates", "incident_attachments": "/v1/incident_attachments"} {
		w := newWorld(t, crowd(240), func(o *Options) { o.NoLimits = true })
		w.server = fake.NewServer(w.org, fake.WithClock(w.clock.Now), fake.WithoutLimits())
		w.connect()
		w.source.size = 1 // the whole list of updates is dear
		w.mustRun()
		w.clock.Advance(time.Hour)
		for n := range 150 {
			w.server.SetStatus(fmt.Sprint(100+n), "Documenting", "on")
		}
		w.kill = func(name string, page int) bool { return name == stream && page == 1 }
		if w.run() {
			t.Fatalf("%s: not killed", stream)
		}
		var cur position
		if err := json.Unmarshal(w.memory.cursors[stream], &cur); err != nil || cur.Pass == nil || cur.Pass.ID == "" {
			t.Fatalf("%s: cursor %s", stream, w.memory.cursors[stream])
		}
		w.kill = nil
		w.server.ResetRequests()
		w.clock.Advance(time.Hour)
		w.mustRun()
		w.compare(stream)
		for _, r := range w.server.Requests() {
			if r.Path == path {
				if got := r.Query.Get("incident_id"); got <= cur.Pass.ID {
					t.Errorf("%s went on with %q, want one behind %q", stream, got, cur.Pass.ID)
				}
				break
			}
		}
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
	w.org.Edit(func(o *fake.Organisation) {
		like := *o.Attachments[0]
		like.ID, like.Incident = fake.ID(beginning, 77), secret
		o.Attachments = append(o.Attachments, &like)
	})
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
	if private["incidents"] != 1 || private["incident_updates"] != 3 || private["follow_ups"] != 1 || private["incident_attachments"] != 1 {
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
