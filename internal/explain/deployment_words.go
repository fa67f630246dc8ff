package explain

import (
	"fmt"
	"io"
	"strings"
	"time"

	"fourfold/internal/render"
)

// Write says it in words, with instants in a time zone.
func (d *Deployment) Write(w io.Writer, zone *time.Location) error {
	p := &page{zone: zone}
	p.printf("%s  %s to %s\n", d.ID, d.Repository, d.Environment)
	if d.URL != "" {
		p.printf("%s\n", d.URL)
	}
	p.printf("\ncommit %s", d.SHA)
	if d.Ref != "" && d.Ref != d.SHA {
		p.printf(", asked for as %s", d.Ref)
	}
	p.printf("\nfrom %s, where it is %s", d.Source, orNone(strings.Join(d.Aliases, ", ")))
	if d.GroupID != "" {
		p.printf(", one deployment with all of group %s (D5)", d.GroupID)
	}
	p.printf("\n\ncreated   %s\n", p.local(d.CreatedAt))
	if d.FinishedAt != nil {
		p.printf("finished  %s  (D1: %s)\n", p.local(d.FinishedAt), finishes[d.Source])
	} else {
		p.printf("finished  never  (D1: it has not succeeded; its status is %s)\n", orNone(d.Status))
	}
	for _, s := range d.Services {
		s.write(p)
	}
	var lines []string
	for _, l := range d.Links {
		counted := ""
		if !l.Counted {
			counted = ", which does not count"
		}
		restored := "not restored yet"
		if l.RestoredAt != nil {
			restored = "restored " + p.local(l.RestoredAt)
		}
		lines = append(lines, fmt.Sprintf("%s  %s%s", l.Reference, orNone(l.Name), counted), fmt.Sprintf("  severity %s, started %s, %s", orNone(l.Severity), p.local(l.StartedAt), restored), "  "+l.words())
		if l.Evidence != "" {
			lines = append(lines, "  "+l.Evidence)
		}
	}
	p.section("incidents", len(lines), func(n int) string { return lines[n] })
	p.measures(d.Measures)
	p.findings(d.Findings)
	return p.writeTo(w)
}

// finishes say what dates a deployment, by its source (D1).
var finishes = map[string]string{
	"deployments":   "its first success status; what came later does not move it",
	"workflow_runs": "the end of its first attempt that succeeded",
	"releases":      "when it was published",
	"tags":          "the tagger's date, or else the commit's",
	"pull_requests": "when it was merged",
	"files":         "finished_at of its row",
}

// kinds say what the kinds mean (D4).
var kinds = map[string]string{
	"baseline": "the first known success here: what it brought is unknown, so it ships no change",
	"forward":  "its commit descends from what was live",
	"redeploy": "its commit was live already",
	"rollback": "its commit is an ancestor of what was live, or was deployed here before it",
}

func (s DeploymentService) write(p *page) {
	p.printf("\nservice %s\n", withTeam(s.Service, s.Team))
	if s.Counted {
		p.printf("  It counts (D1).\n")
	} else {
		p.printf("  It does not count: %s.\n", s.Exclusion)
	}
	fact := func(name, format string, args ...any) { p.printf("  %-10s%s\n", name, fmt.Sprintf(format, args...)) }
	if s.Kind != "" {
		meaning := kinds[s.Kind]
		if s.Diverged {
			meaning = "it does not descend from what was live (is_diverged)"
		}
		fact("kind", "%s  (D4: %s)", s.Kind, meaning)
	}
	if s.Previous != nil {
		fact("previous", "%s  (D3)", s.Previous.words(p))
	}
	if s.Culprit != nil {
		fact("culprit", "%s  (D4: the first forward deployment after the target was last live)", s.Culprit.words(p))
	}
	for _, o := range s.RolledBackBy {
		fact("undone by", "%s, a rollback", o.words(p))
	}
	if s.Kind != "" {
		fact("shipped", "%s, %s  (C1: what no success before it here reached; merge commits are none)", render.Count(s.Commits, "commit"), render.Count(s.Changes, "change"))
	}
	switch {
	case s.Failed:
		fact("failure", "yes  (%s)", s.Failure)
		switch {
		case s.RecoveredAt == nil:
			fact("recovery", "none yet  (R4: something that it caused is not over)")
		case s.Recovery == nil:
			fact("recovery", "none: it was over at %s, before it finished  (C5)", p.local(s.RecoveredAt))
		default:
			fact("recovery", "%s, at %s  (%s)", seconds(s.Recovery), p.local(s.RecoveredAt), s.recoveryRule())
		}
	case s.Counted:
		fact("failure", "no")
	}
	switch {
	case s.Reworked:
		fact("rework", "yes  (%s)", s.Rework)
	case s.Counted:
		fact("rework", "no")
	}
	if len(s.Shipped) == 0 {
		return
	}
	p.printf("  changes that it brought to production first (C7)\n")
	for _, c := range s.Shipped {
		lead := "lead time " + seconds(c.LeadTime)
		if !c.Counted {
			lead = c.Exclusion
		}
		p.printf("    %s  %s  (%s)\n", c.ID, c.Title, lead)
	}
	if more := s.Changes - int64(len(s.Shipped)); more > 0 && len(s.Shipped) == mostShipped {
		p.printf("    and more, up to %d in all\n", s.Changes)
	}
}

// recoveryRule is R1 where an incident decides, R2 where only a rollback does.
func (s DeploymentService) recoveryRule() string {
	if strings.HasPrefix(s.Failure, "F2") {
		return "R2: the rollback's finish − its own"
	}
	return "R1: the last linked restoration − its finish"
}

func (s Sibling) words(p *page) string {
	text := s.ID
	if s.SHA != "" {
		text += ", commit " + short(s.SHA)
	}
	if s.FinishedAt != nil {
		text += ", finished " + p.local(s.FinishedAt)
	}
	return text
}
