package web

import (
	"context"
	"sync"
)

// turns let what visitors wait for go before what is made ahead: while anything is made for a visitor, nothing is made ahead.
type turns struct {
	mu       sync.Mutex
	visitors int           // for whom something is being made
	none     chan struct{} // closed when there are none any more
	drop     func()        // ends what is being made ahead; nil where nothing is
	dropped  chan struct{} // closed when it has ended
}

// visit begins the making of something for a visitor. What is being made ahead is dropped; of its answers those that came stay.
func (t *turns) visit(ctx context.Context) (leave func()) {
	t.mu.Lock()
	if t.visitors++; t.visitors == 1 {
		t.none = make(chan struct{})
	}
	drop, dropped := t.drop, t.dropped
	t.mu.Unlock()
	if drop != nil {
		drop()
		select {
		case <-dropped: // else the visitor might join it, which takes one query after the other
		case <-ctx.Done():
		}
	}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.visitors--; t.visitors == 0 {
			close(t.none)
		}
	}
}

// ahead does something that nobody waits for when no visitor is there, again if one comes meanwhile. It is for one at a time.
func (t *turns) ahead(ctx context.Context, do func(context.Context)) {
	for ctx.Err() == nil {
		t.mu.Lock()
		if t.visitors > 0 {
			none := t.none
			t.mu.Unlock()
			select {
			case <-none:
			case <-ctx.Done():
			}
			continue
		}
		own, drop := context.WithCancel(ctx)
		t.drop, t.dropped = drop, make(chan struct{})
		t.mu.Unlock()

		do(own)

		t.mu.Lock()
		finished := own.Err() == nil
		close(t.dropped)
		t.drop = nil
		t.mu.Unlock()
		drop()
		if finished {
			return
		}
	}
}
