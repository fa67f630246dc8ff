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

// dataset is an organisation that the demo can show. serve answers as its APIs on loopback addresses until stop; it gives
// the configuration that reads from there and says where that is.
type dataset struct {
	name  string
	serve func(today time.Time) (yaml, where string, stop func(), err error)
}

// demoSeed makes the demo organisation the same for everybody on the same day.
const demoSeed = 4

var datasets = []dataset{{"demo", serveCompany}, {"github-status", serveStatusPage}}

// serveCompany serves the generated organisation: its incidents as incident.io does, its code as GitHub does.
func serveCompany(today time.Time) (yaml, where string, stop func(), err error) {
	c := demo.Make(demoSeed, today)
	incidents, stopIncidents, err := incidentio.NewServer(c.Incidents).Listen("127.0.0.1:0")
	if err != nil {
		return "", "", nil, err
	}
	code, stopCode, err := github.NewServer(c.Code).Listen("127.0.0.1:0")
	if err != nil {
		stopIncidents()
		return "", "", nil, err
	}
	c.ServedAt(code)
	at := demo.Addresses{
		Incidents: incidents, IncidentsKey: incidentio.DefaultKey, API: code + "/", GraphQL: code + "/graphql", Git: code + "/", GitHubToken: github.DefaultToken,
	}
	where = fmt.Sprintf("incident.io's API at %s and as GitHub's at %s", incidents, code)
	return demo.Config(at), where, func() { stopIncidents(); stopCode() }, nil
}

// serveStatusPage serves the incidents of GitHub's status page.
func serveStatusPage(time.Time) (yaml, where string, stop func(), err error) {
	url, stop, err := incidentio.NewServer(githubstatus.Organisation()).Listen("127.0.0.1:0")
	if err != nil {
		return "", "", nil, err
	}
	return githubstatus.Config(url, "America/New_York"), "incident.io's API at " + url, stop, nil
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

// runDemo serves the organisation over its APIs on loopback addresses and does what production does, against it.
func runDemo(ctx context.Context, d dataset, dir, listen string, once bool) error {
	at := now()
	today := at.Truncate(24 * time.Hour)
	yaml, where, stop, err := d.serve(today)
	if err != nil {
		return fmt.Errorf("demo: start the servers of the organisation: %w", err)
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
	if err := os.WriteFile(file, []byte(yaml), 0o644); err != nil {
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
	fmt.Fprintf(a.err, "The organisation answers as %s; its data goes to %s.\n", where, folder)
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
