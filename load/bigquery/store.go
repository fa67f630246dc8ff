package bigquery

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"time"

	"fourfold/load"
	"fourfold/transform"
)

// Store is the dataset of ledgers, for a run.
type Store struct {
	c *Client

	landing sync.Mutex // one append at a time: transactions on one table cancel each other

	mu      sync.Mutex // of what follows; never held while BigQuery is asked, but to begin and to end
	run     transform.Run
	cursors map[string]*cursor
	readOn  map[string]readOn
	saved   time.Time // when readOn was written last
	moved   bool      // readOn has changed since
	unsure  bool      // of what became of an append: cursors are to be read again
	appends int       // numbers the jobs of a run
	landed  bool      // something has, in this run
	made    bool      // tables were made: they do not take streaming inserts at once
	records []load.StreamRun
	// importing says that all is to be moved here from another warehouse.
	importing bool
	counts    map[string]counted // by table: what has this run's clock
}

var _ load.Warehouse = (*Store)(nil)

// counted are rows of a table.
type counted struct{ added, gone int64 }

// Open opens the ledgers and makes what is missing of them.
func Open(ctx context.Context, c *Client) (*Store, error) {
	s := &Store{c: c, counts: map[string]counted{}}
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	var err error
	if s.cursors, err = c.cursors(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Begin fixes the run's clock.
func (s *Store) Begin(ctx context.Context, runID string, now time.Time) (transform.Run, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	run := transform.Run{ID: runID}
	err := s.c.changeState(ctx, "begin a run", func(st *state) {
		run.At = now.UTC().Truncate(time.Microsecond)
		last := time.UnixMicro(st.Clock).UTC()
		for _, c := range s.cursors {
			if c.observedAt.After(last) {
				last = c.observedAt.UTC()
			}
		}
		if last.UnixMicro() != 0 && !run.At.After(last) {
			run.At = last.Add(time.Microsecond)
		}
		st.Clock = run.At.UnixMicro()
		s.readOn = st.ReadOn
	})
	s.run, s.appends, s.landed, s.counts, s.saved = run, 0, false, map[string]counted{}, time.Now()
	for _, c := range s.cursors {
		c.touched = untouched()
	}
	return run, err
}

// Cursor gives a stream's position.
func (s *Store) Cursor(ctx context.Context, stream string) (json.RawMessage, error) {
	if err := s.refresh(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.cursors[stream]
	if !ok {
		c = &cursor{none: true}
	}
	if on, ok := s.readOn[stream]; ok && on.Revision == c.revision {
		return on.Cursor, nil
	}
	if c.none {
		return nil, nil
	}
	return json.RawMessage(c.text), nil
}

// refresh reads the cursors again where it is not known what became of an append.
func (s *Store) refresh(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("bigquery: read the cursors: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.unsure {
		return nil
	}
	cursors, err := s.c.cursors(ctx)
	if err != nil {
		return err
	}
	for _, c := range cursors {
		c.touched.blind = true
	}
	s.cursors, s.unsure = cursors, false
	return nil
}

// readOnEvery is how often it is written where streams stand that find nothing new: what is not written is read again after
// a kill.
const readOnEvery = time.Minute

// goOn notes where a stream stands that has brought nothing new. It reports whether that can be kept without a row.
func (s *Store) goOn(ctx context.Context, a load.Append, at *cursor) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stands, none := at.text, at.none
	if on, ok := s.readOn[a.Stream]; ok && on.Revision == at.revision {
		stands, none = string(on.Cursor), false
	}
	if a.Cursor == nil || !none && stands == string(a.Cursor) {
		return true, nil
	}
	next := map[string]readOn{}
	maps.Copy(next, s.readOn)
	next[a.Stream] = readOn{Cursor: a.Cursor, Revision: at.revision}
	text, err := json.Marshal(next)
	if err != nil || len(text) > mostReadOn {
		return false, nil //nolint:nilerr // what is no JSON is a row's text
	}
	s.readOn, s.moved = next, true
	if time.Since(s.saved) < readOnEvery {
		return true, nil
	}
	return true, s.save(ctx)
}

// save writes where the streams stand, and how they ended.
func (s *Store) save(ctx context.Context) error {
	if !s.moved && len(s.records) == 0 {
		return nil
	}
	err := s.c.changeState(ctx, "write where the streams stand", func(st *state) {
		maps.Copy(st.ReadOn, s.readOn)
		maps.DeleteFunc(st.ReadOn, func(stream string, on readOn) bool {
			c, ok := s.cursors[stream]
			return ok && c.revision > on.Revision
		})
		for _, r := range s.records {
			st.Ended[r.Source+"/"+r.Stream] = r.Status
		}
	})
	if err == nil {
		s.moved, s.saved = false, time.Now()
	}
	return err
}

// Close writes what is held back: how the streams went, and how far those have read on that found nothing new. The client
// stays open: it is the caller's.
func (s *Store) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.save(ctx); err != nil {
		return err
	}
	return s.writeRuns(ctx)
}
