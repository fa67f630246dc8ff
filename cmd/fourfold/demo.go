package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fourfold/internal/config"
	"fourfold/internal/demo"
	"fourfold/internal/demo/githubstatus"
	fake "fourfold/internal/fake/incidentio"
	"fourfold/internal/pipeline"
	"fourfold/internal/summary"
)

// dataset is an organisation that the demo can show.
type dataset struct {
	name         string
	organisation func(now time.Time) *fake.Organisation
	config       func(baseURL string) string
}

// demoSeed makes the demo organisation the same for everybody on the same day.
const demoSeed = 4

var datasets = []dataset{
	{"demo", func(now time.Time) *fake.Organisation { return demo.Organisation(demoSeed, now) }, demo.Config},
	{"github-status", func(time.Time) *fake.Organisation { return githubstatus.Organisation() }, func(url string) string { return githubstatus.Config(url, "America/New_York") }},
}

func newDemo() *cobra.Command {
	var data, dir, listen string
	var once bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show all of it on a generated organisation, nothing configured",
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, d := range datasets {
				if d.name == data {
					return runDemo(cmd.Context(), d, dir, listen, once)
				}
			}
			return usageError{fmt.Errorf("--data %q is not known: use demo or github-status", data)}
		},
	}
	c.Flags().StringVar(&data, "data", "demo", "demo (a generated organisation) or github-status (399 real incidents of GitHub's status page)")
	c.Flags().StringVar(&dir, "dir", "fourfold-demo", "folder for its data, made if it is missing")
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "address of the dashboard; the next free port if it is taken")
	c.Flags().BoolVar(&once, "once", false, "end after printing")
	return c
}

// runDemo serves the organisation over the API on a loopback address and does what production does, against it.
func runDemo(ctx context.Context, d dataset, dir, listen string, once bool) error {
	at := now()
	today := at.Truncate(24 * time.Hour)
	server := fake.NewServer(d.organisation(today))
	baseURL, stop, err := server.Listen("127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("demo: start the server of the organisation: %w", err)
	}
	defer stop()
	// The organisation moves with the day: what a demo of another day left is of no use.
	folder := filepath.Join(dir, d.name+"-"+today.Format("20060102"))
	if err := removeOthers(dir, d.name+"-", folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	file := filepath.Join(folder, "fourfold.yaml")
	if err := os.WriteFile(file, []byte(d.config(baseURL)), 0o644); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	cfg, err := config.Load(file, os.LookupEnv)
	if err != nil {
		return err
	}
	a, err := newApp(cfg, os.Stdout, os.Stderr)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.err, "The organisation answers as incident.io's API at %s; its data goes to %s.\n", baseURL, folder)
	if err := a.locked(ctx, "demo", false, func() error { return a.round(ctx, pipeline.Selection{}) }); err != nil {
		return err
	}
	if err := a.summary(ctx); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "\nAsk more:  fourfold --config %s sql \"select * from four_keys limit 5\"\n", file)
	if once {
		fmt.Fprintf(a.out, "Dashboard: fourfold --config %s demo serves it at http://%s/ when run without --once\n", file, listen)
		return nil
	}
	p, err := a.openPage(ctx, listen)
	if err != nil && listen == "127.0.0.1:8080" {
		p, err = a.openPage(ctx, "127.0.0.1:0")
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "Dashboard: %s  (until interrupted)\n", p.address)
	return a.serve(ctx, p, nil)
}

func (a *app) summary(ctx context.Context) (err error) {
	p, err := newPublished(ctx, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.reader.Close()) }()
	return summary.Write(ctx, a.out, p)
}

// removeOthers removes what demos of other days left.
func removeOthers(dir, prefix, keep string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if strings.HasPrefix(e.Name(), prefix) && path != keep {
			if err := os.RemoveAll(path); err != nil {
				return fmt.Errorf("demo: %w", err)
			}
		}
	}
	return nil
}
