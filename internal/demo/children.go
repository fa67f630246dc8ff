package demo

import (
	"fmt"
	"time"

	"fourfold/internal/fake/incidentio"
)

var (
	priorities = []incidentio.Ranked{{ID: "01HZX40000PR10R1TY00000001", Name: "Urgent", Rank: 1}, {ID: "01HZX40000PR10R1TY00000002", Name: "High", Rank: 2}, {ID: "01HZX40000PR10R1TY00000003", Name: "Low", Rank: 3}}
	categories = []incidentio.Ranked{{ID: "01HZX40000CATEG0RY00000001", Name: "Prevention", Rank: 1}, {ID: "01HZX40000CATEG0RY00000002", Name: "Detection", Rank: 2}}
)

// followUps gives nearly half of the incidents one to three: of every status, some without priority, assignee or team.
func (m *maker) followUps() {
	for _, i := range m.o.Incidents {
		if !m.chance(0.45) {
			continue
		}
		for range 1 + m.rng.IntN(3) {
			m.followUp(i)
		}
	}
}

func (m *maker) followUp(i *incidentio.Incident) {
	created := m.rough(i.CreatedAt.Add(m.spread(20*time.Hour, 0.8)))
	if created.After(m.now) {
		return
	}
	f := &incidentio.FollowUp{
		ID: m.id(created), Incident: i.ID, Title: m.pick(followUpTitles, m.chance(0.6)), Status: "outstanding",
		Creator: incidentio.Actor{User: m.user()}, CreatedAt: created, UpdatedAt: created,
	}
	if m.chance(0.85) {
		f.Priority = priorities[m.rng.IntN(len(priorities))]
	}
	if m.chance(0.5) {
		f.Category = categories[m.rng.IntN(len(categories))]
	}
	if m.chance(0.75) {
		f.Assignee = m.user()
	}
	if m.chance(0.7) {
		f.AssigneeTeam = m.o.Teams[m.rng.IntN(len(m.o.Teams))].ID
	}
	if m.chance(0.3) {
		number := 100 + m.rng.IntN(900)
		f.IssueName, f.IssueURL = fmt.Sprintf("fourfold-shop/backlog#%d", number), fmt.Sprintf("https://github.com/fourfold-shop/backlog/issues/%d", number)
	}
	if m.chance(0.2) {
		f.Labels = []string{"reliability"}
	}
	ended := created.Add(m.spread(9*24*time.Hour, 1)).Truncate(time.Millisecond)
	settled := 0.8
	if created.Before(m.now.AddDate(0, 0, -100)) {
		settled = 0.96 // what is as old as that was mostly looked at again
	}
	if x := m.rng.Float64(); !ended.After(m.now) && x < settled {
		f.UpdatedAt = ended
		switch {
		case x < settled-0.14:
			f.Status, f.CompletedAt = "completed", ended
		case x < settled-0.05:
			f.Status = "not_doing"
		default:
			f.Status = "deleted"
		}
	}
	m.o.FollowUps = append(m.o.FollowUps, f)
}

// attachments links some incidents to what is no cause: an issue elsewhere, a pull request of a repository that is not
// read, what has been scrubbed.
func (m *maker) attachments() {
	for _, i := range m.o.Incidents {
		at := m.early(i.CreatedAt.Add(10 * time.Minute))
		if m.chance(0.04) {
			m.attachPull(i, at, Owner+"/infrastructure", 1+m.rng.IntN(900), "Scale out: "+i.Name)
		}
		switch {
		case m.chance(0.05):
			m.o.Attachments = append(m.o.Attachments, &incidentio.Attachment{
				ID: m.id(at), Incident: i.ID, ResourceType: "sentry_issue",
				ExternalID: fmt.Sprint(i.Number), Permalink: fmt.Sprintf("https://sentry.shop.example/issues/%d", i.Number), Title: i.Name,
			})
		case m.chance(0.02):
			m.o.Attachments = append(m.o.Attachments, &incidentio.Attachment{ID: m.id(at), Incident: i.ID, ResourceType: "scrubbed", ExternalID: "scrubbed", Title: "scrubbed"})
		}
	}
}
