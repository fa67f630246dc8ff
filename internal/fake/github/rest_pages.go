package github

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// number reads a whole number from the query; anything else is the default, as GitHub has it.
func (c *restCall) number(name string, byDefault, most int) int {
	n, err := strconv.Atoi(c.query.Get(name))
	if err != nil || n < 1 {
		return byDefault
	}
	return min(n, most)
}

// pageOf cuts the page that was asked for out of a list and sets the Link header. render is called for its rows only.
func pageOf[T any](c *restCall, list []T, render func(T) object) []any {
	size, page := c.number("per_page", 30, 100), c.number("page", 1, 1<<30)
	out := []any{}
	from := min((page-1)*size, len(list))
	for _, x := range list[from:min(from+size, len(list))] {
		out = append(out, render(x))
	}
	c.pageLinks(page, (len(list)+size-1)/size)
	return out
}

// pageLinks writes links as GitHub does: below /repositories/{id}, with the parameters as they were given.
func (c *restCall) pageLinks(page, last int) {
	path := c.r.URL.Path
	if c.repo != nil && strings.HasPrefix(path, "/repos/") {
		path = fmt.Sprintf("/repositories/%d/", c.repo.ID) + strings.SplitN(path, "/", 5)[4]
	}
	var links []string
	add := func(rel string, n int) {
		q := url.Values{}
		for name, values := range c.query {
			q[name] = slices.Clone(values)
		}
		q.Set("page", itoa(n))
		links = append(links, fmt.Sprintf(`<%s%s?%s>; rel="%s"`, c.base(), path, q.Encode(), rel))
	}
	if page > 1 {
		add("prev", page-1)
	}
	if page < last {
		add("next", page+1)
		add("last", last)
	}
	if page > 1 {
		add("first", 1)
	}
	c.links = strings.Join(links, ", ")
}
