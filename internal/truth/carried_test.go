package truth_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// latest gives what a build makes of a whole ledger, and what the next one changes in it.
func latest(t *testing.T) (whole, change string) {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), dbtCommand(t), "compile", "--profiles-dir", "profiles", "--no-populate-cache", "--no-introspect", "--select", "latest", "latest_changed")
	cmd.Dir = filepath.Join("..", "..", "dbt")
	cmd.Env = append(os.Environ(), "DBT_TARGET_PATH="+filepath.Join(dir, "target"), "DBT_LOG_PATH="+filepath.Join(dir, "logs"), "DO_NOT_TRACK=1",
		"FOURFOLD_RAW_PATH="+filepath.Join(dir, "raw.duckdb"), "FOURFOLD_BUILD_PATH="+filepath.Join(dir, "build.duckdb"), "FOURFOLD_RAW_READ_ONLY=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("dbt compile: %v\n%s", err, out)
	}
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(dir, "target", "compiled", "fourfold", "analyses", name+".sql"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	return read("latest"), read("latest_changed")
}

// carrying is a ledger, and what builds that go on from each other have made of it.
type carrying struct {
	t             *testing.T
	db            *sql.DB
	whole, change string
}

func (c *carrying) exec(q string, args ...any) {
	c.t.Helper()
	if _, err := c.db.ExecContext(c.t.Context(), q, args...); err != nil {
		c.t.Fatalf("%s: %v", q, err)
	}
}

func (c *carrying) rows(q string) []string {
	c.t.Helper()
	rows, err := c.db.QueryContext(c.t.Context(), "select id || ' ' || epoch_us(_observed_at) || ' ' || coalesce(epoch_us(_source_updated_at)::varchar, '-') || ' ' || _hash || ' ' || _deleted || ' ' || coalesce(name, '-') from ("+q+") order by 1")
	if err != nil {
		c.t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			c.t.Fatal(err)
		}
		out = append(out, text)
	}
	if err := rows.Err(); err != nil {
		c.t.Fatal(err)
	}
	return out
}

// build makes the build of an instant from the one before it, as dbt merges what has changed.
func (c *carrying) build(asOf time.Time, late time.Duration) {
	c.t.Helper()
	c.exec("update build set as_of = ?", asOf)
	var last sql.NullTime
	if err := c.db.QueryRowContext(c.t.Context(), "select max(_observed_at) from had").Scan(&last); err != nil {
		c.t.Fatal(err)
	}
	since := "timestamp '1970-01-01 00:00:00+00'"
	if last.Valid {
		since = "timestamp '" + last.Time.UTC().Add(-late).Format("2006-01-02 15:04:05.000000") + "+00'"
	}
	change := strings.ReplaceAll(c.change, "timestamp '2000-01-01 00:00:00+00'", since)
	c.exec("create or replace temp table changed as " + change)
	c.exec("delete from had where id in (select id from changed)")
	c.exec("insert into had select * from changed")
}

// Builds that go on from each other come to what one build of the whole ledger is, whatever has landed in between: versions
// and tombstones in any order, stale answers, what came again, and runs that land after a build that began later than they.
func TestBuildsThatGoOnEqualAWholeOne(t *testing.T) {
	t.Parallel()
	whole, change := latest(t)
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // what is temporary is the connection's
	c := &carrying{t, db, whole, change}
	c.exec("set timezone = 'UTC'")
	c.exec("create table build (as_of timestamptz)")
	c.exec("insert into build values (now())")
	const columns = "(id varchar, _observed_at timestamptz, _source_updated_at timestamptz, _hash varchar, _deleted boolean, name varchar)"
	seeds := 150
	if os.Getenv("FOURFOLD_SOAK") != "" {
		seeds = 5_000
	}
	const late = 3 * 24 * time.Hour
	gone, back, stale, tardy := 0, 0, 0, 0
	for seed := range seeds {
		r := rand.New(rand.NewPCG(uint64(seed), 8))
		c.exec("create or replace table ledger " + columns)
		c.exec("create or replace table had " + columns)
		start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
		now, dead, newest := start, map[string]bool{}, map[string]time.Time{}
		var clocks []time.Time
		for round := range 8 {
			now = now.Add(time.Duration(1+r.IntN(40)) * time.Hour)
			clocks = append(clocks, now)
			clocks = clocks[max(0, len(clocks)-2):] // of runs that may still be at work
			for range r.IntN(6) {
				id, at := fmt.Sprint("i", r.IntN(4)), now
				if round > 0 && r.IntN(4) == 0 { // a run that began before the last build lands after it
					at = clocks[r.IntN(len(clocks))]
					tardy++
				}
				if r.IntN(4) == 0 {
					gone++
					dead[id] = true
					var updated any
					if r.IntN(2) == 0 {
						updated = at.Add(-time.Duration(r.IntN(200)) * time.Hour)
					}
					c.exec("insert into ledger values (?, ?, ?, 'gone', true, null)", id, at, updated)
					continue
				}
				if dead[id] {
					back++
					dead[id] = false
				}
				var updated any
				if r.IntN(5) > 0 {
					u := at.Add(-time.Duration(r.IntN(200)) * time.Hour)
					if r.IntN(3) == 0 {
						u = start // many are alike
					}
					if u.Before(newest[id]) {
						stale++
					}
					newest[id], updated = u, u
				}
				name := fmt.Sprint("v", r.IntN(1000))
				c.exec("insert into ledger values (?, ?, ?, ?, false, ?)", id, at, updated, "h"+name, name)
			}
			if r.IntN(4) > 0 { // not every round is built
				c.build(now, late)
				if diff := cmp.Diff(c.rows(c.whole), c.rows("select * from had")); diff != "" {
					t.Fatalf("seed %d, round %d (-whole +carried):\n%s", seed, round, diff)
				}
			}
		}
	}
	if gone < seeds || back < seeds/4 || stale < seeds || tardy < seeds {
		t.Errorf("%d tombstones, %d that came again, %d stale, %d late: what has this shown?", gone, back, stale, tardy)
	}
}
