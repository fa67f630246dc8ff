package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"fourfold/extract"
	"fourfold/extract/github/mirror"
	"fourfold/transform"
)

// commitPlace is how far the commits of a repository have landed.
type commitPlace struct {
	// Landed names the list of tips, kept with the mirror, whose commits have all landed.
	Landed string `json:"landed,omitempty"`
	// Paths says whether the commits that have landed have their paths: allPaths, somePaths, or "" if none has.
	Paths string `json:"paths,omitempty"`
	// Walk and what follows are of commits: api.
	Walk   *commitWalk          `json:"walk,omitempty"`
	Again  *commitAgain         `json:"again,omitempty"`
	Absent map[string]time.Time `json:"absent,omitempty"` // commits that GitHub does not have, and when it said so
}

const (
	allPaths  = "all"
	somePaths = "some"
)

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
//
// Which files each commit changed is read where a service of the repository has paths (C3). Where that is so for the first
// time, everything is read again with them, once: the cursor says of a repository that its commits have their paths when
// all of them have landed so. Where it is so no longer, what has paths keeps them. By git, that is because a repository
// whose commits have paths goes on being read with them, which costs no more than a little time.
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

// commitPosition is the position of the stream; nothing of it is about sweeping. One that begins anew still knows whose
// commits have paths.
func (s *Source) commitPosition(in extract.Input) *position[commitPlace] {
	cur := decodePosition[commitPlace](s, "commits", in, s.opts.People)
	cur.Whole, cur.Begun = false, false
	var before struct {
		Repositories map[string]*commitPlace `json:"repositories"`
	}
	if json.Unmarshal(in.Cursor, &before) != nil {
		return cur
	}
	for id, place := range before.Repositories {
		if place != nil && place.Paths != "" && cur.Repositories[id] == nil {
			cur.Repositories[id] = &commitPlace{Paths: somePaths, Again: &commitAgain{}}
		}
	}
	return cur
}

// A page is as many commits as this, or as many bytes: some commits change fifty thousand files.
const (
	commitsPerPage = 2000
	bytesPerPage   = 4 << 20
)

func (s *Source) commitsByGit(ctx context.Context, in extract.Input, land land) error {
	all, err := s.repositories(ctx, "commits", in)
	if err != nil {
		return err
	}
	if s.opts.DataDir == "" {
		return errors.New("there is no data directory to keep mirrors of repositories in: set data, or sources.github.commits: api")
	}
	mirrors, err := s.mirrors(ctx)
	if err != nil {
		return err
	}
	wanted, err := wantedCommits(ctx, in.Ledger)
	if err != nil {
		return err
	}
	cur := s.commitPosition(in)
	ahead := make([]*fetched, len(all.repositories))
	for i, r := range all.repositories {
		ahead[i] = &fetched{repository: r, wanted: wanted[r.ID], paths: s.needs(r).Paths}
		if place := cur.Repositories[r.ID]; place != nil {
			ahead[i].paths = ahead[i].paths || place.Paths != ""
			if !ahead[i].paths || place.Paths == allPaths {
				ahead[i].generation = place.Landed
			}
		}
	}
	inner, cancel := context.WithCancel(ctx)
	ready, wait := s.fetchAhead(inner, mirrors, ahead)
	defer wait()
	defer cancel()
	_, err = s.eachRepository(ctx, all, "commits", func(r repository) error {
		p, err := ready()
		s.fetched.note(in.RunAt, r.ID, err)
		if err != nil {
			return err
		}
		defer p.close()
		if r.Named && len(p.tips) == 0 {
			return r.emptyError()
		}
		return s.commitsOf(ctx, in, p, cur, land)
	})
	return err
}

func (s *Source) mirrors(ctx context.Context) (*mirror.Mirrors, error) {
	return mirror.New(ctx, mirror.Options{
		Dir: filepath.Join(s.opts.DataDir, "mirrors"), URL: s.opts.GitURL, Credential: s.Credential,
		Redactor: s.opts.Redactor, Logger: s.opts.Logger, Clock: s.opts.Clock,
	})
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

// commitsOf reads what is new in one mirror.
func (s *Source) commitsOf(ctx context.Context, in extract.Input, p *fetched, cur *position[commitPlace], land land) error {
	place := cur.Repositories[p.repository.ID]
	if place == nil {
		place = &commitPlace{}
	}
	if p.known && !slices.ContainsFunc(p.tips, func(tip string) bool { return !p.hasLanded(tip) }) {
		return nil
	}
	err := s.landCommits(ctx, in, p, place, cur, land)
	if mirror.Damaged(err) {
		if err = s.rebuild(ctx, p, err); err == nil {
			err = s.landCommits(ctx, in, p, place, cur, land)
		}
	}
	return err
}

// landCommits lands the commits that the tips reach and the landed ones do not, and then says so.
func (s *Source) landCommits(ctx context.Context, in extract.Input, p *fetched, place *commitPlace, cur *position[commitPlace], land land) error {
	records, size := make([]extract.Record, 0, commitsPerPage), 0
	read := p.mirror.Commits
	if p.paths {
		read = p.mirror.CommitsWithPaths
	}
	for c, err := range read(ctx, p.tips, p.landed) {
		if err != nil {
			return err
		}
		if len(records) == commitsPerPage || size >= bytesPerPage {
			if err := land(extract.Page{Records: records}); err != nil {
				return err
			}
			records, size = records[:0], 0
		}
		record := commitRecord(p.repository.ID, c)
		records, size = append(records, record), size+len(record.JSON)
	}
	generation := fmt.Sprintf("%s-%04x", in.RunAt.UTC().Format("20060102T150405Z"), rand.N(1<<16))
	if err := p.mirror.Land(generation, place.Landed, p.tips); err != nil {
		return err
	}
	next := *place
	next.Landed = generation
	if p.paths {
		next.Paths = allPaths
	}
	if !p.known {
		next.Again = nil // it was
	}
	cur.Repositories[p.repository.ID] = &next
	return land(extract.Page{Records: records, Cursor: cur.encode()})
}
