package github

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fourfold/extract"
)

const (
	// probeRepositories are asked about in one query: two connections each, so that there is room for half a hundred
	// deployments within a point.
	probeRepositories = 25
	// probeNewest is how many of the newest a probe looks at. More than one, since the newest is not always the last to
	// become visible; the number costs nothing.
	probeNewest = 10
	// pointNodes are the calls that a query may make for one point, less a few for the query itself.
	pointNodes = 95
)

// probe is what a run learned of all repositories before it read any list: for each, what its newest deployments and its
// last changed pull requests are. A repository where they are those of the last run has nothing new.
//
// One query asks for many repositories, and for the statuses of deployments that are to be refreshed: an unchanged
// repository costs a fiftieth of a point here. A repository that is not in the answer is read as if it had changed, and
// then says why.
type probe struct {
	at           time.Time
	deployments  map[string]string // by repository id
	pullRequests map[string]string
}

// newest asks the probe's question for all repositories and, where there is room, for the statuses of some deployments.
// statuses holds an answer for each deployment that was asked for and answered.
func (s *Source) newest(ctx context.Context, stream string, in extract.Input, all *resolution, refresh []string) (*probe, map[string]*statusAnswer, error) {
	answers := map[string]*statusAnswer{}
	if s.probed != nil && sameRun(s.probed.at, in) && len(refresh) == 0 {
		return s.probed, answers, nil
	}
	p := &probe{at: in.RunAt, deployments: map[string]string{}, pullRequests: map[string]string{}}
	rest := all.repositories
	for len(rest) > 0 {
		n := min(len(rest), s.sizes.probe.now)
		nodes := min(len(refresh), pointNodes-2*n)
		err := s.probeSome(ctx, stream, rest[:n], refresh[:nodes], p, answers)
		switch {
		case err == nil:
			s.sizes.probe.grow()
		case fatal(ctx, err):
			return nil, nil, err
		case tooMuch(err) && n > 1:
			s.sizes.probe.shrink()
			continue
		default:
			s.log.Warn("what is new cannot be asked for at once; reading each repository", "error", err)
			nodes = 0
		}
		rest, refresh = rest[n:], refresh[nodes:]
	}
	s.probed = p
	// What had no room is asked for by itself, a point for each hundred.
	if err := s.refreshRest(ctx, stream, refresh, answers); err != nil {
		return nil, nil, err
	}
	return p, answers, nil
}

func (s *Source) refreshRest(ctx context.Context, stream string, refresh []string, answers map[string]*statusAnswer) error {
	for len(refresh) > 0 {
		n := min(len(refresh), pointNodes)
		got, err := s.statuses(ctx, stream, refresh[:n])
		if err != nil {
			if fatal(ctx, err) {
				return err
			}
			s.log.Warn("the statuses of some deployments could not be asked for again; the next run does", "error", err)
		}
		for i, a := range got {
			if a != nil {
				answers[refresh[i]] = a
			}
		}
		refresh = refresh[n:]
	}
	return nil
}

func (s *Source) probeSome(ctx context.Context, stream string, repositories []repository, refresh []string, p *probe, answers map[string]*statusAnswer) error {
	q := question{stream: stream, vars: map[string]any{}, smallest: len(repositories) == 1 && len(refresh) == 0}
	var params, fields []string
	for i, r := range repositories {
		params = append(params, fmt.Sprintf("$o%d: String!, $n%d: String!", i, i))
		q.vars[fmt.Sprint("o", i)], q.vars[fmt.Sprint("n", i)] = r.owner(), r.name()
		fields = append(fields, fmt.Sprintf(`r%d: repository(owner: $o%d, name: $n%d) {
  deployments(first: %d, orderBy: {field: CREATED_AT, direction: DESC}) { nodes { id } }
  pullRequests(states: MERGED, first: %d, orderBy: {field: UPDATED_AT, direction: DESC}) { nodes { id updatedAt } }
}`, i, i, i, probeNewest, probeNewest))
	}
	if len(refresh) > 0 {
		params = append(params, "$ids: [ID!]!")
		q.vars["ids"] = refresh
		fields = append(fields, "nodes(ids: $ids) { "+statusFields+" }")
	}
	q.params, q.fields = strings.Join(params, ", "), strings.Join(fields, "\n")

	answer := map[string]any{}
	type node struct{ ID, UpdatedAt string }
	type connection struct{ Nodes []node }
	type repo struct{ Deployments, PullRequests *connection }
	repos := make([]*repo, len(repositories))
	for i := range repositories {
		answer[fmt.Sprint("r", i)] = &repos[i]
	}
	var nodes []*statusAnswer
	answer["nodes"] = &nodes
	gone, err := s.api.ask(ctx, q, fieldsInto(answer))
	if err != nil {
		return err
	}
	for i, r := range repositories {
		head := func(c *connection) (string, bool) {
			if c == nil {
				return "", false
			}
			var b strings.Builder
			for _, n := range c.Nodes {
				b.WriteString(n.ID + "@" + n.UpdatedAt + " ")
			}
			return fingerprint(b.String()), true
		}
		if repos[i] == nil {
			continue
		}
		if h, ok := head(repos[i].Deployments); ok {
			p.deployments[r.ID] = h
		}
		if h, ok := head(repos[i].PullRequests); ok {
			p.pullRequests[r.ID] = h
		}
	}
	for _, m := range gone { // repositories are read one by one then; a deployment that has gone is the sweep's business
		s.log.Debug("not in the probe's answer", "path", m.path, "message", m.message)
	}
	for i, a := range nodes {
		if a == nil || i >= len(refresh) {
			continue
		}
		if err := s.furtherStatuses(ctx, stream, refresh[i], a); err != nil {
			return err
		}
		answers[refresh[i]] = a
	}
	return nil
}
