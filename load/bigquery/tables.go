package bigquery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"golang.org/x/sync/errgroup"
	"google.golang.org/api/iterator"

	"fourfold/load"
	"fourfold/transform"
)

// formatVersion is that of the datasets' layout.
const formatVersion = 1

// The store's own tables, beside the ledgers.
const (
	cursorsTable = "_cursors"
	seenTable    = "_seen"
	runsTable    = "runs"
)

// table is how a table is made.
type table struct {
	name, description string
	schema            bigquery.Schema
	partition         string // the instant by whose day rows lie together; "" for none
	cluster           []string
}

// allTables are all that a store has.
func allTables() []table {
	out := []table{
		{name: cursorsTable, description: "Where the reading of each stream stands. Written by the program alone.", schema: bigquery.Schema{
			{Name: "stream", Type: bigquery.StringFieldType, Required: true, Description: "Source and stream."},
			{Name: "cursor", Type: bigquery.StringFieldType, Description: "Where to read on, as the stream writes it."},
			{Name: "revision", Type: bigquery.IntegerFieldType, Required: true, Description: "How many appends have landed: what the next compares before it lands."},
			{Name: "run_id", Type: bigquery.StringFieldType, Required: true, Description: "The run of the last append."},
			{Name: "observed_at", Type: bigquery.TimestampFieldType, Required: true, Description: "The clock of that run."},
			{Name: "known", Type: bigquery.StringFieldType, Description: "What the last appends brought, in short: the same again needs no job."},
		}},
		{name: seenTable, description: "What a complete read has seen so far. Written by the program alone.", cluster: []string{"stream", "id"}, schema: bigquery.Schema{
			{Name: "stream", Type: bigquery.StringFieldType, Required: true, Description: "Source and stream."},
			{Name: "id", Type: bigquery.StringFieldType, Required: true, Description: "An object that is there."},
		}},
		{name: runsTable, description: "How each stream went in each run.", schema: columnsSchema(transform.RunsColumns, func(c transform.Column) bool { return c.Required }), partition: "observed_at"},
	}
	for _, t := range transform.All() {
		out = append(out, table{name: t.Name, description: t.Doc, schema: ledgerSchema(t), partition: "_observed_at", cluster: []string{"id"}})
	}
	return out
}

func ledgerSchema(t *transform.Table) bigquery.Schema {
	var out bigquery.Schema
	for _, f := range t.BigQuerySchema() {
		out = append(out, &bigquery.FieldSchema{Name: f.Name, Type: fieldType(f.Type), Required: f.Mode == "REQUIRED", Description: f.Description})
	}
	return out
}

func columnsSchema(columns []transform.Column, required func(transform.Column) bool) bigquery.Schema {
	var out bigquery.Schema
	for _, c := range columns {
		out = append(out, &bigquery.FieldSchema{Name: c.Name, Type: fieldType(c.BigQueryType()), Required: required(c), Description: c.Doc})
	}
	return out
}

// fieldType is a type as the API names it: older names than SQL's.
func fieldType(sql string) bigquery.FieldType {
	switch sql {
	case "INT64":
		return bigquery.IntegerFieldType
	case "FLOAT64":
		return bigquery.FloatFieldType
	case "BOOL":
		return bigquery.BooleanFieldType
	default:
		return bigquery.FieldType(sql)
	}
}

// fingerprint changes when a table of the program does. A dataset that carries it needs no look at its tables.
func fingerprint(all []table) string {
	text, err := json.Marshal(describe(all))
	if err != nil {
		panic(err) // texts and lists
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

func describe(all []table) any {
	var out []any
	for _, t := range all {
		out = append(out, t.name, t.description, t.partition, t.cluster)
		for _, f := range t.schema {
			out = append(out, f.Name, f.Type, f.Required, f.Description)
		}
	}
	return out
}

// Labels of the dataset of ledgers.
const (
	schemaLabel = "fourfold_schema"
	formatLabel = "fourfold_format"
)

// prepare makes what is missing of the dataset of ledgers. Where nothing has changed since the last time that costs one
// request, and neither a query nor a job.
func (s *Store) prepare(ctx context.Context) error {
	if err := s.c.ensureDataset(ctx, s.c.Raw(), "Ledgers: every version of every object that was read, and how each stream went"); err != nil {
		return err
	}
	d := s.c.bq.Dataset(s.c.Raw())
	var md *bigquery.DatasetMetadata
	err := s.c.call(ctx, "look at dataset "+s.c.Raw(), func(ctx context.Context) (err error) {
		md, err = d.Metadata(ctx)
		return err
	})
	if err != nil {
		return err
	}
	var version int
	if _, err := fmt.Sscanf(md.Labels[formatLabel], "%d", &version); err == nil && version > formatVersion {
		return fmt.Errorf("bigquery: dataset %s: its layout is number %d and this program knows %d: it was %w of fourfold; upgrade the program, or use another dataset",
			s.c.Raw(), version, formatVersion, load.ErrNewer)
	}
	all := allTables()
	print := fingerprint(all)
	if md.Labels[schemaLabel] == print {
		return nil
	}
	there, err := s.tableNames(ctx)
	if err != nil {
		return err
	}
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for _, t := range all {
		g.Go(func() error {
			if !there[t.name] {
				return s.createTable(inner, t)
			}
			return s.ensureTable(inner, t)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return s.c.call(ctx, "label dataset "+s.c.Raw(), func(ctx context.Context) error {
		var u bigquery.DatasetMetadataToUpdate
		u.SetLabel(schemaLabel, print)
		u.SetLabel(formatLabel, fmt.Sprint(formatVersion))
		_, err := d.Update(ctx, u, "")
		return err
	})
}

func (s *Store) tableNames(ctx context.Context) (map[string]bool, error) {
	there := map[string]bool{}
	err := s.c.call(ctx, "list the tables of "+s.c.Raw(), func(ctx context.Context) error {
		it := s.c.bq.Dataset(s.c.Raw()).Tables(ctx)
		for {
			t, err := it.Next()
			if errors.Is(err, iterator.Done) {
				return nil
			}
			if err != nil {
				return err
			}
			there[t.TableID] = true
		}
	})
	return there, err
}

// ensureTable adds to a table the columns that it lacks.
func (s *Store) ensureTable(ctx context.Context, t table) error {
	ref := s.c.bq.Dataset(s.c.Raw()).Table(t.name)
	var md *bigquery.TableMetadata
	err := s.c.call(ctx, "look at table "+t.name, func(ctx context.Context) (err error) {
		md, err = ref.Metadata(ctx, bigquery.WithMetadataView(bigquery.BasicMetadataView))
		return err
	})
	if err != nil {
		return err
	}
	have := map[string]*bigquery.FieldSchema{}
	for _, f := range md.Schema {
		have[strings.ToLower(f.Name)] = f
	}
	var missing []string
	for _, f := range t.schema {
		is, ok := have[strings.ToLower(f.Name)]
		switch {
		case !ok && f.Required:
			return fmt.Errorf("bigquery: table %s.%s has no column %s, which every row needs: it was changed by hand: restore it, or load anew into another warehouse.dataset", s.c.Raw(), t.name, f.Name)
		case !ok:
			missing = append(missing, "add column if not exists "+f.Name+" "+sqlType(f.Type)+" options (description = "+literal(f.Description)+")")
		case is.Type != f.Type || is.Repeated:
			return fmt.Errorf("bigquery: column %s.%s.%s is %s there and %s in this program: it cannot be changed in place: restore it, or load anew into another warehouse.dataset",
				s.c.Raw(), t.name, f.Name, is.Type, f.Type)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = s.c.script(ctx, "add columns to "+t.name, jobID(s.c.opts.Dataset, t.name, "columns", fingerprint([]table{t}), fmt.Sprint(time.Now().UnixNano())),
		"alter table "+s.c.table(s.c.Raw(), t.name)+" "+strings.Join(missing, ", "), map[string]string{"stream": t.name})
	return err
}

func sqlType(t bigquery.FieldType) string { return typeName(&bigquery.FieldSchema{Type: t}) }

func (s *Store) createTable(ctx context.Context, t table) error {
	md := &bigquery.TableMetadata{Description: t.description, Schema: t.schema, Labels: s.c.opts.Labels}
	if t.partition != "" {
		md.TimePartitioning = &bigquery.TimePartitioning{Type: bigquery.DayPartitioningType, Field: t.partition}
	}
	if len(t.cluster) > 0 {
		md.Clustering = &bigquery.Clustering{Fields: t.cluster}
	}
	err := s.c.call(ctx, "make table "+t.name, func(ctx context.Context) error {
		return s.c.bq.Dataset(s.c.Raw()).Table(t.name).Create(ctx, md)
	})
	if isStatus(err, http.StatusConflict) { // another run was first
		return nil
	}
	return err
}

// errChanged is what becomes of an append to a table that is not as the program left it.
var errChanged = errors.New("a table was changed by hand, or is of another version of the program")
