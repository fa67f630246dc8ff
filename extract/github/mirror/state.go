package mirror

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// stateDir is where a mirror keeps what this program knows of it; it goes when the mirror goes.
const stateDir = "fourfold"

// keptGenerations is how many lists of landed tips stay besides the one in use: a run that is killed writes one that is
// never used, and two warehouses may share a data directory.
const keptGenerations = 4

// Landed gives the tips up to which a generation landed. ok is false if that is not known here any more: then nothing
// can be taken for landed.
func (r *Mirror) Landed(generation string) (tips []string, ok bool) {
	if !plain(generation) {
		return nil, false
	}
	b, err := os.ReadFile(r.landedFile(generation))
	if err != nil {
		return nil, false
	}
	lines := strings.Split(string(b), "\n")
	if len(lines) < 2 || lines[len(lines)-1] != "" || lines[len(lines)-2] != "end" {
		return nil, false // cut
	}
	tips = lines[:len(lines)-2]
	for _, sha := range tips {
		if !isHash(sha) {
			return nil, false
		}
	}
	return tips, true
}

func (r *Mirror) landedFile(generation string) string {
	return filepath.Join(r.dir, stateDir, "landed-"+generation)
}

// Land writes down the tips of a generation. It is on the disk before the cursor that names it can land; if the cursor
// never does, the file is one that nobody asks for. used is the generation that the run began with.
func (r *Mirror) Land(generation, used string, tips []string) error {
	sorted := slices.Compact(slices.Sorted(slices.Values(tips)))
	if err := r.forget(generation, used); err != nil {
		return err
	}
	if err := writeFile(r.landedFile(generation), strings.Join(append(sorted, "end"), "\n")+"\n"); err != nil {
		return fmt.Errorf("write down what has landed of %s: %w", r.name, err)
	}
	return nil
}

// forget removes lists of landed tips that are old.
func (r *Mirror) forget(keep ...string) error {
	found, err := filepath.Glob(r.landedFile("*"))
	if err != nil {
		return err
	}
	type list struct {
		path string
		at   time.Time
	}
	var old []list
	for _, path := range found {
		if slices.Contains(keep, strings.TrimPrefix(filepath.Base(path), "landed-")) {
			continue
		}
		if info, err := os.Stat(path); err == nil {
			old = append(old, list{path, info.ModTime()})
		}
	}
	slices.SortFunc(old, func(a, b list) int {
		return cmp.Or(b.at.Compare(a.at), strings.Compare(b.path, a.path))
	})
	for _, l := range old[min(len(old), keptGenerations):] {
		if err := os.Remove(l.path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// writeFile puts a whole file in its place, or nothing.
func writeFile(path, content string) error {
	temporary := path + ".lock" // as git calls it; mend removes what is left
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(content)
	if err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		_ = os.Remove(temporary)
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	return dir.Sync()
}

// askAgain is when a commit that the server did not give is asked for again.
const askAgain = 24 * time.Hour

func (r *Mirror) refusedFile() string { return filepath.Join(r.dir, stateDir, "refused") }

// refusals gives the commits that the server did not give lately, and when.
func (r *Mirror) refusals(now time.Time) map[string]time.Time {
	out := map[string]time.Time{}
	b, err := os.ReadFile(r.refusedFile())
	if err != nil {
		return out // asking again does no harm
	}
	for s := bufio.NewScanner(bytes.NewReader(b)); s.Scan(); {
		sha, at, _ := strings.Cut(s.Text(), " ")
		unix, err := strconv.ParseInt(at, 10, 64)
		if when := time.Unix(unix, 0); err == nil && !when.After(now) && now.Sub(when) < askAgain {
			out[sha] = when
		}
	}
	return out
}

func (r *Mirror) writeRefusals(refused map[string]time.Time) error {
	var b strings.Builder
	shas := make([]string, 0, len(refused))
	for sha := range refused {
		shas = append(shas, sha)
	}
	slices.Sort(shas)
	for _, sha := range shas {
		fmt.Fprintf(&b, "%s %d\n", sha, refused[sha].Unix())
	}
	if err := writeFile(r.refusedFile(), b.String()); err != nil {
		return fmt.Errorf("write down what was refused of %s: %w", r.name, err)
	}
	return nil
}

// isHash reports whether a text can name a commit.
func isHash(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdef") == ""
}
