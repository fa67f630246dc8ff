package bigquery

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/apache/arrow-go/v18/arrow/array"
	"google.golang.org/api/googleapi"

	fake "fourfold/internal/fake/bigquery"
	"fourfold/load"
	"fourfold/transform"
)

// incidents makes incidents of 1.6 kB, whose text is of random words.
type incidents struct {
	rows  *transform.Rows
	base  string
	words []string
	rng   *rand.Rand
	next  int
}

func newIncidents(b *testing.B, run transform.Run) *incidents {
	b.Helper()
	text, err := os.ReadFile("../../transform/testdata/incident.json")
	if err != nil {
		b.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		b.Fatal(err)
	}
	x := &incidents{
		rows: transform.NewRows(transform.IncidentioIncidents, run, transform.Policy{People: "hash", HashKey: []byte("key")}),
		base: compact.String(), rng: rand.New(rand.NewPCG(1, 8)),
	}
	for range 2_000 {
		x.words = append(x.words, strconv.FormatUint(x.rng.Uint64()>>(20+x.rng.IntN(30)), 36))
	}
	return x
}

// batch makes the next rows.
func (x *incidents) batch(n int) transform.Batch {
	for range n {
		var text strings.Builder
		for range 30 {
			text.WriteString(x.words[x.rng.IntN(len(x.words))] + " ")
		}
		var object map[string]any
		if err := json.Unmarshal([]byte(x.base), &object); err != nil {
			panic(err)
		}
		at := time.Date(2024, 1, 1, 0, x.next, x.rng.IntN(60), 0, time.UTC).Format(time.RFC3339)
		object["id"], object["reference"], object["name"], object["summary"] = fmt.Sprintf("%026d", x.next), fmt.Sprint("INC-", x.next), text.String()[:20], text.String()
		object["created_at"], object["updated_at"] = at, at
		record, err := json.Marshal(object)
		if err != nil {
			panic(err)
		}
		x.rows.Add(record, false)
		x.next++
	}
	return x.rows.Flush()
}

// benchRows is how many rows a benchmark lands: 1,000,000 for what docs/benchmarks.md says.
func benchRows(b *testing.B) int {
	b.Helper()
	if text := os.Getenv("FOURFOLD_BENCH_ROWS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
	return 100_000
}

func forgetPeak(b *testing.B) {
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Fatal(err)
	}
}

// peak is the most memory that this process has held since forgetPeak, in MiB, as Linux counts it.
func peak(b *testing.B) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	kilobytes, err := strconv.Atoi(strings.Fields(after)[0])
	if err != nil {
		b.Fatal(err)
	}
	return float64(kilobytes) / 1024
}

// BenchmarkAppend is what a first sync spends in the warehouse: as in a run, a batch is made while the one before lands. It
// speaks to the emulator itself, since what stands in front of it keeps what it is sent.
func BenchmarkAppend(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(50)) // as sync does
	n := benchRows(b)
	for b.Loop() {
		server := fake.Start(b)
		c, err := Connect(b.Context(), Options{Project: server.Project, Dataset: "d", Location: "US", Endpoint: server.Raw})
		if err != nil {
			b.Fatal(err)
		}
		s, err := Open(b.Context(), c)
		if err != nil {
			b.Fatal(err)
		}
		run, err := s.Begin(b.Context(), "run", clock)
		if err != nil {
			b.Fatal(err)
		}
		x := newIncidents(b, run)
		forgetPeak(b)
		landing, done := make(chan transform.Batch), make(chan error, 1)
		var spent time.Duration
		go func() {
			var err error
			for batch := range landing {
				begun := time.Now()
				if err == nil {
					_, err = s.Append(b.Context(), load.Append{Stream: "test/incidents", Batch: batch, Cursor: json.RawMessage(`{}`)})
				}
				spent += time.Since(begun)
				batch.Rows.Release()
			}
			done <- err
		}()
		size := s.Batches()
		rows := min(size.Rows, size.Bytes/len(x.base))
		for made := 0; made < n; made += rows {
			landing <- x.batch(min(rows, n-made))
		}
		close(landing)
		if err := <-done; err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(n)/spent.Seconds(), "rows/s")
		b.ReportMetric(peak(b), "MiB-peak")
		c.Close()
	}
}

// BenchmarkUpload is how much an append sends, and what its steps are.
func BenchmarkUpload(b *testing.B) {
	for b.Loop() {
		server := fake.Start(b)
		c := connect(b, server, "d")
		s, err := Open(b.Context(), c)
		if err != nil {
			b.Fatal(err)
		}
		run, err := s.Begin(b.Context(), "run", clock)
		if err != nil {
			b.Fatal(err)
		}
		batch := newIncidents(b, run).batch(30_000)
		server.Calls()
		if _, err := s.Append(b.Context(), load.Append{Stream: "test/incidents", Batch: batch, Cursor: json.RawMessage(`{}`)}); err != nil {
			b.Fatal(err)
		}
		var sent int64
		for _, call := range server.Calls() {
			sent += call.Bytes
		}
		b.ReportMetric(float64(sent)/30_000*1e6/(1<<20), "MiB/Mrows")
	}
}

// BenchmarkNDJSON loads the same rows as a file of JSON, and does no more with them.
func BenchmarkNDJSON(b *testing.B) {
	for b.Loop() {
		server := fake.Start(b)
		c, err := Connect(b.Context(), Options{Project: server.Project, Dataset: "d", Location: "US", Endpoint: server.Raw})
		if err != nil {
			b.Fatal(err)
		}
		s, err := Open(b.Context(), c)
		if err != nil {
			b.Fatal(err)
		}
		x := newIncidents(b, transform.Run{ID: "run", At: clock})
		var spent time.Duration
		sent, n := 0, benchRows(b)
		for made := 0; made < n; made += 30_000 {
			batch := x.batch(min(30_000, n-made))
			begun := time.Now()
			var file bytes.Buffer
			if err := array.RecordToJSON(batch.Rows, &file); err != nil {
				b.Fatal(err)
			}
			sent += file.Len()
			source := bigquery.NewReaderSource(&file)
			source.SourceFormat, source.IgnoreUnknownValues = bigquery.JSON, true
			loader := c.bq.Dataset(c.Raw()).Table("incidentio_incidents").LoaderFrom(source)
			loader.MediaOptions = []googleapi.MediaOption{googleapi.ChunkSize(0)}
			job, err := loader.Run(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			status, err := job.Wait(b.Context())
			if err == nil {
				err = status.Err()
			}
			if err != nil {
				b.Fatal(err)
			}
			spent += time.Since(begun)
			batch.Rows.Release()
		}
		b.ReportMetric(float64(n)/spent.Seconds(), "rows/s")
		b.ReportMetric(float64(sent)/float64(n)*1e6/(1<<20), "MiB/Mrows")
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}
