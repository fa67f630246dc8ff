package bigquery

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"time"
	"unicode/utf8"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"google.golang.org/api/iterator"

	"fourfold/load"
)

// numbered is a parameter that is named by its place, or a text, in which there is none.
var numbered = regexp.MustCompile(`'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\$([0-9]+)`)

// bind gives a statement with its parameters: they are ? each in its turn, or $1, $2, each as often as it is wanted.
func bind(sql string, args []any) (string, []bigquery.QueryParameter) {
	named := false
	text := numbered.ReplaceAllStringFunc(sql, func(m string) string {
		if m[0] != '$' {
			return m
		}
		named = true
		return "@p" + m[1:]
	})
	var out []bigquery.QueryParameter
	for i, a := range args {
		p := bigquery.QueryParameter{Value: a}
		if named {
			p.Name = "p" + strconv.Itoa(i+1)
		}
		out = append(out, p)
	}
	return text, out
}

// selects is a SELECT in which tables of a dataset go by their bare names.
func (c *Client) selects(dataset, sql string, args []any, labels map[string]string) *bigquery.Query {
	sql, parameters := bind(sql, args)
	q := c.bq.Query(sql)
	q.Parameters = parameters
	q.Location, q.Labels, q.MaxBytesBilled = c.opts.Location, c.labels(labels), c.opts.MaxBytesBilled
	q.DefaultProjectID, q.DefaultDatasetID = c.opts.Project, dataset
	return q
}

// query runs one SELECT in which tables of a dataset go by their bare names. It is a job of its own, whose error is told by
// its status.
func (c *Client) query(ctx context.Context, doing, dataset, sql string, args []any, labels map[string]string) (*load.Rows, error) {
	q := c.selects(dataset, sql, args, labels)
	var job *bigquery.Job
	err := c.call(ctx, doing, func(ctx context.Context) (err error) {
		job, err = q.Run(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.rows(ctx, doing, job)
}

// rows begins to read the answer of a job.
func (c *Client) rows(ctx context.Context, doing string, job *bigquery.Job) (*load.Rows, error) {
	it, first, err := c.read(ctx, job)
	if err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("bigquery: %s: %w", doing, ctx.Err())
		}
		return nil, c.explain(doing, err)
	}
	return c.rowsOf(doing, it, first), nil
}

// rowsOf are the rows of an answer whose first was read.
func (c *Client) rowsOf(doing string, it *bigquery.RowIterator, first []bigquery.Value) *load.Rows {
	out := &load.Rows{}
	for _, f := range it.Schema {
		out.Columns = append(out.Columns, f.Name)
		out.Types = append(out.Types, typeName(f))
	}
	out.All = func(yield func([]any, error) bool) {
		values := make([]any, len(it.Schema))
		for row := first; row != nil; {
			for i, v := range row {
				values[i] = plainValue(v, it.Schema[i])
			}
			if !yield(values, nil) {
				return
			}
			row = nil
			if err := it.Next(&row); err != nil && !errors.Is(err, iterator.Done) {
				yield(nil, c.explain(doing, err))
				return
			}
		}
	}
	return out
}

func (c *Client) read(ctx context.Context, job *bigquery.Job) (*bigquery.RowIterator, []bigquery.Value, error) {
	it, err := job.Read(ctx)
	var row []bigquery.Value
	if err == nil {
		if err = it.Next(&row); errors.Is(err, iterator.Done) {
			err = nil
		}
	}
	if err == nil {
		return it, row, nil
	}
	if status, statusErr := job.Status(ctx); statusErr == nil && status.Err() != nil {
		err = status.Err()
	}
	return nil, nil, err
}

// typeName is the type of a column as SQL has it.
func typeName(f *bigquery.FieldSchema) string {
	name := string(f.Type)
	switch f.Type {
	case bigquery.IntegerFieldType:
		name = "INT64"
	case bigquery.FloatFieldType:
		name = "FLOAT64"
	case bigquery.BooleanFieldType:
		name = "BOOL"
	case bigquery.RecordFieldType:
		name = "STRUCT"
	}
	if f.Repeated {
		return "ARRAY<" + name + ">"
	}
	return name
}

// plainValue reduces the client's values to those that load.Rows promises.
func plainValue(v bigquery.Value, f *bigquery.FieldSchema) any {
	switch x := v.(type) {
	case nil, bool, int64, float64, string:
		return x
	case time.Time:
		return x.UTC()
	case *big.Rat:
		if x.IsInt() && x.Num().IsInt64() {
			return x.Num().Int64()
		}
		n, _ := x.Float64() // the nearest
		return n
	case []byte:
		if utf8.Valid(x) {
			return string(x)
		}
		return `\x` + hex.EncodeToString(x)
	case civil.Date:
		return x.String()
	case []bigquery.Value:
		text, err := json.Marshal(nested(x, f))
		if err != nil {
			return fmt.Sprint(x)
		}
		return string(text)
	default:
		return fmt.Sprint(x)
	}
}

// nested is an array or struct as encoding/json takes it.
func nested(v bigquery.Value, f *bigquery.FieldSchema) any {
	list, ok := v.([]bigquery.Value)
	switch {
	case !ok:
		return plainValue(v, f)
	case f.Repeated:
		one := *f
		one.Repeated = false
		out := make([]any, len(list))
		for i, e := range list {
			out[i] = nested(e, &one)
		}
		return out
	default:
		out := map[string]any{}
		for i, e := range list {
			out[f.Schema[i].Name] = nested(e, f.Schema[i])
		}
		return out
	}
}
