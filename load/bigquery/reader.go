package bigquery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/bigquery"

	"fourfold/load"
)

// Reader runs people's SQL over published builds, and over the ledgers. It is safe for concurrent use.
type Reader struct {
	c *Client

	mu      sync.Mutex
	bulk    *Client             // reads long answers
	marts   map[string][]string // of a build
	checked map[string]bool     // statements that BigQuery has said to be harmless
	views   bool                // the builds themselves may not be read
}

// checkedMost is how many statements are remembered. Those of a page are few, and always the same.
const checkedMost = 2000

// longAnswer is from how many rows on an answer is not read page by page.
const longAnswer = 50_000

// NewReader reads the builds of a client's datasets.
func NewReader(c *Client) *Reader {
	return &Reader{c: c, marts: map[string][]string{}, checked: map[string]bool{}}
}

// Published gives the id of the published build, or load.ErrNoBuild. It is neither a query nor a job.
func (r *Reader) Published(ctx context.Context) (string, error) {
	p, err := r.c.published(ctx)
	if err != nil {
		return "", err
	}
	if p.Build == "" {
		return "", noBuild(r.c)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.marts[p.Build] = p.Marts
	return p.Build, nil
}

// Query runs one SELECT over the marts of a build that is, or was until lately, the published one. Marts go by their bare
// names, and are those of that build even if another is published meanwhile.
func (r *Reader) Query(ctx context.Context, build, sql string, args ...any) (*load.Rows, error) {
	words, err := checkSelect(sql)
	if err != nil {
		return nil, err
	}
	marts, views, err := r.martsOf(ctx, build)
	if err != nil {
		return nil, err
	}
	if err := r.check(ctx, r.c.Marts(), sql, args, r.c.Marts(), r.c.Build()); err != nil {
		return nil, r.missing(err, r.c.Marts(), marts)
	}
	used := usedOf(words, marts)
	var denied error
	switch pinned, ok := r.pin(build, sql, words, used); {
	case len(used) == 0 && !views:
		rows, err := r.run(ctx, r.c.Marts(), sql, args)
		return rows, r.missing(err, r.c.Marts(), marts)
	case ok && !views:
		rows, err := r.run(ctx, r.c.Marts(), pinned, args)
		if !isDenied(err) {
			return rows, r.missing(err, r.c.Marts(), marts)
		}
		denied = err
	}
	// Whoever may read the marts only reads the views of them: of the published build.
	rows, err := r.ofViews(ctx, build, sql, args)
	if err != nil {
		return nil, errors.Join(denied, r.missing(err, r.c.Marts(), marts))
	}
	if denied != nil {
		r.mu.Lock()
		r.views = true
		r.mu.Unlock()
	}
	return rows, nil
}

// Raw runs one SELECT over the ledgers.
func (r *Reader) Raw(ctx context.Context, sql string, args ...any) (*load.Rows, error) {
	if _, err := checkSelect(sql); err != nil {
		return nil, err
	}
	err := r.check(ctx, r.c.Raw(), sql, args, r.c.Raw())
	var rows *load.Rows
	if err == nil {
		rows, err = r.run(ctx, r.c.Raw(), sql, args)
	}
	if err != nil && strings.Contains(err.Error(), "Not found: Dataset") {
		return nil, fmt.Errorf("dataset %s.%s: %w", r.c.opts.Project, r.c.Raw(), errNoState)
	}
	var names []string
	for _, t := range allTables() {
		if !strings.HasPrefix(t.name, "_") {
			names = append(names, t.name)
		}
	}
	return rows, r.missing(err, r.c.Raw(), names)
}

// missing says of a table that is not there which are.
func (r *Reader) missing(err error, dataset string, there []string) error {
	if err == nil {
		return nil
	}
	if m := missingTable.FindStringSubmatch(err.Error()); m != nil && m[2] == dataset {
		return fmt.Errorf("query: there is no table %s: there are %s", m[3], strings.Join(there, ", "))
	}
	return err
}

// Close ends what reads long answers. The client stays open: it is the caller's.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bulk == nil || r.bulk == r.c {
		return nil
	}
	err := r.bulk.Close()
	r.bulk = nil
	return err
}

func (r *Reader) martsOf(ctx context.Context, build string) (marts []string, views bool, err error) {
	r.mu.Lock()
	marts, known := r.marts[build]
	views = r.views
	r.mu.Unlock()
	if known || views {
		return marts, views, nil
	}
	p, err := r.c.published(ctx)
	return p.Marts, false, err // an older build has had the same ones, or it says which is missing
}

// check has BigQuery itself say that a statement is a SELECT and reads these datasets only. An endpoint's server need not
// know, and has no rights to guard.
func (r *Reader) check(ctx context.Context, dataset, sql string, args []any, may ...string) error {
	key := dataset + "\x00" + sql
	r.mu.Lock()
	known := r.checked[key]
	r.mu.Unlock()
	if known || r.c.opts.Endpoint != "" {
		return nil
	}
	if err := r.dryRun(ctx, dataset, sql, args, may); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.checked) >= checkedMost {
		clear(r.checked)
	}
	r.checked[key] = true
	return nil
}

// mostReferenced is how many tables of a statement BigQuery names. Of one that reads more the list is not all.
const mostReferenced = 50

func (r *Reader) dryRun(ctx context.Context, dataset, sql string, args []any, may []string) error {
	q := r.c.selects(dataset, sql, args, nil)
	q.DryRun, q.MaxBytesBilled = true, 0
	var job *bigquery.Job
	err := r.c.call(ctx, "query", func(ctx context.Context) (err error) {
		job, err = q.Run(ctx)
		return err
	})
	if err != nil {
		return err
	}
	var is *bigquery.QueryStatistics
	if status := job.LastStatus(); status != nil && status.Statistics != nil {
		is, _ = status.Statistics.Details.(*bigquery.QueryStatistics)
	}
	if is == nil || is.StatementType != "SELECT" {
		return fmt.Errorf("query: %w", ErrNotSelect)
	}
	if len(is.ReferencedTables) >= mostReferenced {
		return fmt.Errorf("query: it reads %d tables or more, of which BigQuery does not name all: ask for fewer at once", mostReferenced)
	}
	for _, t := range is.ReferencedTables {
		if t.ProjectID != r.c.opts.Project || !slices.Contains(may, t.DatasetID) {
			return fmt.Errorf("query: %s.%s.%s: only tables of %s may be read here", t.ProjectID, t.DatasetID, t.TableID, may[0])
		}
	}
	return nil
}

// usedOf are the marts that a statement may mean. What it calls so itself is its own.
func usedOf(words []token, marts []string) (used []string) {
	for _, m := range marts {
		if slices.ContainsFunc(words, func(t token) bool { return t.name && t.text == m }) && !defines(words, m) {
			used = append(used, m)
		}
	}
	return used
}

// pin has a statement read the marts of a build that it uses: each is a common table expression of that name before its own.
// It reports whether that can be done: before a bracket an order is not sure to stay.
func (r *Reader) pin(build, sql string, words []token, used []string) (string, bool) {
	if len(used) == 0 || words[0].text == "(" {
		return sql, false
	}
	var of []string
	for _, m := range used {
		of = append(of, fmt.Sprintf("`%s` as (select * from %s)", m, r.c.table(r.c.Build(), cloneName(m, build))))
	}
	with := "with " + strings.Join(of, ", ")
	switch {
	case !words[0].is("with"):
		return with + "\n" + sql, true
	case words[1].is("recursive"):
		return "with recursive " + strings.TrimPrefix(with, "with ") + "," + sql[words[1].at+len("recursive"):], true
	default:
		return with + "," + sql[words[0].at+len("with"):], true
	}
}

// defines reports whether a statement has a common table expression of a name: `name as (`.
func defines(words []token, name string) bool {
	for i := range words {
		if words[i].name && words[i].text == name && i+2 < len(words) && words[i+1].is("as") && words[i+2].text == "(" {
			return true
		}
	}
	return false
}

var readerLabels = map[string]string{"stream": "reader"}

// run runs a checked statement. It ends with its context: BigQuery is told how long it may take, and to end it.
func (r *Reader) run(ctx context.Context, dataset, sql string, args []any) (*load.Rows, error) {
	q := r.c.selects(dataset, sql, args, readerLabels)
	if until, ok := ctx.Deadline(); ok {
		q.JobTimeout = max(time.Until(until).Round(time.Millisecond), time.Millisecond)
	}
	var job *bigquery.Job
	err := r.c.call(ctx, "query", func(ctx context.Context) (err error) {
		job, err = q.Run(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	it, first, err := r.c.read(ctx, job)
	if err != nil {
		if ctx.Err() != nil {
			stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelling)
			defer cancel()
			_ = job.Cancel(stop) // it ends by itself, too
			return nil, fmt.Errorf("bigquery: query: %w", ctx.Err())
		}
		return nil, r.c.explain("query", err)
	}
	if it.TotalRows < longAnswer || r.c.opts.Endpoint != "" {
		return r.c.rowsOf("query", it, first), nil
	}
	return r.long(ctx, job)
}

// cancelling is how long it is tried to end a query that nobody waits for.
const cancelling = 5 * time.Second

// long reads the answer of a job by the Storage Read API.
func (r *Reader) long(ctx context.Context, job *bigquery.Job) (*load.Rows, error) {
	r.mu.Lock()
	var err error
	if r.bulk == nil {
		r.bulk, err = r.c.bulk(context.WithoutCancel(ctx))
	}
	bulk := r.bulk
	r.mu.Unlock()
	if err != nil {
		return nil, err
	}
	same, err := bulk.bq.JobFromIDLocation(ctx, job.ID(), job.Location())
	if err != nil {
		return nil, r.c.explain("query", err)
	}
	return bulk.rows(ctx, "query", same)
}
