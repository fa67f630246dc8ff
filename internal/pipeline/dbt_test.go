package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// program writes a shell script that stands for dbt.
func program(t *testing.T, path, script string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheDBTCommandIsTheConfiguredOneThenTheEnvironmentsThenThePaths(t *testing.T) {
	dir := t.TempDir()
	configured, fromEnv, inPath := program(t, dir+"/a/dbt", ""), program(t, dir+"/b/dbt", ""), program(t, dir+"/c/dbt", "")
	t.Setenv("PATH", filepath.Dir(inPath))
	find := func(c string) string {
		t.Helper()
		got, err := FindDBT(c)
		if err != nil {
			t.Error(err)
		}
		return got
	}
	t.Setenv("FOURFOLD_DBT", "")
	same(t, "in PATH", find(""), inPath)
	t.Setenv("FOURFOLD_DBT", fromEnv)
	same(t, "in the environment", find(""), fromEnv)
	same(t, "configured", find(configured), configured)
	t.Chdir(dir)
	same(t, "relative", find("./a/dbt"), configured)
	for _, c := range []string{dir + "/none/dbt", dir} {
		if _, err := FindDBT(c); err == nil || !strings.Contains(err.Error(), c) || !strings.Contains(err.Error(), "dbt.command") {
			t.Errorf("%s: %v, want an error that names it and the key", c, err)
		}
	}
	t.Setenv("FOURFOLD_DBT", dir+"/none")
	if _, err := FindDBT(""); err == nil || !strings.Contains(err.Error(), "FOURFOLD_DBT") {
		t.Errorf("a wrong FOURFOLD_DBT: %v", err)
	}
	t.Setenv("FOURFOLD_DBT", "")
	t.Setenv("PATH", dir)
	if _, err := FindDBT(""); err == nil || !strings.Contains(err.Error(), "make build") {
		t.Errorf("nowhere: %v, want it to say `make build`", err)
	}
}

func TestTheVersionOfDBTIsReadBesideItsCommand(t *testing.T) {
	dir := t.TempDir()
	command := program(t, dir+"/venv/bin/dbt", "exit 1")
	same(t, "without a package", dbtVersion(command), "unknown")
	if err := os.MkdirAll(dir+"/venv/lib/python3.11/site-packages/dbt_core-1.11.4.dist-info", 0o755); err != nil {
		t.Fatal(err)
	}
	link := dir + "/dbt"
	if err := os.Symlink(command, link); err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{command, link} {
		same(t, c, dbtVersion(c), "1.11.4")
	}
}

func TestTheProjectIsUnpackedAndWhatIsNoLongerInItRemoved(t *testing.T) {
	dir := t.TempDir()
	if err := unpack(fstest.MapFS{"dbt_project.yml": {Data: []byte("v1")}, "models/a.sql": {Data: []byte("a")}, "models/old/b.sql": {Data: []byte("b")}}, dir); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(dir + "/models/a.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, kept := range []string{"target/manifest.json", "target/deep/x", "logs/dbt.log"} {
		program(t, filepath.Join(dir, kept), "kept")
	}
	for _, foreign := range []string{"models/stray.sql", "stray.txt", "models/target/x.sql"} {
		program(t, filepath.Join(dir, foreign), "stray")
	}
	if err := os.WriteFile(dir+"/dbt_project.yml", []byte("changed by hand"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := unpack(fstest.MapFS{"dbt_project.yml": {Data: []byte("v2")}, "models/a.sql": {Data: []byte("a")}, "models/c.sql": {Data: []byte("c")}}, dir); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var text []byte
			text, err = os.ReadFile(path)
			got[strings.TrimPrefix(path, dir+"/")] = string(text)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	const kept = "#!/bin/sh\nkept\n"
	same(t, "files", got, map[string]string{"dbt_project.yml": "v2", "models/a.sql": "a", "models/c.sql": "c", "target/manifest.json": kept, "target/deep/x": kept, "logs/dbt.log": kept})
	if after, err := os.Stat(dir + "/models/a.sql"); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("a file that did not change was written anew: %v", err)
	}
}

// fakeDBT is a run of a script in a project of its own.
func fakeDBT(t *testing.T, script string) dbt {
	t.Helper()
	dir := t.TempDir()
	return dbt{command: program(t, dir+"/dbt", script), project: dir, target: "duckdb", output: io.Discard, patience: time.Minute}
}

// dbtVictimEnv has the test binary run a script in place of dbt, in this directory, and be killed meanwhile.
const dbtVictimEnv = "FOURFOLD_TEST_DBT_VICTIM"

func dbtVictim(dir string) error {
	d := dbt{command: filepath.Join(dir, "dbt"), project: dir, target: "duckdb", output: os.Stdout, patience: time.Minute}
	return d.run(context.Background(), "build")
}

func TestDBTIsRunInItsProjectWithWhatItNeeds(t *testing.T) {
	d := fakeDBT(t, `pwd; echo "$@"; echo "$FOURFOLD_X $HOME_OF_TEST" >&2`)
	t.Setenv("HOME_OF_TEST", "inherited")
	d.env = []string{"FOURFOLD_X=given"}
	var out bytes.Buffer
	d.output = &out
	if err := d.run(t.Context(), "build", "--select", "x"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{d.project + "\n", "build --select x", "--project-dir " + d.project, "--profiles-dir " + d.project + "/profiles", "--target duckdb", "given inherited"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("dbt printed %q: want %q in it", out.String(), want)
		}
	}
	text, err := os.ReadFile(filepath.Join(d.project, "logs", "output.log"))
	if err != nil || string(text) != out.String() {
		t.Errorf("the log holds %q, %v: want what was printed", text, err)
	}
}

func TestDBTsFailureNamesTheModelsAndTestsThatFailed(t *testing.T) {
	d := fakeDBT(t, `mkdir -p target; cat > target/run_results.json <<'END'
{"results":[{"unique_id":"model.fourfold.fct_incidents","status":"error","message":"Runtime Error\n  no such  column x"},
{"unique_id":"test.fourfold.unique_fct_incidents_id.a1b2","status":"fail","message":"Got 3 results"},
{"unique_id":"model.fourfold.four_keys","status":"skipped","message":null},{"unique_id":"model.fourfold.good","status":"success","message":"OK"}]}
END
exit 1`)
	err := d.run(t.Context(), "build")
	var failed *DBTError
	if !errors.As(err, &failed) {
		t.Fatalf("%v: want a DBTError", err)
	}
	same(t, "nodes", failed.Nodes, []DBTNode{{"fct_incidents", "error", "Runtime Error\n  no such  column x"}, {"unique_fct_incidents_id.a1b2", "fail", "Got 3 results"}})
	for _, want := range []string{"2 failed", "fct_incidents: error: Runtime Error no such column x", "output.log"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q in it", err, want)
		}
	}
}

func TestDBTThatDoesNotBeginGivesTheEndOfWhatItPrinted(t *testing.T) {
	d := fakeDBT(t, `i=0; while [ $i -lt 500 ]; do echo "line $i of a long text"; i=$((i+1)); done; echo "Parsing Error: bad yaml"; exit 2`)
	// The results of the run before are not this one's.
	program(t, filepath.Join(d.project, "target", "run_results.json"), `{"results":[{"unique_id":"model.f.old","status":"error"}]}`)
	err := d.run(t.Context(), "build")
	if err == nil || !strings.Contains(err.Error(), "Parsing Error: bad yaml") || strings.Contains(err.Error(), "line 1 of") || strings.Contains(err.Error(), "old") || len(err.Error()) > 3000 {
		t.Errorf("%v: want the end of what was printed, and it alone", err)
	}
	d.command = filepath.Join(d.project, "none")
	if err := d.run(t.Context(), "build"); err == nil || !strings.Contains(err.Error(), d.command) {
		t.Errorf("%v: want the command named", err)
	}
}

// signal is a writer that tells when something was written.
type signal chan struct{}

func (s signal) Write(p []byte) (int, error) {
	select {
	case s <- struct{}{}:
	default:
	}
	return len(p), nil
}

func TestDBTIsInterruptedWithTheContextAndKilledIfItDoesNotEnd(t *testing.T) {
	for what, script := range map[string]string{
		"ends on an interrupt":  `trap 'echo interrupted > ended; exit 130' INT; echo ready; while :; do sleep 0.05; done`,
		"ignores the interrupt": `trap '' INT; echo ready; while :; do sleep 0.05; done`,
		"leaves a child behind": `trap 'exit 130' INT; (trap '' INT; sleep 60) & echo ready; while :; do sleep 0.05; done`,
	} {
		t.Run(what, func(t *testing.T) {
			d := fakeDBT(t, script)
			ready := make(signal, 1)
			d.output = ready
			if what != "ends on an interrupt" {
				d.patience = 50 * time.Millisecond
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan error)
			go func() { ended <- d.run(ctx, "build") }()
			<-ready
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("%v: want context.Canceled", err)
			}
			if _, err := os.Stat(filepath.Join(d.project, "ended")); (err == nil) != (what == "ends on an interrupt") {
				t.Errorf("the script had its time to end: %v", err == nil)
			}
		})
	}
}

func TestTheEndOfALongTextIsKept(t *testing.T) {
	var w tailWriter
	for i := range 1000 {
		fmt.Fprintf(&w, "%d ", i)
	}
	if got := w.String(); len(got) > 2000 || !strings.HasSuffix(got, "998 999 ") {
		t.Errorf("%d bytes that end in %q", len(got), got[max(0, len(got)-10):])
	}
	names := strings.Fields(w.String())
	if !slices.Contains(names, "900") {
		t.Error("the last two kilobytes lack what was just written")
	}
}
