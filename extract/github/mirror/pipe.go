package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// pipe is two gits, of which the second reads what the first writes.
type pipe struct {
	r             *Mirror
	ctx           context.Context // the caller's
	cancel        context.CancelFunc
	first, second *exec.Cmd
	said, answer  *tail // their standard errors
	out           io.Reader
	ended         bool
	err           error // of end
}

// pipe starts both. end must be called.
func (r *Mirror) pipe(ctx context.Context, stdin string, first, second []string) (*pipe, error) {
	p := &pipe{r: r, ctx: ctx}
	inner, cancel := context.WithCancel(ctx)
	p.cancel = cancel
	p.first, p.said = r.command(inner, r.dir, settings(), first...)
	p.second, p.answer = r.command(inner, r.dir, settings(), second...)
	p.first.Stdin = strings.NewReader(stdin)
	between, err := p.first.StdoutPipe()
	if err == nil {
		p.second.Stdin = between
		p.out, err = p.second.StdoutPipe()
	}
	if err != nil {
		cancel()
		return nil, err
	}
	if err := p.first.Start(); err != nil {
		cancel()
		return nil, r.failed(ctx, first[0], err, p.said)
	}
	if err := p.second.Start(); err != nil {
		cancel()
		_ = p.first.Wait()
		return nil, r.failed(ctx, second[0], err, p.answer)
	}
	_ = between.Close() // theirs alone, so that the one ends when the other does
	return p, nil
}

// end waits for both and says what went wrong. readErr is what reading their output came to: nil at its end, errStopped
// where nobody wants the rest.
func (p *pipe) end(readErr error) error {
	if p.ended {
		return p.err
	}
	p.ended = true
	defer p.cancel()
	cut := errors.Is(readErr, io.EOF) || errors.Is(readErr, io.ErrUnexpectedEOF)
	over := p.ctx.Err()
	if readErr != nil && !cut {
		p.cancel()
	}
	first, second := p.first.Wait(), p.second.Wait()
	switch own := readErr == nil || cut; { // how they ended is their own doing
	case errors.Is(readErr, errStopped):
	case over != nil:
		p.err = fmt.Errorf("git %s of %s: %w", p.first.Args[1], p.r.name, over)
	case own && first != nil:
		p.err = p.r.failed(p.ctx, p.first.Args[1], first, p.said)
	case own && second != nil:
		p.err = p.r.failed(p.ctx, p.second.Args[1], second, p.answer)
	case readErr != nil:
		p.err = readErr
	}
	return p.err
}
