package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// How long a git that a killed run has left behind may take to end; one that hears nothing from its server gives up
// after 90 seconds.
const (
	orphanPatience = 2 * time.Minute
	orphanPoll     = 100 * time.Millisecond
)

// take locks the mirror. Every git that is started inherits the lock, so it is free only when the last of them has ended,
// even if the run that started them was killed.
func (r *Mirror) take(ctx context.Context) error {
	path := filepath.Join(r.all.opts.Dir, r.id+".lock")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("lock the mirror of %s: %w", r.name, err)
	}
	for waited := time.Duration(0); ; waited += orphanPoll {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			r.lock = file
			return nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			_ = file.Close()
			return fmt.Errorf("lock the mirror of %s: %w", r.name, err)
		}
		if waited == 0 {
			r.log.Info("waiting for a git that an earlier run has left behind", "stream", "commits")
		}
		if waited >= orphanPatience {
			_ = file.Close()
			return fmt.Errorf("the mirror of %s is in use: a git that an earlier run started has not ended within %s; it holds %s", r.name, orphanPatience, path)
		}
		if err := r.all.opts.Clock.Sleep(ctx, orphanPoll); err != nil {
			_ = file.Close()
			return fmt.Errorf("lock the mirror of %s: %w", r.name, err)
		}
	}
}

// Close gives the mirror back.
func (r *Mirror) Close() {
	_ = r.lock.Close() // which unlocks it
}

// census is what is in a mirror that upkeep looks at.
type census struct{ packs, looseRefs int }

// mend removes what a git that was killed has left: locks, and files that were to become objects. No git works on the
// mirror now, for the lock is ours.
func (r *Mirror) mend() (census, error) {
	var n census
	packs := filepath.Join(r.dir, "objects", "pack")
	entries, err := os.ReadDir(packs)
	if err != nil {
		return n, fmt.Errorf("%w: %w", errCorrupt, err)
	}
	there := map[string]bool{}
	for _, e := range entries {
		there[e.Name()] = true
	}
	var stale []string
	for file := range there {
		ext := filepath.Ext(file)
		name := strings.TrimSuffix(file, ext)
		switch {
		case !strings.HasPrefix(name, "pack-"), !there[name+".idx"], ext == ".keep": // the index is written last
			stale = append(stale, filepath.Join(packs, file))
		case ext == ".idx" && !there[name+".pack"]:
			return n, fmt.Errorf("%w: its pack %s is lost", errCorrupt, name)
		case ext == ".pack":
			n.packs++
		}
	}
	err = filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if path == packs {
				return fs.SkipDir
			}
		case strings.HasSuffix(path, ".lock"), strings.HasPrefix(d.Name(), "tmp_"), strings.HasPrefix(d.Name(), ".tmp-"):
			stale = append(stale, path)
		case strings.HasPrefix(path, filepath.Join(r.dir, "refs")+string(filepath.Separator)):
			n.looseRefs++
		}
		return nil
	})
	if err != nil {
		return n, fmt.Errorf("look through the mirror of %s: %w", r.name, err)
	}
	for _, path := range stale {
		r.log.Debug("removing what a killed git has left", "stream", "commits", "file", path)
		if err := os.RemoveAll(path); err != nil {
			return n, fmt.Errorf("mend the mirror of %s: %w", r.name, err)
		}
	}
	// A mirror that a power cut has left without its bearings is not one.
	for _, name := range []string{"HEAD", "config"} {
		if b, err := os.ReadFile(filepath.Join(r.dir, name)); err != nil || len(strings.TrimSpace(string(b))) == 0 {
			return n, fmt.Errorf("%w: its file %s is missing or empty", errCorrupt, name)
		}
	}
	return n, os.MkdirAll(filepath.Join(r.dir, stateDir), 0o700)
}

// enough is how much may pile up before a mirror is tidied up: each fetch that brings something adds a pack, each ref
// that moves a file.
var enough = census{packs: 40, looseRefs: 300}

// upkeep keeps reading fast. Nothing is ever dropped from a mirror: an object that no ref reaches any more stays.
func (r *Mirror) upkeep(ctx context.Context, n census) error {
	if n.looseRefs > r.all.enough.looseRefs {
		if _, err := r.run(ctx, r.dir, settings(), nil, "pack-refs", "--all"); err != nil {
			return err
		}
	}
	if n.packs <= r.all.enough.packs {
		return nil
	}
	if _, err := r.run(ctx, r.dir, settings(r.promisor()...), nil, "repack", "-a", "-d", "-q"); err != nil {
		return err
	}
	return r.writeGraph(ctx)
}

// writeGraph writes down parents and dates of all commits for walking.
func (r *Mirror) writeGraph(ctx context.Context) error {
	_, err := r.run(ctx, r.dir, settings(), nil, "commit-graph", "write", "--reachable", "--no-progress")
	return err
}
