package explain

import (
	"fmt"
	"io"
	"strings"
	"time"

	"fourfold/internal/render"
)

// page collects an explanation in words, with instants in a time zone.
type page struct {
	strings.Builder
	zone *time.Location
}

// printf writes words around other people's text, which stays on its line and does not steer the terminal.
func (p *page) printf(format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = render.Line(s)
		}
	}
	fmt.Fprintf(p, format, args...)
}

// local writes an instant; one that has not come yet is said so.
func (p *page) local(t *time.Time) string {
	if t == nil {
		return "not yet"
	}
	return t.In(p.zone).Format("2006-01-02 15:04:05.999999 MST")
}

// section writes a title and its lines, or nothing if there are none.
func (p *page) section(title string, n int, line func(int) string) {
	if n == 0 {
		return
	}
	p.printf("\n%s\n", title)
	for i := range n {
		p.printf("  %s\n", line(i))
	}
}

func (p *page) measures(all []Measure) {
	p.section("what it gives the metrics", len(all), func(n int) string {
		m := all[n]
		value := "—"
		switch {
		case m.Value != nil:
			value = render.Text(*m.Value)
		case m.Numerator != nil && m.Denominator != nil:
			value = fmt.Sprintf("%d of %d", *m.Numerator, *m.Denominator)
		}
		return fmt.Sprintf("%-42s %12s  on %s  service %s  %s", m.Metric, value, m.LocalDate, orNone(m.Service), m.Rule)
	})
}

func (p *page) findings(all []Finding) {
	p.section("findings", len(all), func(n int) string {
		return fmt.Sprintf("%s: %s: %s", all[n].Severity, all[n].Rule, all[n].Detail)
	})
}

// writeTo gives the words away, line by line and without blanks at their ends.
func (p *page) writeTo(w io.Writer) error {
	for line := range strings.Lines(p.String()) {
		if _, err := io.WriteString(w, strings.TrimRight(line, " \n")+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// seconds writes a duration as seconds and in words.
func seconds(n *int64) string {
	if n == nil {
		return "none yet"
	}
	return fmt.Sprintf("%d s (%s)", *n, time.Duration(*n)*time.Second)
}

// short is the beginning of a commit's hash, as people know it.
func short(sha string) string { return sha[:min(len(sha), 7)] }

// withTeam is a service and its team.
func withTeam(service, team string) string { return strings.TrimSuffix(service+" ("+team+")", " ()") }
