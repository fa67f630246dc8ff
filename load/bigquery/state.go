package bigquery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"fourfold/load"
)

// state is what changes in runs that land nothing. It is kept in the description of a table without rows, since a change of
// that is neither a query nor a job.
type state struct {
	Format int    `json:"format"` // of the dataset's layout
	Schema string `json:"schema"` // of all tables: where it is the program's, they need no look
	Clock  int64  `json:"clock"`  // of the last run, in microseconds since 1970
	// Ledgers is their id: a random one, which others that are made in their place do not have.
	Ledgers string `json:"ledgers,omitempty"`
	// ReadOn are streams that have read on and found nothing new.
	ReadOn map[string]readOn `json:"read_on,omitempty"`
	// Ended is how each stream ended in its last run.
	Ended map[string]string `json:"ended,omitempty"`
	// Import is a move of another warehouse's ledgers that has not ended.
	Import *importing `json:"import,omitempty"`
}

// readOn is where a stream stands that has read on and found nothing new. It is no row: writing one is a query.
type readOn struct {
	Cursor   json.RawMessage `json:"cursor"`
	Revision int64           `json:"revision"` // of the row that it goes on from: after another append it says nothing
}

const (
	stateMark = "\nState, written by the program alone: "
	// mostReadOn is how much of a description, which has at most 16,384 characters, may be of ReadOn, in bytes.
	mostReadOn = 12_000
)

// cutState takes a description apart: what it says to people, and to the program.
func cutState(description string) (text, rest string, found bool) {
	return strings.Cut(description, stateMark)
}

var errNoState = errors.New("nothing has been synced yet: run `fourfold sync`")

// state reads the state. Of one that was damaged by hand nothing is left: it is made anew of what the tables hold.
func (c *Client) state(ctx context.Context) (st state, md *bigquery.TableMetadata, err error) {
	err = c.call(ctx, "look at "+c.Raw()+"."+stateTable, func(ctx context.Context) (err error) {
		md, err = c.bq.Dataset(c.Raw()).Table(stateTable).Metadata(ctx, bigquery.WithMetadataView(bigquery.BasicMetadataView))
		return err
	})
	if isStatus(err, http.StatusNotFound) {
		return state{}, nil, errNoState
	}
	if isDenied(err) {
		err = fmt.Errorf("%w (or nothing has been synced yet, and there is nothing to look at: `fourfold sync`)", err)
	}
	if err != nil {
		return state{}, nil, err
	}
	if _, text, found := cutState(md.Description); found {
		if json.Unmarshal([]byte(text), &st) != nil {
			st = state{}
		}
	}
	if st.Format > formatVersion {
		return st, nil, fmt.Errorf("bigquery: dataset %s: its layout is number %d and this program knows %d: it was %w of fourfold; upgrade the program, or use another dataset",
			c.Raw(), st.Format, formatVersion, load.ErrNewer)
	}
	return st, md, nil
}

// changeState reads the state, changes it, and writes it unless somebody else has meanwhile; then again.
func (c *Client) changeState(ctx context.Context, doing string, change func(*state)) error {
	for range attempts {
		st, md, err := c.state(ctx)
		if err != nil {
			return err
		}
		if st.ReadOn == nil {
			st.ReadOn = map[string]readOn{}
		}
		if st.Ended == nil {
			st.Ended = map[string]string{}
		}
		change(&st)
		next, err := json.Marshal(st)
		if err != nil {
			return err
		}
		text, _, _ := cutState(md.Description)
		err = c.call(ctx, doing, func(ctx context.Context) error {
			_, err := c.bq.Dataset(c.Raw()).Table(stateTable).Update(ctx, bigquery.TableMetadataToUpdate{Description: text + stateMark + string(next)}, md.ETag)
			return err
		})
		if !isStatus(err, http.StatusPreconditionFailed) { // somebody else was first
			return err
		}
	}
	return fmt.Errorf("bigquery: %s: others change %s.%s all the time: is another run at work?", doing, c.Raw(), stateTable)
}

// cursor is a row of the table of cursors: a stream.
type cursor struct {
	text       string
	none       bool // no cursor, but appends have landed
	table      string
	revision   int64 // how many appends have landed
	landed     int64 // rows of its ledger
	aside      int64 // rows of the ledger of rejected objects
	landedAt   time.Time
	observedAt time.Time
	landing    string
	known      *known
	touched    *touched
}

// lockStream is no stream: its row is what the first append of a stream changes, since two that only add rows do not see
// each other.
const lockStream = ""

// cursors reads the table of cursors: a small one, by its rows, which is neither query nor job.
func (c *Client) cursors(ctx context.Context) (map[string]*cursor, error) {
	var out map[string]*cursor
	err := c.call(ctx, "read "+c.Raw()+"."+cursorsTable, func(ctx context.Context) error {
		out = map[string]*cursor{}
		it := c.bq.Dataset(c.Raw()).Table(cursorsTable).Read(ctx)
		for {
			row := map[string]bigquery.Value{}
			err := it.Next(&row)
			if errors.Is(err, iterator.Done) {
				return nil
			}
			if err != nil {
				return err
			}
			x := &cursor{none: row["cursor"] == nil, touched: untouched()}
			stream, _ := row["stream"].(string)
			x.text, _ = row["cursor"].(string)
			x.table, _ = row["table_name"].(string)
			x.revision, _ = row["revision"].(int64)
			x.landed, _ = row["landed"].(int64)
			x.aside, _ = row["set_aside"].(int64)
			x.landedAt, _ = row["landed_at"].(time.Time)
			x.observedAt, _ = row["observed_at"].(time.Time)
			x.landing, _ = row["landing"].(string)
			text, _ := row["known"].(string)
			x.known = parseKnown(text)
			if stream != lockStream {
				out[stream] = x
			}
		}
	})
	return out, err
}
