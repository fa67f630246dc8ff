package incidentio

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	fake "fourfold/internal/fake/incidentio"
)

func TestARunThatIsKilledAtAnyPageGoesOnWhereItStopped(t *testing.T) {
	for _, stream := range []string{"incidents", "incident_updates", "follow_ups", "incident_attachments"} {
		whole := newWorld(t, crowd(10)).tinyPages()
		whole.mustRun()
		pages := whole.pages[stream]
		if stream == "incident_attachments" { // one hundred incidents a page
			whole = newWorld(t, crowd(250))
			whole.only = []string{"incidents", stream}
			whole.mustRun()
			pages = whole.pages[stream]
		}
		if pages < 3 {
			t.Fatalf("%s has %d pages, which proves little", stream, pages)
		}
		for stop := range pages {
			w := newWorld(t, crowd(10)).tinyPages()
			if stream == "incident_attachments" {
				w = newWorld(t, crowd(250))
				w.only = whole.only
			}
			w.kill = func(name string, page int) bool { return name == stream && page == stop }
			if w.run() {
				t.Fatalf("%s: not killed at page %d", stream, stop)
			}
			w.kill = nil
			w.clock.Advance(time.Hour)
			w.server.ResetRequests()
			w.mustRun()
			w.compare(fmt.Sprintf("%s killed at page %d", stream, stop))
			// Follow-ups have several lists, and may have stopped between two.
			if first := firstOf(w.server, stream); stop > 0 && stream != "follow_ups" && !strings.Contains(first, "after=") && stream != "incident_attachments" {
				t.Errorf("%s killed at page %d went on with %s", stream, stop, first)
			}
		}
	}
}

// firstOf is the first request of a stream.
func firstOf(s *fake.Server, stream string) string {
	for _, r := range s.Requests() {
		if strings.HasSuffix(r.Path, "/"+stream) {
			q, _ := url.QueryUnescape(r.Query.Encode())
			return r.Path + "?" + q
		}
	}
	return ""
}

func TestAKeptPositionThatTheAPIDoesNotKnowBeginsAnew(t *testing.T) {
	for _, stream := range []string{"incidents", "incident_updates", "follow_ups"} {
		w := newWorld(t, crowd(10)).tinyPages()
		w.kill = func(name string, page int) bool { return name == stream && page == 3 }
		w.run()
		var cur position
		if err := json.Unmarshal(w.memory.cursors[stream], &cur); err != nil || cur.Load == nil || cur.Load.After == "" {
			t.Fatalf("%s: cursor %s", stream, w.memory.cursors[stream])
		}
		cur.Load.After = "forgotten"
		w.memory.cursors[stream] = cur.encode()
		w.kill = nil
		// What had been read before and has gone since is found by the read that begins anew.
		first := w.org.Incidents[12].ID
		switch stream {
		case "incidents":
			w.server.DeleteIncident(first)
		case "incident_updates":
			w.org.Edit(func(o *fake.Organisation) {
				o.Updates = slices.DeleteFunc(o.Updates, func(u *fake.Update) bool { return u.Incident == first })
			})
		case "follow_ups":
			w.org.Edit(func(o *fake.Organisation) {
				o.FollowUps = slices.DeleteFunc(o.FollowUps, func(f *fake.FollowUp) bool { return f.Incident == first })
			})
		}
		w.mustRun()
		w.compare(stream)
	}
}

func TestACursorThatCannotBeReadMeansReadingEverything(t *testing.T) {
	w := newWorld(t, fake.Small())
	w.mustRun()
	for stream := range w.memory.cursors {
		w.memory.cursors[stream] = json.RawMessage(`{"v":99,"done":"2030-01-01T00:00:00Z"}`)
	}
	w.server.ChangeQuietly("2", func(i *fake.Incident) { i.Summary = "quietly" })
	w.clock.Advance(time.Hour)
	w.mustRun()
	w.compare("after the cursors were lost")
}
