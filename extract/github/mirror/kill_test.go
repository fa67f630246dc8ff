package mirror

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// flow does with a mirror what a run does; with paths, it asks for those too.
func flow(ctx context.Context, m *Mirrors, deployed []string, paths bool) (shas []string, err error) {
	r, err := m.Open(ctx, "77", "acme/api")
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if paths {
		r.NeedTrees()
	}
	if err := r.Fetch(ctx); err != nil {
		return nil, err
	}
	for attempt := 0; ; attempt++ {
		shas, err = r.walk(ctx, deployed)
		if !Damaged(err) || attempt == 1 {
			return shas, err
		}
		if err := r.Rebuild(ctx, err); err != nil {
			return nil, err
		}
	}
}

func (r *Mirror) walk(ctx context.Context, deployed []string) (shas []string, err error) {
	if _, err := r.Want(ctx, "deployed", deployed); err != nil {
		return nil, err
	}
	tips, err := r.Tips(ctx, deployed)
	if err != nil {
		return nil, err
	}
	for c, err := range r.read(ctx, tips, nil, r.trees) {
		if err != nil {
			return nil, err
		}
		if r.trees && c.Paths == nil {
			return nil, fmt.Errorf("no paths of %s", c.SHA)
		}
		shas = append(shas, c.SHA)
	}
	slices.Sort(shas)
	return shas, r.Land("next", "", tips)
}

const childEnv = "FOURFOLD_MIRROR_CHILD"

func TestMain(m *testing.M) {
	if args := strings.Fields(os.Getenv(childEnv)); len(args) > 0 { // a run that will be killed
		mirrors, err := New(context.Background(), Options{Dir: args[0], URL: args[1], Command: args[2]})
		if err == nil {
			_, err = flow(context.Background(), mirrors, args[4:], args[3] == "paths")
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestARunThatIsKilledAnywhereLeavesNothingThatBreaksTheNext(t *testing.T) {
	dies := func(t *testing.T, again, orphan, paths bool) { // with paths, the mirror of before has no trees and is made anew
		for k := 1; ; k++ {
			w := setup(t)
			w.server.Token = ""
			repo := w.server.Create("acme/api")
			one := repo.On("main", "one")
			gone := repo.Commit("forced away", one)
			repo.Point("refs/pull/1/head", repo.Commit("of a pull request", one))
			if again {
				if _, err := flow(t.Context(), w.mirrors, nil, false); err != nil {
					t.Fatal(err)
				}
				repo.On("main", "two")
				repo.Git("update-ref", "-d", "refs/pull/1/head")
				repo.Point("refs/pull/1/head/deeper/head", one)
			}
			want := append(repo.Shas("--branches"), gone)
			if again {
				repo.Point("refs/heads/other", repo.On("main", "three"))
				want = append(repo.Shas("--branches"), gone)
			}
			// The k-th git kills the run that started it, and then either does its work all the same or dies as well.
			count := filepath.Join(t.TempDir(), "count")
			end := "kill -9 $$"
			if orphan {
				end = "true"
			}
			git := script(t, fmt.Sprintf(`echo x >> %s
if [ $(wc -l < %s) -eq %d ]; then kill -9 $PPID; %s; fi
exec git "$@"`, count, count, k+1, end)) // the first asks for the version
			child := exec.Command(os.Args[0])
			wanted := map[bool]string{false: "commits", true: "paths"}[paths]
			child.Env = append(os.Environ(), childEnv+"="+strings.Join([]string{w.opts.Dir, w.server.URL, git, wanted, gone}, " "))
			out, err := child.CombinedOutput()
			if err == nil {
				if k < 6 {
					t.Errorf("a run used only %d gits", k-1)
				}
				return
			}
			if child.ProcessState.String() != "signal: killed" {
				t.Fatalf("at git %d: %v: %s", k, err, out)
			}
			w.opts.Clock = nil // a git that is left behind takes its time
			w.start()
			got, err := flow(t.Context(), w.mirrors, []string{gone}, paths)
			if err != nil {
				t.Fatalf("after a kill at git %d: %v", k, err)
			}
			same(t, fmt.Sprint("commits after a kill at git ", k), got, want...)
		}
	}
	for _, again := range []bool{false, true} {
		for _, orphan := range []bool{false, true} {
			t.Run(fmt.Sprintf("again %v orphan %v", again, orphan), func(t *testing.T) { dies(t, again, orphan, false) })
		}
	}
	t.Run("paths wanted", func(t *testing.T) { dies(t, true, false, true) })
	t.Run("paths wanted, orphan", func(t *testing.T) { dies(t, true, true, true) })
}

func TestDamageIsMendedByFetchingAllAgain(t *testing.T) {
	glob := func(t *testing.T, r *Mirror, pattern string) string {
		found, err := filepath.Glob(filepath.Join(r.dir, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v, %v", pattern, found, err)
		}
		_ = os.Chmod(found[0], 0o600)
		return found[0]
	}
	must := func(t *testing.T, err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, harm := range map[string]func(t *testing.T, r *Mirror){
		"a pack that is cut":     func(t *testing.T, r *Mirror) { must(t, os.Truncate(glob(t, r, "objects/pack/*.pack"), 100)) },
		"a pack without content": func(t *testing.T, r *Mirror) { must(t, os.Truncate(glob(t, r, "objects/pack/*.pack"), 0)) },
		"a pack with other bytes in it": func(t *testing.T, r *Mirror) {
			path := glob(t, r, "objects/pack/*.pack")
			content, err := os.ReadFile(path)
			must(t, err)
			copy(content[len(content)/2:], make([]byte, 64))
			must(t, os.WriteFile(path, content, 0o600))
		},
		"an index that is lost": func(t *testing.T, r *Mirror) { must(t, os.Remove(glob(t, r, "objects/pack/*.idx"))) },
		"a pack that is lost":   func(t *testing.T, r *Mirror) { must(t, os.Remove(glob(t, r, "objects/pack/*.pack"))) },
		"an empty HEAD":         func(t *testing.T, r *Mirror) { must(t, os.Truncate(filepath.Join(r.dir, "HEAD"), 0)) },
		"no configuration":      func(t *testing.T, r *Mirror) { must(t, os.Remove(filepath.Join(r.dir, "config"))) },
		"no objects":            func(t *testing.T, r *Mirror) { must(t, os.RemoveAll(filepath.Join(r.dir, "objects"))) },
		"a ref without content": func(t *testing.T, r *Mirror) {
			must(t, os.WriteFile(filepath.Join(r.dir, "refs/heads/main"), nil, 0o600))
		},
		"rubbish among the refs": func(t *testing.T, r *Mirror) {
			must(t, os.WriteFile(filepath.Join(r.dir, "packed-refs"), []byte("rubbish\x00\n"), 0o600))
		},
		"a ref to nothing": func(t *testing.T, r *Mirror) {
			must(t, os.WriteFile(filepath.Join(r.dir, "refs/tags/x"), []byte(strings.Repeat("1", 40)+"\n"), 0o600))
		},
		"a commit graph of nonsense": func(t *testing.T, r *Mirror) { must(t, os.Truncate(glob(t, r, "objects/info/commit-graph"), 300)) },
		"a file in its place":        func(t *testing.T, r *Mirror) { must(t, os.RemoveAll(r.dir)); must(t, os.WriteFile(r.dir, nil, 0o600)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := setup(t)
			repo := w.server.Create("acme/api")
			for range 20 {
				repo.On("main", "a commit with a message that says a little")
			}
			want := repo.Shas("--all")
			if _, err := flow(t.Context(), w.mirrors, nil, false); err != nil {
				t.Fatal(err)
			}
			r := w.open("acme/api")
			harm(t, r)
			r.Close()
			w.logs.Reset()
			got, err := flow(t.Context(), w.mirrors, nil, false)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "commits", got, want...)
			if !strings.Contains(w.logs.String(), "level=WARN") || !strings.Contains(w.logs.String(), "damaged") {
				switch name {
				case "a ref to nothing", "a commit graph of nonsense", "an index that is lost": // git itself gets over it
				default:
					t.Errorf("the damage was not said: %s", w.logs.String())
				}
			}
		})
	}
}
