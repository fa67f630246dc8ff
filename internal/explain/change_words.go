package explain

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Write says it in words, with instants in a time zone.
func (c *Change) Write(w io.Writer, zone *time.Location) error {
	p := &page{zone: zone}
	p.printf("%s  %s\n", c.ID, orNone(c.Title))
	if c.URL != "" {
		p.printf("%s\n", c.URL)
	}
	p.printf("\n%s in %s", strings.ReplaceAll(c.Kind, "_", " "), c.Repository)
	if c.Bot {
		p.printf(", by a bot")
	}
	if c.MergeSHA != "" {
		p.printf(", merged as commit %s", c.MergeSHA)
	}
	if c.Asked != "" && c.Asked != c.MergeSHA && c.Asked != c.SHA {
		p.printf("\n%s, which was asked for, is a commit of it", c.Asked)
	}
	p.printf("\n\n")
	c.writePhases(p)
	for _, s := range c.Services {
		c.writeService(p, s)
	}
	p.section(fmt.Sprintf("commits that were shipped (%d)", c.CommitCount), len(c.Commits), func(n int) string {
		m := c.Commits[n]
		lead := "lead time " + seconds(m.LeadTime)
		if !m.Counted {
			lead = m.Exclusion
		}
		return fmt.Sprintf("%s  authored %s, service %s, by %s  (%s)", short(m.SHA), p.local(m.AuthoredAt), m.Service, orNone(m.DeploymentID), lead)
	})
	p.measures(c.Measures)
	p.findings(c.Findings)
	return p.writeTo(w)
}

// writePhases says when what happened, up to the merge.
func (c *Change) writePhases(p *page) {
	for _, m := range []struct {
		name    string
		at      *time.Time
		unknown string
	}{
		{"first commit", c.FirstCommitAt, "unknown: no commit of its branch is known"},
		{"opened", c.OpenedAt, ""},
		{"first review", c.FirstReviewAt, "none by somebody else"},
		{"merged", c.MergedAt, ""},
	} {
		switch {
		case m.at != nil && c.Kind == "commit":
			p.printf("%-14s%s\n", "authored", p.local(m.at))
		case m.at != nil:
			p.printf("%-14s%s\n", m.name, p.local(m.at))
		case m.unknown != "" && c.Kind != "commit":
			p.printf("%-14s%s\n", m.name, m.unknown)
		}
	}
}

// start is where the lead time starts (C4), and what that is.
func (c *Change) start() (at *time.Time, basis string) {
	switch {
	case c.Kind == "commit":
		return c.FirstCommitAt, "the commit was authored"
	case c.FirstCommitAt == nil:
		return c.OpenedAt, "it was opened; no commit of its branch is known"
	case c.OpenedAt == nil || !c.OpenedAt.Before(*c.FirstCommitAt):
		return c.FirstCommitAt, "its first commit, which is no later than its opening"
	}
	return c.OpenedAt, "it was opened, before its first commit"
}

func (c *Change) writeService(p *page, s ChangeService) {
	p.printf("\nservice %s\n", withTeam(s.Service, s.Team))
	if s.Counted {
		p.printf("  It counts (C4).\n")
	} else {
		p.printf("  It does not count: %s.\n", s.Exclusion)
	}
	if s.DeploymentID == "" {
		p.printf("  No production deployment that is known has shipped it.\n")
		return
	}
	deployment := fmt.Sprintf("deployed by %s to %s", s.DeploymentID, orNone(s.Environment))
	if s.DeployedSHA != "" {
		deployment += ", commit " + short(s.DeployedSHA)
	}
	if s.DeployedAt != nil {
		deployment += ", finished " + p.local(s.DeployedAt)
	}
	p.printf("  %s\n", deployment)
	what := "its merge commit"
	if c.Kind == "commit" {
		what = "it"
	}
	if s.DeployedAt != nil {
		p.printf("  that one, being the earliest production deployment of %s whose commit reaches %s (C1, C7)\n", s.Service, what)
	}
	from, basis := c.start()
	switch {
	case s.LeadTime != nil && from != nil:
		p.printf("  lead time %s = deployed − start\n", seconds(s.LeadTime))
		p.printf("    start %s: %s (C4)\n", p.local(from), basis)
	default:
		p.printf("  lead time: none\n")
	}
	for _, phase := range []struct {
		name, from string
		is         *int64
	}{{"coding", "start to opened", s.Coding}, {"review", "opened to merged", s.Review}, {"deploy", "merged to deployed", s.Deploy}} {
		if phase.is != nil {
			p.printf("    %s %s, %s\n", phase.name, seconds(phase.is), phase.from)
		}
	}
}
