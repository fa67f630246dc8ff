package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"fourfold/dashboards"
	"fourfold/dbt"
	"fourfold/internal/doctor"
	"fourfold/internal/pipeline"
	"fourfold/load"
	"fourfold/load/duckdb"
)

// embedded is DuckDB in the data directory.
type embedded struct{ *app }

// syncMemory bounds what DuckDB takes while rows land: it needs little, and what it is given it keeps.
const syncMemory = 64 << 20

func (e embedded) options() duckdb.Options {
	return duckdb.Options{MemoryLimit: int64(e.cfg.Warehouse.MemoryLimit), Threads: e.cfg.Warehouse.Threads}
}

func (e embedded) limits() duckdb.Limits {
	return duckdb.Limits{MemoryLimit: fmt.Sprintf("%dB", int64(e.cfg.Warehouse.MemoryLimit)), Threads: e.cfg.Warehouse.Threads}
}

func (e embedded) Where() string { return filepath.Join(e.data(), duckdb.RawFile) }

func (e embedded) Open(ctx context.Context) (ledgers, error) {
	o := e.options()
	o.MemoryLimit = min(o.MemoryLimit, syncMemory)
	store, err := duckdb.Open(ctx, e.data(), o)
	if err != nil {
		return nil, err
	}
	return store, nil
}

func (e embedded) Existing(ctx context.Context) (ledgers, error) {
	if _, err := os.Stat(e.Where()); errors.Is(err, os.ErrNotExist) {
		return nil, nil //nolint:nilnil // there are none, and nothing is wrong
	}
	store, err := duckdb.Open(ctx, e.data(), e.options())
	if err != nil {
		return nil, err
	}
	return store, nil
}

func (e embedded) Reader(context.Context) (reader, error) {
	return duckdb.NewReader(e.data(), e.limits()), nil
}

func (e embedded) Raw(ctx context.Context, sql string, show func(*load.Rows, error) error) error {
	db, err := duckdb.OpenRawReadOnly(e.data(), e.limits())
	if err != nil {
		return err
	}
	return errors.Join(show(duckdb.QuerySelect(ctx, db, sql)), db.Close())
}

func (e embedded) Build(ctx context.Context) (*pipeline.Build, func() error, error) {
	if err := duckdb.Upgrade(ctx, e.data(), e.options()); err != nil {
		return nil, nil, err
	}
	builds := duckdb.Making{Builds: duckdb.Builds{Dir: e.data()}, Options: e.options()}
	return &pipeline.Build{
		Config: e.cfg, Project: dbt.Project, Builds: builds,
		OpenShip: func(ctx context.Context, asOf time.Time) (pipeline.ShipStore, error) {
			return duckdb.OpenShip(ctx, e.data(), builds.Next(), asOf, e.options())
		},
		Mark:    func(ctx context.Context) (string, time.Time, error) { return duckdb.Mark(ctx, e.data(), e.limits()) },
		Version: version, Log: e.log, Output: io.Discard, Clock: e.clock,
	}, func() error { return nil }, nil
}

func (e embedded) Cost(context.Context) (pipeline.Cost, error) {
	return pipeline.Cost{}, pipeline.ErrNoCost
}

func (e embedded) Engine() dashboards.Engine { return dashboards.DuckDB }

// AtOnce: each query takes all threads that are free, so more of them at a time only end later; one more than threads is read or
// planned while others run.
func (e embedded) AtOnce() int { return e.cfg.Warehouse.Threads + 1 }

func (e embedded) Check(ctx context.Context) []doctor.Check {
	var r doctor.Report
	engine, err := duckdb.EngineVersion(ctx)
	r.Note("warehouse", "engine", "DuckDB "+engine, err)
	r.Add(doctor.DBT(string(e.cfg.DBT.Command), "duckdb", engine)...)
	return r.Checks
}
