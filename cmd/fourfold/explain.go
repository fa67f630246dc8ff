package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fourfold/internal/config"
	"fourfold/internal/explain"
	"fourfold/load"
	"fourfold/load/duckdb"
)

// explained are the things that explain knows.
var explained = []string{"incident", "deployment", "change"}

func newExplain(o *options) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "explain incident|deployment|change ID",
		Short: "Say what made a number: every timestamp, rule and link",
		Long: `Say what made the numbers of an incident, a deployment or a change: every timestamp, rule and link.

  explain incident ID    its id, its reference (INC-123) or its number
  explain deployment ID  our id (deployments:123), the number or address that GitHub has for it, an alias, or at least
                         7 digits of its commit
  explain change ID      a merged pull request (acme/api#123, or its address), or a commit (acme/api@1a2b3c4, or at least
                         7 digits of its hash)`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(explained, args[0]) {
				return usageError{fmt.Errorf("explain %s: this version explains %s: `fourfold explain incident INC-123`", args[0], strings.Join(explained, ", "))}
			}
			if format != "text" && format != "json" {
				return usageError{fmt.Errorf("--format %q is not known: use text or json", format)}
			}
			a, err := o.load()
			if err != nil {
				return err
			}
			return a.explain(cmd.Context(), args[0], args[1], format)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

// explanation is what can be said of an object.
type explanation interface {
	Write(w io.Writer, zone *time.Location) error
}

func (a *app) explain(ctx context.Context, kind, id, format string) (err error) {
	r, err := newPublished(ctx, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.reader.Close()) }()
	var e explanation
	switch kind {
	case "deployment":
		e, err = explain.FindDeployment(ctx, r, id)
	case "change":
		e, err = explain.FindChange(ctx, r, id)
	default:
		e, err = explain.FindIncident(ctx, r, id, a.rules())
	}
	if err != nil {
		return err
	}
	if format == "json" {
		j := json.NewEncoder(a.out)
		j.SetEscapeHTML(false)
		j.SetIndent("", "  ")
		return j.Encode(e)
	}
	return e.Write(a.out, a.cfg.Timezone.Location)
}

// rules are the configured ones that an incident's numbers and links are made by.
func (a *app) rules() explain.Rules {
	m := a.cfg.Metrics
	return explain.Rules{
		Start: m.Restore.Start, End: m.Restore.End, Acknowledge: m.Acknowledge, CauseField: m.CauseField,
		FailureWindow: m.FailureWindow.String(), FailureWindowOff: m.FailureWindow.Off, AnyService: m.Unattributed == config.UnattributedAny,
	}
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
