//go:build !linux

package duckdb

func limitArenas() {}
