package file

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// position is the cursor: how each file stood when it was read.
type position struct {
	Version int                  `json:"version"`
	Files   map[string]*standing `json:"files"` // by name
}

// standing is how a file stood.
type standing struct {
	Settings string    `json:"settings"` // those that it was read by
	Size     int64     `json:"size"`
	ModTime  time.Time `json:"mtime"`
	// Mapped are the columns of ours that its set's mapping finds in it.
	Mapped []string `json:"mapped,omitempty"`
	// Entangled says that what becomes of its rows depends on other files: it has ids that another has too, or rows of
	// which the ledger tells nothing, since the policy withholds them. It is read again whenever another is.
	Entangled bool `json:"entangled,omitempty"`
}

const positionVersion = 1

func positionOf(cursor json.RawMessage) position {
	var p position
	if err := json.Unmarshal(cursor, &p); err != nil || p.Version != positionVersion {
		return position{Version: positionVersion, Files: map[string]*standing{}}
	}
	return p
}

// source is a file that there is.
type source struct {
	set  *Set
	name string // relative to the configuration's folder, with slashes
	path string
	now  standing
	// unchanged says that the file is as it was read.
	unchanged bool

	whole bool // it was read to its end in this run
}

// list finds the files of the sets. A file that several sets name belongs to the first. Sets that name none, and what is
// no file that can be read, are failures.
func (r *reading) list(before position) {
	seen := map[string]bool{}
	for _, set := range r.sets {
		paths, err := set.Files()
		switch {
		case err != nil:
			r.fail(fmt.Errorf("%s: list %s: %w", set.Key, set.Path, plain(err)))
			continue
		case len(paths) == 0:
			r.fail(fmt.Errorf("%s: no file is named like %s: correct the path, or take it out; nothing was deleted", set.Key, set.Path))
			continue
		}
		settings := set.settings(r.opts.PrivateIncidents)
		for _, path := range paths {
			name := path
			if relative, err := filepath.Rel(r.opts.Dir, path); err == nil {
				name = filepath.ToSlash(relative)
			}
			if seen[name] {
				continue
			}
			seen[name] = true
			f := &source{set: set, name: name, path: path, now: standing{Settings: settings}}
			r.files = append(r.files, f)
			r.byName[name] = f
			if err := f.look(); err != nil {
				r.broke(f, err)
				continue
			}
			old := before.Files[name]
			if old != nil && !r.in.Full && old.Settings == settings && old.Size == f.now.Size && old.ModTime.Equal(f.now.ModTime) {
				f.unchanged, f.now = true, *old
			}
		}
	}
	for name := range before.Files {
		if !seen[name] {
			r.vanished = true
		}
	}
}

// look notes how the file stands.
func (f *source) look() error {
	info, err := os.Stat(f.path)
	if err != nil {
		return plain(err)
	}
	f.now.Size, f.now.ModTime = info.Size(), info.ModTime().UTC()
	return nil
}

// moved reports whether the file changed while it was read, or may have: then it is read again in the next run, and what
// it lacks has not gone.
func (f *source) moved() bool {
	now := source{path: f.path}
	return now.look() != nil || now.now.Size != f.now.Size || !now.now.ModTime.Equal(f.now.ModTime)
}

// fresh reports whether a change of the file right now might not show in its time of change: file systems tell time in
// steps, those that tell no fractions in steps of up to two seconds.
func (f *source) fresh() bool {
	step := 50 * time.Millisecond
	if f.now.ModTime.Nanosecond() == 0 {
		step = 2 * time.Second
	}
	return time.Since(f.now.ModTime) < step
}
