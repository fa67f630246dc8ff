package file

import (
	"maps"
	"slices"
	"strings"
)

// checkMappings looks at the columns of the files that are to be read, and refuses a set whose mapping names a column
// that none of its files has, before a row of it lands. A file that cannot be looked at says so when it is read.
func (r *reading) checkMappings() {
	for _, set := range r.sets {
		if len(set.Mapping) == 0 {
			continue
		}
		var files []*source
		for _, f := range r.files {
			if f.set == set {
				files = append(files, f)
			}
		}
		found, known, unsure := map[string]bool{}, []string(nil), len(files) == 0
		for _, f := range files {
			if f.unchanged {
				for _, ours := range f.now.Mapped {
					found[ours] = true
				}
				continue
			}
			names, err := f.columns(set.Mapping)
			if err != nil || len(names) == 0 {
				unsure = true // it cannot be read, which is said then, or it has no rows
				continue
			}
			f.now.Mapped = nil
			for ours, theirs := range set.Mapping {
				if slices.ContainsFunc(names, func(n string) bool { return fold(n) == fold(theirs) }) {
					found[ours] = true
					f.now.Mapped = append(f.now.Mapped, ours)
				}
			}
			slices.Sort(f.now.Mapped)
			for _, n := range names {
				if n != "" && !slices.Contains(known, n) {
					known = append(known, n)
				}
			}
		}
		if unsure {
			continue
		}
		for _, ours := range slices.Sorted(maps.Keys(set.Mapping)) {
			if !found[ours] {
				r.failed[set] = true
				r.fail(set.Unmapped(ours, set.Mapping[ours], known))
			}
		}
	}
}

// columns gives the names of a file's columns. Where each row names its own, rows are read until all that the mapping
// wants have been seen.
func (f *source) columns(mapping map[string]string) ([]string, error) {
	format, compressed, err := formatOf(f.path)
	if err != nil {
		return nil, err
	}
	if format == parquetFormat {
		return parquetColumns(f.path)
	}
	in, _, err := openText(f.path, compressed)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	switch format {
	case csvFormat:
		return newCSVReader(in, ',').header()
	case tsvFormat:
		return newCSVReader(in, '\t').header()
	}
	wanted := map[string]bool{}
	for _, theirs := range mapping {
		wanted[fold(theirs)] = true
	}
	var names []string
	seen := map[string]bool{}
	err = textRows(in, format, nil, func(x row) bool {
		for _, c := range x.cells {
			if !seen[c.name] && len(names) < mostNames {
				seen[c.name] = true
				names = append(names, c.name)
			}
			delete(wanted, fold(c.name))
		}
		return len(wanted) > 0
	})
	return names, err
}

// sayStrays says once a run which columns of the files that were read are nothing to us. Those of deployments are kept
// with their rows.
func (r *reading) sayStrays() {
	if r.kind != Incidents {
		return
	}
	for _, set := range r.sets {
		if j := r.judges[set]; j != nil && len(j.binder.strays) > 0 {
			r.opts.Logger.Info("files: these columns are not read", "files", set.Path, "columns", strings.Join(j.binder.strays, ", "))
		}
	}
}
