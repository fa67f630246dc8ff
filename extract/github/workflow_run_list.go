package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// runsGiven is how many rows GitHub gives of a list of runs that is filtered.
const runsGiven = 1000

// run is what the reading of a list needs to know of one.
type run struct {
	ID                 int64
	Path               string
	Status, Conclusion string     // "" for null
	RunAttempt         int        `json:"run_attempt"`
	CreatedAt          time.Time  `json:"created_at"`
	UpdatedAt          time.Time  `json:"updated_at"`
	RunStartedAt       *time.Time `json:"run_started_at"`
	text               json.RawMessage
}

// runSlack is by how much the order of a list may differ from that of creation.
const runSlack = 5 * time.Second

// runPage is a page of a list of runs.
type runPage struct {
	rows           []run
	total          int // of the list
	oldest, newest time.Time
}

// page reads a page of the runs in scope that were made up to some time, of every workflow.
func (x *runReading) page(ctx context.Context, to time.Time, number int) (runPage, error) {
	var out runPage
	var err error
	from := x.floor()
	if out.rows, out.total, err = x.s.listRuns(ctx, x.r, from, to, number); err != nil {
		return out, err
	}
	for i, r := range out.rows {
		switch {
		case r.CreatedAt.Before(from) || r.CreatedAt.After(to.Add(time.Second)):
			return out, fmt.Errorf("run %d was answered for runs made from %s to %s although it was made at %s: this server does not filter by created", r.ID, stamp(from), stamp(to), stamp(r.CreatedAt))
		case i > 0 && r.CreatedAt.After(out.oldest.Add(runSlack)):
			return out, fmt.Errorf("run %d, made at %s, was answered after one made at %s: this server does not list runs newest first", r.ID, stamp(r.CreatedAt), stamp(out.oldest))
		}
		if out.oldest.IsZero() || r.CreatedAt.Before(out.oldest) {
			out.oldest = r.CreatedAt.UTC()
		}
		if r.CreatedAt.After(out.newest) {
			out.newest = r.CreatedAt.UTC()
		}
	}
	return out, nil
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// listRuns asks for a page of the runs made from one second to another, and for how many there are.
func (s *Source) listRuns(ctx context.Context, r repository, from, to time.Time, page int) (rows []run, total int, err error) {
	var answer struct {
		TotalCount   *int              `json:"total_count"`
		WorkflowRuns []json.RawMessage `json:"workflow_runs"`
	}
	query := url.Values{
		"created": {stamp(from) + ".." + stamp(to)}, "exclude_pull_requests": {"true"},
		"per_page": {strconv.Itoa(s.page)}, "page": {strconv.Itoa(page)},
	}
	if _, err := s.api.get(ctx, "workflow_runs", "repos/"+url.PathEscape(r.owner())+"/"+url.PathEscape(r.name())+"/actions/runs", query, &answer); err != nil {
		return nil, 0, err
	}
	if answer.TotalCount == nil {
		return nil, 0, errors.New("the list of workflow runs does not say how many there are")
	}
	for _, text := range answer.WorkflowRuns {
		x := run{text: text}
		if err := decode("a workflow run", text, &x); err != nil {
			return nil, 0, err
		}
		if x.ID == 0 || x.CreatedAt.IsZero() {
			return nil, 0, errors.New("a workflow run without id or created_at was answered")
		}
		x.RunAttempt = max(x.RunAttempt, 1)
		rows = append(rows, x)
	}
	return rows, *answer.TotalCount, nil
}

// createdAt is when a repository was made; nothing was run in it before. Actions are younger than what stands for unknown.
func (r repository) createdAt() time.Time {
	var fields struct {
		CreatedAt time.Time `json:"created_at"`
	}
	if json.Unmarshal(r.record, &fields) != nil || fields.CreatedAt.IsZero() {
		return time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return fields.CreatedAt.UTC().Truncate(time.Second)
}
