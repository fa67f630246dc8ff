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
	"github.com/spf13/pflag"

	"fourfold/dashboards"
	"fourfold/internal/config"
	"fourfold/internal/explain"
	"fourfold/load"
)

// explained are the things that explain knows.
var explained = []string{"incident", "deployment", "change", "metric"}

// metricFlags narrow an explained metric; dates are YYYY-MM-DD in the configured time zone.
type metricFlags struct {
	period, start, from, to                          string
	service, team, repository, severity, kind, field string
	limit                                            int
}

func newExplain(o *options) *cobra.Command {
	var format string
	var f metricFlags
	c := &cobra.Command{
		Use:   "explain incident|deployment|change|metric ID",
		Short: "Say what made a number: every timestamp, rule, link and row",
		Long: `Say what made the numbers of an incident, a deployment or a change: every timestamp, rule and link. Or what made a
metric: the rows in its numerator and denominator, what is left out and by which rule, and how the value comes of them.

  explain incident ID    its id, its reference (INC-123) or its number
  explain deployment ID  our id (deployments:123), the number or address that its source has for it, an alias, or at least
                         7 digits of its commit
  explain change ID      a merged pull request (acme/api#123, or its address), or a commit (acme/api@1a2b3c4, or at least
                         7 digits of its hash)
  explain metric NAME    a metric of dim_metrics, such as change_failure_rate: of the last 90 days, of a --period (the one
                         that --start is in, or the present one), or of the days --from to --to`,
		Example: `  fourfold explain metric change_failure_rate --period week --start 2026-11-02 --service api
  fourfold explain metric time_to_restore_median_seconds --period month --field "Product=API" --format json`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(explained, args[0]) {
				return usageError{fmt.Errorf("explain %s: this version explains %s: `fourfold explain incident INC-123`", args[0], strings.Join(explained, ", "))}
			}
			if format != "text" && format != "json" {
				return usageError{fmt.Errorf("--format %q is not known: use text or json", format)}
			}
			if args[0] != "metric" {
				var misplaced error
				cmd.Flags().Visit(func(x *pflag.Flag) {
					if _, mine := metricFlagNames[x.Name]; mine && misplaced == nil {
						misplaced = usageError{fmt.Errorf("--%s is for explain metric only", x.Name)}
					}
				})
				if misplaced != nil {
					return misplaced
				}
			}
			var empty error
			cmd.Flags().Visit(func(x *pflag.Flag) {
				if _, mine := metricFlagNames[x.Name]; mine && x.Value.String() == "" && empty == nil {
					empty = usageError{fmt.Errorf("--%s is empty: give it a value, or leave it out", x.Name)}
				}
			})
			if empty != nil {
				return empty
			}
			req, err := f.request(args[1])
			if err != nil {
				return usageError{err}
			}
			a, err := o.load()
			if err != nil {
				return err
			}
			return a.explain(cmd.Context(), args[0], args[1], req, f.limit, format)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	c.Flags().StringVar(&f.period, "period", "", metricFlagNames["period"])
	c.Flags().StringVar(&f.start, "start", "", metricFlagNames["start"])
	c.Flags().StringVar(&f.from, "from", "", metricFlagNames["from"])
	c.Flags().StringVar(&f.to, "to", "", metricFlagNames["to"])
	c.Flags().StringVar(&f.service, "service", "", metricFlagNames["service"])
	c.Flags().StringVar(&f.team, "team", "", metricFlagNames["team"])
	c.Flags().StringVar(&f.repository, "repository", "", metricFlagNames["repository"])
	c.Flags().StringVar(&f.severity, "severity", "", metricFlagNames["severity"])
	c.Flags().StringVar(&f.kind, "type", "", metricFlagNames["type"])
	c.Flags().StringVar(&f.field, "field", "", metricFlagNames["field"])
	c.Flags().IntVar(&f.limit, "limit", explain.MostRows, metricFlagNames["limit"])
	return c
}

// metricFlagNames are the flags that only explain metric has, and what they mean.
var metricFlagNames = map[string]string{
	"period":     "metric: day, week, month, quarter or year",
	"start":      "metric: any day of the period, YYYY-MM-DD",
	"from":       "metric: the first day, YYYY-MM-DD",
	"to":         "metric: the last day, YYYY-MM-DD",
	"service":    "metric: of one service",
	"team":       "metric: of one team",
	"repository": "metric: of one repository; delivery metrics only",
	"severity":   "metric: of one severity; incident metrics only",
	"type":       "metric: of one incident type; incident metrics only",
	"field":      "metric: of one value of a custom field, NAME=VALUE; incident metrics only",
	"limit":      "metric: rows shown of each list as text; 0 is all",
}

// request reads the flags.
func (f metricFlags) request(name string) (explain.MetricRequest, error) {
	req := explain.MetricRequest{
		Metric: name, Period: strings.ToLower(f.period), Service: f.service, Team: f.team, Repository: f.repository, Severity: f.severity, IncidentType: f.kind,
	}
	for _, d := range []struct {
		flag, text string
		to         *time.Time
	}{{"start", f.start, &req.Start}, {"from", f.from, &req.From}, {"to", f.to, &req.To}} {
		if d.text == "" {
			continue
		}
		t, err := time.Parse(time.DateOnly, d.text)
		if err != nil {
			return req, fmt.Errorf("--%s %q is not a date: write e.g. 2026-11-02", d.flag, d.text)
		}
		*d.to = t
	}
	if f.field != "" {
		field, value, ok := strings.Cut(f.field, "=")
		if !ok || field == "" || value == "" {
			return req, fmt.Errorf("--field %q is not NAME=VALUE: write e.g. --field \"Product=API\"", f.field)
		}
		req.Field, req.FieldValue = strings.TrimSpace(field), strings.TrimSpace(value)
	}
	if f.limit < 0 {
		return req, fmt.Errorf("--limit %d: write 0 for all, or a number of rows", f.limit)
	}
	return req, nil
}

// explanation is what can be said of an object.
type explanation interface {
	Write(w io.Writer, zone *time.Location) error
}

func (a *app) explain(ctx context.Context, kind, id string, req explain.MetricRequest, limit int, format string) (err error) {
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
	case "metric":
		var m *explain.Metric
		if m, err = explain.FindMetric(ctx, r, req); err == nil {
			e = metricText{m, limit}
		}
	default:
		e, err = explain.FindIncident(ctx, r, id, a.rules())
	}
	var request explain.RequestError
	if errors.As(err, &request) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	if format == "json" {
		if m, ok := e.(metricText); ok {
			return writeJSON(a.out, m.Metric)
		}
		return writeJSON(a.out, e)
	}
	return e.Write(a.out, a.cfg.Timezone.Location)
}

func writeJSON(w io.Writer, v any) error {
	j := json.NewEncoder(w)
	j.SetEscapeHTML(false)
	j.SetIndent("", "  ")
	return j.Encode(v)
}

// metricText writes a metric in the time zone that it was made in.
type metricText struct {
	*explain.Metric
	limit int
}

func (m metricText) Write(w io.Writer, _ *time.Location) error { return m.Metric.Write(w, m.limit) }

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
	reader reader
	build  string
	engine dashboards.Engine
}

func newPublished(ctx context.Context, a *app) (*published, error) {
	r, err := a.engine.Reader(ctx)
	if err != nil {
		return nil, err
	}
	id, err := r.Published(ctx)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return &published{r, id, a.engine.Engine()}, nil
}

func (p *published) Engine() dashboards.Engine { return p.engine }

func (p *published) Query(ctx context.Context, sql string, args ...any) (*load.Rows, error) {
	return p.reader.Query(ctx, p.build, sql, args...)
}
