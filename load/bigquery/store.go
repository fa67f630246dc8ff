package bigquery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"fourfold/load"
	"fourfold/transform"
)

// Store is the dataset of ledgers, for a run.
type Store struct {
	c *Client

	mu      sync.Mutex // one append at a time: transactions on one table cancel each other
	run     transform.Run
	cursors map[string]*cursor
	light   map[string]lightCursor // as the table's label has them
	appends int                    // numbers the jobs of a run
	landed  bool                   // whether anything has, in this run
	moved   bool                   // whether light has changed
	records []load.StreamRun
	counts  map[string]counted // by table, of this run
}

var _ load.Warehouse = (*Store)(nil)

// cursor is a row of the table of cursors.
type cursor struct {
	text     string
	none     bool // no cursor, but appends have landed
	revision int64
	known    *known
	touched  map[string]bool // in this run
}

// lightCursor is where a stream stands that has read on and found nothing new. It is no row: writing one is a query.
type lightCursor struct {
	Cursor   json.RawMessage `json:"cursor"`
	Revision int64           `json:"revision"` // of the row that it goes on from: after another append it says nothing
}

// Open opens the ledgers and makes them if they are missing.
func Open(ctx context.Context, c *Client) (*Store, error) {
	s := &Store{c: c, cursors: map[string]*cursor{}, light: map[string]lightCursor{}}
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	if err := s.readCursors(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// state is what the description of the table of cursors keeps: what changes in runs that land nothing. A change of it is a
// request, and neither a query nor a job.
type state struct {
	Clock int64                  `json:"clock"` // of the last run, in microseconds since 1970
	Light map[string]lightCursor `json:"read_on,omitempty"`
}

const stateMark = "\nState, written by the program alone: "

func (s *Store) cursorsRef() *bigquery.Table { return s.c.bq.Dataset(s.c.Raw()).Table(cursorsTable) }

// changeState reads the state, changes it, and writes it unless somebody else has meanwhile; then again.
func (s *Store) changeState(ctx context.Context, doing string, change func(*state) bool) error {
	for range attempts {
		var md *bigquery.TableMetadata
		err := s.c.call(ctx, doing, func(ctx context.Context) (err error) {
			md, err = s.cursorsRef().Metadata(ctx, bigquery.WithMetadataView(bigquery.BasicMetadataView))
			return err
		})
		if err != nil {
			return err
		}
		var now state
		text, rest, _ := cutState(md.Description)
		if rest != "" {
			if err := json.Unmarshal([]byte(rest), &now); err != nil {
				return fmt.Errorf("bigquery: %s: the description of table %s.%s was changed by hand: %w: remove what follows %q", doing, s.c.Raw(), cursorsTable, err, stateMark)
			}
		}
		if now.Light == nil {
			now.Light = map[string]lightCursor{}
		}
		if !change(&now) {
			return nil
		}
		next, err := json.Marshal(now)
		if err != nil {
			return err
		}
		err = s.c.call(ctx, doing, func(ctx context.Context) error {
			_, err := s.cursorsRef().Update(ctx, bigquery.TableMetadataToUpdate{Description: text + stateMark + string(next)}, md.ETag)
			return err
		})
		if !isStatus(err, 412) { // somebody else was first
			return err
		}
	}
	return fmt.Errorf("bigquery: %s: others change it all the time: is another run at work?", doing)
}

func cutState(description string) (text, rest string, found bool) {
	for i := 0; i+len(stateMark) <= len(description); i++ {
		if description[i:i+len(stateMark)] == stateMark {
			return description[:i], description[i+len(stateMark):], true
		}
	}
	return description, "", false
}

// Begin fixes the run's clock.
func (s *Store) Begin(ctx context.Context, runID string, now time.Time) (transform.Run, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	run := transform.Run{ID: runID, At: now.UTC().Truncate(time.Microsecond)}
	at := run.At
	err := s.changeState(ctx, "begin a run", func(st *state) bool {
		run.At = at
		if last := time.UnixMicro(st.Clock).UTC(); st.Clock > 0 && !run.At.After(last) {
			run.At = last.Add(time.Microsecond)
		}
		st.Clock = run.At.UnixMicro()
		s.light = st.Light
		return true
	})
	s.run, s.appends, s.landed, s.counts = run, 0, false, map[string]counted{}
	for _, c := range s.cursors {
		c.touched = map[string]bool{}
	}
	return run, err
}

// readCursors reads the table of cursors: a small one, by its rows.
func (s *Store) readCursors(ctx context.Context) error {
	err := s.c.call(ctx, "read the cursors", func(ctx context.Context) error {
		it := s.cursorsRef().Read(ctx)
		for {
			row := map[string]bigquery.Value{}
			err := it.Next(&row)
			if errors.Is(err, iterator.Done) {
				return nil
			}
			if err != nil {
				return err
			}
			c := &cursor{known: &known{}, touched: map[string]bool{}}
			c.text, _ = row["cursor"].(string)
			c.none = row["cursor"] == nil
			c.revision, _ = row["revision"].(int64)
			if text, ok := row["known"].(string); ok {
				c.known = parseKnown(text)
			}
			stream, _ := row["stream"].(string)
			if was, ok := s.cursors[stream]; !ok || was.revision < c.revision {
				s.cursors[stream] = c
			}
		}
	})
	if err != nil {
		return err
	}
	return s.changeState(ctx, "read the cursors", func(st *state) bool {
		s.light = st.Light
		return false
	})
}

// Cursor gives a stream's position.
func (s *Store) Cursor(ctx context.Context, stream string) (json.RawMessage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, ok := s.cursors[stream]
	if light, on := s.light[stream]; on && (ok && light.Revision == c.revision || !ok && light.Revision == 0) {
		return light.Cursor, nil
	}
	if !ok || c.none {
		return nil, nil
	}
	return json.RawMessage(c.text), nil
}

// Record notes how a stream went. What is noted is written when the store is closed: the rows of a run are one job.
func (s *Store) Record(ctx context.Context, r load.StreamRun) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("bigquery: record a run: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, r)
	return nil
}

// flush writes what is held back: how the streams went, and how far those have read on that found nothing new.
func (s *Store) flush(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.moved {
		err := s.changeState(ctx, "write the cursors", func(st *state) bool {
			for stream, l := range s.light {
				st.Light[stream] = l
			}
			for stream := range st.Light {
				if c, ok := s.cursors[stream]; ok && st.Light[stream].Revision != c.revision {
					delete(st.Light, stream)
				}
			}
			return true
		})
		if err != nil {
			return err
		}
		s.moved = false
	}
	return s.writeRuns(ctx)
}

// runRow is a row of the table of runs, as a streaming insert takes it.
type runRow struct{ load.StreamRun }

func (r runRow) values() []any {
	var message any
	if r.Error != "" {
		message = r.Error
	}
	return []any{
		r.Run.ID, r.Run.At, r.Source, r.Stream, r.Table, r.StartedAt.UTC().Truncate(time.Microsecond), r.FinishedAt.UTC().Truncate(time.Microsecond), r.Status, message, r.Full,
		r.RowsRead, r.Added, r.Tombstones, r.Rejected, r.Requests,
	}
}

// Save gives a row and the id by which BigQuery knows one that comes twice.
func (r runRow) Save() (map[string]bigquery.Value, string, error) {
	row := map[string]bigquery.Value{}
	for i, v := range r.values() {
		row[transform.RunsColumns[i].Name] = v
	}
	return row, r.Run.ID + "/" + r.Source + "/" + r.Stream, nil
}

// writeRuns adds the rows of the run. A run that has landed something adds them by a job like others; one that has not needs
// no job: a streaming insert is none. (A table that has just been made may not take those yet.)
func (s *Store) writeRuns(ctx context.Context) error {
	if len(s.records) == 0 {
		return nil
	}
	var rows []runRow
	for _, r := range s.records {
		rows = append(rows, runRow{r})
	}
	if !s.landed {
		err := s.c.insist(ctx, func(ctx context.Context) error {
			return s.c.bq.Dataset(s.c.Raw()).Table(runsTable).Inserter().Put(ctx, rows)
		})
		if err != nil {
			return explain("record a run", err)
		}
		s.records = nil
		return nil
	}
	s.appends++
	if err := s.loadRuns(ctx, jobID(s.c.opts.Dataset, s.run.ID, runsTable, strconv.Itoa(s.appends)), rows); err != nil {
		return err
	}
	s.records = nil
	return nil
}

// Close writes what is held back. The client stays open: it is the caller's.
func (s *Store) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	return s.flush(ctx)
}

// Query runs one statement that only reads. Raw tables go by their bare names.
func (s *Store) Query(ctx context.Context, sql string, args ...any) (*load.Rows, error) {
	rows, err := s.c.query(ctx, "query", s.c.Raw(), sql, args, nil)
	if err != nil {
		return nil, err
	}
	return rows, nil
}
