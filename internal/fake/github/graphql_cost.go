package github

import (
	"math"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

const (
	nodeLimit = 500_000 // nodes that one query may ask for
	pageLimit = 100     // first and last
)

// cost of a query by the documented formula, from its text and variables alone.
type cost struct {
	requests int // to fetch every connection for every parent
	nodes    int // that the connections may hold
	first    int // the greatest first, last or number of ids
}

// points is the requests by a hundred, rounded, and at least one.
func (c cost) points() int { return max(1, int(math.Round(float64(c.requests)/100))) }

// count adds up the whole operation.
func (c *graphCall) count() cost {
	var total cost
	c.countSets(c.operation.SelectionSet, 1, &total, map[string]bool{}, "")
	for _, f := range c.collect("Query", []ast.SelectionSet{c.operation.SelectionSet}) {
		if f.nodes[0].Name == "rateLimit" && f.nodes[0].ArgumentMap(c.variables)["dryRun"] == true {
			c.dry = true
		}
	}
	return total
}

// countSets walks a selection. A connection costs one request for each of its parents; what is selected twice under one
// name, in the text or by fragments, counts once.
func (c *graphCall) countSets(set ast.SelectionSet, parents int, total *cost, seen map[string]bool, at string) {
	for _, selection := range set {
		if c.left(selection) {
			continue
		}
		switch s := selection.(type) {
		case *ast.FragmentSpread:
			c.countSets(s.Definition.SelectionSet, parents, total, seen, at)
		case *ast.InlineFragment:
			c.countSets(s.SelectionSet, parents, total, seen, at)
		case *ast.Field:
			key := at + "/" + s.ObjectDefinition.Name + "." + s.Alias
			below := parents
			if isConnection(s) {
				n := asked(s.ArgumentMap(c.variables))
				if !seen[key] {
					total.requests += parents
					total.nodes += parents * n
					total.first = max(total.first, n)
				}
				below = parents * n
			} else if s.Name == "nodes" && s.ObjectDefinition.Name == "Query" {
				below = len(listOf(s.ArgumentMap(c.variables)["ids"]))
				total.first = max(total.first, below)
			}
			seen[key] = true
			c.countSets(s.SelectionSet, below, total, seen, key)
		}
	}
}

func isConnection(f *ast.Field) bool {
	return f.Definition != nil && strings.HasSuffix(f.Definition.Type.Name(), "Connection") && f.Definition.Arguments.ForName("first") != nil
}

// asked is how many nodes a connection is asked for.
func asked(args map[string]any) int {
	return max(0, min(pageLimit, max(intOf(args["first"]), intOf(args["last"]))))
}

func intOf(v any) int {
	switch n := v.(type) {
	case int64:
		return int(n)
	case int:
		return n
	case float64:
		return int(n)
	case interface{ Int64() (int64, error) }: // json.Number
		i, _ := n.Int64()
		return int(i)
	}
	return 0
}

// listOf gives a list argument; a single value is a list of one, as the language has it.
func listOf(v any) []any {
	switch l := v.(type) {
	case nil:
		return nil
	case []any:
		return l
	case []string:
		out := make([]any, 0, len(l))
		for _, s := range l {
			out = append(out, s)
		}
		return out
	}
	return []any{v}
}

// grouped writes a number with commas.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
