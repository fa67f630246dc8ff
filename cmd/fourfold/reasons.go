package main

import (
	"fmt"
	"strings"
)

// reasons groups streams by what went wrong with them: streams that failed for one reason, such as a bad key, are one
// line. Reasons stand in the order in which they were first met.
type reasons struct {
	order []string
	names map[string][]string
}

// add notes that a stream failed for a reason.
func (r *reasons) add(stream, reason string) {
	if r.names == nil {
		r.names = map[string][]string{}
	}
	if r.names[reason] == nil {
		r.order = append(r.order, reason)
	}
	r.names[reason] = append(r.names[reason], stream)
}

// lines gives a line for each reason: the streams, then the reason.
func (r *reasons) lines() []string {
	var out []string
	for _, reason := range r.order {
		out = append(out, fmt.Sprintf("%s: %s", strings.Join(r.names[reason], ", "), reason))
	}
	return out
}
