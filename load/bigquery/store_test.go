package bigquery

import (
	"fmt"
	"os"
	"testing"

	fake "fourfold/internal/fake/bigquery"
	"fourfold/load"
	"fourfold/load/loadtest"
)

func connect(t testing.TB, s *fake.Server, dataset string) *Client {
	t.Helper()
	c, err := Connect(t.Context(), Options{Project: s.Project, Dataset: dataset, Location: "US", Endpoint: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestStoreKeepsTheWarehouseContract(t *testing.T) {
	server := fake.Start(t)
	n, seeds := 0, 2
	if os.Getenv("FOURFOLD_SOAK") == "1" {
		seeds = 60
	}
	loadtest.Run(t, func(t *testing.T) loadtest.Harness {
		n++
		c := connect(t, server, fmt.Sprint("d", n))
		return loadtest.Harness{
			Open: func(t *testing.T) load.Warehouse {
				s, err := Open(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				return s
			},
			Many: 50, Seeds: seeds,
		}
	})
}
