package github

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What a look may cost: so many pages of an owner's repositories, and so many of those asked about their deployments.
const (
	lookPages        = 3
	lookRepositories = 200
	lookDeployments  = 100
	LookStream       = "look"
)

// Seen is what a token shows of a repository to somebody who has configured nothing yet.
type Seen struct {
	Name           string // acme/api
	Archived, Fork bool
	PushedAt       time.Time
	// Deployments is how many there are; Environments is made of the newest hundred of them. Err says why they could not
	// be read, and Asked whether they were asked for at all.
	Deployments  int
	Environments []SeenEnvironment
	Asked        bool
	Err          error
}

// SeenEnvironment is an environment, and how many of a repository's newest deployments went there.
type SeenEnvironment struct {
	Name        string
	Deployments int
	Newest      time.Time
}

// Look lists the repositories of some owners, or without one those of everybody who lets the token see theirs, the last
// pushed first. Those that are neither archived nor forks are asked about their deployments: 25 of them in one query.
// cut says that there are more than a look goes through.
func (s *Source) Look(ctx context.Context, owners []string) (seen []Seen, cut bool, err error) {
	lists := owners
	if len(lists) == 0 {
		lists = []string{""}
	}
	for _, owner := range lists {
		found, more, err := s.lookAt(ctx, owner)
		if err != nil {
			if owner != "" {
				err = fmt.Errorf("list the repositories of %s: %w", owner, err)
			}
			return nil, false, fmt.Errorf("github: %w", err)
		}
		seen, cut = append(seen, found...), cut || more
	}
	slices.SortStableFunc(seen, func(a, b Seen) int {
		if c := b.PushedAt.Compare(a.PushedAt); c != 0 {
			return c
		}
		return cmp.Compare(a.Name, b.Name)
	})
	seen = slices.CompactFunc(seen, func(a, b Seen) bool { return a.Name == b.Name })
	var ask []*Seen
	for i := range seen {
		if r := &seen[i]; !r.Archived && !r.Fork {
			ask = append(ask, r)
		}
	}
	if len(ask) > lookRepositories {
		ask, cut = ask[:lookRepositories], true
	}
	for n := probeRepositories; len(ask) > 0; {
		n = min(n, len(ask))
		switch err := s.lookAtDeployments(ctx, ask[:n]); {
		case err == nil:
		case fatal(ctx, err):
			return nil, false, fmt.Errorf("github: %w", err)
		case tooMuch(err) && n > 1:
			n /= 2
			continue
		default:
			for _, r := range ask[:n] {
				r.Asked, r.Err = true, err
			}
		}
		ask = ask[n:]
	}
	return seen, cut, nil
}

// lookAt lists the repositories of an owner, or all.
func (s *Source) lookAt(ctx context.Context, owner string) (out []Seen, more bool, err error) {
	newest := func(more ...string) url.Values {
		q := url.Values{"sort": {"pushed"}, "direction": {"desc"}}
		for i := 0; i < len(more); i += 2 {
			q.Set(more[i], more[i+1])
		}
		return q
	}
	if owner == "" || s.app != nil {
		path := "user/repos"
		if s.app != nil {
			path = "installation/repositories"
		}
		out, more, err = s.lookThrough(ctx, path, newest())
		return slices.DeleteFunc(out, func(r Seen) bool { return owner != "" && !strings.EqualFold(strings.Split(r.Name, "/")[0], owner) }), more, err
	}
	out, more, err = s.lookThrough(ctx, "orgs/"+url.PathEscape(owner)+"/repos", newest("type", "all"))
	if !isStatus(err, http.StatusNotFound) {
		return out, more, err
	}
	// A user's list is of public ones; the private ones are in the token's own.
	if out, more, err = s.lookThrough(ctx, "users/"+url.PathEscape(owner)+"/repos", newest("type", "owner")); err != nil {
		return nil, false, err
	}
	own, _, err := s.lookThrough(ctx, "user/repos", newest("visibility", "private"))
	if err != nil {
		return out, more, nil //nolint:nilerr // a token that is nobody's has no list
	}
	for _, r := range own {
		if strings.EqualFold(strings.Split(r.Name, "/")[0], owner) {
			out = append(out, r)
		}
	}
	return out, more, nil
}

// lookThrough reads the first pages of a list.
func (s *Source) lookThrough(ctx context.Context, path string, query url.Values) (out []Seen, more bool, err error) {
	query.Set("per_page", strconv.Itoa(perPage))
	for page, n := 1, 0; page > 0; n++ {
		if n == lookPages {
			return out, true, nil
		}
		query.Set("page", strconv.Itoa(page))
		var list lookList
		if page, err = s.api.get(ctx, LookStream, path, query, &list); err != nil {
			return nil, false, err
		}
		for _, r := range list {
			out = append(out, Seen{Name: r.FullName, Archived: r.Archived, Fork: r.Fork, PushedAt: r.PushedAt})
		}
	}
	return out, false, nil
}

// lookList is a page of repositories; the one of an installation is wrapped.
type lookList []struct {
	FullName       string `json:"full_name"`
	Archived, Fork bool
	PushedAt       time.Time `json:"pushed_at"`
}

// UnmarshalJSON reads either form.
func (l *lookList) UnmarshalJSON(text []byte) error {
	type plain lookList
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		return json.Unmarshal(text, (*plain)(l))
	}
	var wrapped struct{ Repositories plain }
	err := json.Unmarshal(text, &wrapped)
	*l = lookList(wrapped.Repositories)
	return err
}

// lookAtDeployments asks for the newest deployments of some repositories, in one query.
func (s *Source) lookAtDeployments(ctx context.Context, some []*Seen) error {
	type node struct {
		Environment, LatestEnvironment string
		CreatedAt                      time.Time
	}
	type repository struct {
		Deployments *struct {
			TotalCount int
			Nodes      []node
		}
	}
	q := question{stream: LookStream, vars: map[string]any{}, smallest: len(some) == 1}
	answers, into := make([]*repository, len(some)), fieldsInto{}
	var params, fields []string
	for i, r := range some {
		params = append(params, fmt.Sprintf("$o%d: String!, $n%d: String!", i, i))
		owner, name, _ := strings.Cut(r.Name, "/")
		q.vars[fmt.Sprint("o", i)], q.vars[fmt.Sprint("n", i)] = owner, name
		fields = append(fields, fmt.Sprintf(`r%d: repository(owner: $o%d, name: $n%d) {
  deployments(first: %d, orderBy: {field: CREATED_AT, direction: DESC}) { totalCount nodes { environment latestEnvironment createdAt } }
}`, i, i, i, lookDeployments))
		into[fmt.Sprint("r", i)] = &answers[i]
	}
	q.params, q.fields = strings.Join(params, ", "), strings.Join(fields, "\n")
	gone, err := s.api.ask(ctx, q, into)
	if err != nil {
		return err
	}
	for i, r := range some {
		r.Asked = true
		for _, m := range gone {
			if alias, _ := m.at(); alias == fmt.Sprint("r", i) {
				r.Err = m.err(permitDeployments)
			}
		}
		if answers[i] == nil || answers[i].Deployments == nil {
			continue
		}
		r.Deployments = answers[i].Deployments.TotalCount
		at := map[string]int{}
		for _, d := range answers[i].Deployments.Nodes {
			name := d.LatestEnvironment
			if name == "" {
				name = d.Environment
			}
			k, known := at[strings.ToLower(name)]
			if !known {
				k = len(r.Environments)
				at[strings.ToLower(name)] = k
				r.Environments = append(r.Environments, SeenEnvironment{Name: name, Newest: d.CreatedAt})
			}
			r.Environments[k].Deployments++
		}
	}
	return nil
}
