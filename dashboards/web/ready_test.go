package web

import (
	"context"
	"errors"
	"testing"
	"time"
)

// watched says when somebody has looked which build is published and found that nothing is to be done.
type watched struct {
	*recorded
	looked chan string
}

func (w watched) Published(ctx context.Context) (string, error) {
	build, err := w.recorded.Published(ctx)
	if ctx.Value(watching{}) != nil {
		select {
		case w.looked <- build:
		case <-ctx.Done():
		}
	}
	return build, err
}

type watching struct{}

func TestThePagesOfANewBuildAreMadeBeforeAnybodyAsks(t *testing.T) {
	q := watched{readRecorded(t), make(chan string)}
	h, log := newHandler(t, q)
	ctx, stop := context.WithCancel(context.WithValue(t.Context(), watching{}, true))
	ended := make(chan struct{})
	go func() { h.(*Dashboard).KeepReady(ctx, time.Microsecond); close(ended) }()
	await := func(build string) {
		t.Helper()
		boards := len(h.(*Dashboard).server.pages.catalogue.Dashboards)
		// A look finds the build, one more is made for each page, and the next finds it made.
		for range boards + 2 {
			for got := <-q.looked; got != build; got = <-q.looked {
			}
		}
	}
	for _, build := range []string{q.build, "b-later"} {
		q.mu.Lock()
		q.build = build
		q.mu.Unlock()
		await(build)
		q.mu.Lock()
		made := q.count
		q.mu.Unlock()
		if made == 0 {
			t.Fatalf("build %s: nothing was asked", build)
		}
		for _, address := range []string{"/", "/incidents", "/deployments", "/data-quality", "/definitions"} {
			page(t, h, address)
		}
		q.mu.Lock()
		if q.count != made {
			t.Errorf("build %s: visitors waited for %d queries", build, q.count-made)
		}
		q.mu.Unlock()
	}
	stop()
	<-ended
	if log.Len() > 0 {
		t.Error(log.String())
	}
}

func TestNothingIsMadeReadyBeforeTheFirstBuildOrAfterTheEnd(t *testing.T) {
	q := &recorded{err: errors.New("asked")}
	h, log := newHandler(t, q)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	h.(*Dashboard).KeepReady(ctx, time.Hour)
	if q.count != 0 || log.Len() > 0 {
		t.Errorf("%d queries; %s", q.count, log)
	}
}
