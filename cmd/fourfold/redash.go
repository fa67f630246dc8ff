package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fourfold/dashboards"
	"fourfold/dashboards/redash"
	"fourfold/internal/config"
)

// redashFlags are what the command line says of a Redash server, over the configuration.
type redashFlags struct {
	url, dataSource string
	dryRun          bool
	refresh, wait   time.Duration
}

func newRedash(o *options) *cobra.Command {
	var f redashFlags
	c := &cobra.Command{
		Use:   "redash",
		Short: "Create and update the dashboards on a Redash server",
		Long: `Create and update queries, visualizations and dashboards on a Redash server (10.0 or later), for a data source of type BigQuery
or DuckDB that has the published marts. The key is redash.api_key; what is made belongs to its user.

A second run changes nothing. What this did not make is not touched; what it made and the catalogue no longer has is
archived. With --dry-run it says what it would do, and writes nothing.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := o.load()
			if err != nil {
				return err
			}
			return a.redash(cmd.Context(), f)
		},
	}
	c.Flags().StringVar(&f.url, "url", "", "address of the server, with its organisation if it has several (default redash.url)")
	c.Flags().StringVar(&f.dataSource, "data-source", "", "name of its data source (default redash.data_source)")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what would be created, updated and deleted, and write nothing")
	c.Flags().DurationVar(&f.refresh, "refresh", time.Hour, "time between runs of each query, in whole minutes; 0 is no schedule")
	c.Flags().DurationVar(&f.wait, "wait", 2*time.Minute, "longest that one query may take to run")
	return c
}

func (a *app) redash(ctx context.Context, f redashFlags) error {
	if !redash.Refreshes(f.refresh) {
		return usageError{fmt.Errorf("--refresh %s is no time between runs: write whole minutes from 1m to 720h, or 0 for no schedule", f.refresh)}
	}
	if f.wait <= 0 {
		return usageError{errors.New("--wait must be above 0")}
	}
	if f.url != "" {
		a.cfg.Redash.URL = config.URL(strings.TrimRight(f.url, "/"))
	}
	if f.dataSource != "" {
		a.cfg.Redash.DataSource = f.dataSource
	}
	if err := a.cfg.Use(config.UseRedash); err != nil {
		return err
	}
	key, err := a.cfg.Redash.APIKey.Reveal()
	if err != nil {
		return err
	}
	a.redactor.Add(key)
	client, err := redash.NewClient(string(a.cfg.Redash.URL), key)
	if err != nil {
		return usageError{err}
	}
	catalogue, err := dashboards.LoadCatalogue()
	if err != nil {
		return err
	}
	report, err := redash.Provision(ctx, client, redash.Request{
		Catalogue: catalogue, DataSource: a.cfg.Redash.DataSource, Marts: a.redashMarts, Copy: string(a.cfg.Redash.DuckDBCopy), Language: string(a.cfg.Dashboard.Language), Refresh: f.refresh,
		DryRun: f.dryRun, Patience: f.wait, People: a.cfg.Privacy.People == config.IncludePeople,
		Progress: func(done redash.Action) {
			if !f.dryRun && done.Verb != redash.Skip && (done.Kind == "query" || done.Kind == "dashboard") {
				a.log.Info("redash: "+string(done.Verb)+" "+done.Kind, "key", done.Key)
			}
		},
	})
	if len(report.Actions) > 0 {
		err = errors.Join(report.Write(a.out), err)
	}
	if errors.Is(err, redash.ErrDataSource) {
		return usageError{fmt.Errorf("%w: name one by redash.data_source or --data-source", err)}
	}
	return err
}

// redashMarts is the prefix of the marts for a data source of a type: that of the configured warehouse.
func (a *app) redashMarts(kind string) (string, error) {
	w := a.cfg.Warehouse
	switch {
	case kind != string(w.Type):
		return "", usageError{a.cfg.Problem("warehouse.type", fmt.Sprintf("is %s, and the data source %q is of type %s", w.Type, a.cfg.Redash.DataSource, kind),
			"name a data source of the same type, whose marts are those of this configuration")}
	case w.Type == config.BigQuery:
		return redash.BigQueryMarts(w.Project, w.Dataset)
	case a.cfg.Redash.DuckDBCopy == "":
		return "", usageError{a.cfg.Problem("redash.duckdb_copy", fmt.Sprintf("is empty, and the data source %q is of type duckdb", a.cfg.Redash.DataSource),
			"write where each build is to be copied for Redash, whose queries attach the copy by that path")}
	}
	return "", nil
}
