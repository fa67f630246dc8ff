package incidentio

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/google/go-cmp/cmp"

	"fourfold/extract"
	"fourfold/extract/extracttest"
	fake "fourfold/internal/fake/incidentio"
	"fourfold/transform"
)

// memory is a warehouse for tests: present versions, marks and cursors, landed by page as a real one does. Rows are made
// by transform itself, so that what is a new version and what the privacy policy withholds are the product's.
type memory struct {
	policy  transform.Policy
	tables  map[string]map[string]version
	marks   map[string]map[string]bool
	cursors map[string]json.RawMessage
}

type version struct {
	hash     string
	observed time.Time
	columns  map[string]string
}

func newMemory() *memory {
	return &memory{
		policy: transform.Policy{PrivateIncidents: "exclude", People: "include"}, tables: map[string]map[string]version{},
		marks: map[string]map[string]bool{}, cursors: map[string]json.RawMessage{},
	}
}

func (m *memory) table(t *transform.Table) map[string]version {
	if m.tables[t.Name] == nil {
		m.tables[t.Name] = map[string]version{}
	}
	return m.tables[t.Name]
}

// rows makes the versions of some records, and gives the ids that were seen.
func (m *memory) rows(t *transform.Table, at time.Time, records []extract.Record) (rows map[string]version, withheld, seen []string) {
	r := transform.NewRows(t, transform.Run{ID: "run", At: at}, m.policy)
	for _, rec := range records {
		seen = append(seen, r.Add(slices.Clone(rec.JSON), rec.Private))
	}
	b := r.Flush()
	defer b.Rows.Release()
	rows = map[string]version{}
	for i := range int(b.Rows.NumRows()) {
		v := version{observed: at, columns: map[string]string{}}
		for c, f := range b.Rows.Schema().Fields() {
			if col := b.Rows.Column(c); !col.IsNull(i) {
				v.columns[f.Name] = col.ValueStr(i)
				if ts, ok := col.(*array.Timestamp); ok {
					v.columns[f.Name] = time.UnixMicro(int64(ts.Value(i))).UTC().Format(time.RFC3339Nano)
				}
			}
		}
		v.hash = v.columns["_hash"]
		rows[v.columns["id"]] = v
	}
	return rows, b.Withheld, seen
}

// land applies a page.
func (m *memory) land(st extract.Stream, at time.Time, p extract.Page) {
	table := m.table(st.Table)
	rows, withheld, seen := m.rows(st.Table, at, p.Records)
	if p.Begin || m.marks[st.Name] == nil {
		m.marks[st.Name] = map[string]bool{}
	}
	if p.Marks {
		for _, id := range seen {
			m.marks[st.Name][id] = true
		}
	}
	for id, v := range rows {
		if old, ok := table[id]; !ok || old.hash != v.hash && old.columns["_source_updated_at"] <= v.columns["_source_updated_at"] {
			table[id] = v
		}
	}
	for _, id := range withheld {
		delete(table, id)
	}
	for id, v := range table {
		if slices.Contains(p.Complete, v.columns[st.Table.Parent]) && !slices.Contains(seen, id) {
			delete(table, id)
		}
		if p.Sweep != nil && !m.marks[st.Name][id] && (p.Sweep.Since.IsZero() || v.columns[p.Sweep.CreatedColumn] >= p.Sweep.Since.Format(time.RFC3339Nano)) {
			delete(table, id)
		}
	}
	if p.Cursor != nil {
		m.cursors[st.Name] = slices.Clone(p.Cursor)
	}
}

func (m *memory) Lookup(_ context.Context, t *transform.Table, column string, ids []string) (map[string]string, error) {
	out := map[string]string{}
	for _, id := range ids {
		if v, ok := m.table(t)[id]; ok {
			out[id] = v.columns[column]
		}
	}
	return out, nil
}

func (m *memory) Scan(_ context.Context, t *transform.Table, columns ...string) iter.Seq2[extract.Object, error] {
	return func(yield func(extract.Object, error) bool) {
		for _, id := range slices.Sorted(maps.Keys(m.table(t))) {
			v := m.table(t)[id]
			o := extract.Object{ID: id, ObservedAt: v.observed}
			for _, c := range columns {
				o.Columns = append(o.Columns, v.columns[c])
			}
			if !yield(o, nil) {
				return
			}
		}
	}
}

// world is an organisation, its server, a source that reads it and what has landed.
type world struct {
	t      *testing.T
	org    *fake.Organisation
	server *fake.Server
	clock  *extracttest.Clock
	source *Source
	memory *memory

	last  time.Time                              // clock of the last run
	since time.Time                              // scope of the runs
	full  bool                                   // runs are full
	only  []string                               // streams to run; none: all
	kill  func(stream string, page int) bool     // ends the run before this page lands
	tweak func(stream string, page extract.Page) // called before a page lands
	input func(stream string, in *extract.Input) // changes what a stream is told
	pages map[string]int                         // pages that landed in the last run, by stream
	errs  map[string]error                       // of the last run
}

// beginning is when worlds begin: after the incidents of fake.Small.
var beginning = time.Date(2026, 10, 20, 8, 0, 0, 0, time.UTC)

func newWorld(t *testing.T, org *fake.Organisation, change ...func(*Options)) *world {
	t.Helper()
	w := &world{t: t, org: org, clock: extracttest.NewClock(beginning), memory: newMemory()}
	w.server = fake.NewServer(org, fake.WithClock(w.clock.Now))
	w.connect(change...)
	return w
}

// connect makes a new source, as a new process would.
func (w *world) connect(change ...func(*Options)) {
	w.t.Helper()
	url, stop := w.server.Start()
	opts := Options{BaseURL: url, APIKey: func() (string, error) { return fake.DefaultKey, nil }, Clock: w.clock, Version: "test", People: "include"}
	for _, f := range change {
		f(&opts)
	}
	s, err := New(opts)
	if err != nil {
		w.t.Fatal(err)
	}
	w.source = s
	w.t.Cleanup(func() { s.Close(); stop() })
}

// tinyPages makes many pages of little data.
func (w *world) tinyPages() *world {
	w.source.size = 3
	return w
}

// run reads all streams once, at the clock's time; it reports whether the run came to its end.
func (w *world) run() bool {
	w.t.Helper()
	at := w.clock.Now()
	if !at.After(w.last) {
		at = w.last.Add(time.Microsecond)
	}
	w.last = at
	w.pages, w.errs = map[string]int{}, map[string]error{}
	for _, st := range w.source.Streams() {
		if w.only != nil && !slices.Contains(w.only, st.Name) {
			continue
		}
		in := extract.Input{Cursor: w.memory.cursors[st.Name], RunAt: at, Full: w.full, Since: w.since, Ledger: w.memory}
		if w.input != nil {
			w.input(st.Name, &in)
		}
		for page, err := range st.Read(context.Background(), in) {
			if err != nil {
				w.errs[st.Name] = err
				break
			}
			if w.tweak != nil {
				w.tweak(st.Name, page)
			}
			if w.kill != nil && w.kill(st.Name, w.pages[st.Name]) {
				return false
			}
			w.memory.land(st, at, page)
			w.pages[st.Name]++
		}
	}
	return true
}

// mustRun is run without an error.
func (w *world) mustRun() {
	w.t.Helper()
	if !w.run() || len(w.errs) > 0 {
		w.t.Fatalf("run: %v", w.errs)
	}
}

// content is what is live: hashes by table and id.
type content map[string]map[string]string

// landed leaves out children whose incident is not live, as every output does.
func (w *world) landed() content {
	out := content{}
	for name, table := range w.memory.tables {
		for id, v := range table {
			if parent, ok := v.columns["incident_id"]; ok {
				if _, live := w.memory.tables["incidentio_incidents"][parent]; !live {
					continue
				}
			}
			if out[name] == nil {
				out[name] = map[string]string{}
			}
			out[name][id] = v.hash
		}
	}
	return out
}

// truth is what ought to be live: the organisation's objects as the policy and the scope allow, straight from its memory.
func (w *world) truth() content {
	w.t.Helper()
	out := content{}
	objects := w.org.Objects(w.clock.Now())
	for _, f := range w.org.CustomFields {
		for _, o := range f.Options {
			objects["custom_field_options"] = append(objects["custom_field_options"],
				map[string]any{"id": o.ID, "custom_field_id": f.ID, "value": o.Value, "sort_key": o.SortKey})
		}
	}
	secret, live := map[string]bool{}, map[string]bool{}
	for _, i := range objects["incidents"] {
		id := i["id"].(string)
		created, _ := time.Parse(time.RFC3339, i["created_at"].(string))
		secret[id] = i["visibility"] == "private"
		live[id] = !created.Before(w.since) && (!secret[id] || w.memory.policy.PrivateIncidents != "exclude")
	}
	for _, st := range w.source.Streams() {
		if w.only != nil && !slices.Contains(w.only, st.Name) {
			continue
		}
		var records []extract.Record
		for _, o := range objects[st.Name] {
			incident, _ := o["incident_id"].(string)
			if st.Name == "incidents" {
				incident = o["id"].(string)
			}
			if incident != "" && !live[incident] {
				continue
			}
			text, err := json.Marshal(o)
			if err != nil {
				w.t.Fatal(err)
			}
			records = append(records, extract.Record{JSON: text, Private: secret[incident]})
		}
		rows, _, _ := w.memory.rows(st.Table, w.clock.Now(), records)
		for id, v := range rows {
			if out[st.Table.Name] == nil {
				out[st.Table.Name] = map[string]string{}
			}
			out[st.Table.Name][id] = v.hash
		}
	}
	return out
}

// compare fails the test unless what is live is what ought to be.
func (w *world) compare(what string) {
	w.t.Helper()
	if diff := cmp.Diff(w.truth(), w.landed()); diff != "" {
		w.t.Fatalf("%s: what ought to be live (-) and what is (+):\n%s", what, diff)
	}
}

// crowd is fake.Small with n more incidents, a day's hours apart, each with an update, a follow-up and an attachment.
func crowd(n int) *fake.Organisation {
	o := fake.Small()
	first := time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)
	for k := range n {
		at := first.Add(time.Duration(k) * 5 * time.Hour)
		like := *o.Incidents[k%12]
		like.ID, like.Number, like.Name, like.CreatedAt, like.UpdatedAt = fake.ID(at, uint64(7000+k)), 100+k, fmt.Sprint("crowd ", k), at, at.Add(time.Hour)
		like.Visibility = "public"
		o.Incidents = append(o.Incidents, &like)
		o.Updates = append(o.Updates, &fake.Update{ID: fake.ID(at, uint64(8000+k)), Incident: like.ID, Status: like.Status, Message: "m", Updater: like.Creator, CreatedAt: at})
		o.FollowUps = append(o.FollowUps, &fake.FollowUp{ID: fake.ID(at, uint64(9000+k)), Incident: like.ID, Title: "f", Status: "outstanding", Creator: like.Creator, CreatedAt: at, UpdatedAt: at})
		o.Attachments = append(o.Attachments, &fake.Attachment{ID: fake.ID(at, uint64(9500+k)), Incident: like.ID, ResourceType: "arbitrary_url", ExternalID: "x", Permalink: "https://x.test", Title: "t"})
	}
	return o
}

// workers gives the stacks of goroutines that this package has started and that have not ended.
func workers() string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	for _, stack := range strings.Split(string(buf), "\n\n") {
		ours := strings.Contains(stack, "created by fourfold/extract/incidentio.") && !strings.Contains(stack, "_test.go")
		if ours || strings.Contains(stack, "created by golang.org/x/sync/errgroup") {
			return stack
		}
	}
	return ""
}
