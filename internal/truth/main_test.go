package truth_test

import (
	"encoding/json"
	"os"
	"testing"

	"fourfold/internal/truth"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if compiler.dir != "" {
		os.RemoveAll(compiler.dir)
	}
	os.Exit(code)
}

func objectID(t testing.TB, r truth.Record) string {
	t.Helper()
	var o struct{ ID string }
	if err := json.Unmarshal(r.JSON, &o); err != nil || o.ID == "" {
		t.Fatalf("a record without an id: %s", r.JSON)
	}
	return o.ID
}
