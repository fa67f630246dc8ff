// Package dbt holds the dbt project that makes marts from ledgers. The program unpacks it for each build; it can also
// be used alone, as its README says.
package dbt

import "embed"

// Project is the dbt project. The program writes seeds/config anew.
//
//go:embed dbt_project.yml macros models profiles seeds tests
var Project embed.FS
