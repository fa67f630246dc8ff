package github

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"
)

// statusFields are what GraphQL is asked of a deployment; REST knows the rest. The first twenty statuses are all there
// are, but for a few deployments.
const statusFields = `... on Deployment { id updatedAt latestEnvironment statuses(first: 20) { ` + oneStatus + ` } }`

const oneStatus = `nodes { id state createdAt updatedAt environment environmentUrl logUrl description creator { __typename login } } pageInfo { hasNextPage endCursor }`

// statusAnswer is what GraphQL says of a deployment.
type statusAnswer struct {
	ID                string
	UpdatedAt         time.Time
	LatestEnvironment *string
	Statuses          *statusPage
}

type statusPage struct {
	Nodes    []json.RawMessage
	PageInfo pageInfo
}

type pageInfo struct {
	HasNextPage bool
	EndCursor   string
}

// status is what the order and the comparison of statuses need.
type status struct {
	ID          string
	State       string
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Environment string
	LogURL      string
}

func statusOf(text json.RawMessage) status {
	var s status
	_ = json.Unmarshal(text, &s) // what cannot be read sorts first, and the transform says what is wrong with it
	return s
}

// statuses asks for deployments by their node ids, in parts where all at once is too much. The answers are in the order
// of the ids; a deployment that has gone has none. An error comes with what was answered before it, and names the
// deployment if it was down to one.
func (s *Source) statuses(ctx context.Context, stream string, ids []string) ([]*statusAnswer, error) {
	z := &s.sizes.statuses
	var out []*statusAnswer
	for len(ids) > 0 {
		n := min(len(ids), z.now)
		var answer struct{ Nodes []*statusAnswer }
		gone, err := s.api.ask(ctx, question{
			stream: stream, params: "$ids: [ID!]!", vars: map[string]any{"ids": ids[:n]},
			fields: "nodes(ids: $ids) { " + statusFields + " }", smallest: n == 1,
		}, &answer)
		switch {
		case err == nil && len(answer.Nodes) != n:
			err = fmt.Errorf("asked for %d deployments, GraphQL answered %d", n, len(answer.Nodes))
		case err != nil && tooMuch(err) && n > 1:
			z.shrink()
			continue
		case err != nil && n == 1:
			err = fmt.Errorf("statuses of the deployment %s: %w", ids[0], err)
		}
		if err != nil {
			return out, err
		}
		for _, m := range gone {
			if _, i := m.at(); m.forbidden && i >= 0 && i < n {
				return out, fmt.Errorf("statuses of the deployment %s: %w", ids[i], m.err(permitDeployments))
			} else if m.forbidden {
				return out, m.err(permitDeployments)
			}
		}
		for i, a := range answer.Nodes {
			if a == nil {
				continue
			}
			if err := s.furtherStatuses(ctx, stream, ids[i], a); err != nil {
				return out, err
			}
		}
		out = append(out, answer.Nodes...)
		ids = ids[n:]
		z.grow()
	}
	return out, nil
}

// furtherStatuses reads the statuses after the first twenty.
func (s *Source) furtherStatuses(ctx context.Context, stream, id string, a *statusAnswer) error {
	if a.Statuses == nil {
		return nil
	}
	for page := a.Statuses.PageInfo; page.HasNextPage; {
		var answer struct {
			Node *struct{ Statuses *statusPage }
		}
		gone, err := s.api.ask(ctx, question{
			stream: stream, params: "$id: ID!, $after: String", vars: map[string]any{"id": id, "after": page.EndCursor},
			fields: "node(id: $id) { ... on Deployment { statuses(first: 100, after: $after) { " + oneStatus + " } } }", smallest: true,
		}, &answer)
		if err != nil {
			return fmt.Errorf("further statuses of the deployment %s: %w", id, err)
		}
		for _, m := range gone {
			return fmt.Errorf("further statuses of the deployment %s: %w", id, m.err(permitDeployments))
		}
		if answer.Node == nil || answer.Node.Statuses == nil {
			return fmt.Errorf("further statuses of the deployment %s: GraphQL answered none", id)
		}
		next := answer.Node.Statuses
		if next.PageInfo.HasNextPage && next.PageInfo.EndCursor == page.EndCursor {
			return fmt.Errorf("further statuses of the deployment %s: the list does not advance", id)
		}
		a.Statuses.Nodes = append(a.Statuses.Nodes, next.Nodes...)
		page = next.PageInfo
	}
	a.Statuses.PageInfo = pageInfo{}
	return nil
}

// ordered gives the statuses in the order in which they were made, whatever order they came in.
func (a *statusAnswer) ordered() []json.RawMessage {
	if a.Statuses == nil {
		return []json.RawMessage{}
	}
	type keyed struct {
		status
		text json.RawMessage
	}
	all := make([]keyed, 0, len(a.Statuses.Nodes))
	for _, text := range a.Statuses.Nodes {
		if string(text) != "null" {
			all = append(all, keyed{statusOf(text), text})
		}
	}
	slices.SortStableFunc(all, func(x, y keyed) int {
		return cmp.Or(x.CreatedAt.Compare(y.CreatedAt), cmp.Compare(x.ID, y.ID))
	})
	out := make([]json.RawMessage, len(all))
	for i, k := range all {
		out[i] = k.text
	}
	return out
}

// fingerprint tells lists apart in a few letters.
func fingerprint(text string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // never fails
	return strconv.FormatUint(h.Sum64(), 36)
}

// fieldsInto decodes members of an object into the variables that are given by name: the answers to aliases.
type fieldsInto map[string]any

// UnmarshalJSON leaves out members that nobody asked for.
func (f *fieldsInto) UnmarshalJSON(text []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return err
	}
	for name, value := range members {
		if into, ok := (*f)[name]; ok {
			if err := json.Unmarshal(value, into); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}
