// Package schedule runs a program's rounds at their times: never two at once, each with a bound on its time, and none
// cut off when the program is asked to end.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/robfig/cron/v3"
)

// Job is something to be done at its times.
type Job struct {
	Name string
	When cron.Schedule // nil is never
	// Run does it. Its context ends when the time is up or the program is to end; it then stops at a safe point.
	Run func(context.Context) error
	// Waits says that the job waits for another that is at work; one that does not is left out that time. Of one job at
	// most one waits.
	Waits bool
}

// Options bound the jobs.
type Options struct {
	Location *time.Location
	Jitter   time.Duration // each start is put off by up to this much, so that many installations do not call at once
	Timeout  time.Duration // of one job, from its start; 0 is none
	Log      *slog.Logger
}

// Run runs the jobs at their times until the context ends. It then tells the one that is at work, by its context, and
// returns when that has ended.
func Run(ctx context.Context, opts Options, jobs ...Job) {
	s := scheduler{Options: opts, slot: make(chan struct{}, 1)}
	c := cron.New(cron.WithLocation(opts.Location))
	for _, job := range jobs {
		if job.When != nil {
			queue := make(chan struct{}, 1)
			c.Schedule(job.When, cron.FuncJob(func() { s.due(ctx, job, queue) }))
		}
	}
	c.Start()
	<-ctx.Done()
	<-c.Stop().Done()
}

type scheduler struct {
	Options
	slot chan struct{} // full while a job is at work
}

// due runs a job once, if it gets the slot. queue is full while the job is about to start.
func (s *scheduler) due(ctx context.Context, job Job, queue chan struct{}) {
	select {
	case queue <- struct{}{}:
	default:
		s.Log.Info("the job is waiting already: this time is left out", "job", job.Name)
		return
	}
	got := sleep(ctx, s.Jitter) && s.take(ctx, job)
	<-queue
	if !got {
		return
	}
	defer func() { <-s.slot }()
	s.work(ctx, job)
}

// take takes the slot and reports whether it did.
func (s *scheduler) take(ctx context.Context, job Job) bool {
	select {
	case s.slot <- struct{}{}:
		return true
	default:
	}
	if !job.Waits {
		s.Log.Info("the job before is still at work: this time is left out", "job", job.Name)
		return false
	}
	select {
	case s.slot <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

var errTimeout = errors.New("time is up")

func (s *scheduler) work(ctx context.Context, job Job) {
	own := ctx
	if s.Timeout > 0 {
		var cancel context.CancelFunc
		own, cancel = context.WithTimeoutCause(ctx, s.Timeout, errTimeout)
		defer cancel()
	}
	started := time.Now()
	err := job.Run(own)
	took := time.Since(started).Seconds()
	switch {
	case err == nil:
		s.Log.Info("job done", "job", job.Name, "seconds", took)
	case ctx.Err() != nil:
		s.Log.Info("job stopped", "job", job.Name, "seconds", took)
	case errors.Is(context.Cause(own), errTimeout):
		s.Log.Error("job failed", "job", job.Name, "seconds", took, "error", fmt.Errorf("ended after %s, the longest that schedule.timeout allows: %w", s.Timeout, err))
	default:
		s.Log.Error("job failed", "job", job.Name, "seconds", took, "error", err)
	}
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
