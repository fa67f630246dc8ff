// Package render writes rows for people and programs: a table on a terminal, CSV, or JSON.
package render

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"
)

// Formats are the formats that Rows knows.
var Formats = []string{"table", "csv", "json"}

// Rows writes rows in a format. A value is nil, bool, int64, float64, string or time.Time; instants are written in
// RFC 3339, UTC. limit is the number of rows to write, 0 for all; a table says when there are more.
func Rows(w io.Writer, format string, columns []string, rows iter.Seq2[[]any, error], limit int) error {
	more := false
	limited := func(yield func([]any, error) bool) {
		n := 0
		for row, err := range rows {
			if limit > 0 && n == limit && err == nil {
				more = true
				return
			}
			n++
			if !yield(row, err) {
				return
			}
		}
	}
	out := bufio.NewWriter(w)
	var err error
	switch format {
	case "csv":
		err = writeCSV(out, columns, limited)
	case "json":
		err = writeJSON(out, columns, limited)
	case "table":
		err = writeTable(out, columns, limited, &more)
	default:
		err = fmt.Errorf("format %q is not known: use one of %s", format, strings.Join(Formats, ", "))
	}
	if flushErr := out.Flush(); err == nil {
		err = flushErr
	}
	return err
}

// Text gives a value as people read it; null is empty.
func Text(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case bool:
		return strconv.FormatBool(x)
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case time.Time:
		return Instant(x)
	default:
		return fmt.Sprint(x)
	}
}

// Instant writes an instant in RFC 3339, UTC, with as many digits of the second as it has.
func Instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999Z07:00") }

// CSVText is Text, with text that a spreadsheet would run as a formula made harmless by a leading apostrophe.
func CSVText(v any) string {
	s := Text(v)
	if _, isText := v.(string); isText && s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func writeCSV(w io.Writer, columns []string, rows iter.Seq2[[]any, error]) error {
	out := csv.NewWriter(w)
	fields := make([]string, len(columns))
	for i, c := range columns {
		fields[i] = CSVText(c)
	}
	if err := out.Write(fields); err != nil {
		return err
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		for i, v := range row {
			fields[i] = CSVText(v)
		}
		if len(fields) == 1 && fields[0] == "" {
			// A line with nothing on it is no record to those who read it.
			out.Flush()
			if _, err := io.WriteString(w, "\"\"\n"); err != nil {
				return err
			}
			continue
		}
		if err := out.Write(fields); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// writeJSON writes one array of objects whose fields are in the order of the columns.
func writeJSON(w *bufio.Writer, columns []string, rows iter.Seq2[[]any, error]) error {
	keys := make([]string, len(columns))
	for i, c := range columns {
		keys[i] = jsonText(c)
	}
	w.WriteString("[")
	first := true
	for row, err := range rows {
		if err != nil {
			return err
		}
		if !first {
			w.WriteByte(',')
		}
		first = false
		w.WriteString("\n{")
		for i, v := range row {
			if i > 0 {
				w.WriteByte(',')
			}
			w.WriteString(keys[i] + ":")
			if t, ok := v.(time.Time); ok {
				v = Instant(t)
			}
			if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
				v = nil
			}
			text, err := marshal(v)
			if err != nil {
				return err
			}
			w.Write(text)
		}
		w.WriteByte('}')
	}
	_, err := w.WriteString("\n]\n")
	return err
}

func jsonText(s string) string {
	text, _ := marshal(s) // a string always can be
	return string(text)
}

// marshal writes a value as JSON with text as it is: nothing here ends up in HTML.
func marshal(v any) ([]byte, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return []byte(strings.TrimSuffix(b.String(), "\n")), err
}

// cellWidth is the most that one cell of a table takes on a terminal; longer text is cut with an ellipsis.
const cellWidth = 60

// writeTable aligns columns by the width that text has on a terminal; numbers stand to the right.
func writeTable(w *bufio.Writer, columns []string, rows iter.Seq2[[]any, error], more *bool) error {
	var cells [][]string
	widths := make([]int, len(columns))
	right := make([]bool, len(columns))
	shortened := false
	for i, c := range columns {
		widths[i] = Width(c)
		right[i] = true
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		line := make([]string, len(row))
		for i, v := range row {
			whole := Line(Text(v))
			line[i] = cut(whole, cellWidth)
			shortened = shortened || line[i] != whole
			widths[i] = max(widths[i], Width(line[i]))
			switch v.(type) {
			case nil, int64, float64:
			default:
				right[i] = false
			}
		}
		cells = append(cells, line)
	}
	writeLine(w, columns, widths, right)
	rule := make([]string, len(columns))
	for i := range rule {
		rule[i] = strings.Repeat("─", widths[i])
	}
	writeLine(w, rule, widths, right)
	for _, line := range cells {
		writeLine(w, line, widths, right)
	}
	count := "(" + Count(len(cells), "row") + ")"
	if *more {
		count = "(the first " + Count(len(cells), "row") + "; there are more)"
	}
	if shortened {
		count += " … marks text that was cut: csv and json have it whole"
	}
	_, err := fmt.Fprintln(w, count)
	return err
}

func writeLine(w *bufio.Writer, line []string, widths []int, right []bool) {
	var b strings.Builder
	for i, cell := range line {
		pad := strings.Repeat(" ", widths[i]-Width(cell))
		if right[i] {
			b.WriteString(pad + cell)
		} else {
			b.WriteString(cell + pad)
		}
		b.WriteString("  ")
	}
	w.WriteString(strings.TrimRight(b.String(), " ") + "\n")
}

// Count is n of a thing whose plural is made with an s: "1 row", "2 rows".
func Count[N int | int64](n N, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Line gives text on one line that does not steer the terminal.
func Line(s string) string { return strings.Map(onOneLine, s) }

// onOneLine keeps text from steering the terminal: controls, line ends and marks that turn the direction of writing
// become blanks.
func onOneLine(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
		return ' '
	}
	return r
}

// Width is the number of columns that text takes on a terminal: East Asian wide characters take two, and marks that
// stand on the character before take none.
func Width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}

// cut shortens text to a width.
func cut(s string, most int) string {
	if Width(s) <= most {
		return s
	}
	n := 0
	for i, r := range s {
		n += runeWidth(r)
		if n > most-1 {
			return s[:i] + "…"
		}
	}
	return s
}
