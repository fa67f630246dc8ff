package duckdb

import (
	"context"
	"database/sql"
	"fmt"
)

// EngineVersion is the version of DuckDB that this program has, v1.5.0.
func EngineVersion(ctx context.Context) (version string, err error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return "", fmt.Errorf("duckdb: %w", err)
	}
	defer db.Close()
	if err := db.QueryRowContext(ctx, "select version()").Scan(&version); err != nil {
		return "", fmt.Errorf("duckdb: %w", err)
	}
	return version, nil
}
