package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"fourfold/internal/explain"
	"fourfold/load"
	"fourfold/load/duckdb"
)

func newExplain(o *options) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "explain incident ID",
		Short: "Say what made an incident's numbers: every timestamp and rule",
		Long:  "Say what made an incident's numbers. ID is the incident's id, its reference (INC-123) or its number.",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] != "incident" {
				return usageError{fmt.Errorf("explain %s: this version explains incidents: `fourfold explain incident INC-123`", args[0])}
			}
			if format != "text" && format != "json" {
				return usageError{fmt.Errorf("--format %q is not known: use text or json", format)}
			}
			a, err := o.load()
			if err != nil {
				return err
			}
			return a.explainIncident(cmd.Context(), args[1], format)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

func (a *app) explainIncident(ctx context.Context, id, format string) (err error) {
	r, err := newPublished(ctx, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.reader.Close()) }()
	m := a.cfg.Metrics
	i, err := explain.FindIncident(ctx, r, id, explain.Precedence{Start: m.Restore.Start, End: m.Restore.End, Acknowledge: m.Acknowledge})
	if err != nil {
		return err
	}
	if format == "json" {
		e := json.NewEncoder(a.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(i)
	}
	return i.Write(a.out, a.cfg.Timezone.Location)
}

// published runs queries over the build that was published when it was made.
type published struct {
	reader *duckdb.Reader
	build  string
}

func newPublished(ctx context.Context, a *app) (*published, error) {
	r := duckdb.NewReader(a.data(), a.limits())
	id, err := r.Published(ctx)
	if err != nil {
		return nil, err
	}
	return &published{r, id}, nil
}

func (p *published) Query(ctx context.Context, sql string, args ...any) (*load.Rows, error) {
	return p.reader.Query(ctx, p.build, sql, args...)
}
