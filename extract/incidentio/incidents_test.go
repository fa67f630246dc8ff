package incidentio

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"fourfold/extract"
	fake "fourfold/internal/fake/incidentio"
)

const day = 24 * time.Hour

func TestAChangeAtAnyMomentOfARunIsReadByThisRunOrTheNext(t *testing.T) {
	// The run has many pages; before the landing of each in turn an incident far in front and one far behind change, and
	// a new one comes.
	for page := range 9 {
		w := newWorld(t, crowd(14)).tinyPages()
		if page > 0 { // the first run too
			w.mustRun()
			w.clock.Advance(time.Hour)
		}
		w.tweak = func(stream string, _ extract.Page) {
			if stream != "incidents" || w.pages["incidents"] != page {
				return
			}
			w.clock.Advance(time.Second)
			for _, id := range []string{"100", "113", "5"} {
				w.server.ChangeIncident(id, func(i *fake.Incident) { i.Summary = "changed" })
			}
			w.server.AddIncident(fake.Incident{Name: "new", Status: w.org.Statuses[1].ID, Creator: fake.Actor{Workflow: "w"}})
		}
		w.mustRun()
		w.tweak = nil
		w.clock.Advance(time.Minute)
		w.mustRun()
		w.compare(fmt.Sprint("changed at page ", page))
	}
}

func TestWhateverHappensAndWhereverRunsAreKilledEverythingIsThereInTheEnd(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 5))
			w := newWorld(t, crowd(20)).tinyPages()
			if seed%3 == 0 {
				w.source.size = 250
			}
			w.tweak = func(string, extract.Page) {
				if random.IntN(4) == 0 {
					w.clock.Advance(time.Duration(random.IntN(90)) * time.Second)
					somethingHappens(w, random)
				}
			}
			w.kill = func(string, int) bool { return random.IntN(25) == 0 }
			for range 14 {
				w.run()
				w.clock.Advance(time.Duration(random.Int64N(int64(2 * day))))
				somethingHappens(w, random)
			}
			if len(w.errs) > 0 {
				t.Fatal(w.errs)
			}
			w.kill, w.tweak = nil, nil
			for range 2 { // the first may end a read that began before the last quiet change
				w.clock.Advance(w.source.opts.RefreshOthers)
				w.mustRun()
			}
			w.compare("a whole refresh after all that")
		})
	}
}

// somethingHappens changes the organisation, loudly or without moving updated_at.
func somethingHappens(w *world, random *rand.Rand) {
	now, id := w.clock.Now(), ""
	w.org.Edit(func(o *fake.Organisation) { id = o.Incidents[random.IntN(len(o.Incidents))].ID })
	switch random.IntN(11) {
	case 0:
		w.server.AddIncident(fake.Incident{Name: "new", Status: w.org.Statuses[random.IntN(8)].ID, Creator: fake.Actor{Workflow: "w"}})
	case 1:
		w.server.ChangeIncident(id, func(i *fake.Incident) { i.Summary = fmt.Sprint("loud ", random.IntN(1000)) })
	case 2:
		w.server.ChangeQuietly(id, func(i *fake.Incident) { i.Roles = nil })
	case 3:
		w.server.SetStatus(id, w.org.Statuses[random.IntN(8)].Name, "moved")
	case 4:
		w.server.AddUpdate(id, "only words", now)
	case 5:
		w.server.MakePrivate(id)
	case 6:
		w.server.ChangeIncident(id, func(i *fake.Incident) { i.Visibility = "public" })
	case 7:
		w.server.DeleteIncident(id)
	case 8:
		next := w.server.NextID()
		w.org.Edit(func(o *fake.Organisation) {
			o.FollowUps = append(o.FollowUps, &fake.FollowUp{ID: next, Incident: id, Title: "later", Status: "outstanding", Creator: fake.Actor{Workflow: "w"}, CreatedAt: now, UpdatedAt: now})
		})
	case 9:
		w.org.Edit(func(o *fake.Organisation) {
			if len(o.FollowUps) > 0 {
				f := o.FollowUps[random.IntN(len(o.FollowUps))]
				f.Title, f.UpdatedAt = "retitled", now
			}
			if n := len(o.Attachments); n > 0 {
				o.Attachments = append(o.Attachments[:n-1:n-1], &fake.Attachment{ID: fake.ID(now, random.Uint64()%1e6), Incident: id, ResourceType: "arbitrary_url", ExternalID: "x", Permalink: "https://x.test"})
			}
		})
	case 10:
		w.server.RenameSeverity(w.org.Severities[0].Name, fmt.Sprint("Severity ", random.IntN(100)))
	}
}

func TestAChangeStampedBeforeTheLastRunAndSeenAfterItIsRead(t *testing.T) {
	w := newWorld(t, fake.Small()).tinyPages() // so that reading all is not cheaper
	w.clock.Advance(60 * day)                  // and nothing is recent
	w.mustRun()
	late := w.clock.Now().Add(-9 * time.Minute)
	w.server.ChangeQuietly("5", func(i *fake.Incident) { i.Summary, i.UpdatedAt = "late", late })
	w.org.Edit(func(o *fake.Organisation) { o.FollowUps[7].Title, o.FollowUps[7].UpdatedAt = "late", late })
	w.clock.Advance(time.Minute)
	w.mustRun()
	w.compare("the late ones")
}

func TestTheDateOfAWindowIsBeforeTheInstantInEveryZone(t *testing.T) {
	for hour := range 24 {
		at := time.Date(2026, 3, 1, hour, 30, 0, 0, time.UTC)
		for offset := -12; offset <= 14; offset++ {
			local := at.In(time.FixedZone("", offset*3600)).Format(time.DateOnly)
			if from := dateBefore(at); local < from {
				t.Errorf("%s is %s at UTC%+d, outside of a window from %s", at, local, offset, from)
			}
		}
	}
}

func TestWhatChangesWithoutMovingUpdatedAtIsReadAgain(t *testing.T) {
	quietly := func(w *world, number string) {
		w.server.ChangeQuietly(number, func(i *fake.Incident) { i.Fields = nil })
	}
	t.Run("in the next run on a recent incident", func(t *testing.T) {
		w := newWorld(t, fake.Small())
		w.mustRun()
		quietly(w, "3")
		w.clock.Advance(time.Hour)
		w.mustRun()
		w.compare("recent")
	})
	t.Run("within RefreshOthers on an old one, with deletions", func(t *testing.T) {
		w := newWorld(t, fake.Small())
		w.clock.Advance(60 * day)
		w.mustRun()
		w.clock.Advance(5 * day)
		w.mustRun()
		quietly(w, "3")
		w.server.DeleteIncident("4")
		w.clock.Advance(day)
		w.mustRun()
		if _, there := w.memory.tables["incidentio_incidents"][w.org.Incidents[3].ID]; !there {
			t.Error("the old incident is gone before anything was read whole")
		}
		w.clock.Advance(2 * day)
		w.mustRun()
		w.compare("old")
	})
}

func TestAFullRunFindsEveryDeletionAtOnce(t *testing.T) {
	w := newWorld(t, crowd(10)).tinyPages()
	w.clock.Advance(60 * day)
	w.mustRun()
	w.server.DeleteIncident("3")
	w.org.Edit(func(o *fake.Organisation) {
		o.Updates, o.FollowUps, o.Attachments, o.Users, o.Severities = o.Updates[2:], o.FollowUps[2:], o.Attachments[1:], o.Users[:3], o.Severities[:2]
		for _, i := range o.Incidents {
			i.Severity = ""
		}
		o.CustomFields[1].Options = o.CustomFields[1].Options[:1]
	})
	w.clock.Advance(time.Hour)
	w.full = true
	w.mustRun()
	w.compare("after a full run")
	incidents := w.memory.tables["incidentio_incidents"]
	for _, table := range []string{"incidentio_incident_updates", "incidentio_follow_ups", "incidentio_incident_attachments"} {
		for id, v := range w.memory.tables[table] {
			if _, live := incidents[v.columns["incident_id"]]; !live {
				t.Errorf("%s: %s is still there, its incident is not", table, id)
			}
		}
	}
}

func TestTheScopeBeginsExactlyAtSinceAndMayBeMoved(t *testing.T) {
	w := newWorld(t, fake.Small())
	created := func(n int) time.Time { return w.org.Incidents[n-1].CreatedAt }
	w.clock.Advance(60 * day) // nothing is recent
	w.since = created(5)
	w.mustRun()
	w.compare("from the fifth incident on")
	if n := len(w.landed()["incidentio_incidents"]); n != 7 { // 5 to 12, less the private one
		t.Fatalf("%d incidents", n)
	}
	w.since = created(3).Add(time.Millisecond)
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.compare("moved back: what had been left out comes, with its old children")

	w.since = created(8)
	w.server.ChangeIncident("9", func(i *fake.Incident) { i.Summary = "inside" })
	w.server.ChangeIncident("5", func(i *fake.Incident) { i.Summary = "outside" })
	w.clock.Advance(time.Hour)
	w.mustRun()
	v := w.memory.tables["incidentio_incidents"][w.org.Incidents[4].ID]
	if v.columns["summary"] == "outside" {
		t.Error("an incident out of scope was read")
	}
	w.since = time.Time{}
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.compare("everything, the change that was out of scope too")
}

func TestAFullRunDoesNotDeleteWhatIsOutOfScope(t *testing.T) {
	w := newWorld(t, fake.Small())
	w.mustRun()
	before := len(w.landed()["incidentio_incidents"])
	w.since, w.full = w.org.Incidents[5].CreatedAt, true
	w.clock.Advance(time.Hour)
	w.mustRun()
	if got := len(w.landed()["incidentio_incidents"]); got != before {
		t.Errorf("%d incidents live, %d before", got, before)
	}
}

func TestAnotherPrivacyPolicyMeansReadingEverythingAgain(t *testing.T) {
	w := newWorld(t, fake.Small())
	w.clock.Advance(60 * day)
	w.mustRun()
	w.compare("private ones excluded")
	for _, policy := range []string{"include", "exclude", "redact"} {
		w.memory.policy.PrivateIncidents = policy
		w.connect(func(o *Options) { o.PrivateIncidents = policy })
		w.clock.Advance(time.Hour)
		w.mustRun()
		w.compare(policy)
	}
}

func TestAnIncidentThatBecomesVisibleBringsItsOldChildren(t *testing.T) {
	for _, size := range []int{2, 250} { // where the whole list is dear, and where it is cheap
		w := newWorld(t, crowd(60))
		w.source.size = size
		w.server.MakePrivate("9") // a test incident: its follow-ups are in a list of their own
		w.clock.Advance(60 * day)
		w.mustRun()
		w.compare("two private")
		for _, number := range []string{"12", "9"} {
			w.server.ChangeIncident(number, func(i *fake.Incident) { i.Visibility = "public" })
			w.clock.Advance(time.Hour)
			w.mustRun()
			w.compare(number + " public now")
		}
		w.server.MakePrivate("9")
		w.clock.Advance(time.Hour)
		w.mustRun()
		w.compare("private again")
	}
}

func TestPrivateIsWhatIsNotKnownToBePublic(t *testing.T) {
	w := newWorld(t, fake.Small())
	w.only = []string{"incidents"}
	seen := map[bool]int{}
	w.tweak = func(_ string, p extract.Page) {
		for _, r := range p.Records {
			seen[r.Private]++
		}
	}
	w.mustRun()
	if seen[true] != 1 || seen[false] != 11 {
		t.Errorf("private: %v, want 1 of 12", seen)
	}
	clear(seen)
	w.server.Inject(fake.On{Path: "/v2/incidents", Times: -1}, fake.NewValue("visibility", "by_invitation"))
	w.full = true
	w.mustRun()
	if seen[false] != 0 {
		t.Errorf("%d incidents of a visibility that nobody knows were taken for public", seen[false])
	}
}
