package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-googlesql"
)

// others are features of the language that other engines of Google have and BigQuery has not, or that it has for what is not here
// (protocol buffers, modules). Its reference: https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax.
var others = []googlesql.LanguageFeature{
	googlesql.LanguageFeatureFeatureAggregateFiltering,
	googlesql.LanguageFeatureFeatureArrayEquality,
	googlesql.LanguageFeatureFeatureExperimentalModules,
	googlesql.LanguageFeatureFeatureExtendedTypes,
	googlesql.LanguageFeatureFeatureForUpdate,
	googlesql.LanguageFeatureFeatureInlineLambdaArgument,
	googlesql.LanguageFeatureFeatureInsertOnConflictClause,
	googlesql.LanguageFeatureFeatureJsonTypeComparison,
	googlesql.LanguageFeatureFeatureLateralJoin,
	googlesql.LanguageFeatureFeatureLiteralConcatenation,
	googlesql.LanguageFeatureFeatureMultilevelAggregation,
	googlesql.LanguageFeatureFeatureMultiwayUnnest,
	googlesql.LanguageFeatureFeatureTimestampNanos,
	googlesql.LanguageFeatureFeatureUnnestAndFlattenArrays,
	googlesql.LanguageFeatureFeatureUuidType,
	googlesql.LanguageFeatureFeatureWithExpression,
}

// functions are some of https://cloud.google.com/bigquery/docs/reference/standard-sql/functions-all, by their names: the analyser has
// more than BigQuery, so whatever is used for the first time is looked up there.
//
//go:embed functions.txt
var functionNames string

var functions = strings.Fields(functionNames)

// strict finds in what the analyser has taken what BigQuery refuses when it plans a query.
type strict struct{ sql string }

func (s strict) check(node googlesql.ResolvedNode) error {
	var err error
	switch n := node.(type) {
	case googlesql.ResolvedFunctionCallBaseNode:
		err = s.call(n)
	case *googlesql.ResolvedJoinScan:
		err = s.join(n)
	case *googlesql.ResolvedSubqueryExpr:
		err = s.subquery(n)
	}
	if err != nil {
		return err
	}
	return each(node, s.check)
}

// each calls f with the nodes right below one.
func each(node googlesql.ResolvedNode, f func(googlesql.ResolvedNode) error) error {
	children, err := node.GetChildNodes()
	if err != nil {
		return err
	}
	for _, child := range children {
		if err := f(child); err != nil {
			return err
		}
	}
	return nil
}

func nameOf(call googlesql.ResolvedFunctionCallBaseNode) (string, error) {
	f, err := call.Function()
	if err != nil {
		return "", err
	}
	return f.Name()
}

func (s strict) call(call googlesql.ResolvedFunctionCallBaseNode) error {
	name, err := nameOf(call)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(name, "$") && !slices.Contains(functions, name) { // a $ begins what is written as an operator
		return s.at(call, "function %s is not among those that are known to be BigQuery's: look it up in its reference, and put it into functions.txt", name)
	}
	if _, ok := call.(*googlesql.ResolvedAggregateFunctionCall); ok && strings.HasPrefix(name, "percentile_") {
		return s.at(call, "function %s without a window", name)
	}
	return nil
}

// join refuses an outer join without an equality between columns of both sides.
func (s strict) join(n *googlesql.ResolvedJoinScan) error {
	kind, err := n.JoinType()
	if err != nil || kind == googlesql.ResolvedJoinScanEnums_JoinTypeInner {
		return err
	}
	var sides [2][]int32
	for i, scan := range []func() (googlesql.ResolvedScanNode, error){n.LeftScan, n.RightScan} {
		side, err := scan()
		if err != nil {
			return err
		}
		listed, ok := side.(interface {
			ColumnList() ([]*googlesql.ResolvedColumn, error)
		})
		if !ok {
			return fmt.Errorf("a scan without columns: %T", side)
		}
		columns, err := listed.ColumnList()
		if err != nil {
			return err
		}
		for _, c := range columns {
			id, err := c.ColumnId()
			if err != nil {
				return err
			}
			sides[i] = append(sides[i], id)
		}
	}
	on, err := n.JoinExpr()
	if err != nil {
		return err
	}
	if on != nil {
		if ok, err := equates(on, sides); ok || err != nil {
			return err
		}
	}
	return s.at(n, "an outer join without an equality of columns of both sides")
}

// equates says whether a condition, or a part of it that must hold, is an equality between two sides.
func equates(on googlesql.ResolvedNode, sides [2][]int32) (bool, error) {
	call, ok := on.(*googlesql.ResolvedFunctionCall)
	if !ok {
		return false, nil
	}
	name, err := nameOf(call)
	if err != nil {
		return false, err
	}
	args, err := call.ArgumentList()
	if err != nil {
		return false, err
	}
	switch name {
	case "$and":
		for _, arg := range args {
			if ok, err := equates(arg, sides); ok || err != nil {
				return ok, err
			}
		}
	case "$equal":
		var refs [2][]int32
		for i, arg := range args {
			if refs[i], err = referred(arg); err != nil {
				return false, err
			}
		}
		return within(refs[0], sides[0]) && within(refs[1], sides[1]) || within(refs[0], sides[1]) && within(refs[1], sides[0]), nil
	}
	return false, nil
}

// referred gives the columns that an expression is made of.
func referred(node googlesql.ResolvedNode) ([]int32, error) {
	var out []int32
	if ref, ok := node.(*googlesql.ResolvedColumnRef); ok {
		c, err := ref.Column()
		if err != nil {
			return nil, err
		}
		id, err := c.ColumnId()
		return []int32{id}, err
	}
	err := each(node, func(child googlesql.ResolvedNode) error {
		more, err := referred(child)
		out = append(out, more...)
		return err
	})
	return out, err
}

func within(ids, side []int32) bool {
	return len(ids) > 0 && !slices.ContainsFunc(ids, func(id int32) bool { return !slices.Contains(side, id) })
}

// subquery refuses one that reads a table and depends on the row outside by more than an equality: BigQuery makes joins of
// them, where it can.
func (s strict) subquery(n *googlesql.ResolvedSubqueryExpr) error {
	query, err := n.Subquery()
	if err != nil {
		return err
	}
	var tables, limits, others bool
	var look func(node googlesql.ResolvedNode, equal bool) error
	look = func(node googlesql.ResolvedNode, equal bool) error {
		equal = false
		switch n := node.(type) {
		case *googlesql.ResolvedTableScan, *googlesql.ResolvedWithRefScan:
			tables = true
		case *googlesql.ResolvedLimitOffsetScan:
			limits = true
		case *googlesql.ResolvedFunctionCall:
			name, err := nameOf(n)
			if err != nil {
				return err
			}
			equal = name == "$equal"
		}
		return each(node, func(child googlesql.ResolvedNode) error {
			if ref, ok := child.(*googlesql.ResolvedColumnRef); ok {
				outside, err := ref.IsCorrelated()
				others = others || outside && !equal
				return err
			}
			return look(child, equal)
		})
	}
	if err := look(query, false); err != nil {
		return err
	}
	depends, err := n.ParameterListSize()
	if err != nil {
		return err
	}
	if tables && depends > 0 && (others || limits) {
		return s.at(n, "a subquery over a table that depends on the row outside by more than an equality")
	}
	return nil
}

// at is an error with its line and column, as the analyser gives them.
func (s strict) at(node googlesql.ResolvedNode, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	where, err := node.GetParseLocationRangeOrNULL()
	if err != nil || where == nil {
		return fmt.Errorf("%s", text)
	}
	start, err := where.Start()
	if err != nil {
		return err
	}
	offset, err := start.GetByteOffset()
	if err != nil || int(offset) > len(s.sql) {
		return fmt.Errorf("%s", text)
	}
	before := s.sql[:offset]
	return fmt.Errorf("%s [at %d:%d]", text, 1+strings.Count(before, "\n"), len(before)-strings.LastIndex(before, "\n"))
}
