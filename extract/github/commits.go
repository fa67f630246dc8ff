package github

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"fourfold/extract"
	"fourfold/extract/github/mirror"
	"fourfold/transform"
)

// commitPlace is how far the commits of a repository have landed.
type commitPlace struct {
	// Landed names the list of tips, kept with the mirror, whose commits have all landed.
	Landed string `json:"landed,omitempty"`
	// Walk and what follows are of commits: api.
	Walk   *commitWalk          `json:"walk,omitempty"`
	Again  *commitAgain         `json:"again,omitempty"`
	Absent map[string]time.Time `json:"absent,omitempty"` // commits that GitHub does not have, and when it said so
}

// readCommits reads the commits that branches, tags, deployments and merged pull requests reach.
//
// By git, no API point is spent: each repository has a mirror, a fetch brings what is new there, and what is new is what
// the tips of now reach and the tips that have landed do not.
//
// Why none is missed. A list of tips is written beside the mirror before the last page of a repository is yielded, and
// the page's cursor names the list: if the cursor has landed, so have all pages before it, and so has everything that
// those tips reach. The next run leaves out just that. If the page does not land, its list is never asked for. If the
// list of the cursor is not there, because the mirror is new, damaged or somebody else's, everything is read again; what
// had landed is the same then and adds nothing. Within a repository parents come before their children, so that what a
// run has landed when it is cut off holds the ancestors of every commit in it.
//
// Nothing is swept and no commit is ever taken for deleted: a branch that is forced to another place leaves its old
// commits out of reach, and they were shipped all the same. What was true of a commit stays true.
func (s *Source) readCommits(ctx context.Context, in extract.Input) iter.Seq2[extract.Page, error] {
	return func(yield func(extract.Page, error) bool) {
		read := s.commitsByGit
		if s.opts.CommitsByAPI {
			read = s.commitsByAPI
		}
		if err := read(ctx, in, landing(yield)); err != nil && !errors.Is(err, errStopped) {
			yield(extract.Page{}, err)
		}
	}
}

// commitPosition is the position of the stream; nothing of it is about sweeping.
func (s *Source) commitPosition(in extract.Input) *position[commitPlace] {
	cur := decodePosition[commitPlace](s, "commits", in, s.opts.People)
	cur.Whole, cur.Begun = false, false
	return cur
}

const (
	commitsPerPage = 2000
	// fetchedAhead is how many repositories are fetched or read at once: most of a round is waiting for the server.
	fetchedAhead = 3
)

func (s *Source) commitsByGit(ctx context.Context, in extract.Input, land land) error {
	all, err := s.repositories(ctx, "commits", in)
	if err != nil {
		return err
	}
	if s.opts.DataDir == "" {
		return errors.New("there is no data directory to keep mirrors of repositories in: set data, or sources.github.commits: api")
	}
	mirrors, err := mirror.New(ctx, mirror.Options{
		Dir: filepath.Join(s.opts.DataDir, "mirrors"), URL: s.opts.GitURL, Credential: s.Credential,
		Redactor: s.opts.Redactor, Logger: s.opts.Logger, Clock: s.opts.Clock,
	})
	if err != nil {
		return err
	}
	wanted, err := wantedCommits(ctx, in.Ledger)
	if err != nil {
		return err
	}
	cur := s.commitPosition(in)
	inner, cancel := context.WithCancel(ctx)
	ready, wait := s.fetchAhead(inner, mirrors, all.repositories, wanted)
	defer wait()
	defer cancel()
	_, err = s.eachRepository(ctx, all, "commits", func(r repository) error {
		p, err := ready()
		if err != nil {
			return err
		}
		defer p.close()
		return s.commitsOf(ctx, in, p, cur, land)
	})
	return err
}

// wanted are the commits of a repository that are read although no branch or tag may reach them.
type wanted struct {
	deployed []string
	heads    []string // the last commits of merged pull requests: a squash leaves them behind
}

// wantedCommits finds by repository what has landed of the streams before.
func wantedCommits(ctx context.Context, ledger extract.Ledger) (map[string]*wanted, error) {
	out := map[string]*wanted{}
	for _, x := range []struct {
		table  *transform.Table
		column string
		to     func(*wanted) *[]string
	}{
		{transform.GithubDeployments, "sha", func(w *wanted) *[]string { return &w.deployed }},
		{transform.GithubPullRequests, "head_oid", func(w *wanted) *[]string { return &w.heads }},
	} {
		for o, err := range ledger.Scan(ctx, x.table, "repository_id", x.column) {
			if err != nil {
				return nil, fmt.Errorf("look through what has landed: %w", err)
			}
			id, sha := o.Columns[0], o.Columns[1]
			if sha == "" {
				continue
			}
			if out[id] == nil {
				out[id] = &wanted{}
			}
			list := x.to(out[id])
			*list = append(*list, sha)
		}
	}
	for _, w := range out {
		w.deployed, w.heads = distinct(w.deployed), distinct(w.heads)
	}
	return out, nil
}

func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// fetched is a mirror that is up to date.
type fetched struct {
	repository repository
	wanted     *wanted
	mirror     *mirror.Mirror
	tips       []string
	err        error
}

func (p *fetched) close() {
	if p.mirror != nil {
		p.mirror.Close()
	}
}

// fetchAhead brings mirrors up to date in the order of the repositories, some at once. ready gives the next; wait waits,
// after the context has ended, for what is under way.
func (s *Source) fetchAhead(ctx context.Context, mirrors *mirror.Mirrors, repositories []repository, wanted map[string]*wanted) (ready func() (*fetched, error), wait func()) {
	results := make([]chan *fetched, len(repositories))
	for i := range results {
		results[i] = make(chan *fetched, 1)
	}
	slots := make(chan struct{}, fetchedAhead)
	var all sync.WaitGroup
	all.Go(func() {
		for i, r := range repositories {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			all.Go(func() { results[i] <- s.fetchCommits(ctx, mirrors, r, wanted[r.ID]) })
		}
	})
	next := 0
	ready = func() (*fetched, error) {
		if next > 0 {
			<-slots // the one before has been read
		}
		next++
		select {
		case p := <-results[next-1]:
			if p.err != nil {
				p.close()
			}
			return p, p.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return ready, func() {
		all.Wait()
		for _, c := range results {
			select {
			case p := <-c:
				p.close()
			default:
			}
		}
	}
}

// fetchCommits brings one mirror up to date.
func (s *Source) fetchCommits(ctx context.Context, mirrors *mirror.Mirrors, r repository, w *wanted) *fetched {
	if w == nil {
		w = &wanted{}
	}
	p := &fetched{repository: r, wanted: w}
	if p.mirror, p.err = mirrors.Open(ctx, r.ID, r.FullName); p.err != nil {
		return p
	}
	if p.err = p.mirror.Fetch(ctx); p.err != nil {
		return p
	}
	if p.err = s.findTips(ctx, p); mirror.Damaged(p.err) {
		p.err = s.rebuild(ctx, p, p.err)
	}
	return p
}

// rebuild replaces a damaged mirror, once in a run.
func (s *Source) rebuild(ctx context.Context, p *fetched, why error) error {
	if err := p.mirror.Rebuild(ctx, why); err != nil {
		return err
	}
	return s.findTips(ctx, p)
}

// findTips fetches single commits that are wanted and not there, and finds out from where to read.
func (s *Source) findTips(ctx context.Context, p *fetched) error {
	lost, err := p.mirror.Want(ctx, "deployed", p.wanted.deployed)
	if err != nil {
		return err
	}
	if len(lost.Asked) > 0 {
		s.warnOfLost(p.repository, lost.Asked)
	}
	lost, err = p.mirror.Want(ctx, "pulls", p.wanted.heads)
	if err != nil {
		return err
	}
	if len(lost.Asked) > 0 {
		s.log.Info("branches of merged pull requests are gone; those pull requests begin with their opening", "stream", "commits",
			"repository", p.repository.FullName, "commits", len(lost.Asked))
	}
	p.tips, err = p.mirror.Tips(ctx, slices.Concat(p.wanted.deployed, p.wanted.heads))
	return err
}

func (s *Source) warnOfLost(r repository, shas []string) {
	const most = 10
	s.log.Warn("deployed commits are not in the repository any more; their deployments count, and have no lead time", "stream", "commits",
		"repository", r.FullName, "commits", len(shas), "shas", strings.Join(shas[:min(len(shas), most)], " "))
}

// commitsOf reads what is new in one mirror.
func (s *Source) commitsOf(ctx context.Context, in extract.Input, p *fetched, cur *position[commitPlace], land land) error {
	place := cur.Repositories[p.repository.ID]
	if place == nil {
		place = &commitPlace{}
	}
	landed, known := p.mirror.Landed(place.Landed)
	if in.Full || !known {
		landed = nil
	}
	if known && !in.Full && !slices.ContainsFunc(p.tips, func(tip string) bool { _, ok := slices.BinarySearch(landed, tip); return !ok }) {
		return nil
	}
	err := s.landCommits(ctx, in, p, landed, place, cur, land)
	if mirror.Damaged(err) {
		if err = s.rebuild(ctx, p, err); err == nil {
			err = s.landCommits(ctx, in, p, nil, place, cur, land)
		}
	}
	return err
}

// landCommits lands the commits that the tips reach and the landed ones do not, and then says so.
func (s *Source) landCommits(ctx context.Context, in extract.Input, p *fetched, landed []string, place *commitPlace, cur *position[commitPlace], land land) error {
	records := make([]extract.Record, 0, commitsPerPage)
	for c, err := range p.mirror.Commits(ctx, p.tips, landed) {
		if err != nil {
			return err
		}
		if len(records) == commitsPerPage {
			if err := land(extract.Page{Records: records}); err != nil {
				return err
			}
			records = records[:0]
		}
		records = append(records, commitRecord(p.repository.ID, c))
	}
	generation := fmt.Sprintf("%s-%04x", in.RunAt.UTC().Format("20060102T150405Z"), rand.N(1<<16))
	if err := p.mirror.Land(generation, place.Landed, p.tips); err != nil {
		return err
	}
	next := *place
	next.Landed = generation
	cur.Repositories[p.repository.ID] = &next
	return land(extract.Page{Records: records, Cursor: cur.encode()})
}
