package transform

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// RowColumn is the last column of a batch: the order in which its rows came. It is not part of the ledger.
const RowColumn = "_row"

// engineTypes says how each engine writes a type; instants have microseconds in all of them.
var engineTypes = map[Type]struct {
	arrow    arrow.DataType
	duckdb   string
	bigquery string
}{
	String:  {arrow.BinaryTypes.String, "varchar", "STRING"},
	Int64:   {arrow.PrimitiveTypes.Int64, "bigint", "INT64"},
	Float64: {arrow.PrimitiveTypes.Float64, "double", "FLOAT64"},
	Bool:    {arrow.FixedWidthTypes.Boolean, "boolean", "BOOL"},
	Instant: {&arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, "timestamptz", "TIMESTAMP"},
	JSON:    {arrow.BinaryTypes.String, "varchar", "STRING"},
}

// ArrowSchema is the schema of a batch: the ledger's columns and RowColumn.
func (t *Table) ArrowSchema() *arrow.Schema {
	var fields []arrow.Field
	for _, c := range t.Ledger() {
		fields = append(fields, arrow.Field{Name: c.Name, Type: engineTypes[c.Type].arrow, Nullable: !c.Required})
	}
	fields = append(fields, arrow.Field{Name: RowColumn, Type: arrow.PrimitiveTypes.Int64})
	return arrow.NewSchema(fields, nil)
}

// DuckDBType is the type of the column in DuckDB.
func (c Column) DuckDBType() string { return engineTypes[c.Type].duckdb }

// BigQueryType is the type of the column in BigQuery.
func (c Column) BigQueryType() string { return engineTypes[c.Type].bigquery }

// always reports whether a column has a value in every row of the ledger: tombstones have only the leading ones.
func (c Column) always() bool {
	for _, l := range leading {
		if l.Name == c.Name {
			return l.Required
		}
	}
	return false
}

// DuckDBDDL creates the ledger. The payload is compressed as long text, which makes the file a third and the load faster.
func (t *Table) DuckDBDDL(schema string) string {
	var b strings.Builder
	b.WriteString("create table if not exists " + schema + "." + t.Name + " (")
	for i, c := range t.Ledger() {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    " + c.Name + " " + c.DuckDBType())
		if c.always() {
			b.WriteString(" not null")
		}
		if c.Name == "payload" {
			b.WriteString(" using compression zstd")
		}
	}
	b.WriteString("\n)")
	return b.String()
}

// BigQueryField is a column as BigQuery's API describes one.
type BigQueryField struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Mode        string `json:"mode"`
	Description string `json:"description"`
}

// BigQuerySchema is the ledger as BigQuery's API describes a table.
func (t *Table) BigQuerySchema() []BigQueryField {
	var out []BigQueryField
	for _, c := range t.Ledger() {
		mode := "NULLABLE"
		if c.always() {
			mode = "REQUIRED"
		}
		out = append(out, BigQueryField{c.Name, c.BigQueryType(), mode, c.Doc})
	}
	return out
}
