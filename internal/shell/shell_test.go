package shell

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/load"
)

var errRefused = errors.New("query: no such\ncolumn")

// echo answers with the statement itself; "bad" is refused.
func echo(_ context.Context, sql string, show func(*load.Rows, error) error) error {
	if sql == "bad" {
		return show(nil, errRefused)
	}
	return show(&load.Rows{Columns: []string{"asked"}, Types: []string{"VARCHAR"}, All: func(yield func([]any, error) bool) {
		yield([]any{sql}, nil)
	}}, nil)
}

// lines gives lines, then the end. "^C" is Ctrl-C.
func lines(prompts *[]string, all ...string) func(string) (string, error) {
	return func(prompt string) (string, error) {
		*prompts = append(*prompts, strings.TrimSpace(prompt))
		if len(all) == 0 {
			return "", io.EOF
		}
		line := all[0]
		all = all[1:]
		if line == "^C" {
			return "", ErrInterrupted
		}
		return line, nil
	}
}

func TestThePromptTakesStatementsOfSeveralLinesAndGoesOnAfterErrors(t *testing.T) {
	var out, said strings.Builder
	var prompts, kept []string
	s := &Shell{Tables: some, Query: echo, Out: &out, Err: &said, Format: "csv", Remember: func(l string) { kept = append(kept, l) }}
	err := s.Run(t.Context(), lines(&prompts, "", "-- a comment", "select", "  1;", "given up", "^C", "bad; never; ", "a; b;", ".nothing", ".format xml", ".format parquet", "c;", ".format",
		".format json", "d;", ".quit", "never;"))
	if err != nil {
		t.Fatal(err)
	}
	want := "asked\n\"select\n  1\"\nasked\na\nasked\nb\nparquet\n[\n{\"asked\":\"d\"}\n]\n"
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Errorf("answers (-want +got)\n%s", d)
	}
	first, more := "fourfold>", "...>"
	if d := cmp.Diff([]string{first, first, first, more, first, more, first, first, first, first, first, first, first, first, first, first}, prompts); d != "" {
		t.Errorf("prompts (-want +got)\n%s", d)
	}
	wantSaid := `query: no such column
.nothing is not known: .help lists what there is
.format "xml" is not known: use one of table, csv, json, parquet
parquet is no text: name a file with .output FILE first, or choose another .format
`
	if _, got, _ := strings.Cut(said.String(), "\n"); got != wantSaid {
		t.Errorf("said (-want +got)\n%s", cmp.Diff(wantSaid, got))
	}
	if d := cmp.Diff([]string{"select   1;", "bad;", "a;", "b;", ".nothing", ".format xml", ".format parquet", "c;", ".format", ".format json", "d;", ".quit"}, kept); d != "" {
		t.Errorf("history (-want +got)\n%s", d)
	}
}

func TestOutputIsForTheNextAnswer(t *testing.T) {
	dir := t.TempDir()
	var out, said strings.Builder
	var prompts []string
	s := &Shell{Tables: some, Query: echo, Out: &out, Err: &said, Format: "csv"}
	plain, parquet, schema := filepath.Join(dir, "a b.txt"), filepath.Join(dir, "b.parquet"), filepath.Join(dir, "c.json")
	if err := s.Run(t.Context(), lines(&prompts, ".output '"+plain+"'", "a;", "b;", ".output "+parquet, "c;", ".output "+schema, ".schema fct_changes", ".output "+dir, "d;", "e;")); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff("asked\nb\nasked\ne\n", out.String()); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	for path, want := range map[string]string{plain: "asked\na\n", parquet: "PAR1", schema: "[\n{\"table_name\":\"fct_changes\",\"column_name\":\"change_id\""} {
		text, err := os.ReadFile(path)
		if err != nil || !strings.HasPrefix(string(text), want) {
			t.Errorf("%s: %q %v", path, text, err)
		}
	}
	if !strings.Contains(said.String(), "1 row written to "+plain+" (csv)") || !strings.Contains(said.String(), dir+": it is a folder") {
		t.Error(said.String())
	}
	if all, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(all) > 0 {
		t.Errorf("%v is left", all)
	}
}

func TestAnInterruptEndsTheStatementAndNotThePrompt(t *testing.T) {
	var out, said strings.Builder
	var prompts []string
	interrupts := make(chan os.Signal, 1)
	interrupts <- os.Interrupt // of before: nothing ran
	s := &Shell{Out: &out, Err: &said, Format: "csv", Interrupts: interrupts}
	s.Query = func(ctx context.Context, sql string, show func(*load.Rows, error) error) error {
		if sql == "long" {
			interrupts <- os.Interrupt
			<-ctx.Done()
			return show(nil, ctx.Err())
		}
		if len(interrupts) > 0 || ctx.Err() != nil {
			t.Errorf("an interrupt of before is for %s", sql)
		}
		return echo(ctx, sql, show)
	}
	if err := s.Run(t.Context(), lines(&prompts, "a;", "long; never;", "b;")); err != nil {
		t.Fatal(err)
	}
	if out.String() != "asked\na\nasked\nb\n" || !strings.Contains(said.String(), "\ncancelled\n") {
		t.Errorf("%q, said %q", out.String(), said.String())
	}
}

func TestTheEndOfTheProgramEndsThePrompt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &Shell{Query: func(context.Context, string, func(*load.Rows, error) error) error { cancel(); return ctx.Err() }, Out: io.Discard, Err: io.Discard, Format: "csv"}
	var prompts []string
	if err := s.Run(ctx, lines(&prompts, "a;", "b;")); !errors.Is(err, context.Canceled) || len(prompts) != 1 {
		t.Errorf("%v after %d prompts", err, len(prompts))
	}
}

func TestAnAnswerThatBreaksOffLeavesTheFileAsItWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(path, []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, format := range Formats {
		_, err := AnswerFile(path, format, &load.Rows{Columns: []string{"a"}, Types: []string{"BIGINT"}, All: func(yield func([]any, error) bool) {
			_ = yield([]any{int64(1)}, nil) && yield(nil, errRefused)
		}}, 0)
		text, readErr := os.ReadFile(path)
		if !errors.Is(err, errRefused) || string(text) != "before" || readErr != nil {
			t.Errorf("%s: %v, %q", format, err, text)
		}
	}
	if all, _ := filepath.Glob(filepath.Dir(path) + "/*"); len(all) != 1 {
		t.Errorf("%v", all)
	}
}

func TestTheLimitIsThatOfEveryFormat(t *testing.T) {
	for _, format := range Formats {
		rows := &load.Rows{Columns: []string{"a"}, Types: []string{"BIGINT"}, All: func(yield func([]any, error) bool) {
			for i := range int64(5) {
				if !yield([]any{i}, nil) {
					return
				}
			}
		}}
		if n, err := Answer(io.Discard, format, rows, 2); n != 2 || err != nil {
			t.Errorf("%s: %d rows, %v", format, n, err)
		}
	}
}

func TestOnlyWhatAnswersMayBeAnArgumentOfTheProgram(t *testing.T) {
	for line, may := range map[string]bool{".tables": true, ".schema fct_incidents": true, ".help": true, ".quit": false, ".format csv": false, ".nothing": false} {
		if err := Alone(line); (err == nil) != may {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestACommandWritesToAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	for _, format := range Formats {
		s := &Shell{Tables: some, Out: io.Discard, Err: io.Discard, Format: format}
		if err := s.CommandTo(t.Context(), path, ".schema fct_changes"); err != nil {
			t.Errorf("%s: %v", format, err)
		}
		text, err := os.ReadFile(path)
		if want := map[string]string{"table": "fct_changes: One row", "csv": "table_name,", "json": "[\n{\"table_name\"", "parquet": "PAR1"}[format]; err != nil || !strings.HasPrefix(string(text), want) {
			t.Errorf("%s: %q %v", format, text, err)
		}
	}
}
