package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"fourfold/dashboards/web"
	"fourfold/internal/config"
	"fourfold/internal/pipeline"
	"fourfold/internal/schedule"
	"fourfold/load"
)

func newServe(o *options) *cobra.Command {
	var listen string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the schedule and show the dashboard",
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := o.load()
			if err != nil {
				return err
			}
			if err := a.cfg.Use(append(a.cfg.SourceParts(), config.UseWarehouse, config.UsePrivacy, config.UseSchedule)...); err != nil {
				return err
			}
			if err := a.checkDigest(); err != nil {
				return err
			}
			if listen == "" {
				listen = string(a.cfg.Dashboard.Listen)
			}
			page, err := a.openPage(cmd.Context(), listen)
			if err != nil {
				return err
			}
			fmt.Fprintf(a.out, "Dashboard at %s\n", page.address)
			return a.serve(cmd.Context(), page, a.jobs(o.config))
		},
	}
	c.Flags().StringVar(&listen, "listen", "", "address of the dashboard, in place of dashboard.listen")
	return c
}

// jobs are the configured rounds, each a process of its own: a writer of the ledgers then never shares a process with
// the readers of the marts.
func (a *app) jobs(configFile string) []schedule.Job {
	round := func(args ...string) func(context.Context) error {
		return func(ctx context.Context) error { return a.child(ctx, configFile, args...) }
	}
	return []schedule.Job{
		{Name: "run", When: a.cfg.Schedule.Run.Schedule(), Run: round("run")},
		{Name: "full_check", When: a.cfg.Schedule.FullCheck.Schedule(), Run: round("run", "--full"), Waits: true},
		{Name: "digest", When: a.cfg.Schedule.Digest.Schedule(), Run: round("digest"), Waits: true},
	}
}

// child runs this program with other arguments. When the context ends it is asked to stop, and waited for.
func (a *app) child(ctx context.Context, configFile string, args ...string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	if configFile != "" {
		args = append(args, "--config", configFile)
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = a.err, a.err
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 30 * time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt from a terminal reaches it through us alone
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == exitPartial {
		a.log.Warn("some streams failed; the rest landed and was built")
		return nil
	}
	return err
}

// page is the dashboard on its address.
type page struct {
	listener net.Listener
	handler  *web.Dashboard
	reader   reader
	address  string
}

// openPage listens, so that an address in use is said before anything else is done.
func (a *app) openPage(ctx context.Context, listen string) (*page, error) {
	if err := a.cfg.Use(config.UseDashboard); err != nil {
		return nil, err
	}
	d := a.cfg.Dashboard
	password, err := d.Auth.Password.Reveal()
	if err != nil {
		return nil, err
	}
	token, err := d.Auth.Token.Reveal()
	if err != nil {
		return nil, err
	}
	p := &page{}
	if p.reader, err = a.engine.Reader(ctx); err != nil {
		return nil, err
	}
	var goals []web.Goal
	for _, g := range a.cfg.Metrics.Goals.All() {
		goals = append(goals, web.Goal{Metric: g.Metric, Limit: g.Limit, Least: g.Least})
	}
	p.handler, err = web.New(web.Options{
		Goals: goals, Version: version, People: a.cfg.Privacy.People == config.IncludePeople,
		Querier: querier{p.reader, mostRows(d.RowLimit)}, Engine: a.engine.Engine(), Language: string(d.Language),
		Auth:         web.Auth{User: d.Auth.User, Password: password, Token: token},
		QueryTimeout: d.QueryTimeout.Duration, AtOnce: a.engine.AtOnce(), RowLimit: d.RowLimit, PublicURL: string(d.PublicURL), Logger: a.log,
		Status: func() any {
			s, err := pipeline.ReadStatus(a.data())
			if err != nil {
				a.log.Error("status", "error", err)
			}
			return s
		},
	})
	if err != nil {
		return nil, err
	}
	if p.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", listen); err != nil {
		return nil, fmt.Errorf("dashboard: listen on %s: %w: choose another with dashboard.listen or --listen", listen, err)
	}
	p.address = "http://" + p.listener.Addr().String() + "/"
	if d.PublicURL != "" {
		p.address = string(d.PublicURL)
	}
	return p, nil
}

// lookForBuild is how often a new build is looked for, whose pages are then made before anybody asks.
const lookForBuild = 5 * time.Second

// serve shows the page and runs the jobs until the context ends; it ends well when asked to.
func (a *app) serve(ctx context.Context, p *page, jobs []schedule.Job) error {
	server := &http.Server{Handler: p.handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 1)
	var work sync.WaitGroup
	work.Go(func() {
		if err := server.Serve(p.listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("dashboard: %w", err)
			stop()
		}
	})
	if a.cfg.Warehouse.Type != config.BigQuery { // where every page that is made costs
		work.Go(func() { p.handler.KeepReady(ctx, lookForBuild) })
	}
	work.Go(func() {
		a.firstRound(ctx, p.reader, jobs)
		schedule.Run(ctx, schedule.Options{
			Location: a.cfg.Timezone.Location, Jitter: a.cfg.Schedule.Jitter.Duration,
			Timeout: a.cfg.Schedule.Timeout.Duration, Log: a.log,
		}, jobs...)
	})
	<-ctx.Done()
	a.log.Info("stopping")
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	err := server.Shutdown(grace)
	work.Wait()
	close(failed)
	return errors.Join(<-failed, err, p.reader.Close())
}

// firstRound does a round at once where nothing has been built: a new installation shows numbers without waiting for
// its schedule.
func (a *app) firstRound(ctx context.Context, r reader, jobs []schedule.Job) {
	if len(jobs) == 0 {
		return
	}
	build, err := r.Published(ctx)
	if err == nil && a.builtBy(ctx, r, build) == version || err != nil && !errors.Is(err, load.ErrNoBuild) {
		return
	}
	if err := jobs[0].Run(ctx); err != nil && ctx.Err() == nil {
		a.log.Error("the first round failed; the schedule goes on", "error", err)
	}
}

// builtBy is the version of the program that made a build; "" where it cannot be told. One of another version may lack what the pages read.
func (a *app) builtBy(ctx context.Context, r reader, build string) string {
	t, err := (querier{r, 1}).Query(ctx, build, "select program_version from publication")
	if err != nil || len(t.Rows) != 1 {
		return ""
	}
	v, _ := t.Rows[0][0].(string)
	return v
}

// querier gives the dashboard the marts of a build.
type querier struct {
	reader reader
	most   int // rows of one answer, which is an error beyond: lists end by themselves at dashboard.row_limit
}

// mostRows bounds what one answer takes of the memory: all periods of all services of a large company are fewer.
func mostRows(rowLimit int) int { return max(rowLimit+1, 500_000) }

func (q querier) Published(ctx context.Context) (string, error) {
	id, err := q.reader.Published(ctx)
	if errors.Is(err, load.ErrNoBuild) {
		err = fmt.Errorf("%w: %w", web.ErrNoBuild, err)
	}
	return id, err
}

func (q querier) Query(ctx context.Context, build, sql string, args ...any) (*web.Table, error) {
	rows, err := q.reader.Query(ctx, build, sql, args...)
	if err != nil {
		return nil, err
	}
	t := &web.Table{Columns: rows.Columns}
	for row, err := range rows.All {
		if err != nil {
			return nil, err
		}
		if len(t.Rows) == q.most {
			return nil, fmt.Errorf("an answer has more than %d rows", q.most)
		}
		t.Rows = append(t.Rows, append([]any(nil), row...))
	}
	return t, nil
}
