package main

import (
	"fmt"
	"regexp"
	"strings"
)

// reasons groups streams by what went wrong with them: streams that failed for one reason, such as a bad key or a quota
// that is spent, are one line. Reasons stand in the order in which they were first met.
type reasons struct {
	order []string
	names map[string][]string
}

// ownName is how an error begins that says which stream of which source it is of.
var ownName = regexp.MustCompile(`^[a-z]+: read [a-z_]+: `)

// add notes that a stream failed for a reason. The reason need not name the stream: the line does.
func (r *reasons) add(stream, reason string) {
	reason = ownName.ReplaceAllString(reason, "")
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
