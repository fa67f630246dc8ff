// Package extract says what a source of records is and holds what sources share: the HTTP transport with its
// deadlines, retries, limits and redaction.
//
// A source yields records as it received them; it does not interpret, hash or store them. It knows nothing of the
// warehouse: what it may ask of the rows that have landed before is the small interface Ledger.
package extract

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"time"

	"fourfold/transform"
)

// Stream is one kind of object that a source can be read for. Streams of a source run in their order: a stream may
// rely on what those before it landed in the same run.
type Stream struct {
	// Name is the stream's name within its source: "incidents".
	Name string
	// Table is where the records land.
	Table *transform.Table
	// Read yields the pages that are new since in.Cursor. The window that it reads is fixed before the first request,
	// so that what changes meanwhile is in the next run's window. A caller that stops early stops the work.
	//
	// An error of kind ErrForbidden means that the credentials may not read this stream.
	Read func(ctx context.Context, in Input) iter.Seq2[Page, error]
}

// Input is what a run tells a stream.
type Input struct {
	// Cursor is what the last page that landed said, empty at the first run. It is data of the stream's own.
	Cursor json.RawMessage
	// RunAt is the run's clock in UTC: the _observed_at of every row that this run lands, greater than any before.
	RunAt time.Time
	// Full asks to ignore the cursor, to read everything in scope, and to end with a page that says Sweep.
	Full bool
	// Since limits the read to objects created from this instant on; zero for everything.
	Since time.Time
	// Ledger answers for what has landed, this run's earlier streams included.
	Ledger Ledger
}

// Page is a number of records and the position once they have landed. Records and cursor land together or not at all.
type Page struct {
	// Records are valid until the iterator is asked for the next page.
	Records []Record
	// Cursor is the stream's position after this page; nil leaves it as it is.
	Cursor json.RawMessage
	// Complete names the values of Table.Parent for which Records holds every child there is: a child that has landed
	// before and is not among them has gone.
	Complete []string
	// Sweep, in the last page of a complete read, says that every object in scope has been yielded since the read
	// began: those in scope that were not have gone from the source.
	Sweep *Sweep
	// Begin, in the first page of a read that will end with Sweep, forgets what an earlier read had marked as seen.
	Begin bool
	// Marks says that the ids of this page count as seen for the sweep at the end of the read.
	Marks bool
	// Spared, in a page that marks, are ids of objects that have landed and that this read does not reach: they count as
	// seen too.
	Spared []string
	// Gone are ids of objects that the source has no more, where it knows which: they get tombstones, whatever their
	// number. None of them is among this run's records.
	Gone []string
	// Settled are ids in the ledger transform.Rejected of what was set aside before and is not any more: it has been
	// mended or has gone.
	Settled []string
	// Warnings are what a person should know although nothing failed.
	Warnings []string
}

// Record is one object as the source gave it.
type Record struct {
	// JSON is one JSON object.
	JSON []byte
	// Private says that the object belongs to a private incident: the privacy policy decides what is left of it.
	Private bool
	// Verdict is what the source itself has found wrong with the object; most find nothing.
	Verdict transform.Verdict
}

// Sweep is the scope of a complete read.
type Sweep struct {
	// Since limits the scope to objects whose column CreatedColumn is at or after it; zero is the whole table.
	Since         time.Time
	CreatedColumn string
}

// Ledger answers questions about the objects that have landed and are not deleted.
type Ledger interface {
	// Lookup gives one column of the present version of each of the ids that is live; the others are absent.
	Lookup(ctx context.Context, table *transform.Table, column string, ids []string) (map[string]string, error)
	// Scan yields the live objects of a table in the order of their ids, with the named columns as text (timestamps in
	// RFC 3339, UTC; "" for null).
	Scan(ctx context.Context, table *transform.Table, columns ...string) iter.Seq2[Object, error]
}

// Object is the present version of something that has landed.
type Object struct {
	ID         string
	ObservedAt time.Time // when this version was first seen
	Columns    []string
}

// ErrForbidden says that the credentials are good but may not read this stream.
var ErrForbidden = errors.New("not permitted")

// ErrPartial says that some of what a stream is to read could not be read, and that the rest was read to its end: one
// repository of several is gone.
var ErrPartial = errors.New("partly read")

// Partial makes an error one of kind ErrPartial; its text stays as it is.
func Partial(err error) error { return partial{err} }

type partial struct{ error }

func (p partial) Unwrap() error        { return p.error }
func (p partial) Is(target error) bool { return target == ErrPartial }

// ErrUnauthorized says that the credentials are not accepted at all.
var ErrUnauthorized = errors.New("credentials not accepted")
