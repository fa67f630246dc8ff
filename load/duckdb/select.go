package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"fourfold/load"
)

// ErrNotSelect says that a statement is not a single SELECT.
var ErrNotSelect = errors.New("only a single SELECT may be run here")

// ErrFunction says that a statement calls a function that does more than answer.
var ErrFunction = errors.New("this function may not be called here")

// tableFunctions are those that may stand in FROM: they make rows of their arguments, or tell of the tables. Others read
// files, turn logs and profiles on, run statements that come as text, or take addresses in memory.
var tableFunctions = setOf("range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree", "summary", "histogram", "histogram_values",
	"duckdb_columns", "duckdb_tables", "duckdb_views", "duckdb_schemas", "duckdb_databases", "duckdb_constraints", "duckdb_functions", "duckdb_types", "duckdb_keywords",
	"duckdb_settings", "pragma_table_info", "pragma_show", "pragma_version", "pragma_database_size", "pragma_collations", "pg_timezone_names", "icu_calendar_names")

// writingFunctions are functions of values that leave something behind, or stand still.
var writingFunctions = setOf("write_log", "nextval", "sleep_ms")

func setOf(names ...string) map[string]bool {
	set := map[string]bool{}
	for _, n := range names {
		set[n] = true
	}
	return set
}

// QuerySelect runs a statement if DuckDB's own parser says that it is one SELECT that does nothing but answer. The check
// comes before anything is prepared, since preparing several statements runs all but the last.
func QuerySelect(ctx context.Context, db *sql.DB, q string, args ...any) (*load.Rows, error) {
	if err := checkSelect(ctx, db, q); err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	return stream(rows)
}

func checkSelect(ctx context.Context, db *sql.DB, q string) error {
	var text string
	if err := db.QueryRowContext(ctx, "select json_serialize_sql(?::varchar)::varchar", q).Scan(&text); err != nil {
		return fmt.Errorf("query: parse: %w", err)
	}
	var parsed struct {
		Error        bool   `json:"error"`
		ErrorType    string `json:"error_type"`
		ErrorMessage string `json:"error_message"`
		Statements   []any  `json:"statements"`
	}
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		return fmt.Errorf("query: parse: %w", err)
	}
	switch {
	case parsed.Error && parsed.ErrorType == "parser":
		return fmt.Errorf("query: %s", parsed.ErrorMessage)
	case parsed.Error:
		return fmt.Errorf("query: %w", ErrNotSelect)
	case len(parsed.Statements) != 1:
		return fmt.Errorf("query: %w; this has %d statements", ErrNotSelect, len(parsed.Statements))
	}
	if err := checkFunctions(parsed.Statements[0]); err != nil {
		return fmt.Errorf("query: %w", err)
	}
	return nil
}

// checkFunctions goes through a parsed statement and refuses functions that do more than answer.
func checkFunctions(node any) error {
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			if err := checkFunctions(child); err != nil {
				return err
			}
		}
	case map[string]any:
		if node["type"] == "TABLE_FUNCTION" {
			f, _ := node["function"].(map[string]any)
			if name, _ := f["function_name"].(string); !tableFunctions[strings.ToLower(name)] {
				return fmt.Errorf("%s(): %w: only tables and functions that make rows of their arguments may be read", name, ErrFunction)
			}
		}
		if name, _ := node["function_name"].(string); writingFunctions[strings.ToLower(name)] {
			return fmt.Errorf("%s(): %w", name, ErrFunction)
		}
		for _, child := range node {
			if err := checkFunctions(child); err != nil {
				return err
			}
		}
	}
	return nil
}
