package pipeline

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fourfold/load"
	"fourfold/transform"
)

// reportOf is the report of a run of streams with these outcomes.
func reportOf(at time.Time, outcomes ...string) Report {
	run := transform.Run{ID: "run-" + at.Format("1504"), At: at}
	r := Report{Run: run}
	for _, o := range outcomes {
		name, status, _ := strings.Cut(o, " ")
		s := load.StreamRun{Run: run, Source: "s", Stream: name, Table: "t_" + name, FinishedAt: at.Add(time.Minute), Status: status, RowsRead: 5, Added: 4, Tombstones: 3, Rejected: 2, Requests: 1}
		if status != "ok" {
			s.Error = "it was " + status
		}
		r.Streams = append(r.Streams, s)
	}
	return r
}

func record(t *testing.T, dir string, r Report, counts map[string]Counts, syncErr error) Status {
	t.Helper()
	if err := RecordSync(dir, "v1", r, counts, r.Run.At, r.Run.At.Add(time.Minute), syncErr, nil); err != nil {
		t.Fatal(err)
	}
	s, err := ReadStatus(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheStatusSaysHowTheLastSyncWent(t *testing.T) {
	for _, test := range []struct {
		streams []string
		err     error
		want    string
	}{
		{[]string{"a ok", "b ok"}, nil, "ok"},
		{[]string{"a ok", "b skipped"}, nil, "ok"},
		{[]string{"a ok", "b failed"}, nil, "partial"},
		{[]string{"a failed", "b failed"}, nil, "failed"},
		{[]string{"a failed", "b skipped"}, nil, "failed"},
		{[]string{"a ok"}, errors.New("the disk is full"), "failed"},
		{nil, errors.New("the disk is full"), "failed"},
	} {
		r := reportOf(start, test.streams...)
		r.Warnings = []string{"careful"}
		s := record(t, t.TempDir(), r, nil, test.err)
		want := SyncStatus{RunID: "run-0800", StartedAt: start, FinishedAt: start.Add(time.Minute), Outcome: test.want, Warnings: []string{"careful"}}
		if test.err != nil {
			want.Error = test.err.Error()
		}
		same(t, strings.Join(test.streams, ", "), *s.Sync, want)
		same(t, "version", s.Version, "v1")
	}
}

func TestTheStatusOfAStreamKeepsItsFreshnessAndCountsWhenALaterRunFails(t *testing.T) {
	dir := t.TempDir()
	later := start.Add(time.Hour)
	record(t, dir, reportOf(start, "a ok", "b ok", "c ok"), map[string]Counts{"t_a": {Live: 10, SetAside: 1}, "t_b": {Live: 20}, "t_c": {Live: 30}}, nil)
	s := record(t, dir, reportOf(later, "a failed", "b ok"), map[string]Counts{"t_a": {Live: 11, SetAside: 2}, "t_b": {Live: 21}}, nil)
	common := StreamStatus{RowsRead: 5, Added: 4, Tombstones: 3, Rejected: 2, Requests: 1}
	with := func(f func(*StreamStatus)) StreamStatus { c := common; f(&c); return c }
	same(t, "streams", s.Streams, map[string]StreamStatus{
		"s/a": with(func(x *StreamStatus) {
			x.Status, x.Error, x.FinishedAt, x.FreshAt, x.Live, x.SetAside = "failed", "it was failed", later.Add(time.Minute), start, 11, 2
		}),
		"s/b": with(func(x *StreamStatus) {
			x.Status, x.FinishedAt, x.FreshAt, x.Live = "ok", later.Add(time.Minute), later, 21
		}),
		"s/c": with(func(x *StreamStatus) {
			x.Status, x.FinishedAt, x.FreshAt, x.Live = "ok", start.Add(time.Minute), start, 30
		}),
	})
	// A sync that broke off counted nothing: what was known stays.
	s = record(t, dir, reportOf(later.Add(time.Hour), "a ok"), nil, errors.New("the disk is full"))
	same(t, "live, set aside", []int64{s.Streams["s/a"].Live, s.Streams["s/a"].SetAside}, []int64{11, 2})
	// Where everything has gone, none is what is said.
	s = record(t, dir, reportOf(later.Add(2*time.Hour), "a ok"), map[string]Counts{"t_a": {}}, nil)
	same(t, "live", s.Streams["s/a"].Live, int64(0))
}

func TestASyncLeavesWhatTheStatusSaysOfBuilds(t *testing.T) {
	dir := t.TempDir()
	built := BuildStatus{ID: "b", AsOf: start, BuiltAt: start, Seconds: 1.5, Mark: "m", ConfigHash: "c", Version: "v", LocalDate: "2026-10-20"}
	if err := update(dir, "v0", func(s *Status) {
		s.Build, s.Failure = &built, &BuildFailure{At: start, Error: "broken"}
		s.Budgets = []Budget{{Source: "s", Limit: 5000, Remaining: 10, At: start}}
	}); err != nil {
		t.Fatal(err)
	}
	s := record(t, dir, reportOf(start, "a ok"), nil, nil)
	same(t, "build", *s.Build, built)
	same(t, "failure, budgets", []any{s.Failure.Error, len(s.Budgets)}, []any{"broken", 1})
}

func TestASyncOfOneSourceLeavesWhatIsKnownOfTheBudgetsOfAnother(t *testing.T) {
	before := []Budget{{Source: "a", Limit: 60, Remaining: 1}, {Source: "a", Limit: 1200, Remaining: 2}, {Source: "b", Bucket: "core", Limit: 5000, Remaining: 3}, {Source: "b", Bucket: "graphql", Limit: 5000, Remaining: 4}}
	for name, test := range map[string]struct {
		now  []Budget
		want []int64 // what is left, in the order of the status
	}{
		"of nothing":          {nil, []int64{1, 2, 3, 4}},
		"of what has no name": {[]Budget{{Source: "a", Limit: 60, Remaining: 9}}, []int64{9, 3, 4}},
		"of one bucket":       {[]Budget{{Source: "b", Bucket: "core", Limit: 5000, Remaining: 9}}, []int64{1, 2, 9, 4}},
		"of a new source":     {[]Budget{{Source: "aa", Limit: 5, Remaining: 9}}, []int64{1, 2, 9, 3, 4}},
	} {
		dir := t.TempDir()
		for _, budgets := range [][]Budget{before, test.now} {
			if err := RecordSync(dir, "v1", reportOf(start, "a ok"), nil, start, start, nil, budgets); err != nil {
				t.Fatal(err)
			}
		}
		s, err := ReadStatus(dir)
		if err != nil {
			t.Fatal(err)
		}
		var left []int64
		for _, b := range s.Budgets {
			left = append(left, b.Remaining)
		}
		same(t, name, left, test.want)
	}
}

func TestAStatusThatIsMissingIsEmptyAndOneThatIsBrokenIsBegunAnew(t *testing.T) {
	dir := t.TempDir()
	s, err := ReadStatus(dir)
	same(t, "missing", []any{s, err}, []any{Status{}, nil})
	path := filepath.Join(dir, "status.json")
	if err := os.WriteFile(path, []byte(`{"sync": {`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadStatus(dir); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("broken: %v, want an error that names the file", err)
	}
	same(t, "outcome", record(t, dir, reportOf(start, "a ok"), nil, nil).Sync.Outcome, "ok")
	text, err := os.ReadFile(path)
	if err != nil || !json.Valid(text) {
		t.Errorf("%v: %s", err, text)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("files %v, %v: want the status alone", entries, err)
	}
}

func TestASyncsReportGivesTheStatus(t *testing.T) {
	w := newWorld(t, source("s", handmade("good", step{page: page("1", "a")}), handmade("bad", step{err: errBroken})))
	r := w.sync(Selection{})
	s := record(t, w.dir, r, nil, nil)
	same(t, "outcome", s.Sync.Outcome, "partial")
	same(t, "streams", []any{s.Streams["s/good"].FreshAt, s.Streams["s/bad"].FreshAt, s.Streams["s/bad"].Error}, []any{r.Run.At, time.Time{}, errBroken.Error()})
}
