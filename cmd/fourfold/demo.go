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
	"fourfold/internal/fake/github"
	"fourfold/internal/fake/incidentio"
	"fourfold/internal/pipeline"
	"fourfold/internal/summary"
)

// dataset is an organisation that the demo can show. serve answers as its APIs on loopback addresses until it is stopped.
type dataset struct {
	name  string
	serve func(today time.Time) (served, error)
}

// served is an organisation that can be read: the configuration that does, the files beside it, and where its APIs are.
type served struct {
	yaml, where string
	files       map[string]string // content by path
	stop        func()
}

var datasets = []dataset{{"demo", serveCompany}, {"github-status", serveStatusPage}}

// serveCompany serves the generated organisation: its incidents as incident.io does, its code as GitHub does.
func serveCompany(today time.Time) (served, error) {
	c := demo.Make(demo.Seed, today)
	incidents, stopIncidents, err := incidentio.NewServer(c.Incidents).Listen("127.0.0.1:0")
	if err != nil {
		return served{}, err
	}
	code, stopCode, err := github.NewServer(c.Code).Listen("127.0.0.1:0")
	if err != nil {
		stopIncidents()
		return served{}, err
	}
	at := demo.Addresses{
		Incidents: incidents, IncidentsKey: incidentio.DefaultKey, API: code + "/", GraphQL: code + "/graphql", Git: code + "/", GitHubToken: github.DefaultToken,
	}
	where := fmt.Sprintf("incident.io's API at %s and as GitHub's at %s", incidents, code)
	return served{demo.Config(at), where, c.Files(), func() { stopIncidents(); stopCode() }}, nil
}

// serveStatusPage serves the incidents of GitHub's status page.
func serveStatusPage(time.Time) (served, error) {
	url, stop, err := incidentio.NewServer(githubstatus.Organisation()).Listen("127.0.0.1:0")
	if err != nil {
		return served{}, err
	}
	return served{githubstatus.Config(url, "America/New_York"), "incident.io's API at " + url, nil, stop}, nil
}

func newDemo() *cobra.Command {
	var data, dir, listen, clock string
	var once bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show all of it on a generated organisation, nothing configured",
		RunE: func(cmd *cobra.Command, _ []string) error {
			at := now()
			if clock != "" {
				var err error
				if at, err = time.Parse(time.RFC3339, clock); err != nil {
					return usageError{fmt.Errorf("--now %q is not an instant: write e.g. 2026-11-25T00:00:00Z", clock)}
				}
			}
			for _, d := range datasets {
				if d.name == data {
					return runDemo(cmd.Context(), d, dir, listen, at.UTC(), once)
				}
			}
			return usageError{fmt.Errorf("--data %q is not known: use demo or github-status", data)}
		},
	}
	c.Flags().StringVar(&data, "data", "demo", "demo (a generated organisation) or github-status (399 real incidents of GitHub's status page)")
	c.Flags().StringVar(&dir, "dir", "fourfold-demo", "folder for its data, made if it is missing")
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "address of the dashboard; the next free port if it is taken")
	c.Flags().StringVar(&clock, "now", "", "instant that it is taken to be, such as 2026-11-25T00:00:00Z: the same for everybody, whenever it is run")
	c.Flags().BoolVar(&once, "once", false, "end after printing")
	return c
}

// runDemo serves the organisation as of an instant over its APIs on loopback addresses and does what production does, against
// it.
func runDemo(ctx context.Context, d dataset, dir, listen string, at time.Time, once bool) error {
	begun := now()
	today := at.Truncate(24 * time.Hour)
	s, err := d.serve(today)
	if err != nil {
		return fmt.Errorf("demo: start the servers of the organisation: %w", err)
	}
	defer s.stop()
	// The organisation moves with the day: what a demo of another day left is of no use.
	folder := filepath.Join(dir, d.name+"-"+today.Format("20060102"))
	if err := removeOthers(dir, d.name+"-", folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	file := filepath.Join(folder, "fourfold.yaml")
	if err := writeFiles(folder, s); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	cfg, err := config.Load(file, os.LookupEnv)
	if err != nil {
		return err
	}
	a := newApp(cfg, os.Stdout, os.Stderr)
	a.clock = func() time.Time { return at.Add(now().Sub(begun)) }
	fmt.Fprintf(a.err, "The organisation answers as %s; its data goes to %s.\n", s.where, folder)
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

// writeFiles writes the configuration and what lies beside it.
func writeFiles(folder string, s served) error {
	if err := os.WriteFile(filepath.Join(folder, "fourfold.yaml"), []byte(s.yaml), 0o644); err != nil {
		return err
	}
	for name, text := range s.files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) summary(ctx context.Context) (err error) {
	p, err := newPublished(ctx, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.reader.Close()) }()
	return summary.Write(ctx, a.out, p, "fourfold --config "+a.cfg.File())
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
