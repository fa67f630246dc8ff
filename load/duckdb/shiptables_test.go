package duckdb

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"fourfold/transform"
	"fourfold/transform/ship"
)

// version is a version of a repository in a ledger.
type version struct {
	id, name, hash string
	observed       int
	updated        int // 0 for none
	deleted        bool
}

var shipClock = time.Date(2026, 10, 20, 8, 0, 0, 0, time.UTC)

func second(n int) time.Time { return shipClock.Add(time.Duration(n) * time.Second) }

// presentOf is S1, word for word.
func presentOf(versions []version, asOf int) map[string]string {
	byID := map[string][]version{}
	gone := map[string]int{}
	for _, v := range versions {
		if v.observed > asOf {
			continue
		}
		if v.deleted {
			gone[v.id] = max(gone[v.id], v.observed)
		} else {
			byID[v.id] = append(byID[v.id], v)
		}
	}
	out := map[string]string{}
	for id, list := range byID {
		list = slices.DeleteFunc(list, func(v version) bool { return v.observed <= gone[id] && gone[id] > 0 })
		if len(list) == 0 {
			continue
		}
		best := slices.MaxFunc(list, func(a, b version) int {
			if a.updated != b.updated {
				return a.updated - b.updated
			}
			if a.observed != b.observed {
				return a.observed - b.observed
			}
			return strings.Compare(a.hash, b.hash)
		})
		out[id] = best.name
	}
	return out
}

// shipFixture is ledgers with versions of repositories and commits, put there by hand.
func shipFixture(t *testing.T, versions []version, commits ...string) string {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range versions {
		var updated, name any
		if v.updated > 0 {
			updated = second(v.updated)
		}
		if !v.deleted {
			name = v.name
		}
		_, err := s.conn.ExecContext(t.Context(), `insert into raw.main.github_repositories (id, _observed_at, _source_updated_at, _hash, _deleted, _run_id, name)
values (?, ?, ?, ?, ?, 'run', ?)`, v.id, second(v.observed), updated, v.hash, v.deleted, name)
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, values := range commits {
		_, err := s.conn.ExecContext(t.Context(), `insert into raw.main.github_commits
    (id, _observed_at, _hash, _deleted, _run_id, repository_id, sha, parents, authored_at, title) values `+values)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func openShip(t *testing.T, dir string, asOf int) *ShipStore {
	t.Helper()
	s, err := OpenShip(t.Context(), dir, filepath.Join(t.TempDir(), "build's own.duckdb"), second(asOf), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestS1PresentVersionsAsOfAnInstantAreThoseOfTheRule(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	var versions []version
	for i := range 400 {
		versions = append(versions, version{
			id: fmt.Sprint(r.IntN(40)), name: fmt.Sprint("acme/", i), hash: fmt.Sprint(r.IntN(1000)), observed: 1 + r.IntN(30),
			updated: r.IntN(6), deleted: r.IntN(6) == 0,
		})
	}
	dir := shipFixture(t, versions)
	for _, asOf := range []int{0, 1, 7, 15, 30, 100} {
		s := openShip(t, dir, asOf)
		got := map[string]string{}
		for row, err := range s.Present(t.Context(), transform.GithubRepositories, "name", "id") {
			if err != nil {
				t.Fatal(err)
			}
			id := row[1].(string)
			if _, twice := got[id]; twice {
				t.Errorf("%s comes twice", id)
			}
			got[id] = row[0].(string)
		}
		want := presentOf(versions, asOf)
		if len(want) != len(got) {
			t.Errorf("as of %d: %d objects, want %d", asOf, len(got), len(want))
		}
		for id, name := range want {
			if got[id] != name {
				t.Errorf("as of %d: %s is %q, want %q", asOf, id, got[id], name)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCommitsAreReadAsOfAnInstantOfTheRepositoriesThatAreWanted(t *testing.T) {
	a, b, c := strings.Repeat("a", 40), strings.Repeat("B", 40), strings.Repeat("c", 40)
	row := func(repository, sha string, observed int, parents, more string) string {
		return fmt.Sprintf("('%s:%s', '%s', 'h', false, 'run', '%s', '%s', %s, %s)", repository, sha, second(observed).Format(time.RFC3339), repository, sha, parents, more)
	}
	dir := shipFixture(t, nil,
		row("1", a, 1, "null", "null, null"),
		row("1", b, 1, "'"+a+"'", "'2026-01-01T00:00:00.000001Z', 'one'"),
		row("1", b, 2, "'"+a+"'", "'2026-01-01T00:00:00.000001Z', 'one'"), // seen twice
		row("1", c, 5, "'"+a+" "+b+"'", "'1969-12-31T23:59:59Z', 'one'"),
		row("2", c, 1, "'"+a+"'", "'2026-01-01T00:00:00Z', 'two'"),
		row("3", c, 1, "'"+a+"'", "'2026-01-01T00:00:00Z', 'two'"),
		row("1", "no hash", 1, "'"+a+"'", "'2026-01-01T00:00:00Z', 'two'"),
	)
	read := func(asOf int, repositories ...string) (out []string, titles map[string]uint32) {
		s := openShip(t, dir, asOf)
		defer s.Close()
		titles = map[string]uint32{}
		err := s.Commits(t.Context(), repositories, func(repository string, c ship.Commit) {
			var parents []string
			for _, p := range c.Parents {
				parents = append(parents, p.String()[:1])
			}
			at := fmt.Sprint(c.AuthoredAt)
			if c.AuthoredAt == ship.NoTime {
				at = "never"
			}
			name := repository + c.SHA.String()[:1]
			out = append(out, fmt.Sprintf("%s [%s] %s", name, strings.Join(parents, " "), at))
			titles[name] = c.Title
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(out)
		return slices.Compact(out), titles
	}
	compare := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	early, _ := read(2, "1")
	compare("early", early, "1a [] never", "1b [a] 1767225600000001")
	all, titles := read(9, "1", "2")
	compare("all", all, "1a [] never", "1b [a] 1767225600000001", "1c [a b] -1000000", "2c [a] 1767225600000000")
	if titles["1a"] != 0 || titles["1b"] == 0 || titles["1b"] != titles["1c"] || titles["2c"] == titles["1c"] {
		t.Errorf("titles %v", titles)
	}
	s, err := Open(t.Context(), dir, Options{})
	if err == nil {
		_, err = s.conn.ExecContext(t.Context(), `insert into raw.main.github_commits (id, _observed_at, _hash, _deleted, _run_id) values (?, ?, 'deleted', true, 'run')`, "1:"+b, second(7))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, _ := read(6, "1", "2")
	compare("before one was deleted", before, all...)
	after, _ := read(7, "1", "2")
	compare("after", after, "1a [] never", "1c [a b] -1000000", "2c [a] 1767225600000000")
}

func TestRowsOfABuildKeepTheirOrderAndAreCopiedForOtherServicesAfterThem(t *testing.T) {
	s := openShip(t, shipFixture(t, nil), 1)
	insert := func(table *transform.Plain, rows ...[]string) {
		t.Helper()
		b := array.NewRecordBuilder(memory.DefaultAllocator, table.ArrowSchema())
		defer b.Release()
		for _, row := range rows {
			for i, v := range row {
				if f, ok := b.Field(i).(*array.StringBuilder); ok {
					f.Append(v)
				} else {
					b.Field(i).(*array.BooleanBuilder).Append(v == "true")
				}
			}
		}
		batch := b.NewRecordBatch()
		defer batch.Release()
		if err := s.Insert(t.Context(), table, batch); err != nil {
			t.Fatal(err)
		}
	}
	insert(transform.ShipDeploymentNames, []string{"1", "deployments:1", "api"}, []string{"1", "deployments:1", "other"}, []string{"2", "deployments:2", "api"})
	var all []string
	for part := range 3 { // batches of more than the engine works on at a time
		var rows [][]string
		for i := range 30_000 {
			repository, service := "1", "api"
			if i%3 == 0 {
				repository, service = "2", "b"
			}
			sha := fmt.Sprintf("%d-%d", part, i)
			rows = append(rows, []string{service, repository, "production", sha, "deployments:1", "true"})
			all = append(all, service+" "+sha)
		}
		insert(transform.ShippedCommits, rows...)
	}
	if _, err := s.conn.ExecContext(t.Context(), `insert into marts.main.ship_deployments by name
select 'deployments:' || n as deployment_id, 'deployments' as source, n as source_id, '[]' as aliases, '1' as repository_id, 'acme/a' as repository,
    'api' as service, case n when '1' then 'production' else 'staging' end as environment, true as is_source, true as is_production, 'deploy' as task,
    false as is_transient, 'success' as status, true as is_known, false as follows_unknown
from (values ('1'), ('2')) as numbers (n)`); err != nil {
		t.Fatal(err)
	}
	copies := []ship.Copy{
		{Repository: "1", Environment: "production", From: "api", To: "web"},
		{Repository: "1", Environment: "production", From: "api", To: "jobs"},
		{Repository: "1", Environment: "staging", From: "api", To: "none"},
		{Repository: "2", Environment: "production", From: "api", To: "none"},
	}
	for _, table := range []*transform.Plain{transform.ShippedCommits, transform.ShipDeploymentNames} {
		if err := s.Copy(t.Context(), table, copies); err != nil {
			t.Fatal(err)
		}
	}
	want := slices.Clone(all)
	for _, service := range []string{"jobs", "web"} {
		for _, row := range all {
			if rest, ok := strings.CutPrefix(row, "api "); ok {
				want = append(want, service+" "+rest)
			}
		}
	}
	path := s.path
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.Stat(path + ".wal"); err == nil && left.Size() > 0 {
		t.Error("the file was not written to its end")
	}
	got := readColumn(t, path, "select service || ' ' || sha from shipped_commits")
	slices.Sort(got[len(all):]) // the engine copies in an order of its own
	slices.Sort(want[len(all):])
	if !slices.Equal(got, want) {
		t.Errorf("%d rows, want %d, or in another order", len(got), len(want))
	}
	names := readColumn(t, path, "select name || ' ' || deployment_id || ' ' || service from ship_deployment_names")
	slices.Sort(names)
	if want := []string{
		"1 deployments:1 api", "1 deployments:1 jobs", "1 deployments:1 other", "1 deployments:1 web", "2 deployments:2 api", "2 deployments:2 none",
	}; !slices.Equal(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
	for _, table := range transform.Ship {
		readColumn(t, path, "select '' from "+table.Name) // all of them are there
	}
}

func readColumn(t *testing.T, path, q string) []string {
	t.Helper()
	db, err := sql.Open("duckdb", path+"?access_mode=read_only")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPathsAndTimesOfCommitsAreReadAsOfAnInstant(t *testing.T) {
	a, b := strings.Repeat("a", 40), strings.Repeat("B", 40)
	dir := shipFixture(t, nil)
	s, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		fmt.Sprintf("('1:a', '%s', 'h', false, 'run', '1', '%s', null, '2026-01-01T00:00:00.000001Z')", second(1).Format(time.RFC3339), a),
		fmt.Sprintf("('1:a', '%s', 'i', false, 'run', '1', '%s', '[\"x\"]', '2026-01-01T00:00:00.000001Z')", second(3).Format(time.RFC3339), a),
		fmt.Sprintf("('1:b', '%s', 'h', false, 'run', '1', '%s', '[]', null)", second(1).Format(time.RFC3339), b),
		fmt.Sprintf("('2:a', '%s', 'h', false, 'run', '2', '%s', '[\"y\"]', '2026-01-02T00:00:00Z')", second(1).Format(time.RFC3339), a),
	} {
		if _, err := s.conn.ExecContext(t.Context(), `insert into raw.main.github_commits
    (id, _observed_at, _hash, _deleted, _run_id, repository_id, sha, paths, committed_at) values `+row); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for asOf, want := range map[int][]string{
		0: nil,
		2: {"1:a 1767225600000001", "b []"},
		3: {"1:a 1767225600000001", `a ["x"]`, "b []"},
	} {
		s := openShip(t, dir, asOf)
		var got []string
		err := s.Paths(t.Context(), "1", func(sha ship.SHA, paths []byte) { got = append(got, sha.String()[:1]+" "+string(paths)) })
		if err != nil {
			t.Fatal(err)
		}
		err = s.CommittedAt(t.Context(), []string{"1:a", "1:b", "1:none"}, func(id string, at int64) { got = append(got, fmt.Sprint(id, " ", at)) })
		if err != nil {
			t.Fatal(err)
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("as of %d: %q, want %q", asOf, got, want)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAStoreThatCannotBeOpenedSaysWhich(t *testing.T) {
	dir := shipFixture(t, nil)
	_, err := OpenShip(t.Context(), dir, filepath.Join(dir, "none", "next.duckdb"), shipClock, Options{})
	if err == nil || !strings.Contains(err.Error(), "next.duckdb") {
		t.Errorf("no folder for the build: %v", err)
	}
	_, err = OpenShip(t.Context(), t.TempDir(), filepath.Join(dir, "next.duckdb"), shipClock, Options{})
	if err == nil || !strings.Contains(err.Error(), RawFile) {
		t.Errorf("no ledgers: %v", err)
	}
}
