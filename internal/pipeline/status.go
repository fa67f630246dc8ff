package pipeline

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"fourfold/load"
)

// Status is status.json in the data directory: what the last rounds did. It is written by the holder of the lock and
// read by anybody, so that nobody needs to open the ledgers to know how things stand.
type Status struct {
	Version string                  `json:"version"` // of the program that wrote it
	Sync    *SyncStatus             `json:"sync,omitempty"`
	Streams map[string]StreamStatus `json:"streams,omitempty"`
	Build   *BuildStatus            `json:"build,omitempty"`
	// Failure is the last build that failed, if none has succeeded since.
	Failure *BuildFailure `json:"build_failure,omitempty"`
	Budgets []Budget      `json:"api_budgets,omitempty"`
}

// SyncStatus is the last sync.
type SyncStatus struct {
	RunID      string    `json:"run_id"`
	StartedAt  time.Time `json:"started_at"`
	FinishedAt time.Time `json:"finished_at"`
	Outcome    string    `json:"outcome"` // ok, partial or failed
	Error      string    `json:"error,omitempty"`
	Warnings   []string  `json:"warnings,omitempty"`
}

// StreamStatus is how a stream went when it was last asked.
type StreamStatus struct {
	Status     string    `json:"status"`
	Error      string    `json:"error,omitempty"`
	FinishedAt time.Time `json:"finished_at"`
	// FreshAt is the clock of the last run that read it well: what happened up to then is in the ledger.
	FreshAt    time.Time `json:"fresh_at"`
	RowsRead   int64     `json:"rows_read"`
	Added      int64     `json:"versions_added"`
	Tombstones int64     `json:"tombstones"`
	Rejected   int64     `json:"rejected"`
	Requests   int64     `json:"requests"`
	// Live and Set aside are the objects in the ledger after that run.
	Live     int64 `json:"live"`
	SetAside int64 `json:"set_aside"`
}

// BuildStatus is the published build.
type BuildStatus struct {
	ID         string    `json:"id"`
	AsOf       time.Time `json:"as_of"`
	BuiltAt    time.Time `json:"built_at"`
	Seconds    float64   `json:"seconds"`
	Mark       string    `json:"ledger_mark"`
	ConfigHash string    `json:"config_hash"`
	Version    string    `json:"version"`
	LocalDate  string    `json:"local_date"`
}

// BuildFailure is a build that was not published.
type BuildFailure struct {
	At    time.Time `json:"at"`
	Error string    `json:"error"`
}

// Budget is what an API last said is left of a quota.
type Budget struct {
	Source    string    `json:"source"`
	Bucket    string    `json:"bucket,omitempty"` // its name, where the API has several
	Limit     int64     `json:"limit"`
	Remaining int64     `json:"remaining"`
	At        time.Time `json:"at"`
	// Allowed is how much of it may be spent until Reset, Spent how much of that was; zero where there is no budget.
	Allowed int64     `json:"allowed,omitempty"`
	Spent   int64     `json:"spent,omitempty"`
	Reset   time.Time `json:"reset,omitzero"`
}

const statusFile = "status.json"

// ReadStatus reads the status of a data directory; an empty one where nothing has run.
func ReadStatus(dir string) (Status, error) {
	var s Status
	text, err := os.ReadFile(filepath.Join(dir, statusFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return s, fmt.Errorf("read status: %s: %w", filepath.Join(dir, statusFile), err)
	}
	return s, nil
}

// write puts the status in place in one step.
func (s Status) write(dir string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write status: %w", err)
	}
	path := filepath.Join(dir, statusFile)
	if err := os.WriteFile(path+".next", append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write status: %w", err)
	}
	if err := os.Rename(path+".next", path); err != nil {
		return fmt.Errorf("write status: %w", err)
	}
	return nil
}

// update changes the status of a data directory; the caller holds its lock. A status that cannot be read is begun anew.
func update(dir, version string, change func(*Status)) error {
	s, err := ReadStatus(dir)
	if err != nil {
		s = Status{}
	}
	s.Version = version
	change(&s)
	return s.write(dir)
}

// Budgets collects what the sources' APIs last said is left.
func Budgets(sources []Source) []Budget {
	var out []Budget
	for _, s := range sources {
		for _, q := range s.Quotas() {
			out = append(out, Budget{s.Name, q.Bucket, q.Limit, q.Remaining, q.At, q.Allowed, q.Spent, q.Reset})
		}
	}
	return out
}

// Counts are the objects of a table that are live and those that are set aside.
type Counts struct{ Live, SetAside int64 }

// RecordSync notes a sync in the status. Tables that are not in counts keep the counts that they had.
func RecordSync(dir, version string, r Report, counts map[string]Counts, startedAt, finishedAt time.Time, syncErr error, budgets []Budget) error {
	return update(dir, version, func(s *Status) {
		outcome := "ok"
		switch failed := r.Failed(); {
		case syncErr != nil, len(failed) > 0 && !r.Landed():
			outcome = "failed"
		case len(failed) > 0:
			outcome = "partial"
		}
		s.Sync = &SyncStatus{RunID: r.Run.ID, StartedAt: startedAt, FinishedAt: finishedAt, Outcome: outcome, Warnings: r.Warnings}
		if syncErr != nil {
			s.Sync.Error = syncErr.Error()
		}
		s.Budgets = mergeBudgets(s.Budgets, budgets)
		if s.Streams == nil {
			s.Streams = map[string]StreamStatus{}
		}
		for _, x := range r.Streams {
			s.Streams[x.Source+"/"+x.Stream] = streamStatus(s.Streams[x.Source+"/"+x.Stream], x, counts)
		}
	})
}

// mergeBudgets puts what was said now in place of what was said of the same limits before. Limits without a name are told
// by nothing but their size, so those of a source go together.
func mergeBudgets(before, now []Budget) []Budget {
	type limit struct{ source, bucket string }
	said := map[limit]bool{}
	for _, b := range now {
		said[limit{b.Source, b.Bucket}] = true
	}
	out := slices.DeleteFunc(slices.Clone(before), func(b Budget) bool { return said[limit{b.Source, b.Bucket}] })
	out = append(out, now...)
	slices.SortStableFunc(out, func(a, b Budget) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Bucket, b.Bucket))
	})
	return out
}

func streamStatus(before StreamStatus, x load.StreamRun, counts map[string]Counts) StreamStatus {
	c, ok := counts[x.Table]
	if !ok {
		c = Counts{before.Live, before.SetAside}
	}
	fresh := before.FreshAt
	if x.Status == "ok" || x.Status == "partial" {
		fresh = x.Run.At
	}
	return StreamStatus{
		Status: x.Status, Error: x.Error, FinishedAt: x.FinishedAt, FreshAt: fresh, RowsRead: x.RowsRead, Added: x.Added,
		Tombstones: x.Tombstones, Rejected: x.Rejected, Requests: x.Requests, Live: c.Live, SetAside: c.SetAside,
	}
}
