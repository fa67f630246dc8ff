package redash

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Verb is what is done to an object.
type Verb string

// The verbs.
const (
	Create Verb = "create"
	Update Verb = "update"
	Skip   Verb = "skip" // it is as it should be
	Delete Verb = "delete"
	Run    Verb = "run" // a query, so that there is something to see
)

var verbs = []Verb{Create, Update, Delete, Run, Skip}

// Action is something done, or to be done in a dry run.
type Action struct {
	Verb    Verb
	Kind    string // query, visualization, dashboard, widget
	Key     string
	Name    string
	Changes []string // what differs, of an update
}

// Report is what a run did, or would do.
type Report struct {
	DryRun  bool
	Server  string // version
	Actions []Action
	// Left are objects that carry our tags and are another user's: copies that somebody made, or what another key made.
	Left []string
	// Failed are queries that did not run, and why.
	Failed []string
	// Dashboards are the ids of the dashboards by their keys; without those that a dry run would make.
	Dashboards map[string]int

	progress func(Action)
}

func (r *Report) did(v Verb, kind, key, name string, changes ...string) {
	r.Actions = append(r.Actions, Action{v, kind, key, name, changes})
	if r.progress != nil {
		r.progress(r.Actions[len(r.Actions)-1])
	}
}

// Count is how often something is done.
func (r *Report) Count(v Verb) int {
	n := 0
	for _, a := range r.Actions {
		if a.Verb == v {
			n++
		}
	}
	return n
}

// Changed reports whether anything differs from what is wanted.
func (r *Report) Changed() bool {
	return slices.ContainsFunc(r.Actions, func(a Action) bool { return a.Verb != Skip })
}

// Write says what was done, a line each, and ends with the counts.
func (r *Report) Write(w io.Writer) error {
	var b strings.Builder
	for _, a := range r.Actions {
		if a.Verb == Skip {
			continue
		}
		fmt.Fprintf(&b, "%-6s  %-13s  %s (%s)", a.Verb, a.Kind, a.Name, a.Key)
		if a.Changes != nil {
			fmt.Fprintf(&b, ": %s", strings.Join(a.Changes, ", "))
		}
		b.WriteString("\n")
	}
	for _, l := range r.Left {
		fmt.Fprintf(&b, "left    %s\n", l)
	}
	for _, f := range r.Failed {
		fmt.Fprintf(&b, "failed  %s\n", f)
	}
	var counts []string
	for _, v := range verbs {
		counts = append(counts, fmt.Sprintf("%d to %s", r.Count(v), v))
	}
	text := strings.Join(counts, ", ")
	switch {
	case r.DryRun:
		fmt.Fprintf(&b, "dry run, nothing written: %s\n", text)
	case r.Changed():
		past := map[Verb]string{Create: "created", Update: "updated", Delete: "deleted", Run: "run", Skip: "as they were"}
		counts = nil
		for _, v := range verbs {
			counts = append(counts, fmt.Sprintf("%d %s", r.Count(v), past[v]))
		}
		fmt.Fprintf(&b, "done: %s\n", strings.Join(counts, ", "))
	default:
		fmt.Fprintf(&b, "nothing to do: all %d objects are as they should be\n", r.Count(Skip))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
