package github

import "container/heap"

// commitHeap gives the newest commit first; of one second, the greater sha.
type commitHeap []*Commit

func (h *commitHeap) push(c *Commit) { heap.Push((*commitOrder)(h), c) }
func (h *commitHeap) pop() *Commit   { return heap.Pop((*commitOrder)(h)).(*Commit) }

type commitOrder []*Commit

func (h commitOrder) Len() int { return len(h) }
func (h commitOrder) Less(i, j int) bool {
	if c := h[i].CommittedAt.Compare(h[j].CommittedAt); c != 0 {
		return c > 0
	}
	return h[i].SHA > h[j].SHA
}
func (h commitOrder) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *commitOrder) Push(x any)   { *h = append(*h, x.(*Commit)) }
func (h *commitOrder) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
