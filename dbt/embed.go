// Package dbt holds the dbt project, so that the program can unpack and run it from any folder. It runs nothing itself.
package dbt

import "embed"

// Project is the project as dbt reads it, rooted at its dbt_project.yml: models, macros, seeds, tests and a profile that
// takes everything from the environment. The seeds in seeds/config are a sample that a build replaces by its own.
//
//go:embed dbt_project.yml macros models seeds tests profiles
var Project embed.FS
