package github

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"
)

// connection is one page of a list.
type connection struct {
	kind    string // name of its type
	total   int
	nodes   []any
	info    pageInfo
	authors int // of a comparison
}

type pageInfo struct {
	start, end        any
	hasNext, hasPrior bool
}

// keyed is an element of a list with what it is sorted by: a text that no other element has and that does not change
// when others come and go, so that a cursor stays good.
type keyed struct {
	key   string
	value any
}

// checkPage refuses a connection without first or last, or with too much of it.
func checkPage(name string, args map[string]any) error {
	first, hasFirst := args["first"]
	last, hasLast := args["last"]
	hasFirst, hasLast = hasFirst && first != nil, hasLast && last != nil
	if !hasFirst && !hasLast {
		return &graphError{Type: "MISSING_PAGINATION_BOUNDARIES", Message: fmt.Sprintf("You must provide a `first` or `last` value to properly paginate the `%s` connection.", name)}
	}
	for which, v := range map[string]any{"first": first, "last": last} {
		switch n := intOf(v); {
		case n > pageLimit:
			return &graphError{Type: "EXCESSIVE_PAGINATION", Message: fmt.Sprintf("Requesting %d records on the `%s` connection exceeds the `%s` limit of %d records.", n, name, which, pageLimit)}
		case n < 0:
			return &graphError{Type: "ARGUMENT_LIMIT", Message: fmt.Sprintf("`%s` on the `%s` connection cannot be less than zero.", which, name)}
		}
	}
	return nil
}

// page cuts a list, which it sorts by key, descending if it is to be.
func page(kind string, list []keyed, descending bool, args map[string]any) (any, error) {
	slices.SortFunc(list, func(a, b keyed) int {
		if descending {
			return strings.Compare(b.key, a.key)
		}
		return strings.Compare(a.key, b.key)
	})
	from, to := 0, len(list)
	beyond := func(cursor string) (int, bool, error) {
		key, ok := openCursor(cursor)
		if !ok {
			return 0, false, &graphError{Type: "INVALID_CURSOR_ARGUMENTS", Message: fmt.Sprintf("`%s` does not appear to be a valid cursor.", cursor)}
		}
		i, here := slices.BinarySearchFunc(list, key, func(x keyed, key string) int {
			if descending {
				return strings.Compare(key, x.key)
			}
			return strings.Compare(x.key, key)
		})
		return i, here, nil
	}
	if after, ok := args["after"].(string); ok {
		i, here, err := beyond(after)
		if err != nil {
			return nil, err
		}
		if from = i; here {
			from++
		}
	}
	if before, ok := args["before"].(string); ok {
		i, _, err := beyond(before)
		if err != nil {
			return nil, err
		}
		to = max(from, i)
	}
	if n, ok := args["first"]; ok && n != nil {
		to = min(to, from+intOf(n))
	}
	if n, ok := args["last"]; ok && n != nil {
		from = max(from, to-intOf(n))
	}
	c := &connection{kind: kind, total: len(list), nodes: []any{}, info: pageInfo{hasNext: to < len(list), hasPrior: from > 0}}
	for _, x := range list[from:to] {
		c.nodes = append(c.nodes, x.value)
	}
	if from < to {
		c.info.start, c.info.end = cursorOf(list[from].key), cursorOf(list[to-1].key)
	}
	return c, nil
}

func cursorOf(key string) string {
	return base64.StdEncoding.EncodeToString([]byte("cursor:v2:" + key))
}

func openCursor(cursor string) (string, bool) {
	text, err := base64.StdEncoding.DecodeString(cursor)
	if err != nil {
		return "", false
	}
	return strings.CutPrefix(string(text), "cursor:v2:")
}

// timeKey sorts by time, then by id.
func timeKey(at time.Time, id int64) string { return fmt.Sprintf("%020d %020d", at.Unix()+1<<40, id) }

// inOrder keys a list by its present order.
func inOrder[T any](list []T, value func(T) any) []keyed {
	out := make([]keyed, 0, len(list))
	for i, x := range list {
		out = append(out, keyed{fmt.Sprintf("%09d", i), value(x)})
	}
	return out
}

// orderOf reads an orderBy argument.
func orderOf(args map[string]any, byDefault string) (field string, descending bool) {
	o, _ := args["orderBy"].(map[string]any)
	if o == nil {
		return byDefault, false
	}
	field, _ = o["field"].(string)
	return field, o["direction"] == "DESC"
}

// texts reads a list argument of strings or enum values; nil if it is not given.
func texts(v any) []string {
	if v == nil {
		return nil
	}
	out := []string{}
	for _, x := range listOf(v) {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
