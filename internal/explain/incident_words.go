package explain

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Write says it in words, with instants in a time zone.
func (i *Incident) Write(w io.Writer, zone *time.Location) error {
	p := &page{zone: zone}
	p.printf("%s  %s\n", i.Reference, orNone(i.Name))
	if i.Permalink != "" {
		p.printf("%s\n", i.Permalink)
	}
	p.printf("\n")
	p.printf("mode %s, severity %s, type %s, status %s (%s)\n", i.Mode, orNone(i.Severity), orNone(i.IncidentType), i.Status, i.StatusCategory)
	if i.Counted {
		p.printf("It counts (I1, I2, I3 and I7 let it).\n")
	} else {
		p.printf("It does not count: %s.\n", i.Exclusion)
	}
	var services []string
	for _, s := range i.Services {
		services = append(services, withTeam(s.Service, s.Team))
	}
	p.printf("services: %s\n\n", orNone(strings.Join(services, ", ")))
	for _, m := range []struct {
		name string
		Moment
	}{{"start", i.Start}, {"acknowledged", i.Acknowledged}, {"end", i.End}} {
		p.printf("%-14s%s", m.name, p.local(m.At))
		if m.Basis != "" {
			p.printf(", by %s", m.Basis)
		}
		if m.Rule == "I5" {
			p.printf("  (I5: it was reopened %s, so status history decides)\n", times(i.ReopenedCount))
			continue
		}
		p.printf("  (%s: the first present of %s)\n", m.Rule, strings.Join(m.Order, ", "))
	}
	p.printf("\ntime to acknowledge  %s  = acknowledged − start\n", seconds(i.Acknowledge))
	p.printf("time to restore      %s  = end − start (R3)\n", seconds(i.Restore))
	p.section("durations (metrics.durations)", len(i.Durations), func(n int) string {
		d := i.Durations[n]
		if d.Seconds == nil {
			return fmt.Sprintf("%-20s none: it would be negative (C5), from %s to %s", d.Duration, p.local(d.From), p.local(d.To))
		}
		return fmt.Sprintf("%-20s %s, from %s to %s", d.Duration, seconds(d.Seconds), p.local(d.From), p.local(d.To))
	})
	p.section("timestamps", len(i.Timestamps), func(n int) string {
		return fmt.Sprintf("%s  %s", p.local(&i.Timestamps[n].At), i.Timestamps[n].Name)
	})
	p.section("status history", len(i.Stays), func(n int) string {
		s := i.Stays[n]
		until := "on"
		if s.EndedAt != nil {
			until = "to " + p.local(s.EndedAt)
		}
		return fmt.Sprintf("%s  %-26s  %s (%s)", p.local(&s.StartedAt), until, s.Status, s.Category)
	})
	p.section("fields", len(i.Fields), func(n int) string { return i.Fields[n].Field + " = " + i.Fields[n].Value })
	i.writeLinks(p)
	p.measures(i.Measures)
	p.findings(i.Findings)
	return p.writeTo(w)
}
