package doctor

import (
	"fmt"
	"strings"

	"fourfold/internal/pipeline"
)

// Reconciled says of each stream whether its ledger is what its source has.
func Reconciled(all []pipeline.Reconciliation) []Check {
	var out []Check
	for _, r := range all {
		c := Check{Area: r.Source, Name: r.Stream, Status: OK}
		switch {
		case r.Error != "":
			c.Status, c.Detail = Fail, "could not be compared: "+r.Error
			out = append(out, c)
			continue
		case !r.Same():
			c.Status = Fail
			c.Fix = fmt.Sprintf("fourfold sync --source %s --stream %s --full reads it whole; what stays different then is a mistake: tell us", r.Source, r.Stream)
		}
		parts := []string{fmt.Sprintf("the source has %d, the ledger %d", *r.SourceCount, *r.LedgerCount)}
		add := func(n int64, words string) {
			if n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, words))
			}
		}
		add(r.SetAside, "set aside")
		add(r.Withheld, "kept out by the privacy policy")
		add(r.Missing, "missing")
		if r.Extra != nil {
			add(*r.Extra, "not at the source")
		}
		add(r.Changed, "different")
		add(r.Newer, "of these changed since the last sync")
		if len(r.Examples) > 0 {
			var names []string
			for _, e := range r.Examples {
				names = append(names, e.Kind+" "+e.ID)
			}
			parts = append(parts, strings.Join(names, ", "))
		}
		c.Detail = strings.Join(parts, "; ")
		out = append(out, c)
	}
	return out
}
