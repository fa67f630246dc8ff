package duckdb

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestUpgradeAddsWhatAnOlderProgramDidNotHave(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	if err := Upgrade(ctx, dir, Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, RawFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an upgrade of nothing left a file: %v", err)
	}
	s, err := Open(ctx, dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Begin(ctx, "run", time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.conn.ExecContext(ctx, "drop table raw.main.rejected"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Mark(ctx, dir, Limits{}); err == nil {
		t.Error("Mark does not need the table: this test proves nothing")
	}
	if err := Upgrade(ctx, dir, Options{}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Mark(ctx, dir, Limits{}); err != nil {
		t.Error(err)
	}
}
