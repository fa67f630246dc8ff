package lookml

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Written says what came of a folder.
type Written struct {
	Written, Unchanged, Removed int
}

// WriteTo puts files into a folder. What is not ours stays: a file of somebody else at one of our paths is an error before
// anything is written, all others are left alone. Files that we wrote and do not write any more are removed.
func WriteTo(folder string, files []File) (Written, error) {
	var w Written
	ours := map[string]bool{}
	var change []File
	for _, f := range files {
		ours[f.Path] = true
		path := filepath.Join(folder, filepath.FromSlash(f.Path))
		old, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			change = append(change, f)
		case err != nil:
			return w, fmt.Errorf("lookml: read what is in %s: %w", folder, err)
		case bytes.Equal(old, f.Text):
			w.Unchanged++
		case !isOurs(old):
			return w, fmt.Errorf("lookml: %s was not made by this command, or its first line was taken away: move it, or choose another --out; nothing was written", path)
		default:
			change = append(change, f)
		}
	}
	stale, err := staleFiles(folder, ours)
	if err != nil {
		return w, err
	}
	for _, f := range change {
		if err := replaceFile(filepath.Join(folder, filepath.FromSlash(f.Path)), f.Text); err != nil {
			return w, fmt.Errorf("lookml: write: %w", err)
		}
		w.Written++
	}
	for _, path := range stale {
		if err := os.Remove(path); err != nil {
			return w, fmt.Errorf("lookml: remove what is not written any more: %w", err)
		}
		w.Removed++
	}
	return w, nil
}

// folders are those that we write into.
var folders = []string{"dashboards", "explores", "models", "tests", "views", "views/panels"}

// staleFiles are those of ours that are not written any more.
func staleFiles(folder string, ours map[string]bool) ([]string, error) {
	var out []string
	for _, in := range folders {
		entries, err := os.ReadDir(filepath.Join(folder, filepath.FromSlash(in)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("lookml: look into %s: %w", folder, err)
		}
		for _, e := range entries {
			path := filepath.Join(folder, filepath.FromSlash(in), e.Name())
			if !e.Type().IsRegular() || ours[in+"/"+e.Name()] || !slices.Contains([]string{".lkml", ".lookml"}, filepath.Ext(path)) {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, fmt.Errorf("lookml: read what is in %s: %w", folder, err)
			}
			if isOurs(text) {
				out = append(out, path)
			}
		}
	}
	return out, nil
}

// isOurs reads the first line of a file.
func isOurs(text []byte) bool {
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.HasPrefix(line, "# "+Mark) || strings.HasPrefix(line, "<!-- "+Mark)
}

// replaceFile writes a file whole or not at all.
func replaceFile(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".fourfold-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
