package file

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/valyala/fastjson"
)

// deepestRow is how deep a row may nest before it is taken for an attack.
const deepestRow = 64

// objects makes rows of JSON objects. It is used for one file.
type objects struct {
	parser fastjson.Parser
	cells  []cell
}

// row reads one object. Its cells are in the order of its members.
func (o *objects) row(line int, b []byte) row {
	if !utf8.Valid(b) {
		return row{line: line, problem: "is not all UTF-8"}
	}
	v, err := o.parser.ParseBytes(b)
	if err != nil {
		return row{line: line, problem: "is not JSON"}
	}
	members, err := v.Object()
	if err != nil {
		return row{line: line, problem: "is " + v.Type().String() + " and not a JSON object"}
	}
	if depth(v) > deepestRow {
		return row{line: line, problem: "nests too deeply"}
	}
	o.cells = o.cells[:0]
	members.Visit(func(key []byte, v *fastjson.Value) {
		o.cells = append(o.cells, cell{string(key), decoded(v)})
	})
	return row{line: line, cells: o.cells}
}

// lineRows gives the rows of a file that has an object on each line. Empty lines are none.
func lineRows(in io.Reader, yield func(row) bool) error {
	r := bufio.NewReaderSize(in, 64<<10)
	var o objects
	var buf []byte
	for line := 1; ; line++ {
		buf = buf[:0]
		long := false
		var err error
		for {
			var part []byte
			part, err = r.ReadSlice('\n')
			if long = long || len(buf)+len(part) > longest; !long {
				buf = append(buf, part...)
			}
			if !errors.Is(err, bufio.ErrBufferFull) {
				break
			}
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("line %d: %w", line, err)
		}
		one := row{line: line, problem: fmt.Sprintf("is longer than %d MiB", longest>>20)}
		if !long {
			one = o.row(line, bytes.TrimSpace(buf))
		}
		if (long || len(bytes.TrimSpace(buf)) > 0) && !yield(one) {
			return nil
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
	}
}

// arrayRows gives the rows of a file that is one JSON array of objects, element by element.
func arrayRows(in io.Reader, yield func(row) bool) error {
	a := array{in: bufio.NewReaderSize(in, 64<<10), line: 1}
	c, err := a.next()
	if err != nil || c != '[' {
		return errors.New("it is not a JSON array: a file with an object on each line is named .ndjson")
	}
	var o objects
	for first := true; ; first = false {
		c, err := a.next()
		switch {
		case err != nil:
			return a.cut(err)
		case c == ']' && first:
			return a.end()
		case c == ',' || c == ']':
			return fmt.Errorf("line %d: an element of the array is missing", a.line)
		}
		line := a.line
		element, err := a.element(c)
		if err != nil {
			return a.cut(err)
		}
		if !yield(o.row(line, element)) {
			return nil
		}
		switch c, err = a.next(); {
		case err != nil:
			return a.cut(err)
		case c == ']':
			return a.end()
		case c != ',':
			return fmt.Errorf("line %d: a comma is missing between two elements of the array", a.line)
		}
	}
}

// array cuts a JSON array into its elements by brackets and quotes; whether an element is JSON is its reader's to say.
type array struct {
	in   *bufio.Reader
	line int
	buf  []byte
}

func (a *array) cut(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("line %d: the JSON array is not closed: the file is cut off", a.line)
	}
	return fmt.Errorf("line %d: %w", a.line, err)
}

func (a *array) end() error {
	if _, err := a.next(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("line %d: there is more after the JSON array", a.line)
	}
	return nil
}

func (a *array) byte() (byte, error) {
	c, err := a.in.ReadByte()
	if c == '\n' && err == nil {
		a.line++
	}
	return c, err
}

// next gives the next byte that is no space.
func (a *array) next() (byte, error) {
	for {
		c, err := a.byte()
		if err != nil || (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
			return c, err
		}
	}
}

// element reads the value that begins with c.
func (a *array) element(c byte) ([]byte, error) {
	a.buf = a.buf[:0]
	for depth, inText := 0, false; ; {
		a.buf = append(a.buf, c)
		switch {
		case len(a.buf) > longest:
			return nil, fmt.Errorf("an element is longer than %d MiB", longest>>20)
		case inText && c == '\\':
			escaped, err := a.byte()
			if err != nil {
				return nil, err
			}
			a.buf = append(a.buf, escaped)
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
		if depth <= 0 && !inText {
			if ends, err := a.ends(c); ends || err != nil {
				return a.buf, err
			}
		}
		var err error
		if c, err = a.byte(); err != nil {
			return nil, err
		}
	}
}

// ends reports whether a value ends with c: a number or a word does where something follows that is no part of it.
func (a *array) ends(c byte) (bool, error) {
	if !isScalar(c) {
		return true, nil
	}
	next, err := a.in.Peek(1)
	return err != nil || !isScalar(next[0]), err
}

func isScalar(c byte) bool { return c > ' ' && c != ',' && c != ']' && c != '}' && c != '"' }
