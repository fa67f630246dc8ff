package file

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/google/go-cmp/cmp"

	"fourfold/extract"
	"fourfold/transform"
)

// world is a folder of files, what has landed of them, and a ledger that answers for that.
type world struct {
	t      *testing.T
	dir    string
	opts   Options
	kind   Kind
	cursor json.RawMessage
	live   map[string]object            // by id
	aside  map[string]transform.Problem // by id in the ledger of rejected objects
	scans  int                          // questions to the ledger
	log    bytes.Buffer
	day    int // for times of change
}

type object map[string]any

func newWorld(t *testing.T, kind Kind, sets ...Set) *world {
	w := &world{t: t, dir: t.TempDir(), kind: kind, live: map[string]object{}, aside: map[string]transform.Problem{}}
	if len(sets) == 0 {
		sets = []Set{{Path: "*"}}
	}
	for i := range sets {
		s := &sets[i]
		path := s.Path
		s.Key, s.Kind = fmt.Sprintf("fourfold.yaml:%d: sources.files[%d]", 10+i, i), kind
		s.Files = func() ([]string, error) { return doublestar.FilepathGlob(filepath.Join(w.dir, path)) }
		if s.Zone == nil {
			s.Zone = time.UTC
		}
		if s.MaxDeletions == 0 {
			s.MaxDeletions = 0.05
		}
		if s.People == "" {
			s.People = "hash"
		}
		s.Unmapped = func(ours, theirs string, known []string) error {
			return fmt.Errorf("mapping.%s: %q is not one of %s", ours, theirs, strings.Join(known, ", "))
		}
	}
	w.opts = Options{Dir: w.dir, Sets: sets, Logger: slog.New(slog.NewTextHandler(&w.log, nil)), PrivateIncidents: "exclude"}
	return w
}

// write writes a file whose time of change is one that it never had, and long past.
func (w *world) write(name string, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.touch(name)
}

func (w *world) touch(name string) {
	w.t.Helper()
	w.day++
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, w.day)
	if err := os.Chtimes(filepath.Join(w.dir, name), at, at); err != nil {
		w.t.Fatal(err)
	}
}

// fresh makes a file one that was changed just now.
func (w *world) fresh(name string) {
	w.t.Helper()
	at := time.Now().Add(time.Minute) // by the clock of a server that is ahead
	if err := os.Chtimes(filepath.Join(w.dir, name), at, at); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) remove(name string) {
	w.t.Helper()
	if err := os.Remove(filepath.Join(w.dir, name)); err != nil {
		w.t.Fatal(err)
	}
}

// round is what one run of the stream did.
type round struct {
	Rows     int      // records that came
	Landed   []string // ids, in their order
	Aside    []string // reasons of rows that were set aside
	Left     []string // reasons of values that were left out
	Gone     []string
	Settled  []string
	Warnings []string
	Err      error
}

// run runs the stream and lands what it yields, as the pipeline does.
func (w *world) run() round { return w.read(false) }

func (w *world) read(full bool) round {
	w.t.Helper()
	var out round
	streams := New(w.opts).Streams()
	if len(streams) != 1 || streams[0].Name != string(w.kind) {
		w.t.Fatalf("streams %v", streams)
	}
	for p, err := range streams[0].Read(w.t.Context(), extract.Input{Cursor: w.cursor, Full: full, Ledger: w}) {
		if err != nil {
			out.Err = err
			break
		}
		for _, r := range p.Records {
			out.Rows++
			w.land(r, &out)
		}
		for _, id := range p.Gone {
			if w.live[id] == nil {
				w.t.Errorf("%s is said to have gone, and is not in the ledger", id)
			}
			delete(w.live, id)
			out.Gone = append(out.Gone, id)
		}
		for _, id := range p.Settled {
			if _, ok := w.aside[id]; !ok {
				w.t.Errorf("%s is said to be settled, and was not set aside", id)
			}
			delete(w.aside, id)
			out.Settled = append(out.Settled, id)
		}
		if p.Cursor != nil {
			w.cursor = slices.Clone(p.Cursor)
		}
		out.Warnings = append(out.Warnings, p.Warnings...)
	}
	slices.Sort(out.Gone)
	slices.Sort(out.Settled)
	return out
}

func (w *world) land(r extract.Record, out *round) {
	w.t.Helper()
	var o object
	if err := json.Unmarshal(r.JSON, &o); err != nil {
		w.t.Fatalf("a record is not JSON: %v: %s", err, r.JSON)
	}
	if o["visibility"] == "private" && w.opts.PrivateIncidents == "exclude" {
		delete(w.live, fmt.Sprint(o["id"]))
		return
	}
	for _, p := range r.Verdict.Problems {
		w.aside[table(w.kind).RejectedID(r.Verdict.Place, p.Column)] = p
		if r.Verdict.Aside {
			out.Aside = append(out.Aside, p.Reason)
		} else {
			out.Left = append(out.Left, p.Column+": "+p.Reason)
		}
	}
	if r.Verdict.Aside {
		if len(r.Verdict.Problems) == 0 {
			w.t.Errorf("a row is set aside without a reason: %s", r.JSON)
		}
		return
	}
	id, _ := o["id"].(string)
	if id == "" {
		w.t.Errorf("a row without an id is to land: %s", r.JSON)
	}
	w.live[id] = o
	out.Landed = append(out.Landed, id)
}

func table(k Kind) *transform.Table {
	if k == Incidents {
		return transform.FilesIncidents
	}
	return transform.FilesDeployments
}

// Lookup is not asked.
func (w *world) Lookup(context.Context, *transform.Table, string, []string) (map[string]string, error) {
	return nil, errors.New("nobody asks this")
}

// Scan yields what has landed.
func (w *world) Scan(_ context.Context, t *transform.Table, columns ...string) iter.Seq2[extract.Object, error] {
	w.scans++
	return func(yield func(extract.Object, error) bool) {
		if t == transform.Rejected {
			for _, id := range slices.Sorted(maps.Keys(w.aside)) {
				name, _, _ := strings.Cut(id, ":")
				if !yield(extract.Object{ID: id, Columns: []string{name}}, nil) {
					return
				}
			}
			return
		}
		for _, id := range slices.Sorted(maps.Keys(w.live)) {
			if !yield(extract.Object{ID: id, Columns: []string{fmt.Sprint(w.live[id][columns[0]])}}, nil) {
				return
			}
		}
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// fields gives some members of what has landed, "" for one that is absent.
func (w *world) fields(id string, names ...string) []string {
	var out []string
	for _, n := range names {
		switch v := w.live[id][n].(type) {
		case nil:
			out = append(out, "")
		case string:
			out = append(out, v)
		default:
			text, err := json.Marshal(v)
			if err != nil {
				w.t.Fatal(err)
			}
			out = append(out, string(text))
		}
	}
	return out
}

// says fails unless exactly one text of several says something.
func says(t *testing.T, texts []string, want string) {
	t.Helper()
	if len(texts) != 1 || !strings.Contains(texts[0], want) {
		t.Errorf("%q: want one that says %q", texts, want)
	}
}
