package github

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"fourfold/extract"
	"fourfold/transform"
)

// Statuses are added to deployments of any age and move them in no list. These may yet change what is made of them:
//   - those without a success that are younger than refreshRecent: they may yet succeed, which is their finish;
//   - those without a success that are older and whose last status is no end;
//   - those that are older and came to an end without a success: somebody may run them again;
//   - those that succeeded within the last day, for the page that shows their present state.
//
// What succeeded before keeps its finish for ever (D1): a full read brings its later statuses.
//
// They are asked for by id, a hundred for a point, in the room that the probe's points have left: an unchanged repository
// costs no more for it. Where there is not room for all without a success, the youngest are asked for in every run and the
// others in turn, those that came to an end in what room is left, and so are those that succeeded, in half of it at least.
const (
	refreshRecent    = 30 * 24 * time.Hour
	refreshSucceeded = 24 * time.Hour
)

// refreshing are deployments to ask for again: their ids in the ledger and, in the same order, in GraphQL.
type refreshing struct{ ids, nodes []string }

type candidate struct {
	id, node string
	created  time.Time
	first    bool // without a success, and young
}

// toRefresh chooses from what has landed. A read of everything asks for all of them anyway.
func (s *Source) toRefresh(ctx context.Context, in extract.Input, all *resolution, cur *position[deploymentPlace]) (refreshing, error) {
	var out refreshing
	if cur.Whole && !cur.Begun {
		return out, nil
	}
	read := map[string]bool{}
	for _, r := range all.repositories {
		read[r.ID] = true
	}
	var open, done, ended []candidate
	for o, err := range in.Ledger.Scan(ctx, transform.GithubDeployments, "repository_id", "node_id", "created_at", "finished_at", "latest_state") {
		if err != nil {
			return out, fmt.Errorf("look through the deployments that have landed: %w", err)
		}
		c := candidate{id: o.ID, node: o.Columns[1]}
		c.created, _ = time.Parse(time.RFC3339, o.Columns[2]) // the ledger's own
		finished, _ := time.Parse(time.RFC3339, o.Columns[3])
		if !read[o.Columns[0]] || c.node == "" {
			continue
		}
		c.first = in.RunAt.Sub(c.created) < refreshRecent
		switch {
		case finished.IsZero() && (c.first || !isEnd(o.Columns[4])):
			open = append(open, c)
		case finished.IsZero():
			ended = append(ended, c)
		case in.RunAt.Sub(finished) < refreshSucceeded:
			done = append(done, c)
		}
	}
	room := refreshRoom(len(all.repositories))
	chosen := open
	if len(open) > room {
		chosen, cur.Turn = inTurn(open, room, cur.Turn)
	}
	slices.SortFunc(done, youngest)
	left := room - len(chosen)
	done = done[:min(len(done), max(left/2, left-len(ended)))]
	if left -= len(done); len(ended) > left {
		ended, cur.Turn = inTurn(ended, left, cur.Turn)
	}
	chosen = slices.Concat(chosen, done, ended)
	for _, c := range chosen {
		out.ids, out.nodes = append(out.ids, c.id), append(out.nodes, c.node)
	}
	return out, nil
}

// isEnd reports whether nothing follows a state by itself.
func isEnd(state string) bool {
	switch strings.ToLower(state) {
	case "failure", "error", "inactive":
		return true
	}
	return false
}

// refreshRoom is how many deployments can be asked for at one point a repository, the probe's included.
func refreshRoom(repositories int) int {
	probes := (repositories + probeRepositories - 1) / probeRepositories
	return probes*pointNodes - 2*repositories + (repositories-probes)*pointNodes
}

func youngest(a, b candidate) int {
	return cmp.Or(b.created.Compare(a.created), strings.Compare(a.id, b.id))
}

// inTurn chooses as many as there is room for: the youngest of those that matter most in half of it, and in the other half
// the rest in the order of their ids, after the one that was asked for last.
func inTurn(all []candidate, room int, turn string) ([]candidate, string) {
	slices.SortFunc(all, func(a, b candidate) int {
		if a.first != b.first {
			if a.first {
				return -1
			}
			return 1
		}
		return youngest(a, b)
	})
	young := room / 2
	chosen, rest := slices.Clone(all[:young]), all[young:]
	slices.SortFunc(rest, func(a, b candidate) int { return strings.Compare(a.id, b.id) })
	from, _ := slices.BinarySearchFunc(rest, turn, func(c candidate, id string) int {
		if c.id <= id {
			return -1
		}
		return 1
	})
	for i := range room - young {
		c := rest[(from+i)%len(rest)]
		chosen, turn = append(chosen, c), c.id
	}
	return chosen, turn
}

// landRefreshed lands the deployments whose statuses have changed: what has landed of them, with the new statuses. One
// that has gone has no answer and stays until a full read.
func (s *Source) landRefreshed(ctx context.Context, in extract.Input, all *resolution, cur *position[deploymentPlace], asked refreshing, answers map[string]*statusAnswer, land land) error {
	if len(asked.ids) == 0 {
		return nil
	}
	payloads, err := in.Ledger.Lookup(ctx, transform.GithubDeployments, "payload", asked.ids)
	if err != nil {
		return fmt.Errorf("look up deployments that have landed: %w", err)
	}
	names := map[string]string{}
	for _, r := range all.repositories {
		names[r.ID] = r.FullName
	}
	var records []extract.Record
	for i, id := range asked.ids {
		a := answers[asked.nodes[i]]
		if a == nil || payloads[id] == "" {
			continue
		}
		var row deploymentRecord
		if err := decode("the landed deployment "+id, json.RawMessage(payloads[id]), &row); err != nil {
			return err
		}
		if sameStatuses(row, a) {
			continue
		}
		row.answered(a)
		row.Repository = names[row.RepositoryID]
		records = append(records, row.record())
	}
	if len(records) == 0 && cur.Turn == "" {
		return nil
	}
	return land(cur.page(records))
}

// sameStatuses reports whether nothing has changed that makes a version. Who made a status is no part of it: the ledger
// may have another name for people.
func sameStatuses(row deploymentRecord, a *statusAnswer) bool {
	now := a.ordered()
	if len(row.Statuses) != len(now) || (row.LatestEnvironment == nil) != (a.LatestEnvironment == nil) ||
		row.LatestEnvironment != nil && *row.LatestEnvironment != *a.LatestEnvironment {
		return false
	}
	for i := range now {
		x, y := statusOf(row.Statuses[i]), statusOf(now[i])
		x.UpdatedAt, y.UpdatedAt = time.Time{}, time.Time{}
		x.CreatedAt, y.CreatedAt = x.CreatedAt.UTC(), y.CreatedAt.UTC()
		if x != y {
			return false
		}
	}
	return true
}
