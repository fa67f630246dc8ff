package pipeline

import (
	"context"
	"fmt"
	"slices"

	"github.com/valyala/fastjson"

	"fourfold/internal/config"
	"fourfold/transform/ship"
)

// part is what of a repository is a service with paths (C3).
type part struct {
	service string
	paths   []config.Glob
	commits bits // that touch it; merges do not
	pulls   bits // that brought such a commit to their base, by their places
	shipped map[string]int64
}

// bits is a set of numbers.
type bits []uint64

func newBits(n int) bits { return make(bits, (n+63)/64) }

func (b bits) add(n int32)      { b[n>>6] |= 1 << (n & 63) }
func (b bits) has(n int32) bool { return b[n>>6]&(1<<(n&63)) != 0 }

// readParts finds the commits that touch the services that have paths. Where none has, nothing is read.
func (w *walk) readParts(ctx context.Context) error {
	w.parts = map[string]*part{}
	f := pathFinder{known: map[string][]int32{}}
	for _, service := range w.all() {
		if paths := w.shipping.services.paths(service); len(paths) > 0 {
			p := &part{
				service: service, paths: paths, commits: newBits(w.graph.Len()), pulls: newBits(len(w.pulls)), shipped: map[string]int64{},
			}
			w.parts[service] = p
			f.parts = append(f.parts, p)
		}
	}
	if len(f.parts) == 0 || w.graph.Len() == 0 {
		return nil
	}
	var failed error
	err := w.store.Paths(ctx, w.id, func(sha ship.SHA, paths []byte) {
		n := w.graph.Find(sha)
		if n < 0 || w.graph.IsMerge(n) || failed != nil {
			return
		}
		failed = f.commit(n, paths)
	})
	if err == nil && failed != nil {
		err = fmt.Errorf("paths of the commits of %s: %w", w.shown, failed)
	}
	return err
}

// pathFinder sorts commits by the parts that they touch.
type pathFinder struct {
	parts  []*part
	known  map[string][]int32 // what the patterns say of a path
	parser fastjson.Parser
}

// knownPaths is how many paths are kept at a time, so that the patterns are asked once: about 150 bytes each.
const knownPaths = 200_000

func (f *pathFinder) commit(n int32, paths []byte) error {
	v, err := f.parser.ParseBytes(paths)
	if err != nil {
		return err
	}
	touched := 0
	for _, p := range v.GetArray() {
		for _, i := range f.find(p.GetStringBytes()) {
			if c := f.parts[i].commits; !c.has(n) {
				c.add(n)
				touched++
			}
		}
		if touched == len(f.parts) {
			break
		}
	}
	return nil
}

// find gives the parts that a path belongs to.
func (f *pathFinder) find(path []byte) []int32 {
	if found, ok := f.known[string(path)]; ok {
		return found
	}
	if len(f.known) >= knownPaths {
		clear(f.known)
	}
	name := string(path)
	var found []int32
	for i, p := range f.parts {
		if slices.ContainsFunc(p.paths, func(g config.Glob) bool { return g.Match(name) }) {
			found = append(found, int32(i))
		}
	}
	f.known[name] = found
	return found
}

// touch notes whether a pull request touches the parts, by what it brought to its base.
func (w *walk) touch(place int, brought []int32) {
	for _, p := range w.parts {
		if slices.ContainsFunc(brought, p.commits.has) {
			p.pulls.add(int32(place))
		}
	}
}
