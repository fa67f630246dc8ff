package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"fourfold/internal/pipeline"
	"fourfold/internal/render"
)

func newStatus(o *options) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "status",
		Short: "Say how the last runs went, and how fresh each stream is",
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := o.load()
			if err != nil {
				return err
			}
			s, err := pipeline.ReadStatus(a.data())
			if err != nil {
				return err
			}
			switch format {
			case "json":
				e := json.NewEncoder(a.out)
				e.SetIndent("", "  ")
				return e.Encode(s)
			case "text":
				return writeStatus(a.out, s, a.cfg.Timezone.Location)
			default:
				return usageError{fmt.Errorf("--format %q is not known: use text or json", format)}
			}
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

func writeStatus(w io.Writer, s pipeline.Status, zone *time.Location) error {
	local := func(t time.Time) string {
		if t.IsZero() {
			return "never"
		}
		return t.In(zone).Format("2006-01-02 15:04:05 MST")
	}
	if s.Sync == nil && s.Build == nil {
		_, err := fmt.Fprintln(w, "Nothing has run yet: `fourfold run` does the first round.")
		return err
	}
	if x := s.Sync; x != nil {
		fmt.Fprintf(w, "Last sync:  %s, %s in %.1f s (run %s)\n", local(x.FinishedAt), x.Outcome, x.FinishedAt.Sub(x.StartedAt).Seconds(), x.RunID)
		if x.Error != "" {
			fmt.Fprintf(w, "            %s\n", x.Error)
		}
		for _, warning := range x.Warnings {
			fmt.Fprintf(w, "Warning:    %s\n", warning)
		}
	}
	switch b := s.Build; {
	case b != nil:
		fmt.Fprintf(w, "Published:  build %s as of %s (%.1f s)\n", b.ID, local(b.AsOf), b.Seconds)
	default:
		fmt.Fprintln(w, "Published:  nothing yet: `fourfold build` makes the first build")
	}
	if f := s.Failure; f != nil {
		fmt.Fprintf(w, "Build failed at %s; what was published before stays: %s\n", local(f.At), f.Error)
	}
	fmt.Fprintln(w)
	columns := []string{"stream", "status", "fresh as of", "live", "read", "added", "gone", "set aside", "requests"}
	var failed reasons
	aside := int64(0)
	rows := func(yield func([]any, error) bool) {
		for _, name := range slices.Sorted(maps.Keys(s.Streams)) {
			x := s.Streams[name]
			aside += x.SetAside
			if x.Error != "" {
				failed.add(name, x.Error)
			}
			if !yield([]any{name, x.Status, local(x.FreshAt), x.Live, x.RowsRead, x.Added, x.Tombstones, x.SetAside, x.Requests}, nil) {
				return
			}
		}
	}
	if err := render.Rows(w, "table", columns, rows, 0); err != nil {
		return err
	}
	for _, line := range failed.lines() {
		fmt.Fprintln(w, line)
	}
	if aside > 0 {
		fmt.Fprintln(w, `Why objects were set aside: fourfold sql "select object_id, detail from data_quality where rule = 'rejected'"`)
	}
	for _, b := range s.Budgets {
		if b.Bucket == "" {
			fmt.Fprintf(w, "API budget of %s: %d of %d requests left at %s\n", b.Source, b.Remaining, b.Limit, local(b.At))
			continue
		}
		fmt.Fprintf(w, "API budget of %s (%s): %d of %d points left at %s", b.Source, b.Bucket, b.Remaining, b.Limit, local(b.At))
		if b.Allowed > 0 {
			fmt.Fprintf(w, "; %d of the %d allowed until %s are spent", b.Spent, b.Allowed, local(b.Reset))
		}
		fmt.Fprintln(w)
	}
	return nil
}
