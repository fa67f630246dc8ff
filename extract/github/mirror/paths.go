package mirror

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What a mirror leaves out. Which files a commit changed can be told from trees alone; what is in the files is never
// fetched.
const (
	withoutTrees = "tree:0"
	withTrees    = "blob:none"
)

// treesFile says that a mirror holds trees.
var treesFile = filepath.Join(stateDir, "trees")

// NeedTrees makes Fetch see to it that the mirror holds trees, so that CommitsWithPaths can be asked. One that was made
// without them is made anew; one that has them keeps them, whether they are needed later or not.
func (r *Mirror) NeedTrees() { r.trees = true }

func (r *Mirror) hasTrees() bool {
	_, err := os.Stat(filepath.Join(r.dir, treesFile))
	return err == nil
}

// filter is what the mirror leaves out.
func (r *Mirror) filter() string {
	if r.trees || r.hasTrees() {
		return withTrees
	}
	return withoutTrees
}

// changes reads which files commits changed, in the order in which their objects come: git lists the same commits once
// more, less the merges, and compares the trees of each with its parent's.
type changes struct {
	*pipe
	in *bufio.Reader
}

func (r *Mirror) changes(ctx context.Context, stdin string, list []string) (*changes, error) {
	p, err := r.pipe(ctx, stdin, append(slices.Clone(list), "--no-merges"),
		// Names are NUL-terminated, so that none is quoted. The status before each name tells names from hashes.
		[]string{"diff-tree", "--stdin", "--root", "--always", "-r", "-z", "--name-status", "--no-renames", "--no-ext-diff", "--no-textconv"})
	if err != nil {
		return nil, err
	}
	return &changes{p, bufio.NewReaderSize(p.out, 256<<10)}, nil
}

// of gives the paths of the next commit, which must be this one: "<hash>", and for each file its status, a letter, and its
// name.
func (c *changes) of(sha string) ([]string, error) {
	head, err := c.in.ReadString(0)
	if err != nil {
		return nil, fmt.Errorf("%w: the changes of %s end before those of %s: %w", errCorrupt, c.r.name, sha, err)
	}
	if head != sha+"\x00" {
		return nil, fmt.Errorf("%w: git tells the changes of %s instead of those of %s of %s", errCorrupt, excerpt(head, 100), sha, c.r.name)
	}
	paths := []string{}
	for {
		next, err := c.in.Peek(2)
		if errors.Is(err, io.EOF) && len(next) == 0 { // the last one; it is whole if git ended well
			if err := c.end(nil); err != nil {
				return nil, err
			}
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: the changes of %s of %s end early: %w", errCorrupt, sha, c.r.name, err)
		}
		if next[1] != 0 { // a hash
			break
		}
		_, _ = c.in.Discard(2) // which are there
		name, err := c.in.ReadString(0)
		if err != nil {
			return nil, fmt.Errorf("%w: the changes of %s of %s end early: %w", errCorrupt, sha, c.r.name, err)
		}
		paths = append(paths, PathText(name[:len(name)-1]))
	}
	slices.Sort(paths)
	return slices.Compact(paths), nil
}

// none says that no more is told than was asked for.
func (c *changes) none() error {
	if c.ended {
		return nil
	}
	if next, _ := c.in.Peek(1); len(next) > 0 {
		return fmt.Errorf("%w: git tells changes of more commits of %s than there are", errCorrupt, c.r.name)
	}
	return nil
}

// PathText makes text of a file's name. Git's names are bytes; where they are not UTF-8, each run of bytes that are none
// becomes one U+FFFD, so that folders and endings stay what patterns ask for.
func PathText(name string) string { return strings.ToValidUTF8(name, "\uFFFD") }
