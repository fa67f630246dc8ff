package incidentio

import (
	"context"
	"runtime"
	"testing"
	"time"

	"fourfold/extract"
	fake "fourfold/internal/fake/incidentio"
)

// BenchmarkIncidents reads 50,000 incidents of 1.6 kB from a pre-paged server on loopback, in the same process.
func BenchmarkIncidents(b *testing.B) {
	const n = 50_000
	server := fake.PrePaged(n, 1600, 1)
	url, stop := server.Start()
	defer stop()
	for b.Loop() {
		s, err := New(Options{BaseURL: url, NoLimits: true, APIKey: func() (string, error) { return fake.DefaultKey, nil }})
		if err != nil {
			b.Fatal(err)
		}
		records := 0
		for _, st := range s.Streams() {
			if st.Name != "incidents" {
				continue
			}
			for page, err := range st.Read(context.Background(), extract.Input{RunAt: time.Now(), Ledger: newMemory()}) {
				if err != nil {
					b.Fatal(err)
				}
				records += len(page.Records)
			}
		}
		s.Close()
		if records != n {
			b.Fatalf("%d records", records)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "records/s")
}

func TestMemoryDoesNotGrowWithTheNumberOfIncidents(t *testing.T) {
	server := fake.PrePaged(30_000, 1600, 1)
	url, stop := server.Start()
	defer stop()
	s, err := New(Options{BaseURL: url, NoLimits: true, APIKey: func() (string, error) { return fake.DefaultKey, nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	live := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var early, late uint64
	pages := 0
	for _, err := range s.readIncidents(context.Background(), extract.Input{RunAt: time.Now(), Ledger: newMemory()}) {
		if err != nil {
			t.Fatal(err)
		}
		switch pages++; pages {
		case 10:
			early = live()
		case 119:
			late = live()
		}
	}
	if pages != 120 || late > early+2<<20 {
		t.Errorf("%d pages; %d kB live at page 10, %d kB at page 119", pages, early>>10, late>>10)
	}
}
