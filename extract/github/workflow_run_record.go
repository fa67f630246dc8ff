package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"fourfold/extract"
	"fourfold/transform"
)

// runRecord is the row of a workflow run: the run as received, less who wrote its commit and what is known of its
// repositories, and what is known of the attempts before the one that it shows.
type runRecord struct {
	ID           string          `json:"id"`
	RepositoryID string          `json:"repository_id"`
	Repository   string          `json:"repository"`
	WorkflowPath string          `json:"workflow_path"`
	Run          json.RawMessage `json:"run"`
	Attempts     []attempt       `json:"attempts"`
	FinishedAt   *time.Time      `json:"finished_at"`
}

// attempt is an earlier attempt of a run; one that GitHub does not tell has a number only.
type attempt struct {
	RunAttempt   int        `json:"run_attempt"`
	Status       string     `json:"status,omitempty"`
	Conclusion   string     `json:"conclusion,omitempty"`
	RunStartedAt *time.Time `json:"run_started_at,omitempty"`
	UpdatedAt    *time.Time `json:"updated_at,omitempty"`
}

func (x run) id() string { return strconv.FormatInt(x.ID, 10) }

func (x run) succeeded() bool { return x.Status == "completed" && x.Conclusion == "success" }

func (x run) attempt() attempt {
	updated := x.UpdatedAt.UTC()
	return attempt{x.RunAttempt, x.Status, x.Conclusion, x.RunStartedAt, &updated}
}

// landed is what has landed of the runs before this round.
type landed struct {
	runs map[string]landedRun // by id
	// open are, by repository, the runs that may yet succeed, the youngest first: those that have not ended, which takes
	// GitHub 35 days at most, and those that ended without a success and may be run again.
	open map[string][]openRun
}

type openRun struct {
	made time.Time
	path string
}

const longestRun = 2 * refreshRecent

type landedRun struct {
	attempt            int
	status, conclusion string
	updated            time.Time
	finished           *time.Time
}

func landedRuns(ctx context.Context, in extract.Input) (*landed, error) {
	out := &landed{map[string]landedRun{}, map[string][]openRun{}}
	for o, err := range in.Ledger.Scan(ctx, transform.GithubWorkflowRuns, "repository_id", "created_at", "run_attempt", "status", "conclusion", "updated_at", "finished_at", "workflow_path") {
		if err != nil {
			return nil, fmt.Errorf("look through the workflow runs that have landed: %w", err)
		}
		c := o.Columns
		l := landedRun{status: c[3], conclusion: c[4]}
		l.attempt, _ = strconv.Atoi(c[2])
		l.updated, _ = time.Parse(time.RFC3339, c[5]) // the ledger's own
		created, _ := time.Parse(time.RFC3339, c[1])
		if at, err := time.Parse(time.RFC3339, c[6]); err == nil {
			at = at.UTC()
			l.finished = &at
		} else if age := in.RunAt.Sub(created); age < refreshRecent || l.status != "completed" && age < longestRun {
			out.open[c[0]] = append(out.open[c[0]], openRun{created.UTC(), c[7]})
		}
		out.runs[o.ID] = l
	}
	for _, runs := range out.open {
		slices.SortFunc(runs, func(a, b openRun) int { return b.made.Compare(a.made) })
	}
	return out, nil
}

func (l landedRun) sameAs(x run) bool {
	return max(l.attempt, 1) == x.RunAttempt && l.status == x.Status && l.conclusion == x.Conclusion && l.updated.Equal(x.UpdatedAt)
}

// records makes the rows of the runs that are wanted. One that is as it has landed makes none, unless everything is read.
func (x *runReading) records(ctx context.Context, rows []run) ([]extract.Record, error) {
	var wanted []run
	var again []string // landed, and since run again
	for _, r := range rows {
		known, ok := x.landed.runs[r.id()]
		if !isWorkflow(r.Path, x.workflows) || r.CreatedAt.Before(x.place.Since) || ok && !x.cur.Whole && known.sameAs(r) {
			continue
		}
		if wanted = append(wanted, r); ok && r.RunAttempt > 1 {
			again = append(again, r.id())
		}
	}
	attempts, err := x.attempts(ctx, again)
	if err != nil {
		return nil, err
	}
	var out []extract.Record
	for _, r := range wanted {
		record, err := x.record(ctx, r, attempts[r.id()])
		if err != nil {
			return nil, fmt.Errorf("run %d: %w", r.ID, err)
		}
		out = append(out, record)
	}
	return out, nil
}

// attempts gives what has landed of the attempts of some runs, by id and number.
func (x *runReading) attempts(ctx context.Context, ids []string) (map[string]map[int]attempt, error) {
	out := map[string]map[int]attempt{}
	if len(ids) == 0 {
		return out, nil
	}
	payloads, err := x.in.Ledger.Lookup(ctx, transform.GithubWorkflowRuns, "payload", ids)
	if err != nil {
		return nil, fmt.Errorf("look up workflow runs that have landed: %w", err)
	}
	for id, payload := range payloads {
		var row runRecord
		if err := decode("the landed workflow run "+id, []byte(payload), &row); err != nil {
			return nil, err
		}
		var last run
		if err := decode("the landed workflow run "+id, row.Run, &last); err != nil {
			return nil, err
		}
		out[id] = map[int]attempt{}
		for _, a := range row.Attempts {
			out[id][a.RunAttempt] = a
		}
		if last.RunAttempt = max(last.RunAttempt, 1); last.Status == "completed" {
			out[id][last.RunAttempt] = last.attempt()
		}
	}
	return out, nil
}

// record makes the row of a run; told are attempts that have landed. Its finish is when its first attempt ended that
// succeeded, and what has been known of it stays known, whatever is listed of it later.
func (x *runReading) record(ctx context.Context, r run, told map[int]attempt) (extract.Record, error) {
	row := runRecord{ID: r.id(), RepositoryID: x.r.ID, Repository: x.r.FullName, WorkflowPath: workflowPath(r.Path), Attempts: []attempt{}}
	var err error
	if row.Run, err = slim(r); err != nil {
		return extract.Record{}, err
	}
	row.FinishedAt = x.landed.runs[row.ID].finished
	for n := 1; n < r.RunAttempt; n++ {
		a, ok := told[n]
		if !ok && row.FinishedAt == nil { // what came after the finish matters no more
			if a, err = x.s.attemptOf(ctx, x.r, r.ID, n); err != nil {
				return extract.Record{}, fmt.Errorf("attempt %d: %w", n, err)
			}
			ok = true
		}
		if !ok {
			continue
		}
		row.Attempts = append(row.Attempts, a)
		if row.FinishedAt == nil && a.Status == "completed" && a.Conclusion == "success" {
			row.FinishedAt = a.UpdatedAt
		}
	}
	if row.FinishedAt == nil && r.succeeded() {
		updated := r.UpdatedAt.UTC()
		row.FinishedAt = &updated
	}
	return extract.Record{JSON: asJSON(row)}, nil
}

// attemptOf asks for an earlier attempt of a run. A server that does not know it, or knows no attempts at all, says 404.
func (s *Source) attemptOf(ctx context.Context, r repository, id int64, n int) (attempt, error) {
	var text json.RawMessage
	path := fmt.Sprintf("repos/%s/%s/actions/runs/%d/attempts/%d", url.PathEscape(r.owner()), url.PathEscape(r.name()), id, n)
	_, err := s.api.get(ctx, "workflow_runs", path, url.Values{"exclude_pull_requests": {"true"}}, &text)
	if isStatus(err, http.StatusNotFound) {
		return attempt{RunAttempt: n}, nil
	}
	if err != nil {
		return attempt{}, err
	}
	var x run
	if err := decode("an attempt", text, &x); err != nil {
		return attempt{}, err
	}
	x.RunAttempt = n
	return x.attempt(), nil
}

// slim takes out of a run the names and addresses of who wrote its commit, and all of its repositories but which they are.
func slim(x run) (json.RawMessage, error) {
	fields := map[string]json.RawMessage{}
	if err := decode("a workflow run", x.text, &fields); err != nil {
		return nil, err
	}
	delete(fields, "head_commit")
	delete(fields, "pull_requests")
	for _, name := range []string{"repository", "head_repository"} {
		if len(fields[name]) == 0 || string(fields[name]) == "null" {
			continue
		}
		var repo struct {
			ID       int64  `json:"id"`
			FullName string `json:"full_name"`
			Fork     bool   `json:"fork"`
		}
		if err := decode("the repository of a workflow run", fields[name], &repo); err != nil {
			return nil, err
		}
		fields[name] = asJSON(repo)
	}
	return asJSON(fields), nil
}
