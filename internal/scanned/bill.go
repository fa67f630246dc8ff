package main

import "math"

// What BigQuery bills of a query: https://cloud.google.com/bigquery/pricing#on_demand_pricing. Whole columns of whole tables, each
// once, in whole mebibytes, and ten of them at least for each table.
const (
	mebibyte    = 1 << 20
	leastBilled = 10 * mebibyte
)

// cost is what a statement reads and is billed for, in bytes.
type cost struct{ read, billed float64 }

func (c *cost) add(more cost) {
	c.read += more.read
	c.billed += more.billed
}

// size is how large a table is: rows, and the bytes that a row has on average in each column.
type size struct {
	Rows  float64            `json:"rows"`
	Bytes map[string]float64 `json:"bytes"`
}

// of is what some columns of a table come to.
func (s size) of(columns []string) float64 {
	sum := 0.0
	for _, c := range columns {
		sum += s.Bytes[c]
	}
	return sum * s.Rows
}

// costOf is what a statement costs that reads those columns. One that reads nothing but how many rows there are costs nothing.
func costOf(r reads, sizes map[string]size) cost {
	var c cost
	for name, columns := range r {
		bytes := sizes[name].of(columns)
		c.read += bytes
		c.billed += math.Max(leastBilled, math.Ceil(bytes/mebibyte)*mebibyte)
	}
	if c.read == 0 {
		return cost{}
	}
	return c
}
