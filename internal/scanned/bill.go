package main

import (
	"maps"
	"math"
	"slices"
	"strings"
)

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

// all is what all columns of a table come to.
func (s size) all() float64 { return s.of(slices.Collect(maps.Keys(s.Bytes))) }

// window is the part of a ledger that a build reads which goes on from another: of the partitions, a day each, those of three days before
// the newest row, which are four. Versions are taken to have come evenly over three years.
const window = 4.0 / (3 * 365)

// tables are those that a statement is billed for, with the columns that it reads of each.
func (s statement) tables(r reads) reads {
	if _, ok := r[s.merged]; ok || s.merged == "" {
		return r
	}
	out := maps.Clone(r)
	out[s.merged] = nil
	return out
}

// bytes is what a statement is billed for those columns of a table, before it is rounded.
//
// A merge is billed for what it reads, and for all columns of the table that it changes
// (https://cloud.google.com/bigquery/docs/reference/standard-sql/dml-syntax#on-demand_query_size_calculation): those that it reads, too,
// count twice. What it finds its rows by is not counted where the model does not read it: that is of small tables.
func (s statement) bytes(name string, columns []string, of size) float64 {
	switch {
	case s.merged == "":
		return of.of(columns)
	case name == s.merged:
		return of.of(columns) + of.all()
	case strings.Contains(name, "_raw."):
		return of.of(columns) * window
	default:
		return of.of(columns)
	}
}

// costOf is what a statement costs that reads those columns. One that reads nothing but how many rows there are costs nothing.
func costOf(s statement, r reads, sizes map[string]size) cost {
	var c cost
	for name, columns := range s.tables(r) {
		n := s.bytes(name, columns, sizes[name])
		c.read += n
		c.billed += math.Max(leastBilled, math.Ceil(n/mebibyte)*mebibyte)
	}
	if c.read == 0 {
		return cost{}
	}
	return c
}
