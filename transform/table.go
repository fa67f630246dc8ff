// Package transform turns one object of a source into one row of a raw table, and says what every raw table is.
//
// A table is declared once: its columns with type, meaning and where the value stands in the object, which fields
// change by themselves, and what the privacy policy leaves of it. The Arrow schema, DuckDB's DDL, BigQuery's schema and
// dbt's sources are all derived from that declaration, so that they cannot disagree. Rows that have to meet other rows
// are dbt's work, never this package's.
package transform

import (
	"fmt"
	"slices"

	"github.com/valyala/fastjson"
)

// Type is the type of a column, the same in every engine.
type Type int

// The types of columns. Instant is a moment in UTC with microseconds; JSON is text that holds a JSON value.
const (
	String Type = iota
	Int64
	Float64
	Bool
	Instant
	JSON
)

// Column is one typed column of a raw table.
type Column struct {
	Name string
	Type Type
	Doc  string
	// Required columns set the whole object aside when they are missing; others become null.
	Required bool
	// get finds a scalar in the object; nil or a JSON null is absent.
	get func(*fastjson.Value) *fastjson.Value
	// project appends the JSON text of a JSON column; nothing appended is null.
	project func([]byte, *fastjson.Value) []byte
	// check says what of a JSON column had to be left out; nil where nothing can be.
	check func(*fastjson.Value) error
}

// Table declares a raw table: a ledger of versions of one kind of object.
type Table struct {
	Name    string
	Source  string // the source that fills it, "incidentio"; dbt's source name
	Stream  string // the stream's name within the source
	Doc     string
	Columns []Column
	// UpdatedAt names the column that the source moves when the object changes; "" where it has none.
	UpdatedAt string
	// Parent names the column that holds the id of the incident an object belongs to; "" where it belongs to none.
	Parent string
	// Volatile are paths, arrays passed through, of fields that change by themselves or are streams of their own: they
	// are kept in the payload but make no new version.
	Volatile []string
	// Kept are the top-level fields that private_incidents: redact leaves of an object that is private or belongs to a
	// private incident; nil where objects of the table are never private.
	Kept []string
	// Placeholder is put in place of required text that redaction removes, by top-level field.
	Placeholder map[string]string
	// Person says that every object of the table is itself a person.
	Person bool

	volatile *pathTrie
	updated  int
}

// Declared in every ledger before the typed columns, and the payload after them.
var (
	leading = []Column{
		{Name: "id", Type: String, Doc: "The object's id at the source.", Required: true},
		{Name: "_observed_at", Type: Instant, Doc: "The clock of the run that first saw this version, UTC.", Required: true},
		{Name: "_source_updated_at", Type: Instant, Doc: "When the source says that the object last changed, UTC; null where it does not say."},
		{Name: "_hash", Type: String, Doc: "Hash of the canonical JSON less volatile fields; equal hashes are equal versions.", Required: true},
		{Name: "_deleted", Type: Bool, Doc: "True for a tombstone: the object has gone from the source.", Required: true},
		{Name: "_run_id", Type: String, Doc: "The run that landed this version.", Required: true},
	}
	trailing = []Column{
		{Name: "payload", Type: JSON, Doc: "The whole object as received, less secrets and what the privacy policy removes; null in a tombstone."},
	}
)

// Ledger gives all columns of the raw table in order: what every ledger has, the typed columns, the payload.
func (t *Table) Ledger() []Column {
	return slices.Concat(leading, t.Columns, trailing)
}

// Column finds a column of the ledger by its name.
func (t *Table) Column(name string) (Column, bool) {
	for _, c := range t.Ledger() {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// declare checks a table once, at start, and prepares what its rows need.
func declare(t *Table) *Table {
	t.volatile = newPathTrie(t.Volatile)
	t.updated = -1
	seen := map[string]bool{}
	for i, c := range t.Ledger() {
		if seen[c.Name] || c.Doc == "" {
			panic(fmt.Sprintf("transform: column %s.%s is declared twice or has no doc", t.Name, c.Name))
		}
		seen[c.Name] = true
		if c.Name == t.UpdatedAt {
			t.updated = i - len(leading)
		}
	}
	if (t.UpdatedAt != "" && t.updated < 0) || (t.Parent != "" && !seen[t.Parent]) {
		panic(fmt.Sprintf("transform: table %s names a column that it does not have", t.Name))
	}
	return t
}

// Constructors of columns, so that a declaration reads as one line: name, where it stands, what it means.

func at(path ...string) func(*fastjson.Value) *fastjson.Value {
	return func(v *fastjson.Value) *fastjson.Value { return v.Get(path...) }
}

func text(name, doc string, path ...string) Column {
	return Column{Name: name, Type: String, Doc: doc, get: at(path...)}
}

func integer(name, doc string, path ...string) Column {
	return Column{Name: name, Type: Int64, Doc: doc, get: at(path...)}
}

func number(name, doc string, path ...string) Column {
	return Column{Name: name, Type: Float64, Doc: doc, get: at(path...)}
}

func boolean(name, doc string, path ...string) Column {
	return Column{Name: name, Type: Bool, Doc: doc, get: at(path...)}
}

func instant(name, doc string, path ...string) Column {
	return Column{Name: name, Type: Instant, Doc: doc, get: at(path...)}
}

func projection(name, doc string, project func([]byte, *fastjson.Value) []byte) Column {
	return Column{Name: name, Type: JSON, Doc: doc, project: project}
}

// must makes a column required.
func must(c Column) Column {
	c.Required = true
	return c
}

// pathTrie holds dotted paths for a walk down an object.
type pathTrie struct {
	leaf bool
	next map[string]*pathTrie
}

func newPathTrie(paths []string) *pathTrie {
	root := &pathTrie{}
	for _, p := range paths {
		n := root
		for _, key := range splitPath(p) {
			if n.next == nil {
				n.next = map[string]*pathTrie{}
			}
			child := n.next[key]
			if child == nil {
				child = &pathTrie{}
				n.next[key] = child
			}
			n = child
		}
		n.leaf = true
	}
	return root
}

func (n *pathTrie) child(key []byte) *pathTrie {
	if n == nil || n.next == nil {
		return nil
	}
	return n.next[string(key)]
}
