package file

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	parquetfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// parquetRows gives the rows of a Parquet file. Fields of groups are named with a dot between, payload.id; a repeated
// field is a list. A timestamp that is adjusted to UTC is an instant, as one of 96 bits is; any other is a local time.
func parquetRows(path string, named func([]string) error, yield func(row) bool) (err error) {
	p, err := openParquet(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := named(p.names()); err != nil {
		return err
	}
	cells := make([]cell, len(p.columns))
	line := 0
	for group := range p.groups {
		rows, err := p.begin(group)
		if err != nil {
			return fmt.Errorf("row group %d: %w", group+1, err)
		}
		for range rows {
			line++
			for i := range p.columns {
				v, err := p.columns[i].next()
				if err != nil {
					return fmt.Errorf("row %d: column %s: %w", line, p.columns[i].name, err)
				}
				cells[i] = cell{p.columns[i].name, v}
			}
			if !yield(row{line: line, cells: cells}) {
				return nil
			}
		}
	}
	return nil
}

// parquetColumns gives the names of the columns of a Parquet file.
func parquetColumns(path string) ([]string, error) {
	p, err := openParquet(path)
	if err != nil {
		return nil, err
	}
	return p.names(), p.close()
}

type parquetReader struct {
	file    *parquetfile.Reader
	groups  int
	columns []parquetColumn
}

// guard makes an error of a panic: that is how the decoder ends on bytes that no encoder writes.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("it is damaged: %v", r)
		}
	}()
	return f()
}

func openParquet(path string) (*parquetReader, error) {
	p := &parquetReader{}
	props := parquet.NewReaderProperties(memory.DefaultAllocator)
	props.BufferedStreamEnabled = true // pages are read one by one, not a whole column at once
	return p, guard(func() (err error) {
		if p.file, err = parquetfile.OpenParquetFile(path, false, parquetfile.WithReadProps(props)); err != nil {
			return plain(err)
		}
		p.groups = p.file.NumRowGroups()
		s := p.file.MetaData().Schema
		for i := range s.NumColumns() {
			p.columns = append(p.columns, parquetColumn{name: parquetName(s.Column(i)), of: s.Column(i)})
		}
		return nil
	})
}

func (p *parquetReader) names() []string {
	var names []string
	for i := range p.columns {
		names = append(names, p.columns[i].name)
	}
	return names
}

func (p *parquetReader) close() error {
	return guard(func() error { return p.file.Close() })
}

// begin turns to a row group and gives the number of its rows.
func (p *parquetReader) begin(group int) (rows int64, err error) {
	return rows, guard(func() error {
		g := p.file.RowGroup(group)
		rows = g.NumRows()
		for i := range p.columns {
			chunk, err := g.Column(i)
			if err != nil {
				return err
			}
			p.columns[i].begin(chunk)
		}
		return nil
	})
}

// parquetName is the path of a column, without what writers of lists put between a list and its elements.
func parquetName(c *schema.Column) string {
	name := c.Path()
	if c.MaxRepetitionLevel() == 0 {
		return name
	}
	for _, layer := range []string{".list.element", ".list.item", ".bag.array_element", ".array", ".list"} {
		if list, ok := strings.CutSuffix(name, layer); ok {
			return list
		}
	}
	return name
}

// parquetBatch is the number of values of a column that are read at a time.
const parquetBatch = 256

// parquetColumn reads one column row by row.
type parquetColumn struct {
	name       string
	of         *schema.Column
	chunk      parquetfile.ColumnChunkReader
	values     []value // one a level: absent for a null
	repeated   []int16
	read, have int
}

func (c *parquetColumn) begin(chunk parquetfile.ColumnChunkReader) {
	c.chunk, c.read, c.have = chunk, 0, 0
}

var errShort = errors.New("it has fewer values than the file has rows")

// next gives the value of the next row.
func (c *parquetColumn) next() (value, error) {
	if c.read == c.have {
		if err := c.fill(); err != nil {
			return value{}, err
		}
		if c.have == 0 {
			return value{}, errShort
		}
	}
	v := c.values[c.read]
	c.read++
	if c.of.MaxRepetitionLevel() == 0 {
		return v, nil
	}
	items, json := []string{}, []byte("[")
	for {
		if v.kind != absent {
			if len(items) > 0 {
				json = append(json, ',')
			}
			items, json = append(items, v.text), v.appendTo(json)
		}
		if c.read == c.have {
			if err := c.fill(); err != nil {
				return value{}, err
			}
		}
		if c.have == 0 || c.repeated[c.read] == 0 {
			break
		}
		v = c.values[c.read]
		c.read++
	}
	if len(items) == 0 {
		return value{}, nil
	}
	return value{kind: list, items: items, text: string(append(json, ']'))}, nil
}

// fill reads more values; none are left where have is then 0.
func (c *parquetColumn) fill() error {
	c.read, c.have = 0, 0
	c.values = c.values[:0]
	if cap(c.repeated) == 0 {
		c.repeated = make([]int16, parquetBatch)
	}
	return guard(func() error {
		switch chunk := c.chunk.(type) {
		case *parquetfile.BooleanColumnChunkReader:
			return fillWith(c, chunk.ReadBatch, func(b bool) value { return value{kind: literal, text: strconv.FormatBool(b)} })
		case *parquetfile.Int32ColumnChunkReader:
			return fillWith(c, chunk.ReadBatch, func(n int32) value { return c.number(int64(n)) })
		case *parquetfile.Int64ColumnChunkReader:
			return fillWith(c, chunk.ReadBatch, c.number)
		case *parquetfile.Int96ColumnChunkReader:
			return fillWith(c, chunk.ReadBatch, func(n parquet.Int96) value { return value{kind: instant, at: n.ToTime().UTC()} })
		case *parquetfile.Float32ColumnChunkReader:
			return fillWith(c, chunk.ReadBatch, func(f float32) value { return real(float64(f), 32) })
		case *parquetfile.Float64ColumnChunkReader:
			return fillWith(c, chunk.ReadBatch, func(f float64) value { return real(f, 64) })
		case *parquetfile.ByteArrayColumnChunkReader:
			return fillWith(c, chunk.ReadBatch, func(b parquet.ByteArray) value { return c.bytes(b) })
		case *parquetfile.FixedLenByteArrayColumnChunkReader:
			return fillWith(c, chunk.ReadBatch, func(b parquet.FixedLenByteArray) value { return c.bytes(b) })
		}
		return errors.New("its type is not known")
	})
}

func fillWith[T any](c *parquetColumn, read func(int64, []T, []int16, []int16) (int64, int, error), convert func(T) value) error {
	values, defined := make([]T, parquetBatch), make([]int16, parquetBatch)
	levels, n, err := read(parquetBatch, values, defined, c.repeated)
	if err != nil {
		return err
	}
	if err := c.chunk.Err(); err != nil {
		return err
	}
	next := 0
	for i := range int(levels) {
		switch {
		case c.of.MaxDefinitionLevel() > 0 && defined[i] < c.of.MaxDefinitionLevel():
			c.values = append(c.values, value{})
		case next >= n:
			return errShort
		default:
			c.values = append(c.values, convert(values[next]))
			next++
		}
	}
	c.have = int(levels)
	return nil
}

func real(f float64, bits int) value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return value{}
	}
	return value{kind: literal, text: strconv.FormatFloat(f, 'f', -1, bits)}
}

// number makes a value of a whole number, which may be a time or have decimals.
func (c *parquetColumn) number(n int64) value {
	switch t := c.of.LogicalType().(type) {
	case schema.TimestampLogicalType:
		v := value{kind: clock}
		if t.IsAdjustedToUTC() {
			v.kind = instant
		}
		switch t.TimeUnit() {
		case schema.TimeUnitMillis:
			v.at = time.UnixMilli(n).UTC()
		case schema.TimeUnitMicros:
			v.at = time.UnixMicro(n).UTC()
		default:
			v.at = time.Unix(0, n).UTC()
		}
		return v
	case schema.DateLogicalType:
		return value{kind: clock, at: time.Unix(0, 0).UTC().AddDate(0, 0, int(n))}
	case schema.DecimalLogicalType:
		return decimal(big.NewInt(n), int(t.Scale()))
	}
	return value{kind: literal, text: strconv.FormatInt(n, 10)}
}

// bytes makes a value of text, or of a number with decimals.
func (c *parquetColumn) bytes(b []byte) value {
	switch t := c.of.LogicalType().(type) {
	case schema.DecimalLogicalType:
		n := new(big.Int).SetBytes(b)
		if len(b) > 0 && b[0] >= 0x80 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(b)*8)))
		}
		return decimal(n, int(t.Scale()))
	case schema.UUIDLogicalType:
		if len(b) == 16 {
			return value{kind: text, text: fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])}
		}
	}
	if !utf8.Valid(b) {
		return value{kind: text, text: fmt.Sprintf("%x", b)}
	}
	return written(string(b))
}

func decimal(n *big.Int, scale int) value {
	digits := n.String()
	sign := ""
	if n.Sign() < 0 {
		sign, digits = "-", digits[1:]
	}
	if scale > 0 && scale < 100 {
		digits = strings.Repeat("0", max(0, scale+1-len(digits))) + digits
		digits = strings.TrimRight(digits[:len(digits)-scale]+"."+digits[len(digits)-scale:], "0")
		digits = strings.TrimSuffix(digits, ".")
	}
	return value{kind: literal, text: sign + digits}
}
