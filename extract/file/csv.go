package file

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// longest is the greatest length of a row in bytes: what is longer is no row of incidents or deployments, but a quote or
// a bracket that is not closed.
const longest = 4 << 20

// csvReader reads comma- or tab-separated rows as spreadsheets and databases write them: fields in quotes may hold the
// separator, line ends and doubled quotes; lines end in any way; a quote within a field that does not begin with one is
// a quote. It says of every row that is not so on which line that is, and goes on after it.
type csvReader struct {
	in    *bufio.Reader
	comma byte
	line  int // of what is read next
	buf   []byte
	ends  []int // of fields, in buf
}

func newCSVReader(r io.Reader, comma byte) *csvReader {
	return &csvReader{in: bufio.NewReaderSize(r, 64<<10), comma: comma, line: 1}
}

// errOpenQuote says that the file ends, or goes on for too long, within quotes.
var errOpenQuote = errors.New("a quote is not closed: everything after it would be one field")

// read gives the next row that is not empty, its line, and what is wrong with how it is written. The error is io.EOF at
// the end.
func (r *csvReader) read() (fields []string, line int, problem string, err error) {
	for {
		line = r.line
		problem, err = r.record()
		if err != nil {
			return nil, line, "", err
		}
		whole := string(r.buf)
		start, filled := 0, problem != ""
		fields = make([]string, len(r.ends))
		for i, end := range r.ends {
			fields[i] = whole[start:end]
			filled = filled || end > start
			start = end
		}
		if !filled {
			continue // an empty line, or one of separators only
		}
		if problem == "" && !utf8.ValidString(whole) {
			problem = "is not all UTF-8"
		}
		return fields, line, problem, nil
	}
}

// record reads one record into buf and ends.
func (r *csvReader) record() (problem string, err error) {
	r.buf, r.ends = r.buf[:0], r.ends[:0]
	const (
		begin  = iota // of a field
		plain         // in a field without quotes
		inside        // of quotes
		after         // a quote within quotes: it closes them, or is the first of two
	)
	state := begin
	for first := true; ; first = false {
		c, err := r.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && first:
			return "", io.EOF
		case errors.Is(err, io.EOF) && state == inside:
			return "", errOpenQuote
		case errors.Is(err, io.EOF):
			r.ends = append(r.ends, len(r.buf))
			return problem, nil
		case err != nil:
			return "", err
		case len(r.buf)+len(r.ends) > longest && state == inside:
			return "", errOpenQuote
		case len(r.buf)+len(r.ends) > longest:
			return "", fmt.Errorf("a row is longer than %d MiB", longest>>20)
		}
		if state == inside {
			switch c {
			case '"':
				state = after
				continue
			case '\n':
				r.line++
			}
			r.buf = append(r.buf, c)
			continue
		}
		switch {
		case c == '\n' || c == '\r':
			if c == '\r' {
				if next, err := r.in.Peek(1); err == nil && next[0] == '\n' {
					_, _ = r.in.Discard(1) // it is buffered
				}
			}
			r.line++
			r.ends = append(r.ends, len(r.buf))
			return problem, nil
		case c == r.comma:
			r.ends = append(r.ends, len(r.buf))
			state = begin
		case c == '"' && state == begin:
			state = inside
		case c == '"' && state == after:
			r.buf = append(r.buf, c)
			state = inside
		default:
			if state == after && problem == "" {
				problem = fmt.Sprintf("has text after the closing quote of field %d", len(r.ends)+1)
			}
			state = plain
			r.buf = append(r.buf, c)
		}
	}
}

// csvRows gives the rows of a file whose first row is its header.
func csvRows(in io.Reader, comma byte, named func([]string) error, yield func(row) bool) error {
	r := newCSVReader(in, comma)
	header, err := r.header()
	if err != nil {
		return err
	}
	if err := named(header); err != nil {
		return err
	}
	cells := make([]cell, 0, len(header))
	for {
		fields, line, problem, err := r.read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		for len(fields) > len(header) && fields[len(fields)-1] == "" {
			fields = fields[:len(fields)-1] // spreadsheets leave separators behind
		}
		if problem == "" && len(fields) != len(header) {
			problem = fmt.Sprintf("has %d fields, and the header %d", len(fields), len(header))
		}
		cells = cells[:0]
		for i, name := range header[:min(len(header), len(fields))] {
			if problem == "" && name != "" {
				cells = append(cells, cell{name, written(fields[i])})
			}
		}
		if !yield(row{line, cells, problem}) {
			return nil
		}
	}
}

// header reads the first row, the names of the columns.
func (r *csvReader) header() ([]string, error) {
	names, line, problem, err := r.read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("it is empty: its first line names the columns")
	case err != nil:
		return nil, fmt.Errorf("line %d: %w", line, err)
	case problem != "":
		return nil, fmt.Errorf("line %d, the header, %s", line, problem)
	}
	for i := range names {
		names[i] = written(names[i]).text
	}
	return names, nil
}
