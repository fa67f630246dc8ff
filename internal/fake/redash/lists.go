package redash

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// paged gives a page of a list.
func paged(c *call, all []object) reply {
	number := func(name string, usual int) int {
		text := c.query.Get(name)
		if text == "" {
			return usual
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return -1
		}
		return n
	}
	p, size := number("page", 1), number("page_size", 25)
	switch {
	case size < 1 || size > 250:
		return problem(http.StatusBadRequest, "Page size is out of range (1-250).")
	case p < 1:
		return problem(http.StatusBadRequest, "Page must be positive integer.")
	case len(all) > 0 && (p-1)*size+1 > len(all):
		return problem(http.StatusBadRequest, "Page is out of range.")
	}
	from := min((p-1)*size, len(all))
	return ok(object{"count": len(all), "page": p, "page_size": size, "results": all[from:min(from+size, len(all))]})
}

// ordered sorts a list as it is asked for: by name or created_at, the newest first if nothing is said.
func ordered(c *call, all []object) []object {
	by, down := strings.CutPrefix(c.query.Get("order"), "-")
	if by == "" {
		by, down = "created_at", true
	}
	slices.SortStableFunc(all, func(a, b object) int {
		n := strings.Compare(fmt.Sprint(a[by]), fmt.Sprint(b[by]))
		if down {
			return -n
		}
		return n
	})
	return all
}

// tagsOf reads tags from a body; the empty ones are dropped.
func tagsOf(v any) []string {
	out := []string{}
	list, _ := v.([]any)
	for _, t := range list {
		if text, isText := t.(string); isText && text != "" {
			out = append(out, text)
		}
	}
	return out
}

// tagged says whether tags have all that a list asks for, each exactly.
func tagged(c *call, tags []string) bool {
	return !slices.ContainsFunc(c.query["tags"], func(t string) bool { return !slices.Contains(tags, t) })
}

// countTags gives how often each tag is used.
func countTags(lists [][]string) reply {
	counts := map[string]int{}
	for _, l := range lists {
		for _, t := range l {
			counts[t]++
		}
	}
	out := []object{}
	for _, t := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, object{"name": t, "count": counts[t]})
	}
	return ok(object{"tags": out})
}
