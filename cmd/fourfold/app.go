package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"fourfold/extract"
	"fourfold/internal/config"
	"fourfold/load/duckdb"
	"fourfold/transform"
)

// options are the flags that every command has.
type options struct{ config string }

// app is what a command works with: the configuration, and where to say things.
type app struct {
	cfg      *config.Config
	log      *slog.Logger
	redactor *extract.Redactor
	out, err io.Writer
	clock    func() time.Time // that of runs and builds
	engine   warehouse
}

// load reads the configuration and prepares the log.
func (o options) load() (*app, error) {
	cfg, err := config.Load(o.config, os.LookupEnv)
	if err != nil {
		return nil, err
	}
	return newApp(cfg, os.Stdout, os.Stderr), nil
}

func newApp(cfg *config.Config, out, errOut io.Writer) *app {
	a := &app{cfg: cfg, redactor: &extract.Redactor{}, out: out, err: errOut, clock: now}
	level := &slog.HandlerOptions{Level: cfg.Log.Level.Level()}
	var h slog.Handler = slog.NewTextHandler(errOut, level)
	if cfg.Log.Format == config.LogJSON {
		h = slog.NewJSONHandler(errOut, level)
	}
	a.log = slog.New(a.redactor.Handler(h))
	a.engine = newWarehouse(a)
	return a
}

func (a *app) data() string { return string(a.cfg.Data) }

// locked does something while nobody else works on the data directory.
func (a *app) locked(ctx context.Context, command string, wait bool, f func() error) (err error) {
	lock, err := duckdb.Acquire(ctx, a.data(), command, wait)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	return f()
}

// hashKeyFile is where the key that people are hashed with is kept in the data directory, if none is configured.
const hashKeyFile = "hash_key"

// policy is the privacy policy, with the key that people are hashed with: the configured one, or the one that the first
// run made.
func (a *app) policy() (transform.Policy, error) {
	p := transform.Policy{PrivateIncidents: string(a.cfg.Privacy.PrivateIncidents), People: string(a.cfg.Privacy.People)}
	if p.People != "hash" {
		return p, nil
	}
	key, err := a.cfg.Privacy.HashKey.Reveal()
	if err != nil {
		return p, err
	}
	if key != "" {
		a.redactor.Add(key)
		p.HashKey = []byte(key)
		return p, nil
	}
	path := filepath.Join(a.data(), hashKeyFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		made := make([]byte, 32)
		rand.Read(made) // never fails
		text = []byte(hex.EncodeToString(made))
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		return p, fmt.Errorf("key that people are hashed with: %w", err)
	}
	if len(text) == 0 {
		return p, fmt.Errorf("key that people are hashed with: %s is empty: restore it, or remove it to begin with a new one", path)
	}
	p.HashKey = text
	return p, nil
}

func now() time.Time { return time.Now().UTC() }
