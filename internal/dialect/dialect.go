// Package dialect reads SQL for tests as strictly as BigQuery does, which an emulator is not: by the analyser of GoogleSQL, a
// program of its own (tools/googlesql). Its own tests are that all SQL of the product is BigQuery's: every compiled model and test
// of the dbt project, the metric template, every query of the dashboards and of docs/sql.md, against the tables that the program declares.
package dialect

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Column is a column of a table or an answer; its type is SQL's.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Table is what statements may read, by its path: project.dataset.table.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
}

// Statement is one to be read.
type Statement struct {
	Name string `json:"name"`
	SQL  string `json:"sql"`
	// Creates is the table that its columns are for those after it.
	Creates string `json:"creates,omitempty"`
	// Dataset is whose tables go by their bare names, project.dataset.
	Dataset string `json:"dataset,omitempty"`
	// Parameters are the types of positional parameters; without them parameters take the types that they are used with.
	Parameters []string `json:"parameters,omitempty"`
}

// TypeOf is the type of a value that is given as a parameter, as the client of BigQuery tells it.
func TypeOf(tb testing.TB, v any) string {
	tb.Helper()
	switch v.(type) {
	case string:
		return "STRING"
	case int64, int:
		return "INT64"
	case bool:
		return "BOOL"
	case time.Time:
		return "TIMESTAMP"
	}
	tb.Fatalf("no type of BigQuery is known here for a %T", v)
	return ""
}

// Answer is what the analyser says of a statement: an error, or the columns of a query.
type Answer struct {
	Name    string   `json:"name"`
	Error   string   `json:"error"`
	Columns []Column `json:"columns"`
}

// Root is the folder of the module.
func Root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			tb.Fatal("there is no go.mod above this test")
		}
		dir = filepath.Dir(dir)
	}
}

// Read has the analyser read statements against tables, in their order.
func Read(tb testing.TB, tables []Table, statements []Statement) []Answer {
	tb.Helper()
	program := os.Getenv("FOURFOLD_GOOGLESQL")
	if program == "" {
		program = filepath.Join(Root(tb), ".cache", "bin", "googlesql")
	}
	if _, err := os.Stat(program); err != nil {
		tb.Fatalf("the analyser of GoogleSQL is not there (%v): run `make .cache/bin/googlesql`, which builds it, or set FOURFOLD_GOOGLESQL", err)
	}
	var answers []Answer
	if err := Ask(tb.Context(), program, map[string]any{"tables": tables, "statements": statements}, &answers); err != nil {
		tb.Fatal(err)
	}
	return answers
}

// Ask runs the analyser on a request and reads its answers, both as tools/googlesql says.
func Ask(ctx context.Context, program string, request, answers any) error {
	text, err := json.Marshal(request)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Stdin = bytes.NewReader(text)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w: %s: `make .cache/bin/googlesql` builds it", program, err, said.String())
	}
	if err := json.Unmarshal(out, answers); err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	return nil
}
