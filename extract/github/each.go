package github

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"fourfold/extract"
	"fourfold/transform"
)

// land yields a page; errStopped where the caller wants no more.
type land func(extract.Page) error

func landing(yield func(extract.Page, error) bool) land {
	return func(p extract.Page) error {
		if !yield(p, nil) {
			return errStopped
		}
		return nil
	}
}

// eachRepository does something for every repository. One that fails does not keep the others from being read; the error
// names them all, and those that were not found if no stream before has. An error that the next one would meet too ends the stream at once.
// whole says that everything was done for every repository that was found.
func (s *Source) eachRepository(ctx context.Context, all *resolution, what string, do func(repository) error) (whole bool, err error) {
	failures := slices.Clone(all.unsaid())
	read := 0
	for _, r := range all.repositories {
		switch err := do(r); {
		case err == nil:
			read++
		case fatal(ctx, err):
			return false, err
		default:
			failures = append(failures, fmt.Errorf("%s of %s: %w", what, r.FullName, err))
		}
	}
	return read > 0 && read == len(all.repositories), joined(failures, read > 0)
}

// apart says which of the landed objects a sweep passes over: they have not gone, they are out of reach. It looks at some
// columns of them.
type apart struct {
	columns []string
	is      func(columns []string) bool
}

// unread are the rows of repositories that are not read now.
func unread(all *resolution) apart {
	reached := map[string]bool{}
	for _, r := range all.repositories {
		reached[r.ID] = true
	}
	return apart{[]string{"repository_id"}, func(c []string) bool { return !reached[c[0]] }}
}

// sweep ends a read of everything: what is in scope and was not seen has gone, but for what is apart. It is called when
// every repository that is read has been read whole; until then nothing is swept, and the next run goes on where this one
// stopped.
func sweep[P any](ctx context.Context, in extract.Input, table *transform.Table, created string, out apart, p *position[P], land land) error {
	// Collected before anything lands, so that no query of the warehouse is open meanwhile.
	var spared []string
	for o, err := range in.Ledger.Scan(ctx, table, out.columns...) {
		if err != nil {
			return fmt.Errorf("look through what has landed: %w", err)
		}
		if out.is(o.Columns) {
			spared = append(spared, o.ID)
		}
	}
	last := p.page(nil)
	last.Spared = spared
	p.Whole, p.Begun = false, false
	last.Cursor = p.encode()
	last.Sweep = &extract.Sweep{Since: in.Since, CreatedColumn: created}
	return land(last)
}

// finish is the end of a stream that was read by repository: the sweep, if a read of everything has come to its end, and
// the error of what could not be read.
func finish[P any](ctx context.Context, s *Source, in extract.Input, table *transform.Table, created string, out apart, cur *position[P], whole bool, err error, land land) error {
	switch {
	case !cur.Whole || errors.Is(err, errStopped):
	case whole:
		if err := sweep(ctx, in, table, created, out, cur, land); err != nil {
			return err
		}
	case in.Full:
		s.log.Warn("what has gone from GitHub is looked for once every repository could be read to its end", "stream", table.Stream)
	}
	return err
}
