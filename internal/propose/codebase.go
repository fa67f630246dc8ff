package propose

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fourfold/extract/github"
)

// codebase is what a token shows of GitHub.
type codebase struct {
	seen     []github.Seen // neither archived nor forks, by name
	archived int
	forks    int
	cut      bool // there is more than was looked at
	requests int64
	unread   []error  // of single repositories
	owners   []string // of repositories that deploy, in the order of seen
}

func readCodebase(ctx context.Context, src *github.Source, o Options) (*codebase, error) {
	all, cut, err := src.Look(ctx, o.Owners)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b github.Seen) int { return strings.Compare(a.Name, b.Name) })
	c := &codebase{cut: cut, requests: src.Counts(github.LookStream).Requests}
	for _, r := range all {
		switch {
		case r.Archived:
			c.archived++
		case r.Fork:
			c.forks++
		default:
			c.seen = append(c.seen, r)
		}
		if r.Err != nil {
			c.unread = append(c.unread, fmt.Errorf("%s: %w", r.Name, r.Err))
		}
		if owner := ownerOf(r.Name); r.Deployments > 0 && !slices.Contains(c.owners, owner) {
			c.owners = append(c.owners, owner)
		}
	}
	return c, nil
}

func ownerOf(name string) string    { owner, _, _ := strings.Cut(name, "/"); return owner }
func lastPartOf(name string) string { _, last, _ := strings.Cut(name, "/"); return last }

// deploying are the repositories of an owner that have deployments; "" is of all.
func (c *codebase) deploying(owner string) []github.Seen {
	var out []github.Seen
	for _, r := range c.seen {
		if r.Deployments > 0 && (owner == "" || ownerOf(r.Name) == owner) {
			out = append(out, r)
		}
	}
	return out
}

// entry is one of sources.github.repositories.
type entry struct{ name, from string }

// few is how many repositories are listed by their names rather than by a pattern.
const few = 8

// entries names the repositories that deploy: each, or by a pattern where they are many or all of an owner's.
func (c *codebase) entries() []entry {
	var out []entry
	for _, owner := range c.owners {
		deploying, of := c.deploying(owner), 0
		for _, r := range c.seen {
			if ownerOf(r.Name) == owner {
				of++
			}
		}
		if n := len(deploying); n > few || n > 1 && n == of {
			out = append(out, entry{owner + "/*", fmt.Sprintf("from GitHub: %d of the %d repositories of %s that were looked at have deployments", n, of, owner)})
			continue
		}
		for _, r := range deploying {
			out = append(out, entry{r.Name, fmt.Sprintf("from GitHub: %s, last pushed %s", things(r.Deployments, "deployment"), day(r.PushedAt))})
		}
	}
	return out
}

// idlers are repositories without deployments.
func (c *codebase) idlers() []string {
	var out []string
	for _, r := range c.seen {
		if r.Deployments == 0 && r.Err == nil {
			out = append(out, r.Name)
		}
	}
	return out
}

func (c *codebase) words() string {
	s := fmt.Sprintf("GitHub, asked %s: %s, %d of them with deployments", times(c.requests), repositories(len(c.seen)), len(c.deploying("")))
	if c.cut {
		s += "; there are more than were looked at"
	}
	if len(c.unread) > 0 {
		s += fmt.Sprintf("; the deployments of %d could not be read: %v", len(c.unread), c.unread[0])
	}
	return s
}

// environments says in words where the newest deployments of some repositories went, and which names are production.
func environments(repos []github.Seen) (words []string, prod []string) {
	type group struct {
		name   string
		names  map[string]bool
		count  int
		newest time.Time
	}
	var groups []*group
	for _, r := range repos {
		for _, e := range r.Environments {
			if isProduction(e.Name) && !slices.ContainsFunc(prod, func(p string) bool { return strings.EqualFold(p, e.Name) }) {
				prod = append(prod, e.Name)
			}
			key := strings.ToLower(family(e.Name))
			i := slices.IndexFunc(groups, func(g *group) bool { return strings.ToLower(family(g.name)) == key })
			if i < 0 {
				groups, i = append(groups, &group{name: e.Name, names: map[string]bool{}}), len(groups)
			}
			g := groups[i]
			g.names[strings.ToLower(e.Name)] = true
			g.count += e.Deployments
			if e.Newest.After(g.newest) {
				g.newest = e.Newest
			}
		}
	}
	slices.SortStableFunc(groups, func(a, b *group) int { return b.count - a.count })
	for _, g := range groups {
		name := g.name
		if len(g.names) > 1 {
			name = fmt.Sprintf("%s, which are %d:", family(g.name), len(g.names))
		}
		words = append(words, fmt.Sprintf("%s %d (newest %s)", name, g.count, day(g.newest)))
	}
	slices.Sort(prod)
	return words, prod
}

func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.DateOnly)
}

func times[N int | int64](n N) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func things(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func repositories(n int) string {
	if n == 1 {
		return "1 repository"
	}
	return fmt.Sprintf("%d repositories", n)
}
