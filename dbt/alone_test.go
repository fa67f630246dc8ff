package dbt_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var shell = regexp.MustCompile("(?s)```sh\n(.*?)```")

// alone runs the README's commands in a clean folder beside the repository, as a team does that has only dbt.
func alone(t *testing.T, p *project, before string) {
	t.Helper()
	blocks := shell.FindAllStringSubmatch(readme(t), -1)
	if len(blocks) != 1 {
		t.Fatalf("README.md has %d blocks of commands, want one", len(blocks))
	}
	repository, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(repository, p.path("fourfold")); err != nil {
		t.Fatal(err)
	}
	script := strings.Replace(blocks[0][1], "\ndbt build", "\n"+before+"\ndbt build", 1)
	cmd := exec.Command("sh", "-euc", script)
	cmd.Dir = p.dir
	cmd.Env = []string{"HOME=" + p.dir, "PATH=" + filepath.Dir(p.command) + string(os.PathListSeparator) + os.Getenv("PATH"), "DO_NOT_TRACK=1"}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// rows counts the rows of every mart of a build.
func (p *project) rows(name string, marts []string) map[string]int {
	p.t.Helper()
	const count = `import duckdb, json, sys
with duckdb.connect(sys.argv[1], read_only=True) as con:
    print(json.dumps({m: con.execute(f"select count(*) from {m}").fetchone()[0] for m in sys.argv[2:]}))`
	text := p.run(filepath.Join(filepath.Dir(p.command), "python"), append([]string{"-c", count, p.path(name)}, marts...)...)
	var out map[string]int
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		p.t.Fatalf("%v in %s", err, text)
	}
	return out
}

// Plain dbt, the seeds and nothing else: every mart is there, and says nothing that nobody knows.
func TestTheProjectAloneBuildsFromNothing(t *testing.T) {
	t.Parallel()
	marts := parse(t).marts()
	p := newProject(t)
	alone(t, p, "")
	got := p.rows(filepath.Join("analytics", "build.duckdb"), marts)
	for _, name := range []string{"data_quality", "dim_limits", "dim_metrics", "dim_services", "publication"} {
		if got[name] == 0 {
			t.Errorf("%s is empty", name)
		}
		delete(got, name)
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if got[name] != 0 {
			t.Errorf("%s has %d rows", name, got[name])
		}
	}
	if len(got) < 15 {
		t.Errorf("%d marts", len(got))
	}
}

// Ledgers that somebody else has filled, and no table of ship: incidents have their numbers.
func TestTheProjectAloneNeedsNoShipForIncidents(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	write := filepath.Join(p.dir, "fill.py")
	const fill = `import duckdb
with duckdb.connect("raw.duckdb") as con:
    con.execute("""insert into incidentio_incidents (id, _observed_at, _hash, _deleted, _run_id, reference, name, mode, visibility, status_category, created_at, custom_fields, timestamps)
        values ('i', '2026-02-01T00:00:00Z', 'h', false, 'r', 'INC-1', 'Down', 'standard', 'public', 'closed', '2026-01-31T15:00:00Z',
                '[{"id":"f","name":"Product","type":"text","values":[{"value":"API"}]}]', '[{"id":"c","name":"Closed at","at":"2026-01-31T16:00:00Z"}]')""")
`
	if err := os.WriteFile(write, []byte(fill), 0o600); err != nil {
		t.Fatal(err)
	}
	alone(t, p, "python "+write)
	const ask = `import duckdb, sys
with duckdb.connect(sys.argv[1], read_only=True) as con:
    con.execute("set timezone = 'UTC'")
    for row in con.execute("""select metric, dimension, dimension_value, cast(period_start as text), value from four_keys
        where period = 'month' and sample_size = 1 and dimension in ('all', 'service') and is_open = false order by all""").fetchall(): print(*row)`
	// The sample's as_of is midnight of 1 March in UTC, so that February is over in Tokyo.
	got := p.run(filepath.Join(filepath.Dir(p.command), "python"), "-c", ask, p.path(filepath.Join("analytics", "build.duckdb")))
	want := strings.Join([]string{
		"incidents all all 2026-02-01 1.0", "incidents service api 2026-02-01 1.0",
		"time_to_restore_mean_seconds all all 2026-02-01 3600.0", "time_to_restore_mean_seconds service api 2026-02-01 3600.0",
		"time_to_restore_median_seconds all all 2026-02-01 3600.0", "time_to_restore_median_seconds service api 2026-02-01 3600.0",
		"time_to_restore_p90_seconds all all 2026-02-01 3600.0", "time_to_restore_p90_seconds service api 2026-02-01 3600.0",
	}, "\n")
	if diff := cmp.Diff(want, strings.TrimSpace(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
