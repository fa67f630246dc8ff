package incidentio

import (
	"fmt"
	"slices"
	"time"
)

// NextID makes an id at the server's clock, greater than those made before at the same millisecond.
func (s *Server) NextID() string {
	now := s.clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	return ID(now, s.lastID)
}

// AddIncident adds an incident. What is left empty is filled: id, number, mode, visibility and the times.
func (s *Server) AddIncident(i Incident) *Incident {
	now := s.clock()
	if i.ID == "" {
		i.ID = s.NextID()
	}
	s.org.Edit(func(o *Organisation) {
		if i.Number == 0 {
			for _, x := range o.Incidents {
				i.Number = max(i.Number, x.Number)
			}
			i.Number++
		}
		if i.Mode == "" {
			i.Mode = "standard"
		}
		if i.Visibility == "" {
			i.Visibility = "public"
		}
		if i.CreatedAt.IsZero() {
			i.CreatedAt = now
		}
		if i.UpdatedAt.IsZero() {
			i.UpdatedAt = i.CreatedAt
		}
		o.Incidents = append(o.Incidents, &i)
	})
	return &i
}

// ChangeIncident changes an incident, by id or number, and moves its updated_at to the server's clock.
func (s *Server) ChangeIncident(id string, f func(*Incident)) {
	now := s.clock()
	s.ChangeQuietly(id, func(i *Incident) {
		f(i)
		i.UpdatedAt = now
	})
}

// ChangeQuietly changes an incident and leaves its updated_at alone, as a change of a child or of something embedded does.
func (s *Server) ChangeQuietly(id string, f func(*Incident)) {
	s.org.Edit(func(o *Organisation) { f(must(o.Incident(id), "incident", id)) })
}

// DeleteIncident takes an incident and all that hangs on it away.
func (s *Server) DeleteIncident(id string) {
	s.org.Edit(func(o *Organisation) {
		id := must(o.Incident(id), "incident", id).ID
		o.Incidents = slices.DeleteFunc(o.Incidents, func(i *Incident) bool { return i.ID == id })
		o.Updates = slices.DeleteFunc(o.Updates, func(u *Update) bool { return u.Incident == id })
		o.FollowUps = slices.DeleteFunc(o.FollowUps, func(f *FollowUp) bool { return f.Incident == id })
		o.Attachments = slices.DeleteFunc(o.Attachments, func(a *Attachment) bool { return a.Incident == id })
		o.Postmortems = slices.DeleteFunc(o.Postmortems, func(p *Postmortem) bool { return p.Incident == id })
	})
}

// MakePrivate turns an incident private and moves its updated_at.
func (s *Server) MakePrivate(id string) {
	s.ChangeIncident(id, func(i *Incident) { i.Visibility = "private" })
}

// SetStatus moves an incident into a status, by name, with an update at the server's clock; a move of a closed incident
// into live work reopens it. Named timestamps stay as they are.
func (s *Server) SetStatus(id, statusName, message string) {
	now, updateID := s.clock(), s.NextID()
	s.org.Edit(func(o *Organisation) {
		i := must(o.Incident(id), "incident", id)
		st := must(find(o.Statuses, statusName, func(x *Status) string { return x.Name }), "status", statusName)
		i.Status, i.UpdatedAt = st.ID, now
		o.Updates = append(o.Updates, &Update{
			ID: updateID, Incident: i.ID, Status: st.ID, Message: message,
			Updater: i.Creator, CreatedAt: now,
		})
	})
}

// AddUpdate adds a message to an incident without moving its updated_at.
func (s *Server) AddUpdate(id, message string, at time.Time) {
	updateID := s.NextID()
	s.org.Edit(func(o *Organisation) {
		i := must(o.Incident(id), "incident", id)
		o.Updates = append(o.Updates, &Update{ID: updateID, Incident: i.ID, Status: i.Status, Message: message, Updater: i.Creator, CreatedAt: at})
	})
}

// RenameSeverity renames a severity; every incident shows the new name and none has moved.
func (s *Server) RenameSeverity(from, to string) {
	now := s.clock()
	s.org.Edit(func(o *Organisation) {
		x := must(find(o.Severities, from, func(x *Severity) string { return x.Name }), "severity", from)
		x.Name, x.UpdatedAt = to, now
	})
}

// RenameTimestamp renames the definition of a timestamp.
func (s *Server) RenameTimestamp(from, to string) {
	s.org.Edit(func(o *Organisation) {
		must(find(o.Timestamps, from, func(x *Timestamp) string { return x.Name }), "timestamp", from).Name = to
	})
}

// must gives what is there; a test that names something that is not there is wrong.
func must[T any](x *T, what, name string) *T {
	if x == nil {
		panic(fmt.Sprintf("incidentio fake: the organisation has no %s %q", what, name))
	}
	return x
}
