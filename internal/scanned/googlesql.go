package main

import (
	"context"
	"errors"
	"fmt"

	"fourfold/internal/dialect"
)

// column is a column of a table; its type is SQL's.
type column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// table is what statements read, by its path: project.dataset.table.
type table struct {
	Name    string   `json:"name"`
	Columns []column `json:"columns"`
}

// statement is a query of a build.
type statement struct {
	Name string `json:"name"`
	SQL  string `json:"sql"`
	// Creates is the table, or the view, that it makes for those after it.
	Creates string `json:"creates,omitempty"`
	View    bool   `json:"view,omitempty"`

	kind string // model, test or ship; "" is not run by itself
	// merged is the table that its rows are merged into: of the ledgers it reads only what is new (window).
	merged string
}

// reads are the columns that a statement reads of each table.
type reads map[string][]string

// readsOf has the analyser (tools/googlesql) say what each statement reads.
func readsOf(ctx context.Context, program string, tables []table, statements []statement) ([]reads, error) {
	var answers []struct {
		Name, Error string
		Reads       reads
	}
	if err := dialect.Ask(ctx, program, map[string]any{"tables": tables, "statements": statements, "reads": true}, &answers); err != nil {
		return nil, err
	}
	var all []reads
	var wrong []error
	for _, a := range answers {
		if a.Error != "" {
			wrong = append(wrong, fmt.Errorf("%s: %s", a.Name, a.Error))
		}
		all = append(all, a.Reads)
	}
	return all, errors.Join(wrong...)
}
