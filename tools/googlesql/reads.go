package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-googlesql"
)

// reads is what a query reads: which columns must be there for each of its own, and for its rows. What BigQuery bills follows from
// it, since columns that a query names and nothing needs are not read: those behind a star in a subquery, or of a view.
//
// Below 0 are places: rows of a scan, of a common table expression or of the whole.
type reads struct {
	needs   map[int32][]int32
	columns map[int32]source
	scans   map[int32]string // the table of a place
	common  map[string]common
	places  int32
	output  []output
}

// source is a column of a table.
type source struct{ table, column string }

// output is a column of the answer.
type output struct {
	name string
	id   int32
}

// common is a common table expression.
type common struct {
	place   int32
	columns []int32
}

// whole is the place of the rows of the answer.
const whole = -1

func readsOf(query *googlesql.ResolvedQueryStmt) (*reads, error) {
	r := &reads{needs: map[int32][]int32{}, columns: map[int32]source{}, scans: map[int32]string{}, common: map[string]common{}, places: whole}
	scan, err := query.Query()
	if err != nil {
		return nil, err
	}
	if err := r.walk(scan, whole); err != nil {
		return nil, err
	}
	columns, err := query.OutputColumnList()
	if err != nil {
		return nil, err
	}
	for _, c := range columns {
		name, err := c.Name()
		if err != nil {
			return nil, err
		}
		col, err := c.Column()
		if err != nil {
			return nil, err
		}
		id, err := col.ColumnId()
		if err != nil {
			return nil, err
		}
		r.output = append(r.output, output{strings.ToLower(name), id})
	}
	return r, nil
}

func (r *reads) place() int32 {
	r.places--
	return r.places
}

func (r *reads) need(owner int32, ids ...int32) { r.needs[owner] = append(r.needs[owner], ids...) }

// walk notes what a node needs, for a column or a place that the node belongs to.
func (r *reads) walk(node googlesql.ResolvedNode, owner int32) error {
	inside := func(child googlesql.ResolvedNode) error { return r.walk(child, owner) }
	switch n := node.(type) {
	case *googlesql.ResolvedColumnRef:
		c, err := n.Column()
		if err != nil {
			return err
		}
		id, err := c.ColumnId()
		r.need(owner, id)
		return err
	case googlesql.ResolvedComputedColumnBaseNode:
		id, err := computed(n)
		if err != nil {
			return err
		}
		expr, err := n.Expr()
		if err != nil {
			return err
		}
		return r.walk(expr, id)
	case *googlesql.ResolvedTableScan:
		return r.table(n, owner)
	case *googlesql.ResolvedWithScan:
		if err := r.with(n); err != nil {
			return err
		}
		query, err := n.Query()
		if err != nil {
			return err
		}
		return r.walk(query, owner)
	case *googlesql.ResolvedWithRefScan:
		return r.reference(n, owner)
	case *googlesql.ResolvedAggregateScan:
		groups, err := n.GroupByList()
		if err != nil {
			return err
		}
		for _, g := range groups { // they make the rows
			id, err := computed(g)
			if err != nil {
				return err
			}
			r.need(owner, id)
		}
		return each(node, inside)
	case *googlesql.ResolvedAnalyticFunctionGroup:
		return r.windows(n)
	case *googlesql.ResolvedSetOperationScan:
		return r.set(n, owner)
	case *googlesql.ResolvedSubqueryExpr:
		return r.subquery(n, owner)
	case *googlesql.ResolvedProjectScan, *googlesql.ResolvedFilterScan, *googlesql.ResolvedJoinScan, *googlesql.ResolvedAnalyticScan,
		*googlesql.ResolvedOrderByScan, *googlesql.ResolvedLimitOffsetScan, *googlesql.ResolvedArrayScan, *googlesql.ResolvedSingleRowScan:
		return each(node, inside)
	case googlesql.ResolvedScanNode:
		return fmt.Errorf("what a %T reads is not known here: say so in reads.go", node)
	}
	return each(node, inside)
}

func computed(c googlesql.ResolvedComputedColumnBaseNode) (int32, error) {
	col, err := c.Column()
	if err != nil {
		return 0, err
	}
	return col.ColumnId()
}

// idsOf gives the columns of a scan.
func idsOf(scan googlesql.ResolvedNode) ([]int32, error) {
	listed, ok := scan.(interface {
		ColumnList() ([]*googlesql.ResolvedColumn, error)
	})
	if !ok {
		return nil, fmt.Errorf("a scan without columns: %T", scan)
	}
	columns, err := listed.ColumnList()
	if err != nil {
		return nil, err
	}
	return ids(columns)
}

func ids(columns []*googlesql.ResolvedColumn) ([]int32, error) {
	var out []int32
	for _, c := range columns {
		id, err := c.ColumnId()
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

func (r *reads) table(n *googlesql.ResolvedTableScan, owner int32) error {
	t, err := n.Table()
	if err != nil {
		return err
	}
	name, err := t.FullName()
	if err != nil {
		return err
	}
	columns, err := n.ColumnList()
	if err != nil {
		return err
	}
	at := r.place()
	r.scans[at] = name
	r.need(owner, at)
	for _, c := range columns {
		id, err := c.ColumnId()
		if err != nil {
			return err
		}
		column, err := c.Name()
		if err != nil {
			return err
		}
		r.columns[id] = source{name, strings.ToLower(column)}
	}
	return nil
}

func (r *reads) with(n *googlesql.ResolvedWithScan) error {
	entries, err := n.WithEntryList()
	if err != nil {
		return err
	}
	for _, e := range entries {
		name, err := e.WithQueryName()
		if err != nil {
			return err
		}
		query, err := e.WithSubquery()
		if err != nil {
			return err
		}
		c := common{place: r.place()}
		if c.columns, err = idsOf(query); err != nil {
			return err
		}
		if err := r.walk(query, c.place); err != nil {
			return err
		}
		r.common[name] = c
	}
	return nil
}

func (r *reads) reference(n *googlesql.ResolvedWithRefScan, owner int32) error {
	name, err := n.WithQueryName()
	if err != nil {
		return err
	}
	columns, err := idsOf(n)
	if err != nil {
		return err
	}
	c, ok := r.common[name]
	if !ok || len(columns) != len(c.columns) {
		return fmt.Errorf("common table expression %s: %d columns are read of %d", name, len(columns), len(c.columns))
	}
	r.need(owner, c.place)
	for i, id := range columns {
		r.need(id, c.columns[i])
	}
	return nil
}

// windows notes that what a window is made of is needed for each function over it.
func (r *reads) windows(n *googlesql.ResolvedAnalyticFunctionGroup) error {
	at := r.place()
	functions, err := n.AnalyticFunctionList()
	if err != nil {
		return err
	}
	for _, f := range functions {
		id, err := computed(f)
		if err != nil {
			return err
		}
		r.need(id, at)
	}
	return each(n, func(child googlesql.ResolvedNode) error { return r.walk(child, at) })
}

func (r *reads) set(n *googlesql.ResolvedSetOperationScan, owner int32) error {
	kind, err := n.OpType()
	if err != nil {
		return err
	}
	columns, err := idsOf(n)
	if err != nil {
		return err
	}
	if kind != googlesql.ResolvedSetOperationScanEnums_SetOperationTypeUnionAll { // rows are compared
		r.need(owner, columns...)
	}
	items, err := n.InputItemList()
	if err != nil {
		return err
	}
	for _, item := range items {
		listed, err := item.OutputColumnList()
		if err != nil {
			return err
		}
		from, err := ids(listed)
		if err != nil {
			return err
		}
		if len(from) != len(columns) {
			return fmt.Errorf("a set operation of %d columns of %d", len(columns), len(from))
		}
		for i, id := range columns {
			r.need(id, from[i])
		}
		scan, err := item.Scan()
		if err != nil {
			return err
		}
		if err := r.walk(scan, owner); err != nil {
			return err
		}
	}
	return nil
}

func (r *reads) subquery(n *googlesql.ResolvedSubqueryExpr, owner int32) error {
	kind, err := n.SubqueryType()
	if err != nil {
		return err
	}
	query, err := n.Subquery()
	if err != nil {
		return err
	}
	if kind != googlesql.ResolvedSubqueryExprEnums_SubqueryTypeExists {
		columns, err := idsOf(query)
		if err != nil {
			return err
		}
		r.need(owner, columns...)
	}
	return each(n, func(child googlesql.ResolvedNode) error { return r.walk(child, owner) })
}

// found is what is read of each table.
type found map[string]map[string]bool

// find adds what must be read for some columns of the answer, all where none are named, and for its rows. Views are followed.
func (r *reads) find(into found, views map[string]*reads, wanted map[string]bool) {
	next := []int32{whole}
	for _, o := range r.output {
		if wanted == nil || wanted[o.name] {
			next = append(next, o.id)
		}
	}
	here := found{}
	done := map[int32]bool{}
	for len(next) > 0 {
		id := next[len(next)-1]
		next = next[:len(next)-1]
		if done[id] {
			continue
		}
		done[id] = true
		next = append(next, r.needs[id]...)
		if t, ok := r.scans[id]; ok {
			here.see(t)
		}
		if c, ok := r.columns[id]; ok {
			here.see(c.table)[c.column] = true
		}
	}
	for table, columns := range here {
		if view, ok := views[table]; ok {
			view.find(into, views, columns)
			continue
		}
		maps.Copy(into.see(table), columns)
	}
}

func (f found) see(table string) map[string]bool {
	if f[table] == nil {
		f[table] = map[string]bool{}
	}
	return f[table]
}

// lists are the columns of each table in order; none of one whose rows are only counted.
func (f found) lists() map[string][]string {
	out := map[string][]string{}
	for table, columns := range f {
		out[table] = append([]string{}, slices.Sorted(maps.Keys(columns))...)
	}
	return out
}
