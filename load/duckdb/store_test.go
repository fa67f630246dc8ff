package duckdb

import (
	"testing"

	"fourfold/load"
	"fourfold/load/loadtest"
)

func TestStoreKeepsTheWarehouseContract(t *testing.T) {
	loadtest.Run(t, func(t *testing.T) loadtest.Harness {
		dir := t.TempDir()
		return loadtest.Harness{
			Open: func(t *testing.T) load.Warehouse {
				s := open(t, dir)
				s.page = 16
				return s
			},
			Many: 50,
		}
	})
}

// open opens the ledgers of a folder; the caller closes them.
func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
