// Package load says what a warehouse is to a run: where batches of rows land together with the position of the stream
// that they came from, and where rows that have landed are asked for. Its conformance suite, loadtest, runs against
// every implementation.
//
// Ledgers are append-only: a version of an object is added when it differs from the newest one, an object that has gone
// gets a tombstone, nothing is updated in place. So a batch that is landed twice, or read twice, adds nothing.
package load

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"time"

	"fourfold/transform"
)

// Warehouse holds the raw ledgers. It serves one run at a time; Lookup and Scan may be called while Append runs.
type Warehouse interface {
	// Begin starts a run: it makes the tables that are missing, and fixes the run's clock at now or, where an earlier
	// run's was not before that, just after it.
	Begin(ctx context.Context, runID string, now time.Time) (transform.Run, error)
	// Append lands a batch and the stream's cursor together, or neither.
	Append(ctx context.Context, a Append) (Result, error)
	// Cursor gives what the last append of a stream left, nil at first.
	Cursor(ctx context.Context, stream string) (json.RawMessage, error)
	// Lookup gives one column of the present version of each of the ids that is live, as text.
	Lookup(ctx context.Context, table *transform.Table, column string, ids []string) (map[string]string, error)
	// Scan yields the live objects of a table in the order of their ids with the named columns as text: instants in
	// RFC 3339, UTC; "" for null.
	Scan(ctx context.Context, table *transform.Table, columns ...string) iter.Seq2[Object, error]
	// Record notes how a stream went in a run.
	Record(ctx context.Context, s StreamRun) error
	// Query runs one statement that only reads. Raw tables go by their bare names.
	Query(ctx context.Context, sql string, args ...any) (*Rows, error)
	Close() error
}

// BatchRows is the number of rows in a batch of a long read. Engines may lay out their storage for it.
const BatchRows = 8192

// Batches says how large batches of a long read should be. One lands when it has as many rows or bytes of records, or when
// its first has waited so long: what is not landed when a run is cut off is read again.
type Batches struct {
	Rows, Bytes int
	Wait        time.Duration
}

// Append is what lands together.
type Append struct {
	Stream string // the key of the cursor, "incidentio/incidents"
	Batch  transform.Batch
	Cursor json.RawMessage // nil leaves the stream's cursor as it is
	// Begin forgets what an earlier read had marked as seen; Marks marks the ids of this batch.
	Begin, Marks bool
	// Seen are the ids of the batch, rejected and withheld ones included: what was seen has not gone.
	Seen []string
	// Complete are parents whose children are all in the batch: live children that are not have gone.
	Complete []string
	// Sweep says that all that is in scope has been marked: live objects in scope that were not have gone.
	Sweep *Sweep
	// Gone are objects that have gone, by their ids; those of them that are live get tombstones.
	Gone []string
	// Settled are ids in the ledger of rejected objects of what is no longer set aside; they get tombstones there.
	Settled []string
}

// Sweep is the scope of a complete read and what it may delete.
type Sweep struct {
	CreatedColumn string    // with Since: the scope is what was created at or after it
	Since         time.Time // zero for the whole table
	// MaxShare of the live objects in scope may go in one sweep, and MaxCount in any case; where more seem to have
	// gone, none is deleted and the result says so.
	MaxShare float64
	MaxCount int
}

// Result says what an append did.
type Result struct {
	Added      int64 // versions
	Tombstones int64
	Rejected   int64 // objects and values set aside that had not been before
	// Refused is how many objects a sweep would have deleted, where that was too many; InScope out of how many.
	Refused, InScope int64
}

// Object is the present version of something that has landed.
type Object struct {
	ID         string
	ObservedAt time.Time
	Columns    []string
}

// StreamRun is how one stream went in one run.
type StreamRun struct {
	Run                                             transform.Run
	Source, Stream, Table                           string
	StartedAt, FinishedAt                           time.Time
	Status                                          string // ok, partial (the rest was read to its end), failed or skipped
	Error                                           string
	Full                                            bool
	RowsRead, Added, Tombstones, Rejected, Requests int64
}

// Rows is the answer to a query.
type Rows struct {
	Columns []string
	Types   []string // as the engine names them
	// All yields the rows; a value is nil, bool, int64, float64, string, time.Time, or for other types its text. The
	// slice is reused. It ends the query whether or not all rows are taken.
	All iter.Seq2[[]any, error]
}

// ErrNoBuild says that nothing has been published yet.
var ErrNoBuild = errors.New("nothing has been built yet")

// ErrNewer says that the data was written by a newer version of this program.
var ErrNewer = errors.New("written by a newer version")
