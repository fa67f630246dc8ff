package bigquery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/api/iterator"

	"fourfold/load"
	"fourfold/transform"
)

// importing is a move that has not ended. Until it has, nothing else is done with the ledgers.
type importing struct {
	Mark  string            `json:"mark"`           // of what is moved
	Token string            `json:"token"`          // of this move: its jobs are no other's
	Done  map[string]string `json:"done,omitempty"` // tables that were compared, and their sums
}

func unfinished(c *Client) error {
	return fmt.Errorf("bigquery: dataset %s.%s: ledgers are being moved to it, and not all are there: run `fourfold copy` again, which goes on where it stopped", c.opts.Project, c.Raw())
}

// Import moves all ledgers of another warehouse here, with the runs and where the streams stand. The dataset must not have
// ledgers of its own. What is moved is compared, row by row and value by value. A move that was cut off is gone on with: a
// batch is a load job whose id says what is in it, and a table that was compared is not read again here. Where the other
// warehouse has changed meanwhile, the move begins anew.
func Import(ctx context.Context, c *Client, from load.Export, told func(load.Moved)) ([]load.Moved, error) {
	mark, err := from.Mark(ctx)
	if err != nil {
		return nil, err
	}
	s := &Store{c: c, counts: map[string]counted{}, importing: true}
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	m := &mover{c: c, from: from, mark: mark}
	if err := m.begin(ctx); err != nil {
		return nil, err
	}
	if m.bulk, err = c.bulk(ctx); err != nil {
		return nil, err
	}
	if m.bulk != c {
		defer m.bulk.Close()
	}
	var out []load.Moved
	for _, t := range moved() {
		n, err := m.move(ctx, t)
		if err != nil {
			return out, err
		}
		out = append(out, load.Moved{Table: t.name, Rows: n})
		told(out[len(out)-1])
	}
	return out, m.end(ctx, out)
}

// plain is a table by its columns.
type plain struct {
	name    string
	columns []transform.Column
}

// moved are the tables that are moved as they are.
func moved() []plain {
	text := func(name string) transform.Column {
		return transform.Column{Name: name, Type: transform.String, Required: true}
	}
	out := []plain{{runsTable, transform.RunsColumns}, {seenTable, []transform.Column{text("stream"), text("id")}}}
	for _, t := range transform.All() {
		columns := t.Ledger()
		for i, f := range t.BigQuerySchema() {
			columns[i].Required = f.Mode == "REQUIRED" // a tombstone lacks what every object must have
		}
		out = append(out, plain{t.Name, columns})
	}
	return out
}

// mover is a move that is under way.
type mover struct {
	c, bulk *Client // bulk reads whole tables
	from    load.Export
	mark    string
	importing
}

// begin marks the dataset as one that is moved to, and removes what another move has left.
func (m *mover) begin(ctx context.Context) error {
	st, _, err := m.c.state(ctx)
	if err != nil {
		return err
	}
	if st.Import != nil && st.Import.Mark == m.mark {
		m.importing = *st.Import
		return nil
	}
	if st.Import == nil {
		if err := m.refuseOthers(ctx, st); err != nil {
			return err
		}
	} else {
		if err := m.anew(ctx); err != nil {
			return err
		}
	}
	m.importing = importing{Mark: m.mark, Token: rand.Text()}
	return m.c.changeState(ctx, "begin to move ledgers", func(st *state) { st.Import = &m.importing })
}

// refuseOthers refuses a dataset that has ledgers of its own.
func (m *mover) refuseOthers(ctx context.Context, st state) error {
	cursors, err := m.c.cursors(ctx)
	if err != nil {
		return err
	}
	if len(cursors) > 0 || len(st.ReadOn) > 0 || st.Clock != 0 {
		return fmt.Errorf("bigquery: dataset %s.%s has ledgers of its own: they are not mixed with others: choose another warehouse.dataset, or remove the dataset (bq rm -r -d %[1]s:%[2]s) if nobody needs it",
			m.c.opts.Project, m.c.Raw())
	}
	return nil
}

// anew makes the tables again, without rows.
func (m *mover) anew(ctx context.Context) error {
	names := []string{cursorsTable}
	for _, t := range moved() {
		names = append(names, t.name)
	}
	if err := m.c.removeTables(ctx, m.c.Raw(), names); err != nil {
		return err
	}
	if err := m.c.changeState(ctx, "begin the move anew", func(st *state) { st.Schema, st.Ledgers, st.Import = "", "", &importing{} }); err != nil {
		return err
	}
	s := &Store{c: m.c, counts: map[string]counted{}, importing: true}
	return s.prepare(ctx)
}

// A batch of a move has so many rows, or bytes of text.
var (
	rowsOfMove  = 50_000
	bytesOfMove = 32 << 20
)

// move moves a table, and compares it. It gives the number of its rows.
func (m *mover) move(ctx context.Context, t plain) (int64, error) {
	var names []string
	for _, c := range t.columns {
		names = append(names, c.Name)
	}
	there := newSum(names, names)
	b := array.NewRecordBuilder(memory.DefaultAllocator, plainSchema(t.columns))
	defer b.Release()
	batch, rows, size := 0, 0, 0
	land := func() error {
		batch++
		record := b.NewRecordBatch()
		defer record.Release()
		rows, size = 0, 0
		id := m.jobID(t.name, strconv.Itoa(batch)) // its place says what is in it
		if m.landed(ctx, id) {
			return nil
		}
		file, err := toParquet(record)
		if err != nil {
			return fmt.Errorf("bigquery: move %s: %w", t.name, err)
		}
		return m.c.loadParquet(ctx, "move "+t.name, id, m.c.bq.Dataset(m.c.Raw()).Table(t.name), file, bigquery.WriteAppend, map[string]string{"run": "copy", "stream": t.name})
	}
	known := m.Done[t.name]
	for row, err := range m.from.Export(ctx, t.name, names) {
		if err != nil {
			return 0, err
		}
		there.add(row)
		if known != "" {
			continue
		}
		for i, v := range row {
			appendValue(b.Field(i), v)
			if text, ok := v.(string); ok {
				size += len(text)
			}
		}
		if rows++; rows == rowsOfMove || size >= bytesOfMove {
			if err := land(); err != nil {
				return 0, err
			}
		}
	}
	if rows > 0 {
		if err := land(); err != nil {
			return 0, err
		}
	}
	if known == "" {
		here, err := m.sumHere(ctx, t, names)
		if err != nil {
			return 0, err
		}
		known = here.String()
	}
	if known != there.String() {
		return 0, fmt.Errorf("bigquery: move %s: what is in %s.%s now (%s) is not what there was to move (%s): was it changed meanwhile? Nothing was taken from where it was: remove the dataset and run `fourfold copy` again",
			t.name, m.c.Raw(), t.name, known, there)
	}
	if there.rows == 0 { // to look again costs nothing, and BigQuery takes few notes at a time
		return 0, nil
	}
	return there.rows, m.c.changeState(ctx, "note that "+t.name+" was moved", func(st *state) {
		if st.Import == nil {
			return // somebody else has ended it
		}
		if st.Import.Done == nil {
			st.Import.Done = map[string]string{}
		}
		st.Import.Done[t.name] = known
	})
}

func (m *mover) jobID(parts ...string) string {
	return jobID(append([]string{m.c.opts.Dataset, "copy", m.Token}, parts...)...)
}

// landed reports whether a batch is there already.
func (m *mover) landed(ctx context.Context, id string) bool {
	job, err := m.c.bq.JobFromIDLocation(ctx, id+"-1", m.c.opts.Location)
	return err == nil && job.LastStatus() != nil && job.LastStatus().Done() && job.LastStatus().Err() == nil
}

// sumHere reads all of a table.
func (m *mover) sumHere(ctx context.Context, t plain, names []string) (*sum, error) {
	var out *sum
	doing := "compare " + t.name
	err := m.c.call(ctx, doing, func(context.Context) error { // a long read has no deadline
		out = newSum(names, nil)
		it := m.bulk.bq.Dataset(m.c.Raw()).Table(t.name).Read(ctx)
		var row []any
		for {
			var values []bigquery.Value
			err := it.Next(&values)
			if errors.Is(err, iterator.Done) {
				return nil
			}
			if err != nil {
				return err
			}
			if row == nil {
				var columns []string
				for _, f := range it.Schema {
					columns = append(columns, f.Name)
				}
				out, row = newSum(names, columns), make([]any, len(columns))
			}
			for i, v := range values {
				row[i] = plainValue(v, it.Schema[i])
			}
			out.add(row)
		}
	})
	if isStatus(err, http.StatusNotFound) {
		return nil, fmt.Errorf("%w: the table was removed meanwhile: remove the dataset and run `fourfold copy` again", err)
	}
	return out, err
}

// end writes where the streams stand, and lets others at the ledgers.
func (m *mover) end(ctx context.Context, all []load.Moved) error {
	positions, err := m.from.Positions(ctx)
	if err != nil {
		return err
	}
	clock, err := m.from.Clock(ctx)
	if err != nil {
		return err
	}
	rows := map[string]int64{}
	for _, t := range all {
		rows[t.Table] = t.Rows
	}
	id := m.jobID(cursorsTable)
	if len(positions) > 0 && !m.landed(ctx, id) {
		file, err := cursorRows(positions, rows, clock, id)
		if err != nil {
			return err
		}
		if err := m.c.loadParquet(ctx, "write where the streams stand", id, m.c.bq.Dataset(m.c.Raw()).Table(cursorsTable), file, bigquery.WriteAppend, map[string]string{"run": "copy"}); err != nil {
			return err
		}
	}
	return m.c.changeState(ctx, "end the move", func(st *state) {
		st.Import = nil
		if !clock.IsZero() {
			st.Clock = clock.UnixMicro()
		}
		for _, p := range positions {
			st.Ended[p.Stream] = p.Ended
		}
	})
}

// cursorRows are the rows of the table of cursors: each stream as if all that it has were of one append.
func cursorRows(positions []load.Position, rows map[string]int64, clock time.Time, id string) ([]byte, error) {
	b := array.NewRecordBuilder(memory.DefaultAllocator, plainSchema(cursorColumns))
	defer b.Release()
	aside := rows[rejectedTable] // told of the first: which stream has set what aside is in no column
	for _, p := range positions {
		var cursor any
		if p.Cursor != nil {
			cursor = string(p.Cursor)
		}
		values := map[string]any{
			"stream": p.Stream, "cursor": cursor, "table_name": p.Table, "revision": int64(1), "landed": rows[p.Table], "set_aside": aside, "landed_at": clock,
			"run_id": "copy", "observed_at": clock, "landing": id, "known": "",
		}
		for i, c := range cursorColumns {
			appendValue(b.Field(i), values[c.Name])
		}
		rows[p.Table], aside = 0, 0 // another stream may fill the same table
	}
	record := b.NewRecordBatch()
	defer record.Release()
	return toParquet(record)
}
