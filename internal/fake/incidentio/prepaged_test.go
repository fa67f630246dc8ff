package incidentio

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPrePagedListsEveryIncidentOnceInBothOrders(t *testing.T) {
	c := newClient(t, PrePaged(1003, 2700, 7))
	newest := c.list("/v2/incidents?page_size=250&"+allModes+"&"+allCategories, "id")
	oldest := c.list("/v2/incidents?page_size=100&sort_by=created_at_oldest_first", "id")
	if len(newest) != 1003 || !slices.IsSorted(oldest) {
		t.Fatalf("%d incidents, oldest first in order: %v", len(newest), slices.IsSorted(oldest))
	}
	slices.Reverse(newest)
	same(t, "both orders hold the same", newest, oldest)
	if len(slices.Compact(oldest)) != 1003 {
		t.Error("an incident is there twice")
	}
	if got := c.s.Counts()["/v2/incidents"]; got != 5+11 {
		t.Errorf("%d pages, want 16", got)
	}
	if len(c.s.Requests()) != 0 {
		t.Error("it logs requests")
	}
}

func TestPrePagedIncidentsHaveTheSizeAskedForAndAreRepeatable(t *testing.T) {
	for _, size := range []int{1600, 2700} {
		body := newClient(t, PrePaged(200_000, size, 1)).do("GET", "/v2/incidents?page_size=250").Body.Bytes()
		if each := len(body) / 250; each < size-20 || each > size+20 {
			t.Errorf("%d bytes an incident, want about %d", each, size)
		}
		if again := newClient(t, PrePaged(200_000, size, 1)).do("GET", "/v2/incidents?page_size=250").Body.Bytes(); !bytes.Equal(body, again) {
			t.Error("the same arguments give other bytes")
		}
		if other := newClient(t, PrePaged(200_000, size, 2)).do("GET", "/v2/incidents?page_size=250").Body.Bytes(); bytes.Equal(body, other) {
			t.Error("another seed gives the same bytes")
		}
	}
}

func TestPrePagedFiltersByDate(t *testing.T) {
	p := PrePaged(3000, 2700, 1) // about four a day
	c := newClient(t, p)
	all := c.list("/v2/incidents?page_size=250&sort_by=created_at_oldest_first", "updated_at")
	for query, keep := range map[string]func(day string) bool{
		"updated_at[gte]=2025-12-30":                   func(d string) bool { return d >= "2025-12-30" },
		"updated_at[lte]=2024-01-02":                   func(d string) bool { return d <= "2024-01-02" },
		"updated_at[date_range]=2024-05-01~2024-05-03": func(d string) bool { return d >= "2024-05-01" && d <= "2024-05-03" },
		"updated_at[gte]=2027-01-01":                   func(string) bool { return false },
		"mode[one_of]=test":                            func(string) bool { return false },
		"status_category[one_of]=declined":             func(string) bool { return false },
	} {
		want := slices.DeleteFunc(slices.Clone(all), func(at string) bool { return !keep(at[:10]) })
		same(t, query, c.list("/v2/incidents?page_size=7&sort_by=created_at_oldest_first&"+query, "updated_at"), want)
		slices.Reverse(want)
		same(t, query+" newest first", c.list("/v2/incidents?page_size=7&"+query, "updated_at"), want)
	}
	c.fails("GET", "/v2/incidents?severity[one_of]=x", 422, "validation_error")
	c.fails("GET", "/v2/incidents?after="+ID(time.Now(), 5), 422, "validation_error")
}

func TestPrePagedChildrenBelongToTheIncidents(t *testing.T) {
	c := newClient(t, PrePaged(300, 2700, 1))
	ids := c.list("/v2/incidents?page_size=250&sort_by=created_at_oldest_first", "id")
	want := []string{}
	for _, id := range ids {
		want = append(want, id, id)
	}
	same(t, "two updates each", c.list("/v2/incident_updates?page_size=101", "incident_id"), want)
	same(t, "of one incident", c.list("/v2/incident_updates?incident_id="+ids[9], "incident_id"), []string{ids[9], ids[9]})
	if got := c.get("/v1/incident_attachments?incident_id=" + ids[5])["incident_attachments"].([]any); len(got) != 0 {
		t.Errorf("attachments %v", got)
	}
	c.fails("GET", "/v1/incident_attachments?incident_id="+ID(time.Now(), 5), 404, "not_found")
	c.list("/v3/follow_ups", "id")
	byID, byNumber := c.get("/v2/incidents/"+ids[41]), c.get("/v2/incidents/42")
	if diff := cmp.Diff(byID, byNumber); diff != "" {
		t.Errorf("by id and by number (-id +number):\n%s", diff)
	}
	if strings.Contains(c.do("GET", "/v2/incidents?page_size=250").Body.String(), "@created") {
		t.Error("a mark of the template is left")
	}
}

func TestPrePagedLeanIncidentsLackOnlyWhatTheirDefinitionsCarry(t *testing.T) {
	err := CheckAnswer("/v2/incidents", newClient(t, PrePaged(100, 1600, 1)).do("GET", "/v2/incidents?page_size=100").Body.Bytes())
	for _, line := range strings.Split(err.Error(), "\n") {
		at, what, _ := strings.Cut(line, ": ")
		if strings.Count(at, ".") < 2 || !strings.Contains(what, "is missing") {
			t.Errorf("an incident itself is not as the schema says: %s", line)
		}
	}
}

func BenchmarkPrePagedPage(b *testing.B) {
	p := PrePaged(200_000, 1600, 1).generated
	for b.Loop() {
		if _, err := p.incidentPage(&query{pageSize: 250, values: map[string]string{}}); err != nil {
			b.Fatal(err)
		}
	}
}
