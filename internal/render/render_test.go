package render

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"iter"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func rows(all ...[]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, row := range all {
			if !yield(row, nil) {
				return
			}
		}
	}
}

var at = time.Date(2026, 11, 25, 9, 30, 0, 120_000_000, time.FixedZone("", 9*3600))

func TestRowsInEachFormat(t *testing.T) {
	columns := []string{"name", "n", "value", "at", "ok"}
	all := [][]any{
		{"決済", int64(1), 0.25, at, true},
		{"api <b>", int64(-20), nil, nil, false},
		{nil, nil, 1e6, at.Add(time.Hour), nil},
	}
	for _, test := range []struct {
		format string
		limit  int
		want   string
	}{
		{"table", 0, `name       n    value  at                       ok
───────  ───  ───────  ───────────────────────  ─────
決済       1     0.25  2026-11-25T00:30:00.12Z  true
api <b>  -20                                    false
              1000000  2026-11-25T01:30:00.12Z
(3 rows)
`},
		{"table", 1, `name  n  value  at                       ok
────  ─  ─────  ───────────────────────  ────
決済  1   0.25  2026-11-25T00:30:00.12Z  true
(the first 1 row; there are more)
`},
		{"table", 3, `name       n    value  at                       ok
───────  ───  ───────  ───────────────────────  ─────
決済       1     0.25  2026-11-25T00:30:00.12Z  true
api <b>  -20                                    false
              1000000  2026-11-25T01:30:00.12Z
(3 rows)
`},
		{"csv", 0, `name,n,value,at,ok
決済,1,0.25,2026-11-25T00:30:00.12Z,true
api <b>,-20,,,false
,,1000000,2026-11-25T01:30:00.12Z,
`},
		{"csv", 1, "name,n,value,at,ok\n決済,1,0.25,2026-11-25T00:30:00.12Z,true\n"},
		{"json", 2, `[
{"name":"決済","n":1,"value":0.25,"at":"2026-11-25T00:30:00.12Z","ok":true},
{"name":"api <b>","n":-20,"value":null,"at":null,"ok":false}
]
`},
	} {
		var b strings.Builder
		if err := Rows(&b, test.format, columns, rows(all...), test.limit); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(test.want, b.String()); d != "" {
			t.Errorf("%s, limit %d (-want +got)\n%s", test.format, test.limit, d)
		}
	}
}

func TestNoRowsAreSaidInEachFormat(t *testing.T) {
	for format, want := range map[string]string{"table": "a  b\n─  ─\n(0 rows)\n", "csv": "a,b\n", "json": "[\n]\n"} {
		var b strings.Builder
		if err := Rows(&b, format, []string{"a", "b"}, rows(), 0); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, b.String()); d != "" {
			t.Errorf("%s (-want +got)\n%s", format, d)
		}
	}
}

func TestCSVReadsBackAsItWasLessWhatASpreadsheetWouldRun(t *testing.T) {
	columns := []string{"=head", "text"}
	all := [][]any{
		{"=1+1", "a,b"},
		{"+1", `quote "x"`},
		{"-1", "two\nlines"},
		{"@sum", " blank "},
		{"\tx", ""},
		{"\rx", "'=kept"},
		{int64(-1), -0.5},
		{"ok - no", "a=b"},
		{"－全角", "＝全角"},
	}
	var b strings.Builder
	if err := Rows(&b, "csv", columns, rows(all...), 0); err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"'=head", "text"},
		{"'=1+1", "a,b"},
		{"'+1", `quote "x"`},
		{"'-1", "two\nlines"},
		{"'@sum", " blank "},
		{"'\tx", ""},
		{"'\rx", "'=kept"},
		{"-1", "-0.5"},
		{"ok - no", "a=b"},
		{"－全角", "＝全角"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s\n%s", d, b.String())
	}
}

func TestCSVOfOneColumnKeepsItsEmptyRows(t *testing.T) {
	var b strings.Builder
	if err := Rows(&b, "csv", []string{"a"}, rows([]any{"x"}, []any{nil}, []any{""}, []any{"y"}), 0); err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([][]string{{"a"}, {"x"}, {""}, {""}, {"y"}}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestJSONIsValidWhateverTheValues(t *testing.T) {
	all := [][]any{{"a\"\\\n\u2028<&>\xff", math.NaN(), math.Inf(-1)}, {"", 1e300, int64(math.MinInt64)}}
	var b strings.Builder
	if err := Rows(&b, "json", []string{`quo"te`, "f", "g"}, rows(all...), 0); err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	d := json.NewDecoder(strings.NewReader(b.String()))
	d.UseNumber()
	if err := d.Decode(&got); err != nil {
		t.Fatalf("%v in %s", err, b.String())
	}
	want := []map[string]any{
		{`quo"te`: "a\"\\\n\u2028<&>\ufffd", "f": nil, "g": nil},
		{`quo"te`: "", "f": json.Number("1e+300"), "g": json.Number("-9223372036854775808")},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestTextInATableNeitherSteersTheTerminalNorTakesIt(t *testing.T) {
	var b strings.Builder
	long := strings.Repeat("あ", 40)
	all := [][]any{{"a\x1b[31m\nb\u009bc\u202ed"}, {long}}
	if err := Rows(&b, "table", []string{"x"}, rows(all...), 0); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	if d := cmp.Diff([]string{"a [31m b c d", strings.Repeat("あ", 29) + "…"}, lines[2:4]); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestWidthIsThatOfATerminal(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "abc": 3, "日本語": 6, "ｶﾅ": 2, "Ａ": 2, "é": 1, "e\u0301": 1, "か\u3099": 2, "a\u200db": 2, "—…": 2, "🔥": 2, "한글": 4,
	} {
		if got := Width(text); got != want {
			t.Errorf("Width(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestInstantsAreUTCWithTheDigitsThatTheyHave(t *testing.T) {
	for want, in := range map[string]time.Time{
		"2026-11-25T00:30:00.12Z":     at,
		"2026-11-25T00:30:00Z":        at.Truncate(time.Second),
		"2026-11-25T00:30:00.123456Z": at.Truncate(time.Second).Add(123456789 * time.Nanosecond),
	} {
		if got := Instant(in); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

var errBroken = errors.New("broken off")

func TestAnErrorOfTheRowsIsReturnedInEachFormat(t *testing.T) {
	broken := func(yield func([]any, error) bool) {
		if yield([]any{int64(1)}, nil) {
			yield(nil, errBroken)
		}
	}
	for _, format := range Formats {
		var b strings.Builder
		if err := Rows(&b, format, []string{"a"}, broken, 0); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", format, err)
		}
	}
	var b strings.Builder
	if err := Rows(&b, "xml", []string{"a"}, broken, 0); err == nil || !strings.Contains(err.Error(), "table, csv, json") {
		t.Errorf("an unknown format: %v", err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errBroken }

func TestAWriterThatFailsIsReportedInEachFormat(t *testing.T) {
	for _, format := range Formats {
		if err := Rows(full{}, format, []string{"a"}, rows([]any{int64(1)}), 0); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", format, err)
		}
	}
}
