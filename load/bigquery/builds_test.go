package bigquery

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	fake "fourfold/internal/fake/bigquery"
	"fourfold/load"
)

// making makes builds on an emulator; its clock is set by hand.
type making struct {
	*Builds
	t     *testing.T
	c     *Client
	at    time.Time
	marts []load.Mart
}

var buildClock = time.Date(2026, 10, 20, 8, 0, 0, 0, time.UTC)

func newMaking(t *testing.T, s *fake.Server) *making {
	t.Helper()
	m := &making{t: t, c: connect(t, s, "ff"), at: buildClock, marts: []load.Mart{
		{Name: "publication", Description: "it's a build", Columns: []load.MartColumn{{Name: "build_id", Description: "Which.\nA `name`"}}},
		{Name: "fct_things", Columns: []load.MartColumn{{Name: "build_id", Description: "Which."}, {Name: "n", Description: strings.Repeat("日", 2000)}}},
		{Name: "four_keys"},
	}}
	m.Builds = NewBuilds(m.c, func() time.Time { return m.at })
	return m
}

func (m *making) exec(sql string) {
	m.t.Helper()
	if _, err := m.c.script(m.t.Context(), "test", jobID("test", fmt.Sprint(time.Now().UnixNano())), sql, nil); err != nil {
		m.t.Fatal(err)
	}
}

// id is that of a build as the program makes them.
func (m *making) id() string { return m.at.Format("20060102T150405.000000Z") }

// make does what dbt does: tables of a build, one of which is no mart.
func (m *making) make(id string, asOf time.Time) {
	m.t.Helper()
	if err := m.Prepare(m.t.Context(), id, asOf); err != nil {
		m.t.Fatal(err)
	}
	m.at = m.at.Add(time.Second)
	m.exec(fmt.Sprintf("create or replace table `%[1]s.%[2]s.publication` as select '%[3]s' as build_id;\n"+
		"create or replace table `%[1]s.%[2]s.fct_things` as select '%[3]s' as build_id, 7 as n;\n"+
		"create or replace table `%[1]s.%[2]s.four_keys` as select '%[3]s' as build_id;\n"+
		"create or replace table `%[1]s.%[2]s.int_hidden` as select '%[3]s' as build_id", m.c.opts.Project, m.Dataset(), id))
}

func (m *making) publish(id string) {
	m.t.Helper()
	if err := m.Publish(m.t.Context(), load.Publication{ID: id, Marts: m.marts, Note: json.RawMessage(`{"mark":"it's \"one\""}`)}); err != nil {
		m.t.Fatal(err)
	}
	m.done()
}

func (m *making) done() {
	m.t.Helper()
	if err := m.Done(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
}

// build makes and publishes one, an hour after the last.
func (m *making) build() string {
	m.t.Helper()
	m.at = m.at.Add(time.Hour)
	id := m.id()
	m.make(id, time.Time{})
	m.publish(id)
	return id
}

func (m *making) tables(dataset string) []string {
	m.t.Helper()
	names, err := m.c.tables(m.t.Context(), dataset)
	if err != nil {
		m.t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

func (m *making) values(dataset, sql string) []string {
	m.t.Helper()
	rows, err := m.c.query(m.t.Context(), "test", dataset, sql, nil, nil)
	if err != nil {
		m.t.Fatal(err)
	}
	var out []string
	for row, err := range rows.All {
		if err != nil {
			m.t.Fatal(err)
		}
		out = append(out, strings.TrimSuffix(fmt.Sprintln(row...), "\n"))
	}
	return out
}

func compare(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestReadersSeeTheMartsOfThePublishedBuildAndNothingElse(t *testing.T) {
	m := newMaking(t, fake.Start(t))
	if _, err := m.Published(t.Context()); !errors.Is(err, load.ErrNoBuild) {
		t.Errorf("before the first build: %v", err)
	}
	first := m.build()
	compare(t, "views", m.tables(m.c.Marts()), []string{"fct_things", "four_keys", "publication"})
	compare(t, "rows", m.values(m.c.Marts(), "select build_id, n from fct_things"), []string{first + " 7"})
	p, err := m.Published(t.Context())
	if err != nil || p.ID != first || string(p.Note) != `{"mark":"it's \"one\""}` {
		t.Errorf("published %+v, %v", p, err)
	}
	m.at = m.at.Add(time.Hour)
	m.make(m.id(), time.Time{}) // the next is being made, and fails
	compare(t, "while the next is made", m.values(m.c.Marts(), "select build_id from publication union all select build_id from fct_things"), []string{first, first})
	if err := m.Discard(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.done()
	compare(t, "after it failed", m.values(m.c.Marts(), "select build_id from publication union all select build_id from fct_things"), []string{first, first})
	m.exec("create view `" + m.c.opts.Project + ".ff_marts.ours` as select 1 as one")
	m.marts = m.marts[:2] // a mart is no more
	second := m.build()
	compare(t, "views of fewer marts", m.tables(m.c.Marts()), []string{"fct_things", "ours", "publication"})
	compare(t, "rows", m.values(m.c.Marts(), "select build_id from publication union all select build_id from fct_things"), []string{second, second})
}

func TestTheLastThreeBuildsAndThePublishedOneStay(t *testing.T) {
	m := newMaking(t, fake.Start(t))
	m.marts = m.marts[:1]
	var ids []string
	for range 2 {
		ids = append(ids, m.build())
	}
	past := buildClock.Add(30 * time.Minute)
	m.at = m.at.Add(time.Hour)
	asOf := "as-of-" + past.Format("20060102T150405.000000Z") + "-built-" + m.id()
	m.make(asOf, past)
	compare(t, "dataset", m.Dataset(), "ff_build_as_of_20261020t083000_000000")
	m.publish(asOf)
	compare(t, "published", m.values(m.c.Marts(), "select build_id from publication"), []string{asOf})
	for range 2 {
		ids = append(ids, m.build())
	}
	var clones []string
	for _, name := range m.tables(m.c.Build()) {
		if strings.Contains(name, "__") {
			clones = append(clones, name)
		}
	}
	want := []string{cloneName("publication", ids[2]), cloneName("publication", ids[3]), cloneName("publication", asOf)}
	slices.Sort(want)
	compare(t, "kept", clones, want)
	compare(t, "the build of the past stays where it was made", m.values("ff_build_as_of_20261020t083000_000000", "select build_id from publication"), []string{asOf})
	if _, err := m.Published(t.Context()); err != nil {
		t.Error(err)
	}
	if err := m.c.removeTables(t.Context(), m.c.Build(), clones); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Published(t.Context()); err == nil {
		t.Error("the published build is gone, and is said to be there")
	}
}

func TestABuildOfThePastBeginsWithNothing(t *testing.T) {
	m := newMaking(t, fake.Start(t))
	past := buildClock.Add(-time.Hour)
	m.make("one", past)
	m.done()
	if err := m.Prepare(t.Context(), "two", past); err != nil {
		t.Fatal(err)
	}
	compare(t, "tables", m.tables(m.Dataset()), []string(nil))
	m.make("two", past)
	if err := m.Discard(t.Context()); err != nil {
		t.Fatal(err)
	}
	compare(t, "after it failed", m.tables(m.Dataset()), []string(nil))
	m.done()
}

func TestOneBuildIsMadeAtATime(t *testing.T) {
	s := fake.Start(t)
	one, two := newMaking(t, s), newMaking(t, s)
	one.make("one", time.Time{})
	err := two.Prepare(t.Context(), "two", time.Time{})
	if err == nil || !strings.Contains(err.Error(), "build one is at work") || !strings.Contains(err.Error(), "2026-10-20T08:05:00Z") {
		t.Errorf("while another is made: %v", err)
	}
	if err := two.Done(t.Context()); err != nil {
		t.Error(err)
	}
	two.at = one.at.Add(leaseFor) // the first was killed, it seems
	two.make("two", time.Time{})
	err = one.Publish(t.Context(), load.Publication{ID: "one", Marts: one.marts})
	if err == nil || !strings.Contains(err.Error(), "another build (two)") {
		t.Errorf("published over another: %v", err)
	}
	one.done()
	one.make("past", buildClock.Add(-time.Hour))
	if err := one.Publish(t.Context(), load.Publication{ID: "past", Marts: one.marts}); err == nil || !strings.Contains(err.Error(), "build two is at work") {
		t.Errorf("a build of the past is published while another is made: %v", err)
	}
	one.done()
	two.publish("two")
	compare(t, "published", two.values("ff_marts", "select build_id from fct_things"), []string{"two"})
	one.make("three", time.Time{})
	one.publish("three")
}

// A build that was not heard of, while its program slept, learns that another has begun, and ends.
func TestABuildLearnsThatAnotherHasItsDataset(t *testing.T) {
	s := fake.Start(t)
	one, two := newMaking(t, s), newMaking(t, s)
	was, past := renewal, buildClock.Add(-time.Hour)
	renewal = time.Millisecond
	err := one.Prepare(t.Context(), "one", past)
	renewal = was
	if err != nil {
		t.Fatal(err)
	}
	ctx := one.Held(t.Context())
	two.at = one.at.Add(leaseFor)
	two.make("two", past)
	<-ctx.Done()
	if err := context.Cause(ctx); !strings.Contains(err.Error(), "another build (two) began") {
		t.Errorf("it ends by %v", err)
	}
	if err := one.Discard(t.Context()); err != nil {
		t.Fatal(err)
	}
	one.done()
	compare(t, "what the other has made", len(two.tables(two.Dataset())), 4)
	other := two.Held(t.Context())
	if err := other.Err(); err != nil {
		t.Errorf("the other ends, too: %v", context.Cause(other))
	}
	two.done()
	<-other.Done() // nothing of it is left
}

// Whoever sleeps after his marts were kept wakes when another build has begun, or has been published.
func TestABuildIsNotPublishedOverALaterOne(t *testing.T) {
	s := fake.Start(t)
	two := newMaking(t, s)
	address, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(address)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if strings.Contains(string(body), "fourfold-ff_build-keep-one") {
			two.at = buildClock.Add(leaseFor)
			if err := two.Prepare(t.Context(), "two", time.Time{}); err != nil {
				t.Error(err)
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	defer front.Close()
	one := newMaking(t, s)
	if one.c, err = Connect(t.Context(), Options{Project: s.Project, Dataset: "ff", Endpoint: front.URL}); err != nil {
		t.Fatal(err)
	}
	defer one.c.Close()
	one.Builds = NewBuilds(one.c, func() time.Time { return buildClock })
	one.make("one", time.Time{})
	if err := one.Publish(t.Context(), load.Publication{ID: "one", Marts: one.marts}); err == nil || !strings.Contains(err.Error(), "another build (two) began") {
		t.Errorf("published over another: %v", err)
	}
	compare(t, "views", one.tables("ff_marts"), []string(nil))
	one.done()
	two.done()
}

// dbt of a build that lost its dataset may write until its program learns of it.
func TestMartsThatAnotherBuildWroteIntoAreNotPublished(t *testing.T) {
	m := newMaking(t, fake.Start(t))
	first := m.build()
	for _, foreign := range []string{"'another'", "cast(null as string)"} {
		m.at = m.at.Add(time.Hour)
		id := m.id()
		m.make(id, time.Time{})
		m.exec(fmt.Sprintf("create or replace table `%s.%s.fct_things` as select '%s' as build_id, 7 as n union all select %s, 8", m.c.opts.Project, m.Dataset(), id, foreign))
		err := m.Publish(t.Context(), load.Publication{ID: id, Marts: m.marts})
		if err == nil || !strings.Contains(err.Error(), "another build wrote into dataset ff_build") || !strings.Contains(err.Error(), "nothing is published; build again") {
			t.Errorf("%s: %v", foreign, err)
		}
		m.done()
		if p, err := m.Published(t.Context()); err != nil || p.ID != first {
			t.Errorf("published %+v, %v", p, err)
		}
		for _, name := range m.tables(m.c.Build()) {
			if strings.HasSuffix(name, suffix(id)) {
				t.Errorf("%s is left", name)
			}
		}
	}
	m.build()
}

// What is published stays so, whatever becomes of the old builds and of the lease.
func TestAPublishedBuildDoesNotFailByWhatIsTidiedAfterIt(t *testing.T) {
	pause = time.Millisecond
	s := fake.Start(t)
	m := newMaking(t, s)
	m.marts = m.marts[:1]
	for range kept {
		m.build()
	}
	var said bytes.Buffer
	m.c.opts.Log = slog.New(slog.NewTextHandler(&said, nil))
	m.at = m.at.Add(time.Hour)
	id, past := m.id(), buildClock.Add(30*time.Minute)
	asOf := "as-of-" + past.Format("20060102T150405.000000Z") + "-built-" + id
	m.make(asOf, past)
	noted := false
	s.Drop(fake.Unheard, 1000, func(c fake.Call) bool {
		isNote := c.Method == http.MethodPatch && strings.Contains(c.Path, "datasets/ff_marts")
		noted = noted || isNote
		return noted && !isNote
	})
	if err := m.Publish(t.Context(), load.Publication{ID: asOf, Marts: m.marts}); err != nil {
		t.Error(err)
	}
	m.done()
	s.Heal()
	for _, want := range []string{"marts of old builds were not removed", "dataset=ff_build ", "dataset=" + m.Dataset()} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("said:\n%s\nwant %s", &said, want)
		}
	}
	if p, err := m.Published(t.Context()); err != nil || p.ID != asOf {
		t.Errorf("published %+v, %v", p, err)
	}
}

func TestAPublicationWhoseAnswersAreLostIsOne(t *testing.T) {
	pause = time.Millisecond
	s := fake.Start(t)
	m := newMaking(t, s)
	m.build()
	m.at = m.at.Add(time.Hour)
	id := m.id()
	m.make(id, time.Time{})
	s.Calls()
	s.Drop(fake.Unspoken, 2, func(c fake.Call) bool { return c.Kind == "query" || c.Method == http.MethodPatch })
	s.Drop(fake.Unheard, 1, func(c fake.Call) bool { return c.Method == http.MethodPatch })
	m.publish(id)
	compare(t, "published", m.values("ff_marts", "select build_id from fct_things"), []string{id})
	p, err := m.Published(t.Context())
	if err != nil || p.ID != id {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestPreparingAndAskingForThePublishedBuildIsNoJob(t *testing.T) {
	s := fake.Start(t)
	m := newMaking(t, s)
	m.build()
	s.Calls()
	if _, err := m.Published(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.Prepare(t.Context(), "next", time.Time{}); err != nil {
		t.Fatal(err)
	}
	m.done()
	if calls := s.Calls(); fake.Count(calls, "query", "load", "jobs.query") != 0 {
		t.Errorf("jobs: %+v", calls)
	}
}

func TestSecretsReachDBTByAFileThatIsRemoved(t *testing.T) {
	env := func(o Options) (map[string]string, load.Target) {
		o.Project, o.Dataset = "p", "ff"
		b := NewBuilds(&Client{opts: o}, time.Now)
		b.dataset = "ff_build_as_of_x" // of which no ledger is asked anything
		target, err := b.Target(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, e := range target.Env {
			name, value, _ := strings.Cut(e, "=")
			out[name] = value
		}
		return out, target
	}
	const secret = `{"type": "service_account", "private_key": "very secret"}`
	got, target := env(Options{Credentials: []byte(secret), Impersonate: "a@b.iam", MaxBytesBilled: 7, Location: "EU", Labels: map[string]string{"team": "sre", "班": "甲"}})
	if strings.Contains(strings.Join(target.Env, " "), "very secret") {
		t.Errorf("a secret is in the environment: %v", target.Env)
	}
	file := got["GOOGLE_APPLICATION_CREDENTIALS"]
	delete(got, "GOOGLE_APPLICATION_CREDENTIALS")
	compare(t, "environment", got, map[string]string{
		"FOURFOLD_BIGQUERY_PROJECT": "p", "FOURFOLD_RAW_DATASET": "ff_raw", "FOURFOLD_BUILD_DATASET": "ff_build_as_of_x", "FOURFOLD_MAXIMUM_BYTES_BILLED": "7",
		"FOURFOLD_BIGQUERY_IMPERSONATE": "a@b.iam", "FOURFOLD_BIGQUERY_KEYFILE": "", "FOURFOLD_BIGQUERY_ENDPOINT": "", "FOURFOLD_BIGQUERY_LOCATION": "EU",
		"FOURFOLD_BIGQUERY_METHOD": "oauth", "FOURFOLD_BIGQUERY_TOKEN": "", "FOURFOLD_RUN": "dbt", "FOURFOLD_LABELS": `{"team":"sre"}`,
	})
	text, err := os.ReadFile(file)
	if err != nil || string(text) != secret {
		t.Errorf("%q, %v", text, err)
	}
	for path, mode := range map[string]os.FileMode{file: 0o600, filepath.Dir(file): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v, want %v", path, info, err, mode)
		}
	}
	if err := target.Release(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(file)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is left: %v", err)
	}
	scratch := filepath.Join(t.TempDir(), "data", "tmp")
	for range 2 { // the first was killed
		got, _ = env(Options{Credentials: []byte(secret), Scratch: scratch})
		file = filepath.Join(scratch, "credentials", "credentials.json")
		compare(t, "file", got["GOOGLE_APPLICATION_CREDENTIALS"], file)
		for path, mode := range map[string]os.FileMode{file: 0o600, filepath.Dir(file): 0o700} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
				t.Errorf("%s: %v, %v, want %v", path, info, err, mode)
			}
		}
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), "left"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(file), "left")); err != nil {
		t.Fatal(err) // written the second time
	}
	env(Options{Scratch: scratch}) // the key is no longer configured
	if _, err := os.Stat(filepath.Dir(file)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what a killed program left is there: %v", err)
	}
	_, target = env(Options{Credentials: []byte(secret), Scratch: scratch})
	if err := target.Release(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	got, target = env(Options{})
	if _, ok := got["GOOGLE_APPLICATION_CREDENTIALS"]; ok || target.Release != nil {
		t.Errorf("without a key: %v", target.Env)
	}
	got, _ = env(Options{Endpoint: "http://127.0.0.1:1/", Credentials: []byte(secret)})
	if got["FOURFOLD_BIGQUERY_ENDPOINT"] != "http://127.0.0.1:1" || got["FOURFOLD_BIGQUERY_METHOD"] != "oauth-secrets" || got["GOOGLE_APPLICATION_CREDENTIALS"] != "" {
		t.Errorf("at an endpoint: %v", got)
	}
}
