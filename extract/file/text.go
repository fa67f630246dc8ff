package file

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// format is how the rows of a file are written, by the end of its name.
type format string

const (
	csvFormat     format = ".csv"
	tsvFormat     format = ".tsv"
	lineFormat    format = ".ndjson"
	arrayFormat   format = ".json"
	parquetFormat format = ".parquet"
)

// formatOf gives the format of a file by its name and whether it is compressed by gzip.
func formatOf(name string) (f format, compressed bool, err error) {
	name = strings.ToLower(name)
	name, compressed = strings.CutSuffix(name, ".gz")
	for _, f := range []format{csvFormat, tsvFormat, lineFormat, ".jsonl", arrayFormat, parquetFormat} {
		if !strings.HasSuffix(name, string(f)) {
			continue
		}
		switch {
		case f == ".jsonl":
			f = lineFormat
		case f == parquetFormat && compressed:
			return f, true, errors.New("a Parquet file is compressed within: unpack it")
		}
		return f, compressed, nil
	}
	return "", false, errors.New("its name does not say what it is: it is to end in .csv, .tsv, .ndjson, .jsonl, .json (each also with .gz) or .parquet")
}

// openText opens a file that is text, as UTF-8 without a byte order mark. What is not UTF-8 is taken for UTF-16 where a
// mark says so, and for Shift_JIS, which spreadsheets in Japan write, where all of it can be that; note then says which.
// To find out, the file is read twice.
func openText(path string, compressed bool) (in io.ReadCloser, note string, err error) {
	raw, err := openRaw(path, compressed)
	if err != nil {
		return nil, "", err
	}
	of, note, err := encodingOf(raw, func() (io.ReadCloser, error) { return openRaw(path, compressed) })
	if closeErr := raw.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, "", err
	}
	if raw, err = openRaw(path, compressed); err != nil {
		return nil, "", err
	}
	decoded := io.Reader(raw)
	if of != nil {
		decoded = transform.NewReader(raw, of.NewDecoder())
	}
	b := bufio.NewReaderSize(decoded, 64<<10)
	if mark, _ := b.Peek(len(byteOrderMark)); string(mark) == byteOrderMark {
		_, _ = b.Discard(len(byteOrderMark)) // it is buffered
	}
	return struct {
		io.Reader
		io.Closer
	}{b, raw}, note, nil
}

const byteOrderMark = "\uFEFF"

// openRaw opens a file, unpacked.
func openRaw(path string, compressed bool) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, plain(err)
	}
	if !compressed {
		return f, nil
	}
	z, err := gzip.NewReader(bufio.NewReaderSize(f, 64<<10))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("unpack: %w", err), f.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{z, f}, nil
}

// plain leaves of an error of the file system what the file's name does not say already.
func plain(err error) error {
	var at *os.PathError
	if errors.As(err, &at) {
		return fmt.Errorf("%s: %w", at.Op, at.Err)
	}
	return err
}

// encodingOf finds the encoding of a text; nil is UTF-8.
//
// A text with some bytes that are not UTF-8 but more letters of several bytes that are is UTF-8 that was broken: the
// rows with those bytes are set aside. In Shift_JIS such letters hardly come about.
func encodingOf(in io.Reader, again func() (io.ReadCloser, error)) (of encoding.Encoding, note string, err error) {
	s := survey{line: 1}
	r := bufio.NewReaderSize(in, 64<<10)
	if mark, _ := r.Peek(2); bytes.Equal(mark, []byte{0xFE, 0xFF}) || bytes.Equal(mark, []byte{0xFF, 0xFE}) {
		return unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM), "UTF-16", nil
	}
	if err := s.read(r); err != nil {
		return nil, "", err
	}
	if s.broken == 0 || s.letters > s.broken {
		return nil, "", nil
	}
	other, err := again()
	if err != nil {
		return nil, "", err
	}
	defer other.Close()
	fits := survey{line: 1}
	if err := fits.read(bufio.NewReaderSize(transform.NewReader(other, japanese.ShiftJIS.NewDecoder()), 64<<10)); err != nil {
		return nil, "", err
	}
	if fits.replaced > 0 {
		return nil, "", fmt.Errorf("line %d: it is neither UTF-8 nor Shift_JIS: convert it, e.g. with `iconv -f EUC-JP -t UTF-8`", s.firstBroken)
	}
	return japanese.ShiftJIS, "Shift_JIS", nil
}

// survey counts what a text is made of.
type survey struct {
	line        int
	letters     int // of several bytes
	replaced    int // letters that stand for what could not be decoded
	broken      int // bytes that are no UTF-8
	firstBroken int // line of the first of them
}

func (s *survey) read(r *bufio.Reader) error {
	for {
		c, size, err := r.ReadRune()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return plain(err)
		case c == '\n':
			s.line++
		case c == utf8.RuneError && size == 1:
			if s.broken++; s.broken == 1 {
				s.firstBroken = s.line
			}
		case c == utf8.RuneError:
			s.replaced++
		case size > 1 && c != '\uFEFF':
			s.letters++
		}
	}
}
