package web

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
)

// flights make each thing once for all who ask for it meanwhile. The work is nobody's: it goes on when who asked first leaves, and
// ends when nobody waits for it any more.
type flights[T any] struct {
	mu    sync.Mutex
	byKey map[string]*flight[T]
}

type flight[T any] struct {
	done    chan struct{} // closed when what follows is there
	value   T
	err     error
	fell    error // what the work panicked with
	waiting int
	end     context.CancelFunc
}

// do gives what the work makes, or the error of the context that ends first: the asker's own.
func (f *flights[T]) do(ctx context.Context, key string, work func(context.Context) (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	x := f.join(ctx, key, work)
	select {
	case <-x.done:
		if x.fell != nil {
			panic(x.fell) // as if it had been made here
		}
		return x.value, x.err
	case <-ctx.Done():
		f.leave(key, x)
		return none, ctx.Err()
	}
}

// join finds the work that is under way, or begins it.
func (f *flights[T]) join(ctx context.Context, key string, work func(context.Context) (T, error)) *flight[T] {
	f.mu.Lock()
	defer f.mu.Unlock()
	x := f.byKey[key]
	if x == nil {
		own, end := context.WithCancel(context.WithoutCancel(ctx))
		x = &flight[T]{done: make(chan struct{}), end: end}
		if f.byKey == nil {
			f.byKey = map[string]*flight[T]{}
		}
		f.byKey[key] = x
		go f.fly(own, key, x, work)
	}
	x.waiting++
	return x
}

func (f *flights[T]) fly(ctx context.Context, key string, x *flight[T], work func(context.Context) (T, error)) {
	defer func() {
		if p := recover(); p != nil {
			x.fell = fmt.Errorf("%v\n%s", p, debug.Stack())
		}
		f.mu.Lock()
		f.forget(key, x)
		f.mu.Unlock()
		close(x.done)
		x.end()
	}()
	x.value, x.err = work(ctx)
}

// leave ends the work if nobody else waits for it; whoever asks later begins anew.
func (f *flights[T]) leave(key string, x *flight[T]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if x.waiting--; x.waiting == 0 {
		x.end()
		f.forget(key, x)
	}
}

func (f *flights[T]) forget(key string, x *flight[T]) {
	if f.byKey[key] == x {
		delete(f.byKey, key)
	}
}
