package schedule

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/robfig/cron/v3"
)

// diary notes when jobs began, in minutes since the bubble's start.
type diary struct {
	start time.Time
	begun []string
	log   bytes.Buffer
	busy  int
	most  int // jobs at work at once
}

func newDiary() *diary { return &diary{start: time.Now()} }

func (d *diary) options() Options {
	return Options{Location: time.UTC, Log: slog.New(slog.NewTextHandler(&d.log, nil))}
}

// job takes as long as it is told, and ends early when it is asked to.
func (d *diary) job(name string, every, takes time.Duration, waits bool) Job {
	return Job{Name: name, When: cron.Every(every), Waits: waits, Run: func(ctx context.Context) error {
		d.begun = append(d.begun, name+" "+time.Since(d.start).String())
		d.busy++
		d.most = max(d.most, d.busy)
		defer func() { d.busy-- }()
		select {
		case <-time.After(takes):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
}

// during runs jobs for some time and returns when the scheduler has returned.
func during(t *testing.T, length time.Duration, opts Options, jobs ...Job) (stopped time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), length)
	defer cancel()
	Run(ctx, opts, jobs...)
	return time.Since(deadline(ctx))
}

func deadline(ctx context.Context) time.Time {
	at, _ := ctx.Deadline()
	return at
}

func TestJobsRunAtTheirTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		during(t, 35*time.Minute, d.options(), d.job("run", 10*time.Minute, time.Minute, false), Job{Name: "never", Run: func(context.Context) error {
			t.Error("a job without a time ran")
			return nil
		}})
		if diff := cmp.Diff([]string{"run 10m0s", "run 20m0s", "run 30m0s"}, d.begun); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestATimeIsTheClockOfTheLocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		when, err := cron.ParseStandard("0 3 * * *")
		if err != nil {
			t.Fatal(err)
		}
		tokyo := time.FixedZone("JST", 9*3600)
		d := newDiary()
		opts := d.options()
		opts.Location = tokyo
		var at []string
		during(t, 24*time.Hour, opts, Job{Name: "run", When: when, Run: func(context.Context) error {
			at = append(at, time.Now().In(tokyo).Format("15:04"))
			return nil
		}})
		if diff := cmp.Diff([]string{"03:00"}, at); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestJobsNeverOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		during(t, 5*time.Hour, d.options(), d.job("run", 10*time.Minute, 25*time.Minute, false), d.job("other", 7*time.Minute, 3*time.Minute, false),
			d.job("full", time.Hour, 40*time.Minute, true))
		if d.most != 1 {
			t.Errorf("%d jobs were at work at once", d.most)
		}
		if len(d.begun) < 10 || !strings.Contains(d.log.String(), "left out") {
			t.Errorf("begun: %v\n%s", d.begun, d.log.String())
		}
	})
}

func TestAJobThatWaitsGetsItsTurnAndOneThatDoesNotIsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		during(t, 58*time.Minute, d.options(), d.job("long", 20*time.Minute, 15*time.Minute, false), d.job("patient", 25*time.Minute, time.Minute, true),
			d.job("impatient", 31*time.Minute, time.Minute, false))
		want := []string{"long 20m0s", "patient 35m0s", "long 40m0s", "patient 55m0s"}
		if diff := cmp.Diff(want, d.begun); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestOfOneJobAtMostOneWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		long := d.job("long", 10*time.Minute, 55*time.Minute, false)
		during(t, 69*time.Minute, d.options(), long, d.job("patient", 12*time.Minute, time.Second, true))
		want := []string{"long 10m0s", "patient 1h5m0s"}
		if diff := cmp.Diff(want, d.begun); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestAJobIsEndedWhenItsTimeIsUpAndTheNextOneRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		opts := d.options()
		opts.Timeout = 5 * time.Minute
		during(t, 24*time.Minute, opts, d.job("stuck", 10*time.Minute, time.Hour, false))
		if diff := cmp.Diff([]string{"stuck 10m0s", "stuck 20m0s"}, d.begun); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if text := d.log.String(); strings.Count(text, "schedule.timeout") != 1 || !strings.Contains(text, "5m0s") {
			t.Errorf("the log does not say so of the first:\n%s", text)
		}
	})
}

func TestWaitingForAnotherJobDoesNotTakeFromTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		opts := d.options()
		opts.Timeout = 10 * time.Minute
		during(t, 40*time.Minute, opts, d.job("long", 20*time.Minute, 9*time.Minute, false), d.job("patient", 21*time.Minute, 9*time.Minute, true))
		if text := d.log.String(); strings.Contains(text, "job failed") || strings.Count(text, "job done") != 2 {
			t.Errorf("log:\n%s", text)
		}
	})
}

func TestEndingTellsTheJobAtWorkAndWaitsForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		told, ended := false, false
		job := Job{Name: "run", When: cron.Every(10 * time.Minute), Run: func(ctx context.Context) error {
			<-ctx.Done()
			told = true
			<-time.After(3 * time.Second) // by the bubble's clock: what a job needs to come to a safe point
			ended = true
			return errors.New("interrupted")
		}}
		after := during(t, 15*time.Minute, d.options(), job, d.job("waiting", 11*time.Minute, time.Minute, true))
		if !told || !ended || after != 3*time.Second {
			t.Errorf("told %v, ended %v, returned %s after the end", told, ended, after)
		}
		if len(d.begun) != 0 {
			t.Errorf("begun after the end: %v", d.begun)
		}
		if text := d.log.String(); strings.Contains(text, "ERROR") || !strings.Contains(text, "job stopped") {
			t.Errorf("log:\n%s", text)
		}
	})
}

func TestAFailedJobIsSaidAndTheScheduleGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		n := 0
		during(t, 25*time.Minute, d.options(), Job{Name: "run", When: cron.Every(10 * time.Minute), Run: func(context.Context) error {
			n++
			return errors.New("no luck")
		}})
		if n != 2 || strings.Count(d.log.String(), `error="no luck"`) != 2 {
			t.Errorf("%d runs\n%s", n, d.log.String())
		}
	})
}

func TestJitterPutsAStartOffByLessThanItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		opts := d.options()
		opts.Jitter = 30 * time.Second
		var late []time.Duration
		during(t, 24*time.Hour, opts, Job{Name: "run", When: cron.Every(10 * time.Minute), Run: func(context.Context) error {
			late = append(late, time.Since(d.start)%(10*time.Minute))
			return nil
		}})
		different := map[time.Duration]bool{}
		for _, l := range late {
			different[l] = true
			if l >= opts.Jitter {
				t.Errorf("started %s late", l)
			}
		}
		if len(late) < 142 || len(different) < 100 {
			t.Errorf("%d starts, %d different delays", len(late), len(different))
		}
	})
}

func TestAnEndWhileAStartIsPutOffStartsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		opts := d.options()
		opts.Jitter = 1000 * time.Hour
		if after := during(t, 20*time.Minute, opts, d.job("run", 10*time.Minute, time.Minute, false)); after != 0 || len(d.begun) > 1 {
			t.Errorf("returned %s after the end, begun %v", after, d.begun)
		}
	})
}
