package file

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"

	"fourfold/extract"
)

const head = "id,name,created_at\n"

// csv writes rows of incidents: "a=Title" each.
func csv(rows ...string) string {
	out := head
	for _, r := range rows {
		id, name, _ := strings.Cut(r, "=")
		out += id + "," + name + ",2026-11-02\n"
	}
	return out
}

func numbered(prefix string, from, to int) []string {
	var out []string
	for i := from; i < to; i++ {
		out = append(out, fmt.Sprintf("%s%03d", prefix, i))
	}
	return out
}

func TestFilesThatHaveNotChangedAreNotReadAndNothingIsAsked(t *testing.T) {
	w := newWorld(t, Incidents)
	w.write("a.csv", csv("a", "b"))
	w.write("b.csv", csv("c"))
	same(t, "first", w.run(), round{Rows: 3, Landed: []string{"a", "b", "c"}})
	w.scans = 0
	same(t, "second", w.run(), round{})
	same(t, "questions", w.scans, 0)
	w.write("b.csv", csv("c=C", "d"))
	same(t, "one of two changed", w.run(), round{Rows: 2, Landed: []string{"c", "d"}})
	same(t, "full", w.read(true), round{Rows: 4, Landed: []string{"a", "b", "c", "d"}})
	w.touch("a.csv")
	same(t, "touched", w.run(), round{Rows: 2, Landed: []string{"a", "b"}})
}

func TestFilesAreReadAgainWhereTheirSettingsChange(t *testing.T) {
	for what, change := range map[string]func(*world){
		"mapping": func(w *world) { w.opts.Sets[0].Mapping = map[string]string{"reference": "name"} },
		"zone":    func(w *world) { w.opts.Sets[0].Zone = zone(t, "Asia/Tokyo") },
		"service": func(w *world) { w.opts.Sets[0].Service = "api" },
		"people":  func(w *world) { w.opts.Sets[0].People = "drop" },
		"private": func(w *world) { w.opts.PrivateIncidents = "redact" },
	} {
		w := newWorld(t, Incidents)
		w.write("a.csv", csv("a"))
		w.run()
		change(w)
		if got := w.run(); got.Rows != 1 || got.Err != nil {
			t.Errorf("%s: %+v", what, got)
		}
	}
	w := newWorld(t, Incidents)
	w.write("a.csv", csv("a"))
	w.run()
	w.opts.Sets[0].MaxDeletions = 1
	same(t, "max_deletions", w.run(), round{})
}

func TestAFileThatMayHaveChangedUnseenIsReadAgain(t *testing.T) {
	w := newWorld(t, Incidents)
	w.write("a.csv", csv("a"))
	w.write("b.csv", csv("b"))
	w.fresh("b.csv")
	w.run()
	if got := w.run(); got.Rows != 1 || got.Landed[0] != "b" {
		t.Errorf("got %+v", got)
	}
}

func TestRowsThatHaveGoneFromAFileGo(t *testing.T) {
	w := newWorld(t, Incidents)
	w.write("a.csv", csv("a", "b"))
	w.write("b.csv", csv("c"))
	w.run()
	w.write("a.csv", csv("b"))
	same(t, "a row", w.run(), round{Rows: 1, Landed: []string{"b"}, Gone: []string{"a"}})
	w.remove("b.csv")
	got := w.run()
	same(t, "a file", got, round{Gone: []string{"c"}, Warnings: []string{"b.csv is there no more: its 1 incidents have gone from every number"}})
	same(t, "afterwards", w.run(), round{})
	w.write("b.csv", csv("c"))
	same(t, "back", w.run(), round{Rows: 1, Landed: []string{"c"}})
}

func TestARowThatMovesToAnotherFileStays(t *testing.T) {
	w := newWorld(t, Incidents)
	w.write("a.csv", csv("a", "b"))
	w.write("b.csv", csv("c"))
	w.run()
	w.write("a.csv", csv("a"))
	w.write("b.csv", csv("c", "b"))
	same(t, "moved", w.run(), round{Rows: 3, Landed: []string{"a", "c", "b"}})
	same(t, "file", w.fields("b", "file"), []string{"b.csv"})
	w.write("a.csv", csv("a=A"))
	same(t, "its old file changes", w.run(), round{Rows: 1, Landed: []string{"a"}})
	w.remove("b.csv")
	w.write("c.csv", csv("c", "b"))
	got := w.run()
	same(t, "the file has another name", got, round{Rows: 2, Landed: []string{"c", "b"}})
}

func TestTooManyRowsThatGoAtOnceStayAndThatIsSaidUntilItIsAllowed(t *testing.T) {
	w := newWorld(t, Incidents)
	w.write("a.csv", csv(numbered("a", 0, 100)...))
	w.write("b.csv", csv(numbered("b", 0, 20)...))
	w.run()
	w.write("a.csv", csv(numbered("a", 0, 90)...))
	if got := w.run(); len(got.Gone) != 10 {
		t.Errorf("ten always may: %+v", got)
	}
	w.write("a.csv", csv(numbered("a", 0, 50)...))
	w.write("b.csv", csv(numbered("b", 0, 19)...))
	for range 2 {
		got := w.run()
		if len(got.Gone) > 0 || len(w.live) != 110 {
			t.Errorf("gone %v", got.Gone)
		}
		says(t, got.Warnings, "fourfold.yaml:10: sources.files[0]: 41 of 110 incidents seem to have gone from *, more than max_deletions allows at once: none was deleted")
	}
	w.opts.Sets[0].MaxDeletions = 0.5
	got := w.run()
	if len(got.Gone) != 41 || len(got.Warnings) > 0 {
		t.Errorf("gone %d, warnings %q", len(got.Gone), got.Warnings)
	}
	same(t, "afterwards", w.run(), round{})
}

func TestTheLimitIsEachSetsOwn(t *testing.T) {
	w := newWorld(t, Incidents, Set{Path: "a.csv", MaxDeletions: 1}, Set{Path: "b.csv"})
	w.write("a.csv", csv(numbered("a", 0, 20)...))
	w.write("b.csv", csv(numbered("b", 0, 20)...))
	w.run()
	w.write("a.csv", csv("a000"))
	w.write("b.csv", csv("b000"))
	got := w.run()
	if len(got.Gone) != 19 || len(w.live) != 21 {
		t.Errorf("gone %v", got.Gone)
	}
	says(t, got.Warnings, "sources.files[1]: 19 of 20")
}

func TestAnIDThatStandsTwiceIsTakenOnceAndBothPlacesAreNamed(t *testing.T) {
	w := newWorld(t, Incidents)
	w.write("a.csv", csv("a=first", "b", "a=second", "a=third"))
	w.write("b.csv", csv("c", "b=again"))
	got := w.run()
	same(t, "landed", got.Landed, []string{"a", "b", "c"})
	same(t, "set aside", got.Aside, []string{
		`a.csv:4: the id "a" stands at a.csv:2 already, whose row is taken`, `a.csv:5: the id "a" stands at a.csv:2 already, whose row is taken`,
		`b.csv:3: the id "b" stands at a.csv:3 already, whose row is taken`,
	})
	same(t, "kept", len(w.aside), 3)
	same(t, "name", w.fields("a", "name"), []string{"first"})
	// The file whose row was taken has it no more: the other, which has not changed, has.
	w.write("a.csv", csv("a"))
	got = w.run()
	same(t, "taken over", got.Landed, []string{"a", "c", "b"})
	same(t, "gone", got.Gone, []string(nil))
	same(t, "mended", len(w.aside), 0)
	same(t, "whose", w.fields("b", "name", "file"), []string{"again", "b.csv"})
	// A file that comes before has it, too: the other is read, although it has not changed.
	w.write("a.csv", csv("a", "c=mine"))
	got = w.run()
	same(t, "taken first", got.Landed, []string{"a", "c", "b"})
	says(t, got.Aside, `b.csv:2: the id "c" stands at a.csv:3 already`)
	same(t, "whose", w.fields("c", "name", "file"), []string{"mine", "a.csv"})
}

func TestARowThatIsSetAsideHoldsNoIDAndKeepsWhatHadLanded(t *testing.T) {
	w := newWorld(t, Incidents)
	w.write("a.csv", csv("a")+"b,,\n")
	w.write("b.csv", csv("b=good"))
	got := w.run()
	same(t, "landed", got.Landed, []string{"a", "b"})
	says(t, got.Aside, "a.csv:3: missing: no column says when it was declared, reported or started")
	w.write("a.csv", head+"a,,yesterday\n")
	got = w.run()
	same(t, "gone", got.Gone, []string(nil))
	if w.live["a"] == nil {
		t.Error("what had landed before has gone with a mistake")
	}
	w.write("a.csv", csv("a=mended"))
	got = w.run()
	same(t, "left", len(w.aside), 0)
	same(t, "settled", got.Settled, []string{"files_incidents:a.csv:2:created_at"})
}

func TestOneFileThatCannotBeReadKeepsNoOtherFromLandingAndNothingGoes(t *testing.T) {
	w := newWorld(t, Incidents)
	w.write("a.csv", csv("a", "b"))
	w.write("b.csv", csv("c"))
	w.write("c.csv", csv("d"))
	w.run()
	w.write("a.csv", csv("b", "e"))
	w.write("b.csv", csv()+`f,"`)
	w.remove("c.csv")
	got := w.run()
	if got.Err == nil || !strings.Contains(got.Err.Error(), "b.csv: line 2: a quote is not closed") {
		t.Errorf("error %v", got.Err)
	}
	if !isPartial(got.Err) {
		t.Error("what could be read was read, and the error does not say so")
	}
	same(t, "landed", got.Landed, []string{"b", "e"})
	same(t, "gone", got.Gone, []string(nil))
	w.write("b.csv", csv("c=C"))
	got = w.run()
	same(t, "gone when all can be read", got.Gone, []string{"a", "d"})
	same(t, "warnings", got.Warnings, []string{"c.csv is there no more: its 1 incidents have gone from every number"})
	same(t, "afterwards", w.run(), round{})
}

func TestWhereNoFileMatchesTheStreamFailsAndNothingGoes(t *testing.T) {
	w := newWorld(t, Incidents, Set{Path: "a*.csv"}, Set{Path: "b*.csv"})
	w.write("a1.csv", csv("a"))
	w.write("b1.csv", csv("b"))
	w.run()
	w.remove("b1.csv")
	got := w.run()
	if got.Err == nil || !strings.Contains(got.Err.Error(), "fourfold.yaml:11: sources.files[1]: no file is named like b*.csv") || !isPartial(got.Err) {
		t.Errorf("error %v", got.Err)
	}
	w.remove("a1.csv")
	got = w.run()
	if got.Err == nil || isPartial(got.Err) {
		t.Errorf("error %v", got.Err)
	}
	same(t, "left", len(w.live), 2)
}

func TestAMappingToAColumnThatNoFileHasIsRefusedBeforeARowLands(t *testing.T) {
	for name, text := range map[string]string{
		"a.csv": "ID,Title,Opened\na,T,2026-11-02\n", "a.ndjson": `{"ID":"a","Title":"T","Opened":"2026-11-02"}`, "a.json": `[{"ID":"a","Title":"T","Opened":"2026-11-02"}]`,
	} {
		w := newWorld(t, Incidents, Set{Path: "*", Mapping: map[string]string{"id": "id", "created_at": "opened", "restored_at": "Closed"}})
		w.write(name, text)
		got := w.run()
		if got.Err == nil || !strings.Contains(got.Err.Error(), `mapping.restored_at: "Closed" is not one of ID, Title, Opened`) || got.Rows > 0 {
			t.Errorf("%s: %+v", name, got)
		}
		// One of the files will do, and it is remembered of those that are not read.
		w.write("b.ndjson", `{"id":"c","opened":"2026-11-02"}`+"\n"+`{"id":"b","opened":"2026-11-02","CLOSED":"2026-11-03"}`)
		if got := w.run(); got.Err != nil || got.Rows != 3 {
			t.Errorf("%s: %+v", name, got)
		}
		w.touch(name)
		if got := w.run(); got.Err != nil || got.Rows != 1 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func isPartial(err error) bool { return errors.Is(err, extract.ErrPartial) }

// stands reports whether a row of an id stands in any file.
func stands(texts map[string]string, id string) bool {
	for _, text := range texts {
		if strings.Contains(text, "\n"+id+",") {
			return true
		}
	}
	return false
}

// TestWhateverWayFilesChangeTheLedgerIsThatOfOneLoad changes random files in random ways and compares what has landed by
// then with what lands where everything is read at once.
func TestWhateverWayFilesChangeTheLedgerIsThatOfOneLoad(t *testing.T) {
	seeds := uint64(20)
	if os.Getenv("FOURFOLD_SOAK") != "" {
		seeds = 400
	}
	for seed := range seeds {
		random := rand.New(rand.NewPCG(seed, 7))
		w := newWorld(t, Incidents, Set{Path: "a*.csv", MaxDeletions: 1}, Set{Path: "*.csv", MaxDeletions: 1})
		names := []string{"a1.csv", "a2.csv", "b1.csv", "b2.csv", "b3.csv"}
		texts := map[string]string{}
		for step := range 25 {
			for range 1 + random.IntN(2) {
				name := names[random.IntN(len(names))]
				if texts[name] != "" && random.IntN(5) == 0 && len(texts) > 3 {
					w.remove(name)
					delete(texts, name)
					continue
				}
				text := head
				for range random.IntN(4) {
					at := []string{"2026-11-02", "2026-11-02", "2026-11-02", "never"}[random.IntN(4)]
					text += fmt.Sprintf("%c,%s %d,%s\n", 'a'+rune(random.IntN(6)), name, random.IntN(2), at)
				}
				w.write(name, text)
				texts[name] = text
			}
			got := w.run()
			if got.Err != nil && !strings.Contains(got.Err.Error(), "no file is named") {
				t.Fatal(got.Err)
			}
			once := newWorld(t, Incidents, w.opts.Sets...)
			once.dir, once.opts = w.dir, w.opts
			want := once.run()
			if want.Err != nil {
				continue // nothing is deleted then
			}
			// A row that was set aside keeps what had landed of it before: one load knows nothing of that.
			for id, o := range w.live {
				if once.live[id] == nil && stands(texts, id) {
					once.live[id] = o
				}
			}
			same(t, fmt.Sprintf("seed %d, step %d: live", seed, step), w.live, once.live)
			same(t, fmt.Sprintf("seed %d, step %d: set aside", seed, step), w.aside, once.aside)
			if t.Failed() {
				return
			}
		}
	}
}

func TestALongFileIsReadInLittleMemory(t *testing.T) {
	const rows = 200_000
	w := newWorld(t, Incidents)
	var text strings.Builder
	text.WriteString("id,name,severity,created_at,restored_at,services\n")
	for i := range rows {
		fmt.Fprintf(&text, "OLD-%07d,Something broke in the payments service %d,SEV1,2026-11-02 09:00,2026-11-02 10:00,api;web\n", i, i)
	}
	w.write("a.csv", text.String())
	text.Reset()
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, most, read := live(), uint64(0), 0
	for p, err := range New(w.opts).Streams()[0].Read(t.Context(), extract.Input{Ledger: w}) {
		if err != nil {
			t.Fatal(err)
		}
		if read += len(p.Records); read%50_000 == 0 {
			most = max(most, live()-min(before, live()))
		}
	}
	// An id is remembered in twelve bytes, and where it stands in eight; the map has room to grow.
	if limit := uint64(rows * 60); read != rows || most > limit || most < rows*12 {
		t.Errorf("%d rows took %d bytes, want at most %d", read, most, limit)
	}
}
