package bigquery

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"fourfold/load"
	"fourfold/transform"
)

// Record notes how a stream went. What is noted is written when the store is closed: the rows of a run are one request.
func (s *Store) Record(ctx context.Context, r load.StreamRun) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("bigquery: record a run: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, r)
	return nil
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
// no job: a streaming insert is none. A table that was made a minute ago may not take those.
func (s *Store) writeRuns(ctx context.Context) error {
	if len(s.records) == 0 {
		return nil
	}
	var rows []runRow
	for _, r := range s.records {
		rows = append(rows, runRow{r})
	}
	byJob := s.landed || s.made
	if !byJob {
		err := s.c.insist(ctx, "record a run", func(ctx context.Context) error {
			return s.c.bq.Dataset(s.c.Raw()).Table(runsTable).Inserter().Put(ctx, rows)
		})
		if byJob = isStatus(err, http.StatusNotFound); err != nil && !byJob {
			return s.c.explain("record a run", err)
		}
	}
	if byJob {
		s.appends++
		if err := s.loadRuns(ctx, s.jobID(runsTable), rows); err != nil {
			return err
		}
	}
	s.records = nil
	return nil
}

// jobID names a job of the run. The clock is in it, which no other run has.
func (s *Store) jobID(what string) string {
	return jobID(s.c.opts.Dataset, s.run.ID, strconv.FormatInt(s.run.At.UnixMicro(), 36), what, strconv.Itoa(s.appends))
}

// loadRuns adds rows to the table of runs by a load job.
func (s *Store) loadRuns(ctx context.Context, id string, rows []runRow) error {
	b := array.NewRecordBuilder(memory.DefaultAllocator, plainSchema(transform.RunsColumns))
	defer b.Release()
	for _, r := range rows {
		for i, v := range r.values() {
			appendValue(b.Field(i), v)
		}
	}
	batch := b.NewRecordBatch()
	defer batch.Release()
	file, err := toParquet(batch)
	if err != nil {
		return fmt.Errorf("bigquery: record a run: %w", err)
	}
	return s.c.loadParquet(ctx, "record a run", id, s.c.bq.Dataset(s.c.Raw()).Table(runsTable), file, bigquery.WriteAppend, map[string]string{"run": s.run.ID})
}

func plainSchema(columns []transform.Column) *arrow.Schema {
	var fields []arrow.Field
	for _, c := range columns {
		f := arrow.Field{Name: c.Name, Nullable: !c.Required, Type: arrow.BinaryTypes.String}
		switch c.Type {
		case transform.Int64:
			f.Type = arrow.PrimitiveTypes.Int64
		case transform.Bool:
			f.Type = arrow.FixedWidthTypes.Boolean
		case transform.Instant:
			f.Type = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
		case transform.Float64:
			f.Type = arrow.PrimitiveTypes.Float64
		case transform.String, transform.JSON:
		}
		fields = append(fields, f)
	}
	return arrow.NewSchema(fields, nil)
}

func appendValue(b array.Builder, v any) {
	switch b := b.(type) {
	case *array.StringBuilder:
		if text, ok := v.(string); ok {
			b.Append(text)
			return
		}
	case *array.Int64Builder:
		if n, ok := v.(int64); ok {
			b.Append(n)
			return
		}
	case *array.Float64Builder:
		if f, ok := v.(float64); ok {
			b.Append(f)
			return
		}
	case *array.BooleanBuilder:
		if is, ok := v.(bool); ok {
			b.Append(is)
			return
		}
	case *array.TimestampBuilder:
		if at, ok := v.(time.Time); ok {
			b.Append(arrow.Timestamp(at.UnixMicro()))
			return
		}
	}
	b.AppendNull()
}
