package github

import (
	"context"
	"slices"
	"strings"
	"sync"

	"fourfold/extract/github/mirror"
)

// fetchedAhead is how many repositories are fetched or read at once: most of a round is waiting for the server.
const fetchedAhead = 3

// fetched is a mirror that is up to date.
type fetched struct {
	repository repository
	wanted     *wanted
	paths      bool   // are read
	generation string // that landed last; "" to read everything

	mirror *mirror.Mirror
	tips   []string
	landed []string // the tips of the generation, in order
	known  bool     // whether they are
	err    error
}

func (p *fetched) hasLanded(sha string) bool {
	_, ok := slices.BinarySearch(p.landed, sha)
	return ok
}

func (p *fetched) close() {
	if p.mirror != nil {
		p.mirror.Close()
	}
}

// fetchAhead brings mirrors up to date in the order of the repositories, some at once. ready gives the next; wait waits,
// after the context has ended, for what is under way.
func (s *Source) fetchAhead(ctx context.Context, mirrors *mirror.Mirrors, ahead []*fetched) (ready func() (*fetched, error), wait func()) {
	results := make([]chan *fetched, len(ahead))
	for i := range results {
		results[i] = make(chan *fetched, 1)
	}
	slots := make(chan struct{}, fetchedAhead)
	var all sync.WaitGroup
	all.Go(func() {
		for i, p := range ahead {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			all.Go(func() {
				p.err = s.fetchCommits(ctx, mirrors, p)
				results[i] <- p
			})
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
func (s *Source) fetchCommits(ctx context.Context, mirrors *mirror.Mirrors, p *fetched) (err error) {
	if p.mirror, err = mirrors.Open(ctx, p.repository.ID, p.repository.FullName); err != nil {
		return err
	}
	if p.paths {
		p.mirror.NeedTrees()
	}
	if err := p.mirror.Fetch(ctx); err != nil {
		return err
	}
	p.landed, p.known = p.mirror.Landed(p.generation)
	if err = s.findTips(ctx, p); mirror.Damaged(err) {
		err = s.rebuild(ctx, p, err)
	}
	return err
}

// rebuild replaces a damaged mirror, once in a run. What landed of the old one is not known of the new one.
func (s *Source) rebuild(ctx context.Context, p *fetched, why error) error {
	if err := p.mirror.Rebuild(ctx, why); err != nil {
		return err
	}
	p.landed, p.known = nil, false
	return s.findTips(ctx, p)
}

// findTips fetches single commits that are wanted and not there, and finds out from where to read. What has landed is
// there.
func (s *Source) findTips(ctx context.Context, p *fetched) error {
	var deployed, heads []string
	if p.wanted != nil {
		deployed, heads = slices.Clone(p.wanted.deployed), slices.Clone(p.wanted.heads)
	}
	var before []string
	for _, sha := range slices.Concat(deployed, heads) {
		if p.hasLanded(sha) {
			before = append(before, sha)
		}
	}
	deployed, heads = slices.DeleteFunc(deployed, p.hasLanded), slices.DeleteFunc(heads, p.hasLanded)
	lost, err := p.mirror.Want(ctx, "deployed", deployed)
	if err != nil {
		return err
	}
	if len(lost.Asked) > 0 {
		s.warnOfLost(p.repository, lost.Asked)
	}
	if lost, err = p.mirror.Want(ctx, "pulls", heads); err != nil {
		return err
	}
	if len(lost.Asked) > 0 {
		s.log.Info("branches of merged pull requests are gone; those pull requests begin with their opening", "stream", "commits",
			"repository", p.repository.FullName, "commits", len(lost.Asked))
	}
	tips, err := p.mirror.Tips(ctx, slices.Concat(deployed, heads))
	p.tips = distinct(append(tips, before...))
	return err
}

func (s *Source) warnOfLost(r repository, shas []string) {
	const most = 10
	s.log.Warn("deployed commits are not in the repository any more; their deployments count, and have no lead time", "stream", "commits",
		"repository", r.FullName, "commits", len(shas), "shas", strings.Join(shas[:min(len(shas), most)], " "))
}
