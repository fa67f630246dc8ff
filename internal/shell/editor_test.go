package shell

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheHistoryIsForItsOwnerAndDoesNotGrowForEver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "sql_history")
	if lines, err := readHistory(path); len(lines) > 0 || err != nil {
		t.Fatalf("of nothing: %v, %v", lines, err)
	}
	var b strings.Builder
	for i := range 2001 {
		fmt.Fprintf(&b, "select %d;\n", i)
	}
	if err := os.WriteFile(path, []byte("\xff\n\n"+b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		lines, err := readHistory(path)
		if err != nil || len(lines) != 1000 || lines[0] != "select 1001;" || lines[999] != "select 2000;" {
			t.Fatalf("%d lines, %v", len(lines), err)
		}
	}
	is, err := os.Stat(path)
	if err != nil || is.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", is.Mode(), err)
	}
}

func TestTheEditorRemembersAcrossSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sql_history")
	for _, line := range []string{"select 1;", ".tables"} {
		e, err := OpenEditor(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Remember(line); err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	lines, err := readHistory(path)
	if d := cmp.Diff([]string{"select 1;", ".tables"}, lines); d != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, d)
	}
	if is, err := os.Stat(path); err != nil || is.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", is.Mode(), err)
	}
}
