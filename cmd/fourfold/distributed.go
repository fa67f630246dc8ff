package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"fourfold/dashboards"
	"fourfold/dbt"
	"fourfold/internal/config"
	"fourfold/internal/doctor"
	"fourfold/internal/pipeline"
	"fourfold/load"
	"fourfold/load/bigquery"
)

// distributed is BigQuery.
type distributed struct{ *app }

// connect makes a client as the configuration says.
func (d distributed) connect(ctx context.Context) (*bigquery.Client, error) {
	if err := d.cfg.Use(config.UseWarehouse); err != nil {
		return nil, err
	}
	w := d.cfg.Warehouse
	o := bigquery.Options{
		Project: w.Project, Dataset: w.Dataset, Location: w.Location, Impersonate: w.Impersonate, MaxBytesBilled: int64(w.MaximumBytesBilled),
		Labels: w.Labels, Bucket: w.Bucket, Endpoint: string(w.Endpoint), Scratch: filepath.Join(string(d.cfg.Data), "tmp"), Log: d.log,
	}
	if o.Endpoint == "" {
		key, err := w.Credentials.Reveal()
		if err != nil {
			return nil, err
		}
		d.redactor.Add(key)
		o.Credentials = []byte(key)
	}
	return bigquery.Connect(ctx, o)
}

func (d distributed) Where() string {
	return fmt.Sprintf("%s.%s_raw", d.cfg.Warehouse.Project, d.cfg.Warehouse.Dataset)
}

// store is the ledgers with the client that they are reached by.
type store struct {
	*bigquery.Store
	client *bigquery.Client
}

func (s store) Close() error { return errors.Join(s.Store.Close(), s.client.Close()) }

func (d distributed) Open(ctx context.Context) (ledgers, error) {
	c, err := d.connect(ctx)
	if err != nil {
		return nil, err
	}
	return opened(ctx, c)
}

// opened opens the ledgers with a client, which goes with them.
func opened(ctx context.Context, c *bigquery.Client) (ledgers, error) {
	s, err := bigquery.Open(ctx, c)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return store{s, c}, nil
}

func (d distributed) Existing(ctx context.Context) (ledgers, error) {
	c, err := d.connect(ctx)
	if err != nil {
		return nil, err
	}
	if there, err := bigquery.Exists(ctx, c); err != nil || !there {
		return nil, errors.Join(err, c.Close())
	}
	return opened(ctx, c)
}

// marts reads builds by a client of its own.
type marts struct {
	*bigquery.Reader
	client *bigquery.Client
}

func (m marts) Close() error { return errors.Join(m.Reader.Close(), m.client.Close()) }

func (d distributed) Reader(ctx context.Context) (reader, error) {
	c, err := d.connect(ctx)
	if err != nil {
		return nil, err
	}
	return marts{bigquery.NewReader(c), c}, nil
}

func (d distributed) Raw(ctx context.Context, sql string, show func(*load.Rows, error) error) error {
	c, err := d.connect(ctx)
	if err != nil {
		return err
	}
	r := bigquery.NewReader(c)
	return errors.Join(show(r.Raw(ctx, sql)), r.Close(), c.Close())
}

func (d distributed) Build(ctx context.Context) (*pipeline.Build, func() error, error) {
	c, err := d.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	builds := bigquery.NewBuilds(c, d.clock)
	return &pipeline.Build{
		Config: d.cfg, Project: dbt.Project, Builds: builds,
		OpenShip: func(ctx context.Context, asOf time.Time) (pipeline.ShipStore, error) {
			return bigquery.OpenShip(ctx, c, builds.Dataset(), asOf)
		},
		Mark:     func(ctx context.Context) (string, time.Time, error) { return bigquery.Mark(ctx, c) },
		Estimate: func(ctx context.Context, sql string) (load.Estimate, error) { return c.Estimate(ctx, sql) },
		EstimateShip: func(asOf time.Time) (pipeline.ShipStore, func(context.Context) (load.Estimate, error)) {
			s := bigquery.EstimateShip(c, asOf)
			return s, s.Estimated
		},
		Version: version, Log: d.log, Output: io.Discard, Clock: d.clock,
	}, c.Close, nil
}

func (d distributed) Cost(ctx context.Context) (pipeline.Cost, error) {
	b, release, err := d.Build(ctx)
	if err != nil {
		return pipeline.Cost{}, err
	}
	cost, err := b.Cost(ctx)
	return cost, errors.Join(err, release())
}

func (d distributed) Engine() dashboards.Engine { return dashboards.BigQuery }

// AtOnce: what serves at an endpoint may do one thing at a time; a query that waited there would have its time run out.
func (d distributed) AtOnce() int {
	if d.cfg.Warehouse.Endpoint != "" {
		return 1
	}
	return 0
}

func (d distributed) Check(ctx context.Context) []doctor.Check {
	var r doctor.Report
	c, err := d.connect(ctx)
	if err == nil {
		var detail string
		detail, err = bigquery.Look(ctx, c)
		r.Note("warehouse", "engine", detail, errors.Join(err, c.Close()))
	} else {
		r.Note("warehouse", "engine", "", err)
	}
	r.Add(doctor.DBT(string(d.cfg.DBT.Command), "bigquery", "")...)
	return r.Checks
}
