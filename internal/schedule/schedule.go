// Package schedule runs a program's rounds at their times: never two at once, each with a bound on its time, and none
// cut off when the program is asked to end.
package schedule

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

// Job is something to be done at its times.
type Job struct {
	Name string
	When cron.Schedule // nil is never
	Run  func(context.Context) error
	// Waits says that the job waits for another that is at work; one that does not is left out that time.
	Waits bool
}

// Options bound the jobs.
type Options struct {
	Location *time.Location
	Jitter   time.Duration // each start is put off by up to this much, so that many installations do not call at once
	Timeout  time.Duration // of one job, its waiting included; 0 is none
	Log      *slog.Logger
}

// Run runs the jobs at their times until the context ends, then waits for the one that is at work. A job's own context
// ends soon after: what is under way is asked to stop at a safe point.
func Run(ctx context.Context, opts Options, jobs ...Job) {
	slot := make(chan struct{}, 1)
	var running sync.WaitGroup
	c := cron.New(cron.WithLocation(opts.Location))
	for _, job := range jobs {
		if job.When == nil {
			continue
		}
		c.Schedule(job.When, cron.FuncJob(func() {
			running.Add(1)
			defer running.Done()
			runOne(ctx, opts, job, slot)
		}))
	}
	c.Start()
	<-ctx.Done()
	<-c.Stop().Done()
	running.Wait()
}

// runOne runs a job once, if it gets the slot.
func runOne(ctx context.Context, opts Options, job Job, slot chan struct{}) {
	if opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, opts.Timeout+opts.Jitter)
		defer cancel()
	}
	if !sleep(ctx, opts.Jitter) {
		return
	}
	if job.Waits {
		select {
		case slot <- struct{}{}:
		case <-ctx.Done():
			opts.Log.Warn("a job got no turn in its time", "job", job.Name)
			return
		}
	} else {
		select {
		case slot <- struct{}{}:
		default:
			opts.Log.Info("the job before is still at work: this one is left out", "job", job.Name)
			return
		}
	}
	defer func() { <-slot }()
	started := time.Now()
	if err := job.Run(ctx); err != nil {
		opts.Log.Error("job failed", "job", job.Name, "seconds", time.Since(started).Seconds(), "error", err)
		return
	}
	opts.Log.Info("job done", "job", job.Name, "seconds", time.Since(started).Seconds())
}

// sleep waits a random part of jitter and reports whether the context still lasts.
func sleep(ctx context.Context, jitter time.Duration) bool {
	if jitter > 0 {
		t := time.NewTimer(rand.N(jitter))
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}
