package github

import (
	"cmp"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// objects are git's objects of one network of repositories, and those of them that are not on the disk yet.
type objects struct {
	commits map[string]*Commit
	tags    map[string]*tagObject
	trees   map[string]*tree
	blobs   map[string]string // content by sha
	fresh   []rawObject
	home    string // the folder of objects on the disk
	purged  bool   // something was taken away: the packs on the disk have to be made anew
}

func newObjects() *objects {
	s := &objects{commits: map[string]*Commit{}, tags: map[string]*tagObject{}, trees: map[string]*tree{}, blobs: map[string]string{}}
	s.addTree(&tree{})
	return s
}

// rawObject is an object as a pack holds it.
type rawObject struct {
	kind byte // 1 commit, 2 tree, 3 blob, 4 tag
	sha  string
	body []byte
}

// Signature names an author, a committer or a tagger.
type Signature struct{ Name, Email string }

// Noreply is who GitHub itself commits as, when it merges on the page.
var Noreply = Signature{Name: "GitHub", Email: "noreply@github.com"}

// Commit is a commit of a repository. Its times are whole seconds and keep their offset from UTC.
type Commit struct {
	SHA         string
	Parents     []string
	Author      Signature
	Committer   Signature
	AuthoredAt  time.Time
	CommittedAt time.Time
	Message     string

	tree *tree
}

// Headline is the first line of the message.
func (c *Commit) Headline() string {
	line, _, _ := strings.Cut(c.Message, "\n")
	return line
}

// Body is the message after its first line.
func (c *Commit) Body() string {
	_, rest, _ := strings.Cut(c.Message, "\n")
	return strings.TrimSpace(rest)
}

// tagObject is an annotated tag.
type tagObject struct {
	sha, name, target, message string
	tagger                     Signature
	at                         time.Time
}

// tree is a folder. Trees are never changed, so that commits share what they have in common.
type tree struct {
	sha     string
	entries []treeEntry // in git's order
}

// treeEntry is a file (sub is nil) or a folder.
type treeEntry struct {
	name, sha string
	sub       *tree
}

func (e treeEntry) key() string {
	if e.sub != nil {
		return e.name + "/"
	}
	return e.name
}

func (t *tree) find(name string) (int, bool) {
	for i, e := range t.entries {
		if e.name == name {
			return i, true
		}
	}
	return 0, false
}

func hash(kind string, body []byte) string {
	h := sha1.New()
	_, _ = fmt.Fprintf(h, "%s %d\x00", kind, len(body))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

func (s *objects) addBlob(content string) string {
	body := []byte(content)
	sha := hash("blob", body)
	if _, ok := s.blobs[sha]; !ok {
		s.blobs[sha] = content
		s.fresh = append(s.fresh, rawObject{3, sha, body})
	}
	return sha
}

func (s *objects) addTree(t *tree) *tree {
	body := t.encode()
	t.sha = hash("tree", body)
	if known := s.trees[t.sha]; known != nil {
		return known
	}
	s.trees[t.sha] = t
	s.fresh = append(s.fresh, rawObject{2, t.sha, body})
	return t
}

func (t *tree) encode() []byte {
	var b []byte
	for _, e := range t.entries {
		mode := "100644 "
		if e.sub != nil {
			mode = "40000 "
		}
		b = append(b, mode...)
		b = append(b, e.name...)
		b = append(b, 0)
		raw, _ := hex.DecodeString(e.sha) // made by hash
		b = append(b, raw...)
	}
	return b
}

// put gives the tree with a file written at the path, or taken away if blob is empty. A folder without files goes.
func (s *objects) put(t *tree, file, blob string) *tree {
	name, rest, deep := strings.Cut(file, "/")
	i, here := t.find(name)
	if blob == "" && !here {
		return t
	}
	entries := slices.Clone(t.entries)
	e := treeEntry{name: name, sha: blob}
	if deep {
		sub := &tree{}
		if here && t.entries[i].sub != nil {
			sub = t.entries[i].sub
		}
		e.sub = s.put(sub, rest, blob)
		e.sha = e.sub.sha
	}
	if here {
		entries = slices.Delete(entries, i, i+1)
	}
	if blob != "" || deep && len(e.sub.entries) > 0 {
		at, _ := slices.BinarySearchFunc(entries, e.key(), func(x treeEntry, key string) int { return cmp.Compare(x.key(), key) })
		entries = slices.Insert(entries, at, e)
	}
	return s.addTree(&tree{entries: entries})
}

func (s *objects) addCommit(c *Commit) *Commit {
	body := c.encode()
	c.SHA = hash("commit", body)
	if known := s.commits[c.SHA]; known != nil {
		return known
	}
	s.commits[c.SHA] = c
	s.fresh = append(s.fresh, rawObject{1, c.SHA, body})
	return c
}

func (c *Commit) encode() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "tree %s\n", c.tree.sha)
	for _, p := range c.Parents {
		fmt.Fprintf(&b, "parent %s\n", p)
	}
	fmt.Fprintf(&b, "author %s\n", stamp(c.Author, c.AuthoredAt))
	fmt.Fprintf(&b, "committer %s\n", stamp(c.Committer, c.CommittedAt))
	fmt.Fprintf(&b, "\n%s", c.Message)
	return []byte(b.String())
}

func (s *objects) addTag(t *tagObject) *tagObject {
	body := t.encode()
	t.sha = hash("tag", body)
	if known := s.tags[t.sha]; known != nil {
		return known
	}
	s.tags[t.sha] = t
	s.fresh = append(s.fresh, rawObject{4, t.sha, body})
	return t
}

func (t *tagObject) encode() []byte {
	return fmt.Appendf(nil, "object %s\ntype commit\ntag %s\ntagger %s\n\n%s\n", t.target, t.name, stamp(t.tagger, t.at), t.message)
}

// stamp is a signature with its time as git writes it.
func stamp(who Signature, at time.Time) string {
	return fmt.Sprintf("%s <%s> %d %s", who.Name, who.Email, at.Unix(), at.Format("-0700"))
}

// peel follows an annotated tag to its commit.
func (s *objects) peel(sha string) string {
	if t := s.tags[sha]; t != nil {
		return t.target
	}
	return sha
}

// keepOnly drops every object that the roots do not reach.
func (s *objects) keepOnly(roots []string) {
	kept := newObjects()
	var folder func(t *tree)
	folder = func(t *tree) {
		if kept.trees[t.sha] != nil && len(t.entries) > 0 {
			return
		}
		for _, e := range t.entries {
			if e.sub != nil {
				folder(e.sub)
			} else {
				kept.addBlob(s.blobs[e.sha])
			}
		}
		kept.addTree(t)
	}
	for _, sha := range roots {
		if t := s.tags[sha]; t != nil {
			kept.addTag(t)
		}
		walk(s.commits, []string{s.peel(sha)}, func(c *Commit) bool {
			if kept.commits[c.SHA] != nil {
				return false
			}
			folder(c.tree)
			kept.addCommit(c)
			return true
		})
	}
	kept.purged, kept.home = true, s.home
	*s = *kept
}

// walk visits every commit that the starts reach, each once; visit says whether to go on to its parents.
func walk(commits map[string]*Commit, starts []string, visit func(*Commit) bool) {
	seen := make(map[string]bool, len(starts))
	todo := slices.Clone(starts)
	for len(todo) > 0 {
		sha := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		c := commits[sha]
		if seen[sha] || c == nil {
			continue
		}
		seen[sha] = true
		if visit(c) {
			todo = append(todo, c.Parents...)
		}
	}
}
