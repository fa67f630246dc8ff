package extract_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/extract"
)

// metered is a server of a quota of 100 points an hour, of which others may spend too.
type metered struct {
	limit, left int
	reset       time.Time
	asked       int
}

func (m *metered) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	m.asked++
	m.left = max(0, m.left-1)
	h := w.Header()
	h.Set("X-RateLimit-Limit", fmt.Sprint(m.limit))
	h.Set("X-RateLimit-Remaining", fmt.Sprint(m.left))
	h.Set("X-RateLimit-Reset", fmt.Sprint(m.reset.Unix()))
	good(w)
}

var point = extract.Request{Stream: "things", Path: "/things", Bucket: "core"}

func TestNoMoreThanTheShareIsSpentAndTheErrorSaysWhenToRunAgain(t *testing.T) {
	m := &metered{limit: 100, left: 100, reset: start.Add(40 * time.Minute)}
	file := filepath.Join(t.TempDir(), "github", "spent.json")
	var allowance *extract.Allowance
	c, clock := setup(t, m.ServeHTTP, func(o *extract.ClientOptions) {
		allowance = extract.NewAllowance(0.3, "sources.github.budget", file, o.Clock)
		o.Allowance = allowance
	})
	spend := func(c *extract.Client) (n int, err error) {
		for n < 200 {
			if _, err = c.Get(context.Background(), point, nil); err != nil {
				return n, err
			}
			n++
		}
		return n, nil
	}
	n, err := spend(c)
	var spent *extract.SpentError
	if n != 30 || !errors.As(err, &spent) || !errors.Is(err, extract.ErrSlowDown) {
		t.Fatalf("%d requests, then %v; want 30 of 100 and a SpentError", n, err)
	}
	for _, want := range []string{"30 points", "core quota of 100", "sources.github.budget", "30%", "after 08:40 UTC"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	// What was spent is known to the next process, in the same hour and no longer.
	if err := allowance.Save(); err != nil {
		t.Fatal(err)
	}
	next, nextClock := setup(t, m.ServeHTTP, func(o *extract.ClientOptions) {
		o.Allowance = extract.NewAllowance(0.3, "sources.github.budget", file, o.Clock)
	})
	if n, err := spend(next); n != 0 || !errors.As(err, &spent) {
		t.Errorf("the next process made %d requests, then %v", n, err)
	}
	if asked := m.asked; asked != 30 {
		t.Errorf("the server was asked %d times", asked)
	}
	m.left, m.reset = 100, start.Add(100*time.Minute)
	nextClock.Advance(41 * time.Minute)
	clock.Advance(41 * time.Minute)
	if n, err := spend(next); n != 30 || !errors.As(err, &spent) {
		t.Errorf("in the next hour %d requests, then %v", n, err)
	}
	q := next.Quotas()
	if len(q) != 1 || q[0].Bucket != "core" || q[0].Allowed != 30 || q[0].Spent != 30 || q[0].Limit != 100 || !q[0].Reset.Equal(m.reset) {
		t.Errorf("quotas %+v", q)
	}
}

func TestWhatOthersSpendIsNotOurs(t *testing.T) {
	m := &metered{limit: 100, left: 90, reset: start.Add(40 * time.Minute)}
	c, _ := setup(t, func(w http.ResponseWriter, r *http.Request) {
		m.left -= 3 // somebody else's
		m.ServeHTTP(w, r)
	}, func(o *extract.ClientOptions) { o.Allowance = extract.NewAllowance(0.2, "budget", "", o.Clock) })
	for i := range 20 {
		if _, err := c.Get(context.Background(), point, nil); err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
	}
	if _, err := c.Get(context.Background(), point, nil); !errors.Is(err, extract.ErrSlowDown) {
		t.Errorf("after the share: %v", err)
	}
}

func TestWhereNothingIsLeftForAnybodyItWaitsOnlyWhileItHasPatience(t *testing.T) {
	for after, waits := range map[time.Duration]bool{5 * time.Minute: true, 50 * time.Minute: false} {
		m := &metered{limit: 10, left: 1, reset: start.Add(after)}
		c, clock := setup(t, m.ServeHTTP, func(o *extract.ClientOptions) { o.Allowance = extract.NewAllowance(1, "budget", "", o.Clock) })
		if _, err := c.Get(context.Background(), point, nil); err != nil {
			t.Fatal(err)
		}
		_, err := c.Get(context.Background(), point, nil)
		if waits && (err != nil || clock.Now().Before(m.reset)) || !waits && (!errors.Is(err, extract.ErrSlowDown) || !strings.Contains(err.Error(), "nothing is left of the 10 points")) {
			t.Errorf("reset in %s: %v at %s", after, err, clock.Now())
		}
		if want := map[bool]int{true: 2, false: 1}[waits]; m.asked != want {
			t.Errorf("reset in %s: the server was asked %d times, want %d", after, m.asked, want)
		}
	}
}

func TestACountThatCannotBeReadBeginsAnew(t *testing.T) {
	for _, text := range []string{"", "{", "null", `{"core":null}`, `[]`} {
		file := filepath.Join(t.TempDir(), "spent.json")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		m := &metered{limit: 100, left: 100, reset: start.Add(time.Hour)}
		c, _ := setup(t, m.ServeHTTP, func(o *extract.ClientOptions) { o.Allowance = extract.NewAllowance(0.01, "budget", file, o.Clock) })
		if _, err := c.Get(context.Background(), point, nil); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if _, err := c.Get(context.Background(), point, nil); !errors.Is(err, extract.ErrSlowDown) {
			t.Errorf("%q: the count did not begin: %v", text, err)
		}
	}
}

func TestAPriceIsWhatIsSpent(t *testing.T) {
	m := &metered{limit: 100, left: 100, reset: start.Add(time.Hour)}
	c, _ := setup(t, m.ServeHTTP, func(o *extract.ClientOptions) { o.Allowance = extract.NewAllowance(0.2, "budget", "", o.Clock) })
	r := point
	r.Price = func([]byte) int64 { return 7 }
	n := 0
	for ; n < 10; n++ {
		if _, err := c.Get(context.Background(), r, nil); err != nil {
			break
		}
	}
	if n != 3 || c.Counts("things").Points != 21 {
		t.Errorf("%d requests of 7 points within 20, %d points", n, c.Counts("things").Points)
	}
}

func TestARequestWithABodyIsPostedAgainWhole(t *testing.T) {
	var bodies []string
	c, _ := setup(t, func(w http.ResponseWriter, r *http.Request) {
		buf := make([]byte, 100)
		n, _ := r.Body.Read(buf)
		bodies = append(bodies, fmt.Sprint(r.Method, " ", r.URL.Path, " ", r.Header.Get("Content-Type"), " ", r.Header.Get("X-Own"), " ", string(buf[:n])))
		if len(bodies) == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		good(w)
	})
	if _, err := c.Get(context.Background(), extract.Request{Body: []byte(`{"a":1}`), Header: http.Header{"X-Own": {"x"}}}, nil); err != nil {
		t.Fatal(err)
	}
	want := `POST / application/json x {"a":1}`
	if diff := cmp.Diff([]string{want, want}, bodies); diff != "" {
		t.Error(diff)
	}
}

func TestAServersOwnWayOfAskingToSlowDownIsHeeded(t *testing.T) {
	slow := func(o *extract.ClientOptions) {
		o.SlowWait = time.Minute
		o.SlowDown = func(e *extract.HTTPError, h http.Header, _ []byte) (time.Duration, bool) {
			return extract.RetryAfter(h, start, false), e.Status == http.StatusForbidden || e.Status == http.StatusOK
		}
	}
	n := 0
	c, clock := setup(t, func(w http.ResponseWriter, _ *http.Request) {
		n++
		switch n {
		case 1, 2: // without a word: a minute, then two
			w.WriteHeader(http.StatusForbidden)
		case 3:
			w.Header().Set("Date", "")
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusForbidden)
		case 4: // with status 200
			text(`{"slow":true}`)(w, nil)
		case 5: // a failure is none: the end of the hour is not waited for
			w.Header().Set("X-RateLimit-Reset", fmt.Sprint(start.Add(time.Hour).Unix()))
			w.WriteHeader(http.StatusBadGateway)
		default:
			good(w)
		}
	}, slow)
	_, err := c.Get(context.Background(), extract.Request{Stream: "things", Check: func(b []byte) error {
		if strings.Contains(string(b), "slow") {
			return fmt.Errorf("no: %w", extract.ErrSlowDown)
		}
		return nil
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	slept := clock.Slept()
	least := []time.Duration{time.Minute, 2 * time.Minute, 7 * time.Second, 4 * time.Minute, 0}
	most := []time.Duration{time.Minute + time.Second, 2*time.Minute + time.Second, 8 * time.Second, 4*time.Minute + time.Second, 2 * time.Second}
	if len(slept) != len(least) {
		t.Fatalf("slept %v", slept)
	}
	for i, d := range slept {
		if d < least[i] || d > most[i] {
			t.Errorf("wait %d was %s, want %s to %s", i, d, least[i], most[i])
		}
	}
	if got := c.Counts("things").Limited; got != 4 {
		t.Errorf("limited %d times", got)
	}
}

func TestARefusalThatAsksToSlowDownIsNoMissingPermission(t *testing.T) {
	c, _ := setup(t, status(http.StatusForbidden), func(o *extract.ClientOptions) {
		o.SlowWait = time.Hour
		o.SlowDown = func(*extract.HTTPError, http.Header, []byte) (time.Duration, bool) { return 0, true }
	})
	_, err := c.Get(context.Background(), point, nil)
	if errors.Is(err, extract.ErrForbidden) || !errors.Is(err, extract.ErrSlowDown) {
		t.Errorf("%v: want ErrSlowDown and not ErrForbidden", err)
	}
}

func TestAFailureThatTheCallerCallsFinalIsNotAskedForAgain(t *testing.T) {
	n := 0
	c, _ := setup(t, func(w http.ResponseWriter, _ *http.Request) { n++; w.WriteHeader(http.StatusBadGateway) })
	r := point
	r.Final = func(err error) bool {
		var e *extract.HTTPError
		return errors.As(err, &e) && e.Status == http.StatusBadGateway
	}
	if _, err := c.Get(context.Background(), r, nil); err == nil || n != 1 {
		t.Errorf("%d attempts, %v", n, err)
	}
}
