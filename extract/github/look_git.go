package github

import (
	"context"
	"fmt"

	"fourfold/extract"
)

// LookAtGit asks by git whether the first repository may be read, and says which that is; nothing is fetched. Where
// commits come by the API there is nothing to ask.
func (s *Source) LookAtGit(ctx context.Context, in extract.Input) (repository string, err error) {
	if s.opts.CommitsByAPI {
		return "", nil
	}
	all, err := s.repositories(ctx, LookStream, in)
	if err != nil {
		return "", fmt.Errorf("github: %w", s.opts.Redactor.Error(err))
	}
	if len(all.repositories) == 0 {
		return "", nil
	}
	r := all.repositories[0]
	mirrors, err := s.mirrors(ctx)
	if err != nil {
		return r.FullName, fmt.Errorf("github: %w", s.opts.Redactor.Error(err))
	}
	m, err := mirrors.Open(ctx, r.ID, r.FullName)
	if err == nil {
		err = m.Look(ctx)
		m.Close()
	}
	if err != nil {
		return r.FullName, fmt.Errorf("github: look at %s by git: %w", r.FullName, s.opts.Redactor.Error(err))
	}
	return r.FullName, nil
}
