package bigquery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"golang.org/x/sync/errgroup"

	"fourfold/transform"
)

// formatVersion is that of the datasets' layout.
const formatVersion = 1

// The store's own tables, beside the ledgers.
const (
	cursorsTable = "_cursors"
	stateTable   = "_state"
	seenTable    = "_seen"
	runsTable    = "runs"
)

// rejectedTable is the ledger that every stream may add to.
var rejectedTable = transform.Rejected.Name

// table is how a table is made.
type table struct {
	name, description string
	schema            bigquery.Schema
	partition         string // the instant by whose day rows lie together; "" for none
	cluster           []string
}

// cursorColumns are the columns of the table of cursors.
var cursorColumns = []transform.Column{
	{Name: "stream", Type: transform.String, Doc: "Source and stream. The one without a name is a lock."},
	{Name: "cursor", Type: transform.String, Doc: "Where to read on, as the stream writes it; a stream that found nothing new may stand further on: see the table _state."},
	{Name: "table_name", Type: transform.String, Doc: "The ledger that it fills."},
	{Name: "revision", Type: transform.Int64, Doc: "How many appends have landed: what the next compares before it lands."},
	{Name: "landed", Type: transform.Int64, Doc: "How many rows they have added to its ledger."},
	{Name: "set_aside", Type: transform.Int64, Doc: "How many rows they have added to the ledger of rejected objects."},
	{Name: "landed_at", Type: transform.Instant, Doc: "The clock of the run that last added rows."},
	{Name: "run_id", Type: transform.String, Doc: "The run of the last append."},
	{Name: "observed_at", Type: transform.Instant, Doc: "The clock of that run."},
	{Name: "landing", Type: transform.String, Doc: "The last append: one that is made twice lands once."},
	{Name: "known", Type: transform.String, Doc: "What the last appends brought, in short: the same again needs no job."},
}

// allTables are all that a store has.
func allTables() []table {
	out := []table{
		{name: stateTable, description: "The description is all of this table: where streams stand that found nothing new, and the clock of the last run.", schema: bigquery.Schema{
			{Name: "nothing", Type: bigquery.StringFieldType, Description: "There are no rows."},
		}},
		{name: cursorsTable, description: "Where the reading of each stream stands. Written by the program alone.", schema: columnsSchema(cursorColumns, func(transform.Column) bool { return false })},
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

// prepare makes what is missing of the dataset of ledgers. Where nothing has changed since the last time that costs one
// request, and neither a query nor a job.
func (s *Store) prepare(ctx context.Context) error {
	all := allTables()
	print := fingerprint(all)
	switch st, _, err := s.c.state(ctx); {
	case err != nil && !errors.Is(err, errNoState) && !isDenied(err): // what is not there some may not look at
		return err
	case st.Import != nil && !s.importing:
		return unfinished(s.c)
	case err == nil && st.Schema == print:
		s.readOn = st.ReadOn
		return nil
	}
	if err := s.c.ensureDataset(ctx, s.c.Raw(), "Ledgers: every version of every object that was read, and how each stream went"); err != nil {
		return err
	}
	names, err := s.c.tables(ctx, s.c.Raw())
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, name := range names {
		there[name] = true
	}
	var filled map[string]int64
	if there[cursorsTable] {
		if filled, err = s.filled(ctx); err != nil {
			return err
		}
	}
	for _, t := range all {
		if !there[t.name] && filled[t.name] > 0 {
			return fmt.Errorf("bigquery: table %[1]s.%[2]s has gone, in which %[3]d rows had landed: restore it (bq cp %[1]s.%[2]s@-3600000 %[1]s.%[2]s copies what it was an hour ago), "+
				"or read its stream again from the beginning: delete from %[1]s.%[4]s where table_name = '%[2]s'", s.c.Raw(), t.name, filled[t.name], cursorsTable)
		}
	}
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for _, t := range all {
		g.Go(func() error {
			if !there[t.name] {
				if err := s.makeTable(inner, t); err != nil {
					return err
				}
			}
			return s.ensureTable(inner, t)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	s.made = !there[runsTable]
	return s.c.changeState(ctx, "note that the tables are there", func(st *state) {
		st.Schema, st.Format = print, formatVersion
		s.readOn = st.ReadOn
	})
}

// filled is how many rows have landed in each ledger.
func (s *Store) filled(ctx context.Context) (map[string]int64, error) {
	cursors, err := s.c.cursors(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, c := range cursors {
		out[c.table] += c.landed
		out[transform.Rejected.Name] += c.aside
	}
	return out, nil
}

// ensureTable adds to a table the columns that it lacks, and refuses one that expires.
func (s *Store) ensureTable(ctx context.Context, t table) error {
	md, err := s.c.basics(ctx, t.name)
	if err != nil {
		return err
	}
	if err := s.c.lasts(t.name, md); err != nil {
		return err
	}
	have := map[string]*bigquery.FieldSchema{}
	for _, f := range md.Schema {
		have[strings.ToLower(f.Name)] = f
	}
	declared := map[string]bool{}
	for _, f := range t.schema {
		declared[strings.ToLower(f.Name)] = true
	}
	for _, f := range md.Schema {
		if f.Required && !declared[strings.ToLower(f.Name)] {
			return fmt.Errorf("bigquery: table %s.%s has a column %s, which every row needs, and this program does not know: it was added by hand: remove it or let it be null (alter table %[1]s.%[2]s alter column %[3]s drop not null), "+
				"or load anew into another warehouse.dataset", s.c.Raw(), t.name, f.Name)
		}
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
	alter := "alter table " + s.c.table(s.c.Raw(), t.name) + " "
	statement := alter + strings.Join(missing, ", ")
	if s.c.opts.Endpoint != "" { // the emulator takes one at a time, of which BigQuery has a limit
		statement = alter + strings.Join(missing, ";\n"+alter)
	}
	_, err = s.c.script(ctx, "add columns to "+t.name, jobID(s.c.opts.Dataset, t.name, "columns", strconv.FormatInt(time.Now().UnixNano(), 36)), statement, nil)
	return err
}

func sqlType(t bigquery.FieldType) string { return typeName(&bigquery.FieldSchema{Type: t}) }

func (s *Store) makeTable(ctx context.Context, t table) error {
	if t.name == cursorsTable {
		return s.createCursors(ctx, t)
	}
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

// createCursors makes the table of cursors with the row that first appends lock, both or neither.
func (s *Store) createCursors(ctx context.Context, t table) error {
	var columns []string
	for _, f := range t.schema {
		value := "null"
		switch f.Name {
		case "stream":
			value = literal(lockStream)
		case "revision":
			value = "0"
		}
		columns = append(columns, fmt.Sprintf("cast(%s as %s) as %s", value, sqlType(f.Type), f.Name))
	}
	_, err := s.c.script(ctx, "make table "+t.name, jobID(s.c.opts.Dataset, t.name, strconv.FormatInt(time.Now().UnixNano(), 36)),
		"create table if not exists "+s.c.table(s.c.Raw(), t.name)+" as select "+strings.Join(columns, ", "), nil)
	if err != nil && !strings.Contains(err.Error(), "Already Exists") { // another run was first
		return err
	}
	is := bigquery.TableMetadataToUpdate{Description: t.description, Schema: t.schema}
	for name, value := range s.c.opts.Labels {
		is.SetLabel(name, value)
	}
	return s.c.call(ctx, "describe table "+t.name, func(ctx context.Context) error {
		_, err := s.c.bq.Dataset(s.c.Raw()).Table(t.name).Update(ctx, is, "")
		return err
	})
}

// errChanged is what an append says of tables that are not as the program left them.
var errChanged = errors.New("a table was changed by hand, or by another version of the program: the next run looks at every table")
