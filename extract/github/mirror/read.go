package mirror

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Tips gives the commits that branches and tags point at, and those of more that the mirror has, each once and in order.
// A tag of something that is no commit has none.
func (r *Mirror) Tips(ctx context.Context, more []string) ([]string, error) {
	out, err := r.run(ctx, r.dir, settings(), nil, "for-each-ref", "--format=%(objectname)", "refs/heads", "refs/tags")
	if err != nil {
		return nil, err
	}
	refs := strings.Fields(string(out))
	commits, err := r.commitsOf(ctx, append(refs, more...))
	if err != nil {
		return nil, err
	}
	var tips []string
	for _, sha := range refs {
		if commits[sha] == "" {
			if err := r.mustBeTag(ctx, sha); err != nil {
				return nil, err
			}
		}
	}
	for _, commit := range commits {
		if commit != "" {
			tips = append(tips, commit)
		}
	}
	slices.Sort(tips)
	return slices.Compact(tips), nil
}

// mustBeTag tells a tag of a tree or a file, which is nobody's deployment, from a ref whose object is lost.
func (r *Mirror) mustBeTag(ctx context.Context, sha string) error {
	out, err := r.run(ctx, r.dir, settings(), strings.NewReader(sha+"\n"), "cat-file", "--batch-check=%(objecttype)")
	if err != nil {
		return err
	}
	if strings.HasSuffix(strings.TrimSpace(string(out)), "missing") {
		return fmt.Errorf("%w: the object %s that a ref of %s points at is not there", errCorrupt, sha, r.name)
	}
	return nil
}

// commitsOf gives for each object the commit that it is or that it is a tag of; "" for what is neither or not there.
func (r *Mirror) commitsOf(ctx context.Context, objects []string) (map[string]string, error) {
	var in strings.Builder
	commits := make(map[string]string, len(objects))
	var asked []string
	for _, o := range objects {
		if _, seen := commits[o]; seen {
			continue
		}
		commits[o] = ""
		if isHash(o) {
			asked = append(asked, o)
			in.WriteString(o + "^{commit}\n")
		}
	}
	if len(asked) == 0 {
		return commits, nil
	}
	out, err := r.run(ctx, r.dir, settings(), strings.NewReader(in.String()), "cat-file", "--buffer", "--batch-check=%(objectname) %(objecttype)")
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(asked) {
		return nil, fmt.Errorf("%w: git answered %d of %d questions about objects of %s", errCorrupt, len(lines), len(asked), r.name)
	}
	for i, line := range lines {
		if sha, ok := strings.CutSuffix(line, " commit"); ok {
			commits[asked[i]] = sha
		}
	}
	return commits, nil
}

// Commits yields what the tips reach and the landed ones do not, parents before their children, so that what has landed
// is closed under ancestry wherever a run is cut off. A commit is valid until the next one is asked for.
func (r *Mirror) Commits(ctx context.Context, tips, landed []string) iter.Seq2[*Commit, error] {
	return r.read(ctx, tips, landed, false)
}

// CommitsWithPaths is Commits with the paths that each changed. The mirror must have been fetched with trees.
func (r *Mirror) CommitsWithPaths(ctx context.Context, tips, landed []string) iter.Seq2[*Commit, error] {
	return r.read(ctx, tips, landed, true)
}

func (r *Mirror) read(ctx context.Context, tips, landed []string, paths bool) iter.Seq2[*Commit, error] {
	return func(yield func(*Commit, error) bool) {
		if len(tips) == 0 {
			return
		}
		var in strings.Builder
		for _, sha := range tips {
			in.WriteString(sha + "\n")
		}
		for _, sha := range landed {
			in.WriteString("^" + sha + "\n")
		}
		list := []string{"rev-list", "--topo-order", "--reverse", "--stdin"}
		objects, err := r.pipe(ctx, in.String(), list, []string{"cat-file", "--batch", "--buffer"})
		if err != nil {
			yield(nil, err)
			return
		}
		if !paths {
			if err := objects.end(r.parse(objects.out, func(c *Commit) bool { return yield(c, nil) })); err != nil {
				yield(nil, err)
			}
			return
		}
		changed, err := r.changes(ctx, in.String(), list)
		if err != nil {
			_ = objects.end(errStopped)
			yield(nil, err)
			return
		}
		var pathErr error
		readErr := r.parse(objects.out, func(c *Commit) bool {
			if len(c.Parents) < 2 {
				if c.Paths, pathErr = changed.of(c.SHA); pathErr != nil {
					return false
				}
			}
			return yield(c, nil)
		})
		switch {
		case pathErr != nil:
		case readErr != nil:
			pathErr = errStopped
		default:
			pathErr = changed.none()
		}
		err = objects.end(readErr)
		if more := changed.end(pathErr); err == nil {
			err = more
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

var errStopped = errors.New("the caller has stopped")

// parse reads what cat-file --batch writes: "<hash> commit <size>", the object, and a line feed for each.
func (r *Mirror) parse(objects io.Reader, yield func(*Commit) bool) error {
	in := bufio.NewReaderSize(objects, 256<<10)
	var raw []byte
	for {
		head, err := in.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(head) == 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: the objects of %s end early: %w", errCorrupt, r.name, err)
		}
		sha, rest, _ := bytes.Cut(bytes.TrimSuffix(head, []byte("\n")), []byte(" "))
		size, ok := bytes.CutPrefix(rest, []byte("commit "))
		n, err := strconv.Atoi(string(size))
		if !ok || err != nil || n < 0 {
			return fmt.Errorf("%w: a commit of %s cannot be read: %s", errCorrupt, r.name, excerpt(string(head), 200))
		}
		name := string(sha)
		if n+1 > cap(raw) {
			raw = make([]byte, n+1, 2*n+1024)
		}
		raw = raw[:n+1]
		if _, err := io.ReadFull(in, raw); err != nil {
			return fmt.Errorf("%w: the commit %s of %s ends early: %w", errCorrupt, name, r.name, err)
		}
		c := parseCommit(name, raw[:n])
		if !yield(&c) {
			return errStopped
		}
	}
}
