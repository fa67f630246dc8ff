package web

import (
	"container/list"
	"sync"
)

// cache keeps the most recently used answers, bounded by their number of values, so that neither many small nor a few
// large ones fill the memory.
type cache struct {
	mu      sync.Mutex
	limit   int // in values
	size    int
	byKey   map[string]*list.Element
	byUse   *list.List // of *entry, the most recently used first
	maxItem int
}

type entry struct {
	key   string
	table *Table
}

// newCache bounds all answers together, and any one of them, in values.
func newCache(values, largest int) *cache {
	return &cache{limit: values, maxItem: largest, byKey: map[string]*list.Element{}, byUse: list.New()}
}

func (c *cache) get(key string) (*Table, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[key]
	if !ok {
		return nil, false
	}
	c.byUse.MoveToFront(e)
	return e.Value.(*entry).table, true
}

// put keeps an answer unless it is so large that it would drive out many others.
func (c *cache) put(key string, t *Table) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byKey[key]; ok || t.values() > c.maxItem {
		return
	}
	c.byKey[key] = c.byUse.PushFront(&entry{key, t})
	c.size += t.values()
	for c.size > c.limit {
		last := c.byUse.Back()
		old := c.byUse.Remove(last).(*entry)
		delete(c.byKey, old.key)
		c.size -= old.table.values()
	}
}

// values is the size of a table; an empty one still costs something.
func (t *Table) values() int { return len(t.Rows)*len(t.Columns) + 1 }
