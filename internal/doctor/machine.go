package doctor

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"golang.org/x/sys/unix"

	"fourfold/internal/pipeline"
)

// leastFree is the space on disk below which a build may not fit.
const leastFree = 1 << 30

// Data looks at the data directory: whether it can be written, and how much space there is.
func Data(dir string) Check {
	c := Check{Area: "data", Name: "directory", Status: OK}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Check{c.Area, c.Name, Fail, err.Error(), "choose another with the key `data`, or let this user write there"}
	}
	file, err := os.CreateTemp(dir, ".doctor-*")
	if err == nil {
		err = errors.Join(file.Close(), os.Remove(file.Name()))
	}
	if err != nil {
		return Check{c.Area, c.Name, Fail, err.Error(), "choose another with the key `data`, or let this user write there"}
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return Check{c.Area, c.Name, Fail, fmt.Sprintf("%s: %v", dir, err), ""}
	}
	free := int64(fs.Bavail) * fs.Bsize
	c.Detail = fmt.Sprintf("%s, %.1f GiB free", dir, float64(free)/(1<<30))
	if free < leastFree {
		c.Status, c.Fix = Warn, "free some space: a build is written beside the last three"
	}
	return c
}

// wantedDBT is what a build was tested with: dbt-core 1.11.
var wantedDBT = regexp.MustCompile(`^1\.11\.`)

// DBT looks for dbt and its adapter: duckdb or bigquery. engine is the version of DuckDB that this program has, "" if it builds
// elsewhere: an older one below the adapter does not open its files.
func DBT(configured, adapter, engine string) []Check {
	command, err := pipeline.FindDBT(configured)
	if err != nil {
		return []Check{{"dbt", "command", Fail, err.Error(), ""}}
	}
	out := []Check{{"dbt", "command", OK, command, ""}}
	core := pipeline.PackageVersion(command, "dbt_core")
	switch {
	case core == "":
		return append(out, Check{"dbt", "version", Warn, "its version cannot be told from where it is installed", "use one with dbt-core 1.11 in an environment of its own: `make build` makes .venv"},
			Check{"dbt", "adapter", OK, "", ""})
	case !wantedDBT.MatchString(core):
		out = append(out, Check{"dbt", "version", Fail, "dbt-core " + core + ", and this program needs 1.11", "install dbt-core 1.11 with dbt-" + adapter + " (requirements.txt), or set dbt.command to one that is"})
	default:
		out = append(out, Check{"dbt", "version", OK, "dbt-core " + core, ""})
	}
	has := pipeline.PackageVersion(command, "dbt_"+adapter)
	detail := "dbt-" + adapter + " " + has
	if has == "" {
		return append(out, Check{"dbt", "adapter", Fail, "dbt-" + adapter + " is not installed beside dbt", "pip install -r requirements.txt there"})
	}
	if engine != "" {
		python := pipeline.PackageVersion(command, "duckdb")
		detail += " with duckdb " + python
		if python != strings.TrimPrefix(engine, "v") {
			return append(out, Check{"dbt", "adapter", Warn, detail + ", and this program has " + engine, "install the duckdb of requirements.txt: an older one refuses the files of a newer one"})
		}
	}
	return append(out, Check{"dbt", "adapter", OK, detail, ""})
}
