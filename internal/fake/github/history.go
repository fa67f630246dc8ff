package github

// reach gives all commits that the starts reach, themselves included.
func (r *Repository) reach(starts ...string) map[string]bool {
	out := map[string]bool{}
	walk(r.store.commits, starts, func(c *Commit) bool { out[c.SHA] = true; return true })
	return out
}

// isAncestor says whether b reaches a. It looks at the newest first, so that a push forward is known at once.
func (r *Repository) isAncestor(a, b string) bool {
	seen := map[string]bool{}
	var todo commitHeap
	add := func(sha string) {
		if c := r.store.commits[sha]; c != nil && !seen[sha] {
			seen[sha] = true
			todo.push(c)
		}
	}
	for add(b); len(todo) > 0 && !seen[a]; {
		for _, p := range todo.pop().Parents {
			add(p)
		}
	}
	return seen[a]
}

// grown is reach for those that build: it goes on from the set of the last call where that is a part of this one, so that
// a branch that grows costs what it grew by. The set is good until the next call.
func (r *Repository) grown(tip string) map[string]bool {
	x := &r.index
	if x.grownTip != "" {
		var fresh []string
		met := x.grownTip == tip
		walk(r.store.commits, []string{tip}, func(c *Commit) bool {
			met = met || c.SHA == x.grownTip
			if x.grown[c.SHA] {
				return false
			}
			fresh = append(fresh, c.SHA)
			return true
		})
		if met {
			for _, sha := range fresh {
				x.grown[sha] = true
			}
			x.grownTip = tip
			return x.grown
		}
	}
	x.grownTip, x.grown = tip, r.reach(tip)
	return x.grown
}

// between lists what to reaches and from does not, newest first as git log does it.
func (r *Repository) between(from, to string) []*Commit {
	return r.log(to, r.reach(from))
}

// log lists what a commit reaches less what is hidden: by committer's date, newest first, a parent never before its child.
func (r *Repository) log(from string, hidden map[string]bool) []*Commit {
	children := map[string]int{}
	walk(r.store.commits, []string{from}, func(c *Commit) bool {
		if hidden[c.SHA] {
			return false
		}
		for _, p := range c.Parents {
			children[p]++
		}
		return true
	})
	var out []*Commit
	var ready commitHeap
	if c := r.store.commits[from]; c != nil && !hidden[from] {
		ready.push(c)
	}
	for len(ready) > 0 {
		c := ready.pop()
		out = append(out, c)
		for _, p := range c.Parents {
			if children[p]--; children[p] == 0 && !hidden[p] && r.store.commits[p] != nil {
				ready.push(r.store.commits[p])
			}
		}
	}
	return out
}

// mergeBase gives the newest commit that is both reached by b and in the set of what a reaches, or nothing.
func (r *Repository) mergeBase(reached map[string]bool, b string) string {
	seen := map[string]bool{}
	var todo commitHeap
	if c := r.store.commits[b]; c != nil {
		todo.push(c)
	}
	for len(todo) > 0 {
		c := todo.pop()
		if reached[c.SHA] {
			return c.SHA
		}
		for _, p := range c.Parents {
			if parent := r.store.commits[p]; parent != nil && !seen[p] {
				seen[p] = true
				todo.push(parent)
			}
		}
	}
	return ""
}
