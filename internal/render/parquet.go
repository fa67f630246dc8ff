package render

import (
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// groupRows is how many rows a row group of a Parquet file has: that many are held in memory.
const groupRows = 64 << 10

// Parquet writes rows as a Parquet file and gives how many there were. types are the engine's names of the columns' types:
// whole numbers become int64, numbers with fractions and decimals double, instants timestamp[us, UTC], dates date32, and all
// else is text. Every column may be null. limit is the number of rows to write, 0 for all.
func Parquet(w io.Writer, columns, types []string, rows iter.Seq2[[]any, error], limit int) (written int64, err error) {
	fields := make([]arrow.Field, len(columns))
	for i, name := range columns {
		fields[i] = arrow.Field{Name: name, Type: arrowType(types[i]), Nullable: true}
	}
	schema := arrow.NewSchema(fields, nil)
	props := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithMaxRowGroupLength(groupRows))
	// The writer closes what it writes to where that can be closed; the file is the caller's.
	out, err := pqarrow.NewFileWriter(schema, struct{ io.Writer }{w}, props, pqarrow.DefaultWriterProps())
	if err != nil {
		return 0, fmt.Errorf("parquet: %w", err)
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	held := 0
	flush := func() error {
		batch := b.NewRecordBatch()
		defer batch.Release()
		held = 0
		return out.Write(batch)
	}
	for row, err := range rows {
		if err != nil {
			return written, err
		}
		if limit > 0 && written == int64(limit) {
			break
		}
		for i, v := range row {
			if err := appendValue(b.Field(i), v); err != nil {
				return written, fmt.Errorf("parquet: column %s (%s), row %d: %w", columns[i], types[i], written+1, err)
			}
		}
		written++
		if held++; held == groupRows {
			if err := flush(); err != nil {
				return written, fmt.Errorf("parquet: %w", err)
			}
		}
	}
	if held > 0 {
		if err := flush(); err != nil {
			return written, fmt.Errorf("parquet: %w", err)
		}
	}
	if err := out.Close(); err != nil {
		return written, fmt.Errorf("parquet: %w", err)
	}
	return written, nil
}

var instant = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}

// arrowType is the type of a column that an engine calls so: DuckDB's names, and BigQuery's.
func arrowType(engine string) arrow.DataType {
	name, _, _ := strings.Cut(strings.ToUpper(engine), "(") // DECIMAL(18,3)
	if strings.HasSuffix(engine, "]") {
		return arrow.BinaryTypes.String // a list
	}
	switch name {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "INT64":
		return arrow.PrimitiveTypes.Int64
	case "FLOAT", "DOUBLE", "DECIMAL", "FLOAT64", "NUMERIC", "BIGNUMERIC":
		return arrow.PrimitiveTypes.Float64
	case "BOOLEAN", "BOOL":
		return arrow.FixedWidthTypes.Boolean
	case "TIMESTAMPTZ", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS":
		return instant
	case "DATE":
		return arrow.FixedWidthTypes.Date32
	default:
		return arrow.BinaryTypes.String
	}
}

func appendValue(b array.Builder, v any) error {
	if v == nil {
		b.AppendNull()
		return nil
	}
	switch b := b.(type) {
	case *array.Int64Builder:
		if x, ok := v.(int64); ok {
			b.Append(x)
			return nil
		}
		return fmt.Errorf("%s does not fit into 64 bits: cast it to a number with fractions, or to text", Text(v))
	case *array.Float64Builder:
		switch x := v.(type) {
		case float64:
			b.Append(x)
			return nil
		case int64:
			b.Append(float64(x))
			return nil
		}
	case *array.BooleanBuilder:
		if x, ok := v.(bool); ok {
			b.Append(x)
			return nil
		}
	case *array.TimestampBuilder:
		if x, ok := v.(time.Time); ok {
			b.Append(arrow.Timestamp(x.UnixMicro()))
			return nil
		}
	case *array.Date32Builder:
		switch x := v.(type) {
		case time.Time:
			b.Append(arrow.Date32FromTime(x))
			return nil
		case string:
			if d, err := time.Parse(time.DateOnly, x); err == nil {
				b.Append(arrow.Date32FromTime(d))
				return nil
			}
		}
	case *array.StringBuilder:
		b.Append(Text(v))
		return nil
	}
	return fmt.Errorf("%s is no value of a column of that type: cast it to text", Text(v))
}
