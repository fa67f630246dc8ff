package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"fourfold/dashboards"
)

// await waits until so many ask for a key.
func (f *flights[T]) await(key string, n int) {
	for {
		f.mu.Lock()
		x := f.byKey[key]
		there := x != nil && x.waiting == n
		f.mu.Unlock()
		if there {
			return
		}
		runtime.Gosched()
	}
}

// A visitor who leaves does not take along what others wait for: it is made once.
func TestWorkGoesOnWhenWhoAskedFirstLeaves(t *testing.T) {
	var f flights[string]
	left, leave := context.WithCancel(t.Context())
	begun, goOn := make(chan struct{}), make(chan struct{})
	var first, others sync.WaitGroup
	first.Go(func() {
		_, err := f.do(left, "a", func(ctx context.Context) (string, error) {
			close(begun)
			select {
			case <-goOn:
				return "made", nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("who left has %v", err)
		}
	})
	<-begun
	for range 3 {
		others.Go(func() {
			got, err := f.do(t.Context(), "a", func(context.Context) (string, error) { return "", errors.New("made again") })
			if got != "made" || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	f.await("a", 4)
	leave()
	first.Wait()
	close(goOn)
	others.Wait()
}

func TestWorkEndsWhenNobodyWaits(t *testing.T) {
	var f flights[string]
	ctx, leave := context.WithCancel(t.Context())
	begun, ended := make(chan struct{}), make(chan error)
	blocked := func(ctx context.Context) (string, error) {
		close(begun)
		<-ctx.Done()
		ended <- ctx.Err()
		return "", ctx.Err()
	}
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			if _, err := f.do(ctx, "a", blocked); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	<-begun
	f.await("a", 2)
	leave()
	all.Wait()
	// Whoever comes now does not get what is ending.
	if got, err := f.do(t.Context(), "a", func(context.Context) (string, error) { return "anew", nil }); got != "anew" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if len(f.byKey) != 0 {
		t.Errorf("%d are kept", len(f.byKey))
	}
}

func TestAPanicIsThatOfWhoWaits(t *testing.T) {
	var f flights[string]
	defer func() {
		if p := recover(); p == nil || !strings.Contains(p.(error).Error(), "broken") {
			t.Errorf("%v", p)
		}
	}()
	_, _ = f.do(t.Context(), "a", func(context.Context) (string, error) { panic("broken") })
}

// blocking answers a query only when it is told to.
type blocking struct {
	*recorded
	begun, goOn chan struct{}
	once        sync.Once
}

func (b *blocking) Query(ctx context.Context, build, sql string, args ...any) (*Table, error) {
	if strings.HasPrefix(sql, "-- counted\n") {
		b.once.Do(func() { close(b.begun) })
		select {
		case <-b.goOn:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return b.recorded.Query(ctx, build, sql, args...)
}

// The page that one visitor gives up is not asked for anew by those who wait for it.
func TestQueriesAreAskedOnceThoughTheFirstVisitorLeaves(t *testing.T) {
	q := &blocking{recorded: readRecorded(t), begun: make(chan struct{}), goOn: make(chan struct{})}
	h, log := newHandler(t, q)
	s := h.(*Dashboard).server
	left, leave := context.WithCancel(t.Context())
	var first, second sync.WaitGroup
	first.Go(func() {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(left, http.MethodGet, "/incidents", nil))
	})
	<-q.begun
	second.Go(func() { page(t, h, "/incidents") })
	tag := s.tag(q.build, "incidents", parseFilter(nil))
	s.rendered.flights.await(tag, 2)
	leave()
	first.Wait()
	close(q.goOn)
	second.Wait()
	names := map[string]bool{}
	for name := range q.asked {
		names[name] = true
	}
	if q.count != len(names) {
		t.Errorf("%d queries were asked, of %d", q.count, len(names))
	}
	if log.Len() > 0 {
		t.Error(log)
	}
}

// A query that several pages need is asked once, too.
func TestAQueryGoesOnForWhoWaitsForIt(t *testing.T) {
	q := &blocking{recorded: readRecorded(t), begun: make(chan struct{}), goOn: make(chan struct{})}
	st, err := newStore(q, dashboards.DuckDB, time.Minute, 0)
	if err != nil {
		t.Fatal(err)
	}
	h, _ := newHandler(t, readRecorded(t))
	b, err := h.(*Dashboard).server.build(t.Context(), q.build)
	if err != nil {
		t.Fatal(err)
	}
	f := parseFilter(nil)
	params := f.params(b, f.span(b.Calendar, b.AsOfDate, b.FirstDate), 25, 100)
	_, args, err := st.queries["counted"].Bind(dashboards.DuckDB, params)
	if err != nil {
		t.Fatal(err)
	}
	left, leave := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := st.run(left, q.build, "counted", params); !errors.Is(err, context.Canceled) {
			t.Errorf("who left has %v", err)
		}
	})
	<-q.begun
	all.Go(func() {
		if table, err := st.run(t.Context(), q.build, "counted", params); err != nil || len(table.Rows) == 0 {
			t.Errorf("%v", err)
		}
	})
	st.flights.await(cacheKey(q.build, "counted", args), 2)
	leave()
	close(q.goOn)
	all.Wait()
	if q.count != 1 {
		t.Errorf("it was asked %d times", q.count)
	}
}
