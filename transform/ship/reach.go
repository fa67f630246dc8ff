package ship

import "math/bits"

// set is a set of numbers.
type set []uint64

func newSet(n int) set { return make(set, (n+63)/64) }

func (s set) add(n int32)      { s[n>>6] |= 1 << (n & 63) }
func (s set) has(n int32) bool { return s[n>>6]&(1<<(n&63)) != 0 }

func (s set) count() (n int) {
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// walker walks a graph, and keeps between walks what it needs for them.
type walker struct {
	*Graph
	state []int32 // of each commit: the walk that saw it last, and what that said of it
	walk  int32
	stack []int32
}

func (g *Graph) walker() *walker { return &walker{Graph: g} }

// Reaches reports whether a commit is another or has it among its ancestors. Both are numbers.
func (g *Graph) Reaches(from, to int32) bool { return g.walker().reaches(from, to) }

// reaches answers at once where the numbers tell, as they nearly always do; else it walks down to the depth of what it
// looks for.
func (w *walker) reaches(from, to int32) bool {
	if yes, no := w.atOnce(from, to); yes || no {
		return yes
	}
	w.begin()
	w.stack = append(w.stack[:0], from)
	for len(w.stack) > 0 {
		n := w.pop()
		for _, p := range w.of(n) {
			if p < 0 || w.state[p] == w.walk {
				continue
			}
			w.state[p] = w.walk
			yes, no := w.atOnce(p, to)
			if yes {
				return true
			}
			if !no {
				w.stack = append(w.stack, p)
			}
		}
	}
	return false
}

// atOnce says whether a commit certainly reaches another or certainly does not.
func (g *Graph) atOnce(from, to int32) (yes, no bool) {
	switch {
	case to > from:
		return false, true
	case to >= g.low[from]:
		return true, false
	default:
		return false, g.depth[from] <= g.depth[to]
	}
}

// begin begins a walk: what earlier ones said is forgotten. A walk has four values, for two marks.
func (w *walker) begin() {
	if w.state == nil {
		w.state = make([]int32, w.Len())
	}
	if w.walk += 4; w.walk < 0 {
		clear(w.state)
		w.walk = 4
	}
}

func (w *walker) pop() int32 {
	n := w.stack[len(w.stack)-1]
	w.stack = w.stack[:len(w.stack)-1]
	return n
}

// all adds to a set everything that a commit reaches. Parents have smaller numbers, so that one pass does it.
func (g *Graph) all(from int32, reached set) {
	reached.add(from)
	for n := from; n >= 0; n-- {
		if !reached.has(n) {
			continue
		}
		for _, p := range g.of(n) {
			if p >= 0 {
				reached.add(p)
			}
		}
	}
}

// The marks of a commit in beyond.
const (
	ours   = 1 // tip reaches it
	theirs = 2 // base reaches it
)

// beyond gives what tip reaches and base does not, from the tip on; all of it where base is -1. It looks at that and at what came to
// the base since the two parted, and at nothing older.
func (w *walker) beyond(tip, base int32) []int32 {
	var out []int32
	w.begin()
	q := queue{}
	wanted := 0 // commits in the queue that only tip is known to reach
	mark := func(n, marks int32) {
		had := int32(0)
		if s := w.state[n]; s >= w.walk {
			had = s - w.walk
		} else {
			q.push(n)
		}
		has := had | marks
		w.state[n] = w.walk + has
		switch {
		case has == ours && had == 0:
			wanted++
		case has != ours && had == ours:
			wanted--
		}
	}
	mark(tip, ours)
	if base >= 0 {
		mark(base, theirs)
	}
	for wanted > 0 {
		n := q.pop() // the greatest number: all its children have been looked at
		marks := w.state[n] - w.walk
		if marks == ours {
			out = append(out, n)
			wanted--
		}
		for _, p := range w.of(n) {
			if p >= 0 {
				mark(p, marks)
			}
		}
	}
	return out
}

// queue gives the greatest of its numbers first. (container/heap would put each of them into an interface.)
type queue []int32

func (q *queue) push(n int32) {
	h := append(*q, n)
	i := len(h) - 1
	for i > 0 && h[(i-1)/2] < h[i] {
		h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
		i = (i - 1) / 2
	}
	*q = h
}

func (q *queue) pop() int32 {
	h := *q
	top := h[0]
	h[0] = h[len(h)-1]
	h = h[:len(h)-1]
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		if child+1 < len(h) && h[child+1] > h[child] {
			child++
		}
		if h[i] >= h[child] {
			break
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
	*q = h
	return top
}
