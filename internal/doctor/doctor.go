// Package doctor looks whether what a configuration names is there and may be used: the data directory, dbt, the
// sources' streams, the published build. It changes nothing and lands nothing. What it finds wrong says how to mend it.
package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"fourfold/internal/render"
)

// Status is how a check ended.
type Status string

// The ends of a check. What is Skipped could not be looked at, because of something else that is said.
const (
	OK      Status = "ok"
	Warn    Status = "warn"
	Fail    Status = "fail"
	Skipped Status = "skipped"
)

// Check is one thing that was looked at.
type Check struct {
	Area   string `json:"area"` // configuration, data, dbt, a source, build
	Name   string `json:"name"`
	Status Status `json:"status"`
	Detail string `json:"detail"`
	Fix    string `json:"fix"`
}

// Report is what was looked at, in order.
type Report struct{ Checks []Check }

// Add notes a check.
func (r *Report) Add(all ...Check) { r.Checks = append(r.Checks, all...) }

// Note notes how something went: an error is its own detail, and says itself how it is mended.
func (r *Report) Note(area, name, detail string, err error) {
	if err != nil {
		r.Add(Check{area, name, Fail, err.Error(), ""})
		return
	}
	r.Add(Check{area, name, OK, detail, ""})
}

// Count gives how many checks ended in a way.
func (r *Report) Count(s Status) int {
	n := 0
	for _, c := range r.Checks {
		if c.Status == s {
			n++
		}
	}
	return n
}

// marks are how the ends of checks are shown.
var marks = map[Status]string{OK: "ok", Warn: "WARN", Fail: "FAIL", Skipped: "—"}

// Write says it in words, a line a check, and what to do below it.
func (r *Report) Write(w io.Writer) error {
	width := 0
	for _, c := range r.Checks {
		width = max(width, render.Width(c.Area+"  "+c.Name))
	}
	for _, c := range r.Checks {
		name := c.Area + "  " + c.Name
		detail := render.Line(c.Detail)
		if detail == "" {
			detail = string(c.Status)
		}
		if _, err := fmt.Fprintf(w, "%-4s  %s%s  %s\n", marks[c.Status], name, strings.Repeat(" ", width-render.Width(name)), detail); err != nil {
			return err
		}
		if c.Fix == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "      %s  -> %s\n", strings.Repeat(" ", width), render.Line(c.Fix)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\n%d ok, %d warnings, %d failed\n", r.Count(OK), r.Count(Warn), r.Count(Fail))
	return err
}

// WriteJSON writes one array of objects.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(append([]Check{}, slices.Clone(r.Checks)...))
}
