// Command googlesql reads SQL as strictly as BigQuery: it parses statements of GoogleSQL and types them against tables, and says what
// is wrong with each. It is a module of its own, since the analyser is large.
//
// It reads a request as JSON from standard input and writes one answer for each statement, in their order:
//
//	{"tables": [{"name": "p.d.t", "columns": [{"name": "id", "type": "INT64"}]}],
//	 "statements": [{"name": "a", "sql": "select id from p.d.t", "creates": "p.d.a", "dataset": "p.d"}]}
//	[{"name": "a", "error": "", "columns": [{"name": "id", "type": "INT64"}]}]
//
// A statement that creates something is a query whose columns are a table for those after it. With a dataset its tables go by
// their bare names, too. Positional parameters have the types that are given as "parameters"; where none are given, parameters
// take the types that they are used with. What BigQuery refuses though the analyser takes it is in strict.go.
//
// With "reads": true an answer has the tables that the query reads and which columns of each, as {"p.d.t": ["id"]}: what its
// columns and rows need, and not all that it names. A statement with "view": true creates a view, of which others read what they
// need of the tables below it.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/goccy/go-googlesql"
)

type column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

type table struct {
	Name    string   `json:"name"`
	Columns []column `json:"columns"`
}

type statement struct {
	Name    string `json:"name"`
	SQL     string `json:"sql"`
	Creates string `json:"creates"`
	Dataset string `json:"dataset"`
	View    bool   `json:"view"`
	// Parameters are the types of positional ones in their order.
	Parameters []string `json:"parameters"`
}

type request struct {
	Tables     []table     `json:"tables"`
	Statements []statement `json:"statements"`
	Reads      bool        `json:"reads"`
}

type answer struct {
	Name    string   `json:"name"`
	Error   string   `json:"error"`
	Columns []column `json:"columns"`
	// Reads are the columns that are read of each table.
	Reads map[string][]string `json:"reads,omitempty"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "googlesql:", err)
		os.Exit(1)
	}
}

func run() error {
	var req request
	if err := json.NewDecoder(os.Stdin).Decode(&req); err != nil {
		return err
	}
	if err := googlesql.Init(); err != nil {
		return err
	}
	r, err := newReader()
	if err != nil {
		return err
	}
	for _, t := range req.Tables {
		r.add(t)
	}
	out := []answer{}
	for _, s := range req.Statements {
		a := answer{Name: s.Name, Columns: []column{}}
		columns, reads, err := r.read(s, req.Reads)
		if err != nil {
			a.Error = err.Error()
		} else {
			a.Columns, a.Reads = append(a.Columns, columns...), reads
		}
		if err == nil && s.Creates != "" {
			r.add(table{s.Creates, columns})
		}
		out = append(out, a)
	}
	e := json.NewEncoder(os.Stdout)
	e.SetEscapeHTML(false)
	return e.Encode(out)
}
