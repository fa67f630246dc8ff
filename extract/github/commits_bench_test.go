package github

import (
	"fmt"
	"testing"
	"time"

	"fourfold/extract/github/mirror"
	"fourfold/transform"
)

// BenchmarkFiftyThousandPaths makes the row of a commit that imports a vendor's folder of 50,000 files.
func BenchmarkFiftyThousandPaths(b *testing.B) {
	c := &mirror.Commit{SHA: "0123456789abcdef0123456789abcdef01234567", Message: "Import\n", Author: mirror.Signature{Name: "Ann", Email: "a@x", At: beginning}}
	for k := range 50_000 {
		c.Paths = append(c.Paths, fmt.Sprintf("vendor/example.test/module-%03d/internal/part/file_%05d.go", k/250, k))
	}
	policy := transform.Policy{People: "hash", HashKey: []byte("key")}
	rows := transform.NewRows(transform.GithubCommits, transform.Run{ID: "run", At: time.Unix(0, 0)}, policy)
	bytes := 0
	b.ReportAllocs()
	for b.Loop() {
		record := commitRecord("7", c)
		bytes = len(record.JSON)
		rows.Add(record.JSON, false)
		batch := rows.Flush()
		if batch.Rows.NumRows() != 1 || len(batch.Rejected) > 0 {
			b.Fatalf("%d rows, rejected %+v", batch.Rows.NumRows(), batch.Rejected)
		}
		batch.Rows.Release()
	}
	b.ReportMetric(float64(bytes)/(1<<20), "MiB/record")
}
