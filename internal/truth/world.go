// Package truth holds the marts to what definitions.md says of a number: it makes small random organisations with all the
// traps that real ones have, lands them in ledgers as a sync would, and builds their marts with the SQL that dbt has
// compiled, once for each configuration, in the program's own DuckDB. What the numbers should be, package reference says,
// which has never seen the SQL.
//
// It is for tests only: no program imports it.
package truth

import "time"

// World is an organisation as its sources have shown it over time, and how it is to be counted.
type World struct {
	// AsOf is the build's "now", UTC, not before any observation that the build may see.
	AsOf time.Time
	// Config is the text of fourfold.yaml.
	Config string
	// Files are what the configuration names, by their paths relative to it: links.csv.
	Files map[string]string
	// Records are what the sources gave, by the name of the ledger (transform.Table.Name), in the order of observation.
	Records map[string][]Record
}

// Record is one look at one object: a version of it, or that it has gone. One object may have several.
type Record struct {
	// ObservedAt is the clock of the run that saw it, UTC.
	ObservedAt time.Time
	// Deleted says that the object has gone: JSON then holds nothing but its id.
	Deleted bool
	// Private says that the object belongs to a private incident, as extract.Record does.
	Private bool
	// JSON is the object as its extractor hands it to transform.
	JSON []byte
}
