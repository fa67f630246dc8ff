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
	return func(yield func(*Commit, error) bool) {
		if len(tips) == 0 {
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		var in strings.Builder
		for _, sha := range tips {
			in.WriteString(sha + "\n")
		}
		for _, sha := range landed {
			in.WriteString("^" + sha + "\n")
		}
		list, listErr := r.command(ctx, r.dir, settings(), "rev-list", "--topo-order", "--reverse", "--stdin")
		show, showErr := r.command(ctx, r.dir, settings(), "cat-file", "--batch", "--buffer")
		list.Stdin = strings.NewReader(in.String())
		shas, err := list.StdoutPipe()
		if err != nil {
			yield(nil, err)
			return
		}
		show.Stdin = shas
		objects, err := show.StdoutPipe()
		if err != nil {
			yield(nil, err)
			return
		}
		if err := list.Start(); err != nil {
			yield(nil, r.failed(ctx, "rev-list", err, listErr))
			return
		}
		if err := show.Start(); err != nil {
			cancel()
			_ = list.Wait()
			yield(nil, r.failed(ctx, "cat-file", err, showErr))
			return
		}
		_ = shas.Close() // theirs alone, so that the one ends when the other does
		readErr := r.parse(objects, func(c *Commit) bool { return yield(c, nil) })
		stopped := errors.Is(readErr, errStopped)
		cut := errors.Is(readErr, io.EOF) || errors.Is(readErr, io.ErrUnexpectedEOF)
		ended := ctx.Err()
		if readErr != nil && !cut {
			cancel()
		}
		errList, errShow := list.Wait(), show.Wait()
		switch own := readErr == nil || cut; { // how they ended is their own doing
		case stopped:
		case ended != nil:
			yield(nil, fmt.Errorf("git rev-list of %s: %w", r.name, ended))
		case own && errList != nil:
			yield(nil, r.failed(ctx, "rev-list", errList, listErr))
		case own && errShow != nil:
			yield(nil, r.failed(ctx, "cat-file", errShow, showErr))
		case readErr != nil:
			yield(nil, readErr)
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
