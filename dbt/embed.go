// Package dbt holds the dbt project, so that the program can unpack and run it from any folder, and the metric template
// as text, so that dashboards ask with the very SQL that makes four_keys. It runs nothing itself.
package dbt

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Project is the project as dbt reads it, rooted at its dbt_project.yml: models, macros, seeds, tests and a profile that
// takes everything from the environment. The seeds in seeds/config are a sample that a build replaces by its own.
//
//go:embed dbt_project.yml macros models seeds tests profiles
var Project embed.FS

// MetricDuckDB and MetricBigQuery are the metric template for one engine each. Each is a query over the published marts
// that is valid as it stands, with slots between marks as /*<filters>*/ true /*</filters>*/; analyses/metric.sql says what
// each slot takes. What is put into a slot is SQL: literals have to be quoted by whoever puts them there.
var (
	//go:embed compiled/metric_duckdb.sql
	MetricDuckDB string
	//go:embed compiled/metric_bigquery.sql
	MetricBigQuery string
)

// Marts are the names of the marts, sorted.
func Marts() []string {
	var names []string
	err := fs.WalkDir(Project, "models/marts", func(file string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path.Ext(file) == ".sql" {
			names = append(names, strings.TrimSuffix(path.Base(file), ".sql"))
		}
		return err
	})
	if err != nil {
		panic("dbt: " + err.Error()) // the folder is embedded
	}
	slices.Sort(names)
	return names
}
