package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"fourfold/internal/pipeline"
	"fourfold/internal/render"
	"fourfold/internal/watch"
)

func newStatus(o *options) *cobra.Command {
	var format string
	var check bool
	c := &cobra.Command{
		Use:   "status",
		Short: "Say how the last runs went, how fresh each stream is, and which goals are missed",
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := o.load()
			if err != nil {
				return err
			}
			s, err := pipeline.ReadStatus(a.data())
			if err != nil {
				return err
			}
			problems, err := a.problems(cmd.Context(), s)
			if err != nil {
				return err
			}
			switch format {
			case "json":
				e := json.NewEncoder(a.out)
				e.SetEscapeHTML(false)
				e.SetIndent("", "  ")
				err = e.Encode(struct {
					pipeline.Status
					Problems []watch.Problem `json:"problems"`
				}{s, problems})
			case "text":
				err = writeStatus(a.out, s, problems, a.cfg.Timezone.Location)
			default:
				return usageError{fmt.Errorf("--format %q is not known: use text or json", format)}
			}
			if err == nil && check && len(problems) > 0 {
				err = fmt.Errorf("status: %s", render.Count(len(problems), "problem"))
			}
			return err
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	c.Flags().BoolVar(&check, "check", false, "end with exit code 1 if a goal is missed, data is not fresh, or a check fails")
	return c
}

// problems are what the published build and the last runs have that somebody should know.
func (a *app) problems(ctx context.Context, s pipeline.Status) (out []watch.Problem, err error) {
	if s.Build == nil {
		return watch.Find(ctx, a.cfg, s, nil, now())
	}
	r, err := newPublished(ctx, a)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.reader.Close()) }()
	out, askErr := watch.Find(ctx, a.cfg, s, r, now())
	if askErr == nil || ctx.Err() != nil {
		return out, askErr
	}
	// How the runs went is worth saying all the same.
	out, err = watch.Find(ctx, a.cfg, s, nil, now())
	return append(out, watch.Problem{Kind: "check", Name: "published build", Detail: "cannot be asked: " + askErr.Error()}), err
}

func writeStatus(w io.Writer, s pipeline.Status, problems []watch.Problem, zone *time.Location) error {
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
	for _, p := range problems {
		switch p.Kind { // builds that failed stand above, and streams that did are told below
		case "goal":
			fmt.Fprintf(w, "Goal:       %s %s\n", p.Name, render.Line(p.Detail))
		case "freshness":
			if s.Streams[p.Name].Error == "" {
				fmt.Fprintf(w, "Not fresh:  %s %s\n", p.Name, render.Line(p.Detail))
			}
		case "check":
			fmt.Fprintf(w, "Check:      %s: %s\n", p.Name, render.Line(p.Detail))
		}
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
