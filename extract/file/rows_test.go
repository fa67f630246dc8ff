package file

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/parquet"
	parquetfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func encoded(t *testing.T, e encoding.Encoding, text string) string {
	t.Helper()
	s, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// writeParquet writes two rows: an id, a local time, an instant, a date, a list of services, a whole number.
func writeParquet(t *testing.T, path string) {
	t.Helper()
	node := func(n schema.Node, err error) schema.Node {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	text := schema.StringLogicalType{}
	stamp := func(name string, utc bool) schema.Node {
		return node(schema.NewPrimitiveNodeLogical(name, parquet.Repetitions.Optional, schema.NewTimestampLogicalType(utc, schema.TimeUnitMillis), parquet.Types.Int64, 0, -1))
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, schema.FieldList{
		node(schema.NewPrimitiveNodeLogical("ID", parquet.Repetitions.Required, text, parquet.Types.ByteArray, 0, -1)),
		stamp("created_at", false), stamp("restored_at", true),
		node(schema.NewPrimitiveNodeLogical("closed_at", parquet.Repetitions.Optional, schema.DateLogicalType{}, parquet.Types.Int32, 0, -1)),
		node(schema.ListOf(node(schema.NewPrimitiveNodeLogical("services", parquet.Repetitions.Optional, text, parquet.Types.ByteArray, 0, -1)), parquet.Repetitions.Optional, -1)),
		node(schema.NewPrimitiveNode("severity_rank", parquet.Repetitions.Optional, parquet.Types.Double, -1, -1)),
	}, -1)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := parquetfile.NewParquetWriter(f, root)
	g, err := w.AppendRowGroupChecked()
	if err != nil {
		t.Fatal(err)
	}
	put := func(write func(parquetfile.ColumnChunkWriter) error) {
		t.Helper()
		c, err := g.NextColumn()
		if err == nil {
			err = write(c)
		}
		if err == nil {
			err = c.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put(func(c parquetfile.ColumnChunkWriter) error {
		_, err := c.(*parquetfile.ByteArrayColumnChunkWriter).WriteBatch([]parquet.ByteArray{[]byte("a"), []byte("b")}, nil, nil)
		return err
	})
	const at = 1793613600000 // 2026-11-02T10:00:00Z
	put(func(c parquetfile.ColumnChunkWriter) error {
		_, err := c.(*parquetfile.Int64ColumnChunkWriter).WriteBatch([]int64{at, at}, []int16{1, 1}, nil)
		return err
	})
	put(func(c parquetfile.ColumnChunkWriter) error {
		_, err := c.(*parquetfile.Int64ColumnChunkWriter).WriteBatch([]int64{at}, []int16{1, 0}, nil)
		return err
	})
	put(func(c parquetfile.ColumnChunkWriter) error {
		_, err := c.(*parquetfile.Int32ColumnChunkWriter).WriteBatch([]int32{20760}, []int16{0, 1}, nil)
		return err
	})
	put(func(c parquetfile.ColumnChunkWriter) error {
		_, err := c.(*parquetfile.ByteArrayColumnChunkWriter).WriteBatch([]parquet.ByteArray{[]byte("api"), []byte("web")}, []int16{3, 3, 0}, []int16{0, 1, 0})
		return err
	})
	put(func(c parquetfile.ColumnChunkWriter) error {
		_, err := c.(*parquetfile.Float64ColumnChunkWriter).WriteBatch([]float64{3}, []int16{0, 1}, nil)
		return err
	})
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestEveryFormatGivesTheSameRows(t *testing.T) {
	const csv = "ID,Created_At,restored_at,services\r\na,2026/11/02 10:00,,\"api, web\"\r\nb,2026-11-02 10:00,2026-11-02T02:00:00Z,[]\r\n"
	const lines = `{"id":"a","created_at":"2026-11-02T10:00","services":["api","web"]}` + "\n\n" + `{"id":"b","CREATED_AT":"2026-11-02 10:00","restored_at":1793584800}`
	for name, text := range map[string]string{
		"a.csv": csv, "a.CSV": strings.ReplaceAll(csv, "\r\n", "\n"), "b.csv": strings.ReplaceAll(csv, "\r\n", "\r"), "a.csv.gz": packed(t, csv),
		"bom.csv": byteOrderMark + csv, "a.tsv": strings.ReplaceAll(strings.ReplaceAll(csv, ",", "\t"), "api\t", "api,"),
		"utf16.csv": encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), csv),
		"a.ndjson":  lines, "a.jsonl": strings.ReplaceAll(lines, "\n", "\r\n"), "a.jsonl.gz": packed(t, lines), "bom.ndjson": byteOrderMark + lines,
		"a.json": "\n[" + strings.Replace(lines, "\n\n", "\n, ", 1) + " ]\n", "a.json.gz": packed(t, "["+strings.Replace(lines, "\n\n", ",", 1)+"]"),
	} {
		w := newWorld(t, Incidents, Set{Path: "*", Zone: zone(t, "Asia/Tokyo")})
		w.write(name, text)
		got := w.run()
		same(t, name, got, round{Rows: 2, Landed: []string{"a", "b"}})
		same(t, name+": a", w.fields("a", "created_at", "restored_at", "services", "file"), []string{"2026-11-02T01:00:00.000000Z", "", `["api","web"]`, name})
		same(t, name+": b", w.fields("b", "created_at", "restored_at", "services"), []string{"2026-11-02T01:00:00.000000Z", "2026-11-02T02:00:00.000000Z", `[]`})
	}
}

func TestParquetGivesTimesListsAndNumbers(t *testing.T) {
	w := newWorld(t, Incidents, Set{Path: "*", Zone: zone(t, "Asia/Tokyo")})
	writeParquet(t, filepath.Join(w.dir, "a.parquet"))
	w.touch("a.parquet")
	same(t, "run", w.run(), round{Rows: 2, Landed: []string{"a", "b"}})
	columns := []string{"created_at", "restored_at", "closed_at", "services", "severity_rank", "line"}
	// A local time, an instant, a local day.
	same(t, "a", w.fields("a", columns...), []string{"2026-11-02T01:00:00.000000Z", "2026-11-02T10:00:00.000000Z", "", `["api","web"]`, "", "1"})
	same(t, "b", w.fields("b", columns...), []string{"2026-11-02T01:00:00.000000Z", "", "2026-11-02T15:00:00.000000Z", `[]`, "3", "2"})
}

func TestADamagedParquetFileFailsAndNeverPanics(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.parquet")
	writeParquet(t, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	for i := range whole {
		broken := bytes.Clone(whole)
		broken[i] ^= 0xFF
		if err := os.WriteFile(path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := parquetRows(path, func([]string) error { return nil }, func(row) bool { return true }); err != nil {
			failed++
		}
	}
	if failed < len(whole)/4 {
		t.Errorf("%d of %d broken files fail", failed, len(whole))
	}
	for _, text := range [][]byte{nil, whole[:len(whole)/2], []byte("PAR1PAR1")} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := parquetRows(path, func([]string) error { return nil }, func(row) bool { return true }); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}

func TestShiftJISIsReadAndOtherEncodingsSayHowToConvert(t *testing.T) {
	const csv = "id,name,created_at\na,決済が停止 ～①,2026-11-02\nb,ﾃｽﾄ,2026-11-03\n"
	w := newWorld(t, Incidents)
	w.write("a.csv", encoded(t, japanese.ShiftJIS, csv))
	same(t, "run", w.run(), round{Rows: 2, Landed: []string{"a", "b"}})
	same(t, "names", append(w.fields("a", "name"), w.fields("b", "name")...), []string{"決済が停止 ～①", "ﾃｽﾄ"})
	if !strings.Contains(w.log.String(), "read as Shift_JIS") {
		t.Errorf("the log says\n%s", w.log.String())
	}

	w.write("a.csv", "id,name,created_at\na,plain,2026-11-02\nb,\xff\xfe\xfd,2026-11-03\n")
	got := w.run()
	if got.Err == nil || !strings.Contains(got.Err.Error(), "a.csv: line 3: it is neither UTF-8 nor Shift_JIS: convert it") || len(got.Gone) > 0 {
		t.Errorf("got %+v", got)
	}

	// UTF-8 with a letter that was cut is not taken for something else.
	w = newWorld(t, Incidents)
	w.write("a.csv", "id,name,created_at\na,決済が停止,2026-11-02\nb,決\xe6\xb8,2026-11-03\n")
	got = w.run()
	same(t, "landed", got.Landed, []string{"a"})
	says(t, got.Aside, "a.csv:3: the row is not all UTF-8")
}

func TestRowsThatAreNotWrittenWellAreSetAsideByTheirLineAndTheOthersLand(t *testing.T) {
	w := newWorld(t, Incidents)
	w.write("a.csv", strings.Join([]string{
		"id,name,created_at", // 1
		`a,"two`,             // 2
		`lines",2026-11-02`,
		"b,shifted, by a comma,2026-11-02", // 4
		"c,too short",                      // 5
		"", ",,", ",",                      // no rows
		`d,"text" after,2026-11-02`,        // 9
		`e,5" disk,2026-11-02,,`,           // 10: separators are left behind
		`f,"quoted ""inside""",2026-11-02`, // 11
	}, "\n"))
	got := w.run()
	same(t, "landed", got.Landed, []string{"a", "e", "f"})
	same(t, "set aside", got.Aside, []string{
		"a.csv:4: the row has 4 fields, and the header 3", "a.csv:5: the row has 2 fields, and the header 3",
		"a.csv:9: the row has text after the closing quote of field 2",
	})
	same(t, "names", append(w.fields("a", "name", "line"), append(w.fields("e", "name", "line"), w.fields("f", "name")...)...),
		[]string{"two\nlines", "2", `5" disk`, "10", `quoted "inside"`})

	w = newWorld(t, Incidents)
	w.write("a.ndjson", strings.Join([]string{
		`{"id":"a","created_at":"2026-11-02"}`, `{"id":"b",`, `[1]`, `"text"`, `{"id":"c","created_at":"2026-11-02"} {}`, strings.Repeat("[", 500),
		`{"id":"d","created_at":"2026-11-02","x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`,
		`{"id":"e","created_at":"2026-11-02","note":"` + strings.Repeat("x", longest) + `"}`, `{"id":"f","created_at":"2026-11-02","ID":"g"}`,
		`{"id":"h","created_at":"2026-11-02","Created_at":null}`,
	}, "\n"))
	got = w.run()
	same(t, "landed", got.Landed, []string{"a", "h"})
	same(t, "set aside", got.Aside, []string{
		"a.ndjson:2: the row is not JSON", "a.ndjson:3: the row is array and not a JSON object", "a.ndjson:4: the row is string and not a JSON object",
		"a.ndjson:5: the row is not JSON", "a.ndjson:6: the row is not JSON", "a.ndjson:7: the row nests too deeply",
		"a.ndjson:8: the row is longer than 4 MiB", "a.ndjson:9: the row has two columns for id, which differ",
	})
}

func TestAFileThatCannotBeReadFailsAndNothingGoes(t *testing.T) {
	good := "id,created_at\na,2026-11-02\nb,2026-11-02\n"
	for name, test := range map[string]struct{ file, text, says string }{
		"empty":            {"a.csv", "", "a.csv: it is empty: its first line names the columns"},
		"open quote":       {"a.csv", good + "c,\"2026-11-02\nd,2026-11-02\n", "a.csv: line 4: a quote is not closed"},
		"no id":            {"a.csv", "ref,created_at\na,2026-11-02\n", "a.csv: none of its columns (ref, created_at) is id: say which by mapping"},
		"no time":          {"a.csv", "id,name\na,b\n", "is created_at or reported_at or started_at or impact_started_at"},
		"twice the column": {"a.csv", "id,created_at,ID\na,2026-11-02,b\n", `its columns "id" and "ID" are both for id`},
		"not an array":     {"a.json", `{"id":"a"}`, "it is not a JSON array: a file with an object on each line is named .ndjson"},
		"cut array":        {"a.json", `[{"id":"a","created_at":"2026-11-02"},{"id":`, "a.json: line 1: the JSON array is not closed: the file is cut off"},
		"no comma":         {"a.json", `[{"id":"a","created_at":"2026-11-02"}{"id":"b"}]`, "a comma is missing"},
		"comma too many":   {"a.json", `[{"id":"a","created_at":"2026-11-02"},]`, "an element of the array is missing"},
		"two arrays":       {"a.json", "[]\n[]", "a.json: line 2: there is more after the JSON array"},
		"not packed":       {"a.csv.gz", good, "a.csv.gz: unpack: "},
		"cut pack":         {"a.csv.gz", packed(t, good)[:30], "unexpected EOF"},
		"packed twice":     {"a.parquet.gz", "", "a Parquet file is compressed within"},
		"not Parquet":      {"a.parquet", good, "a.parquet: "},
		"a spreadsheet":    {"a.xlsx", "PK", "its name does not say what it is: it is to end in .csv, "},
	} {
		w := newWorld(t, Incidents, Set{Path: "a.*"})
		w.write("a.csv", good)
		w.run()
		if test.file != "a.csv" {
			w.remove("a.csv")
		}
		w.write(test.file, test.text)
		got := w.run()
		if got.Err == nil || !strings.Contains(got.Err.Error(), test.says) {
			t.Errorf("%s: error %v, want %q", name, got.Err, test.says)
		}
		if len(w.live) < 2 {
			t.Errorf("%s: %d rows are left", name, len(w.live))
		}
		if again := w.run(); again.Err == nil {
			t.Errorf("%s: the next run does not say it", name)
		}
	}
}

// FuzzRows holds the readers to what they are for: whatever stands in a file, no row of it is lost without a word.
func FuzzRows(f *testing.F) {
	for _, text := range []string{
		"id,created_at\na,2026-11-02\na,2026-11-02\n,\n", "id,created_at\r\n\"a\r\n\"\"\",2026-11-02\r\nb", "id\n\"", "\ufeffid\tcreated_at\n1\t1762041600",
		`{"id":"a","created_at":"2026-11-02"}` + "\n{}\n[]\nx", `[{"id":1,"created_at":1762041600123},{"id":{"a":[]}},null]`, `[1,"]",{"a":"\""}]`, "id,created_at\n\xff,1",
		`{"id":"a","created_at":"2026-11-02","services":"a;b|[\"c\"]","severity_rank":nan,"lead":{"email":"x"},"visibility":7}`,
	} {
		f.Add(text, uint8(0))
		f.Add(text, uint8(1))
		f.Add(text, uint8(2))
		f.Add(text, uint8(3))
	}
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		format := []format{csvFormat, tsvFormat, lineFormat, arrayFormat}[kind%4]
		rows := 0
		for _, k := range []Kind{Incidents, Deployments} {
			w := newWorld(t, k, Set{Path: "*", Service: "api"})
			w.opts.PrivateIncidents = "include"
			w.write("a"+string(format), text)
			got := w.run()
			rows = got.Rows
			aside := got.Rows - len(got.Landed)
			if len(w.live) != len(got.Landed) {
				t.Errorf("%d rows landed, and %d are there: one took the place of another", len(got.Landed), len(w.live))
			}
			if aside > 0 && len(got.Aside) < aside {
				t.Errorf("%d rows are set aside for %d reasons", aside, len(got.Aside))
			}
			for id, o := range w.live {
				if id == "" || o["file"] == "" {
					t.Errorf("landed: %v", o)
				}
			}
		}
		if format == lineFormat {
			lines := 0
			for line := range strings.SplitSeq(strings.TrimPrefix(text, byteOrderMark), "\n") {
				if len(bytes.TrimSpace([]byte(line))) > 0 {
					lines++
				}
			}
			// What is not UTF-8 may be another encoding, in which lines may end elsewhere.
			if isPlain(text) && rows != lines {
				t.Errorf("%d rows of %d lines", rows, lines)
			}
		}
	})
}

func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}
