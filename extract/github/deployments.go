package github

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"time"

	"fourfold/extract"
	"fourfold/transform"
)

// deploymentPlace is how far the deployments of a repository have been read.
type deploymentPlace struct {
	// Since is the scope that they were read in; zero for everything.
	Since time.Time `json:"since,omitzero"`
	// Mark is a deployment: all in scope up to it have landed.
	Mark made `json:"mark,omitzero"`
	// Head is what the probe said when that was so: while it says the same, nothing is new.
	Head string `json:"head,omitempty"`
	// Read is a list that is being read; nil between reads.
	Read *deploymentList `json:"read,omitempty"`
}

// deploymentList is how far down a list has been read: from Top to Last everything has landed.
type deploymentList struct {
	Top  made `json:"top,omitzero"`
	Last made `json:"last,omitzero"`
	Page int  `json:"page,omitempty"` // to be read next, from 1
}

// made is a deployment's place in the list: when it was made, and its number among those made in the same second.
type made struct {
	At time.Time `json:"at,omitzero"`
	ID int64     `json:"id,omitempty"`
}

func (m made) compare(o made) int { return cmp.Or(m.At.Compare(o.At), cmp.Compare(m.ID, o.ID)) }

func (m made) before(o made) bool { return m.compare(o) < 0 }

// readDeployments reads what is new, and what may have changed where no list shows it.
//
// Why none is missed. GitHub lists deployments newest first, by when they were made, and can neither filter nor sort them
// by change. A list is read from its top down to Mark, the newest up to which everything has landed, and Mark moves only
// when that was reached. A list that is cut off keeps its place in the cursor
// and is read to its end first; then what was made above its Top is read, down to the new Mark. What is made while a
// list is read pushes the rest down: some come twice, none is passed over. A page is taken whole, beyond Mark too, so
// that one that became visible late is met.
//
// The other way, a deployment that is deleted pulls the rest up, and those at the edge of a page may slip by. Between two
// runs that is likely, so a list that is taken up again steps back until it meets what it had read. Between two pages of
// one run it takes a deletion within that second; the full check would bring what slipped by.
//
// Statuses change without moving a deployment in any list, so those that may yet change are asked for by their ids: see
// toRefresh.
//
// Deletions leave no trace. A full read lists everything in scope, and what it did not meet has gone.
func (s *Source) readDeployments(ctx context.Context, in extract.Input) iter.Seq2[extract.Page, error] {
	return func(yield func(extract.Page, error) bool) {
		if err := s.deployments(ctx, in, landing(yield)); err != nil && !errors.Is(err, errStopped) {
			yield(extract.Page{}, err)
		}
	}
}

func (s *Source) deployments(ctx context.Context, in extract.Input, land land) error {
	const stream = "deployments"
	all, err := s.repositories(ctx, stream, in)
	if err != nil {
		return err
	}
	cur := decodePosition[deploymentPlace](s, stream, in, s.opts.People)
	refresh, err := s.toRefresh(ctx, in, all, cur)
	if err != nil {
		return err
	}
	probe, answers, err := s.newest(ctx, stream, in, all, refresh.nodes)
	if err != nil {
		return err
	}
	if err := s.landRefreshed(ctx, in, all, cur, refresh, answers, land); err != nil {
		return err
	}
	whole, err := s.eachRepository(ctx, all, stream, func(r repository) error {
		return s.deploymentsOf(ctx, in, r, cur, probe.deployments[r.ID], land)
	})
	return finish(ctx, s, in, transform.GithubDeployments, "created_at", unread(all), cur, whole, err, land)
}

// deploymentsOf reads what is new in one repository. head is what the probe says of it, "" if it does not.
func (s *Source) deploymentsOf(ctx context.Context, in extract.Input, r repository, cur *position[deploymentPlace], head string, land land) error {
	place := cur.Repositories[r.ID]
	if place == nil || !covers(place.Since, in.Since) {
		place = &deploymentPlace{Since: in.Since}
		cur.Repositories[r.ID] = place
	}
	if place.Read != nil && place.Read.Last != (made{}) {
		place.Read.Page = max(1, place.Read.Page-1)
		if err := s.readDeploymentList(ctx, r, cur, place, "", land); err != nil {
			return err
		}
	}
	if place.Head != "" && place.Head == head {
		return nil
	}
	place.Read = &deploymentList{Page: 1}
	return s.readDeploymentList(ctx, r, cur, place, head, land)
}

// readDeploymentList reads a list from its place to what has landed, to the edge of the scope or to its end.
func (s *Source) readDeploymentList(ctx context.Context, r repository, cur *position[deploymentPlace], place *deploymentPlace, head string, land land) error {
	list := place.Read
	again := list.Last != (made{})
	for {
		items, next, err := s.listDeployments(ctx, r, list.Page)
		if err != nil {
			return err
		}
		if again && list.Page > 1 && (len(items) == 0 || items[0].made().before(list.Last)) {
			list.Page-- // deletions have pulled the list up
			continue
		}
		again = false
		var fresh []deployment
		done := next == 0
		for _, d := range items {
			done = done || !place.Mark.before(d.made()) || d.CreatedAt.Before(place.Since)
			if !d.CreatedAt.Before(place.Since) && (list.Last == (made{}) || d.made().before(list.Last)) {
				fresh = append(fresh, d)
			}
		}
		records, err := s.deploymentRecords(ctx, r, fresh)
		if err != nil {
			return err
		}
		if len(items) > 0 {
			if list.Last = items[len(items)-1].made(); list.Top.before(items[0].made()) {
				list.Top = items[0].made()
			}
		}
		if list.Page = next; done {
			if place.Head, place.Read = head, nil; place.Mark.before(list.Top) {
				place.Mark = list.Top
			}
		}
		if err := land(cur.page(records)); err != nil || done {
			return err
		}
	}
}

// deployment is what the reading of a list needs to know of one.
type deployment struct {
	ID        int64
	NodeID    string    `json:"node_id"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	text      json.RawMessage
}

func (d deployment) made() made { return made{d.CreatedAt.UTC(), d.ID} }

func (s *Source) listDeployments(ctx context.Context, r repository, page int) (items []deployment, next int, err error) {
	var list []json.RawMessage
	query := url.Values{"per_page": {strconv.Itoa(s.page)}, "page": {strconv.Itoa(page)}}
	next, err = s.api.get(ctx, "deployments", "repos/"+url.PathEscape(r.owner())+"/"+url.PathEscape(r.name())+"/deployments", query, &list)
	if err != nil {
		return nil, 0, err
	}
	for _, text := range list {
		d := deployment{text: text}
		if err := decode("a deployment", text, &d); err != nil {
			return nil, 0, err
		}
		if d.ID == 0 || d.NodeID == "" {
			return nil, 0, errors.New("a deployment without id or node_id was answered")
		}
		items = append(items, d)
	}
	// Whatever the server does with equal times.
	slices.SortStableFunc(items, func(a, b deployment) int { return b.made().compare(a.made()) })
	return items, next, nil
}

// deploymentRecord is the row of a deployment: what REST answered, and what GraphQL did.
type deploymentRecord struct {
	ID                string            `json:"id"`
	RepositoryID      string            `json:"repository_id"`
	Repository        string            `json:"repository"`
	Deployment        json.RawMessage   `json:"deployment"`
	Statuses          []json.RawMessage `json:"statuses"`
	LatestEnvironment *string           `json:"latest_environment"`
	UpdatedAt         time.Time         `json:"updated_at"`
}

// answered puts in what GraphQL says. UpdatedAt is the latest change of any part.
func (d *deploymentRecord) answered(a *statusAnswer) {
	d.Statuses, d.LatestEnvironment = a.ordered(), a.LatestEnvironment
	latest := func(t time.Time) {
		if t.After(d.UpdatedAt) {
			d.UpdatedAt = t.UTC()
		}
	}
	latest(a.UpdatedAt)
	for _, text := range d.Statuses {
		st := statusOf(text)
		latest(st.CreatedAt)
		latest(st.UpdatedAt)
	}
}

func (d *deploymentRecord) record() extract.Record { return extract.Record{JSON: asJSON(d)} }

// deploymentRecords asks for the statuses of deployments and makes their rows. A deployment that GraphQL does not know
// has gone since it was listed.
func (s *Source) deploymentRecords(ctx context.Context, r repository, items []deployment) ([]extract.Record, error) {
	if len(items) == 0 {
		return nil, nil
	}
	ids := make([]string, len(items))
	for i, d := range items {
		ids[i] = d.NodeID
	}
	answers, err := s.statuses(ctx, "deployments", ids)
	if err != nil {
		return nil, err
	}
	var out []extract.Record
	var unknown []int64
	for i, d := range items {
		if answers[i] == nil {
			unknown = append(unknown, d.ID)
			continue
		}
		row := deploymentRecord{ID: strconv.FormatInt(d.ID, 10), RepositoryID: r.ID, Repository: r.FullName, Deployment: d.text, UpdatedAt: d.UpdatedAt.UTC()}
		row.answered(answers[i])
		out = append(out, row.record())
	}
	switch {
	case len(unknown) == len(items) && len(items) > 1:
		return nil, fmt.Errorf("REST lists %d deployments of which GraphQL knows none: check that api_url and graphql_url are of the same server, and that the token has %q", len(items), permitDeployments)
	case len(unknown) > 0:
		s.log.Warn("deployments have gone while they were read", "repository", r.FullName, "deployments", unknown)
	}
	return out, nil
}
