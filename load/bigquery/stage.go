package bigquery

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"google.golang.org/api/googleapi"

	"fourfold/load"
	"fourfold/transform"
)

// stagedFor is how long a staging table stays if nothing removes it.
const stagedFor = 24 * time.Hour

// staged are the staging tables of an append; "" is none.
type staged struct{ rows, rejected, ids string }

// Kinds of ids in a staging table.
const (
	kindSeen     = "seen"
	kindComplete = "complete"
	kindWithheld = "withheld"
	kindGone     = "gone"
	kindSettled  = "settled"
)

// stage loads all of an append into staging tables, whose names say which append it is.
func (s *Store) stage(ctx context.Context, a load.Append, id string) (staged, error) {
	var out staged
	name := "_stage_" + notInID.ReplaceAllString(id, "_")
	put := func(suffix string, rows arrow.RecordBatch) (string, error) {
		return name + suffix, s.loadStage(ctx, name+suffix, id+suffix, a.Stream, rows)
	}
	var err error
	if a.Batch.Rows.NumRows() > 0 {
		if out.rows, err = put("_rows", a.Batch.Rows); err != nil {
			return out, err
		}
	}
	if len(a.Batch.Rejected) > 0 {
		rejected, err := rejections(a.Batch)
		if err != nil {
			return out, err
		}
		defer rejected.Release()
		if out.rejected, err = put("_rejected", rejected); err != nil {
			return out, err
		}
	}
	ids := idRows(a)
	defer ids.Release()
	if ids.NumRows() > 0 {
		if out.ids, err = put("_ids", ids); err != nil {
			return out, err
		}
	}
	return out, nil
}

// unstage removes staging tables. One that stays expires.
func (s *Store) unstage(ctx context.Context, st staged) {
	for _, name := range []string{st.rows, st.rejected, st.ids} {
		if name != "" {
			_ = s.c.call(ctx, "remove "+name, func(ctx context.Context) error { return s.c.bq.Dataset(s.c.Raw()).Table(name).Delete(ctx) })
		}
	}
}

// idRows are the ids of an append, each with what it is named for.
func idRows(a load.Append) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
		{Name: "kind", Type: arrow.BinaryTypes.String}, {Name: "id", Type: arrow.BinaryTypes.String},
	}, nil))
	defer b.Release()
	kinds, ids := b.Field(0).(*array.StringBuilder), b.Field(1).(*array.StringBuilder) //nolint:forcetypeassert // as the schema says
	add := func(kind string, all []string) {
		for _, id := range all {
			kinds.Append(kind)
			ids.Append(id)
		}
	}
	if a.Marks || len(a.Complete) > 0 {
		add(kindSeen, a.Seen)
	}
	add(kindComplete, a.Complete)
	add(kindWithheld, a.Batch.Withheld)
	add(kindGone, a.Gone)
	add(kindSettled, a.Settled)
	return b.NewRecordBatch()
}

// rejections makes rows of the ledger of rejected objects.
func rejections(b transform.Batch) (arrow.RecordBatch, error) {
	rows := transform.NewRows(transform.Rejected, b.Run, transform.Policy{PrivateIncidents: "include", People: "include"})
	for _, r := range b.Rejected {
		rows.Add(r.Record(), false)
	}
	batch := rows.Flush()
	if len(batch.Rejected) > 0 {
		batch.Rows.Release()
		return nil, fmt.Errorf("a rejection was rejected: %s", batch.Rejected[0].Reason)
	}
	return batch.Rows, nil
}

// loadStage makes a staging table of rows.
func (s *Store) loadStage(ctx context.Context, name, id, stream string, rows arrow.RecordBatch) error {
	file, err := toParquet(rows)
	if err != nil {
		return fmt.Errorf("bigquery: stage %s: %w", name, err)
	}
	schema, err := schemaOf(rows.Schema())
	if err != nil {
		return err
	}
	ref := s.c.bq.Dataset(s.c.Raw()).Table(name)
	err = s.c.call(ctx, "make "+name, func(ctx context.Context) error {
		return ref.Create(ctx, &bigquery.TableMetadata{
			Schema: schema, ExpirationTime: time.Now().Add(stagedFor), Labels: s.c.labels(map[string]string{"stream": stream}),
			Description: "Rows on their way into a ledger. It expires.",
		})
	})
	if err != nil && !isStatus(err, http.StatusConflict) {
		return err
	}
	return s.c.loadParquet(ctx, "load "+name, id, ref, file, bigquery.WriteTruncate, map[string]string{"stream": stream, "run": s.run.ID})
}

// loadParquet runs a load job. A large file goes by the bucket, if there is one.
func (c *Client) loadParquet(ctx context.Context, doing, id string, to *bigquery.Table, file []byte, how bigquery.TableWriteDisposition, labels map[string]string) error {
	at, err := c.place(ctx, id, file)
	if err != nil {
		return err
	}
	_, err = c.run(ctx, doing, id, func(ctx context.Context, id string) (*bigquery.Job, error) {
		l := to.LoaderFrom(parquetAt(at, file))
		l.JobID, l.Location, l.Labels = id, c.opts.Location, c.labels(labels)
		l.CreateDisposition, l.WriteDisposition = bigquery.CreateNever, how
		l.MediaOptions = []googleapi.MediaOption{googleapi.ChunkSize(0)} // in one request, not copied: what is lost is asked for again by its id
		return l.Run(ctx)
	})
	return c.leave(ctx, at, err)
}

// parquetAt is a file in the bucket; without an address it goes along.
func parquetAt(at string, file []byte) bigquery.LoadSource {
	if at != "" {
		there := bigquery.NewGCSReference(at)
		there.SourceFormat = bigquery.Parquet
		return there
	}
	source := bigquery.NewReaderSource(bytes.NewReader(file))
	source.SourceFormat = bigquery.Parquet
	return source
}

// toParquet writes rows as a file, compressed with zstd.
func toParquet(rows arrow.RecordBatch) ([]byte, error) {
	var file bytes.Buffer
	properties := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithDictionaryDefault(true))
	w, err := pqarrow.NewFileWriter(rows.Schema(), &file, properties, pqarrow.NewArrowWriterProperties())
	if err != nil {
		return nil, err
	}
	if err := w.WriteBuffered(rows); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}

// schemaOf is a schema of Arrow as BigQuery has it.
func schemaOf(schema *arrow.Schema) (bigquery.Schema, error) {
	var out bigquery.Schema
	for _, f := range schema.Fields() {
		column := &bigquery.FieldSchema{Name: f.Name}
		switch f.Type.ID() {
		case arrow.STRING:
			column.Type = bigquery.StringFieldType
		case arrow.INT64:
			column.Type = bigquery.IntegerFieldType
		case arrow.FLOAT64:
			column.Type = bigquery.FloatFieldType
		case arrow.BOOL:
			column.Type = bigquery.BooleanFieldType
		case arrow.TIMESTAMP:
			column.Type = bigquery.TimestampFieldType
		default:
			return nil, fmt.Errorf("bigquery: column %s: no type for %s", f.Name, f.Type)
		}
		out = append(out, column)
	}
	return out, nil
}

// Batches are larger than elsewhere: an append takes seconds, whatever is in it. Two are held at a time, one that is read
// and one that lands, and the file of the latter.
func (s *Store) Batches() load.Batches {
	return load.Batches{Rows: 50_000, Bytes: 16 << 20, Wait: time.Minute}
}
