// Package browsertest looks at the dashboard as people do: a real build in DuckDB, a real Chromium. It has tests only,
// and is a package of its own because it links DuckDB.
package browsertest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	duck "github.com/duckdb/duckdb-go/v2"

	"fourfold/dashboards"
	"fourfold/dashboards/web"
	"fourfold/dbt"
)

var buildFile = flag.String("build", "", "a published build (builds/ID.duckdb) to look at instead of the fixture")

// The incidents of a build, and what GitHub adds to it.
var (
	//go:embed fixture.sql
	incidentsSQL string
	//go:embed fixture_delivery.sql
	deliverySQL string
	//go:embed fixture_aftermath.sql
	aftermathSQL string
	//go:embed fixture_objects.sql
	objectsSQL string

	fixtureSQL = incidentsSQL + deliverySQL + aftermathSQL + objectsSQL
)

// withoutGitHub is a company that reads incidents only: its build has the other marts, too, and nothing in them.
const withoutGitHub = `
delete from dim_repositories; delete from fct_deployments; delete from fct_changes; delete from fct_commits; delete from fct_incident_deployments;
delete from fct_measures where object_type <> 'incident'; delete from data_quality where object_type = 'deployment';
update publication set freshness = regexp_replace(freshness, '\{[^}]*"github"[^}]*\},?\s*', '', 'g');`

// marts is a build in DuckDB, opened as the program opens it for people.
type marts struct {
	db *sql.DB
	id string
}

// openMarts gives the fixture, or the build of -build.
func openMarts(t *testing.T) marts {
	t.Helper()
	path := *buildFile
	if path == "" {
		path = makeFixture(t, fixtureSQL)
	}
	return openBuild(t, path)
}

func openBuild(t *testing.T, path string) marts {
	t.Helper()
	connector, err := duck.NewConnector(path+"?access_mode=read_only&threads=2", inUTC)
	if err != nil {
		t.Fatal(err)
	}
	m := marts{db: sql.OpenDB(connector)}
	t.Cleanup(func() { m.db.Close() })
	if err := m.db.QueryRow("select build_id from publication").Scan(&m.id); err != nil {
		t.Fatal(err)
	}
	return m
}

// makeFixture makes a build by SQL, in which $dir is where the seeds of the dbt project are.
func makeFixture(t *testing.T, statements string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"metrics.csv", "stats_limits.csv", "levels.csv"} {
		b, err := fs.ReadFile(dbt.Project, "seeds/static/"+name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "build.duckdb")
	connector, err := duck.NewConnector(path, inUTC)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	if _, err := db.Exec(strings.ReplaceAll(statements, "$dir", dir)); err != nil {
		t.Fatalf("fixture.sql: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func (m marts) Published(context.Context) (string, error) { return m.id, nil }

func (m marts) Query(ctx context.Context, build, q string, args ...any) (*web.Table, error) {
	if build != m.id {
		return nil, fmt.Errorf("build %s is not there", build)
	}
	rows, err := m.db.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, fmt.Errorf("%w in\n%s", err, q)
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	t := &web.Table{}
	for _, c := range types {
		t.Columns = append(t.Columns, c.Name())
	}
	for rows.Next() {
		cells, into := make([]any, len(types)), make([]any, len(types))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for i, c := range cells {
			if cells[i], err = plain(c, types[i].DatabaseTypeName()); err != nil {
				return nil, err
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	return t, rows.Err()
}

// plain keeps to the types that web.Table promises, and fails on others.
func plain(v any, engineType string) (any, error) {
	switch x := v.(type) {
	case nil, bool, int64, float64, string:
		return x, nil
	case int32:
		return int64(x), nil
	case time.Time:
		if engineType == "DATE" {
			return x.UTC().Format(time.DateOnly), nil
		}
		return x.UTC(), nil
	}
	return nil, fmt.Errorf("a value of type %T (%s)", v, engineType)
}

// failures are what the dashboard wrote to its log; a test that expects none says so.
type failures struct{ strings.Builder }

// serveDashboard runs the dashboard on a loopback address.
func serveDashboard(t *testing.T, m web.Querier, language string) (string, *failures) {
	t.Helper()
	var log failures
	h, err := web.New(web.Options{
		Querier: m, Engine: dashboards.DuckDB, Language: language, QueryTimeout: time.Minute,
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL, &log
}

// findChromium names the browser to use.
func findChromium(t *testing.T) string {
	t.Helper()
	path, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var errNoChromium = errors.New("no Chromium: install it (Debian: apt-get install chromium) or set CHROME_PATH to one")

// inUTC sets the time zone of a connection, as the program does.
func inUTC(conn driver.ExecerContext) error {
	_, err := conn.ExecContext(context.Background(), "set TimeZone = 'UTC'", nil)
	return err
}
