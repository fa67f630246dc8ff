package web

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"fourfold/dashboards"
)

// store runs the catalogue's queries, each at most once per build and set of parameters.
type store struct {
	querier Querier
	engine  dashboards.Engine
	queries map[string]dashboards.Query
	// parameters are those of each query.
	parameters map[string][]string
	cache      *cache
	flights    flights[*Table]
	timeout    time.Duration
	slots      chan struct{} // one for each query that may run at a time; nil is no limit
}

// cachedValues bounds the cache: about 60 MB when every value is a short text.
const cachedValues = 1_000_000

// largestCached leaves out lists of thousands of objects: ten downloads would drive out all else, and what is made of an answer is
// kept anyway.
const largestCached = 25_000

func newStore(q Querier, e dashboards.Engine, timeout time.Duration, atOnce int) (*store, error) {
	s := &store{querier: q, engine: e, queries: map[string]dashboards.Query{}, parameters: map[string][]string{}, cache: newCache(cachedValues, largestCached), timeout: timeout}
	if atOnce > 0 {
		s.slots = make(chan struct{}, atOnce)
	}
	for _, name := range dashboards.Names() {
		query, err := dashboards.Load(name)
		if err != nil {
			return nil, err
		}
		s.parameters[name] = query.Parameters()
		if query, err = query.In(e); err != nil {
			return nil, err
		}
		s.queries[name] = query
	}
	return s, nil
}

// run answers a query of the catalogue over one build. The table is shared: it is not to be changed.
func (s *store) run(ctx context.Context, build, name string, params map[string]any) (*Table, error) {
	query, ok := s.queries[name]
	if !ok {
		return nil, fmt.Errorf("web: no query %q", name)
	}
	_, args, err := query.Bind(s.engine, params)
	if err != nil {
		return nil, err
	}
	key := cacheKey(build, name, args)
	if t, ok := s.cache.get(key); ok {
		return t, nil
	}
	t, err := s.flights.do(ctx, key, func(ctx context.Context) (*Table, error) {
		t, err := s.ask(ctx, build, query, params)
		if err == nil {
			s.cache.put(key, t)
		}
		return t, err
	})
	if err != nil {
		return nil, fmt.Errorf("web: query %s: %w", name, err)
	}
	return t, nil
}

// ask runs a query when it is its turn; its time begins then. What is not chosen is not asked about.
func (s *store) ask(ctx context.Context, build string, query dashboards.Query, params map[string]any) (*Table, error) {
	sql, args, err := query.Chosen(params).Bind(s.engine, params)
	if err != nil {
		return nil, err
	}
	if s.slots != nil {
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(s.timeout):
			return nil, fmt.Errorf("so many others are asked that its turn did not come within %s: %w", s.timeout, context.DeadlineExceeded)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return s.querier.Query(ctx, build, sql, args...)
}

// cacheKey is unambiguous: every value is written with its type and quoted.
func cacheKey(build, name string, args []any) string {
	var b strings.Builder
	b.WriteString(strconv.Quote(build) + strconv.Quote(name))
	for _, a := range args {
		if at, ok := a.(time.Time); ok {
			a = at.UTC().Format(time.RFC3339Nano)
		}
		fmt.Fprintf(&b, " %T %q", a, fmt.Sprint(a))
	}
	return b.String()
}

// row reads one row of a table by the names of its columns.
type row struct {
	table *Table
	cells []any
}

// rows gives the rows of a table.
func (t *Table) rows() []row {
	out := make([]row, len(t.Rows))
	for i, cells := range t.Rows {
		out[i] = row{t, cells}
	}
	return out
}

// value is nil for a null; a column that is not there is a programming error, and the tests of every query find it.
func (r row) value(column string) any {
	for i, c := range r.table.Columns {
		if c == column && i < len(r.cells) {
			return r.cells[i]
		}
	}
	panic("web: no column " + column)
}

// text is "" for a null.
func (r row) text(column string) string {
	switch v := r.value(column).(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

// number gives nil for a null.
func (r row) number(column string) *float64 {
	switch v := r.value(column).(type) {
	case float64:
		return &v
	case int64:
		f := float64(v)
		return &f
	}
	return nil
}

// count is 0 for a null.
func (r row) count(column string) int {
	if n := r.number(column); n != nil {
		return int(*n)
	}
	return 0
}

// at is the zero time for a null.
func (r row) at(column string) time.Time {
	t, _ := r.value(column).(time.Time)
	return t
}

func (r row) flag(column string) bool {
	b, _ := r.value(column).(bool)
	return b
}
