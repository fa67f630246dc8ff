package github

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/google/go-cmp/cmp"

	"fourfold/extract"
	"fourfold/extract/extracttest"
	fake "fourfold/internal/fake/github"
	"fourfold/transform"
)

// memory is a warehouse for tests: present versions, marks and cursors, landed by page as a real one does. Rows are made
// by transform itself, so that what is a new version is the product's.
type memory struct {
	policy   transform.Policy
	tables   map[string]map[string]version
	marks    map[string]map[string]bool
	cursors  map[string]json.RawMessage
	versions int // that were new
}

type version struct {
	hash    string
	columns map[string]string
}

func newMemory() *memory {
	return &memory{
		policy: transform.Policy{PrivateIncidents: "exclude", People: "hash", HashKey: []byte("key")},
		tables: map[string]map[string]version{}, marks: map[string]map[string]bool{}, cursors: map[string]json.RawMessage{},
	}
}

func (m *memory) table(t *transform.Table) map[string]version {
	if m.tables[t.Name] == nil {
		m.tables[t.Name] = map[string]version{}
	}
	return m.tables[t.Name]
}

// rows makes the versions of some records, and gives the ids that were seen.
func (m *memory) rows(t *testing.T, table *transform.Table, at time.Time, records []extract.Record) (rows map[string]version, seen []string) {
	t.Helper()
	r := transform.NewRows(table, transform.Run{ID: "run", At: at}, m.policy)
	for _, rec := range records {
		seen = append(seen, r.Add(slices.Clone(rec.JSON), rec.Private))
	}
	b := r.Flush()
	defer b.Rows.Release()
	if len(b.Rejected) > 0 || len(b.Withheld) > 0 {
		t.Fatalf("%s: rejected %+v, withheld %v", table.Name, b.Rejected, b.Withheld)
	}
	rows = map[string]version{}
	for i := range int(b.Rows.NumRows()) {
		v := version{columns: map[string]string{}}
		for c, f := range b.Rows.Schema().Fields() {
			col := b.Rows.Column(c)
			if col.IsNull(i) || f.Name == transform.RowColumn {
				continue
			}
			v.columns[f.Name] = col.ValueStr(i)
			if ts, ok := col.(*array.Timestamp); ok {
				v.columns[f.Name] = time.UnixMicro(int64(ts.Value(i))).UTC().Format(time.RFC3339Nano)
			}
		}
		v.hash = v.columns["_hash"]
		rows[v.columns["id"]] = v
	}
	return rows, seen
}

// land applies a page.
func (m *memory) land(t *testing.T, st extract.Stream, at time.Time, p extract.Page) {
	t.Helper()
	table := m.table(st.Table)
	rows, seen := m.rows(t, st.Table, at, p.Records)
	if p.Begin || m.marks[st.Name] == nil {
		m.marks[st.Name] = map[string]bool{}
	}
	if p.Marks {
		for _, id := range append(seen, p.Spared...) {
			m.marks[st.Name][id] = true
		}
	}
	for id, v := range rows {
		if old, ok := table[id]; !ok || old.hash != v.hash && old.columns["_source_updated_at"] <= v.columns["_source_updated_at"] {
			table[id] = v
			m.versions++
		}
	}
	for id, v := range table {
		if slices.Contains(p.Complete, v.columns[st.Table.Parent]) && !slices.Contains(seen, id) {
			delete(table, id)
			m.versions++
		}
	}
	for id, v := range table {
		if p.Sweep != nil && !m.marks[st.Name][id] && (p.Sweep.Since.IsZero() || v.columns[p.Sweep.CreatedColumn] >= p.Sweep.Since.Format(time.RFC3339Nano)) {
			delete(table, id)
			m.versions++
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
			o := extract.Object{ID: id}
			for _, c := range columns {
				o.Columns = append(o.Columns, m.table(t)[id].columns[c])
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
	url    string
	clock  *extracttest.Clock
	source *Source
	memory *memory
	opts   Options

	last  time.Time                          // clock of the last run
	since time.Time                          // scope of the runs
	full  bool                               // runs are full
	only  []string                           // streams to run; none: the three of this package's tests
	kill  func(stream string, page int) bool // ends the run before this page lands
	pages map[string]int                     // pages that landed in the last run, by stream
	errs  map[string]error                   // of the last run
}

// beginning is when worlds begin: after all that fake.Small holds.
var beginning = time.Date(2026, 10, 20, 8, 0, 0, 0, time.UTC)

var ours = []string{"repositories", "deployments", "pull_requests"}

// newWorld serves an organisation; everything that acme has is read by a pattern unless the names say otherwise.
func newWorld(t *testing.T, org *fake.Organisation, names []string, server []fake.Option, change ...func(*Options)) *world {
	t.Helper()
	w := &world{t: t, org: org, clock: extracttest.NewClock(beginning), memory: newMemory(), only: ours}
	w.server = fake.NewServer(org, append([]fake.Option{fake.WithClock(w.clock.Now)}, server...)...)
	url, stop := w.server.Start()
	t.Cleanup(stop)
	w.url = url
	w.opts = Options{
		APIURL: url + "/", GraphQLURL: url + "/graphql", GitURL: url + "/", Token: func() (string, error) { return fake.DefaultToken, nil },
		Clock: w.clock, Version: "test", People: "hash", DataDir: t.TempDir(),
	}
	if names == nil {
		names = []string{"acme/*"}
	}
	for _, n := range names {
		w.opts.Repositories = append(w.opts.Repositories, Repository{Name: n, Archived: !strings.Contains(n, "*")})
	}
	for _, f := range change {
		f(&w.opts)
	}
	w.restart()
	return w
}

// restart makes a new source, as a new process would.
func (w *world) restart() {
	w.t.Helper()
	if w.source != nil {
		w.source.Close()
	}
	s, err := New(w.opts)
	if err != nil {
		w.t.Fatal(err)
	}
	w.source = s
	w.t.Cleanup(s.Close)
}

// tinyPages makes many pages of little data.
func (w *world) tinyPages() *world {
	w.source.page, w.source.sizes.statuses, w.source.sizes.pullRequests = 30, size{20, 20}, size{20, 20}
	return w
}

// names reads other repositories from now on.
func (w *world) names(names ...string) {
	w.t.Helper()
	w.opts.Repositories = nil
	for _, n := range names {
		w.opts.Repositories = append(w.opts.Repositories, Repository{Name: n, Archived: !strings.Contains(n, "*")})
	}
	w.restart()
}

// run reads the streams once, at the clock's time; it reports whether the run came to its end.
func (w *world) run() bool {
	w.t.Helper()
	at := w.clock.Now()
	if !at.After(w.last) {
		at = w.last.Add(time.Microsecond)
	}
	w.last = at
	w.pages, w.errs = map[string]int{}, map[string]error{}
	for _, st := range w.source.Streams() {
		if !slices.Contains(w.only, st.Name) {
			continue
		}
		in := extract.Input{Cursor: w.memory.cursors[st.Name], RunAt: at, Full: w.full, Since: w.since, Ledger: w.memory}
		for page, err := range st.Read(context.Background(), in) {
			if err != nil {
				w.errs[st.Name] = err
				break
			}
			if w.kill != nil && w.kill(st.Name, w.pages[st.Name]) {
				return false
			}
			w.memory.land(w.t, st, at, page)
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

// edit changes the organisation.
func (w *world) edit(f func(*fake.Organisation)) { w.org.Edit(f) }

// content is what is live: the columns that matter by table and id.
type content map[string]map[string]map[string]string

func (m *memory) content() content {
	out := content{}
	for name, table := range m.tables {
		out[name] = map[string]map[string]string{}
		for id, v := range table {
			c := maps.Clone(v.columns)
			for _, moves := range []string{"_observed_at", "payload", "_source_updated_at", "updated_at", "pushed_at"} {
				delete(c, moves)
			}
			out[name][id] = c
		}
	}
	return out
}

// undisturbed is what a fresh read of everything gives now, from a server that does not fail.
func (w *world) undisturbed() content {
	w.t.Helper()
	o := w.opts
	server := fake.NewServer(w.org, fake.WithClock(w.clock.Now))
	url, stop := server.Start()
	defer stop()
	o.APIURL, o.GraphQLURL, o.DataDir, o.NoLimits = url+"/", url+"/graphql", "", true
	o.Token, o.App = func() (string, error) { return fake.DefaultToken, nil }, nil
	s, err := New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	defer s.Close()
	other := &world{t: w.t, org: w.org, clock: w.clock, memory: newMemory(), source: s, since: w.since, only: w.only}
	other.memory.policy = w.memory.policy
	other.mustRun()
	return other.memory.content()
}

// compare fails the test unless what is live is what a fresh read gives.
func (w *world) compare(what string) {
	w.t.Helper()
	clean := func(c content) content {
		for _, table := range c { // addresses differ from server to server
			for _, columns := range table {
				delete(columns, "url")
			}
		}
		return c
	}
	if diff := cmp.Diff(clean(w.undisturbed()), clean(w.memory.content())); diff != "" {
		w.t.Fatalf("%s: what a fresh read gives (-) and what is live (+):\n%s", what, diff)
	}
}

// nothingMissing fails the test if something that a fresh read gives is not live, or is another version.
func (w *world) nothingMissing(what string) {
	w.t.Helper()
	live := w.memory.content()
	for table, rows := range w.undisturbed() {
		for id, want := range rows {
			if got := live[table][id]; got["_hash"] == "" || table != "github_deployments" && got["_hash"] != want["_hash"] {
				w.t.Errorf("%s: %s %s is missing or old: %v", what, table, id, got)
			}
		}
	}
}

// table gives what is live of a table, by id.
func (w *world) table(t *transform.Table) map[string]version { return w.memory.table(t) }

// deploymentsOf lists the ids of the deployments that are live in a repository, in order.
func (w *world) deploymentsOf(name string) []string {
	var out []string
	for id, v := range w.table(transform.GithubDeployments) {
		if v.columns["repository"] == name {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// failed says which error a stream has to have had: of a kind, with some words.
func (w *world) failed(stream string, kind error, words ...string) {
	w.t.Helper()
	err := w.errs[stream]
	if err == nil {
		w.t.Fatalf("%s did not fail; want words %q", stream, words)
	}
	if kind != nil && !isKind(err, kind) {
		w.t.Errorf("%s: %v is not of kind %v", stream, err, kind)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			w.t.Errorf("%s: %q does not say %q", stream, err, word)
		}
	}
	if strings.Contains(err.Error(), fake.DefaultToken) {
		w.t.Errorf("%s: the token is in %q", stream, err)
	}
}

// spent is what the server counted since the last time it was asked: REST and GraphQL points.
func (w *world) spent() (rest, graph int) {
	p := w.server.Points()
	w.server.ResetRequests()
	return p["core"], p["graphql"]
}

// crowd makes acme/big with n deployments and m merged pull requests, newest an hour before beginning.
func crowd(n, m int) *fake.Organisation {
	o := fake.NewOrganisation("acme")
	ann := o.AddAccount(fake.Account{Login: "ann", Name: "Ann Mori", Email: "ann@example.test"})
	ben := o.AddAccount(fake.Account{Login: "ben", Name: "Ben Ito", Email: "ben@example.test"})
	addCrowd(o, "big", ann, ben, n, m)
	return o
}

func addCrowd(o *fake.Organisation, name string, ann, ben *fake.Account, n, m int) *fake.Repository {
	r := o.AddRepository(fake.RepositorySpec{Name: name, CreatedAt: beginning.AddDate(-1, 0, 0)})
	first := beginning.Add(-time.Hour - time.Duration(max(n, m))*7*time.Minute)
	sha := r.Commit(fake.CommitSpec{Author: ann.Signature(), AuthoredAt: first, CommittedAt: first, Message: "Begin", Files: map[string]string{"a": "b"}})
	r.Branch("main", sha)
	for k := range max(n, m) {
		at := first.Add(time.Duration(k) * 7 * time.Minute)
		if k < n {
			d := r.AddDeployment(fake.DeploymentSpec{Ref: "main", Creator: ann, CreatedAt: at, Payload: map[string]any{"k": k}})
			d.AddStatus(fake.StatusSpec{State: "in_progress", At: at.Add(time.Minute)})
			d.AddStatus(fake.StatusSpec{State: "success", At: at.Add(2 * time.Minute)})
		}
		if k < m {
			head := r.Commit(fake.CommitSpec{Parents: []string{sha}, Author: ann.Signature(), AuthoredAt: at, CommittedAt: at, Message: fmt.Sprint("Change ", k), Files: map[string]string{"a": fmt.Sprint(k)}})
			r.Branch("b", head)
			p := r.OpenPull(fake.PullSpec{Title: fmt.Sprint("Change ", k), Author: ann, Head: "b", Labels: []string{"change"}, At: at})
			p.Review(ben, "APPROVED", "", at.Add(time.Minute))
			r.MergeSquash(p, ben, at.Add(2*time.Minute))
		}
	}
	return r
}
