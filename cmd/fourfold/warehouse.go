package main

import (
	"context"

	"fourfold/dashboards"
	"fourfold/internal/config"
	"fourfold/internal/doctor"
	"fourfold/internal/pipeline"
	"fourfold/load"
)

// warehouse is what commands need of the engine that the configuration names.
type warehouse interface {
	// Open opens the ledgers for a run, and makes what is missing. The caller holds the data directory's lock.
	Open(ctx context.Context) (ledgers, error)
	// Existing opens the ledgers to look at all of them, if there are any; nil if not.
	Existing(ctx context.Context) (ledgers, error)
	// Where says in words where the ledgers are.
	Where() string
	// Reader reads published builds.
	Reader(ctx context.Context) (reader, error)
	// Raw runs one SELECT over the ledgers and shows its answer. The caller holds the data directory's lock.
	Raw(ctx context.Context, sql string, show func(*load.Rows, error) error) error
	// Build is how a build is made. The caller holds the data directory's lock.
	Build(ctx context.Context) (*pipeline.Build, func() error, error)
	// Cost says what a build would read, or pipeline.ErrNoCost. The caller holds the data directory's lock.
	Cost(ctx context.Context) (pipeline.Cost, error)
	// Engine is how queries of dashboards are written for it.
	Engine() dashboards.Engine
	// AtOnce is how many queries of a page it answers at a time; 0 is as many as are asked.
	AtOnce() int
	// Check looks whether the engine can be used, and the dbt that builds with it.
	Check(ctx context.Context) []doctor.Check
}

// ledgers are a warehouse that is open, and what it can count.
type ledgers interface {
	load.Warehouse
	// Counts gives, by ledger, the objects that are live and those of it that are set aside.
	Counts(ctx context.Context) (map[string][2]int64, error)
}

// reader runs people's SQL over published builds.
type reader interface {
	// Published gives the id of the published build, or load.ErrNoBuild.
	Published(ctx context.Context) (string, error)
	// Query runs one SELECT over the marts of a build that is, or was until lately, the published one.
	Query(ctx context.Context, build, sql string, args ...any) (*load.Rows, error)
	Close() error
}

// newWarehouse gives the configured engine.
func newWarehouse(a *app) warehouse {
	if a.cfg.Warehouse.Type == config.BigQuery {
		return distributed{a}
	}
	return embedded{a}
}
