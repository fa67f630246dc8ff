package extract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Allowance keeps a program to a share of what a server grants a key in each window of time, usually an hour. It counts
// what the program itself spends, since others may use the key too, and keeps the count in a file, since the next run
// of the program may fall in the same window. A nil Allowance allows everything. It is safe for concurrent use.
type Allowance struct {
	share float64
	key   string // of the configuration, for errors
	file  string
	clock Clock

	mu      sync.Mutex
	windows map[string]*window
	written int64 // points that had been spent when the file was last written
	points  int64
}

// window is one bucket's time until it is full again.
type window struct {
	Limit     int64     `json:"limit"`
	Remaining int64     `json:"remaining"`
	Reset     time.Time `json:"reset"`
	Spent     int64     `json:"spent"` // by this program
}

// sameWindow is how far apart two words about a window's end may be: servers round, and their clocks differ.
const sameWindow = 5 * time.Minute

// writeEvery is how many points may be spent before the file says so: what a killed program forgets.
const writeEvery = 20

// NewAllowance allows a share (0 to 1) of every bucket. Key is the setting to name in errors, file where the count is
// kept; "" keeps it for this process only.
func NewAllowance(share float64, key, file string, clock Clock) *Allowance {
	a := &Allowance{share: share, key: key, file: file, clock: clock, windows: map[string]*window{}}
	if file == "" {
		return a
	}
	// A file that is not there or cannot be read is a count that begins anew.
	if text, err := os.ReadFile(file); err == nil {
		if json.Unmarshal(text, &a.windows) != nil || a.windows == nil {
			a.windows = map[string]*window{}
		}
	}
	for bucket, w := range a.windows {
		if w == nil {
			delete(a.windows, bucket)
		}
	}
	return a
}

// SpentError says that a quota is used up until Reset: the program's own share of it, or all of it by whomever. It is of
// kind ErrSlowDown.
type SpentError struct {
	Bucket       string
	Spent, Limit int64
	Share        float64 // 1 if nothing is left for anybody
	Reset        time.Time
	key          string
}

func (e *SpentError) Error() string {
	when := e.Reset.UTC().Format("15:04 UTC")
	if e.Share >= 1 {
		return fmt.Sprintf("nothing is left of the %d points of this key's %s quota: what has been read is kept; run again after %s", e.Limit, e.Bucket, when)
	}
	return fmt.Sprintf("%d points of this key's %s quota of %d are spent, which is the share that %s allows (%g%%): what has been read is kept; run again after %s, or allow more",
		e.Spent, e.Bucket, e.Limit, e.key, 100*e.Share, when)
}

// Is reports that this is a kind of ErrSlowDown.
func (e *SpentError) Is(target error) bool { return target == ErrSlowDown }

// admit lets a request pass, or not while its bucket is used up. Where nothing is left for anybody and that ends within
// patience, it waits.
func (a *Allowance) admit(ctx context.Context, bucket string, patience time.Duration) error {
	if a == nil || bucket == "" {
		return nil
	}
	a.mu.Lock()
	w := a.current(bucket)
	if w == nil {
		a.mu.Unlock()
		return nil
	}
	e := &SpentError{Bucket: bucket, Spent: w.Spent, Limit: w.Limit, Share: a.share, Reset: w.Reset, key: a.key}
	own := a.share < 1 && w.Spent >= a.allowed(w)
	empty := w.Remaining <= 0
	a.mu.Unlock()
	switch {
	case own:
		return e
	case !empty:
		return nil
	}
	e.Share = 1
	wait := w.Reset.Sub(a.clock.Now()) + time.Second
	if wait > patience {
		return e
	}
	return a.clock.Sleep(ctx, wait)
}

// current is a bucket's window unless it is over or was never named.
func (a *Allowance) current(bucket string) *window {
	w := a.windows[bucket]
	if w == nil || !a.clock.Now().Before(w.Reset) {
		return nil
	}
	return w
}

// allowed is how much of a window this program may spend; a share of something is at least one.
func (a *Allowance) allowed(w *window) int64 { return max(1, int64(a.share*float64(w.Limit))) }

// told takes in what a server says of a bucket.
func (a *Allowance) told(q Quota) {
	if a == nil || q.Bucket == "" || q.Reset.IsZero() {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	w := a.current(q.Bucket)
	if w == nil || q.Reset.Sub(w.Reset) > sameWindow {
		w = &window{}
		a.windows[q.Bucket] = w
	}
	w.Limit, w.Remaining, w.Reset = q.Limit, q.Remaining, q.Reset
}

// spend counts points that this program has spent.
func (a *Allowance) spend(bucket string, points int64) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if w := a.windows[bucket]; w != nil {
		w.Spent += points
		a.points += points
	}
	if a.points-a.written >= writeEvery {
		_ = a.write() // tried again soon, and at the end with its error
	}
}

// of gives what this program may spend of a bucket, and has.
func (a *Allowance) of(bucket string) (allowed, spent int64) {
	if a == nil {
		return 0, 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if w := a.windows[bucket]; w != nil {
		return a.allowed(w), w.Spent
	}
	return 0, 0
}

// Save writes the count to its file.
func (a *Allowance) Save() error {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.points == a.written {
		return nil
	}
	if err := a.write(); err != nil {
		return fmt.Errorf("keep what was spent of the API's quota: %w", err)
	}
	return nil
}

func (a *Allowance) write() error {
	if a.file == "" {
		return nil
	}
	text, err := json.Marshal(a.windows)
	if err == nil {
		err = errors.Join(os.MkdirAll(filepath.Dir(a.file), 0o755), os.WriteFile(a.file+".next", append(text, '\n'), 0o644))
	}
	if err == nil {
		err = os.Rename(a.file+".next", a.file)
	}
	if err == nil {
		a.written = a.points
	}
	return err
}
